package path_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/polyad/polyad/einsum/path"
)

// parse reads "ij,jk->ik" with sizes by letter, for tests.
func parse(equation string, sizes map[rune]int) *path.Network {
	n := &path.Network{}
	numbers := map[rune]int32{}
	var legs []int32
	done := false
	for _, r := range equation {
		switch r {
		case ',':
			n.Inputs, legs = append(n.Inputs, legs), nil
		case '-':
			n.Inputs, legs, done = append(n.Inputs, legs), nil, true
		case '>':
		default:
			id, ok := numbers[r]
			if !ok {
				id = int32(len(n.Sizes))
				numbers[r] = id
				s, ok := sizes[r]
				if !ok {
					s = 2
				}
				n.Sizes = append(n.Sizes, s)
			}
			legs = append(legs, id)
		}
	}
	if done {
		n.Output = legs
	}
	return n
}

// regular is a random network of tensors with degree indices each, in the
// average, and some open ones.
func regular(tensors, degree, open int, seed uint64) *path.Network {
	rng := rand.New(rand.NewPCG(seed, 1))
	n := &path.Network{Inputs: make([][]int32, tensors)}
	add := func(size int, holders ...int) int32 {
		i := int32(len(n.Sizes))
		n.Sizes = append(n.Sizes, size)
		for _, t := range holders {
			n.Inputs[t] = append(n.Inputs[t], i)
		}
		return i
	}
	for t := 1; t < tensors; t++ { // connected
		add(2, t, rng.IntN(t))
	}
	for range tensors*degree/2 - tensors + 1 {
		a, b := rng.IntN(tensors), rng.IntN(tensors-1)
		if b >= a {
			b++
		}
		add(2, a, b)
	}
	for range open {
		n.Output = append(n.Output, add(2, rng.IntN(tensors)))
	}
	return n
}

// lattice is a square lattice of tensors.
func lattice(rows, cols, size int) *path.Network {
	n := &path.Network{Inputs: make([][]int32, rows*cols)}
	bond := func(a, b int) {
		i := int32(len(n.Sizes))
		n.Sizes = append(n.Sizes, size)
		n.Inputs[a], n.Inputs[b] = append(n.Inputs[a], i), append(n.Inputs[b], i)
	}
	for r := range rows {
		for c := range cols {
			if c+1 < cols {
				bond(r*cols+c, r*cols+c+1)
			}
			if r+1 < rows {
				bond(r*cols+c, (r+1)*cols+c)
			}
		}
	}
	return n
}

// conformance is what every planner is tried on; all are small enough for
// brute force.
func conformance() map[string]*path.Network {
	sizes := map[rune]int{'i': 3, 'j': 4, 'k': 5, 'l': 2, 'o': 1, 'p': 1, 'b': 3}
	list := map[string]*path.Network{"random 3": regular(8, 3, 1, 1), "random 4": regular(7, 4, 2, 2), "lattice": lattice(3, 3, 2)}
	for _, eq := range []string{
		"ij->ij", "->", "i->", "ij,jk->ik", "ij,jk,kl->il", "ij,jk,kl,li->", ",->", "i,j->ij", "i,j,k->", "i,i,i->i",
		"i,i,i->", "ij,ij->", "ij,ik,il->jkl", "ij,ik,il->ijkl", "bij,bjk,bkl->bil", "bij,bjk,bkl->il", "io,op,pj->ij", "o,o->o", "o,p->",
		"ij,k,l,mn->mijn", "ijk,i,j,k->", "ab,ac,ad,bc,bd,cd->", "abc,abd,acd,bcd->", "ab,bc,cd,de,ef,fg,ga->", "ij,jk,l,lm,n->ikm",
		"a,ab,bc,c,cd,d,dae->e", ",i,,ij->j", "ijx,jky->ik",
	} {
		list[eq] = parse(eq, sizes)
	}
	return list
}

// value is a tensor with the indices it holds.
type value struct {
	legs []int32
	data []float64
}

func elements(legs []int32, sizes []int) int {
	n := 1
	for _, i := range legs {
		n *= sizes[i]
	}
	return n
}

// product sums the product of tensors over what is not in out, element by
// element.
func product(sizes []int, out []int32, in ...value) value {
	all := slices.Clone(out)
	for _, v := range in {
		for _, i := range v.legs {
			if !slices.Contains(all, i) {
				all = append(all, i)
			}
		}
	}
	res := value{out, make([]float64, elements(out, sizes))}
	at := make([]int, len(sizes))
	offset := func(legs []int32) (o int) {
		for _, i := range legs {
			o = o*sizes[i] + at[i]
		}
		return o
	}
	for range elements(all, sizes) {
		x := 1.0
		for _, v := range in {
			x *= v.data[offset(v.legs)]
		}
		res.data[offset(out)] += x
		for k := len(all) - 1; k >= 0; k-- {
			if at[all[k]]++; at[all[k]] < sizes[all[k]] {
				break
			}
			at[all[k]] = 0
		}
	}
	return res
}

// follow contracts tensors pair by pair as a path says, and counts products
// and elements by itself.
func follow(t *testing.T, n *path.Network, p path.Path, in []value) (value, float64, float64) {
	t.Helper()
	list := slices.Clone(in)
	used := make([]bool, len(in)+len(p))
	flops, size := 0.0, 0.0
	held := func(i int32, but ...int) bool {
		for k, v := range list {
			if !used[k] && !slices.Contains(but, k) && slices.Contains(v.legs, i) {
				return true
			}
		}
		return slices.Contains(n.Output, i)
	}
	for k := range in { // lone indices first
		var out []int32
		for _, i := range list[k].legs {
			if held(i, k) {
				out = append(out, i)
			}
		}
		if len(out) < len(list[k].legs) {
			sum := 1.0
			for _, i := range list[k].legs {
				sum *= float64(n.Sizes[i])
			}
			if sum > float64(elements(out, n.Sizes)) {
				flops += sum
			}
			list[k] = product(n.Sizes, out, list[k])
		}
	}
	for _, pair := range p {
		a, b := list[pair[0]], list[pair[1]]
		union := slices.Clone(a.legs)
		for _, i := range b.legs {
			if !slices.Contains(union, i) {
				union = append(union, i)
			}
		}
		var out []int32
		for _, i := range union {
			if held(i, pair[0], pair[1]) {
				out = append(out, i)
			}
		}
		flops += float64(elements(union, n.Sizes))
		size = max(size, float64(elements(out, n.Sizes)))
		used[pair[0]], used[pair[1]] = true, true
		list = append(list, product(n.Sizes, out, a, b))
	}
	return product(n.Sizes, n.Output, list[len(list)-1]), flops, size
}

// operands draws tensors for a network.
func operands(n *path.Network, seed uint64) []value {
	rng := rand.New(rand.NewPCG(seed, 7))
	in := make([]value, len(n.Inputs))
	for k, legs := range n.Inputs {
		in[k] = value{legs, make([]float64, elements(legs, n.Sizes))}
		for e := range in[k].data {
			in[k].data[e] = rng.Float64() - 0.3
		}
	}
	return in
}

// checkPath follows a path and compares values and costs.
func checkPath(t *testing.T, n *path.Network, p path.Path) {
	t.Helper()
	if err := p.Check(len(n.Inputs)); err != nil {
		t.Fatal(err)
	}
	in := operands(n, 3)
	want := product(n.Sizes, n.Output, in...)
	got, flops, size := follow(t, n, p, in)
	for e := range want.data {
		if !(math.Abs(got.data[e]-want.data[e]) <= 1e-10*(1+math.Abs(want.data[e]))) {
			t.Fatalf("element %d is %v, brute force gives %v", e, got.data[e], want.data[e])
		}
	}
	c, err := n.Cost(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(p) > 0 && (!(math.Abs(c.Flops-math.Log2(flops)) <= 1e-9) || !(math.Abs(c.Size-math.Log2(size)) <= 1e-9)) {
		t.Fatalf("flops 2^%v, size 2^%v; counted 2^%v, 2^%v", c.Flops, c.Size, math.Log2(flops), math.Log2(size))
	}
}

func TestPlannersConform(t *testing.T) {
	for name, n := range conformance() {
		if err := n.Check(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, planner := range path.Planners() {
			t.Run(fmt.Sprintf("%s/%s", planner, name), func(t *testing.T) {
				f, err := path.Find(context.Background(), n, path.Options{Planner: planner, Seed: 5})
				if err != nil {
					t.Fatal(err)
				}
				checkPath(t, n, f.Path)
				again, err := path.Find(context.Background(), n, path.Options{Planner: planner, Seed: 5})
				if err != nil || !slices.Equal(f.Path, again.Path) {
					t.Errorf("the same seed gives another path: %v, %v (%v)", f.Path, again.Path, err)
				}
			})
		}
	}
}
