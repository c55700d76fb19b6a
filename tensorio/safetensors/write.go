package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/scalar"
)

// Named is one array to write.
type Named struct {
	Name  string
	Array tensor.Tensor // dense: float32, float64 or complex64
}

// Write writes dense tensors with the names and labels of their axes, and
// metadata. The elements start at a multiple of 64 bytes; arrays with longer
// elements come first, so that each is aligned. Equal input makes equal
// bytes.
func Write(w io.Writer, arrays []Named, metadata map[string]string) error {
	arrays = slices.Clone(arrays)
	slices.SortStableFunc(arrays, func(a, b Named) int { return word(b.Array) - word(a.Array) })
	head, err := header(arrays, metadata)
	if err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	for _, a := range arrays {
		if err := scalar.Write(w, a.Array); err != nil {
			return err
		}
	}
	return nil
}

// word is the size of an element, 0 of what cannot be written.
func word(x tensor.Tensor) int {
	t, _ := scalar.Of(x)
	return t.Size
}

func header(arrays []Named, metadata map[string]string) ([]byte, error) {
	meta := map[string]string{}
	for k, v := range metadata {
		meta[k] = v
	}
	var list bytes.Buffer
	seen := map[string]bool{"__metadata__": true}
	at := 0
	for _, a := range arrays {
		code := map[int]string{4: "F32", 8: "F64"}[word(a.Array)]
		switch a.Array.(type) {
		case *tensor.Dense[complex64]:
			code = "C64"
		case *tensor.Dense[complex128]:
			return nil, fmt.Errorf("safetensors: array %q is complex128, which the format does not have; convert it, or save it as .npy", a.Name)
		}
		if code == "" {
			return nil, fmt.Errorf("safetensors: array %q: a dense tensor is needed, this is a %T", a.Name, a.Array)
		}
		if seen[a.Name] {
			return nil, fmt.Errorf("safetensors: the name %q is taken", a.Name)
		}
		seen[a.Name] = true
		size, err := scalar.Bytes(a.Array.Shape(), word(a.Array))
		if err != nil {
			return nil, fmt.Errorf("safetensors: array %q: %w", a.Name, err)
		}
		name, err := text(a.Name)
		if err != nil {
			return nil, err
		}
		shape := a.Array.Shape()
		if shape == nil {
			shape = []int{}
		}
		e, err := text(entry{DType: code, Shape: shape, Offsets: []int{at, at + size}})
		if err != nil {
			return nil, err
		}
		at += size
		fmt.Fprintf(&list, ",%s:%s", name, e)
		if named(a.Array.Axes()) {
			axes, err := text(a.Array.Axes())
			if err != nil {
				return nil, fmt.Errorf("safetensors: the axes of array %q cannot be saved: %w", a.Name, err)
			}
			meta["axes."+a.Name] = string(axes)
		}
	}
	var b bytes.Buffer
	b.WriteByte('{')
	rest := list.Bytes()
	if len(meta) > 0 {
		m, err := text(meta) // with sorted keys
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, `"__metadata__":%s`, m)
	} else if len(rest) > 0 {
		rest = rest[1:] // no comma before the first
	}
	b.Write(rest)
	b.WriteByte('}')
	for (8+b.Len())%64 != 0 {
		b.WriteByte(' ')
	}
	if b.Len() > maxHeader {
		return nil, fmt.Errorf("safetensors: a header of %d bytes is more than the %d that the format allows", b.Len(), maxHeader)
	}
	return append(binary.LittleEndian.AppendUint64(nil, uint64(b.Len())), b.Bytes()...), nil
}

// named reports whether there is anything to keep of the axes.
func named(axes []tensor.Axis) bool {
	return slices.ContainsFunc(axes, func(a tensor.Axis) bool {
		return a.Name != "" || a.Unit != "" || len(a.Labels) > 0 || len(a.Coords) > 0
	})
}

// text is compact JSON.
func text(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}
