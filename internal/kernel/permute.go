package kernel

import (
	"fmt"
	"unsafe"

	"github.com/polyad/polyad/internal/par"
)

// permuteChunk is the number of elements of dst that a goroutine copies at a
// time, about.
const permuteChunk = 1 << 16

// Permute copies a strided N-way array into dst in C order: dst holds the
// elements of the array of the given shape whose element (i_0, …) is
// src[sum i_n*strides[n]]. T may be any type; 4-, 8- and 16-byte elements
// are what it is tuned for. Strides are not negative; 0 repeats an element.
func Permute[T any](dst, src []T, shape, strides []int) {
	if len(shape) != len(strides) {
		panic(fmt.Sprintf("kernel: Permute: %d sizes and %d strides", len(shape), len(strides)))
	}
	size, last := 1, 0
	for n, s := range shape {
		if s < 0 || strides[n] < 0 {
			panic(fmt.Sprintf("kernel: Permute: axis %d has size %d and stride %d", n, s, strides[n]))
		}
		size *= s
		last += (s - 1) * strides[n]
	}
	if len(dst) != size {
		panic(fmt.Sprintf("kernel: Permute: dst has %d elements, the shape %v has %d", len(dst), shape, size))
	}
	if size == 0 {
		return
	}
	if last >= len(src) {
		panic(fmt.Sprintf("kernel: Permute: the last element is at %d of %d", last, len(src)))
	}
	p := newPermutation(shape, strides)
	rows := len(dst) / (p.rows * p.cols)
	if p.across < 0 {
		runs(dst, src, p)
		return
	}
	par.Blocks(rows*p.pieces, max(1, permuteChunk/(p.rowPiece*p.cols)), func(_, lo, hi int) {
		for t := lo; t < hi; t++ {
			from, to := p.offsets(t / p.pieces)
			i0 := t % p.pieces * p.rowPiece
			i1 := min(i0+p.rowPiece, p.rows)
			transposeBlock(dst[to+i0*p.rowStride:], src[from+i0:], i1-i0, p.cols, p.rowStride, p.colStride, nil)
		}
	})
}

// runs copies an array whose last axis is the one to walk in src as well.
func runs[T any](dst, src []T, p *permutation) {
	length := min(p.cols, permuteChunk)
	pieces := ceilDiv(p.cols, length)
	par.Blocks(len(dst)/p.cols*pieces, permuteChunk/length, func(_, lo, hi int) {
		for t := lo; t < hi; t++ {
			from, to := p.offsets(t / pieces)
			i0 := t % pieces * length
			i1 := min(i0+length, p.cols)
			row := dst[to+i0 : to+i1]
			if p.colStride == 1 {
				copy(row, src[from+i0:])
				continue
			}
			o := from + i0*p.colStride
			for i := range row {
				row[i] = src[o]
				o += p.colStride
			}
		}
	})
}

// permutation is an array to copy, after axes of size 1 are dropped and axes
// that follow each other in src and dst alike are merged.
//
// If an axis other than the last has the stride 1 in src, that axis (rows)
// and the last (cols) form matrices to transpose, and the other axes
// enumerate them. Otherwise across is -1, rows is 1 and the last axis is
// copied by itself.
type permutation struct {
	shape, strides, out []int // of the axes that enumerate; out: strides in dst
	across              int
	rows, cols          int
	rowStride           int // of rows in dst
	colStride           int // of cols in src
	rowPiece, pieces    int // the rows are cut in so many pieces of this length
}

func newPermutation(shape, strides []int) *permutation {
	p := &permutation{across: -1, rows: 1, cols: 1, colStride: 1, rowPiece: 1, pieces: 1}
	for n, s := range shape {
		if s == 1 {
			continue
		}
		if e := len(p.shape) - 1; e >= 0 && p.strides[e] == s*strides[n] {
			p.shape[e] *= s
			p.strides[e] = strides[n]
			continue
		}
		p.shape = append(p.shape, s)
		p.strides = append(p.strides, strides[n])
	}
	last := len(p.shape) - 1
	if last < 0 {
		return p
	}
	p.out = make([]int, last+1)
	for n, step := last, 1; n >= 0; n-- {
		p.out[n] = step
		step *= p.shape[n]
	}
	p.cols, p.colStride = p.shape[last], p.strides[last]
	if p.colStride != 1 {
		for n := range last {
			if p.strides[n] == 1 {
				p.across = n
			}
		}
	}
	if p.across >= 0 {
		p.rows, p.rowStride = p.shape[p.across], p.out[p.across]
		p.rowPiece = min(p.rows, max(64, permuteChunk/p.cols/64*64))
		p.pieces = ceilDiv(p.rows, p.rowPiece)
	}
	keep := 0
	for n := range last {
		if n != p.across {
			p.shape[keep], p.strides[keep], p.out[keep] = p.shape[n], p.strides[n], p.out[n]
			keep++
		}
	}
	p.shape, p.strides, p.out = p.shape[:keep], p.strides[:keep], p.out[:keep]
	return p
}

// offsets returns where matrix or run t starts in src and dst.
func (p *permutation) offsets(t int) (from, to int) {
	for n := len(p.shape) - 1; n >= 0; n-- {
		i := t % p.shape[n]
		t /= p.shape[n]
		from += i * p.strides[n]
		to += i * p.out[n]
	}
	return from, to
}

// transposeBlock copies the rows×cols matrix dst[i*rowStride+j] =
// src[i+j*colStride] in tiles that touch few cache lines of both. The next
// matrix is to be at after; nil if there is none.
func transposeBlock[T any](dst, src []T, rows, cols, rowStride, colStride int, after *T) {
	size := int(unsafe.Sizeof(dst[0]))
	raw := plain(dst)
	tile := max(8, 256/max(1, size))
	for j0 := 0; j0 < cols; j0 += tile {
		j1 := min(j0+tile, cols)
		for i0 := 0; i0 < rows; i0 += tile {
			i1 := min(i0+tile, rows)
			to, from := dst[i0*rowStride+j0:], src[i0+j0*colStride:]
			r, c := 0, 0
			if raw {
				next := after
				if i1 < rows {
					next = &from[i1-i0]
				} else if j1 < cols {
					next = &src[j1*colStride]
				}
				r, c = transposeFast(unsafe.Pointer(&to[0]), rowStride, unsafe.Pointer(&from[0]), colStride, i1-i0, j1-j0, size, unsafe.Pointer(next))
			}
			for i := range i1 - i0 {
				first := 0
				if i < r {
					first = c
				}
				row := to[i*rowStride : i*rowStride+j1-j0]
				for j := first; j < len(row); j++ {
					row[j] = from[i+j*colStride]
				}
			}
		}
	}
}

// plain reports whether the elements of x are known to hold no pointers, so
// that assembly may move them.
func plain[T any](x []T) bool {
	switch any(x).(type) {
	case []float32, []float64, []complex64, []int32, []uint32, []int64, []uint64, []int, []uint:
		return true
	}
	return false
}
