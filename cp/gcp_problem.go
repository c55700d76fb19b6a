package cp

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/tensor"
)

// lossProblem is a sum of losses over the known cells of data.
type lossProblem struct {
	method string
	x      Elementwise
	opt    GCPOptions
	loss   loss.Loss
	stored *tensor.Observed // cells that are not zero; nil unless few are
	cells  float64          // known cells
	nonneg bool

	saturated float64        // the least sum of losses that any model has
	null      float64        // deviance of a model without structure
	size      float64        // that a start is scaled to: the sum of its cells, or of their squares
	estimate  func() float64 // of the sum of losses, if taking it would be too long
	notes     []string
	clock     *fit.Clock
}

func newLossProblem(method string, x Elementwise, opt GCPOptions, clock *fit.Clock) (*lossProblem, error) {
	o, norm, err := Options{Options: opt.Options, Rank: opt.Rank, Initial: opt.Initial, Ridge: opt.Ridge}.prepare(method, x)
	if err != nil {
		return nil, err
	}
	opt.Options, opt.Rank = o.Options, o.Rank
	p := &lossProblem{method: method, x: x, opt: opt, loss: opt.Loss, clock: clock}
	p.nonneg = opt.Nonneg || p.loss.Lower() == 0
	switch d := x.(type) {
	case Sparse:
		p.stored, err = d.Observed()
	case listed:
		// The closed form for a square would cancel where the fit is good.
		if power, _ := p.loss.AtZero(); power == 1 && mostlyZero(x) {
			p.stored, err = d.NonZeros()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	if at, v, found := x.FindCell(func(v float64) bool { return !p.loss.Allows(v) }); found {
		return nil, fmt.Errorf("%s: %s holds %w", method, cellName(x.Axes(), at), p.loss.Check(v))
	}
	if opt.Initial != nil && p.nonneg {
		if err := opt.Initial.nonnegative(); err != nil {
			return nil, fmt.Errorf("%s: initial model: %w", method, err)
		}
	}
	if note := p.categories(); note != "" {
		p.notes = append(p.notes, note)
	}
	p.measure(norm)
	if fault := tensor.Err(x); fault != nil {
		return nil, fmt.Errorf("%s: %w", method, fault)
	}
	if !(p.null > 0) || math.IsInf(p.null, 1) {
		return nil, fmt.Errorf("%s: a constant already explains the data under the loss %s (deviance %v); there is nothing to fit", method, p.loss, p.null)
	}
	return p, nil
}

// mostlyZero reports whether at most an eighth of the cells are not zero.
func mostlyZero(x Elementwise) bool {
	most := 1.0
	for _, s := range x.Shape() {
		most *= float64(s)
	}
	most /= 8
	_, _, more := x.FindCell(func(v float64) bool {
		if v != 0 {
			most--
		}
		return most < 0
	})
	return !more
}

// cellName names a cell by its indices, with the names and labels that the
// axes have.
func cellName(axes []tensor.Axis, at []int) string {
	parts := make([]string, len(at))
	for n, i := range at {
		parts[n] = axes[n].Label(i)
		if axes[n].Name != "" {
			parts[n] = axes[n].Name + "=" + parts[n]
		}
	}
	return "cell (" + strings.Join(parts, ", ") + ")"
}

// nonnegative is an error if a weight or an entry of a factor is negative.
func (t *Tensor) nonnegative() error {
	for r, w := range t.Weights {
		if w < 0 {
			return fmt.Errorf("weight %d is %v; a non-negative start is needed", r, w)
		}
	}
	for n, f := range t.Factors {
		for i := range f.Rows {
			for r, v := range f.Row(i) {
				if v < 0 {
					return fmt.Errorf("factor %d holds %v at (%d, %d); a non-negative start is needed", n, v, i, r)
				}
			}
		}
	}
	return nil
}

// fewValues is the number of different whole numbers that may be categories.
const fewValues = 10

// categories is a note if data under gaussian look like categories.
func (p *lossProblem) categories() string {
	if p.loss.String() != loss.Gaussian.String() {
		return ""
	}
	seen := map[float64]bool{}
	if _, _, amounts := p.x.FindCell(func(v float64) bool {
		seen[v] = true
		return v != math.Floor(v) || len(seen) > fewValues
	}); amounts {
		return ""
	}
	return fmt.Sprintf("the data are %d different whole numbers; if they are categories or counts, a loss such as bernoulli or poisson suits them better than gaussian, which was used", len(seen))
}

// measure finds what the relative error and the starts are scaled by.
func (p *lossProblem) measure(norm float64) {
	p.cells = p.sum(func(float64) float64 { return 1 })
	p.saturated = p.sum(p.loss.Saturated)
	mean := p.sum(func(v float64) float64 { return v }) / p.cells
	constant := p.loss.Best(mean)
	base := constant
	if p.loss.DevianceScale() == 1 && p.loss.Allows(0) && p.loss.Allows(-1) { // gaussian and its like
		base = 0
	}
	p.null = p.loss.DevianceScale() * (p.sum(func(v float64) float64 { return p.loss.Value(v, base) }) - p.saturated)
	switch {
	case p.nonneg && constant > 0:
		p.size = constant * p.cells
	case p.nonneg:
		p.size = norm / math.Sqrt(p.cells) * p.cells
	case base == 0:
		p.size = norm * norm
	default:
		p.size = p.cells // a logarithm: about 1 in each cell
	}
}

// sum is a sum over the known cells.
func (p *lossProblem) sum(f func(v float64) float64) float64 {
	if p.stored != nil {
		total := 0.0
		for _, v := range p.stored.Values() {
			total += f(v)
		}
		return total + (tensor.Cells(p.x.Shape())-float64(p.stored.Count()))*f(0)
	}
	nothing := make([]*tensor.Matrix[float64], len(p.x.Shape()))
	for n, s := range p.x.Shape() {
		nothing[n] = tensor.NewMatrix[float64](s, 1)
	}
	return p.x.LossGradient(nothing, nil, func(x, _, _ []float64) (total float64) {
		for _, v := range x {
			total += f(v)
		}
		return total
	})
}

// value is the sum of losses of a model plus the penalty, with the gradient
// unless grads is nil.
func (p *lossProblem) value(factors, grads []*tensor.Matrix[float64]) float64 {
	f := p.losses(factors, grads)
	if p.opt.Ridge == 0 {
		return f
	}
	for n, g := range grads {
		for i := range g.Rows {
			kernel.Axpy(2*p.opt.Ridge, factors[n].Row(i), g.Row(i))
		}
	}
	return f + p.penalty(factors)
}

func (p *lossProblem) penalty(factors []*tensor.Matrix[float64]) float64 {
	if p.opt.Ridge == 0 {
		return 0
	}
	s := 0.0
	for _, f := range factors {
		s += kernel.Dot(f.Data, f.Data)
	}
	return p.opt.Ridge * s
}

func (p *lossProblem) losses(factors, grads []*tensor.Matrix[float64]) float64 {
	power, factor := p.loss.AtZero()
	if p.stored == nil || power == 0 {
		return p.x.LossGradient(factors, grads, p.loss.Block)
	}
	// The sum over all cells of what the loss is for a zero, and over the
	// cells that are not zero of the difference from that.
	f := p.stored.LossGradient(factors, grads, func(x, m, d []float64) (sum float64) {
		const piece = 256
		var z [piece]float64
		for lo := 0; lo < len(m); lo += piece {
			hi := min(lo+piece, len(m))
			slope := z[:hi-lo] // derivative of the loss for a zero
			for i, v := range m[lo:hi] {
				if slope[i] = factor; power == 2 {
					slope[i] = 2 * factor * v
					v *= v
				}
				sum -= factor * v
			}
			sum += p.loss.Block(x[lo:hi], m[lo:hi], d[lo:hi])
			for i, s := range slope {
				d[lo+i] -= s
			}
		}
		return sum
	})
	if power == 1 {
		return f + factor*sumOfModel(factors, grads, factor)
	}
	return f + factor*squareOfModel(factors, grads, 2*factor)
}

// sumOfModel is the sum of all cells of a model, sum_r prod_n (1^T*A_n)[r];
// scale times its gradient is added to grads.
func sumOfModel(factors, grads []*tensor.Matrix[float64], scale float64) float64 {
	rank := factors[0].Cols
	sums := make([][]float64, len(factors))
	for n, f := range factors {
		sums[n] = make([]float64, rank)
		for i := range f.Rows {
			kernel.Axpy(1, f.Row(i), sums[n])
		}
	}
	others := make([]float64, rank)
	for n, g := range grads {
		if g == nil {
			continue
		}
		for r := range others {
			others[r] = scale
			for k, s := range sums {
				if k != n {
					others[r] *= s[r]
				}
			}
		}
		for i := range g.Rows {
			kernel.Axpy(1, others, g.Row(i))
		}
	}
	total := 0.0
	for r := range rank {
		v := 1.0
		for _, s := range sums {
			v *= s[r]
		}
		total += v
	}
	return total
}

// squareOfModel is the squared norm of a model; half of scale times its
// gradient is added to grads.
func squareOfModel(factors, grads []*tensor.Matrix[float64], scale float64) float64 {
	m := &model{weights: ones(factors[0].Cols), factors: factors}
	m.setGrams()
	for n, g := range grads {
		if g == nil {
			continue
		}
		kernel.Gemm(scale, factors[n].View(), m.gram(n).View(), 1, g.View())
	}
	return kernel.Sum(m.gram().Data)
}

// deviance of a model: scale*(F - its least value).
func (p *lossProblem) deviance(t *Tensor) float64 {
	if p.estimate != nil {
		return p.loss.DevianceScale() * (p.estimate() - p.saturated)
	}
	return p.loss.DevianceScale() * (p.losses(spreadWeights(t), nil) - p.saturated)
}

// relative is the relative error of a model with this sum of losses.
func (p *lossProblem) relative(f float64) float64 {
	return math.Sqrt(max(0, p.loss.DevianceScale()*(f-p.saturated)) / p.null)
}

// spreadWeights is the factors of a model with the weights taken in, evenly;
// the sign of a negative weight goes to the first.
func spreadWeights(t *Tensor) []*tensor.Matrix[float64] {
	factors := cloneAll(t.Factors)
	for r, w := range t.Weights {
		c := math.Pow(math.Abs(w), 1/float64(len(factors)))
		for n, f := range factors {
			d := c
			if n == 0 && w < 0 {
				d = -c
			}
			for i := range f.Rows {
				f.Data[i*f.Stride+r] *= d
			}
		}
	}
	return factors
}

// start is the factors that a start begins from.
func (p *lossProblem) start(s int) ([]*tensor.Matrix[float64], error) {
	if s == 0 && p.opt.Initial != nil {
		return spreadWeights(p.opt.Initial), nil
	}
	rng := generator(p.opt.Seed, s)
	factors := make([]*tensor.Matrix[float64], len(p.x.Shape()))
	inc, _ := p.x.(Incomplete)
	for n, rows := range p.x.Shape() {
		f := randomFactor(rng, rows, p.opt.Rank, p.nonneg)
		if inc != nil {
			for _, i := range inc.Empty(n) {
				clear(f.Row(i))
			}
		}
		factors[n] = f
	}
	size, power := p.sizeOf(factors), 2.0
	if p.nonneg {
		power = 1
	}
	if !(size > 0) {
		return nil, errors.New("the random start is zero at all known cells")
	}
	c := math.Pow(p.size/size, 1/(power*float64(len(factors))))
	for _, f := range factors {
		kernel.Scal(c, f.Data)
	}
	return factors, nil
}

// sizeOf is the sum of the model over the known cells, or of its squares.
func (p *lossProblem) sizeOf(factors []*tensor.Matrix[float64]) float64 {
	switch {
	case p.stored != nil && p.nonneg:
		return sumOfModel(factors, nil, 1)
	case p.stored != nil:
		return squareOfModel(factors, nil, 1)
	}
	return p.x.LossGradient(factors, nil, func(_, m, _ []float64) float64 {
		if p.nonneg {
			return kernel.Sum(m)
		}
		return kernel.Dot(m, m)
	})
}
