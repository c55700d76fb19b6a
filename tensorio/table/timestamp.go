package table

import (
	"fmt"
	"time"

	"github.com/polyad/polyad/tensor"
)

// stamp is a point of time as a calendar and a clock show it where it was
// written down; zones are not converted.
type stamp struct {
	year, month, day int
	hour, minute     int
	clock            bool // whether there is a time of day
}

func stampOf(t time.Time) stamp {
	year, month, day := t.Date()
	return stamp{year, int(month), day, t.Hour(), t.Minute(), true}
}

func (s stamp) date() time.Time {
	return time.Date(s.year, time.Month(s.month), s.day, 0, 0, 0, 0, time.UTC)
}

// dayNumber counts days from 1970-01-01.
func (s stamp) dayNumber() int64 { return s.date().Unix() / 86400 }

// A part is a function of a timestamp that makes the index of a mode.
type part struct {
	name  string
	clock bool // needs a time of day
	of    func(stamp) int64
	// axis names sorted results.
	axis func(sorted []int64, axis *tensor.Axis)
}

func coordinates(unit string) func([]int64, *tensor.Axis) {
	return func(sorted []int64, axis *tensor.Axis) {
		axis.Unit = unit
		for _, v := range sorted {
			axis.Coords = append(axis.Coords, float64(v))
		}
	}
}

// shortNames labels the numbers 1, 2, … by the first letters of names.
func shortNames(names []string) func([]int64, *tensor.Axis) {
	return func(sorted []int64, axis *tensor.Axis) {
		for _, v := range sorted {
			axis.Labels = append(axis.Labels, names[v-1][:3])
		}
	}
}

var partList = []*part{
	{name: "year", of: func(s stamp) int64 { return int64(s.year) }, axis: coordinates("")},
	{name: "quarter", of: func(s stamp) int64 { return int64(s.month+2) / 3 }, axis: coordinates("")},
	{name: "month", of: func(s stamp) int64 { return int64(s.month) }, axis: shortNames(monthNames)},
	{name: "week", of: func(s stamp) int64 { _, w := s.date().ISOWeek(); return int64(w) }, axis: coordinates("")},
	{name: "day", of: func(s stamp) int64 { return int64(s.day) }, axis: coordinates("")},
	{name: "weekday", of: func(s stamp) int64 { return (s.dayNumber()%7+7+3)%7 + 1 }, axis: shortNames(weekdayNames)},
	{name: "date", of: stamp.dayNumber, axis: func(sorted []int64, axis *tensor.Axis) {
		for _, v := range sorted {
			axis.Labels = append(axis.Labels, time.Unix(v*86400, 0).UTC().Format(time.DateOnly))
		}
	}},
	{name: "hour", clock: true, of: func(s stamp) int64 { return int64(s.hour) }, axis: coordinates("h")},
	{name: "minute", clock: true, of: func(s stamp) int64 { return int64(s.minute) }, axis: coordinates("min")},
}

// Functions are the parts of a timestamp that may be a mode, such as
// hour(date): year, quarter (1-4), month (Jan-Dec), week (of ISO 8601, 1-53),
// day (of the month), weekday (Mon-Sun), date, hour (0-23) and minute.
func Functions() []string {
	names := make([]string, len(partList))
	for k, p := range partList {
		names[k] = p.name
	}
	return names
}

func partOf(name string) *part {
	for _, p := range partList {
		if p.name == name {
			return p
		}
	}
	return nil
}

// key is the result of the part for a timestamp in text.
func (p *part) key(b []byte) (int64, error) {
	s, ok := parseStamp(b)
	if !ok {
		return 0, fmt.Errorf("%s, expected a timestamp such as 2010-03-31 or 2010-03-31T14:05", quote(b))
	}
	if p.clock && !s.clock {
		return 0, fmt.Errorf("%s has no time of day, which %s() needs", quote(b), p.name)
	}
	return p.of(s), nil
}

// parseStamp reads ISO 8601: YYYY-MM, YYYY-MM-DD (or with slashes), then,
// after T or a space, HH:MM, seconds, fractions and a zone, of which the
// latter three are checked and not used.
func parseStamp(b []byte) (s stamp, ok bool) {
	var good bool
	if s.year, b, good = digits(b, 4); !good || len(b) == 0 || b[0] != '-' && b[0] != '/' {
		return s, false
	}
	sep := b[0]
	if s.month, b, good = digits(b[1:], 2); !good || s.month < 1 || s.month > 12 {
		return s, false
	}
	s.day = 1
	if len(b) == 0 {
		return s, true
	}
	if b[0] != sep {
		return s, false
	}
	if s.day, b, good = digits(b[1:], 2); !good || s.day < 1 || s.day > daysIn(s.year, s.month) {
		return s, false
	}
	if len(b) == 0 {
		return s, true
	}
	if b[0] != 'T' && b[0] != 't' && b[0] != ' ' {
		return s, false
	}
	s.clock = true
	if s.hour, b, good = digits(b[1:], 2); !good || s.hour > 23 || len(b) == 0 || b[0] != ':' {
		return s, false
	}
	if s.minute, b, good = digits(b[1:], 2); !good || s.minute > 59 {
		return s, false
	}
	if len(b) > 0 && b[0] == ':' {
		second := 0
		if second, b, good = digits(b[1:], 2); !good || second > 60 {
			return s, false
		}
		if len(b) > 0 && (b[0] == '.' || b[0] == ',') {
			for b = b[1:]; len(b) > 0 && b[0]-'0' < 10; b = b[1:] {
			}
		}
	}
	return s, zone(b)
}

// zone accepts nothing, Z, +HH, +HHMM and +HH:MM, with UTC for Z.
func zone(b []byte) bool {
	if len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	switch string(b) {
	case "", "Z", "z", "UTC":
		return true
	}
	if b[0] != '+' && b[0] != '-' {
		return false
	}
	_, b, ok := digits(b[1:], 2)
	if !ok || len(b) == 0 {
		return ok
	}
	if b[0] == ':' {
		b = b[1:]
	}
	_, b, ok = digits(b, 2)
	return ok && len(b) == 0
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// digits reads n digits off the front.
func digits(b []byte, n int) (v int, rest []byte, ok bool) {
	if len(b) < n {
		return 0, b, false
	}
	for _, c := range b[:n] {
		if c-'0' > 9 {
			return 0, b, false
		}
		v = v*10 + int(c-'0')
	}
	return v, b[n:], true
}
