package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/polyad/polyad/internal/par"
)

// parquetTable is a Parquet file of flat columns.
type parquetTable struct {
	data  []byte
	file  *parquet.File
	meta  Info
	types []parquetType // of each column
}

// parquetType is what the numbers or bytes of a column mean.
type parquetType struct {
	class class
	kind  parquet.Kind // how it is stored
	leaf  int          // the number of the column among all leaves, -1 if nested
	null  bool         // whether rows may have no value
	unit  time.Duration
	scale int // digits after the point of a decimal
	text  string
}

type class int

const (
	unreadable class = iota
	textual
	boolean
	signed
	unsigned
	real
	decimals
	stamps // whole numbers of unit since 1970
)

// column describes a column whose type the file calls text.
func (c class) column(name, text string) Column {
	switch c {
	case unreadable:
		return Column{Name: name, Type: text}
	case textual:
		return Column{Name: name, Type: "text"}
	case boolean:
		return Column{Name: name, Type: "boolean"}
	case stamps:
		return Column{Name: name, Type: "timestamp"}
	}
	return Column{Name: name, Type: "number", whole: c == signed || c == unsigned}
}

func openParquet(data []byte) (t *parquetTable, err error) {
	defer guard(&err)
	if bytes.HasPrefix(data, []byte("PARE")) {
		return nil, errors.New("the Parquet file is encrypted: write it again without encryption")
	}
	if len(data) < 12 || !bytes.HasSuffix(data, []byte("PAR1")) {
		return nil, errors.New("the Parquet file does not end with PAR1: it is cut short")
	}
	if footer := binary.LittleEndian.Uint32(data[len(data)-8:]); int64(footer) > int64(len(data))-12 {
		return nil, fmt.Errorf("the footer of the Parquet file claims %d bytes, the file has %d", footer, len(data))
	}
	file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, damaged(err)
	}
	t = &parquetTable{data: data, file: file, meta: Info{Format: "parquet", Header: true, Rows: int(file.NumRows())}}
	for _, col := range file.Root().Columns() {
		p := typeOf(col)
		t.types = append(t.types, p)
		t.meta.Columns = append(t.meta.Columns, p.class.column(col.Name(), p.text))
	}
	if len(t.types) == 0 {
		return nil, errors.New("the Parquet file has no columns")
	}
	return t, nil
}

func damaged(err error) error { return fmt.Errorf("the Parquet file is damaged: %w", err) }

// guard turns a panic over a damaged file into an error.
func guard(err *error) {
	if r := recover(); r != nil {
		*err = damaged(fmt.Errorf("%v", r))
	}
}

func typeOf(col *parquet.Column) parquetType {
	if !col.Leaf() || col.Repeated() {
		return parquetType{leaf: -1, text: "nested"}
	}
	typ := col.Type()
	p := parquetType{kind: typ.Kind(), leaf: int(col.Index()), null: col.Optional(), text: typ.String()}
	if l := typ.LogicalType(); l != nil {
		switch v := l.Value.(type) {
		case *format.DateType:
			p.class, p.unit = stamps, 24*time.Hour
		case *format.TimestampType:
			p.class, p.unit = stamps, v.Unit.Value.Duration()
		case *format.DecimalType:
			p.class, p.scale = decimals, int(v.Scale)
		case *format.IntType:
			if p.class = signed; !v.IsSigned {
				p.class = unsigned
			}
		case *format.Float16Type, *format.UUIDType:
			return p
		}
	}
	if p.class != unreadable {
		return p
	}
	switch p.kind {
	case parquet.Boolean:
		p.class = boolean
	case parquet.Int32, parquet.Int64:
		p.class = signed
	case parquet.Int96:
		p.class, p.unit = stamps, time.Nanosecond
	case parquet.Float, parquet.Double:
		p.class = real
	case parquet.ByteArray:
		p.class = textual
	}
	return p
}

func (t *parquetTable) columns() *Info         { return &t.meta }
func (t *parquetTable) rowCount() (int, error) { return t.meta.Rows, nil }
func (t *parquetTable) where(row int) string   { return fmt.Sprintf("row %d", row+1) }

// load reads the columns it needs, a column of a row group at a time.
func (t *parquetTable) load(modes []*mode, value int) (*rows, error) {
	pieces, err := t.loadGroups(0, len(t.file.RowGroups()), modes, value)
	if err != nil {
		return nil, err
	}
	return joinPieces(pieces, len(modes)), nil
}

// each hands over the rows, a row group at a time.
func (t *parquetTable) each(modes []*mode, value int, use func(p *piece) error) error {
	for g := range t.file.RowGroups() {
		pieces, err := t.loadGroups(g, g+1, modes, value)
		if err != nil {
			return err
		}
		if err := use(pieces[0]); err != nil {
			return err
		}
	}
	return nil
}

// loadGroups reads the row groups from first up to last.
func (t *parquetTable) loadGroups(first, last int, modes []*mode, value int) ([]*piece, error) {
	want := len(modes)
	for _, m := range modes {
		p := t.types[m.column]
		switch {
		case p.class == unreadable:
			return nil, t.refuse(m.column)
		case m.part != nil && p.class != stamps && p.class != textual:
			return nil, fmt.Errorf("column %s holds values of type %s, %s() needs timestamps", t.meta.Columns[m.column].Name, p.text, m.part.name)
		}
	}
	if value >= 0 {
		switch t.types[value].class {
		case unreadable:
			return nil, t.refuse(value)
		case textual, stamps:
			return nil, fmt.Errorf("column %s holds values of type %s, expected numbers: the columns are %s", t.meta.Columns[value].Name, t.types[value].text, t.meta.describe())
		}
		want++
	}
	pieces := make([]*piece, last-first)
	for g := range pieces {
		pieces[g] = &piece{coders: make([]*coder, len(modes))}
	}
	faults := make([]error, len(pieces)*want)
	par.Do(len(faults), func(task int) {
		defer guard(&faults[task])
		g, k := task/want, task%want
		if k == len(modes) {
			faults[task] = t.loadValues(&pieces[g].rows, first+g, value)
			return
		}
		pieces[g].coders[k], faults[task] = t.loadMode(first+g, modes[k])
	})
	if err := errors.Join(faults...); err != nil {
		return nil, errors.New(strings.SplitN(err.Error(), "\n", 2)[0])
	}
	for g, p := range pieces {
		if value < 0 {
			p.count = len(p.coders[0].codes)
		}
		for _, c := range p.coders {
			if n := len(c.codes); n != p.count {
				return nil, damaged(fmt.Errorf("row group %d has %d rows in one column and %d in another", first+g+1, p.count, n))
			}
		}
	}
	return pieces, nil
}

func (t *parquetTable) refuse(c int) error {
	return fmt.Errorf("column %s holds values of type %s, which are not read: the columns are %s", t.meta.Columns[c].Name, t.types[c].text, t.meta.describe())
}

// checkPages walks over the heads of the pages of a column in a row group,
// so that a length that lies is found before room for it is made.
func (t *parquetTable) checkPages(g, leaf int) error {
	chunk := t.file.Metadata().RowGroups[g].Columns[leaf].MetaData
	start := chunk.DataPageOffset
	if chunk.DictionaryPageOffset != 0 {
		start = chunk.DictionaryPageOffset
	}
	size := int64(len(t.data))
	if start < 0 || chunk.TotalCompressedSize < 0 || start > size || chunk.TotalCompressedSize > size-start {
		return damaged(fmt.Errorf("a column claims %d bytes from byte %d on, the file has %d", chunk.TotalCompressedSize, start, size))
	}
	var protocol thrift.CompactProtocol
	for left := t.data[start : start+chunk.TotalCompressedSize]; len(left) > 0; {
		var head format.PageHeader
		r := protocol.NewReaderFromBytes(left)
		if err := thrift.NewDecoder(r).Decode(&head); err != nil {
			return damaged(err)
		}
		left = left[r.BytesRead():]
		packed, full := int64(head.CompressedPageSize), int64(head.UncompressedPageSize)
		if packed < 0 || packed > int64(len(left)) || full < 0 || full>>20 > packed>>3+1 {
			return damaged(fmt.Errorf("a page claims %d bytes, %d uncompressed; %d are left", packed, full, len(left)))
		}
		left = left[packed:]
	}
	return nil
}

// eachPage hands on the pages of a column in a row group, with the number of
// values that are stored in each.
func (t *parquetTable) eachPage(g, leaf int, use func(page parquet.Page, stored int) error) error {
	if err := t.checkPages(g, leaf); err != nil {
		return err
	}
	pages := t.file.RowGroups()[g].ColumnChunks()[leaf].Pages()
	defer pages.Close()
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return damaged(err)
		}
		err = use(page, int(page.NumValues()-page.NumNulls()))
		parquet.Release(page)
		if err != nil {
			return err
		}
	}
}

// present calls yes(k) for the k-th value and no() for rows without one, in
// the order of rows.
func present(page parquet.Page, have, stored int, yes func(k int), no func()) error {
	if have < stored {
		return damaged(fmt.Errorf("a page has %d values, its head says %d", have, stored))
	}
	levels := page.DefinitionLevels()
	if len(levels) == 0 {
		for k := range stored {
			yes(k)
		}
		return nil
	}
	k := 0
	for _, level := range levels {
		if level == 0 {
			no()
			continue
		}
		yes(k)
		k++
	}
	return nil
}

func (t *parquetTable) loadMode(g int, m *mode) (*coder, error) {
	p := t.types[m.column]
	var c *coder
	switch {
	case m.part != nil:
		c = newCoder(parts, 0)
	case p.class == textual || p.class == boolean:
		c = newCoder(texts, 0)
	case p.class == real || p.class == decimals:
		c = newCoder(floats, 0)
	case p.class == stamps:
		c = newCoder(moments, 0)
		c.unit = p.unit
	default:
		c = newCoder(integers, 0)
	}
	var entry []int32 // the code of each entry of the dictionary, -2 if not yet known
	var words entries
	return c, t.eachPage(g, p.leaf, func(page parquet.Page, stored int) error {
		dict := page.Dictionary()
		if dict == nil {
			values, err := p.entries(page.Data(), m)
			if err != nil {
				return fmt.Errorf("column %s: %w", t.meta.Columns[m.column].Name, err)
			}
			return present(page, values.n, stored, func(k int) { values.add(c, k) }, c.none)
		}
		if entry == nil {
			var err error
			if words, err = p.entries(dict.Page().Data(), m); err != nil {
				return fmt.Errorf("column %s: %w", t.meta.Columns[m.column].Name, err)
			}
			entry = make([]int32, words.n)
			for k := range entry {
				entry[k] = -2
			}
		}
		data := page.Data()
		index := data.Int32()
		return present(page, len(index), stored, func(k int) {
			i := index[k]
			if entry[i] == -2 {
				words.add(c, int(i))
				entry[i] = c.codes[len(c.codes)-1]
				return
			}
			c.codes = append(c.codes, entry[i])
		}, c.none)
	})
}

func (t *parquetTable) loadValues(r *rows, g, column int) error {
	p := t.types[column]
	r.values = []float64{}
	none := func() {
		r.values = append(r.values, nan)
		r.empty++
	}
	var words []float64
	err := t.eachPage(g, p.leaf, func(page parquet.Page, stored int) error {
		if dict := page.Dictionary(); dict != nil {
			if words == nil {
				var err error
				if words, err = p.numbers(dict.Page().Data()); err != nil {
					return err
				}
			}
			data := page.Data()
			index := data.Int32()
			return present(page, len(index), stored, func(k int) { r.value(words[index[k]]) }, none)
		}
		values, err := p.numbers(page.Data())
		if err != nil {
			return err
		}
		return present(page, len(values), stored, func(k int) { r.value(values[k]) }, none)
	})
	r.count = len(r.values)
	return err
}

// value adds the value of a row.
func (r *rows) value(v float64) {
	if v-v != 0 {
		if r.bad++; r.bad == 1 {
			r.first, r.text = len(r.values), fmt.Sprint(v)
		}
		v = nan
	}
	r.values = append(r.values, v)
}
