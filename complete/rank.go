package complete

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/polyad/polyad/rank"
	"github.com/polyad/polyad/tensor"
)

const (
	judged     = 1 << 15 // entries that candidates are fitted to and judged on
	judgedTied = 1 << 20 // where modes share a factor, so that no slices can be left away
)

// Rank chooses the rank (and where the fits have one, the ridge) of a model
// for data of any kind by the first half of what [Run] does: entries are left
// out and predicted. It serves what package rank does not judge, losses,
// constraints, and Tucker and tensor-train models of known entries alone. Of
// large data a part is judged ([rank.Sample]), which Basis tells.
//
// The held-out error of the evidence is relative: the root of the squares of
// the errors over those of the data, or of the deviance over that of a
// constant, as that of the fits. Figures that do not apply are NaN.
func Rank(ctx context.Context, x tensor.Tensor, opt Options) (*rank.Evidence, error) {
	began := time.Now()
	most := judged
	for n, s := range opt.Constraints {
		if _, tied := s.IsTied(); tied {
			most = judgedTied
			if cells := tensor.Cells(x.Shape()); cells > judgedTied {
				return nil, fmt.Errorf("complete: mode %d is tied to another, and %.3g cells are more than the %d among which a rank is chosen then; give the rank", n, cells, judgedTied)
			}
		}
		if factor, fixed := s.IsFixed(); fixed {
			if factor == nil {
				return nil, fmt.Errorf("complete: mode %d is fixed, and no factor is given", n)
			}
			opt.Ranks = []int{factor.Cols}
		}
	}
	part, basis, err := rank.Sample(x, most, opt.Seed)
	if err != nil {
		return nil, fmt.Errorf("complete: %w", err)
	}
	o, f, err := opt.prepare(part)
	if err != nil {
		return nil, fmt.Errorf("complete: %w", err)
	}
	s := newSearch(part, o, f)
	if err := s.sizes(ctx); err != nil {
		return nil, fmt.Errorf("complete: %w", err)
	}
	return s.evidence(basis, began), nil
}

// evidence tells the search in the words of package rank.
func (s *search) evidence(basis string, began time.Time) *rank.Evidence {
	e := &rank.Evidence{
		Method: s.opt.Format, Chosen: slices.Clone(s.best.Ranks), Ridge: s.best.Ridge, Basis: basis,
		Folds: len(s.folds), Starts: 1, Seed: s.opt.Seed,
	}
	least := s.best
	var list []*Candidate // of each rank that with the best ridge
	for k := range s.tried {
		c := &s.tried[k]
		if c.hopeless(s) {
			continue
		}
		if mean(c.loss) < mean(least.loss) {
			least = c
		}
		at := slices.IndexFunc(list, func(d *Candidate) bool { return slices.Equal(c.Ranks, d.Ranks) })
		switch {
		case at < 0:
			list = append(list, c)
		case mean(c.loss) < mean(list[at].loss):
			list[at] = c
		}
	}
	null := s.null()
	relative := func(v float64) float64 { return math.Sqrt(max(0, v) / null) }
	for _, c := range list {
		gap, se := s.difference(c, least)
		r := rank.Blank(c.Ranks...)
		r.HeldOut = relative(mean(c.loss))
		r.HeldOutSE, r.HeldOutGap, r.HeldOutGapSE = 0, r.HeldOut-relative(mean(least.loss)), 0
		if r.HeldOut > 0 {
			r.HeldOutSE = deviation(c.loss) / math.Sqrt(float64(len(c.loss))) / null / (2 * r.HeldOut)
			r.HeldOutGapSE = se / null / (r.HeldOut + relative(mean(least.loss)))
		}
		switch {
		case slices.Equal(c.Ranks, s.best.Ranks):
			r.Verdict = "chosen"
		case slices.Max(c.Ranks) < slices.Max(s.best.Ranks):
			r.Verdict = "too few: higher ranks predict better"
		case gap <= se:
			r.Verdict = "predicts no better than a smaller rank"
		default:
			r.Verdict = "too many: predicts worse"
		}
		e.Candidates = append(e.Candidates, r)
	}
	slices.SortStableFunc(e.Candidates, func(a, b rank.Candidate) int { return slices.Max(a.Ranks) - slices.Max(b.Ranks) })
	what := "squared error"
	if !s.opt.squares() {
		what = fmt.Sprintf("deviance under %s", s.opt.Loss)
	}
	text := fmt.Sprintf("rank %s: the least that predicts entries left out within one standard error of the best (%s)", s.best.size(), what)
	if s.opt.Ranks != nil {
		text = fmt.Sprintf("rank %s: that of the factor that is given, or that was asked for", s.best.size())
	}
	e.Reasons = append(e.Reasons, text)
	if s.best.Ridge > 0 {
		e.Reasons = append(e.Reasons, fmt.Sprintf("of the ridges tried with it, %g predicts best", s.best.Ridge))
	}
	if s.opt.Format != "cp" {
		e.Reasons = append(e.Reasons, "ranks alike in all places were tried; others may do better with fewer parameters")
	}
	e.Seconds = time.Since(began).Seconds()
	return e
}

// null is the mean loss of predicting without a model: zero, or under a
// loss the best constant.
func (s *search) null() float64 {
	if s.opt.squares() {
		return s.unit * s.unit
	}
	values, sum := s.x.Values(), 0.0
	for _, v := range values {
		sum += v
	}
	constant, total := s.opt.Loss.Best(sum/float64(len(values))), 0.0
	for _, v := range values {
		total += s.opt.Loss.Deviance(v, constant)
	}
	return total / float64(len(values))
}
