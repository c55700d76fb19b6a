package tns

import (
	"bytes"
	"math"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensorio/internal/decimal"
)

// parser turns the lines of one chunk into entries, on one goroutine.
type parser struct {
	base   int32     // is taken off every index
	index  [][]int32 // room for the entries
	values []float64
	n      int // entries so far
	bad    int // values that are NaN or infinite
	*survey
}

// survey is what a parser finds out about its entries, and room for the words of
// some lines, below those of the line before.
type survey struct {
	extremes
	increasing    bool     // in C order, each entry after the one before it
	earlier       extremes // before the lines at hand
	numbers, ends []uint32
}

// extremes are the smallest and largest index of each mode, as in the file; see
// kernel.Columns.
type extremes struct {
	low  [][kernel.ColumnLanes]uint32
	high [][kernel.ColumnLanes]int32
}

func newExtremes(order int) extremes {
	x := extremes{make([][kernel.ColumnLanes]uint32, order), make([][kernel.ColumnLanes]int32, order)}
	for m := range order {
		for k := range kernel.ColumnLanes {
			x.low[m][k], x.high[m][k] = math.MaxInt32, -1
		}
	}
	return x
}

// wordsAtOnce is the number of words that are read at a time, in the first-level
// cache.
const wordsAtOnce = 1 << 11

func newSurvey(order int) *survey {
	fields := order + 1
	s := &survey{
		extremes: newExtremes(order), earlier: newExtremes(order), increasing: true,
		numbers: make([]uint32, fields+wordsAtOnce), ends: make([]uint32, wordsAtOnce),
	}
	for m := range order {
		s.numbers[m] = kernel.NotPlain // comes before all
	}
	return s
}

// parse adds the entries of a text. Lines with single blanks are read many at a
// time; others are left to parseLine.
func (p *parser) parse(text []byte) *lineError {
	p.survey = newSurvey(len(p.index))
	// Lines so far, those that follow to be read one at a time, and how often in
	// a row plainLines has found none: it is asked less often then.
	line, slow, missed := 0, 0, 0
	for pos := 0; pos < len(text); {
		if slow == 0 {
			found, added, size := p.plainLines(text[pos:])
			line += added
			pos += size
			slow = found - added
			if found > 0 {
				missed = 0
			} else {
				slow = 1 << missed
				missed = min(missed+1, 5)
			}
			continue
		}
		end := bytes.IndexByte(text[pos:], '\n')
		if end < 0 {
			end = len(text) - pos
		}
		n := p.n
		if err := p.parseLine(text[pos : pos+end]); err != nil {
			return &lineError{line, err.Error()}
		}
		if p.n > n {
			p.note()
		}
		line++
		slow--
		pos += end + 1
	}
	return nil
}

// plainLines adds the entries of the first lines, as many as [kernel.Words] finds
// at once; fewer if there is an index of more than eight digits, or what is no
// number. It returns how many lines were found and added, and the length of
// these.
func (p *parser) plainLines(text []byte) (found, added, size int) {
	order := len(p.index)
	fields := order + 1
	numbers := p.numbers[fields:]
	found = min(kernel.Words(text, fields, numbers, p.ends), len(p.values)-p.n)
	if found == 0 {
		return 0, 0, 0
	}
	copy(p.earlier.low, p.low)
	copy(p.earlier.high, p.high)
	c := kernel.Columns(p.numbers, found, p.base, p.index, p.n, p.values, p.low, p.high)
	if c.OddIndex { // there may be a comment among the lines
		p.extremes, p.earlier = p.earlier, p.extremes
		return found, 0, 0
	}
	p.increasing = p.increasing && c.Increasing
	added = found
	if c.OddValue {
		added = p.oddValues(text, found)
	}
	if added > 0 {
		size = int(p.ends[added*fields-1]) + 1
		copy(p.numbers[:fields], p.numbers[added*fields:])
		p.n += added
	}
	return found, added, size
}

// oddValues reads the values of lines that are not plain, up to one that is no
// number, and returns the number of lines before that.
func (p *parser) oddValues(text []byte, lines int) int {
	fields := len(p.index) + 1
	values := p.values[p.n : p.n+lines]
	for k := range values {
		at := k*fields + fields - 1
		if p.numbers[fields+at] != kernel.NotPlain {
			continue
		}
		word := text[p.ends[at-1]+1 : p.ends[at]]
		if word[len(word)-1] == '\r' {
			word = word[:len(word)-1]
		}
		v, ok := number(word)
		if !ok {
			return k
		}
		if values[k] = v; v-v != 0 {
			p.bad++
		}
	}
	return lines
}

// note enters the last entry in the survey.
func (p *parser) note() {
	differs := false
	for m, list := range p.index {
		i, above := list[p.n-1]+p.base, int32(p.numbers[m])
		if i != above && !differs {
			p.increasing = p.increasing && i > above
			differs = true
		}
		p.numbers[m] = uint32(i)
		p.low[m][0], p.high[m][0] = min(p.low[m][0], uint32(i)), max(p.high[m][0], i)
	}
	p.increasing = p.increasing && differs
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
