package jones

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"
)

// Polynomial is the Jones polynomial of a diagram, exactly.
//
// Crossing by crossing, the part of the diagram so far is a sum of ways to join
// the edges that are cut, without crossings, each with a polynomial in A
// (Kauffman's bracket):
//
//	X[i,j,k,l] = A (i~j)(k~l) + A^-1 (i~l)(j~k),  a circle = -A^2 - A^-2.
//
// A polynomial is one large integer, its value at A^2 = 2^K, where K has room for
// any coefficient: products with powers of A are shifts. For 2n edges that are
// cut there are as many ways as the n-th number of Catalan: diagrams of which the
// sum may take more than 1 GiB are an error.
//
// Bar-Natan 2007, https://doi.org/10.1142/S0218216507005294, has the method for
// Khovanov's homology.
func (d Diagram) Polynomial(ctx context.Context) (*Laurent, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	order, widths := d.order()
	digit := 2*len(d) + 8
	// The sums before and after a crossing, with up to 5n digits each.
	w := slices.Max(widths)
	if bytes := 2 * catalan(w/2) * float64(5*len(d)*digit/8); bytes > memory {
		return nil, fmt.Errorf("jones: the diagram of %d crossings is too wide: %d edges are cut at once, which can be joined in %.3g ways, and take up to %.3g GiB; at most 1 GiB is expected", len(d), w, catalan(w/2), bytes/(1<<30))
	}
	s := &scan{digit: uint(digit), sum: map[string]*big.Int{"": big.NewInt(1)}}
	for _, k := range order {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s.take(d[k])
	}
	// All edges are joined: the value at A^2 = 2^K of the bracket times
	// A^(5n), with n crossings.
	x := digits(s.sum[""], s.digit)
	// Over that of the unknot, -A^-2 (1 + A^4): the coefficients of A^(2j).
	for j := range len(x) - 2 {
		x[j+2].Sub(x[j+2], x[j])
	}
	first := 0
	for x[first].Sign() == 0 {
		first++
	}
	var steps []*big.Int
	for j := first; j < len(x)-2; j += 2 {
		steps = append(steps, x[j].Neg(x[j]))
	}
	high := 2*(first+2*(len(steps)-1)) + 2 - 5*len(d)
	return normalised(steps, high, d.Writhe()), nil
}

func catalan(n int) float64 {
	c := 1.0
	for k := 1; k <= n; k++ {
		c = c * 2 * float64(2*k-1) / float64(k+1)
	}
	return math.Round(c)
}

// scan is the part of a diagram so far.
type scan struct {
	digit uint                // K
	edges []int               // that are cut
	sum   map[string]*big.Int // ways to join them: the place of the partner of each
}

// take joins a crossing. All is multiplied by A^5, so that no exponent is
// negative: A by the crossing, and A^4 for up to two circles.
func (s *scan) take(x [4]int) {
	// Slots of the edges so far and of the new ones.
	slots := slices.Clone(s.edges)
	var at [4]int
	for i, e := range x {
		if at[i] = slices.Index(slots, e); at[i] < 0 {
			at[i] = len(slots)
			slots = append(slots, e)
		}
	}
	// An edge that is here for the second time is joined, and goes.
	var next, place []int
	for i, e := range slots {
		place = append(place, len(next))
		here := 0
		for _, f := range x {
			if e == f {
				here++
			}
		}
		if i < len(s.edges) {
			here++
		}
		if here == 1 {
			next = append(next, e)
		}
	}
	sum := map[string]*big.Int{}
	partner, out := make([]int, len(slots)), make([]byte, len(next))
	for key, v := range s.sum {
		for smoothing, pairs := range [2][2][2]int{{{0, 1}, {2, 3}}, {{0, 3}, {1, 2}}} {
			for i := range partner {
				partner[i] = -1
				if i < len(key) {
					partner[i] = int(key[i])
				}
			}
			circles := uint(0)
			for _, p := range pairs {
				circles += join(partner, at[p[0]], at[p[1]])
			}
			for i, q := range partner {
				if q >= 0 {
					out[place[i]] = byte(place[q])
				}
			}
			term := new(big.Int).Lsh(v, s.digit*(3-uint(smoothing)-circles))
			for range circles { // -(1 + A^4)
				term.Add(term, new(big.Int).Lsh(term, 2*s.digit)).Neg(term)
			}
			if so, ok := sum[string(out)]; ok {
				so.Add(so, term)
			} else {
				sum[string(out)] = term
			}
		}
	}
	s.edges, s.sum = next, sum
}

// join adds an arc from a to b to arcs that are given by the partner of each
// end, -1 for none: an end that has a partner is passed through. It counts the
// circle that this may close.
func join(partner []int, a, b int) uint {
	if a == b {
		return 1
	}
	if p := partner[a]; p >= 0 {
		partner[a] = -1
		if p == b {
			partner[b] = -1
			return 1
		}
		a = p
	}
	if p := partner[b]; p >= 0 {
		partner[b] = -1
		b = p
	}
	partner[a], partner[b] = b, a
	return 0
}

// digits are those of a number in base 2^k, each between -2^(k-1) and 2^(k-1).
func digits(x *big.Int, k uint) []*big.Int {
	var list []*big.Int
	base := new(big.Int).Lsh(big.NewInt(1), k)
	half := new(big.Int).Rsh(base, 1)
	mask := new(big.Int).Sub(base, big.NewInt(1))
	for x = new(big.Int).Set(x); x.Sign() != 0; {
		d := new(big.Int).And(x, mask) // as of the two's complement
		if d.Cmp(half) >= 0 {
			d.Sub(d, base)
		}
		list = append(list, d)
		x.Rsh(x.Sub(x, d), k)
	}
	return list
}
