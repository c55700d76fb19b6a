package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/circuit/qasm"
	"github.com/polyad/polyad/circuit/qsim"
	"github.com/polyad/polyad/circuit/simulate"
	"github.com/polyad/polyad/report"
	"github.com/polyad/polyad/tensorio"
)

func (a *app) circuit() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "circuit",
		Short: "Simulate quantum circuits: amplitudes, samples, expectation values",
		Long: `Circuit reads OpenQASM 2, the static part of OpenQASM 3, and the files of qsim.
Qubit 0, the first that is declared, comes first in strings of bits.`,
		Example: `  polyad circuit sample examples/brickwork.qasm --shots 1000
  polyad circuit amplitude sycamore.qsim --mem 2GiB
  polyad circuit expect examples/trotter.qasm --pauli examples/ising.txt`,
		Args: subcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.circuitInfo(), a.circuitDraw(), a.circuitConvert(), a.circuitAmplitude(), a.circuitSample(), a.circuitExpect(), a.circuitCompile())
	return cmd
}

// readCircuit reads a file by its content: those of qsim begin with a number.
func readCircuit(file string) (*circuit.Circuit, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text := bytes.TrimSpace(data)
	if len(text) == 0 {
		return nil, fmt.Errorf("%s: the file is empty; OpenQASM or a circuit of qsim is expected", file)
	}
	if filepath.Ext(file) == ".qsim" || text[0] >= '0' && text[0] <= '9' {
		return qsim.Parse(file, data)
	}
	return qasm.Open(file)
}

// circuitFlags are those of the commands that simulate.
type circuitFlags struct {
	method  string
	bond    int
	eps     float64
	seed    uint64
	mem     string
	threads int
	json    bool
	report  string
}

func (f *circuitFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	choiceFlag(cmd, &f.method, "method", simulate.Auto, "how to simulate", simulate.Methods()...)
	fl.IntVar(&f.bond, "bond", 0, "largest bond of the matrix product state (0: no limit)")
	fl.Float64Var(&f.eps, "eps", 0, "part of the squared norm that a cut of a bond may discard, from 0 up to 1")
	seedFlag(cmd, &f.seed)
	memFlag(cmd, &f.mem)
	threadsFlag(cmd, &f.threads)
	jsonFlag(cmd, &f.json)
	fl.StringVar(&f.report, "report", "", "draw the bonds of the matrix product state, their entropies and what was cut, into this .html `file` (with --method mps)")
}

// methodsHelp is what the commands that simulate say of --method.
const methodsHelp = `The method is chosen by predicted cost, unless --method says otherwise: a state
vector (all 2^n amplitudes), a tensor network (sliced to fit --mem), or a matrix
product state. The latter is exact unless --bond or --eps cut it; then the
fidelity that is left is reported. Without --mem, states and contractions take
4 GiB at most.`

// simulation applies the flags and reads the circuit. Release is to be called
// at the end, if there is no error.
func (a *app) simulation(file string, f circuitFlags) (c *circuit.Circuit, opt simulate.Options, release func(), err error) {
	if err := setThreads(f.threads); err != nil {
		return nil, opt, nil, err
	}
	if err := checkOutput("--report", f.report, ".html"); err != nil {
		return nil, opt, nil, err
	}
	if f.report != "" && f.method != simulate.MPS {
		return nil, opt, nil, fmt.Errorf("--report draws the bonds of a matrix product state: give --method %s too", simulate.MPS)
	}
	limit, err := parseMem(f.mem)
	if err != nil {
		return nil, opt, nil, err
	}
	opt = simulate.Options{Method: f.method, Bond: f.bond, Eps: f.eps, Seed: f.seed, Profile: f.report != ""}
	if limit > 0 {
		if opt.Memory = limit - processBytes; opt.Memory <= 0 {
			return nil, opt, nil, fmt.Errorf("--mem allows %s; the program alone takes %s; allow more", size(limit), size(processBytes))
		}
	}
	if c, err = readCircuit(file); err != nil {
		return nil, opt, nil, err
	}
	bar := newProgress(a.stderr)
	opt.Progress = func(done, total int) { bar.set("simulating", done, total) }
	if limit == 0 {
		return c, opt, bar.clear, nil
	}
	before := debug.SetMemoryLimit(limit - outsideBytes)
	return c, opt, func() {
		bar.clear()
		debug.SetMemoryLimit(before)
	}, nil
}

// circuitJSON is the beginning of the JSON of the commands that simulate.
type circuitJSON struct {
	File   string `json:"file"`
	Qubits int    `json:"qubits"`
	*simulate.How
	Seed    uint64  `json:"seed"`
	Seconds float64 `json:"seconds"`
}

// reportCircuit writes the report that was asked for, if one was.
func (a *app) reportCircuit(f circuitFlags, c *circuit.Circuit, out circuitJSON) error {
	if f.report == "" {
		return nil
	}
	in := report.Circuit{Source: filepath.Base(out.File), Command: a.command, Version: Version, Circuit: c, How: out.How, Seconds: out.Seconds}
	if err := tensorio.WriteFile(f.report, func(w io.Writer) error { return report.WriteCircuit(w, in) }); err != nil {
		return outputError{err}
	}
	return nil
}

// printHow says how a circuit was simulated.
func (a *app) printHow(c *circuit.Circuit, out circuitJSON) {
	h := out.How
	a.line("circuit", fmt.Sprintf("%s  %s qubits, %s gates, depth %s", out.File, count(c.Qubits), count(len(c.Ops)), count(c.Depth(1))))
	what := map[string]string{simulate.StateVector: "state vector", simulate.Network: "tensor network", simulate.MPS: "matrix product state"}[h.Method]
	switch h.Method {
	case simulate.Network:
		what += fmt.Sprintf(" of %s tensors for %s gates", count(h.Tensors), count(h.Gates))
		if h.Slices > 1 {
			what += fmt.Sprintf(", %s slices", num(h.Slices))
		}
	case simulate.MPS:
		what += fmt.Sprintf(" with bonds up to %s", count(h.Bond))
	}
	a.line("method", append([]string{what}, wrap(h.Why, 96)...)...)
	if h.Fidelity < 1-1e-12 {
		a.line("error", fmt.Sprintf("bonds were cut: the fidelity left is about %s, %s was discarded", fixed(h.Fidelity, 6), num(1-h.Fidelity)))
	} else {
		a.line("error", "none but rounding: no bond was cut")
	}
	a.line("cost", fmt.Sprintf("10^%s products predicted, %s; %s s", fixed(h.Log10Products, 1), size(h.PeakBytes), fixed(out.Seconds, 3)))
}

// infoJSON is the JSON of circuit info.
type circuitInfoJSON struct {
	File      string         `json:"file"`
	Qubits    int            `json:"qubits"`
	Bits      int            `json:"bits"` // measured into
	Gates     int            `json:"gates"`
	Depth     int            `json:"depth"`
	Depth2    int            `json:"depth_2"` // gates on two qubits or more
	Counts    map[string]int `json:"counts"`
	Log2State int            `json:"log2_state_bytes"`
}

func (a *app) circuitInfo() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "info FILE",
		Short: "Say what is in a circuit: qubits, gates, depth",
		Long: `Info reads a circuit and counts its qubits, bits, gates of each kind and layers of
gates that can act at once.`,
		Example: `  polyad circuit info examples/ghz.qasm
  polyad circuit info examples/trotter.qasm --json`,
		Args: exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := readCircuit(args[0])
			if err != nil {
				return err
			}
			out := circuitInfoJSON{File: args[0], Qubits: c.Qubits, Gates: len(c.Ops), Depth: c.Depth(1), Depth2: c.Depth(2), Counts: map[string]int{}, Log2State: c.Qubits + 4}
			for _, q := range c.Bits {
				if q >= 0 {
					out.Bits++
				}
			}
			for _, op := range c.Ops {
				out.Counts[op.Name]++
			}
			if asJSON {
				return a.printJSON(out)
			}
			a.line("circuit", fmt.Sprintf("%s  %s qubits, %s measured bits", args[0], count(out.Qubits), count(out.Bits)))
			a.line("gates", fmt.Sprintf("%s; depth %s, of gates on several qubits %s", count(out.Gates), count(out.Depth), count(out.Depth2)))
			var parts []string
			names := slices.SortedFunc(maps.Keys(out.Counts), func(x, y string) int {
				return cmp.Or(cmp.Compare(out.Counts[y], out.Counts[x]), cmp.Compare(x, y))
			})
			for _, name := range names {
				parts = append(parts, fmt.Sprintf("%s %s", count(out.Counts[name]), name))
			}
			if parts != nil {
				a.line("", wrap(strings.Join(parts, ", "), 96)...)
			}
			state := fmt.Sprintf("2^%d bytes", out.Log2State)
			if out.Log2State < 62 {
				state = size(int64(math.Exp2(float64(out.Log2State))))
			}
			a.line("state", "the vector of all amplitudes takes "+state)
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}
