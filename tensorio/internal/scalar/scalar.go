// Package scalar turns the raw bytes of a file into elements of a tensor: it
// knows the number types that array files hold, their sizes and byte orders.
package scalar

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"strings"
	"unsafe"

	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// Kind is a family of number types.
type Kind uint8

// The families. BFloat is bfloat16, the upper half of a float32.
const (
	Bool Kind = iota
	Int
	Uint
	Float
	BFloat
	Complex
)

// Type is a number type as it lies in a file: the family, the bytes an
// element takes, and the order of those bytes.
type Type struct {
	Kind      Kind
	Size      int
	BigEndian bool
}

// String is the name of the type in NumPy's words, such as "float32".
func (t Type) String() string {
	name := ""
	switch t.Kind {
	case Bool:
		return "bool"
	case Int:
		name = "int"
	case Uint:
		name = "uint"
	case Float:
		name = "float"
	case BFloat:
		name = "bfloat"
	case Complex:
		name = "complex"
	}
	name = fmt.Sprintf("%s%d", name, 8*t.Size)
	if t.BigEndian && t.Size > 1 {
		name += " (big-endian)"
	}
	return name
}

// native reports whether the elements can be used where they lie.
func (t Type) native() bool { return t.Size == 1 || t.BigEndian == hostBigEndian }

var hostBigEndian = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// Bytes is the size of an array of the shape, checked: a negative size or a
// product that overflows is an error. Modes of size zero do not hide an
// overflow of the others.
func Bytes(shape []int, elem int) (int, error) {
	n, empty := uint64(elem), false
	for _, s := range shape {
		if s < 0 {
			return 0, fmt.Errorf("shape %s has a negative size", Shape(shape))
		}
		if s == 0 {
			empty = true
			continue
		}
		hi, lo := bits.Mul64(n, uint64(s))
		if hi != 0 || lo > math.MaxInt {
			return 0, fmt.Errorf("shape %s has more elements than can be addressed", Shape(shape))
		}
		n = lo
	}
	if empty {
		return 0, nil
	}
	return int(n), nil
}

// Shape writes a shape as 3×4×5, shortened when it is absurdly long.
func Shape(shape []int) string {
	if len(shape) == 0 {
		return "()"
	}
	var b strings.Builder
	for i, s := range shape {
		if i == 12 {
			fmt.Fprintf(&b, "×… (%d modes)", len(shape))
			break
		}
		if i > 0 {
			b.WriteString("×")
		}
		fmt.Fprint(&b, s)
	}
	return b.String()
}

// MaxOrder is the greatest number of modes that a file may have (NumPy's
// own limit).
const MaxOrder = 64

// View is the bytes as a slice of T, without a copy. It fails when they are
// not aligned for T.
func View[T any](raw []byte) ([]T, bool) {
	var zero T
	size := int(unsafe.Sizeof(zero))
	if len(raw) < size {
		return nil, len(raw) == 0
	}
	p := unsafe.Pointer(unsafe.SliceData(raw))
	if uintptr(p)%unsafe.Alignof(zero) != 0 {
		return nil, false
	}
	return unsafe.Slice((*T)(p), len(raw)/size), true
}

// Raw is the memory of a slice as bytes, in the host's order.
func Raw[T any](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(s[0])))
}

// Stats says what a conversion lost.
type Stats struct {
	Rounded int // integers that the element type cannot hold exactly
}

// Check reports an unknown element type wish; the empty one keeps the type.
func Check(want string) error {
	switch want {
	case "", "float32", "float64":
		return nil
	}
	return fmt.Errorf("unknown element type %q: valid are float32 and float64", want)
}

// Tensor makes a tensor of the elements in raw, with the given strides (in
// elements). want is "", "float32" or "float64"; "" keeps float32, float64
// and complex numbers, widens float16 and bfloat16 to float32, and turns
// integers and booleans into float64. Elements are used where they lie if
// they need no conversion and are aligned, and copied otherwise.
func Tensor(raw []byte, t Type, shape, strides []int, want string) (tensor.Tensor, Stats, error) {
	if err := Check(want); err != nil {
		return nil, Stats{}, err
	}
	if t.Kind == Complex {
		if want != "" {
			return nil, Stats{}, fmt.Errorf("%s numbers cannot become %s; leave the element type as it is, or save the real part", t, want)
		}
		if t.Size == 8 {
			return tensor.Strided(elements[complex64](raw, t, 4), shape, strides), Stats{}, nil
		}
		return tensor.Strided(elements[complex128](raw, t, 8), shape, strides), Stats{}, nil
	}
	if want == "" {
		want = "float64"
		if t.Kind == BFloat || t.Kind == Float && t.Size < 8 {
			want = "float32"
		}
	}
	if want == "float32" {
		return real[float32](raw, t, shape, strides)
	}
	return real[float64](raw, t, shape, strides)
}

func real[T tensor.Float](raw []byte, t Type, shape, strides []int) (tensor.Tensor, Stats, error) {
	var zero T
	if t.Kind == Float && t.Size == int(unsafe.Sizeof(zero)) && t.native() {
		return tensor.Strided(elements[T](raw, t, t.Size), shape, strides), Stats{}, nil
	}
	data, st, err := Decode[T](raw, t)
	if err != nil {
		return nil, st, err
	}
	return tensor.Strided(data, shape, strides), st, nil
}

// elements is raw as a slice of T, which is the type in the file but for the
// byte order; word is the size of what the order applies to.
func elements[T tensor.Number](raw []byte, t Type, word int) []T {
	if t.native() {
		if s, ok := View[T](raw); ok {
			return s
		}
	}
	var zero T
	out := make([]T, len(raw)/int(unsafe.Sizeof(zero)))
	dst := Raw(out)
	par.Blocks(len(raw), 1<<18, func(_, lo, hi int) {
		copy(dst[lo:hi], raw[lo:hi])
		if !t.native() {
			swap(dst[lo:hi], word)
		}
	})
	return out
}

// swap reverses the bytes of each word.
func swap(b []byte, word int) {
	for ; len(b) >= word; b = b[word:] {
		for i, j := 0, word-1; i < j; i, j = i+1, j-1 {
			b[i], b[j] = b[j], b[i]
		}
	}
}

// LittleEndianHost reports the byte order of this machine.
func LittleEndianHost() bool { return !hostBigEndian }

// Host is the floating-point type of the size in the byte order of this
// machine.
func Host(size int) Type { return Type{Kind: Float, Size: size, BigEndian: hostBigEndian} }
