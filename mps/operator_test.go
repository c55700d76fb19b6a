package mps

import (
	"math"
	"math/cmplx"
	"testing"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
)

func randomOperator(rng interface{ NormFloat64() float64 }, bond int, dims ...int) *Operator {
	var cores []*tensor.Dense[complex128]
	l := 1
	for k, d := range dims {
		r := bond
		if k == len(dims)-1 {
			r = 1
		}
		c := tensor.New[complex128](l, d, d, r)
		for i := range c.Data() {
			c.Data()[i] = complex(rng.NormFloat64(), rng.NormFloat64())
		}
		cores = append(cores, c)
		l = r
	}
	o, err := NewOperator(cores...)
	if err != nil {
		panic(err)
	}
	return o
}

func matVec(a *tensor.Matrix[complex128], x []complex128) []complex128 {
	y := make([]complex128, a.Rows)
	for i := range y {
		for j, v := range a.Row(i) {
			y[i] += v * x[j]
		}
	}
	return y
}

// denseTerms is the matrix of a sum of terms, by the definition.
func denseTerms(dims []int, terms []Term) *tensor.Matrix[complex128] {
	n := 1
	for _, d := range dims {
		n *= d
	}
	h := tensor.NewMatrix[complex128](n, n)
	for _, t := range terms {
		for j := range n {
			x := make([]complex128, n)
			x[j] = t.Coefficient
			for _, f := range t.Factors {
				x = applyDense(x, dims, f.Matrix, f.Site)
			}
			for i, v := range x {
				h.Data[i*n+j] += v
			}
		}
	}
	return h
}

func TestSumOfTermsAgainstDense(t *testing.T) {
	rng := newRand(10)
	for _, dims := range [][]int{{2, 2, 2, 2, 2}, {2, 3, 2, 3}, {4}} {
		for _, count := range []int{0, 1, 2, 5, 30} {
			var terms []Term
			pool := map[int][]*tensor.Matrix[complex128]{}
			for range count {
				term := Term{Coefficient: complex(rng.NormFloat64(), rng.NormFloat64())}
				for _, k := range rng.Perm(len(dims))[:rng.IntN(len(dims)+1)] {
					if len(pool[dims[k]]) < 3 {
						pool[dims[k]] = append(pool[dims[k]], randomMatrix(rng, dims[k], dims[k]))
					}
					p := pool[dims[k]]
					term.Factors = append(term.Factors, Local{k, p[rng.IntN(len(p))]})
				}
				terms = append(terms, term)
			}
			o, err := SumOfTerms(dims, terms)
			if err != nil {
				t.Fatal(err)
			}
			want := denseTerms(dims, terms)
			if d := distance(o.Dense().Data, want.Data); !(d <= 1e-12*(1+norm2(want.Data))) {
				t.Errorf("%v, %d terms: off by %g", dims, count, d)
			}
			if d := math.Abs(o.Norm() - norm2(want.Data)); !(d <= 1e-12*(1+norm2(want.Data))) {
				t.Errorf("%v, %d terms: norm off by %g", dims, count, d)
			}
		}
	}
}

func TestOperatorBonds(t *testing.T) {
	if b := Ising(10, 1, 1).Bonds()[5]; b != 3 {
		t.Errorf("the bond of the Ising chain is %d", b)
	}
	if b := Heisenberg(10, 1, 1, 1, 0.3).Bonds()[5]; b != 5 {
		t.Errorf("the bond of the Heisenberg chain is %d", b)
	}
	n := 8
	var terms []Term
	for i := range n {
		for j := i + 1; j < n; j++ {
			terms = append(terms, mustPauli(math.Pow(0.5, float64(j-i)), "ZZ", i, j))
		}
	}
	o := mustSum(n, terms)
	for k, b := range o.Bonds() {
		if b > n/2+2 {
			t.Errorf("bond %d of all pairs is %d", k, b)
		}
	}
	small, lost, err := o.Compress(Truncation{Eps: 1e-16})
	if err != nil || lost > 1e-14 {
		t.Fatal(lost, err)
	}
	if d := distance(small.Dense().Data, o.Dense().Data); !(d <= 1e-7*o.Norm()) {
		t.Errorf("the compressed operator is off by %g of %g", d, o.Norm())
	}
	if b := small.Bonds()[n/2]; b != 3 {
		t.Errorf("interactions that fall exponentially need bonds of 3, not %d", b)
	}
}

func TestPauliTerm(t *testing.T) {
	term, err := PauliTerm(2, "YIX")
	if err != nil {
		t.Fatal(err)
	}
	o := mustSum(3, []Term{term})
	// Y ⊗ 1 ⊗ X: ⟨0 0 0|…|1 0 1⟩ = 2·(−i)
	if v := o.Dense().At(0, 5); v != -2i {
		t.Errorf("%v", v)
	}
	for _, bad := range []func() error{
		func() error { _, err := PauliTerm(1, "XA"); return err },
		func() error { _, err := PauliTerm(1, "XX", 1); return err },
		func() error { _, err := SumOfTerms([]int{2}, []Term{mustPauli(1, "X", 3)}); return err },
		func() error { _, err := SumOfTerms([]int{2, 2}, []Term{mustPauli(1, "XX", 1, 1)}); return err },
		func() error { _, err := SumOfTerms([]int{3}, []Term{mustPauli(1, "X", 0)}); return err },
		func() error { _, err := SumOfTerms([]int{2}, []Term{{Coefficient: cmplx.NaN()}}); return err },
		func() error { _, err := SumOfTerms(nil, nil); return err },
	} {
		if bad() == nil {
			t.Error("no error")
		}
	}
}

func TestArithmeticAgainstDense(t *testing.T) {
	rng := newRand(11)
	dims := []int{2, 3, 2, 2}
	a, b := randomState(rng, 3, dims...), randomState(rng, 2, dims...)
	x, y := a.Dense().Data(), b.Dense().Data()
	o, p := randomOperator(rng, 3, dims...), randomOperator(rng, 2, dims...)
	f, g := complex(0.3, -1), complex(2, 0.5)

	sum := Add(f, a, g, b)
	checkCanonical(t, sum)
	want := make([]complex128, len(x))
	for i := range want {
		want[i] = f*x[i] + g*y[i]
	}
	check := func(what string, got, want []complex128) {
		t.Helper()
		if d := distance(got, want); !(d <= 1e-12*(1+norm2(want))) {
			t.Errorf("%s is off by %g", what, d)
		}
	}
	check("sum", sum.Dense().Data(), want)
	s := sum.Clone()
	if lost, err := s.Compress(Truncation{}); err != nil || !(lost <= 1e-25) {
		t.Error(lost, err)
	}
	checkCanonical(t, s)
	check("compressed sum", s.Dense().Data(), want)

	ox := matVec(o.Dense(), x)
	os := o.MulState(a)
	checkCanonical(t, os)
	check("O·ψ", os.Dense().Data(), ox)
	zip, lost, err := o.Apply(a, Truncation{})
	if err != nil || !(lost <= 1e-25) {
		t.Error(lost, err)
	}
	checkCanonical(t, zip)
	check("zipped O·ψ", zip.Dense().Data(), ox)

	po := p.Mul(o)
	check("product", matVec(po.Dense(), x), matVec(p.Dense(), ox))
	check("sum of operators", matVec(AddOperators(f, o, g, p).Dense(), x), func() []complex128 {
		px := matVec(p.Dense(), x)
		for i := range px {
			px[i] = f*ox[i] + g*px[i]
		}
		return px
	}())
	check("adjoint", o.Adjoint().Dense().Data, adjoint(o.Dense()).Data)
	check("scaled", matVec(o.Scale(f).Dense(), x), func() []complex128 {
		z := make([]complex128, len(ox))
		for i, v := range ox {
			z[i] = f * v
		}
		return z
	}())
	c, lost, err := po.Compress(Truncation{})
	if err != nil || !(lost <= 1e-25) {
		t.Error(lost, err)
	}
	check("compressed operator", c.Dense().Data, po.Dense().Data)

	back, err := FromDense(a.Dense(), Truncation{})
	if err != nil {
		t.Fatal(err)
	}
	checkCanonical(t, back)
	check("from dense", back.Dense().Data(), x)
}

func TestTruncatedProduct(t *testing.T) {
	rng := newRand(12)
	n := 10
	dims := make([]int, n)
	for k := range dims {
		dims[k] = 2
	}
	s := randomState(rng, 8, dims...)
	o := Heisenberg(n, 1, 0.8, 1.2, 0.3)
	exact := o.MulState(s)
	for _, bond := range []int{6, 10, 20} {
		out, lost, err := o.Apply(s, Truncation{MaxBond: bond})
		if err != nil {
			t.Fatal(err)
		}
		best := exact.Clone()
		least, err := best.Compress(Truncation{MaxBond: bond})
		if err != nil {
			t.Fatal(err)
		}
		off := 1 - math.Pow(cmplx.Abs(Overlap(out, exact))/out.Norm()/exact.Norm(), 2)
		if !(off <= 1.2*least+1e-12) || out.MaxBond() > bond {
			t.Errorf("bond %d: 1-fidelity %g (said %g), of compression %g", bond, off, lost, least)
		}
	}
}

func TestVariance(t *testing.T) {
	rng := newRand(13)
	dims := []int{2, 2, 2, 2, 2}
	s := randomState(rng, 3, dims...)
	s.Scale(2)
	o := Heisenberg(5, 1, 1, 1, 0.2)
	x := s.Dense().Data()
	y := matVec(o.Dense(), x)
	n := real(dot(x, x))
	mean := real(dot(x, y)) / n
	want := real(dot(y, y))/n - mean*mean
	if got := s.Variance(o); !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("variance %g, want %g", got, want)
	}
}

func TestFromTrain(t *testing.T) {
	x := tensor.New[float64](2, 3, 2)
	for i := range x.Data() {
		x.Data()[i] = math.Sin(float64(i * i))
	}
	train, _, err := tt.SVD(t.Context(), x, tt.Options{Eps: 1e-12})
	if err != nil {
		t.Fatal(err)
	}
	s, err := FromTrain(train)
	if err != nil {
		t.Fatal(err)
	}
	if d := distance(s.Dense().Data(), tensor.AsComplex[complex128](x).Data()); !(d <= 1e-11) {
		t.Errorf("off by %g", d)
	}
}

func TestFitBeatsCompression(t *testing.T) {
	rng := newRand(14)
	dims := []int{2, 2, 3, 2, 2, 2, 2, 2}
	s := randomState(rng, 12, dims...)
	s.Scale(3)
	tr := Truncation{MaxBond: 5}
	plain := s.Clone()
	lost, err := plain.Compress(tr)
	if err != nil {
		t.Fatal(err)
	}
	phi, res, err := Fit(t.Context(), nil, s, nil, FitOptions{Truncation: tr})
	if err != nil {
		t.Fatal(err)
	}
	checkCanonical(t, phi)
	d := distance(phi.Dense().Data(), s.Dense().Data()) / 3
	if !(math.Abs(d*d-res.Lost) <= 1e-12) {
		t.Errorf("the distance is %g, said %g (%+v)", d*d, res.Lost, res)
	}
	if !(res.Lost <= lost*(1+1e-9)) || phi.MaxBond() > 5 {
		t.Errorf("fit lost %g, compression %g", res.Lost, lost)
	}

	o := randomOperator(rng, 3, dims...)
	exact := o.MulState(s)
	phi, res, err = Fit(t.Context(), o, s, nil, FitOptions{Truncation: Truncation{MaxBond: 20}})
	if err != nil {
		t.Fatal(err)
	}
	d = distance(phi.Dense().Data(), exact.Dense().Data()) / exact.Norm()
	if !(math.Abs(d*d-res.Lost) <= 1e-12) {
		t.Errorf("the distance is %g, said %g", d*d, res.Lost)
	}
}
