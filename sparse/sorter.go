package sparse

import (
	"bufio"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/internal/tempfile"
)

// Sorter sorts more entries than memory holds: they are sorted in runs that
// fit, which go to temporary files, and the runs are merged (external merge
// sort). It keeps entries of one cell in the order in which they came.
type Sorter struct {
	order int
	dir   string
	room  int // entries in a run
	index [][]int32
	vals  []float64
	runs  []*tempfile.File
	total int
	low   []int32
	high  []int32
}

// mergedRuns is the number of runs that are merged at a time: each needs a
// file and a buffer.
const mergedRuns = 64

// NewSorter makes a sorter for entries with the given number of indices, whose
// lists and buffers take at most about mem bytes. Temporary files are made in
// dir; see os.CreateTemp.
func NewSorter(order int, dir string, mem int64) *Sorter {
	// An entry takes its indices and value, twice over while a run is
	// written, and two records of 16 bytes while it is sorted.
	s := &Sorter{order: order, dir: dir, room: int(max(1<<12, mem/int64(8*order+16+40))), index: make([][]int32, order)}
	s.low, s.high = make([]int32, order), make([]int32, order)
	for n := range s.low {
		s.low[n], s.high[n] = math.MaxInt32, -1
	}
	return s
}

// Add takes entries, as [NewCOO] has them. Their lists may be used again. An
// index that is negative is an error.
func (s *Sorter) Add(index [][]int32, values []float64) error {
	for n, list := range index {
		for e, i := range list {
			if i < 0 {
				return fmt.Errorf("sparse: entry %d has index %d on mode %d", s.total+e, i, n)
			}
			s.low[n], s.high[n] = min(s.low[n], i), max(s.high[n], i)
		}
	}
	for lo := 0; lo < len(values); {
		k := min(len(values)-lo, s.room-len(s.vals))
		for n, list := range index {
			s.index[n] = append(s.index[n], list[lo:lo+k]...)
		}
		s.vals = append(s.vals, values[lo:lo+k]...)
		if lo += k; len(s.vals) == s.room {
			if err := s.flush(); err != nil {
				return err
			}
		}
	}
	s.total += len(values)
	return nil
}

// Total is the number of entries so far.
func (s *Sorter) Total() int { return s.total }

// Runs is the number of temporary files so far.
func (s *Sorter) Runs() int { return len(s.runs) }

// Range is the smallest and the largest index on a mode; low is above high if
// there is no entry.
func (s *Sorter) Range(mode int) (low, high int) { return int(s.low[mode]), int(s.high[mode]) }

// Close removes the temporary files.
func (s *Sorter) Close() error {
	var errs []error
	for _, f := range s.runs {
		errs = append(errs, f.Discard())
	}
	s.runs = nil
	return errors.Join(errs...)
}

// bytes of an entry in a run.
func (s *Sorter) entryBytes() int { return 4*s.order + 8 }

// flush sorts what is in memory and writes it to a file.
func (s *Sorter) flush() error {
	if len(s.vals) == 0 {
		return nil
	}
	shape := make([]int, s.order)
	for n, top := range s.high {
		shape[n] = int(top) + 1
	}
	x := &COO[float64]{shape: shape, index: s.index, values: s.vals}
	records := x.sortLong(pack(shape, natural(s.order)))
	f, err := tempfile.Create(s.dir, "polyad-run-*")
	if err != nil {
		return err
	}
	s.runs = append(s.runs, f)
	size := s.entryBytes()
	const piece = 1 << 14
	b := make([]byte, piece*size)
	for lo := 0; lo < len(records); lo += piece {
		part := records[lo:min(lo+piece, len(records))]
		par.Blocks(len(part), 1<<11, func(_, first, last int) {
			for k := first; k < last; k++ {
				e, at := part[k].value, b[k*size:]
				for n, list := range s.index {
					binary.LittleEndian.PutUint32(at[4*n:], uint32(list[e]))
				}
				binary.LittleEndian.PutUint64(at[4*s.order:], math.Float64bits(s.vals[e]))
			}
		})
		if _, err := f.Write(b[:len(part)*size]); err != nil {
			return err
		}
	}
	for n := range s.index {
		s.index[n] = s.index[n][:0]
	}
	s.vals = s.vals[:0]
	return nil
}

// Merge hands over the entries in C order, those of one cell joined as dup
// says, zeros left out; idx is the sorter's. It may be called once. Repeated
// cells that dup does not allow are a [*DuplicateError] whose entries have no
// numbers (-1).
func (s *Sorter) Merge(dup Duplicates, visit func(idx []int32, v float64) error) error {
	if err := dup.check(); err != nil {
		return fmt.Errorf("sparse: %w", err)
	}
	if err := s.flush(); err != nil {
		return err
	}
	s.index, s.vals = make([][]int32, s.order), nil
	// Runs that follow each other are merged to longer ones, so that equal
	// cells keep their order.
	for len(s.runs) > mergedRuns {
		var longer []*tempfile.File
		for lo := 0; lo < len(s.runs); lo += mergedRuns {
			f, err := s.mergeToRun(s.runs[lo:min(lo+mergedRuns, len(s.runs))])
			if f != nil {
				longer = append(longer, f)
			}
			if err != nil {
				s.runs = append(longer, s.runs[lo:]...)
				return err
			}
		}
		s.runs = longer
	}
	cell := make([]int32, s.order)
	var group []float64
	emit := func() error {
		if len(group) == 0 {
			return nil
		}
		if len(group) > 1 && dup == Refuse {
			d := &DuplicateError{First: -1, Second: -1}
			for _, i := range cell {
				d.Cell = append(d.Cell, int(i))
			}
			return d
		}
		v := join(group, dup)
		group = group[:0]
		if v == 0 {
			return nil
		}
		return visit(cell, v)
	}
	err := s.merge(s.runs, func(entry []byte) error {
		same := len(group) > 0
		for n := range cell {
			same = same && cell[n] == int32(binary.LittleEndian.Uint32(entry[4*n:]))
		}
		if !same {
			if err := emit(); err != nil {
				return err
			}
			for n := range cell {
				cell[n] = int32(binary.LittleEndian.Uint32(entry[4*n:]))
			}
		}
		group = append(group, math.Float64frombits(binary.LittleEndian.Uint64(entry[4*s.order:])))
		return nil
	})
	if err != nil {
		return err
	}
	return emit()
}

// mergeToRun merges runs to one and removes them. An error leaves them.
func (s *Sorter) mergeToRun(runs []*tempfile.File) (*tempfile.File, error) {
	f, err := tempfile.Create(s.dir, "polyad-run-*")
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = s.merge(runs, func(entry []byte) error {
		_, err := w.Write(entry)
		return err
	})
	if err = errors.Join(err, w.Flush()); err != nil {
		return f, err
	}
	for _, old := range runs {
		if err := old.Discard(); err != nil {
			return f, err
		}
	}
	return f, nil
}

// merge hands over the entries of runs in order, of equal ones that of the
// earlier run first.
func (s *Sorter) merge(runs []*tempfile.File, visit func(entry []byte) error) error {
	h := &runHeap{order: s.order}
	size := s.entryBytes()
	for k, f := range runs {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		r := &runReader{number: k, r: bufio.NewReaderSize(f, 1<<17), entry: make([]byte, size)}
		if ok, err := r.next(); err != nil {
			return err
		} else if ok {
			h.list = append(h.list, r)
		}
	}
	heap.Init(h)
	for len(h.list) > 0 {
		r := h.list[0]
		if err := visit(r.entry); err != nil {
			return err
		}
		ok, err := r.next()
		switch {
		case err != nil:
			return err
		case ok:
			heap.Fix(h, 0)
		default:
			heap.Pop(h)
		}
	}
	return nil
}

// runReader is a run that is being merged, at an entry.
type runReader struct {
	number int
	r      *bufio.Reader
	entry  []byte
}

func (r *runReader) next() (bool, error) {
	_, err := io.ReadFull(r.r, r.entry)
	if err == io.EOF {
		return false, nil
	}
	return err == nil, err
}

// runHeap orders runs by their present entries.
type runHeap struct {
	order int
	list  []*runReader
}

func (h *runHeap) Len() int      { return len(h.list) }
func (h *runHeap) Swap(i, j int) { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *runHeap) Push(x any)    { h.list = append(h.list, x.(*runReader)) }

func (h *runHeap) Pop() any {
	last := len(h.list) - 1
	r := h.list[last]
	h.list = h.list[:last]
	return r
}

func (h *runHeap) Less(i, j int) bool {
	a, b := h.list[i], h.list[j]
	for n := range h.order {
		u, v := binary.LittleEndian.Uint32(a.entry[4*n:]), binary.LittleEndian.Uint32(b.entry[4*n:])
		if u != v {
			return u < v
		}
	}
	return a.number < b.number
}
