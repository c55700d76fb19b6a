package table

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

func read1(t *testing.T, text string, opt Options) *Result {
	t.Helper()
	r, err := Read([]byte(text), opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func dense(t *testing.T, r *Result) *tensor.Dense[float64] {
	t.Helper()
	x, ok := r.Tensor.(*tensor.Dense[float64])
	if !ok {
		t.Fatalf("%T, want a dense tensor", r.Tensor)
	}
	return x
}

func observed(t *testing.T, r *Result) *tensor.Observed {
	t.Helper()
	x, ok := r.Tensor.(*tensor.Observed)
	if !ok {
		t.Fatalf("%T, want an observed tensor", r.Tensor)
	}
	return x
}

func TestSeparatorsAndQuotes(t *testing.T) {
	want := []float64{1, 2, -3.5, 4e3}
	for name, text := range map[string]string{
		"comma":     "city,year,v\nParis,2001,1\nParis,2002,2\nOslo,2001,-3.5\nOslo,2002,4e3\n",
		"no end":    "city,year,v\nParis,2001,1\nParis,2002,2\nOslo,2001,-3.5\nOslo,2002,4e3",
		"tab":       "city\tyear\tv\nParis\t2001\t1\nParis\t2002\t2\nOslo\t2001\t-3.5\nOslo\t2002\t4e3\n",
		"semicolon": "city;year;v\nParis;2001;1\nParis;2002;2\nOslo;2001;-3.5\nOslo;2002;4e3\n",
		"crlf, bom": "\xef\xbb\xbfcity,year,v\r\nParis,2001,1\r\n\r\nParis,2002,2\r\nOslo,2001,-3.5\r\nOslo,2002,4e3\r\n",
		"quotes":    "\"city\",\"year\",\"v\"\n\"Paris\",\"2001\",\"1\"\n\"Paris\",2002,2\nOslo, 2001 , -3.5\n \"Oslo\" ,2002,4e3\n",
		"any order": "v,year,city\n2,2002,Paris\n1,2001,Paris\n4e3,2002,Oslo\n-3.5,2001,Oslo\n",
	} {
		r := read1(t, text, Options{Modes: []string{"city", "year"}, Value: "v"})
		x := dense(t, r)
		if !slices.Equal(x.Data(), want) || r.Rows != 4 {
			t.Errorf("%s: %v of %d rows", name, x.Data(), r.Rows)
		}
		a := x.Axes()
		if a[0].Name != "city" || !slices.Equal(a[0].Labels, []string{"Paris", "Oslo"}) || a[1].Name != "year" || !slices.Equal(a[1].Coords, []float64{2001, 2002}) {
			t.Errorf("%s: axes %v", name, a)
		}
	}
	x := dense(t, read1(t, "a,b,v\n\"x \"\"1\"\", y\n\",q,1\n", Options{}))
	if got := x.Axes()[0].Labels[0]; got != "x \"1\", y\n" {
		t.Errorf("label %q", got)
	}
}

func TestUnobserved(t *testing.T) {
	text := "i,j,v\na,1,5\na,2,NA\nb,1,\nb,2,7\nc,1,null\n"
	opt := Options{Modes: []string{"i", "j"}, Value: "v"}
	r := read1(t, text, opt)
	o := observed(t, r)
	if !slices.Equal(o.Shape(), []int{3, 2}) || !slices.Equal(o.Values(), []float64{5, 7}) || !slices.Equal(o.Indices(0), []int32{0, 1}) || !slices.Equal(o.Indices(1), []int32{0, 1}) {
		t.Errorf("%v %v", o.Shape(), o.Values())
	}
	if !strings.Contains(strings.Join(r.Notes, "\n"), "3 values are empty or NA and count as unobserved.") {
		t.Errorf("%q", r.Notes)
	}
	opt.Missing = "zero"
	if x := dense(t, read1(t, text, opt)); !slices.Equal(x.Data(), []float64{5, 0, 0, 7, 0, 0}) {
		t.Errorf("%v", x.Data())
	}
}

func TestNonFinite(t *testing.T) {
	text := "i,j,v\na,1,5\na,2,nan\nb,1,-Inf\nb,2,1e999\n"
	opt := Options{Value: "v"}
	if _, err := Read([]byte(text), opt); err == nil || err.Error() != "table: line 3: the value is nan, expected a finite number (3 of the values are NaN or infinite): --missing nan treats such cells as unobserved, --missing zero as 0" {
		t.Error(err)
	}
	opt.Missing = "nan"
	r := read1(t, text, opt)
	if o := observed(t, r); !slices.Equal(o.Values(), []float64{5}) || !slices.Equal(o.Shape(), []int{2, 2}) {
		t.Errorf("%v of %v", o.Values(), o.Shape())
	}
	if !strings.Contains(strings.Join(r.Notes, " "), "3 values are NaN or infinite and count as unobserved.") {
		t.Errorf("%q", r.Notes)
	}
	opt.Missing = "zero"
	if x := dense(t, read1(t, text, opt)); !slices.Equal(x.Data(), []float64{5, 0, 0, 0}) {
		t.Errorf("%v", x.Data())
	}
}

func TestAggregates(t *testing.T) {
	text := "k,v\na,1\nb,7\na,5\na,3\nb,NA\n"
	for agg, want := range map[string][]float64{"sum": {9, 7}, "mean": {3, 7}, "count": {3, 1}, "last": {3, 7}, "min": {1, 7}, "max": {5, 7}} {
		if x := dense(t, read1(t, text, Options{Modes: []string{"k"}, Value: "v", Aggregate: agg})); !slices.Equal(x.Data(), want) {
			t.Errorf("%s: %v, want %v", agg, x.Data(), want)
		}
	}
	// Without a value column, rows are counted.
	if x := dense(t, read1(t, text, Options{Modes: []string{"k"}, Aggregate: "count"})); !slices.Equal(x.Data(), []float64{3, 2}) {
		t.Errorf("%v", x.Data())
	}
}

// TestAxes reads what columns may hold, and checks the order of the axis.
func TestAxes(t *testing.T) {
	for _, c := range []struct {
		spec, cells string
		labels      []string
		coords      []float64
	}{
		{"x", "b a b c", []string{"b", "a", "c"}, nil},
		{"x", "10 9 -1.5 1e1", nil, []float64{-1.5, 9, 10}},
		{"x", "10 NA 9", nil, []float64{9, 10}},
		{"x", "10 NA b", []string{"10", "NA", "b"}, nil},
		{"x", "Mar Jan Dec", []string{"Jan", "Mar", "Dec"}, nil},
		{"x", "june May april", []string{"april", "May", "june"}, nil},
		{"x", "Sun Wed Mon", []string{"Mon", "Wed", "Sun"}, nil},
		{"x", "sunday Mon", []string{"Mon", "sunday"}, nil},
		{"x", "9007199254740993 9007199254740992", []string{"9007199254740993", "9007199254740992"}, nil},
		{"x", "2003-01-02 2002-12-31", []string{"2002-12-31", "2003-01-02"}, nil},
		{"year(x)", "2003-01-02 2001-01-02 2003-12-31", nil, []float64{2001, 2003}},
		{"quarter(x)", "2003-01-02 2001-04-02 2003-12-31", nil, []float64{1, 2, 4}},
		{"month(x)", "2003-11-02 2001/02/02 2003-11-30", []string{"Feb", "Nov"}, nil},
		{"week(x)", "2020-12-31 2021-01-03 2021-01-04", nil, []float64{1, 53}},
		{"day(x)", "2003-11-02 2001-02-28 null", nil, []float64{2, 28}},
		{"weekday(x)", "1970-01-01 2024-02-29 1969-12-29 2026-08-02", []string{"Mon", "Thu", "Sun"}, nil},
		{"date(x)", "2003-11-02T10:00 2001-02-28T10:00Z 2003-11-02T23:59:59.999+05:30", []string{"2001-02-28", "2003-11-02"}, nil},
		{"hour(x)", "2003-11-02T10:00 2001-02-28T00:30Z 2003-11-02T23:59:59.999-0530", nil, []float64{0, 10, 23}},
		{"minute(x)", "2003-11-02T10:00:07 2001-02-28T00:30+02", nil, []float64{0, 30}},
	} {
		var text strings.Builder
		text.WriteString("n,x,v\n")
		for n, cell := range strings.Fields(c.cells) {
			fmt.Fprintf(&text, "%d,%s,1\n", n, cell)
		}
		r := read1(t, text.String(), Options{Modes: []string{"n", c.spec}, Value: "v"})
		a := r.Tensor.Axes()[1]
		if a.Name != c.spec || !slices.Equal(a.Labels, c.labels) || !slices.Equal(a.Coords, c.coords) {
			t.Errorf("%s of %s: %+v", c.spec, c.cells, a)
		}
	}
	// A column whose name has the form of a function is taken first.
	if a := read1(t, "hour(t),v\nx,1\n", Options{Modes: []string{"hour(t)"}}).Tensor.Axes()[0]; a.Labels[0] != "x" {
		t.Errorf("%+v", a)
	}
}

// Labels in the order of time may be joined by a line; others may not.
func TestOrderOfTimeIsOrdinal(t *testing.T) {
	for _, c := range []struct {
		spec, cells string
		want        bool
	}{
		{"x", "Mar Jan Dec", true}, {"x", "sunday Mon", true}, {"x", "2003-01-02 2002-12-31", true},
		{"month(x)", "2003-11-02 2001-02-02", true}, {"date(x)", "2003-11-02 2001-02-28", true},
		{"x", "b a c", false}, {"x", "Mar Jan other", false}, {"x", "2 1", false}, {"hour(x)", "2003-11-02T10:00", false},
	} {
		var text strings.Builder
		text.WriteString("n,x,v\n")
		for n, cell := range strings.Fields(c.cells) {
			fmt.Fprintf(&text, "%d,%s,1\n", n, cell)
		}
		a := read1(t, text.String(), Options{Modes: []string{"n", c.spec}, Value: "v"}).Tensor.Axes()[1]
		if a.Ordinal != c.want || a.Ordered() != (c.want || len(a.Coords) > 0) {
			t.Errorf("%s of %s: %+v", c.spec, c.cells, a)
		}
	}
}

func TestNoHeader(t *testing.T) {
	r := read1(t, "0\t1\t2.5\n2\t0\t-1\n", Options{})
	o := observed(t, r)
	if !slices.Equal(o.Shape(), []int{2, 2}) || !slices.Equal(o.Values(), []float64{2.5, -1}) || o.Axes()[0].Name != "c1" || !slices.Equal(o.Axes()[0].Coords, []float64{0, 2}) {
		t.Errorf("%v %v %v", o.Shape(), o.Values(), o.Axes())
	}
	want := []string{
		"The first line holds only numbers, so there is no header: the columns are called c1, c2, c3.",
		"Column c3 is taken for the values (--value).",
		"All other columns are taken for modes (--modes): c1, c2.",
	}
	if !slices.Equal(r.Notes, want) {
		t.Errorf("%q", r.Notes)
	}
}

func TestGuess(t *testing.T) {
	for text, want := range map[string]string{
		"a,b,n\nx,y,1.5\n":      "a b",
		"a,Value,n\nx,1.5,2\n":  "a n",
		"a,b,n\n1,2,3\n1,3,4\n": "a b",
		"n,a,b\n1.5,x,y\n":      "a b",
	} {
		var names []string
		for _, a := range read1(t, text, Options{}).Tensor.Axes() {
			names = append(names, a.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q: modes %s, want %s", text, got, want)
		}
	}
}

// TestPieces reads a text that is cut into several pieces, with duplicates
// and faults in the last.
func TestPieces(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	b.WriteString("a,b,day(t),t,v\n")
	want := tensor.New[float64](50, 40, 70)
	names := rng.Perm(50)
	lines := 1
	for i := range 50 {
		for j := range 40 {
			for k := range 70 {
				v := rng.NormFloat64()
				want.Set(v, i, j, k)
				fmt.Fprintf(&b, "n%d,%d,x,2024-03-%02dT%02d:00,%v\n", names[i], j, k/24+1, k%24, v)
				lines++
			}
		}
	}
	if b.Len() < 2*pieceSize {
		t.Fatalf("%d bytes are too few for the test", b.Len())
	}
	opt := Options{Modes: []string{"a", "b", "t"}, Value: "v"}
	x := dense(t, read1(t, b.String(), opt))
	if !slices.Equal(x.Data(), want.Data()) {
		t.Error("values differ")
	}
	for i, n := range names {
		if x.Axes()[0].Labels[i] != fmt.Sprintf("n%d", n) {
			t.Errorf("label %d is %s", i, x.Axes()[0].Labels[i])
		}
	}
	info, err := List(b.Bytes())
	if err != nil || info.Rows != lines-1 {
		t.Errorf("%+v, %v", info, err)
	}
	for _, c := range []struct{ tail, want string }{
		{"n1,1,x,2024-03-01T00:00,NaN\nn2,1,x,2024-03-01T00:00,inf\n", fmt.Sprintf("line %d: the value is NaN, expected a finite number (2 of", lines+1)},
		{"n1,1,x,2024-03-01T00:00,1\n", fmt.Sprintf(" and line %d hold the same cell (n1, 1, 2024-03-01T00:00)", lines+1)},
		{"n1,1,x,2024-03-01T00:00\n", fmt.Sprintf("line %d: 4 fields, expected 5 (a, b, day(t), t, v)", lines+1)},
		{"n1,1,x,2024-03-01T00:00,1 000\n", fmt.Sprintf("line %d: column v: \"1 000\", expected a number", lines+1)},
	} {
		_, err := Read(append(slices.Clip(b.Bytes()), c.tail...), opt)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v\nwant %s", err, c.want)
		}
	}
}

func TestBadInput(t *testing.T) {
	const good = "i,j,v\na,1,5\na,2,6\n"
	for _, c := range []struct {
		text string
		opt  Options
		want string
	}{
		{"", Options{}, "the file is empty: expected a line with the names"},
		{"\n \n", Options{}, "the file is empty"},
		{"i,j,v\n", Options{Modes: []string{"i", "j"}, Value: "v"}, "the table has no rows"},
		{"\xff\xfei\x00", Options{}, "the text is UTF-16: save it as UTF-8"},
		{"ab\x00c", Options{}, "byte 2 is zero: the file is no text table"},
		{"v\n1\n2\n", Options{}, "the only column is v"},
		{good, Options{Modes: []string{"i", "k"}, Value: "v"}, `no column is called "k": there are i, j, v`},
		{good, Options{Modes: []string{"i"}, Value: "w"}, `no column is called "w": there are i, j, v`},
		{good, Options{Modes: []string{"i", "i"}, Value: "v"}, `mode "i" is asked for twice`},
		{good, Options{Modes: []string{"i", "v"}, Value: "v"}, `column "v" is asked for as a mode and as the value`},
		{good, Options{Modes: []string{"i", "day(k)"}, Value: "v"}, `no column is called "k": there are i, j, v`},
		{good, Options{Modes: []string{"i", "noon(j)"}, Value: "v"}, `unknown function in "noon(j)": use one of year, quarter, month, week, day, weekday, date, hour, minute`},
		{good, Options{Modes: []string{"i", "year(i)"}, Value: "v"}, `line 2: column i: "a", expected a timestamp such as 2010-03-31`},
		{"i,t,v\na,2020-01-01,5\n", Options{Modes: []string{"i", "hour(t)"}, Value: "v"}, `line 2: column t: "2020-01-01" has no time of day, which hour() needs`},
		{good, Options{Modes: []string{"j"}, Value: "i"}, `line 2: column i: "a", expected a number (empty, NA or null if there is none)`},
		{good, Options{Aggregate: "median"}, `unknown aggregate "median": use sum, mean, count, last, min, max`},
		{good, Options{Missing: "none"}, `unknown treatment of missing cells "none": use unobserved, nan or zero`},
		{"i,i,v\na,1,5\n", Options{Modes: []string{"i"}, Value: "v"}, `two columns are called "i"`},
		{"i,i,v\na,1,5\n", Options{}, `two columns are called "i"`},
		{"i,j,v\na,1,5\n\na,2\n", Options{}, "line 4: 2 fields, expected 3 (i, j, v)"},
		{"i,j,v\na,1,5\na,2,6,7\n", Options{}, "line 3: 4 fields, expected 3"},
		{"i,j,v\na,1,5\nb,2,1\n\na,1,7\n", Options{}, "lines"},
		{"i,j,v\na,1,5\n\"a,2,6\n", Options{}, "line 3: a quoted field is not closed"},
		{"i,j,v\na,1,5\n\"a\"b,2,6\n", Options{}, "line 3: text follows the closing quote of a field"},
		{"\"i", Options{}, "line 1: a quoted field is not closed"},
		{"i,j\na,b\n", Options{Aggregate: "sum"}, "which column holds the values? Name it with --value, or count rows with --aggregate count: the columns are i (text), j (text); a table with a column for each"},
		{"i,j,k,l\na,1.5,2,3\n", Options{}, "which columns are the modes? Name them with --modes: the columns are i (text), j (number), k (number), l (number)"},
		{"i,v\n,1\n,2\n", Options{Modes: []string{"i"}, Value: "v"}, "mode i: no row has a value in the column"},
		{"i,v\na,NA\nb,\n", Options{Modes: []string{"i"}, Value: "v"}, "no row has a value and a place in each mode"},
		{"i,j,v\na,1,\n,2,3\n", Options{Modes: []string{"i", "j"}, Value: "v"}, "no row has a value and a place in each mode"},
	} {
		_, err := Read([]byte(c.text), c.opt)
		if c.want == "lines" {
			c.want = "line 2 and line 5 hold the same cell (a, 1): join such rows with --aggregate sum (or mean, count, last, min, max), or name the column that tells them apart in --modes"
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "table: ") {
			t.Errorf("%q %+v:\n got %v\nwant %s", c.text, c.opt, err, c.want)
		}
	}
}

// TestSparse asks for zeros in more cells than memory should hold.
func TestSparse(t *testing.T) {
	text := []byte("i,j,v\n")
	for k := range 20000 {
		text = fmt.Appendf(text, "%d,%d,1\n", k, k)
	}
	r := read1(t, string(text), Options{Missing: "zero"})
	if x, ok := r.Tensor.(*sparse.COO[float64]); !ok || x.Count() != 20000 || x.At(7, 7) != 1 || x.At(7, 8) != 0 {
		t.Errorf("%T", r.Tensor)
	}
	if o := observed(t, read1(t, string(text), Options{Value: "v"})); o.Count() != 20000 {
		t.Errorf("%d", o.Count())
	}
}

// A table of events is counted; no row is a count of zero.
func TestCounted(t *testing.T) {
	text := "from,to,when\na,b,2026-01-03\na,c,2026-01-04\na,b,2026-01-03\nb,c,2026-01-04\n"
	r := read1(t, text, Options{})
	if x := dense(t, r); !slices.Equal(x.Shape(), []int{2, 2, 2}) || !slices.Equal(x.Data(), []float64{2, 0, 0, 1, 0, 0, 0, 1}) {
		t.Errorf("%v %v", x.Shape(), x.Data())
	}
	if x := observed(t, read1(t, text, Options{Missing: "unobserved"})); x.Count() != 3 {
		t.Errorf("%d cells", x.Count())
	}
	var many strings.Builder
	many.WriteString("from,to\n")
	for k := range 3000 {
		fmt.Fprintf(&many, "n%d,n%d\nn%d,n%d\n", k, (k*7)%3000, k, (k*7)%3000)
	}
	r = read1(t, many.String(), Options{Modes: []string{"from", "to"}})
	x, ok := r.Tensor.(*sparse.COO[float64])
	if !ok || x.Count() != 3000 || x.Values()[5] != 2 || x.Axes()[1].Label(0) != "n0" {
		t.Errorf("%T", r.Tensor)
	}
}

func TestLeftOut(t *testing.T) {
	r := read1(t, "i,j,v\na,1,5\n,1,6\nb,1,7\n", Options{Modes: []string{"i", "j"}, Value: "v"})
	if x := dense(t, r); !slices.Equal(x.Data(), []float64{5, 7}) {
		t.Errorf("%v", x.Data())
	}
	if !slices.Equal(r.Notes, []string{"1 rows have no i and are left out."}) {
		t.Errorf("%q", r.Notes)
	}
	// The lines of a duplicate are right although rows were left out.
	_, err := Read([]byte("i,j,v\na,1,5\n,1,6\nb,1,7\na,1,7\n"), Options{Modes: []string{"i", "j"}, Value: "v"})
	if err == nil || !strings.Contains(err.Error(), "line 2 and line 5 hold the same cell (a, 1)") {
		t.Error(err)
	}
}

func TestList(t *testing.T) {
	info, err := List([]byte("name;n;t;ok;x;\na;1;2020-01-01;true;;\nb;2.5;2020-01-02 10:00;False;;\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range info.Columns {
		got = append(got, c.Name+":"+c.Type)
	}
	if s := strings.Join(got, " "); s != "name:text n:number t:timestamp ok:boolean x:text c6:text" || info.Comma != ';' || info.Rows != 2 || !info.Header || info.Format != "csv" {
		t.Errorf("%s %+v", s, info)
	}
	if _, err := List([]byte("a,b\n1,\"2\n")); err == nil || err.Error() != "table: line 2: a quoted field is not closed" {
		t.Error(err)
	}
}

// TestUnemployment reads the example of the repository.
func TestUnemployment(t *testing.T) {
	data, err := os.ReadFile("../../examples/unemployment.csv")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Read(data, Options{Modes: []string{"industry", "year", "month"}, Value: "count"})
	if err != nil {
		t.Fatal(err)
	}
	o := observed(t, r)
	if !slices.Equal(o.Shape(), []int{14, 11, 12}) || o.Count() != 14*122 || r.Rows != 14*122 {
		t.Errorf("shape %v, %d observed", o.Shape(), o.Count())
	}
	a := o.Axes()
	if a[0].Labels[0] != "Government" || a[1].Coords[10] != 2010 || strings.Join(a[2].Labels, " ") != "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec" {
		t.Errorf("%v", a)
	}
	if o.Values()[0] != 430 {
		t.Errorf("first value %g", o.Values()[0])
	}
}

func TestWriteRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	x := tensor.Normal(rng, 2, 3, 2)
	if err := x.SetAxes(tensor.Axis{Name: "a \"b\", c", Labels: []string{"x;y", " \t,\n\""}}, tensor.Axis{Name: "value", Coords: []float64{-1, 0.1, 2e30}}, tensor.Axis{}); err != nil {
		t.Fatal(err)
	}
	o, err := tensor.NewObserved([]int{2, 2}, [][]int32{{0, 1}, {0, 1}}, []float64{0.1, -3})
	if err != nil {
		t.Fatal(err)
	}
	for _, comma := range ",\t;" {
		var b bytes.Buffer
		if err := Write(&b, x, comma); err != nil {
			t.Fatal(err)
		}
		r, err := Read(b.Bytes(), Options{Modes: []string{"a \"b\", c", "value", "mode3"}, Value: "value_"})
		if err != nil {
			t.Fatalf("%q: %v in\n%s", comma, err, b.Bytes())
		}
		y := dense(t, r)
		if !slices.Equal(x.Data(), y.Data()) || !slices.Equal(y.Axes()[0].Labels, x.Axes()[0].Labels) || y.Axes()[0].Name != x.Axes()[0].Name || !slices.Equal(y.Axes()[1].Coords, x.Axes()[1].Coords) || y.Axes()[2].Name != "mode3" {
			t.Errorf("%q: %v %v", comma, y.Axes(), y.Data())
		}
		b.Reset()
		if err := Write(&b, o, comma); err != nil {
			t.Fatal(err)
		}
		if p := observed(t, read1(t, b.String(), Options{})); !slices.Equal(p.Values(), o.Values()) || !slices.Equal(p.Indices(1), o.Indices(1)) {
			t.Errorf("%q: %s", comma, b.Bytes())
		}
	}
	var b bytes.Buffer
	if err := Write(&b, tensor.FromSlice([]float32{0.1, 2}, 2), ','); err != nil || b.String() != "mode1,value\n0,0.1\n1,2\n" {
		t.Errorf("%v %q", err, b.String())
	}
	if err := Write(&b, tensor.New[complex64](2), ','); err == nil || !strings.Contains(err.Error(), "save as .npz") {
		t.Error(err)
	}
	if err := Write(&b, x, '|'); err == nil || !strings.Contains(err.Error(), "use a comma, a tab or a semicolon") {
		t.Error(err)
	}
	if err := Write(full{}, tensor.New[float64](100, 100), ','); err == nil {
		t.Error("a full disk is no error")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrInvalid }

func FuzzReadText(f *testing.F) {
	for _, s := range []string{"i,j,v\na,1,5\nb,2,6\n", "1\t2\t3\n4\t5\t6\n", "\"a\"\"\";b;v\r\nx;2020-01-02T10:00;1e5\r\n", "t,v\n2020-01-02,NA\n,nan\n", "m,v\nMar,1\nJan,2\n"} {
		f.Add([]byte(s), "", "", "")
		f.Add([]byte(s), "month(t)", "sum", "nan")
		f.Add([]byte(s), "j", "count", "zero")
	}
	f.Fuzz(func(t *testing.T, data []byte, mode, aggregate, missing string) {
		if SniffParquet(data) {
			return
		}
		if _, err := List(data); err != nil {
			return
		}
		opt := Options{Aggregate: aggregate, Missing: "nan"}
		if mode != "" {
			opt.Modes = []string{mode}
		}
		var r *Result
		var err error
		testkit.Allocates(t, 1<<22+1000*len(data), func() { r, err = Read(data, opt) })
		if err != nil {
			return
		}
		size := 1
		for _, s := range r.Tensor.Shape() {
			if size *= s; size > 1<<16 {
				return
			}
		}
		opt.Missing = missing
		if r, err = Read(data, opt); err != nil {
			return
		}
		if err := tensor.CheckAxes(r.Tensor.Axes(), r.Tensor.Shape()); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := Write(&b, r.Tensor, ','); err != nil {
			t.Fatal(err)
		}
		if _, err := List(b.Bytes()); err != nil {
			t.Fatalf("%v in\n%s", err, b.Bytes())
		}
	})
}

// A column that is guessed to hold the values, and is the same number in all
// rows, says nothing: these are events, and they are counted.
func TestConstantColumn(t *testing.T) {
	var text strings.Builder
	for k := range 40 {
		fmt.Fprintf(&text, "%d\t%d\t%d\t-1\r\n", k%7, k%3, k%5%4)
	}
	r := read1(t, text.String(), Options{})
	x := dense(t, r)
	sum := 0.0
	for _, v := range x.Data() {
		sum += v
	}
	if fmt.Sprint(x.Shape()) != "[7 3 4]" || sum != 40 {
		t.Errorf("shape %v, sum %v", x.Shape(), sum)
	}
	const note = "Column c4 is -1 in every row, so it is not taken for the values: the rows of each cell are counted (--value c4 takes it)."
	if !slices.Contains(r.Notes, note) {
		t.Errorf("notes %q", r.Notes)
	}
	b, err := OpenBounded([]byte(text.String()), Options{Missing: "zero"}, 1<<20, func() {})
	if err != nil {
		t.Fatal(err)
	}
	if b.Aggregate != "count" || !slices.Contains(b.Notes, note) {
		t.Errorf("bounded: aggregate %q, notes %q", b.Aggregate, b.Notes)
	}
	for name, opt := range map[string]Options{"asked for": {Value: "c4", Aggregate: "last"}, "aggregate": {Aggregate: "sum", Missing: "nan"}} {
		if v := observed(t, read1(t, text.String(), opt)).Values()[0]; v >= 0 {
			t.Errorf("%s: %v", name, v)
		}
	}
}

// Texts are numbered as they come, whatever their hashes, and keep their bytes.
func TestTextSet(t *testing.T) {
	var s textSet
	var b []byte
	for round := range 2 {
		for k := range 30_000 {
			b = fmt.Appendf(b[:0], "%0*d", k%40, k*(k%3))
			code := s.code(b)
			if round == 0 && int(code) > k || s.text[code] != string(b) {
				t.Fatalf("round %d: %q is number %d, which is %q", round, b, code, s.text[code])
			}
		}
	}
	seen := map[string]bool{}
	for _, v := range s.text {
		if seen[v] {
			t.Fatalf("%q has two numbers", v)
		}
		seen[v] = true
	}
}
