package stream

import "slices"

// box is the indices lo[n], …, hi[n]-1 of each mode n.
type box struct{ lo, hi []int }

func (b box) shape() []int {
	s := make([]int, len(b.lo))
	for n := range s {
		s[n] = b.hi[n] - b.lo[n]
	}
	return s
}

func (b box) size() int {
	n := 1
	for _, s := range b.shape() {
		n *= s
	}
	return n
}

// cutting cuts a box into smaller ones of a bounded number of elements. The
// slower modes have one index each in a piece, one mode a range, and the
// others (and the mode that is kept) all of theirs.
type cutting struct {
	whole  box
	slower []int // modes of which a piece has one index, slowest first
	at     int   // the mode that is cut in ranges, or -1
	piece  int   // indices of at in a piece, at most
	count  int   // pieces
}

// cut cuts a box. order is the modes from the slowest to the fastest; keep is
// a mode that is not cut, or -1.
func cut(whole box, order []int, keep, limit int) cutting {
	c := cutting{whole: whole, at: -1, count: 1}
	shape := whole.shape()
	inner := 1
	if keep >= 0 {
		inner = shape[keep]
	}
	for k := len(order) - 1; k >= 0; k-- {
		n := order[k]
		if n == keep {
			continue
		}
		if c.at < 0 && inner*shape[n] <= limit {
			inner *= shape[n]
			continue
		}
		if c.at < 0 {
			c.at = n
			pieces := ceil(shape[n], max(1, limit/inner))
			c.piece = ceil(shape[n], pieces) // of nearly equal size
			c.count = ceil(shape[n], c.piece)
			continue
		}
		c.slower = append(c.slower, n)
		c.count *= shape[n]
	}
	slices.Reverse(c.slower)
	return c
}

func ceil(a, b int) int { return (a + b - 1) / b }

// box is piece k, in memory order.
func (c *cutting) box(k int) box {
	b := box{slices.Clone(c.whole.lo), slices.Clone(c.whole.hi)}
	if c.at < 0 {
		return b
	}
	pieces := ceil(c.whole.hi[c.at]-c.whole.lo[c.at], c.piece)
	b.lo[c.at] += k % pieces * c.piece
	b.hi[c.at] = min(b.lo[c.at]+c.piece, b.hi[c.at])
	k /= pieces
	for i := len(c.slower) - 1; i >= 0; i-- {
		n := c.slower[i]
		size := c.whole.hi[n] - c.whole.lo[n]
		b.lo[n] += k % size
		b.hi[n] = b.lo[n] + 1
		k /= size
	}
	return b
}

// read copies the elements of a box of x into dst, in the memory order of x.
func (x *Tensor) read(b box, dst []byte) error {
	// The fast modes that the box has whole, and the range of the next, are
	// neighbours in the file.
	run, k := 1, len(x.order)
	for k > 0 {
		n := x.order[k-1]
		run *= b.hi[n] - b.lo[n]
		k--
		if b.hi[n]-b.lo[n] < x.shape[n] {
			break
		}
	}
	outer := x.order[:k]
	index := slices.Clone(b.lo)
	bytes := run * int(x.store.src.elem)
	for {
		first := int64(0)
		for n, i := range index {
			first += int64(i) * int64(x.strides[n])
		}
		if err := x.store.src.readAt(dst[:bytes], first); err != nil {
			return err
		}
		dst = dst[bytes:]
		j := len(outer) - 1
		for ; j >= 0; j-- {
			n := outer[j]
			if index[n]++; index[n] < b.hi[n] {
				break
			}
			index[n] = b.lo[n]
		}
		if j < 0 {
			return nil
		}
	}
}
