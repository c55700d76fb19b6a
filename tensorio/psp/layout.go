package psp

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

const (
	magic     = "\x89PSP\r\n\x1a\n"
	version   = 1
	headBytes = 64
	alignment = 64
	maxOrder  = 1 << 16
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// layout says where everything is.
type layout struct {
	shape     []int
	valueSize int // bytes
	count     uint64
	axes      uint64 // bytes of JSON
}

func aligned(n uint64) uint64 { return (n + alignment - 1) &^ (alignment - 1) }

// block is the offset of block k: a list of indices for k below the order,
// then the values, then the axes, then the end.
func (l *layout) block(k int) uint64 {
	order := len(l.shape)
	at := aligned(headBytes + 8*uint64(order))
	at += uint64(min(k, order)) * aligned(4*l.count)
	if k > order {
		at += aligned(uint64(l.valueSize) * l.count)
	}
	if k > order+1 {
		at += l.axes
	}
	return at
}

// size is the length of the file; false if that is no number.
func (l *layout) size() (uint64, bool) {
	if l.count > math.MaxInt64/uint64(8*(len(l.shape)+2)) || l.axes > math.MaxInt64/4 {
		return 0, false
	}
	return l.block(len(l.shape) + 2), true
}

// header is the bytes before the first block.
func (l *layout) header(axesSum uint32) []byte {
	order := len(l.shape)
	b := make([]byte, aligned(headBytes+8*uint64(order)))
	copy(b, magic)
	le := binary.LittleEndian
	le.PutUint32(b[8:], version)
	le.PutUint32(b[12:], uint32(order))
	le.PutUint32(b[16:], uint32(l.valueSize))
	le.PutUint32(b[20:], 4)
	le.PutUint64(b[24:], l.count)
	le.PutUint64(b[32:], l.axes)
	size, _ := l.size()
	le.PutUint64(b[40:], size)
	le.PutUint32(b[48:], axesSum)
	for n, s := range l.shape {
		le.PutUint64(b[headBytes+8*n:], uint64(s))
	}
	le.PutUint32(b[52:], headSum(b, order))
	return b
}

func headSum(b []byte, order int) uint32 {
	sum := crc32.Update(0, castagnoli, b[:52])
	return crc32.Update(sum, castagnoli, b[headBytes:headBytes+8*order])
}
