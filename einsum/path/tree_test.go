package path

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// ladder is a random network with some indices of three holders, sizes from
// 1 to 5 and two indices in the output.
func ladder(tensors int, seed uint64) *Network {
	rng := rand.New(rand.NewPCG(seed, 2))
	n := &Network{Inputs: make([][]int32, tensors)}
	for i := range int32(2 * tensors) {
		n.Sizes = append(n.Sizes, 1+rng.IntN(5))
		holders := 2
		if i%5 == 0 {
			holders = 3
		}
		for _, t := range rng.Perm(tensors)[:holders] {
			n.Inputs[t] = append(n.Inputs[t], i)
		}
	}
	n.Output = []int32{3, 7}
	return n
}

// checkTree compares what a tree knows of itself with what its path costs.
func checkTree(t *testing.T, f *forest, n *Network, tr *tree, sliced []int32) {
	t.Helper()
	p := f.lift(tr.path())
	if err := p.Check(len(n.Inputs)); err != nil {
		t.Fatal(err)
	}
	fresh := f.tree(tr.path(), nil)
	for _, i := range sliced {
		fresh.slice(int(f.lay.bit[i]))
	}
	if a, b := tr.total(), fresh.total(); !(math.Abs(a-b) <= 1e-9*b) {
		t.Fatalf("the tree says %v products, made anew it has %v", a, b)
	}
	if a, b := tr.largest(), fresh.largest(); !(math.Abs(a-b) <= 1e-9) {
		t.Fatalf("the tree says 2^%v elements, made anew it has 2^%v", a, b)
	}
	c, err := n.Cost(p, sliced)
	if err != nil {
		t.Fatal(err)
	}
	slices := math.Log2(c.Slices)
	if got := math.Log2(tr.total()) + slices; len(f.graph.path) == 0 && len(tr.left) > 1 && got > c.Flops+1e-9 {
		t.Fatalf("the tree costs 2^%v, its path 2^%v", got, c.Flops)
	}
	if got := tr.peak(); len(f.graph.path) == 0 && !(math.Abs(got-c.Peak) <= 1e-6) {
		t.Fatalf("the tree takes 2^%v elements, its path 2^%v", got, c.Peak)
	}
}

func TestTreesKnowThemselves(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(6) {
		n := ladder(30, seed)
		g := newGraph(n)
		f := newForest(g)
		start := newGraph(f.network())
		newGreedy(start).run(start, GreedyOptions{Temperature: 1, Seed: seed}, math.Inf(1))
		tr := f.tree(start.path, nil)
		checkTree(t, f, n, tr, nil)
		before := tr.total()
		a := newAnnealing(tr, seed, math.Inf(1))
		for range 20 {
			a.sweep(0.1)
			checkTree(t, f, n, tr, nil)
		}
		a.cool(ctx, 0.1, coldBeta, 300)
		checkTree(t, f, n, tr, nil)
		if tr.total() > before*1000 {
			t.Errorf("annealing made %v products of %v", tr.total(), before)
		}
		annealed := tr.total()
		newReconfiguring(tr, seed).run(ctx, 8)
		checkTree(t, f, n, tr, nil)
		if tr.total() > annealed {
			t.Errorf("reconfiguring made %v products of %v", tr.total(), annealed)
		}
		memory := tr.peak() - 4
		if !tr.fit(ctx, memory, seed) {
			t.Fatal("no slicing was found")
		}
		checkTree(t, f, n, tr, f.indices(tr.sliced))
		fitted := tr.score()
		for k := range 10 {
			newAnnealing(tr, seed+uint64(k), memory).cool(ctx, float64(k)/2, coldBeta, 40)
			checkTree(t, f, n, tr, f.indices(tr.sliced))
		}
		newReconfiguring(tr, seed).keep(ctx, 8, memory)
		checkTree(t, f, n, tr, f.indices(tr.sliced))
		if p := tr.peak(); !(p <= memory) || tr.score() > fitted+1e-9 {
			t.Errorf("seed %d: a slice takes 2^%v elements, 2^%v are allowed; 2^%v products became 2^%v", seed, p, memory, fitted, tr.score())
		}
		for _, i := range f.indices(tr.sliced) { // back to the whole
			tr.unslice(int(f.lay.bit[i]))
			checkTree(t, f, n, tr, f.indices(tr.sliced))
		}
	}
}

// A tree of as many leaves as the dynamic program takes is made optimal at
// once.
func TestReconfigureIsOptimal(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(10) {
		n := ladder(8, seed)
		p, err := Optimal(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		want, err := n.Cost(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		f := newForest(newGraph(n))
		bad := make(Path, 0, 7)
		for k := range 7 { // one after the other
			bad = append(bad, [2]int{k + 1, max(0, 7+k) * min(k, 1)})
		}
		tr := f.tree(bad, nil)
		newReconfiguring(tr, 1).run(ctx, 8)
		got, err := n.Cost(f.lift(tr.path()), nil)
		if err != nil {
			t.Fatal(err)
		}
		if !(math.Abs(got.Flops-want.Flops) <= 1e-9) {
			t.Errorf("seed %d: 2^%v products, the best are 2^%v", seed, got.Flops, want.Flops)
		}
	}
}

func TestSearchThreads(t *testing.T) {
	n := ladder(40, 9)
	threads := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(threads)
	var first Found
	for k, p := range []int{1, 2, 3} {
		runtime.GOMAXPROCS(p)
		f, err := Search(context.Background(), n, Options{Trials: 24, Seed: 3, Memory: 1 << 12})
		if err != nil {
			t.Fatal(err)
		}
		if k == 0 {
			first = f
		} else if !slices.Equal(f.Path, first.Path) || !slices.Equal(f.Sliced, first.Sliced) || f.Cost != first.Cost {
			t.Errorf("%d threads give another path: %+v, %+v", p, f.Cost, first.Cost)
		}
		r, err := RandomGreedy(context.Background(), n, 3, 20)
		if err != nil {
			t.Fatal(err)
		}
		runtime.GOMAXPROCS(1)
		if again, err := RandomGreedy(context.Background(), n, 3, 20); err != nil || !slices.Equal(r, again) {
			t.Errorf("random greedy with %d threads gives another path (%v)", p, err)
		}
	}
}
