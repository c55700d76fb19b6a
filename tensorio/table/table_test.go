package table

import (
	"slices"
	"strings"
	"testing"

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
