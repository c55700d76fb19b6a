package scalar

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/polyad/polyad/tensor"
)

// TestFloat16 checks all 65536 numbers against the definition of IEEE 754.
func TestFloat16(t *testing.T) {
	for u := range 1 << 16 {
		sign, exp, frac := u>>15, u>>10&31, float64(u&1023)
		var want float64
		switch exp {
		case 0:
			want = math.Ldexp(frac, -24)
		case 31:
			want = math.Inf(1)
			if frac != 0 {
				want = math.NaN()
			}
		default:
			want = math.Ldexp(1024+frac, exp-25)
		}
		if sign == 1 {
			want = -want
		}
		got := float64(Float16(uint16(u)))
		if math.IsNaN(want) != math.IsNaN(got) || !math.IsNaN(want) && math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%#x is %v, want %v", u, got, want)
		}
	}
}

func TestBytes(t *testing.T) {
	for _, c := range []struct {
		shape []int
		want  int
		ok    bool
	}{
		{nil, 8, true}, {[]int{2, 3}, 48, true}, {[]int{2, 0, 3}, 0, true}, {[]int{-1}, 0, false},
		{[]int{math.MaxInt/8 + 1}, 0, false}, {[]int{0, math.MaxInt, math.MaxInt}, 0, false},
	} {
		got, err := Bytes(c.shape, 8)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%v: %d, %v", c.shape, got, err)
		}
	}
}

// TestDecodeBlocks converts more than one block, and so in parallel.
func TestDecodeBlocks(t *testing.T) {
	var raw []byte
	for i := range 200_000 {
		raw = binary.BigEndian.AppendUint32(raw, uint32(i))
	}
	got, st, err := Decode[float64](raw, Type{Kind: Int, Size: 4, BigEndian: true})
	if err != nil || st.Rounded != 0 || len(got) != 200_000 {
		t.Fatal(err)
	}
	for i, v := range got {
		if v != float64(i) {
			t.Fatalf("element %d is %v", i, v)
		}
	}
}

func TestBigComplex(t *testing.T) {
	var raw []byte
	for i := range 100_000 {
		raw = binary.BigEndian.AppendUint64(raw, math.Float64bits(float64(i)))
	}
	x, _, err := Tensor(raw, Type{Kind: Complex, Size: 16, BigEndian: true}, []int{50_000}, []int{1}, "")
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range x.(*tensor.Dense[complex128]).Data() {
		if v != complex(float64(2*i), float64(2*i+1)) {
			t.Fatalf("element %d is %v", i, v)
		}
	}
}

// TestWriteViews writes views that are gathered in pieces: whole slices, and
// slices of slices.
func TestWriteViews(t *testing.T) {
	for _, shape := range [][]int{{3, 700_000}, {1500, 1000}, {2, 2, 600_000}} {
		x := tensor.New[float32](shape...)
		for i := range x.Data() {
			x.Data()[i] = float32(i)
		}
		order := make([]int, len(shape))
		for n := range order {
			order[n] = len(shape) - 1 - n
		}
		y := x.Permute(order...)
		for _, view := range []*tensor.Dense[float32]{y, y.Clone().Permute(order...)} {
			var b bytes.Buffer
			if err := Write(&b, view); err != nil {
				t.Fatal(err)
			}
			got, _, err := Decode[float32](b.Bytes(), Type{Kind: Float, Size: 4})
			if err != nil || !slices.Equal(got, view.Data()) {
				t.Errorf("shape %v: other elements, %v", view.Shape(), err)
			}
		}
	}
}
