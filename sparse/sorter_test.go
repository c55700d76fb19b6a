package sparse

import (
	"errors"
	"os"
	"slices"
	"testing"
)

// Entries that are sorted in many runs make the tensor that memory makes.
func TestSorter(t *testing.T) {
	shape := []int{300, 20, 70}
	index, values := power(11, shape, 300_000)
	for e := range values {
		values[e] += 1 / (1 + float64(e)) // sums depend on their order
		if e%50 == 0 {
			values[e] = 0
		}
	}
	for _, mem := range []int64{0, 1 << 22, 1 << 30} { // 74 runs, which are merged twice; some; one
		for _, dup := range []Duplicates{Mean, Last} {
			want, err := NewCOO(shape, index, values, dup)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			s := NewSorter(3, dir, mem)
			for lo := 0; lo < len(values); lo += 7777 {
				hi := min(lo+7777, len(values))
				part := [][]int32{index[0][lo:hi], index[1][lo:hi], index[2][lo:hi]}
				if err := s.Add(part, values[lo:hi]); err != nil {
					t.Fatal(err)
				}
			}
			if mem == 0 && s.Runs() <= mergedRuns {
				t.Errorf("%d runs", s.Runs())
			}
			if low, high := s.Range(0); low != int(slices.Min(index[0])) || high != int(slices.Max(index[0])) {
				t.Errorf("range %d to %d", low, high)
			}
			e := 0
			err = s.Merge(dup, func(idx []int32, v float64) error {
				if e == want.Count() || v != want.values[e] || idx[0] != want.index[0][e] || idx[1] != want.index[1][e] || idx[2] != want.index[2][e] {
					t.Fatalf("mem %d, %s: entry %d is %v at %v", mem, dup, e, v, idx)
				}
				e++
				return nil
			})
			if err != nil || e != want.Count() {
				t.Errorf("%d entries, want %d; %v", e, want.Count(), err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("%d files are left, %v", len(left), err)
			}
		}
	}
	s := NewSorter(3, t.TempDir(), 0)
	defer s.Close()
	if err := s.Add(index, values); err != nil {
		t.Fatal(err)
	}
	var d *DuplicateError
	if err := s.Merge(Refuse, func([]int32, float64) error { return nil }); !errors.As(err, &d) || len(d.Cell) != 3 {
		t.Error(err)
	}
}
