package path

import (
	"context"
	"fmt"
	"strings"
)

// Options choose a planner. The zero value lets Plan choose.
type Options struct {
	// Planner is the name of a planner; see Planners.
	Planner string
	// Seed of the planners that draw random numbers.
	Seed uint64
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
	{"optimal", func(ctx context.Context, n *Network, _ Options) (Path, error) { return Optimal(ctx, n) }},
}

// Planners are the names that Options.Planner may have.
func Planners() []string {
	names := make([]string, len(planners))
	for i, p := range planners {
		names[i] = p.name
	}
	return names
}

// optimalByDefault is the number of tensors up to which Optimal is quicker
// than anything else that is worth doing.
const optimalByDefault = 8

// Find finds a path for a network.
func Find(ctx context.Context, n *Network, opt Options) (Found, error) {
	if err := n.Check(); err != nil {
		return Found{}, err
	}
	name := opt.Planner
	if name == "" {
		name = "greedy"
		if len(n.Inputs) <= optimalByDefault {
			name = "optimal"
		}
	}
	for _, pl := range planners {
		if pl.name != name {
			continue
		}
		p, err := pl.plan(ctx, n, opt)
		if err != nil {
			return Found{}, err
		}
		c, err := n.Cost(p, nil)
		return Found{Path: p, Cost: c, Planner: name}, err
	}
	return Found{}, fmt.Errorf("path: there is no planner %q; the planners are %s", name, strings.Join(Planners(), ", "))
}
