package einsum_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/tensor"
)

// The result is linear in each operand, so that a difference over a step of
// any length is the derivative, and exact in whole numbers.
func TestVJPRandom(t *testing.T) {
	t.Run("float64", func(t *testing.T) { testVJP[float64](t) })
	t.Run("complex128", func(t *testing.T) { testVJP[complex128](t) })
}

func testVJP[T tensor.Number](t *testing.T) {
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(13, 14))
	for range 150 {
		p := randomProblem(rng)
		ops := make([]*tensor.Dense[T], len(p.inputs))
		for k, shape := range p.shapes {
			ops[k] = scattered[T](rng, shape)
		}
		plan := planned(t, p, rng)
		c, pullback, err := einsum.VJP(ctx, plan, ops...)
		if err != nil {
			t.Fatal(err)
		}
		g := scattered[T](rng, c.Shape())
		grads, err := pullback(ctx, g)
		if err != nil {
			t.Fatal(err)
		}
		dot := func(x, y *tensor.Dense[T]) (sum T) {
			for i, v := range x.Data() {
				sum += v * y.Data()[i]
			}
			return sum
		}
		for k := range ops {
			step := scattered[T](rng, p.shapes[k])
			moved := append([]*tensor.Dense[T](nil), ops...)
			moved[k] = tensor.Add(ops[k], step)
			d, err := einsum.Run(ctx, plan, moved...)
			if err != nil {
				t.Fatal(err)
			}
			got, want := dot(grads[k], step), dot(g, tensor.Sub(d, c))
			if !(abs(got-want) <= 1e-9*(1+abs(want))) {
				t.Fatalf("%v\nthe gradient of operand %d gives %v along a step, the difference is %v", plan, k, got, want)
			}
		}
	}
	e, err := einsum.Parse("ij->i")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := e.Plan(ctx, einsum.Options{}, []int{2, 3})
	if err != nil {
		t.Fatal(err)
	}
	_, pullback, err := einsum.VJP(ctx, plan, tensor.New[T](2, 3))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pullback(ctx, tensor.New[T](3)); err == nil {
		t.Error("a vector of another shape was taken")
	}
}

func ExampleVJP() {
	ctx := context.Background()
	a, x := tensor.FromSlice([]float64{1, 2, 3, 4}, 2, 2), tensor.FromSlice([]float64{1, -1}, 2)
	e, err := einsum.Parse("i,ij,j->")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := e.Plan(ctx, einsum.Options{}, []int{2}, []int{2, 2}, []int{2})
	if err != nil {
		fmt.Println(err)
		return
	}
	value, pullback, err := einsum.VJP(ctx, p, x, a, x)
	if err != nil {
		fmt.Println(err)
		return
	}
	grads, err := pullback(ctx, tensor.FromSlice([]float64{1}))
	fmt.Println(value.At(), grads[1].Data(), err) // of x'Ax, and its gradient xx' in A
	// Output: 0 [1 -1 -1 1] <nil>
}
