package connectome

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/polyad/polyad/internal/optimize"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// Period is a stretch of time in which the communities stay the same.
type Period struct {
	First, Last int // times, both included
	// Of is the community of each node. A community keeps its number from
	// period to period; numbers count from 0 in the order in which
	// communities appear.
	Of []int
	// NMI is that of the communities with those of the period before, 1 for
	// the first.
	NMI float64
	// Events say what became of the communities of the period before.
	Events []Event
	// Affinity is the mean over the period, of all subjects: N×N.
	Affinity *tensor.Matrix[float64]
}

// Members are the nodes of each community, by its number. Communities of
// other periods have none.
func (p Period) Members() [][]int {
	out := make([][]int, 1+slices.Max(p.Of))
	for i, id := range p.Of {
		out[id] = append(out[id], i)
	}
	return out
}

// Event is what happens to communities between two periods. A merger has
// several before and one after, a split the contrary; what appears has none
// before, what ends none after.
type Event struct {
	Kind   string // "merger", "split", "new" or "end"
	Before []int
	After  []int
}

// String says it in words; communities count from 1.
func (e Event) String() string {
	switch e.Kind {
	case "merger":
		return fmt.Sprintf("communities %s merge into %s", numbers(e.Before), numbers(e.After))
	case "split":
		return fmt.Sprintf("community %s splits into %s", numbers(e.Before), numbers(e.After))
	case "new":
		return fmt.Sprintf("community %s forms", numbers(e.After))
	}
	return fmt.Sprintf("community %s dissolves", numbers(e.Before))
}

func numbers(ids []int) string {
	var s []string
	for _, id := range ids {
		s = append(s, fmt.Sprint(id+1))
	}
	if n := len(s); n > 1 {
		return strings.Join(s[:n-1], ", ") + " and " + s[n-1]
	}
	return s[0]
}

const (
	windowsMost      = 16   // stretches of time with communities of their own
	windowsExplained = 0.95 // of the variation of the mixture, by the stretches
	windowsSilent    = 1e-6 // of the largest affinity: no graph
	sameCommunity    = 0.25 // nodes shared, of all of both, of a community that keeps its number
)

// periods finds the communities over time. The affinity at time t is the
// mixture sum_r w_r*a_r(t)*b_r*A_r of the components' graphs A_r, where a_r is
// the course and b_r the mean loading of the subjects.
//
//  1. Time is cut into windows in which the mixture is about constant.
//  2. A block model finds the communities of the mean graph of each window. The
//     next window keeps them if they describe its graph, without being named
//     again, in fewer words than the best communities of its own and their
//     names.
//  3. Communities are matched with the last members of the earlier ones, by
//     the assignment with the largest sum of Jaccard indices.
func (r *Result) periods(ctx context.Context, opt SearchOptions) error {
	mix := r.mixture()
	cuts := windows(mix)
	graphs := make([]*Graph, len(cuts)-1)
	means := make([]*tensor.Matrix[float64], len(graphs))
	top := 0.0
	for k := range graphs {
		means[k] = r.mean(mix, cuts[k], cuts[k+1])
		top = max(top, slices.Max(means[k].Data))
	}
	own := make([]*Partition, len(graphs))
	errs := make([]error, len(graphs))
	par.Do(len(graphs), func(k int) {
		if slices.Max(means[k].Data) <= windowsSilent*top {
			return // nothing acts: the communities are those before
		}
		if graphs[k], errs[k] = NewGraph(means[k]); errs[k] == nil {
			own[k], errs[k] = Communities(ctx, graphs[k], opt)
		}
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	var last []int
	for k, p := range own {
		switch {
		case p == nil && last == nil:
			last = make([]int, r.nodes())
		case p == nil || last != nil && lengthGiven(graphs[k], last) <= p.Length:
		default:
			last = p.Blocks
		}
		if n := len(r.Periods); n > 0 && slices.Equal(named(r.Periods[n-1].Of), named(last)) {
			r.Periods[n-1].Last = cuts[k+1] - 1
			continue
		}
		r.Periods = append(r.Periods, Period{First: cuts[k], Last: cuts[k+1] - 1, Of: last, NMI: 1})
	}
	for k := range r.Periods {
		p := &r.Periods[k]
		p.Affinity = r.mean(mix, p.First, p.Last+1)
		if k > 0 {
			p.NMI = NMI(r.Periods[k-1].Of, p.Of)
		}
	}
	number(r.Periods)
	return nil
}

func (r *Result) nodes() int { return r.Components[0].Affinity.Rows }

// mixture is the affinity that each component gives at each time, in the
// mean of the subjects, as the mean over its graph: times×R.
func (r *Result) mixture() *tensor.Matrix[float64] {
	m := tensor.NewMatrix[float64](r.Model.Factors[0].Rows, len(r.Components))
	for k, c := range r.Components {
		subjects, graph := 0.0, 0.0
		for _, v := range c.Subjects {
			subjects += v / float64(len(c.Subjects))
		}
		for _, v := range c.Affinity.Data {
			graph += v / float64(len(c.Affinity.Data))
		}
		for t, v := range c.Time {
			m.Set(t, k, c.Weight*v*subjects*graph)
		}
	}
	return m
}

// mean is the mean graph of the times lo to hi-1.
func (r *Result) mean(mix *tensor.Matrix[float64], lo, hi int) *tensor.Matrix[float64] {
	a := tensor.NewMatrix[float64](r.nodes(), r.nodes())
	for k, c := range r.Components {
		scale, graph := 0.0, 0.0
		for t := lo; t < hi; t++ {
			scale += mix.At(t, k) / float64(hi-lo)
		}
		for _, v := range c.Affinity.Data {
			graph += v / float64(len(c.Affinity.Data))
		}
		if graph == 0 {
			continue
		}
		for i, v := range c.Affinity.Data {
			a.Data[i] += scale / graph * v
		}
	}
	return a
}

// windows cuts time where the mixture changes: the fewest stretches, up to
// windowsMost, that explain most of the variation of the shares of the
// components, where a time weighs as much as its affinity. It is exact, by
// dynamic programming (Bellman 1961, https://doi.org/10.1145/366573.366611),
// in windowsMost*T^2 operations for at most windowBins bins of time.
func windows(mix *tensor.Matrix[float64]) []int {
	bins := min(mix.Rows, windowBins)
	edge := func(b int) int { return b * mix.Rows / bins }
	// Sums from the start: of weights, of weighted shares, of their squares.
	weight, square := make([]float64, bins+1), make([]float64, bins+1)
	share := tensor.NewMatrix[float64](bins+1, mix.Cols)
	for b := range bins {
		copy(share.Row(b+1), share.Row(b))
		weight[b+1], square[b+1] = weight[b], square[b]
		for t := edge(b); t < edge(b+1); t++ {
			total := 0.0
			for _, v := range mix.Row(t) {
				total += v
			}
			if total == 0 {
				continue
			}
			weight[b+1] += total
			for k, v := range mix.Row(t) {
				share.Row(b + 1)[k] += v
				square[b+1] += v * v / total
			}
		}
	}
	cost := func(lo, hi int) float64 {
		w := weight[hi] - weight[lo]
		if w <= 0 {
			return 0
		}
		c := square[hi] - square[lo]
		for k := range mix.Cols {
			s := share.At(hi, k) - share.At(lo, k)
			c -= s * s / w
		}
		return max(0, c)
	}
	whole := cost(0, bins)
	least := make([]float64, bins+1) // of the first bins in one more stretch each round
	for b := range least {
		least[b] = cost(0, b)
	}
	var from [][]int
	for len(from)+1 < min(windowsMost, bins) && least[bins] > (1-windowsExplained)*whole && whole > 1e-12*weight[bins] {
		next, at := make([]float64, bins+1), make([]int, bins+1)
		for b := range next {
			next[b] = math.Inf(1)
			for a := range b {
				if c := least[a] + cost(a, b); c < next[b] {
					next[b], at[b] = c, a
				}
			}
		}
		next[0] = 0
		least, from = next, append(from, at)
	}
	cuts := []int{mix.Rows}
	for b := bins; len(from) > 0; from = from[:len(from)-1] {
		b = from[len(from)-1][b]
		cuts = append(cuts, edge(b))
	}
	cuts = append(cuts, 0)
	slices.Reverse(cuts)
	return slices.Compact(cuts)
}

// windowBins bounds the places at which time is cut.
const windowBins = 1000

// number gives the communities of the periods numbers that they keep, and
// finds the events.
func number(periods []Period) {
	var members [][]int // of each community when it was last there
	for k := range periods {
		p := &periods[k]
		blocks := p.Members()
		scores := make([][]float64, len(blocks))
		for b, nodes := range blocks {
			scores[b] = make([]float64, len(members))
			for id, old := range members {
				both := shared(nodes, old)
				scores[b][id] = float64(both) / float64(len(nodes)+len(old)-both)
			}
		}
		match := optimize.Assign(scores, len(members))
		for b, nodes := range blocks {
			if len(members) == 0 || match[b] < 0 || scores[b][match[b]] < sameCommunity {
				match[b] = len(members)
				members = append(members, nil)
			}
			members[match[b]] = nodes
		}
		of := make([]int, len(p.Of))
		for i, b := range p.Of {
			of[i] = match[b]
		}
		p.Of = of
		if k > 0 {
			p.Events = events(periods[k-1].Of, of, len(members))
		}
	}
}

// shared counts the nodes in both of two lists in rising order.
func shared(a, b []int) int {
	n := 0
	for _, i := range a {
		if _, ok := slices.BinarySearch(b, i); ok {
			n++
		}
	}
	return n
}

// events are the mergers, where most of each of several communities goes to
// one, the splits, which are mergers backwards, and what is new or ends
// besides.
func events(before, after []int, ids int) []Event {
	flow := make([][]int, ids)
	size := [2][]int{make([]int, ids), make([]int, ids)}
	for a := range flow {
		flow[a] = make([]int, ids)
	}
	for i, a := range before {
		b := after[i]
		flow[a][b]++
		size[0][a]++
		size[1][b]++
	}
	var out []Event
	told := [2][]bool{make([]bool, ids), make([]bool, ids)}
	tell := func(e Event) {
		out = append(out, e)
		for _, a := range e.Before {
			told[0][a] = true
		}
		for _, b := range e.After {
			told[1][b] = true
		}
	}
	for id := range ids {
		var in, parts []int
		for other := range ids {
			if 2*flow[other][id] > size[0][other] {
				in = append(in, other)
			}
			if 2*flow[id][other] > size[1][other] {
				parts = append(parts, other)
			}
		}
		if len(in) > 1 {
			tell(Event{Kind: "merger", Before: in, After: []int{id}})
		}
		if len(parts) > 1 {
			tell(Event{Kind: "split", Before: []int{id}, After: parts})
		}
	}
	for id := range ids {
		if size[0][id] == 0 && size[1][id] > 0 && !told[1][id] {
			tell(Event{Kind: "new", After: []int{id}})
		}
		if size[1][id] == 0 && size[0][id] > 0 && !told[0][id] {
			tell(Event{Kind: "end", Before: []int{id}})
		}
	}
	return out
}
