package kernel

import "fmt"

// Fibers of a sparse tensor are runs of a list of indices. The word of an
// entry is its index, with the highest bit set if the entry is the last of its
// fiber.
const (
	LastOfFiber = 1 << 31
	fiberMask   = LastOfFiber - 1
)

// FiberStride is the least distance of two rows of n columns in what
// [SumScaled] and [SumProducts] write and [SumProducts] and [AddRowsAt] read:
// such rows are padded to whole vectors.
func FiberStride(n int) int { return (n + 7) &^ 7 }

// SumScaled adds up scaled rows of w, fiber after fiber: row f of y becomes
//
//	y[f, j] = sum over the words e of fiber f of x[e] * w[words[e], j],  0 <= j < cols
//
// The first n words are read; the last of them ends a fiber, marked or not.
// Words beyond are looked at to fetch rows of w ahead. w has rows of cols
// elements, ws apart. y has room for n rows, ys apart, at least
// FiberStride(cols), the padding of which is overwritten. It returns the
// number of fibers. Sums run in the order of the words; each product is
// rounded before it is added.
//
// That all indices are below rows, the number of rows of w, is for the caller
// to see to, once for a list that is used many times.
func SumScaled(n, cols int, y []float64, ys int, x []float64, words []uint32, rows int, w []float64, ws int) int {
	if n <= 0 || cols <= 0 {
		return 0
	}
	checkPadded("SumScaled", n, cols, y, ys)
	checkRows("SumScaled", n, cols, words, rows, w, ws)
	if n > len(x) {
		panic(fmt.Sprintf("kernel: SumScaled of %d words with %d numbers", n, len(x)))
	}
	lanes := fiberLanes()
	if lanes > 0 {
		fibers := 0
		for j := 0; j < cols; j += 4 * lanes {
			fibers = runFibers(sumScaled, min(4*lanes, cols-j), j, words[:n], len(words), y, ys, x, 1, w, ws)
		}
		return fibers
	}
	row, fresh, fibers := y, true, 1
	for e, word := range words[:n] {
		v, src := x[e], w[int(word&fiberMask)*ws:][:cols]
		dst := row[:len(src)]
		if fresh {
			for j, u := range src {
				dst[j] = float64(v * u)
			}
		} else {
			for j, u := range src {
				dst[j] += float64(v * u)
			}
		}
		if fresh = word >= LastOfFiber; fresh && e < n-1 {
			row = row[ys:]
			fibers++
		}
	}
	return fibers
}

// SumProducts adds up the products of rows, fiber after fiber: row f of y
// becomes
//
//	y[f, j] = sum over the words e of fiber f of x[e, j] * w[words[e], j],  0 <= j < cols
//
// with rows of x that are xs apart, at least FiberStride(cols). y may be x
// itself if its rows are as far apart. All else is as for [SumScaled].
func SumProducts(n, cols int, y []float64, ys int, x []float64, xs int, words []uint32, rows int, w []float64, ws int) int {
	if n <= 0 || cols <= 0 {
		return 0
	}
	checkPadded("SumProducts", n, cols, y, ys)
	checkPadded("SumProducts", n, cols, x, xs)
	checkRows("SumProducts", n, cols, words, rows, w, ws)
	lanes := fiberLanes()
	if lanes > 0 {
		fibers := 0
		for j := 0; j < cols; j += 4 * lanes {
			fibers = runFibers(sumProducts, min(4*lanes, cols-j), j, words[:n], len(words), y, ys, x, xs, w, ws)
		}
		return fibers
	}
	row, fresh, fibers := y, true, 1
	for e, word := range words[:n] {
		a, src := x[e*xs:][:cols], w[int(word&fiberMask)*ws:][:cols]
		dst := row[:len(src)]
		a = a[:len(src)]
		if fresh {
			for j, u := range src {
				dst[j] = float64(a[j] * u)
			}
		} else {
			for j, u := range src {
				dst[j] += float64(a[j] * u)
			}
		}
		if fresh = word >= LastOfFiber; fresh && e < n-1 {
			row = row[ys:]
			fibers++
		}
	}
	return fibers
}

// AddRowsAt adds row e of x to row words[e] of w, for the first n words, whose
// marks mean nothing. Rows of x are xs apart, at least FiberStride(cols).
func AddRowsAt(n, cols int, x []float64, xs int, words []uint32, rows int, w []float64, ws int) {
	if n <= 0 || cols <= 0 {
		return
	}
	checkPadded("AddRowsAt", n, cols, x, xs)
	checkRows("AddRowsAt", n, cols, words, rows, w, ws)
	lanes := fiberLanes()
	if lanes > 0 {
		for j := 0; j < cols; j += 4 * lanes {
			runFibers(addRows, min(4*lanes, cols-j), j, words[:n], len(words), nil, 0, x, xs, w, ws)
		}
		return
	}
	for e, word := range words[:n] {
		dst := w[int(word&fiberMask)*ws:][:cols]
		src := x[e*xs:][:len(dst)]
		for j, v := range src {
			dst[j] += v
		}
	}
}

func checkPadded(what string, rows, cols int, x []float64, xs int) {
	if xs < FiberStride(cols) || len(x) < rows*xs {
		panic(fmt.Sprintf("kernel: %s: %d rows of %d padded columns, %d apart, in %d numbers", what, rows, cols, xs, len(x)))
	}
}

func checkRows(what string, n, cols int, words []uint32, rows int, w []float64, ws int) {
	if n > len(words) {
		panic(fmt.Sprintf("kernel: %s of %d words of %d", what, n, len(words)))
	}
	if rows < 1 || ws < cols || (rows-1)*ws+cols > len(w) {
		panic(fmt.Sprintf("kernel: %s: %d rows of %d columns, %d apart, in %d numbers", what, rows, cols, ws, len(w)))
	}
}
