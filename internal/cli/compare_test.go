package cli

import (
	"encoding/json"
	"math"
	"path/filepath"
	"testing"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// Every pair of kinds of data is compared over the cells that both know, in time
// that follows the entries where cells are too many.
func TestCompareKinds(t *testing.T) {
	dir := t.TempDir()
	save := func(name string, x tensor.Tensor) string {
		path := filepath.Join(dir, name)
		if err := tensorio.Save(path, x); err != nil {
			t.Fatal(err)
		}
		return path
	}
	list := func(size int, values ...float64) *sparse.COO[float64] {
		last := int32(size - 1)
		x, err := sparse.NewCOO([]int{size, size, size}, [][]int32{{0, 1, last}, {0, 2, last}, {0, 1, last}}, values, sparse.Refuse)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	a, b := list(4, 3, 0, 4), list(4, 3, 5, 0)
	files := map[string][2]string{
		"dense":  {save("a.npy", a.Dense()), save("b.npy", b.Dense())},
		"sparse": {save("a.psp", a), save("b.psp", b)},
		"long":   {save("long a.psp", list(1<<30, 3, 0, 4)), save("long b.psp", list(1<<30, 3, 5, 0))},
	}
	for _, kinds := range [][2]string{{"dense", "dense"}, {"dense", "sparse"}, {"sparse", "dense"}, {"sparse", "sparse"}, {"long", "long"}} {
		out, _ := run(t, exitOK, "compare", files[kinds[0]][0], files[kinds[1]][1], "--json")
		var c comparison
		if err := json.Unmarshal([]byte(out), &c); err != nil {
			t.Fatal(err)
		}
		cells := 64
		if kinds[0] == "long" {
			cells = math.MaxInt
		}
		if want := math.Sqrt(5*5+4*4) / 5; !(math.Abs(c.RelativeDifference-want) < 1e-15) || c.MaxDifference != 5 || c.Cells != cells {
			t.Errorf("%v: %+v, difference %v expected", kinds, c, want)
		}
	}
	// On both sides known are (0, 0, 0) and (2, 1, 3).
	known := func(index [][]int32, values ...float64) *tensor.Observed {
		x, err := tensor.NewObserved([]int{4, 4, 4}, index, values)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	left := known([][]int32{{2, 0, 1}, {1, 0, 0}, {3, 0, 0}}, 4, 3, 9)
	right := known([][]int32{{0, 3, 2}, {0, 3, 1}, {0, 3, 3}}, 1, 7, 4)
	sparseRight, err := sparse.NewCOO([]int{4, 4, 4}, [][]int32{{0, 3, 2}, {0, 3, 1}, {0, 3, 3}}, []float64{1, 7, 4}, sparse.Refuse)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		left, right tensor.Tensor
		cells       int
		want        float64
	}{
		{left, right, 2, 2.0 / 5},
		{left, sparseRight, 3, math.Sqrt(4+81) / math.Sqrt(9+16+81)},
		{sparseRight, left, 3, math.Sqrt(4+81) / math.Sqrt(1+16)},
		{left, sparseRight.Dense(), 3, math.Sqrt(4+81) / math.Sqrt(9+16+81)},
	} {
		got, err := compareSides(c.left, c.right)
		if err != nil {
			t.Fatal(err)
		}
		if got.Cells != c.cells || !(math.Abs(got.RelativeDifference-c.want) < 1e-15) {
			t.Errorf("%T and %T: %+v, %d cells and a difference of %v expected", c.left, c.right, got, c.cells, c.want)
		}
	}
}
