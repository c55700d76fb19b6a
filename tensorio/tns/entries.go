package tns

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensorio/internal/decimal"
)

// entries are the lines of a coordinate list, indices as in the file.
type entries struct {
	body   []byte
	before int // lines above body
	order  int
	index  [][]int32
	values []float64
	low    []int32 // smallest and largest index of each mode
	high   []int32
	kept   []int32 // which entries of the file these are, if not all
}

// chunkSize is the piece of text that one goroutine parses at a time.
const chunkSize = 1 << 20

// chunks cuts text into pieces that end with a line.
func chunks(body []byte) [][]byte {
	var out [][]byte
	for len(body) > chunkSize {
		nl := bytes.IndexByte(body[chunkSize:], '\n')
		if nl < 0 {
			break
		}
		cut := chunkSize + nl + 1
		out = append(out, body[:cut])
		body = body[cut:]
	}
	return append(out, body)
}

// A lineError is a fault on a line of a chunk (from 0).
type lineError struct {
	line int
	text string
}

// parseEntries reads lines of order indices and a value. Each chunk has room
// in the lists for as many entries as it has lines, so that nothing is copied
// unless there are blank lines or comments.
func parseEntries(body []byte, before, order int) (*entries, error) {
	parts := chunks(body)
	lines := make([]int, len(parts))
	start := make([]int, len(parts)+1)
	par.Do(len(parts), func(c int) { lines[c] = bytes.Count(parts[c], []byte{'\n'}) })
	for c, text := range parts {
		// A line holds at least order+1 digits and as many separators.
		start[c+1] = start[c] + min(lines[c], len(text)/(2*order+2)) + 1
	}
	all := &entries{body: body, before: before, order: order, index: make([][]int32, order),
		values: kernel.Large[float64](start[len(parts)]), low: make([]int32, order), high: make([]int32, order)}
	for m := range order {
		all.index[m] = kernel.Large[int32](start[len(parts)])
		all.low[m], all.high[m] = math.MaxInt32, -1
	}
	got := make([]*entries, len(parts))
	faults := make([]*lineError, len(parts))
	par.Do(len(parts), func(c int) {
		lo, hi := start[c], start[c+1]
		e := &entries{index: make([][]int32, order), values: all.values[lo:lo:hi], low: make([]int32, order), high: make([]int32, order)}
		for m := range order {
			e.index[m] = all.index[m][lo:lo:hi]
		}
		got[c], faults[c] = e, e.parse(parts[c])
		e.extremes()
	})
	line, at := before, 0
	for c, fault := range faults {
		if fault != nil {
			return nil, fmt.Errorf("line %d: %s", line+fault.line+1, fault.text)
		}
		line += lines[c]
		e := got[c]
		for m := range order {
			if at != start[c] {
				copy(all.index[m][at:], e.index[m])
			}
			all.low[m], all.high[m] = min(all.low[m], e.low[m]), max(all.high[m], e.high[m])
		}
		if at != start[c] {
			copy(all.values[at:], e.values)
		}
		at += len(e.values)
	}
	all.values = all.values[:at]
	for m := range order {
		all.index[m] = all.index[m][:at]
	}
	return all, nil
}

// extremes finds the smallest and largest index of each mode.
func (e *entries) extremes() {
	for m, list := range e.index {
		low, high := int32(math.MaxInt32), int32(-1)
		for _, i := range list {
			low, high = min(low, i), max(high, i)
		}
		e.low[m], e.high[m] = low, high
	}
}

// powers are the powers of ten that float64 holds exactly.
var powers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// parse adds the entries of a text. Lines of digits and single blanks, with a
// value of at most 15 digits, are read on the spot: number and power of ten
// are exact then, so that their quotient is rounded once, as it should be.
// Other lines are left to parseLine.
func (e *entries) parse(text []byte) *lineError {
	line := 0
	for pos := 0; pos < len(text); line++ {
		if end := e.parseFast(text, pos); end > 0 {
			pos = end
			continue
		}
		end := bytes.IndexByte(text[pos:], '\n')
		if end < 0 {
			end = len(text) - pos
		}
		if err := e.parseLine(text[pos : pos+end]); err != nil {
			return &lineError{line, err.Error()}
		}
		pos += end + 1
	}
	return nil
}

// parseFast adds the entry of a plain line that starts at pos, and returns
// where the next line starts; 0 if the line is not plain.
func (e *entries) parseFast(text []byte, pos int) int {
	n := len(e.values)
	if n == cap(e.values) {
		return 0
	}
	for _, list := range e.index {
		v, end := shortNumber(text, pos)
		if end == 0 {
			if v, end = longIndex(text, pos); end == 0 {
				return 0
			}
		}
		if c := text[end]; c != ' ' && c != '\t' {
			return 0
		}
		list[:n+1][n] = int32(v)
		pos = end + 1
	}
	v, end := shortNumber(text, pos)
	f := float64(v)
	if end > 0 && text[end] == '\n' {
		pos = end + 1
	} else if f, pos = plainNumber(text, pos); pos == 0 {
		return 0
	}
	for m, list := range e.index {
		e.index[m] = list[:n+1]
	}
	e.values = e.values[:n+1]
	e.values[n] = f
	return pos
}

// shortNumber reads one to seven digits from text[i:] on, all at once, and
// returns where they end, which is in the text; 0 if there is anything else,
// or less than eight bytes.
func shortNumber(text []byte, i int) (value uint32, end int) {
	if i+8 > len(text) {
		return 0, 0
	}
	w := binary.LittleEndian.Uint64(text[i:]) ^ 0x3030303030303030 // digits become 0 to 9
	// The lowest high bit marks the first byte that is no digit: carries only
	// reach the bytes above it.
	other := (w + 0x7676767676767676 | w) & 0x8080808080808080
	k := bits.TrailingZeros64(other) &^ 7 // bits that digits take
	if k == 0 || k == 64 {
		return 0, 0
	}
	// The digits go to the top, zeros in front of them, and are joined to
	// numbers of two, four and eight digits.
	w <<= 64 - k
	w = w * (1 + 10<<8) >> 8 & 0x00ff00ff00ff00ff
	w = w * (1 + 100<<16) >> 16 & 0x0000ffff0000ffff
	w = w * (1 + 10000<<32) >> 32
	return uint32(w), i + k/8
}

// longIndex reads up to nine digits from text[i:] on, as shortNumber does.
func longIndex(text []byte, i int) (value uint32, end int) {
	begin := i
	for i < len(text) && text[i]-'0' < 10 {
		value = value*10 + uint32(text[i]-'0')
		i++
	}
	if i == begin || i-begin > 9 || i == len(text) {
		return 0, 0
	}
	return value, i
}

// plainNumber reads a number of at most 15 digits from text[i:] on, up to the
// end of its line, and returns where the next line starts; 0 if there is
// anything else.
func plainNumber(text []byte, i int) (float64, int) {
	negative := i < len(text) && text[i] == '-'
	if negative {
		i++
	}
	v, begin, fraction := uint64(0), i, 0
	for i < len(text) && text[i]-'0' < 10 {
		v = v*10 + uint64(text[i]-'0')
		i++
	}
	digits := i - begin
	if i < len(text) && text[i] == '.' {
		i++
		begin = i
		for i < len(text) && text[i]-'0' < 10 {
			v = v*10 + uint64(text[i]-'0')
			i++
		}
		fraction = i - begin
		digits += fraction
	}
	if digits == 0 || digits > 15 || i == len(text) || text[i] != '\n' {
		return 0, 0
	}
	f := float64(v)
	if fraction > 0 {
		f /= powers[fraction]
	}
	if negative {
		f = -f
	}
	return f, i + 1
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// parseLine adds the entry of a line, if there is one on it.
func (e *entries) parseLine(row []byte) error {
	i := 0
	for m, list := range e.index {
		for i < len(row) && isSpace(row[i]) {
			i++
		}
		start, v := i, uint64(0)
		for i < len(row) && row[i]-'0' < 10 && i-start < 11 {
			v = v*10 + uint64(row[i]-'0')
			i++
		}
		if i == start || i == len(row) || !isSpace(row[i]) || v >= math.MaxInt32 {
			if m == 0 && (start == len(row) || row[start] == '#') {
				return nil
			}
			return e.explain(row)
		}
		e.index[m] = append(list, int32(v))
	}
	for i < len(row) && isSpace(row[i]) {
		i++
	}
	start := i
	for i < len(row) && !isSpace(row[i]) && row[i] != '#' {
		i++
	}
	word := row[start:i]
	for i < len(row) && isSpace(row[i]) {
		i++
	}
	if i < len(row) && row[i] != '#' {
		return e.explain(row)
	}
	v, ok := number(word)
	if !ok {
		return e.explain(row)
	}
	e.values = append(e.values, v)
	return nil
}

// number reads a value, NaN and infinities included.
func number(word []byte) (float64, bool) {
	if v, ok := decimal.Parse(word); ok {
		return v, true
	}
	return decimal.NonFinite(word)
}

// explain says what is wrong with a line.
func (e *entries) explain(row []byte) error {
	if c := bytes.IndexByte(row, '#'); c >= 0 {
		row = row[:c]
	}
	order := len(e.index)
	fields := bytes.Fields(row)
	if len(fields) != order+1 {
		return fmt.Errorf("%d fields, expected %d (%d indices and a value)", len(fields), order+1, order)
	}
	for m, f := range fields[:order] {
		v, ok := decimal.Parse(f)
		switch {
		case !ok || v != math.Trunc(v) || v < 0 || bytes.ContainsAny(f, ".eE+-"):
			return fmt.Errorf("index %s on mode %d, expected a whole number that is not negative", quote(f), m+1)
		case v >= math.MaxInt32:
			return fmt.Errorf("index %s on mode %d is too large (the limit is %d)", quote(f), m+1, math.MaxInt32-1)
		}
	}
	return fmt.Errorf("value %s, expected a number", quote(fields[order]))
}

// entryFields is the number of indices of a line if it is a valid entry.
func entryFields(line []byte) (int, bool) {
	k := len(bytes.Fields(line))
	if k < 2 {
		return 0, false
	}
	e := &entries{index: make([][]int32, k-1)}
	return k - 1, e.parse(line) == nil
}

// lineOf is the number of the line that holds entry n.
func (e *entries) lineOf(n int) int {
	if e.kept != nil {
		n = int(e.kept[n])
	}
	s := lines{data: e.body, line: e.before}
	for range n + 1 {
		s.next()
	}
	return s.line
}

// numbers reads up to count values separated by any white space. It returns
// those it found; a word that is not a number is an error with its line.
func numbers(body []byte, before, count int) ([]float64, error) {
	parts := chunks(body)
	got := make([][]float64, len(parts))
	faults := make([]*lineError, len(parts))
	par.Do(len(parts), func(c int) {
		got[c], faults[c] = numbersChunk(parts[c])
	})
	line, total := before, 0
	for c, fault := range faults {
		if fault != nil {
			return nil, fmt.Errorf("line %d: %s", line+fault.line+1, fault.text)
		}
		line += bytes.Count(parts[c], []byte{'\n'})
		total += len(got[c])
	}
	if total != count {
		return nil, fmt.Errorf("%d values, but the header promises %d: the file is %s", total, count, damage(total < count))
	}
	if len(got) == 1 {
		return got[0], nil
	}
	all := make([]float64, 0, total)
	for _, g := range got {
		all = append(all, g...)
	}
	return all, nil
}

func damage(short bool) string {
	if short {
		return "cut short or its header is wrong"
	}
	return "longer than its header says"
}

func numbersChunk(text []byte) ([]float64, *lineError) {
	out := make([]float64, 0, len(text)/12+1)
	line := 0
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\n':
			line++
			i++
		case isSpace(c):
			i++
		default:
			start := i
			for i < len(text) && !isSpace(text[i]) && text[i] != '\n' {
				i++
			}
			v, ok := number(text[start:i])
			if !ok {
				return nil, &lineError{line, fmt.Sprintf("value %s, expected a number", quote(text[start:i]))}
			}
			out = append(out, v)
		}
	}
	return out, nil
}

var errNoEntries = errors.New("the file lists no entries: expected lines of indices and a value")
