package tt

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/tensor"
)

// randomOperator is a matrix of random cores.
func randomOperator(rng *rand.Rand, rows, cols, ranks []int) *Matrix {
	r := append(append([]int{1}, ranks...), 1)
	var cores []*tensor.Dense[float64]
	for k := range rows {
		cores = append(cores, tensor.Normal(rng, r[k], rows[k], cols[k], r[k+1]))
	}
	a, err := NewMatrix(cores...)
	if err != nil {
		panic(err)
	}
	return a
}

func difference(a, b *tensor.Matrix[float64]) float64 {
	return tensor.Distance(tensor.FromSlice(a.Data, a.Rows, a.Cols), tensor.FromSlice(b.Data, b.Rows, b.Cols))
}

// Everything agrees with the same on the whole matrix.
func TestMatrix(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 11))
	for _, c := range []struct{ rows, cols, ra, rb, rx []int }{
		{[]int{3, 4, 2}, []int{2, 5, 3}, []int{2, 3}, []int{3, 1}, []int{2, 4}},
		{[]int{5}, []int{4}, nil, nil, nil},
		{[]int{2, 2, 2, 2}, []int{2, 1, 3, 2}, []int{1, 4, 2}, []int{2, 2, 2}, []int{2, 3, 2}},
	} {
		a, b := randomOperator(rng, c.rows, c.cols, c.ra), randomOperator(rng, c.rows, c.cols, c.rb)
		bt := b.Transpose()
		x, y := random(rng, c.cols, c.rx), random(rng, c.rows, c.rx)
		da, db := a.Dense(), b.Dense()
		near := func(name string, got, scale float64) {
			t.Helper()
			if !(got <= 1e-13*scale) {
				t.Errorf("%v×%v: %s: %g of %g", c.rows, c.cols, name, got, scale)
			}
		}
		size := a.Norm() * b.Norm()
		near("Norm", math.Abs(a.Norm()-tensor.FromSlice(da.Data, len(da.Data)).Norm()), a.Norm())
		sum := tensor.NewMatrix[float64](da.Rows, da.Cols)
		for i := range sum.Data {
			sum.Data[i] = da.Data[i] - 3*db.Data[i]
		}
		near("Add", difference(a.Add(b.Scale(-3)).Dense(), sum), a.Norm()+b.Norm())
		near("Transpose", difference(bt.Dense(), db.Transpose()), b.Norm())
		near("Mul", difference(a.Mul(bt).Dense(), tensor.Mul(da, db.Transpose())), size)
		column := tensor.MatrixOf(da.Cols, 1, x.Dense().Data())
		ax := tensor.Mul(da, column)
		product := a.MulVec(x)
		near("MulVec", tensor.Distance(product.Dense(), tensor.FromSlice(ax.Data, c.rows...)), a.Norm()*x.Norm())
		near("Inner", math.Abs(a.Inner(y, x)-y.Inner(product)), a.Norm()*x.Norm()*y.Norm())
		for range 5 {
			row, col, i, j := make([]int, len(c.rows)), make([]int, len(c.rows)), 0, 0
			for k := range row {
				row[k], col[k] = rng.IntN(c.rows[k]), rng.IntN(c.cols[k])
				i, j = i*c.rows[k]+row[k], j*c.cols[k]+col[k]
			}
			near("At", math.Abs(a.At(row, col)-da.At(i, j)), a.Norm())
		}
		// A sum of two equal matrices has redundant ranks.
		twice, bound, err := a.Add(a).Round(Options{Eps: 1e-12})
		if err != nil || !(bound <= 1e-12) || twice.Parameters() > a.Parameters() {
			t.Errorf("Round: ranks %v, %v", twice.Ranks(), err)
		}
		near("Round", difference(twice.Dense(), a.Scale(2).Dense()), 10*a.Norm())
		found, r, err := MatrixSVD(ctx, da, c.rows, c.cols, Options{Eps: 1e-12})
		if err != nil || r.Method != "tt.MatrixSVD" {
			t.Fatal(err)
		}
		near("MatrixSVD", difference(found.Dense(), da), 10*a.Norm())
		for k, s := range found.Ranks() {
			if s > a.Ranks()[k] {
				t.Errorf("MatrixSVD: ranks %v of a matrix of ranks %v", found.Ranks(), a.Ranks())
			}
		}
	}
}

// The Laplacian of d dimensions has ranks of 2, and its eigenvectors are
// products of sines.
func TestLaplacian(t *testing.T) {
	const n, d = 9, 6
	one := tensor.NewMatrix[float64](n, n)
	for i := range n {
		one.Set(i, i, 2)
		if i > 0 {
			one.Set(i, i-1, -1)
			one.Set(i-1, i, -1)
		}
	}
	var laplacian *Matrix
	for k := range d {
		factors := make([]*tensor.Matrix[float64], d)
		for m := range factors {
			factors[m] = tensor.Eye[float64](n)
		}
		factors[k] = one
		if term := Kronecker(factors...); laplacian == nil {
			laplacian = term
		} else {
			laplacian = laplacian.Add(term)
		}
	}
	laplacian, _, err := laplacian.Round(Options{Eps: 1e-12})
	if err != nil || !slices.Equal(laplacian.Ranks(), []int{1, 2, 2, 2, 2, 2, 1}) {
		t.Fatal(laplacian.Ranks(), err)
	}
	var cores []*tensor.Dense[float64]
	want := 0.0
	for k := range d {
		g := tensor.New[float64](1, n, 1)
		for i := range n {
			g.Set(math.Sin(math.Pi*float64((k+1)*(i+1))/(n+1)), 0, i, 0)
		}
		cores = append(cores, g)
		want += 2 - 2*math.Cos(math.Pi*float64(k+1)/(n+1))
	}
	v, err := New(cores...)
	if err != nil {
		t.Fatal(err)
	}
	rest := laplacian.MulVec(v).Add(v.Scale(-want))
	if e := rest.Norm() / v.Norm(); !(e <= 1e-12) {
		t.Errorf("not an eigenvector: %g", e)
	}
	if got := laplacian.Inner(v, v) / v.Inner(v); !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("the Rayleigh quotient is %v, want %v", got, want)
	}
	if same := Identity(v.Shape()...).MulVec(v); !(same.Add(v.Scale(-1)).Norm() <= 1e-14*v.Norm()) {
		t.Error("the identity changes a vector")
	}
}

func TestMatrixFaults(t *testing.T) {
	g := func(shape ...int) *tensor.Dense[float64] { return tensor.New[float64](shape...) }
	for want, cores := range map[string][]*tensor.Dense[float64]{
		"at least one core":          nil,
		"order 3; 4 is expected":     {g(1, 2, 1)},
		"its first size should be 2": {g(1, 2, 2, 2), g(3, 2, 2, 1)},
		"its last size should be 1":  {g(1, 2, 2, 2)},
	} {
		if _, err := NewMatrix(cores...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, _, err := MatrixSVD(ctx, tensor.NewMatrix[float64](4, 6), []int{2, 2}, []int{2, 2}, Options{Eps: 0.1}); err == nil || !strings.Contains(err.Error(), "4×6") {
		t.Error(err)
	}
	for name, f := range map[string]func(){
		"MulVec": func() { Identity(2, 3).MulVec(ones(t, 2, 2)) },
		"Mul":    func() { Identity(2, 3).Mul(Identity(2, 2)) },
		"Add":    func() { Identity(2, 3).Add(Identity(2, 2)) },
		"Inner":  func() { Identity(2, 3).Inner(ones(t, 2, 3), ones(t, 2, 2)) },
		"At":     func() { Identity(2, 3).At([]int{0, 3}, []int{0, 0}) },
	} {
		func() {
			defer func() {
				if r := recover(); r == nil || !strings.HasPrefix(r.(string), "tt: ") {
					t.Errorf("%s: panic %v", name, r)
				}
			}()
			f()
		}()
	}
}

// ones is the train of ones.
func ones(t *testing.T, shape ...int) *Tensor {
	t.Helper()
	var factors []*tensor.Matrix[float64]
	for _, s := range shape {
		f := tensor.NewMatrix[float64](s, 1)
		for i := range f.Data {
			f.Data[i] = 1
		}
		factors = append(factors, f)
	}
	x, err := FromCP([]float64{1}, factors)
	if err != nil {
		t.Fatal(err)
	}
	return x
}
