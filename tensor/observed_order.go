package tensor

import (
	"sync"

	"github.com/polyad/polyad/internal/par"
)

// modeOrder is the known entries sorted by their index on one mode. It is
// made once, by whoever needs it first.
type modeOrder struct {
	once  sync.Once
	start []int     // the entries of row i are at start[i] … start[i+1]-1
	entry []int32   // the number of each in the list
	other [][]int32 // their indices on the other modes (nil for this one)
	tasks []rowTask
}

// rowTask is work for one goroutine at a time: rows [lo, hi), or one row with
// so many entries that its sum is cut in parts.
type rowTask struct{ lo, hi, parts int }

const (
	taskEntries = 1 << 13 // known entries that make a task
	longRow     = 1 << 15 // known entries from which a row is cut
	maxParts    = 32
)

func (x *Observed) order(mode int) *modeOrder {
	o := x.orders[mode]
	o.once.Do(func() {
		rows := x.shape[mode]
		key := x.index[mode]
		o.start = make([]int, rows+1)
		for _, i := range key {
			o.start[i+1]++
		}
		for i := range rows {
			o.start[i+1] += o.start[i]
		}
		o.entry = make([]int32, len(key))
		next := append([]int(nil), o.start[:rows]...)
		for e, i := range key {
			o.entry[next[i]] = int32(e)
			next[i]++
		}
		o.other = make([][]int32, len(x.index))
		par.Do(len(x.index), func(m int) {
			if m == mode {
				return
			}
			list := make([]int32, len(key))
			for k, e := range o.entry {
				list[k] = x.index[m][e]
			}
			o.other[m] = list
		})
		for lo := 0; lo < rows; {
			hi := lo + 1
			if n := o.start[hi] - o.start[lo]; n >= longRow {
				o.tasks = append(o.tasks, rowTask{lo, hi, min(maxParts, n/(longRow/2))})
				lo = hi
				continue
			}
			for hi < rows && o.start[hi+1]-o.start[hi] < longRow && o.start[hi+1]-o.start[lo] <= taskEntries {
				hi++
			}
			o.tasks = append(o.tasks, rowTask{lo, hi, 1})
			lo = hi
		}
	})
	return o
}

// sortedValues are the values in the order of a mode: read in a row, which
// the list itself would not be.
type sortedValues struct {
	once   sync.Once
	values []float64
}

func newSorted(modes int) []*sortedValues {
	s := make([]*sortedValues, modes)
	for n := range s {
		s[n] = new(sortedValues)
	}
	return s
}

func (x *Observed) valuesBy(mode int) []float64 {
	s, o := x.sorted[mode], x.order(mode)
	s.once.Do(func() {
		s.values = make([]float64, len(x.values))
		for k, e := range o.entry {
			s.values[k] = x.values[e]
		}
	})
	return s.values
}

// Grouping is the known entries in the order of their index on one mode:
// those of row i are the numbers Start[i] to Start[i+1] of the lists. Nobody
// must change it.
type Grouping struct {
	Start  []int
	Entry  []int32   // the place of each in Values of the tensor
	Index  [][]int32 // their indices on the other modes (nil for this one)
	Values []float64

	order *modeOrder
}

// GroupBy is the known entries by their index on a mode. It is made once.
func (x *Observed) GroupBy(mode int) Grouping {
	o := x.order(mode)
	return Grouping{Start: o.start, Entry: o.entry, Index: o.other, Values: x.valuesBy(mode), order: o}
}

// Sum adds something up over the entries of every row that has any: worker
// makes the memory of a goroutine and a function that adds entries [lo, hi)
// of row i to sum, which has the given width and begins as zeros; done gets
// the whole sum of row i. Calls for different rows may be concurrent. How
// the sums are cut depends on the entries alone.
func (g Grouping) Sum(width int, worker func() (add func(sum []float64, i, lo, hi int)), done func(i int, sum []float64)) {
	g.order.each(width, worker, done)
}

// Rows calls a function for every row i that has entries, [lo, hi), with the
// memory that worker makes for a goroutine. Calls for different rows may be
// concurrent.
func (g Grouping) Rows(worker func() (use func(i, lo, hi int))) {
	par.Do(len(g.order.tasks), func(k int) {
		use, t := worker(), g.order.tasks[k]
		for i := t.lo; i < t.hi; i++ {
			if lo, hi := g.Start[i], g.Start[i+1]; lo < hi {
				use(i, lo, hi)
			}
		}
	})
}

// littleWork is the number of additions below which one thread does a sum
// sooner than two agree on it.
const littleWork = 1 << 17

// each sums over the entries of every row that has any: add adds the sorted
// entries [lo, hi) of row i to sum, which has the given width and begins as zeros;
// done gets the whole sum of row i. Both may run side by side for different
// rows. How the sums are cut depends on the entries alone.
func (o *modeOrder) each(width int, worker func() (add func(sum []float64, i, lo, hi int)), done func(i int, sum []float64)) {
	var short, long []rowTask
	for _, t := range o.tasks {
		if t.parts == 1 {
			short = append(short, t)
		} else {
			long = append(long, t)
		}
	}
	run := func(tasks []rowTask) {
		add := worker()
		sum := make([]float64, width)
		for _, t := range tasks {
			for i := t.lo; i < t.hi; i++ {
				if o.start[i] == o.start[i+1] {
					continue
				}
				clear(sum)
				add(sum, i, o.start[i], o.start[i+1])
				done(i, sum)
			}
		}
	}
	if len(o.entry)*width < littleWork {
		run(short)
	} else {
		par.Do(len(short), func(k int) { run(short[k : k+1]) })
	}
	for _, t := range long {
		lo, n := o.start[t.lo], o.start[t.hi]-o.start[t.lo]
		sums := make([]float64, t.parts*width)
		par.Do(t.parts, func(p int) {
			worker()(sums[p*width:(p+1)*width], t.lo, lo+p*n/t.parts, lo+(p+1)*n/t.parts)
		})
		total := sums[:width]
		for p := 1; p < t.parts; p++ {
			for j, v := range sums[p*width : (p+1)*width] {
				total[j] += v
			}
		}
		done(t.lo, total)
	}
}

// Empty lists the indices of a mode that have no known entry.
func (x *Observed) Empty(mode int) []int {
	o := x.order(mode)
	var empty []int
	for i := range x.shape[mode] {
		if o.start[i] == o.start[i+1] {
			empty = append(empty, i)
		}
	}
	return empty
}
