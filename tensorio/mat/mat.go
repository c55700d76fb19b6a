package mat

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/cells"
)

// Array is a variable of a file.
type Array struct {
	Name    string
	Shape   []int
	Class   string // double, single, int8 … uint64, logical, sparse, cell, struct, char, …
	Complex bool
	// Skip says why the variable cannot be read as a tensor; it is empty if
	// it can.
	Skip string
}

// String is name shape class.
func (a Array) String() string {
	s := fmt.Sprintf("%s (%s %s", a.Name, cells.Text(a.Shape), a.Class)
	if a.Complex {
		s += " complex"
	}
	return s + ")"
}

const (
	headerSize = 128
	hdf5Mark   = "\x89HDF\r\n\x1a\n"
)

// Sniff reports whether a file that starts with head is a MAT-file of any
// level; Read refuses levels other than 5 with the reason.
func Sniff(head []byte) bool {
	return isLevel5(head) || isHDF5(head) || isLevel4(head)
}

func isLevel5(head []byte) bool {
	if len(head) < headerSize {
		return false
	}
	o := byteOrder(head)
	return o != nil && o.Uint16(head[124:]) == 0x0100
}

// byteOrder is told by the letters MI, as a number of the writer's order.
func byteOrder(head []byte) binary.ByteOrder {
	switch string(head[126:128]) {
	case "IM":
		return binary.LittleEndian
	case "MI":
		return binary.BigEndian
	}
	return nil
}

func isHDF5(head []byte) bool {
	return bytes.HasPrefix(head, []byte("MATLAB 7.3 MAT-file")) || len(head) >= 520 && string(head[512:520]) == hdf5Mark && bytes.HasPrefix(head, []byte("MATLAB"))
}

// isLevel4 recognises the 20-byte header of level 4: type, rows, columns, a
// flag for complex numbers, and the length of the name that follows.
func isLevel4(head []byte) bool {
	for _, o := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		if len(head) < 22 {
			return false
		}
		kind, imag, name := o.Uint32(head), o.Uint32(head[12:]), o.Uint32(head[16:])
		if kind > 4052 || kind/100%10 != 0 || kind/10%10 > 5 || kind%10 > 2 || imag > 1 || name < 2 || name > 64 || len(head) < 20+int(name) {
			continue
		}
		text := head[20 : 20+name]
		if text[name-1] == 0 && isName(text[:name-1]) {
			return true
		}
	}
	return false
}

func isName(b []byte) bool {
	for i, c := range b {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c != '_' && c-'0' > 9) {
			return false
		}
	}
	return true
}

// check is an error if the file is not of level 5.
func check(data []byte) error {
	switch {
	case isHDF5(data):
		return errors.New("mat: the file is of version 7.3 (HDF5), which is not read: save it again with -v7, or convert the array to .npy")
	case isLevel5(data):
		return nil
	case isLevel4(data):
		return errors.New("mat: the file is of level 4, which is not read: load it in MATLAB or Octave and save it again with -v7")
	case len(data) < headerSize:
		return fmt.Errorf("mat: the file has %d bytes, expected a header of %d", len(data), headerSize)
	}
	return fmt.Errorf("mat: bytes 124 to 127 are %q, expected version 0x0100 and the letters MI or IM of a MAT-file of level 5", data[124:128])
}

// List tells the variables of a file, those that cannot be read too.
func List(data []byte) ([]Array, error) {
	vars, err := scan(data)
	if err != nil {
		return nil, err
	}
	list := make([]Array, len(vars))
	for k, v := range vars {
		list[k] = v.Array
	}
	return list, nil
}

// Read reads a variable: a *tensor.Dense of float32, float64, complex64 or
// complex128. If name is empty, the file must hold only one numeric array, or
// only one with more than one row and column, or only one with more than two
// modes.
func Read(data []byte, name string) (tensor.Tensor, error) {
	vars, err := scan(data)
	if err != nil {
		return nil, err
	}
	v, err := pick(vars, name)
	if err != nil {
		return nil, err
	}
	x, err := v.read()
	if err != nil {
		return nil, fmt.Errorf("mat: %s: %w", v.Name, err)
	}
	return x, nil
}

// pick finds the variable that is asked for.
func pick(vars []*variable, name string) (*variable, error) {
	if name != "" {
		for _, v := range vars {
			if v.Name == name {
				if v.Skip != "" {
					return nil, fmt.Errorf("mat: %v cannot be read: %s; the file holds %s", v.Array, v.Skip, names(vars))
				}
				return v, nil
			}
		}
		return nil, fmt.Errorf("mat: no array is called %q: the file holds %s", name, names(vars))
	}
	// From the strictest rule to the mildest.
	for _, fits := range []func(*variable) bool{
		func(v *variable) bool { return len(v.Shape) > 2 },
		func(v *variable) bool { return len(v.Shape) > 2 || min(v.Shape[0], v.Shape[1]) > 1 },
		func(*variable) bool { return true },
	} {
		var found []*variable
		for _, v := range vars {
			if v.Skip == "" && fits(v) {
				found = append(found, v)
			}
		}
		if len(found) == 1 {
			return found[0], nil
		}
		if len(found) > 1 {
			return nil, fmt.Errorf("mat: which array? Name one of %s", names(found))
		}
	}
	if len(vars) == 0 {
		return nil, errors.New("mat: the file holds no arrays")
	}
	return nil, fmt.Errorf("mat: the file holds no numeric array, only %s", names(vars))
}

func names(vars []*variable) string {
	list := make([]string, len(vars))
	for k, v := range vars {
		list[k] = v.String()
	}
	if len(list) == 0 {
		return "no arrays"
	}
	return strings.Join(list, ", ")
}

// size is the number of elements of a shape if it can be indexed.
func size(shape []int) (int, bool) {
	n, ok := cells.Size(shape)
	return n, ok && n <= math.MaxInt/16
}
