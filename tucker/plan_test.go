package tucker

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/tensor"
)

func TestPlan(t *testing.T) {
	shape := []int{500, 400, 300}
	data := int64(500 * 400 * 300)
	p, err := PlanSTHOSVD(shape, 8, Options{Ranks: []int{10, 10, 10}})
	if err != nil {
		t.Fatal(err)
	}
	if p.Parameters != 1000+10*1200 || p.PeakBytes < 8*data || p.PeakBytes > 10*data || p.Flops < 300*float64(data) || p.Iterative {
		t.Errorf("%+v", p)
	}
	if p, err = PlanSTHOSVD(shape, 4, Options{Eps: 0.1}); err != nil || p.PeakBytes < 8*data || p.PeakBytes > 10*data || len(p.Notes) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	for _, bad := range []Options{{}, {Ranks: []int{1}}, {Ranks: []int{1, 0, 1}}} {
		if _, err := PlanSTHOSVD(shape, 8, bad); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	if _, err := PlanSTHOSVD([]int{3, 0}, 8, Options{Eps: 0.1}); err == nil {
		t.Error("a mode of size 0 is taken")
	}
}

// The plan from the spectra finds the ranks of the run where noise decides them.
func TestPlanSpectra(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	shape := []int{40, 30, 20}
	x := tensor.New[float64](shape...)
	for i := range x.Data() {
		x.Data()[i] = rng.NormFloat64()
	}
	tails := make([][]float64, 3)
	for n, s := range shape { // white noise
		for r := range s + 1 {
			tails[n] = append(tails[n], math.Sqrt(1-float64(r)/float64(s)))
		}
	}
	for _, eps := range []float64{0.2, 0.6} {
		p, ranks, err := PlanSpectra(shape, 8, Options{Eps: eps}, tails)
		if err != nil {
			t.Fatal(err)
		}
		m, _, err := STHOSVD(t.Context(), x, Options{Eps: eps})
		if err != nil {
			t.Fatal(err)
		}
		cells := func(r []int) float64 { return float64(tensor.Size(r)) }
		if ratio := cells(ranks) / cells(m.Ranks()); !(ratio > 0.8 && ratio < 1.6) || p.PeakBytes < int64(8*(x.Len()+tensor.Size(ranks))) || p.Parameters != parameters(shape, ranks) {
			t.Errorf("eps %g: ranks %v are planned, %v are found: %+v", eps, ranks, m.Ranks(), p)
		}
	}
	for _, bad := range [][][]float64{nil, {{1, 0}, {1, 0}, {1, 0}}} {
		if _, _, err := PlanSpectra(shape, 8, Options{Eps: 0.1}, bad); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
}

func TestPlanHOOI(t *testing.T) {
	for _, c := range []struct {
		shape, ranks []int
		want         string
		note         string
		iterative    bool
	}{
		{[]int{300, 300, 300}, []int{20, 20, 20}, "tucker.HOOI, compressed by random ranges", "[30 30 30]", false},
		{[]int{100, 100, 100}, []int{20, 20, 20}, "tucker.HOOI, compressed by an ST-HOSVD", "[30 30 30]", false},
		{[]int{30, 30, 30}, []int{20, 20, 20}, "tucker.HOOI", "", true},
	} {
		p, err := PlanHOOI(c.shape, 8, Options{Ranks: c.ranks})
		if err != nil {
			t.Fatal(err)
		}
		data := float64(8 * tensor.Size(c.shape))
		if p.Algorithm != c.want || p.Iterative != c.iterative || !strings.Contains(strings.Join(p.Notes, ""), c.note) {
			t.Errorf("%v: %+v", c.shape, p)
		}
		if !(float64(p.PeakBytes) >= data) || tensor.Size(c.shape) > 1<<22 && !(float64(p.PeakBytes) <= 1.3*data) || !(p.Flops >= 2*20*data/8) {
			t.Errorf("%v: peak of %d bytes for data of %g, %g operations", c.shape, p.PeakBytes, data, p.Flops)
		}
	}
	if p, err := PlanHOOI([]int{50, 50, 50}, 8, Options{Eps: 0.1}); err != nil || p.Algorithm != "tucker.HOOI" || !p.Iterative {
		t.Errorf("eps: %+v, %v", p, err)
	}
	if _, err := PlanHOOI([]int{3, 0}, 8, Options{Eps: 0.1}); err == nil || !strings.Contains(err.Error(), "PlanHOOI") {
		t.Error(err)
	}
}

// What costs least comes first, by the way in which vectors are found.
func TestModeOrder(t *testing.T) {
	for _, c := range []struct {
		shape, ranks []int
		by           reduction
		want         []int
	}{
		{[]int{100, 100, 100}, nil, byGram, []int{2, 1, 0}},
		{[]int{1000, 100, 100}, []int{10, 10, 50}, byGram, []int{1, 2, 0}},
		{[]int{1000, 100}, []int{10, 30}, byGram, []int{1, 0}},
		{[]int{1000, 100}, []int{10, 30}, bySketch, []int{0, 1}}, // a sketch of a long mode costs no more
		{[]int{50, 60}, []int{50, 20}, byTriangle, []int{1, 0}},
	} {
		if got := modeOrder(c.shape, c.ranks, c.by); !slices.Equal(got, c.want) {
			t.Errorf("%v to %v, %d: order %v, want %v", c.shape, c.ranks, c.by, got, c.want)
		}
	}
	if reductionFor([]int{100, 100}, 1e-3) != byGram || reductionFor([]int{100, 100}, 1e-9) != byTriangle || reductionFor([]int{100}, 0) != byGram {
		t.Error("the way of finding vectors")
	}
}
