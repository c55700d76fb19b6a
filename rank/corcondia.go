package rank

import (
	"fmt"
	"math"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// maxCore is the largest number of core elements (R^N) for which the core
// consistency is computed.
const maxCore = 1 << 22

// Corcondia is the core consistency diagnostic of a CP model, in percent:
//
//	100 * (1 - ||G - I||² / R),   G = X ×_0 A_0^+ ×_1 A_1^+ … ×_{N-1} A_{N-1}^+
//
// where A_n: I_n×R are the factors (with the weights in one of them), A^+ is
// the pseudoinverse, and I the superdiagonal R×…×R core of the CP format. G
// is the Tucker core that fits X best in the spaces of the factors: near
// 100 % the data are multilinear in these components; at 50 % or less,
// components interact, as they do when there are too many. Entries that are
// not known are taken from the model.
//
// It is NaN where it says nothing: fewer than three modes, R above the size
// of a mode, factors that are linearly dependent, more than 2^22 elements in
// G. Data other than dense and observed tensors are an error.
//
// The Kronecker product of the factors is never formed: G is made mode by
// mode, or for known entries only as I plus the projection of the residual.
// Bro & Kiers 2003, https://doi.org/10.1002/cem.801; without the Kronecker
// product: Papalexakis & Faloutsos 2015,
// https://doi.org/10.1109/ICASSP.2015.7179011.
func Corcondia(x cp.Data, m *cp.Tensor) (float64, error) {
	percent, _, err := coreConsistency(x, m, 0)
	return percent, err
}

// coreConsistency is Corcondia, and how large the squares of the elements of
// G - I are on average, each divided by the variance that it has if the data
// are the model plus white noise: for entries of the given variance, all
// known,
//
//	var G[r_0, …] = variance * prod_n ((A_n^T A_n)^-1)[r_n, r_n].
//
// This excess is about 1, or less, if noise is all there is.
func coreConsistency(x cp.Data, m *cp.Tensor, variance float64) (percent, excess float64, err error) {
	rank, order := m.Rank(), len(m.Factors)
	nan := math.NaN()
	if order < 3 || math.Pow(float64(rank), float64(order)) > maxCore {
		return nan, nan, nil
	}
	inverse := make([]*tensor.Matrix[float64], order) // I_n×R, the transpose of the pseudoinverse
	spread := []float64{variance}                     // the variance of each element of G
	if o, ok := x.(*tensor.Observed); ok {
		spread[0] *= float64(o.Count()) / tensor.Cells(o.Shape())
	}
	for n, f := range m.Factors {
		if n == 0 {
			f = weighted(f, m.Weights)
		}
		p, scatter, err := pseudoInverse(f)
		if err != nil {
			return nan, nan, fmt.Errorf("core consistency, mode %d: %w", n, err)
		}
		if p == nil {
			return nan, nan, nil
		}
		inverse[n] = p
		spread = expand(spread, scatter)
	}
	var core []float64
	switch x := x.(type) {
	case *tensor.Dense[float64]:
		core = projectDense(x, inverse)
	case *tensor.Dense[float32]:
		core = projectDense(x, inverse)
	case *tensor.Observed:
		core = projectResidual(x, m, inverse)
	default:
		return nan, nan, fmt.Errorf("core consistency: data of type %T are not supported; dense and observed tensors are", x)
	}
	step, off := diagonalStep(rank, order), 0.0
	for e, g := range core {
		if e%step == 0 {
			g-- // the multiples of step below R^N are the superdiagonal
		}
		off += g * g
		excess += g * g / spread[e]
	}
	return 100 * (1 - off/float64(rank)), excess / float64(len(core)), nil
}

// diagonalStep is the distance between superdiagonal elements of an R×…×R
// tensor in C order.
func diagonalStep(rank, order int) int {
	step, stride := 0, 1
	for range order {
		step += stride
		stride *= rank
	}
	return step
}

// weighted is a copy of a factor with its columns times the weights.
func weighted(f *tensor.Matrix[float64], weights []float64) *tensor.Matrix[float64] {
	f = f.Clone()
	for i := range f.Rows {
		row := f.Row(i)
		for r, w := range weights {
			row[r] *= w
		}
	}
	return f
}

// pseudoInverse is the transpose of A^+ = (A^T A)^-1 A^T for A: I×R of full
// column rank, and the diagonal of (A^T A)^-1; nil for another A.
func pseudoInverse(a *tensor.Matrix[float64]) (*tensor.Matrix[float64], []float64, error) {
	if a.Rows < a.Cols {
		return nil, nil, nil
	}
	u, s, vt, err := linalg.SVD(a)
	if err != nil {
		return nil, nil, err
	}
	if last := s[a.Cols-1]; !(last > 1e-10*s[0]) {
		return nil, nil, nil
	}
	scatter := make([]float64, a.Cols)
	for k, sk := range s {
		row := vt.Row(k)
		for j := range row {
			row[j] /= sk
			scatter[j] += row[j] * row[j]
		}
	}
	return tensor.Mul(u, vt), scatter, nil
}

// projectDense is X ×_0 P_0^T … ×_{N-1} P_{N-1}^T, the largest mode first.
func projectDense[T tensor.Float](x *tensor.Dense[T], p []*tensor.Matrix[float64]) []float64 {
	first := 0
	for n, q := range p {
		if q.Rows > p[first].Rows {
			first = n
		}
	}
	y := x.Project(p[first], first)
	for n, q := range p {
		if n != first {
			y = y.Project(q, n)
		}
	}
	return y.Data()
}

// projectResidual is I + sum over known entries of (x - model) times the
// outer product of rows of P_0, P_1, ….
func projectResidual(x *tensor.Observed, m *cp.Tensor, p []*tensor.Matrix[float64]) []float64 {
	rank, order := m.Rank(), len(p)
	core := make([]float64, int(math.Pow(float64(rank), float64(order))+0.5))
	step := diagonalStep(rank, order)
	for e := 0; e < len(core); e += step {
		core[e] = 1
	}
	model := x.Evaluate(m.Weights, m.Factors)
	var outer []float64
	for e, v := range x.Values() {
		outer = append(outer[:0], v-model[e])
		for n, q := range p {
			outer = expand(outer, q.Row(int(x.Indices(n)[e])))
		}
		for k, o := range outer {
			core[k] += o
		}
	}
	return core
}

// expand replaces each element v of list by v*row, in place if it can.
func expand(list, row []float64) []float64 {
	k, r := len(list), len(row)
	for len(list) < k*r {
		list = append(list, 0)
	}
	for i := k - 1; i >= 0; i-- {
		v := list[i]
		for j, w := range row {
			list[i*r+j] = v * w
		}
	}
	return list
}
