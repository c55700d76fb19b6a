package kernel

import "fmt"

// ColumnLanes is the number of partial results that [Columns] keeps.
const ColumnLanes = 16

// Columns deals out the numbers of some lines, as [Words] writes them: number m
// of line k, less base, becomes lists[m][at+k], and the last number of the line
// values[at+k]. The line that comes before the first stands above it, at the start
// of numbers. The least number of lists[m] and of low[m], as in the lines, is kept
// among low[m], and the largest among high[m].
//
// It reports whether all lines are increasing, each after the one before it (by
// its first number, then by its second), NotPlain being less than any number; and
// where NotPlain stands: in an index, or among the values.
func Columns(numbers []uint32, lines int, base int32, lists [][]int32, at int, values []float64, low [][ColumnLanes]uint32, high [][ColumnLanes]int32) (c ColumnsFound) {
	fields := len(lists) + 1
	if len(lists) == 0 || lines < 0 || (lines+1)*fields > len(numbers) || len(low) < len(lists) || len(high) < len(lists) {
		panic(fmt.Sprintf("kernel: Columns of %d lines of %d numbers of %d, with extremes of %d and %d lists", lines, fields, len(numbers), len(low), len(high)))
	}
	for _, list := range lists {
		_ = list[at : at+lines]
	}
	_ = values[at : at+lines]
	c.Increasing = true
	done := columnsFast(numbers, lines, base, lists, at, values, low, high, &c)
	numbers = numbers[done*fields:]
	lines -= done
	at += done
	for m, list := range lists {
		least, most := low[m][0], high[m][0]
		for k, i := 0, fields+m; k < lines; k, i = k+1, i+fields {
			v := numbers[i]
			list[at+k] = int32(v) - base
			least, most = min(least, v), max(most, int32(v)) // neither is NotPlain, if there is another number
			c.OddIndex = c.OddIndex || v == NotPlain
		}
		low[m][0], high[m][0] = least, most
	}
	for k := range lines {
		row := numbers[k*fields:][:2*fields]
		m := 0
		for m < fields-2 && row[m] == row[fields+m] {
			m++
		}
		c.Increasing = c.Increasing && int32(row[m]) < int32(row[fields+m])
		v := row[2*fields-1]
		values[at+k] = float64(v)
		c.OddValue = c.OddValue || v == NotPlain
	}
	return c
}

// ColumnsFound is what [Columns] finds out.
type ColumnsFound struct{ Increasing, OddIndex, OddValue bool }
