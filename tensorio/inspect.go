package tensorio

import (
	"errors"
	"fmt"
	"io"

	"github.com/polyad/polyad/tensor"
)

// Header says what is in a file.
type Header struct {
	Format      string  `json:"format"`
	Compression string  `json:"compression,omitempty"`
	Bytes       int64   `json:"bytes"` // on the disk
	Arrays      []Array `json:"arrays"`
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
}

// Inspect describes the arrays of a file. Formats that have a header are not
// read beyond it, so the time does not depend on the size; tables and .tns
// files are read as Open would.
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
	if err := h.fill(src, opt); err != nil {
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
		h.Arrays, err = form.list(data, true)
		return err
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
	h.Arrays, err = form.list(data[:n], false)
	return err
}

// describe is a tensor that was read.
func (f *File) describe() Array {
	x := f.Tensor
	a := Array{Name: f.Name, Shape: x.Shape(), DType: f.DType, Axes: x.Axes(), Observed: -1}
	if o, ok := x.(*tensor.Observed); ok {
		a.Observed = o.Count()
	}
	return a
}
