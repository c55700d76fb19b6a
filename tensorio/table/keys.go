package table

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/decimal"
)

// keyed is a column as numbers of its distinct entries: row r holds entry
// codes[r], or none if that is -1. Entries are texts, or whole numbers (of
// kind integer, float bits, parts of a timestamp, or times).
type keyed struct {
	codes []int32
	kind  kind
	text  []string
	nums  []int64
	unit  time.Duration // of moments
}

type kind int

const (
	texts    kind = iota
	integers      // nums are numbers
	floats        // nums are the bits of finite float64
	parts         // nums are what a part of a timestamp makes
	moments       // nums are times in units since 1970
)

// A coder builds a keyed column row by row.
type coder struct {
	keyed
	texts textSet // behind text
	byNum map[int64]int32
	last  int32 // the code of the last row, for runs
}

func newCoder(k kind, rows int) *coder {
	c := &coder{keyed: keyed{kind: k, codes: make([]int32, 0, rows)}, last: -1}
	if k != texts {
		c.byNum = map[int64]int32{}
	}
	return c
}

func (c *coder) none() { c.codes = append(c.codes, -1) }

func (c *coder) addText(b []byte) {
	if c.last < 0 || c.text[c.last] != string(b) {
		c.last = c.textCode(b)
	}
	c.codes = append(c.codes, c.last)
}

func (c *coder) textCode(b []byte) int32 {
	code := c.texts.code(b)
	c.text = c.texts.text
	return code
}

func (c *coder) addNum(v int64) {
	if c.last < 0 || c.nums[c.last] != v {
		c.last = c.numCode(v)
	}
	c.codes = append(c.codes, c.last)
}

func (c *coder) numCode(v int64) int32 {
	code, ok := c.byNum[v]
	if !ok {
		code = int32(len(c.nums))
		c.nums = append(c.nums, v)
		c.byNum[v] = code
	}
	return code
}

// addFloat adds a finite number; NaN and infinities name no index.
func (c *coder) addFloat(v float64) {
	if v-v != 0 {
		c.none()
		return
	}
	c.addNum(int64(math.Float64bits(v + 0))) // -0 is 0
}

// finish makes the axis of a mode and the index of each row on it, or -1;
// lost counts the rows without one.
func (k *keyed) finish(m *mode) (axis tensor.Axis, index []int32, lost int) {
	axis.Name = m.name
	var to []int32 // the index of each code
	switch k.kind {
	case texts:
		to = finishText(k.text, &axis)
	case parts:
		sorted, rank := ranked(k.nums)
		to = rank
		m.part.axis(sorted, &axis)
		axis.Ordinal = axis.Labels != nil
	case moments:
		sorted, rank := ranked(k.nums)
		to = rank
		layout := time.DateOnly
		for _, v := range sorted {
			if moment(v, k.unit).Truncate(24*time.Hour) != moment(v, k.unit) {
				layout = "2006-01-02T15:04:05.999999999"
			}
		}
		for _, v := range sorted {
			axis.Labels = append(axis.Labels, moment(v, k.unit).Format(layout))
		}
		axis.Ordinal = true
	case floats:
		coords := make([]float64, len(k.nums))
		for e, v := range k.nums {
			coords[e] = math.Float64frombits(uint64(v))
		}
		axis.Coords, to = ranked(coords)
	case integers:
		sorted, rank := ranked(k.nums)
		to = rank
		if len(sorted) > 0 && (sorted[0] < -(1<<53) || sorted[len(sorted)-1] > 1<<53) {
			for _, v := range sorted { // beyond what a coordinate holds exactly
				axis.Labels = append(axis.Labels, strconv.FormatInt(v, 10))
			}
			break
		}
		for _, v := range sorted {
			axis.Coords = append(axis.Coords, float64(v))
		}
	}
	for r, code := range k.codes {
		if code >= 0 {
			code = to[code]
			k.codes[r] = code
		}
		if code < 0 {
			lost++
		}
	}
	return axis, k.codes, lost
}

// ranked sorts distinct or repeated entries; rank[e] is the place of entry e
// among the distinct ones.
func ranked[T cmp.Ordered](entries []T) (sorted []T, rank []int32) {
	sorted = slices.Compact(slices.Sorted(slices.Values(entries)))
	rank = make([]int32, len(entries))
	for e, v := range entries {
		at, _ := slices.BinarySearch(sorted, v)
		rank[e] = int32(at)
	}
	return sorted, rank
}

// finishText decides what a column of texts is: numbers (then NA is no
// index), months, weekdays, or names.
func finishText(text []string, axis *tensor.Axis) []int32 {
	if coords, ok := numeric(text); ok {
		known := coords[:0:0]
		for _, v := range coords {
			if v == v {
				known = append(known, v)
			}
		}
		var rank []int32
		axis.Coords, rank = ranked(known)
		to := make([]int32, len(coords))
		next := 0
		for e, v := range coords {
			if to[e] = -1; v == v {
				to[e] = rank[next]
				next++
			}
		}
		return to
	}
	order, ordinal := calendar(text)
	axis.Ordinal = ordinal
	to := make([]int32, len(text))
	if order == nil {
		axis.Labels = text
		for e := range to {
			to[e] = int32(e)
		}
		return to
	}
	axis.Labels = make([]string, len(text))
	for at, e := range order {
		axis.Labels[at] = text[e]
		to[e] = int32(at)
	}
	return to
}

// numeric reads texts as numbers, NA as NaN. It fails if one is anything
// else, is not finite, or is a whole number beyond those that float64 tells
// apart.
func numeric(text []string) ([]float64, bool) {
	coords := make([]float64, len(text))
	known := 0
	for e, s := range text {
		v, ok := decimal.Parse([]byte(s))
		switch {
		case ok && (math.Abs(v) < 1<<53 || v-v == 0 && strings.ContainsAny(s, ".eE")):
			coords[e] = v + 0
			known++
		case isNA([]byte(s)) || strings.EqualFold(s, "nan"):
			coords[e] = math.NaN()
		default:
			return nil, false
		}
	}
	return coords, known > 0
}

// isNA reports the words that stand for no value.
func isNA(b []byte) bool {
	switch len(b) {
	case 0:
		return true
	case 2:
		return decimal.EqualFold(b, "na")
	case 3:
		return b[1] == '/' && b[0]|0x20 == 'n' && b[2]|0x20 == 'a'
	case 4:
		return decimal.EqualFold(b, "null") || decimal.EqualFold(b, "none")
	}
	return false
}

var (
	monthNames   = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	weekdayNames = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
)

// calendar is the order of texts on an axis: of time if all are timestamps,
// all are months or all are weekdays, in full or in three letters, else nil: as
// they come; ordinal says that it is the order of time.
func calendar(text []string) (order []int, ordinal bool) {
	asTheyCome := func() []int {
		order := make([]int, len(text))
		for e := range order {
			order[e] = e
		}
		return order
	}
	if !slices.ContainsFunc(text, func(s string) bool { _, ok := parseStamp([]byte(s)); return !ok }) {
		order = asTheyCome()
		slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(text[a], text[b]) })
		return order, len(text) > 0
	}
	for _, names := range [][]string{monthNames, weekdayNames} {
		place := make([]int, len(text))
		ok := len(text) > 0
		for e, s := range text {
			place[e] = slices.IndexFunc(names, func(name string) bool {
				return strings.EqualFold(s, name) || strings.EqualFold(s, name[:3])
			})
			if ok = place[e] >= 0; !ok {
				break
			}
		}
		if ok {
			order = asTheyCome()
			slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(place[a], place[b]) })
			return order, true
		}
	}
	return nil, false
}
