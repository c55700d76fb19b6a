package path_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/polyad/polyad/einsum/path"
)

// A search is no worse than the optimum that is known for a square lattice
// small enough for the dynamic program.
func TestSearchFindsTheOptimum(t *testing.T) {
	n := lattice(4, 4, 4)
	p, err := path.Optimal(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	want, err := n.Cost(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := path.Search(context.Background(), n, path.Options{Trials: 32, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !(f.Cost.Flops <= want.Flops+1e-9) {
		t.Errorf("the search finds 2^%v products, the optimum is 2^%v", f.Cost.Flops, want.Flops)
	}
}

// With a limit of memory, paths are sliced; the values stay what brute force
// gives, summed over the slices.
func TestSlicesAddUp(t *testing.T) {
	ctx := context.Background()
	for _, planner := range []string{"search", "greedy", "optimal"} {
		for seed := range uint64(3) {
			n := regular(10, 3, 2, seed)
			free, err := path.Find(ctx, n, path.Options{Planner: planner})
			if err != nil {
				t.Fatal(err)
			}
			limit := math.Exp2(free.Cost.Peak - 1.5)
			f, err := path.Find(ctx, n, path.Options{Planner: planner, Memory: limit})
			if err != nil {
				t.Fatal(err)
			}
			if !(math.Exp2(f.Cost.Peak) <= limit*(1+1e-9)) {
				t.Errorf("%s: a slice takes %v elements, %v are allowed", planner, math.Exp2(f.Cost.Peak), limit)
			}
			if len(f.Sliced) == 0 || f.Cost.Slices != float64(elements(f.Sliced, n.Sizes)) {
				t.Errorf("%s: %v slices over %v", planner, f.Cost.Slices, f.Sliced)
			}
			in := operands(n, seed)
			want := product(n.Sizes, n.Output, in...)
			got := make([]float64, len(want.data))
			flops := 0.0
			for s := range elements(f.Sliced, n.Sizes) {
				v, work := slice(t, n, f, in, s)
				flops += work
				for e := range got {
					got[e] += v.data[e]
				}
			}
			for e := range got {
				if !(math.Abs(got[e]-want.data[e]) <= 1e-10*(1+math.Abs(want.data[e]))) {
					t.Fatalf("%s: element %d is %v, brute force gives %v", planner, e, got[e], want.data[e])
				}
			}
			if !(math.Abs(math.Log2(flops)-f.Cost.Flops) <= 1e-9) {
				t.Errorf("%s: 2^%v products were counted, 2^%v predicted", planner, math.Log2(flops), f.Cost.Flops)
			}
		}
	}
}

// A search under a limit of memory slices better than one that slices what is
// best without.
func TestSlicesAreSearchedFor(t *testing.T) {
	ctx := context.Background()
	gain := 0.0
	for seed := range uint64(3) {
		n := regular(40, 4, 2, seed)
		free, err := path.Search(ctx, n, path.Options{Trials: 24})
		if err != nil {
			t.Fatal(err)
		}
		limit := math.Exp2(free.Cost.Peak - 5)
		after, err := n.Slice(ctx, free.Path, limit, "search")
		if err != nil {
			t.Fatal(err)
		}
		within, err := path.Search(ctx, n, path.Options{Trials: 24, Memory: limit})
		if err != nil {
			t.Fatal(err)
		}
		gain += after.Cost.Flops - within.Cost.Flops
	}
	if !(gain > 0) {
		t.Errorf("over three networks the best tree, sliced, takes 2^%v of the products", gain)
	}
}

// slice contracts one slice: the sliced indices have one value, which is in
// its place in the result.
func slice(t *testing.T, n *path.Network, f path.Found, in []value, number int) (value, float64) {
	t.Helper()
	at := map[int32]int{}
	for _, i := range f.Sliced {
		at[i] = number % n.Sizes[i]
		number /= n.Sizes[i]
	}
	part := &path.Network{Inputs: n.Inputs, Output: n.Output, Sizes: slices.Clone(n.Sizes)}
	for i := range at {
		part.Sizes[i] = 1
	}
	cut := func(v value, write []float64) value { // reads v at the slice, or writes it there
		out := value{v.legs, make([]float64, elements(v.legs, part.Sizes))}
		for e := range out.data {
			rest, offset := e, 0
			idx := make([]int, len(v.legs))
			for k := len(v.legs) - 1; k >= 0; k-- {
				i := v.legs[k]
				idx[k] = rest%part.Sizes[i] + at[i]
				rest /= part.Sizes[i]
			}
			for k, i := range v.legs {
				offset = offset*n.Sizes[i] + idx[k]
			}
			if write != nil {
				write[offset] = v.data[e]
			} else {
				out.data[e] = v.data[offset]
			}
		}
		return out
	}
	parts := make([]value, len(in))
	for k, v := range in {
		parts[k] = cut(v, nil)
	}
	v, flops, _ := follow(t, part, f.Path, parts)
	whole := value{n.Output, make([]float64, elements(n.Output, n.Sizes))}
	cut(v, whole.data)
	return whole, flops
}

func TestMemoryThatCannotDo(t *testing.T) {
	n := regular(10, 3, 0, 1)
	for _, planner := range []string{"search", "greedy"} {
		_, err := path.Find(context.Background(), n, path.Options{Planner: planner, Memory: 1})
		var small *path.MemoryError
		if !errors.As(err, &small) || !(small.Need > small.Limit) {
			t.Errorf("%s with one element of memory gives %v", planner, err)
		}
	}
}

func TestFindRefuses(t *testing.T) {
	ctx := context.Background()
	two := parse("ij,jk->ik", nil)
	for _, c := range []struct {
		n    *path.Network
		opt  path.Options
		want string
	}{
		{&path.Network{}, path.Options{}, "without tensors"},
		{&path.Network{Inputs: [][]int32{{0, 0}}, Sizes: []int{2}}, path.Options{}, "twice"},
		{&path.Network{Inputs: [][]int32{{1}}, Sizes: []int{2}}, path.Options{}, "index 1"},
		{&path.Network{Inputs: [][]int32{{0}}, Sizes: []int{-2}}, path.Options{}, "size -2"},
		{&path.Network{Inputs: [][]int32{{0}}, Output: []int32{1}, Sizes: []int{2, 2}}, path.Options{}, "which no tensor holds"},
		{two, path.Options{Planner: "best"}, "the planners are greedy"},
		{two, path.Options{Planner: "greedy", Trials: 3}, "for the planner search"},
		{two, path.Options{Trials: -3}, "none may be negative"},
		{two, path.Options{Planner: "search", Start: path.Path{{0, 2}}}, "uses tensor 2"},
	} {
		if _, err := path.Find(ctx, c.n, c.opt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v gives %v, want an error with %q", c.opt, err, c.want)
		}
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := path.Search(done, lattice(4, 4, 2), path.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled search gives %v", err)
	}
}

// A search that is given a path ends with one that is as good.
func TestSearchFromAStart(t *testing.T) {
	n := regular(40, 3, 0, 8)
	good, err := path.Search(context.Background(), n, path.Options{Trials: 64, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	again, err := path.Search(context.Background(), n, path.Options{Trials: 8, Seed: 5, Start: good.Path})
	if err != nil {
		t.Fatal(err)
	}
	if again.Cost.Flops > good.Cost.Flops+1e-9 {
		t.Errorf("from 2^%v the search goes to 2^%v", good.Cost.Flops, again.Cost.Flops)
	}
}

func TestSearchKeepsTime(t *testing.T) {
	n := lattice(12, 12, 2)
	start := time.Now()
	f, err := path.Search(context.Background(), n, path.Options{Time: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Path.Check(len(n.Inputs)); err != nil {
		t.Error(err)
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("50 ms took %v", d)
	}
}

func TestLinear(t *testing.T) {
	p := path.Path{{0, 3}, {1, 4}, {2, 5}}
	linear := p.Linear(4)
	if want := [][2]int{{0, 3}, {0, 2}, {0, 1}}; !slices.Equal(linear, want) {
		t.Errorf("%v is %v, want %v", p, linear, want)
	}
	back, err := path.FromLinear(4, linear)
	if err != nil || !slices.Equal(back, p) {
		t.Errorf("%v becomes %v (%v)", linear, back, err)
	}
	if _, err := path.FromLinear(4, [][2]int{{0, 4}}); err == nil {
		t.Error("a position beyond the list was taken")
	}
}

func ExampleOptimal() {
	// Three matrices of 10×100, 100×5 and 5×50.
	n := &path.Network{Inputs: [][]int32{{0, 1}, {1, 2}, {2, 3}}, Output: []int32{0, 3}, Sizes: []int{10, 100, 5, 50}}
	p, err := path.Optimal(context.Background(), n)
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := n.Cost(p, nil)
	fmt.Printf("%v %.0f products %v\n", p, math.Exp2(c.Flops), err)
	// Output: [[0 1] [3 2]] 7500 products <nil>
}

func ExampleGreedy() {
	n := &path.Network{Inputs: [][]int32{{0, 1}, {1, 2}, {2, 0}}, Sizes: []int{4, 4, 4}}
	p := path.Greedy(n, path.GreedyOptions{})
	c, err := n.Cost(p, nil)
	fmt.Printf("%d pairs, %.0f products %v\n", len(p), math.Exp2(c.Flops), err)
	// Output: 2 pairs, 80 products <nil>
}

func ExampleSearch() {
	// A ring of 30 matrices, in slices of at most 200 elements.
	n := &path.Network{}
	for i := range int32(30) {
		n.Inputs = append(n.Inputs, []int32{i, (i + 1) % 30})
		n.Sizes = append(n.Sizes, 8)
	}
	f, err := path.Search(context.Background(), n, path.Options{Trials: 16, Memory: 200})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d pairs, %.0f slices\n", len(f.Path), f.Cost.Slices)
	// Output: 29 pairs, 8 slices
}

func BenchmarkGreedy(b *testing.B) {
	n := regular(5000, 3, 0, 1)
	b.Run("tensors=5000", func(b *testing.B) {
		for b.Loop() {
			path.Greedy(n, path.GreedyOptions{})
		}
	})
}
