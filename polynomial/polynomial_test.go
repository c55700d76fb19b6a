package polynomial

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/einsum/path"
	"github.com/polyad/polyad/tensor"
)

var ctx = context.Background()

func mustParse(t testing.TB, text string, marks ...string) Motif {
	t.Helper()
	m, err := Parse(text)
	if err == nil {
		m, err = m.Mark(marks...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// random is a matrix with elements below most, 0 most of the time.
func random(rng *rand.Rand, n, most int, directed, loops bool) *tensor.Dense[float64] {
	x := tensor.New[float64](n, n)
	for i := range n {
		for j := range n {
			if i == j && !loops || j > i && !directed {
				continue
			}
			v := 0.0
			if rng.IntN(2) == 0 {
				v = float64(1 + rng.IntN(most))
			}
			x.Set(v, i, j)
			if !directed {
				x.Set(v, j, i)
			}
		}
	}
	return x
}

// brute sums over all maps, or the injective ones.
func brute(m Motif, injective bool, x ...*tensor.Dense[float64]) []float64 {
	n := x[0].Shape()[0]
	shape := make([]int, len(m.Marked))
	for k := range shape {
		shape[k] = n
	}
	out := make([]float64, tensor.Size(shape))
	at := make([]int, len(m.Names))
	var grow func(v int)
	grow = func(v int) {
		if v < len(at) {
			for i := range n {
				if injective && slices.Contains(at[:v], i) {
					continue
				}
				at[v] = i
				grow(v + 1)
			}
			return
		}
		product := 1.0
		for _, e := range m.Edges {
			product *= x[e.Channel].At(at[e.From], at[e.To])
		}
		to := 0
		for _, v := range m.Marked {
			to = to*n + at[v]
		}
		out[to] += product
	}
	grow(0)
	return out
}

var motifs = []struct {
	text  string
	marks []string
}{
	{"triangle", nil}, {"triangle", []string{"a"}}, {"triangle", []string{"a", "b"}}, {"walk:4", nil}, {"walk:3", []string{"a", "d"}},
	{"star:3", []string{"a"}}, {"clique:4", nil}, {"cycle:5", []string{"c"}}, {"cycle:1", nil}, {"cycle:2", []string{"a"}},
	{"a-b,a-b,b-c,c-c", []string{"b"}}, {"a-b,c-d", []string{"a"}}, {"a", nil}, {"a,b-c", []string{"a", "b"}}, {"a", []string{"a"}},
	{"u-v,v-w,w-u,w-x", []string{"x", "u"}}, {"a-b,c-b,c-d,a-d,a-c", nil},
}

func TestAgainstAllMaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	for _, c := range motifs {
		m := mustParse(t, c.text, c.marks...)
		for kind := range 4 {
			x := random(rng, 6, 1+2*(kind&1), kind&2 != 0, kind&2 != 0)
			p, err := Eval(ctx, m, x)
			if err != nil {
				t.Fatal(err)
			}
			exact, err := Exact(ctx, m, x)
			if err != nil {
				t.Fatal(err)
			}
			q, err := Injective(ctx, m, x)
			if err != nil {
				t.Fatal(err)
			}
			whole, err := InjectiveExact(ctx, m, x)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range brute(m, false, x) {
				if p.Data()[i] != want || exact[i].Int64() != int64(want) {
					t.Fatalf("%v: P[%d] is %v, %v, want %v", m, i, p.Data()[i], exact[i], want)
				}
			}
			for i, want := range brute(m, true, x) {
				if !(math.Abs(q.Data()[i]-want) <= 1e-9*(1+math.Abs(want))) || whole[i].Int64() != int64(want) {
					t.Fatalf("%v: Q[%d] is %v, %v, want %v", m, i, q.Data()[i], whole[i], want)
				}
			}
		}
	}
}

func TestChannels(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	x, y := random(rng, 5, 3, true, true), random(rng, 5, 3, false, false)
	m := Motif{Names: letters(3), Edges: []Edge{{0, 1, 0}, {1, 2, 1}, {0, 2, 1}, {1, 2, 0}}, Marked: []int{2}}
	p, err := Exact(ctx, m, x, y)
	if err != nil {
		t.Fatal(err)
	}
	q, err := InjectiveExact(ctx, m, x, y)
	if err != nil {
		t.Fatal(err)
	}
	all, some := brute(m, false, x, y), brute(m, true, x, y)
	for i := range p {
		if float64(p[i].Int64()) != all[i] || float64(q[i].Int64()) != some[i] {
			t.Errorf("P[%d] = %v, want %v; Q = %v, want %v", i, p[i], all[i], q[i], some[i])
		}
	}
}

// A permutation of the nodes permutes P_H alike.
func TestEquivariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	const n = 7
	x := random(rng, n, 5, true, true)
	to := rng.Perm(n)
	y := tensor.New[float64](n, n)
	for i := range n {
		for j := range n {
			y.Set(x.At(i, j), to[i], to[j])
		}
	}
	for _, c := range motifs {
		m := mustParse(t, c.text, c.marks...)
		p, err := Eval(ctx, m, x)
		if err != nil {
			t.Fatal(err)
		}
		q, err := Eval(ctx, m, y)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range p.Data() {
			j := 0
			switch len(m.Marked) {
			case 1:
				j = to[i]
			case 2:
				j = to[i/n]*n + to[i%n]
			}
			if q.Data()[j] != v {
				t.Fatalf("%v: element %d is %v, %v after a permutation", m, i, v, q.Data()[j])
			}
		}
	}
}

// All orders of contraction agree.
func TestOrders(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 0))
	x := random(rng, 9, 4, true, false)
	m := mustParse(t, "a-b,b-c,c-d,d-e,e-a,a-c,b-d,d-d,e-f,f-g", "a", "f")
	ops, err := m.Operands(x)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Exact(ctx, m, x)
	if err != nil {
		t.Fatal(err)
	}
	for _, planner := range path.Planners() {
		p, err := m.Plan(ctx, 9, einsum.Options{Planner: planner})
		if err != nil {
			t.Fatal(err)
		}
		got, err := einsum.Run(ctx, p, ops...)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if got.Data()[i] != float64(w.Int64()) {
				t.Fatalf("%s: element %d is %v, want %v", planner, i, got.Data()[i], w)
			}
		}
	}
}

// Known graphs: closed walks from eigenvalues, cycles of the complete graph,
// of complete bipartite graphs and of the graph of Petersen.
func TestKnownCounts(t *testing.T) {
	complete := tensor.New[float64](8, 8)
	for i := range 64 {
		if i/8 != i%8 {
			complete.Raw()[i] = 1
		}
	}
	bipartite := tensor.New[float64](8, 8)
	for i := range 64 {
		if (i/8 < 4) != (i%8 < 4) {
			bipartite.Raw()[i] = 1
		}
	}
	petersen := tensor.New[float64](10, 10)
	for i := range 5 {
		for _, e := range [][2]int{{i, (i + 1) % 5}, {i, i + 5}, {i + 5, (i+2)%5 + 5}} {
			petersen.Set(1, e[0], e[1])
			petersen.Set(1, e[1], e[0])
		}
	}
	for k := 3; k <= 7; k++ {
		m := mustParse(t, fmt.Sprintf("cycle:%d", k))
		if a := m.Automorphisms(false); a != 2*k {
			t.Errorf("a cycle of %d has %d symmetries", k, a)
		}
		walks := func(x *tensor.Dense[float64]) int64 {
			p, err := Exact(ctx, m, x)
			if err != nil {
				t.Fatal(err)
			}
			return p[0].Int64()
		}
		// eigenvalues: 7 and -1 (7 times); ±4; 3, 1 (5 times), -2 (4 times)
		pow := func(x int64) int64 { return int64(math.Pow(float64(x), float64(k))) }
		if walks(complete) != pow(7)+7*pow(-1) || walks(bipartite) != pow(4)+pow(-4) || walks(petersen) != pow(3)+5*pow(1)+4*pow(-2) {
			t.Errorf("closed walks of length %d: %d, %d, %d", k, walks(complete), walks(bipartite), walks(petersen))
		}
		cycles := func(x *tensor.Dense[float64]) int64 {
			q, err := InjectiveExact(ctx, m, x)
			if err != nil {
				t.Fatal(err)
			}
			return q[0].Int64() / int64(2*k)
		}
		falling := func(n, k int64) int64 {
			p := int64(1)
			for i := range k {
				p *= n - i
			}
			return p
		}
		inBipartite := int64(0)
		if k%2 == 0 {
			inBipartite = falling(4, int64(k/2)) * falling(4, int64(k/2)) / int64(k)
		}
		inPetersen := []int64{0, 0, 12, 10, 0}[k-3]
		if c, b, p := cycles(complete), cycles(bipartite), cycles(petersen); c != falling(8, int64(k))/int64(2*k) || b != inBipartite || p != inPetersen {
			t.Errorf("cycles of length %d: %d, %d, %d; want %d, %d, %d", k, c, b, p, falling(8, int64(k))/int64(2*k), inBipartite, inPetersen)
		}
	}
	// Seven nodes merge in 877 ways, few of which are left.
	if terms, err := mustParse(t, "cycle:7").terms([]*tensor.Dense[float64]{complete}); err != nil || len(terms) > 15 {
		t.Errorf("%d terms, %v", len(terms), err)
	}
}

func TestSymmetries(t *testing.T) {
	for _, c := range []struct {
		text  string
		marks []string
		want  int
	}{
		{"star:9", nil, 362880}, {"clique:7", nil, 5040}, {"clique:4", []string{"a"}, 6}, {"a-b,c-d,e-f", nil, 48}, {"walk:5", nil, 2},
		{"walk:4", []string{"a"}, 1}, {"a-b,a-c,d-e,d-f", nil, 8}, {"a,b,c-d", nil, 4}, {"cycle:12", nil, 24},
		{"a-b,b-c,c-d,d-a,e-f,f-g,g-h,h-e,a-e,b-f,c-g,d-h", nil, 48}, // a cube
	} {
		if n := mustParse(t, c.text, c.marks...).Automorphisms(false); n != c.want {
			t.Errorf("%s has %d symmetries, want %d", c.text, n, c.want)
		}
	}
	if n := mustParse(t, "cycle:5").Automorphisms(true); n != 5 {
		t.Errorf("a directed cycle has %d symmetries", n)
	}
	rng := rand.New(rand.NewPCG(8, 0))
	for range 300 {
		n := 2 + rng.IntN(6)
		m := Motif{Names: letters(n), Marked: []int{0, 1}[:rng.IntN(3)]}
		for range 1 + rng.IntN(9) {
			m.Edges = append(m.Edges, Edge{rng.IntN(n), rng.IntN(n), rng.IntN(2)})
		}
		to := rng.Perm(n)
		other := Motif{Names: letters(n)}
		for _, v := range m.Marked {
			other.Marked = append(other.Marked, to[v])
		}
		for _, k := range rng.Perm(len(m.Edges)) {
			e := m.Edges[k]
			other.Edges = append(other.Edges, Edge{to[e.From], to[e.To], e.Channel})
		}
		for _, directed := range []bool{false, true} {
			if a, b := m.Canonical(directed), other.Canonical(directed); a.key() != b.key() {
				t.Fatalf("%v and %v have forms %v and %v", m, other, a, b)
			}
		}
	}
}

// The number of motifs is known (OEIS A000664, A050535, A007717, A052171), and
// their polynomials are independent.
func TestBasis(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		want []int
	}{
		{Kind{}, []int{1, 1, 2, 5, 11, 26, 68}},
		{Kind{Multi: true}, []int{1, 1, 3, 8, 23, 66, 212}},
		{Kind{Multi: true, Loops: true}, []int{1, 2, 7, 23, 79, 274}},
		{Kind{Multi: true, Loops: true, Directed: true}, []int{1, 2, 11, 52, 296}},
	} {
		for d, want := range c.want {
			b, err := Basis(d, c.kind)
			if err != nil || len(b) != want {
				t.Errorf("%+v: %d motifs of degree %d, want %d (%v)", c.kind, len(b), d, want, err)
			}
		}
	}
	// Connected multigraphs of so many edges (OEIS A076864).
	for d, want := range []int{1, 1, 2, 5, 12, 33, 103} {
		b, err := Basis(d, Kind{Multi: true})
		if err != nil {
			t.Fatal(err)
		}
		connected := 0
		for _, m := range b {
			if len(m.Factors()) <= 1 {
				connected++
			}
		}
		if connected != want {
			t.Errorf("%d connected motifs of degree %d, want %d", connected, d, want)
		}
	}
	rng := rand.New(rand.NewPCG(9, 0))
	for _, k := range []Kind{{0, false, true, true}, {1, true, true, true}, {2, false, true, true}} {
		var all []Motif
		for d := range 3 {
			b, err := Basis(d, k)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b...)
		}
		// Values at one place of many matrices, modulo a prime, as rows.
		const prime = 1000003
		var rows [][]int64
		for range len(all) + 5 {
			x := random(rng, 6, 50, k.Directed, true)
			var row []int64
			for _, m := range all {
				p, err := Exact(ctx, m, x)
				if err != nil {
					t.Fatal(err)
				}
				v := p[0]
				if k.Marks == 2 {
					v = p[1]
				}
				row = append(row, new(big.Int).Mod(v, big.NewInt(prime)).Int64())
			}
			rows = append(rows, row)
		}
		if r := rank(rows, prime); r != len(all) {
			t.Errorf("%+v: %d of %d polynomials are independent", k, r, len(all))
		}
	}
	if _, err := Basis(99, Kind{}); err == nil {
		t.Error("degree 99 is no fault")
	}
}

func rank(rows [][]int64, p int64) int {
	r := 0
	for c := range rows[0] {
		at := slices.IndexFunc(rows[r:], func(row []int64) bool { return row[c] != 0 })
		if at < 0 {
			continue
		}
		rows[r], rows[r+at] = rows[r+at], rows[r]
		inverse := new(big.Int).ModInverse(big.NewInt(rows[r][c]), big.NewInt(p)).Int64()
		for _, row := range rows[r+1:] {
			f := row[c] * inverse % p
			for k := range row {
				row[k] = ((row[k]-f*rows[r][k])%p + p) % p
			}
		}
		if r++; r == len(rows) {
			break
		}
	}
	return r
}

func TestFactors(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 0))
	x := random(rng, 6, 4, true, true)
	for _, c := range []struct {
		text            string
		marks           []string
		factors, primes int
	}{
		{"triangle", nil, 1, 1}, {"star:3", []string{"a"}, 3, 3}, {"a-b,c-d,d-d", nil, 2, 3}, {"a-b,a-b,a-c,c-b", []string{"a", "b"}, 3, 1},
		{"a-b,b-c,c-a,c-d,d-e,e-c", nil, 1, 2}, {"a-b,b-c,c-d", []string{"a", "d"}, 1, 1}, {"a-b,b-c,c-d", nil, 1, 3}, {"a,b-c", []string{"a"}, 2, 1},
		{"a-a,a-a,a-b", []string{"a"}, 3, 3},
	} {
		m := mustParse(t, c.text, c.marks...)
		factors := m.Factors()
		if len(factors) != c.factors || len(m.Primes()) != c.primes {
			t.Errorf("%v: factors %v, primes %v; want %d and %d", m, factors, m.Primes(), c.factors, c.primes)
		}
		edges := 0
		for _, p := range m.Primes() {
			edges += len(p.Edges)
		}
		if edges != len(m.Edges) {
			t.Errorf("%v: %d edges in primes %v", m, edges, m.Primes())
		}
		want, err := Exact(ctx, m, x)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			product := big.NewInt(1)
			for _, f := range factors {
				p, err := Exact(ctx, f, x)
				if err != nil {
					t.Fatal(err)
				}
				at := 0
				for _, v := range f.Marked { // the axes of the product that it has
					axis := slices.IndexFunc(m.Marked, func(w int) bool { return m.Names[w] == f.Names[v] })
					index := i
					if len(m.Marked) == 2 {
						index = []int{i / 6, i % 6}[axis]
					}
					at = at*6 + index
				}
				product.Mul(product, p[at])
			}
			if product.Cmp(w) != 0 {
				t.Fatalf("%v: element %d is %v, the product of %v is %v", m, i, w, factors, product)
			}
		}
	}
}

// backtrack counts colourings one by one.
func backtrack(g *Graph, colors int) int64 {
	at := make([]int, len(g.Nodes))
	var grow func(v int) int64
	grow = func(v int) int64 {
		if v == len(at) {
			return 1
		}
		sum := int64(0)
		for c := range colors {
			free := true
			for w := range v {
				free = free && (at[w] != c || g.Adjacency.At(v, w) == 0)
			}
			if at[v] = c; free {
				sum += grow(v + 1)
			}
		}
		return sum
	}
	return grow(0)
}

func TestColorings(t *testing.T) {
	for _, c := range []struct{ rows, cols, colors int }{{2, 2, 4}, {3, 3, 5}, {3, 3, 6}, {2, 6, 5}, {3, 4, 5}, {4, 4, 3}, {1, 1, 3}} {
		g := Queens(c.rows, c.cols)
		n, err := Colorings(ctx, g, c.colors, 0)
		if err != nil {
			t.Fatal(err)
		}
		if want := backtrack(g, c.colors); n.Cmp(big.NewInt(want)) != 0 {
			t.Errorf("queens on %d×%d with %d colours: %v, want %d", c.rows, c.cols, c.colors, n, want)
		}
	}
	// A cycle of n nodes has (k-1)^n + (-1)^n (k-1) colourings: 401 bits.
	var text strings.Builder
	for i := range 150 {
		fmt.Fprintf(&text, "%d %d\n", i, (i+1)%150)
	}
	g, err := Read(strings.NewReader(text.String()), false)
	if err != nil {
		t.Fatal(err)
	}
	n, err := Colorings(ctx, g, 7, 0)
	want := new(big.Int).Exp(big.NewInt(6), big.NewInt(150), nil)
	if want.Add(want, big.NewInt(6)); err != nil || n.Cmp(want) != 0 {
		t.Errorf("a ring of 150 has %v colourings, want %v (%v)", n, want, err)
	}
	for _, c := range []struct {
		text   string
		colors int
		want   int64
	}{{"a b\nc\n", 3, 18}, {"a a\n", 3, 0}, {"a b\n", 0, 0}, {"a b\n", 1, 0}} {
		g, err := Read(strings.NewReader(c.text), false)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := Colorings(ctx, g, c.colors, 0); err != nil || n.Int64() != c.want {
			t.Errorf("%q has %v colourings with %d, want %d (%v)", c.text, n, c.colors, c.want, err)
		}
	}
}

func TestRead(t *testing.T) {
	g, err := Read(strings.NewReader("# roads\na b\nb,c,2.5\nb c 2.5\n\nd\n"), false)
	if err != nil || fmt.Sprint(g.Nodes) != "[a b c d]" || g.Adjacency.At(2, 1) != 2.5 || g.Adjacency.At(0, 1) != 1 {
		t.Errorf("%+v, %v", g, err)
	}
	if g, err = Read(strings.NewReader("a b\n"), true); err != nil || g.Adjacency.At(0, 1) != 1 || g.Adjacency.At(1, 0) != 0 {
		t.Errorf("%+v, %v", g, err)
	}
	if g, err = Read(strings.NewReader("c queens\np edge 4 2\ne 1 2\ne 2 1\n"), false); err != nil || len(g.Nodes) != 4 || g.Adjacency.At(1, 0) != 1 {
		t.Errorf("%+v, %v", g, err)
	}
	if g, err = Read(strings.NewReader("a c\nc b\n"), false); err != nil || len(g.Nodes) != 3 {
		t.Errorf("%+v, %v", g, err)
	}
	for text, want := range map[string]string{
		"":                    "empty",
		"a b c d\n":           "line 1",
		"a b x\n":             `weight "x"`,
		"a b 1\nb a 2\n":      "line 2: the edge b a has weight 2, and 1 on line 1",
		"p edge 3 1\ne 1 4\n": `node "4"`,
		"p edge 3 1\n1 2\n":   "e 1 2",
		"p edge 99999999 1\n": "number of nodes",
		"a b nan\n":           "nan",
	} {
		if _, err := Read(strings.NewReader(text), false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", text, err, want)
		}
	}
}

func TestBadMotifs(t *testing.T) {
	x := tensor.New[float64](3, 3)
	for text, want := range map[string]string{
		"":          "edges such as",
		"a-":        "edges such as",
		"a--b":      "edges such as",
		"triangel":  "there is no motif",
		"cycle":     "cycle:K",
		"cycle:0":   "size from 1",
		"clique:99": "size from 2 to 12",
		"triangle:": "triangle",
		"walk:x":    "size from",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if path := mustParse(t, "a-b-c"); len(path.Edges) != 2 || len(path.Names) != 3 {
		t.Errorf("a-b-c is %v, want a path", path)
	}
	m := mustParse(t, "a-b")
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(m.Mark("c")), "no node \"c\""},
		{second(m.Mark("a", "a")), "once"},
		{second(Eval(ctx, m)), "no matrix"},
		{second(Eval(ctx, m, tensor.New[float64](3, 4))), "square"},
		{second(Eval(ctx, Motif{Names: letters(1), Edges: []Edge{{0, 3, 0}}}, x)), "node 0 to 3"},
		{second(Injective(ctx, mustParse(t, "cycle:11"), x)), "11 nodes"},
		{second(Colorings(ctx, Queens(2, 2), -1, 0)), "-1 colours"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%v, want %q", c.err, c.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func FuzzParse(f *testing.F) {
	f.Add("a-b,b-c,c-a")
	f.Add("cycle:4")
	f.Add("a,b-b")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(m.String())
		if err != nil || again.String() != m.String() {
			t.Errorf("%q is %v, then %v, %v", text, m, again, err)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add("a b 2\nc\n", false)
	f.Add("p edge 3 2\ne 1 2\n", true)
	f.Fuzz(func(t *testing.T, text string, directed bool) {
		if len(text) > 1000 {
			return
		}
		g, err := Read(strings.NewReader(text), directed)
		if err == nil && (len(g.Nodes) == 0 || g.Adjacency.Len() != len(g.Nodes)*len(g.Nodes)) {
			t.Errorf("%+v", g)
		}
	})
}
