package psp

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

func sample[T tensor.Float](t testing.TB, count int) *sparse.COO[T] {
	shape := []int{50, 7, 90}
	index, values := make([][]int32, 3), make([]T, count)
	for e := range values {
		values[e] = T(e)/8 + 1
		for n, s := range shape {
			index[n] = append(index[n], int32(e*(2*n+3)%s))
		}
	}
	x, err := sparse.NewCOO(shape, index, values, sparse.Sum)
	if err != nil {
		t.Fatal(err)
	}
	labels := make([]string, 7)
	for i := range labels {
		labels[i] = strings.Repeat("x<", i)
	}
	if err := x.SetAxes(tensor.Axis{Name: "a"}, tensor.Axis{Name: "b", Labels: labels}, tensor.Axis{}); err != nil {
		t.Fatal(err)
	}
	return x
}

func file(t testing.TB, x tensor.Tensor) []byte {
	var b bytes.Buffer
	if err := Write(&b, x); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func testRoundTrip[T tensor.Float](t *testing.T) {
	for _, count := range []int{0, 1, 15, 16, 17, 5000} {
		x := sample[T](t, count)
		data := file(t, x)
		for shift := range 2 { // lists at odd addresses are copied
			moved := append(make([]byte, shift), data...)[shift:]
			got, err := Read(moved)
			if err != nil {
				t.Fatal(err)
			}
			y := got.(*sparse.COO[T])
			if !slices.Equal(x.Shape(), y.Shape()) || !slices.Equal(x.Values(), y.Values()) || y.Axes()[1].Label(2) != "x<x<" {
				t.Errorf("%d entries do not come back", count)
			}
			for n := range x.Shape() {
				if !slices.Equal(x.Indices(n), y.Indices(n)) {
					t.Errorf("%d entries: mode %d does not come back", count, n)
				}
			}
		}
		if info, err := Inspect(data); err != nil || info.Count != x.Count() || info.Axes[0].Name != "a" {
			t.Errorf("%+v, %v", info, err)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	t.Run("float64", testRoundTrip[float64])
	t.Run("float32", testRoundTrip[float32])
}

func TestWriteDense(t *testing.T) {
	got, err := Read(file(t, tensor.FromSlice([]float64{0, 2, 0, 0, 0, 5}, 2, 3)))
	if err != nil {
		t.Fatal(err)
	}
	if x := got.(*sparse.COO[float64]); x.Count() != 2 || x.At(1, 2) != 5 {
		t.Errorf("%v", x)
	}
	o, err := tensor.NewObserved([]int{2}, [][]int32{{0}}, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(&bytes.Buffer{}, o); err == nil || !strings.Contains(err.Error(), "1 cells are known and the others unknown") {
		t.Error(err)
	}
}

// The bytes are those that docs/psp.md draws.
func TestBytes(t *testing.T) {
	x, err := sparse.NewCOO([]int{2, 300}, [][]int32{{0, 1}, {299, 7}}, []float64{1.5, -2}, sparse.Refuse)
	if err != nil {
		t.Fatal(err)
	}
	data := file(t, x)
	le := binary.LittleEndian
	if len(data) != 128+64+64+64 || le.Uint32(data[12:]) != 2 || le.Uint64(data[24:]) != 2 || le.Uint64(data[40:]) != uint64(len(data)) || le.Uint64(data[72:]) != 300 {
		t.Errorf("%d bytes: %x", len(data), data[:80])
	}
	if le.Uint32(data[128+64:]) != 299 || le.Uint64(data[256:]) != 0x3ff8000000000000 {
		t.Errorf("%x", data[128:])
	}
}

func TestDamaged(t *testing.T) {
	whole := file(t, sample[float64](t, 100))
	change := func(f func(b []byte)) []byte {
		b := slices.Clone(whole)
		f(b)
		return b
	}
	for want, data := range map[string][]byte{
		"the file has 40 bytes, fewer than the 64 of a header: it is cut short": whole[:40],
		"it is cut short":                                      whole[:len(whole)-1],
		"it is longer than it should be":                       append(slices.Clone(whole), 0),
		"the file has version 2, this program reads version 1": change(func(b []byte) { b[8] = 2 }),
		"the checksum of the header is":                        change(func(b []byte) { b[24]++ }),
		"the header claims 0 modes":                            change(func(b []byte) { b[12] = 0 }),
		"the checksum of the axes is":                          change(func(b []byte) { b[len(b)-3]++ }),
		"the entries are damaged: sparse: entry 5 has index -1 on mode 0; 0 to 49 are expected": change(func(b []byte) {
			copy(b[128+20:], "\xff\xff\xff\xff")
		}),
	} {
		if _, err := Read(data); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "psp: ") {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file(f, sample[float64](f, 5)))
	f.Add(file(f, sample[float32](f, 0)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < headBytes {
			return
		}
		// Make the checksum right, so that what it guards is reached.
		if order := int(binary.LittleEndian.Uint32(data[12:])); order > 0 && order <= (len(data)-headBytes)/8 {
			binary.LittleEndian.PutUint32(data[52:], headSum(data, order))
		}
		var x tensor.Tensor
		var err error
		testkit.Allocates(t, 1<<16+200*len(data), func() { x, err = Read(data) })
		if err != nil {
			return
		}
		if _, err := Read(file(t, x)); err != nil {
			t.Fatal(err)
		}
	})
}
