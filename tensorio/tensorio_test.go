package tensorio

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
				axes[n].Labels = append(axes[n].Labels, strings.Repeat("<ü>", i))
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

func TestSaveAndOpen(t *testing.T) {
	x := counting(3, 4, 5)
	dir := t.TempDir()
	for _, ext := range []string{".npy", ".npz"} {
		for comp, name := range map[string]string{"": "", ".gz": "gzip", ".zst": "zstd"} {
			path := filepath.Join(dir, "x"+ext+comp)
			if err := Save(path, x); err != nil {
				t.Fatal(err)
			}
			f := open(t, path, Options{})
			got := f.Tensor.(*tensor.Dense[float64])
			if !slices.Equal(got.Data(), x.Data()) || !slices.Equal(got.Shape(), x.Shape()) {
				t.Errorf("%s: other elements", path)
			}
			if ext != ".npy" && !sameAxes(got.Axes(), x.Axes()) {
				t.Errorf("%s: other axes %v", path, got.Axes())
			}
			if f.Format != ext[1:] || f.Compression != name || f.DType != "float64" {
				t.Errorf("%s: format %q, compression %q, type %q", path, f.Format, f.Compression, f.DType)
			}
			h, err := Inspect(path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if h.Format != f.Format || h.Compression != name || h.Bytes != f.Bytes || !slices.Equal(h.Arrays[0].Shape, x.Shape()) {
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
	want := "2 values are not finite (1 NaN, 1 infinite), the first at index (a=<ü><ü><ü>, b=1, c=1.25); --missing nan"
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
