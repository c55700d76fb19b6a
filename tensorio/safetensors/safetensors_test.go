package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

func golden(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "types.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// file is a file with a header of the given text.
func file(text, body string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text+body...)
}

// TestEveryType reads a file that safetensors 0.8 for Python wrote.
func TestEveryType(t *testing.T) {
	f, err := Open(golden(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Arrays) != 14 || f.Metadata["who"] != "safetensors" {
		t.Fatalf("%d arrays, metadata %v", len(f.Arrays), f.Metadata)
	}
	for _, name := range f.Names() {
		x, rounded, err := f.Tensor(name, "")
		if err != nil || rounded != 0 || !slices.Equal(x.Shape(), []int{2, 3}) {
			t.Fatalf("%s: %v, %d, %v", name, x, rounded, err)
		}
		for e := range 6 {
			i, j := e/3, e%3
			want := complex(float64(e), 0)
			switch name[0] {
			case 'I':
				want -= 3
			case 'F':
				want = (want - 3) / 4
			case 'B':
				want = complex(float64(e%2), 0)
				if name == "BF16" {
					want = complex(float64(e-3)/4, 0)
				}
			case 'C':
				want = complex(float64(e), -float64(e))
			}
			var got complex128
			switch x := x.(type) {
			case *tensor.Dense[float32]:
				if !strings.Contains("F32 F16 BF16", name) {
					t.Errorf("%s became float32", name)
				}
				got = complex(float64(x.At(i, j)), 0)
			case *tensor.Dense[float64]:
				got = complex(x.At(i, j), 0)
			case *tensor.Dense[complex64]:
				got = complex128(x.At(i, j))
			}
			if got != want {
				t.Errorf("%s: element %d is %v, want %v", name, e, got, want)
			}
		}
	}
	if _, _, err := f.Tensor("none", ""); err == nil || !strings.Contains(err.Error(), "there are: ") {
		t.Errorf("an unknown name: %v", err)
	}
	if _, _, err := f.Tensor("C64", "float32"); err == nil {
		t.Error("complex numbers became float32")
	}
}

func TestRoundTrip(t *testing.T) {
	x := tensor.FromSlice([]float32{1, 2, 3}, 3)
	y := tensor.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	if err := y.SetAxes(tensor.Axis{Name: "who", Labels: []string{"<a>", "ü"}}, tensor.Axis{Coords: []float64{0.5, 1, 2}, Unit: "nm"}); err != nil {
		t.Fatal(err)
	}
	z := tensor.New[complex64]()
	list := []Named{{"x", x}, {"y", y}, {"yt", y.Permute(1, 0)}, {"z", z}}
	var b, again bytes.Buffer
	for _, w := range []*bytes.Buffer{&b, &again} {
		if err := Write(w, list, map[string]string{"format": "pt", "a": "b"}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Error("two writings differ")
	}
	f, err := Open(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if f.Metadata["format"] != "pt" || !slices.Equal(f.Names(), []string{"y", "yt", "z", "x"}) {
		t.Errorf("metadata %v, names %v", f.Metadata, f.Names())
	}
	got, _, err := f.Tensor("yt", "float64")
	if err != nil {
		t.Fatal(err)
	}
	d := got.(*tensor.Dense[float64])
	if !slices.Equal(d.Data(), []float64{1, 4, 2, 5, 3, 6}) || d.Axes()[0].Unit != "nm" || d.Axes()[1].Label(0) != "<a>" {
		t.Errorf("%v with axes %v", d.Data(), d.Axes())
	}
	if _, size, err := ParseHeader(b.Bytes()); err != nil || size%64 != 0 {
		t.Errorf("the elements start at %d, %v", size, err)
	}
	for _, bad := range [][]Named{{{"x", x}, {"x", x}}, {{"__metadata__", x}}, {{"c", tensor.New[complex128](1)}}} {
		if Write(&b, bad, nil) == nil {
			t.Errorf("%v was written", bad)
		}
	}
}

func TestHeaders(t *testing.T) {
	one := `{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}`
	for _, text := range []string{"{}", one + "}   ", one + `,"e":{"dtype":"F32","shape":[0,5],"data_offsets":[2,2]}}`,
		one[:len(one)-1] + `,"extra":1}}`} {
		body := "ab"
		if text == "{}" {
			body = ""
		}
		if _, err := Open(file(text, body)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	// A type of the future does not spoil the rest.
	f, err := Open(file(one+`,"n":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[2,3]}}`, "abc"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Tensor("n", ""); err == nil || !strings.Contains(err.Error(), "valid are BOOL") {
		t.Errorf("an unknown type: %v", err)
	}
	for _, c := range []struct{ text, want string }{
		{"", "no object"},
		{"[]", "no object"},
		{one, "not the JSON"},
		{one + "} x", "after the object"},
		{one + `,"a":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}}`, "twice"},
		{one + `,"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, "gap"},
		{one + `,"b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}`, "gap"},
		{one + `,"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, "announces 3 bytes"},
		{`{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}}`, "span 2"},
		{`{"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}}`, "negative"},
		{`{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,2]}}`, "addressed"},
		{`{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}`, "begin and an end"},
		{`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0]}}`, "begin and an end"},
		{`{"a":{"dtype":"U8","shape":[2.5],"data_offsets":[0,2]}}`, "not the JSON"},
		{`{"a":{"dtype":"U8","shape":[` + strings.Repeat("1,", 64) + `2],"data_offsets":[0,2]}}`, "65 modes"},
		{`{"__metadata__":{"a":1}}`, "__metadata__"},
	} {
		_, err := Open(file(c.text, "ab"))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
	}
	data := golden(t)
	for n := range len(data) {
		if _, err := Open(data[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were read", n, len(data))
		}
	}
	if _, err := Open(binary.LittleEndian.AppendUint64(nil, 1<<62)); err == nil || errors.Is(err, ErrShort) {
		t.Errorf("a huge header: %v", err)
	}
}

func TestSniff(t *testing.T) {
	if !Sniff(golden(t)) || !Sniff(file("{}", "")) || Sniff([]byte("i,j,value\n1,2,3\n")) || Sniff(nil) {
		t.Error("safetensors are told wrongly")
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(golden(f))
	f.Add(file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, "ab"))
	f.Add(file(`{"__metadata__":{"axes.a":"[{\"name\":\"x\"}]"},"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}`, "ab"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var file *File
		var err error
		testkit.Allocates(t, 1<<16+200*len(data), func() { file, err = Open(data) })
		if err != nil {
			return
		}
		for _, name := range file.Names() {
			x, _, err := file.Tensor(name, "")
			if err != nil {
				continue
			}
			var b bytes.Buffer
			if err := Write(&b, []Named{{"x", x}}, nil); err != nil {
				continue // axes with numbers that JSON does not have
			}
			if _, err := Open(b.Bytes()); err != nil {
				t.Fatalf("what was written is not read: %v", err)
			}
		}
	})
}
