package tns

import (
	"bytes"
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensorio/internal/decimal"
)

// parser turns the lines of one chunk into entries, on one goroutine.
type parser struct {
	base       int32     // is taken off every index
	index      [][]int32 // room for the entries
	values     []float64
	n          int     // entries so far
	bad        int     // values that are NaN or infinite
	low        []int32 // see entries
	high       []int32
	increasing bool // see entries
	*words
}

// words is room for the words of some lines.
type words struct{ numbers, ends [1 << 11]uint32 }

// parse adds the entries of a text. Lines with single blanks are read many at a
// time; others are left to parseLine.
func (p *parser) parse(text []byte) *lineError {
	p.words = new(words)
	line := 0
	for pos := 0; pos < len(text); line++ {
		first := p.n
		pos += p.plainLines(text[pos:])
		line += p.n - first
		if pos == len(text) {
			break
		}
		end := bytes.IndexByte(text[pos:], '\n')
		if end < 0 {
			end = len(text) - pos
		}
		if err := p.parseLine(text[pos : pos+end]); err != nil {
			return &lineError{line, err.Error()}
		}
		pos += end + 1
	}
	return nil
}

// survey finds the smallest and largest index of each mode, as in the file, and
// whether the entries are in C order, each after the one before it.
func (p *parser) survey() {
	p.extremes()
	p.increasing = true
	for k := 1; k < p.n && p.increasing; k++ {
		p.increasing = precedes(p.index, k-1, p.index, k)
	}
}

// precedes reports whether entry a of some lists comes before entry b of others in
// C order.
func precedes(x [][]int32, a int, y [][]int32, b int) bool {
	for m, list := range x {
		if i, j := list[a], y[m][b]; i != j {
			return i < j
		}
	}
	return false
}

func (p *parser) extremes() {
	p.low, p.high = make([]int32, len(p.index)), make([]int32, len(p.index))
	for m, list := range p.index {
		low, high := int32(math.MaxInt32)-p.base, -1-p.base
		for _, i := range list[:p.n] {
			low, high = min(low, i), max(high, i)
		}
		p.low[m], p.high[m] = low+p.base, high+p.base
	}
}

// plainLines adds the entries of the first lines, up to one of which an index
// has more than eight digits, the value is no number, or [kernel.Words] cannot
// tell the words. It returns where that line starts.
func (p *parser) plainLines(text []byte) (pos int) {
	order := len(p.index)
	fields := order + 1
	for {
		lines := kernel.Words(text[pos:], fields, p.numbers[:], p.ends[:])
		if lines = min(lines, len(p.values)-p.n); lines == 0 {
			return pos
		}
		good := lines
		for m, list := range p.index {
			list = list[p.n : p.n+good]
			for k := range list {
				v := p.numbers[k*fields+m]
				if v == kernel.NotPlain {
					good = k
					break
				}
				list[k] = int32(v) - p.base
			}
		}
		values := p.values[p.n : p.n+good]
		for k := range values {
			at := k*fields + order
			v := p.numbers[at]
			values[k] = float64(v)
			if v == kernel.NotPlain {
				var ok bool
				if values[k], ok = number(text[pos+int(p.ends[at-1])+1 : pos+int(p.ends[at])]); !ok {
					good = k
					break
				}
				if values[k]-values[k] != 0 {
					p.bad++
				}
			}
		}
		p.n += good
		if good > 0 {
			pos += int(p.ends[good*fields-1]) + 1
		}
		if good < lines {
			return pos
		}
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// parseLine adds the entry of a line, if there is one on it.
func (p *parser) parseLine(row []byte) error {
	i := 0
	for m, list := range p.index {
		for i < len(row) && isSpace(row[i]) {
			i++
		}
		start, v := i, uint64(0)
		for i < len(row) && row[i]-'0' < 10 && i-start < 11 {
			v = v*10 + uint64(row[i]-'0')
			i++
		}
		if i == start || i == len(row) || !isSpace(row[i]) || v >= math.MaxInt32 || p.n == len(p.values) {
			if m == 0 && (start == len(row) || row[start] == '#') {
				return nil
			}
			return explain(row, len(p.index))
		}
		list[p.n] = int32(v) - p.base
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
		return explain(row, len(p.index))
	}
	v, ok := number(word)
	if !ok {
		return explain(row, len(p.index))
	}
	if v-v != 0 {
		p.bad++
	}
	p.values[p.n] = v
	p.n++
	return nil
}

// number reads a value, NaN and infinities included.
func number(word []byte) (float64, bool) {
	if v, ok := decimal.Parse(word); ok {
		return v, true
	}
	return decimal.NonFinite(word)
}
