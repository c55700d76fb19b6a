package tucker

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// Options of the Tucker methods. Ranks or Eps (or Initial, for HOOI) is
// needed; the zero value of everything else works.
type Options struct {
	// Options control HOOI's iteration. STHOSVD, which is direct, reads
	// Progress alone: it calls it after every mode.
	fit.Options

	// Ranks are the sizes of the core, one for each mode, at least 1. A rank
	// that no core can use (more than the size of the mode, or than the
	// product of the other ranks) is lowered, with a note in the result.
	Ranks []int
	// Eps asks for a relative error ||X-M||/||X|| of at most Eps, in (0, 1):
	// the ranks are chosen accordingly. With Ranks as well, they limit what
	// Eps chooses, even if its error is then not met.
	Eps float64
	// Room is the memory that the method may take beside the data, in bytes;
	// a step that would need more is an error of type *[fit.RoomError].
	// Default: no limit; 4 GiB beside sparse data, whose products are dense.
	Room int64
	// Initial is HOOI's start in place of ST-HOSVD: its factors are used,
	// made orthonormal; its core is not. It has the ranks already, so Ranks
	// and Eps are not needed. It is not changed.
	Initial *Tensor

	// Randomized reduces the data to random ranges first (drawn from Seed),
	// which costs a few looks at the data however large the modes are. It
	// needs Ranks, which with Eps are limits. The error is somewhat larger
	// than without, and the one in the result is exact as always.
	Randomized bool
	// Oversample is the number of dimensions of the random ranges beyond the
	// ranks. Default 10.
	Oversample int
	// Power is the number of power iterations: each takes one more look at
	// the data for each mode, and brings the error closer to the least.
	// Default 1; negative: none. HOOI, which improves the ranges by itself,
	// makes none by default.
	Power int

	listed bool // the data are sparse
}

func (o Options) oversample() int {
	if o.Oversample == 0 {
		return 10
	}
	return o.Oversample
}

func (o Options) power() int {
	if o.Power == 0 {
		return 1
	}
	return max(o.Power, 0)
}

// prepare checks the options against the data, naming every fault at once,
// and fills in the defaults. It returns the norm of the data too.
func (o Options) prepare(method string, x Data) (Options, float64, []string, error) {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if err := o.Validate(); err != nil {
		errs = append(errs, err)
	}
	if _, err := DataOf(x); err != nil {
		return o, 0, nil, err
	}
	shape := x.Shape()
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
	if o.Initial != nil {
		if err := o.Initial.check(shape); err != nil {
			fail("initial model: %w", err)
		} else if o.Eps != 0 || o.Ranks != nil && !slices.Equal(o.Ranks, o.Initial.Ranks()) {
			fail("the initial model has the ranks %v; give neither eps nor other ranks", o.Initial.Ranks())
		} else {
			o.Ranks = o.Initial.Ranks()
		}
	}
	switch {
	case o.Ranks == nil && o.Eps == 0 && o.Initial == nil:
		fail("no ranks and no eps: give one rank for each mode, or the relative error to keep")
	case o.Ranks != nil && len(o.Ranks) != len(shape):
		fail("%d ranks for %d modes: one for each mode is expected", len(o.Ranks), len(shape))
	}
	if o.Randomized && o.Ranks == nil {
		fail("random ranges need ranks: give one for each mode (with eps they are limits), or leave Randomized out")
	}
	if o.Randomized && o.Initial != nil {
		fail("an initial model is given, and random ranges are another start; leave one of them out")
	}
	if o.Oversample < 0 {
		fail("oversampling %d: a positive number is expected (0: 10)", o.Oversample)
	}
	if !o.Randomized && (o.Oversample != 0 || o.Power != 0) {
		fail("oversampling and power belong to random ranges; set Randomized as well")
	}
	for n, r := range o.Ranks {
		if r < 1 {
			fail("rank %d of mode %d: a positive number is expected", r, n)
		}
	}
	norm := 0.0
	if len(errs) == 0 {
		norm = x.Norm()
		if err := tensor.Err(x); err != nil {
			fail("%w", err)
		} else if math.IsNaN(norm) || math.IsInf(norm, 0) {
			fail("the tensor holds NaN or infinite values%s; replace them, or leave them out and use CP", count(x))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return o, 0, nil, fmt.Errorf("%s: %w", method, err)
	}
	o.Options = o.Options.WithDefaults()
	if _, o.listed = x.(Listed); o.listed && o.Room == 0 {
		o.Room = listedRoom
	}
	var notes []string
	if o.Ranks != nil {
		asked := o.Ranks
		o.Ranks = usable(asked, shape)
		for n, r := range asked {
			if o.Ranks[n] < r {
				notes = append(notes, fmt.Sprintf("rank %d of mode %d is more than a core can use; %d was taken", r, n, o.Ranks[n]))
			}
		}
	}
	return o, norm, notes, nil
}

// count says how many elements are not finite, if the data can tell.
func count(x tensor.Tensor) string {
	if c, ok := x.(interface{ CountNonFinite() (nan, inf int) }); ok {
		nan, inf := c.CountNonFinite()
		return fmt.Sprintf(" (%d NaN, %d infinite)", nan, inf)
	}
	return ""
}

// usable lowers ranks to what a core can use: the size of the mode, and the
// product of the other ranks.
func usable(ranks, shape []int) []int {
	r := slices.Clone(ranks)
	for n := range r {
		r[n] = min(r[n], shape[n])
	}
	for changed := true; changed; {
		changed = false
		for n := range r {
			others := 1
			for m, s := range r {
				if m != n {
					others = min(others*s, shape[n]) // no need to go further
				}
			}
			if others < r[n] {
				r[n], changed = others, true
			}
		}
	}
	return r
}
