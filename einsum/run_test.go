package einsum_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/einsum/path"
	"github.com/polyad/polyad/tensor"
)

// number is a random element of a type, a small whole number so that most
// sums are exact.
func number[T tensor.Number](rng *rand.Rand) T {
	x, y := float64(rng.IntN(9)-4), float64(rng.IntN(9)-4)
	var z T
	switch z := any(&z).(type) {
	case *float32:
		*z = float32(x)
	case *float64:
		*z = x
	case *complex64:
		*z = complex(float32(x), float32(y))
	case *complex128:
		*z = complex(x, y)
	}
	return z
}

func abs[T tensor.Number](x T) float64 {
	switch x := any(x).(type) {
	case float32:
		return math.Abs(float64(x))
	case float64:
		return math.Abs(x)
	case complex64:
		return cmplx.Abs(complex128(x))
	case complex128:
		return cmplx.Abs(x)
	}
	return math.NaN()
}

// scattered is a tensor of random elements in a random memory order, with
// gaps.
func scattered[T tensor.Number](rng *rand.Rand, shape []int) *tensor.Dense[T] {
	order := rng.Perm(len(shape))
	strides := make([]int, len(shape))
	step := 1 + rng.IntN(2)
	for _, n := range order {
		strides[n] = step
		step *= shape[n]
	}
	data := make([]T, step+1)
	for i := range data {
		data[i] = number[T](rng)
	}
	return tensor.Strided(data, shape, strides)
}

// problem is a random equation with its operands' shapes.
type problem struct {
	inputs [][]int
	output []int
	sizes  []int
	shapes [][]int
}

func randomProblem(rng *rand.Rand) problem {
	labels := 1 + rng.IntN(6)
	p := problem{sizes: make([]int, labels)}
	for i := range p.sizes {
		p.sizes[i] = []int{1, 2, 2, 3, 4, 5}[rng.IntN(6)]
	}
	var used []int
	for range 1 + rng.IntN(5) {
		var in, shape []int
		ones := map[int]bool{} // all axes of a diagonal are broadcast, or none
		for range rng.IntN(5) {
			id := rng.IntN(labels)
			if _, ok := ones[id]; !ok {
				ones[id] = rng.IntN(8) == 0
			}
			in = append(in, id)
			if ones[id] {
				shape = append(shape, 1)
			} else {
				shape = append(shape, p.sizes[id])
			}
			if !slices.Contains(used, id) {
				used = append(used, id)
			}
		}
		p.inputs, p.shapes = append(p.inputs, in), append(p.shapes, shape)
	}
	for _, i := range rng.Perm(len(used)) {
		if rng.IntN(2) == 0 {
			p.output = append(p.output, used[i])
		}
	}
	// A label that is 1 wherever it occurs has size 1.
	for id := range p.sizes {
		most := 1
		for k, in := range p.inputs {
			for axis, x := range in {
				if x == id {
					most = max(most, p.shapes[k][axis])
				}
			}
		}
		p.sizes[id] = most
	}
	return p
}

// bruteForce sums the products of all combinations of the labels.
func bruteForce[T tensor.Number](p problem, ops []*tensor.Dense[T], zero T, mul, add func(a, b T) T) *tensor.Dense[T] {
	shape := make([]int, len(p.output))
	for n, id := range p.output {
		shape[n] = p.sizes[id]
	}
	out := tensor.New[T](shape...)
	data := out.Data()
	for i := range data {
		data[i] = zero
	}
	at := make([]int, len(p.sizes))
	index := func(list, shape []int) []int {
		idx := make([]int, len(list))
		for n, id := range list {
			if shape[n] > 1 {
				idx[n] = at[id]
			}
		}
		return idx
	}
	for {
		var x T
		for k, op := range ops {
			v := op.At(index(p.inputs[k], p.shapes[k])...)
			if k == 0 {
				x = v
			} else {
				x = mul(x, v)
			}
		}
		o := index(p.output, shape)
		out.Set(add(out.At(o...), x), o...)
		n := 0
		for ; n < len(at); n++ {
			if at[n]++; at[n] < p.sizes[n] {
				break
			}
			at[n] = 0
		}
		if n == len(at) {
			return out
		}
	}
}

// resliced is a plan with other slices.
func resliced(t *testing.T, p *einsum.Plan, sliced []int32) *einsum.Plan {
	t.Helper()
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	fields["sliced"] = sliced
	if data, err = json.Marshal(fields); err != nil {
		t.Fatal(err)
	}
	var q einsum.Plan
	if err := json.Unmarshal(data, &q); err != nil {
		t.Fatal(err)
	}
	return &q
}

// planned is the plan of a problem by a planner that seed chooses, with
// slices now and then.
func planned(t *testing.T, p problem, rng *rand.Rand) *einsum.Plan {
	t.Helper()
	e, err := einsum.Indices(p.inputs, p.output)
	if err != nil {
		t.Fatal(err)
	}
	names := path.Planners()
	plan, err := e.Plan(context.Background(), einsum.Options{Planner: names[rng.IntN(len(names))], Seed: rng.Uint64()}, p.shapes...)
	if err != nil {
		t.Fatal(err)
	}
	var sliced []int32
	for rng.IntN(3) == 0 {
		if id := int32(rng.IntN(len(plan.Labels)+1) - 1); id >= 0 && !slices.Contains(sliced, id) {
			sliced = append(sliced, id)
		}
	}
	return resliced(t, plan, sliced)
}

func TestRunRandom(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testRunRandom[float32](t) })
	t.Run("float64", func(t *testing.T) { testRunRandom[float64](t) })
	t.Run("complex64", func(t *testing.T) { testRunRandom[complex64](t) })
	t.Run("complex128", func(t *testing.T) { testRunRandom[complex128](t) })
}

func testRunRandom[T tensor.Number](t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 250 {
		p := randomProblem(rng)
		ops := make([]*tensor.Dense[T], len(p.inputs))
		for k, shape := range p.shapes {
			ops[k] = scattered[T](rng, shape)
		}
		plan := planned(t, p, rng)
		got, err := einsum.Run(context.Background(), plan, ops...)
		if err != nil {
			t.Fatal(err)
		}
		want := bruteForce(p, ops, 0, func(a, b T) T { return a * b }, func(a, b T) T { return a + b })
		if !slices.Equal(got.Shape(), want.Shape()) {
			t.Fatalf("%v\nshape %v, want %v", plan, got.Shape(), want.Shape())
		}
		for i, x := range got.Data() {
			if w := want.Data()[i]; !(abs(x-w) <= 1e-6*(1+abs(w))) {
				t.Fatalf("%v\nelement %d is %v, want %v", plan, i, x, w)
			}
		}
	}
}

// Larger operands, whose products and copies are shared between threads.
var largeProblems = []string{
	"abc,cd->abd", "abc,bd->adc", "abcd,cbe->dea", "abij,cbik->cajk", "ab,ab->", "ab,cd->acbd",
	"abc,abd->bcd", "ijk,k->ji", "abc->ca", "aab->b", "abcd,dcef,feg->bga", "bij,bjk,bkl->bil", "abc,c,b->a",
}

func TestRunThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, eq := range largeProblems {
		e, err := einsum.Parse(eq)
		if err != nil {
			t.Fatal(err)
		}
		sizes := map[string]int{}
		for i, name := range e.Labels() {
			sizes[name] = []int{31, 24, 17, 40}[i%4]
		}
		if len(sizes) > 5 {
			for name := range sizes {
				sizes[name] = 11
			}
		}
		shapes, err := e.Shapes(sizes)
		if err != nil {
			t.Fatal(err)
		}
		p := problem{shapes: shapes}
		number := map[string]int{}
		for i, name := range e.Labels() {
			number[name] = i
			p.sizes = append(p.sizes, sizes[name])
		}
		left, right, _ := strings.Cut(eq, "->")
		list := func(s string) []int {
			var l []int
			for _, r := range s {
				l = append(l, number[string(r)])
			}
			return l
		}
		for _, s := range strings.Split(left, ",") {
			p.inputs = append(p.inputs, list(s))
		}
		p.output = list(right)
		ops := make([]*tensor.Dense[float64], len(shapes))
		for k, shape := range shapes {
			ops[k] = scattered[float64](rng, shape)
			for i, data := 0, ops[k].Raw(); i < len(data); i++ {
				data[i] = rng.NormFloat64()
			}
		}
		plan, err := e.Plan(context.Background(), einsum.Options{}, shapes...)
		if err != nil {
			t.Fatal(err)
		}
		var first *tensor.Dense[float64]
		for threads := 1; threads <= 3; threads++ {
			runtime.GOMAXPROCS(threads)
			got, err := einsum.Run(context.Background(), plan, ops...)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = got
			} else if !tensor.Equal(first, got) {
				t.Errorf("%s: %d threads give other bits than 1", eq, threads)
			}
		}
		work := 1.0
		for _, s := range p.sizes {
			work *= float64(s)
		}
		if work > 3e6 {
			continue
		}
		want := bruteForce(p, ops, 0, func(a, b float64) float64 { return a * b }, func(a, b float64) float64 { return a + b })
		if d, n := tensor.Distance(first, want), want.Norm(); !(d <= 1e-12*n) {
			t.Errorf("%s: ||X - Y|| = %g, ||Y|| = %g", eq, d, n)
		}
	}
}

func ExampleContract() {
	a := tensor.FromSlice([]float64{1, 2, 3, 4}, 2, 2)
	b := tensor.FromSlice([]float64{5, 6, 7, 8}, 2, 2)
	c, err := einsum.Contract(context.Background(), "ij,jk->ki", a, b)
	fmt.Println(c.Data(), err)
	// Output: [19 43 22 50] <nil>
}

// BenchmarkRunSmall is what a run of a plan costs beside the arithmetic.
func BenchmarkRunSmall(b *testing.B) {
	ctx := context.Background()
	for _, equation := range []string{"ij,jk->ik", "ij,jk,kl->il"} {
		e, err := einsum.Parse(equation)
		if err != nil {
			b.Fatal(err)
		}
		shapes, operands := [][]int{}, []*tensor.Dense[float64]{}
		for range e.Operands() {
			shapes, operands = append(shapes, []int{8, 8}), append(operands, tensor.New[float64](8, 8))
		}
		p, err := e.Plan(ctx, einsum.Options{}, shapes...)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("equation="+equation+"/planned=true", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := einsum.Run(ctx, p, operands...); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("equation="+equation+"/planned=false", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := einsum.Contract(ctx, equation, operands...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A plan keeps what it worked out for operands of one layout; others, other
// algebras and runs at the same time do not mind.
func TestPlansRunAgain(t *testing.T) {
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(5, 6))
	e, err := einsum.Parse("aij,jk,kl->ail")
	if err != nil {
		t.Fatal(err)
	}
	for _, memory := range []int64{0, 12000} {
		p, err := e.Plan(ctx, einsum.Options{Memory: memory}, []int{4, 6, 7}, []int{7, 9}, []int{9, 5})
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for range 24 {
			a, b, c := tensor.New[float64](4, 6, 7), tensor.New[float64](7, 9), tensor.New[float64](9, 5)
			for _, x := range []*tensor.Dense[float64]{a, b, c} {
				for i := range x.Raw() {
					x.Raw()[i] = number[float64](rng)
				}
			}
			want, err := einsum.Contract(ctx, "aij,jk,kl->ail", a, b, c)
			if err != nil {
				t.Fatal(err)
			}
			if rng.IntN(2) == 0 { // the same elements at other strides
				turned := tensor.New[float64](9, 7)
				for i := range 7 {
					for j := range 9 {
						turned.Set(b.At(i, j), j, i)
					}
				}
				b = tensor.Strided(turned.Raw(), []int{7, 9}, []int{1, 7})
			}
			group.Add(1)
			go func() {
				defer group.Done()
				got, err := einsum.Run(ctx, p, a, b, c)
				if err != nil {
					t.Error(err)
				} else if !slices.Equal(got.Raw(), want.Raw()) {
					t.Error("a plan that was run before gives another result")
				}
			}()
		}
		group.Wait()
	}
}
