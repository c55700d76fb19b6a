package model_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

func data(t testing.TB) *tensor.Dense[float64] {
	x := tensor.New[float64](4, 3, 5)
	for i := range x.Data() {
		x.Data()[i] = math.Sin(float64(i*i)) + 2
	}
	err := x.SetAxes(
		tensor.Axis{Name: "city", Labels: []string{"Oslo", "Łódź", "東京", "São Paulo"}},
		tensor.Axis{Name: "month", Labels: []string{"Jan", "Feb", "Mar"}, Ordinal: true},
		tensor.Axis{Name: "wavelength", Coords: []float64{400, 450.5, 500, 550, 1e-3}, Unit: "nm"},
	)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// models are one of each format.
func models(t testing.TB) map[string]struct {
	m model.Model
	r fit.Result
} {
	ctx, x := context.Background(), data(t)
	out := map[string]struct {
		m model.Model
		r fit.Result
	}{}
	add := func(m model.Model, r fit.Result, err error) {
		if err != nil {
			t.Fatal(err)
		}
		out[model.Method(m)] = struct {
			m model.Model
			r fit.Result
		}{m, r}
	}
	c, r, err := cp.ALS(ctx, x, cp.Options{Rank: 2})
	add(c, r, err)
	k, r, err := tucker.STHOSVD(ctx, x, tucker.Options{Ranks: []int{2, 3, 2}})
	add(k, r, err)
	g, r, err := tt.SVD(ctx, x, tt.Options{Ranks: []int{2, 3}})
	add(g, r, err)
	return out
}

func TestSaveAndLoad(t *testing.T) {
	for method, v := range models(t) {
		path := filepath.Join(t.TempDir(), "m.npz")
		if err := model.Save(path, v.m, v.r); err != nil {
			t.Fatal(err)
		}
		back, meta, err := model.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if meta.Method != method || model.Method(back) != method || !slices.Equal(model.Ranks(back), model.Ranks(v.m)) {
			t.Errorf("%s came back as %s with ranks %v", method, meta.Method, model.Ranks(back))
		}
		if meta.Result.RelativeError != v.r.RelativeError || meta.Result.Phases != nil {
			t.Errorf("%s: the result came back as %+v", method, meta.Result)
		}
		if fmt.Sprint(back.Axes()) != fmt.Sprint(v.m.Axes()) || back.Axes()[0].Label(2) != "東京" || !back.Axes()[1].Ordered() {
			t.Errorf("%s: axes came back as %v", method, back.Axes())
		}
		if !slices.Equal(back.Dense().Data(), v.m.Dense().Data()) {
			t.Errorf("%s came back with other numbers", method)
		}
		// The time that it took is no part of the file.
		again := filepath.Join(t.TempDir(), "m.npz")
		v.r.Phases = []fit.Phase{{Name: "sweeps", Seconds: 123}}
		if err := model.Save(again, v.m, v.r); err != nil {
			t.Fatal(err)
		}
		one, err1 := os.ReadFile(path)
		two, err2 := os.ReadFile(again)
		if err1 != nil || err2 != nil || !slices.Equal(one, two) {
			t.Errorf("%s: the same model gave other bytes (%v, %v)", method, err1, err2)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := model.Save(filepath.Join(dir, "m.npy"), models(t)["cp"].m, fit.Result{}); err == nil {
		t.Error("a model was saved as .npy")
	}
	plain := filepath.Join(dir, "plain.npz")
	if err := tensorio.Save(plain, data(t)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := model.Load(plain); !errors.Is(err, model.ErrNotModel) {
		t.Errorf("a tensor that is no model: %v", err)
	}
	vec := func(n int) *tensor.Dense[float64] { return tensor.New[float64](n) }
	mat := func(n, m int) *tensor.Dense[float64] { return tensor.New[float64](n, m) }
	head := `{"kind": "polyad model", "version": 1, "shape": [4, 3], "axes": [{}, {}], `
	for name, c := range map[string]struct {
		meta   string
		arrays []tensorio.NamedArray
		want   string
	}{
		"version":        {`{"kind": "polyad model", "version": 2}`, nil, "version 2"},
		"method":         {head + `"method": "svd"}`, nil, "cp, tucker or tt"},
		"no weights":     {head + `"method": "cp"}`, nil, "weights is missing"},
		"no factor":      {head + `"method": "cp"}`, []tensorio.NamedArray{{Name: "weights", Array: vec(2)}}, "factor_0 is missing"},
		"wrong factor":   {head + `"method": "cp"}`, []tensorio.NamedArray{{Name: "weights", Array: vec(2)}, {Name: "factor_0", Array: mat(4, 3)}}, "4×2 is expected"},
		"wrong order":    {head + `"method": "tucker"}`, []tensorio.NamedArray{{Name: "core", Array: vec(2)}}, "2 are expected"},
		"wrong core":     {head + `"method": "tt"}`, []tensorio.NamedArray{{Name: "core_0", Array: tensor.New[float64](2, 4, 2)}}, "does not fit"},
		"axes and shape": {`{"kind": "polyad model", "version": 1, "shape": [4, 3], "axes": [{}], "method": "cp"}`, nil, "1 axes for 2 modes"},
		"labels":         {`{"kind": "polyad model", "version": 1, "shape": [4], "axes": [{"labels": ["a"]}], "method": "cp"}`, nil, "1 labels for 4"},
	} {
		path := filepath.Join(dir, "bad.npz")
		arrays := c.arrays
		if arrays == nil {
			arrays = []tensorio.NamedArray{{Name: "other", Array: vec(1)}}
		}
		if err := tensorio.SaveArrays(path, arrays, []byte(c.meta)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := model.Load(path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %q expected", name, err, c.want)
		}
	}
}

func ExampleSave() {
	x := tensor.FromSlice([]float64{2, 4, 6, 3, 6, 9}, 2, 3)
	m, result, err := cp.ALS(context.Background(), x, cp.Options{Rank: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "m.npz")
	if err := model.Save(path, m, result); err != nil {
		fmt.Println(err)
		return
	}
	back, meta, err := model.Load(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s, ranks %v, entry (1, 2) is %.4f\n", meta.Method, model.Ranks(back), back.At(1, 2))
	// Output: cp, ranks [1], entry (1, 2) is 9.0000
}
