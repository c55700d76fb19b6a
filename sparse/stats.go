package sparse

import (
	"math/bits"
	"slices"
)

// Stats are figures about where the entries of a tensor lie.
type Stats struct {
	Count   int         `json:"count"`   // entries
	Cells   float64     `json:"cells"`   // listed or not
	Density float64     `json:"density"` // Count/Cells
	Modes   []ModeStats `json:"modes"`
}

// ModeStats are figures about the slices of a mode: the entries with one index
// on it each.
type ModeStats struct {
	Size    int `json:"size"`
	Empty   int `json:"empty"`   // slices without an entry
	Median  int `json:"median"`  // entries of a slice, empty slices included
	Largest int `json:"largest"` // entries of a slice
	Heavy   int `json:"heavy"`   // the index of the slice with most entries
	// Histogram counts slices: Histogram[k] of them have 2^k to 2^(k+1)-1
	// entries.
	Histogram []int `json:"histogram"`
}

// Stats counts the entries of each slice of each mode.
func (x *COO[T]) Stats() Stats {
	s := Stats{Count: len(x.values), Cells: x.Cells()}
	if s.Cells > 0 {
		s.Density = float64(s.Count) / s.Cells
	}
	for n, size := range x.shape {
		counts := x.SliceCounts(n)
		m := ModeStats{Size: size}
		for i, c := range counts {
			if c == 0 {
				m.Empty++
				continue
			}
			k := bits.Len(uint(c)) - 1
			for len(m.Histogram) <= k {
				m.Histogram = append(m.Histogram, 0)
			}
			m.Histogram[k]++
			if c > m.Largest {
				m.Largest, m.Heavy = c, i
			}
		}
		if size > 0 {
			slices.Sort(counts)
			m.Median = counts[size/2]
		}
		s.Modes = append(s.Modes, m)
	}
	return s
}

// SliceCounts is the number of entries with each index on a mode.
func (x *COO[T]) SliceCounts(mode int) []int {
	counts := make([]int, x.shape[mode])
	for _, i := range x.index[mode] {
		counts[i]++
	}
	return counts
}
