package polynomial_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/polynomial"
)

// house is a square a, b, c, d with a roof e.
const house = "a b\nb c\nc d\nd a\na e\nb e\n"

func ExampleEval() {
	g, err := polynomial.Read(strings.NewReader(house), false)
	if err != nil {
		fmt.Println(err)
		return
	}
	triangle, err := polynomial.Parse("u-v,v-w,w-u")
	if err != nil {
		fmt.Println(err)
		return
	}
	if triangle, err = triangle.Mark("u"); err != nil {
		fmt.Println(err)
		return
	}
	p, err := polynomial.Eval(context.Background(), triangle, g.Adjacency)
	fmt.Println(g.Nodes, p.Data(), err) // twice the triangles at each node
	// Output: [a b c d e] [2 2 0 0 2] <nil>
}

func ExampleInjectiveExact() {
	g := polynomial.Queens(3, 3)
	cycle, err := polynomial.Parse("cycle:7")
	if err != nil {
		fmt.Println(err)
		return
	}
	maps, err := polynomial.InjectiveExact(context.Background(), cycle, g.Adjacency)
	fmt.Println(maps[0].Int64()/int64(cycle.Automorphisms(false)), "cycles of seven squares", err)
	// Output: 1984 cycles of seven squares <nil>
}

func ExampleExact() {
	g, err := polynomial.Read(strings.NewReader(house), false)
	if err != nil {
		fmt.Println(err)
		return
	}
	walk, err := polynomial.Parse("walk:100")
	fmt.Println(err)
	walk, err = polynomial.Parse("walk:60")
	if err != nil {
		fmt.Println(err)
		return
	}
	n, err := polynomial.Exact(context.Background(), walk, g.Adjacency)
	fmt.Println(n[0], err)
	// Output:
	// polynomial: motif "walk:100"; walk takes a size from 1 to 63
	// 2319807393394063840378880 <nil>
}

func ExampleInjective() {
	g, err := polynomial.Read(strings.NewReader("a b 0.5\nb c 2\nc a 3\n"), false)
	if err != nil {
		fmt.Println(err)
		return
	}
	path, err := polynomial.Parse("x-y,y-z")
	if err != nil {
		fmt.Println(err)
		return
	}
	if path, err = path.Mark("x", "z"); err != nil {
		fmt.Println(err)
		return
	}
	q, err := polynomial.Injective(context.Background(), path, g.Adjacency)
	fmt.Println(q.Data(), err)
	// Output: [0 6 1 6 0 1.5 1 1.5 0] <nil>
}

func ExampleBasis() {
	for degree := range 4 {
		b, err := polynomial.Basis(degree, polynomial.Kind{})
		fmt.Println(degree, b, err)
	}
	// Output:
	// 0 [] <nil>
	// 1 [a-b] <nil>
	// 2 [a-c,b-c a-b,c-d] <nil>
	// 3 [a-c,b-d,c-d a-b,a-c,b-c a-d,b-d,c-d a-b,c-e,d-e a-b,c-d,e-f] <nil>
}

func ExampleMotif_Factors() {
	m, err := polynomial.Parse("a-b,b-c,c-a,c-d,a-e,e-f")
	if err != nil {
		fmt.Println(err)
		return
	}
	if m, err = m.Mark("a"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Factors())
	fmt.Println(m.Primes())
	// Output:
	// [[a]-b,b-c,c-[a],c-d [a]-e,e-f]
	// [[c]-d [a]-b,b-[c],[c]-[a] [e]-f [a]-[e]]
}

func ExampleColorings() {
	n, err := polynomial.Colorings(context.Background(), polynomial.Queens(3, 4), 6, 0)
	fmt.Println(n, err)
	// Output: 57600 <nil>
}

func ExampleChromatic() {
	g, err := polynomial.Read(strings.NewReader(house), false)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := polynomial.Chromatic(context.Background(), g, 0)
	fmt.Println(p, err)
	// Output: [0 6 -15 14 -6 1] <nil>
}

func ExampleQueens() {
	g := polynomial.Queens(5, 5)
	edges := 0.0
	for _, v := range g.Adjacency.Data() {
		edges += v / 2
	}
	fmt.Println(len(g.Nodes), edges)
	// Output: 25 160
}

func ExampleRead() {
	g, err := polynomial.Read(strings.NewReader("# from to weight\nBern Basel 56\nBasel Chur 228\n"), true)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(g.Nodes, g.Adjacency.Data())
	// Output: [Bern Basel Chur] [0 56 0 0 0 228 0 0 0]
}

// A plan can be made once for all graphs of a size: walks of three steps, here
// from the first node.
func ExampleMotif_Plan() {
	m, err := polynomial.Parse("a-b,b-c,c-d")
	if err == nil {
		m, err = m.Mark("a", "d")
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Check(1), m.Canonical(false))
	g, err := polynomial.Read(strings.NewReader(house), false)
	if err != nil {
		fmt.Println(err)
		return
	}
	operands, err := m.Operands(g.Adjacency)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := m.Plan(context.Background(), 5, einsum.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := einsum.Run(context.Background(), plan, operands...)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(x.Data()[:5])
	// Output:
	// <nil> [a]-c,[b]-d,c-d
	// [2 6 1 5 4]
}
