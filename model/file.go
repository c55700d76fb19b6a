package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// Kind and Version mark the metadata of a model file.
const (
	Kind    = "polyad model"
	Version = 1
)

// Meta is the metadata of a model file.
type Meta struct {
	Kind    string        `json:"kind"`
	Version int           `json:"version"`
	Method  string        `json:"method"`
	Shape   []int         `json:"shape"`
	Axes    []tensor.Axis `json:"axes"`
	Result  fit.Result    `json:"result"` // without the timings: the same run gives the same bytes
}

// ErrNotModel says that a file is no model.
var ErrNotModel = errors.New("not a model")

// Save writes a model and how it was made to an .npz file, and what more is
// known of it, as arrays with names that the model's own do not have. The same
// model gives the same bytes.
func Save(path string, m Model, r fit.Result, more ...tensorio.NamedArray) error {
	if !strings.HasSuffix(path, ".npz") {
		return fmt.Errorf("model %s: a model is saved as .npz; give the file that ending", path)
	}
	r.Phases = nil
	meta, err := json.Marshal(Meta{
		Kind: Kind, Version: Version, Method: Method(m),
		Shape: m.Shape(), Axes: m.Axes(), Result: r,
	})
	if err != nil {
		return fmt.Errorf("model %s: %w", path, err)
	}
	return tensorio.SaveArrays(path, append(arrays(m), more...), meta)
}

func arrays(m Model) []tensorio.NamedArray {
	var out []tensorio.NamedArray
	add := func(name string, data []float64, shape ...int) {
		out = append(out, tensorio.NamedArray{Name: name, Array: tensor.FromSlice(data, shape...)})
	}
	factors := func(list []*tensor.Matrix[float64]) {
		for n, f := range list {
			f = f.Clone()
			add(fmt.Sprintf("factor_%d", n), f.Data, f.Rows, f.Cols)
		}
	}
	switch m := m.(type) {
	case *cp.Tensor:
		add("weights", slices.Clone(m.Weights), len(m.Weights))
		factors(m.Factors)
	case *tucker.Tensor:
		add("core", m.Core.Data(), m.Core.Shape()...)
		factors(m.Factors)
	case *tt.Tensor:
		for k, g := range m.Cores {
			add(fmt.Sprintf("core_%d", k), g.Data(), g.Shape()...)
		}
	}
	return out
}

// Load reads a model file. A file that is no model gives an error that wraps
// [ErrNotModel].
func Load(path string) (Model, *Meta, error) {
	list, text, err := tensorio.LoadArrays(path)
	if err != nil {
		return nil, nil, err
	}
	var meta Meta
	if err := json.Unmarshal(text, &meta); err != nil || meta.Kind != Kind {
		return nil, nil, fmt.Errorf("%s: %w: the metadata of `polyad decompose -o` are missing", path, ErrNotModel)
	}
	if meta.Version != Version {
		return nil, nil, fmt.Errorf("%s: model version %d, this program reads version %d", path, meta.Version, Version)
	}
	m, err := build(meta, list)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, &meta, nil
}

func build(meta Meta, list []tensorio.NamedArray) (Model, error) {
	if len(meta.Shape) == 0 || len(meta.Axes) != len(meta.Shape) {
		return nil, fmt.Errorf("the metadata name %d axes for %d modes", len(meta.Axes), len(meta.Shape))
	}
	if err := tensor.CheckAxes(meta.Axes, meta.Shape); err != nil {
		return nil, err
	}
	get := func(name string, order int) (*tensor.Dense[float64], error) {
		for _, a := range list {
			if a.Name != name {
				continue
			}
			d, ok := a.Array.(*tensor.Dense[float64])
			if !ok {
				return nil, fmt.Errorf("array %s: float64 is expected", name)
			}
			if d.Order() != order {
				return nil, fmt.Errorf("array %s has %d modes, %d are expected", name, d.Order(), order)
			}
			return d, nil
		}
		return nil, fmt.Errorf("array %s is missing", name)
	}
	factors := func(ranks []int) ([]*tensor.Matrix[float64], error) {
		var out []*tensor.Matrix[float64]
		for n, size := range meta.Shape {
			name := fmt.Sprintf("factor_%d", n)
			d, err := get(name, 2)
			if err != nil {
				return nil, err
			}
			if s := d.Shape(); s[0] != size || s[1] != ranks[n] {
				return nil, fmt.Errorf("array %s is %d×%d, %d×%d is expected", name, s[0], s[1], size, ranks[n])
			}
			out = append(out, tensor.MatrixOf(d.Shape()[0], d.Shape()[1], d.Data()))
		}
		return out, nil
	}
	switch meta.Method {
	case "cp":
		w, err := get("weights", 1)
		if err != nil {
			return nil, err
		}
		ranks := slices.Repeat([]int{w.Len()}, len(meta.Shape))
		f, err := factors(ranks)
		if err != nil {
			return nil, err
		}
		return &cp.Tensor{Weights: w.Data(), Factors: f, Modes: meta.Axes}, nil
	case "tucker":
		core, err := get("core", len(meta.Shape))
		if err != nil {
			return nil, err
		}
		f, err := factors(core.Shape())
		if err != nil {
			return nil, err
		}
		return &tucker.Tensor{Core: core.Contiguous(), Factors: f, Modes: meta.Axes}, nil
	case "tt":
		t := &tt.Tensor{Modes: meta.Axes}
		left := 1
		for k, size := range meta.Shape {
			name := fmt.Sprintf("core_%d", k)
			g, err := get(name, 3)
			if err != nil {
				return nil, err
			}
			if s := g.Shape(); s[0] != left || s[1] != size || k == len(meta.Shape)-1 && s[2] != 1 {
				return nil, fmt.Errorf("array %s is %v, which does not fit its neighbours", name, s)
			}
			left = g.Shape()[2]
			t.Cores = append(t.Cores, g.Contiguous())
		}
		return t, nil
	}
	return nil, fmt.Errorf("method %q: cp, tucker or tt is expected", meta.Method)
}
