package tensorio

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/polyad/polyad/tensor"
)

// Header says what is in a file.
type Header struct {
	Format      string  `json:"format"`
	Compression string  `json:"compression,omitempty"`
	Bytes       int64   `json:"bytes"`  // on the disk
	Arrays      []Array `json:"arrays"` // of a table, its columns
	// Notes are sentences about what the reader found, for formats that had
	// to be read.
	Notes []string `json:"notes,omitempty"`
}

// Array describes one array of a file.
type Array struct {
	Name  string        `json:"name,omitempty"`
	Shape []int         `json:"shape"`
	DType string        `json:"dtype"`           // in the file, such as "int16"
	Order string        `json:"order,omitempty"` // "C" (last index fastest) or "F"
	Axes  []tensor.Axis `json:"axes,omitempty"`
	// Observed is the number of cells that are known, -1 if that takes a
	// pass over the data.
	Observed int `json:"observed"`
	// NonZeros is the number of entries of a sparse tensor.
	NonZeros int `json:"non_zeros,omitempty"`
}

// Inspect describes the arrays of a file, or the columns of a table. Formats
// that have a header are not read beyond it, so the time does not depend on
// the size; .tns files are read as Open would. If opt names an array, only
// that is described.
func Inspect(path string, opt Options) (*Header, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	src, err := openSource(path)
	if err != nil {
		return nil, err
	}
	defer src.close()
	h := &Header{Compression: src.compression, Bytes: int64(len(src.raw))}
	err = h.fill(src, opt)
	if err == nil {
		err = h.keep(opt.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return h, nil
}

// prefix is how much of a compressed file is enough for most headers.
const prefix = 1 << 21

func (h *Header) fill(src *source, opt Options) error {
	if src.compression != "" {
		err := h.fillPrefix(src, opt)
		if !errors.Is(err, errMore) {
			return err
		}
	}
	data, err := src.bytes()
	if err != nil {
		return err
	}
	form, err := detect(data, opt)
	if err != nil {
		return err
	}
	h.Format = form.name
	if form.list != nil {
		return form.list(h, data, true)
	}
	f := &File{src: src}
	if err := form.read(f, data, opt); err != nil {
		return err
	}
	h.Notes = f.Notes
	h.Arrays = []Array{f.describe()}
	return nil
}

// fillPrefix tries the beginning of a compressed file.
func (h *Header) fillPrefix(src *source, opt Options) error {
	r, err := src.stream()
	if err != nil {
		return src.damaged(err)
	}
	defer r.Close()
	data := make([]byte, prefix)
	n, err := io.ReadFull(r, data)
	if err != nil {
		return errMore // short or damaged: reading all of it will tell
	}
	form, err := detect(data[:n], opt)
	if err != nil || form.list == nil {
		return errMore
	}
	h.Format = form.name
	return form.list(h, data[:n], false)
}

// describe is a tensor that was read.
func (f *File) describe() Array {
	x := f.Tensor
	a := Array{Name: f.Name, Shape: x.Shape(), DType: f.DType, Axes: x.Axes(), Observed: -1}
	if o, ok := x.(*tensor.Observed); ok {
		a.Observed = o.Count()
	}
	if s, ok := x.(interface{ Count() int }); ok && a.Observed < 0 {
		a.NonZeros = s.Count()
	}
	return a
}

// keep drops the arrays of other names.
func (h *Header) keep(name string) error {
	if name == "" {
		return nil
	}
	var names []string
	for _, a := range h.Arrays {
		if a.Name == name {
			h.Arrays = []Array{a}
			return nil
		}
		names = append(names, a.Name)
	}
	return fmt.Errorf("no array %q; there are: %s", name, strings.Join(names, ", "))
}
