package table

import (
	"bytes"
	"errors"
)

// scanner cuts text into records and fields after RFC 4180, with any
// one-byte separator. Spaces around a field do not count unless it is
// quoted; blank lines are skipped; a quote inside an unquoted field is an
// ordinary character.
type scanner struct {
	data   []byte
	comma  byte
	pos    int
	start  int      // where the last record starts
	fields [][]byte // of the last record, valid until the next
	buf    []byte
}

var (
	errOpenQuote = errors.New("a quoted field is not closed")
	errMidQuote  = errors.New("text follows the closing quote of a field")
)

// line is the number of the line where the last record starts, from 1.
func (s *scanner) line() int { return bytes.Count(s.data[:s.start], []byte{'\n'}) + 1 }

// next reads a record; it returns false at the end.
func (s *scanner) next() (bool, error) {
	s.skipBlank()
	s.start = s.pos
	s.fields, s.buf = s.fields[:0], s.buf[:0]
	if s.pos == len(s.data) {
		return false, nil
	}
	for {
		field, more, err := s.field()
		if err != nil {
			return false, err
		}
		s.fields = append(s.fields, field)
		if !more {
			return true, nil
		}
	}
}

// skipBlank passes over lines that hold nothing but spaces.
func (s *scanner) skipBlank() {
	for i := s.pos; ; i++ {
		switch {
		case i == len(s.data):
			s.pos = i
			return
		case s.data[i] == '\n':
			s.pos = i + 1
		case s.data[i] != ' ' && s.data[i] != '\r':
			return
		}
	}
}

// field reads up to a separator or the end of the record; more is true
// after a separator.
func (s *scanner) field() (f []byte, more bool, err error) {
	data, i := s.data, s.pos
	for i < len(data) && data[i] == ' ' {
		i++
	}
	if i < len(data) && data[i] == '"' {
		return s.quoted(i + 1)
	}
	start := i
	for i < len(data) && data[i] != s.comma && data[i] != '\n' {
		i++
	}
	end := i
	for end > start && (data[end-1] == ' ' || data[end-1] == '\r') {
		end--
	}
	more = i < len(data) && data[i] == s.comma
	s.pos = min(i+1, len(data))
	return data[start:end:end], more, nil
}

// quoted reads a field whose text starts at i.
func (s *scanner) quoted(i int) (f []byte, more bool, err error) {
	data, from := s.data, len(s.buf)
	start := i
	for {
		q := bytes.IndexByte(data[i:], '"')
		if q < 0 {
			return nil, false, errOpenQuote
		}
		i += q
		if i+1 < len(data) && data[i+1] == '"' {
			s.buf = append(s.buf, data[start:i+1]...)
			i += 2
			start = i
			continue
		}
		break
	}
	if len(s.buf) == from { // no doubled quote
		f = data[start:i:i]
	} else {
		s.buf = append(s.buf, data[start:i]...)
		f = s.buf[from:]
	}
	i++
	for i < len(data) && (data[i] == ' ' || data[i] == '\r') {
		i++
	}
	switch {
	case i == len(data):
		s.pos = i
	case data[i] == '\n' || data[i] == s.comma:
		more = data[i] == s.comma
		s.pos = i + 1
	default:
		return nil, false, errMidQuote
	}
	return f, more, nil
}
