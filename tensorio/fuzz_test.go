package tensorio

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// A list that is sorted in pieces is the tensor that is read whole, where both
// read it.
func FuzzSortFile(f *testing.F) {
	for _, s := range []string{"1 1 1 2\n2 2 2 3\n", "0 0 1\n", "3\n2 2 2\n1 1 1 1\n", "2 2 1\n1 1 5\n1 1 6\n", "sptensor\n2\n2 2\n1\n1 1 1\n", "1 1 nan\n", "# c\n1 1 0\n5 5 1e400\n",
		"i,j,v\na,1,5\nb,2,6\na,1,7\n", "1\t2\t3\n4\t5\t6\n", "t,v\n2020-01-02,NA\n,nan\n", "m,v\nMar,1\nJan,2\n", "99999999999 1 1\n", "1 1\n1 1 1\n"} {
		f.Add([]byte(s), "")
		f.Add([]byte(s), "sum")
	}
	f.Fuzz(func(t *testing.T, data []byte, aggregate string) {
		dir := t.TempDir()
		in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out.psp")
		if err := os.WriteFile(in, data, 0o600); err != nil {
			t.Fatal(err)
		}
		opt := Options{Aggregate: aggregate, Missing: "zero"}
		_, err := SortFile(in, out, opt, 1<<20)
		if left, fault := os.ReadDir(dir); fault != nil || len(left) != 1 && (err != nil || len(left) != 2) {
			t.Fatalf("left are %v (%v)", left, fault)
		}
		if err != nil {
			return
		}
		got, err := Open(out, Options{})
		if err != nil {
			t.Fatalf("what was written is not read: %v", err)
		}
		defer got.Close()
		if tensor.Cells(got.Tensor.Shape()) > 1<<16 {
			return // zeros of a table are written out when it is read whole
		}
		want, err := Open(in, opt)
		if err != nil {
			t.Fatalf("what was sorted is not read whole: %v", err)
		}
		defer want.Close()
		if !slices.Equal(got.Tensor.Shape(), want.Tensor.Shape()) {
			t.Fatalf("shape %v sorted, %v whole", got.Tensor.Shape(), want.Tensor.Shape())
		}
		if a, b := cells(t, got.Tensor), cells(t, want.Tensor); !testkit.SameBits(a, b) {
			t.Errorf("%v sorted, %v whole", a, b)
		}
	})
}

// cells are all cells of a tensor of float64, 0 for −0.
func cells(t *testing.T, x tensor.Tensor) []float64 {
	if s, ok := x.(*sparse.COO[float64]); ok {
		x = s.Dense()
	}
	d, ok := x.(*tensor.Dense[float64])
	if !ok {
		t.Fatalf("a tensor %T", x)
	}
	out := slices.Clone(d.Contiguous().Data())
	for i := range out {
		out[i] += 0
	}
	return out
}
