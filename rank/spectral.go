package rank

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

const (
	// maxPath is the largest number of lists of ranks that are tried.
	maxPath = 16
	// fillEntries is the size of the compressed tensor up to which entries
	// are left out and filled in.
	fillEntries = 1 << 14
	// maxMode is the largest mode whose unfolding is decomposed.
	maxMode = 4096
	// resolution is the relative size below which singular values that come
	// from Gram matrices say nothing.
	resolution = 1e-7
	// fillSweeps and fillTol end the filling in of entries.
	fillSweeps = 200
	fillTol    = 1e-5
)

// format is what differs between the choice of Tucker and of TT ranks.
type format struct {
	name string
	// spectra are the singular values of the matrices whose ranks are asked
	// for, given those of the mode-n unfoldings and a compressed tensor.
	spectra func(modes []spectrum, shape []int, core *tensor.Dense[float64]) ([]spectrum, error)
	// lowest is as many ones as a tensor of the order has ranks.
	lowest func(order int) []int
	// usable lowers ranks that no model of the shape can use.
	usable func(shape, ranks []int)
	// approximate is a near-best model of these ranks.
	approximate func(ctx context.Context, x *tensor.Dense[float64], ranks []int) (*tensor.Dense[float64], error)
	// expand turns ranks of the tensor without its modes of size 1 into
	// those of the tensor.
	expand func(shape, ranks []int) []int
}

// choose runs the whole choice for one format.
func choose(ctx context.Context, f format, data tensor.Tensor, opt Options) (*Evidence, error) {
	began := time.Now()
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	most := opt.Max
	if most == 0 {
		most = math.MaxInt
	}
	opt = opt.withDefaults()
	squeezed, err := squeeze(data)
	if err != nil {
		return nil, err
	}
	if len(squeezed.Shape()) < 2 {
		c := Blank(f.expand(data.Shape(), f.lowest(len(squeezed.Shape())))...)
		c.RelativeError, c.Verdict = 0, chosenVerdict
		return &Evidence{
			Method: f.name, Chosen: c.Ranks, Candidates: []Candidate{c}, Seed: opt.Seed,
			Reasons: []string{"all ranks are 1: no more than one mode is longer than 1"},
		}, nil
	}
	var modes []spectrum
	switch x := squeezed.(type) {
	case *tensor.Dense[float64]:
		modes, err = modeSpectra(x)
	case *tensor.Dense[float32]:
		modes, err = modeSpectra(x)
	}
	if err != nil {
		return nil, err
	}
	sigma := math.Inf(1)
	for _, s := range modes {
		sigma = min(sigma, s.sigma())
	}
	s := &searchSpectral{format: f, opt: opt, full: data.Shape(), shape: squeezed.Shape(), modes: modes, sigma: sigma, most: most}
	switch x := squeezed.(type) {
	case *tensor.Dense[float64]:
		err = compressSignal(s, x)
	case *tensor.Dense[float32]:
		err = compressSignal(s, x)
	}
	if err != nil {
		return nil, err
	}
	core := s.ground.data.(*tensor.Dense[float64])
	if s.spectra, err = f.spectra(modes, s.shape, core); err != nil {
		return nil, err
	}
	ev := &Evidence{Method: f.name, Seed: opt.Seed, Starts: 1, Basis: s.ground.text}
	path := s.path()
	if core.Len() <= fillEntries && core.Len() >= 4*opt.Folds {
		s.folds = Deal(s.ground.known, opt.Folds, opt.Seed)
		s.filled = make([]*tensor.Dense[float64], len(s.folds))
		ev.Folds = len(s.folds)
	}
	progress := newProgress(opt.Progress, len(path)*(1+len(s.folds)))
	for _, ranks := range path {
		if err := s.try(ctx, ranks, progress); err != nil {
			return nil, err
		}
		if best := bestOf(s.trials, everyTrial); len(s.folds) > 0 && len(s.trials)-1-best >= 2*patience {
			break
		}
	}
	progress.finish()
	s.decide(ev)
	ev.Seconds = time.Since(began).Seconds()
	return ev, nil
}

// searchSpectral is the state of a search for Tucker or TT ranks.
type searchSpectral struct {
	format
	opt     Options
	most    int   // the largest rank
	full    []int // the shape of the data
	shape   []int // without modes of size 1
	modes   []spectrum
	sigma   float64 // of the noise, for each entry
	spectra []spectrum
	ground  *ground
	folds   []Fold
	filled  []*tensor.Dense[float64] // for each fold, with the entries left out filled in
	trials  []*trial
}

// modeSpectra are the singular values of the mode-n unfoldings.
func modeSpectra[T tensor.Float](x *tensor.Dense[T]) ([]spectrum, error) {
	spectra := make([]spectrum, x.Order())
	for n, size := range x.Shape() {
		if size > maxMode {
			return nil, fmt.Errorf("mode %d has %d indices; ranks are chosen for modes of up to %d: give the ranks, or a relative error", n, size, maxMode)
		}
		other := max(1, x.Len()/size)
		values, err := rootEigenvalues(x.ModeGram(n), min(size, other))
		if err != nil {
			return nil, fmt.Errorf("singular values of mode %d: %w", n, err)
		}
		spectra[n] = spectrum{values, min(size, other), max(size, other)}
	}
	return spectra, nil
}

// rootEigenvalues are the roots of the leading eigenvalues.
func rootEigenvalues(gram *tensor.Matrix[float64], count int) ([]float64, error) {
	w, err := linalg.SymEigValues(gram)
	if err != nil {
		return nil, err
	}
	values := make([]float64, count)
	for k := range values {
		values[k] = math.Sqrt(max(0, w[k]))
	}
	return values, nil
}

// floor is the singular value above which there is something but noise and
// rounding.
func (s *searchSpectral) floor(sp spectrum) float64 {
	return max(sp.edge(s.sigma), resolution*sp.values[0])
}

// compressSignal makes the ground: the data on somewhat more than the
// singular vectors that rise above the noise, turned at random.
func compressSignal[T tensor.Float](s *searchSpectral, x *tensor.Dense[T]) error {
	// Fewer entries than that would leave too little to check a model on.
	least := capped(s.shape, float64(x.Len()), coreEntries)
	small := make([]int, len(s.shape))
	for _, spare := range []func(k int) int{
		func(k int) int { return 2*k + 4 },
		func(k int) int { return k + 2 },
	} {
		for n, sp := range s.modes {
			small[n] = min(s.shape[n], max(least[n], spare(sp.above(s.floor(sp)))))
		}
		if tensor.Size(small) <= fillEntries {
			break
		}
	}
	total := square(x.Norm())
	core, _, err := compress(x, small, s.opt.Seed)
	if err != nil {
		return err
	}
	g := &ground{data: core, known: tensor.FromDense(core), total: total, text: "all entries, rotated"}
	if !slices.Equal(small, s.shape) {
		g.lost = max(0, total-square(core.Norm()))
		g.text = fmt.Sprintf("%s, compressed orthogonally to %s, which keeps all but %.2g of the norm", sizes(s.shape), sizes(small), math.Sqrt(g.lost/total))
	}
	s.ground = g
	return nil
}

// path is the lists of ranks to try: those that singular values above a
// falling bound make, down to what noise alone would reach, the list of the
// optimal hard threshold, and two beyond.
func (s *searchSpectral) path() [][]int {
	var bounds []float64
	for _, sp := range s.spectra {
		floor := s.floor(sp)
		for _, v := range sp.values {
			if v > floor {
				bounds = append(bounds, v/floor)
			}
		}
	}
	slices.Sort(bounds)
	slices.Reverse(bounds)
	var path [][]int
	add := func(ranks []int) {
		s.limit(ranks)
		for _, old := range path {
			if slices.Equal(old, ranks) {
				return
			}
		}
		path = append(path, ranks)
	}
	add(s.lowest(len(s.shape)))
	for _, b := range bounds {
		ranks := make([]int, len(s.spectra))
		for k, sp := range s.spectra {
			// The bound itself counts: it is one of the values.
			ranks[k] = sp.above(b * s.floor(sp) * (1 - 1e-12))
		}
		add(ranks)
	}
	if room := maxPath - 3; len(path) > room {
		thin := make([][]int, room)
		for i := range thin {
			thin[i] = path[i*(len(path)-1)/(room-1)]
		}
		path = thin
	}
	add(s.hard())
	last := slices.Clone(path[len(path)-1])
	for range 2 {
		for k := range last {
			last[k]++
		}
		add(slices.Clone(last))
	}
	slices.SortStableFunc(path, func(a, b []int) int { return sum(a) - sum(b) })
	return path
}

// hard is the list of ranks of the optimal hard threshold.
func (s *searchSpectral) hard() []int {
	ranks := make([]int, len(s.spectra))
	for k, sp := range s.spectra {
		ranks[k] = sp.above(max(sp.threshold(s.sigma), resolution*sp.values[0]))
	}
	s.limit(ranks)
	return ranks
}

// limit lowers ranks to what a model can use and the caller allows.
func (s *searchSpectral) limit(ranks []int) {
	for k := range ranks {
		ranks[k] = min(ranks[k], s.most)
	}
	s.usable(s.shape, ranks)
}

func sum(list []int) int {
	total := 0
	for _, v := range list {
		total += v
	}
	return total
}

// try measures one list of ranks.
func (s *searchSpectral) try(ctx context.Context, ranks []int, p *progress) error {
	label := "ranks " + list(s.expand(s.full, ranks))
	t := &trial{Candidate: Blank(ranks...), loss: make([]float64, len(s.folds))}
	core := s.ground.data.(*tensor.Dense[float64])
	errs := make([]error, 1+len(s.folds))
	par.Do(1+len(s.folds), func(job int) {
		defer p.step(label)
		if errs[job] = ctx.Err(); errs[job] != nil {
			return
		}
		if job < len(s.folds) {
			t.loss[job], errs[job] = s.fill(ctx, job, ranks)
			return
		}
		m, err := s.approximate(ctx, core, ranks)
		if err != nil {
			errs[job] = err
			return
		}
		t.RelativeError = s.ground.heldOut(square(tensor.Distance(core, m)))
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("ranks %s: %w", list(ranks), err)
	}
	s.trials = append(s.trials, t)
	return nil
}

// fill predicts the entries that a fold leaves out: they are filled in from
// the model, and the model made anew, until they stay (Kiers 1997,
// https://doi.org/10.1007/BF02295279). It starts from zero, or from what the
// candidate before made of them.
func (s *searchSpectral) fill(ctx context.Context, f int, ranks []int) (float64, error) {
	core, test := s.ground.data.(*tensor.Dense[float64]), s.folds[f].Test
	if s.filled[f] == nil {
		s.filled[f] = s.folds[f].Train.Dense(0)
	}
	y := s.filled[f]
	places := offsets(test)
	loss := 0.0
	for range fillSweeps {
		m, err := s.approximate(ctx, y, ranks)
		if err != nil {
			return 0, err
		}
		change, size := 0.0, 0.0
		loss = 0
		for _, e := range places {
			v := m.Data()[e]
			change += square(v - y.Data()[e])
			size += square(v)
			y.Data()[e] = v
			loss += square(core.Data()[e] - v)
		}
		if change <= square(fillTol)*size {
			break
		}
	}
	return loss / float64(len(places)) * float64(core.Len()), nil
}

// offsets are the places of the entries in C order.
func offsets(x *tensor.Observed) []int {
	at := make([]int, x.Count())
	for n, stride := range tensor.CStrides(x.Shape()) {
		for e, i := range x.Indices(n) {
			at[e] += int(i) * stride
		}
	}
	return at
}

// decide fills in the evidence.
func (s *searchSpectral) decide(ev *Evidence) {
	g := s.ground
	hard := s.hard()
	chosen, best, noise := -1, -1, false
	if len(s.folds) > 0 {
		best = bestOf(s.trials, everyTrial)
		g.describe(s.trials, best)
		chosen = g.simplest(s.trials, everyTrial)
		if gain, se := g.gap(nullLoss(s.folds, g), s.trials[best].loss); gain <= se {
			chosen, noise = 0, true
		}
	} else {
		for i, t := range s.trials {
			if slices.Equal(t.Ranks, hard) {
				chosen = i
			}
		}
	}
	c := s.trials[chosen]
	for i, t := range s.trials {
		switch {
		case best < 0 && i != chosen:
			t.Verdict = "not checked on entries left out"
		default:
			t.Verdict = verdict(s.trials, i, chosen, best)
		}
		out := t.Candidate
		out.Ranks = s.expand(s.full, t.Ranks)
		ev.Candidates = append(ev.Candidates, out)
	}
	ev.Chosen = s.expand(s.full, c.Ranks)
	name := list(ev.Chosen)
	above := fmt.Sprintf("singular values that rise above the optimal hard threshold for white noise (standard deviation %.3g an entry, from the median singular value) make ranks %s", s.sigma, list(s.expand(s.full, hard)))
	switch {
	case noise:
		ev.Reasons = []string{
			fmt.Sprintf("ranks %s, for want of less: no candidate predicts entries that were left out better than zero does (held-out error %s; 1 is what zero gets)", name, amount(c.HeldOut, c.HeldOutSE)),
			"warning: this looks like noise",
		}
	case best < 0:
		ev.Reasons = []string{
			fmt.Sprintf("ranks %s: %s", name, above),
			fmt.Sprintf("what rises above the noise is too large (%s) to leave entries out and fill them in, so this was not checked", sizes(g.data.Shape())),
		}
	case c.HeldOut <= exactHeldOut:
		ev.Reasons = []string{
			fmt.Sprintf("ranks %s: the smallest that predict entries left out exactly (held-out error %.1g)", name, c.HeldOut),
			above,
		}
	default:
		b := s.trials[best]
		text := fmt.Sprintf("ranks %s: the least held-out error, %s, of %d candidates", name, amount(c.HeldOut, c.HeldOutSE), len(s.trials))
		if chosen != best {
			text = fmt.Sprintf("ranks %s: the held-out error, %s, is within one standard error of the least, %s at %s", name, amount(c.HeldOut, c.HeldOutSE), amount(b.HeldOut, b.HeldOutSE), list(s.expand(s.full, b.Ranks)))
		}
		ev.Reasons = []string{text, above}
	}
}

// ones is a list of k ones.
func ones(k int) []int {
	return slices.Repeat([]int{1}, k)
}

// list writes ranks as 3, 3, 2.
func list(ranks []int) string {
	s := make([]string, len(ranks))
	for k, r := range ranks {
		s[k] = fmt.Sprint(r)
	}
	return strings.Join(s, ", ")
}
