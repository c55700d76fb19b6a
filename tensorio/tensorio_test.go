package tensorio

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/polyad/polyad/tensor"
)

// counting is a tensor of the numbers 0, 1, 2, … with named axes.
func counting(shape ...int) *tensor.Dense[float64] {
	x := tensor.New[float64](shape...)
	for i := range x.Data() {
		x.Data()[i] = float64(i)
	}
	axes := make([]tensor.Axis, len(shape))
	for n, s := range shape {
		axes[n].Name = string(rune('a' + n))
		for i := range s {
			if n == 0 {
				axes[n].Labels = append(axes[n].Labels, fmt.Sprintf("<ü> %d", i))
			} else {
				axes[n].Coords = append(axes[n].Coords, float64(i)/4)
			}
		}
	}
	if err := x.SetAxes(axes...); err != nil {
		panic(err)
	}
	return x
}

func open(t testing.TB, path string, opt Options) *File {
	t.Helper()
	f, err := Open(path, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func sameAxes(a, b []tensor.Axis) bool {
	return slices.EqualFunc(a, b, func(a, b tensor.Axis) bool {
		return a.Name == b.Name && a.Unit == b.Unit && slices.Equal(a.Labels, b.Labels) && slices.Equal(a.Coords, b.Coords)
	})
}

// formatsUnderTest are the endings that keep numbers exactly, and whether
// they keep the axes.
var formatsUnderTest = map[string]bool{".npy": false, ".npz": true, ".safetensors": true, ".csv": true, ".tsv": true, ".parquet": true, ".tns": false}

func TestSaveAndOpen(t *testing.T) {
	x := counting(3, 4, 5)
	dir := t.TempDir()
	for ext, axes := range formatsUnderTest {
		for comp, name := range map[string]string{"": "", ".gz": "gzip", ".zst": "zstd"} {
			path := filepath.Join(dir, "x"+ext+comp)
			if err := Save(path, x); err != nil {
				t.Fatal(err)
			}
			var opt Options
			columns := slices.Contains([]string{".csv", ".tsv", ".parquet"}, ext)
			if columns {
				opt.Modes = []string{"a", "b", "c"}
			}
			f := open(t, path, opt)
			got, ok := f.Tensor.(*tensor.Dense[float64])
			if !ok || !slices.Equal(got.Data(), x.Data()) || !slices.Equal(got.Shape(), x.Shape()) {
				t.Errorf("%s: other elements: %T %v", path, f.Tensor, f.Tensor.Shape())
				continue
			}
			if axes && !sameAxes(got.Axes(), x.Axes()) {
				t.Errorf("%s: other axes %v", path, got.Axes())
			}
			format := ext[1:]
			if ext == ".tsv" {
				format = "csv"
			}
			if f.Format != format || f.Compression != name || f.DType == "" {
				t.Errorf("%s: format %q, compression %q, type %q", path, f.Format, f.Compression, f.DType)
			}
			h, err := Inspect(path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			shape := x.Shape()
			if columns {
				shape = []int{60} // of a column
			}
			if h.Format != f.Format || h.Compression != name || h.Bytes != f.Bytes || !slices.Equal(h.Arrays[0].Shape, shape) {
				t.Errorf("%s: header %+v", path, h)
			}
			// The same tensor makes the same bytes.
			first, _ := os.ReadFile(path)
			if err := Save(path, x); err != nil {
				t.Fatal(err)
			}
			if second, _ := os.ReadFile(path); !bytes.Equal(first, second) {
				t.Errorf("%s: two savings differ", path)
			}
			// In the other precision, and with other names.
			opt.DType = "float32"
			if !columns {
				opt.Modes = []string{"p", "q", "r"}
			}
			f = open(t, path, opt)
			single, ok := f.Tensor.(*tensor.Dense[float32])
			if !ok || single.At(2, 3, 4) != 59 {
				t.Errorf("%s: as float32 it is %T", path, f.Tensor)
			} else if !columns && single.Axes()[2].Name != "r" {
				t.Errorf("%s: axes %v", path, single.Axes())
			}
		}
	}
}

func TestPictures(t *testing.T) {
	x := tensor.FromSlice([]float64{0, 1, 0.2, 0.4, 0.6, 0.8}, 1, 2, 3)
	path := filepath.Join(t.TempDir(), "x.png")
	if err := Save(path, x); err != nil {
		t.Fatal(err)
	}
	f := open(t, path, Options{})
	if !slices.Equal(f.Tensor.(*tensor.Dense[float64]).Data(), x.Data()) || f.Format != "png" || f.DType != "uint8" {
		t.Errorf("%v of format %s, type %s", f.Tensor, f.Format, f.DType)
	}
	h, err := Inspect(path, Options{})
	if err != nil || h.Format != "png" || !slices.Equal(h.Arrays[0].Shape, []int{1, 2, 3}) {
		t.Errorf("header %+v, %v", h, err)
	}
	if err := Save(path, counting(2, 2, 2)); err == nil {
		t.Error("two channels were saved as a picture")
	}
	if now := open(t, path, Options{}); now.Bytes != f.Bytes {
		t.Error("a failed Save changed the file")
	}
}

func TestMATLAB(t *testing.T) {
	path := filepath.Join("mat", "testdata", "scipy.mat")
	f := open(t, path, Options{Name: "x"})
	if f.Format != "mat" || f.Name != "x" || f.DType != "float64" || !slices.Equal(f.Tensor.Shape(), []int{2, 3, 4}) {
		t.Errorf("%+v", f)
	}
	h, err := Inspect(path, Options{Name: "f"})
	if err != nil || len(h.Arrays) != 1 || h.Arrays[0].DType != "float32" || !slices.Equal(h.Arrays[0].Shape, []int{2, 3}) {
		t.Errorf("header %+v, %v", h, err)
	}
	if _, err := Inspect(path, Options{Name: "nothing"}); err == nil || !strings.Contains(err.Error(), "there are: x, f") {
		t.Errorf("an unknown name: %v", err)
	}
}

func TestTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.txt") // the name says nothing
	text := "who,day,n\nann,2024-01-01,1\nbob,2024-01-02,2\nann,2024-01-01,3\n"
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	opt := Options{Modes: []string{"who", "weekday(day)"}, Value: "n", Aggregate: "sum"}
	f := open(t, path, opt)
	x := f.Tensor.(*tensor.Observed)
	if f.Format != "csv" || !slices.Equal(x.Shape(), []int{2, 2}) || !slices.Equal(x.Values(), []float64{4, 2}) || f.Missing != 2 {
		t.Errorf("%+v, values %v", f, x.Values())
	}
	opt.Missing = "zero"
	if z := open(t, path, opt).Tensor.(*tensor.Dense[float64]); !slices.Equal(z.Data(), []float64{4, 0, 0, 2}) {
		t.Errorf("with zeros: %v", z.Data())
	}
	h, err := Inspect(path, Options{})
	if err != nil || len(h.Arrays) != 3 || h.Arrays[1].Name != "day" || h.Arrays[1].DType != "timestamp" {
		t.Errorf("header %+v, %v", h, err)
	}
	if _, err := Open(path, Options{Name: "n"}); err == nil || !strings.Contains(err.Error(), "does not name its arrays") {
		t.Errorf("a name for a table: %v", err)
	}
}

// TestMapped sees that the elements of the large formats are not copied.
func TestMapped(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "plan9" || runtime.GOOS == "js" {
		t.Skip("files are read there")
	}
	x := counting(10, 20, 30)
	for _, ext := range []string{".npy", ".npz", ".safetensors"} {
		path := filepath.Join(t.TempDir(), "x"+ext)
		if err := Save(path, x); err != nil {
			t.Fatal(err)
		}
		f := open(t, path, Options{})
		in := func(p *float64) bool {
			at, lo := uintptr(unsafe.Pointer(p)), uintptr(unsafe.Pointer(&f.src.raw[0]))
			return at >= lo && at < lo+uintptr(len(f.src.raw))
		}
		if !in(&f.Tensor.(*tensor.Dense[float64]).Raw()[0]) {
			t.Errorf("%s: the elements were copied", ext)
		}
	}
}

func TestOptionsThatMeanNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npy")
	if err := Save(path, counting(2, 3)); err != nil {
		t.Fatal(err)
	}
	for want, opt := range map[string]Options{
		"does not name its arrays":         {Name: "x"},
		"has no columns":                   {Value: "x"},
		"one value a cell":                 {Aggregate: "sum"},
		"3 modes are named, but the array": {Modes: []string{"a", "b", "c"}},
	} {
		if _, err := Open(path, opt); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", opt, err)
		}
	}
}

func TestObservedSurvives(t *testing.T) {
	x, err := tensor.NewObserved([]int{3, 4}, [][]int32{{0, 2, 1}, {1, 3, 0}}, []float64{1.5, -2, 0})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.SetAxes(tensor.Axis{Name: "who", Labels: []string{"x", "y", "z"}}, tensor.Axis{Name: "when"}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.npz")
	if err := Save(path, x); err != nil {
		t.Fatal(err)
	}
	f := open(t, path, Options{})
	got := f.Tensor.(*tensor.Observed)
	if !slices.Equal(got.Values(), x.Values()) || !slices.Equal(got.Indices(0), x.Indices(0)) || !slices.Equal(got.Indices(1), x.Indices(1)) {
		t.Errorf("other entries: %v", got)
	}
	if !sameAxes(got.Axes(), x.Axes()) || f.Missing != 9 {
		t.Errorf("axes %v, missing %d", got.Axes(), f.Missing)
	}
	h, err := Inspect(path, Options{})
	if err != nil || len(h.Arrays) != 1 || h.Arrays[0].Observed != 3 || !slices.Equal(h.Arrays[0].Shape, []int{3, 4}) {
		t.Errorf("header %+v, %v", h, err)
	}
	zero := open(t, path, Options{Missing: "zero"}).Tensor.(*tensor.Dense[float64])
	if zero.At(2, 3) != -2 || zero.At(1, 1) != 0 || !sameAxes(zero.Axes(), x.Axes()) {
		t.Errorf("filled with zeros: %v", zero.Data())
	}

	// A .npy file has NaN where nothing was observed.
	path = filepath.Join(t.TempDir(), "x.npy")
	if err := Save(path, x); err != nil {
		t.Fatal(err)
	}
	f = open(t, path, Options{Missing: "nan"})
	if got := f.Tensor.(*tensor.Observed); got.Count() != 3 || f.Missing != 9 || f.NonFinite != 9 {
		t.Errorf("%d observed, %d missing, %d not finite", got.Count(), f.Missing, f.NonFinite)
	}
}

func TestNotFinite(t *testing.T) {
	x := counting(40, 50, 60)
	x.Set(math.NaN(), 3, 4, 5)
	x.Set(math.Inf(-1), 39, 49, 59)
	path := filepath.Join(t.TempDir(), "x.npz")
	if err := Save(path, x); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	_, err := Open(path, Options{})
	want := "2 values are not finite (1 NaN, 1 infinite), the first at index (a=<ü> 3, b=1, c=1.25); --missing nan"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
	f := open(t, path, Options{Missing: "nan"})
	o := f.Tensor.(*tensor.Observed)
	if o.Count() != 40*50*60-2 || f.Missing != 2 || f.NonFinite != 2 || !sameAxes(o.Axes(), x.Axes()) {
		t.Errorf("%d observed, %d missing", o.Count(), f.Missing)
	}
	for e, v := range o.Values() {
		if at := []int{int(o.Indices(0)[e]), int(o.Indices(1)[e]), int(o.Indices(2)[e])}; x.At(at...) != v {
			t.Fatalf("entry %d at %v is %v", e, at, v)
		}
	}
	z := open(t, path, Options{Missing: "zero", DType: "float32"}).Tensor.(*tensor.Dense[float32])
	if z.At(3, 4, 5) != 0 || z.At(39, 49, 59) != 0 || z.At(39, 49, 58) != 119998 || !sameAxes(z.Axes(), x.Axes()) {
		t.Error("zero did not replace what it should")
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
	all := tensor.FromSlice([]float64{math.NaN()}, 1)
	if err := Save(path, all); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{Missing: "nan"}); err == nil {
		t.Error("a tensor without a finite value was opened")
	}
}

func TestPositionInFortranOrder(t *testing.T) {
	shape, strides := []int{3, 1, 4, 5}, []int{1, 3, 3, 12}
	for off := range 60 {
		at := position(off, shape, strides)
		if at[0]+3*at[2]+12*at[3] != off || at[1] != 0 {
			t.Fatalf("offset %d is at %v", off, at)
		}
	}
}

func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ content, want string }{
		"empty.npy":  {"", "the file is empty"},
		"hdf5.mat":   {"\x89HDF\r\n\x1a\n\x00\x00", "HDF5"},
		"short.gz":   {"\x1f\x8b\x08\x00\x00", "truncated"},
		"bad.zst":    {"\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "zstd data"},
		"utf16.csv":  {"\xff\xfea\x00,\x00", "UTF-16"},
		"random.bin": {"\x00\x01\x02\x03\xfe\xff\x80\x81", "not recognised"},
		"short.npz":  {"PK\x03\x04\x00\x00", "truncated"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.content), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if _, err := Inspect(path, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Inspect says %v", name, err)
		}
	}
	path := filepath.Join(dir, "none.npy")
	if err := Save(path, tensor.New[float64](3, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("an empty tensor: %v", err)
	}
	if _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), "directory") {
		t.Errorf("a folder: %v", err)
	}
	for _, opt := range []Options{{DType: "int8"}, {Missing: "ignore"}} {
		if _, err := Open(path, opt); err == nil || !strings.Contains(err.Error(), "valid are") {
			t.Errorf("%+v: %v", opt, err)
		}
	}
	if err := Save(filepath.Join(dir, "x.xyz.gz"), counting(2)); err == nil || !strings.Contains(err.Error(), ".npy, .npz") {
		t.Errorf("an unknown extension: %v", err)
	}
}

func TestSeveralArrays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.npz")
	arrays := []NamedArray{{"weights", tensor.FromSlice([]float64{1, 2}, 2)}, {"factor_0", counting(3, 2)}}
	meta := []byte("{\"kind\":\"polyad model\",\"method\":\"cp\"}\n")
	if err := SaveArrays(path, arrays, meta); err != nil {
		t.Fatal(err)
	}
	_, err := Open(path, Options{})
	if err == nil || !strings.Contains(err.Error(), "saved cp model") || !strings.Contains(err.Error(), "weights (2 float64), factor_0 (3×2 float64)") {
		t.Errorf("no name given: %v", err)
	}
	f := open(t, path, Options{Name: "factor_0"})
	if f.Name != "factor_0" || !slices.Equal(f.Tensor.Shape(), []int{3, 2}) {
		t.Errorf("name %q, shape %v", f.Name, f.Tensor.Shape())
	}
	got, m, err := LoadArrays(path)
	if err != nil || len(got) != 2 || got[1].Name != "factor_0" || string(m)+"\n" != string(meta) {
		t.Errorf("%v, %s, %v", got, m, err)
	}
	got[1].Array.(*tensor.Dense[float64]).Set(7, 0, 0) // memory of its own
	if SaveArrays(path, arrays, []byte("{")) == nil || SaveArrays(filepath.Join(t.TempDir(), "m.npy"), arrays, nil) == nil {
		t.Error("bad metadata or a bad name was accepted")
	}
}

func FuzzOpen(f *testing.F) {
	dir := f.TempDir()
	x := counting(2, 2, 3)
	for ext := range formatsUnderTest {
		for _, comp := range []string{"", ".gz", ".zst"} {
			path := filepath.Join(dir, "x"+ext+comp)
			if err := Save(path, x); err != nil {
				f.Fatal(err)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		Inspect(path, Options{})
		g, err := Open(path, Options{Missing: "nan"})
		if err != nil {
			return
		}
		defer g.Close()
		if n := g.Tensor.Norm(); n != n {
			t.Fatal("the norm is NaN")
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.npy")
	x := tensor.New[float64](200, 250, 250)
	if err := Save(path, x); err != nil {
		b.Fatal(err)
	}
	b.Run("format=npy/cells=12500000", func(b *testing.B) {
		b.SetBytes(int64(8 * x.Len()))
		for b.Loop() {
			f, err := Open(path, Options{})
			if err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
	})
	b.Run("format=npy/inspect=true", func(b *testing.B) {
		for b.Loop() {
			if _, err := Inspect(path, Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestDecompressionIsLimited(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npy.zst")
	if err := Save(path, tensor.New[float64](100, 1000)); err != nil {
		t.Fatal(err)
	}
	for limit, ok := range map[int]bool{800_129: true, 800_128: false, 1000: false} {
		src, err := openSource(path)
		if err != nil {
			t.Fatal(err)
		}
		src.limit = limit
		data, err := src.bytes()
		if (err == nil) != ok || ok && len(data) != 800_128 || err != nil && !strings.Contains(err.Error(), "decompress it on the disk") {
			t.Errorf("limit %d: %d bytes, %v", limit, len(data), err)
		}
		src.close()
	}
}
