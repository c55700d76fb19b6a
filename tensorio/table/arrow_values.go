package table

import (
	"fmt"
	"math"
	"math/big"
	"time"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/polyad/polyad/tensorio/internal/decimal"
)

// valued is an array of values of one type.
type valued[T any] interface{ Value(k int) T }

// adder is a function that adds the k-th of some values to a mode's column.
func (p arrowType) adder(values arrow.Array, part *part, c *coder) (func(k int) error, error) {
	switch p.class {
	case textual:
		text := textOf(values)
		return func(k int) error {
			b := text(k)
			switch {
			case len(b) == 0 || part != nil && (isNA(b) || decimal.EqualFold(b, "nan") || decimal.EqualFold(b, "nat")):
				c.none()
			case part == nil:
				c.addText(b)
			default:
				v, err := part.key(b)
				if err != nil {
					return err
				}
				c.addNum(v)
			}
			return nil
		}, nil
	case boolean:
		words := [][]byte{[]byte("false"), []byte("true")}
		bools := values.(*array.Boolean)
		return func(k int) error {
			word := 0
			if bools.Value(k) {
				word = 1
			}
			c.addText(words[word])
			return nil
		}, nil
	case real, decimals:
		at := p.numbers(values)
		return func(k int) error { c.addFloat(at(k)); return nil }, nil
	}
	if u, ok := values.(*array.Uint64); ok {
		for k := range u.Len() {
			if u.IsValid(k) && u.Value(k) > math.MaxInt64 {
				return nil, fmt.Errorf("%d is too large (the limit is %d)", u.Value(k), int64(math.MaxInt64))
			}
		}
	}
	at := integersOf(values)
	if part == nil {
		return func(k int) error { c.addNum(at(k)); return nil }, nil
	}
	last, key, begun := int64(0), int64(0), false
	return func(k int) error {
		if v := at(k); !begun || v != last {
			last, key, begun = v, part.of(stampOf(moment(v, p.unit))), true
		}
		c.addNum(key)
		return nil
	}, nil
}

// textOf gives the texts of an array, which must not be changed.
func textOf(values arrow.Array) func(k int) []byte {
	switch a := values.(type) {
	case *array.Binary:
		return a.Value
	case *array.LargeBinary:
		return a.Value
	case valued[string]:
		return func(k int) []byte {
			s := a.Value(k)
			return unsafe.Slice(unsafe.StringData(s), len(s))
		}
	}
	panic(fmt.Sprintf("texts in an array of type %s", values.DataType()))
}

func widen[T ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64](a valued[T]) func(k int) int64 {
	return func(k int) int64 { return int64(a.Value(k)) }
}

// integersOf gives the whole numbers of an array; times in the unit of their
// column.
func integersOf(values arrow.Array) func(k int) int64 {
	switch a := values.(type) {
	case *array.Int8:
		return widen[int8](a)
	case *array.Int16:
		return widen[int16](a)
	case *array.Int32:
		return widen[int32](a)
	case *array.Int64:
		return widen[int64](a)
	case *array.Uint8:
		return widen[uint8](a)
	case *array.Uint16:
		return widen[uint16](a)
	case *array.Uint32:
		return widen[uint32](a)
	case *array.Uint64:
		return widen[uint64](a)
	case *array.Date32:
		return widen[arrow.Date32](a)
	case *array.Timestamp:
		return widen[arrow.Timestamp](a)
	case *array.Date64: // milliseconds at the start of a day
		const day = int64(24 * time.Hour / time.Millisecond)
		return func(k int) int64 {
			v := int64(a.Value(k))
			return (v - (v%day+day)%day) / day
		}
	}
	panic(fmt.Sprintf("whole numbers in an array of type %s", values.DataType()))
}

// decimalsOf gives the numbers of an array of decimals.
func decimalsOf[T interface{ BigInt() *big.Int }](a valued[T], scale int) func(k int) float64 {
	return func(k int) float64 { return scaled(a.Value(k).BigInt(), scale) }
}

// numbers gives the values of an array as float64. Whole numbers beyond 2^53
// are rounded.
func (p arrowType) numbers(values arrow.Array) func(k int) float64 {
	switch a := values.(type) {
	case *array.Float64:
		return a.Value
	case *array.Float32:
		return func(k int) float64 { return float64(a.Value(k)) }
	case *array.Float16:
		return func(k int) float64 { return float64(a.Value(k).Float32()) }
	case *array.Boolean:
		return func(k int) float64 {
			if a.Value(k) {
				return 1
			}
			return 0
		}
	case *array.Uint64:
		return func(k int) float64 { return float64(a.Value(k)) }
	case *array.Decimal32:
		return func(k int) float64 { return scaled(big.NewInt(int64(a.Value(k))), p.scale) }
	case *array.Decimal64:
		return func(k int) float64 { return scaled(big.NewInt(int64(a.Value(k))), p.scale) }
	case *array.Decimal128:
		return decimalsOf(a, p.scale)
	case *array.Decimal256:
		return decimalsOf(a, p.scale)
	}
	at := integersOf(values)
	return func(k int) float64 { return float64(at(k)) }
}
