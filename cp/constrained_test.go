package cp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

func sets(t *testing.T, texts ...string) []constraint.Set {
	t.Helper()
	var out []constraint.Set
	for _, text := range texts {
		s, err := constraint.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// reference is what a general-purpose solver of another library found; see
// bench/fixtures/constrained.py.
type reference struct {
	Shape     []int
	Rank      int
	Smooth    float64
	X         []*float64
	Objective float64
	Model     []float64
}

// constrainedReference is also the data, NaN where they are unknown.
func constrainedReference(t *testing.T) (reference, *tensor.Dense[float64]) {
	t.Helper()
	raw, err := os.ReadFile("testdata/constrained.json")
	if err != nil {
		t.Fatal(err)
	}
	var ref reference
	if err := json.Unmarshal(raw, &ref); err != nil {
		t.Fatal(err)
	}
	x := tensor.New[float64](ref.Shape...)
	for i, v := range ref.X {
		x.Data()[i] = math.NaN()
		if v != nil {
			x.Data()[i] = *v
		}
	}
	return ref, x
}

func TestConstrainedIsTheReference(t *testing.T) {
	ref, dense := constrainedReference(t)
	x := tensor.FromDense(dense)
	s, err := constraint.Of(constraint.Nonneg, constraint.Smooth(ref.Smooth))
	if err != nil {
		t.Fatal(err)
	}
	for _, solver := range []cp.Solver{cp.SolverAuto, cp.SolverADMM} {
		m, r, err := cp.Constrained(context.Background(), x, cp.ConstrainedOptions{
			Rank: ref.Rank, Solver: solver, Options: fit.Options{Tol: 1e-14, MaxIters: 20000, Starts: 5},
			Constraints: append([]constraint.Set{s}, sets(t, "nonneg", "nonneg")...),
		})
		if err != nil {
			t.Fatal(err)
		}
		checkNonNegative(t, m)
		f := r.Trace[len(r.Trace)-1]
		if f = f * f / 2; !(math.Abs(f-ref.Objective) <= 1e-6*ref.Objective) {
			t.Errorf("%s: objective %.12g after %d iterations, the reference has %.12g", solver, f, r.Iterations, ref.Objective)
		}
		worst, norm := 0.0, 0.0
		got := m.Dense().Data()
		for i, v := range ref.Model {
			worst = math.Hypot(worst, got[i]-v)
			norm = math.Hypot(norm, v)
		}
		t.Logf("%s: %d iterations, objective differs by %.2g, the model by %.2g", solver, r.Iterations, f/ref.Objective-1, worst/norm)
		if !(worst <= 1e-6*norm) {
			t.Errorf("%s: the model differs by %g from the reference", solver, worst/norm)
		}
		checkMonotone(t, r.Trace)
	}
}

func TestConstrainedNonnegIsHALS(t *testing.T) {
	x := noisy(planted(4, 3, true, 9, 8, 7).Dense(), 0.1, 1)
	for _, data := range []cp.Data{x, most(x, 0.3)} {
		o := fit.Options{Tol: 1e-13, MaxIters: 20000}
		want, r, err := cp.HALS(context.Background(), data, cp.Options{Rank: 3, Options: o})
		if err != nil {
			t.Fatal(err)
		}
		for _, solver := range []cp.Solver{cp.SolverAuto, cp.SolverADMM} {
			m, q, err := cp.Constrained(context.Background(), data, cp.ConstrainedOptions{Rank: 3, Options: o, Solver: solver, Constraints: sets(t, "nonneg", "nonneg", "nonneg")})
			if err != nil {
				t.Fatal(err)
			}
			checkNonNegative(t, m)
			checkMonotone(t, q.Trace)
			t.Logf("%T %s: %.12f after %d iterations, HALS %.12f after %d", data, solver, q.RelativeError, q.Iterations, r.RelativeError, r.Iterations)
			if !(math.Abs(q.RelativeError-r.RelativeError) <= 1e-7) {
				t.Errorf("%T %s: relative error %.12f, HALS has %.12f", data, solver, q.RelativeError, r.RelativeError)
			}
			if s := cp.FactorMatchScore(m, want).Score; !(s >= 1-1e-4) {
				t.Errorf("%T %s: factor match score with HALS %v", data, solver, s)
			}
		}
	}
}

// Shapes that were planted are found, in noise and with entries missing, and
// the factors have them exactly.
func TestConstrainedFindsPlantedShapes(t *testing.T) {
	truth := planted(5, 3, true, 30, 9, 8)
	for r := range 3 {
		for i := range 30 {
			truth.Factors[0].Set(i, r, 1+math.Tanh(float64(i-8*(r+1))/2))
		}
	}
	up := truth.Clone()
	for r := range 3 {
		for i := range 30 {
			d := float64(i-5-9*r) / 4
			truth.Factors[0].Set(i, r, math.Exp(-d*d))
		}
	}
	hill := truth
	for name, m := range map[string]*cp.Tensor{"nonneg,increasing": up, "nonneg,unimodal": hill} {
		x := noisy(m.Dense(), 0.05, 2)
		for _, data := range []cp.Data{x, most(x, 0.5)} {
			got, r, err := cp.Constrained(context.Background(), data, cp.ConstrainedOptions{Rank: 3, Options: fit.Options{Starts: 3, Tol: 1e-9, MaxIters: 2000}, Constraints: sets(t, name, "nonneg", "nonneg")})
			if err != nil {
				t.Fatal(err)
			}
			checkMonotone(t, r.Trace)
			s := cp.FactorCongruence(got, m).Score
			t.Logf("%s %T: congruence %v after %d iterations", name, data, s, r.Iterations)
			if !(s >= 0.97) {
				t.Errorf("%s %T: congruence with the truth %v", name, data, s)
			}
			for r := range 3 {
				checkShape(t, name, got.Factors[0].Col(r))
			}
		}
	}
}

func checkShape(t *testing.T, name string, v []float64) {
	t.Helper()
	top := slices.Index(v, slices.Max(v))
	if strings.Contains(name, "increasing") {
		top = len(v) - 1
	}
	for i := 1; i < len(v); i++ {
		if i <= top && v[i] < v[i-1] || i > top && v[i] > v[i-1] {
			t.Errorf("%s: %v goes to %v at %d", name, v[i-1], v[i], i)
		}
	}
}

// checkHolds checks that a factor satisfies a set, written as text.
func checkHolds(t *testing.T, text string, set constraint.Set, a *tensor.Matrix[float64]) {
	t.Helper()
	lo, hi := set.Bounds()
	for c := range a.Cols {
		col := a.Col(c)
		sum := 0.0
		for _, v := range col {
			sum += v
			if v < lo || v > hi {
				t.Errorf("%s: holds %v", text, v)
			}
		}
		if set.IsSimplex() && !(math.Abs(sum-1) <= 1e-12) {
			t.Errorf("%s: sums to %v", text, sum)
		}
		if strings.Contains(text, "creasing") || strings.Contains(text, "unimodal") {
			if text == "decreasing" {
				slices.Reverse(col)
				checkShape(t, "increasing", col)
			} else {
				checkShape(t, text, col)
			}
		}
	}
	if set.IsOrthonormal() {
		for i, v := range tensor.Gram(a).Data {
			if want := float64(1 - min(1, i%(a.Cols+1))); !(math.Abs(v-want) <= 1e-12) {
				t.Errorf("%s: Gram %v", text, v)
			}
		}
	}
}

// Every constraint, alone and with others, on data of every kind: the
// objective falls and the factors satisfy it.
func TestConstrainedHolds(t *testing.T) {
	x := noisy(planted(6, 3, true, 12, 12, 7).Dense(), 0.1, 3)
	given := planted(7, 3, true, 12, 12, 7).Factors[0]
	fixed, err := constraint.Of(constraint.Fixed(given))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"none", "box:0,1", "box:0.2,3", "l1:0.01", "l2:0.1", "smooth:0.1", "smooth2:0.1", "nonneg,l1:0.01", "nonneg,smooth2:1,l2:0.1",
		"simplex", "simplex,smooth:0.1", "simplex,unimodal", "simplex,increasing", "decreasing", "unimodal", "unimodal,smooth:0.1,l1:0.01",
		"orthonormal", "orthonormal,smooth:0.5", "unit", "fixed", "tied",
	} {
		for _, data := range []cp.Data{x, most(x, 0.3)} {
			cs := sets(t, "nonneg", "none")
			switch text {
			case "fixed":
				cs = append(cs, constraint.Set{})
				cs[0] = fixed
			case "tied":
				cs = sets(t, "nonneg,l2:0.001", "tied:0")
			default:
				cs[0] = sets(t, text)[0]
			}
			m, r, err := cp.Constrained(context.Background(), data, cp.ConstrainedOptions{Rank: 3, Options: fit.Options{MaxIters: 60, Tol: 1e-7}, Constraints: cs})
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			checkMonotone(t, r.Trace)
			a := m.Factors[0]
			checkHolds(t, text, cs[0], a)
			switch text {
			case "fixed":
				if !slices.Equal(a.Data, given.Data) {
					t.Error("the factor that was given has changed")
				}
			case "tied":
				if !slices.Equal(a.Data, m.Factors[1].Data) {
					t.Error("tied factors differ")
				}
			}
			t.Logf("%s %T: error %.4f, %d iterations, %s", text, data, r.RelativeError, r.Iterations, r.Stop)
		}
	}
}

// A symmetric tensor is the sum of symmetric components.
func TestConstrainedTied(t *testing.T) {
	a := planted(8, 2, false, 7, 7, 5)
	a.Factors[1] = a.Factors[0].Clone()
	x := a.Dense()
	for _, data := range []cp.Data{x, most(x, 0.3)} {
		m, r, err := cp.Constrained(context.Background(), data, cp.ConstrainedOptions{Rank: 2, Options: fit.Options{Starts: 5, MaxIters: 3000, Tol: 1e-10}, Constraints: sets(t, "none", "tied:0")})
		if err != nil {
			t.Fatal(err)
		}
		if s := cp.FactorMatchScore(m, a).Score; !(s >= 0.999) {
			t.Errorf("%T: factor match score %v, relative error %g after %d iterations", data, s, r.RelativeError, r.Iterations)
		}
	}
}

func TestConstrainedThreads(t *testing.T) {
	x := noisy(planted(9, 4, true, 40, 30, 20).Dense(), 0.1, 4)
	for _, data := range []cp.Data{x, most(x, 0.4)} {
		for _, text := range []string{"nonneg,smooth:0.1", "unimodal", "orthonormal", "nonneg"} {
			testkit.Threads(t, fmt.Sprintf("%s %T", text, data), func() *cp.Tensor {
				m, _, err := cp.Constrained(context.Background(), data, cp.ConstrainedOptions{Rank: 4, Options: fit.Options{MaxIters: 5}, Constraints: sets(t, text, "nonneg", "l1:0.001")})
				if err != nil {
					t.Fatal(err)
				}
				return m
			})
		}
	}
}

// Sparse data give what the same dense data give.
func TestConstrainedSparse(t *testing.T) {
	x := planted(10, 3, true, 12, 9, 8).Dense()
	for i := range x.Data() {
		if i%3 > 0 {
			x.Data()[i] = 0
		}
	}
	s, err := sparse.FromDense(x)
	if err != nil {
		t.Fatal(err)
	}
	opt := cp.ConstrainedOptions{Rank: 3, Options: fit.Options{MaxIters: 30, Tol: -1}, Constraints: sets(t, "nonneg,smooth2:0.1", "nonneg", "simplex")}
	dense, r, err := cp.Constrained(context.Background(), x, opt)
	if err != nil {
		t.Fatal(err)
	}
	got, q, err := cp.Constrained(context.Background(), s, opt)
	if err != nil {
		t.Fatal(err)
	}
	if d := math.Abs(q.RelativeError - r.RelativeError); !(d <= 1e-7) {
		t.Errorf("relative error %v, of dense data %v", q.RelativeError, r.RelativeError)
	}
	if m := cp.FactorCongruence(got, dense).Score; !(m >= 1-1e-5) {
		t.Errorf("congruence %v", m)
	}
}

// Matrices and vectors are tensors too, and a slice without known entries
// takes what is between its neighbours.
func TestConstrainedEdges(t *testing.T) {
	for _, shape := range [][]int{{6, 5}, {7}, {1, 4, 3}} {
		x := planted(11, 1, true, shape...).Dense()
		_, r, err := cp.Constrained(context.Background(), x, cp.ConstrainedOptions{Rank: 1, Constraints: sets(t, "nonneg")})
		if err != nil || !(r.RelativeError <= 1e-6) {
			t.Errorf("shape %v: relative error %v, %v", shape, r.RelativeError, err)
		}
	}
	ramp := planted(12, 1, true, 9, 5, 4)
	for i := range 9 {
		ramp.Factors[0].Set(i, 0, 1+float64(i))
	}
	y := ramp.Dense()
	want := y.Clone()
	for j := range 5 {
		for k := range 4 {
			y.Set(math.NaN(), 4, j, k)
		}
	}
	m, r, err := cp.Constrained(context.Background(), tensor.FromDense(y), cp.ConstrainedOptions{Rank: 1, Constraints: sets(t, "smooth2:1e-6")})
	if err != nil {
		t.Fatal(err)
	}
	if got, right := m.At(4, 2, 1), want.At(4, 2, 1); !(math.Abs(got-right) <= 1e-3*right) {
		t.Errorf("the slice in between is %v, want %v", got, right)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "takes them from their neighbours") {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestConstrainedBadInput(t *testing.T) {
	x := planted(1, 2, true, 4, 3, 5).Dense()
	given, err := constraint.Of(constraint.Fixed(tensor.NewMatrix[float64](3, 2)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want string
		opt  cp.ConstrainedOptions
	}{
		{"rank of at most 3", cp.ConstrainedOptions{Rank: 4, Constraints: sets(t, "none", "orthonormal")}},
		{"the factor that is given is 3×2, 4×2 is expected", cp.ConstrainedOptions{Rank: 2, Constraints: []constraint.Set{given}}},
		{"no factor is given", cp.ConstrainedOptions{Rank: 2, Constraints: sets(t, "fixed")}},
		{"mode 0 has size 4 and mode 1 size 3", cp.ConstrainedOptions{Rank: 2, Constraints: sets(t, "tied:1")}},
		{"another mode, from 0 to 2", cp.ConstrainedOptions{Rank: 2, Constraints: sets(t, "tied:0")}},
		{"simplex in every mode", cp.ConstrainedOptions{Rank: 2, Constraints: sets(t, "simplex", "simplex", "simplex")}},
		{"4 constraints for 3 modes", cp.ConstrainedOptions{Rank: 2, Constraints: sets(t, "none", "none", "none", "none")}},
		{"cannot sum to 1", cp.ConstrainedOptions{Rank: 2, Constraints: sets(t, "simplex,box:0,0.1")}},
		{`solver "x"`, cp.ConstrainedOptions{Rank: 2, Solver: "x"}},
		{"rank 0", cp.ConstrainedOptions{}},
	} {
		_, _, err := cp.Constrained(context.Background(), x, c.opt)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}
