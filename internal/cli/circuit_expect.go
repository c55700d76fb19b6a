package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/circuit/simulate"
)

// expectJSON is the JSON of circuit expect.
type expectJSON struct {
	circuitJSON
	Terms []expectTerm `json:"terms"`
	Sum   float64      `json:"sum"`
}

type expectTerm struct {
	Pauli string  `json:"pauli"`
	Value float64 `json:"value"` // with the coefficient
}

func (a *app) circuitExpect() *cobra.Command {
	var f circuitFlags
	var terms []string
	cmd := &cobra.Command{
		Use:   "expect FILE",
		Short: "Find expectation values of Pauli strings",
		Long: `Expect finds <P> in the state that a circuit makes, for Pauli strings P such as
'Z0 Z1', '-0.5 X3 Y4' or 'XIZ' (a letter for each qubit), and their sum. A
Hamiltonian may be in a file, with one string a line; # begins a comment.

` + methodsHelp,
		Example: `  polyad circuit expect examples/ghz.qasm --pauli 'Z0 Z3' --pauli 'X0 X1 X2 X3'
  polyad circuit expect examples/trotter.qasm --pauli examples/ising.txt --method mps --bond 64 --json`,
		Args: exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error { return a.runExpect(args[0], terms, f) },
	}
	f.register(cmd)
	cmd.Flags().StringArrayVar(&terms, "pauli", nil, "Pauli `string`, or a file of them; once for each")
	return cmd
}

func (a *app) runExpect(file string, terms []string, f circuitFlags) error {
	if len(terms) == 0 {
		return errors.New("expect needs --pauli, such as --pauli 'Z0 Z1', or a file with one string a line")
	}
	c, opt, release, err := a.simulation(file, f)
	if err != nil {
		return err
	}
	defer release()
	var paulis []simulate.Pauli
	for _, t := range terms {
		p, err := simulate.ParsePauli(t, c.Qubits)
		if err == nil {
			paulis = append(paulis, p)
			continue
		}
		data, fault := os.ReadFile(t)
		if fault != nil {
			return fmt.Errorf("--pauli: %w (and there is no such file)", err)
		}
		more, err := readPaulis(t, string(data), c.Qubits)
		if err != nil {
			return err
		}
		paulis = append(paulis, more...)
	}
	start := time.Now()
	x, how, err := simulate.Expect(a.ctx, c, paulis, opt)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	release()
	j := expectJSON{circuitJSON: circuitJSON{file, c.Qubits, how, f.seed, time.Since(start).Seconds()}}
	for i, p := range paulis {
		j.Terms = append(j.Terms, expectTerm{p.String(), x[i]})
		j.Sum += x[i]
	}
	if err := a.reportCircuit(f, c, j.circuitJSON); err != nil {
		return err
	}
	if f.json {
		return a.printJSON(j)
	}
	a.printHow(c, j.circuitJSON)
	fmt.Fprintln(a.stdout)
	t := newTable("string", "value").alignRight(1)
	for _, term := range j.Terms {
		t.add(term.Pauli, fmt.Sprintf("%.12g", term.Value))
	}
	if len(j.Terms) > 1 {
		t.add("sum", fmt.Sprintf("%.12g", j.Sum))
	}
	t.print(a.stdout, "")
	return nil
}

// readPaulis reads a file of Pauli strings.
func readPaulis(file, text string, n int) ([]simulate.Pauli, error) {
	var out []simulate.Pauli
	line := 0
	for s := range strings.Lines(text) {
		line++
		s, _, _ = strings.Cut(s, "#")
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		p, err := simulate.ParsePauli(s, n)
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", file, line, err)
		}
		out = append(out, p)
	}
	if out == nil {
		return nil, fmt.Errorf("%s has no Pauli string; one a line, such as 0.5 Z0 Z1, is expected", file)
	}
	return out, nil
}
