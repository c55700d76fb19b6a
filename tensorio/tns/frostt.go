package tns

import (
	"errors"
	"fmt"
	"slices"

	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/cells"
)

// readFrostt reads a headerless list, or one with only the sizes above it.
func readFrostt(data []byte, opt Options) (*Result, error) {
	res := &Result{Dialect: "frostt"}
	h := sizesAbove(data)
	if h.order < 1 {
		return nil, errors.New("line 1: 1 field, expected indices and a value")
	}
	e, err := parseEntries(data[h.pos:], h.lines, h.order, 1)
	if err != nil {
		return nil, err
	}
	if h.shape == nil {
		// A first line "I J K nnz" looks like an entry.
		if shape := sizesAsEntry(e); shape != nil {
			s := lines{data: data}
			s.next()
			h.shape = shape
			if e, err = parseEntries(data[s.pos:], s.line, h.order, 1); err != nil {
				return nil, err
			}
		}
	} else if h.count >= 0 && h.count != len(e.values) {
		return nil, fmt.Errorf("%d entries, but line %d promises %d: the file is %s", len(e.values), h.lines, h.count, damage(len(e.values) < h.count))
	}
	if h.shape != nil {
		res.note("The sizes %s stand above the list.", cells.Text(h.shape))
	}
	return res, res.coordinates(e, h.shape, opt)
}

// header is what stands above a headerless list after all.
type header struct {
	order int
	shape []int // nil if there is none
	count int   // the promised number of entries, or -1
	pos   int   // where the list starts
	lines int   // lines above it
}

// sizesAbove recognises the unnamed headers that some writers use: the
// sizes, with or without the order above and the number of entries below
// them. They differ from entries by the number of fields of their lines.
func sizesAbove(data []byte) header {
	s := lines{data: data}
	line, _ := s.next()
	k := fieldCount(line)
	none := header{order: k - 1, count: -1}
	if one, ok := integers(line, 1); ok {
		if line, ok = s.next(); !ok {
			return none
		}
		if shape, ok := integers(line, one[0]); ok {
			return sizesEnd(s, shape)
		}
		return none
	}
	shape, ok := integers(line, k)
	if !ok {
		return none
	}
	if h := sizesEnd(s, shape); h.shape != nil {
		return h
	}
	return none
}

// sizesEnd checks that entries follow a line of sizes, perhaps after a line
// with their number.
func sizesEnd(s lines, shape []int) header {
	h := header{order: len(shape), shape: shape, count: -1, pos: s.pos, lines: s.line}
	line, ok := s.next()
	if !ok {
		return header{order: len(shape) - 1, count: -1}
	}
	if count, ok := integers(line, 1); ok {
		h.count, h.pos, h.lines = count[0], s.pos, s.line
		if line, ok = s.next(); !ok {
			return h
		}
	}
	if fieldCount(line) != len(shape)+1 {
		return header{order: len(shape) - 1, count: -1}
	}
	return h
}

// sizesAsEntry recognises a first line of the sizes and the number of
// entries: it has the form of an entry, counts the lines below it, and
// bounds their indices.
func sizesAsEntry(e *entries) []int {
	n := len(e.values) - 1
	if n < 1 || e.values[0] != float64(n) {
		return nil
	}
	shape := make([]int, e.order)
	for m, list := range e.index {
		shape[m] = int(list[0] + e.base)
		if shape[m] == 0 || e.high[m] > list[0]+e.base {
			return nil
		}
	}
	return shape
}

// coordinates makes the tensor of a coordinate list. shape is nil if the
// file does not tell it.
func (res *Result) coordinates(e *entries, shape []int, opt Options) error {
	res.Entries = len(e.values)
	if len(e.values) == 0 && shape == nil {
		return errNoEntries
	}
	res.Base = 1
	if slices.Contains(e.low, 0) {
		res.Base = 0
	}
	if len(e.values) > 0 {
		why := "as the format says"
		if res.Base == 0 {
			why = "as index 0 occurs"
		}
		res.note("Indices count from %d, %s.", res.Base, why)
	}
	if shape == nil {
		for _, top := range e.high {
			shape = append(shape, int(top)+1-res.Base)
		}
	} else if err := e.checkRange(shape, res.Base); err != nil {
		return err
	}
	e.countFrom(res.Base)
	bad, err := e.checkFinite(opt)
	if err != nil {
		return err
	}
	if bad > 0 && opt.Missing == "unobserved" {
		if e.dropBad(); len(e.values) == 0 {
			return errNoneFinite
		}
	}
	if bad > 0 && opt.Missing == "zero" { // before entries are joined
		zeroBad(e.values)
	}
	thin := opt.Missing != "unobserved" && cells.Sparse(shape, len(e.values))
	total, counted := cells.Size(shape)
	if bad > 0 && opt.Missing == "nan" {
		if !counted || total > cells.MaxDense/4 { // the known cells are listed
			return fmt.Errorf("%s cells are too many to list all but those with the %d values that are NaN or infinite: --missing zero treats these as 0, --missing unobserved reads the %d listed cells alone",
				cells.Text(shape), bad, len(e.values))
		}
		thin = false
	}
	listed := len(e.values)
	index, values := e.index, e.values
	if join := sparse.Duplicates(opt.Aggregate); !e.increasing || join == sparse.Count {
		index, values, err = sparse.MergeInPlace(shape, index, values, join)
	}
	var dup *sparse.DuplicateError
	if errors.As(err, &dup) {
		first, second := e.linesOf(dup.Cell)
		for m := range dup.Cell {
			dup.Cell[m] += res.Base
		}
		return fmt.Errorf("lines %d and %d list the same cell %v: join such entries with --aggregate sum (or mean, count, last, min, max)",
			first, second, dup.Cell)
	}
	if err != nil {
		return err
	}
	if d := listed - len(values); d > 0 {
		res.note("%d entries repeat a cell and were joined (%s).", d, opt.Aggregate)
	}
	if thin {
		if bad > 0 {
			res.note("%d values are NaN or infinite and count as zero.", bad)
		}
		res.note("The tensor is kept sparse: %d of its cells are listed, the others are 0 (--missing unobserved takes them for unknown).", len(values))
		res.Tensor = sparse.Merged(shape, index, values)
		return nil
	}
	if opt.Missing == "unobserved" && (!counted || len(values) < total) {
		if bad > 0 {
			res.note("%d values are NaN or infinite and count as unobserved.", bad)
		}
		res.Tensor, err = tensor.NewObserved(shape, index, values)
		return err
	}
	return res.finish(cells.Fill(shape, index, values), bad, opt)
}

// finish takes a dense tensor, and makes its bad values unknown or zero.
func (res *Result) finish(x *tensor.Dense[float64], bad int, opt Options) (err error) {
	res.Tensor = x
	switch {
	case bad == 0:
	case opt.Missing == "zero":
		res.note("%d values are NaN or infinite and count as zero.", bad)
		zeroBad(x.Raw())
	default:
		res.note("%d values are NaN or infinite and count as unobserved.", bad)
		var o *tensor.Observed
		if o, err = cells.Finite(x); err == nil && o.Count() == 0 {
			err = errNoneFinite
		}
		res.Tensor = o
	}
	return err
}

var errNoneFinite = errors.New("no value is finite: there is nothing to work on")

// checkRange reports the first index that does not fit the sizes.
func (e *entries) checkRange(shape []int, base int) error {
	first, mode := len(e.values), 0
	for m, list := range e.index {
		if int(e.high[m]) <= shape[m]-1+base {
			continue
		}
		for k, i := range list[:first] {
			if int(i+e.base) > shape[m]-1+base {
				first, mode = k, m
				break
			}
		}
	}
	if first == len(e.values) {
		return nil
	}
	return fmt.Errorf("line %d: index %d on mode %d, expected %d to %d (size %d, indices from %d)",
		e.lineOf(first), e.index[mode][first]+e.base, mode+1, base, shape[mode]-1+base, shape[mode], base)
}

// lineBlock is the number of entries that one goroutine looks at.
const lineBlock = 1 << 16

func zeroBad(values []float64) {
	for k, v := range values {
		if v-v != 0 {
			values[k] = 0
		}
	}
}

// dropBad forgets the entries with a NaN or an infinity.
func (e *entries) dropBad() {
	n := 0
	e.kept = make([]int32, 0, len(e.values))
	for k, v := range e.values {
		if v-v != 0 {
			continue
		}
		e.kept = append(e.kept, int32(k))
		for _, list := range e.index {
			list[n] = list[k]
		}
		e.values[n] = v
		n++
	}
	for m := range e.index {
		e.index[m] = e.index[m][:n]
	}
	e.values = e.values[:n]
}

// checkFinite counts NaNs and infinities; they are an error unless the
// caller says what they are.
func (e *entries) checkFinite(opt Options) (int, error) {
	if e.bad > 0 && opt.Missing == "" {
		_, first := countBad(e.values)
		return 0, nonFinite(e.lineOf(first), e.values[first], e.bad)
	}
	return e.bad, nil
}

func countBad(values []float64) (count, first int) {
	found := make([]struct{ count, first int }, (len(values)+lineBlock-1)/lineBlock)
	par.Blocks(len(values), lineBlock, func(b, lo, hi int) {
		for k, v := range values[lo:hi] {
			if v-v != 0 {
				if found[b].count++; found[b].count == 1 {
					found[b].first = lo + k
				}
			}
		}
	})
	first = -1
	for _, f := range found {
		if count += f.count; first < 0 && f.count > 0 {
			first = f.first
		}
	}
	return count, first
}

func nonFinite(line int, v float64, count int) error {
	return fmt.Errorf("line %d: the value is %v, expected a finite number (%d of the values are NaN or infinite): --missing nan treats such cells as unobserved, --missing zero as 0", line, v, count)
}
