package mat

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zlib"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

// builder writes MAT-files of level 5.
type builder struct {
	order binary.ByteOrder
	buf   bytes.Buffer
}

func newFile(order binary.ByteOrder) *builder {
	b := &builder{order: order}
	b.buf.WriteString("MATLAB 5.0 MAT-file, for a test")
	b.buf.Write(bytes.Repeat([]byte{' '}, 124-b.buf.Len()))
	b.u16(0x0100)
	b.u16('M'<<8 | 'I')
	return b
}

func (b *builder) u16(v uint16) { b.buf.Write(b.bytes(v)) }
func (b *builder) u32(v uint32) { b.buf.Write(b.bytes(v)) }

// element writes the long form, or the short one where MATLAB would.
func (b *builder) element(kind uint32, data []byte) {
	if len(data) > 0 && len(data) <= 4 {
		b.u32(uint32(len(data))<<16 | kind)
		b.buf.Write(data)
		b.buf.Write(make([]byte, 4-len(data)))
		return
	}
	b.u32(kind)
	b.u32(uint32(len(data)))
	b.buf.Write(data)
	b.buf.Write(make([]byte, -len(data)&7))
}

func (b *builder) bytes(values any) []byte {
	var out bytes.Buffer
	if err := binary.Write(&out, b.order, values); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// array writes an array; parts are type, numbers, type, numbers, …
func (b *builder) array(compress bool, flags uint32, shape []int32, name string, parts ...any) {
	in := &builder{order: b.order}
	in.element(miUint32, in.bytes([]uint32{flags, 0}))
	in.element(miInt32, in.bytes(shape))
	in.element(miInt8, []byte(name))
	for k := 0; k < len(parts); k += 2 {
		in.element(uint32(parts[k].(int)), in.bytes(parts[k+1]))
	}
	out := &builder{order: b.order}
	out.element(miMatrix, in.buf.Bytes())
	if !compress {
		b.buf.Write(out.buf.Bytes())
		return
	}
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(out.buf.Bytes())
	w.Close()
	b.u32(miCompressed)
	b.u32(uint32(z.Len()))
	b.buf.Write(z.Bytes())
}

func values(t *testing.T, x tensor.Tensor) []complex128 {
	t.Helper()
	var out []complex128
	switch x := x.(type) {
	case *tensor.Dense[float64]:
		for _, v := range x.Data() {
			out = append(out, complex(v, 0))
		}
	case *tensor.Dense[float32]:
		for _, v := range x.Data() {
			out = append(out, complex(float64(v), 0))
		}
	case *tensor.Dense[complex64]:
		for _, v := range x.Data() {
			out = append(out, complex128(v))
		}
	case *tensor.Dense[complex128]:
		out = x.Data()
	default:
		t.Fatalf("%T", x)
	}
	return out
}

// TestTypes reads every class and every type of storage, in both byte
// orders, compressed and not.
func TestTypes(t *testing.T) {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, compress := range []bool{false, true} {
			name := fmt.Sprintf("%v compressed=%v", order, compress)
			b := newFile(order)
			b.array(compress, mxDouble, []int32{2, 3}, "double", miDouble, []float64{1, 4, 2, 5, 3, 6})
			b.array(compress, mxDouble, []int32{2, 3}, "packed", miUint8, []uint8{1, 4, 2, 5, 3, 6})
			b.array(compress, mxSingle, []int32{1, 2, 2}, "single", miSingle, []float32{0.5, 2, 1.5, 3})
			b.array(compress, 8, []int32{1, 3}, "i8", miInt8, []int8{-128, 0, 127})
			b.array(compress, 9, []int32{1, 5}, "u8", miUint8, []uint8{0, 1, 2, 3, 255})
			b.array(compress, 10, []int32{2, 1}, "i16", miInt16, []int16{-32768, 32767})
			b.array(compress, 11, []int32{1, 1}, "u16", miUint16, []uint16{65535})
			b.array(compress, 12, []int32{1, 3}, "i32", miInt32, []int32{math.MinInt32, 0, math.MaxInt32})
			b.array(compress, 13, []int32{1, 1}, "u32", miUint32, []uint32{math.MaxUint32})
			b.array(compress, 14, []int32{1, 2}, "i64", miInt64, []int64{-1 << 50, 1 << 53})
			b.array(compress, 15, []int32{1, 2}, "u64", miUint64, []uint64{7, 1 << 63})
			b.array(compress, 9|flagLogical, []int32{1, 3}, "flags", miUint8, []uint8{0, 1, 1})
			b.array(compress, mxDouble|flagComplex, []int32{1, 2}, "z", miDouble, []float64{1, 2}, miInt8, []int8{-1, 5})
			b.array(compress, mxSingle|flagComplex, []int32{1, 1}, "zs", miSingle, []float32{0.25}, miSingle, []float32{4})
			b.array(compress, mxSparse, []int32{3, 2}, "sp", miInt32, []int32{2, 0, 1}, miInt32, []int32{0, 1, 3}, miDouble, []float64{7, 8, 9})
			b.array(compress, 4, []int32{1, 2}, "word", miUint16, []uint16{'h', 'i'})
			want := map[string][]complex128{
				"double": {1, 2, 3, 4, 5, 6}, "packed": {1, 2, 3, 4, 5, 6}, "single": {0.5, 1.5, 2, 3},
				"i8": {-128, 0, 127}, "u8": {0, 1, 2, 3, 255}, "i16": {-32768, 32767}, "u16": {65535},
				"i32": {math.MinInt32, 0, math.MaxInt32}, "u32": {math.MaxUint32}, "i64": {-1 << 50, 1 << 53}, "u64": {7, 1 << 63},
				"flags": {0, 1, 1}, "z": {1 - 1i, 2 + 5i}, "zs": {0.25 + 4i}, "sp": {0, 8, 0, 9, 7, 0},
			}
			list, err := List(b.buf.Bytes())
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if len(list) != len(want)+1 {
				t.Fatalf("%s: %d arrays", name, len(list))
			}
			for _, a := range list {
				if a.Name == "word" {
					if a.Class != "char" || a.Skip != "it is of class char, not numeric" {
						t.Errorf("%s: %+v", name, a)
					}
					continue
				}
				x, err := Read(b.buf.Bytes(), a.Name)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				if got := values(t, x); !slices.Equal(got, want[a.Name]) || !slices.Equal(x.Shape(), a.Shape) {
					t.Errorf("%s: %v: %v", name, a, got)
				}
			}
			if x, _ := Read(b.buf.Bytes(), "single"); fmt.Sprintf("%T", x) != "*tensor.Dense[float32]" {
				t.Errorf("%s: single is %T", name, x)
			}
			if !Sniff(b.buf.Bytes()) {
				t.Errorf("%s is not sniffed", name)
			}
		}
	}
}

// TestSciPy reads files that SciPy 1.17 wrote.
func TestSciPy(t *testing.T) {
	for _, file := range []string{"testdata/scipy.mat", "testdata/plain.mat"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		x, err := Read(data, "")
		if err != nil {
			t.Fatal(err)
		}
		d := x.(*tensor.Dense[float64])
		if !slices.Equal(d.Shape(), []int{2, 3, 4}) {
			t.Fatalf("%s: shape %v", file, d.Shape())
		}
		for k, v := range d.Data() {
			if v != float64(k)+0.5 {
				t.Errorf("%s: element %d is %g", file, k, v)
			}
		}
	}
	data, _ := os.ReadFile("testdata/scipy.mat")
	list, err := List(data)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range list {
		got = append(got, a.String()+a.Skip)
	}
	const want = "x (2×3×4 double); f (2×3 single); i8 (1×2 int8); u16 (2×1 uint16); i64 (1×2 int64); b (2×2 logical); " +
		"z (2×2 double complex); s (2×3 sparse); zs (2×2 sparse complex); word (1 char)it is of class char, not numeric; " +
		"c (1×2 cell)it is of class cell, not numeric; st (1×1 struct)it is of class struct, not numeric; e (0×3 double)it is empty"
	if g := strings.Join(got, "; "); g != strings.Replace(want, "word (1 ", "word (1×1 ", 1) && g != strings.Replace(want, "word (1 ", "word (1×5 ", 1) {
		t.Errorf("got  %s\nwant %s", g, want)
	}
	for name, want := range map[string][]complex128{
		"f": {1.5, -2, 3, 4, 5, 6.25}, "i8": {-128, 127}, "u16": {65535, 7}, "i64": {-1 << 40, 3}, "b": {1, 0, 0, 1},
		"z": {1 + 2i, -3.5i, 0, 4}, "s": {0, 2.5, 0, 1, 0, 0}, "zs": {0, 2.5i, 1, 0},
	} {
		x, err := Read(data, name)
		if err != nil {
			t.Error(err)
		} else if got := values(t, x); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestPick(t *testing.T) {
	b := newFile(binary.LittleEndian)
	b.array(false, mxDouble, []int32{1, 1}, "k", miDouble, []float64{3})
	if x, err := Read(b.buf.Bytes(), ""); err != nil || !slices.Equal(x.Shape(), []int{1, 1}) {
		t.Errorf("%v", err)
	}
	b.array(false, mxDouble, []int32{1, 2}, "row", miDouble, []float64{3, 4})
	if _, err := Read(b.buf.Bytes(), ""); err == nil || err.Error() != "mat: which array? Name one of k (1×1 double), row (1×2 double)" {
		t.Errorf("%v", err)
	}
	b.array(false, mxDouble, []int32{2, 2}, "m", miDouble, []float64{3, 4, 5, 6})
	if x, err := Read(b.buf.Bytes(), ""); err != nil || !slices.Equal(x.Shape(), []int{2, 2}) {
		t.Errorf("%v", err)
	}
	if _, err := Read(b.buf.Bytes(), "n"); err == nil || err.Error() != `mat: no array is called "n": the file holds k (1×1 double), row (1×2 double), m (2×2 double)` {
		t.Errorf("%v", err)
	}
}

func TestBadInput(t *testing.T) {
	le := binary.LittleEndian
	file := func(edit func(b *builder)) []byte {
		b := newFile(le)
		edit(b)
		return b.buf.Bytes()
	}
	hdf := append(bytes.Repeat([]byte{' '}, 512), hdf5Mark...)
	copy(hdf, "MATLAB 7.3 MAT-file, Platform: GLNXA64")
	v4 := append(le.AppendUint32(le.AppendUint32(le.AppendUint32(le.AppendUint32(le.AppendUint32(nil, 0), 1), 1), 0), 2), "x\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	good := file(func(b *builder) {
		b.array(false, mxDouble, []int32{4, 4}, "x", miDouble, make([]float64, 16))
	})
	zipped := file(func(b *builder) {
		b.array(true, mxDouble, []int32{4, 4}, "x", miDouble, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
	})
	lying := slices.Clone(zipped)
	le.PutUint32(lying[132:], uint32(len(lying)-136+1))
	broken := slices.Clone(zipped)
	broken[len(broken)-12] ^= 0x55
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"empty", "the file has 0 bytes, expected a header of 128", nil},
		{"7.3", "the file is of version 7.3 (HDF5), which is not read: save it again with -v7", hdf},
		{"4", "the file is of level 4, which is not read: load it", v4},
		{"other", `bytes 124 to 127 are "    "`, bytes.Repeat([]byte{' '}, 200)},
		{"no arrays", "the file holds no arrays", file(func(*builder) {})},
		{"cut", "the file is cut short", good[:len(good)-9]},
		{"cut tag", "byte 128: the file is cut short", good[:131]},
		{"cut compressed", "the file is cut short", zipped[:len(zipped)-5]},
		{"lying length", "claims", lying},
		{"broken", "compressed data", broken},
		{"huge", "its size is more than memory can hold", file(func(b *builder) { b.array(true, mxDouble, []int32{math.MaxInt32, math.MaxInt32, 4}, "x") })},
		{"large", "x: the file is cut short", file(func(b *builder) { b.array(true, mxDouble, []int32{math.MaxInt32, 1000}, "x") })},
		{"too few", "array 1 (before byte", file(func(b *builder) { b.element(miMatrix, make([]byte, 5)) })},
		{"flags", "the flags are of type 9", file(func(b *builder) {
			b.element(miMatrix, append(le.AppendUint32(le.AppendUint32(nil, 9), 8), make([]byte, 8)...))
		})},
		{"class", "class 77 is unknown", file(func(b *builder) { b.array(false, 77, []int32{1, 1}, "x") })},
		{"negative", "size -1 is negative", file(func(b *builder) { b.array(false, mxDouble, []int32{1, -1}, "x") })},
		{"one size", "the sizes are of type 5 with 4 bytes", file(func(b *builder) { b.array(false, mxDouble, []int32{1}, "x") })},
		{"numbers", "x: 8 bytes of numbers, expected 32 (4 numbers of 8 bytes)", file(func(b *builder) { b.array(false, mxDouble, []int32{2, 2}, "x", miDouble, []float64{1}) })},
		{"type", "x: the numbers are of unknown type 8", file(func(b *builder) { b.array(false, mxDouble, []int32{1, 1}, "x", 8, []float64{1}) })},
		{"imaginary", "x: imaginary part: the file is cut short", file(func(b *builder) { b.array(false, mxDouble|flagComplex, []int32{1, 1}, "x", miDouble, []float64{1}) })},
		{"cells only", "the file holds no numeric array, only x (1×1 cell)", file(func(b *builder) { b.array(false, 1, []int32{1, 1}, "x") })},
		{"starts", "x: 2 starts of columns, expected 3", file(func(b *builder) {
			b.array(false, mxSparse, []int32{2, 2}, "x", miInt32, []int32{0, 1}, miInt32, []int32{0, 1})
		})},
		{"order", "x: column 2 starts after it ends", file(func(b *builder) {
			b.array(false, mxSparse, []int32{2, 2}, "x", miInt32, []int32{0, 1}, miInt32, []int32{0, 2, 1}, miDouble, []float64{1, 2})
		})},
		{"row", "x: stored number 2 is in row 10 of 2", file(func(b *builder) {
			b.array(false, mxSparse, []int32{2, 2}, "x", miInt32, []int32{0, 9}, miInt32, []int32{0, 1, 2}, miDouble, []float64{1, 2})
		})},
		{"stored", "x: 1 stored numbers, expected 2", file(func(b *builder) {
			b.array(false, mxSparse, []int32{2, 2}, "x", miInt32, []int32{0, 1}, miInt32, []int32{0, 1, 2}, miDouble, []float64{1})
		})},
		{"sparse size", "90000×90000 = 8100000000 cells are too many to fill with zeros", file(func(b *builder) { b.array(false, mxSparse, []int32{90000, 90000}, "x") })},
		{"small", "a small element claims 9 bytes", file(func(b *builder) { b.u32(9<<16 | miInt8); b.u32(0) })},
	} {
		name := ""
		if c.name == "huge" {
			name = "x"
		}
		_, err := Read(c.data, name)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "mat: ") {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
	for _, head := range [][]byte{hdf, v4, good} {
		if !Sniff(head) {
			t.Errorf("%.30q is not sniffed", head)
		}
	}
	for _, head := range []string{"", "PK\x03\x04", "\x93NUMPY", strings.Repeat("1 2 3\n", 100)} {
		if Sniff([]byte(head)) {
			t.Errorf("Sniff(%.20q)", head)
		}
	}
}

// TestPadding reads a file with zeros after the last array, and elements
// that are no arrays in between.
func TestPadding(t *testing.T) {
	b := newFile(binary.LittleEndian)
	b.element(miUint8, []byte{1, 2, 3})
	b.element(miUint8, make([]byte, 13))
	b.array(true, mxDouble, []int32{1, 1}, "x", miUint8, []uint8{9})
	b.array(false, 9, []int32{1, 16}, "", miUint8, make([]uint8, 16)) // without a name: MATLAB's own
	b.buf.Write(make([]byte, 5))
	list, err := List(b.buf.Bytes())
	if err != nil || len(list) != 1 || list[0].Name != "x" {
		t.Errorf("%v %v", list, err)
	}
}

func FuzzRead(f *testing.F) {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, compress := range []bool{false, true} {
			b := newFile(order)
			b.array(compress, mxDouble|flagComplex, []int32{2, 1, 1}, "z", miDouble, []float64{1, 2}, miInt8, []int8{-1, 5})
			b.array(compress, mxSparse, []int32{3, 2}, "sp", miInt32, []int32{2, 0, 1}, miInt32, []int32{0, 1, 3}, miDouble, []float64{7, 8, 9})
			f.Add(b.buf.Bytes())
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		Sniff(data)
		var list []Array
		var err error
		testkit.Allocates(t, 1<<20+8*1040*len(data), func() { list, err = List(data) })
		if err != nil {
			return
		}
		for _, a := range list {
			if a.Class == "sparse" && len(a.Shape) == 2 && a.Shape[0]*a.Shape[1] > 1<<20 {
				continue // zeros are allowed but slow
			}
			x, err := Read(data, a.Name)
			if err == nil && a.Skip == "" && !slices.Equal(x.Shape(), a.Shape) && a.Name != "" {
				for _, other := range list {
					if other.Name == a.Name && slices.Equal(other.Shape, x.Shape()) {
						return // two of one name
					}
				}
				t.Fatalf("%v has shape %v", a, x.Shape())
			}
		}
	})
}
