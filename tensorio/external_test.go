package tensorio

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/sparse"
)

// A file that is sorted in pieces makes the tensor that is read whole.
func TestSortFile(t *testing.T) {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(5, 6))
	var list bytes.Buffer
	list.WriteString("# some entries\n")
	n := 60_000
	for range n {
		fmt.Fprintf(&list, "%d %d %d %.3f\n", 1+rng.IntN(300), 1+rng.IntN(200), 1+rng.IntN(90), rng.NormFloat64())
	}
	body := list.String()
	for name, text := range map[string]string{
		"plain": body, "sizes": fmt.Sprintf("300 200 90 %d\n", n) + body, "order": "3\n300 200 90\n" + body,
		"toolbox": fmt.Sprintf("sptensor\n3\n300 200 90\n%d\n", n) + body, "zero": strings.Replace(body, "\n1 ", "\n0 ", 1),
		"whole": strings.Replace(body, "\n", "\n7 7 7 3\n", 1),
	} {
		in, out := filepath.Join(dir, name+".tns"), filepath.Join(dir, name+".psp")
		if err := os.WriteFile(in, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		opt := Options{Aggregate: "sum"}
		res, err := SortFile(in, out, opt, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Open(in, opt)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Open(out, Options{})
		if err != nil {
			t.Fatal(err)
		}
		x, y := want.Tensor.(*sparse.COO[float64]), got.Tensor.(*sparse.COO[float64])
		if !slices.Equal(x.Shape(), y.Shape()) || !slices.Equal(x.Values(), y.Values()) || !slices.Equal(x.Indices(2), y.Indices(2)) {
			t.Errorf("%s: %v with %d entries, want %v with %d", name, y.Shape(), y.Count(), x.Shape(), x.Count())
		}
		if res.Runs < 2 || res.Count != x.Count() {
			t.Errorf("%s: %+v", name, res)
		}
		want.Close()
		got.Close()
	}
	left, err := filepath.Glob(filepath.Join(dir, "polyad-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	for text, want := range map[string]string{
		"1 1 1 2\n1 1 1 3\n":           "the cell [1 1 1] is listed more than once: join such entries",
		"1 1 1 nan\n":                  "line 1: the value is NaN",
		"3\n2 2 2\n1 1 1 1\n1 3 1 5\n": "index 3 on mode 2, expected 1 to 2",
		"a,b\n1,2\n":                   "only .tns files are sorted in bounded memory",
		"sptensor\n2\n3 3\n4\n1 1 5\n": "1 entries, but the header promises 4: the file is cut short",
		"tensor\n2\n1 1\n4\n":          "expected sptensor",
	} {
		in := filepath.Join(dir, "bad.tns")
		if err := os.WriteFile(in, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := SortFile(in, filepath.Join(dir, "bad.psp"), Options{}, 1<<20); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}
