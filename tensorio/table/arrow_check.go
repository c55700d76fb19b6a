package table

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The reader of Arrow files makes room for as many fields, texts and buffers
// as the metadata claim, before it looks at one. So the claims are checked
// first: the metadata are FlatBuffers, whose tables begin with the distance
// back to a list of where each field is (0: absent),
//
//	vtable  | size uint16 | size of table uint16 | place of field 0 | place of field 1 | …
//	table   | distance to its vtable int32 | fields …
//	vector  | count uint32 | elements …
//
// and where a table, vector or text is a field, there stands how far ahead it
// is, as uint32. The numbers of fields are those of Schema.fbs, Message.fbs
// and File.fbs of https://arrow.apache.org/docs/format/Columnar.html.

// metadata are FlatBuffers; left is the number of tables that may still be
// visited, lest tables that hold each other go on forever.
type metadata struct {
	b     []byte
	left  int
	depth int // of columns within columns
}

const deepest = 64 // that columns may be nested

var errMetadata = errors.New("its metadata claim more than there is")

func checkMetadata(b []byte, root func(m *metadata, table int)) (err error) {
	defer func() {
		if recover() != nil { // what is read lies outside of b
			err = errMetadata
		}
	}()
	m := &metadata{b: b, left: 1 + len(b)/4}
	root(m, m.ahead(0))
	return nil
}

func (m *metadata) ahead(at int) int { return at + int(binary.LittleEndian.Uint32(m.b[at:])) }

// field is where field k of a table is; 0 if it is absent.
func (m *metadata) field(table, k int) int {
	vtable := table - int(int32(binary.LittleEndian.Uint32(m.b[table:])))
	if 6+2*k > int(binary.LittleEndian.Uint16(m.b[vtable:])) {
		return 0
	}
	offset := int(binary.LittleEndian.Uint16(m.b[vtable+4+2*k:]))
	if offset == 0 {
		return 0
	}
	return table + offset
}

// vector is a vector with elements of some bytes.
func (m *metadata) vector(table, k, size int) (first, count int) {
	at := m.field(table, k)
	if at == 0 {
		return 0, 0
	}
	at = m.ahead(at)
	count = int(binary.LittleEndian.Uint32(m.b[at:]))
	if at+4+count*size > len(m.b) {
		panic(errMetadata)
	}
	return at + 4, count
}

// tables visits the tables of a vector.
func (m *metadata) tables(table, k int, visit func(table int)) {
	first, count := m.vector(table, k, 4)
	for e := range count {
		if m.left--; m.left < 0 {
			panic(errMetadata)
		}
		visit(m.ahead(first + 4*e))
	}
}

// keyValues checks field k, a list of pairs of texts.
func (m *metadata) keyValues(table, k int) {
	m.tables(table, k, func(pair int) {
		m.vector(pair, 0, 1)
		m.vector(pair, 1, 1)
	})
}

func (m *metadata) schema(table int) {
	m.tables(table, 1, m.column)
	m.keyValues(table, 2)
}

func (m *metadata) column(table int) {
	if m.depth++; m.depth > deepest {
		panic(errMetadata)
	}
	m.vector(table, 0, 1) // the name
	m.tables(table, 5, m.column)
	m.keyValues(table, 6)
	m.depth--
}

// batch checks the lists of a RecordBatch.
func (m *metadata) batch(table int) {
	m.vector(table, 1, 16)
	_, buffers := m.vector(table, 2, 16)
	first, count := m.vector(table, 4, 8)
	for e := range count {
		if n := binary.LittleEndian.Uint64(m.b[first+8*e:]); n > uint64(buffers) {
			panic(errMetadata)
		}
	}
}

// message checks a message, and gives the length of its body.
func (m *metadata) message(table int) (body int64) {
	m.keyValues(table, 4)
	if at := m.field(table, 3); at != 0 {
		body = int64(binary.LittleEndian.Uint64(m.b[at:]))
	}
	kind, header := m.field(table, 1), m.field(table, 2)
	if kind == 0 || header == 0 {
		return body
	}
	switch header = m.ahead(header); m.b[kind] {
	case 1:
		m.schema(header)
	case 2: // a dictionary
		if data := m.field(header, 1); data != 0 {
			m.batch(m.ahead(data))
		}
	case 3:
		m.batch(header)
	}
	return body
}

var errCutStream = errors.New("the Arrow stream ends within a message: it is cut short")

// checkArrowStream checks the messages of a stream.
func checkArrowStream(data []byte) error {
	for len(data) > 0 {
		text, rest, err := nextMessage(data)
		if text == nil || err != nil {
			return err
		}
		var body int64
		if err := checkMetadata(text, func(m *metadata, table int) { body = m.message(table) }); err != nil {
			return damagedArrow(err)
		}
		if body < 0 {
			return damagedArrow(fmt.Errorf("the body of a message has a length of %d", body))
		}
		if body > int64(len(rest)) {
			return errCutStream
		}
		data = rest[body:]
	}
	return nil
}

// nextMessage is the metadata of a message and what follows; nil at the end.
func nextMessage(data []byte) (text, rest []byte, err error) {
	n := uint32(0xffffffff)
	for range 2 {
		if n == 0xffffffff { // the mark of a length that follows
			if len(data) < 4 {
				return nil, nil, errCutStream
			}
			n, data = binary.LittleEndian.Uint32(data), data[4:]
		}
	}
	if n == 0 {
		return nil, nil, nil
	}
	if int64(n) > int64(len(data)) {
		return nil, nil, errCutStream
	}
	return data[:n], data[n:], nil
}

// checkArrowFile checks the footer of a file and the messages that it lists.
func checkArrowFile(data []byte) error {
	end := len(data) - len(arrowMagic) - 4
	size := int64(binary.LittleEndian.Uint32(data[end:]))
	if size < 4 || size > int64(end) {
		return damagedArrow(fmt.Errorf("its footer claims %d bytes", size))
	}
	var blocks [][]byte
	err := checkMetadata(data[int64(end)-size:end], func(m *metadata, table int) {
		if s := m.field(table, 1); s != 0 {
			m.schema(m.ahead(s))
		}
		for k := 2; k <= 3; k++ { // dictionaries, batches
			first, count := m.vector(table, k, 24)
			for e := range count {
				at := binary.LittleEndian.Uint64(m.b[first+24*e:])
				n := uint64(binary.LittleEndian.Uint32(m.b[first+24*e+8:]))
				if at > uint64(len(data)) || n > uint64(len(data))-at {
					panic(errMetadata)
				}
				blocks = append(blocks, data[at:at+n])
			}
		}
		m.keyValues(table, 4)
	})
	for _, b := range blocks {
		if err != nil {
			break
		}
		var text []byte
		if text, _, err = nextMessage(b); text != nil {
			err = checkMetadata(text, func(m *metadata, table int) { m.message(table) })
		}
	}
	if err != nil {
		return damagedArrow(err)
	}
	return nil
}
