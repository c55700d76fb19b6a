package tt

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// Options of SVD and Round. Ranks or Eps is needed.
type Options struct {
	// Options: the methods are direct and read Progress alone, which SVD
	// calls after every core.
	fit.Options

	// Ranks are the inner ranks r_1, …, r_{d-1}, each at least 1. A rank that
	// no train can use (more than the size of the unfolding on either side)
	// is lowered, with a note in the result.
	Ranks []int
	// Eps asks for a relative error ||X-T||/||X|| of at most Eps, in (0, 1):
	// the ranks are chosen accordingly. With Ranks as well, they limit what
	// Eps chooses, even if its error is then not met.
	Eps float64
	// Room is the memory that the method may take beside the data, in bytes;
	// a step that would need more is an error of type *[fit.RoomError].
	// Default: no limit.
	Room int64
}

// prepare checks the options against a shape, naming every fault at once, and
// lowers ranks that are of no use.
func (o Options) prepare(method string, shape []int) (Options, []string, error) {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if err := o.Validate(); err != nil {
		errs = append(errs, err)
	}
	if len(shape) == 0 {
		fail("the tensor is a single number; at least one mode is needed")
	}
	for n, s := range shape {
		if s == 0 {
			fail("mode %d has size 0; there is nothing to fit", n)
		}
	}
	if o.Eps != 0 && !(o.Eps > 0 && o.Eps < 1) {
		fail("eps %v: a relative error between 0 and 1 is expected", o.Eps)
	}
	switch {
	case o.Ranks == nil && o.Eps == 0 && len(shape) != 1:
		fail("no ranks and no eps: give one rank between each two modes, or the relative error to keep")
	case o.Ranks != nil && len(shape) > 0 && len(o.Ranks) != len(shape)-1:
		fail("%d ranks for %d modes: %d are expected, one between each two modes", len(o.Ranks), len(shape), len(shape)-1)
	}
	for k, r := range o.Ranks {
		if r < 1 {
			fail("rank %d between modes %d and %d: a positive number is expected", r, k, k+1)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return o, nil, fmt.Errorf("%s: %w", method, err)
	}
	o.Options = o.Options.WithDefaults()
	var notes []string
	if o.Ranks != nil {
		asked := o.Ranks
		o.Ranks = usable(asked, shape)
		for k, r := range asked {
			if o.Ranks[k] < r {
				notes = append(notes, fmt.Sprintf("rank %d between modes %d and %d is more than a train can use; %d was taken", r, k, k+1, o.Ranks[k]))
			}
		}
	}
	return o, notes, nil
}

// usable lowers each rank to what its neighbours and modes can fill.
func usable(ranks, shape []int) []int {
	r := slices.Clone(ranks)
	left := 1
	for k := range r {
		r[k] = min(r[k], left*shape[k])
		left = r[k]
	}
	right := 1
	for k := len(r) - 1; k >= 0; k-- {
		r[k] = min(r[k], right*shape[k+1])
		right = r[k]
	}
	return r
}

// checkNorm reports data that are not finite.
func checkNorm(x tensor.Tensor) (float64, error) {
	norm := x.Norm()
	if err := tensor.Err(x); err != nil {
		return norm, err
	}
	if !math.IsNaN(norm) && !math.IsInf(norm, 0) {
		return norm, nil
	}
	count := ""
	if c, ok := x.(interface{ CountNonFinite() (nan, inf int) }); ok {
		nan, inf := c.CountNonFinite()
		count = fmt.Sprintf(" (%d NaN, %d infinite)", nan, inf)
	}
	return norm, fmt.Errorf("the tensor holds NaN or infinite values%s; replace them, or leave them out and use CP", count)
}

// limit is the rank that the options allow after core k; 0 is no limit.
func (o Options) limit(k int) int {
	if o.Ranks == nil {
		return 0
	}
	return o.Ranks[k]
}

// note says that and why an error exceeds Eps, or is empty.
func (o Options) note(e float64) string {
	if o.Eps == 0 || e <= o.Eps {
		return ""
	}
	why := "eps is at the level of rounding errors"
	if o.Ranks != nil {
		why = "the ranks were limited"
	}
	return fmt.Sprintf("the relative error %.3g exceeds eps %.3g: %s", e, o.Eps, why)
}

// budget shares the error that Eps allows among the cuts: the squares of the
// errors add up, each cut may use an equal share of what is left, and what it
// leaves goes to the others.
type budget struct {
	norm float64
	left float64 // squared, relative to norm
	cuts int     // to come
	used float64 // relative to norm, not squared
}

func newBudget(eps, norm float64, cuts int) budget {
	return budget{norm: norm, left: eps * eps, cuts: cuts}
}

// tol is what the next cut may lose.
func (b *budget) tol() float64 { return b.norm * math.Sqrt(b.left/float64(max(1, b.cuts))) }

// cut records what it did lose.
func (b *budget) cut(tail float64) {
	b.cuts--
	if b.norm > 0 {
		share := tail / b.norm
		b.left = max(0, b.left-share*share)
		b.used = math.Hypot(b.used, share)
	}
}
