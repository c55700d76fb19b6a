package complete

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// memberNames are the arrays of model files, of all formats.
var memberNames = []string{"weights", "core", "factor_0", "factor_1", "factor_2", "core_0", "core_1", "core_2",
	figuresName, rowsName + "0", rowsName + "1", rowsName + "2"}

// absent stands for the order of an array that a file lacks.
const absent = 5

// members are arrays whose orders and sizes bytes say.
func members(sizes []byte) []tensorio.NamedArray {
	next := func() int {
		if len(sizes) == 0 {
			return absent
		}
		b := sizes[0]
		sizes = sizes[1:]
		return int(b)
	}
	var list []tensorio.NamedArray
	for _, name := range memberNames {
		order := next() % (absent + 1)
		if order == absent {
			continue
		}
		shape := make([]int, order)
		for n := range shape {
			shape[n] = next() % 64
		}
		if tensor.Size(shape) > 1<<12 {
			continue
		}
		x := tensor.New[float64](shape...)
		for i := range x.Data() {
			x.Data()[i] = math.Sin(float64(i+1)) + 0.5
		}
		list = append(list, tensorio.NamedArray{Name: name, Array: x})
	}
	return list
}

// Any metadata with any arrays make a model that evaluates and that is saved and
// loaded as it is, or an error that names the file.
func FuzzLoad(f *testing.F) {
	x, _, _ := planted(7, []int{6, 5, 4}, 2, 0.1, 0.7)
	for _, form := range []string{"cp", "tucker", "tt"} {
		r, err := Run(context.Background(), x, Options{Format: form, Ranks: []int{1}, Ridge: 0.1})
		if err != nil {
			f.Fatal(err)
		}
		path := filepath.Join(f.TempDir(), "m.npz")
		if err := r.Save(path); err != nil {
			f.Fatal(err)
		}
		list, meta, err := tensorio.LoadArrays(path)
		if err != nil {
			f.Fatal(err)
		}
		var sizes []byte
		for _, name := range memberNames {
			k := slices.IndexFunc(list, func(a tensorio.NamedArray) bool { return a.Name == name })
			if k < 0 {
				sizes = append(sizes, absent)
				continue
			}
			shape := list[k].Array.Shape()
			sizes = append(sizes, byte(len(shape)))
			for _, s := range shape {
				sizes = append(sizes, byte(s))
			}
		}
		f.Add(meta, sizes)
		f.Add([]byte(strings.Replace(string(meta), `"shape":[6`, `"shape":[1000000000000000000`, 1)), sizes)
		f.Add([]byte(strings.Replace(string(meta), `"shape":[6`, `"shape":[-6`, 1)), sizes)
	}
	f.Fuzz(func(t *testing.T, meta, sizes []byte) {
		if len(meta) > 1<<13 || !json.Valid(meta) {
			return
		}
		path := filepath.Join(t.TempDir(), "m.npz")
		if err := tensorio.SaveArrays(path, members(sizes), meta); err != nil {
			t.Fatal(err)
		}
		st, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		var r *Result
		testkit.Allocates(t, 1<<22+100*int(st.Size()), func() { r, err = Load(path) })
		if err != nil {
			if !strings.HasPrefix(err.Error(), path) {
				t.Errorf("the error %q does not name the file", err)
			}
			return
		}
		shape := r.Model.Shape()
		if tensor.Size(shape) == 0 {
			return
		}
		index := make([][]int32, len(shape))
		for n, s := range shape {
			index[n] = []int32{0, int32(s - 1)}
		}
		values, se := r.Predict(index)
		if len(values) != 2 || len(se) != 2 {
			t.Fatalf("%d values and %d errors of two cells", len(values), len(se))
		}
		for _, s := range se {
			if s < 0 {
				t.Errorf("a standard error of %v", s)
			}
		}
		if err := model.Save(path, r.Model, r.Fit); err != nil {
			t.Fatal(err)
		}
		back, err := Load(path)
		if err != nil {
			t.Fatalf("what was written is not read: %v", err)
		}
		if again, _ := back.Predict(index); !testkit.SameBits(again, values) {
			t.Errorf("%v, and %v after a round trip", values, again)
		}
	})
}
