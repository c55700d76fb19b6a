package linalg_test

import (
	"errors"
	"fmt"

	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

func show(name string, m *tensor.Matrix[float64]) {
	fmt.Println(name)
	for i := range m.Rows {
		for j := range m.Cols {
			v := m.At(i, j)
			if v > -5e-5 && v < 5e-5 {
				v = 0 // no minus zeros
			}
			fmt.Printf("%9.4f", v)
		}
		fmt.Println()
	}
}

func ExampleQR() {
	a := tensor.MatrixOf(3, 2, []float64{
		2, 1,
		2, 4,
		1, 1,
	})
	q, r, err := linalg.QR(a)
	if err != nil {
		fmt.Println(err)
		return
	}
	show("Q", q)
	show("R", r)
	// Output:
	// Q
	//    0.6667  -0.6768
	//    0.6667   0.7288
	//    0.3333  -0.1041
	// R
	//    3.0000   3.6667
	//    0.0000   2.1344
}

func ExampleLQ() {
	a := tensor.MatrixOf(2, 3, []float64{
		2, 2, 1,
		1, 4, 1,
	})
	l, _, err := linalg.LQ(a)
	if err != nil {
		fmt.Println(err)
		return
	}
	show("L", l)
	// Output:
	// L
	//    3.0000   0.0000
	//    3.6667   2.1344
}

func ExampleQRPivot() {
	a := tensor.MatrixOf(3, 3, []float64{
		1, 2, 3,
		2, 4, 1,
		0, 0, 2,
	})
	f, err := linalg.QRPivot(a, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("rank", f.Rank, "pivots", f.Perm)
	// Output: rank 2 pivots [1 2 0]
}

func ExampleSymEig() {
	a := tensor.MatrixOf(2, 2, []float64{
		2, 1,
		1, 2,
	})
	w, v, err := linalg.SymEig(a)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", w)
	fmt.Printf("%.4f\n", v.At(0, 0)*v.At(1, 0)) // the first is (1, 1)/√2, up to its sign
	// Output:
	// [3.0000 1.0000]
	// 0.5000
}

func ExampleSymEigInPlace() {
	a := tensor.MatrixOf(2, 2, []float64{
		2, 1,
		1, 2,
	})
	w, err := linalg.SymEigInPlace(a, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", w)
	fmt.Printf("%.4f\n", a.At(0, 0)*a.At(1, 0)) // the first is (1, 1)/√2, up to its sign
	// Output:
	// [3.0000 1.0000]
	// 0.5000
}

func ExampleCholeskyInPlace() {
	a := tensor.MatrixOf(2, 2, []float64{
		4, 2,
		2, 5,
	})
	if err := linalg.CholeskyInPlace(a); err != nil {
		fmt.Println(err)
		return
	}
	show("L", a)
	// Output:
	// L
	//    2.0000   0.0000
	//    1.0000   2.0000
}

func ExampleOrthonormalize() {
	a := tensor.MatrixOf(3, 2, []float64{
		3, 0,
		4, 0,
		0, 2,
	})
	if err := linalg.Orthonormalize(a); err != nil {
		fmt.Println(err)
		return
	}
	show("Q", a)
	// Output:
	// Q
	//    0.6000   0.0000
	//    0.8000   0.0000
	//    0.0000   1.0000
}

func ExampleQRTriangle() {
	a := tensor.MatrixOf(3, 2, []float64{
		3, 1,
		4, 3,
		0, 2,
	})
	r, err := linalg.QRTriangle(a)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", r.Data) // RᵀR = AᵀA
	// Output: [5.0000 3.0000 0.0000 2.2361]
}

func ExampleSymEigLeading() {
	a := tensor.MatrixOf(3, 3, []float64{
		2, -1, 0,
		-1, 2, -1,
		0, -1, 2,
	})
	w, v, err := linalg.SymEigLeading(a, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", w)
	fmt.Println(v.Rows, v.Cols)
	fmt.Printf("%.4f\n", v.At(1, 0)/v.At(0, 0)) // (1, −√2, 1)/2, up to its sign
	// Output:
	// [3.4142 2.0000 0.5858]
	// 3 1
	// -1.4142
}

func ExampleSymEigValues() {
	a := tensor.MatrixOf(3, 3, []float64{
		2, -1, 0,
		-1, 2, -1,
		0, -1, 2,
	})
	w, err := linalg.SymEigValues(a)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", w) // 2 + √2, 2, 2 − √2
	// Output: [3.4142 2.0000 0.5858]
}

func ExampleSVD() {
	a := tensor.MatrixOf(2, 3, []float64{
		3, 0, 0,
		0, 0, -5,
	})
	u, s, vt, err := linalg.SVD(a)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("U %d×%d, s %.1f, Vᵀ %d×%d\n", u.Rows, u.Cols, s, vt.Rows, vt.Cols)
	// Output: U 2×2, s [5.0 3.0], Vᵀ 2×3
}

func ExampleSingularValues() {
	a := tensor.MatrixOf(2, 2, []float64{
		1, 1,
		0, 1,
	})
	s, err := linalg.SingularValues(a)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", s) // the golden ratio and its inverse
	// Output: [1.6180 0.6180]
}

func ExampleSVDTruncated() {
	a := tensor.MatrixOf(3, 3, []float64{
		10, 0, 0,
		0, 3, 0,
		0, 0, 0.1,
	})
	_, s, _, tail, err := linalg.SVDTruncated(a, 0, 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("rank %d, error %.2f\n", len(s), tail)
	// Output: rank 2, error 0.10
}

func ExampleTruncationRank() {
	r, tail := linalg.TruncationRank([]float64{10, 4, 3, 0.1}, 0, 5.01)
	fmt.Printf("rank %d, error %.2f\n", r, tail)
	// Output: rank 1, error 5.00
}

func ExampleRandomizedSVD() {
	a := tensor.NewMatrix[float64](200, 100)
	for i := range 200 {
		for j := range 100 {
			a.Set(i, j, 1/float64(i+j+1))
		}
	}
	_, s, _, bound, err := linalg.RandomizedSVD(a, 8, linalg.Sketch{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", s[:3])
	fmt.Println("error below 1e-3:", bound < 1e-3)
	// Output:
	// [2.2223 0.8786 0.2497]
	// error below 1e-3: true
}

func ExampleRandomizedRange() {
	a := tensor.NewMatrix[float64](200, 100)
	for i := range 200 {
		for j := range 100 {
			a.Set(i, j, float64(i+j)) // rank 2
		}
	}
	q, bound, err := linalg.RandomizedRange(a, 2, linalg.Sketch{Oversample: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(q.Rows, q.Cols, bound < 1e-9)
	// Output: 200 4 true
}

func ExampleCholesky() {
	a := tensor.MatrixOf(2, 2, []float64{
		4, 2,
		2, 5,
	})
	l, err := linalg.Cholesky(a)
	if err != nil {
		fmt.Println(err)
		return
	}
	show("L", l)

	a.Set(1, 1, 0)
	_, err = linalg.Cholesky(a)
	var e *linalg.NotPositiveDefiniteError
	fmt.Println(errors.As(err, &e), err)
	// Output:
	// L
	//    2.0000   0.0000
	//    1.0000   2.0000
	// true linalg: the matrix is not positive definite: pivot 1 is -1
}

func ExampleSolveTriangular() {
	l := tensor.MatrixOf(2, 2, []float64{
		2, 0,
		1, 4,
	})
	b := tensor.MatrixOf(2, 1, []float64{2, 9})
	x, err := linalg.SolveTriangular(linalg.Lower, l, b)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(x.Data)
	// Output: [1 2]
}

func ExampleSolveSPD() {
	g := tensor.MatrixOf(2, 2, []float64{
		1, 1,
		1, 1, // singular
	})
	m := tensor.MatrixOf(1, 2, []float64{4, 4})
	x, info, err := linalg.SolveSPD(g, m, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f by %v, rank %d\n", x.Data, info.Path, info.Rank)
	x, info, err = linalg.SolveSPD(g, m, 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f by %v, rank %d\n", x.Data, info.Path, info.Rank)
	// Output:
	// [2.00 2.00] by eigen, rank 1
	// [1.60 1.60] by cholesky, rank 2
}

func ExampleLeastSquares() {
	// The line a + b·t through (0, 1), (1, 3), (2, 5).
	a := tensor.MatrixOf(3, 2, []float64{
		1, 0,
		1, 1,
		1, 2,
	})
	b := tensor.MatrixOf(3, 1, []float64{1, 3, 5})
	x, rank, err := linalg.LeastSquares(a, b)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f, rank %d\n", x.Data, rank)
	// Output: [1.00 2.00], rank 2
}

func ExampleNNLS() {
	a := tensor.MatrixOf(3, 2, []float64{
		1, 0,
		1, 1,
		1, 2,
	})
	b := tensor.MatrixOf(3, 1, []float64{5, 3, 1}) // falling: the slope stays at zero
	x, err := linalg.NNLS(a, b)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", x.Data)
	// Output: [3.00 0.00]
}

func ExampleNNLSGram() {
	g := tensor.MatrixOf(2, 2, []float64{
		2, 1,
		1, 2,
	})
	m := tensor.MatrixOf(2, 2, []float64{
		3, 3,
		4, 1,
	})
	x, err := linalg.NNLSGram(g, m)
	if err != nil {
		fmt.Println(err)
		return
	}
	show("X", x)
	// Output:
	// X
	//    1.0000   1.0000
	//    2.0000   0.0000
}

func ExampleQRComplex() {
	a := tensor.MatrixOf(2, 1, []complex128{3, 4i})
	q, r, err := linalg.QRComplex(a)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.1f %.1f\n", q.Data, r.Data)
	// Output: [(0.6+0.0i) (0.0+0.8i)] [(5.0+0.0i)]
}

func ExampleSVDComplex() {
	a := tensor.MatrixOf(2, 2, []complex128{0, 2i, -3, 0})
	_, s, _, err := linalg.SVDComplex(a)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", s)
	// Output: [3.000 2.000]
}

func ExampleSVDTruncatedComplex() {
	a := tensor.MatrixOf(2, 2, []complex128{0, 2i, -3, 0})
	u, s, vh, tail, err := linalg.SVDTruncatedComplex(a, 1, 0)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d×%d %.3f %d×%d, error %.3f\n", u.Rows, u.Cols, s, vh.Rows, vh.Cols, tail)
	// Output: 2×1 [3.000] 1×2, error 2.000
}

func ExampleHermEig() {
	a := tensor.MatrixOf(2, 2, []complex128{1, 1i, -1i, 1})
	w, _, err := linalg.HermEig(a)
	fmt.Printf("%.3f %v\n", w[0], err)
	// Output: 2.000 <nil>
}

func ExampleHermEigLeading() {
	a := tensor.MatrixOf(2, 2, []complex128{0, -1i, 1i, 0})
	w, v, err := linalg.HermEigLeading(a, 1)
	fmt.Printf("%.3f %d×%d %v\n", w, v.Rows, v.Cols, err)
	// Output: [1.000 -1.000] 2×1 <nil>
}

// The smoothest curve near noisy data (Whittaker 1923): least squares with a
// penalty on the differences of neighbours has a matrix of three diagonals.
func ExampleBandCholesky() {
	data := []float64{1, 3, 2, 4, 3, 5}
	const penalty = 2
	a := tensor.NewMatrix[float64](len(data), 2) // row i: A[i, i-1] and A[i, i]
	for i := range data {
		a.Set(i, 1, 1)
		if i > 0 {
			a.Set(i, 0, -penalty)
			a.Data[2*i+1] += penalty
			a.Data[2*i-1] += penalty
		}
	}
	l, err := linalg.BandCholesky(a)
	if err != nil {
		fmt.Println(err)
		return
	}
	linalg.SolveBand(l, data)
	fmt.Printf("%.2f\n", data)
	// Output: [1.98 2.48 2.71 3.29 3.52 4.02]
}

// What is below the rounding error of the largest is zero.
func ExampleEpsilon() {
	singular := []float64{5, 2, 3e-16}
	rank := 0
	for _, s := range singular {
		if s > 3*linalg.Epsilon[float64]()*singular[0] {
			rank++
		}
	}
	fmt.Println(rank, linalg.Epsilon[float32]() == 0x1p-23)
	// Output: 2 true
}
