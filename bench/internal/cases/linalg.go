package cases

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// factorisations of linalg against SciPy, on the same matrices. What is
// compared are singular values, eigenvalues and the sizes of the elements of
// triangles, which do not depend on signs.
func factorisations() []Case {
	var list []Case
	add := func(job string, m, n int, bar, flops float64) {
		name := fmt.Sprintf("%s/m=%d/n=%d", job, m, n)
		symmetric := job == "eigh" || job == "cholesky"
		if symmetric {
			name = fmt.Sprintf("%s/n=%d", job, n)
		}
		bytes := 8 * float64(m) * float64(n)
		list = append(list, Case{
			Name: name, Tool: "linalg.py", Threads: two, Bar: Bar{Ratio: bar}, Ours: factorise, Equal: sameChecks(1e-10),
			Task: measure.Task{Job: job, Peer: "scipy", Type: "f64", Shape: []int{m, n}},
			Data: []Data{{fmt.Sprintf("matrix-%dx%d-%t.npy", m, n, symmetric), func(path string) error { return saveMatrix(path, m, n, symmetric) }}},
			Work: func(measure.Outcome) measure.Work { return measure.Work{Flops: flops, Bytes: 2 * bytes} },
		})
	}
	// Operations of Householder QR and of forming Q; of a bidiagonal or
	// tridiagonal form, the singular vectors of that by divide and conquer,
	// without deflation, and their way back (Golub & Van Loan 2013, §5.2, §8.3).
	qr := func(m, n float64) float64 { return 4*m*n*n - 4*n*n*n/3 }
	svd := func(m, n float64) float64 {
		square := (8.0/3 + 8.0/3 + 4) * n * n * n
		if m > n {
			return square + qr(m, n)
		}
		return square
	}
	cube := func(n float64) float64 { return n * n * n }
	add("qr", 1000, 1000, 0.7, qr(1000, 1000))
	add("qr", 100000, 64, 1, qr(100000, 64))
	add("svd", 1000, 1000, 0.7, svd(1000, 1000))
	add("svd", 2000, 200, 1, svd(2000, 200))
	add("svd", 100, 100, 0, svd(100, 100))
	add("eigh", 1000, 1000, 0.7, (4.0/3+4.0/3+2)*cube(1000))
	add("cholesky", 2000, 2000, 0.7, cube(2000)/3)
	return list
}

func saveMatrix(path string, m, n int, symmetric bool) error {
	a := random(1, m, n)
	if symmetric { // and positive definite
		x := a.Raw()
		for i := range n {
			for j := range i {
				x[i*n+j] = x[j*n+i]
			}
			x[i*n+i] += 3 * math.Sqrt(float64(n))
		}
	}
	return tensorio.Save(path, a)
}

func factorise(t measure.Task) (o measure.Outcome, err error) {
	meter := measure.Start()
	file, x, err := openDense[float64](t.Files[0])
	if err != nil {
		return o, err
	}
	defer file.Close()
	a := tensor.MatrixOf(x.Shape()[0], x.Shape()[1], x.Raw())
	call := map[string]func(a *tensor.Matrix[float64]) ([]float64, error){
		"qr": func(a *tensor.Matrix[float64]) ([]float64, error) {
			_, r, err := linalg.QR(a)
			return diagonal(r), err
		},
		"svd": func(a *tensor.Matrix[float64]) ([]float64, error) {
			_, s, _, err := linalg.SVD(a)
			return s, err
		},
		"eigh": func(a *tensor.Matrix[float64]) ([]float64, error) {
			w, _, err := linalg.SymEig(a)
			return w, err
		},
		"cholesky": func(a *tensor.Matrix[float64]) ([]float64, error) {
			l, err := linalg.Cholesky(a)
			return diagonal(l), err
		},
	}[t.Job]
	n := min(64, a.Cols)
	small := tensor.NewMatrix[float64](n, n)
	for i := range n {
		copy(small.Row(i), a.Row(i)[:n])
	}
	err = meter.Run(&o, func() error { _, err := call(small); return err }, func() error {
		o.Check, err = call(a)
		return err
	})
	return o, err
}

// diagonal is that of a triangle, without signs.
func diagonal(a *tensor.Matrix[float64]) []float64 {
	if a == nil {
		return nil
	}
	d := make([]float64, min(a.Rows, a.Cols))
	for i := range d {
		d[i] = math.Abs(a.Row(i)[i])
	}
	return d
}

// openDense opens a file of ours as a dense tensor, which is mapped.
func openDense[T tensor.Float](path string) (*tensorio.File, *tensor.Dense[T], error) {
	file, err := tensorio.Open(path, tensorio.Options{})
	if err != nil {
		return nil, nil, err
	}
	x, ok := file.Tensor.(*tensor.Dense[T])
	if !ok {
		file.Close()
		return nil, nil, fmt.Errorf("%s holds a %T", path, file.Tensor)
	}
	return file, x, nil
}

// random is a tensor of standard normal numbers.
func random(seed uint64, shape ...int) *tensor.Dense[float64] {
	x := tensor.New[float64](shape...)
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := range x.Raw() {
		x.Raw()[i] = rng.NormFloat64()
	}
	return x
}
