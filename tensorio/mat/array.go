package mat

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/cells"
)

// Classes of arrays.
const (
	mxSparse = 5
	mxDouble = 6
	mxSingle = 7
	mxUint64 = 15
)

var classNames = [...]string{"", "cell", "struct", "object", "char", "sparse", "double", "single", "int8", "uint8",
	"int16", "uint16", "int32", "uint32", "int64", "uint64", "function", "opaque", "object"}

// Bits of the flags of an array.
const (
	flagLogical = 1 << 9
	flagComplex = 1 << 11
)

// variable is an array of a file and where its bytes are.
type variable struct {
	Array
	class      byte
	data       []byte // of the element
	compressed bool
	order      binary.ByteOrder
}

// scan finds the variables of a file and reads their heads.
func scan(data []byte) ([]*variable, error) {
	if err := check(data); err != nil {
		return nil, err
	}
	order := byteOrder(data)
	var vars []*variable
	for pos := headerSize; pos < len(data); {
		rest := data[pos:]
		if len(rest) < 8 {
			if len(bytes.Trim(rest, "\x00")) == 0 {
				break // padding
			}
			return nil, fmt.Errorf("mat: byte %d: %w", pos, errShort)
		}
		s := plain(rest, order)
		t, err := s.tag()
		if err != nil {
			return nil, fmt.Errorf("mat: byte %d: %w", pos, err)
		}
		if t.small != nil {
			pos += 8
			continue // nothing of 4 bytes is an array
		}
		body := rest[8 : 8+t.size]
		pos += 8 + int(t.size)
		switch t.kind {
		case miCompressed: // not padded
		case miMatrix:
			pos += int(-t.size & 7)
		default:
			pos += int(-t.size & 7)
			continue
		}
		if t.kind == miMatrix && t.size == 0 {
			continue
		}
		v := &variable{data: body, compressed: t.kind == miCompressed, order: order}
		skip, err := v.head()
		if err != nil {
			return nil, fmt.Errorf("mat: array %d (before byte %d): %w", len(vars)+1, pos, err)
		}
		if !skip {
			vars = append(vars, v)
		}
	}
	return vars, nil
}

// open starts to read the array's element; it stands behind the tag.
func (v *variable) open() (*stream, error) {
	if !v.compressed {
		return plain(v.data, v.order), nil
	}
	s, err := inflate(v.data, v.order)
	if err != nil {
		return nil, err
	}
	t, err := s.tag()
	if err != nil {
		return nil, err
	}
	if t.kind != miMatrix {
		return nil, fmt.Errorf("a compressed element holds type %d, expected an array (14)", t.kind)
	}
	s.left = t.size
	return s, nil
}

// head reads flags, sizes and name. skip is set for what MATLAB adds of its
// own (an array without a name holds data of objects).
func (v *variable) head() (skip bool, err error) {
	s, err := v.open()
	if err != nil {
		return false, err
	}
	return v.fields(s)
}

func (v *variable) fields(s *stream) (skip bool, err error) {
	t, err := s.tag()
	if err != nil {
		return false, err
	}
	if t.kind != miUint32 || t.size != 8 {
		return false, fmt.Errorf("the flags are of type %d with %d bytes, expected type 6 with 8", t.kind, t.size)
	}
	b, err := s.body(t, 8)
	if err != nil {
		return false, err
	}
	flags := v.order.Uint32(b)
	v.class = byte(flags)
	v.Complex = flags&flagComplex != 0
	if v.class == 0 || int(v.class) >= len(classNames) {
		return false, fmt.Errorf("class %d is unknown", v.class)
	}
	v.Class = classNames[v.class]
	if v.class == 17 { // no sizes: name, type and content of an object
		v.Skip = "it is an object of MATLAB"
		if t, err = s.tag(); err != nil {
			return false, err
		}
		b, err = s.body(t, 256)
		v.Name = string(b)
		return v.Name == "", err
	}
	if flags&flagLogical != 0 && v.class != mxSparse {
		v.Class = "logical"
	}
	if t, err = s.tag(); err != nil {
		return false, err
	}
	if t.kind != miInt32 || t.size%4 != 0 || t.size < 8 {
		return false, fmt.Errorf("the sizes are of type %d with %d bytes, expected type 5 and two numbers or more", t.kind, t.size)
	}
	if b, err = s.body(t, 4*64); err != nil {
		return false, err
	}
	v.Shape = v.Shape[:0]
	for ; len(b) > 0; b = b[4:] {
		n := int32(v.order.Uint32(b))
		if n < 0 {
			return false, fmt.Errorf("size %d is negative", n)
		}
		v.Shape = append(v.Shape, int(n))
	}
	if t, err = s.tag(); err != nil {
		return false, err
	}
	if t.kind != miInt8 {
		return false, fmt.Errorf("the name is of type %d, expected 1", t.kind)
	}
	b, err = s.body(t, 256)
	v.Name = string(bytes.TrimRight(b, "\x00"))
	n, ok := size(v.Shape)
	switch {
	case v.class < mxSparse || v.class > mxUint64:
		v.Skip = "it is of class " + v.Class + ", not numeric"
	case !ok:
		v.Skip = "its size is more than memory can hold"
	case n == 0:
		v.Skip = "it is empty"
	case v.class == mxSparse && len(v.Shape) != 2:
		return false, fmt.Errorf("%s is sparse with %d modes, expected 2", v.Name, len(v.Shape))
	}
	return v.Name == "", err
}

// read reads the numbers, and the rest of compressed data for its checksum.
func (v *variable) read() (tensor.Tensor, error) {
	s, err := v.open()
	if err != nil {
		return nil, err
	}
	if _, err := v.fields(s); err != nil {
		return nil, err
	}
	x, err := v.numbers(s)
	if err == nil && v.compressed {
		if _, err = io.Copy(io.Discard, io.LimitReader(s.r, chunk)); err != nil {
			return nil, fmt.Errorf("compressed data: %w", err)
		}
	}
	return x, err
}

func (v *variable) numbers(s *stream) (tensor.Tensor, error) {
	if v.class == mxSparse {
		return v.readSparse(s)
	}
	n, _ := size(v.Shape)
	strides := make([]int, len(v.Shape))
	step := 1
	for m, size := range v.Shape {
		strides[m] = step
		step *= size
	}
	single := v.class == mxSingle
	switch {
	case v.Complex && single:
		data, err := complexNumbers[complex64](s, n)
		return dense(data, v.Shape, strides, err)
	case v.Complex:
		data, err := complexNumbers[complex128](s, n)
		return dense(data, v.Shape, strides, err)
	case single:
		data, err := numbers[float32](s, n)
		return dense(data, v.Shape, strides, err)
	}
	data, err := numbers[float64](s, n)
	return dense(data, v.Shape, strides, err)
}

func dense[T tensor.Number](data []T, shape, strides []int, err error) (tensor.Tensor, error) {
	if err != nil {
		return nil, err
	}
	return tensor.Strided(data, shape, strides), nil
}

// numbers reads an element of n numbers.
func numbers[T tensor.Float](s *stream, n int) ([]T, error) {
	t, err := s.numeric(n)
	if err != nil {
		return nil, err
	}
	out := make([]T, n)
	at := 0
	return out, s.each(t, func(b []byte) {
		at += convert(out[at:], b, t.kind, s.order)
	})
}

// numeric reads the tag of n numbers.
func (s *stream) numeric(n int) (tag, error) {
	t, err := s.tag()
	if err != nil {
		return t, err
	}
	w := width(t.kind)
	if w == 0 {
		return t, fmt.Errorf("the numbers are of unknown type %d", t.kind)
	}
	if t.size != int64(n)*int64(w) {
		return t, fmt.Errorf("%d bytes of numbers, expected %d (%d numbers of %d bytes)", t.size, int64(n)*int64(w), n, w)
	}
	return t, nil
}

func complexNumbers[C complex64 | complex128](s *stream, n int) ([]C, error) {
	re, err := numbers[float64](s, n)
	if err != nil {
		return nil, err
	}
	im, err := numbers[float64](s, n)
	if err != nil {
		return nil, fmt.Errorf("imaginary part: %w", err)
	}
	out := make([]C, n)
	for k, v := range re {
		out[k] = C(complex(v, im[k]))
	}
	return out, nil
}

// readSparse reads a matrix in compressed columns: the row of each stored
// number, where the columns start, and the numbers.
func (v *variable) readSparse(s *stream) (tensor.Tensor, error) {
	rows, cols := v.Shape[0], v.Shape[1]
	if rows*cols > cells.MaxDense {
		return nil, fmt.Errorf("%s = %d cells are too many to fill with zeros (the limit is %d): the matrix needs the sparse kind", cells.Text(v.Shape), rows*cols, cells.MaxDense)
	}
	ir, err := s.integers("rows")
	if err != nil {
		return nil, err
	}
	jc, err := s.integers("columns")
	if err != nil {
		return nil, err
	}
	if len(jc) != cols+1 || jc[0] != 0 {
		return nil, fmt.Errorf("%d starts of columns, expected %d and the first to be 0", len(jc), cols+1)
	}
	stored := int(jc[cols])
	for j := range cols {
		if jc[j] > jc[j+1] {
			return nil, fmt.Errorf("column %d starts after it ends", j+1)
		}
	}
	if stored > len(ir) {
		return nil, fmt.Errorf("%d stored numbers, but %d rows", stored, len(ir))
	}
	for k, i := range ir[:stored] {
		if i < 0 || int(i) >= rows {
			return nil, fmt.Errorf("stored number %d is in row %d of %d", k+1, int(i)+1, rows)
		}
	}
	re, err := s.stored(stored)
	if err != nil {
		return nil, err
	}
	if v.Complex {
		im, err := s.stored(stored)
		if err != nil {
			return nil, fmt.Errorf("imaginary part: %w", err)
		}
		x := tensor.New[complex128](rows, cols)
		scatter(x.Raw(), cols, ir, jc, func(k int) complex128 { return complex(re[k], im[k]) })
		return x, nil
	}
	x := tensor.New[float64](rows, cols)
	scatter(x.Raw(), cols, ir, jc, func(k int) float64 { return re[k] })
	return x, nil
}

func scatter[T any](data []T, cols int, ir, jc []int32, value func(k int) T) {
	for j := range cols {
		for k := jc[j]; k < jc[j+1]; k++ {
			data[int(ir[k])*cols+j] = value(int(k))
		}
	}
}

// integers reads an element of int32.
func (s *stream) integers(what string) ([]int32, error) {
	t, err := s.tag()
	if err != nil {
		return nil, err
	}
	if t.kind != miInt32 || t.size%4 != 0 {
		return nil, fmt.Errorf("the %s are of type %d with %d bytes, expected type 5", what, t.kind, t.size)
	}
	var out []int32 // grows with what comes
	return out, s.each(t, func(b []byte) {
		for ; len(b) >= 4; b = b[4:] {
			out = append(out, int32(s.order.Uint32(b)))
		}
	})
}

// stored reads the numbers of a sparse matrix; there may be room for more.
func (s *stream) stored(n int) ([]float64, error) {
	t, err := s.tag()
	if err != nil {
		return nil, err
	}
	w := width(t.kind)
	if w == 0 || t.size%int64(w) != 0 {
		return nil, fmt.Errorf("the stored numbers are of type %d with %d bytes", t.kind, t.size)
	}
	if t.size/int64(w) < int64(n) {
		return nil, fmt.Errorf("%d stored numbers, expected %d", t.size/int64(w), n)
	}
	var out []float64
	err = s.each(t, func(b []byte) {
		at := len(out)
		out = append(out, make([]float64, len(b)/w)...)
		convert(out[at:], b, t.kind, s.order)
	})
	if err == nil && len(out) < n {
		err = errors.New("numbers are missing")
	}
	return out, err
}
