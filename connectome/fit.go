package connectome

import (
	"context"
	"fmt"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// Options of [Fit]. Rank is needed; the zero value of everything else works.
type Options struct {
	fit.Options

	// Rank is the number of components.
	Rank int
	// Restarts is that of [SearchOptions].
	Restarts int
}

// Result is what [Fit] finds.
type Result struct {
	Model      *cp.Tensor  // time × subject × pair
	Fit        fit.Result  // how it was made
	Nodes      tensor.Axis // what is paired
	Components []Component // heaviest first
	// Leading is the component that is strongest at each time, or -1 where
	// all are zero.
	Leading []int
	// Changes are the times at which another component takes the lead.
	Changes []Change
	// Periods are the communities over time: of the affinities of all
	// components together.
	Periods []Period
}

// Component is a pattern of affinities with its course in time.
type Component struct {
	Weight      float64
	Time        []float64               // its course, of norm 1
	Subjects    []float64               // how strong it is in each, of norm 1
	Affinity    *tensor.Matrix[float64] // N×N, symmetric, the diagonal zero
	Communities *Partition              // of the graph of affinities
}

// Change is a time at which one component takes the lead from another.
type Change struct {
	Time, From, To int
	NMI            float64 // of their communities
}

// Fit factors affinities of time × subject × pair without negative entries
// ([cp.HALS]) and finds the communities of each component; see the package.
// Affinities that are unknown are left out.
//
// After a cancellation the error is ctx's. Other errors are those of
// [cp.HALS].
func Fit(ctx context.Context, p *Pairs, opt Options) (*Result, error) {
	m, res, err := cp.HALS(ctx, p.Data, cp.Options{Rank: opt.Rank, Options: opt.Options})
	if err != nil {
		return nil, fmt.Errorf("connectome: %w", err)
	}
	r := &Result{Model: m, Fit: res, Nodes: p.Nodes}
	for k, w := range m.Weights {
		c := Component{Weight: w, Time: m.Factors[0].Col(k), Subjects: m.Factors[1].Col(k), Affinity: p.Square(m.Factors[2].Col(k))}
		g, err := NewGraph(c.Affinity)
		if err != nil {
			return nil, err
		}
		c.Communities, err = Communities(ctx, g, SearchOptions{Seed: opt.Seed, Restarts: opt.Restarts})
		if err != nil {
			return nil, fmt.Errorf("component %d: %w", k+1, err)
		}
		r.Components = append(r.Components, c)
	}
	r.follow()
	if err := r.periods(ctx, SearchOptions{Seed: opt.Seed, Restarts: opt.Restarts}); err != nil {
		return nil, fmt.Errorf("communities over time: %w", err)
	}
	return r, nil
}

// follow finds which component leads at each time.
func (r *Result) follow() {
	last := -1
	for t := range r.Model.Factors[0].Rows {
		lead, most := -1, 0.0
		for k, c := range r.Components {
			if v := c.Weight * c.Time[t]; v > most {
				lead, most = k, v
			}
		}
		r.Leading = append(r.Leading, lead)
		if lead < 0 {
			continue
		}
		if last >= 0 && lead != last {
			a, b := r.Components[last].Communities, r.Components[lead].Communities
			r.Changes = append(r.Changes, Change{Time: t, From: last, To: lead, NMI: NMI(a.Blocks, b.Blocks)})
		}
		last = lead
	}
}
