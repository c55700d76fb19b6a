package table

import (
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// WriteParquet writes a real tensor as Parquet in long form: the columns and
// rows of [Write]. Labels are strings, coordinates are doubles, numbers of
// indices are int64; values keep their precision. Columns are compressed
// with zstd.
func WriteParquet(w io.Writer, x tensor.Tensor) error {
	single := false
	switch x.(type) {
	case *tensor.Dense[float32], *sparse.COO[float32]:
		single = true
	case *tensor.Dense[float64], *sparse.COO[float64], *tensor.Observed:
	default:
		return fmt.Errorf("table: Parquet tables hold real tensors, not %T: save as .npz", x)
	}
	names := columnNames(x.Axes())
	for c, name := range names {
		if slices.Contains(names[:c], name) {
			return fmt.Errorf("table: two modes are called %q: rename one", name)
		}
	}
	value := parquet.Leaf(parquet.DoubleType)
	if single {
		value = parquet.Leaf(parquet.FloatType)
	}
	p := newParquetWriter(w, x.Axes(), names, value)
	if err := eachCell(x, p.row); err != nil {
		return err
	}
	return p.close()
}

// WriteParquetCells writes cells in the form of [WriteParquet], with several
// columns of numbers, named: index has a list a mode, a column a value a cell.
func WriteParquetCells(w io.Writer, axes []tensor.Axis, index [][]int32, names []string, columns ...[]float64) error {
	all := append(columnNames(axes)[:len(axes)], names...)
	for c, name := range all {
		if slices.Contains(all[:c], name) {
			return fmt.Errorf("table: two columns are called %q: rename one", name)
		}
	}
	p := newParquetWriter(w, axes, all, parquet.Leaf(parquet.DoubleType))
	at := make([]int, len(axes))
	for e := range columns[0] {
		for m := range at {
			at[m] = int(index[m][e])
		}
		start := p.modes(at)
		for c, column := range columns {
			p.cells = append(p.cells, parquet.DoubleValue(column[e]).Level(0, 0, len(at)+c))
		}
		if err := p.end(start); err != nil {
			return err
		}
	}
	return p.close()
}

// orderedGroup is a group whose fields keep their order.
type orderedGroup struct {
	parquet.Group
	fields []parquet.Field
}

func (g orderedGroup) Fields() []parquet.Field { return g.fields }

// newParquetWriter has a column for each axis and then columns of values.
func newParquetWriter(w io.Writer, axes []tensor.Axis, names []string, value parquet.Node) *parquetWriter {
	group := parquet.Group{}
	for c, name := range names {
		if c >= len(axes) {
			group[name] = parquet.Compressed(value, &parquet.Zstd)
			continue
		}
		var node parquet.Node
		switch axis := axes[c]; {
		case len(axis.Labels) > 0:
			node = parquet.String()
		case len(axis.Coords) > 0:
			node = parquet.Leaf(parquet.DoubleType)
		default:
			node = parquet.Int(64)
		}
		group[name] = parquet.Compressed(parquet.Encoded(node, &parquet.RLEDictionary), &parquet.Zstd)
	}
	fields := make([]parquet.Field, len(names))
	for _, f := range group.Fields() {
		fields[slices.Index(names, f.Name())] = f
	}
	schema := parquet.NewSchema("tensor", orderedGroup{group, fields})
	return &parquetWriter{w: parquet.NewGenericWriter[any](w, schema), axes: axes}
}

// parquetWriter gathers rows into batches.
type parquetWriter struct {
	w     *parquet.GenericWriter[any]
	axes  []tensor.Axis
	batch []parquet.Row
	cells []parquet.Value
}

const parquetBatch = 1024

// row adds a cell and its value.
func (p *parquetWriter) row(at []int, v float64, bits int) error {
	start := p.modes(at)
	cell := parquet.DoubleValue(v)
	if bits == 32 {
		cell = parquet.FloatValue(float32(v))
	}
	p.cells = append(p.cells, cell.Level(0, 0, len(at)))
	return p.end(start)
}

// modes begins a row, at the position that it returns, with a cell's indices.
func (p *parquetWriter) modes(at []int) (start int) {
	start = len(p.cells)
	for m, i := range at {
		var cell parquet.Value
		switch axis := p.axes[m]; {
		case len(axis.Labels) > 0:
			cell = parquet.ByteArrayValue([]byte(axis.Labels[i]))
		case len(axis.Coords) > 0:
			cell = parquet.DoubleValue(axis.Coords[i])
		default:
			cell = parquet.Int64Value(int64(i))
		}
		p.cells = append(p.cells, cell.Level(0, 0, m))
	}
	return start
}

func (p *parquetWriter) end(start int) error {
	p.batch = append(p.batch, p.cells[start:len(p.cells):len(p.cells)])
	if len(p.batch) < parquetBatch {
		return nil
	}
	return p.flush()
}

func (p *parquetWriter) flush() error {
	_, err := p.w.WriteRows(p.batch)
	p.batch, p.cells = p.batch[:0], p.cells[:0]
	return err
}

func (p *parquetWriter) close() error {
	if err := p.flush(); err != nil {
		return err
	}
	return p.w.Close()
}
