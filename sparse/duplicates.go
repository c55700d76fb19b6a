package sparse

import (
	"fmt"
	"strings"

	"github.com/polyad/polyad/tensor"
)

// Duplicates says what the entries of one cell become.
type Duplicates string

// The ways to join the entries of one cell. Sum and Mean add in the order of
// the list.
const (
	Refuse Duplicates = ""      // a repeated cell is an error
	Sum    Duplicates = "sum"   // of the values
	Mean   Duplicates = "mean"  // of the values
	Count  Duplicates = "count" // of the entries, whatever their values
	Last   Duplicates = "last"  // value in the list
	Min    Duplicates = "min"   // of the values
	Max    Duplicates = "max"   // of the values
)

func (d Duplicates) check() error {
	names := []string{}
	for _, k := range []Duplicates{Refuse, Sum, Mean, Count, Last, Min, Max} {
		if d == k {
			return nil
		}
		if k != Refuse {
			names = append(names, string(k))
		}
	}
	return fmt.Errorf("unknown treatment %q of entries that share a cell: use %s, or none to refuse them", string(d), strings.Join(names, ", "))
}

// DuplicateError says that two entries share a cell.
type DuplicateError struct {
	First, Second int // numbers of the entries; -1 if their order is lost
	Cell          []int
}

func (e *DuplicateError) Error() string {
	if e.First < 0 {
		return fmt.Sprintf("sparse: several entries share the cell %v; say how to join such entries: sum, mean, count, last, min or max", e.Cell)
	}
	return fmt.Sprintf("sparse: entries %d and %d share the cell %v; say how to join such entries: sum, mean, count, last, min or max", e.First, e.Second, e.Cell)
}

// join is the value of a cell with these entries, in the order of the list.
func join[T tensor.Float](group []T, dup Duplicates) T {
	v := group[0]
	switch dup {
	case Sum, Mean:
		s := 0.0
		for _, u := range group {
			s += float64(u)
		}
		if dup == Mean {
			s /= float64(len(group))
		}
		v = T(s)
	case Count:
		v = T(len(group))
	case Last:
		v = group[len(group)-1]
	case Min:
		for _, u := range group[1:] {
			v = min(v, u)
		}
	case Max:
		for _, u := range group[1:] {
			v = max(v, u)
		}
	}
	return v
}
