package psp

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"math"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// Write writes a sparse tensor, or the elements of a real dense one that are
// not zero. An observed tensor is an error: its unlisted cells are unknown,
// those of the file are zero.
func Write(w io.Writer, x tensor.Tensor) error {
	switch x := x.(type) {
	case *sparse.COO[float64]:
		return write(w, x)
	case *sparse.COO[float32]:
		return write(w, x)
	case *tensor.Dense[float64]:
		return writeDense(w, x)
	case *tensor.Dense[float32]:
		return writeDense(w, x)
	case *tensor.Observed:
		return fmt.Errorf("psp: %d cells are known and the others unknown, but those that the file does not list are 0: save as .npz or .tns, or read with --missing zero", x.Count())
	}
	return fmt.Errorf("psp: the format holds real sparse tensors, not %T: save as .npz", x)
}

func writeDense[T tensor.Float](w io.Writer, x *tensor.Dense[T]) error {
	s, err := sparse.FromDense(x)
	if err != nil {
		return err
	}
	return write(w, s)
}

func write[T tensor.Float](w io.Writer, x *sparse.COO[T]) error {
	out, err := NewWriter(w, x.Shape(), x.Axes(), x.Count(), x.Epsilon() > 1e-10)
	if err != nil {
		return err
	}
	for n := range x.Shape() {
		if err := writeList(out, x.Indices(n)); err != nil {
			return err
		}
	}
	if err := writeList(out, x.Values()); err != nil {
		return err
	}
	return out.Close()
}

// writeList hands a list on in pieces.
func writeList[T int32 | float32 | float64](out *Writer, data []T) error {
	const piece = 1 << 14
	var b []byte
	for lo := 0; lo < len(data); lo += piece {
		var err error
		if b, err = binary.Append(b[:0], binary.LittleEndian, data[lo:min(lo+piece, len(data))]); err != nil {
			return err
		}
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// Writer writes a file block by block, for entries that come from elsewhere
// than memory: after NewWriter the caller writes the bytes of the indices of
// each mode and of the values, one list after the other, and closes it.
type Writer struct {
	w     io.Writer
	l     layout
	axes  []byte
	block int    // that is being written
	at    uint64 // bytes of the file so far
}

// NewWriter writes the header of a file of count entries, with values of
// float32 if single is set, else of float64.
func NewWriter(w io.Writer, shape []int, axes []tensor.Axis, count int, single bool) (*Writer, error) {
	if err := tensor.CheckAxes(axes, shape); err != nil {
		return nil, err
	}
	out := &Writer{w: w, l: layout{shape: shape, valueSize: 8, count: uint64(count)}}
	if single {
		out.l.valueSize = 4
	}
	for _, a := range axes {
		if a.Name != "" || a.Labels != nil || a.Coords != nil {
			var b bytes.Buffer
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(axes); err != nil {
				return nil, fmt.Errorf("psp: the axes cannot be saved: %w", err)
			}
			out.axes = bytes.TrimSpace(b.Bytes())
			break
		}
	}
	out.l.axes = uint64(len(out.axes))
	if size, ok := out.l.size(); !ok || size > math.MaxInt64 || len(shape) < 1 || len(shape) > maxOrder {
		return nil, fmt.Errorf("psp: %d entries in %d modes are more than a file can hold", count, len(shape))
	}
	head := out.l.header(crc32.Checksum(out.axes, castagnoli))
	n, err := w.Write(head)
	out.at = uint64(n)
	return out, err
}

// Write appends to the list that is being written, and goes on to the next
// when it is complete.
func (out *Writer) Write(p []byte) (int, error) {
	n, err := out.w.Write(p)
	out.at += uint64(n)
	if err == nil && out.block <= len(out.l.shape) && out.at == out.listEnd() {
		err = out.end()
	}
	return n, err
}

// listEnd is the end of the list of the present block.
func (out *Writer) listEnd() uint64 {
	size := uint64(4)
	if out.block == len(out.l.shape) {
		size = uint64(out.l.valueSize)
	}
	return out.l.block(out.block) + size*out.l.count
}

// end fills up to the next block.
func (out *Writer) end() error {
	out.block++
	n, err := out.w.Write(make([]byte, out.l.block(out.block)-out.at))
	out.at += uint64(n)
	return err
}

// Close writes the axes. The lists must be complete.
func (out *Writer) Close() error {
	for out.l.count == 0 && out.block <= len(out.l.shape) {
		out.block++
	}
	if out.block != len(out.l.shape)+1 {
		return fmt.Errorf("psp: the lists end after %d of %d blocks", out.block, len(out.l.shape)+1)
	}
	_, err := out.w.Write(out.axes)
	return err
}
