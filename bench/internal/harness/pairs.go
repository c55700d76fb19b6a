package harness

import (
	"errors"
	"fmt"
	"slices"

	"github.com/polyad/polyad/bench/internal/cases"
	"github.com/polyad/polyad/bench/internal/measure"
)

// pairs are what the two sides of a case found.
type pairs struct {
	us, them []measure.Outcome
	ratios   []float64
}

func (p *pairs) add(c cases.Case, o, q measure.Outcome) {
	p.us = append(p.us, o)
	if c.Tool == cases.None {
		return
	}
	p.them = append(p.them, q)
	switch {
	case o.Capped && q.Capped: // says nothing
	case o.Capped:
		p.ratios = append(p.ratios, 0)
	default:
		p.ratios = append(p.ratios, c.Ratio(o, q))
	}
}

// row fills in what the pairs say.
func (p *pairs) row(r *Row, c cases.Case, h *Harness) error {
	r.Pairs = len(p.us)
	r.Ours = median(p.us)
	count := func(list []measure.Outcome) (n int) {
		for _, o := range list {
			if o.Capped {
				n++
			}
		}
		return n
	}
	r.Capped, r.Short = count(p.them), count(p.us)
	if c.Tool != cases.None {
		if len(p.ratios) == 0 {
			return errors.New("neither side ever reached the error that was asked for")
		}
		r.Theirs = median(p.them)
		r.Peer = r.Theirs.Version
		if r.Stopped == 0 {
			r.Worst, r.WorstOf = worst(p.us, p.them)
		}
		r.Ratio, r.Low, r.High = quantile(p.ratios, 0.5), quantile(p.ratios, 0.25), quantile(p.ratios, 0.75)
	}
	if c.Work != nil {
		r.Work = c.Work(r.Ours)
	} else if r.Ours.Work != nil {
		r.Work = *r.Ours.Work
	}
	if r.Work != (measure.Work{}) {
		r.Roofline = h.Rates(r.Threads).Seconds(r.Work.Flops, r.Work.Bytes, c.Single())
		r.Fraction = r.Roofline / r.Ours.Seconds
	}
	r.Missed = r.missed()
	return nil
}

// worst is the part with the least ratio.
func worst(us, them []measure.Outcome) (ratio float64, name string) {
	for k, part := range us[0].Parts {
		ratios := make([]float64, len(us))
		for i := range us {
			ratios[i] = them[i].Parts[k].Seconds / us[i].Parts[k].Seconds
		}
		if q := quantile(ratios, 0.5); name == "" || q < ratio {
			ratio, name = q, part.Name
		}
	}
	return ratio, name
}

// missed lists what of its bar a row does not reach.
func (r Row) missed() (list []string) {
	b := r.Bar
	fail := func(asked, ok bool, format string, args ...any) {
		if asked && !ok {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	fail(b.Ratio > 0, r.Ratio >= b.Ratio, "ratio")
	fail(b.Roof > 0 && r.Roofline > 0, r.Ours.Seconds <= b.Roof*r.Roofline, "roofline")
	if b.Memory > 0 && r.Ours.Peak > 0 {
		fail(true, float64(r.Ours.Peak) <= b.Memory*float64(r.Bytes+r.Ours.Result), "memory")
		fail(r.Theirs.Peak > 0, r.Ours.Peak <= r.Theirs.Peak, "memory beside the peer's")
	}
	fail(b.Seconds > 0, r.Ours.Seconds <= b.Seconds, "seconds")
	fail(b.Bytes > 0 && r.Ours.Peak > 0, r.Ours.Peak <= b.Bytes, "peak")
	fail(b.Error > 0, r.Ours.Error <= b.Error, "error")
	fail(b.Worst > 0 && r.Stopped == 0, r.Worst >= b.Worst, "the part %s with %.2f", r.WorstOf, r.Worst)
	fail(b.NoWorse && r.Stopped == 0, r.Ours.Error <= cases.EqualError*r.Theirs.Error, "error beside the peer's")
	fail(b.Better && r.Stopped == 0, r.Ours.Error < r.Theirs.Error, "error beside the peer's")
	return list
}

// median is the outcome of median time, with the largest peak of all.
func median(list []measure.Outcome) measure.Outcome {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b measure.Outcome) int {
		if a.Seconds < b.Seconds {
			return -1
		}
		return 1
	})
	m := list[len(list)/2]
	for _, o := range list {
		m.Peak = max(m.Peak, o.Peak)
	}
	return m
}

// quantile interpolates the quantile q.
func quantile(x []float64, q float64) float64 {
	s := slices.Sorted(slices.Values(x))
	at := q * float64(len(s)-1)
	i := int(at)
	if i+1 == len(s) {
		return s[i]
	}
	return s[i] + (at-float64(i))*(s[i+1]-s[i])
}
