package sparse

import (
	"reflect"
	"testing"
)

func TestStats(t *testing.T) {
	x, err := NewCOO([]int{4, 5}, [][]int32{{0, 0, 0, 2, 3}, {0, 1, 4, 1, 1}}, []float64{1, 2, 3, 4, 5}, Refuse)
	if err != nil {
		t.Fatal(err)
	}
	want := Stats{Count: 5, Cells: 20, Density: 0.25, Modes: []ModeStats{
		{Size: 4, Empty: 1, Median: 1, Largest: 3, Heavy: 0, Histogram: []int{2, 1}},
		{Size: 5, Empty: 2, Median: 1, Largest: 3, Heavy: 1, Histogram: []int{2, 1}},
	}}
	if got := x.Stats(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}
