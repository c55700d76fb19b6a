package table

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/polyad/polyad/internal/nearest"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/cells"
)

// Options say which columns make the tensor.
type Options struct {
	// Modes are the columns of the modes, in order: the name of a column, or
	// a part of a timestamp such as hour(date); see [Functions]. If there are
	// none, all columns but that of the values are modes.
	Modes []string
	// Value is the column of the values. If it is empty, a column called
	// value, the one column of numbers that is no mode, or the last column is
	// taken if it holds numbers; else, and for the aggregate count, the rows
	// of each cell are counted.
	Value string
	// Aggregate joins the rows of one cell: sum, mean, count, last, min or
	// max. If it is empty, two rows for one cell are an error.
	Aggregate string
	// Missing is "unobserved" if cells without a value are unknown, "nan" if so
	// are values that are NaN or infinite, and "zero" if all of these are
	// zero. "" is "zero" where rows are counted without a column of values (no
	// row is a count of 0), else "unobserved".
	Missing string
}

// Result is a tensor and what was found out about its table.
type Result struct {
	// Tensor is a *tensor.Dense[float64] if each cell has a value, else a
	// *tensor.Observed; where cells without a row are zero, a
	// *sparse.COO[float64] if there are more than 2^20 cells, of which fewer
	// than one in ten has a row, or more than 2^28. Its axes carry names and
	// labels or coordinates.
	Tensor tensor.Tensor
	// Format is "csv", "parquet" or "arrow".
	Format string
	// Rows is the number of rows of the table.
	Rows int
	// Notes tell what was assumed, a sentence each.
	Notes []string
}

func (r *Result) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// Info is what a table holds.
type Info struct {
	Format  string // "csv", "parquet" or "arrow"
	Comma   rune   // between the fields of a CSV
	Header  bool   // whether the first line names the columns
	Rows    int    // without the header
	Columns []Column
}

// Column is a column of a table.
type Column struct {
	Name string
	// Type is "number", "timestamp", "boolean" or "text". For text files it
	// is what the first thousand rows look like.
	Type string
	// whole is set if no number has a fraction.
	whole bool
}

// source is a table that can be read by column.
type source interface {
	// columns is the Info without the number of rows.
	columns() *Info
	rowCount() (int, error)
	// load reads the columns of the modes, and that of the value if there is
	// one.
	load(modes []*mode, value int) (*rows, error)
	// each is load a piece at a time, in order.
	each(modes []*mode, value int, use func(p *piece) error) error
	// where names a row, from 0, for an error message.
	where(row int) string
}

// rows is what was read of a table.
type rows struct {
	count  int
	keys   []keyed   // of each mode
	values []float64 // NaN if there is none; nil if no value was asked for
	empty  int       // values that are empty or NA
	bad    int       // values that are NaN or infinite …
	first  int       // … the row of the first …
	text   string    // … and how it is written
}

// List tells the columns of a table.
func List(data []byte) (*Info, error) {
	src, err := open(data)
	if err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	info := *src.columns()
	if info.Rows, err = src.rowCount(); err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	return &info, nil
}

// Read reads a whole file: Parquet or Arrow if it starts so, else CSV or TSV.
func Read(data []byte, opt Options) (*Result, error) {
	r, err := read(data, opt)
	if err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	return r, nil
}

func open(data []byte) (source, error) {
	switch {
	case SniffParquet(data):
		return openParquet(data)
	case SniffArrow(data):
		return openArrow(data)
	}
	return openText(data)
}

func read(data []byte, opt Options) (*Result, error) {
	if err := cells.CheckAggregate(opt.Aggregate); err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"", "unobserved", "nan", "zero"}, opt.Missing) {
		return nil, fmt.Errorf("unknown treatment of missing cells %q: use unobserved, nan or zero", opt.Missing)
	}
	src, err := open(data)
	if err != nil {
		return nil, err
	}
	info := src.columns()
	res := &Result{Format: info.Format}
	if !info.Header {
		res.note("The first line holds only numbers, so there is no header: the columns are called %s.", info.names())
	}
	modes, value, err := res.choose(info, opt)
	if err != nil {
		return nil, err
	}
	got, err := src.load(modes, value)
	if err != nil {
		return nil, err
	}
	res.Rows = got.count
	if low, high := extent(got.values); res.constant(info, value, opt, got.count, low, high) {
		value, got.values, got.empty = -1, nil, 0
	}
	if value < 0 {
		opt.Aggregate = "count"
		if opt.Missing == "" {
			opt.Missing = "zero"
		}
	}
	return res, res.build(src, modes, got, opt)
}

// constantRows is the number of rows from which on a column that was guessed
// to be that of the values is none if all its numbers are the same.
const constantRows = 16

// taken is the note about a column that was guessed to hold the values.
func taken(c Column) string {
	return fmt.Sprintf("Column %s is taken for the values (--value).", c.Name)
}

// constant reports a column, guessed to hold the values, that says nothing: it is
// the same number, from low to high, in all of many rows. These are events
// then, and it is noted that they are counted.
func (res *Result) constant(info *Info, value int, opt Options, count int, low, high float64) bool {
	if value < 0 || opt.Value != "" || opt.Aggregate != "" || count < constantRows || low != high || info.Columns[value].isValue() {
		return false
	}
	guess := taken(info.Columns[value])
	res.Notes = slices.DeleteFunc(res.Notes, func(n string) bool { return n == guess })
	res.note("Column %s is %v in every row, so it is not taken for the values: the rows of each cell are counted (--value %[1]s takes it).", info.Columns[value].Name, low)
	return true
}

// extent is the least and the largest of numbers, NaN if one of them is.
func extent(values []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if low, high = min(low, v), max(high, v); low != high {
			break
		}
	}
	return low, high
}

// names lists the columns for a message, or the first of very many.
func (info *Info) names() string {
	const most = 30
	names := info.columnNames()
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

func (info *Info) columnNames() []string {
	names := make([]string, len(info.Columns))
	for c, col := range info.Columns {
		names[c] = col.Name
	}
	return names
}

// column is the number of a named column.
func (info *Info) column(name string) (int, error) {
	at := -1
	for c, col := range info.Columns {
		if col.Name == name {
			if at >= 0 {
				return 0, fmt.Errorf("two columns are called %q: rename one of %s", name, info.names())
			}
			at = c
		}
	}
	if at < 0 {
		return 0, fmt.Errorf("no column is called %q: there are %s%s", name, info.names(), nearest.Meant(name, info.columnNames()))
	}
	return at, nil
}

// mode is a mode of the tensor to be: a column, or a part of a timestamp.
type mode struct {
	name   string
	column int
	part   *part // nil for the column itself
}

// parseMode reads a column's name or part(column).
func (info *Info) parseMode(spec string) (*mode, error) {
	spec = strings.TrimSpace(spec)
	c, err := info.column(spec)
	if err == nil {
		return &mode{name: spec, column: c}, nil
	}
	open := strings.IndexByte(spec, '(')
	if open <= 0 || !strings.HasSuffix(spec, ")") {
		return nil, err
	}
	p := partOf(spec[:open])
	if p == nil {
		return nil, fmt.Errorf("unknown function in %q: use one of %s with a column of timestamps", spec, strings.Join(Functions(), ", "))
	}
	if c, err = info.column(strings.TrimSpace(spec[open+1 : len(spec)-1])); err != nil {
		return nil, err
	}
	return &mode{name: spec, column: c, part: p}, nil
}

// choose finds the columns of the modes and of the values; the latter is -1
// if rows are only counted.
func (res *Result) choose(info *Info, opt Options) ([]*mode, int, error) {
	var modes []*mode
	used := make([]bool, len(info.Columns))
	for _, spec := range opt.Modes {
		m, err := info.parseMode(spec)
		if err != nil {
			return nil, 0, err
		}
		if slices.ContainsFunc(modes, func(o *mode) bool { return o.name == m.name }) {
			return nil, 0, fmt.Errorf("mode %q is asked for twice", m.name)
		}
		modes = append(modes, m)
		used[m.column] = true
	}
	value := -1
	switch {
	case opt.Value != "":
		c, err := info.column(opt.Value)
		if err != nil {
			return nil, 0, err
		}
		if used[c] {
			return nil, 0, fmt.Errorf("column %q is asked for as a mode and as the value", opt.Value)
		}
		value = c
	case opt.Aggregate == "count":
	default:
		value = info.guessValue(used)
		switch {
		case value >= 0:
			res.Notes = append(res.Notes, taken(info.Columns[value]))
		case opt.Aggregate == "" && (len(opt.Modes) > 0 || !info.hasMeasures()):
			res.note("No column is taken for the values (--value): the rows of each cell are counted.")
		default:
			return nil, 0, fmt.Errorf("which column holds the values? Name it with --value, or count rows with --aggregate count: the columns are %s; "+
				"a table with a column for each index of a mode must be brought into long form first", info.describe())
		}
	}
	if len(modes) > 0 {
		return modes, value, nil
	}
	for c, col := range info.Columns {
		if c == value {
			continue
		}
		if col.Type == "number" && !col.whole && (value < 0 || !info.Columns[value].isValue()) {
			// More likely another measure than an index.
			return nil, 0, fmt.Errorf("which columns are the modes? Name them with --modes: the columns are %s", info.describe())
		}
		modes = append(modes, &mode{name: col.Name, column: c})
	}
	if len(modes) == 0 {
		return nil, 0, fmt.Errorf("the only column is %s: a table needs columns for the modes and one for the values", info.names())
	}
	names := make([]string, len(modes))
	for m := range modes {
		names[m] = modes[m].name
		if _, err := info.column(names[m]); err != nil {
			return nil, 0, err
		}
	}
	res.note("All other columns are taken for modes (--modes): %s.", strings.Join(names, ", "))
	return modes, value, nil
}

// guessValue is the column that must hold the values if nobody says so: one
// called value, or the only column of numbers that is left, or, when no mode
// is named, the last column; or -1.
func (info *Info) guessValue(used []bool) int {
	only, count := -1, 0
	for c, col := range slices.Backward(info.Columns) {
		if used[c] || col.Type != "number" {
			continue
		}
		if col.isValue() {
			return c
		}
		only = c
		count++
	}
	last := len(info.Columns) - 1
	switch {
	case count == 1:
		return only
	case !slices.Contains(used, true) && last >= 0 && info.Columns[last].Type == "number":
		return last
	}
	return -1
}

// hasMeasures reports whether a column holds numbers.
func (info *Info) hasMeasures() bool {
	return slices.ContainsFunc(info.Columns, func(c Column) bool { return c.Type == "number" })
}

// isValue reports a column called value, or value_ as Write calls it if a
// mode has that name.
func (c Column) isValue() bool {
	return strings.EqualFold(strings.TrimRight(c.Name, "_"), "value")
}

// describe lists the columns with their types.
func (info *Info) describe() string {
	var b strings.Builder
	for c, col := range info.Columns {
		if c > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s (%s)", col.Name, col.Type)
	}
	return b.String()
}

var errNoRow = errors.New("no row has a value and a place in each mode")

// build makes the tensor of the rows that were read.
func (res *Result) build(src source, modes []*mode, got *rows, opt Options) error {
	if got.count == 0 {
		return errors.New("the table has no rows")
	}
	if got.bad > 0 {
		if opt.Missing != "nan" && opt.Missing != "zero" {
			return fmt.Errorf("%s: the value is %s, expected a finite number (%d of the values are NaN or infinite): --missing nan treats such cells as unobserved, --missing zero as 0",
				src.where(got.first), got.text, got.bad)
		}
		res.note("%d values are NaN or infinite and count as %s.", got.bad, missingWord(opt))
	}
	if got.empty > 0 {
		res.note("%d values are empty or NA and count as %s.", got.empty, missingWord(opt))
	}
	axes := make([]tensor.Axis, len(modes))
	shape := make([]int, len(modes))
	index := make([][]int32, len(modes))
	for m := range modes {
		var lost int
		axes[m], index[m], lost = got.keys[m].finish(modes[m])
		shape[m] = max(len(axes[m].Labels), len(axes[m].Coords))
		if shape[m] == 0 {
			return fmt.Errorf("mode %s: no row has a value in the column", modes[m].name)
		}
		if lost > 0 {
			res.note("%d rows have no %s and are left out.", lost, modes[m].name)
		}
	}
	if got.values == nil {
		got.values = make([]float64, got.count)
	}
	index, values, kept := compact(index, got.values)
	if len(values) == 0 {
		return errNoRow
	}
	thin := opt.Missing == "zero" && cells.Sparse(shape, len(values))
	total, counted := cells.Size(shape)
	before := len(values)
	merged, values, err := cells.Merge(shape, index, values, opt.Aggregate)
	var dup *sparse.DuplicateError
	if errors.As(err, &dup) {
		first, second := dup.First, dup.Second
		if kept != nil {
			first, second = int(kept[first]), int(kept[second])
		}
		return twice(src, axes, dup.Cell, first, second)
	}
	if err != nil {
		return err
	}
	if joined := before - len(values); joined > 0 {
		res.note("%d rows were joined to %d cells (%s).", before, len(values), opt.Aggregate)
	}
	if thin {
		x := sparse.Merged(shape, merged, values)
		res.note("The tensor is kept sparse: %d of its cells have rows, the others are 0 (--missing unobserved takes them for unknown).", len(values))
		res.Tensor = x
		return x.SetAxes(axes...)
	}
	if opt.Missing != "zero" && (!counted || len(values) < total) {
		x, err := tensor.NewObserved(shape, merged, values)
		if err != nil {
			return err
		}
		if opt.Aggregate == "count" {
			res.note("Cells without a row are unobserved; --missing zero makes them 0.")
		}
		res.Tensor = x
		return x.SetAxes(axes...)
	}
	x := cells.Fill(shape, merged, values)
	res.Tensor = x
	return x.SetAxes(axes...)
}

// twice is the error for two rows of one cell.
func twice(src source, axes []tensor.Axis, cell []int, first, second int) error {
	labels := make([]string, len(axes))
	for m := range axes {
		labels[m] = axes[m].Label(cell[m])
	}
	return fmt.Errorf("%s and %s hold the same cell (%s): join such rows with --aggregate sum (or mean, count, last, min, max), or name the column that tells them apart in --modes",
		src.where(first), src.where(second), strings.Join(labels, ", "))
}

func missingWord(opt Options) string {
	if opt.Missing == "zero" {
		return "zero"
	}
	return "unobserved"
}

// compact drops the rows without an index (-1) or a value (NaN), in place.
// If it drops any, kept tells the rows that are left.
func compact(index [][]int32, values []float64) (_ [][]int32, _ []float64, kept []int32) {
	whole := func(e int) bool {
		for _, list := range index {
			if list[e] < 0 {
				return false
			}
		}
		return values[e] == values[e]
	}
	n := 0
	for n < len(values) && whole(n) {
		n++
	}
	if n == len(values) {
		return index, values, nil
	}
	kept = make([]int32, n, len(values))
	for e := range kept {
		kept[e] = int32(e)
	}
	for e := n; e < len(values); e++ {
		if !whole(e) {
			continue
		}
		for _, list := range index {
			list[n] = list[e]
		}
		values[n] = values[e]
		kept = append(kept, int32(e))
		n++
	}
	for m := range index {
		index[m] = index[m][:n]
	}
	return index, values[:n], kept
}

// SniffParquet reports whether a file that starts with head is Parquet.
func SniffParquet(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PAR1")) || bytes.HasPrefix(head, []byte("PARE"))
}
