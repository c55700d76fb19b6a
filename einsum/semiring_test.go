package einsum_test

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

func TestSemiringsRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 150 {
		p := randomProblem(rng)
		ops := make([]*tensor.Dense[float64], len(p.inputs))
		for k, shape := range p.shapes {
			ops[k] = scattered[float64](rng, shape)
		}
		plan := planned(t, p, rng)
		for name, s := range map[string]einsum.Semiring[float64]{"max-plus": einsum.MaxPlus[float64]{}, "log-sum-exp": einsum.LogSumExp[float64]{}} {
			got, err := einsum.RunSemiring(context.Background(), plan, s, ops...)
			if err != nil {
				t.Fatal(err)
			}
			want := bruteForce(p, ops, math.Inf(-1), s.Mul, s.Add)
			for i, x := range got.Data() {
				if w := want.Data()[i]; !(math.Abs(x-w) <= 1e-12*(1+math.Abs(w))) {
					t.Fatalf("%s of\n%v\nelement %d is %v, want %v", name, plan, i, x, w)
				}
			}
		}
		got, err := einsum.Exact(context.Background(), plan, ops...)
		if err != nil {
			t.Fatal(err)
		}
		want := bruteForce(p, ops, 0, func(a, b float64) float64 { return a * b }, func(a, b float64) float64 { return a + b })
		for i, x := range got {
			if w := want.Data()[i]; !x.IsInt64() || float64(x.Int64()) != w {
				t.Fatalf("exactly\n%v\nelement %d is %v, want %v", plan, i, x, w)
			}
		}
	}
}

// colourings is the number of colourings of a graph with q colours, no edge
// between two of one colour.
func colourings(t *testing.T, q int, edges [][2]int, mem int64) *big.Int {
	t.Helper()
	differ := tensor.New[float64](q, q)
	for i := range q {
		for j := range q {
			if i != j {
				differ.Set(1, i, j)
			}
		}
	}
	var inputs [][]int
	var shapes [][]int
	var ops []*tensor.Dense[float64]
	for _, e := range edges {
		inputs, shapes, ops = append(inputs, e[:]), append(shapes, []int{q, q}), append(ops, differ)
	}
	e, err := einsum.Indices(inputs, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Plan(context.Background(), einsum.Options{Trials: 8, Planner: "search", Memory: mem}, shapes...)
	if err != nil {
		t.Fatal(err)
	}
	if mem > 0 && len(p.Sliced) == 0 {
		t.Errorf("%d bytes make no slices", mem)
	}
	n, err := einsum.Exact(context.Background(), p, ops...)
	if err != nil {
		t.Fatal(err)
	}
	return n[0]
}

func TestExactColourings(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for trial := range 20 {
		vertices, q := 4+rng.IntN(4), 2+rng.IntN(3)
		var edges [][2]int
		for i := range vertices { // a path, so that all vertices have an edge
			for j := range i {
				if j == i-1 || rng.IntN(3) == 0 {
					edges = append(edges, [2]int{j, i})
				}
			}
		}
		want := int64(0)
		colour := make([]int, vertices)
		for {
			ok := true
			for _, e := range edges {
				ok = ok && colour[e[0]] != colour[e[1]]
			}
			if ok {
				want++
			}
			n := 0
			for ; n < vertices; n++ {
				if colour[n]++; colour[n] < q {
					break
				}
				colour[n] = 0
			}
			if n == vertices {
				break
			}
		}
		if got := colourings(t, q, edges, 0); got.Cmp(big.NewInt(want)) != 0 {
			t.Errorf("trial %d: %d vertices, %d colours: %v colourings, want %d", trial, vertices, q, got, want)
		}
	}
	// A cycle has (q-1)^n + (-1)^n (q-1) colourings, here more than a float64
	// could hold, in many primes.
	const n, q = 300, 9
	var edges [][2]int
	for i := range n {
		edges = append(edges, [2]int{i, (i + 1) % n})
	}
	want := new(big.Int).Exp(big.NewInt(q-1), big.NewInt(n), nil)
	want.Add(want, big.NewInt(q-1))
	if got := colourings(t, q, edges, 0); got.Cmp(want) != 0 {
		t.Errorf("a cycle has %v colourings, want %v", got, want)
	}
	// A grid of 5 by 5 squares has 580986 colourings with 3 colours, whole or
	// in slices.
	edges = nil
	for v := range 25 {
		if v%5 > 0 {
			edges = append(edges, [2]int{v - 1, v})
		}
		if v >= 5 {
			edges = append(edges, [2]int{v - 5, v})
		}
	}
	for _, mem := range []int64{0, 9000} {
		if got := colourings(t, 3, edges, mem); got.Cmp(big.NewInt(580986)) != 0 {
			t.Errorf("the grid has %v colourings within %d bytes, want 580986", got, mem)
		}
	}
}

func TestExactFaults(t *testing.T) {
	e, err := einsum.Parse("ij->i")
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Plan(context.Background(), einsum.Options{}, []int{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []float64{0.5, math.NaN(), math.Inf(1), 1 << 60} {
		_, err := einsum.Exact(context.Background(), p, tensor.FromSlice([]float64{1, bad}, 1, 2))
		if err == nil || !strings.Contains(err.Error(), "operand 0 has") || !strings.Contains(err.Error(), "[0 1]") {
			t.Errorf("%v gives %v", bad, err)
		}
	}
}

func TestSemiringThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	e, err := einsum.Parse("abc,cbd,e->ade")
	if err != nil {
		t.Fatal(err)
	}
	shapes := [][]int{{30, 11, 20}, {20, 11, 30}, {7}}
	p, err := e.Plan(context.Background(), einsum.Options{}, shapes...)
	if err != nil {
		t.Fatal(err)
	}
	ops := make([]*tensor.Dense[float64], len(shapes))
	for k, shape := range shapes {
		ops[k] = tensor.New[float64](shape...)
		for i := range ops[k].Raw() {
			ops[k].Raw()[i] = rng.NormFloat64()
		}
	}
	testkit.Threads(t, "RunSemiring", func() *tensor.Dense[float64] {
		got, err := einsum.RunSemiring(context.Background(), p, einsum.LogSumExp[float64]{}, ops...)
		if err != nil {
			t.Fatal(err)
		}
		return got
	})
}

func ExampleExact() {
	differ := tensor.FromSlice([]float64{0, 1, 1, 1, 0, 1, 1, 1, 0}, 3, 3)
	e, err := einsum.Parse("ab,bc,cd,da->")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := e.Plan(context.Background(), einsum.Options{}, []int{3, 3}, []int{3, 3}, []int{3, 3}, []int{3, 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	n, err := einsum.Exact(context.Background(), p, differ, differ, differ, differ)
	fmt.Println("a square has", n[0], "colourings with 3 colours,", err)
	// Output: a square has 18 colourings with 3 colours, <nil>
}

func ExampleRunSemiring() {
	a := tensor.FromSlice([]float64{0, 5, 2, 1}, 2, 2) // weights of the ways from i to j
	e, err := einsum.Parse("ij,jk->ik")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := e.Plan(context.Background(), einsum.Options{}, []int{2, 2}, []int{2, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	best, err := einsum.RunSemiring(context.Background(), p, einsum.MaxPlus[float64]{}, a, a)
	fmt.Println(best.Data(), err)
	// Output: [7 6 3 7] <nil>
}
