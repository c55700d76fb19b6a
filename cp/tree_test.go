package cp_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

// one hides that the MTTKRPs of data can share work.
type one struct{ cp.Data }

// Sweeps by the tree are those that make a MTTKRP for each mode.
func TestALSByTreeMakesTheSameSweeps(t *testing.T) {
	for _, shape := range [][]int{{30, 40, 50}, {70, 66, 68}, {40, 3, 70}, {12, 13, 14, 15}, {6, 5, 7, 4, 8}, {50, 40}} {
		x := noisy(planted(4, 3, false, shape...).Dense(), 0.2, 1)
		order := []int{1, 0, 2, 3, 4}[:len(shape)]
		if len(shape) > 2 {
			order = []int{2, 0, 1, 3, 4}[:len(shape)]
		}
		for name, y := range map[string]cp.Data{"float64": x, "float32": tensor.As[float32](x), "permuted": x.Permute(order...)} {
			opt := cp.Options{Rank: 4, Polish: -1, Options: fit.Options{Tol: -1, MaxIters: 7, Seed: 3}}
			a, ra, err := cp.ALS(context.Background(), y, opt)
			if err != nil {
				t.Fatal(err)
			}
			b, rb, err := cp.ALS(context.Background(), one{y}, opt)
			if err != nil {
				t.Fatal(err)
			}
			tol := 1e-9
			if name == "float32" {
				tol = 1e-3
			}
			if d := tensor.Distance(a.Dense(), b.Dense()) / x.Norm(); !(d <= tol) {
				t.Errorf("shape %v, %s: models apart by %g", shape, name, d)
			}
			for i, e := range ra.Trace {
				if !(math.Abs(e-rb.Trace[i]) <= tol) {
					t.Errorf("shape %v, %s: errors %v and %v after sweep %d", shape, name, e, rb.Trace[i], i+1)
				}
			}
		}
	}
}

func phases(r fit.Result) (names []string) {
	for _, p := range r.Phases {
		names = append(names, p.Name)
	}
	return names
}

func TestALSCompresses(t *testing.T) {
	shape := []int{110, 100, 105}
	exact := planted(6, 4, false, shape...).Dense()
	for name, c := range map[string]struct {
		x    cp.Data
		best float64 // relative error of the planted model
	}{
		"exact": {exact, 1e-6}, "noisy": {noisy(exact, 0.1, 2), 0.0995}, "float32": {tensor.As[float32](noisy(exact, 0.1, 2)), 0.0995},
		"turned": {noisy(exact, 0.1, 2).Permute(2, 0, 1), 0.0995},
	} {
		opt := cp.Options{Rank: 4, Options: fit.Options{Seed: 1}}
		m, r, err := cp.ALS(context.Background(), c.x, opt)
		if err != nil {
			t.Fatal(err)
		}
		opt.Compress, opt.Starts, opt.MaxIters = cp.Never, 2, 60
		_, plain, err := cp.ALS(context.Background(), c.x, opt)
		if err != nil {
			t.Fatal(err)
		}
		if !(r.RelativeError <= plain.RelativeError+1e-6) || !(r.RelativeError <= c.best) {
			t.Errorf("%s: relative error %v, without compression %v", name, r.RelativeError, plain.RelativeError)
		}
		if d := c.x.ResidualNorm(m.Weights, m.Factors) / c.x.Norm(); !(math.Abs(d-r.RelativeError) <= 1e-12) {
			t.Errorf("%s: the result says %v, the model has %v", name, r.RelativeError, d)
		}
		if got, want := phases(r), []string{"init", "compress", "core", "polish", "fit"}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: phases %v", name, got)
		}
		if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "compressed to 14×14×14") && name != "exact" && name != "turned" {
			t.Errorf("%s: notes %q", name, r.Notes)
		}
		if len(r.Trace) != r.Iterations || r.Stop != fit.Converged {
			t.Errorf("%s: %d iterations, a trace of %d, %s", name, r.Iterations, len(r.Trace), r.Stop)
		}
		// Where the core hands over to the data, the compression's own error
		// may show, which is far below Tol's reach in the fit.
		for i := 1; i < len(r.Trace); i++ {
			if !(r.Trace[i] <= r.Trace[i-1]+1e-7) {
				t.Errorf("%s, iteration %d: the relative error rises from %v to %v", name, i, r.Trace[i-1], r.Trace[i])
			}
		}
		if len(plain.Notes) != 0 || reflect.DeepEqual(phases(plain)[1:3], []string{"compress", "core"}) {
			t.Errorf("%s, never: notes %q, phases %v", name, plain.Notes, phases(plain))
		}
	}
}

// The trace on the core is that of the data.
func TestCompressedTraceIsTrue(t *testing.T) {
	x := noisy(planted(6, 3, false, 110, 100, 105).Dense(), 0.3, 2)
	opt := cp.Options{Rank: 3, Options: fit.Options{Seed: 2, MaxIters: 20, Tol: 1e-15}}
	var last fit.Event
	ctx, cancel := context.WithCancel(context.Background())
	opt.Progress = func(e fit.Event) {
		if last = e; e.Iteration == 6 {
			cancel()
		}
	}
	m, r, err := cp.ALS(ctx, x, opt)
	if err == nil || m == nil || r.Stop != fit.Cancelled {
		t.Fatalf("model %v, %s, error %v", m, r.Stop, err)
	}
	if !(math.Abs(r.RelativeError-last.RelativeError) <= 1e-9) {
		t.Errorf("relative error %v, the last sweep on the core said %v", r.RelativeError, last.RelativeError)
	}
}

// Data without a small core are left alone, and so are runs that a core would
// change the meaning of.
func TestALSDoesNotCompress(t *testing.T) {
	shape := []int{104, 102, 106}
	slow := tensor.New[float64](shape...)
	for i := range slow.Data() { // singular values that fall slowly in every mode
		a, b, c := i/(102*106), i/106%102, i%106
		slow.Data()[i] = 1 / (1 + math.Abs(float64(a-b)) + math.Abs(float64(b-c)))
	}
	x := noisy(planted(6, 3, false, shape...).Dense(), 0.1, 2)
	for name, c := range map[string]struct {
		x    cp.Data
		opt  cp.Options
		note string
	}{
		"slow":          {slow, cp.Options{Rank: 3}, "fall slowly"},
		"ridge":         {x, cp.Options{Rank: 3, Ridge: 1e-6}, ""},
		"few sweeps":    {x, cp.Options{Rank: 3, Options: fit.Options{MaxIters: 19}}, ""},
		"fixed sweeps":  {x, cp.Options{Rank: 3, Options: fit.Options{Tol: -1, MaxIters: 20}}, ""},
		"initial model": {x, cp.Options{Initial: planted(2, 3, false, shape...)}, ""},
		"large rank":    {x, cp.Options{Rank: 40, Options: fit.Options{MaxIters: 22}}, ""},
		"other data":    {one{x}, cp.Options{Rank: 3}, ""},
	} {
		c.opt.Tol = max(c.opt.Tol, 1e-3)
		if name == "fixed sweeps" {
			c.opt.Tol = -1
		}
		_, r, err := cp.ALS(context.Background(), c.x, c.opt)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range phases(r) {
			if p == "core" || p == "polish" {
				t.Errorf("%s: phase %s; notes %q", name, p, r.Notes)
			}
		}
		if note := strings.Join(r.Notes, "; "); c.note == "" && note != "" || !strings.Contains(note, c.note) {
			t.Errorf("%s: notes %q", name, note)
		}
	}
	if _, _, err := cp.ALS(context.Background(), x, cp.Options{Rank: 3, Compress: "perhaps"}); err == nil || !strings.Contains(err.Error(), `compress "perhaps": auto or never is expected`) {
		t.Errorf("error %v", err)
	}
}

func TestCompressedGivesTheSameBits(t *testing.T) {
	x := noisy(planted(6, 3, false, 104, 102, 106).Dense(), 0.1, 2)
	for _, data := range []cp.Data{x, tensor.As[float32](x)} {
		testkit.Threads(t, fmt.Sprintf("%T", data), func() *cp.Tensor {
			m, r, err := cp.ALS(context.Background(), data, cp.Options{Rank: 3, Options: fit.Options{Seed: 9, Starts: 2, Tol: 1e-6}})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Notes) == 0 {
				t.Fatal("not compressed")
			}
			return m
		})
	}
}

func TestPlanALS(t *testing.T) {
	p, err := cp.PlanALS([]int{300, 300, 300}, 8, cp.Options{Rank: 16})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range p.Candidates {
		names = append(names, c.Algorithm)
	}
	want := []string{"cp.ALS, tiled, 3 passes a sweep", "cp.ALS, tree of 2 passes a sweep", "cp.ALS, tree of 1.5 passes a sweep", "cp.ALS, compressed to 26×26×26"}
	if !reflect.DeepEqual(names, want) || p.Algorithm != want[3] {
		t.Errorf("%s of %q", p.Algorithm, names)
	}
	data := int64(8 * 300 * 300 * 300)
	if tiled := p.Candidates[0]; tiled.PeakBytes > data+4<<20 || tiled.Flops != 3*2*16*300*300*300 {
		t.Errorf("tiled: %+v", tiled)
	}
	if p.PeakBytes > data*13/10 {
		t.Errorf("peak of %d bytes for data of %d", p.PeakBytes, data)
	}
	p, err = cp.PlanALS([]int{300, 300, 300}, 8, cp.Options{Rank: 16, Compress: cp.Never})
	if err != nil || p.Algorithm != want[2] {
		t.Errorf("never: %s, %v", p.Algorithm, err)
	}
	for _, c := range []struct {
		shape []int
		rank  int
		want  string
	}{{[]int{3, 0}, 1, "mode 1 has size 0"}, {[]int{3, 4}, 4, "rank 4: 1 to 3"}, {[]int{3, 4}, 0, "rank 0"}} {
		if _, err := cp.PlanALS(c.shape, 8, cp.Options{Rank: c.rank}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("shape %v, rank %d: error %v", c.shape, c.rank, err)
		}
	}
}
