package table

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/polyad/polyad/tensor"
)

func file(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestParquetTypes reads each column of files that pyarrow 26 wrote, as
// values and as a mode.
func TestParquetTypes(t *testing.T) {
	data := file(t, "types.parquet")
	n := math.NaN()
	for col, want := range map[string][]float64{
		"i8": {-128, 0, 127, 1, 2, 3}, "u32": {4294967295, 0, 1, 2, 3, 4}, "u64": {1 << 53, 0, 1, 2, 3, 4},
		"i64": {-1 << 40, 0, 1, n, 3, 4}, "f": {0.5, -1.5, 2, 3, 4, 5}, "d": {0.1, n, -2.5, 1e300, 4, 5}, "nf": {1, n, n, 1, 2, 3},
		"b": {1, 0, 1, 1, n, 0}, "dec": {1.25, -0.1, n, 12345678901234.56, 4, 5.55}, "big": {-1.5, 0.1, 2, 3, 4, 5},
	} {
		r, err := Read(data, Options{Modes: []string{"ns"}, Value: col, Missing: "nan"})
		if err != nil {
			t.Errorf("%s: %v", col, err)
			continue
		}
		got := slices.Repeat([]float64{n}, 6)
		switch {
		case slices.ContainsFunc(want, math.IsNaN):
			o := observed(t, r)
			for e, v := range o.Values() {
				got[o.Indices(0)[e]] = v
			}
		default:
			copy(got, dense(t, r).Data())
		}
		if !slices.EqualFunc(got, want, func(a, b float64) bool { return a == b || a != a && b != b }) {
			t.Errorf("%s: %v, want %v", col, got, want)
		}
		if r.Rows != 6 || r.Format != "parquet" {
			t.Errorf("%+v", r)
		}
	}
	for spec, want := range map[string]string{
		"i8": "-128 0 1 2 3 127", "u32": "0 1 2 3 4 4.294967295e+09", "i64": "-1.099511627776e+12 0 1 3 4", "f": "-1.5 0.5 2 3 4 5", "u64": "0 1 2 3 4 9.007199254740992e+15",
		"nf": "1 2 3", "b": "true false", "s": "x y z", "large": "p q", "dec": "-0.1 1.25 4 5.55 1.234567890123456e+13",
		"date":       "2023-12-30 2023-12-31 2024-01-01",
		"ms":         "2023-12-30T22:15:00 2023-12-31T05:15:00 2023-12-31T12:15:00 2023-12-31T19:15:00 2024-01-01T02:15:00 2024-01-01T09:15:00",
		"iso":        "2023-12-30T22:15:00 2023-12-31T05:15:00 2023-12-31T12:15:00 2023-12-31T19:15:00 2024-01-01T02:15:00 2024-01-01T09:15:00",
		"year(date)": "2023 2024", "month(ms)": "Jan Dec", "day(us)": "1 30 31", "hour(ns)": "2 5 9 12 19 22", "weekday(iso)": "Mon Sat Sun",
		"date(us)": "2023-12-30 2023-12-31 2024-01-01", "minute(ms)": "15", "week(date)": "1 52", "quarter(date)": "1 4",
	} {
		r, err := Read(data, Options{Modes: []string{spec}, Aggregate: "count"})
		if err != nil {
			t.Errorf("%s: %v", spec, err)
			continue
		}
		axis, labels := r.Tensor.Axes()[0], []string(nil)
		for i := range r.Tensor.Shape()[0] {
			labels = append(labels, axis.Label(i))
		}
		if got := strings.Join(labels, " "); got != want {
			t.Errorf("%s: %s, want %s", spec, got, want)
		}
	}
	info, err := List(data)
	if err != nil || info.Rows != 6 || info.Format != "parquet" || len(info.Columns) != 18 {
		t.Fatalf("%+v %v", info, err)
	}
	if c := info.Columns[17]; c.Name != "l" || c.Type != "nested" {
		t.Errorf("%+v", c)
	}
}

func TestParquetInt96(t *testing.T) {
	x := dense(t, mustRead(t, file(t, "int96.parquet"), Options{Modes: []string{"t"}, Value: "v"}))
	if got := x.Axes()[0].Labels[5]; got != "2024-01-01T09:15:00" {
		t.Errorf("label %s", got)
	}
	if !slices.Equal(x.Data(), []float64{0.5, -1.5, 2, 3, 4, 5}) {
		t.Errorf("%v", x.Data())
	}
}

func mustRead(t *testing.T, data []byte, opt Options) *Result {
	t.Helper()
	r, err := Read(data, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

type cell struct {
	City  string  `parquet:"city,dict"`
	Year  int32   `parquet:"year"`
	Sales float64 `parquet:"sales"`
}

func written(t testing.TB, rows []cell, options ...parquet.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[cell](&b, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestParquetGroupsAndPages(t *testing.T) {
	var rows []cell
	for k := range 1002 {
		rows = append(rows, cell{[]string{"Oslo", "Paris", "Rome"}[k*7%3], int32(2000 + k%334), float64(k)})
	}
	want := mustRead(t, written(t, rows), Options{})
	x := dense(t, mustRead(t, written(t, rows, parquet.MaxRowsPerRowGroup(77), parquet.PageBufferSize(64)), Options{}))
	if !slices.Equal(x.Data(), dense(t, want).Data()) || !slices.Equal(x.Axes()[0].Labels, []string{"Oslo", "Paris", "Rome"}) {
		t.Errorf("%v", x.Axes())
	}
}

func TestParquetBadInput(t *testing.T) {
	data := file(t, "types.parquet")
	good := written(t, []cell{{"Oslo", 2001, 5}, {"Oslo", 2001, 6}})
	lying := slices.Clone(good)
	copy(lying[len(lying)-8:], "\xff\xff\xff\x7f")
	for _, c := range []struct {
		name string
		data []byte
		opt  Options
		want string
	}{
		{"cut", data[:len(data)-1], Options{}, "does not end with PAR1: it is cut short"},
		{"tiny", []byte("PAR1PAR1"), Options{}, "it is cut short"},
		{"encrypted", []byte("PARE0000PARE"), Options{}, "encrypted"},
		{"footer", lying, Options{}, "the footer of the Parquet file claims 2147483647 bytes"},
		{"garbage", []byte("PAR1\xff\xff\xff\xff\x04\x00\x00\x00PAR1"), Options{}, "the Parquet file is damaged"},
		{"nested", data, Options{Modes: []string{"l"}, Aggregate: "count"}, "column l holds values of type nested, which are not read"},
		{"nested value", data, Options{Modes: []string{"s"}, Value: "l"}, "column l holds values of type nested"},
		{"text value", data, Options{Modes: []string{"i8"}, Value: "s"}, "column s holds values of type STRING, expected numbers"},
		{"time value", data, Options{Modes: []string{"i8"}, Value: "ms"}, "column ms holds values of type TIMESTAMP"},
		{"part of number", data, Options{Modes: []string{"year(i8)"}, Aggregate: "count"}, "year() needs timestamps"},
		{"hour of date", data, Options{Modes: []string{"hour(date)"}, Aggregate: "count"}, "column date: dates have no time of day, which hour() needs"},
		{"part of text", data, Options{Modes: []string{"year(large)"}, Aggregate: "count"}, `column large: "p", expected a timestamp`},
		{"nan", data, Options{Modes: []string{"ns"}, Value: "nf"}, "row 2: the value is NaN, expected a finite number (2 of the values"},
		{"unknown", data, Options{Modes: []string{"q"}, Value: "nf"}, `no column is called "q": there are i8, u32`},
		{"duplicate", good, Options{}, "row 1 and row 2 hold the same cell (Oslo, 2001): join such rows with --aggregate"},
		{"no rows", written(t, nil), Options{}, "the table has no rows"},
	} {
		_, err := Read(c.data, c.opt)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "table: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
	// Damage in any byte is an error or a result, not a panic.
	for at := range good {
		bad := slices.Clone(good)
		bad[at] ^= 0x41
		if _, err := Read(bad, Options{Aggregate: "sum"}); err != nil && !strings.HasPrefix(err.Error(), "table: ") {
			t.Errorf("byte %d: %v", at, err)
		}
	}
}

func FuzzReadParquet(f *testing.F) {
	f.Add(written(f, []cell{{"Oslo", 2001, 5}, {"Paris", 2001, 6}}))
	f.Add(written(f, []cell{{"Oslo", 2001, 5}, {"Paris", 2001, 6}}, parquet.Compression(&parquet.Snappy), parquet.DataPageVersion(1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !SniffParquet(data) {
			return
		}
		info, err := List(data)
		if err != nil {
			return
		}
		for _, c := range info.Columns {
			if _, err := Read(data, Options{Modes: []string{c.Name}, Aggregate: "count"}); err != nil && !strings.HasPrefix(err.Error(), "table: ") {
				t.Fatal(err)
			}
		}
	})
}

func TestWriteParquet(t *testing.T) {
	data := make([]float64, 3000*2)
	labels := make([]string, 3000)
	for k := range labels {
		labels[k] = fmt.Sprintf("name %d", k)
		data[2*k], data[2*k+1] = float64(k)/7, -float64(k)
	}
	x := tensor.FromSlice(data, 3000, 2, 1)
	if err := x.SetAxes(tensor.Axis{Name: "who", Labels: labels}, tensor.Axis{Name: "at", Coords: []float64{0.25, 4}}, tensor.Axis{}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteParquet(&b, x); err != nil {
		t.Fatal(err)
	}
	y := dense(t, mustRead(t, b.Bytes(), Options{}))
	a := y.Axes()
	if !slices.Equal(x.Data(), y.Data()) || !slices.Equal(a[0].Labels, labels) || !slices.Equal(a[1].Coords, []float64{0.25, 4}) || a[2].Name != "mode3" {
		t.Errorf("%v", a)
	}
	b.Reset()
	if err := WriteParquet(&b, tensor.FromSlice([]float32{0.1, 2, 3}, 3)); err != nil {
		t.Fatal(err)
	}
	if z := dense(t, mustRead(t, b.Bytes(), Options{})); !slices.Equal(z.Data(), []float64{float64(float32(0.1)), 2, 3}) || !slices.Equal(z.Axes()[0].Coords, []float64{0, 1, 2}) {
		t.Errorf("%v %v", z.Data(), z.Axes())
	}
	o, err := tensor.NewObserved([]int{2, 2}, [][]int32{{0, 1}, {0, 1}}, []float64{0.1, -3})
	if err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if err := WriteParquet(&b, o); err != nil {
		t.Fatal(err)
	}
	if p := observed(t, mustRead(t, b.Bytes(), Options{})); !slices.Equal(p.Values(), o.Values()) {
		t.Errorf("%v", p.Values())
	}
	if err := WriteParquet(&b, tensor.New[complex64](2)); err == nil || !strings.Contains(err.Error(), "save as .npz") {
		t.Error(err)
	}
	twin := tensor.New[float64](2, 2)
	if err := twin.SetAxes(tensor.Axis{Name: "a"}, tensor.Axis{Name: "a"}); err != nil {
		t.Fatal(err)
	}
	if err := WriteParquet(&b, twin); err == nil || err.Error() != `table: two modes are called "a": rename one` {
		t.Error(err)
	}
	if err := WriteParquet(full{}, twin.Index(0, 0)); err == nil {
		t.Error("a full disk is no error")
	}
}
