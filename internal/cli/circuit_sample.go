package cli

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/circuit/simulate"
	"github.com/polyad/polyad/tensorio"
)

// sampleJSON is the JSON of circuit sample.
type sampleJSON struct {
	circuitJSON
	Shots  int            `json:"shots"`
	Counts map[string]int `json:"counts"`
	Out    string         `json:"out,omitempty"`
}

// countsShown is how many strings the table lists.
const countsShown = 32

func (a *app) circuitSample() *cobra.Command {
	var f circuitFlags
	var shots int
	var out string
	cmd := &cobra.Command{
		Use:   "sample FILE",
		Short: "Draw samples from the measurement of a circuit",
		Long: `Sample draws strings of bits with their probabilities: the bits that the circuit
measures into, bit 0 first, or those of all qubits if it measures none. The same
seed gives the same samples.

` + methodsHelp,
		Example: `  polyad circuit sample examples/ghz.qasm --shots 1000 --seed 1
  polyad circuit sample examples/brickwork.qasm --method mps --bond 128 -o shots.txt --report bonds.html`,
		Args: exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error { return a.runSample(args[0], shots, out, f) },
	}
	f.register(cmd)
	cmd.Flags().IntVar(&shots, "shots", 1024, "number of samples")
	cmd.Flags().StringVarP(&out, "out", "o", "", "`file` for the samples in the order in which they were drawn, one a line (.txt)")
	return cmd
}

func (a *app) runSample(file string, shots int, out string, f circuitFlags) error {
	if err := checkOutput("-o", out, ".txt"); err != nil {
		return err
	}
	if shots < 1 {
		return fmt.Errorf("--shots %d: a positive number is expected", shots)
	}
	c, opt, release, err := a.simulation(file, f)
	if err != nil {
		return err
	}
	defer release()
	start := time.Now()
	drawn, how, err := simulate.Sample(a.ctx, c, shots, opt)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	release()
	j := sampleJSON{circuitJSON: circuitJSON{file, c.Qubits, how, f.seed, time.Since(start).Seconds()}, Shots: shots, Counts: map[string]int{}, Out: out}
	for _, s := range drawn {
		j.Counts[s]++
	}
	if out != "" {
		if err := tensorio.WriteFile(out, func(w io.Writer) error {
			b := bufio.NewWriter(w)
			for _, s := range drawn {
				fmt.Fprintln(b, s) // an error comes back from Flush
			}
			return b.Flush()
		}); err != nil {
			return outputError{err}
		}
	}
	if err := a.reportCircuit(f, c, j.circuitJSON); err != nil {
		return err
	}
	if f.json {
		return a.printJSON(j)
	}
	a.printHow(c, j.circuitJSON)
	a.line("samples", fmt.Sprintf("%s, %s different, seed %d", count(shots), count(len(j.Counts)), f.seed))
	fmt.Fprintln(a.stdout)
	names := slices.SortedFunc(maps.Keys(j.Counts), func(x, y string) int {
		return cmp.Or(cmp.Compare(j.Counts[y], j.Counts[x]), cmp.Compare(x, y))
	})
	t := newTable("bits", "count", "share").alignRight(1, 2)
	for _, s := range names[:min(len(names), countsShown)] {
		t.add(s, count(j.Counts[s]), fixed(100*float64(j.Counts[s])/float64(shots), 2)+"%")
	}
	t.print(a.stdout, "")
	if len(names) > countsShown {
		fmt.Fprintf(a.stdout, "and %s more; --json and -o FILE.txt have all\n", count(len(names)-countsShown))
	}
	if out != "" {
		a.line("written", out)
	}
	return nil
}
