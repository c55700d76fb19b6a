package constraint

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/polyad/polyad/tensor"
)

// Item is one thing that is asked of a factor.
type Item struct {
	kind   kind
	a, b   float64
	mode   int
	factor *tensor.Matrix[float64]
}

// kind is the name of an item.
type kind string

const (
	nonneg      kind = "nonneg"
	box         kind = "box"
	l1          kind = "l1"
	l2          kind = "l2"
	smooth      kind = "smooth"
	smooth2     kind = "smooth2"
	monotone    kind = "monotone"
	increasing  kind = "increasing"
	decreasing  kind = "decreasing"
	unimodal    kind = "unimodal"
	simplex     kind = "simplex"
	unit        kind = "unit"
	orthonormal kind = "orthonormal"
	fixed       kind = "fixed"
	tied        kind = "tied"
)

// The items that take no figure.
var (
	Nonneg      = Item{kind: nonneg}      // a >= 0
	Increasing  = Item{kind: increasing}  // columns never fall
	Decreasing  = Item{kind: decreasing}  // columns never rise
	Unimodal    = Item{kind: unimodal}    // columns rise, then fall
	Simplex     = Item{kind: simplex}     // columns are not negative and sum to 1
	Unit        = Item{kind: unit}        // columns have norm 1 at most
	Orthonormal = Item{kind: orthonormal} // A^T*A = I
)

// Box asks for lo <= a <= hi.
func Box(lo, hi float64) Item { return Item{kind: box, a: lo, b: hi} }

// L1 penalises x * sum |a|.
func L1(x float64) Item { return Item{kind: l1, a: x} }

// L2 penalises x/2 * sum a^2.
func L2(x float64) Item { return Item{kind: l2, a: x} }

// Smooth penalises x/2 * the sum of squares of the first differences of each
// column.
func Smooth(x float64) Item { return Item{kind: smooth, a: x} }

// Smooth2 penalises x/2 * the sum of squares of the second differences of
// each column, so that straight lines are free.
func Smooth2(x float64) Item { return Item{kind: smooth2, a: x} }

// Fixed gives the factor, which is not changed. nil stands for that of the
// model that a method begins from.
func Fixed(factor *tensor.Matrix[float64]) Item { return Item{kind: fixed, factor: factor} }

// Tied asks for the factor of another mode, counted from 0, with whatever is
// asked of that.
func Tied(mode int) Item { return Item{kind: tied, mode: mode} }

// Set is what is asked of one factor. The zero value asks for nothing. Sets
// are values: they are not changed once made.
type Set struct {
	items  []Item
	lo, hi float64 // with bounded
	l1     float64
	quad   Quadratic
	shape  kind // increasing, decreasing, unimodal or ""

	bounded, simplex, unit, orthonormal, fixed bool

	factor *tensor.Matrix[float64] // given
	tied   int                     // mode plus 1; 0: none
}

// Of combines items: bounds are intersected, penalties of one kind added. It
// is an error if nothing can satisfy them together, or if no exact step is
// known for the combination.
func Of(items ...Item) (Set, error) {
	s := Set{lo: math.Inf(-1), hi: math.Inf(1)}
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	weight := func(it Item) float64 {
		if !(it.a >= 0) || math.IsInf(it.a, 1) {
			fault("%s:%v: a number, zero or positive, is expected", it.kind, it.a)
			return 0
		}
		return it.a
	}
	for _, it := range items {
		switch it.kind {
		case nonneg:
			s.lo, s.bounded = max(s.lo, 0), true
		case box:
			if !(it.a <= it.b) {
				fault("box:%v,%v: no number lies between these bounds; the lower one comes first", it.a, it.b)
				continue
			}
			s.lo, s.hi, s.bounded = max(s.lo, it.a), min(s.hi, it.b), true
		case l1:
			s.l1 += weight(it)
		case l2:
			s.quad.L2 += weight(it)
		case smooth:
			s.quad.Smooth += weight(it)
		case smooth2:
			s.quad.Smooth2 += weight(it)
		case monotone, increasing, decreasing, unimodal:
			shape := it.kind
			if shape == monotone {
				shape = increasing
			}
			if s.shape != "" && s.shape != shape {
				fault("%s and %s: a factor takes one shape", s.shape, shape)
			}
			s.shape = shape
		case simplex:
			s.simplex = true
		case unit:
			s.unit = true
		case orthonormal:
			s.orthonormal = true
		case fixed:
			s.fixed, s.factor = true, it.factor
		case tied:
			if it.mode < 0 {
				fault("tied:%d: modes are counted from 0", it.mode)
			}
			s.tied = it.mode + 1
		}
		s.items = append(s.items, it)
	}
	if s.bounded && s.lo > s.hi && len(errs) == 0 {
		fault("%s: no number lies between %v and %v", s, s.lo, s.hi)
	}
	if s.simplex && s.bounded && s.lo < 0 {
		for _, it := range items {
			if it.kind == box && it.a < 0 && !math.IsInf(it.a, -1) {
				fault("simplex,box:%v,%v: the entries of a simplex are not negative; the lower bound must be 0 or more", it.a, it.b)
			}
		}
	}
	if s.simplex && !(s.bounded && s.lo > 0) {
		s.lo, s.bounded = 0, true
	}
	if s.unit && (s.simplex || s.lo > 0 || s.hi < 0 || s.lo < 0 && !math.IsInf(s.lo, -1) || s.hi > 0 && !math.IsInf(s.hi, 1)) {
		fault("unit does not combine with simplex or with bounds other than 0; leave one of them out")
	}
	if s.orthonormal && (s.bounded || s.unit || s.l1 > 0 || s.shape != "") {
		fault("orthonormal combines with smooth, smooth2 and l2 only, not with bounds, shapes, unit or l1")
	}
	if s.fixed && len(items) > 1 {
		fault("fixed combines with nothing: the factor is given")
	}
	if s.tied > 0 && len(items) > 1 {
		fault("tied:%d combines with nothing: say what is asked of the factor at mode %d", s.tied-1, s.tied-1)
	}
	if err := errors.Join(errs...); err != nil {
		return Set{}, fmt.Errorf("constraint: %w", err)
	}
	return s, nil
}

// Items are the items of the set, in the order in which they were given.
func (s Set) Items() []Item { return slices.Clone(s.items) }

// With is the set with more items.
func (s Set) With(items ...Item) (Set, error) {
	return Of(append(append([]Item(nil), s.items...), items...)...)
}

// String is the set in the words that [Parse] reads; "none" for the zero
// value.
func (s Set) String() string {
	if len(s.items) == 0 {
		return "none"
	}
	num := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	parts := make([]string, len(s.items))
	for i, it := range s.items {
		text := string(it.kind)
		switch it.kind {
		case box:
			text += ":" + num(it.a) + "," + num(it.b)
		case l1, l2, smooth, smooth2:
			text += ":" + num(it.a)
		case tied:
			text += ":" + strconv.Itoa(it.mode)
		}
		parts[i] = text
	}
	return strings.Join(parts, ",")
}

// Check reports why no factor of rows×cols can satisfy the set.
func (s Set) Check(rows, cols int) error {
	n := float64(rows)
	switch {
	case s.simplex && n*s.lo > 1+1e-12:
		return fmt.Errorf("constraint: %s: %d entries of at least %v cannot sum to 1", s, rows, s.lo)
	case s.simplex && n*s.hi < 1-1e-12:
		return fmt.Errorf("constraint: %s: %d entries of at most %v cannot sum to 1", s, rows, s.hi)
	case s.orthonormal && cols > rows:
		return fmt.Errorf("constraint: orthonormal: %d columns of %d entries cannot be orthonormal; a rank of at most %d is needed", cols, rows, rows)
	case s.factor != nil && (s.factor.Rows != rows || s.factor.Cols != cols):
		return fmt.Errorf("constraint: fixed: the factor that is given is %d×%d, %d×%d is expected", s.factor.Rows, s.factor.Cols, rows, cols)
	}
	if s.factor != nil {
		for i := range rows {
			for r, v := range s.factor.Row(i) {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					return fmt.Errorf("constraint: fixed: the factor that is given holds %v at (%d, %d)", v, i, r)
				}
			}
		}
	}
	return nil
}

// Quadratic is the quadratic part.
func (s Set) Quadratic() Quadratic { return s.quad }

// IsFixed reports whether the factor is given, and what it is (nil: that of
// the model to begin from).
func (s Set) IsFixed() (*tensor.Matrix[float64], bool) { return s.factor, s.fixed }

// IsTied reports whether the factor is that of another mode, and which.
func (s Set) IsTied() (mode int, ok bool) { return s.tied - 1, s.tied > 0 }

// IsOrthonormal reports whether columns are orthonormal.
func (s Set) IsOrthonormal() bool { return s.orthonormal }

// IsSimplex reports whether columns sum to 1.
func (s Set) IsSimplex() bool { return s.simplex }

// Bounds are the bounds of the entries, infinite where there are none.
func (s Set) Bounds() (lo, hi float64) {
	if !s.bounded {
		return math.Inf(-1), math.Inf(1)
	}
	return s.lo, s.hi
}

// Penalised reports whether something is added to the objective, so that the
// scale of the factor counts.
func (s Set) Penalised() bool { return s.l1 > 0 || s.quad != (Quadratic{}) }

// Scalable reports whether the columns of a factor that satisfies the set may
// be multiplied by any positive number.
func (s Set) Scalable() bool {
	lo, hi := s.Bounds()
	cone := (lo == 0 || math.IsInf(lo, -1)) && (hi == 0 || math.IsInf(hi, 1))
	return cone && !s.simplex && !s.unit && !s.orthonormal && !s.fixed
}

// Reversible reports whether the columns of a factor that satisfies the set
// may change their signs.
func (s Set) Reversible() bool { return !s.bounded && s.shape == "" && !s.fixed }

// Separable reports whether h is a sum over the entries.
func (s Set) Separable() bool {
	return s.shape == "" && !s.simplex && !s.unit && !s.orthonormal
}

// Plain reports whether h is zero: the quadratic part is all there is.
func (s Set) Plain() bool { return s.Separable() && !s.bounded && s.l1 == 0 }
