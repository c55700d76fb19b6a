package scalar

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"sync/atomic"

	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// Decode converts the real numbers in raw to T. Integers beyond the exact
// range of T are rounded and counted; a finite number too large for T is an
// error.
func Decode[T tensor.Float](raw []byte, t Type) ([]T, Stats, error) {
	out := make([]T, len(raw)/t.Size)
	var rounded, large atomic.Int64
	par.Blocks(len(out), 1<<16, func(_, lo, hi int) {
		r, l := decode(out[lo:hi], raw[lo*t.Size:hi*t.Size], t)
		rounded.Add(int64(r))
		large.Add(int64(l))
	})
	if n := large.Load(); n > 0 {
		return nil, Stats{}, fmt.Errorf("%d of the %d values are too large for float32; use float64", n, len(out))
	}
	return out, Stats{Rounded: int(rounded.Load())}, nil
}

// decode converts one block and counts what was rounded and what was too
// large.
func decode[T tensor.Float](dst []T, src []byte, t Type) (rounded, large int) {
	switch t.Size {
	case 1:
		decode8(dst, src, t.Kind)
	case 2:
		decode16(dst, src, t)
	case 4:
		return decode32(dst, src, t), 0
	case 8:
		return decode64(dst, src, t)
	default:
		panic(fmt.Sprintf("scalar: elements of %d bytes", t.Size))
	}
	return 0, 0
}

func decode8[T tensor.Float](dst []T, src []byte, k Kind) {
	switch k {
	case Int:
		for i := range dst {
			dst[i] = T(int8(src[i]))
		}
	case Uint:
		for i := range dst {
			dst[i] = T(src[i])
		}
	default:
		for i := range dst {
			if src[i] != 0 {
				dst[i] = 1
			}
		}
	}
}

func decode16[T tensor.Float](dst []T, src []byte, t Type) {
	for i := range dst {
		u := binary.LittleEndian.Uint16(src[2*i:])
		if t.BigEndian {
			u = bits.ReverseBytes16(u)
		}
		switch t.Kind {
		case Int:
			dst[i] = T(int16(u))
		case Uint:
			dst[i] = T(u)
		case BFloat:
			dst[i] = T(math.Float32frombits(uint32(u) << 16))
		default:
			dst[i] = T(Float16(u))
		}
	}
}

func decode32[T tensor.Float](dst []T, src []byte, t Type) (rounded int) {
	for i := range dst {
		u := binary.LittleEndian.Uint32(src[4*i:])
		if t.BigEndian {
			u = bits.ReverseBytes32(u)
		}
		switch t.Kind {
		case Float:
			dst[i] = T(math.Float32frombits(u))
			continue
		case Int:
			dst[i] = T(int32(u))
			if int64(dst[i]) != int64(int32(u)) {
				rounded++
			}
		default:
			dst[i] = T(u)
			if int64(dst[i]) != int64(u) {
				rounded++
			}
		}
	}
	return rounded
}

func decode64[T tensor.Float](dst []T, src []byte, t Type) (rounded, large int) {
	for i := range dst {
		u := binary.LittleEndian.Uint64(src[8*i:])
		if t.BigEndian {
			u = bits.ReverseBytes64(u)
		}
		switch t.Kind {
		case Float:
			f := math.Float64frombits(u)
			dst[i] = T(f)
			if math.IsInf(float64(dst[i]), 0) && !math.IsInf(f, 0) {
				large++
			}
		case Int:
			dst[i] = T(int64(u))
			if !exact(float64(dst[i]), magnitude(int64(u))) {
				rounded++
			}
		default:
			dst[i] = T(u)
			if !exact(float64(dst[i]), u) {
				rounded++
			}
		}
	}
	return rounded, large
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// exact reports whether |f|, made from an integer of magnitude u, is u. A
// float of 2^64 is outside the range of uint64 and never exact.
func exact(f float64, u uint64) bool {
	f = math.Abs(f)
	return f < 1<<64 && uint64(f) == u
}

// Float16 is the value of an IEEE 754 binary16 number.
func Float16(u uint16) float32 {
	sign, exp, frac := uint32(u>>15)<<31, uint32(u>>10)&31, uint32(u)&1023
	switch exp {
	case 0:
		f := float32(frac) / (1 << 24) // zero and subnormal: exact
		return math.Float32frombits(math.Float32bits(f) | sign)
	case 31:
		return math.Float32frombits(sign | 0xff<<23 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}
