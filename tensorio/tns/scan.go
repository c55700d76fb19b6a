package tns

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Listing is what [Scan] found out about a file.
type Listing struct {
	Order   int
	Shape   []int // nil if the file does not tell the sizes
	Entries int
	Dialect string // "frostt" or "sptensor"
}

// pieceBytes is the text that Scan holds at a time.
const pieceBytes = 8 << 20

// Scan hands over the entries of a coordinate list, of either dialect, a
// piece at a time, with the indices that stand in the file, so that a file
// need not fit in memory; the lists are Scan's. A value that is NaN or
// infinite is an error, or handed over as 0 if opt.Missing is "zero".
func Scan(r io.Reader, opt Options, visit func(index [][]int32, values []float64) error) (*Listing, error) {
	s := &scan{r: r, opt: opt, visit: visit}
	if err := s.run(); err != nil {
		return nil, fmt.Errorf("tns: %w", err)
	}
	return &s.Listing, nil
}

type scan struct {
	Listing
	r       io.Reader
	opt     Options
	visit   func(index [][]int32, values []float64) error
	lines   int // above what is read next
	promise int // entries that a header promises, or -1
	first   *entries
}

func (s *scan) run() error {
	buf := make([]byte, pieceBytes)
	kept := 0 // bytes at the start of buf: a line that is not complete
	begun := false
	for {
		n, err := io.ReadFull(s.r, buf[kept:])
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return err
		}
		text := buf[:kept+n]
		cut := len(text)
		if !end {
			if cut = bytes.LastIndexByte(text, '\n') + 1; cut == 0 {
				return fmt.Errorf("line %d has more than %d bytes", s.lines+1, len(text))
			}
		}
		body := text[:cut]
		if !begun {
			skip, err := s.begin(body)
			if err != nil {
				return err
			}
			body, begun = body[skip:], true
		}
		if err := s.piece(body); err != nil {
			return err
		}
		kept = copy(buf, text[cut:])
		if end {
			break
		}
	}
	return s.end()
}

// begin reads what stands above the list, and returns its length.
func (s *scan) begin(data []byte) (int, error) {
	mark := 0
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		mark = 3
		data = data[mark:]
	}
	l := lines{data: data}
	line, ok := l.next()
	if !ok {
		return 0, errNoEntries
	}
	s.promise = -1
	if c := line[0] | 0x20; 'a' <= c && c <= 'z' && !startsNonFinite(line) {
		s.Dialect = strings.ToLower(string(bytes.Fields(line)[0]))
		if s.Dialect != "sptensor" {
			return 0, fmt.Errorf("line %d: header %s, expected sptensor: only lists of entries are read piece by piece", l.line, quote(line))
		}
		var err error
		if s.Shape, err = readShape(&l); err != nil {
			return 0, err
		}
		if s.promise, err = readCount(&l, "the number of entries"); err != nil {
			return 0, err
		}
		s.Order, s.lines = len(s.Shape), l.line
		return mark + l.pos, nil
	}
	h := sizesAbove(data)
	if h.order < 1 {
		return 0, errors.New("line 1: 1 field, expected indices and a value")
	}
	s.Dialect, s.Order, s.Shape, s.promise, s.lines = "frostt", h.order, h.shape, h.count, h.lines
	return mark + h.pos, nil
}

// piece hands over the entries of some lines.
func (s *scan) piece(body []byte) error {
	e, err := parseEntries(body, s.lines, s.Order, 0)
	if err != nil {
		return err
	}
	s.lines += bytes.Count(body, []byte{'\n'})
	if e.bad > 0 {
		if s.opt.Missing != "zero" {
			_, first := countBad(e.values)
			return nonFinite(e.lineOf(first), e.values[first], e.bad)
		}
		zeroBad(e.values)
	}
	s.Entries += len(e.values)
	index := e.index
	if s.first == nil && len(e.values) > 0 {
		s.first = &entries{order: s.Order, values: []float64{e.values[0]}, index: make([][]int32, s.Order)}
		for m := range index {
			s.first.index[m] = []int32{index[m][0]}
		}
		if s.mayBeSizes(len(body)) {
			// Whether the first line lists the sizes and the number of
			// entries is known at the end.
			for m := range index {
				index[m] = index[m][1:]
			}
			e.values = e.values[1:]
		} else {
			s.first.values = nil
		}
	}
	return s.visit(index, e.values)
}

// mayBeSizes reports whether the first line could be the sizes and the number
// of entries: its value must be a number of lines that makes sense.
func (s *scan) mayBeSizes(bytes int) bool {
	v := s.first.values[0]
	least := 1.0
	if bytes > pieceBytes/2 {
		least = float64(bytes) / float64(32*(s.Order+1))
	}
	if s.Shape != nil || v < least || v != float64(int64(v)) {
		return false
	}
	for _, list := range s.first.index {
		if list[0] == 0 {
			return false
		}
	}
	return true
}

// end decides what the first line was, and checks promises.
func (s *scan) end() error {
	if s.first != nil && s.first.values != nil {
		if n := s.Entries - 1; n >= 1 && s.first.values[0] == float64(n) {
			s.Entries--
			for _, list := range s.first.index {
				s.Shape = append(s.Shape, int(list[0]))
			}
			return nil
		}
		if err := s.visit(s.first.index, s.first.values); err != nil {
			return err
		}
	}
	if s.promise >= 0 && s.promise != s.Entries {
		return fmt.Errorf("%d entries, but the header promises %d: the file is %s", s.Entries, s.promise, damage(s.Entries < s.promise))
	}
	if s.Entries == 0 {
		return errNoEntries
	}
	return nil
}

// Lines are the numbers of the first lines, at most so many, whose entry has
// indices that match: to say where in a file an entry is that was found wrong
// later. Lines that are no entries of the given order do not count.
func Lines(r io.Reader, order, most int, match func(index []int32) bool) ([]int, error) {
	p := &parser{values: make([]float64, 1)}
	for range order {
		p.index = append(p.index, make([]int32, 1))
	}
	var found []int
	index := make([]int32, order)
	text := bufio.NewScanner(r)
	text.Buffer(nil, pieceBytes)
	for line := 1; text.Scan() && len(found) < most; line++ {
		p.n = 0
		if p.parseLine(text.Bytes()) != nil || p.n == 0 {
			continue
		}
		for m := range index {
			index[m] = p.index[m][0]
		}
		if match(index) {
			found = append(found, line)
		}
	}
	return found, text.Err()
}
