package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/tensor"
)

// Loading is one index of a mode and what a column of a factor says of it.
type Loading struct {
	Index int     `json:"index"`
	Label string  `json:"label"`
	Value float64 `json:"value"`
}

// TopLabels are the k indices that load most on a column, the largest
// magnitude first. If the signs mix and the smaller end is at least a fifth
// of the larger one, each end is given its half of the places: first the
// largest values, in falling order, then the most negative, the strongest
// last. Zeros and values that are not finite are left out.
func TopLabels(axis tensor.Axis, column []float64, k int) []Loading {
	var all []Loading
	lo, hi := 0.0, 0.0
	for i, v := range column {
		if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		lo, hi = min(lo, v), max(hi, v)
		all = append(all, Loading{i, axis.Label(i), v})
	}
	k = max(k, 0)
	if min(hi, -lo) < 0.2*max(hi, -lo) {
		slices.SortStableFunc(all, func(a, b Loading) int { return cmp.Compare(math.Abs(b.Value), math.Abs(a.Value)) })
		return all[:min(k, len(all))]
	}
	slices.SortStableFunc(all, func(a, b Loading) int { return cmp.Compare(b.Value, a.Value) })
	if len(all) <= k {
		return all
	}
	positive := 0
	for positive < len(all) && all[positive].Value > 0 {
		positive++
	}
	head := (k + 1) / 2
	if -lo > hi {
		head = k / 2
	}
	head = max(min(head, positive), k-(len(all)-positive))
	return append(all[:head:head], all[len(all)-(k-head):]...)
}

// Peak says in words where a column is large: the run of an ordered axis
// ("Dec–Feb"), the labels of a category axis ("Construction, Mining"), both
// ends if the signs mix ("Jul vs Jan": positive in July, negative in January),
// "less Jan" if the column is negative only. It is empty if the column is about
// the same everywhere, or zero.
func Peak(axis tensor.Axis, column []float64) string {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range column {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return ""
		}
		lo, hi = min(lo, v), max(hi, v)
	}
	if len(column) < 2 || hi-lo <= 0.25*max(hi, -lo) {
		return ""
	}
	flipped := negate(column)
	switch {
	case lo >= 0:
		return peak(axis, column, threshold(lo, hi))
	case hi <= 0:
		return negative(peak(axis, flipped, threshold(-hi, -lo)))
	case -lo < 0.4*hi:
		return peak(axis, column, hi/2)
	case hi < 0.4*-lo:
		return negative(peak(axis, flipped, -lo/2))
	}
	up, down := peak(axis, column, hi/2), peak(axis, flipped, -lo/2)
	return up + " vs " + strings.TrimPrefix(down, axis.Name+" ")
}

// negative marks the name of a peak that points down.
func negative(s string) string {
	if s == "" {
		return ""
	}
	return "less " + s
}

// threshold is the value from which on an index belongs to the peak: the
// middle between the least and the largest value.
func threshold(lo, hi float64) float64 { return lo + (hi-lo)/2 }

func negate(column []float64) []float64 {
	out := make([]float64, len(column))
	for i, v := range column {
		out[i] = -v
	}
	return out
}

// peak names the indices whose value is at least t.
func peak(axis tensor.Axis, column []float64, t float64) string {
	if lined(axis, len(column)) {
		return orderedPeak(axis, column, t)
	}
	top := TopLabels(axis, positivePart(column), 3)
	var names []string
	for n, l := range top {
		if n == 2 || l.Value < t {
			break
		}
		names = append(names, isolate(shorten(l.Label, 28)))
	}
	if len(axis.Labels) == 0 && axis.Name != "" {
		return axis.Name + " " + strings.Join(names, ", ")
	}
	return strings.Join(names, ", ")
}

func positivePart(column []float64) []float64 {
	out := make([]float64, len(column))
	for i, v := range column {
		out[i] = max(v, 0)
	}
	return out
}

// orderedPeak names the run around the largest value. A run may go over the
// end of an axis that comes round again (months, weekdays, hours).
func orderedPeak(axis tensor.Axis, column []float64, t float64) string {
	n, top := len(column), 0
	for i, v := range column {
		if v > column[top] {
			top = i
		}
	}
	round := cyclic(axis, n)
	first, last := top, top
	for first-1 > top-n && (round || first > 0) && column[(first-1+n)%n] >= t {
		first--
	}
	for last+1 < first+n && (round || last < n-1) && column[(last+1)%n] >= t {
		last++
	}
	if last-first+1 >= n {
		return ""
	}
	return span(axis, (first+n)%n, last%n)
}

// span is "Dec–Feb", "2009", "emission 300–325 nm".
func span(axis tensor.Axis, first, last int) string {
	s := isolate(shorten(short(axis, first), 20))
	if first != last {
		s += "–" + isolate(shorten(short(axis, last), 20))
	}
	if len(axis.Labels) > 0 {
		return s
	}
	if axis.Unit != "" {
		s += " " + axis.Unit
	}
	if axis.Name == "" || isYears(axis) {
		return s
	}
	return axis.Name + " " + s
}

// short is the label of an index, or its coordinate with at most four
// significant digits after the point is dropped.
func short(axis tensor.Axis, i int) string {
	if i < len(axis.Labels) || i >= len(axis.Coords) {
		return axis.Label(i)
	}
	v := axis.Coords[i]
	if v == math.Trunc(v) && math.Abs(v) < 1e9 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

func isYears(axis tensor.Axis) bool {
	for _, v := range axis.Coords {
		if v != math.Trunc(v) || v < 1000 || v > 2999 {
			return false
		}
	}
	return len(axis.Coords) > 0 && strings.Contains(strings.ToLower(axis.Name), "year")
}

// cyclic reports whether the last index of an axis is followed by the first.
func cyclic(axis tensor.Axis, n int) bool {
	name := strings.ToLower(axis.Name)
	switch n {
	case 12:
		return strings.Contains(name, "month")
	case 7:
		return strings.Contains(name, "day")
	case 24:
		return strings.Contains(name, "hour")
	}
	return false
}

// ComponentName names component r of a CP model by where it is large on
// each mode: "Construction · 2009–2010 · Dec–Feb". Modes on which the
// component is about the same everywhere are left out.
func ComponentName(m *cp.Tensor, r int) string {
	axes := m.Axes()
	var parts []string
	for n, f := range m.Factors {
		axis := tensor.Axis{}
		if n < len(axes) {
			axis = axes[n]
		}
		if p := Peak(axis, f.Col(r)); p != "" {
			parts = append(parts, p)
		}
	}
	if len(parts) == 0 {
		if strength(m, r) == 0 {
			return "nothing (weight 0)"
		}
		return "the same everywhere"
	}
	return strings.Join(parts, " · ")
}

// strength is the norm of component r: |weight| times the norms of its
// columns.
func strength(m *cp.Tensor, r int) float64 {
	s := math.Abs(m.Weights[r])
	for _, f := range m.Factors {
		s *= norm(f.Col(r))
	}
	return s
}

func norm(v []float64) float64 {
	n := 0.0
	for _, x := range v {
		n = math.Hypot(n, x)
	}
	return n
}

// isolate keeps a text that runs from right to left from turning its
// neighbours around (Unicode's first-strong isolate).
func isolate(s string) string {
	for _, r := range s {
		if unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam) {
			return "\u2068" + s + "\u2069"
		}
	}
	return s
}

// shorten cuts a text to at most n runes and makes it safe to show on one
// line: control characters are replaced, those that turn the direction of
// writing are dropped.
func shorten(s string, n int) string {
	var b strings.Builder
	left := n
	for i, r := range s {
		if unicode.Is(unicode.Bidi_Control, r) {
			continue
		}
		if left == 1 && i+len(string(r)) < len(s) {
			b.WriteRune('…')
			break
		}
		if left--; left < 0 {
			break
		}
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			r = '�'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// modeName is the name of a mode, "mode 2" if it has none.
func modeName(axis tensor.Axis, n int) string {
	if axis.Name == "" {
		return fmt.Sprintf("mode %d", n+1)
	}
	return shorten(axis.Name, 40)
}
