package tns

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensorio/internal/decimal"
)

// entries are the lines of a coordinate list.
type entries struct {
	body       []byte
	before     int // lines above body
	order      int
	base       int32     // what the file is thought to count from
	index      [][]int32 // of each mode, less base
	values     []float64
	low        []int32 // smallest and largest index of each mode, as in the file
	high       []int32
	bad        int     // values that are NaN or infinite
	kept       []int32 // which entries of the file these are, if not all
	increasing bool    // in C order, no cell twice
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

// parseEntries reads lines of order indices, which become indices that count
// from 0 if those of the file count from base, and a value. Each chunk has room
// in the lists for as many entries as it has lines, so that nothing is copied
// unless there are blank lines or comments.
func parseEntries(body []byte, before, order int, base int32) (*entries, error) {
	parts := chunks(body)
	lines := make([]int, len(parts))
	start := make([]int, len(parts)+1)
	par.Do(len(parts), func(c int) { lines[c] = bytes.Count(parts[c], []byte{'\n'}) })
	for c, text := range parts {
		start[c+1] = start[c] + roomFor(text, lines[c], order)
	}
	all := &entries{body: body, before: before, order: order, base: base, index: make([][]int32, order),
		values: kernel.Large[float64](start[len(parts)]), low: make([]int32, order), high: make([]int32, order), increasing: true}
	for m := range order {
		all.index[m] = kernel.Large[int32](start[len(parts)])
		all.low[m], all.high[m] = math.MaxInt32, -1
	}
	got := make([]*parser, len(parts))
	faults := make([]*lineError, len(parts))
	par.Do(len(parts), func(c int) {
		lo, hi := start[c], start[c+1]
		p := &parser{base: base, values: all.values[lo:hi]}
		for m := range order {
			p.index = append(p.index, all.index[m][lo:hi])
		}
		got[c], faults[c] = p, p.parse(parts[c])
	})
	line, at := before, 0
	for c, fault := range faults {
		if fault != nil {
			return nil, fmt.Errorf("line %d: %s", line+fault.line+1, fault.text)
		}
		line += lines[c]
		p := got[c]
		for m := range order {
			if at != start[c] {
				copy(all.index[m][at:], p.index[m][:p.n])
			}
			all.low[m] = min(all.low[m], int32(slices.Min(p.low[m][:])))
			all.high[m] = max(all.high[m], slices.Max(p.high[m][:]))
		}
		if at != start[c] {
			copy(all.values[at:], p.values[:p.n])
		}
		if p.n > 0 {
			all.increasing = all.increasing && p.increasing && (at == 0 || precedes(all.index, at-1, at))
		}
		at += p.n
		all.bad += p.bad
	}
	all.values = all.values[:at]
	for m := range order {
		all.index[m] = all.index[m][:at]
	}
	return all, nil
}

// precedes reports whether an entry comes before another in C order.
func precedes(index [][]int32, a, b int) bool {
	for _, list := range index {
		if list[a] != list[b] {
			return list[a] < list[b]
		}
	}
	return false
}

// roomFor is the number of entries that a text has at most: a line holds at
// least order+1 digits and as many separators; the last may lack its own.
func roomFor(text []byte, lines, order int) int {
	room := min(lines, len(text)/(2*order+2))
	if !bytes.HasSuffix(text, []byte{'\n'}) {
		room++
	}
	return room
}

// explain says what is wrong with a line.
func explain(row []byte, order int) error {
	if c := bytes.IndexByte(row, '#'); c >= 0 {
		row = row[:c]
	}
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
	p := &parser{index: make([][]int32, k-1), values: make([]float64, 1)}
	for m := range p.index {
		p.index[m] = make([]int32, 1)
	}
	return k - 1, p.parseLine(line) == nil
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

// linesOf are the numbers of the first two lines that list a cell, whose
// indices count from 0. It reads the text again: the lists may be sorted.
func (e *entries) linesOf(cell []int) (first, second int) {
	p := &parser{base: e.base, values: make([]float64, 1)}
	for range e.order {
		p.index = append(p.index, make([]int32, 1))
	}
	s := lines{data: e.body, line: e.before}
	for {
		line, ok := s.next()
		if !ok {
			return first, second
		}
		p.n = 0
		if p.parseLine(line) != nil || e.kept != nil && p.values[0]-p.values[0] != 0 {
			continue
		}
		same := true
		for m, i := range cell {
			same = same && int(p.index[m][0]) == i
		}
		switch {
		case same && first > 0:
			return first, s.line
		case same:
			first = s.line
		}
	}
}

// countFrom makes the lists those of a file whose indices count from base.
func (e *entries) countFrom(base int) {
	add := e.base - int32(base)
	e.base = int32(base)
	if add == 0 {
		return
	}
	par.Blocks(len(e.values), lineBlock, func(_, lo, hi int) {
		for _, list := range e.index {
			for k := range list[lo:hi] {
				list[lo+k] += add
			}
		}
	})
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
