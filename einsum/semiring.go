package einsum

import (
	"context"
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// Semiring is another way to multiply and add: Mul and Add are associative,
// Add is commutative, Mul distributes over Add, and Zero is the sum of
// nothing. Methods may be called concurrently.
type Semiring[T tensor.Number] interface {
	Zero() T
	Add(a, b T) T
	Mul(a, b T) T
}

// MaxPlus adds by the maximum and multiplies by the sum: contractions find the
// weight of the best of all combinations, such as the ground state of a spin
// glass or the most probable assignment from logarithms of probabilities (Liu,
// Wang & Zhang 2021, https://doi.org/10.1103/PhysRevLett.126.090506).
type MaxPlus[T tensor.Float] struct{}

// Zero is -Inf.
func (MaxPlus[T]) Zero() T { return T(math.Inf(-1)) }

// Add is the larger of two numbers; NaN if one is.
func (MaxPlus[T]) Add(a, b T) T { return max(a, b) }

// Mul is a + b.
func (MaxPlus[T]) Mul(a, b T) T { return a + b }

// LogSumExp calculates with logarithms: Mul adds them, Add is
// log(exp(a) + exp(b)). Sums of probabilities or partition functions far
// beyond the range of floating point stay finite.
type LogSumExp[T tensor.Float] struct{}

// Zero is -Inf, the logarithm of 0.
func (LogSumExp[T]) Zero() T { return T(math.Inf(-1)) }

// Add is log(exp(a) + exp(b)), without overflow.
func (LogSumExp[T]) Add(a, b T) T {
	most := max(a, b)
	if math.IsInf(float64(most), 0) {
		return most
	}
	return most + T(math.Log1p(math.Exp(float64(min(a, b)-most))))
}

// Mul is a + b.
func (LogSumExp[T]) Mul(a, b T) T { return a + b }

// RunSemiring is [Run] with other sums and products:
//
//	best, err := einsum.RunSemiring(ctx, plan, einsum.MaxPlus[float64]{}, a, b)
//
// Sums of a semiring run in an order that depends on the plan, the shapes and
// the strides.
func RunSemiring[T tensor.Number](ctx context.Context, p *Plan, s Semiring[T], operands ...*tensor.Dense[T]) (*tensor.Dense[T], error) {
	return run[T](ctx, p, over[T]{s}, operands)
}

// over is the algebra of a semiring.
type over[T tensor.Number] struct{ Semiring[T] }

func (s over[T]) zero() T      { return s.Zero() }
func (over[T]) products() bool { return false }
func (over[T]) finish([]T)     {}
func (over[T]) batch(int, kernel.Mat[T], int, kernel.Mat[T], int, bool, kernel.Mat[T], int) {
	panic("einsum: a semiring has no matrix products")
}
func (over[T]) tiles(*kernel.Tiles, []T, []T, []T) {
	panic("einsum: a semiring has no matrix products")
}

func (s over[T]) run(n int, a []T, sa int, b []T, sb int, fresh bool, c []T, sc int) {
	if sc == 0 {
		sum := s.Zero()
		if !fresh {
			sum = c[0]
		}
		for i := range n {
			sum = s.Add(sum, s.Mul(a[i*sa], b[i*sb]))
		}
		c[0] = sum
		return
	}
	if fresh {
		for i := range n {
			c[i*sc] = s.Mul(a[i*sa], b[i*sb])
		}
		return
	}
	for i := range n {
		c[i*sc] = s.Add(c[i*sc], s.Mul(a[i*sa], b[i*sb]))
	}
}

func (s over[T]) fold(dst, a []T, step int, sums []dim) {
	for j := range dst {
		dst[j] = s.Zero()
	}
	w := start(sums, 0)
	for range turns(sums) {
		for j := range dst {
			dst[j] = s.Add(dst[j], a[w.l+j*step])
		}
		w.next()
	}
}

func (s over[T]) add(dst, src []T) {
	for i, x := range src[:len(dst)] {
		dst[i] = s.Add(dst[i], x)
	}
}
