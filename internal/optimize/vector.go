package optimize

import (
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
)

// vecBlock is the number of elements of a block: a dozen vectors of them stay
// in the second-level cache.
const vecBlock = 4096

func dot(x, y []float64) (s float64) {
	for i, v := range x {
		s += v * y[i]
	}
	return s
}

// dots are the inner products of columns with a vector, in one pass.
func dots(cols [][]float64, v []float64) []float64 {
	out := make([]float64, len(cols))
	if len(cols) == 0 {
		return out
	}
	blocks := (len(v) + vecBlock - 1) / vecBlock
	parts := make([]float64, blocks*len(cols))
	par.Blocks(len(v), vecBlock, func(b, lo, hi int) {
		for j, c := range cols {
			parts[b*len(cols)+j] = kernel.Dot(c[lo:hi], v[lo:hi])
		}
	})
	for i, p := range parts {
		out[i%len(cols)] += p
	}
	return out
}

// gramOf is the lower triangle of the inner products of columns, over the
// rows that are kept.
func gramOf(cols [][]float64, keep []bool) [][]float64 {
	n := len(cols)
	out := make([][]float64, n)
	for i := range out {
		out[i] = make([]float64, i+1)
	}
	blocks := (len(keep) + vecBlock - 1) / vecBlock
	parts := make([][]float64, blocks)
	par.Blocks(len(keep), vecBlock, func(b, lo, hi int) {
		packed := make([]float64, n*(hi-lo))
		count := 0
		for _, k := range keep[lo:hi] {
			if k {
				count++
			}
		}
		for j, c := range cols {
			row := packed[j*count:][:0]
			for i, k := range keep[lo:hi] {
				if k {
					row = append(row, c[lo+i])
				}
			}
		}
		p := make([]float64, 0, n*(n+1)/2)
		for i := range n {
			for j := range i + 1 {
				p = append(p, kernel.Dot(packed[i*count:][:count], packed[j*count:][:count]))
			}
		}
		parts[b] = p
	})
	for _, p := range parts {
		for _, row := range out {
			for j := range row {
				row[j] += p[j]
			}
			p = p[len(row):]
		}
	}
	return out
}

// lu is a small square matrix in factors.
type lu struct {
	a    [][]float64
	rows []int // exchanged with
}

// factor overwrites a by its factors. It reports false if a is singular to
// working precision, or not finite.
func factor(a [][]float64) (*lu, bool) {
	n := len(a)
	f := &lu{a, make([]int, n)}
	for k := range n {
		p := k
		for i := k + 1; i < n; i++ {
			if math.Abs(a[i][k]) > math.Abs(a[p][k]) {
				p = i
			}
		}
		a[k], a[p], f.rows[k] = a[p], a[k], p
		if v := math.Abs(a[k][k]); !(v > 1e-300) || math.IsInf(v, 1) {
			return nil, false
		}
		for i := k + 1; i < n; i++ {
			q := a[i][k] / a[k][k]
			a[i][k] = q
			for j := k + 1; j < n; j++ {
				a[i][j] -= q * a[k][j]
			}
		}
	}
	return f, true
}

// solve overwrites v by the solution for the right-hand side v.
func (f *lu) solve(v []float64) {
	for k, p := range f.rows {
		v[k], v[p] = v[p], v[k]
	}
	for i, row := range f.a {
		for j, w := range v[:i] {
			v[i] -= row[j] * w
		}
	}
	for i := len(v) - 1; i >= 0; i-- {
		row := f.a[i]
		for j := i + 1; j < len(v); j++ {
			v[i] -= row[j] * v[j]
		}
		v[i] /= row[i]
	}
}
