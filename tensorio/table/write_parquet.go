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
	p := &parquetWriter{w: parquet.NewGenericWriter[any](w, parquetSchema(x, names, single)), axes: x.Axes()}
	if err := eachCell(x, p.row); err != nil {
		return err
	}
	if err := p.flush(); err != nil {
		return err
	}
	return p.w.Close()
}

// orderedGroup is a group whose fields keep their order.
type orderedGroup struct {
	parquet.Group
	fields []parquet.Field
}

func (g orderedGroup) Fields() []parquet.Field { return g.fields }

func parquetSchema(x tensor.Tensor, names []string, single bool) *parquet.Schema {
	group := parquet.Group{}
	for m, axis := range x.Axes() {
		var node parquet.Node
		switch {
		case len(axis.Labels) > 0:
			node = parquet.String()
		case len(axis.Coords) > 0:
			node = parquet.Leaf(parquet.DoubleType)
		default:
			node = parquet.Int(64)
		}
		group[names[m]] = parquet.Compressed(parquet.Encoded(node, &parquet.RLEDictionary), &parquet.Zstd)
	}
	value := parquet.Leaf(parquet.DoubleType)
	if single {
		value = parquet.Leaf(parquet.FloatType)
	}
	group[names[len(names)-1]] = parquet.Compressed(value, &parquet.Zstd)
	fields := make([]parquet.Field, len(names))
	for _, f := range group.Fields() {
		fields[slices.Index(names, f.Name())] = f
	}
	return parquet.NewSchema("tensor", orderedGroup{group, fields})
}

// parquetWriter gathers rows into batches.
type parquetWriter struct {
	w     *parquet.GenericWriter[any]
	axes  []tensor.Axis
	batch []parquet.Row
	cells []parquet.Value
}

const parquetBatch = 1024

func (p *parquetWriter) row(at []int, v float64, bits int) error {
	start := len(p.cells)
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
	cell := parquet.DoubleValue(v)
	if bits == 32 {
		cell = parquet.FloatValue(float32(v))
	}
	p.cells = append(p.cells, cell.Level(0, 0, len(at)))
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
