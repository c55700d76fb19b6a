package cp

import (
	"errors"
	"fmt"
	"math"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// Init names the way in which a first start is made.
type Init string

// The starts there are.
const (
	// Random draws the factors: standard normal for ALS and GaussNewton,
	// uniform on [0, 1) for HALS.
	Random Init = "random"
	// NVecs takes the R leading left singular vectors of each unfolding
	// (from its Gram matrix, or from a random sketch where a mode is long),
	// with random columns where R exceeds the size of the mode; for HALS,
	// their absolute values. It needs complete data.
	NVecs Init = "nvecs"
	// Greedy fits one component after another to what those before it leave.
	// It is for incomplete data: where few entries are known, sweeps from
	// random factors may not find the components at all.
	Greedy Init = "greedy"
)

// Compression says whether ALS may compress the data before its sweeps.
type Compression string

// What Compression can be.
const (
	// Auto compresses where it is expected to pay; see [ALS].
	Auto Compression = "auto"
	// Never makes every sweep on the data themselves.
	Never Compression = "never"
)

// Options of the CP methods. Rank is needed (unless Initial gives it); the
// zero value of everything else works.
type Options struct {
	fit.Options

	// Rank is the number of components: from 1 to [MaxRank] of the shape.
	// Default: the rank of Initial.
	Rank int
	// Init makes the first start. Default Random. Further starts (see
	// Starts) are random, or greedy too; start s draws from a generator
	// seeded by Seed and s alone.
	Init Init
	// Initial, if not nil, is the first start instead. With Greedy it may have
	// fewer components than Rank; the others are added. It is not changed.
	Initial *Tensor
	// Ridge penalises large factors: the squared error is minimised plus
	// Ridge*||X||^(2-2/N) times the sum of ||A_n||^2, with the weights
	// spread evenly over the N factors; the scale of the data then does not
	// matter. 1e-6 to 1e-3 is usual where components diverge. Default 0.
	Ridge float64
	// Polish is the largest number of damped Gauss-Newton steps that ALS
	// makes on complete data once sweeps become slow. Default: as many as
	// MaxIters leaves if R*(I_0+…+I_{N-1}) is at most 300, which makes a step
	// cheap, else none. Negative: none.
	Polish int
	// Compress lets ALS make most of its sweeps on a small core of the data.
	// Default Auto.
	Compress Compression
}

const (
	polishUnknowns = 300  // up to which ALS polishes unasked
	polishAfter    = 10   // sweeps, at least
	polishBelow    = 1e-3 // of the error that a sweep gains
)

// polish is the largest number of Gauss-Newton steps.
func (o Options) polish(shape []int) int {
	unknowns := 0
	for _, s := range shape {
		unknowns += s * o.Rank
	}
	switch {
	case o.Polish < 0, o.Polish == 0 && unknowns > polishUnknowns:
		return 0
	case o.Polish == 0:
		return o.MaxIters
	}
	return o.Polish
}

// MaxRank is the largest rank that a CP model of a tensor of this shape may
// be given: the product of all sizes but the largest, since any tensor has
// an exact model of that rank (one component for each fibre of the longest
// mode).
func MaxRank(shape []int) int {
	longest := 1
	for _, s := range shape {
		longest = max(longest, s)
	}
	r := 1
	for _, s := range shape {
		if s > 0 && r > math.MaxInt/s {
			return math.MaxInt32
		}
		r *= s
	}
	return min(r/longest, math.MaxInt32)
}

// prepare checks the options against the data, naming every fault at once,
// and fills in the defaults. It returns the norm of the data as well.
func (o Options) prepare(method string, x Data) (Options, float64, error) {
	shape := x.Shape()
	var errs []error
	if err := o.Validate(); err != nil {
		errs = append(errs, err)
	}
	empty := len(shape) == 0
	for n, s := range shape {
		if s == 0 {
			empty = true
			errs = append(errs, fmt.Errorf("mode %d has size 0; there is nothing to fit", n))
		}
	}
	if len(shape) == 0 {
		errs = append(errs, errors.New("the tensor is a single number; at least one mode is needed"))
	}
	if o.Initial != nil {
		if o.Rank == 0 {
			o.Rank = o.Initial.Rank()
		}
		have := o.Rank
		if o.Init == Greedy {
			have = min(have, o.Initial.Rank())
		}
		if err := o.Initial.check(shape, have); err != nil {
			errs = append(errs, fmt.Errorf("initial model: %w", err))
		}
	}
	if limit := MaxRank(shape); o.Rank < 1 {
		errs = append(errs, fmt.Errorf("rank %d: a positive number is expected", o.Rank))
	} else if !empty && o.Rank > limit {
		errs = append(errs, fmt.Errorf("rank %d is more than %d, which is enough for any tensor of shape %v (the product of all sizes but the largest)", o.Rank, limit, shape))
	}
	switch o.Init {
	case "":
		o.Init = Random
	case Random:
	case NVecs:
		if _, ok := x.(moded); !ok {
			errs = append(errs, errors.New("init nvecs needs complete data; use random"))
		}
	case Greedy:
		if _, ok := x.(*tensor.Observed); !ok {
			errs = append(errs, errors.New("init greedy is for data with unknown entries; use random or nvecs"))
		}
	default:
		errs = append(errs, fmt.Errorf("init %q: random, nvecs or greedy is expected", o.Init))
	}
	switch o.Compress {
	case "":
		o.Compress = Auto
	case Auto, Never:
	default:
		errs = append(errs, fmt.Errorf("compress %q: auto or never is expected", o.Compress))
	}
	if !(o.Ridge >= 0) || math.IsInf(o.Ridge, 1) {
		errs = append(errs, fmt.Errorf("ridge %v: a number, zero or positive, is expected", o.Ridge))
	}
	switch x.(type) {
	case *tensor.Dense[complex64], *tensor.Dense[complex128]:
		errs = append(errs, errors.New("the tensor holds complex numbers; real ones are needed"))
	}
	norm := 0.0
	if len(errs) == 0 {
		norm = x.Norm()
		switch fault := tensor.Err(x); {
		case fault != nil:
			errs = append(errs, fault)
		case math.IsNaN(norm) || math.IsInf(norm, 0):
			errs = append(errs, errors.New("the tensor holds NaN or infinite values; leave them out with tensor.FromDense, which takes NaN as unknown"))
		case norm == 0 && nothingKnown(x):
			errs = append(errs, errors.New("all entries are missing; there is nothing to fit"))
		case norm == 0:
			errs = append(errs, errors.New("all known entries are zero; there is nothing to fit"))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return o, norm, fmt.Errorf("%s: %w", method, err)
	}
	o.Options = o.Options.WithDefaults()
	return o, norm, nil
}

// nothingKnown reports whether no entry at all is known.
func nothingKnown(x Data) bool {
	inc, ok := x.(Incomplete)
	return ok && len(inc.Empty(0)) == x.Shape()[0]
}

// check reports a model that is not one of this shape and rank, or not
// finite.
func (t *Tensor) check(shape []int, rank int) error {
	if len(t.Factors) != len(shape) {
		return fmt.Errorf("%d factors for %d modes", len(t.Factors), len(shape))
	}
	if len(t.Weights) != rank {
		return fmt.Errorf("%d weights for rank %d", len(t.Weights), rank)
	}
	for r, w := range t.Weights {
		if math.IsNaN(w) || math.IsInf(w, 0) {
			return fmt.Errorf("weight %d is %v", r, w)
		}
	}
	for n, f := range t.Factors {
		if f.Rows != shape[n] || f.Cols != rank {
			return fmt.Errorf("factor %d is %d×%d, %d×%d is expected", n, f.Rows, f.Cols, shape[n], rank)
		}
		for i := range f.Rows {
			for r, v := range f.Row(i) {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					return fmt.Errorf("factor %d holds %v at (%d, %d)", n, v, i, r)
				}
			}
		}
	}
	return nil
}

var (
	_ Contractor = (*tensor.Dense[float64])(nil)
	_ Contractor = (*tensor.Dense[float32])(nil)
	_ Incomplete = (*tensor.Observed)(nil)

	_ Elementwise = (*tensor.Dense[float64])(nil)
	_ Elementwise = (*tensor.Dense[float32])(nil)
	_ Elementwise = (*tensor.Observed)(nil)
)
