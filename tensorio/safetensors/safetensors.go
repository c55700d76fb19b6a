package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/scalar"
)

// maxHeader is the limit of the format's own reader.
const maxHeader = 100_000_000

// ErrShort says that the data end before the header does.
var ErrShort = errors.New("the file ends within its header: it is truncated")

// Info describes one array of a file.
type Info struct {
	Name  string
	Shape []int
	DType string // in NumPy's words, such as "bfloat16", or the file's own
	Axes  []tensor.Axis

	typ        scalar.Type
	begin, end int
}

// Numeric reports whether the element type is one that is read.
func (a *Info) Numeric() bool { return a.typ.Size > 0 }

// File is a safetensors file in memory, its header parsed and checked.
type File struct {
	Arrays   []Info            // in the order of the elements
	Metadata map[string]string // "__metadata__"

	body []byte
}

// types are the element types by the format's names.
var types = map[string]scalar.Type{
	"F64": {Kind: scalar.Float, Size: 8}, "F32": {Kind: scalar.Float, Size: 4}, "F16": {Kind: scalar.Float, Size: 2},
	"BF16": {Kind: scalar.BFloat, Size: 2}, "BOOL": {Kind: scalar.Bool, Size: 1},
	"I64": {Kind: scalar.Int, Size: 8}, "I32": {Kind: scalar.Int, Size: 4}, "I16": {Kind: scalar.Int, Size: 2}, "I8": {Kind: scalar.Int, Size: 1},
	"U64": {Kind: scalar.Uint, Size: 8}, "U32": {Kind: scalar.Uint, Size: 4}, "U16": {Kind: scalar.Uint, Size: 2}, "U8": {Kind: scalar.Uint, Size: 1},
	"C64": {Kind: scalar.Complex, Size: 8},
}

// Sniff reports whether a file that starts with head looks like safetensors:
// a plausible length, and a JSON object.
func Sniff(head []byte) bool {
	if len(head) < 10 {
		return false
	}
	n := binary.LittleEndian.Uint64(head)
	return n >= 2 && n <= maxHeader && head[8] == '{' && (head[9] == '"' || head[9] == '}' || head[9] == ' ' || head[9] == '\n')
}

// Open parses the header of the file that data holds and checks that every
// array is there.
func Open(data []byte) (*File, error) {
	f, size, err := ParseHeader(data)
	if err != nil {
		return nil, err
	}
	f.body = data[size:]
	end := 0
	if len(f.Arrays) > 0 {
		end = f.Arrays[len(f.Arrays)-1].end
	}
	if end != len(f.body) {
		return nil, fmt.Errorf("the header announces %d bytes of elements, but %d follow: the file is truncated or its header is wrong", end, len(f.body))
	}
	return f, nil
}

// ParseHeader reads the header at the start of head and checks it in itself.
// size is what the elements start at. The error is [ErrShort] if head ends
// too early.
func ParseHeader(head []byte) (f *File, size int, err error) {
	if len(head) < 8 {
		return nil, 0, ErrShort
	}
	n := binary.LittleEndian.Uint64(head)
	if n > maxHeader {
		return nil, 0, fmt.Errorf("the header claims %d bytes, more than the %d that the format allows", n, maxHeader)
	}
	size = 8 + int(n)
	if len(head) < size {
		return nil, 0, ErrShort
	}
	f = &File{}
	if err := f.parse(head[8:size]); err != nil {
		return nil, 0, err
	}
	return f, size, nil
}

// entry is the description of one array in the header.
type entry struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets []int  `json:"data_offsets"`
}

func (f *File) parse(text []byte) error {
	notJSON := func(err error) error { return fmt.Errorf("the header is not the JSON it should be: %w", err) }
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return notJSON(errors.New("no object"))
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return notJSON(err)
		}
		name, _ := t.(string) // keys of an object are strings
		if seen[name] {
			return fmt.Errorf("the header names the array %q twice", name)
		}
		seen[name] = true
		if name == "__metadata__" {
			if err := d.Decode(&f.Metadata); err != nil {
				return notJSON(fmt.Errorf("__metadata__: %w", err))
			}
			continue
		}
		var e entry
		if err := d.Decode(&e); err != nil {
			return notJSON(fmt.Errorf("array %q: %w", name, err))
		}
		a, err := e.info(name)
		if err != nil {
			return fmt.Errorf("array %q: %w", name, err)
		}
		f.Arrays = append(f.Arrays, a)
	}
	if _, err := d.Token(); err != nil {
		return notJSON(err)
	}
	if rest := bytes.TrimSpace(text[d.InputOffset():]); len(rest) > 0 {
		return notJSON(fmt.Errorf("%.20q after the object", rest))
	}
	return f.layout()
}

// info checks what an entry says of itself.
func (e entry) info(name string) (Info, error) {
	if len(e.Shape) > scalar.MaxOrder {
		return Info{}, fmt.Errorf("%d modes are more than the %d that are read", len(e.Shape), scalar.MaxOrder)
	}
	if len(e.Offsets) != 2 || e.Offsets[0] < 0 || e.Offsets[1] < e.Offsets[0] {
		return Info{}, fmt.Errorf("data_offsets %v are not a begin and an end", e.Offsets)
	}
	begin, end := e.Offsets[0], e.Offsets[1]
	if e.Shape == nil {
		e.Shape = []int{}
	}
	a := Info{Name: name, Shape: e.Shape, DType: e.DType, typ: types[e.DType], begin: begin, end: end}
	if !a.Numeric() {
		return a, nil // newer types appear; they need not spoil the others
	}
	a.DType = a.typ.String()
	size, err := scalar.Bytes(e.Shape, a.typ.Size)
	if err != nil {
		return Info{}, err
	}
	if end-begin != size {
		return Info{}, fmt.Errorf("%s elements of %s take %d bytes, but data_offsets span %d", scalar.Shape(e.Shape), e.DType, size, end-begin)
	}
	return a, nil
}

// layout orders the arrays as their elements lie, and reports gaps and
// overlaps.
func (f *File) layout() error {
	slices.SortStableFunc(f.Arrays, func(a, b Info) int {
		if a.begin != b.begin {
			return a.begin - b.begin
		}
		return a.end - b.end
	})
	at := 0
	for i := range f.Arrays {
		a := &f.Arrays[i]
		if a.begin != at {
			return fmt.Errorf("the elements of array %q start at byte %d, not at %d: the header leaves a gap or lets arrays overlap", a.Name, a.begin, at)
		}
		at = a.end
		var axes []tensor.Axis
		if text, ok := f.Metadata["axes."+a.Name]; ok && json.Unmarshal([]byte(text), &axes) == nil && tensor.CheckAxes(axes, a.Shape) == nil {
			a.Axes = axes
		}
	}
	return nil
}

// Names are the names of the arrays.
func (f *File) Names() []string {
	names := make([]string, len(f.Arrays))
	for i, a := range f.Arrays {
		names[i] = a.Name
	}
	return names
}

// Find is the description of the array of the name.
func (f *File) Find(name string) (*Info, error) {
	for i := range f.Arrays {
		if f.Arrays[i].Name == name {
			return &f.Arrays[i], nil
		}
	}
	names := f.Names()
	if len(names) > 20 {
		names = append(names[:20:20], fmt.Sprintf("… (%d in all)", len(f.Arrays)))
	}
	return nil, fmt.Errorf("no array %q; there are: %s", name, strings.Join(names, ", "))
}

// Tensor is the array of the name. dtype is "float32", "float64", or "" to
// keep F32, F64 and C64, widen F16 and BF16 to float32 and turn integers and
// booleans into float64. Elements that need no conversion and are aligned
// are shared with the file's memory. rounded counts the integers that do not
// fit the element type.
func (f *File) Tensor(name, dtype string) (x tensor.Tensor, rounded int, err error) {
	a, err := f.Find(name)
	if err != nil {
		return nil, 0, err
	}
	if !a.Numeric() {
		return nil, 0, fmt.Errorf("array %q: the element type %.20q is not read; valid are BOOL, U8 to U64, I8 to I64, F16, BF16, F32, F64 and C64", name, a.DType)
	}
	x, st, err := scalar.Tensor(f.body[a.begin:a.end], a.typ, a.Shape, tensor.CStrides(a.Shape), dtype)
	if err != nil {
		return nil, 0, fmt.Errorf("array %q: %w", name, err)
	}
	if a.Axes != nil {
		err = x.(interface {
			SetAxes(...tensor.Axis) error
		}).SetAxes(a.Axes...)
	}
	return x, st.Rounded, err
}
