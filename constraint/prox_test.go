package constraint_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

func parse(t testing.TB, text string) constraint.Set {
	t.Helper()
	s, err := constraint.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// satisfies says whether a column has all the words ask for, written out by
// hand.
func satisfies(text string, v []float64, tol float64) bool {
	rises := func(v []float64) bool {
		for i := 1; i < len(v); i++ {
			if v[i] < v[i-1] {
				return false
			}
		}
		return true
	}
	falls := func(v []float64) bool {
		w := slices.Clone(v)
		slices.Reverse(w)
		return rises(w)
	}
	sum, square := 0.0, 0.0
	for _, x := range v {
		sum += x
		square += x * x
	}
	lo := slices.Min(v)
	for _, word := range strings.Fields(strings.ReplaceAll(text, ",", " ")) {
		ok := true
		switch {
		case word == "nonneg":
			ok = lo >= 0
		case word == "box:-0.3":
			ok = lo >= -0.3
		case word == "box:0.1":
			ok = lo >= 0.1
		case word == "0.5":
			ok = slices.Max(v) <= 0.5
		case word == "monotone", word == "increasing":
			ok = rises(v)
		case word == "decreasing":
			ok = falls(v)
		case word == "unimodal":
			ok = false
			for at := range v {
				ok = ok || rises(v[:at+1]) && falls(v[at:])
			}
		case word == "simplex":
			ok = lo >= 0 && math.Abs(sum-1) <= tol
		case word == "unit":
			ok = square <= 1+tol
		}
		if !ok {
			return false
		}
	}
	return true
}

// Every proximal step is compared with all points of a grid, and with all
// neighbours of its answer, that satisfy the set.
func TestProxIsTheLeast(t *testing.T) {
	const n, rho = 5, 1.7
	rng := rand.New(rand.NewPCG(3, 0))
	var grid [][]float64 // over [-1, 1]
	for k := range 161051 {
		p := make([]float64, n)
		for i := range p {
			p[i] = float64(k%11)/5 - 1
			k /= 11
		}
		grid = append(grid, p)
	}
	var parts [][]float64 // of 1, in twentieths
	var split func(p []float64, left int)
	split = func(p []float64, left int) {
		if len(p) == n-1 {
			parts = append(parts, append(slices.Clone(p), float64(left)/20))
			return
		}
		for k := range left + 1 {
			split(append(p, float64(k)/20), left-k)
		}
	}
	split(nil, 20)
	for _, text := range []string{
		"nonneg", "box:-0.3,0.5", "l1:0.4", "nonneg,l1:0.4", "monotone", "decreasing", "increasing,box:-0.3,0.5", "increasing,l1:0.4",
		"unimodal", "unimodal,nonneg", "unimodal,box:-0.3,0.5,l1:0.4", "unit", "unit,nonneg", "unit,increasing", "unit,unimodal,nonneg", "unit,nonneg,l1:0.4",
		"simplex", "simplex,box:0.1,0.5", "simplex,increasing", "simplex,decreasing", "simplex,unimodal", "simplex,unimodal,box:0.1,0.5", "simplex,l1:0.4",
	} {
		s := parse(t, text)
		points := grid
		if s.IsSimplex() {
			points = parts
		}
		var feasible [][]float64
		for _, p := range points {
			if satisfies(text, p, 1e-9) {
				feasible = append(feasible, p)
			}
		}
		if len(feasible) < 50 {
			t.Fatalf("%s: only %d points of the grid satisfy it", text, len(feasible))
		}
		weight := 0.0
		if strings.Contains(text, "l1") {
			weight = 0.4
		}
		for range 6 {
			v := tensor.NewMatrix[float64](n, 1)
			for i := range v.Data {
				v.Data[i] = rng.NormFloat64() / 1.5
			}
			cost := func(p []float64) float64 {
				c := 0.0
				for i, x := range p {
					c += rho/2*(x-v.Data[i])*(x-v.Data[i]) + weight*math.Abs(x)
				}
				return c
			}
			a := v.Clone()
			if err := s.Prox(a, rho); err != nil {
				t.Fatal(err)
			}
			if !satisfies(text, a.Data, 1e-12) {
				t.Errorf("%s: the step from %v gives %v, which does not satisfy it", text, v.Data, a.Data)
			}
			least := cost(a.Data)
			for _, p := range feasible {
				if !(least <= cost(p)+1e-12) {
					t.Fatalf("%s: the step from %v gives %v at %v; %v costs %v", text, v.Data, a.Data, least, p, cost(p))
				}
			}
			p := make([]float64, n)
			for k := range 243 {
				for i := range p {
					p[i] = a.Data[i] + 1e-3*float64(k%3-1)
					k /= 3
				}
				if s.IsSimplex() {
					p[n-1] = 1 - (p[0] + p[1] + p[2] + p[3])
				}
				if satisfies(text, p, 0) && !(least <= cost(p)+1e-12) {
					t.Fatalf("%s: from %v, the neighbour %v of %v costs %v less", text, v.Data, p, a.Data, least-cost(p))
				}
			}
		}
	}
}

// The rising sequence nearest to v is a maximum of minima of means.
func TestIsotonicIsMaxMin(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	for n := 1; n < 40; n++ {
		v := tensor.NormalMatrix(rng, n, 1)
		a := v.Clone()
		if err := parse(t, "monotone").Prox(a, 1); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			want := math.Inf(-1)
			for j := 0; j <= i; j++ {
				least, sum := math.Inf(1), 0.0
				for k := j; k < n; k++ {
					sum += v.Data[k]
					if k >= i {
						least = min(least, sum/float64(k-j+1))
					}
				}
				want = max(want, least)
			}
			if !(math.Abs(a.Data[i]-want) <= 1e-12) {
				t.Fatalf("n=%d: %v at %d, want %v", n, a.Data[i], i, want)
			}
		}
	}
}

func TestOrthonormalIsNearest(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	v := tensor.NormalMatrix(rng, 6, 3)
	a := v.Clone()
	if err := constraint.Set.Prox(parse(t, "orthonormal"), a, 1); err != nil {
		t.Fatal(err)
	}
	away := func(m *tensor.Matrix[float64]) float64 {
		d := 0.0
		for i, x := range m.Data {
			d += (x - v.Data[i]) * (x - v.Data[i])
		}
		return d
	}
	for range 200 {
		near := tensor.NormalMatrix(rng, 6, 3)
		for i, x := range a.Data {
			near.Data[i] = x + 0.1*near.Data[i]
		}
		q, _, err := linalg.QR(near)
		if err != nil {
			t.Fatal(err)
		}
		if !(away(a) <= away(q)) {
			t.Fatalf("a distance of %v, but %v of another", away(a), away(q))
		}
	}
	if err := parse(t, "orthonormal").Prox(tensor.MatrixOf(1, 1, []float64{math.NaN()}), 1); err == nil {
		t.Error("NaN has a polar factor")
	}
}

func TestQuadratic(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 0))
	for n := 1; n < 8; n++ {
		a := tensor.NormalMatrix(rng, n, 2)
		q := parse(t, "l2:0.5,smooth:2,smooth2:3").Quadratic()
		want := 0.0
		for r := range 2 {
			for i := range n {
				want += 0.25 * a.At(i, r) * a.At(i, r)
				if i > 0 {
					d := a.At(i, r) - a.At(i-1, r)
					want += d * d
				}
				if i > 1 {
					d := a.At(i, r) - 2*a.At(i-1, r) + a.At(i-2, r)
					want += 1.5 * d * d
				}
			}
		}
		if got := q.Value(a); !(math.Abs(got-want) <= 1e-12*want) {
			t.Errorf("n=%d: %v, want %v", n, got, want)
		}
		// ½*tr(A^T*Q*A), by the product and by the band.
		p := tensor.NewMatrix[float64](n, 2)
		q.AddProduct(p, a)
		band := q.Band(n, q.Width())
		byProduct, byBand := 0.0, 0.0
		for r := range 2 {
			for i := range n {
				byProduct += a.At(i, r) * p.At(i, r) / 2
				for k, w := range band.Row(i) {
					j := i - q.Width() + k
					if j < 0 {
						if w != 0 {
							t.Errorf("n=%d: %v before the first column", n, w)
						}
						continue
					}
					v := w * a.At(i, r) * a.At(j, r)
					if i == j {
						v /= 2
					}
					byBand += v
				}
			}
		}
		if !(math.Abs(byProduct-want) <= 1e-12*want) || !(math.Abs(byBand-want) <= 1e-12*want) {
			t.Errorf("n=%d: %v by the product, %v by the band, want %v", n, byProduct, byBand, want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, text := range []string{"none", "nonneg", "box:-1,2.5", "box:-Inf,3", "l1:0.1,l2:1e-05", "nonneg,smooth:0.1", "smooth2:3", "monotone", "unimodal,simplex", "orthonormal", "fixed", "tied:2"} {
		if got := parse(t, text).String(); got != text {
			t.Errorf("%q is written %q", text, got)
		}
	}
	for text, want := range map[string]string{
		"":                      "known are nonneg, box:lo,hi",
		"positive":              `"positive" is unknown; known are nonneg`,
		"nonneg:1":              "nonneg takes no figure",
		"box:1":                 "two bounds are expected",
		"box:2,1":               "the lower one comes first",
		"box:a,1":               `"a" is no number; the form is box:lo,hi`,
		"box:0,NaN":             "is no number",
		"l1":                    `"" is no number; the form is l1:x`,
		"l1:-1":                 "a number, zero or positive, is expected",
		"smooth:Inf":            "a number, zero or positive, is expected",
		"tied:x":                "the number of a mode",
		"tied:-1":               "modes are counted from 0",
		"tied:1,nonneg":         "say what is asked of the factor at mode 1",
		"none,nonneg":           "none stands alone",
		"box:1,2,box:3,4":       "no number lies between 3 and 2",
		"nonneg,box:-2,-1":      "no number lies between",
		"simplex,box:-1,1":      "the lower bound must be 0 or more",
		"monotone,unimodal":     "a factor takes one shape",
		"orthonormal,nonneg":    "orthonormal combines with smooth",
		"unit,box:0,2":          "unit does not combine",
		"fixed,nonneg":          "the factor is given",
		"increasing,decreasing": "increasing and decreasing",
	} {
		_, err := constraint.Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

func TestCheck(t *testing.T) {
	fixed, err := constraint.Of(constraint.Fixed(tensor.MatrixOf(2, 1, []float64{1, math.NaN()})))
	if err != nil {
		t.Fatal(err)
	}
	for want, err := range map[string]error{
		"20 entries of at most 0.01 cannot sum to 1": parse(t, "simplex,box:0,0.01").Check(20, 2),
		"20 entries of at least 0.1 cannot sum to 1": parse(t, "simplex,box:0.1,1").Check(20, 2),
		"a rank of at most 3":                        parse(t, "orthonormal").Check(3, 4),
		"is 2×1, 2×2 is expected":                    fixed.Check(2, 2),
		"holds NaN at (1, 0)":                        fixed.Check(2, 1),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if err := parse(t, "simplex,box:0.25,0.25").Check(4, 9); err != nil {
		t.Error(err)
	}
	if err := parse(t, "nonneg").Prox(tensor.NewMatrix[float64](1, 1), math.NaN()); err == nil {
		t.Error("rho NaN is taken")
	}
}

func FuzzParse(f *testing.F) {
	for _, n := range constraint.Names() {
		f.Add(n)
	}
	f.Add("nonneg,smooth:0.1,box:0,1")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := constraint.Parse(text)
		if err != nil {
			return
		}
		again, err := constraint.Parse(s.String())
		if err != nil || again.String() != s.String() {
			t.Errorf("%q is written %q, which reads %q, %v", text, s, again, err)
		}
	})
}
