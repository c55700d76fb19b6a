package cp

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/internal/partial"
	"github.com/polyad/polyad/tensor"
)

// model is a CP tensor while it is fitted: unit columns (or zero ones),
// weights of any sign, and the Gram matrix of each factor.
type model struct {
	weights []float64
	factors []*tensor.Matrix[float64]
	grams   []*tensor.Matrix[float64]
}

// normalize moves the norms of the columns into the weights.
func (m *model) normalize() {
	t := Tensor{Weights: m.weights, Factors: m.factors}
	t.Normalize()
	m.setGrams()
}

// unitColumns scales the columns and leaves the weights alone.
func (m *model) unitColumns() {
	for _, f := range m.factors {
		normalizeColumns(f)
	}
	m.setGrams()
}

func (m *model) setGrams() {
	m.grams = make([]*tensor.Matrix[float64], len(m.factors))
	for n, f := range m.factors {
		m.grams[n] = tensor.Gram(f)
	}
}

// gram is the Hadamard product of the Grams of all modes but those to skip.
func (m *model) gram(skip ...int) *tensor.Matrix[float64] {
	rank := len(m.weights)
	g := tensor.NewMatrix[float64](rank, rank)
	for i := range g.Data {
		g.Data[i] = 1
	}
	for n, h := range m.grams {
		if slices.Contains(skip, n) {
			continue
		}
		for i, v := range h.Data {
			g.Data[i] *= v
		}
	}
	return g
}

// finished is the model in the form that methods return.
func (m *model) finished(axes []tensor.Axis) *Tensor {
	t := &Tensor{Weights: slices.Clone(m.weights), Factors: cloneAll(m.factors), Modes: tensor.CloneAxes(axes)}
	t.Normalize()
	t.Arrange()
	t.FixSigns()
	return t
}

// rule finds the rows w of a factor from normal equations, w*gram ≈ rhs, and
// the present rows cur. ALS and HALS differ in nothing else.
type rule struct {
	// all finds rows that share their gram. cur makes a copy of the present
	// rows, which the result may be.
	all func(gram, rhs *tensor.Matrix[float64], cur func() *tensor.Matrix[float64]) (*tensor.Matrix[float64], error)
	// row finds one row, in the place of cur. It may overwrite gram and rhs.
	row func(gram *tensor.Matrix[float64], rhs, cur []float64) error
}

// sweeper updates one factor after another.
type sweeper struct {
	*model
	x      Data
	inc    Incomplete // x, if entries are missing; else nil
	norm   float64    // of x
	small  float64    // relative error below which it is computed from the residual itself
	ridge  float64
	update rule // to be set
	clock  *fit.Clock
	rhs    []*tensor.Matrix[float64]
	mttkrp func(dst *tensor.Matrix[float64], factors []*tensor.Matrix[float64], mode int)
}

func newSweeper(x Data, norm float64, m *model, ridge float64, clock *fit.Clock) *sweeper {
	s := &sweeper{model: m, x: x, norm: norm, small: exactBelow(x), ridge: ridge, clock: clock}
	s.inc, _ = x.(Incomplete)
	s.mttkrp = x.MTTKRP
	if s.inc == nil {
		if c, ok := x.(Contractor); ok {
			s.mttkrp = c.SweepMTTKRP(len(m.weights))
		}
		for _, f := range m.factors {
			s.rhs = append(s.rhs, tensor.NewMatrix[float64](f.Rows, f.Cols))
		}
	}
	return s
}

// useMemory gives the sweeps memory that is not needed otherwise.
func (s *sweeper) useMemory(buf []float64) {
	c, ok := s.x.(interface {
		SweepMTTKRPIn(buf []float64, rank int) func(dst *tensor.Matrix[float64], factors []*tensor.Matrix[float64], mode int)
	})
	if ok && buf != nil {
		s.mttkrp = c.SweepMTTKRPIn(buf, len(s.weights))
	}
}

// timeAll counts the time until the returned function is called as one phase.
func (s *sweeper) timeAll(phase string) (stop func()) {
	clock := s.clock
	s.clock = nil
	end := clock.Time(phase)
	return func() {
		end()
		s.clock = clock
	}
}

// exactBelow is the relative error below which the formula
// ||X||^2 - 2<X,M> + ||M||^2 has lost the digits that a trace should have: a
// relative rounding error eps of its terms makes an error of about eps/(2e)
// in a relative error e. (Those of single precision are mostly independent
// of each other and average out.)
func exactBelow(x Data) float64 {
	if p, ok := x.(precise); ok && p.Epsilon() > 1e-10 {
		return 0.03
	}
	return 1e-3
}

// sweep updates every factor once and returns the relative error.
func (s *sweeper) sweep() (float64, error) {
	inner := 0.0
	for n := range s.factors {
		var err error
		if s.inc != nil {
			inner, err = s.updateRows(n)
		} else {
			inner, err = s.updateFactor(n)
		}
		if err != nil {
			return 0, fmt.Errorf("mode %d: %w", n, err)
		}
	}
	defer s.clock.Time("fit")()
	e := math.Sqrt(max(0, s.norm*s.norm-inner)) / s.norm
	if s.inc == nil {
		e = s.formula(inner)
	}
	if e > s.small {
		return e, nil
	}
	return s.exact(), nil
}

// formula is the relative error from the inner product of data and model.
func (s *sweeper) formula(inner float64) float64 {
	g := s.gram()
	square := 0.0
	for r, w := range s.weights {
		for q, v := range s.weights {
			square += w * v * g.At(r, q)
		}
	}
	return math.Sqrt(max(0, s.norm*s.norm-2*inner+square)) / s.norm
}

// exact is the relative error from the residual itself.
func (s *sweeper) exact() float64 {
	return s.x.ResidualNorm(s.weights, s.factors) / s.norm
}

// updateFactor updates the factor of a mode of complete data, and returns the
// inner product of the data with the model after the update.
func (s *sweeper) updateFactor(n int) (float64, error) {
	stop := s.clock.Time("mttkrp")
	rhs := s.rhs[n]
	s.mttkrp(rhs, s.factors, n)
	stop()

	defer s.clock.Time("solve")()
	g := s.gram(n)
	addDiagonal(g, s.penalties())
	w, err := s.update.all(g, rhs, func() *tensor.Matrix[float64] { return s.weighted(n) })
	if err != nil {
		return 0, err
	}
	inner := kernel.Dot(w.Data, rhs.Data)
	s.replace(n, w)
	return inner, nil
}

// updateRows updates the factor of a mode of incomplete data, and returns by
// how much the model after the update lowers the sum of squares,
// 2<X,M> - ||M||^2 over the known entries.
func (s *sweeper) updateRows(n int) (float64, error) {
	defer s.clock.Time("rows")()
	w := s.weighted(n)
	var (
		mu    sync.Mutex
		first error
	)
	ridge := s.penalties()
	gains := make([]float64, w.Rows)
	s.inc.RowSystems(s.factors, n, func(i, _ int, gram *tensor.Matrix[float64], rhs []float64) {
		if n == len(s.factors)-1 { // of the sweep: its error is wanted
			g, b := gram.Clone(), slices.Clone(rhs)
			defer func() { gains[i] = gain(g, b, w.Row(i)) }()
		}
		addDiagonal(gram, ridge)
		if err := s.update.row(gram, rhs, w.Row(i)); err != nil {
			mu.Lock()
			defer mu.Unlock()
			if first == nil {
				first = fmt.Errorf("row %d: %w", i, err)
			}
		}
	})
	if first != nil {
		return 0, first
	}
	s.replace(n, w)
	return kernel.Sum(gains), nil
}

// gain is 2*a^T*rhs - a^T*gram*a.
func gain(gram *tensor.Matrix[float64], rhs, a []float64) float64 {
	s := 2 * kernel.Dot(a, rhs)
	for r, v := range a {
		s -= v * kernel.Dot(gram.Row(r), a)
	}
	return s
}

// weighted is the factor of a mode with its columns times the weights.
func (s *sweeper) weighted(n int) *tensor.Matrix[float64] {
	f := s.factors[n]
	w := tensor.NewMatrix[float64](f.Rows, f.Cols)
	par.Blocks(f.Rows, rowBlock, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			row, from := w.Row(i), f.Row(i)
			for r, v := range s.weights {
				row[r] = from[r] * v
			}
		}
	})
	return w
}

// penalties are what the ridge adds to the diagonal of the normal equations,
// or nil. With the weight w_r of a component spread evenly over N factors,
// the norms of the other columns multiply to w_r^((N-1)/N), which the unit
// columns of this package leave out.
func (s *sweeper) penalties() []float64 {
	if s.ridge == 0 {
		return nil
	}
	n := float64(len(s.factors))
	d := make([]float64, len(s.weights))
	for r, w := range s.weights {
		rel := max(math.Abs(w)/s.norm, 1e-8)
		d[r] = s.ridge * math.Pow(rel, 2/n-2)
	}
	return d
}

func addDiagonal(g *tensor.Matrix[float64], d []float64) {
	for r, v := range d {
		g.Data[r*g.Stride+r] += v
	}
}

// replace makes w, whose columns carry the weights, the factor of a mode. A
// column of zeros leaves the old direction with weight 0, so that the
// component can come back.
func (s *sweeper) replace(n int, w *tensor.Matrix[float64]) {
	f := s.factors[n]
	copy(s.weights, normalizeColumns(w))
	for r, weight := range s.weights {
		if weight == 0 {
			for i := range f.Rows {
				w.Set(i, r, f.At(i, r))
			}
		}
	}
	s.factors[n] = w
	s.grams[n] = tensor.Gram(w)
}

// emptyPrior is what becomes of slices of which nothing is known.
const emptyPrior = "the model is zero there, or what the initial model had"

// emptyNote names the slices of which nothing is known.
func emptyNote(x Data) []string { return emptyNotes(x, func(int) string { return emptyPrior }) }

// emptyNotes name the slices of which nothing is known, and say what becomes
// of those of a mode.
func emptyNotes(x Data, fate func(mode int) string) []string {
	if inc, ok := x.(Incomplete); ok {
		return partial.EmptyNotes(inc, fate)
	}
	return nil
}
