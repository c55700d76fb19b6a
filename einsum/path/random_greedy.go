package path

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/polyad/polyad/internal/par"
)

// greedyTrials is the number of trials of the planner random-greedy.
const greedyTrials = 128

// RandomGreedy is the best of many trials of [Greedy] with weights and
// temperatures drawn anew for each. The first trial is plain Greedy. The
// result depends on the seed and the number of trials, not on the threads.
// The error is that of ctx.
func RandomGreedy(ctx context.Context, n *Network, seed uint64, trials int) (Path, error) {
	base := newGraph(n)
	base.simplify()
	first := newGreedy(base).first
	var (
		mu   sync.Mutex
		idle = sync.Pool{New: func() any { return &trial{base.clone(), greedy{first: first}} }}
		best Path
		cost = math.Inf(1)
		from int // the trial that best is from
	)
	par.Do(trials, func(k int) {
		if ctx.Err() != nil {
			return
		}
		t := idle.Get().(*trial)
		defer idle.Put(t)
		mu.Lock()
		limit := cost
		mu.Unlock()
		t.graph.reset(base)
		c := t.run(t.graph, drawGreedy(seed, k), limit)
		mu.Lock()
		defer mu.Unlock()
		if c < cost || c == cost && k < from || best == nil && !math.IsInf(c, 1) {
			cost, from, best = c, k, append(best[:0], t.graph.path...)
		}
	})
	return best, ctx.Err()
}

// trial is the room that one trial works in.
type trial struct {
	graph *graph
	greedy
}

// drawGreedy gives the options of trial k.
func drawGreedy(seed uint64, k int) GreedyOptions {
	if k == 0 {
		return GreedyOptions{again: true}
	}
	rng := rand.New(rand.NewPCG(seed, uint64(k)))
	return GreedyOptions{
		Alpha:       math.Exp(math.Log(0.4) + rng.Float64()*math.Log(8)), // 0.4 to 3.2
		Temperature: math.Exp(math.Log(1e-3) * rng.Float64()),            // 0.001 to 1
		Seed:        rng.Uint64(),
		again:       k%4 != 3,
	}
}
