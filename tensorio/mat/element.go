package mat

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"
)

// Types of elements.
const (
	miInt8       = 1
	miUint8      = 2
	miInt16      = 3
	miUint16     = 4
	miInt32      = 5
	miUint32     = 6
	miSingle     = 7
	miDouble     = 9
	miInt64      = 12
	miUint64     = 13
	miMatrix     = 14
	miCompressed = 15
)

// width is the size of a number of a type in bytes, or 0.
func width(kind uint32) int {
	switch kind {
	case miInt8, miUint8:
		return 1
	case miInt16, miUint16:
		return 2
	case miInt32, miUint32, miSingle:
		return 4
	case miDouble, miInt64, miUint64:
		return 8
	}
	return 0
}

// A stream reads elements one after the other, from memory or from a
// decompressor. left bounds what may still come, so that a length that lies
// is found out before anything of that length is made.
type stream struct {
	r     io.Reader
	order binary.ByteOrder
	left  int64
}

// maxRatio is the most that deflate can expand: 258 bytes from 2 bits.
const maxRatio = 1032

func plain(data []byte, order binary.ByteOrder) *stream {
	return &stream{bytes.NewReader(data), order, int64(len(data))}
}

func inflate(data []byte, order binary.ByteOrder) (*stream, error) {
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("compressed data: %w", err)
	}
	return &stream{r, order, (int64(len(data)) + 64) * maxRatio}, nil
}

// tag is the head of an element. Small elements bring their data with them.
type tag struct {
	kind  uint32
	size  int64
	small []byte
}

var errShort = errors.New("the file is cut short")

func (s *stream) full(b []byte) error {
	if s.left < int64(len(b)) {
		return errShort
	}
	s.left -= int64(len(b))
	if _, err := io.ReadFull(s.r, b); err != nil {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return errShort
		}
		return fmt.Errorf("compressed data: %w", err)
	}
	return nil
}

func (s *stream) tag() (tag, error) {
	var b [8]byte
	if err := s.full(b[:]); err != nil {
		return tag{}, err
	}
	first := s.order.Uint32(b[:])
	if n := first >> 16; n != 0 {
		if n > 4 {
			return tag{}, fmt.Errorf("a small element claims %d bytes, it has room for 4", n)
		}
		return tag{first & 0xffff, int64(n), b[4 : 4+n]}, nil
	}
	t := tag{kind: first, size: int64(s.order.Uint32(b[4:]))}
	if t.size > s.left {
		return t, fmt.Errorf("an element claims %d bytes, at most %d are left: %w", t.size, s.left, errShort)
	}
	return t, nil
}

// body reads the data of a short element, padding included.
func (s *stream) body(t tag, limit int64) ([]byte, error) {
	if t.small != nil {
		return t.small, nil
	}
	if t.size > limit {
		return nil, fmt.Errorf("an element claims %d bytes where at most %d make sense", t.size, limit)
	}
	b := make([]byte, t.size)
	if err := s.full(b); err != nil {
		return nil, err
	}
	return b, s.pad(t)
}

// pad passes over the bytes that fill an element up to a multiple of 8.
func (s *stream) pad(t tag) error {
	if rest := t.size % 8; t.small == nil && rest != 0 {
		var b [8]byte
		if err := s.full(b[:8-rest]); err != nil && err != errShort { // the last one may go without
			return err
		}
	}
	return nil
}

// chunk is how much of a long element is in hand at a time.
const chunk = 1 << 16

// each hands the data of an element on in pieces of whole numbers.
func (s *stream) each(t tag, use func([]byte)) error {
	if t.small != nil {
		use(t.small)
		return nil
	}
	buf := make([]byte, min(t.size, chunk))
	for left := t.size; left > 0; {
		b := buf[:min(left, chunk)]
		if err := s.full(b); err != nil {
			return err
		}
		use(b)
		left -= int64(len(b))
	}
	return s.pad(t)
}
