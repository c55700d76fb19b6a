package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/polyad/polyad/internal/par"
)

// arrowTable is an Arrow IPC file (Feather version 2) or stream.
type arrowTable struct {
	data  []byte
	file  *ipc.FileReader // nil of a stream
	meta  Info
	types []arrowType // of each column
}

// arrowType is what the values of a column mean.
type arrowType struct {
	class class
	unit  time.Duration
	scale int // digits after the point of a decimal
	text  string
}

const arrowMagic = "ARROW1"

// SniffArrow reports whether a file that starts with head is an Arrow IPC file
// (Feather version 2) or stream.
func SniffArrow(head []byte) bool {
	if bytes.HasPrefix(head, []byte(arrowMagic+"\x00\x00")) {
		return true
	}
	if len(head) < 8 || binary.LittleEndian.Uint32(head) != 0xffffffff {
		return false
	}
	n := binary.LittleEndian.Uint32(head[4:]) // bytes of the schema
	return n > 0 && n < 1<<28 && n%8 == 0
}

func openArrow(data []byte) (t *arrowTable, err error) {
	defer guardArrow(&err)
	t = &arrowTable{data: data, meta: Info{Format: "arrow", Header: true}}
	var schema *arrow.Schema
	if bytes.HasPrefix(data, []byte(arrowMagic)) {
		if len(data) < 2*len(arrowMagic)+8 || !bytes.HasSuffix(data, []byte(arrowMagic)) {
			return nil, errors.New("the Arrow file does not end with ARROW1: it is cut short")
		}
		if err := checkArrowFile(data); err != nil {
			return nil, err
		}
		// The reader of mapped files, NewMappedFileReader, fails on dictionaries.
		if t.file, err = ipc.NewFileReader(bytes.NewReader(data), bound(len(data))...); err != nil {
			return nil, damagedArrow(err)
		}
		schema = t.file.Schema()
	} else {
		if err := checkArrowStream(data); err != nil {
			return nil, err
		}
		r, err := ipc.NewReader(bytes.NewReader(data), bound(len(data))...)
		if err != nil {
			return nil, damagedStream(err)
		}
		schema = r.Schema()
	}
	for _, f := range schema.Fields() {
		p := arrowTypeOf(f.Type)
		t.types = append(t.types, p)
		t.meta.Columns = append(t.meta.Columns, p.class.column(f.Name, p.text))
	}
	if len(t.types) == 0 {
		return nil, errors.New("the Arrow file has no columns")
	}
	return t, nil
}

// bounded allocates buffers of at most so many bytes: a length that lies must
// not end the program.
type bounded struct {
	memory.Allocator
	most int
}

func (b bounded) Allocate(size int) []byte {
	if size < 0 || size > b.most {
		panic(fmt.Sprintf("a buffer claims %d bytes", size))
	}
	return b.Allocator.Allocate(size)
}

func (b bounded) Reallocate(size int, old []byte) []byte {
	if size < 0 || size > b.most {
		panic(fmt.Sprintf("a buffer claims %d bytes", size))
	}
	return b.Allocator.Reallocate(size, old)
}

// bound are the limits for a file of n bytes, which may be compressed well.
func bound(n int) []ipc.Option {
	return []ipc.Option{
		ipc.WithAllocator(bounded{memory.NewGoAllocator(), max(1<<28, 1000*n)}),
		ipc.WithMetadataSizeLimit(int64(n)), ipc.WithBodySizeLimit(int64(n)),
	}
}

// eachBatch reads the batches one after the other.
func (t *arrowTable) eachBatch(use func(arrow.RecordBatch) error) (err error) {
	defer guardArrow(&err)
	if t.file != nil {
		for k := range t.file.NumRecords() {
			b, err := t.file.RecordBatchAt(k)
			if err != nil {
				return damagedArrow(err)
			}
			if err := use(b); err != nil {
				return err
			}
		}
		return nil
	}
	r, err := ipc.NewReader(bytes.NewReader(t.data), bound(len(t.data))...)
	if err != nil {
		return damagedStream(err)
	}
	for {
		b, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damagedStream(err)
		}
		b.Retain()
		if err := use(b); err != nil {
			return err
		}
	}
}

func damagedArrow(err error) error { return fmt.Errorf("the Arrow file is damaged: %w", err) }

func damagedStream(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || strings.Contains(err.Error(), "EOF") {
		return errCutStream
	}
	return damagedArrow(err)
}

// guardArrow turns a panic over a damaged file into an error.
func guardArrow(err *error) {
	if r := recover(); r != nil {
		*err = damagedArrow(fmt.Errorf("%v", r))
	}
}

func arrowTypeOf(typ arrow.DataType) arrowType {
	p := arrowType{text: typ.Name()}
	switch t := typ.(type) {
	case *arrow.DictionaryType:
		if _, twice := t.ValueType.(*arrow.DictionaryType); twice {
			return p
		}
		return arrowTypeOf(t.ValueType)
	case *arrow.StringType, *arrow.LargeStringType, *arrow.StringViewType, *arrow.BinaryType, *arrow.LargeBinaryType:
		p.class = textual
	case *arrow.BooleanType:
		p.class = boolean
	case *arrow.Date32Type, *arrow.Date64Type:
		p.class, p.unit = stamps, 24*time.Hour
	case *arrow.TimestampType:
		p.class, p.unit = stamps, t.Unit.Multiplier()
	case arrow.DecimalType:
		p.class, p.scale = decimals, int(t.GetScale())
	default:
		switch id := typ.ID(); {
		case arrow.IsSignedInteger(id):
			p.class = signed
		case arrow.IsUnsignedInteger(id):
			p.class = unsigned
		case arrow.IsFloating(id):
			p.class = real
		}
	}
	return p
}

func (t *arrowTable) columns() *Info       { return &t.meta }
func (t *arrowTable) where(row int) string { return fmt.Sprintf("row %d", row+1) }

func (t *arrowTable) rowCount() (n int, err error) {
	err = t.eachBatch(func(b arrow.RecordBatch) error {
		n += int(b.NumRows())
		return nil
	})
	return n, err
}

// check reports columns that cannot be what they are asked to be.
func (t *arrowTable) check(modes []*mode, value int) error {
	unread := func(c int) error {
		return fmt.Errorf("column %s holds values of type %s, which are not read: the columns are %s", t.meta.Columns[c].Name, t.types[c].text, t.meta.describe())
	}
	for _, m := range modes {
		switch p := t.types[m.column]; {
		case p.class == unreadable:
			return unread(m.column)
		case m.part != nil && p.class != stamps && p.class != textual:
			return fmt.Errorf("column %s holds values of type %s, %s() needs timestamps", t.meta.Columns[m.column].Name, p.text, m.part.name)
		case m.part != nil && m.part.clock && p.class == stamps && p.unit == 24*time.Hour:
			return fmt.Errorf("column %s: dates have no time of day, which %s() needs", t.meta.Columns[m.column].Name, m.part.name)
		}
	}
	if value < 0 {
		return nil
	}
	switch p := t.types[value]; p.class {
	case unreadable:
		return unread(value)
	case textual, stamps:
		return fmt.Errorf("column %s holds values of type %s, expected numbers: the columns are %s", t.meta.Columns[value].Name, p.text, t.meta.describe())
	}
	return nil
}

// load reads the columns it needs, a column of a batch at a time.
func (t *arrowTable) load(modes []*mode, value int) (*rows, error) {
	var batches []arrow.RecordBatch
	err := t.eachBatch(func(b arrow.RecordBatch) error {
		batches = append(batches, b)
		return nil
	})
	if err != nil {
		return nil, err
	}
	pieces, err := t.loadBatches(batches, modes, value)
	if err != nil {
		return nil, err
	}
	return joinPieces(pieces, len(modes)), nil
}

// each hands over the rows, a batch at a time.
func (t *arrowTable) each(modes []*mode, value int, use func(p *piece) error) error {
	return t.eachBatch(func(b arrow.RecordBatch) error {
		pieces, err := t.loadBatches([]arrow.RecordBatch{b}, modes, value)
		if err != nil {
			return err
		}
		return use(pieces[0])
	})
}

// loadBatches reads the columns of some batches at once.
func (t *arrowTable) loadBatches(batches []arrow.RecordBatch, modes []*mode, value int) ([]*piece, error) {
	if err := t.check(modes, value); err != nil {
		return nil, err
	}
	pieces := make([]*piece, len(batches))
	for b := range pieces {
		pieces[b] = &piece{coders: make([]*coder, len(modes))}
	}
	want := len(modes) + 1
	faults := make([]error, len(batches)*want)
	par.Do(len(faults), func(task int) {
		defer guardArrow(&faults[task])
		b, k := task/want, task%want
		switch {
		case k < len(modes):
			m := modes[k]
			if pieces[b].coders[k], faults[task] = t.loadMode(batches[b].Column(m.column), m); faults[task] != nil {
				faults[task] = fmt.Errorf("column %s: %w", t.meta.Columns[m.column].Name, faults[task])
			}
		case value >= 0:
			t.loadValues(&pieces[b].rows, batches[b].Column(value), value)
		}
	})
	if err := errors.Join(faults...); err != nil {
		return nil, errors.New(strings.SplitN(err.Error(), "\n", 2)[0])
	}
	for b := range pieces {
		pieces[b].count = int(batches[b].NumRows())
	}
	return pieces, nil
}

// entryOf is where the values of a column are, and which of them row r has: a
// column with a dictionary has its numbers.
func entryOf(column arrow.Array) (values arrow.Array, entry func(r int) int) {
	d, ok := column.(*array.Dictionary)
	if !ok {
		return column, func(r int) int { return r }
	}
	return d.Dictionary(), d.GetValueIndex
}

func (t *arrowTable) loadMode(column arrow.Array, m *mode) (*coder, error) {
	p := t.types[m.column]
	n := column.Len()
	var c *coder
	switch {
	case m.part != nil:
		c = newCoder(parts, n)
	case p.class == textual || p.class == boolean:
		c = newCoder(texts, n)
	case p.class == real || p.class == decimals:
		c = newCoder(floats, n)
	case p.class == stamps:
		c = newCoder(moments, n)
		c.unit = p.unit
	default:
		c = newCoder(integers, n)
	}
	values, entry := entryOf(column)
	add, err := p.adder(values, m.part, c)
	if err != nil {
		return nil, err
	}
	if _, ok := column.(*array.Dictionary); !ok {
		for r := range n {
			if column.IsNull(r) {
				c.none()
			} else if err := add(r); err != nil {
				return nil, err
			}
		}
		return c, nil
	}
	code := make([]int32, values.Len()) // of each entry of the dictionary, -2 if not yet known
	for k := range code {
		code[k] = -2
	}
	for r := range n {
		if column.IsNull(r) {
			c.none()
			continue
		}
		k := entry(r)
		switch {
		case code[k] != -2:
			c.codes = append(c.codes, code[k])
			continue
		case values.IsNull(k):
			c.none()
		default:
			if err := add(k); err != nil {
				return nil, err
			}
		}
		code[k] = c.codes[len(c.codes)-1]
	}
	return c, nil
}

func (t *arrowTable) loadValues(r *rows, column arrow.Array, number int) {
	p := t.types[number]
	r.values = make([]float64, 0, column.Len())
	values, entry := entryOf(column)
	at := p.numbers(values)
	for k := range column.Len() {
		if !column.IsNull(k) {
			if e := entry(k); !values.IsNull(e) {
				r.value(at(e))
				continue
			}
		}
		r.values = append(r.values, nan)
		r.empty++
	}
}
