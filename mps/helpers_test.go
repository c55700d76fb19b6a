package mps

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

func randomMatrix(rng *rand.Rand, m, n int) *tensor.Matrix[complex128] {
	a := tensor.NewMatrix[complex128](m, n)
	for i := range a.Data {
		a.Data[i] = complex(rng.NormFloat64(), rng.NormFloat64())
	}
	return a
}

func randomUnitary(rng *rand.Rand, n int) *tensor.Matrix[complex128] {
	q, _, err := linalg.QRComplex(randomMatrix(rng, n, n))
	if err != nil {
		panic(err)
	}
	return q
}

// randomState is a state of random cores.
func randomState(rng *rand.Rand, bond int, dims ...int) *State {
	var cores []*tensor.Dense[complex128]
	l := 1
	for k, d := range dims {
		r := bond
		if k == len(dims)-1 {
			r = 1
		}
		cores = append(cores, tensor.FromSlice(randomMatrix(rng, l*d, r).Data, l, d, r))
		l = r
	}
	s, err := FromCores(cores...)
	if err != nil {
		panic(err)
	}
	s.Normalize()
	return s
}

// applyDense multiplies the sites of a vector by u, by the definition.
func applyDense(x []complex128, dims []int, u *tensor.Matrix[complex128], sites ...int) []complex128 {
	stride := make([]int, len(dims))
	n := 1
	for k := len(dims) - 1; k >= 0; k-- {
		stride[k] = n
		n *= dims[k]
	}
	y := make([]complex128, len(x))
	for i, v := range x {
		if v == 0 {
			continue
		}
		col, base := 0, i
		for _, k := range sites {
			b := i / stride[k] % dims[k]
			col = col*dims[k] + b
			base -= b * stride[k]
		}
		for row := range u.Rows {
			at, rest := base, row
			for j := len(sites) - 1; j >= 0; j-- {
				k := sites[j]
				at += rest % dims[k] * stride[k]
				rest /= dims[k]
			}
			y[at] += u.At(row, col) * v
		}
	}
	return y
}

func distance(x, y []complex128) float64 {
	sum := 0.0
	for i := range x {
		sum += math.Pow(cmplx.Abs(x[i]-y[i]), 2)
	}
	return math.Sqrt(sum)
}

// checkCanonical checks that the cores beside the center are isometries.
func checkCanonical(t *testing.T, s *State) {
	t.Helper()
	for k, c := range s.sites {
		var g *tensor.Matrix[complex128]
		switch {
		case k < s.center:
			a := c.tall()
			g = &tensor.Matrix[complex128]{Rows: a.Cols, Cols: a.Cols, Stride: a.Cols, Data: mul(adjoint(a).View(), a.View()).Data}
		case k > s.center:
			a := c.wide()
			g = &tensor.Matrix[complex128]{Rows: a.Rows, Cols: a.Rows, Stride: a.Rows, Data: mul(a.View(), adjoint(a).View()).Data}
		default:
			continue
		}
		if d := distance(g.Data, tensor.Eye[complex128](g.Rows).Data); !(d <= 1e-12*float64(g.Rows)) {
			t.Fatalf("core %d of a state with center %d is no isometry: %g", k, s.center, d)
		}
		if k > 0 && s.sites[k-1].r != c.l {
			t.Fatalf("bond %d has sizes %d and %d", k, s.sites[k-1].r, c.l)
		}
	}
}

var (
	hadamard = tensor.MatrixOf(2, 2, []complex128{complex(math.Sqrt2/2, 0), complex(math.Sqrt2/2, 0), complex(math.Sqrt2/2, 0), complex(-math.Sqrt2/2, 0)})
	cnot     = tensor.MatrixOf(4, 4, []complex128{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0})
)

// svdOf is the SVD of a vector as a matrix of the given number of rows.
func svdOf(x []complex128, rows int) (*tensor.Matrix[complex128], []float64, *tensor.Matrix[complex128], error) {
	return linalg.SVDComplex(tensor.MatrixOf(rows, len(x)/rows, x))
}
