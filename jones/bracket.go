package jones

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/polyad/polyad/internal/par"
)

// Polynomial is the Jones polynomial of a diagram, exactly.
//
// Crossing by crossing, the part of the diagram so far is a sum of ways to join
// the edges that are cut, without crossings, each with a polynomial in A
// (Kauffman's bracket):
//
//	X[i,j,k,l] = A (i~j)(k~l) + A^-1 (i~l)(j~k),  a circle = -A^2 - A^-2.
//
// The exponents of one such polynomial differ by multiples of 4. It is one large
// integer, its value at A^4 = 2^K, where K has room for any coefficient: products
// with powers of A are shifts. For 2n edges that are cut there are as many ways as
// the n-th number of Catalan: diagrams of which the sum may take more than 1 GiB,
// or more than 10^12 bytes of additions, are an error.
//
// Bar-Natan 2007, https://doi.org/10.1142/S0218216507005294, has the method for
// Khovanov's homology.
func (d Diagram) Polynomial(ctx context.Context) (*Laurent, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	return d.polynomial(ctx, float64(2*len(d)), d.Writhe())
}

// polynomial is that of a diagram that is right, whose bracket has coefficients
// of so many bits at most. The error may be a *wideError.
func (d Diagram) polynomial(ctx context.Context, bits float64, writhe int) (*Laurent, error) {
	s, order := d.scan(bits)
	if s.bytes > sumBytes || s.moved > movedBytes {
		return nil, &wideError{s}
	}
	for _, k := range order {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s.take(d[k])
	}
	// All edges are joined. Over the bracket of the unknot, -A^-2 (1 + A^4):
	x := digits(s.sum[0].value, s.digit)
	for j := range len(x) - 1 {
		x[j+1].Sub(x[j+1], x[j])
	}
	x = x[:len(x)-1]
	for _, c := range x {
		c.Neg(c)
	}
	return normalised(x, s.sum[0].low+2+4*(len(x)-1), writhe), nil
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
	digit uint     // K
	edges []int    // that are cut
	ways  []string // to join them: the place of the partner of each
	sum   []term   // their polynomials

	crossings int
	width     int     // most edges that are cut at once
	bytes     float64 // that the sums before and after a crossing take at most
	moved     float64 // bytes of all additions at most
}

// term is Σ_k c_k A^(low+4k), as the value of Σ_k c_k A^4k.
type term struct {
	low   int
	value *big.Int
}

const (
	sumBytes   = 1 << 30
	movedBytes = 1e12
	wayBytes   = 128 // of a way beside its polynomial
)

// scan prepares the sum for an order of the crossings.
func (d Diagram) scan(bits float64) (s *scan, order []int) {
	s = &scan{
		digit: uint(bits) + 3, // the two terms of the unknot, and the sign
		ways:  []string{""}, sum: []term{{0, big.NewInt(1)}}, crossings: len(d),
	}
	_, parts := d.faces()
	// Of a connected diagram of n crossings the exponents span 4n and those of
	// a circle (Kauffman 1987); each part adds a circle.
	each := float64(s.digit)*float64(len(d)+2*parts)/8 + wayBytes
	s.width, s.bytes = 2, 2*each
	if s.bytes > sumBytes {
		return s, nil
	}
	order, widths := d.order()
	before := 1.0
	for _, w := range widths {
		after := catalan(w / 2)
		s.width = max(s.width, w)
		s.bytes = max(s.bytes, (before+after)*each)
		s.moved += 2 * before * each
		before = after
	}
	return s, order
}

// wideError says what a scan would take if that is too much.
type wideError struct{ *scan }

func (e *wideError) Error() string {
	return fmt.Sprintf("jones: the diagram of %d crossings is too wide: %d edges are cut at once, which can be joined in %.3g ways, and take up to %.3g GiB and %.2g bytes of additions; at most %d GiB and %.0g bytes are expected, as a narrower diagram takes",
		e.crossings, e.width, catalan(e.width/2), e.bytes/(1<<30), e.moved, sumBytes>>30, float64(movedBytes))
}

// source is a way before a crossing that goes over into one after it.
type source struct {
	from    int32
	power   int8 // of A
	circles int8
}

// take joins a crossing.
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
	number := map[string]int{}
	var ways []string
	var sources [][]source
	partner, out := make([]int, len(slots)), make([]byte, len(next))
	for from, key := range s.ways {
		for smoothing, pairs := range [2][2][2]int{{{0, 1}, {2, 3}}, {{0, 3}, {1, 2}}} {
			for i := range partner {
				partner[i] = -1
				if i < len(key) {
					partner[i] = int(key[i])
				}
			}
			circles := int8(0)
			for _, p := range pairs {
				circles += join(partner, at[p[0]], at[p[1]])
			}
			for i, q := range partner {
				if q >= 0 {
					out[place[i]] = byte(place[q])
				}
			}
			to, ok := number[string(out)]
			if !ok {
				to = len(ways)
				way := string(out)
				number[way] = to
				ways, sources = append(ways, way), append(sources, nil)
			}
			sources[to] = append(sources[to], source{int32(from), int8(1 - 2*smoothing), circles})
		}
	}
	sum := make([]term, len(ways))
	par.Blocks(len(ways), 64, func(_, lo, hi int) {
		for to := lo; to < hi; to++ {
			sum[to] = s.add(sources[to])
		}
	})
	s.edges, s.ways, s.sum = next, ways, sum
}

// add sums the terms that go over into one way.
func (s *scan) add(sources []source) term {
	var t term
	for _, src := range sources {
		a := s.sum[src.from]
		low, v := a.low+int(src.power), a.value
		if src.circles > 0 {
			v = new(big.Int).Set(v)
		}
		for range src.circles { // -A^-2 (1 + A^4)
			low -= 2
			v.Add(v, new(big.Int).Lsh(v, s.digit)).Neg(v)
		}
		switch {
		case t.value == nil && src.circles > 0:
			t = term{low, v}
		case t.value == nil:
			t = term{low, new(big.Int).Set(v)}
		case low >= t.low:
			t.value.Add(t.value, new(big.Int).Lsh(v, s.digit*uint(low-t.low)/4))
		default:
			t.value.Lsh(t.value, s.digit*uint(t.low-low)/4).Add(t.value, v)
			t.low = low
		}
	}
	return t
}

// join adds an arc from a to b to arcs that are given by the partner of each
// end, -1 for none: an end that has a partner is passed through. It counts the
// circle that this may close.
func join(partner []int, a, b int) int8 {
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
