package rank

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

const (
	// coreEntries is the size from which dense data are compressed before
	// candidates are fitted, and to which.
	coreEntries = 4096
	// sampleEntries is the number of entries that remain where data cannot be
	// compressed: some are unknown, or the model must not go negative.
	sampleEntries = 1 << 14
	// writtenEntries is the number of cells up to which sparse data are taken
	// whole, and longestWritten the longest mode of a part of them.
	writtenEntries = 1 << 22
	longestWritten = 2048
	// coreModes is the least size to which a mode is compressed.
	coreModes = 6
)

// ground is what candidates are fitted to and checked on: the data, or a
// smaller tensor that stands for them.
type ground struct {
	data  cp.Data
	known *tensor.Observed // the entries of data
	bases []*tensor.Matrix[float64]
	lost  float64 // the squared norm that the compression left out
	total float64 // the squared norm of the data, lost included
	text  string  // for Evidence.Basis
}

// written is the dense form of sparse data: of all of it, or of the slices
// with the most entries; other data as they are. The text says which, for
// Evidence.Basis; it is empty for all.
func written(x tensor.Tensor, limit int, seed uint64) (tensor.Tensor, string, error) {
	if len(x.Shape()) == 0 {
		return nil, "", errors.New("the tensor is a single number; at least one mode is needed")
	}
	s, ok := x.(cp.Sparse)
	if !ok {
		return x, "", nil
	}
	listed, err := s.Observed()
	if err != nil {
		return nil, "", err
	}
	cells := tensor.Cells(x.Shape())
	if cells <= float64(limit) && slices.Max(x.Shape()) <= maxMode {
		d := listed.Dense(0)
		return d, "", d.SetAxes(x.Axes()...)
	}
	if listed.Count() == 0 {
		return nil, "", errors.New("no entry is stored: all cells are zero, and there is nothing to fit")
	}
	rng := rand.New(rand.NewPCG(seed, streamSlices))
	short := slices.Clone(x.Shape())
	for n, size := range short {
		short[n] = min(size, longestWritten)
	}
	keep := make([][]int, len(short))
	for n, size := range capped(short, tensor.Cells(short), limit) {
		keep[n] = fullest(listed, n, size, rng)
	}
	block, err := restrict(listed, keep)
	if err != nil {
		return nil, "", err
	}
	if block.Count() == 0 {
		return nil, "", errors.New("the slices with the most entries have none in common; choose a rank by hand")
	}
	d := block.Dense(0)
	axes := make([]tensor.Axis, len(keep))
	for n, a := range x.Axes() {
		axes[n] = tensor.Axis{Name: a.Name, Ordinal: a.Ordered()} // what the choice looks at
	}
	text := fmt.Sprintf("the slices that hold the most entries, %s of %s, with %d of the %d entries", sizes(d.Shape()), sizes(x.Shape()), block.Count(), listed.Count())
	return d, text, d.SetAxes(axes...)
}

// based puts what data were taken before what was made of them.
func (e *Evidence) based(text string) {
	switch {
	case text == "":
	case e.Basis == "" || e.Basis == "all entries":
		e.Basis = text
	default:
		e.Basis = text + "; " + e.Basis
	}
}

// Sample is what candidates can be judged on, entry by entry: all known
// entries of x (for sparse data, the zeros too) if there are no more than
// most; else those in the slices that hold the most entries, or, of dense data,
// in random slices. The text says which.
func Sample(x tensor.Tensor, most int, seed uint64) (*tensor.Observed, string, error) {
	x, text, err := written(x, most, seed)
	if err != nil {
		return nil, "", fmt.Errorf("rank.Sample: %w", err)
	}
	var y *tensor.Observed
	switch x := x.(type) {
	case *tensor.Dense[float64]:
		y, text = sampleDense(x, text, most, seed)
	case *tensor.Dense[float32]:
		y, text = sampleDense(x, text, most, seed)
	case *tensor.Observed:
		g, err := observedGround(x, most, seed)
		if err != nil {
			return nil, "", fmt.Errorf("rank.Sample: %w", err)
		}
		y, text = g.known, g.text
	default:
		return nil, "", fmt.Errorf("rank.Sample: data of type %T are not supported; dense (float64, float32), sparse and observed tensors are", x)
	}
	return y, text, nil
}

func sampleDense[T tensor.Float](x *tensor.Dense[T], text string, most int, seed uint64) (*tensor.Observed, string) {
	y := gather(x, sampleSlices(x.Shape(), float64(x.Len()), most, seed))
	if text == "" {
		text = "all entries"
		if y.Len() < x.Len() {
			text = fmt.Sprintf("a random sample of slices: %s of %s", sizes(y.Shape()), sizes(x.Shape()))
		}
	}
	return tensor.FromDense(y), text
}

// squeeze checks the data and removes the modes of size 1, which say nothing
// of a rank.
func squeeze(x tensor.Tensor) (tensor.Tensor, error) {
	for n, size := range x.Shape() {
		if size == 0 {
			return nil, fmt.Errorf("mode %d has size 0; there is nothing to fit", n)
		}
	}
	switch norm := x.Norm(); {
	case math.IsNaN(norm) || math.IsInf(norm, 0):
		return nil, errors.New("the tensor holds NaN or infinite values; leave them out with tensor.FromDense, which takes NaN as unknown")
	case norm == 0:
		return nil, errors.New("all known entries are zero; there is nothing to fit")
	}
	switch x := x.(type) {
	case *tensor.Dense[float64]:
		return squeezeDense(x), nil
	case *tensor.Dense[float32]:
		return squeezeDense(x), nil
	case *tensor.Observed:
		var shape []int
		var index [][]int32
		var axes []tensor.Axis
		for n, size := range x.Shape() {
			if size > 1 {
				shape, index, axes = append(shape, size), append(index, x.Indices(n)), append(axes, x.Axes()[n])
			}
		}
		if len(shape) == len(x.Shape()) || len(shape) == 0 {
			return x, nil
		}
		y, err := tensor.NewObserved(shape, index, x.Values())
		if err != nil {
			return nil, err
		}
		return y, y.SetAxes(axes...)
	}
	return nil, fmt.Errorf("data of type %T are not supported; dense (float64, float32) and observed tensors are", x)
}

func squeezeDense[T tensor.Float](x *tensor.Dense[T]) *tensor.Dense[T] {
	for n := x.Order() - 1; n >= 0 && x.Order() > 1; n-- {
		if x.Shape()[n] == 1 {
			x = x.Index(n, 0)
		}
	}
	return x
}

// newGround prepares squeezed data.
func newGround(x tensor.Tensor, nonnegative bool, seed uint64) (*ground, error) {
	switch x := x.(type) {
	case *tensor.Dense[float64]:
		return denseGround(x, nonnegative, seed)
	case *tensor.Dense[float32]:
		return denseGround(x, nonnegative, seed)
	}
	return observedGround(x.(*tensor.Observed), sampleEntries, seed)
}

// denseGround compresses x orthogonally (sequentially truncated HOSVD,
// Vannieuwenhoven, Vandebril & Meerbergen 2012,
// https://doi.org/10.1137/110836067) and turns the core by a random rotation
// of each mode. A CP model of the core is one of the data with the same
// error, but for the part that was lost; white noise stays white; and in the
// rotated core the signal is spread over all entries, so that any of them
// can be left out. Rotations do not keep signs: for non-negative models
// slices are sampled instead.
func denseGround[T tensor.Float](x *tensor.Dense[T], nonnegative bool, seed uint64) (*ground, error) {
	shape := x.Shape()
	if nonnegative {
		keep := sampleSlices(shape, float64(x.Len()), sampleEntries, seed)
		y := gather(x, keep)
		g := &ground{data: y, known: tensor.FromDense(y), total: square(y.Norm()), text: "all entries"}
		if y.Len() < x.Len() {
			g.text = fmt.Sprintf("a random sample of slices: %s of %s", sizes(y.Shape()), sizes(shape))
		}
		return g, nil
	}
	total := square(x.Norm())
	small := capped(shape, float64(x.Len()), coreEntries)
	if slices.Equal(small, shape) {
		y := tensor.As[float64](x)
		return &ground{data: y, known: tensor.FromDense(y), total: total, text: "all entries"}, nil
	}
	core, bases, err := compress(x, small, seed)
	if err != nil {
		return nil, err
	}
	lost := max(0, total-square(core.Norm()))
	return &ground{
		data: core, known: tensor.FromDense(core), bases: bases, lost: lost, total: total,
		text: fmt.Sprintf("%s, compressed orthogonally to %s, which keeps all but %.2g of the norm", sizes(shape), sizes(small), math.Sqrt(lost/total)),
	}, nil
}

// compress projects each mode on its leading left singular vectors, turned
// at random: bases[n] is I_n×ranks[n].
func compress[T tensor.Float](x *tensor.Dense[T], ranks []int, seed uint64) (*tensor.Dense[float64], []*tensor.Matrix[float64], error) {
	rng := rand.New(rand.NewPCG(seed, streamRotate))
	bases := make([]*tensor.Matrix[float64], len(ranks))
	var core *tensor.Dense[float64]
	for n, k := range ranks {
		var gram *tensor.Matrix[float64]
		if core == nil {
			gram = x.ModeGram(n)
		} else {
			gram = core.ModeGram(n)
		}
		_, v, err := linalg.SymEig(gram)
		if err != nil {
			return nil, nil, fmt.Errorf("compression of mode %d: %w", n, err)
		}
		q := tensor.NormalMatrix(rng, k, k)
		if q, _, err = linalg.QR(q); err != nil {
			return nil, nil, fmt.Errorf("rotation of mode %d: %w", n, err)
		}
		bases[n] = tensor.Mul(v.Sub(0, v.Rows, 0, k), q)
		if core == nil {
			core = x.Project(bases[n], n)
		} else {
			core = core.Project(bases[n], n)
		}
	}
	return core, bases, nil
}

// observedGround keeps the slices with the most known entries if there are
// too many entries.
func observedGround(x *tensor.Observed, most int, seed uint64) (*ground, error) {
	y := x
	rng := rand.New(rand.NewPCG(seed, streamSlices))
	// The slices with the most entries hold more than their share.
	for y.Count() > most {
		short := capped(y.Shape(), float64(y.Count()), most)
		if slices.Equal(short, y.Shape()) {
			break
		}
		keep := make([][]int, len(short))
		for n, size := range short {
			keep[n] = fullest(y, n, size, rng)
		}
		var err error
		if y, err = restrict(y, keep); err != nil {
			return nil, err
		}
	}
	if y.Norm() == 0 {
		return nil, errors.New("the slices with the most known entries are all zero; choose a rank by hand")
	}
	g := &ground{data: y, known: y, total: square(y.Norm()), text: fmt.Sprintf("all %d known entries", x.Count())}
	if y != x {
		g.text = fmt.Sprintf("%d of the %d known entries, in the slices that hold the most: %s of %s", y.Count(), x.Count(), sizes(y.Shape()), sizes(x.Shape()))
	}
	return g, nil
}

// capped cuts the modes of a tensor with this many entries to one size m,
// the largest that leaves no more than limit entries, or to coreModes.
func capped(shape []int, entries float64, limit int) []int {
	small := slices.Clone(shape)
	cut := func(m int) (left float64) {
		left = entries
		for n, size := range shape {
			small[n] = min(size, m)
			left *= float64(small[n]) / float64(size)
		}
		return left
	}
	most := slices.Max(shape)
	// The first of falling sizes that is small enough.
	steps := sort.Search(max(0, most-coreModes), func(k int) bool { return cut(most-k) <= float64(limit) })
	cut(most - steps)
	return small
}

// sampleSlices draws the indices to keep on each mode, ascending.
func sampleSlices(shape []int, entries float64, limit int, seed uint64) [][]int {
	rng := rand.New(rand.NewPCG(seed, streamSlices))
	keep := make([][]int, len(shape))
	for n, size := range capped(shape, entries, limit) {
		keep[n] = rng.Perm(shape[n])[:size]
		slices.Sort(keep[n])
	}
	return keep
}

// fullest lists the indices of a mode with the most known entries, ascending;
// between equals chance decides.
func fullest(x *tensor.Observed, mode, size int, rng *rand.Rand) []int {
	counts := make([]int, x.Shape()[mode])
	for _, i := range x.Indices(mode) {
		counts[i]++
	}
	order := rng.Perm(len(counts))
	slices.SortStableFunc(order, func(i, j int) int { return counts[j] - counts[i] })
	slices.Sort(order[:size])
	return order[:size]
}

// gather copies the listed indices of each mode.
func gather[T tensor.Float](x *tensor.Dense[T], keep [][]int) *tensor.Dense[float64] {
	shape := slices.Clone(x.Shape())
	for n, list := range keep {
		shape[n] = len(list)
	}
	y := tensor.New[float64](shape...)
	raw, strides := x.Raw(), x.Strides()
	for e := range y.Data() {
		left, at := e, 0
		for n := len(shape) - 1; n >= 0; n-- {
			at += keep[n][left%shape[n]] * strides[n]
			left /= shape[n]
		}
		y.Data()[e] = float64(raw[at])
	}
	return y
}

// factors are the factors of a model of the ground, in the data's own
// coordinates if it was compressed.
func (g *ground) factors(m *cp.Tensor) []*tensor.Matrix[float64] {
	if g.bases == nil {
		return m.Factors
	}
	f := make([]*tensor.Matrix[float64], len(m.Factors))
	for n := range f {
		f[n] = tensor.Mul(g.bases[n], m.Factors[n])
	}
	return f
}

func square(v float64) float64 { return v * v }

// sizes writes a shape as 5×201×61.
func sizes(shape []int) string {
	s := make([]string, len(shape))
	for n, size := range shape {
		s[n] = fmt.Sprint(size)
	}
	return strings.Join(s, "×")
}
