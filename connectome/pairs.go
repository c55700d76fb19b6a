package connectome

import (
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/tensor"
)

// Pairs is affinities of pairs of nodes, as time × subject × pair. The pairs
// are those above the diagonal, row after row: (0, 1), (0, 2), …, (1, 2), ….
type Pairs struct {
	Data  cp.Data
	Nodes tensor.Axis
	Count int // of nodes
}

// Square is the symmetric matrix of values of pairs.
func (p *Pairs) Square(v []float64) *tensor.Matrix[float64] {
	a := tensor.NewMatrix[float64](p.Count, p.Count)
	k := 0
	for i := range p.Count {
		for j := i + 1; j < p.Count; j++ {
			a.Set(i, j, v[k])
			a.Set(j, i, v[k])
			k++
		}
	}
	return a
}

// pairOf is the place of the pair i < j among those of n nodes.
func pairOf(n, i, j int) int { return i*(2*n-i-1)/2 + j - i - 1 }

// nodesOf is the n for which n(n-1)/2 is the number of pairs, or 0.
func nodesOf(pairs int) int {
	n := int(math.Round((1 + math.Sqrt(1+8*float64(pairs))) / 2))
	if n*(n-1)/2 != pairs {
		return 0
	}
	return n
}

// ReadPairs takes affinities of one of the shapes
//
//	time × subject × node × node
//	time × node × node               of one subject
//	time × subject × pair            with n(n-1)/2 pairs of n nodes
//
// from a dense or observed tensor of real numbers. Matrices of nodes must be
// symmetric to 1e-8 of the affinity; their diagonal is not read, and where
// one of two cells of a pair is unknown, the other stands for both. Negative
// affinities, and those that are not finite, are errors.
func ReadPairs(x tensor.Tensor) (*Pairs, error) {
	shape, axes := x.Shape(), x.Axes()
	order := len(shape)
	if order != 3 && order != 4 {
		return nil, fmt.Errorf("connectome: a tensor of %d modes; time × subject × pair, time × node × node or time × subject × node × node is expected", order)
	}
	square := shape[order-1] == shape[order-2]
	if order == 4 && !square {
		return nil, fmt.Errorf("connectome: the last two modes have sizes %d and %d; both are the nodes and must be equal", shape[2], shape[3])
	}
	r := reader{order: order, square: square, nodes: shape[order-1], subjects: 1}
	if !square {
		if r.nodes = nodesOf(shape[2]); r.nodes == 0 {
			return nil, fmt.Errorf("connectome: %d is no number of pairs n(n-1)/2, nor are the last two modes equal; give time × subject × pair or square matrices", shape[2])
		}
	}
	if r.nodes < 2 {
		return nil, fmt.Errorf("connectome: %d nodes have no pairs", r.nodes)
	}
	p := &Pairs{Count: r.nodes}
	modes := []tensor.Axis{axes[0], {}, {Name: "pair"}}
	if square {
		p.Nodes = axes[order-1]
	}
	if order == 4 || !square {
		r.subjects, modes[1] = shape[1], axes[1]
	}
	name(&modes[0], "time")
	name(&modes[1], "subject")
	name(&p.Nodes, "node")
	r.pairs = r.nodes * (r.nodes - 1) / 2
	y := tensor.New[float64](shape[0], r.subjects, r.pairs)
	r.data = y.Data()
	for i := range r.data {
		r.data[i] = math.NaN()
	}
	var err error
	switch x := x.(type) {
	case *tensor.Dense[float64]:
		err = readDense(&r, x)
	case *tensor.Dense[float32]:
		err = readDense(&r, x)
	case *tensor.Observed:
		idx := make([]int, order)
		for e, v := range x.Values() {
			for m := range idx {
				idx[m] = int(x.Indices(m)[e])
			}
			if err = r.cell(idx, v); err != nil {
				break
			}
		}
	default:
		err = fmt.Errorf("connectome: a tensor of type %T; dense or observed real numbers are expected", x)
	}
	if err != nil {
		return nil, err
	}
	if err := y.SetAxes(modes...); err != nil {
		return nil, fmt.Errorf("connectome: %w", err)
	}
	p.Data = y
	if slices.ContainsFunc(r.data, func(v float64) bool { return v != v }) {
		p.Data = tensor.FromDense(y)
	}
	return p, nil
}

func name(a *tensor.Axis, s string) {
	if a.Name == "" {
		a.Name = s
	}
}

// reader puts cells in the places of pairs. NaN is unknown.
type reader struct {
	order           int
	square          bool
	subjects, nodes int
	pairs           int
	data            []float64
}

func (r *reader) cell(idx []int, v float64) error {
	last := idx[r.order-1]
	if r.square {
		i, j := min(idx[r.order-2], last), max(idx[r.order-2], last)
		if i == j {
			return nil
		}
		last = pairOf(r.nodes, i, j)
	}
	s := 0
	if r.order == 4 || !r.square {
		s = idx[1]
	}
	if !(v >= 0) || math.IsInf(v, 1) {
		return fmt.Errorf("connectome: the affinity at %v is %v; a finite number, zero or positive, is expected (take absolute values, or leave unknown ones out)", idx, v)
	}
	at := &r.data[(idx[0]*r.subjects+s)*r.pairs+last]
	if was := *at; math.Abs(was-v) > 1e-8*max(was, v) {
		return fmt.Errorf("connectome: the affinity at %v is %v and that of the same pair the other way round %v; symmetric matrices are expected", idx, v, was)
	}
	*at = v
	return nil
}

func readDense[T tensor.Float](r *reader, x *tensor.Dense[T]) error {
	shape := x.Shape()
	idx := make([]int, len(shape))
	for range tensor.Size(shape) {
		if err := r.cell(idx, float64(x.At(idx...))); err != nil {
			return err
		}
		for n := len(idx) - 1; n >= 0; n-- {
			if idx[n]++; idx[n] < shape[n] {
				break
			}
			idx[n] = 0
		}
	}
	return nil
}
