package jones

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/cmplx"
	"strings"
)

// Laurent is a Laurent polynomial in t, or, for a link with an even number of
// components, sqrt(t) times one,
//
//	V(t) = Σ_k Coefficients[k] t^(HalfMin/2 + k).
//
// The first and the last coefficient are not 0.
type Laurent struct {
	HalfMin      int // twice the least exponent
	Coefficients []*big.Int
}

// MinExponent is the least exponent; it ends in .5 for links with an even
// number of components.
func (v *Laurent) MinExponent() float64 { return float64(v.HalfMin) / 2 }

// At is the value at a number t that is not 0, with the square root of t that
// has a positive real part.
func (v *Laurent) At(t complex128) complex128 {
	sum := complex128(0)
	for k := len(v.Coefficients) - 1; k >= 0; k-- {
		c, _ := new(big.Float).SetInt(v.Coefficients[k]).Float64()
		sum = sum*t + complex(c, 0)
	}
	whole := v.HalfMin >> 1 // rounded down
	power := cmplx.Pow(t, complex(float64(whole), 0))
	if v.HalfMin&1 == 1 {
		power *= cmplx.Sqrt(t)
	}
	return sum * power
}

// Mul is the product of two polynomials.
func (v *Laurent) Mul(w *Laurent) *Laurent {
	p := &Laurent{HalfMin: v.HalfMin + w.HalfMin, Coefficients: make([]*big.Int, len(v.Coefficients)+len(w.Coefficients)-1)}
	for k := range p.Coefficients {
		p.Coefficients[k] = new(big.Int)
	}
	t := new(big.Int)
	for i, a := range v.Coefficients {
		for j, b := range w.Coefficients {
			p.Coefficients[i+j].Add(p.Coefficients[i+j], t.Mul(a, b))
		}
	}
	return p
}

// Equal says whether two polynomials are the same.
func (v *Laurent) Equal(w *Laurent) bool {
	if v.HalfMin != w.HalfMin || len(v.Coefficients) != len(w.Coefficients) {
		return false
	}
	for k, c := range v.Coefficients {
		if c.Cmp(w.Coefficients[k]) != 0 {
			return false
		}
	}
	return true
}

// String is the polynomial as one writes it: -t^-4 + t^-3 + t^-1.
func (v *Laurent) String() string {
	var b strings.Builder
	for k, c := range v.Coefficients {
		if c.Sign() == 0 {
			continue
		}
		switch {
		case b.Len() > 0 && c.Sign() < 0:
			b.WriteString(" - ")
		case b.Len() > 0:
			b.WriteString(" + ")
		case c.Sign() < 0:
			b.WriteString("-")
		}
		size := new(big.Int).Abs(c)
		half := v.HalfMin + 2*k
		if one := size.IsInt64() && size.Int64() == 1; half == 0 || !one {
			b.WriteString(size.String())
		}
		switch {
		case half == 2:
			b.WriteString("t")
		case half%2 != 0:
			fmt.Fprintf(&b, "t^(%d/2)", half)
		case half != 0:
			fmt.Fprintf(&b, "t^%d", half/2)
		}
	}
	return b.String()
}

// MarshalJSON writes {"min_exponent": -2, "coefficients": [1, -1, 1, -1, 1]}.
func (v *Laurent) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Min          float64    `json:"min_exponent"`
		Coefficients []*big.Int `json:"coefficients"`
	}{v.MinExponent(), v.Coefficients})
}
