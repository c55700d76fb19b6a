package cells

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// TestMerge compares every aggregate with a plain map over random entries.
func TestMerge(t *testing.T) {
	shape := []int{7, 300, 11}
	for _, agg := range Aggregates {
		rng := rand.New(rand.NewPCG(3, 4))
		index := make([][]int32, len(shape))
		var values []float64
		type cell [3]int32
		groups := map[cell][]float64{}
		for range 30000 {
			var c cell
			for m := range shape {
				c[m] = int32(rng.IntN(shape[m]))
				index[m] = append(index[m], c[m])
			}
			v := float64(rng.IntN(1000))
			values = append(values, v)
			groups[c] = append(groups[c], v)
		}
		idx, vals, err := Merge(shape, index, values, agg)
		if err != nil {
			t.Fatal(err)
		}
		if len(vals) != len(groups) {
			t.Fatalf("%s: %d cells, want %d", agg, len(vals), len(groups))
		}
		last := -1
		for e, v := range vals {
			c := cell{idx[0][e], idx[1][e], idx[2][e]}
			if key := (int(c[0])*300+int(c[1]))*11 + int(c[2]); key <= last {
				t.Fatalf("%s: entry %d is not in C order", agg, e)
			} else {
				last = key
			}
			g := groups[c]
			sum := 0.0
			for _, w := range g {
				sum += w
			}
			want := map[string]float64{"sum": sum, "mean": sum / float64(len(g)), "count": float64(len(g)),
				"last": g[len(g)-1], "min": slices.Min(g), "max": slices.Max(g)}[agg]
			if v != want {
				t.Fatalf("%s: cell %v is %v, want %v", agg, c, v, want)
			}
		}
	}
}

func TestMergeDuplicate(t *testing.T) {
	_, _, err := Merge([]int{2, 2}, [][]int32{{1, 0, 1, 0}, {0, 1, 1, 1}}, []float64{1, 2, 3, 4}, "")
	var d *sparse.DuplicateError
	if !errors.As(err, &d) || d.First != 1 || d.Second != 3 {
		t.Fatalf("%v", err)
	}
}

func TestSize(t *testing.T) {
	for _, c := range []struct {
		shape []int
		n     int
		ok    bool
	}{
		{[]int{3, 4}, 12, true}, {nil, 1, true}, {[]int{0, math.MaxInt, 9}, 0, true},
		{[]int{1 << 31, 1 << 31}, 1 << 62, true}, {[]int{1 << 31, 1 << 31, 2}, 0, false}, {[]int{1 << 40, 1 << 40}, 0, false},
	} {
		if n, ok := Size(c.shape); n != c.n || ok != c.ok {
			t.Errorf("Size(%v) = %d, %v", c.shape, n, ok)
		}
	}
}

func TestFinite(t *testing.T) {
	x := tensor.FromSlice([]float64{1, math.NaN(), 3, math.Inf(1)}, 2, 2)
	o, err := Finite(x)
	if err != nil || !slices.Equal(o.Values(), []float64{1, 3}) || !slices.Equal(o.Indices(0), []int32{0, 1}) || !slices.Equal(o.Indices(1), []int32{0, 0}) {
		t.Fatalf("%v %v", o, err)
	}
}
