package table

import (
	"fmt"
	"math"
	"math/big"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"

	"github.com/polyad/polyad/tensorio/internal/decimal"
)

var nan = math.NaN()

// entries are values of a mode's column, ready to be coded: texts, or
// numbers, or float64.
type entries struct {
	n       int
	data    []byte
	offsets []uint32
	nums    []int64
	reals   []float64
	missing []bool // nil if there are none
	bools   bool
}

func (e *entries) add(c *coder, k int) {
	switch {
	case e.missing != nil && e.missing[k]:
		c.none()
	case e.offsets != nil:
		if e.offsets[k] == e.offsets[k+1] {
			c.none()
			return
		}
		c.addText(e.data[e.offsets[k]:e.offsets[k+1]])
	case e.reals != nil:
		c.addFloat(e.reals[k])
	case e.bools:
		c.addText([]byte([]string{"false", "true"}[e.nums[k]]))
	default:
		c.addNum(e.nums[k])
	}
}

// entries reads what the mode needs of stored values.
func (p parquetType) entries(v encoding.Values, m *mode) (entries, error) {
	var e entries
	switch p.class {
	case textual:
		e.data, e.offsets = v.ByteArray()
		e.n = max(len(e.offsets)-1, 0)
		if m.part == nil {
			return e, nil
		}
		e.nums, e.missing = make([]int64, e.n), make([]bool, e.n)
		for k := range e.nums {
			b := e.data[e.offsets[k]:e.offsets[k+1]]
			if isNA(b) || decimal.EqualFold(b, "nan") || decimal.EqualFold(b, "nat") {
				e.missing[k] = true
				continue
			}
			var err error
			if e.nums[k], err = m.part.key(b); err != nil {
				return e, err
			}
		}
		e.data, e.offsets = nil, nil
		return e, nil
	case boolean:
		e.bools = true
		e.nums = bits(v.Boolean())
	case real, decimals:
		var err error
		e.reals, err = p.numbers(v)
		e.n = len(e.reals)
		return e, err
	default:
		var err error
		if e.nums, err = p.integers(v); err != nil {
			return e, err
		}
		if m.part != nil {
			if m.part.clock && p.unit == 24*time.Hour {
				return e, fmt.Errorf("dates have no time of day, which %s() needs", m.part.name)
			}
			e.nums = partsOf(e.nums, p.unit, m.part)
		}
	}
	e.n = len(e.nums)
	return e, nil
}

// partsOf applies a part to times.
func partsOf(times []int64, unit time.Duration, part *part) []int64 {
	out := make([]int64, len(times))
	for k, v := range times {
		if k > 0 && v == times[k-1] {
			out[k] = out[k-1]
			continue
		}
		out[k] = part.of(stampOf(moment(v, unit)))
	}
	return out
}

// moment is v units after 1970, in UTC. A Parquet file that says its times
// are local gives the clock of the place.
func moment(v int64, unit time.Duration) time.Time {
	if unit >= time.Second {
		return time.Unix(v*int64(unit/time.Second), 0).UTC()
	}
	per := int64(time.Second / unit)
	sec, rest := v/per, v%per
	if rest < 0 {
		sec, rest = sec-1, rest+per
	}
	return time.Unix(sec, rest*int64(unit)).UTC()
}

// bits unpacks booleans, the lowest bit first.
func bits(packed []byte) []int64 {
	out := make([]int64, 8*len(packed))
	for k := range out {
		out[k] = int64(packed[k/8] >> (k % 8) & 1)
	}
	return out
}

// integers reads whole numbers.
func (p parquetType) integers(v encoding.Values) ([]int64, error) {
	switch p.kind {
	case parquet.Int32:
		out := make([]int64, 0, len(v.Int32()))
		for _, i := range v.Int32() {
			if p.class == unsigned {
				out = append(out, int64(uint32(i)))
			} else {
				out = append(out, int64(i))
			}
		}
		return out, nil
	case parquet.Int64:
		for _, i := range v.Int64() {
			if p.class == unsigned && i < 0 {
				return nil, fmt.Errorf("%d is too large (the limit is %d)", uint64(i), int64(math.MaxInt64))
			}
		}
		return v.Int64(), nil
	case parquet.Int96: // nanoseconds of the day, and the day after Julian's count
		out := make([]int64, 0, len(v.Int96()))
		for _, i := range v.Int96() {
			day := int64(i[2]) - 2440588
			ns := int64(uint64(i[1])<<32 | uint64(i[0]))
			if day < -106751 || day > 106750 || ns < 0 || ns > 2*86400e9 {
				return nil, fmt.Errorf("day %d and nanosecond %d of a timestamp (INT96) are not between the years 1678 and 2262", i[2], ns)
			}
			out = append(out, day*86400e9+ns)
		}
		return out, nil
	}
	return nil, fmt.Errorf("values of type %s are not read", p.text)
}

// numbers reads values as float64. Whole numbers beyond 2^53 are rounded.
func (p parquetType) numbers(v encoding.Values) ([]float64, error) {
	var out []float64
	switch {
	case p.class == boolean:
		for _, b := range bits(v.Boolean()) {
			out = append(out, float64(b))
		}
	case p.kind == parquet.Float:
		out = make([]float64, 0, len(v.Float()))
		for _, f := range v.Float() {
			out = append(out, float64(f))
		}
	case p.kind == parquet.Double:
		return v.Double(), nil
	case p.class == decimals && (p.kind == parquet.FixedLenByteArray || p.kind == parquet.ByteArray):
		return p.bigDecimals(v)
	case p.class == unsigned && p.kind == parquet.Int64:
		for _, u := range v.Uint64() {
			out = append(out, float64(u))
		}
	default:
		ints, err := p.integers(v)
		if err != nil {
			return nil, err
		}
		out = make([]float64, 0, len(ints))
		for _, i := range ints {
			if p.class == decimals {
				out = append(out, scaled(big.NewInt(i), p.scale))
			} else {
				out = append(out, float64(i))
			}
		}
	}
	return out, nil
}

// bigDecimals reads two's complement numbers, the highest byte first.
func (p parquetType) bigDecimals(v encoding.Values) ([]float64, error) {
	var words [][]byte
	if p.kind == parquet.ByteArray {
		data, offsets := v.ByteArray()
		for k := 1; k < len(offsets); k++ {
			words = append(words, data[offsets[k-1]:offsets[k]])
		}
	} else {
		data, size := v.FixedLenByteArray()
		for ; size > 0 && len(data) >= size; data = data[size:] {
			words = append(words, data[:size])
		}
	}
	out := make([]float64, len(words))
	for k, w := range words {
		i := new(big.Int).SetBytes(w)
		if len(w) > 0 && w[0] >= 0x80 {
			i.Sub(i, new(big.Int).Lsh(big.NewInt(1), uint(8*len(w))))
		}
		out[k] = scaled(i, p.scale)
	}
	return out, nil
}

// scaled is the float64 nearest to i / 10^scale.
func scaled(i *big.Int, scale int) float64 {
	den := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(min(max(scale, 0), 400))), nil)
	f, _ := new(big.Rat).SetFrac(i, den).Float64()
	return f
}
