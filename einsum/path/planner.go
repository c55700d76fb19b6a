package path

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Options choose a planner and how hard it tries. The zero value is a search
// whose length is in proportion to the contraction.
type Options struct {
	// Planner is the name of a planner; see Planners.
	Planner string
	// Seed of the planners that draw random numbers.
	Seed uint64
	// Time that a search takes; 0 for as long as it pays, or Trials.
	Time time.Duration
	// Trials of a search, in rounds of eight, unless Time is over before.
	Trials int
	// Memory is the most elements that a slice may take beside the inputs
	// (see Cost.Peak); 0 for no limit.
	Memory float64
	// Writes is the number of products that writing one element of a result
	// takes as long as, for a search; 0 to count products alone. 64 is about
	// right for contractions that are to be run.
	Writes float64
	// Start is a path to improve on, if one is known.
	Start Path
}

// Found is a path, what it costs, and who found it.
type Found struct {
	Path    Path
	Sliced  []int32
	Cost    Cost
	Planner string
}

// planner makes a path for a network that has been checked.
type planner struct {
	name string
	plan func(context.Context, *Network, Options) (Path, error)
}

var planners = []planner{
	{"greedy", func(_ context.Context, n *Network, opt Options) (Path, error) {
		return Greedy(n, GreedyOptions{Seed: opt.Seed}), nil
	}},
	{"random-greedy", func(ctx context.Context, n *Network, opt Options) (Path, error) {
		return RandomGreedy(ctx, n, opt.Seed, greedyTrials)
	}},
	{"min-fill", func(_ context.Context, n *Network, opt Options) (Path, error) { return MinFill(n, opt.Seed), nil }},
	{"dissection", func(ctx context.Context, n *Network, opt Options) (Path, error) { return Dissection(ctx, n, opt.Seed) }},
	{"optimal", func(ctx context.Context, n *Network, _ Options) (Path, error) { return Optimal(ctx, n) }},
}

// Planners are the names that Options.Planner may have.
func Planners() []string {
	names := make([]string, 0, len(planners)+1)
	for _, p := range planners {
		names = append(names, p.name)
	}
	return append(names, searchName)
}

// optimalByDefault is the number of tensors up to which Optimal is quicker
// than anything else that is worth doing.
const optimalByDefault = 8

const searchName = "search"

// Find finds a path for a network. The planner search obeys all options. The
// others find their path, which is then sliced if Options.Memory asks for it;
// Time, Trials and Start are faults with them. The error may be a
// *MemoryError.
func Find(ctx context.Context, n *Network, opt Options) (Found, error) {
	if err := n.Check(); err != nil {
		return Found{}, err
	}
	if opt.Time < 0 || opt.Trials < 0 || !(opt.Memory >= 0) || !(opt.Writes >= 0) {
		return Found{}, fmt.Errorf("path: time %v, %d trials, memory %v, writes %v; none may be negative", opt.Time, opt.Trials, opt.Memory, opt.Writes)
	}
	if opt.Planner == "" && (len(n.Inputs) > optimalByDefault || opt.Memory > 0) || opt.Planner == searchName {
		return Search(ctx, n, opt)
	}
	if opt.Planner == "" {
		opt.Planner = "optimal"
	} else if opt.Time > 0 || opt.Trials > 0 || opt.Start != nil {
		return Found{}, fmt.Errorf("path: a time, trials or a start are for the planner %s, not for %s", searchName, opt.Planner)
	}
	for _, pl := range planners {
		if pl.name != opt.Planner {
			continue
		}
		p, err := pl.plan(ctx, n, opt)
		if err != nil {
			return Found{}, err
		}
		return n.Slice(ctx, p, opt.Memory, opt.Planner)
	}
	return Found{}, fmt.Errorf("path: there is no planner %q; the planners are %s", opt.Planner, strings.Join(Planners(), ", "))
}
