package table

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/cells"
)

// Bounded is a table whose entries are handed over a piece at a time, so that
// it need not fit in memory; the labels of its modes do. Cells without a row
// are zero.
type Bounded struct {
	Shape  []int
	Axes   []tensor.Axis
	Format string   // "csv", "parquet" or "arrow"
	Rows   int      // of the table
	Notes  []string // what was assumed, a sentence each
	// Aggregate joins the entries of one cell; see [Options]. Where rows are
	// counted it is "count".
	Aggregate string

	src     source
	modes   []*mode
	value   int
	keys    []*coder  // the entries of each mode …
	index   [][]int32 // … and their places on the axis, -1 for none
	release func()
}

// OpenBounded reads a table once to find the labels of its modes, which may
// take about room bytes. release is called between pieces, when nothing of data
// is in use: memory that is mapped may be given back. The options are those of
// [Read], but Missing must be "zero" unless rows are counted.
func OpenBounded(data []byte, opt Options, room int64, release func()) (*Bounded, error) {
	b, err := openBounded(data, opt, room, release)
	if err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	return b, nil
}

func openBounded(data []byte, opt Options, room int64, release func()) (*Bounded, error) {
	if err := cells.CheckAggregate(opt.Aggregate); err != nil {
		return nil, err
	}
	src, err := open(data)
	if err != nil {
		return nil, err
	}
	info := src.columns()
	var res Result
	b := &Bounded{Format: info.Format, Aggregate: opt.Aggregate, src: src, release: release}
	if b.modes, b.value, err = res.choose(info, opt); err != nil {
		return nil, err
	}
	if b.value < 0 {
		b.Aggregate = "count"
	} else if opt.Missing != "zero" {
		return nil, errors.New("in a sparse file the cells without a row are 0: say so with --missing zero, or count rows with --aggregate count")
	}
	low, high, err := b.findLabels(room, &res)
	if err != nil {
		return nil, err
	}
	if res.constant(info, b.value, opt, b.Rows, low, high) {
		b.value, b.Aggregate = -1, "count"
	}
	b.Notes = res.Notes
	return b, nil
}

// findLabels is the first pass, which also gives the extent of the values.
func (b *Bounded) findLabels(room int64, res *Result) (low, high float64, err error) {
	low, high = math.Inf(1), math.Inf(-1)
	b.keys = make([]*coder, len(b.modes))
	lost := make([]int, len(b.modes))
	empty, used, kept := 0, int64(0), false
	err = b.src.each(b.modes, b.value, func(p *piece) error {
		for m, c := range p.coders {
			if b.keys[m] == nil {
				b.keys[m] = newCoder(c.kind, 0)
				b.keys[m].unit = c.unit
			}
			used += b.keys[m].learn(c)
			for _, code := range c.codes {
				if code < 0 {
					lost[m]++
				}
			}
			if used > room {
				return fmt.Errorf("mode %s has more than %d different labels after %d rows, and the memory allowed holds no more: allow more with --mem, or leave the column out of --modes",
					b.modes[m].name, b.keys[m].size()-1, b.Rows+p.count)
			}
		}
		least, most := extent(p.values)
		low, high = min(low, least), max(high, most)
		b.Rows += p.count
		empty += p.empty + p.bad
		kept = kept || p.known()
		b.release()
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	if b.Rows == 0 {
		return 0, 0, errors.New("the table has no rows")
	}
	for m, k := range b.keys {
		// The axis of the entries themselves: what finish makes of their codes
		// is where each belongs.
		k.codes = make([]int32, k.size())
		for e := range k.codes {
			k.codes[e] = int32(e)
		}
		axis, index, _ := k.finish(b.modes[m])
		size := max(len(axis.Labels), len(axis.Coords))
		if size == 0 {
			return 0, 0, fmt.Errorf("mode %s: no row has a value in the column", b.modes[m].name)
		}
		b.Axes, b.index, b.Shape = append(b.Axes, axis), append(b.index, index), append(b.Shape, size)
		if lost[m] > 0 {
			res.note("%d rows have no %s and are left out.", lost[m], b.modes[m].name)
		}
	}
	if !kept {
		return 0, 0, errNoRow
	}
	if empty > 0 {
		res.note("%d values are empty, NA, NaN or infinite and count as zero.", empty)
	}
	return low, high, nil
}

// known reports whether a row has a value and a place in each mode.
func (p *piece) known() bool {
	for e := range p.count {
		if p.values != nil && math.IsNaN(p.values[e]) {
			continue
		}
		if !slices.ContainsFunc(p.coders, func(c *coder) bool { return c.codes[e] < 0 }) {
			return true
		}
	}
	return false
}

// size is the number of distinct entries.
func (c *coder) size() int { return max(len(c.text), len(c.nums)) }

// learn adds the entries of a piece, and returns about how many bytes they take
// until the end: the texts, their places, and the map.
func (c *coder) learn(p *coder) (bytes int64) {
	for _, s := range p.text {
		n := len(c.text)
		if c.textCode([]byte(s)); len(c.text) > n {
			bytes += int64(len(s)) + 120
		}
	}
	for _, v := range p.nums {
		n := len(c.nums)
		if c.numCode(v); len(c.nums) > n {
			bytes += 80
		}
	}
	return bytes
}

// Each reads the table again and hands over its entries, whose lists are used
// again.
func (b *Bounded) Each(visit func(index [][]int32, values []float64) error) error {
	return b.each(func(index [][]int32, values []float64, _ []int32, _ int) error { return visit(index, values) })
}

// each is Each with the numbers of the rows, nil if they are all, after the
// given number of rows.
func (b *Bounded) each(visit func(index [][]int32, values []float64, kept []int32, before int) error) error {
	before := 0
	err := b.src.each(b.modes, b.value, func(p *piece) error {
		index := make([][]int32, len(b.modes))
		for m, c := range p.coders {
			to := make([]int32, c.size())
			for e := range to {
				if c.kind == texts {
					to[e] = b.index[m][b.keys[m].texts.code([]byte(c.text[e]))]
				} else {
					to[e] = b.index[m][b.keys[m].byNum[c.nums[e]]]
				}
			}
			for r, code := range c.codes {
				if code >= 0 {
					c.codes[r] = to[code]
				}
			}
			index[m] = c.codes
		}
		if p.values == nil {
			p.values = make([]float64, p.count)
		}
		index, values, kept := compact(index, p.values)
		err := visit(index, values, kept, before)
		before += p.count
		b.release()
		return err
	})
	if err != nil {
		return fmt.Errorf("table: %w", err)
	}
	return nil
}

// Repeated says which rows list a cell twice, with its labels, for an error.
func (b *Bounded) Repeated(cell []int) error {
	var rows []int
	done := errors.New("found")
	err := b.each(func(index [][]int32, values []float64, kept []int32, before int) error {
		for e := range values {
			if same(index, e, cell) {
				row := e
				if kept != nil {
					row = int(kept[e])
				}
				if rows = append(rows, before+row); len(rows) == 2 {
					return done
				}
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, done) {
		return err
	}
	if len(rows) < 2 {
		return nil
	}
	return twice(b.src, b.Axes, cell, rows[0], rows[1])
}

// same reports whether an entry lies in a cell.
func same(index [][]int32, e int, cell []int) bool {
	for m, i := range cell {
		if int(index[m][e]) != i {
			return false
		}
	}
	return true
}
