package tensor

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
)

// sweepLayouts are views with the elements of x that lie in memory in
// different ways.
func sweepLayouts[T Float](x *Dense[T]) map[string]*Dense[T] {
	n := len(x.shape)
	turned, back := make([]int, n), make([]int, n)
	for i := range n {
		turned[i], back[(i+2)%n] = (i+2)%n, i
	}
	wide := New[T](pick(x.shape, turned)...)
	double := make([]int, n)
	for i, s := range wide.shape {
		double[i] = 2*s - 1
	}
	gapped := New[T](double...)
	for i := range gapped.data {
		gapped.data[i] = T(math.NaN()) // must not be seen
	}
	for i, s := range double {
		gapped = gapped.Slice(i, 0, s, 2)
	}
	gapped, wide = gapped.Permute(back...), wide.Permute(back...)
	idx := make([]int, n)
	for range x.Len() {
		v := x.At(idx...)
		wide.Set(v, idx...)
		gapped.Set(v, idx...)
		for k := n - 1; k >= 0; k-- {
			if idx[k]++; idx[k] < x.shape[k] {
				break
			}
			idx[k] = 0
		}
	}
	return map[string]*Dense[T]{"rows": x, "turned": wide, "gapped": gapped}
}

// checkSweep compares two and a half sweeps, in which factors change as an
// alternating method changes them, with a MTTKRP for each mode.
func checkSweep[T Float](t *testing.T, name string, x *Dense[T], rank int, runs []int, tol float64) {
	t.Helper()
	tr := newTree(x, nil, rank)
	if runs != nil {
		tr.runs = runs
	}
	factors := benchFactors(x.shape, rank)
	rng := rand.New(rand.NewPCG(5, 1))
	n := len(x.shape)
	for step := range 2*n + n/2 + 1 {
		mode := step % n
		want := NewMatrix[float64](x.shape[mode], rank)
		got := NewMatrix[float64](x.shape[mode], rank)
		for i := range got.Data {
			got.Data[i] = math.NaN() // must be overwritten
		}
		As[float64](x).MTTKRP(want, factors, mode)
		tr.mttkrp(got, factors, mode)
		scale := 0.0
		for _, v := range want.Data {
			scale = max(scale, math.Abs(v))
		}
		for i, v := range got.Data {
			if !(math.Abs(v-want.Data[i]) <= tol*scale) {
				t.Fatalf("%s, shape %v, rank %d, runs %v, step %d: element %d is %v, want %v", name, x.shape, rank, tr.runs, step, i, v, want.Data[i])
			}
		}
		for i := range factors[mode].Data {
			factors[mode].Data[i] = rng.NormFloat64()
		}
	}
}

func TestSweepAgreesWithMTTKRP(t *testing.T) {
	for _, c := range []struct {
		shape []int
		rank  int
	}{
		{[]int{7}, 1}, {[]int{70, 90}, 3}, {[]int{13, 17, 19}, 5}, {[]int{70, 80, 90}, 16}, {[]int{1, 9, 8}, 2}, {[]int{9, 1, 8}, 2},
		{[]int{1100, 7, 5}, 9}, {[]int{5, 7, 1100}, 9}, {[]int{7, 1100, 5}, 33}, {[]int{2100, 3, 40}, 5}, {[]int{3, 40, 2100}, 5},
		{[]int{12, 11, 10, 9}, 17}, {[]int{30, 2, 40, 3}, 4}, {[]int{4, 3, 2, 5, 4, 3}, 6}, {[]int{1, 1, 1}, 1},
	} {
		x := benchData[float64](c.shape)
		for layout, y := range sweepLayouts(x) {
			for _, p := range SweepPlans(c.shape, 8, c.rank) {
				checkSweep(t, layout, y, c.rank, p.Runs, 1e-13)
				checkSweep(t, layout+" f32", As[float32](y), c.rank, p.Runs, 2e-6)
			}
		}
		for layout, y := range sweepLayouts(As[float32](x)) {
			checkSweep(t, layout+" f32", y, c.rank, nil, 2e-6)
		}
	}
}

func TestSweepStartsAnew(t *testing.T) {
	shape := []int{20, 30, 25}
	x := benchData[float64](shape)
	sweep := x.SweepMTTKRP(4)
	factors := benchFactors(shape, 4)
	for _, mode := range []int{0, 1, 2, 1, 1, 0, 2, 0, 0, 1} {
		want, got := NewMatrix[float64](shape[mode], 4), NewMatrix[float64](shape[mode], 4)
		x.MTTKRP(want, factors, mode)
		sweep(got, factors, mode)
		for i, v := range got.Data {
			if !(math.Abs(v-want.Data[i]) <= 1e-10) {
				t.Fatalf("mode %d: element %d is %v, want %v", mode, i, v, want.Data[i])
			}
		}
		factors[mode].Data[0]++
	}
}

func TestSweepGivesTheSameBits(t *testing.T) {
	for _, shape := range [][]int{{90, 80, 70}, {30, 20, 25, 30}} {
		x := benchData[float64](shape)
		for _, p := range SweepPlans(shape, 8, 8) {
			testkit.Threads(t, fmt.Sprintf("shape %v, runs %v", shape, p.Runs), func() [][]float64 {
				var all [][]float64
				double, single := newTree(x, nil, 8), newTree(As[float32](x), nil, 8)
				double.runs, single.runs = p.Runs, p.Runs
				for mode, s := range shape {
					a, b := NewMatrix[float64](s, 8), NewMatrix[float64](s, 8)
					double.mttkrp(a, benchFactors(shape, 8), mode)
					single.mttkrp(b, benchFactors(shape, 8), mode)
					all = append(all, a.Data, b.Data)
				}
				return all
			})
		}
	}
}

func TestSweepSingleWithLargeFactors(t *testing.T) {
	shape := []int{4, 5, 6}
	x := benchData[float64](shape)
	for _, scale := range []float64{0x1p100, 0x1p-100} {
		for _, p := range SweepPlans(shape, 4, 3) {
			tr := newTree(As[float32](x), nil, 3)
			tr.runs = p.Runs
			factors := benchFactors(shape, 3)
			for _, f := range factors {
				for i := range f.Data {
					f.Data[i] *= scale
				}
			}
			for mode, s := range shape {
				want := mttkrpNaive(x, factors, mode)
				got := NewMatrix[float64](s, 3)
				tr.mttkrp(got, factors, mode)
				for i, v := range got.Data {
					if !(math.Abs(v-want.Data[i]) <= 1e-5*20*scale*scale) || v == 0 {
						t.Errorf("scale %g, mode %d: element %d is %v, want %v", scale, mode, i, v, want.Data[i])
					}
				}
			}
		}
	}
}

func TestPlanSweep(t *testing.T) {
	for _, c := range []struct {
		shape      []int
		elem, rank int
		runs       []int
		passes     float64
	}{
		{[]int{300, 300, 300}, 8, 16, []int{2, 2, 2}, 1.5},   // beyond the end of a sweep
		{[]int{60, 60, 60, 60}, 4, 20, []int{2, 1, 2, 1}, 2}, // two halves
		{[]int{300, 300, 300}, 8, 200, []int{1, 1, 1}, 3},    // what is left would be as large as the data
		{[]int{50, 40}, 8, 3, []int{1, 1}, 2},
		{[]int{9}, 8, 1, []int{1}, 1},
	} {
		p := PlanSweep(c.shape, c.elem, c.rank)
		if !slices.Equal(p.Runs, c.runs) || p.Passes != c.passes {
			t.Errorf("shape %v, rank %d: %+v", c.shape, c.rank, p)
		}
		if data := float64(Size(c.shape) * c.elem); float64(p.WorkBytes) > max(4<<20, data/4) {
			t.Errorf("shape %v, rank %d: work space of %d bytes", c.shape, c.rank, p.WorkBytes)
		}
	}
}

func BenchmarkSweep(b *testing.B) {
	for _, c := range []struct {
		shape []int
		rank  int
	}{{[]int{300, 300, 300}, 16}, {[]int{60, 60, 60, 60}, 20}} {
		b.Run(fmt.Sprintf("order=%d/type=f64", len(c.shape)), func(b *testing.B) { benchSweeps(b, benchData[float64](c.shape), c.rank) })
		b.Run(fmt.Sprintf("order=%d/type=f32", len(c.shape)), func(b *testing.B) { benchSweeps(b, benchData[float32](c.shape), c.rank) })
	}
}

// benchSweeps reports the time of one sweep by each plan.
func benchSweeps[T Float](b *testing.B, x *Dense[T], rank int) {
	factors := benchFactors(x.shape, rank)
	var dst []*Matrix[float64]
	for _, s := range x.shape {
		dst = append(dst, NewMatrix[float64](s, rank))
	}
	for _, p := range SweepPlans(x.shape, 8, rank) {
		b.Run(fmt.Sprintf("rank=%d/runs=%v", rank, p.Runs), func(b *testing.B) {
			t := newTree(x, nil, rank)
			t.runs = p.Runs
			for b.Loop() {
				for range 2 {
					for mode := range x.shape {
						t.mttkrp(dst[mode], factors, mode)
					}
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e3/2/float64(b.N), "ms/sweep")
		})
	}
}

// In memory of any content, the same bits.
func TestSweepMTTKRPIn(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	const rank = 5
	for _, shape := range [][]int{{70, 80, 90}, {12, 13, 14, 15}, {4, 5, 6}} {
		x := New[float64](shape...)
		var factors []*Matrix[float64]
		for i := range x.Data() {
			x.Data()[i] = rng.NormFloat64()
		}
		for _, s := range shape {
			f := NormalMatrix(rng, s, rank)
			factors = append(factors, f)
		}
		for _, room := range []int{10, 80 * 90 * rank, 1 << 20} {
			buf := make([]float64, room)
			for i := range buf {
				buf[i] = math.NaN()
			}
			plain, in := x.SweepMTTKRP(rank), x.SweepMTTKRPIn(buf, rank)
			for turn := range 2 * len(shape) {
				mode := turn % len(shape)
				want, got := NewMatrix[float64](shape[mode], rank), NewMatrix[float64](shape[mode], rank)
				plain(want, factors, mode)
				in(got, factors, mode)
				for i, v := range want.Data {
					if got.Data[i] != v {
						t.Fatalf("shape %v, %d numbers, turn %d: %g, want %g", shape, room, turn, got.Data[i], v)
					}
				}
				for i := range factors[mode].Data {
					factors[mode].Data[i] *= 1.25
				}
			}
		}
	}
}
