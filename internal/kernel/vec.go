package kernel

import (
	"fmt"
	"math"

	"github.com/polyad/polyad/internal/par"
)

// Vectors are cut in blocks of this many elements. The sum over a block is
// one number, and the numbers are added in order, whoever computed them.
const (
	vecBlock    = 8192
	vecParallel = 16 * vecBlock // from here on blocks are shared by threads
)

// Dot is the sum of x[i]*y[i], accumulated in float64.
func Dot[T Float](x, y []T) float64 {
	if len(x) != len(y) {
		panic(fmt.Sprintf("kernel: Dot of vectors of %d and %d elements", len(x), len(y)))
	}
	if len(x) <= vecBlock {
		return dotBlock(x, y)
	}
	return sumBlocks(len(x), func(lo, hi int) float64 { return dotBlock(x[lo:hi], y[lo:hi]) })
}

// Axpy adds alpha*x to y.
func Axpy[T Float](alpha T, x, y []T) {
	if len(x) != len(y) {
		panic(fmt.Sprintf("kernel: Axpy of vectors of %d and %d elements", len(x), len(y)))
	}
	if len(x) < vecParallel {
		axpyBlock(alpha, x, y)
		return
	}
	par.Blocks(len(x), vecBlock, func(_, lo, hi int) { axpyBlock(alpha, x[lo:hi], y[lo:hi]) })
}

// Scal multiplies x by alpha.
func Scal[T Float](alpha T, x []T) {
	if len(x) < vecParallel {
		scalBlock(alpha, x)
		return
	}
	par.Blocks(len(x), vecBlock, func(_, lo, hi int) { scalBlock(alpha, x[lo:hi]) })
}

// Sum is the sum of x[i], accumulated in float64.
func Sum[T Float](x []T) float64 {
	if len(x) <= vecBlock {
		return sumBlock(x)
	}
	return sumBlocks(len(x), func(lo, hi int) float64 { return sumBlock(x[lo:hi]) })
}

// Nrm2 is the Euclidean norm of x, without overflow or underflow on the way.
// It is NaN if an element is, and infinite if one is infinite and none NaN.
func Nrm2[T Float](x []T) float64 {
	s := Dot(x, x)
	if inRange(s) || len(x) == 0 {
		return math.Sqrt(s)
	}
	// The squares may have left the range: once more, scaled by a power of two.
	top := 0.0
	for _, v := range x {
		top = math.Max(top, math.Abs(float64(v)))
	}
	if top == 0 || math.IsInf(top, 0) || top != top {
		return top
	}
	_, e := math.Frexp(top)
	up, down := math.Ldexp(1, -e/2), math.Ldexp(1, -e-(-e/2))
	s = 0
	for _, v := range x {
		w := float64(v) * up * down
		s += w * w
	}
	return math.Ldexp(math.Sqrt(s), e)
}

// Distance is the Euclidean norm of x - y, formed in float64, without overflow
// or underflow on the way.
func Distance[T Float](x []T, y []float64) float64 {
	if len(x) != len(y) {
		panic(fmt.Sprintf("kernel: Distance of vectors of %d and %d elements", len(x), len(y)))
	}
	var s float64
	if len(x) <= vecBlock {
		s = distBlock(x, y)
	} else {
		s = sumBlocks(len(x), func(lo, hi int) float64 { return distBlock(x[lo:hi], y[lo:hi]) })
	}
	if inRange(s) {
		return math.Sqrt(s)
	}
	d := make([]float64, len(x))
	for i, v := range x {
		d[i] = float64(v) - y[i]
	}
	return Nrm2(d)
}

// inRange reports whether a sum of squares can be trusted: none has left the
// range of float64, or the sum is not a number anyway.
func inRange(s float64) bool { return s > 0x1p-900 && s < math.Inf(1) || s != s }

// sumBlocks adds the sums of the blocks of [0, n) in order.
func sumBlocks(n int, block func(lo, hi int) float64) float64 {
	if n < vecParallel {
		s := 0.0
		for lo := 0; lo < n; lo += vecBlock {
			s += block(lo, min(lo+vecBlock, n))
		}
		return s
	}
	parts := make([]float64, ceilDiv(n, vecBlock))
	par.Blocks(n, vecBlock, func(b, lo, hi int) { parts[b] = block(lo, hi) })
	s := 0.0
	for _, p := range parts {
		s += p
	}
	return s
}

// dotGo is the portable sum of x[i]*y[i].
func dotGo[T Float](x, y []T) float64 {
	var s [4]float64
	i := 0
	for ; i+4 <= len(x) && i+4 <= len(y); i += 4 {
		p, q := (*[4]T)(x[i:]), (*[4]T)(y[i:])
		s[0] += float64(p[0]) * float64(q[0])
		s[1] += float64(p[1]) * float64(q[1])
		s[2] += float64(p[2]) * float64(q[2])
		s[3] += float64(p[3]) * float64(q[3])
	}
	for ; i < len(x); i++ {
		s[0] += float64(x[i]) * float64(y[i])
	}
	return s[0] + s[1] + (s[2] + s[3])
}

// distGo is the portable sum of (x[i]-y[i])².
func distGo[T Float](x []T, y []float64) float64 {
	var s [4]float64
	i := 0
	for ; i+4 <= len(x) && i+4 <= len(y); i += 4 {
		p, q := (*[4]T)(x[i:]), (*[4]float64)(y[i:])
		for j := range s {
			d := float64(p[j]) - q[j]
			s[j] += d * d
		}
	}
	for ; i < len(x); i++ {
		d := float64(x[i]) - y[i]
		s[0] += d * d
	}
	return s[0] + s[1] + (s[2] + s[3])
}

// sumGo is the portable sum of x[i].
func sumGo[T Float](x []T) float64 {
	var s [4]float64
	i := 0
	for ; i+4 <= len(x); i += 4 {
		p := (*[4]T)(x[i:])
		s[0] += float64(p[0])
		s[1] += float64(p[1])
		s[2] += float64(p[2])
		s[3] += float64(p[3])
	}
	for ; i < len(x); i++ {
		s[0] += float64(x[i])
	}
	return s[0] + s[1] + (s[2] + s[3])
}

// axpyGo is the portable y[i] += alpha*x[i].
func axpyGo[T Float](alpha T, x, y []T) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += alpha * v
	}
}

// scalGo is the portable x[i] *= alpha.
func scalGo[T Float](alpha T, x []T) {
	for i := range x {
		x[i] *= alpha
	}
}

// Widen converts x to float64. y is as long as x.
func Widen(y []float64, x []float32) {
	if len(x) != len(y) {
		panic(fmt.Sprintf("kernel: Widen of %d elements to %d", len(x), len(y)))
	}
	widen(y, x)
}

// widenGo is the portable dst[i] = float64(src[i]).
func widenGo(dst []float64, src []float32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = float64(v)
	}
}
