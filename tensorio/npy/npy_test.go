package npy

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// golden is element e of the array of a type in types.npz, which NumPy 2.4
// wrote.
func golden(typ byte, e int) complex128 {
	v := float64(e)
	switch typ {
	case 'b':
		v = 0
		if e%3 == 0 {
			v = 1
		}
	case 'i':
		v -= 7
	case 'f':
		v = (v - 7) / 4
	case 'c':
		return complex(v, -v)
	}
	return complex(v, 0)
}

// asComplex is the elements of a tensor in C order.
func asComplex(x tensor.Tensor) []complex128 {
	var out []complex128
	switch x := x.(type) {
	case *tensor.Dense[float32]:
		for _, v := range x.Data() {
			out = append(out, complex(float64(v), 0))
		}
	case *tensor.Dense[float64]:
		for _, v := range x.Data() {
			out = append(out, complex(v, 0))
		}
	case *tensor.Dense[complex64]:
		for _, v := range x.Data() {
			out = append(out, complex128(v))
		}
	case *tensor.Dense[complex128]:
		out = slices.Clone(x.Data())
	}
	return out
}

func TestEveryType(t *testing.T) {
	a, err := OpenArchive(readFile(t, "types.npz"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range a.Names() {
		typ, rest, ok := strings.Cut(name, "_")
		if !ok || name == "text_be" {
			continue
		}
		seen++
		arr, err := a.Array(name)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(arr.Shape, []int{2, 3, 4}) || arr.Order() != rest[:1] {
			t.Errorf("%s: shape %v, order %s", name, arr.Shape, arr.Order())
		}
		for _, dtype := range []string{"", "float32", "float64"} {
			x, rounded, err := arr.Tensor(dtype)
			if typ[0] == 'c' && dtype != "" {
				if err == nil {
					t.Errorf("%s became %s", name, dtype)
				}
				continue
			}
			if err != nil || rounded != 0 {
				t.Fatalf("%s: rounded %d, %v", name, rounded, err)
			}
			for e, v := range asComplex(x) {
				if v != golden(typ[0], e) {
					t.Fatalf("%s as %q: element %d is %v, want %v", name, dtype, e, v, golden(typ[0], e))
				}
			}
			want := map[string]string{"f2": "float32", "f4": "float32", "c8": "complex64", "c16": "complex128"}[typ]
			if want == "" {
				want = "float64"
			}
			if dtype != "" {
				want = dtype
			}
			got := map[bool]string{}
			switch x.(type) {
			case *tensor.Dense[float32]:
				got[true] = "float32"
			case *tensor.Dense[float64]:
				got[true] = "float64"
			case *tensor.Dense[complex64]:
				got[true] = "complex64"
			case *tensor.Dense[complex128]:
				got[true] = "complex128"
			}
			if got[true] != want {
				t.Errorf("%s as %q became %s, want %s", name, dtype, got[true], want)
			}
		}
	}
	if seen != 56 {
		t.Errorf("%d arrays, want 56", seen)
	}
}

func TestText(t *testing.T) {
	a, err := OpenArchive(readFile(t, "types.npz"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"text": "naïve 🙂", "text_be": "naïve 🙂", "bytes": `{"a":1}`, "s": "abc"} {
		arr, err := a.Array(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := arr.Text(); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
	arr, err := a.Array("f8_C_le")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := arr.Text(); err == nil {
		t.Error("numbers were taken for text")
	}
}

func TestWriteAsNumPy(t *testing.T) {
	f8 := tensor.New[float64](2, 3, 4)
	for i := range f8.Data() {
		f8.Data()[i] = float64(i) / 8
	}
	c16 := tensor.New[complex128]()
	c16.Set(1.5 - 2i)
	permuted := f8.Permute(2, 0, 1).Clone().Permute(1, 2, 0) // same elements, other memory
	for name, x := range map[string]tensor.Tensor{
		"f8.npy":  f8,
		"f4.npy":  tensor.FromSlice([]float32{0, 1, 2, 3, 4}, 5),
		"c16.npy": c16,
	} {
		var b bytes.Buffer
		if err := Write(&b, x); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), readFile(t, name)) {
			t.Errorf("%s differs from what NumPy writes:\n%q", name, b.Bytes())
		}
	}
	var b bytes.Buffer
	if err := Write(&b, permuted); err != nil || !bytes.Equal(b.Bytes(), readFile(t, "f8.npy")) {
		t.Errorf("a strided view is written otherwise than its copy (%v)", err)
	}
}

func TestVersions(t *testing.T) {
	for _, name := range []string{"v2.npy", "v3.npy"} {
		x, err := Read(readFile(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := asComplex(x); !slices.Equal(got, []complex128{0, 1, 2}) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// aligned is data at an address that is a multiple of 64, as in a memory map.
func aligned(data []byte) []byte {
	buf := make([]byte, len(data)+64)
	off := -int(uintptr(unsafe.Pointer(&buf[0]))) & 63
	return append(buf[off:off:cap(buf)], data...)
}

func TestUsedInPlace(t *testing.T) {
	data := aligned(readFile(t, "f8.npy"))
	x, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	binary.LittleEndian.PutUint64(data[128:], math.Float64bits(42))
	if x.(*tensor.Dense[float64]).At(0, 0, 0) != 42 {
		t.Error("the elements were copied")
	}
	// One byte further the elements are not aligned, and are copied.
	x, err = Read(append(make([]byte, 1, len(data)+1), data...)[1:])
	if err != nil || x.(*tensor.Dense[float64]).At(0, 0, 1) != 0.125 {
		t.Errorf("elements that are not aligned: %v, %v", x, err)
	}
}

// file is a .npy file with a header of the given text and no padding.
func file(text string, body ...byte) []byte {
	h := append([]byte(magic), 1, 0)
	h = binary.LittleEndian.AppendUint16(h, uint16(len(text)))
	return append(append(h, text...), body...)
}

func TestHeaders(t *testing.T) {
	eight := make([]byte, 8)
	for _, text := range []string{
		"{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}",
		`{"shape":(1,),"fortran_order":True,"descr":"f8"}` + "\n",
		"{'descr': '=f8', 'shape': (1L,), 'fortran_order': False, }   \n",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
		"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 2)}",
	} {
		if _, err := Read(file(text, eight...)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, c := range []struct{ text, want string }{
		{"", `"{" expected`},
		{"{'descr': '<f8', 'fortran_order': False, 'shape': (1,)", "no comma or closing brace"},
		{"{'descr': '<f8', 'fortran_order': False}", `no key "shape"`},
		{"{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", `key "descr" twice`},
		{"{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}", "True or False expected"},
		{"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", "negative"},
		{"{'descr': '<f8', 'fortran_order': False, 'shape': (1.5,)}", "no comma"},
		{"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}", "can be addressed"},
		{"{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", "can be addressed"},
		{"{'descr': '<f8', 'fortran_order': False, 'shape': (0, 4294967296, 4294967296)}", "can be addressed"},
		{"{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", "16 bytes, but only 8 follow"},
		{"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}", "truncated"},
		{"{'descr': '<f8', 'fortran_order': False, 'shape': (" + strings.Repeat("1,", 65) + ")}", "65 modes"},
		{"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "Python objects"},
		{"{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (1,)}", "dates"},
		{"{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}", "not read; valid are"},
		{"{'descr': [('a', '<f4'), ('b', '<i4')], 'fortran_order': False, 'shape': (1,)}", "records"},
		{"{'descr': '<U2', 'fortran_order': False, 'shape': (1,)}", "text"},
		{"{'descr': '', 'fortran_order': False, 'shape': (1,)}", "not a NumPy type code"},
		{"{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} x", "after the closing brace"},
		{"{'descr': '<f8', 'fortran_order': False, 'size': 3, 'shape': (1,)}", `key "size"`},
	} {
		_, err := Read(file(c.text, eight...))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n\t%v\n\twant %q", c.text, err, c.want)
		}
	}
	for _, data := range []string{"", "\x93NUMPY", "\x93NUMPY\x01\x00\x76\x00{'descr'", "\x93NUMPY\x02\x00\xff\xff\xff\xff{", "\x93NUMPY\x04\x00\x01\x00{", "NUMPY\x01\x00\x01\x00{{"} {
		if _, err := Parse([]byte(data)); err == nil {
			t.Errorf("%q was read", data)
		}
	}
}

func TestRoundedIntegers(t *testing.T) {
	var body []byte
	for _, v := range []uint64{1, 1<<53 + 1, math.MaxUint64, 1 << 63} {
		body = binary.LittleEndian.AppendUint64(body, v)
	}
	for _, c := range []struct {
		descr, dtype string
		want         int
	}{{"<u8", "", 2}, {"<i8", "", 1}, {"<u8", "float32", 2}} {
		a, err := Parse(file("{'descr': '"+c.descr+"', 'fortran_order': False, 'shape': (4,)}", body...))
		if err != nil {
			t.Fatal(err)
		}
		if _, n, err := a.Tensor(c.dtype); err != nil || n != c.want {
			t.Errorf("%s as %q: %d rounded, %v; want %d", c.descr, c.dtype, n, err, c.want)
		}
	}
	a, err := Parse(file("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}",
		binary.LittleEndian.AppendUint64(make([]byte, 8), math.Float64bits(1e300))...))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Tensor("float32"); err == nil || !strings.Contains(err.Error(), "1 of the 2 values") {
		t.Errorf("1e300 as float32: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"f8.npy", "f4.npy", "c16.npy", "v2.npy", "v3.npy"} {
		f.Add(readFile(f, name))
	}
	f.Add(file("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 1), }", 1, 2, 3, 4))
	f.Add(file("{'descr': '<U1', 'fortran_order': True, 'shape': (), }", 65, 0, 0, 0))
	f.Add([]byte("\x93NUMPY\x02\x00\x00\x00\x10\x00a header that is not there"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var a *Array
		var err error
		testkit.Allocates(t, 1<<16+16*len(data), func() { a, err = Parse(data) })
		if err != nil {
			return
		}
		a.Text()
		a.Int32s()
		x, _, err := a.Tensor("")
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := Write(&b, x); err != nil {
			t.Fatal(err)
		}
		y, err := Read(b.Bytes())
		if err != nil {
			t.Fatalf("what was written is not read: %v", err)
		}
		var c bytes.Buffer
		if err := Write(&c, y); err != nil || !bytes.Equal(b.Bytes(), c.Bytes()) {
			t.Fatalf("the second writing differs (%v)", err)
		}
	})
}
