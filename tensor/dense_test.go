package tensor

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestViewsAgreeWithElements(t *testing.T) {
	properties(t, func(t *testing.T, rng *rand.Rand, order int) {
		x := randomTensor[float64](rng, order)
		// Clone, Data and Contiguous list the elements in C order.
		k := 0
		data, clone := x.Data(), x.Clone()
		if !clone.IsContiguous() || !Equal(clone, x) || !Equal(x.Contiguous(), x) {
			t.Error("the clone differs")
		}
		each(x.shape, func(idx []int) {
			if data[k] != x.At(idx...) {
				t.Errorf("Data at %v", idx)
			}
			k++
		})
		perm := rng.Perm(order)
		p := x.Permute(perm...)
		each(p.shape, func(idx []int) {
			back := make([]int, order)
			for n, m := range perm {
				back[m] = idx[n]
			}
			if p.At(idx...) != x.At(back...) {
				t.Errorf("Permute(%v) at %v", perm, idx)
			}
		})
		if order == 0 || x.Len() == 0 {
			return
		}
		mode := rng.IntN(order)
		lo := rng.IntN(x.shape[mode])
		hi := lo + rng.IntN(x.shape[mode]-lo+1)
		step := 1 + rng.IntN(2)
		s := x.Slice(mode, lo, hi, step)
		each(s.shape, func(idx []int) {
			from := slices.Clone(idx)
			from[mode] = lo + step*idx[mode]
			if s.At(idx...) != x.At(from...) {
				t.Errorf("Slice at %v", idx)
			}
			if s.axes[mode].Label(idx[mode]) != x.axes[mode].Label(from[mode]) {
				t.Errorf("label of Slice at %v", idx)
			}
		})
		i := x.Index(mode, lo)
		each(i.shape, func(idx []int) {
			if i.At(idx...) != x.At(slices.Insert(slices.Clone(idx), mode, lo)...) {
				t.Errorf("Index at %v", idx)
			}
		})
		if !slices.Equal(x.Reshape(x.Len()).Data(), data) {
			t.Error("Reshape changes the elements")
		}
	})
}

func TestViewsShareMemory(t *testing.T) {
	x := New[float32](3, 4)
	x.Permute(1, 0).Set(5, 2, 1)
	x.Slice(1, 1, 4, 2).Set(6, 0, 1)
	x.Index(0, 2).Set(7, 3)
	if x.At(1, 2) != 5 || x.At(0, 3) != 6 || x.At(2, 3) != 7 {
		t.Error("a view has memory of its own:", x.Data())
	}
}

func TestAxesTravel(t *testing.T) {
	x := New[float64](2, 3, 2)
	if err := x.SetAxes(Axis{Name: "a", Labels: []string{"p", "q"}}, Axis{Name: "b", Coords: []float64{1, 2, 3}, Unit: "nm"}, Axis{Name: "c"}); err != nil {
		t.Fatal(err)
	}
	names := func(axes []Axis) string {
		var s []string
		for _, a := range axes {
			s = append(s, a.Name)
		}
		return strings.Join(s, "")
	}
	m := Eye[float64](2)
	for _, c := range []struct {
		name, want string
		y          *Dense[float64]
	}{
		{"Permute", "cab", x.Permute(2, 0, 1)},
		{"TTM", "abc", TTM(x, m, 0)},
		{"TTV", "ac", TTV(x, []float64{1, 2, 3}, 1)},
		{"TTVChain", "b", TTVChain(x, [][]float64{{1, 2}, nil, {1, 2}})},
		{"Add", "abc", Add(x, x)},
		{"Scale", "abc", Scale(2, x.Permute(2, 1, 0)).Permute(2, 1, 0)},
		{"Outer", "abcb", Outer(x, x.Index(0, 0).Index(1, 0))},
		{"Project", "abc", x.Project(m, 2)},
		{"As", "abc", As[float64](As[float32](x))},
	} {
		if got := names(c.y.axes); got != c.want {
			t.Errorf("%s: axes %s, want %s", c.name, got, c.want)
		}
		if err := CheckAxes(c.y.axes, c.y.shape); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if y := TTM(x, m, 0); y.axes[0].Labels != nil || y.axes[1].Unit != "nm" {
		t.Error("TTM: the mode keeps the labels of indices that are gone, or another loses its unit")
	}
	// What a result says of its axes is its own.
	y := Add(x, x)
	y.axes[0].Labels[0] = "changed"
	if x.axes[0].Labels[0] != "p" {
		t.Error("Add shares labels with its operand")
	}
	if err := x.SetAxes(Axis{}, Axis{Coords: []float64{1}}, Axis{}); err == nil || !strings.Contains(err.Error(), "1 coordinates for 3") {
		t.Error(err)
	}
}

func TestShapeBugsPanic(t *testing.T) {
	x := New[float64](2, 3)
	for name, f := range map[string]func(){
		"New":       func() { FromSlice([]float64{1}, 2) },
		"Strided":   func() { Strided(make([]float64, 5), []int{2, 3}, []int{3, 1}) },
		"At":        func() { x.At(0, 3) },
		"At order":  func() { x.At(0) },
		"Permute":   func() { x.Permute(0, 0) },
		"Slice":     func() { x.Slice(0, 1, 3, 1) },
		"TTM":       func() { TTM(x, Eye[float64](2), 1) },
		"TTM mode":  func() { TTM(x, Eye[float64](2), 2) },
		"TTV":       func() { TTV(x, []float64{1}, 0) },
		"TTMChain":  func() { TTMChain(x, nil) },
		"Add":       func() { Add(x, x.Permute(1, 0)) },
		"Inner":     func() { Inner(x, New[float64](6)) },
		"Unfold":    func() { Unfold(x, -1) },
		"Fold":      func() { Fold(Eye[float64](2), 0, 3, 2) },
		"ModeGram":  func() { x.ModeGram(2) },
		"complex":   func() { New[complex64](2).ModeGram(0) },
		"Fibers":    func() { _ = New[complex64](2).Fibers(0, 1, nil) },
		"Projected": func() { New[complex128](2).Project(Eye[float64](2), 0) },
	} {
		func() {
			defer func() {
				if s, ok := recover().(string); !ok || !strings.HasPrefix(s, "tensor: ") {
					t.Errorf("%s: panic value %q", name, s)
				}
			}()
			f()
		}()
	}
}

func TestSizeOfHugeShapes(t *testing.T) {
	for _, c := range []struct {
		shape []int
		size  int
		cells float64
	}{
		{[]int{3, 4}, 12, 12},
		{[]int{1 << 31, 1 << 31, 1 << 31}, math.MaxInt, 0x1p93},
		{[]int{1 << 31, 1 << 31, 1 << 31, 0}, 0, 0},
		{[]int{1 << 31, 1 << 31}, 1 << 62, 0x1p62},
	} {
		if s, n := Size(c.shape), Cells(c.shape); s != c.size || n != c.cells {
			t.Errorf("%v: size %d, cells %g, expected %d, %g", c.shape, s, n, c.size, c.cells)
		}
	}
}
