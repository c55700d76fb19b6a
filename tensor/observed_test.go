package tensor

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestNewObservedFaults(t *testing.T) {
	huge := []int{1 << 30, 1 << 30, 1 << 30}
	for _, c := range []struct {
		shape  []int
		index  [][]int32
		values []float64
		want   string
	}{
		{[]int{2, 3}, [][]int32{{0}}, []float64{1}, "1 lists of indices for 2 modes"},
		{[]int{2, 3}, [][]int32{{0}, {1, 2}}, []float64{1}, "mode 1 has 2 indices for 1 values"},
		{[]int{2, 3}, [][]int32{{0, 2}, {1, 2}}, []float64{1, 1}, "entry 1 has index 2 on mode 0 of size 2"},
		{[]int{2, 3}, [][]int32{{0, -1}, {1, 2}}, []float64{1, 1}, "entry 1 has index -1 on mode 0 of size 2"},
		{[]int{2, -3}, [][]int32{nil, nil}, nil, "mode 1 has size -3"},
		// Few cells, many cells, more cells than 64 bits count.
		{[]int{2, 3}, [][]int32{{1, 0, 1}, {2, 0, 2}}, []float64{1, 2, 3}, "entries 0 and 2 have the same index [1 2]"},
		{[]int{1 << 20, 1 << 20}, [][]int32{{9, 8, 7, 8}, {5, 4, 3, 4}}, []float64{1, 2, 3, 4}, "entries 1 and 3 have the same index [8 4]"},
		{huge, [][]int32{{3, 1, 3}, {2, 2, 2}, {1, 1, 1}}, []float64{1, 2, 3}, "entries 0 and 2 have the same index [3 2 1]"},
	} {
		_, err := NewObserved(c.shape, c.index, c.values)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("shape %v: error %v, want %q", c.shape, err, c.want)
		}
	}
	for _, shape := range [][]int{{3, 9}, {1 << 20, 1 << 20}, huge} {
		index := make([][]int32, len(shape))
		for n := range index {
			index[n] = []int32{2, 0, 1}
		}
		if _, err := NewObserved(shape, index, []float64{1, 2, 3}); err != nil {
			t.Errorf("shape %v: %v", shape, err)
		}
	}
}

func TestObservedAndDense(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := New[float32](3, 4, 5).Permute(2, 0, 1)
	known := 0
	for i := range x.data {
		x.data[i] = float32(rng.NormFloat64())
		if i%7 == 3 {
			x.data[i] = float32(math.NaN())
		} else {
			known++
		}
	}
	if err := x.SetAxes(Axis{Name: "a"}, Axis{Name: "b"}, Axis{Name: "c"}); err != nil {
		t.Fatal(err)
	}
	o := FromDense(x)
	if o.Count() != known || !slices.Equal(o.Shape(), x.Shape()) || o.Axes()[1].Name != "b" {
		t.Fatalf("%d entries of shape %v, axes %v", o.Count(), o.Shape(), o.Axes())
	}
	if a, b := o.duplicate(); a >= 0 {
		t.Fatalf("entries %d and %d are the same", a, b)
	}
	model := New[float64](5, 3, 4)
	for i := range model.data {
		model.data[i] = 100
	}
	nan, seven, imputed := o.Dense(math.NaN()), o.Dense(7), o.Impute(model)
	if model.At(0, 0, 0) != 100 {
		t.Error("the model was changed")
	}
	for i := range 5 {
		for j := range 3 {
			for k := range 4 {
				v := float64(x.At(i, j, k))
				if v != v {
					if e := nan.At(i, j, k); e == e || seven.At(i, j, k) != 7 || imputed.At(i, j, k) != 100 {
						t.Errorf("unknown entry (%d, %d, %d): %v, %v, %v", i, j, k, e, seven.At(i, j, k), imputed.At(i, j, k))
					}
				} else if nan.At(i, j, k) != v || seven.At(i, j, k) != v || imputed.At(i, j, k) != v {
					t.Errorf("known entry (%d, %d, %d)", i, j, k)
				}
			}
		}
	}
}

func TestObservedSplit(t *testing.T) {
	x := FromDense(benchData[float64]([]int{10, 11, 12}))
	kept, left := x.Split(0.25, 3)
	if kept.Count() != 990 || left.Count() != 330 {
		t.Fatalf("%d kept, %d left out", kept.Count(), left.Count())
	}
	// Together they are x.
	index, values := make([][]int32, 3), slices.Concat(kept.Values(), left.Values())
	for n := range index {
		index[n] = slices.Concat(kept.Indices(n), left.Indices(n))
	}
	both, err := NewObserved(x.Shape(), index, values)
	if err != nil {
		t.Fatal(err)
	}
	if !Equal(both.Dense(0), x.Dense(0)) {
		t.Error("the parts do not make up the whole")
	}
	again, _ := x.Split(0.25, 3)
	other, _ := x.Split(0.25, 4)
	if !slices.Equal(again.Values(), kept.Values()) || slices.Equal(other.Values(), kept.Values()) {
		t.Error("the seed is not honoured")
	}
	if all, none := x.Split(0, 1); all.Count() != x.Count() || none.Count() != 0 {
		t.Error("nothing was to be left out")
	}
}

// The order by mode is made when it is first needed, by several at once.
func TestObservedIsSafeForConcurrentUse(t *testing.T) {
	x := FromDense(benchData[float64]([]int{13, 9, 8}))
	factors := benchFactors(x.Shape(), 5)
	want := make([]*Matrix[float64], 3)
	for n, s := range x.Shape() {
		want[n] = NewMatrix[float64](s, 5)
		x.Dense(0).MTTKRP(want[n], factors, n)
	}
	var wg sync.WaitGroup
	for g := range 12 {
		wg.Go(func() {
			n := g % 3
			got := NewMatrix[float64](x.shape[n], 5)
			x.WithValues(x.Values()).MTTKRP(got, factors, n)
			for i, v := range got.Data {
				if !(math.Abs(v-want[n].Data[i]) <= 1e-12) {
					t.Errorf("mode %d: %v, want %v", n, v, want[n].Data[i])
					return
				}
			}
		})
	}
	wg.Wait()
}

// A row with more entries than one task takes is cut in parts.
func TestObservedLongRows(t *testing.T) {
	shape := []int{3, 300, 250}
	x := FromDense(benchData[float64](shape))
	x = x.Select(func(e int) bool { return x.index[0][e] != 1 || e%50 == 0 })
	if tasks := x.order(0).tasks; len(tasks) != 3 || tasks[0].parts < 2 || tasks[1].parts != 1 {
		t.Fatalf("tasks %v", tasks)
	}
	factors := benchFactors(shape, 3)
	got, want := NewMatrix[float64](3, 3), NewMatrix[float64](3, 3)
	x.MTTKRP(got, factors, 0)
	x.Dense(0).MTTKRP(want, factors, 0)
	for i, v := range got.Data {
		if !(math.Abs(v-want.Data[i]) <= 1e-9) {
			t.Errorf("MTTKRP: %v, want %v", v, want.Data[i])
		}
	}
	x.RowSystems(factors, 0, func(i, n int, g *Matrix[float64], rhs []float64) {
		if n != x.order(0).start[i+1]-x.order(0).start[i] {
			t.Errorf("row %d has %d entries", i, n)
		}
		for r, v := range rhs {
			if !(math.Abs(v-got.At(i, r)) <= 1e-9) {
				t.Errorf("row %d: rhs %v, want %v", i, v, got.At(i, r))
			}
		}
	})
}
