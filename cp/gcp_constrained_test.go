package cp_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// With least squares, the objective is that of Constrained, and a
// general-purpose solver of another library finds the same.
func TestGCPConstrainedIsTheReference(t *testing.T) {
	ref, dense := constrainedReference(t)
	s, err := constraint.Of(constraint.Nonneg, constraint.Smooth(ref.Smooth))
	if err != nil {
		t.Fatal(err)
	}
	_, r, err := cp.GCP(context.Background(), tensor.FromDense(dense), cp.GCPOptions{
		Rank: ref.Rank, Options: fit.Options{Tol: 1e-14, MaxIters: 20000, Starts: 5},
		Constraints: append([]constraint.Set{s}, sets(t, "nonneg", "nonneg")...),
	})
	if err != nil {
		t.Fatal(err)
	}
	f := r.Trace[len(r.Trace)-1]
	t.Logf("%d iterations, objective %.12g", r.Iterations, f*f/2)
	if f = f * f / 2; !(math.Abs(f-ref.Objective) <= 1e-6*ref.Objective) {
		t.Errorf("objective %.12g after %d iterations, the reference has %.12g", f, r.Iterations, ref.Objective)
	}
}

// drawn is data of a kind that a loss allows.
func drawn(l loss.Loss, shape ...int) *tensor.Dense[float64] {
	x := planted(6, 2, true, shape...).Dense()
	rng := rand.New(rand.NewPCG(8, 0))
	for i, v := range x.Data() {
		x.Data()[i] = math.Round(3 * v * rng.ExpFloat64())
		switch {
		case l.Allows(-1) && l.Allows(0.5):
			x.Data()[i] = v + 0.1*rng.NormFloat64()
		case l.Allows(0.5):
			x.Data()[i] = v*(0.5+rng.Float64()) + 0.01
		case !l.Allows(2):
			x.Data()[i] = float64(min(1, int(x.Data()[i])))
		case !l.Allows(0):
			x.Data()[i]++
		}
	}
	return x
}

// Every constraint under every loss: it holds, and the objective falls.
func TestGCPConstrainedHolds(t *testing.T) {
	given, err := constraint.Of(constraint.Fixed(planted(7, 2, true, 9, 9, 6).Factors[0]))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range loss.Names() {
		l, err := loss.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		x := drawn(l, 9, 9, 6)
		for _, text := range []string{
			"none", "nonneg", "box:0.1,0.9", "l1:0.01", "l2:0.1", "smooth:0.1", "smooth2:0.1", "increasing", "decreasing", "unimodal", "simplex",
			"simplex,unimodal", "unit", "orthonormal", "fixed", "tied",
		} {
			cs := sets(t, "none", "none", "none")
			switch text {
			case "fixed":
				cs[0] = given
			case "tied":
				cs = sets(t, "smooth:0.01", "tied:0")
			default:
				cs[0] = sets(t, text)[0]
			}
			for _, data := range []cp.Elementwise{x, most(x, 0.3)} {
				m, r, err := cp.GCP(context.Background(), data, cp.GCPOptions{Rank: 2, Loss: l, Options: fit.Options{MaxIters: 30}, Constraints: cs})
				if text == "orthonormal" && l.Lower() == 0 {
					if err == nil || !strings.Contains(err.Error(), "orthonormal combines with") {
						t.Errorf("%s, %s: %v", name, text, err)
					}
					continue
				}
				if err != nil {
					t.Errorf("%s, %s: %v", name, text, err)
					continue
				}
				checkMonotone(t, r.Trace)
				checkHolds(t, text, cs[0], m.Factors[0])
				if l.Lower() == 0 {
					checkNonNegative(t, m)
				}
				if factor, ok := cs[0].IsFixed(); ok && !slices.Equal(m.Factors[0].Data, factor.Data) {
					t.Error("the factor that was given has changed")
				}
				if text == "tied" && !slices.Equal(m.Factors[0].Data, m.Factors[1].Data) {
					t.Error("tied factors differ")
				}
				if !(r.RelativeError < 1.05) && text != "fixed" && text != "tied" && !strings.Contains(text, "box") {
					t.Errorf("%s, %s: relative error %v after %d iterations", name, text, r.RelativeError, r.Iterations)
				}
			}
		}
	}
}

// Without a limit that binds, the deviance is that of the solver without
// constraints.
func TestGCPConstrainedIsGCP(t *testing.T) {
	for _, name := range []string{"poisson", "huber:0.5", "gamma"} {
		l, err := loss.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		x := drawn(l, 12, 10, 8)
		opt := cp.GCPOptions{Rank: 2, Loss: l, Options: fit.Options{MaxIters: 3000, Tol: 1e-11, Starts: 3}}
		_, free, err := cp.GCP(context.Background(), x, opt)
		if err != nil {
			t.Fatal(err)
		}
		opt.Constraints = sets(t, "l2:1e-9")
		_, r, err := cp.GCP(context.Background(), x, opt)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: deviance %v after %d iterations, %v after %d without constraints", name, r.Deviance, r.Iterations, free.Deviance, free.Iterations)
		if !(math.Abs(r.Deviance-free.Deviance) <= 1e-4*free.Deviance) {
			t.Errorf("%s: deviance %v, %v without constraints", name, r.Deviance, free.Deviance)
		}
	}
}

// Counts whose rates are smooth in time: the penalty brings the model nearer
// to them. Sparse data give what the same dense data give.
func TestGCPConstrainedSmoothCounts(t *testing.T) {
	rates := planted(14, 2, true, 60, 8, 6)
	for i := range 60 {
		rates.Factors[0].Set(i, 0, 1+math.Sin(float64(i)/9))
		rates.Factors[0].Set(i, 1, 1+math.Cos(float64(i)/7))
	}
	truth := rates.Dense()
	mean := 0.0
	for _, v := range truth.Data() {
		mean += v / float64(truth.Len())
	}
	rng := rand.New(rand.NewPCG(15, 0))
	x := truth.Clone()
	for i, v := range truth.Data() {
		// A count of mean 0.4 v/mean, by inversion.
		rate := 0.4 * v / mean
		truth.Data()[i] = rate
		p, u, c := math.Exp(-rate), rng.Float64(), 0.0
		for ; u > p; c++ {
			u -= p
			p *= rate / (c + 1)
		}
		x.Data()[i] = c
	}
	off := func(cs []constraint.Set, data cp.Elementwise) (float64, fit.Result) {
		m, r, err := cp.GCP(context.Background(), data, cp.GCPOptions{Rank: 2, Loss: loss.Poisson, Options: fit.Options{MaxIters: 400, Starts: 2}, Constraints: cs})
		if err != nil {
			t.Fatal(err)
		}
		d := m.Dense()
		sum := 0.0
		for i, v := range d.Data() {
			sum += (v - truth.Data()[i]) * (v - truth.Data()[i])
		}
		return math.Sqrt(sum) / truth.Norm(), r
	}
	free, _ := off(nil, x)
	tied, r := off(sets(t, "nonneg,smooth:0.1"), x)
	t.Logf("distance to the rates %.3f, without smoothness %.3f", tied, free)
	if !(tied <= 0.8*free) {
		t.Errorf("distance to the rates %v, without smoothness %v", tied, free)
	}
	y, err := sparse.FromDense(x)
	if err != nil {
		t.Fatal(err)
	}
	if _, q := off(sets(t, "nonneg,smooth:0.1"), y); !(math.Abs(q.Deviance-r.Deviance) <= 1e-3*r.Deviance) {
		t.Errorf("deviance %v, of dense data %v", q.Deviance, r.Deviance)
	}
}

func TestGCPConstrainedThreads(t *testing.T) {
	x := drawn(loss.Poisson, 40, 30, 20)
	y, err := sparse.FromDense(x)
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []cp.Elementwise{x, most(x, 0.3), y} {
		testkit.Threads(t, fmt.Sprintf("%T", data), func() *cp.Tensor {
			m, _, err := cp.GCP(context.Background(), data, cp.GCPOptions{Rank: 3, Loss: loss.Poisson, Options: fit.Options{MaxIters: 5}, Constraints: sets(t, "unimodal", "simplex", "smooth:0.1")})
			if err != nil {
				t.Fatal(err)
			}
			return m
		})
	}
}

func TestGCPConstrainedRefuses(t *testing.T) {
	x := drawn(loss.Poisson, 5, 5, 4)
	below := tensor.NewMatrix[float64](5, 1)
	below.Set(2, 0, -1)
	given, err := constraint.Of(constraint.Fixed(below))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		opt  cp.GCPOptions
		want string
	}{
		{cp.GCPOptions{Rank: 1, Constraints: sets(t, "nonneg"), Ridge: 1}, "a ridge beside constraints"},
		{cp.GCPOptions{Rank: 1, Loss: loss.Poisson, Constraints: []constraint.Set{given}}, "holds -1 at (2, 0)"},
		{cp.GCPOptions{Rank: 1, Constraints: sets(t, "none", "none", "none", "none")}, "4 constraints for 3 modes"},
		{cp.GCPOptions{Rank: 1, Loss: loss.Poisson, Constraints: sets(t, "box:-3,-1")}, "no number lies between"},
	} {
		if _, _, err := cp.GCP(context.Background(), x, c.opt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %q: %v", c.want, err)
		}
	}
	if _, _, err := cp.GCPAdam(context.Background(), x, cp.AdamOptions{GCPOptions: cp.GCPOptions{Rank: 1, Constraints: sets(t, "nonneg")}}); err == nil || !strings.Contains(err.Error(), "Nonneg alone") {
		t.Errorf("GCPAdam: %v", err)
	}
}
