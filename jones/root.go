package jones

import (
	"math"
	"math/big"
	"math/cmplx"
)

// AtRoot is the value at t = exp(-2πi/n), n >= 1, with sqrt(t) = exp(-πi/n), right
// to about 1e-15 of what is larger, it or 1: large coefficients that nearly cancel
// are added with as many digits as they need. At n = 5 it is the trace of the
// braid in the representation of Fibonacci anyons,
//
//	V = (-exp(-3πi/5))^(3w) Tr(P B)/φ,
//
// where w is the writhe and φ the golden ratio (Freedman, Kitaev, Larsen & Wang
// 2003, https://doi.org/10.1090/S0273-0979-02-00964-3).
func (v *Laurent) AtRoot(n int) complex128 {
	if n < 1 {
		panic("jones: AtRoot of a root of unity that has no order")
	}
	// Powers of u = exp(-πi/n) repeat after 2n.
	sums := map[int]*big.Int{}
	bits := uint(64)
	for k, c := range v.Coefficients {
		e := ((v.HalfMin+2*k)%(2*n) + 2*n) % (2 * n)
		if sums[e] == nil {
			sums[e] = new(big.Int)
		}
		sums[e].Add(sums[e], c)
		bits = max(bits, uint(c.BitLen())+64)
	}
	bits += 2 * uint(math.Log2(float64(n))+1) // for rounding of the powers
	u := root(2*n, bits)
	power := exact{number(1, bits), number(0, bits)}
	re, im := number(0, bits), number(0, bits)
	for e := range 2 * n {
		if s := sums[e]; s != nil {
			c := new(big.Float).SetPrec(bits).SetInt(s)
			re.Add(re, new(big.Float).Mul(c, power.re))
			im.Add(im, new(big.Float).Mul(c, power.im))
		}
		power = power.mul(u)
	}
	part := func(x *big.Float) float64 {
		const noise = 1e-17 // rounding of what is 0
		if f, _ := x.Float64(); math.Abs(f) > noise {
			return f
		}
		return 0
	}
	return complex(part(re), part(im))
}

// exact is a complex number of many digits.
type exact struct{ re, im *big.Float }

func number(x float64, bits uint) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(x) }

func (x exact) mul(y exact) exact {
	p := func(a, b *big.Float) *big.Float { return new(big.Float).Mul(a, b) }
	return exact{new(big.Float).Sub(p(x.re, y.re), p(x.im, y.im)), new(big.Float).Add(p(x.re, y.im), p(x.im, y.re))}
}

// root is exp(-2πi/n), from its float64 by Newton's method for u^n = 1, which
// for |u| near 1 is u (1 - (u^n - 1)/n).
func root(n int, bits uint) exact {
	z := cmplx.Exp(complex(0, -2*math.Pi/float64(n)))
	u := exact{number(real(z), bits), number(imag(z), bits)}
	for right := 40.0; ; right *= 2 { // bits that are right, less those that the power loses
		p, square := exact{number(1, bits), number(0, bits)}, u
		for k := n; k > 0; k >>= 1 {
			if k&1 == 1 {
				p = p.mul(square)
			}
			square = square.mul(square)
		}
		scale := number(-1/float64(n), bits)
		step := exact{new(big.Float).Mul(new(big.Float).Sub(p.re, number(1, bits)), scale), new(big.Float).Mul(p.im, scale)}
		step.re.Add(step.re, number(1, bits))
		u = u.mul(step)
		if right > 2*float64(bits) {
			return u
		}
	}
}
