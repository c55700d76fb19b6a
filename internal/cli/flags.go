package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/internal/nearest"
	"github.com/polyad/polyad/tensorio"
)

// choice is a flag with a fixed list of values.
type choice struct {
	value   *string
	allowed []string
}

func (c choice) String() string {
	if c.value == nil {
		return ""
	}
	return *c.value
}

func (c choice) Type() string { return "string" }

func (c choice) Set(s string) error {
	if !slices.Contains(c.allowed, s) {
		return fmt.Errorf("one of %s is expected%s", strings.Join(c.allowed, ", "), nearest.Meant(s, c.allowed))
	}
	*c.value = s
	return nil
}

func choiceFlag(cmd *cobra.Command, value *string, name, start, usage string, allowed ...string) {
	*value = start
	cmd.Flags().Var(choice{value, allowed}, name, usage+" ("+strings.Join(allowed, "|")+")")
	// The error is that of an unknown flag, which the line above rules out.
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(allowed, cobra.ShellCompDirectiveNoFileComp))
}

// reading holds the flags that say how to read a tensor.
type reading struct {
	modes     []string
	value     string
	aggregate string
	missing   string
	array     string
	dtype     string
}

func (r *reading) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&r.modes, "modes", nil, "`columns` of a table that are the modes, such as origin,hour(date) (default: all but the values)")
	f.StringVar(&r.value, "value", "", "`column` of a table that holds the values (default: value, or the only or the last column of numbers; without one, rows are counted)")
	choiceFlag(cmd, &r.aggregate, "aggregate", "", "what to do with several rows for one cell (default: refuse them)", "sum", "mean", "count", "last", "min", "max")
	choiceFlag(cmd, &r.missing, "missing", "", "absent rows stay unobserved (the default where a table has values); nan: NaN and Inf are unobserved too; zero: all of these are 0", "unobserved", "nan", "zero")
	f.StringVar(&r.array, "array", "", "`name` of the array in a .npz, .mat or .safetensors file (default: the only one)")
	choiceFlag(cmd, &r.dtype, "dtype", "", "convert the elements (default: as in the file)", "float32", "float64")
}

func (r *reading) options() tensorio.Options {
	return tensorio.Options{
		Modes: r.modes, Value: r.value, Aggregate: r.aggregate,
		Missing: r.missing, Name: r.array, DType: r.dtype,
	}
}

// threadsFlag registers --threads; apply it with setThreads.
func threadsFlag(cmd *cobra.Command, threads *int) {
	cmd.Flags().IntVar(threads, "threads", 0, "`number` of threads (default: one a core)")
}

func setThreads(n int) error {
	if n < 0 {
		return fmt.Errorf("--threads %d: a positive number is expected (0: one a core)", n)
	}
	if n > 0 {
		runtime.GOMAXPROCS(n)
	}
	return nil
}

// randomizedFlag registers --randomized; check it with checkRandomized.
func randomizedFlag(cmd *cobra.Command, on *bool) {
	cmd.Flags().BoolVar(on, "randomized", false, "reduce the data to random ranges first: quicker where modes are large, with a slightly larger error (tucker, with --rank)")
}

func checkRandomized(on bool, method string, eps float64) error {
	if on && method != "tucker" {
		return fmt.Errorf("--randomized is for --method tucker, not %s", method)
	}
	if on && eps > 0 {
		return fmt.Errorf("--randomized with --eps %v: random ranges need ranks; give --rank", eps)
	}
	return nil
}

// memFlag registers --mem; read it with parseMem.
func memFlag(cmd *cobra.Command, mem *string) {
	cmd.Flags().StringVar(mem, "mem", "", "most memory the program may hold: a `size` such as 500MB or 2GiB (default: no limit)")
}

// seedFlag registers --seed.
func seedFlag(cmd *cobra.Command, seed *uint64) {
	cmd.Flags().Uint64Var(seed, "seed", 0, "seed of the random numbers, a whole `number`: same seed, same result (default 0)")
}

func jsonFlag(cmd *cobra.Command, on *bool) {
	cmd.Flags().BoolVar(on, "json", false, "print JSON on standard output, and nothing else")
}

// checkTensor is checkOutput for a tensor, whose format the ending tells.
func checkTensor(flag, path string) error {
	if path == "" {
		return nil
	}
	if err := tensorio.CheckSave(path); err != nil {
		return err
	}
	return checkOutput(flag, path)
}

// checkOutput finds out, before the work, whether a result can be written.
func checkOutput(flag, path string, endings ...string) error {
	if path == "" {
		return nil
	}
	if len(endings) > 0 && !slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(path, e) }) {
		return fmt.Errorf("%s %s: a name that ends in %s is expected", flag, path, strings.Join(endings, " or "))
	}
	dir := filepath.Dir(path)
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return fmt.Errorf("%s %s: there is no folder %s; make it first", flag, path, dir)
	}
	switch st, err := os.Stat(path); {
	case err == nil && st.IsDir():
		return fmt.Errorf("%s %s: that is a folder; give a file name", flag, path)
	case err == nil && !st.Mode().IsRegular():
		return nil // a device or a pipe, which is written directly
	}
	trial, err := os.CreateTemp(dir, ".polyad-*.tmp") // as the result will be
	if err != nil {
		if at := (*fs.PathError)(nil); errors.As(err, &at) {
			err = at.Err
		}
		return fmt.Errorf("%s %s: no file can be made in the folder %s: %w", flag, path, dir, err)
	}
	return errors.Join(trial.Close(), os.Remove(trial.Name()))
}

// outputs are the flags that name a file to write.
var outputs = []string{"out", "output", "model", "report", "resume"}

// checkDistinct refuses to write over a file that is read, or that another flag
// has written to.
func checkDistinct(cmd *cobra.Command, args []string) error {
	type file struct{ said, path string }
	var written []file
	for _, name := range outputs {
		if f := cmd.Flags().Lookup(name); f != nil && f.Value.String() != "" {
			said := "--" + name
			if f.Shorthand != "" {
				said = "-" + f.Shorthand
			}
			written = append(written, file{said, f.Value.String()})
		}
	}
	if cmd.Name() == "convert" && len(args) == 2 {
		written = append(written, file{"OUT", args[1]})
		args = args[:1]
	}
	read := slices.Clone(args)
	if f := cmd.Flags().Lookup("start"); f != nil {
		read = append(read, f.Value.String())
	}
	for i, w := range written {
		for _, in := range read {
			if sameFile(w.path, in) {
				return fmt.Errorf("%s %s: that is the file that is read; give another name, and nothing is lost", w.said, w.path)
			}
		}
		for _, other := range written[:i] {
			if sameFile(w.path, other.path) {
				return fmt.Errorf("%s %s: %s writes to this file; give another name", w.said, w.path, other.said)
			}
		}
	}
	return nil
}

// sameFile reports whether two names are those of one file, which need not
// exist.
func sameFile(a, b string) bool {
	if x, err := os.Stat(a); err == nil {
		y, err := os.Stat(b)
		return err == nil && x.Mode().IsRegular() && os.SameFile(x, y)
	}
	x, err := filepath.Abs(a)
	y, fault := filepath.Abs(b)
	return a != "" && b != "" && err == nil && fault == nil && x == y
}
