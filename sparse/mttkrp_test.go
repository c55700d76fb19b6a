package sparse

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/tensor"
)

func randomFactors(seed uint64, shape []int, rank int) []*tensor.Matrix[float64] {
	rng := rand.New(rand.NewPCG(seed, 2))
	factors := make([]*tensor.Matrix[float64], len(shape))
	for n, s := range shape {
		factors[n] = tensor.NormalMatrix(rng, s, rank)
	}
	return factors
}

// The MTTKRP of long lists and many modes, whose indices take more than one
// word, is what the sum over the entries is.
func TestMTTKRP(t *testing.T) {
	for _, c := range []struct {
		shape []int
		count int
		rank  int
	}{
		{[]int{5000, 30, 400}, 60_000, 16},
		{[]int{3, 100_000, 2}, 60_000, 5}, // roots with more leaves than a task, and with one
		{[]int{1000, 999, 1001, 1000, 998, 1002, 1000}, 20_000, 9},
		{[]int{2, 2, 2, 2, 2, 2, 2, 2, 2}, 5000, 3},
		{[]int{700, 800}, 9000, 40},
		{[]int{90}, 60, 2},
		{[]int{9, 0, 3}, 0, 2},
	} {
		index, values := power(7, c.shape, c.count)
		x, err := NewCOO(c.shape, index, values, Sum)
		if err != nil {
			t.Fatal(err)
		}
		factors := randomFactors(8, c.shape, c.rank)
		for mode, rows := range c.shape {
			want, size := tensor.NewMatrix[float64](rows, c.rank), tensor.NewMatrix[float64](rows, c.rank)
			for e, v := range x.values {
				i := int(x.index[mode][e])
				for r := range c.rank {
					p := v
					for m, f := range factors {
						if m != mode {
							p *= f.At(int(x.index[m][e]), r)
						}
					}
					want.Data[i*c.rank+r] += p
					size.Data[i*c.rank+r] += math.Abs(p)
				}
			}
			got := tensor.NewMatrix[float64](rows, c.rank)
			x.MTTKRP(got, factors, mode)
			for k, v := range got.Data {
				if !(math.Abs(v-want.Data[k]) <= 1e-12*size.Data[k]) {
					t.Fatalf("%v mode %d: element %d is %v, want %v", c.shape, mode, k, v, want.Data[k])
				}
			}
		}
	}
}

func TestCSFNodes(t *testing.T) {
	shape := []int{40, 7, 300}
	index, values := power(9, shape, 4000)
	x, err := NewCOO(shape, index, values, Sum)
	if err != nil {
		t.Fatal(err)
	}
	for root := range shape {
		c := x.CSF(root)
		if c.Modes()[0] != root {
			t.Errorf("the root of tree %d is mode %d", root, c.Modes()[0])
		}
		prefixes := map[string]bool{}
		for level, m := range c.Modes() {
			clear(prefixes)
			for e := range x.values {
				key := ""
				for _, k := range c.Modes()[:level+1] {
					key += fmt.Sprint(x.index[k][e], " ")
				}
				prefixes[key] = true
			}
			if c.Nodes(level) != len(prefixes) {
				t.Errorf("tree %d has %d nodes of mode %d, want %d", root, c.Nodes(level), m, len(prefixes))
			}
		}
	}
}

// powerLaw makes a tensor of about count entries for benchmarks: half of the
// indices of a mode are among the first thousandth.
func powerLaw(b *testing.B, shape []int, count int) *COO[float64] {
	rng := rand.New(rand.NewPCG(1, 1))
	index, values := make([][]int32, len(shape)), make([]float64, count)
	for n, s := range shape {
		index[n] = make([]int32, count)
		for e := range index[n] {
			i := s
			for i >= s {
				i = int((math.Pow(rng.Float64(), -1.1) - 1) * max(10, float64(s)/1000))
			}
			index[n][e] = int32((i*7919 + 1) % s) // no neighbours
		}
	}
	for e := range values {
		values[e] = 1
	}
	x, err := NewCOO(shape, index, values, Sum)
	if err != nil {
		b.Fatal(err)
	}
	return x
}

func BenchmarkMTTKRP(b *testing.B) {
	for _, shape := range [][]int{{200_000, 50_000, 100_000}, {200_000, 50_000, 20_000, 500}, {100_000, 20_000, 5000, 1000, 100}} {
		x := powerLaw(b, shape, 1_000_000)
		factors := randomFactors(1, shape, 16)
		for mode := range shape {
			b.Run(fmt.Sprintf("modes=%d/mode=%d/entries=%d/rank=16", len(shape), mode, x.Count()), func(b *testing.B) {
				dst := tensor.NewMatrix[float64](shape[mode], 16)
				x.MTTKRP(dst, factors, mode)
				for b.Loop() {
					x.MTTKRP(dst, factors, mode)
				}
			})
		}
	}
}
