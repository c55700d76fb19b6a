package report

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/tensor"
)

var months = tensor.Axis{Name: "month", Ordinal: true, Labels: []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}}

func labelled(labels ...string) tensor.Axis { return tensor.Axis{Name: "kind", Labels: labels} }

func TestTopLabels(t *testing.T) {
	axis := labelled("a", "b", "c", "d", "e", "f")
	for _, c := range []struct {
		column []float64
		k      int
		want   string
	}{
		{[]float64{1, 5, 3, 0, 2, 4}, 3, "b f c"},
		{[]float64{-1, -5, -3, 0, -2, -4}, 3, "b f c"},   // one sign: by magnitude
		{[]float64{5, -4, 3, 2, -1, 1}, 4, "a c e b"},    // both ends
		{[]float64{5, -4, 3, 2, -1, 1}, 3, "a c b"},      // the larger end has one more
		{[]float64{-5, 4, -3, -2, 1, -1}, 3, "b c a"},    // … which may be the negative one
		{[]float64{9, -5, -4, -3, -2, -1}, 4, "a d c b"}, // an end with too few leaves its places
		{[]float64{1, 1, 1, 1, 1, 1}, 2, "a b"},          // ties keep their order
		{[]float64{math.NaN(), 1, math.Inf(1), 0, 2, 0}, 9, "e b"},
		{[]float64{0, 0, 0, 0, 0, 0}, 3, ""},
		{[]float64{1, 2, 3, 4, 5, 6}, 0, ""},
		{[]float64{1, 2, 3, 4, 5, 6}, -1, ""},
		{[]float64{5, -0.5, 4, 3, 2, 1}, 2, "a c"}, // a small other end is no end
	} {
		var got []string
		for _, l := range TopLabels(axis, c.column, c.k) {
			got = append(got, l.Label)
			if l.Value != c.column[l.Index] || l.Label != axis.Labels[l.Index] {
				t.Errorf("%v: %+v does not belong together", c.column, l)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("top %d of %v: %q, want %q", c.k, c.column, s, c.want)
		}
	}
}

func TestPeak(t *testing.T) {
	years := tensor.Axis{Name: "year", Coords: []float64{2006, 2007, 2008, 2009, 2010}}
	waves := tensor.Axis{Name: "emission", Unit: "nm", Coords: []float64{250, 275, 300, 312.5, 325}}
	industries := labelled("Construction", "Mining", "Farms", "Shops")
	index := make([]float64, 20)
	for i := range index {
		index[i] = math.Exp(-float64((i - 6) * (i - 6)))
	}
	for _, c := range []struct {
		axis   tensor.Axis
		column []float64
		want   string
	}{
		{months, []float64{9, 8, 2, 2, 2, 2, 2, 2, 2, 2, 3, 7}, "Dec–Feb"},
		{months, []float64{-3, -3, -1, 0, 1, 3, 3, 1, 0, 0, 0, -2}, "Jun–Jul vs Dec–Feb"},
		{months, []float64{5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5.5}, ""},
		{years, []float64{1, 1, 2, 9, 8}, "2009–2010"},
		{years, []float64{8, 1, 1, 1, 9}, "2010"}, // years do not come round again
		{years, []float64{-1, -1, -1, -1, -9}, "less 2010"},
		{years, []float64{1, 1, 1, 1, -9}, "less 2010"},
		{waves, []float64{0, 1, 3, 2, 0}, "emission 300–312.5 nm"},
		{industries, []float64{9, 6, 1, 5}, "Construction, Mining"},
		{industries, []float64{9, 1, 1, -8}, "Construction vs Shops"},
		{tensor.Axis{Name: "sample"}, []float64{1, 0, 9}, "sample 2"},
		{tensor.Axis{Name: "row"}, index, "row 6"},
		{industries, []float64{0, 0, 0, 0}, ""},
		{industries, []float64{math.NaN(), 0, 0, 1}, ""},
		{labelled("only"), []float64{3}, ""},
	} {
		if got := Peak(c.axis, c.column); got != c.want {
			t.Errorf("%s %v: %q, want %q", c.axis.Name, c.column, got, c.want)
		}
	}
}

func TestComponentNameOfNothing(t *testing.T) {
	flat := &cp.Tensor{Weights: []float64{2, 0}, Factors: []*tensor.Matrix[float64]{tensor.MatrixOf(2, 2, []float64{1, 1, 1, 1})}}
	if got := ComponentName(flat, 0); got != "the same everywhere" {
		t.Errorf("a constant component is %q", got)
	}
	if got := ComponentName(flat, 1); got != "nothing (weight 0)" {
		t.Errorf("a component without weight is %q", got)
	}
}

func TestShorten(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"short", "short"},
		{"exactly10!", "exactly10!"},
		{"eleven char", "eleven ch…"},
		{"日本語日本語日本語日本", "日本語日本語日本語…"},
		{"a\x00b\nc\x1b[0m", "a�b�c�[0m"},
		{"bad\xffutf8", "bad�utf8"},
		{"\u202eabc\u2066", "abc"},
		{"", ""},
	} {
		if got := shorten(c.in, 10); got != c.want {
			t.Errorf("shorten(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{num(0), "0"}, {num(1848), "1,848"}, {num(0.0888), "0.0888"}, {num(-12.345), "−12.3"},
		{num(0.99999), "1.00"}, {num(99.96), "100"}, {num(3e-14), "3.00 × 10⁻¹⁴"}, {num(-2e12), "−2.00 × 10¹²"},
		{num(math.NaN()), "–"}, {num(math.Inf(1)), "∞"},
		{fixed(-0.001, 2), "0.00"}, {fixed(-1.5, 1), "−1.5"}, {fixed(math.NaN(), 2), "–"},
		{percent(0.982), "98.2%"}, {percent(1), "100%"}, {percent(0.99996), "99.996%"}, {percent(0.9999999), "99.99999%"},
		{percent(1 - 1e-11), ">99.999999%"}, {percent(0.0004), "<0.1%"}, {percent(0), "0%"}, {percent(math.NaN()), "–"},
		{seconds(0.0004), "<1 ms"}, {seconds(0.0312), "31 ms"}, {seconds(2.5), "2.50 s"}, {seconds(61.25), "61.2 s"}, {seconds(192), "3 min 12 s"}, {seconds(7260), "2 h 01 min"},
		{size(999), "999 bytes"}, {size(48213), "48.2 kB"}, {size(999_900), "1.00 MB"}, {size(5e12), "5.00 TB"},
		{fmt.Sprint(aligned([]float64{0.553, -0.0221, math.NaN()}, 2, false)), "[0.55 −0.02 –]"},
		{fmt.Sprint(aligned([]float64{0.5, 1e-6}, 2, true)), "[0.50 1.0 × 10⁻⁶]"},
		{fmt.Sprint(aligned([]float64{4300, 12}, 2, false)), "[4,300 12]"},
		{plural(1, "component"), "1 component"}, {list([]string{"a", "b", "c"}), "a, b and c"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
