package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/polyad/polyad/tensorio/internal/scalar"
)

const (
	magic = "\x93NUMPY"
	// maxHeader is far above any header of an array of numbers, and keeps a
	// lying length from being believed.
	maxHeader = 1 << 20
)

// Header is what a .npy file says of its array before the elements.
type Header struct {
	Shape   []int
	Fortran bool   // the first index varies fastest
	DType   string // such as "float64", or NumPy's code if it is not a number
	Offset  int    // of the first element, in bytes from the start of the file
	Bytes   int    // of all elements

	elem int // bytes an element
	typ  scalar.Type
	text byte // 'U' or 'S' for strings, else 0
	swap bool // of the characters of a 'U' string
}

// Order is "C" or "F", as in NumPy.
func (h *Header) Order() string {
	if h.Fortran {
		return "F"
	}
	return "C"
}

// Numeric reports whether the elements are numbers.
func (h *Header) Numeric() bool { return h.typ.Size > 0 }

// Sniff reports whether a file that starts with head is a .npy file.
func Sniff(head []byte) bool { return bytes.HasPrefix(head, []byte(magic)) }

// ReadHeader reads a header and nothing after it.
func ReadHeader(r io.Reader) (*Header, error) {
	var fixed [12]byte
	if _, err := io.ReadFull(r, fixed[:10]); err != nil {
		return nil, truncated(err, "the file ends within the first 10 bytes")
	}
	if !Sniff(fixed[:]) {
		return nil, errors.New("not a .npy file: the first bytes are not \\x93NUMPY")
	}
	size, offset := 0, 10
	switch major := fixed[6]; major {
	case 1:
		size = int(binary.LittleEndian.Uint16(fixed[8:]))
	case 2, 3:
		if _, err := io.ReadFull(r, fixed[10:]); err != nil {
			return nil, truncated(err, "the file ends within the first 12 bytes")
		}
		n := binary.LittleEndian.Uint32(fixed[8:])
		if n > maxHeader {
			return nil, fmt.Errorf("the header claims %d bytes, more than the %d that are accepted", n, maxHeader)
		}
		size, offset = int(n), 12
	default:
		return nil, fmt.Errorf("version %d.%d of the .npy format is unknown; versions 1, 2 and 3 are read", major, fixed[7])
	}
	text, err := io.ReadAll(io.LimitReader(r, int64(size))) // memory for what is there, not for the claim
	if err != nil {
		return nil, err
	}
	if len(text) < size {
		return nil, fmt.Errorf("the file ends within its header of %d bytes: it is truncated", size)
	}
	h, err := parseDict(string(text))
	if err != nil {
		return nil, err
	}
	h.Offset = offset + size
	return h, nil
}

// truncated replaces the errors of a short read by a sentence.
func truncated(err error, what string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New(what + ": it is truncated")
	}
	return err
}

// parseDict reads the Python literal of the header, a dictionary with the
// keys descr, fortran_order and shape in any order.
func parseDict(text string) (*Header, error) {
	p := &literal{rest: text}
	h := &Header{}
	var descr string
	seen := map[string]bool{}
	p.expect("{")
	for p.err == nil && !p.accept("}") {
		key := p.str()
		p.expect(":")
		if p.err == nil && seen[key] {
			p.fail("key %q twice", key)
		}
		seen[key] = true
		switch key {
		case "descr":
			if p.peek() == '[' {
				return nil, errors.New("the array holds records (a structured dtype); save each field as an array of its own")
			}
			descr = p.str()
		case "fortran_order":
			h.Fortran = p.boolean()
		case "shape":
			h.Shape = p.tuple()
		default:
			p.fail("key %q", key)
		}
		if !p.accept(",") && p.peek() != '}' {
			p.fail("no comma or closing brace after %q", key)
		}
	}
	if p.err == nil && strings.TrimSpace(p.rest) != "" {
		p.fail("text after the closing brace")
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if p.err == nil && !seen[key] {
			p.fail("no key %q", key)
		}
	}
	if p.err != nil {
		return nil, p.err
	}
	if len(h.Shape) > scalar.MaxOrder {
		return nil, fmt.Errorf("the header has %d modes, more than the %d that NumPy allows", len(h.Shape), scalar.MaxOrder)
	}
	if err := h.setType(descr); err != nil {
		return nil, err
	}
	var err error
	if h.Bytes, err = scalar.Bytes(h.Shape, h.elem); err != nil {
		return nil, fmt.Errorf("the header lies: %w", err)
	}
	return h, nil
}

// setType reads a NumPy type code such as "<f8".
func (h *Header) setType(descr string) error {
	bad := func(why string) error {
		return fmt.Errorf("the elements have the type %.40q, %s", descr, why)
	}
	code := descr
	big := false
	if code != "" {
		switch code[0] {
		case '<', '|', '=': // "=" is the writer's own order, little-endian by far
			code = code[1:]
		case '>':
			big, code = true, code[1:]
		}
	}
	if code == "" {
		return bad("which is not a NumPy type code")
	}
	h.DType = descr
	switch code[0] {
	case 'O':
		return bad("which is Python objects; save an array of numbers, for example x.astype(float)")
	case 'M', 'm':
		return bad("which is dates or durations; save them as numbers, for example x.astype('int64')")
	case 'V':
		return bad("which is raw bytes; save an array of numbers")
	}
	size, err := strconv.Atoi(code[1:])
	if err != nil || size < 0 || size > maxHeader {
		return bad("which is not a NumPy type code")
	}
	h.elem = size
	switch code[0] {
	case 'U':
		h.text, h.swap, h.elem = 'U', big, 4*size
		return nil
	case 'S', 'a':
		h.text = 'S'
		return nil
	}
	kinds := map[byte]scalar.Kind{'b': scalar.Bool, 'i': scalar.Int, 'u': scalar.Uint, 'f': scalar.Float, 'c': scalar.Complex}
	kind, ok := kinds[code[0]]
	valid := map[scalar.Kind][]int{
		scalar.Bool: {1}, scalar.Int: {1, 2, 4, 8}, scalar.Uint: {1, 2, 4, 8}, scalar.Float: {2, 4, 8}, scalar.Complex: {8, 16},
	}
	if ok {
		for _, s := range valid[kind] {
			if s == size {
				h.typ = scalar.Type{Kind: kind, Size: size, BigEndian: big && size > 1}
				h.DType = h.typ.String()
				return nil
			}
		}
	}
	return bad("which is not read; valid are bool, int8 to int64, uint8 to uint64, float16 to float64, complex64 and complex128")
}

// literal reads the few Python literals of a header. The first fault sticks
// in err; later calls do nothing.
type literal struct {
	rest string
	err  error
}

func (p *literal) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("the header is not what NumPy writes: "+format, args...)
	}
}

func (p *literal) space() { p.rest = strings.TrimLeft(p.rest, " \t\r\n\f\v") }

func (p *literal) peek() byte {
	p.space()
	if p.rest == "" {
		return 0
	}
	return p.rest[0]
}

func (p *literal) accept(tok string) bool {
	p.space()
	if p.err == nil && strings.HasPrefix(p.rest, tok) {
		p.rest = p.rest[len(tok):]
		return true
	}
	return false
}

func (p *literal) expect(tok string) {
	if p.err == nil && !p.accept(tok) {
		p.fail("%q expected at %.20q", tok, p.rest)
	}
}

func (p *literal) str() string {
	q := p.peek()
	if p.err != nil {
		return ""
	}
	if q != '\'' && q != '"' {
		p.fail("a quoted string expected at %.20q", p.rest)
		return ""
	}
	s, rest, ok := strings.Cut(p.rest[1:], string(q))
	if !ok || strings.ContainsAny(s, "\\\n") {
		p.fail("a string does not end at %.20q", p.rest)
		return ""
	}
	p.rest = rest
	return s
}

func (p *literal) boolean() bool {
	switch {
	case p.accept("True"):
		return true
	case p.accept("False"):
	default:
		p.fail("True or False expected at %.20q", p.rest)
	}
	return false
}

func (p *literal) tuple() []int {
	shape := []int{}
	p.expect("(")
	for p.err == nil && !p.accept(")") {
		p.space()
		n := 0
		for n < len(p.rest) && (p.rest[n] >= '0' && p.rest[n] <= '9' || p.rest[n] == '-') {
			n++
		}
		v, err := strconv.Atoi(p.rest[:n])
		if err != nil {
			p.fail("a size that can be addressed expected at %.24q", p.rest)
			break
		}
		p.rest = p.rest[n:]
		p.accept("L") // Python 2 wrote long integers so
		shape = append(shape, v)
		if !p.accept(",") && p.peek() != ')' {
			p.fail("no comma or closing bracket in the shape at %.20q", p.rest)
		}
	}
	return shape
}

// dict is a header as NumPy writes it, byte for byte: the text is padded so
// that the elements start at a multiple of 64 bytes, after room for the first
// size to grow to 21 digits.
func dict(descr string, shape []int) []byte {
	var t strings.Builder
	fmt.Fprintf(&t, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr)
	for i, s := range shape {
		if i > 0 {
			t.WriteString(", ")
		}
		t.WriteString(strconv.Itoa(s))
	}
	if len(shape) == 1 {
		t.WriteString(",")
	}
	t.WriteString("), }")
	if len(shape) > 0 {
		t.WriteString(strings.Repeat(" ", 21-len(strconv.Itoa(shape[0]))))
	}
	size := t.Len() + 1
	size += 63 - (10+size+63)%64
	h := append([]byte(magic), 1, 0)
	h = binary.LittleEndian.AppendUint16(h, uint16(size))
	h = append(h, t.String()...)
	h = append(h, bytes.Repeat([]byte{' '}, size-t.Len()-1)...)
	return append(h, '\n')
}
