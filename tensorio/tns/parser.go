package tns

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/polyad/polyad/tensorio/internal/decimal"
)

// parser turns the lines of one chunk into entries, on one goroutine.
type parser struct {
	base   int32     // is taken off every index
	index  [][]int32 // room for the entries
	values []float64
	n      int     // entries so far
	bad    int     // values that are NaN or infinite
	low    []int32 // see entries
	high   []int32
}

// parse adds the entries of a text. Lines of digits and single blanks are read
// many at a time; others are left to parseLine.
func (p *parser) parse(text []byte) *lineError {
	line := 0
	for pos := 0; pos < len(text); line++ {
		first := p.n
		pos = p.plainLines(text, pos)
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

// extremes finds the smallest and largest index of each mode, as in the file.
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

// plainLines adds the entries of the lines from pos on, up to the first that
// is not plain: numbers of one to nine digits with a blank between them, and a
// value of at most 15 digits; or that is so near the end of the text that a
// block of bytes does not fit. It returns where that line starts.
//
// The ends of numbers are found a block at a time, so that no number waits for
// the one before it (Langdale & Lemire 2019, doi:10.1007/s00778-019-00578-5).
func (p *parser) plainLines(text []byte, pos int) int {
	if pos+blockBytes+8 > len(text) {
		return pos
	}
	n, index, values, base := p.n, p.index, p.values, uint32(p.base)
	block, ends := pos, nonDigits(text[pos:]) // ends that are still to come in the block at hand
lines:
	for n < len(values) {
		i := pos
		for m := 0; ; m++ {
			for ends == 0 {
				if block += blockBytes; block+blockBytes+8 > len(text) {
					break lines
				}
				ends = nonDigits(text[block:])
			}
			end := block + bits.TrailingZeros64(ends)
			ends &= ends - 1
			c, v := text[end], uint32(0)
			if k := end - i; uint(k-1) < 7 {
				v = joinDigits(binary.LittleEndian.Uint64(text[i:i+8])^zeros, 8*k)
			} else if m == len(index) {
				c = 0 // for plainNumber
			} else if k == 0 || k > 9 {
				break lines
			} else {
				for _, d := range text[i:end] {
					v = v*10 + uint32(d-'0')
				}
			}
			if m == len(index) {
				if values[n] = float64(v); c == '\n' {
					pos = end + 1
					break
				}
				if values[n], end = plainNumber(text, i); end == 0 {
					break lines
				}
				for end >= block+blockBytes {
					if block += blockBytes; block+blockBytes+8 > len(text) {
						break lines
					}
					ends = nonDigits(text[block:])
				}
				ends &= ^uint64(1) << (end - block)
				pos = end + 1
				break
			}
			if c != ' ' && c != '\t' {
				break lines
			}
			index[m][n] = int32(v - base)
			i = end + 1
		}
		n++
	}
	p.n = n
	return pos
}

// blockBytes is the number of bytes that nonDigits looks at.
const blockBytes = 64

// nonDigits has a bit for each of the first 64 bytes of a text, set where the
// byte is no digit.
func nonDigits(text []byte) (set uint64) {
	text = text[:blockBytes]
	for i := 0; i < blockBytes; i += 8 {
		w := binary.LittleEndian.Uint64(text[i:i+8]) ^ zeros
		w = (w&^high + 0x7676767676767676 | w) & high // 10 and more reach the highest bit of their byte
		set |= w >> 7 * 0x0102040810204080 >> 56 << i
	}
	return set
}

const (
	zeros = 0x3030303030303030 // turns eight digits into their numbers 0 to 9, by exclusive or
	high  = 0x8080808080808080 // of each byte
)

// joinDigits is the number that the first k bits of eight bytes (less zeros)
// spell, k from 8 to 56.
func joinDigits(w uint64, k int) uint32 {
	// The digits go to the top, zeros in front of them, and are joined to
	// numbers of two, four and eight digits.
	w <<= uint(-k) & 63
	w = w * (1 + 10<<8) >> 8 & 0x00ff00ff00ff00ff
	w = w * (1 + 100<<16) >> 16 & 0x0000ffff0000ffff
	return uint32(w * (1 + 10000<<32) >> 32)
}

// powers are the powers of ten that float64 holds exactly.
var powers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// plainNumber reads a number of at most 15 digits from text[i:] on, up to the
// end of its line, and returns where that is; 0 if there is anything else.
// Number and power of ten are exact, so that their quotient is rounded once,
// as it should be.
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
	return f, i
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
