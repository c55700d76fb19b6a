package cli

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/aqc"
	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/circuit/qasm"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/mps"
	"github.com/polyad/polyad/tensorio"
	"github.com/polyad/polyad/tt"
)

// compileFlags are the flags of circuit compile.
type compileFlags struct {
	hamiltonian string
	sites       int
	ring        bool
	ground      bool
	time        float64
	steps       int
	order       int
	startSteps  int
	startSites  int
	compare     bool
	vary        int
	start       string
	layers      int
	sweeps      int
	iterations  int
	fidelity    float64
	bond        int
	eps         float64
	seed        uint64
	gates       string
	qasm        int
	out         string
	threads     int
	json        bool
}

// compileJSON is the JSON of circuit compile.
type compileJSON struct {
	Target      string  `json:"target"`
	TargetDepth int     `json:"target_depth,omitempty"` // of a circuit
	TargetBond  int     `json:"target_bond"`
	Energy      float64 `json:"energy,omitempty"` // of a ground state
	Qubits      int     `json:"qubits"`
	Layers      int     `json:"layers"` // of blocks on two qubits
	Depth       int     `json:"depth"`  // rotations, then blocks and rotations in turn
	Parameters  int     `json:"parameters"`
	Start       float64 `json:"start_fidelity"`
	Fidelity    float64 `json:"fidelity"`
	Iterations  int     `json:"iterations"`
	Evaluations int     `json:"evaluations"`
	Stop        string  `json:"stop"`
	Seed        uint64  `json:"seed"`
	Out         string  `json:"out,omitempty"`
	Seconds     float64 `json:"seconds"`

	Trotter []trotterJSON `json:"trotter,omitempty"` // with --compare-trotter
	Ratio   float64       `json:"trotter_ratio,omitempty"`

	Vary *varyJSON `json:"variational,omitempty"` // with --variational
}

// varyJSON is what lowering the energy of the circuit itself has brought.
type varyJSON struct {
	Start      float64 `json:"start_energy"` // of the compiled circuit
	Energy     float64 `json:"energy"`
	Fidelity   float64 `json:"fidelity"` // with the target, afterwards
	Iterations int     `json:"iterations"`
	Stop       string  `json:"stop"`
}

// trotterJSON is the evolution in steps of one order that is as close to the
// target as the compiled circuit.
type trotterJSON struct {
	Order    int     `json:"order"`
	Steps    int     `json:"steps"`
	Layers   int     `json:"layers"` // of blocks on two qubits, counted as those of the circuit
	Depth    int     `json:"depth"`  // of the gates as they are written
	Fidelity float64 `json:"fidelity"`
	Reached  bool    `json:"reached"` // else this many steps are not enough
}

func (a *app) circuitCompile() *cobra.Command {
	var f compileFlags
	cmd := &cobra.Command{
		Use:   "compile [TARGET]",
		Short: "Find a shallow circuit for a state",
		Long: `Compile fits the parameters of a shallow circuit so that it prepares a state, with
gates on one and two qubits, by gradients of the fidelity on matrix product
states.

TARGET is a circuit, whose state is meant; or 2^n amplitudes, or a tensor train of
n modes of size 2, in a file that decompose reads or writes. Without it,
--hamiltonian gives terms such as 'ZZ + 0.4 X' (of XX, YY, ZZ on neighbours, X, Y,
Z on sites, Pauli matrices) on --sites sites: the state is the evolution of
|0…0> for --time in --steps steps of Suzuki's formula of --order 1, 2 or 4, or with
--ground the ground state.

The circuit has the gates of --start, a circuit that is roughly right, or of
--start-steps coarser steps of second order, and begins with what they are; or it is
brickwork of --layers layers, begun by sweeps that replace gates by the best ones.
With --start-sites, the same is compiled on a short chain first, of up to 12 sites
quickly, and the chain begins with that, its two sites in the middle repeated.

With --ground, the circuit is also the start of a variational calculation:
--variational N then lowers its own energy in at most N steps, and -o has the result.

--compare-trotter finds the fewest steps of each order that are as close to the
target. Layers of gates on two qubits are counted in the same way on both sides:
gates that follow one another on one pair are one, and all gates on one qubit are
free. trotter_ratio is the fewest layers of any order over those of the circuit.`,
		Example: `  polyad circuit compile --hamiltonian 'ZZ+0.4X' --sites 10 --ring --time 4 --steps 45 --start-steps 5 --fidelity 0.9997 -o short.qasm
  polyad circuit compile --hamiltonian 'ZZ+0.4X' --sites 50 --time 2 --order 4 --steps 20 --start-steps 2 --start-sites 12 \
    --max-iters 1000 --fidelity 0.999995 --eps 1e-12 --compare-trotter
  polyad circuit compile long.qasm --start coarse.qasm --bond 100 -o short.qasm
  polyad circuit compile --hamiltonian 'ZZ+X' --sites 20 --ground --layers 4 --variational 100 -o ground.qasm --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			target := ""
			if len(args) > 0 {
				target = args[0]
			}
			return a.runCompile(target, f)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.hamiltonian, "hamiltonian", "", "`terms` of a Hamiltonian, such as 'ZZ + 0.4 X'")
	fl.IntVar(&f.sites, "sites", 0, "sites of the Hamiltonian")
	fl.BoolVar(&f.ring, "ring", false, "the last and the first site are neighbours")
	fl.BoolVar(&f.ground, "ground", false, "the ground state of the Hamiltonian")
	fl.Float64Var(&f.time, "time", 0, "time of the evolution, in units of 1 over the coefficients")
	fl.IntVar(&f.steps, "steps", 0, "steps of the evolution")
	fl.IntVar(&f.order, "order", 2, "order of these steps: 1, 2 or 4")
	fl.IntVar(&f.startSteps, "start-steps", 0, "begin with the evolution in so many steps")
	fl.IntVar(&f.startSites, "start-sites", 0, "begin with what a chain of so many sites compiles to")
	fl.BoolVar(&f.compare, "compare-trotter", false, "find the steps that are as close to the target")
	fl.IntVar(&f.vary, "variational", 0, "most steps in which the energy is lowered in the end")
	fl.StringVar(&f.start, "start", "", "begin with the circuit in this `file`")
	fl.IntVar(&f.layers, "layers", 0, "begin with brickwork of so many layers")
	fl.IntVar(&f.sweeps, "sweeps", 20, "sweeps over the brickwork before the gradients")
	fl.IntVar(&f.iterations, "max-iters", 200, "most steps of L-BFGS")
	fl.Float64Var(&f.fidelity, "fidelity", 0, "fidelity |<ψ|φ>|², up to 1, at which to stop (0: as high as it gets)")
	fl.IntVar(&f.bond, "bond", 0, "largest bond of the states on the way (0: no limit)")
	fl.Float64Var(&f.eps, "eps", 1e-10, "part of the squared norm that a cut of a bond may discard, from 0 up to 1")
	seedFlag(cmd, &f.seed)
	choiceFlag(cmd, &f.gates, "gates", "rotations", "what blocks are written as: rxx, ryy and rzz, or three cx", "rotations", "cx")
	fl.IntVar(&f.qasm, "qasm", 2, "version of OpenQASM that is written, 2 or 3")
	fl.StringVarP(&f.out, "out", "o", "", "`file` for the circuit (.qasm)")
	threadsFlag(cmd, &f.threads)
	jsonFlag(cmd, &f.json)
	return cmd
}

// check says which flags do not go together.
func (f compileFlags) check(target string) error {
	begins := 0
	for _, on := range []bool{f.start != "", f.startSteps != 0, f.layers != 0} {
		if on {
			begins++
		}
	}
	switch {
	case (target == "") == (f.hamiltonian == ""):
		return errors.New("circuit compile takes either a file or --hamiltonian; see polyad circuit compile --help")
	case f.hamiltonian == "" && (f.sites != 0 || f.ground || f.time != 0 || f.steps != 0 || f.startSteps != 0):
		return errors.New("--sites, --ground, --time, --steps and --start-steps are for --hamiltonian")
	case f.hamiltonian != "" && f.ground == (f.steps != 0):
		return errors.New("--hamiltonian takes either --ground, or --time and --steps")
	case f.ground && (f.startSteps != 0 || f.time != 0):
		return errors.New("--time and --start-steps are for an evolution, not for --ground")
	case begins != 1:
		return errors.New("one of --start, --start-steps and --layers is expected: what the circuit begins with")
	case f.ring && f.hamiltonian == "" && f.layers == 0:
		return errors.New("--ring is for --hamiltonian and --layers")
	case f.order != 1 && f.order != 2 && f.order != 4:
		return fmt.Errorf("--order %d: 1, 2 or 4 is expected", f.order)
	case f.compare && f.steps == 0:
		return errors.New("--compare-trotter is for --hamiltonian with --time and --steps")
	case f.vary < 0 || f.vary > 0 && !f.ground:
		return fmt.Errorf("--variational %d: a positive number, with --ground, is expected", f.vary)
	case f.startSites != 0 && (f.hamiltonian == "" || f.ring || f.start != ""):
		return errors.New("--start-sites is for a --hamiltonian on a chain, with --start-steps or --layers")
	case f.startSites != 0 && (f.startSites < 4 || f.startSites > f.sites || (f.sites-f.startSites)%2 != 0):
		return fmt.Errorf("--start-sites %d: 4 to %d, which is --sites, and an even number less are expected", f.startSites, f.sites)
	case f.iterations < 1 || f.bond < 0 || !(f.eps >= 0 && f.eps < 1):
		return fmt.Errorf("--max-iters %d, --bond %d, --eps %v: at least 1, at least 0, and a number from 0 to 1 are expected", f.iterations, f.bond, f.eps)
	case !(f.fidelity >= 0 && f.fidelity <= 1):
		return fmt.Errorf("--fidelity %v: a number from 0 to 1 is expected", f.fidelity)
	case f.qasm != 2 && f.qasm != 3:
		return fmt.Errorf("--qasm %d: 2 or 3 is expected", f.qasm)
	}
	return nil
}

func (a *app) runCompile(target string, f compileFlags) error {
	if err := f.check(target); err != nil {
		return err
	}
	if err := checkOutput("-o", f.out, ".qasm"); err != nil {
		return err
	}
	if err := setThreads(f.threads); err != nil {
		return err
	}
	begin := time.Now()
	cut := mps.Truncation{MaxBond: f.bond, Eps: f.eps}
	out := compileJSON{Target: target, Seed: f.seed, Out: f.out}
	var h aqc.Model
	if f.hamiltonian != "" {
		out.Target = f.hamiltonian
		var err error
		if h, err = aqc.ParseModel(f.hamiltonian, f.sites, f.ring); err != nil {
			return err
		}
	}
	state, err := a.compileTarget(target, h, cut, f, &out)
	if err != nil {
		return err
	}
	out.TargetBond, out.Qubits = state.MaxBond(), state.Sites()
	begins := func() (*aqc.Ansatz, []float64, error) { return a.compileStart(state, h, cut, f) }
	if f.startSites != 0 {
		begins = func() (*aqc.Ansatz, []float64, error) { return a.compileShort(h, cut, f) }
	}
	ansatz, theta, err := begins()
	if err != nil {
		return err
	}
	bar := newProgress(a.stderr)
	r, err := aqc.Compile(a.ctx, state, ansatz, theta, aqc.Options{
		Iterations: f.iterations, Fidelity: f.fidelity, Truncation: cut,
		Progress: func(i int, _ float64) { bar.set("compiling", i, f.iterations) },
	})
	bar.clear()
	if err != nil {
		return err
	}
	out.Layers, out.Depth, out.Parameters = ansatz.Layers(), ansatz.Depth(), ansatz.Parameters()
	out.Start, out.Fidelity, out.Iterations, out.Evaluations, out.Stop = r.Start, r.Fidelity, r.Iterations, r.Evaluations, r.Stop
	theta = r.Theta
	if f.vary > 0 {
		if theta, err = a.vary(state, h, ansatz, theta, cut, f, &out); err != nil {
			return err
		}
	}
	if f.compare {
		if err := a.compareTrotter(state, h, cut, f, &out); err != nil {
			return err
		}
	}
	if f.out != "" {
		write := ansatz.Circuit
		if f.gates == "cx" {
			write = ansatz.CircuitCX
		}
		c, err := write(theta)
		if err != nil {
			return err
		}
		text, err := qasm.Format(c, f.qasm)
		if err != nil {
			return err
		}
		if err := tensorio.WriteFile(f.out, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
			return outputError{err}
		}
	}
	out.Seconds = time.Since(begin).Seconds()
	if f.json {
		return a.printJSON(out)
	}
	about := fmt.Sprintf("%s  %s qubits, bonds up to %s", out.Target, count(out.Qubits), count(out.TargetBond))
	if out.TargetDepth > 0 {
		about += ", depth " + count(out.TargetDepth)
	}
	if f.ground {
		about += fmt.Sprintf(", ground state of energy %.9g", out.Energy)
	}
	a.line("target", about)
	a.line("circuit", fmt.Sprintf("%s layers of blocks on two qubits, depth %s, %s parameters", count(out.Layers), count(out.Depth), count(out.Parameters)))
	a.line("fidelity", fmt.Sprintf("%.9f, %.9f at the start; %s iterations, %s", out.Fidelity, out.Start, count(out.Iterations), out.Stop))
	if v := out.Vary; v != nil {
		a.line("energy", fmt.Sprintf("%.9g of the circuit, %.9g after %s iterations (%s), fidelity %.9f", v.Start, v.Energy, count(v.Iterations), v.Stop, v.Fidelity))
	}
	for _, t := range out.Trotter {
		about := fmt.Sprintf("%s steps, %s layers, depth %s as written, fidelity %.9f", count(t.Steps), count(t.Layers), count(t.Depth), t.Fidelity)
		if !t.Reached {
			about = "not reached: " + about
		}
		a.line(fmt.Sprintf("order %d", t.Order), about)
	}
	if out.Ratio > 0 {
		a.line("ratio", fmt.Sprintf("%.1f times as many layers in the best of these", out.Ratio))
	}
	a.line("time", fixed(out.Seconds, 2)+" s")
	if f.out != "" {
		a.line("written", f.out)
	}
	return nil
}

// compileTarget is the state that is wanted.
func (a *app) compileTarget(file string, h aqc.Model, cut mps.Truncation, f compileFlags, out *compileJSON) (*mps.State, error) {
	if f.ground {
		o, err := h.Operator()
		if err != nil {
			return nil, err
		}
		state, r, err := mps.DMRG(a.ctx, o, mps.DMRGOptions{Truncation: cut, Seed: f.seed})
		out.Energy = r.Energy
		return state, err
	}
	if f.hamiltonian != "" {
		c, err := h.Trotter(f.time, f.order, f.steps)
		if err != nil {
			return nil, err
		}
		out.TargetDepth = c.Depth(1)
		return a.prepared(c, cut)
	}
	switch strings.ToLower(filepath.Ext(file)) {
	case ".npy", ".npz":
		return readState(file, cut)
	}
	c, err := readCircuit(file)
	if err != nil {
		return nil, err
	}
	out.TargetDepth = c.Depth(1)
	state, err := a.prepared(c, cut)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return state, nil
}

// prepared is the state that a circuit prepares.
func (a *app) prepared(c *circuit.Circuit, cut mps.Truncation) (*mps.State, error) {
	if c.Qubits == 0 {
		return nil, errors.New("the circuit has no qubits")
	}
	s := mps.Basis(make([]int, c.Qubits)...)
	_, err := s.Run(a.ctx, aqc.Gates(c), cut)
	return s, err
}

// readState reads amplitudes, or a tensor train of modes of size 2.
func readState(file string, cut mps.Truncation) (*mps.State, error) {
	if strings.EqualFold(filepath.Ext(file), ".npz") {
		m, _, err := model.Load(file)
		if train, ok := m.(*tt.Tensor); ok && err == nil {
			return mps.FromTrain(train)
		}
		if err == nil {
			return nil, fmt.Errorf("%s: the model is no tensor train; amplitudes, or a train of modes of size 2, are expected", file)
		}
		if !errors.Is(err, model.ErrNotModel) {
			return nil, err
		}
	}
	t, err := tensorio.Open(file, tensorio.Options{})
	if err != nil {
		return nil, err
	}
	defer t.Close()
	if _, _, ok := numbers(t.Tensor); !ok {
		return nil, fmt.Errorf("%s: amplitudes are expected, all of them", file)
	}
	x := widened[complex128](t.Tensor)
	n := int(math.Round(math.Log2(float64(x.Len()))))
	if n < 1 || x.Len() != 1<<n {
		return nil, fmt.Errorf("%s has %s numbers; 2^n amplitudes are expected", file, count(x.Len()))
	}
	shape := make([]int, n)
	for k := range shape {
		shape[k] = 2
	}
	state, err := mps.FromDense(x.Contiguous().Reshape(shape...), cut)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return state, nil
}

// compileStart is what the circuit begins with.
func (a *app) compileStart(state *mps.State, h aqc.Model, cut mps.Truncation, f compileFlags) (*aqc.Ansatz, []float64, error) {
	switch {
	case f.layers != 0:
		ansatz, err := aqc.Brickwork(state.Sites(), f.layers, f.ring)
		if err != nil {
			return nil, nil, err
		}
		theta, err := aqc.Prepare(a.ctx, state, ansatz, f.sweeps, f.seed, cut)
		return ansatz, theta, err
	case f.startSteps != 0:
		c, err := h.Trotter(f.time, 2, f.startSteps)
		if err != nil {
			return nil, nil, err
		}
		return aqc.FromCircuit(c)
	}
	c, err := readCircuit(f.start)
	if err != nil {
		return nil, nil, err
	}
	ansatz, theta, err := aqc.FromCircuit(c)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", f.start, err)
	}
	return ansatz, theta, nil
}

// compileShort is what a chain of --start-sites sites compiles to, extended.
func (a *app) compileShort(h aqc.Model, cut mps.Truncation, f compileFlags) (*aqc.Ansatz, []float64, error) {
	sites := h.Sites
	h.Sites = f.startSites
	state, err := a.compileTarget("", h, cut, f, &compileJSON{})
	if err != nil {
		return nil, nil, err
	}
	ansatz, theta, err := a.compileStart(state, h, cut, f)
	if err != nil {
		return nil, nil, err
	}
	bar := newProgress(a.stderr)
	r, err := aqc.Compile(a.ctx, state, ansatz, theta, aqc.Options{
		Iterations: f.iterations, Truncation: cut,
		Progress: func(i int, _ float64) { bar.set("compiling a short chain", i, f.iterations) },
	})
	bar.clear()
	if err != nil {
		return nil, nil, err
	}
	return aqc.Extend(ansatz, r.Theta, sites)
}

// mostSteps of an order are tried.
const mostSteps = 512

// compareTrotter finds the evolutions that are as close to the target.
func (a *app) compareTrotter(state *mps.State, h aqc.Model, cut mps.Truncation, f compileFlags, out *compileJSON) error {
	best := 0
	for _, order := range []int{1, 2, 4} {
		e, err := h.Steps(a.ctx, state, f.time, order, out.Fidelity, mostSteps, cut)
		if err != nil {
			return err
		}
		reached := e.Fidelity >= out.Fidelity
		out.Trotter = append(out.Trotter, trotterJSON{e.Order, e.Steps, e.Layers, e.Depth, e.Fidelity, reached})
		if reached && (best == 0 || e.Layers < best) {
			best = e.Layers
		}
	}
	out.Ratio = float64(best) / float64(out.Layers)
	return nil
}

// vary lowers the energy of the compiled circuit.
func (a *app) vary(state *mps.State, h aqc.Model, ansatz *aqc.Ansatz, theta []float64, cut mps.Truncation, f compileFlags, out *compileJSON) ([]float64, error) {
	o, err := h.Operator()
	if err != nil {
		return nil, err
	}
	bar := newProgress(a.stderr)
	r, err := aqc.Vary(a.ctx, o, ansatz, theta, aqc.Options{
		Iterations: f.vary, Truncation: cut,
		Progress: func(i int, _ float64) { bar.set("lowering the energy", i, f.vary) },
	})
	bar.clear()
	if err != nil {
		return nil, err
	}
	fidelity, err := aqc.Fidelity(a.ctx, state, ansatz, r.Theta, cut)
	out.Vary = &varyJSON{r.Start, r.Energy, fidelity, r.Iterations, r.Stop}
	return r.Theta, err
}
