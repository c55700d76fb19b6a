package table

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensorio/internal/decimal"
)

// text is a table in CSV (RFC 4180) with any separator.
type text struct {
	body   []byte // the rows, without the header
	before int    // lines above the body
	comma  byte
	meta   Info
}

// sampleRows is how many rows are looked at to tell the types of columns.
const sampleRows = 1000

func openText(data []byte) (*text, error) {
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(data, []byte(mark)) {
			return nil, errors.New("the text is UTF-16: save it as UTF-8")
		}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if at := bytes.IndexByte(data[:min(len(data), 1<<12)], 0); at >= 0 {
		return nil, fmt.Errorf("byte %d is zero: the file is no text table", at)
	}
	t := &text{comma: separator(data)}
	s := scanner{data: data, comma: t.comma}
	if ok, err := s.next(); err != nil {
		return nil, fmt.Errorf("line %d: %w", s.line(), err)
	} else if !ok {
		return nil, errors.New("the file is empty: expected a line with the names of the columns")
	}
	t.meta = Info{Format: "csv", Comma: rune(t.comma), Header: true}
	numbers := 0
	for _, f := range s.fields {
		if _, ok := decimal.Parse(f); ok {
			numbers++
		}
	}
	if numbers == len(s.fields) {
		t.meta.Header = false
	}
	for c, f := range s.fields {
		name := string(f)
		if name == "" || !t.meta.Header {
			name = fmt.Sprintf("c%d", c+1)
		}
		t.meta.Columns = append(t.meta.Columns, Column{Name: name})
	}
	t.body = data
	if t.meta.Header {
		t.body, t.before = data[s.pos:], bytes.Count(data[:s.pos], []byte{'\n'})
	}
	t.sample()
	return t, nil
}

// separator is the candidate that cuts the first lines into the most fields,
// the same number each.
func separator(data []byte) byte {
	best, bestFields, bestEven := byte(','), 1, false
	for _, comma := range []byte(",\t;") {
		s := scanner{data: data[:min(len(data), 1<<16)], comma: comma}
		fields, even := 0, true
		for range 20 {
			if ok, err := s.next(); err != nil || !ok || s.pos == len(s.data) && len(s.data) < len(data) {
				break
			}
			if fields == 0 {
				fields = len(s.fields)
			}
			even = even && len(s.fields) == fields
		}
		if fields > 1 && (even && !bestEven || even == bestEven && fields > bestFields) {
			best, bestFields, bestEven = comma, fields, even
		}
	}
	return best
}

// sample tells the types of the columns from the first rows.
func (t *text) sample() {
	type seen struct{ number, whole, stamp, bool, any bool }
	cols := make([]seen, len(t.meta.Columns))
	for c := range cols {
		cols[c] = seen{true, true, true, true, false}
	}
	s := scanner{data: t.body, comma: t.comma}
	for range sampleRows {
		ok, err := s.next()
		if err != nil || !ok || len(s.fields) != len(cols) {
			break // load reports faults
		}
		for c, f := range s.fields {
			if isNA(f) {
				continue
			}
			k := &cols[c]
			k.any = true
			v, number := decimal.Parse(f)
			if !number {
				v, number = decimal.NonFinite(f)
			}
			k.number = k.number && number
			k.whole = k.whole && v == math.Trunc(v)
			_, stamp := parseStamp(f)
			k.stamp = k.stamp && stamp
			k.bool = k.bool && (decimal.EqualFold(f, "true") || decimal.EqualFold(f, "false"))
		}
	}
	for c, k := range cols {
		col := &t.meta.Columns[c]
		switch {
		case k.any && k.number:
			col.Type, col.whole = "number", k.whole
		case k.any && k.stamp:
			col.Type = "timestamp"
		case k.any && k.bool:
			col.Type = "boolean"
		default:
			col.Type = "text"
		}
	}
}

func (t *text) columns() *Info { return &t.meta }

func (t *text) rowCount() (int, error) {
	s := scanner{data: t.body, comma: t.comma}
	for n := 0; ; n++ {
		ok, err := s.next()
		if err != nil {
			return 0, fmt.Errorf("line %d: %w", t.before+s.line(), err)
		}
		if !ok {
			return n, nil
		}
	}
}

func (t *text) where(row int) string {
	s := scanner{data: t.body, comma: t.comma}
	for range row + 1 {
		if ok, err := s.next(); !ok || err != nil {
			break
		}
	}
	return fmt.Sprintf("line %d", t.before+s.line())
}

// pieceSize is the text that one goroutine reads at a time.
const pieceSize = 1 << 21

// pieces cuts the rows into parts that can be read at once. A line break may
// stand inside quotes, so that text with quotes is one piece.
func (t *text) pieces() [][]byte {
	body := t.body
	if bytes.IndexByte(body, '"') >= 0 {
		return [][]byte{body}
	}
	var out [][]byte
	for len(body) > pieceSize {
		nl := bytes.IndexByte(body[pieceSize:], '\n')
		if nl < 0 {
			break
		}
		cut := pieceSize + nl + 1
		out = append(out, body[:cut])
		body = body[cut:]
	}
	return append(out, body)
}

// piece is what was read of a part of the rows.
type piece struct {
	rows
	coders []*coder
	line   int // of the fault, from 0
	err    error
}

func (t *text) load(modes []*mode, value int) (*rows, error) {
	got, err := t.loadTexts(t.pieces(), t.before, modes, value)
	if err != nil {
		return nil, err
	}
	return joinPieces(got, len(modes)), nil
}

// loadTexts reads some texts at once, above which are so many lines.
func (t *text) loadTexts(texts [][]byte, before int, modes []*mode, value int) ([]*piece, error) {
	got := make([]*piece, len(texts))
	par.Do(len(texts), func(k int) {
		got[k] = t.loadPiece(texts[k], modes, value)
	})
	for k, p := range got {
		if p.err != nil {
			return nil, fmt.Errorf("line %d: %w", before+p.line+1, p.err)
		}
		before += bytes.Count(texts[k], []byte{'\n'})
	}
	return got, nil
}

// each hands over the rows, a piece at a time, of which some are read at once.
func (t *text) each(modes []*mode, value int, use func(p *piece) error) error {
	body, before := t.body, t.before
	quoted := bytes.IndexByte(body, '"') >= 0
	for len(body) > 0 {
		var texts [][]byte
		taken := 0
		for len(texts) < 8 && taken < len(body) {
			n, err := t.cut(body[taken:], quoted)
			if err != nil {
				return fmt.Errorf("line %d: %w", before+bytes.Count(body[:taken+n], []byte{'\n'})+1, err)
			}
			texts = append(texts, body[taken:taken+n])
			taken += n
		}
		got, err := t.loadTexts(texts, before, modes, value)
		if err != nil {
			return err
		}
		for _, p := range got {
			if err := use(p); err != nil {
				return err
			}
		}
		before += bytes.Count(body[:taken], []byte{'\n'})
		body = body[taken:]
	}
	return nil
}

// cut is the length of a piece at the start of some rows; where it is an error
// it is where the record begins. A line break may stand inside quotes, so that
// records are followed where there are any.
func (t *text) cut(body []byte, quoted bool) (int, error) {
	if len(body) <= pieceSize {
		return len(body), nil
	}
	if !quoted {
		if nl := bytes.IndexByte(body[pieceSize:], '\n'); nl >= 0 {
			return pieceSize + nl + 1, nil
		}
		return len(body), nil
	}
	s := scanner{data: body, comma: t.comma}
	for s.pos < pieceSize {
		if ok, err := s.next(); err != nil {
			return s.start, err
		} else if !ok {
			break
		}
	}
	return s.pos, nil
}

// joinPieces puts the pieces of a table together.
func joinPieces(pieces []*piece, modes int) *rows {
	all := &rows{keys: make([]keyed, modes)}
	for _, p := range pieces {
		all.add(&p.rows, len(pieces) == 1)
	}
	for m := range modes {
		list := make([]*coder, len(pieces))
		for k, p := range pieces {
			list[k] = p.coders[m]
		}
		if len(list) > 0 {
			all.keys[m] = joinKeyed(list)
		}
	}
	return all
}

// add appends the values and counts of the next piece; alone, it uses the
// piece's list.
func (r *rows) add(p *rows, alone bool) {
	if r.bad == 0 && p.bad > 0 {
		r.first, r.text = r.count+p.first, p.text
	}
	r.bad += p.bad
	r.empty += p.empty
	r.count += p.count
	if alone {
		r.values = p.values
	} else if p.values != nil {
		r.values = append(r.values, p.values...)
	}
}

func (t *text) loadPiece(data []byte, modes []*mode, value int) *piece {
	width := len(t.meta.Columns)
	// A row holds at least width-1 separators and a line break.
	room := min(bytes.Count(data, []byte{'\n'})+1, len(data)/max(width, 1)+1)
	p := &piece{coders: make([]*coder, len(modes))}
	for m, mode := range modes {
		k := texts
		if mode.part != nil {
			k = parts
		}
		p.coders[m] = newCoder(k, room)
	}
	if value >= 0 {
		p.values = make([]float64, 0, room)
	}
	s := scanner{data: data, comma: t.comma}
	for {
		ok, err := s.next()
		if err == nil && ok {
			if len(s.fields) != width {
				err = fmt.Errorf("%d fields, expected %d (%s)", len(s.fields), width, t.meta.names())
			} else {
				err = p.row(s.fields, modes, value, t.meta.Columns)
			}
		}
		if err != nil {
			p.line, p.err = s.line()-1, err
			return p
		}
		if !ok {
			return p
		}
		p.count++
	}
}

// row adds a row.
func (p *piece) row(fields [][]byte, modes []*mode, value int, columns []Column) error {
	for m, mode := range modes {
		f, c := fields[mode.column], p.coders[m]
		switch {
		case len(f) == 0:
			c.none()
		case mode.part == nil:
			c.addText(f)
		case isNA(f) || decimal.EqualFold(f, "nan") || decimal.EqualFold(f, "nat"):
			c.none()
		default:
			key, err := mode.part.key(f)
			if err != nil {
				return fmt.Errorf("column %s: %w", columns[mode.column].Name, err)
			}
			c.addNum(key)
		}
	}
	if value < 0 {
		return nil
	}
	f := fields[value]
	v, ok := decimal.Parse(f)
	switch {
	case ok && v-v == 0:
	case isNA(f):
		p.empty++
		v = math.NaN()
	default:
		if _, inf := decimal.NonFinite(f); !ok && !inf {
			return fmt.Errorf("column %s: %s, expected a number (empty, NA or null if there is none)", columns[value].Name, quote(f))
		}
		if p.bad++; p.bad == 1 {
			p.first, p.text = p.count, string(f)
		}
		v = math.NaN()
	}
	p.values = append(p.values, v)
	return nil
}

// quote shortens a field for a message.
func quote(b []byte) string {
	if len(b) > 40 {
		return fmt.Sprintf("%.40q…", b)
	}
	return fmt.Sprintf("%q", b)
}
