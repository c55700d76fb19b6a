package einsum

import (
	"context"
	"fmt"
	"math"
	"math/big"

	"github.com/polyad/polyad/tensor"
)

// RunModulo contracts tensors of whole numbers modulo a prime, in the matrix
// products of [Run]: each element of the result is the residue nearest to 0.
// The prime is at most [Plan.MaxModulus]. A polynomial is contracted exactly by
// its values at points modulo a few primes, an integer by its residues alone
// (see [Exact]).
//
// The error says which element is no whole number of at most 2^53, or that the
// modulus is no prime or too large, or is that of [Run].
func RunModulo(ctx context.Context, p *Plan, prime int64, operands ...*tensor.Dense[float64]) (*tensor.Dense[float64], error) {
	if err := checkWhole(p, operands); err != nil {
		return nil, err
	}
	if most := p.MaxModulus(); prime < 2 || prime > most || !big.NewInt(prime).ProbablyPrime(0) {
		return nil, fmt.Errorf("einsum: modulus %d; a prime of at most %d is expected", prime, most)
	}
	return p.runModulo(ctx, prime, operands)
}

// MaxModulus is the largest modulus for which sums of products of residues
// stay exact in float64.
func (p *Plan) MaxModulus() int64 {
	longest := 1.0 // sum
	for _, s := range p.Steps() {
		n := 1.0
		for _, id := range s.Sum {
			n *= float64(p.Size(id))
		}
		longest = max(longest, n)
	}
	// A sum of that many products of residues of at most p/2 + 1 stays exact.
	return int64(min(2*(math.Sqrt(math.Exp2(exactly)/longest)-1), 1<<26))
}

// checkWhole checks that operands fit the plan and are whole numbers.
func checkWhole(p *Plan, operands []*tensor.Dense[float64]) error {
	for k, x := range operands {
		whole := func(v float64) bool { return v == math.Trunc(v) && math.Abs(v) <= 1<<exactly }
		if at, v, found := x.FindCell(func(v float64) bool { return !whole(v) }); found {
			return fmt.Errorf("einsum: operand %d has %v at %v; whole numbers of at most 2^53 are expected", k, v, at)
		}
	}
	return checkOperands(p, operands)
}

// runModulo contracts copies of operands, reduced to residues around 0.
func (p *Plan) runModulo(ctx context.Context, prime int64, operands []*tensor.Dense[float64]) (*tensor.Dense[float64], error) {
	residues := make([]*tensor.Dense[float64], len(operands))
	done := map[*tensor.Dense[float64]]*tensor.Dense[float64]{} // networks repeat tensors
	for k, x := range operands {
		if done[x] == nil {
			done[x] = x.Clone()
			modulo(done[x].Raw(), float64(prime))
		}
		residues[k] = done[x]
	}
	return run[float64](ctx, p, modular{prime: float64(prime)}, residues)
}
