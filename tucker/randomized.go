package tucker

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/lowrank"
	"github.com/polyad/polyad/tensor"
)

// sketch is the data in the coordinates of random ranges, found mode after
// mode on what the modes before leave: each spans about the rank and the
// oversampling. A mode that would be kept whole is left alone.
//
// What is lost follows from ||X||² - ||core||², to about 1e-8 of the norm.
func sketch(ctx context.Context, x Data, norm float64, ranks []int, opt Options, clock *fit.Clock) (*compressed, error) {
	shape := x.Shape()
	wide := slices.Clone(ranks)
	for n := range wide {
		wide[n] = min(wide[n]+opt.oversample(), shape[n])
	}
	if l, ok := x.(Listed); ok {
		return sketchListed(ctx, l, norm, wide, opt, clock)
	}
	c := &compressed{factors: make([]*tensor.Matrix[float64], len(shape))}
	y := x
	rng := rand.New(rand.NewPCG(opt.Seed, 0x9e3779b97f4a7c15))
	for _, n := range modeOrder(shape, wide, bySketch) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if wide[n] == shape[n] {
			continue
		}
		stop := clock.Time("random ranges")
		var err error
		c.factors[n], c.core, err = lowrank.Sketch(y, n, wide[n], opt.power(), rng, &c.space)
		stop()
		if err != nil {
			return nil, err
		}
		y = c.core
	}
	if c.core == nil {
		return nil, nil // nothing can be saved
	}
	c.core = c.core.Contiguous().Clone() // out of the space
	if norm > 0 {
		share := c.core.Norm() / norm
		c.lost = norm * math.Sqrt(max(0, (1-share)*(1+share)))
	}
	return c, nil
}

// randomized is ST-HOSVD of random ranges: the data are reduced to them, and
// what is left is treated as usual. It reports as sthosvd does.
func randomized(ctx context.Context, x Data, norm float64, opt Options, r *fit.Result, clock *fit.Clock, report func(done int, e float64)) (*Tensor, error) {
	c, err := sketch(ctx, x, norm, opt.Ranks, opt, clock)
	if err != nil {
		return nil, err
	}
	if c == nil || norm == 0 {
		r.Notes = append(r.Notes, "the random ranges would be as large as the data; the singular vectors were found directly")
		return sthosvd(ctx, x, norm, opt, new(lowrank.Memory), clock, report)
	}
	lost := c.lost / norm
	inner := opt
	if opt.Eps > 0 {
		// Of what is left: the squares add up.
		inner.Eps = math.Sqrt(max(0, (opt.Eps-lost)*(opt.Eps+lost)))
	}
	total := report
	if report != nil {
		total = func(done int, e float64) { report(done, math.Hypot(e, lost)) }
	}
	t, err := sthosvd(ctx, c.core, norm, inner, &c.space, clock, total)
	if err != nil {
		return nil, err
	}
	t.multiply(c.factors)
	t.Modes = tensor.CloneAxes(x.Axes())
	r.Notes = append(r.Notes, fmt.Sprintf("random ranges (seed %d) reduced the data to %v, with a relative error of %.3g", opt.Seed, c.core.Shape(), lost))
	return t, nil
}

// multiply turns a model in the coordinates of some bases into one of what
// they are bases of; nil stands for the identity.
func (t *Tensor) multiply(bases []*tensor.Matrix[float64]) {
	for n, b := range bases {
		if b != nil {
			t.Factors[n] = tensor.Mul(b, t.Factors[n])
		}
	}
}
