package tensor

import (
	"math"
	"testing"
)

// mttkrpNaive is the definition, entry by entry.
func mttkrpNaive(x *Dense[float64], factors []*Matrix[float64], mode int) *Matrix[float64] {
	out := NewMatrix[float64](x.shape[mode], factors[0].Cols)
	idx := make([]int, len(x.shape))
	for range x.Len() {
		for r := range out.Cols {
			p := x.At(idx...)
			for m, i := range idx {
				if m != mode {
					p *= factors[m].At(i, r)
				}
			}
			out.Data[idx[mode]*out.Cols+r] += p
		}
		for n := len(idx) - 1; n >= 0; n-- {
			if idx[n]++; idx[n] < x.shape[n] {
				break
			}
			idx[n] = 0
		}
	}
	return out
}

// Every place in which the modes are cut: sums in several blocks and parts,
// rows of the result in several blocks, either side contracted first.
func TestMTTKRPBlocks(t *testing.T) {
	for _, c := range []struct {
		shape []int
		rank  int
	}{
		{[]int{3, 50, 60}, 40}, {[]int{60, 50, 3}, 40}, {[]int{50, 3, 60}, 40}, {[]int{1100, 7, 5}, 9},
		{[]int{7, 1100, 5}, 9}, {[]int{5, 7, 1100}, 9}, {[]int{2, 3000, 2}, 33}, {[]int{90, 2, 2100}, 3},
		{[]int{2100, 3, 40}, 5}, {[]int{12, 11, 10, 9}, 17}, {[]int{4, 3, 2, 5, 4, 3}, 6},
	} {
		x := benchData[float64](c.shape)
		factors := benchFactors(c.shape, c.rank)
		for mode, s := range c.shape {
			want := mttkrpNaive(x, factors, mode)
			for name, y := range map[string]hasMTTKRP{"f64": x, "f32": As[float32](x)} {
				got := NewMatrix[float64](s, c.rank)
				y.MTTKRP(got, factors, mode)
				tol := 1e-13
				if name == "f32" {
					tol = 1e-6
				}
				scale := 0.0
				for _, v := range want.Data {
					scale = max(scale, math.Abs(v))
				}
				for i, v := range got.Data {
					if !(math.Abs(v-want.Data[i]) <= tol*scale*10) {
						t.Fatalf("%s, shape %v, rank %d, mode %d: element %d is %v, want %v", name, c.shape, c.rank, mode, i, v, want.Data[i])
					}
				}
			}
		}
	}
}

// Factors whose products leave the range of float32 must not matter to data
// of float32.
func TestMTTKRPSingleWithLargeFactors(t *testing.T) {
	shape := []int{4, 5, 6}
	x := benchData[float64](shape)
	for _, scale := range []float64{0x1p100, 0x1p-100} {
		factors := benchFactors(shape, 3)
		for _, f := range factors {
			for i := range f.Data {
				f.Data[i] *= scale
			}
		}
		for mode, s := range shape {
			want := mttkrpNaive(x, factors, mode)
			got := NewMatrix[float64](s, 3)
			As[float32](x).MTTKRP(got, factors, mode)
			for i, v := range got.Data {
				if !(math.Abs(v-want.Data[i]) <= 1e-5*20*scale*scale) || v == 0 {
					t.Errorf("scale %g, mode %d: element %d is %v, want %v", scale, mode, i, v, want.Data[i])
				}
			}
		}
	}
}

func TestMTTKRPPropagatesNaN(t *testing.T) {
	x := benchData[float64]([]int{3, 4, 5})
	x.Set(math.NaN(), 1, 2, 3)
	factors := benchFactors(x.shape, 2)
	got := NewMatrix[float64](3, 2)
	x.MTTKRP(got, factors, 0)
	for i := range 3 {
		for r := range 2 {
			if math.IsNaN(got.At(i, r)) != (i == 1) {
				t.Errorf("element (%d, %d) is %v", i, r, got.At(i, r))
			}
		}
	}
	if v := x.ResidualNorm(ones(2), factors); !math.IsNaN(v) {
		t.Errorf("residual norm %v", v)
	}
}

func TestMTTKRPOfNothing(t *testing.T) {
	x := New[float64](3, 0, 2)
	got := MatrixOf(3, 1, []float64{1, 1, 1})
	x.MTTKRP(got, benchFactors(x.shape, 1), 0)
	if got.Data[0] != 0 || got.Data[2] != 0 {
		t.Errorf("an empty sum is %v", got.Data)
	}
	if v := x.ResidualNorm(ones(1), benchFactors(x.shape, 1)); v != 0 {
		t.Errorf("residual norm %v", v)
	}
}

func TestMTTKRPShapeBugsPanic(t *testing.T) {
	x := New[float64](3, 4)
	f := benchFactors([]int{3, 4}, 2)
	for name, call := range map[string]func(){
		"mode":    func() { x.MTTKRP(NewMatrix[float64](3, 2), f, 2) },
		"rows":    func() { x.MTTKRP(NewMatrix[float64](4, 2), f, 0) },
		"rank":    func() { x.MTTKRP(NewMatrix[float64](3, 3), f, 0) },
		"factors": func() { x.MTTKRP(NewMatrix[float64](3, 2), f[:1], 0) },
		"complex": func() { New[complex128](3, 4).MTTKRP(NewMatrix[float64](3, 2), f, 0) },
		"weights": func() { x.ResidualNorm(ones(3), f) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if s, ok := recover().(string); !ok || len(s) < 8 || s[:8] != "tensor: " {
					t.Errorf("panic %q", s)
				}
			}()
			call()
		})
	}
}
