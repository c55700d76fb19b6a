package path_test

import (
	"context"
	"math"
	"testing"

	"github.com/polyad/polyad/einsum/path"
)

// best tries every path that contracts neighbours as long as there are any.
func best(n *path.Network, p path.Path, left []int) float64 {
	if len(left) <= 1 {
		c, err := n.Cost(p, nil)
		if err != nil {
			panic(err)
		}
		return c.Flops
	}
	least := math.Inf(1)
	for i := range left {
		for j := range i {
			rest := append([]int{}, left...)
			rest[j] = len(n.Inputs) + len(p)
			rest = append(rest[:i], rest[i+1:]...)
			least = min(least, best(n, append(p[:len(p):len(p)], [2]int{left[j], left[i]}), rest))
		}
	}
	return least
}

func TestOptimalIsBest(t *testing.T) {
	ctx := context.Background()
	for name, n := range map[string]*path.Network{
		"matrix chain": parse("ij,jk,kl,lm,mn->in", map[rune]int{'i': 30, 'j': 35, 'k': 15, 'l': 5, 'm': 10, 'n': 20}),
		"ring":         parse("ij,jk,kl,lm,mi->", map[rune]int{'i': 3, 'j': 7, 'k': 2, 'l': 9, 'm': 4}),
		"hyperedge":    parse("xij,xjk,xkl,xl,il->x", map[rune]int{'x': 4, 'j': 5, 'k': 3}),
		"random":       regular(6, 3, 1, 4),
	} {
		p, err := path.Optimal(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		c, err := n.Cost(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		left := make([]int, len(n.Inputs))
		for i := range left {
			left[i] = i
		}
		if want := best(n, nil, left); !(math.Abs(c.Flops-want) <= 1e-9) {
			t.Errorf("%s: optimal costs 2^%v, the best of all paths 2^%v", name, c.Flops, want)
		}
	}
}

// The matrix chain of Cormen et al., Introduction to Algorithms, 15.2, takes
// 15125 products.
func TestOptimalMatrixChain(t *testing.T) {
	n := parse("ab,bc,cd,de,ef,fg->ag", map[rune]int{'a': 30, 'b': 35, 'c': 15, 'd': 5, 'e': 10, 'f': 20, 'g': 25})
	p, err := path.Optimal(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := n.Cost(p, nil); err != nil || math.Abs(math.Exp2(c.Flops)-15125) > 1e-6 {
		t.Errorf("%v products (%v), 15125 are known to be best", math.Exp2(c.Flops), err)
	}
}

// From 19 tensors on another way is taken; a chain of 24 equal matrices and
// two vectors has a known answer.
func TestOptimalLayers(t *testing.T) {
	n := &path.Network{}
	for i := range int32(25) {
		n.Sizes = append(n.Sizes, 8)
		if i > 0 {
			n.Inputs = append(n.Inputs, []int32{i - 1, i})
		}
	}
	n.Inputs = append(n.Inputs, []int32{0}, []int32{24})
	p, err := path.Optimal(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	c, err := n.Cost(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := math.Log2(24*64 + 8); !(math.Abs(c.Flops-want) <= 1e-9) {
		t.Errorf("the chain costs 2^%v, vectors first take 2^%v", c.Flops, want)
	}
}

func TestOptimalRefuses(t *testing.T) {
	if _, err := path.Optimal(context.Background(), regular(80, 3, 0, 1)); err == nil {
		t.Error("80 connected tensors were taken")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := path.Optimal(ctx, regular(16, 6, 0, 1)); err != context.Canceled {
		t.Errorf("a cancelled call gives %v", err)
	}
}

func BenchmarkOptimal(b *testing.B) {
	n := regular(16, 4, 0, 1)
	for b.Loop() {
		if _, err := path.Optimal(context.Background(), n); err != nil {
			b.Fatal(err)
		}
	}
}
