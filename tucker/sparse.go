package tucker

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/lowrank"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// Listed is data that list the cells that are not zero, and are multiplied in
// several modes at once, so that nothing larger than the last product is
// written out (Kolda & Sun 2008, https://doi.org/10.1109/ICDM.2008.89).
// Sparse tensors answer it.
type Listed interface {
	Data

	// ProjectAll is X ×_n A_nᵀ over the modes that have a factor A_n; the
	// others (nil) are kept.
	ProjectAll(factors []*tensor.Matrix[float64]) *tensor.Dense[float64]

	// GramTimes is X_(n)*X_(n)ᵀ*Q.
	GramTimes(q *tensor.Matrix[float64], mode int) *tensor.Matrix[float64]

	// Distance is ||X - M|| for a model of the given norm, which is also
	// handed over in slabs for models that are so near that it matters.
	Distance(m sparse.Stepwise, norm float64, model func(mode, lo, hi int) *tensor.Dense[float64]) float64
}

var (
	_ Listed = (*sparse.COO[float64])(nil)
	_ Listed = (*sparse.COO[float32])(nil)
)

// listedRoom is the memory that methods may take beside sparse data if
// nothing else is said: what fits them may have no end as a dense tensor.
const listedRoom = 4 << 30

// cells is the number of cells of a shape, which may exceed an integer for
// sparse data.
func cells(shape []int) float64 {
	c := 1.0
	for _, s := range shape {
		c *= float64(s)
	}
	return c
}

// residual is ||X - M||.
func (t *Tensor) residual(x Data) float64 {
	if l, ok := x.(Listed); ok {
		return l.Distance(t, t.Norm(), t.slabs())
	}
	return x.Residual(t.slabs())
}

// allBut are factors for a product over all modes but one.
func allBut(factors []*tensor.Matrix[float64], mode int) []*tensor.Matrix[float64] {
	out := append([]*tensor.Matrix[float64](nil), factors...)
	out[mode] = nil
	return out
}

// updateListed is update of all modes, each from one product of the data.
func (h *hooi) updateListed(x Listed) error {
	for n := range h.t.Factors {
		stop := h.clock.Time("mode products")
		y := x.ProjectAll(allBut(h.t.Factors, n))
		stop()
		if err := h.update(y, []int{n}, 0); err != nil {
			return err
		}
	}
	return nil
}

// listedProduct is the memory of a product over all modes but one.
func listedProduct(shape, ranks []int, mode int) float64 {
	need := 2 * 8 * float64(shape[mode])
	for m, r := range ranks {
		if m != mode {
			need *= float64(r)
		}
	}
	return need
}

// affordListed checks the products that a sweep makes of sparse data, with
// factors of these ranks.
func affordListed(room int64, shape, ranks []int) error {
	for n := range shape {
		need := listedProduct(shape, ranks, n)
		if err := fit.Afford(room, need, "the projection of all modes but %d on %v vectors", n, ranks); err != nil {
			return err
		}
	}
	return nil
}

// sketchListed is sketch for sparse data: a random range of what the modes
// before leave is found from the data themselves, the bases of those modes
// being part of the random matrices.
func sketchListed(ctx context.Context, x Listed, norm float64, wide []int, opt Options, clock *fit.Clock) (*compressed, error) {
	shape := x.Shape()
	need := math.Inf(1) // of the core, by way of the product that costs least
	for n := range shape {
		need = min(need, listedProduct(shape, wide, n))
	}
	if err := fit.Afford(opt.Room, need, "the core of random ranges of %v vectors", wide); err != nil {
		return nil, err
	}
	c := &compressed{factors: make([]*tensor.Matrix[float64], len(shape))}
	rng := rand.New(rand.NewPCG(opt.Seed, 0x9e3779b97f4a7c15))
	whole := true
	for _, n := range modeOrder(shape, wide, bySketch) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if wide[n] == shape[n] {
			continue
		}
		whole = false
		stop := clock.Time("random ranges")
		q, err := lowrank.RangeListed(x, c.factors, n, wide[n], opt.power(), rng)
		stop()
		if err != nil {
			return nil, err
		}
		c.factors[n] = q
	}
	if whole {
		return nil, nil // nothing can be saved
	}
	defer clock.Time("mode products")()
	c.core = x.ProjectAll(c.factors)
	if norm > 0 {
		share := c.core.Norm() / norm
		c.lost = norm * math.Sqrt(max(0, (1-share)*(1+share)))
	}
	return c, nil
}
