package tensorio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/scalar"
	"github.com/polyad/polyad/tensorio/npy"
)

// Names of the members of an .npz file that Save writes.
const (
	memberMeta   = "metadata"
	memberTensor = "tensor"
	memberIndex  = "index"
	memberValues = "values"
)

// npzKind marks the metadata of a tensor.
const npzKind = "polyad tensor"

// npzMeta is the metadata of a tensor. Those of a model have a method and no
// format.
type npzMeta struct {
	Kind   string        `json:"kind"`
	Method string        `json:"method,omitempty"`
	Format string        `json:"format,omitempty"` // "dense" or "observed"
	Shape  []int         `json:"shape"`
	Axes   []tensor.Axis `json:"axes"`
}

// readMeta is the metadata that Save wrote, or nothing for other files.
func readMeta(a *npy.Archive) (m npzMeta) {
	if !a.Has(memberMeta) {
		return m
	}
	if arr, err := a.Array(memberMeta); err == nil {
		if text, err := arr.Text(); err == nil && json.Unmarshal([]byte(text), &m) == nil {
			return m
		}
	}
	return npzMeta{}
}

// axes are those of the array of the name, if they fit it.
func (m npzMeta) axes(name string, shape []int) []tensor.Axis {
	if m.Kind == npzKind && m.Format == "dense" && name == memberTensor && tensor.CheckAxes(m.Axes, shape) == nil {
		return m.Axes
	}
	return nil
}

func (m npzMeta) observed(a *npy.Archive) bool {
	return m.Kind == npzKind && m.Format == "observed" && a.Has(memberIndex) && a.Has(memberValues)
}

func readNpz(f *File, data []byte, opt Options) error {
	a, err := npy.OpenArchive(data)
	if err != nil {
		return err
	}
	meta := readMeta(a)
	name := opt.Name
	if name == "" {
		if meta.observed(a) {
			return f.takeObserved(a, meta)
		}
		if name, err = onlyArray(a, meta); err != nil {
			return err
		}
	}
	arr, err := a.Array(name)
	if err != nil {
		return err
	}
	f.Name = name
	if err := f.take(arr, opt); err != nil {
		return fmt.Errorf("array %q: %w", name, err)
	}
	if axes := meta.axes(name, arr.Shape); axes != nil {
		return setAxes(f.Tensor, axes)
	}
	return nil
}

// onlyArray is the name of the one array of numbers.
func onlyArray(a *npy.Archive, meta npzMeta) (string, error) {
	var names, list []string
	var fault error
	for _, name := range a.Names() {
		h, err := a.Header(name)
		if err != nil {
			fault = err
		} else if h.Numeric() {
			names = append(names, name)
			list = append(list, fmt.Sprintf("%s (%s %s)", name, scalar.Shape(h.Shape), h.DType))
		}
	}
	switch {
	case len(names) == 1:
		return names[0], nil
	case len(names) == 0 && fault != nil:
		return "", fault
	case len(names) == 0:
		return "", fmt.Errorf("no array of numbers in the file; it holds: %s", strings.Join(a.Names(), ", "))
	}
	err := choose(len(list), func(i int) string { return list[i] })
	if meta.Method != "" {
		err = fmt.Errorf("this is a saved %s model, from which reconstruct makes a tensor; %w", meta.Method, err)
	}
	return "", err
}

// takeObserved puts an observed tensor together.
func (f *File) takeObserved(a *npy.Archive, meta npzMeta) error {
	index, err := a.Array(memberIndex)
	if err != nil {
		return err
	}
	values, err := a.Array(memberValues)
	if err != nil {
		return err
	}
	if len(values.Shape) != 1 || len(index.Shape) != 2 || index.Shape[0] != len(meta.Shape) || index.Shape[1] != values.Shape[0] {
		return fmt.Errorf("the arrays index (%s) and values (%s) do not make a tensor of %d modes",
			scalar.Shape(index.Shape), scalar.Shape(values.Shape), len(meta.Shape))
	}
	flat, err := index.Int32s()
	if err != nil {
		return fmt.Errorf("array %q: %w", memberIndex, err)
	}
	v, _, err := values.Tensor("float64")
	if err != nil {
		return fmt.Errorf("array %q: %w", memberValues, err)
	}
	count := values.Shape[0]
	rows := make([][]int32, len(meta.Shape))
	for n := range rows {
		rows[n] = flat[n*count : (n+1)*count : (n+1)*count]
	}
	x, err := tensor.NewObserved(meta.Shape, rows, v.(*tensor.Dense[float64]).Data())
	if err != nil {
		return err
	}
	f.Tensor, f.DType = x, values.DType
	if meta.Axes == nil {
		return nil
	}
	return x.SetAxes(meta.Axes...)
}

func listNpz(h *Header, data []byte, whole bool) error {
	if !whole {
		return errMore
	}
	a, err := npy.OpenArchive(data)
	if err != nil {
		return err
	}
	meta := readMeta(a)
	if meta.observed(a) {
		values, err := a.Header(memberValues)
		if err != nil {
			return err
		}
		h.Arrays = []Array{{Shape: meta.Shape, DType: values.DType, Order: "C", Axes: meta.Axes, Observed: values.Bytes / 8}}
		return nil
	}
	for _, name := range a.Names() {
		head, err := a.Header(name)
		if err != nil {
			return err
		}
		arr := describe(name, head)
		arr.Axes = meta.axes(name, head.Shape)
		h.Arrays = append(h.Arrays, arr)
	}
	return nil
}

// writeNpz writes a tensor of any kind with its axes.
func writeNpz(w io.Writer, x tensor.Tensor) error {
	if _, observed := x.(*tensor.Observed); !observed {
		var err error
		if x, err = filled(x); err != nil {
			return err
		}
	}
	a := npy.NewArchiveWriter(w)
	meta := npzMeta{Kind: npzKind, Format: "dense", Shape: x.Shape(), Axes: x.Axes()}
	if o, ok := x.(*tensor.Observed); ok {
		meta.Format = "observed"
		rows := make([][]int32, len(o.Shape()))
		for n := range rows {
			rows[n] = o.Indices(n)
		}
		if err := a.AddInt32(memberIndex, rows...); err != nil {
			return err
		}
		if err := a.Add(memberValues, tensor.FromSlice(o.Values(), o.Count())); err != nil {
			return err
		}
	} else if err := a.Add(memberTensor, x); err != nil {
		return err
	}
	text, err := jsonText(meta)
	if err != nil {
		return err
	}
	if err := a.AddText(memberMeta, text); err != nil {
		return err
	}
	return a.Close()
}

// jsonText is compact JSON with the characters of labels as they are.
func jsonText(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", fmt.Errorf("the axes cannot be saved: %w", err)
	}
	return strings.TrimSpace(b.String()), nil
}
