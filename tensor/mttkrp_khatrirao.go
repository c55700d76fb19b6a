package tensor

// KhatriRao is the column-wise Kronecker product, its columns scaled by
// weights:
//
//	K[(i_0, …, i_{k-1}), r] = weights[r] * prod_n factors[n][i_n, r]
//
// with the last index running fastest. weights must have as many elements as
// the factors have columns; without factors, K is the one row of weights.
// Methods that fit models never form the product of all modes; see
// [Dense.MTTKRP].
func KhatriRao(weights []float64, factors ...*Matrix[float64]) *Matrix[float64] {
	rows := 1
	for _, f := range factors {
		if f.Cols != len(weights) {
			panic("tensor: KhatriRao of factors and weights with different numbers of columns")
		}
		rows *= f.Rows
	}
	k := NewMatrix[float64](rows, len(weights))
	all := make([]int, len(factors))
	for n := range all {
		all[n] = n
	}
	newKRRows(weights, factors, all).fill(k.Data, 0, rows)
	return k
}

// krRows makes rows of a Khatri-Rao product on demand.
type krRows struct {
	weights []float64
	factors []*Matrix[float64]
	last    *Matrix[float64] // factors[len-1], or nil
	size    int              // rows of last, or 1
	prefix  []float64        // product of weights and the rows of all factors but the last
}

// newKRRows takes the factors of the given modes.
func newKRRows(weights []float64, factors []*Matrix[float64], modes []int) *krRows {
	k := &krRows{weights: weights, size: 1, prefix: make([]float64, len(weights))}
	for _, m := range modes {
		k.factors = append(k.factors, factors[m])
	}
	if n := len(k.factors); n > 0 {
		k.last = k.factors[n-1]
		k.size = k.last.Rows
	}
	return k
}

// begin computes the prefix for row `row` and returns the row of the last
// factor that goes with it.
func (k *krRows) begin(row int) int {
	j := row % k.size
	row /= k.size
	copy(k.prefix, k.weights)
	for n := len(k.factors) - 2; n >= 0; n-- {
		f := k.factors[n]
		for r, v := range f.Row(row % f.Rows) {
			k.prefix[r] *= v
		}
		row /= f.Rows
	}
	return j
}

// fill writes the rows [lo, hi) to dst, one after another.
func (k *krRows) fill(dst []float64, lo, hi int) { fillKR(k, dst, lo, hi) }

func fillKR[T Float](k *krRows, dst []T, lo, hi int) {
	width := len(k.weights)
	for row := lo; row < hi; {
		j := k.begin(row)
		if k.last == nil {
			for r, p := range k.prefix {
				dst[r] = T(p)
			}
			return
		}
		for ; j < k.size && row < hi; j++ {
			f := k.last.Row(j)
			out := dst[:width]
			p := k.prefix[:width]
			f = f[:width]
			for r := range out {
				out[r] = T(p[r] * f[r])
			}
			dst = dst[width:]
			row++
		}
	}
}
