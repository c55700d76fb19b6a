package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Every variant deals out all numbers, and finds what a loop over lines finds.
func TestColumns(t *testing.T) {
	eachVariant(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(10, 11))
		for trial := range 600 {
			order, lines, at, base := 1+rng.IntN(9), rng.IntN(100), rng.IntN(3), int32(rng.IntN(2))
			if trial%50 == 0 {
				order, lines = 33, 3000
			}
			fields := order + 1
			size := []uint32{2, 50, 99999999}[rng.IntN(3)]
			numbers := make([]uint32, (lines+1)*fields+rng.IntN(40))
			for i := range numbers {
				numbers[i] = rng.Uint32N(size) + 1
			}
			if trial%2 == 0 { // increasing, perhaps
				for k := range lines {
					copy(numbers[(k+1)*fields:], numbers[k*fields:][:fields])
					numbers[(k+1)*fields+rng.IntN(order)] += rng.Uint32N(100)
				}
			}
			if trial%4 == 0 {
				for m := range order {
					numbers[m] = NotPlain // before the first line
				}
			}
			want := ColumnsFound{Increasing: true}
			if trial%5 == 0 && lines > 0 {
				i := fields + rng.IntN(lines*fields)
				numbers[i] = NotPlain
				want.OddValue = i%fields == order
				want.OddIndex = !want.OddValue
			}
			lists, values := make([][]int32, order), make([]float64, at+lines+1)
			low, high := make([][ColumnLanes]uint32, order), make([][ColumnLanes]int32, order)
			for m := range lists {
				lists[m] = make([]int32, at+lines+1)
				for k := range ColumnLanes {
					low[m][k], high[m][k] = 1<<30, -1
				}
			}
			got := Columns(numbers, lines, base, lists, at, values, low, high)
			for k := range lines {
				row := numbers[k*fields:][:2*fields]
				if values[at+k] != float64(row[2*fields-1]) {
					t.Fatalf("value %v, want %d", values[at+k], row[2*fields-1])
				}
				for m, list := range lists {
					if list[at+k] != int32(row[fields+m])-base {
						t.Fatalf("index %d, want %d less %d", list[at+k], row[fields+m], base)
					}
				}
				signed := func(row []uint32) []int32 {
					out := make([]int32, order)
					for m := range out {
						out[m] = int32(row[m])
					}
					return out
				}
				want.Increasing = want.Increasing && slices.Compare(signed(row), signed(row[fields:])) < 0
			}
			if got != want {
				t.Fatalf("%d lines of %d indices: %+v, want %+v", lines, order, got, want)
			}
			for m, list := range lists {
				if list[at+lines] != 0 || values[at+lines] != 0 {
					t.Fatal("written beyond the lines")
				}
				if lines == 0 || want.OddIndex {
					continue
				}
				list = list[at : at+lines]
				if l, h := int32(slices.Min(low[m][:])), slices.Max(high[m][:]); l != slices.Min(list)+base || h != slices.Max(list)+base {
					t.Fatalf("extremes %d and %d of %v", l, h, list)
				}
			}
		}
	})
}

func TestColumnsShapeBugPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Columns(make([]uint32, 9), 3, 0, make([][]int32, 2), 0, make([]float64, 3), make([][ColumnLanes]uint32, 2), make([][ColumnLanes]int32, 2))
}
