package cli

import (
	"cmp"
	"fmt"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/rank"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// searchedRank is the largest rank that --rank auto tries unless --max-rank
// says otherwise.
const searchedRank = 10

// planRun predicts what the run of a job needs: of the solver that it would
// choose, with the search for a rank where none is given. What needs the data in
// memory says so.
func (c *candidate) planRun(m method, j job, read reading) (fit.Plan, error) {
	axes := c.axes
	if axes == nil {
		axes = make([]tensor.Axis, len(c.shape))
		for n, mode := range read.modes {
			if n < len(axes) {
				axes[n].Name = mode
			}
		}
	}
	var err error
	if j.sets, err = resolve(j.limits, axes); err != nil {
		return fit.Plan{}, err
	}
	if r := givenRank(j.limits); r > 0 && j.ranks == nil {
		j.ranks = []int{r}
	}
	how, err := pick(m.name, c.kind, tensor.Cells(c.shape), j)
	if err != nil {
		return fit.Plan{}, err
	}
	if c.stream && how.costs[slabs] == "" {
		c.stream, c.why = false, refusal(m.name, slabs, j.loss, limitsOf(j.sets))
	}
	search := j.ranks == nil && j.eps == 0
	if c.kind != dense && !predicted(m, how, j, search) {
		return fit.Plan{}, fmt.Errorf("--mem: of %s data the memory of %s is not predicted; with %s it is", c.kind, unpredicted(m, how, j, search), instead(m, c.kind))
	}
	if search {
		return c.planSearch(m, j)
	}
	if c.kind != dense {
		return c.planListed(m, how.calls, j)
	}
	p, err := c.plan(m, j)
	if err == nil && how.format == "cp" && how.calls != "cp.ALS" {
		p.Algorithm, p.Candidates = how.calls, nil
		if how.listed != nil {
			p.PeakBytes += int64(tensor.Cells(c.shape) * how.listed(float64(len(c.shape))))
		}
	}
	return p, err
}

// predicted tells whether the memory of a run on sparse data, or on data with
// unknown cells, is known before.
func predicted(m method, how *solver, j job, search bool) bool {
	switch {
	case search && !judgedByRank(m, j):
		return false
	case how.format == "cp":
		return how.calls == "cp.ALS" || how.calls == "cp.HALS"
	}
	return j.eps == 0 && (how.calls == "tucker.HOOI" || how.calls == "tt.SVD")
}

// judgedByRank tells whether package rank chooses the rank, of all data; else
// package complete does.
func judgedByRank(m method, j job) bool {
	limits := limitsOf(j.sets)
	return gaussian(j.loss) && len(limits) == 1 && (limits[0] == "none" || limits[0] == "nonneg")
}

// unpredicted and instead are what is not predicted, and what would be.
func unpredicted(m method, how *solver, j job, search bool) string {
	switch {
	case j.eps > 0:
		return fmt.Sprintf("--method %s --eps %v, which decides the ranks,", m.name, j.eps)
	case search && !judgedByRank(m, j):
		return "the search for a rank under this loss or these constraints"
	}
	return how.calls
}

func instead(m method, k kind) string {
	if m.name != "cp" && k == sparsely {
		return "--method " + m.name + " --rank R"
	}
	return "--method cp --solver als, or --nonneg --solver hals,"
}

// planListed predicts the run on the entries of sparse data, or of data with
// unknown cells.
func (c *candidate) planListed(m method, calls string, j job) (fit.Plan, error) {
	switch {
	case m.name == "cp" && len(j.ranks) != 1:
		return fit.Plan{}, fmt.Errorf("--rank %s: cp takes one number", joinInts(j.ranks))
	case m.name == "cp":
		return c.planSweeps(calls, min(j.ranks[0], cp.MaxRank(c.shape))), nil
	case m.name == "tucker":
		ranks, err := spread(j.ranks, len(c.shape), "tucker", "one a mode")
		if err != nil {
			return fit.Plan{}, err
		}
		return tucker.PlanSparse(c.shape, c.entries, tucker.Options{Ranks: ranks, Randomized: j.random})
	}
	ranks, err := spread(j.ranks, len(c.shape)-1, "tt", "one between neighbouring modes")
	if err != nil {
		return fit.Plan{}, err
	}
	return tt.PlanSparse(c.shape, c.entries, tt.Options{Ranks: ranks})
}

// planSweeps predicts sweeps of CP over entries: of sparse data by a tree for
// each mode, the lists that they are sorted in, and half a list of garbage; of
// known entries by a list in the order of each mode. A product reads a list, and
// rows of the factors for each entry.
func (c *candidate) planSweeps(calls string, rank int) fit.Plan {
	modes, rows := int64(len(c.shape)), int64(0)
	for _, s := range c.shape {
		rows += int64(s)
	}
	list := c.entries * (8 + 4*modes)
	parameters := rows * int64(rank)
	p := fit.Plan{
		Algorithm: calls + " by trees of the entries", Iterative: true, Parameters: parameters,
		Flops: 2 * float64(rank) * float64(modes*c.entries), BytesMoved: float64(modes * (list + 16*int64(rank)*c.entries)),
		PeakBytes: int64(sparse.TreesPeak(c.shape, int(c.entries), 8)) + 8*c.entries + 4*8*parameters,
	}
	if c.kind == observed {
		p.Algorithm = calls + " by lists of the entries"
		p.Flops *= float64(rank) / 2
		p.PeakBytes = c.elements + modes*list + 24*c.entries + 4*8*parameters
	}
	return p
}

// planSearch predicts the search for a rank and the run that follows, at the
// largest rank for CP. (The other formats hold what they need against the room
// that is left.)
func (c *candidate) planSearch(m method, j job) (fit.Plan, error) {
	limits := limitsOf(j.sets)
	slices := !gaussian(j.loss) || len(limits) != 1 || limits[0] != "none"
	opt := rank.Options{Max: j.maxRank, NonNegative: slices}
	if c.kind != dense {
		return c.planSparseSearch(m, j, opt)
	}
	p, err := rank.Plan(m.name, c.shape, c.elemBytes(), opt)
	if err != nil {
		return p, err
	}
	c.stream, c.why = false, "ranks are chosen from data in memory; with --rank R those of .npy files are read in slabs"
	if m.name != "cp" {
		return p, nil
	}
	most := j.maxRank
	if most == 0 {
		most = searchedRank
	}
	j.ranks = []int{min(most, cp.MaxRank(c.shape))}
	run, err := c.planRun(m, j, reading{})
	if err != nil {
		return run, err
	}
	p.Algorithm = fmt.Sprintf("the choice of a rank up to %d", j.ranks[0])
	p.PeakBytes, p.Parameters = max(p.PeakBytes, run.PeakBytes), run.Parameters
	return p, nil
}

// planSparseSearch is planSearch for data that list their entries. For Tucker
// and trains the run is held against the room that is left.
func (c *candidate) planSparseSearch(m method, j job, opt rank.Options) (fit.Plan, error) {
	p, err := rank.PlanSparse(m.name, c.shape, c.entries, opt)
	if err != nil {
		return p, err
	}
	if c.kind == observed {
		p.PeakBytes += c.elements
	}
	most := cmp.Or(j.maxRank, searchedRank)
	j.ranks = []int{most}
	p.Algorithm = fmt.Sprintf("the choice of a rank up to %d", most)
	how, err := pick(m.name, c.kind, tensor.Cells(c.shape), j)
	if err != nil {
		return p, err
	}
	run, err := c.planListed(m, how.calls, j)
	if err != nil {
		return run, err
	}
	p.PeakBytes, p.Parameters = max(p.PeakBytes, run.PeakBytes), run.Parameters
	return p, nil
}
