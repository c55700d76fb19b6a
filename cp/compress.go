package cp

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/lowrank"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// This file is the compression that precedes the sweeps of ALS. A CP model
// U_n*B_n of the data has the error
//
//	||X - [[U_0*B_0, U_1*B_1, …]]||^2 = ||X||^2 - ||G||^2 + ||G - [[B_0, B_1, …]]||^2
//
// for U_n with orthonormal columns and the core G = X ×_n U_n^T, so that
// sweeps on the small G do what sweeps on X would do within those subspaces.

// compressible is data that can be projected on subspaces.
type compressible interface {
	Data
	lowrank.Source
	Project(u *tensor.Matrix[float64], mode int) *tensor.Dense[float64]
}

const (
	oversample    = 10      // indices of the core in a mode beyond the rank, at least
	smallestData  = 1 << 20 // entries that are worth it
	coreShare     = 24      // the data are at least so much larger than the core
	longestMode   = 2000    // whose singular vectors are computed
	fewestSweeps  = 20      // that must be allowed
	usualSweeps   = 30      // that a run is taken to need
	usualPolish   = 6       // sweeps on the data after those on the core
	negligible    = 1e-4    // norm of what is left out, relative to the data
	flat          = 2.5     // largest singular value left out, relative to their median, if they are noise
	resolved      = 1e-5    // relative norm to which singular vectors are asked for
	eigenFlops    = 20      // n^3 operations for the eigenvectors of an n×n matrix
	reserveSweeps = 5       // kept for the data, at least
	coreStarts    = 10      // on the core, at most, for one start
	coreBudget    = 5       // sweeps on the core, in passes over the data of as many elements
	coreRest      = 0.2     // norm of what remains of the core, relative to what was left out, if it is noise
	sketchMore    = 10      // columns of a sketch beyond what is kept
	sketchShare   = 3       // a mode is sketched if it is so much larger than the sketch
)

// coreSizes are the sizes of the core that R components need, equal to those
// of the data in modes that are not worth a compression, and the operations
// that making it takes. order lists the modes to compress, in turn.
func coreSizes(shape []int, rank int) (sizes, order []int, flops float64) {
	sizes = slices.Clone(shape)
	for n, s := range shape {
		if keep := rank + oversample; 2*keep <= s && s <= longestMode {
			sizes[n] = keep
			order = append(order, n)
		}
	}
	// The first mode is the dearest step: the shortest one, and of equals the
	// last, which as a rule is the fastest in memory.
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(shape[a], shape[b]), cmp.Compare(b, a)) })
	left := tensor.Cells(shape)
	for _, n := range order {
		i, r := float64(shape[n]), float64(sizes[n])
		if sketches(shape[n], sizes[n]) {
			flops += 4 * left * (r + sketchMore) // less for the sketch, at the rate of memory
		} else {
			flops += left*i + eigenFlops*i*i*i + 2*left*r
		}
		left *= r / i
	}
	return sizes, order, flops
}

// sketches tells whether a mode of which some indices are kept is sketched.
func sketches(size, keep int) bool { return sketchShare*(keep+sketchMore) <= size }

// worthCompressing says by the shape alone whether sweeps on a core of the
// given sizes pay.
func worthCompressing(shape, sizes []int, rank int, flops float64) bool {
	entries, core := tensor.Cells(shape), tensor.Cells(sizes)
	if len(shape) < 3 || entries < smallestData || core*coreShare > entries {
		return false
	}
	sweep := 4 * float64(rank) * entries
	small := 24 * float64(rank) * core // small arrays are slower
	return flops+usualSweeps*small+usualPolish*sweep < usualSweeps*sweep
}

// mayCompress tells whether the options leave the choice.
func (o Options) mayCompress() bool {
	enough := o.MaxIters == 0 || o.MaxIters >= fewestSweeps
	return o.Compress != Never && o.Ridge == 0 && o.Initial == nil && o.Tol >= 0 && enough
}

// squeezer compresses the data once, for all starts.
type squeezer struct {
	off   bool
	tried bool
	core  *core
	note  string
	space lowrank.Memory // in which the core was made, for the sweeps on the data
}

// core is compressed data.
type core struct {
	data  *tensor.Dense[float64]
	norm  float64
	bases []*tensor.Matrix[float64] // orthonormal columns; nil for a mode that is whole
	cut   float64                   // norm of what was left out
}

// sweeps makes the sweeps on the core from the model of s, and puts their
// result in its place, if the data are compressed.
func (q *squeezer) sweeps(ctx context.Context, o Options, s *sweeper, r *fit.Result) (bool, error) {
	if !q.tried {
		q.tried = true
		stop := s.clock.Time("compress")
		err := q.compress(ctx, o, s)
		stop()
		if err != nil {
			return false, err
		}
	}
	s.useMemory(q.space)
	if q.core == nil {
		if q.note != "" {
			r.Notes = append(r.Notes, q.note)
		}
		return false, nil
	}
	stop := s.clock.Time("core")
	err := q.core.fit(ctx, o, s, r)
	stop()
	r.Notes = append(r.Notes, fmt.Sprintf("%s; %d sweeps on that core, then sweeps on the data", q.note, r.Iterations))
	return err == nil, err
}

// compress decides whether to compress, and does it.
func (q *squeezer) compress(ctx context.Context, o Options, s *sweeper) error {
	x, ok := s.x.(compressible)
	if _, listed := s.x.(Sparse); listed {
		return nil // the core of few entries is no smaller
	}
	if q.off || !ok || s.inc != nil || !o.mayCompress() {
		return nil
	}
	shape := x.Shape()
	sizes, order, flops := coreSizes(shape, o.Rank)
	if !worthCompressing(shape, sizes, o.Rank, flops) {
		return nil
	}
	c := &core{bases: make([]*tensor.Matrix[float64], len(shape))}
	rng := generator(o.Seed, -1)
	y := x
	for _, n := range order {
		if err := ctx.Err(); err != nil {
			return err
		}
		var (
			b   basis
			err error
		)
		if sketches(shape[n], sizes[n]) {
			b, err = sketched(y, n, s.norm, c.cut, sizes[n], rng, &q.space)
		} else {
			b, err = subspace(y, n, s.norm, sizes[n])
		}
		if err != nil {
			return err
		}
		if b.u == nil {
			q.note = fmt.Sprintf("not compressed: the singular values of mode %d fall slowly", n)
			return nil
		}
		c.data, c.bases[n], c.cut = b.data, b.u, math.Hypot(c.cut, b.cut)
		y = c.data
	}
	if tensor.Cells(c.data.Shape())*coreShare > tensor.Cells(shape) {
		q.note = fmt.Sprintf("not compressed: the core would be %s", times(c.data.Shape()))
		return nil
	}
	c.data = c.data.Contiguous().Clone() // out of the space
	c.norm = c.data.Norm()
	if c.norm > 0 {
		q.core = c
		q.note = fmt.Sprintf("compressed to %s, which leaves out %.2g of the norm", times(c.data.Shape()), c.cut/s.norm)
	}
	return nil
}

// times writes a shape as 3×4×5.
func times(shape []int) string {
	var parts []string
	for _, s := range shape {
		parts = append(parts, fmt.Sprint(s))
	}
	return strings.Join(parts, "×")
}

// basis spans what is kept of a mode.
type basis struct {
	u    *tensor.Matrix[float64] // orthonormal columns; nil if too many would be needed
	data *tensor.Dense[float64]  // projected on them
	cut  float64                 // norm of what was left out
}

// subspace is the span of the leading left singular vectors of an unfolding,
// at least as many as asked for: up to where the singular values that follow
// look like those of noise, or are negligible, and up to half of the mode.
func subspace(x compressible, mode int, norm float64, least int) (basis, error) {
	most := x.Shape()[mode] / 2
	b, err := lowrank.Leading(x, mode, norm, lowrank.Limit{Rank: most, Tol: resolved * norm})
	if err != nil {
		return basis{}, err
	}
	for keep := least; ; keep += (keep + 1) / 2 {
		keep = min(keep, b.Rank())
		tail := b.S[keep:]
		cut := kernel.Nrm2(tail)
		if cut <= negligible*norm || tail[0] <= flat*tail[len(tail)/2] {
			u := b.U.Sub(0, b.U.Rows, 0, keep).Clone()
			return basis{u, x.Project(u, mode), cut}, nil
		}
		if keep == b.Rank() {
			return basis{}, nil
		}
	}
}

// sketched does what subspace does with about two passes over the data, where
// that would take as long as many sweeps: the unfolding times a random matrix,
// some columns wider than what is kept, spans nearly the same space. The
// singular values within that space are computed; of those outside, the root
// mean square is known.
//
// The data are what is left of norm after parts of norm gone were left out.
func sketched(x compressible, mode int, norm, gone float64, keep int, rng *rand.Rand, space *lowrank.Memory) (basis, error) {
	q, wide, err := lowrank.Sketch(x, mode, keep+sketchMore, 0, rng, space)
	if err != nil {
		return basis{}, err
	}
	squares, v, err := linalg.SymEig(wide.ModeGram(mode))
	if err != nil {
		return basis{}, err
	}
	outside := norm*norm - gone*gone
	cut := outside
	for i, s := range squares {
		outside -= s
		if i < keep {
			cut -= s
		}
	}
	outside, cut = max(0, outside)/float64(q.Rows-q.Cols), math.Sqrt(max(0, cut))
	if cut > negligible*norm && squares[keep] > flat*flat*outside {
		return basis{}, nil
	}
	v = v.Sub(0, v.Rows, 0, keep).Clone()
	return basis{tensor.Mul(q, v), lowrank.Shrink(wide, v, mode), cut}, nil
}

// settled tells whether another sweep on the data will lower the error by less
// than tol, given the errors of the sweeps on the core and, last, of some on
// the data. Sweeps near their end gain a constant share of what the one before
// gained. The share on the core, where it converged, and that of the last two
// sweeps on the data must both say so, with some room.
func settled(trace []float64, onData int, tol float64) bool {
	share := func(end int) float64 {
		if end < 3 {
			return 1
		}
		last, before := trace[end-2]-trace[end-1], trace[end-3]-trace[end-2]
		if !(last >= 0 && last < before) {
			return 1
		}
		return last / before
	}
	n := len(trace)
	if onData < 2 || n-onData < 3 {
		return false
	}
	gain := trace[n-2] - trace[n-1]
	return gain >= 0 && settleRoom*gain*max(share(n), share(n-onData)) < tol
}

// settleRoom is the room of settled.
const settleRoom = 10

// fit makes sweeps on the core, and puts the model in the place of that of s.
// The trace is that of the whole data. Since sweeps on the core are cheap,
// a few more random starts are made on it if what remains of the core after
// the first does not look like noise.
func (c *core) fit(ctx context.Context, o Options, s *sweeper, r *fit.Result) error {
	m := &model{weights: slices.Clone(s.weights), factors: cloneAll(s.factors)}
	for n, u := range c.bases {
		if u != nil {
			f := tensor.NewMatrix[float64](u.Cols, o.Rank)
			kernel.Gemm(1, u.View().T(), m.factors[n].View(), 0, f.View())
			m.factors[n] = f
		}
	}
	m.unitColumns()
	o.MaxIters -= max(reserveSweeps, o.MaxIters/10)
	base := *r
	budget := coreBudget * tensor.Size(s.x.Shape()) / tensor.Size(c.data.Shape())
	rng := generator(o.Seed, -2-r.Start)
	var (
		best *model
		err  error
	)
	for range coreStarts {
		run := base
		small := newSweeper(c.data, c.norm, m, 0, nil)
		small.update = s.update
		rest := math.Inf(1)
		err = fit.Run(ctx, o.Options, &run, func(int) (e float64, err error) {
			rest, err = small.sweep()
			rest *= c.norm
			return math.Hypot(c.cut, rest) / s.norm, err
		})
		if err != nil && ctx.Err() == nil {
			return err
		}
		if best == nil || len(run.Trace) > 0 && run.Trace[len(run.Trace)-1] < r.Trace[len(r.Trace)-1] {
			best, *r = small.model, run
		}
		budget -= run.Iterations
		if err != nil { // cancelled
			r.Stop = fit.Cancelled
			break
		}
		if rest <= coreRest*c.cut || rest <= negligible*s.norm || budget < run.Iterations {
			break
		}
		m = randomModel(c.data.Shape(), s.weights, rng)
	}
	copy(s.weights, best.weights)
	for n, u := range c.bases {
		s.factors[n] = best.factors[n]
		if u != nil {
			s.factors[n] = tensor.Mul(u, best.factors[n])
		}
	}
	s.setGrams()
	return err
}

// randomModel has normal factors.
func randomModel(shape []int, weights []float64, rng *rand.Rand) *model {
	m := &model{weights: slices.Clone(weights)}
	for _, size := range shape {
		f := tensor.NormalMatrix(rng, size, len(weights))
		m.factors = append(m.factors, f)
	}
	m.unitColumns()
	return m
}
