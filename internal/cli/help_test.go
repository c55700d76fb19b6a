package cli

import (
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// shellWords splits a line as a shell does; quotes are single.
func shellWords(line string) []string {
	var out []string
	for k, part := range strings.Split(line, "'") {
		if k%2 == 1 {
			out = append(out, part)
		} else {
			out = append(out, strings.Fields(part)...)
		}
	}
	return out
}

// Each command explains itself, and what its examples say is a command line
// with flags that there are.
func TestExamplesOfCommands(t *testing.T) {
	root := (&app{}).root()
	root.SetOut(io.Discard)
	var visit func(cmd *cobra.Command)
	seen := 0
	visit = func(cmd *cobra.Command) {
		for _, c := range cmd.Commands() {
			if c.Name() != "completion" && c.Name() != "help" {
				visit(c)
			}
		}
		if cmd.HasSubCommands() {
			return
		}
		seen++
		if cmd.Short == "" || cmd.Example == "" || cmd.Flags().Lookup("json") == nil {
			t.Errorf("%s has no description, no example or no --json", cmd.CommandPath())
		}
		for _, line := range strings.Split(strings.ReplaceAll(cmd.Example, "\\\n", ""), "\n") {
			args := shellWords(line)
			// A tree of its own: flags keep what was parsed.
			c, rest, err := (&app{}).root().Find(args[1:])
			if err != nil || c.CommandPath() != cmd.CommandPath() {
				t.Errorf("%s: the example %q is of another command", cmd.CommandPath(), line)
				continue
			}
			if err := c.ParseFlags(rest); err != nil {
				t.Errorf("%q: %v", line, err)
			} else if err := c.ValidateArgs(c.Flags().Args()); err != nil {
				t.Errorf("%q: %v", line, err)
			}
		}
	}
	visit(root)
	if seen < 20 {
		t.Errorf("only %d commands were seen", seen)
	}
}

// What the frame of the command line refuses is said as the rest is.
func TestWrongUse(t *testing.T) {
	for want, args := range map[string][]string{
		"polyad: nowhere.npy: no such file or directory":                                                      {"decompose", "nowhere.npy"},
		"polyad: nowhere.npz: no such file or directory":                                                      {"reconstruct", "nowhere.npz", "-o", "x.npy"},
		"polyad: decompose takes FILE, and nothing was given; see polyad decompose --help":                    {"decompose"},
		"polyad: compare takes A B, and a was given; see polyad compare --help":                               {"compare", "a"},
		"polyad: methods takes no arguments, and all was given; see polyad methods --help":                    {"methods", "all"},
		"polyad: unknown flag: --ranks (did you mean --rank?); see polyad decompose --help":                   {"decompose", "a", "--ranks", "2"},
		"polyad: unknown flag: --xyzzy; see polyad decompose --help":                                          {"decompose", "a", "--xyzzy", "2"},
		`polyad: there is no command "decompos" (did you mean decompose?); see polyad --help`:                 {"decompos", "a"},
		`polyad: there is no command "smaple" (did you mean sample?); see polyad circuit --help`:              {"circuit", "smaple"},
		"polyad: ../../examples/unemployment.cvs: no such file or directory (did you mean unemployment.csv?)": {"info", "../../examples/unemployment.cvs"},
		`polyad: invalid argument "x" for "--starts" flag: a whole number is expected`:                        {"decompose", "a", "--starts", "x"},
		`polyad: invalid argument "-1" for "--seed" flag: a whole number, zero or positive, is expected`:      {"decompose", "a", "--seed", "-1"},
		`polyad: invalid argument "x" for "--tol" flag: a number is expected`:                                 {"decompose", "a", "--tol", "x"},
		`polyad: there is no command "csh" (did you mean zsh?); see polyad completion --help`:                 {"completion", "csh"},
	} {
		if _, stderr := run(t, exitInput, args...); strings.TrimSpace(stderr) != want {
			t.Errorf("%v says\n%s, expected is\n%s", args, stderr, want)
		}
	}
}

// What the examples say of the files that the repository has does work.
func TestExamplesRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root := (&app{}).root()
	var visit func(cmd *cobra.Command)
	seen := 0
	visit = func(cmd *cobra.Command) {
		for _, c := range cmd.Commands() {
			visit(c)
		}
		if cmd.HasSubCommands() {
			return
		}
		for _, line := range strings.Split(strings.ReplaceAll(cmd.Example, "\\\n", ""), "\n") {
			args := shellWords(line)
			if !slices.ContainsFunc(args, func(s string) bool { return strings.HasPrefix(s, "examples/") }) {
				continue
			}
			for i, s := range args {
				switch last := args[max(i-1, 0)]; {
				case strings.HasPrefix(s, "examples/"):
					args[i] = filepath.Join("..", "..", s)
				case last == "-o" || last == "--report" || last == "--model" || cmd.Name() == "convert" && i == 3 && cmd.Parent() == root:
					args[i] = filepath.Join(dir, s)
				}
			}
			run(t, exitOK, args[1:]...)
			seen++
		}
	}
	visit(root)
	if seen < 15 {
		t.Errorf("only %d examples were run", seen)
	}
}
