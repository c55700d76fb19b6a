package einsum_test

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/tensor"
)

// plannedFor plans an equation for operands.
func plannedFor(t *testing.T, equation string, operands ...*tensor.Dense[float64]) *einsum.Plan {
	t.Helper()
	e, err := einsum.Parse(equation)
	if err != nil {
		t.Fatal(err)
	}
	shapes := make([][]int, len(operands))
	for k, x := range operands {
		shapes[k] = x.Shape()
	}
	p, err := e.Plan(context.Background(), einsum.Options{}, shapes...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRunModulo(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 0))
	whole := func(shape ...int) *tensor.Dense[float64] {
		x := tensor.New[float64](shape...)
		for i := range x.Raw() {
			x.Raw()[i] = float64(rng.Int64N(1<<53) - 1<<52)
		}
		return x
	}
	a, b, c := whole(5, 6, 7), whole(5, 7, 8), whole(5, 8, 6)
	p := plannedFor(t, "zij,zjk,zki->z", a, b, c)
	exact, err := einsum.Exact(context.Background(), p, a, b, c)
	if err != nil {
		t.Fatal(err)
	}
	most := p.MaxModulus()
	for !big.NewInt(most).ProbablyPrime(0) {
		most--
	}
	for _, prime := range []int64{2, 3, 101, most} {
		x, err := einsum.RunModulo(context.Background(), p, prime, a, b, c)
		if err != nil {
			t.Fatal(err)
		}
		for z, want := range exact {
			got := big.NewInt(int64(x.At(z)))
			if 2*got.Int64() > prime || 2*got.Int64() < -prime {
				t.Errorf("modulo %d: residue %v", prime, got)
			}
			if got.Sub(want, got).Mod(got, big.NewInt(prime)).Sign() != 0 {
				t.Errorf("modulo %d: %v is not %v", prime, x.At(z), want)
			}
		}
	}
	half := tensor.FromSlice([]float64{0.5}, 1)
	for _, e := range []struct {
		err  error
		want string
	}{
		{second(einsum.RunModulo(context.Background(), p, 6, a, b, c)), "modulus 6"},
		{second(einsum.RunModulo(context.Background(), p, 1<<31-1, a, b, c)), "at most"},
		{second(einsum.RunModulo(context.Background(), plannedFor(t, "i->", half), 7, half)), "0.5"},
		{second(einsum.RunModulo(context.Background(), p, 7, a, b)), "3 operands"},
		{second(einsum.RunModulo(context.Background(), &einsum.Plan{}, 7, a)), "empty"},
	} {
		if e.err == nil || !strings.Contains(e.err.Error(), e.want) {
			t.Errorf("%v, want %q", e.err, e.want)
		}
	}
}

// The multiple of a prime next to a number below 2^53 may be above it.
func TestExactOfLargest(t *testing.T) {
	const w = 1<<53 - 1
	x := tensor.FromSlice([]float64{0, w, -w, w, 0, w, w, w, 0}, 3, 3)
	p := plannedFor(t, "ab,bc,ca->", x, x, x)
	got, err := einsum.Exact(context.Background(), p, x, x, x)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Sign() != 0 {
		t.Errorf("%v, want 0", got[0])
	}
	x.Set(w, 0, 2)
	if got, err = einsum.Exact(context.Background(), p, x, x, x); err != nil {
		t.Fatal(err)
	}
	want := new(big.Int).Exp(big.NewInt(w), big.NewInt(3), nil)
	if want.Mul(want, big.NewInt(6)); got[0].Cmp(want) != 0 {
		t.Errorf("%v, want %v", got[0], want)
	}
}

func second[T any](_ T, err error) error { return err }

func ExampleRunModulo() {
	x := tensor.FromSlice([]float64{1, 1, 1, 0}, 2, 2) // its powers hold Fibonacci numbers
	e, err := einsum.Parse("ab,bc,cd,de,ef,fg,gh->ah")
	if err != nil {
		fmt.Println(err)
		return
	}
	s := []int{2, 2}
	p, err := e.Plan(context.Background(), einsum.Options{}, s, s, s, s, s, s, s)
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := einsum.RunModulo(context.Background(), p, 7, x, x, x, x, x, x, x)
	fmt.Println(c.Data(), err) // 21, 13, 13, 8 modulo 7
	// Output: [0 -1 -1 1] <nil>
}
