package sparse

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

// power draws entries whose indices follow a power law, repeated cells
// included.
func power(seed uint64, shape []int, count int) ([][]int32, []float64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	index, values := make([][]int32, len(shape)), make([]float64, count)
	for n, s := range shape {
		index[n] = make([]int32, count)
		for e := range index[n] {
			index[n][e] = int32(math.Pow(rng.Float64(), 3) * float64(s))
		}
	}
	for e := range values {
		values[e] = float64(rng.IntN(9) + 1)
	}
	return index, values
}

func TestNewCOO(t *testing.T) {
	shapes := [][]int{{5}, {40, 30}, {300, 20, 70}, {9, 8, 7, 6}, {1 << 20, 1 << 21, 1 << 22, 1 << 23}, {MaxSize, MaxSize, MaxSize, MaxSize, MaxSize}, {3, 1, 4}}
	for _, shape := range shapes {
		index, values := power(3, shape, 5000)
		// Cells that are repeated for sure.
		for n := range index {
			copy(index[n][100:200], index[n][:100])
		}
		type cell struct {
			sum, last, low, high float64
			count                int
		}
		want := map[string]*cell{}
		key := func(at func(n int) int32) string {
			var b strings.Builder
			for n := range shape {
				b.WriteString(string(rune(at(n)%0xd000)) + string(rune(at(n)/0xd000)))
			}
			return b.String()
		}
		for e, v := range values {
			k := key(func(n int) int32 { return index[n][e] })
			c := want[k]
			if c == nil {
				c = &cell{low: v, high: v}
				want[k] = c
			}
			c.sum, c.last, c.low, c.high = c.sum+v, v, min(c.low, v), max(c.high, v)
			c.count++
		}
		before := slices.Clone(index[0])
		for _, dup := range []Duplicates{Sum, Mean, Count, Last, Min, Max} {
			x, err := NewCOO(shape, index, values, dup)
			if err != nil {
				t.Fatal(err)
			}
			if x.Count() != len(want) {
				t.Fatalf("%v %s: %d entries, want %d", shape, dup, x.Count(), len(want))
			}
			if !x.increasing() {
				t.Fatalf("%v %s: not sorted", shape, dup)
			}
			for e, v := range x.Values() {
				c := want[key(func(n int) int32 { return x.Indices(n)[e] })]
				w := map[Duplicates]float64{Sum: c.sum, Mean: c.sum / float64(c.count), Count: float64(c.count), Last: c.last, Min: c.low, Max: c.high}[dup]
				if v != w {
					t.Fatalf("%v %s: entry %d is %v, want %v", shape, dup, e, v, w)
				}
			}
		}
		if !slices.Equal(before, index[0]) {
			t.Error("the lists were changed")
		}
		for _, dup := range []Duplicates{Refuse, Sum, Last} {
			want, wantValues, _ := Merge(shape, index, values, dup)
			own := make([][]int32, len(index))
			for n := range own {
				own[n] = slices.Clone(index[n])
			}
			got, gotValues, err := MergeInPlace(shape, own, slices.Clone(values), dup)
			var d *DuplicateError
			if (dup == Refuse) != errors.As(err, &d) || !slices.Equal(gotValues, wantValues) || !slices.EqualFunc(got, want, slices.Equal[[]int32]) {
				t.Fatalf("%v %s in place: %v", shape, dup, err)
			}
		}
		var d *DuplicateError
		_, err := NewCOO(shape, index, values, Refuse)
		if !errors.As(err, &d) || d.First >= d.Second {
			t.Fatalf("%v: %v", shape, err)
		}
		for n, list := range index {
			if list[d.First] != list[d.Second] || int(list[d.First]) != d.Cell[n] {
				t.Fatalf("%v: %v", shape, err)
			}
		}
	}
}

func TestNewCOOThreads(t *testing.T) {
	shape := []int{500, 400, 300}
	index, values := power(4, shape, 200_000)
	for e := range values {
		values[e] += 1 / (1 + float64(e)) // sums depend on their order
	}
	testkit.Threads(t, "NewCOO", func() *COO[float64] {
		x, err := NewCOO(shape, index, values, Sum)
		if err != nil {
			t.Fatal(err)
		}
		return x
	})
}

func TestNewCOORefuses(t *testing.T) {
	one := []float64{1}
	for _, c := range []struct {
		shape []int
		index [][]int32
		dup   Duplicates
		want  string
	}{
		{[]int{2, 2}, [][]int32{{0}, {2}}, Sum, "sparse: entry 0 has index 2 on mode 1; 0 to 1 are expected"},
		{[]int{2, 2}, [][]int32{{-1}, {0}}, Sum, "sparse: entry 0 has index -1 on mode 0; 0 to 1 are expected"},
		{[]int{2, 2}, [][]int32{{0}}, Sum, "sparse: 1 lists of indices for 2 modes; one a mode, and at least one mode, is expected"},
		{[]int{2, 2}, [][]int32{{0}, {}}, Sum, "sparse: mode 1 has 0 indices for 1 values"},
		{[]int{MaxSize + 1}, [][]int32{{0}}, Sum, "sparse: mode 0 has 2147483648 indices; 0 to 2147483647 are supported"},
		{[]int{2}, [][]int32{{0}}, "median", `sparse: unknown treatment "median" of entries that share a cell: use sum, mean, count, last, min, max, or none to refuse them`},
	} {
		if _, err := NewCOO(c.shape, c.index, one, c.dup); err == nil || err.Error() != c.want {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
}

func TestConversions(t *testing.T) {
	shape := []int{30, 1, 20, 7}
	index, values := power(5, shape, 900)
	x, err := NewCOO(shape, index, values, Sum)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.SetAxes(tensor.Axis{Name: "a"}, tensor.Axis{}, tensor.Axis{Name: "c"}, tensor.Axis{}); err != nil {
		t.Fatal(err)
	}
	d := x.Dense()
	y, err := FromDense(d)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(x.values, y.values) || !slices.EqualFunc(x.index, y.index, slices.Equal[[]int32]) || y.Axes()[2].Name != "c" {
		t.Error("a dense tensor does not come back")
	}
	if e := x.Norm() - d.Norm(); !(math.Abs(e) < 1e-10) {
		t.Errorf("norm %v, dense %v", x.Norm(), d.Norm())
	}
	for i := range 30 {
		for k := range 20 {
			for l := range 7 {
				if x.At(i, 0, k, l) != d.At(i, 0, k, l) {
					t.Fatalf("At(%d, 0, %d, %d) = %v, want %v", i, k, l, x.At(i, 0, k, l), d.At(i, 0, k, l))
				}
			}
		}
	}
	o, err := x.Observed()
	if err != nil || o.Count() != x.Count() {
		t.Errorf("%v, %v", o, err)
	}
}

// An exact model leaves a residual of rounding size, not of its square root.
func TestResidualOfExactModel(t *testing.T) {
	f := func(rows int) *tensor.Matrix[float64] {
		m := tensor.NewMatrix[float64](rows, 1)
		for i := range rows {
			if i%3 == 0 {
				m.Data[i] = float64(i%7 + 1)
			}
		}
		return m
	}
	a, b, c := f(70), f(80), f(90)
	d := tensor.New[float64](70, 80, 90)
	for i := range 70 {
		for j := range 80 {
			for k := range 90 {
				d.Set(a.Data[i]*b.Data[j]*c.Data[k], i, j, k)
			}
		}
	}
	x, err := FromDense(d)
	if err != nil {
		t.Fatal(err)
	}
	if e := x.ResidualNorm([]float64{1}, []*tensor.Matrix[float64]{a, b, c}); !(e <= 1e-14*x.Norm()) {
		t.Errorf("residual %v of an exact model", e)
	}
	if e, want := x.ResidualNorm([]float64{1 + 1e-6}, []*tensor.Matrix[float64]{a, b, c}), 1e-6*x.Norm(); !(math.Abs(e-want) <= 1e-9*want) {
		t.Errorf("residual %v, want %v", e, want)
	}
}
