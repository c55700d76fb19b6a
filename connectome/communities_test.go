package connectome_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/polyad/polyad/connectome"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

func communities(t testing.TB, a *tensor.Matrix[float64], seed uint64) *connectome.Partition {
	t.Helper()
	g, err := connectome.NewGraph(a)
	if err != nil {
		t.Fatal(err)
	}
	p, err := connectome.Communities(context.Background(), g, connectome.SearchOptions{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNMI(t *testing.T) {
	for _, c := range []struct {
		a, b []int
		want float64
	}{
		{[]int{0, 0, 1, 1}, []int{5, 5, 2, 2}, 1},
		{[]int{0, 0, 1, 1}, []int{0, 1, 0, 1}, 0},
		{[]int{0, 0, 0, 0}, []int{1, 1, 1, 1}, 1},
		{[]int{0, 0, 0, 0}, []int{0, 0, 1, 1}, 0},
		// H = ln 2 and 1.5 ln 2, I = ln 2.
		{[]int{0, 0, 1, 1}, []int{0, 0, 1, 2}, 0.8},
	} {
		if got := connectome.NMI(c.a, c.b); !(math.Abs(got-c.want) <= 1e-12) {
			t.Errorf("%v %v: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// agreement is the mean and the deviation of NMI with planted communities,
// and the mean number of blocks, over some graphs.
func agreement(t testing.TB, l lfr, seeds int) (mean, deviation, blocks float64) {
	sum, square, n := 0.0, 0.0, float64(seeds)
	for seed := range seeds {
		a, truth := l.draw(uint64(seed))
		p := communities(t, a, uint64(seed))
		v := connectome.NMI(p.Blocks, truth)
		sum += v
		square += v * v
		blocks += float64(len(p.Sizes)) / n
	}
	mean = sum / n
	return mean, math.Sqrt(max(0, square/n-mean*mean)), blocks
}

func TestPlantedCommunities(t *testing.T) {
	for mixing, least := range map[float64]float64{0.1: 0.85, 0.3: 0.8} {
		if testing.Short() && mixing > 0.2 {
			continue
		}
		if mean, _, blocks := agreement(t, lfr{125, 25, mixing, mixing, 2}, 2); !(mean >= least) {
			t.Errorf("mixing %v: NMI %.3f with %.1f blocks", mixing, mean, blocks)
		}
	}
}

// NMI with planted communities of graphs of 125 nodes and a mean degree of 25
// as the mixing grows: 10 graphs each.
func BenchmarkPlantedCommunities(b *testing.B) {
	for _, mixing := range []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8} {
		b.Run(fmt.Sprintf("n=125/k=25/mixing=%.1f", mixing), func(b *testing.B) {
			for b.Loop() {
				mean, deviation, blocks := agreement(b, lfr{125, 25, mixing, mixing, 2}, 10)
				b.ReportMetric(mean, "nmi")
				b.ReportMetric(deviation, "nmi-sd")
				b.ReportMetric(blocks, "blocks")
			}
		})
	}
}

// A graph without communities is one block.
func TestCommunitiesOfNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	const n = 60
	a := tensor.NewMatrix[float64](n, n)
	for i := range n {
		for j := range i {
			if rng.Float64() < 0.3 {
				v := rng.ExpFloat64()
				a.Set(i, j, v)
				a.Set(j, i, v)
			}
		}
	}
	p := communities(t, a, 1)
	if len(p.Sizes) != 1 || p.DegreeCorrected || !(math.Abs(p.Length-p.OneBlock) <= 1e-8) {
		t.Errorf("%+v", p)
	}
	if p := communities(t, tensor.NewMatrix[float64](3, 3), 0); len(p.Sizes) != 1 {
		t.Errorf("no edges: %+v", p)
	}
}

func TestCommunitiesThreads(t *testing.T) {
	a, _ := lfr{80, 15, 0.3, 0.3, 1}.draw(3)
	testkit.Threads(t, "communities", func() *connectome.Partition { return communities(t, a, 7) })
}

func TestGraphErrors(t *testing.T) {
	for want, a := range map[string]*tensor.Matrix[float64]{
		"square matrix":    tensor.NewMatrix[float64](2, 3),
		"(0, 1) is -1":     tensor.MatrixOf(2, 2, []float64{0, -1, -1, 0}),
		"(0, 1) is NaN":    tensor.MatrixOf(2, 2, []float64{0, math.NaN(), 0, 0}),
		"symmetric matrix": tensor.MatrixOf(2, 2, []float64{0, 1, 2, 0}),
	} {
		if _, err := connectome.NewGraph(a); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	g, err := connectome.NewGraph(tensor.NewMatrix[float64](2, 2))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connectome.Communities(context.Background(), g, connectome.SearchOptions{Restarts: -1}); err == nil {
		t.Error("negative restarts are taken")
	}
}
