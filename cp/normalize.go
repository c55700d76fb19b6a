package cp

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// Normalize scales every column of every factor to norm 1 and moves the
// scale into the weights, which become non-negative (a negative weight
// changes the sign of the component's column in the last mode). A component
// with a zero column gets weight 0; its zero columns stay.
func (t *Tensor) Normalize() {
	for _, f := range t.Factors {
		for r, norm := range normalizeColumns(f) {
			t.Weights[r] *= norm
		}
	}
	for r, w := range t.Weights {
		if w < 0 {
			w = -w
			flip(t.Factors[len(t.Factors)-1], r)
		}
		t.Weights[r] = w
	}
}

// normalizeColumn scales a column to norm 1 and returns the norm it had. A
// zero column stays.
func normalizeColumn(f *tensor.Matrix[float64], r int) float64 {
	col := f.Col(r)
	norm := kernel.Nrm2(col)
	if norm == 0 {
		return 0
	}
	for i, v := range col {
		f.Set(i, r, v/norm)
	}
	return norm
}

// rowBlock is the number of rows of a factor that one goroutine looks at.
const rowBlock = 1 << 10

// normalizeColumns is normalizeColumn for all columns, row by row.
func normalizeColumns(f *tensor.Matrix[float64]) []float64 {
	cols := f.Cols
	sums := make([]float64, (f.Rows+rowBlock-1)/rowBlock*cols)
	par.Blocks(f.Rows, rowBlock, func(b, lo, hi int) {
		squares := sums[b*cols : (b+1)*cols]
		for i := lo; i < hi; i++ {
			for r, v := range f.Row(i) {
				squares[r] += v * v
			}
		}
	})
	norms, by := make([]float64, cols), make([]float64, cols)
	for r := range norms {
		square := 0.0
		for k := r; k < len(sums); k += cols {
			square += sums[k]
		}
		norms[r] = math.Sqrt(square)
		if !(square > 0x1p-900 && square < math.Inf(1)) { // out of range, or zero
			norms[r] = kernel.Nrm2(f.Col(r))
		}
		if by[r] = norms[r]; by[r] == 0 {
			by[r] = 1
		}
	}
	par.Blocks(f.Rows, rowBlock, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			row := f.Row(i)
			for r, d := range by[:len(row)] {
				row[r] /= d
			}
		}
	})
	return norms
}

func flip(f *tensor.Matrix[float64], r int) {
	for i := range f.Rows {
		f.Set(i, r, -f.At(i, r))
	}
}

// Arrange orders the components by weight, largest first (by magnitude;
// equals keep their order). It returns the old place of each component.
func (t *Tensor) Arrange() []int {
	order := make([]int, len(t.Weights))
	for r := range order {
		order[r] = r
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(math.Abs(t.Weights[b]), math.Abs(t.Weights[a]))
	})
	t.Permute(order...)
	return order
}

// Permute puts component order[r] in place r. It panics if order is not a
// permutation of the components.
func (t *Tensor) Permute(order ...int) {
	seen := make([]bool, len(t.Weights))
	for _, r := range order {
		if r < 0 || r >= len(seen) || seen[r] {
			panic(fmt.Sprintf("cp: %v is not a permutation of %d components", order, len(seen)))
		}
		seen[r] = true
	}
	if len(order) != len(seen) {
		panic(fmt.Sprintf("cp: permutation %v of %d components", order, len(seen)))
	}
	old := slices.Clone(t.Weights)
	row := make([]float64, len(old))
	for r, from := range order {
		t.Weights[r] = old[from]
	}
	for _, f := range t.Factors {
		for i := range f.Rows {
			copy(row, f.Row(i))
			for r, from := range order {
				f.Set(i, r, row[from])
			}
		}
	}
}

// FixSigns removes the freedom of sign: in every mode but the last, the
// entry of largest magnitude of each column (the first of equals) is made
// positive, and the last mode takes the sign that remains. The tensor that
// the model stands for does not change.
func (t *Tensor) FixSigns() {
	last := len(t.Factors) - 1
	for r := range t.Weights {
		for n := range last {
			f := t.Factors[n]
			big := 0.0
			for i := range f.Rows {
				if v := f.At(i, r); math.Abs(v) > math.Abs(big) {
					big = v
				}
			}
			if big < 0 {
				flip(f, r)
				flip(t.Factors[last], r)
			}
		}
	}
}
