package npy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/scalar"
)

// Array is a .npy file in memory, parsed and checked.
type Array struct {
	Header
	Trailing int    // bytes after the elements, which NumPy ignores too
	body     []byte // the elements as they lie in the file
}

// Parse reads the header of the file that data holds and checks that the
// elements are there.
func Parse(data []byte) (*Array, error) {
	h, err := ReadHeader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	have := len(data) - h.Offset
	if err := h.Fits(int64(have)); err != nil {
		return nil, err
	}
	return &Array{Header: *h, Trailing: have - h.Bytes, body: data[h.Offset : h.Offset+h.Bytes]}, nil
}

// Fits reports elements that are not there: have is the number of bytes
// after the header.
func (h *Header) Fits(have int64) error {
	if have < int64(h.Bytes) {
		return fmt.Errorf("the header announces %s elements of %s, %d bytes, but only %d follow: it is truncated or its header is wrong",
			scalar.Shape(h.Shape), h.DType, h.Bytes, have)
	}
	return nil
}

// strides are in elements, for the order of the file.
func (h *Header) strides() []int {
	if !h.Fortran {
		return tensor.CStrides(h.Shape)
	}
	st := make([]int, len(h.Shape))
	step := 1
	for n, s := range h.Shape {
		st[n] = step
		step *= s
	}
	return st
}

// Tensor is the array as a tensor. dtype is "float32", "float64", or "" to
// keep float32, float64 and complex numbers, widen float16 to float32 and
// turn integers and booleans into float64. Elements that need no conversion
// are shared with the file's memory, an array in Fortran order is a strided
// view. rounded counts the integers that do not fit the element type.
func (a *Array) Tensor(dtype string) (x tensor.Tensor, rounded int, err error) {
	if !a.Numeric() {
		return nil, 0, fmt.Errorf("the array holds text (%s), not numbers", a.DType)
	}
	x, st, err := scalar.Tensor(a.body, a.typ, a.Shape, a.strides(), dtype)
	return x, st.Rounded, err
}

// Text is the string in an array of one string, or of bytes (uint8).
func (a *Array) Text() (string, error) {
	n := 1
	for _, s := range a.Shape {
		n *= s
	}
	switch {
	case a.text == 'U' && n == 1:
		var b []byte
		for c := a.body; len(c) >= 4; c = c[4:] {
			u := uint32(c[0]) | uint32(c[1])<<8 | uint32(c[2])<<16 | uint32(c[3])<<24
			if a.swap {
				u = uint32(c[3]) | uint32(c[2])<<8 | uint32(c[1])<<16 | uint32(c[0])<<24
			}
			if u > utf8.MaxRune || !utf8.ValidRune(rune(u)) {
				return "", fmt.Errorf("the string holds %#x, which is no character", u)
			}
			b = utf8.AppendRune(b, rune(u))
		}
		return string(bytes.TrimRight(b, "\x00")), nil
	case a.text == 'S' && n == 1:
		return string(bytes.TrimRight(a.body, "\x00")), nil
	case a.typ == scalar.Type{Kind: scalar.Uint, Size: 1}:
		return string(a.body), nil
	}
	return "", fmt.Errorf("one string is needed, this is %s elements of %s", scalar.Shape(a.Shape), a.DType)
}

// Int32s are the elements of an array of integers in C order, each checked
// to lie in the range of int32; they are shared with the file's memory if
// they are stored so.
func (a *Array) Int32s() ([]int32, error) {
	if a.typ.Kind != scalar.Int && a.typ.Kind != scalar.Uint {
		return nil, fmt.Errorf("integers are needed, this is an array of %s", a.DType)
	}
	if a.Fortran && len(a.Shape) > 1 {
		return nil, errors.New("indices in Fortran order are not read; save them with numpy.ascontiguousarray")
	}
	if a.typ == (scalar.Type{Kind: scalar.Int, Size: 4}) {
		if s, ok := scalar.View[int32](a.body); ok && scalar.LittleEndianHost() {
			return s, nil
		}
	}
	f, _, err := scalar.Decode[float64](a.body, a.typ)
	if err != nil {
		return nil, err
	}
	out := make([]int32, len(f))
	for i, v := range f {
		if v < math.MinInt32 || v > math.MaxInt32 {
			return nil, fmt.Errorf("index %.0f at position %d is beyond 32 bits", v, i)
		}
		out[i] = int32(v)
	}
	return out, nil
}

// Read is the tensor in the .npy file that data holds; see [Array.Tensor].
func Read(data []byte) (tensor.Tensor, error) {
	a, err := Parse(data)
	if err != nil {
		return nil, err
	}
	x, _, err := a.Tensor("")
	return x, err
}

// Write writes a dense tensor as version 1.0, in C order, little-endian, byte
// for byte as NumPy would. The format has no room for axes.
func Write(w io.Writer, x tensor.Tensor) error {
	h, err := header(x)
	if err != nil {
		return err
	}
	if _, err := w.Write(h); err != nil {
		return err
	}
	return scalar.Write(w, x)
}

// header is the beginning of the .npy file of a dense tensor.
func header(x tensor.Tensor) ([]byte, error) {
	t, ok := scalar.Of(x)
	if !ok {
		return nil, fmt.Errorf("npy: a dense tensor is needed, this is a %T", x)
	}
	letter := 'f'
	if t.Kind == scalar.Complex {
		letter = 'c'
	}
	return dict(fmt.Sprintf("<%c%d", letter, t.Size), x.Shape()), nil
}
