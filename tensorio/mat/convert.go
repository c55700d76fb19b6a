package mat

import (
	"encoding/binary"
	"math"

	"github.com/polyad/polyad/tensor"
)

// convert turns bytes of a type into numbers and returns how many. Integers
// beyond 2^53 are rounded to the nearest number.
func convert[T tensor.Float](out []T, b []byte, kind uint32, order binary.ByteOrder) int {
	w := width(kind)
	n := len(b) / w
	out, b = out[:n], b[:n*w]
	switch kind {
	case miInt8:
		for k, v := range b {
			out[k] = T(int8(v))
		}
	case miUint8:
		for k, v := range b {
			out[k] = T(v)
		}
	case miInt16:
		for k := range out {
			out[k] = T(int16(order.Uint16(b[2*k:])))
		}
	case miUint16:
		for k := range out {
			out[k] = T(order.Uint16(b[2*k:]))
		}
	case miInt32:
		for k := range out {
			out[k] = T(int32(order.Uint32(b[4*k:])))
		}
	case miUint32:
		for k := range out {
			out[k] = T(order.Uint32(b[4*k:]))
		}
	case miSingle:
		for k := range out {
			out[k] = T(math.Float32frombits(order.Uint32(b[4*k:])))
		}
	case miDouble:
		for k := range out {
			out[k] = T(math.Float64frombits(order.Uint64(b[8*k:])))
		}
	case miInt64:
		for k := range out {
			out[k] = T(int64(order.Uint64(b[8*k:])))
		}
	case miUint64:
		for k := range out {
			out[k] = T(order.Uint64(b[8*k:]))
		}
	}
	return n
}
