package einsum

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/polyad/polyad/einsum/path"
)

// Options choose how to plan. The zero value lets Plan choose.
type Options struct {
	// Planner is a name of path.Planners.
	Planner string
	// Seed of the planners that draw random numbers.
	Seed uint64
	// Time that the planner search takes; 0 for as long as it pays. A plan
	// that was made for a time may differ from run to run.
	Time time.Duration
	// Trials of the planner search, in rounds of eight; 0 for as many as pay.
	Trials int
	// Memory is the most bytes that the contraction may take, with operands
	// and result (see Plan.PeakBytes); 0 for no limit.
	Memory int64
	// ElementBytes is the size of an element; 8 unless given.
	ElementBytes int
	// Writes is what writing an element of a result counts as, in products,
	// for the planner search; see path.Options.
	Writes float64
	// Start is a path to improve on, for the planner search.
	Start path.Path
}

// Plan is an order of contraction for an equation with operands of known
// shapes. It does not depend on the elements, and can be saved as JSON.
type Plan struct {
	Labels  []string  // names of the labels
	Inputs  [][]int32 // the label of each axis of each operand
	Output  []int32   // the label of each axis of the result
	Shapes  [][]int   // of the operands
	Path    path.Path // pairs in SSA form
	Sliced  []int32   // labels that are fixed in turn, while the results are added
	Planner string    // who found the path
	Seed    uint64
	Cost    path.Cost

	binding *binding
	network *path.Network
	last    atomic.Pointer[prepared] // of the last run
}

// Plan chooses an order of contraction for operands of the given shapes.
func (e *Expr) Plan(ctx context.Context, opt Options, shapes ...[]int) (*Plan, error) {
	b, err := e.bind(shapes)
	if err != nil {
		return nil, err
	}
	n := b.network()
	p := path.Options{Planner: opt.Planner, Seed: opt.Seed, Time: opt.Time, Trials: opt.Trials, Writes: opt.Writes, Start: opt.Start}
	element := float64(opt.ElementBytes)
	if element == 0 {
		element = 8
	}
	fixed := 0.0 // elements of operands and result
	if opt.Memory != 0 {
		for _, s := range shapes {
			fixed += product(s)
		}
		fixed += b.outputSize()
		if p.Memory = float64(opt.Memory)/element - fixed; !(p.Memory > 0) {
			return nil, fmt.Errorf("einsum: the operands and the result alone take %.4g bytes, %d are allowed; allow more", fixed*element, opt.Memory)
		}
	}
	found, err := path.Find(ctx, n, p)
	var small *path.MemoryError
	if errors.As(err, &small) {
		return nil, fmt.Errorf("einsum: no plan was found that takes %d bytes; the best takes %.4g; allow that, or search for longer: %w", opt.Memory, (fixed+small.Need)*element, err)
	}
	if err != nil {
		return nil, err
	}
	return &Plan{
		Labels: b.names, Inputs: b.axes, Output: b.output, Shapes: clone(shapes),
		Path: found.Path, Sliced: found.Sliced, Planner: found.Planner, Seed: opt.Seed, Cost: found.Cost,
		binding: b, network: n,
	}, nil
}

// outputSize is the number of elements of the result.
func (b *binding) outputSize() float64 {
	x := 1.0
	for _, id := range b.output {
		x *= float64(b.sizes[id])
	}
	return x
}

func clone(shapes [][]int) [][]int {
	out := make([][]int, len(shapes))
	for k, s := range shapes {
		out[k] = slices.Clone(s)
	}
	return out
}

// OutputShape is the shape of the result.
func (p *Plan) OutputShape() []int {
	shape := make([]int, len(p.Output))
	for axis, id := range p.Output {
		shape[axis] = p.binding.sizes[id]
	}
	return shape
}

// Size is the size of a label.
func (p *Plan) Size(label int32) int { return p.binding.sizes[label] }

// Steps are the pairs with their indices; see [path.Step].
func (p *Plan) Steps() []path.Step { return p.network.Steps(p.Path, p.Sliced) }

// PeakBytes bounds the memory that [Run] takes for elements of so many bytes:
// the operands, the result, and all that is there at a time besides: results
// of pairs, and copies of the operands and the result of a pair in another
// order. A bound beyond 2^63 is cut to the largest int64.
func (p *Plan) PeakBytes(element int) int64 {
	total := math.Exp2(p.Cost.Peak)
	for _, shape := range p.Shapes {
		total += product(shape)
	}
	total += p.binding.outputSize()
	if total *= float64(element); total < math.MaxInt64 {
		return int64(math.Ceil(total))
	}
	return math.MaxInt64
}

func product(shape []int) float64 {
	x := 1.0
	for _, s := range shape {
		x *= float64(s)
	}
	return x
}

// Equation is the equation of the plan, with a label for each axis; labels of
// several characters stand between braces.
func (p *Plan) Equation() string { return p.binding.equation() }

// String lists the steps and what they cost.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "equation  %s\n", p.Equation())
	fmt.Fprintf(&b, "planner   %s, seed %d\n", p.Planner, p.Seed)
	fmt.Fprintf(&b, "flops     10^%.2f index-space products, 10^%.2f with 2 for each product that is summed\n", p.Cost.Log10Flops(), p.Cost.Log10Flops2x())
	fmt.Fprintf(&b, "writes    2^%.2f elements\n", p.Cost.Write)
	fmt.Fprintf(&b, "largest   2^%.2f elements\n", p.Cost.Size)
	fmt.Fprintf(&b, "peak      %d bytes with 8-byte elements\n", p.PeakBytes(8))
	if len(p.Sliced) > 0 {
		fmt.Fprintf(&b, "slices    %.0f, over %s\n", p.Cost.Slices, p.names(p.Sliced))
	}
	for _, s := range p.Steps() {
		out := slices.Concat(s.Batch, s.KeepLeft, s.KeepRight)
		fmt.Fprintf(&b, "%4d  %s,%s->%s\n", s.Out, p.names(slices.Concat(s.Batch, s.KeepLeft, s.Sum)), p.names(slices.Concat(s.Batch, s.Sum, s.KeepRight)), p.names(out))
	}
	return b.String()
}

// names prints labels as an equation does.
func (p *Plan) names(labels []int32) string {
	var b strings.Builder
	for _, id := range labels {
		b.WriteString(braced(p.Labels[id]))
	}
	return b.String()
}

// planJSON is the form of a plan in JSON. The costs are for readers: they are
// computed anew when a plan is read.
type planJSON struct {
	Equation     string    `json:"equation"`
	Labels       []string  `json:"labels"`
	Inputs       [][]int32 `json:"inputs"`
	Output       []int32   `json:"output"`
	Shapes       [][]int   `json:"shapes"`
	Path         path.Path `json:"path"`
	Sliced       []int32   `json:"sliced"`
	Planner      string    `json:"planner"`
	Seed         uint64    `json:"seed"`
	Log10Flops   float64   `json:"log10_flops"`
	Log10Flops2x float64   `json:"log10_flops_2x"`
	Log2Size     float64   `json:"log2_size"`
	Log2Write    float64   `json:"log2_write"`
	Slices       float64   `json:"slices"`
}

// MarshalJSON writes the plan and its costs.
func (p *Plan) MarshalJSON() ([]byte, error) {
	return json.Marshal(planJSON{
		p.Equation(), p.Labels, p.Inputs, orEmpty(p.Output), p.Shapes, orEmpty(p.Path), orEmpty(p.Sliced), p.Planner, p.Seed,
		p.Cost.Log10Flops(), p.Cost.Log10Flops2x(), p.Cost.Size, p.Cost.Write, p.Cost.Slices,
	})
}

// orEmpty makes an empty list of none, which JSON tells apart.
func orEmpty[S ~[]E, E any](s S) S {
	if s == nil {
		return S{}
	}
	return s
}

// UnmarshalJSON reads a plan and checks it.
func (p *Plan) UnmarshalJSON(data []byte) error {
	var j planJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return fmt.Errorf("einsum: not a plan: %w", err)
	}
	lists := make([][]int, len(j.Inputs))
	for k, in := range append(slices.Clone(j.Inputs), j.Output) {
		for _, id := range in {
			if id < 0 || int(id) >= len(j.Labels) {
				return fmt.Errorf("einsum: a plan has label %d; its %d labels have numbers from 0", id, len(j.Labels))
			}
		}
		if k < len(lists) {
			lists[k] = ints(in)
		}
	}
	if _, err := Indices(lists, ints(j.Output)); err != nil {
		return err
	}
	e := &Expr{names: j.Labels, output: term{labels: j.Output, ellipsis: -1}}
	for _, in := range j.Inputs {
		e.inputs = append(e.inputs, term{labels: in, ellipsis: -1})
	}
	b, err := e.bind(j.Shapes)
	if err != nil {
		return err
	}
	n := b.network()
	c, err := n.Cost(j.Path, j.Sliced)
	if err != nil {
		return err
	}
	*p = Plan{
		Labels: j.Labels, Inputs: j.Inputs, Output: j.Output, Shapes: j.Shapes, Path: j.Path, Sliced: j.Sliced,
		Planner: j.Planner, Seed: j.Seed, Cost: c, binding: b, network: n,
	}
	return nil
}

func ints(s []int32) []int {
	out := make([]int, len(s))
	for i, x := range s {
		out[i] = int(x)
	}
	return out
}
