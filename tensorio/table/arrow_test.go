package table

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/polyad/polyad/tensor"
)

// arrowEvents are trips as an Arrow table: texts with and without dictionary,
// times, numbers and what is missing of them.
var arrowEvents = arrow.NewSchema([]arrow.Field{
	{Name: "line", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}, Nullable: true},
	{Name: "stop", Type: arrow.BinaryTypes.LargeString},
	{Name: "start", Type: arrow.FixedWidthTypes.Timestamp_us},
	{Name: "zone", Type: arrow.PrimitiveTypes.Uint16},
	{Name: "riders", Type: arrow.PrimitiveTypes.Float32, Nullable: true},
}, nil)

const arrowEventsCSV = `line,stop,start,zone,riders
Red,North,2024-03-01 08:10,7,40
Blue,South,2024-03-01 09:40,300,2.5
Blue,North,2024-03-02 08:15,7,5
,South,2024-03-02 08:15,7,6
Red,South,2024-03-04 17:00,7,
Green,East,2024-03-04 17:00,300,9
`

// arrowBatch makes rows [lo, hi) of arrowEventsCSV.
func arrowBatch(lo, hi int) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrowEvents)
	lines := strings.Split(strings.TrimSpace(arrowEventsCSV), "\n")[1:]
	for _, l := range lines[lo:hi] {
		f := strings.Split(l, ",")
		if f[0] == "" {
			b.Field(0).AppendNull()
		} else if err := b.Field(0).AppendValueFromString(f[0]); err != nil {
			panic(err)
		}
		b.Field(1).(*array.LargeStringBuilder).Append(f[1])
		when, err := time.Parse("2006-01-02 15:04", f[2])
		if err != nil {
			panic(err)
		}
		b.Field(2).(*array.TimestampBuilder).Append(arrow.Timestamp(when.UnixMicro()))
		for k, text := range f[3:] {
			if text == "" {
				b.Field(3 + k).AppendNull()
			} else if err := b.Field(3 + k).AppendValueFromString(text); err != nil {
				panic(err)
			}
		}
	}
	return b.NewRecordBatch()
}

// arrowFile writes batches as a file or a stream.
func arrowFile(t testing.TB, stream bool, schema *arrow.Schema, batches []arrow.RecordBatch, opts ...ipc.Option) []byte {
	t.Helper()
	var b bytes.Buffer
	opts = append(opts, ipc.WithSchema(schema))
	var w interface {
		Write(arrow.RecordBatch) error
		io.Closer
	} = ipc.NewWriter(&b, opts...)
	if !stream {
		var err error
		if w, err = ipc.NewFileWriter(&b, opts...); err != nil {
			t.Fatal(err)
		}
	}
	for _, batch := range batches {
		if err := w.Write(batch); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArrow(t *testing.T) {
	for _, opt := range []Options{
		{Modes: []string{"line", "stop", "zone"}, Value: "riders"},
		{Modes: []string{"line", "hour(start)", "weekday(start)"}, Aggregate: "count"},
		{Modes: []string{"stop", "date(start)"}, Value: "riders", Aggregate: "sum", Missing: "zero"},
		{Modes: []string{"stop", "line"}, Value: "zone", Aggregate: "max"},
	} {
		want := read1(t, arrowEventsCSV, opt)
		for name, text := range map[string][]byte{
			"file":   arrowFile(t, false, arrowEvents, []arrow.RecordBatch{arrowBatch(0, 6)}),
			"stream": arrowFile(t, true, arrowEvents, []arrow.RecordBatch{arrowBatch(0, 2), arrowBatch(2, 3), arrowBatch(3, 6)}),
			"zstd":   arrowFile(t, false, arrowEvents, []arrow.RecordBatch{arrowBatch(0, 6)}, ipc.WithZstd()),
			"lz4":    arrowFile(t, true, arrowEvents, []arrow.RecordBatch{arrowBatch(0, 6)}, ipc.WithLZ4()),
			"slices": arrowFile(t, false, arrowEvents, []arrow.RecordBatch{arrowBatch(0, 6).NewSlice(0, 2), arrowBatch(0, 6).NewSlice(2, 6)}),
		} {
			if !SniffArrow(text) {
				t.Fatalf("%s is not sniffed", name)
			}
			got := read1(t, string(text), opt)
			if got.Format != "arrow" || got.Rows != 6 {
				t.Errorf("%s: %s with %d rows", name, got.Format, got.Rows)
			}
			if !slices.Equal(got.Notes, want.Notes) {
				t.Errorf("%s: notes %q, want %q", name, got.Notes, want.Notes)
			}
			if a, b := fmt.Sprint(got.Tensor.Axes()), fmt.Sprint(want.Tensor.Axes()); a != b {
				t.Errorf("%s: axes %s\nwant %s", name, a, b)
			}
			switch w := want.Tensor.(type) {
			case *tensor.Observed:
				if g := observed(t, got); !slices.Equal(g.Values(), w.Values()) || !slices.Equal(g.Indices(0), w.Indices(0)) {
					t.Errorf("%s: %v, want %v", name, g.Values(), w.Values())
				}
			case *tensor.Dense[float64]:
				if g := dense(t, got); !slices.Equal(g.Data(), w.Data()) {
					t.Errorf("%s: %v, want %v", name, g.Data(), w.Data())
				}
			}
		}
	}
	info, err := List(arrowFile(t, true, arrowEvents, []arrow.RecordBatch{arrowBatch(0, 6)}))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range info.Columns {
		got = append(got, c.Name+":"+c.Type)
	}
	if s := strings.Join(got, " "); s != "line:text stop:text start:timestamp zone:number riders:number" || info.Rows != 6 || info.Format != "arrow" {
		t.Errorf("%s %+v", s, info)
	}
}

// TestArrowTypes reads every type of column as a mode and as the value.
func TestArrowTypes(t *testing.T) {
	for _, c := range []struct {
		typ    arrow.DataType
		texts  []string // the two values
		labels string   // of the axis
		value  string   // of the first, as the value
	}{
		{arrow.PrimitiveTypes.Int8, []string{"-3", "5"}, "-3 5", "-3"},
		{arrow.PrimitiveTypes.Int16, []string{"-300", "5"}, "-300 5", "-300"},
		{arrow.PrimitiveTypes.Int32, []string{"70000", "-70000"}, "-70000 70000", "70000"},
		{arrow.PrimitiveTypes.Int64, []string{"9007199254740993", "1"}, "1 9007199254740993", "9.007199254740992e+15"},
		{arrow.PrimitiveTypes.Uint8, []string{"200", "5"}, "5 200", "200"},
		{arrow.PrimitiveTypes.Uint32, []string{"4000000000", "5"}, "5 4e+09", "4e+09"},
		{arrow.PrimitiveTypes.Uint64, []string{"7", "5"}, "5 7", "7"},
		{arrow.FixedWidthTypes.Float16, []string{"0.5", "-2"}, "-2 0.5", "0.5"},
		{arrow.PrimitiveTypes.Float64, []string{"0.1", "-2"}, "-2 0.1", "0.1"},
		{&arrow.Decimal128Type{Precision: 20, Scale: 2}, []string{"12.34", "-0.5"}, "-0.5 12.34", "12.34"},
		{arrow.FixedWidthTypes.Boolean, []string{"true", "false"}, "true false", "1"},
		{arrow.BinaryTypes.String, []string{"b", "a"}, "b a", ""},
		{arrow.BinaryTypes.StringView, []string{"a text of more than twelve bytes", "a"}, "a text of more than twelve bytes a", ""},
		{arrow.BinaryTypes.Binary, []string{"Yg==", "YQ=="}, "b a", ""},
		{arrow.FixedWidthTypes.Date32, []string{"2024-03-02", "1969-12-31"}, "1969-12-31 2024-03-02", ""},
		{arrow.FixedWidthTypes.Date64, []string{"2024-03-02", "1969-12-31"}, "1969-12-31 2024-03-02", ""},
		{&arrow.TimestampType{Unit: arrow.Nanosecond}, []string{"2024-03-02 10:00:00", "2024-03-01 00:00:00.5"}, "2024-03-01T00:00:00.5 2024-03-02T10:00:00", ""},
		{&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint16, ValueType: arrow.PrimitiveTypes.Int64}, []string{"12", "3"}, "3 12", "12"},
	} {
		schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: c.typ}, {Name: "k", Type: arrow.PrimitiveTypes.Int32}}, nil)
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		for k, s := range c.texts {
			if err := b.Field(0).AppendValueFromString(s); err != nil {
				t.Fatalf("%s: %v", c.typ, err)
			}
			b.Field(1).(*array.Int32Builder).Append(int32(k))
		}
		text := string(arrowFile(t, false, schema, []arrow.RecordBatch{b.NewRecordBatch()}))
		r := read1(t, text, Options{Modes: []string{"x"}, Value: "k"})
		var labels []string
		a := r.Tensor.Axes()[0]
		for k := range 2 {
			labels = append(labels, a.Label(k))
		}
		if got := strings.Join(labels, " "); got != c.labels {
			t.Errorf("%s: %s, want %s", c.typ, got, c.labels)
		}
		r, err := Read([]byte(text), Options{Modes: []string{"k"}, Value: "x"})
		if c.value == "" {
			if want := "column x holds values of type"; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", c.typ, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", c.typ, err)
		}
		if got := fmt.Sprint(dense(t, r).At(0)); got != c.value {
			t.Errorf("%s: value %s, want %s", c.typ, got, c.value)
		}
	}
}

func TestArrowRefuses(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "list", Type: arrow.ListOf(arrow.PrimitiveTypes.Int32), Nullable: true},
		{Name: "clock", Type: arrow.FixedWidthTypes.Time32s, Nullable: true},
		{Name: "day", Type: arrow.FixedWidthTypes.Date32},
		{Name: "big", Type: arrow.PrimitiveTypes.Uint64},
		{Name: "v", Type: arrow.PrimitiveTypes.Float64},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	b.Field(0).AppendNull()
	b.Field(1).AppendNull()
	b.Field(2).(*array.Date32Builder).Append(5)
	b.Field(3).(*array.Uint64Builder).Append(1 << 63)
	b.Field(4).(*array.Float64Builder).Append(nan)
	text := arrowFile(t, false, schema, []arrow.RecordBatch{b.NewRecordBatch()})
	for _, c := range []struct {
		text []byte
		opt  Options
		want string
	}{
		{text, Options{Modes: []string{"list"}, Value: "v"}, "table: column list holds values of type list, which are not read: the columns are list (list), clock (time32), day (timestamp), big (number), v (number)"},
		{text, Options{Modes: []string{"day"}, Value: "clock"}, "table: column clock holds values of type time32, which are not read"},
		{text, Options{Modes: []string{"hour(day)"}, Value: "v"}, "table: column day: dates have no time of day, which hour() needs"},
		{text, Options{Modes: []string{"hour(big)"}, Value: "v"}, "table: column big holds values of type uint64, hour() needs timestamps"},
		{text, Options{Modes: []string{"big"}, Value: "v"}, "table: column big: 9223372036854775808 is too large (the limit is 9223372036854775807)"},
		{text, Options{Modes: []string{"day"}, Value: "v"}, "table: row 1: the value is NaN, expected a finite number"},
		{text[:len(text)-1], Options{}, "table: the Arrow file does not end with ARROW1: it is cut short"},
		{arrowFile(t, false, arrow.NewSchema(nil, nil), nil), Options{}, "table: the Arrow file has no columns"},
	} {
		if _, err := Read(c.text, c.opt); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
}

// TestArrowCut reads files and streams that end too early.
func TestArrowCut(t *testing.T) {
	batches := []arrow.RecordBatch{arrowBatch(0, 6)}
	for _, stream := range []bool{false, true} {
		text := arrowFile(t, stream, arrowEvents, batches)
		whole := 0
		for n := 8; n < len(text); n++ {
			_, err := Read(text[:n], Options{Modes: []string{"line", "stop"}, Aggregate: "count"})
			if err == nil {
				whole++ // a stream may end between two messages
				continue
			}
			if !strings.Contains(err.Error(), "cut short") && !strings.Contains(err.Error(), "no rows") && !strings.Contains(err.Error(), "damaged") {
				t.Fatalf("stream %t, %d of %d bytes: %v", stream, n, len(text), err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("more than a sentence: %v", err)
			}
		}
		if whole > 8 || !stream && whole > 0 {
			t.Errorf("stream %t: %d prefixes are read", stream, whole)
		}
	}
}

// Metadata that claim what is not there are refused before room is made.
func TestArrowClaims(t *testing.T) {
	file := arrowFile(t, false, arrowEvents, []arrow.RecordBatch{arrowBatch(0, 6)})
	stream := arrowFile(t, true, arrowEvents, []arrow.RecordBatch{arrowBatch(0, 6)})
	for name, text := range map[string][]byte{"file": file, "stream": stream} {
		refused := 0
		for at := 8; at+4 <= len(text); at += 4 {
			bad := bytes.Clone(text)
			copy(bad[at:], "\xff\xff\xff\x7f")
			if _, err := Read(bad, Options{Aggregate: "count"}); err != nil && strings.Contains(err.Error(), errMetadata.Error()) {
				refused++
			}
		}
		if refused < 20 {
			t.Errorf("%s: %d claims were refused", name, refused)
		}
	}
}

func FuzzReadArrow(f *testing.F) {
	for _, stream := range []bool{false, true} {
		f.Add(arrowFile(f, stream, arrowEvents, []arrow.RecordBatch{arrowBatch(0, 3), arrowBatch(0, 3)}))
		f.Add(arrowFile(f, stream, arrowEvents, []arrow.RecordBatch{arrowBatch(0, 6)}, ipc.WithLZ4()))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !SniffArrow(data) {
			return
		}
		info, err := List(data)
		if err != nil || info.Rows > 1<<16 {
			return
		}
		r, err := Read(data, Options{Aggregate: "count"})
		if err != nil {
			return
		}
		if err := tensor.CheckAxes(r.Tensor.Axes(), r.Tensor.Shape()); err != nil {
			t.Fatal(err)
		}
	})
}
