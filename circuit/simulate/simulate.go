package simulate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/einsum"
)

// The methods of Options.Method.
const (
	Auto        = "auto"
	StateVector = "statevector"
	Network     = "network"
	MPS         = "mps"
)

// Methods are the names that Options.Method may have.
func Methods() []string { return []string{Auto, StateVector, Network, MPS} }

// Options choose how to simulate. The zero value chooses the cheapest exact
// method.
type Options struct {
	// Method is one of Methods; "" is Auto.
	Method string
	// Bond is the most that a bond of the matrix product state may have; 0 for
	// no limit.
	Bond int
	// Eps is the part of the squared norm that a cut of a bond may discard.
	// Without Bond and Eps, no bond is cut, and Auto takes exact methods only.
	Eps float64
	// Memory is the most bytes that the state, or the contraction with its
	// operands, may take; 0 for 4 GiB.
	Memory int64
	// Profile asks for How.Bonds, Entropies and Course of a matrix product
	// state.
	Profile bool
	// Seed of samples, and of the search for an order of contraction.
	Seed uint64
	// Progress is called, now and then, with what is done and the whole. May
	// be nil.
	Progress func(done, total int)
}

const defaultMemory = 4 << 30

// How says how a result was found.
type How struct {
	Method string `json:"method"`
	Why    string `json:"why"`
	// Log10Products is the predicted number of complex products; those of a
	// decomposition are counted as the products that take as long.
	Log10Products float64 `json:"log10_products"`
	// PeakBytes is the predicted memory.
	PeakBytes int64 `json:"peak_bytes"`
	// Gates is the number of gates that the result depends on, as far as the
	// method looks.
	Gates int `json:"gates"`
	// Slices, Planner and Tensors are of the dearest network.
	Slices  float64 `json:"slices,omitempty"`
	Planner string  `json:"planner,omitempty"`
	Tensors int     `json:"tensors,omitempty"`
	// Bond is the largest bond that the matrix product state had, and
	// Fidelity the product of what its cuts have kept: 1 if the result is
	// exact.
	Bond     int     `json:"bond,omitempty"`
	Fidelity float64 `json:"fidelity"`
	// Bonds are those of the matrix product state at the end, Entropies how
	// entangled its parts on either side of each are, in nats, and Course how
	// it grew: with Options.Profile.
	Bonds     []int     `json:"bonds,omitempty"`
	Entropies []float64 `json:"entropies_nats,omitempty"`
	Course    []Moment  `json:"course,omitempty"`
	// Candidates are the methods that were looked at.
	Candidates []Candidate `json:"candidates"`
}

// Moment is a matrix product state after some of the gates.
type Moment struct {
	Gates    int     `json:"gates"`
	Bond     int     `json:"bond"` // the largest
	Fidelity float64 `json:"fidelity"`
}

// Candidate is a method and what it would take.
type Candidate struct {
	Method        string  `json:"method"`
	Log10Products float64 `json:"log10_products,omitempty"`
	PeakBytes     int64   `json:"peak_bytes,omitempty"`
	// Refused says why the method will not do; "" if it will.
	Refused string `json:"refused,omitempty"`
}

const (
	// cheap is the number of products below which nothing is gained by looking
	// at other methods than the state vector.
	cheap = 1e8
	// mostProducts is what Auto starts: some ten hours.
	mostProducts = 1e14
	// mostVector is the number of qubits up to which Auto takes a state
	// vector.
	mostVector = 30
)

func (o Options) check(c *circuit.Circuit) error {
	var faults []string
	if o.Method != "" && !slices.Contains(Methods(), o.Method) {
		faults = append(faults, fmt.Sprintf("method %q; one of %s is expected", o.Method, strings.Join(Methods(), ", ")))
	}
	if o.Bond < 0 {
		faults = append(faults, fmt.Sprintf("bond %d; a positive number is expected, or 0 for no limit", o.Bond))
	}
	if !(o.Eps >= 0 && o.Eps < 1) {
		faults = append(faults, fmt.Sprintf("eps %v; a number from 0 to 1 is expected", o.Eps))
	}
	if o.Memory < 0 {
		faults = append(faults, fmt.Sprintf("memory %d; a positive number is expected", o.Memory))
	}
	if (o.Bond > 0 || o.Eps > 0) && (o.Method == StateVector || o.Method == Network) {
		faults = append(faults, fmt.Sprintf("bond or eps with method %s, which is exact; they are for %s and %s", o.Method, MPS, Auto))
	}
	if c.Qubits < 1 {
		faults = append(faults, "a circuit without qubits; one at least is expected")
	}
	if faults != nil {
		return errors.New("simulate: " + strings.Join(faults, "; "))
	}
	return nil
}

func (o Options) memory() int64 {
	if o.Memory == 0 {
		return defaultMemory
	}
	return o.Memory
}

func (o Options) progress(done, total int) {
	if o.Progress != nil {
		o.Progress(done, total)
	}
}

// planned is what the network of a question would take.
type planned struct {
	products float64 // of all contractions
	peak     int64
	slices   float64
	planner  string
	tensors  int
	gates    int
}

// include adds n contractions by a plan.
func (p *planned) include(plan *einsum.Plan, n float64) {
	if plan == nil {
		return
	}
	if p.tensors == 0 || len(plan.Inputs) > p.tensors {
		p.tensors = len(plan.Inputs)
	}
	if plan.Cost.Slices > p.slices || p.planner == "" {
		p.planner = plan.Planner
	}
	p.products += n * cost(plan)
	p.peak = max(p.peak, plan.PeakBytes(bytesEach))
	p.slices = max(p.slices, plan.Cost.Slices)
}

const bytesEach = 16 // of a complex number

// Orders of contraction by the greedy planner: below enough products no other
// is looked for, and above hopeless products none will do.
const (
	enough   = 1e7
	hopeless = 1e8 * mostProducts
)

// plan finds an order of contraction for a network. Without anything to
// contract the plan is nil.
func (o Options) plan(ctx context.Context, n *network) (*einsum.Plan, error) {
	e, shapes, err := n.expr()
	if err != nil || e == nil {
		return nil, err
	}
	opt := einsum.Options{Planner: "greedy", ElementBytes: bytesEach, Seed: o.Seed}
	p, err := e.Plan(ctx, opt, shapes...)
	if err != nil {
		return nil, err
	}
	products := math.Exp2(p.Cost.Flops)
	if products < enough && p.PeakBytes(bytesEach) <= o.memory() || products > hopeless && o.Method != Network {
		return p, nil
	}
	opt.Planner, opt.Memory = "search", o.memory()
	return e.Plan(ctx, opt, shapes...)
}

// pairProducts is how many products take as long as a pair of tensors takes
// beside its own.
const pairProducts = 2e4

// cost is the products of a contraction, and as many for what a pair takes
// beside them.
func cost(p *einsum.Plan) float64 {
	return math.Exp2(p.Cost.Flops) + pairProducts*p.Cost.Slices*float64(len(p.Path))
}

// choose picks a method. net plans the network when it is asked for; for shots
// to be drawn, the state vector has 8 bytes more an amplitude.
func (o Options) choose(c *circuit.Circuit, shots int, net func() (planned, error)) (*How, error) {
	want := o.Method
	if want == "" {
		want = Auto
	}
	vector, chain := o.vector(c, int64(8*min(shots, 1))), o.chain(c, shots)
	how := &How{Gates: len(c.Ops), Fidelity: 1}
	var p planned
	network := Candidate{Method: Network}
	switch {
	case want == Auto && vector.Refused == "" && vector.Log10Products <= math.Log10(cheap):
		how.Candidates = []Candidate{vector}
		how.set(vector)
		how.Why = fmt.Sprintf("10^%.1f products are so few that no other method was looked at", vector.Log10Products)
		return how, nil
	case want == StateVector:
		how.Candidates = []Candidate{vector}
	case want == MPS:
		chain.Refused = "" // its bonds may stay smaller than predicted
		how.Candidates = []Candidate{chain}
	default:
		var err error
		p, err = net()
		if err != nil {
			if want == Network || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				return nil, err
			}
			network.Refused = err.Error()
		} else {
			network.Log10Products, network.PeakBytes = math.Log10(max(min(p.products, math.MaxFloat64), 1)), p.peak
		}
		how.Candidates = []Candidate{network}
		if want == Auto {
			how.Candidates = []Candidate{vector, network, chain}
		}
	}
	best := -1
	for i, x := range how.Candidates {
		if x.Refused == "" && (best < 0 || x.Log10Products < how.Candidates[best].Log10Products) {
			best = i
		}
	}
	if want == Auto && best >= 0 && how.Candidates[best].Log10Products > math.Log10(mostProducts) {
		return nil, fmt.Errorf("simulate: the cheapest way is predicted to take 10^%.1f products (%s); name the method to start it, or allow a matrix product state with less by a bond or eps", how.Candidates[best].Log10Products, how.list())
	}
	if best < 0 {
		return nil, fmt.Errorf("simulate: no method will do: %s", how.list())
	}
	how.set(how.Candidates[best])
	how.Why = "it was asked for"
	if want == Auto {
		how.Why = "it is predicted to be the cheapest: " + how.list()
	}
	if how.Method == Network {
		how.Slices, how.Planner, how.Tensors, how.Gates = p.slices, p.planner, p.tensors, p.gates
	}
	return how, nil
}

func (h *How) set(c Candidate) {
	h.Method, h.Log10Products, h.PeakBytes = c.Method, c.Log10Products, c.PeakBytes
}

// list says what each method would take.
func (h *How) list() string {
	var parts []string
	for _, c := range h.Candidates {
		if c.Refused != "" {
			parts = append(parts, c.Method+": "+c.Refused)
		} else {
			parts = append(parts, fmt.Sprintf("%s 10^%.1f products", c.Method, c.Log10Products))
		}
	}
	return strings.Join(parts, "; ")
}
