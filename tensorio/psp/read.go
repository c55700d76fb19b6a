package psp

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"
	"unsafe"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// Sniff reports whether a file that starts with head is a .psp file.
func Sniff(head []byte) bool { return bytes.HasPrefix(head, []byte(magic)) }

// Info is what the header of a file says.
type Info struct {
	Shape []int
	Count int    // of the entries
	DType string // "float32" or "float64"
	Axes  []tensor.Axis
}

// Inspect reads the header and the axes.
func Inspect(data []byte) (*Info, error) {
	l, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("psp: %w", err)
	}
	axes, err := l.readAxes(data)
	if err != nil {
		return nil, fmt.Errorf("psp: %w", err)
	}
	return &Info{Shape: l.shape, Count: int(l.count), DType: fmt.Sprintf("float%d", 8*l.valueSize), Axes: axes}, nil
}

// Read makes a tensor of the bytes of a file: a *sparse.COO[float64] or
// *sparse.COO[float32], whose lists are the bytes themselves on a
// little-endian machine.
func Read(data []byte) (tensor.Tensor, error) {
	l, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("psp: %w", err)
	}
	var x tensor.Tensor
	if l.valueSize == 4 {
		x, err = assemble[float32](l, data)
	} else {
		x, err = assemble[float64](l, data)
	}
	if err != nil {
		return nil, fmt.Errorf("psp: the entries are damaged: %w", err)
	}
	return x, nil
}

func assemble[T tensor.Float](l *layout, data []byte) (tensor.Tensor, error) {
	index := make([][]int32, len(l.shape))
	for n := range index {
		index[n] = list[int32](data[l.block(n):], int(l.count))
	}
	values := list[T](data[l.block(len(l.shape)):], int(l.count))
	axes, err := l.readAxes(data)
	if err != nil {
		return nil, err
	}
	x, err := sparse.NewCOO(l.shape, index, values, sparse.Refuse)
	if err != nil {
		return nil, err
	}
	return x, x.SetAxes(axes...)
}

// list is the first n elements of data, in place if that can be.
func list[T int32 | float32 | float64](data []byte, n int) []T {
	if n == 0 {
		return nil
	}
	size := int(unsafe.Sizeof(T(0)))
	first := unsafe.Pointer(&data[0])
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 && uintptr(first)%uintptr(size) == 0 {
		return unsafe.Slice((*T)(first), n)
	}
	out := make([]T, n)
	if _, err := binary.Decode(data[:n*size], binary.LittleEndian, out); err != nil {
		panic("psp: " + err.Error()) // the length is that of the list
	}
	return out
}

// parse checks the header.
func parse(data []byte) (*layout, error) {
	le := binary.LittleEndian
	if len(data) < headBytes {
		return nil, fmt.Errorf("the file has %d bytes, fewer than the %d of a header: it is cut short", len(data), headBytes)
	}
	if v := le.Uint32(data[8:]); v != version {
		return nil, fmt.Errorf("the file has version %d, this program reads version %d: a newer Polyad may read it", v, version)
	}
	order := le.Uint32(data[12:])
	if order < 1 || order > maxOrder || int(order) > (len(data)-headBytes)/8 {
		return nil, fmt.Errorf("the header claims %d modes, the file has %d bytes: it is damaged or cut short", order, len(data))
	}
	if sum := headSum(data, int(order)); sum != le.Uint32(data[52:]) {
		return nil, fmt.Errorf("the checksum of the header is %08x, %08x is expected: the file is damaged", sum, le.Uint32(data[52:]))
	}
	l := &layout{valueSize: int(le.Uint32(data[16:])), count: le.Uint64(data[24:]), axes: le.Uint64(data[32:]), shape: make([]int, order)}
	if w := le.Uint32(data[20:]); w != 4 || l.valueSize != 4 && l.valueSize != 8 {
		return nil, fmt.Errorf("indices of %d bytes and values of %d: 4, and 4 or 8, are expected", w, l.valueSize)
	}
	for n := range l.shape {
		s := le.Uint64(data[headBytes+8*n:])
		if s > sparse.MaxSize {
			return nil, fmt.Errorf("mode %d has %d indices, at most %d are supported", n, s, sparse.MaxSize)
		}
		l.shape[n] = int(s)
	}
	size, ok := l.size()
	if !ok || size > math.MaxInt || size != le.Uint64(data[40:]) {
		return nil, fmt.Errorf("%d entries do not make a file of %d bytes, as the header says: it is damaged", l.count, le.Uint64(data[40:]))
	}
	if uint64(len(data)) != size {
		word := "cut short"
		if uint64(len(data)) > size {
			word = "longer than it should be"
		}
		return nil, fmt.Errorf("the file has %d bytes, its header says %d: it is %s", len(data), size, word)
	}
	return l, nil
}

func (l *layout) readAxes(data []byte) ([]tensor.Axis, error) {
	axes := make([]tensor.Axis, len(l.shape))
	if l.axes == 0 {
		return axes, nil
	}
	text := data[l.block(len(l.shape)+1):][:l.axes]
	if sum, want := crc32.Checksum(text, castagnoli), binary.LittleEndian.Uint32(data[48:]); sum != want {
		return nil, fmt.Errorf("the checksum of the axes is %08x, %08x is expected: the file is damaged", sum, want)
	}
	if err := json.Unmarshal(text, &axes); err != nil {
		return nil, fmt.Errorf("the axes are no JSON: %w", err)
	}
	return axes, tensor.CheckAxes(axes, l.shape)
}
