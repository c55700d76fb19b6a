package jones

import (
	"fmt"
	"math/big"
)

// field is the integers modulo a prime with a root of unity.
type field struct {
	p     int64
	order int64
	roots []int64 // the powers of a primitive root of unity
}

// newField is before the first field of primes of at most most = 1 modulo
// order.
func newField(most, order int64) *field {
	return &field{p: (most-1)/order*order + 1 + order, order: order}
}

func tooLong(points int) error {
	return fmt.Errorf("jones: the polynomial has up to %d coefficients, for which there are too few primes to count with; fewer crossings are expected", points)
}

// next goes to the next lower prime.
func (f *field) next() error {
	for f.p -= f.order; f.p > 1 && !big.NewInt(f.p).ProbablyPrime(0); f.p -= f.order {
	}
	if f.p <= 1 {
		return tooLong(int(f.order / 4))
	}
	f.roots = make([]int64, f.order)
	for g := int64(2); ; g++ {
		root := f.exp(g, (f.p-1)/f.order)
		f.roots[0] = 1
		primitive := true
		for i := int64(1); i < f.order; i++ {
			f.roots[i] = f.mul(f.roots[i-1], root)
			primitive = primitive && f.roots[i] != 1
		}
		if primitive {
			return nil
		}
	}
}

func (f *field) mod(x int64) int64 {
	if x %= f.p; x < 0 {
		x += f.p
	}
	return x
}

func (f *field) mul(x, y int64) int64 { return x * y % f.p }

func (f *field) exp(x, n int64) int64 {
	r := int64(1)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			r = f.mul(r, x)
		}
		x = f.mul(x, x)
	}
	return r
}

// power is a power of the root of unity.
func (f *field) power(n int64) int64 {
	if n %= f.order; n < 0 {
		n += f.order
	}
	return f.roots[n]
}

// interpolate gives the coefficients of a polynomial from its values at the
// powers of the fourth power of the root.
func (f *field) interpolate(values []int64) []int64 {
	out := make([]int64, len(values))
	scale := f.exp(int64(len(values)), f.p-2)
	for k := range out {
		sum := int64(0)
		for j, v := range values {
			sum = (sum + v*f.power(-4*int64(j)*int64(k))) % f.p
		}
		out[k] = f.mul(sum, scale)
	}
	return out
}

// combine makes sums, known modulo modulus, known modulo modulus*p.
func combine(sums []*big.Int, modulus *big.Int, residues []int64, p int64) {
	prime := big.NewInt(p)
	inverse := new(big.Int).ModInverse(new(big.Int).Mod(modulus, prime), prime)
	t := new(big.Int)
	for k, x := range sums {
		t.SetInt64(residues[k])
		t.Sub(t, x)
		t.Mul(t, inverse)
		t.Mod(t, prime)
		x.Add(x, t.Mul(t, modulus))
	}
	modulus.Mul(modulus, prime)
}
