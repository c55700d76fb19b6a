package cli

import (
	"errors"
	"fmt"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/rank"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
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
	if c.kind != dense && (search || how.calls != "cp.ALS" && how.calls != "cp.HALS") {
		return fit.Plan{}, errUnplanned
	}
	if search {
		return c.planSearch(m, j)
	}
	if c.kind == sparsely {
		return c.planSparse(how.calls, j.ranks[0]), nil
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

// planSparse predicts sweeps of CP over the entries of sparse data: a tree for
// each mode, the lists that they are sorted in, and half a list of garbage. A
// product reads a tree, and rows of the factors for each entry.
func (c *candidate) planSparse(calls string, rank int) fit.Plan {
	modes, rows := int64(len(c.shape)), int64(0)
	for _, s := range c.shape {
		rows += int64(s)
	}
	tree := c.entries * (8 + 4*modes)
	parameters := rows * int64(rank)
	return fit.Plan{
		Algorithm: calls + " by trees of the entries", Iterative: true, Parameters: parameters,
		Flops: 2 * float64(rank) * float64(modes*c.entries), BytesMoved: float64(modes * (tree + 16*int64(rank)*c.entries)),
		PeakBytes: int64(sparse.TreesPeak(c.shape, int(c.entries), 8)) + 8*c.entries + 4*8*parameters,
	}
}

// errUnplanned refuses a limit that cannot be kept for sure.
var errUnplanned = errors.New("--mem: of sparse and observed data the memory of the search for a rank is not predicted, nor that of other methods than ALS and HALS; give --rank R, or leave --mem away")

// planSearch predicts the search for a rank and the run that follows, at the
// largest rank for CP. (The other formats hold what they need against the room
// that is left.)
func (c *candidate) planSearch(m method, j job) (fit.Plan, error) {
	limits := limitsOf(j.sets)
	slices := !gaussian(j.loss) || len(limits) != 1 || limits[0] != "none"
	p, err := rank.Plan(m.name, c.shape, c.elemBytes(), rank.Options{Max: j.maxRank, NonNegative: slices})
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
