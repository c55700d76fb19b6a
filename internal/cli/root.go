// Package cli wires the command line to the packages below: one file a
// subcommand.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/polyad/polyad/internal/nearest"
	"github.com/polyad/polyad/tensorio"
)

// Exit codes.
const (
	exitOK          = 0
	exitOutput      = 1   // the input was fine; a result could not be written
	exitInput       = 2   // a file, a flag or a value is at fault
	exitInterrupted = 130 // Ctrl-C
)

// app carries what every subcommand needs.
type app struct {
	ctx            context.Context
	stdout, stderr io.Writer
	command        string                 // as the user typed it
	resumes        atomic.Pointer[string] // the journal of the run, if it has one
}

// outputError marks a failure to write a result. Where the system failed, as
// with a full disk, the exit code is exitOutput; a tensor that the format cannot
// hold is bad input.
type outputError struct{ error }

func (e outputError) Unwrap() error { return e.error }

// grace is how long an interrupted command may take to stop by itself.
const grace = 2 * time.Second

// Main runs one command line and returns its exit code.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &app{ctx: ctx, stdout: stdout, stderr: stderr, command: commandLine(args)}
	finished := make(chan struct{})
	defer close(finished)
	go func() {
		<-ctx.Done()
		select {
		case <-finished:
		case <-time.After(grace):
			tensorio.RemoveTemporary()
			fmt.Fprintln(stderr, a.interrupted())
			os.Exit(exitInterrupted)
		}
	}()

	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var out outputError
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil:
		tensorio.RemoveTemporary()
		fmt.Fprintln(stderr, a.interrupted())
		return exitInterrupted
	case errors.As(err, &out) && errors.As(err, new(syscall.Errno)):
		fmt.Fprintln(stderr, "polyad:", sentence(err))
		return exitOutput
	default:
		fmt.Fprintln(stderr, "polyad:", sentence(err))
		return exitInput
	}
}

// sentence is the text of an error, in one line of a length that one reads. Those
// of the system begin with the file, as all others do, not with the call that
// failed.
func sentence(err error) string {
	text := err.Error()
	if fault := (*fs.PathError)(nil); errors.As(err, &fault) {
		text = strings.Replace(text, fault.Op+" "+fault.Path, fault.Path, 1)
		if errors.Is(err, fs.ErrNotExist) {
			text += nearest.Meant(filepath.Base(fault.Path), filesIn(filepath.Dir(fault.Path)))
		}
	}
	text = strings.ReplaceAll(strings.TrimSpace(text), "\n", "; ") // of errors that join several
	if r := []rune(text); len(r) > 2*mostShown {
		text = string(r[:mostShown]) + " … " + string(r[len(r)-mostShown:])
	}
	return text
}

// filesIn are the names in a folder, none where it cannot be read.
func filesIn(folder string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

// mostShown is how many characters the beginning and the end of a long error
// have: what is at fault stands first, what is expected last.
const mostShown = 400

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "polyad",
		Short: "Decompose multi-way data and see what they are made of",
		Long: `Polyad decomposes tensors: tables with several keys, arrays, pictures.

It reads .npy, .npz, .tns, .psp, .mat, .safetensors, .csv, .tsv, .parquet, .arrow,
.png, .jpg and .gif files (plain, .gz or .zst), fits a CP, Tucker or tensor-train
model, and shows what is in the data. It also contracts tensor networks and
simulates quantum circuits.`,
		Example: `  polyad decompose examples/unemployment.csv --modes industry,year,month --value count --report unemployment.html
  polyad complete examples/unemployment.csv --modes industry,year,month --value count -o predicted.csv
  polyad einsum 'ij,jk->ik' a.npy b.npy -o c.npy`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          subcommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		PersistentPreRunE: checkDistinct,
	}
	root.AddCommand(
		a.info(), a.decompose(), a.complete(), a.dain(), a.predict(), a.reconstruct(), a.convert(),
		a.compare(), a.connectome(), a.plan(), a.methodsTable(), a.path(), a.einsum(), a.jones(), a.polynomial(), a.circuit(), a.version(),
	)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(flagError)
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" { // which would take any word for its help
			cmd.Args, cmd.RunE = subcommand, root.RunE
		}
	}
	return root
}

// subcommand refuses a word that should have been that of a subcommand.
func subcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return fmt.Errorf("there is no command %q%s; see %s --help", args[0], nearest.Meant(args[0], names), cmd.CommandPath())
}

// exactly is cobra.ExactArgs with an error that names what is wanted.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			if k := slices.Index(args, ""); k >= 0 {
				return fmt.Errorf("%s: %s is empty; the name of a file is expected", cmd.Name(), names[k])
			}
			return nil
		}
		wanted, given := "no arguments", "nothing"
		if len(names) > 0 {
			wanted = strings.Join(names, " ")
		}
		if len(args) > 0 {
			given = strings.Join(args, " ")
		}
		return fmt.Errorf("%s takes %s, and %s was given; see %s --help", cmd.Name(), wanted, given, cmd.CommandPath())
	}
}

// flagError says what a flag of numbers expects, or where to look.
func flagError(cmd *cobra.Command, err error) error {
	if number := (*strconv.NumError)(nil); errors.As(err, &number) {
		kind := cmp.Or(map[string]string{"ParseInt": "a whole number", "ParseUint": "a whole number, zero or positive,"}[number.Func], "a number")
		if errors.Is(number, strconv.ErrRange) {
			kind = "a smaller number"
		}
		return errors.New(strings.Replace(err.Error(), number.Error(), kind+" is expected", 1))
	}
	if unknown := (*pflag.NotExistError)(nil); errors.As(err, &unknown) {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if name := nearest.Name(unknown.GetSpecifiedName(), names); name != "" {
			return fmt.Errorf("%w (did you mean --%s?); see %s --help", err, name, cmd.CommandPath())
		}
	}
	return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
}

// commandLine is the command as one may paste it into a shell.
func commandLine(args []string) string {
	out := "polyad"
	for _, s := range args {
		if s == "" || strings.ContainsAny(s, " \t\n'\"\\()[]{}<>|&;*?$`#~!") {
			s = "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
		}
		out += " " + s
	}
	return out
}
