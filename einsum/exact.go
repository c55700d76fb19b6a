package einsum

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// exactly is the number of bits up to which float64 holds all whole numbers.
const exactly = 53

// Exact contracts tensors of whole numbers without rounding, however large
// the result: its elements are given in C order. Counting the colourings of a
// graph is such a contraction.
//
// The plan is run modulo primes that are so small that matrix products in
// float64 are exact, as many as a bound on the result takes, and the result is
// put together by the Chinese remainder theorem. Beside the memory of [Run]
// there are copies of the operands.
//
// The error says which element is no whole number of at most 2^53, or is that
// of [Run].
func Exact(ctx context.Context, p *Plan, operands ...*tensor.Dense[float64]) ([]*big.Int, error) {
	if err := checkWhole(p, operands); err != nil {
		return nil, err
	}
	bits, err := p.resultBits(ctx, operands)
	if err != nil {
		return nil, err
	}
	prime := p.MaxModulus() + 1
	var sums []*big.Int
	modulus := big.NewInt(1)
	for float64(modulus.BitLen()-1) < bits {
		for prime--; prime > 1 && !big.NewInt(prime).ProbablyPrime(0); prime-- {
		}
		if prime < 2 {
			return nil, fmt.Errorf("einsum: the sums of products are so long that they leave no primes to count with; plan with slices (Options.Memory)")
		}
		x, err := p.runModulo(ctx, prime, operands)
		if err != nil {
			return nil, err
		}
		if sums == nil {
			sums = make([]*big.Int, x.Len())
			for i := range sums {
				sums[i] = new(big.Int)
			}
		}
		combine(sums, modulus, x.Data(), prime)
	}
	half := new(big.Int).Rsh(modulus, 1)
	for _, x := range sums {
		if x.Cmp(half) > 0 {
			x.Sub(x, modulus)
		}
	}
	return sums, nil
}

// resultBits bounds the binary logarithm of the modulus that tells all
// possible results apart.
func (p *Plan) resultBits(ctx context.Context, operands []*tensor.Dense[float64]) (float64, error) {
	most := 0.0 // log2 of the bound by the largest elements
	absolute := make([]*tensor.Dense[float64], len(operands))
	for k, x := range operands {
		absolute[k] = x.Clone()
		data := absolute[k].Raw()
		for i, v := range data {
			data[i] = math.Abs(v)
		}
		if len(data) > 0 {
			most += math.Log2(max(slices.Max(data), 1))
		}
	}
	for id := range p.Labels {
		most += math.Log2(float64(max(p.Size(int32(id)), 1)))
	}
	sum, err := Run(ctx, p, absolute...)
	if err != nil {
		return 0, err
	}
	if data := sum.Data(); len(data) > 0 {
		if tight := math.Log2(max(slices.Max(data), 1)); tight < most { // false for +Inf and NaN
			most = tight
		}
	}
	const slack = 3 // the sign, and rounding
	return most + slack, nil
}

// combine makes sums, known modulo modulus, known modulo modulus*prime.
func combine(sums []*big.Int, modulus *big.Int, residues []float64, prime int64) {
	p := big.NewInt(prime)
	m := new(big.Int).Mod(modulus, p)
	inverse := new(big.Int).ModInverse(m, p)
	t := new(big.Int)
	for i, x := range sums {
		t.SetInt64(int64(residues[i]))
		t.Sub(t, x)
		t.Mul(t, inverse)
		t.Mod(t, p)
		t.Mul(t, modulus)
		x.Add(x, t)
	}
	modulus.Mul(modulus, p)
}

// modulo replaces whole numbers of at most 2^53 by their residues around 0.
func modulo(x []float64, prime float64) {
	inverse := 1 / prime
	par.Blocks(len(x), 1<<14, func(_, lo, hi int) {
		for i, v := range x[lo:hi] {
			x[lo+i] = math.FMA(-prime, math.RoundToEven(v*inverse), v) // the product may exceed 2^53
		}
	})
}

// modular is the algebra of residues around 0 modulo a prime.
type modular struct {
	ring[float64]
	prime float64
}

func (m modular) finish(c []float64) { modulo(c, m.prime) }

func (m modular) fold(dst, a []float64, step int, sums []dim) {
	m.ring.fold(dst, a, step, sums)
	modulo(dst, m.prime)
}

func (m modular) add(dst, src []float64) {
	m.ring.add(dst, src)
	modulo(dst, m.prime)
}
