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
		"1 1 1 2\n1 1 1 3\n":           "lines 1 and 2 list the same cell [1 1 1]: join such entries",
		"1 1 1 nan\n":                  "line 1: the value is NaN",
		"3\n2 2 2\n1 1 1 1\n1 3 1 5\n": "line 4: index 3 on mode 2, expected 1 to 2",
		"a,b\n1,2\n":                   "in a sparse file the cells without a row are 0",
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

// A table that is sorted in pieces makes the tensor that is read whole, with
// its labels.
func TestSortTable(t *testing.T) {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(8, 9))
	var plain, quoted bytes.Buffer
	plain.WriteString("who,when,what,n\n")
	quoted.WriteString("who,when,what,n\n")
	for range 120_000 {
		who, when, what, n := fmt.Sprintf("u%d", rng.IntN(5000)), fmt.Sprintf("2024-%02d-%02d %02d:00", 1+rng.IntN(12), 1+rng.IntN(28), rng.IntN(24)), rng.IntN(400)-200, rng.IntN(4)
		if rng.IntN(1000) == 0 {
			who = ""
		}
		fmt.Fprintf(&plain, "%s,%s,%d,%d\n", who, when, what, n)
		fmt.Fprintf(&quoted, "\"%s\",%s,%d,\"%d\"\n", who, when, what, n)
	}
	files := map[string]string{}
	for name, text := range map[string][]byte{"plain.csv": plain.Bytes(), "quoted.csv": quoted.Bytes()} {
		files[name] = filepath.Join(dir, name)
		if err := os.WriteFile(files[name], text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, opt := range []Options{
		{Modes: []string{"who", "hour(when)", "what"}, Aggregate: "count"},
		{Modes: []string{"what", "who", "date(when)"}, Value: "n", Aggregate: "sum", Missing: "zero"},
	} {
		want, err := Open(files["plain.csv"], opt)
		if err != nil {
			t.Fatal(err)
		}
		x := want.Tensor.(*sparse.COO[float64])
		for name, in := range files {
			out := filepath.Join(dir, "out.psp")
			res, err := SortFile(in, out, opt, 4<<20)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Open(out, Options{})
			if err != nil {
				t.Fatal(err)
			}
			y := got.Tensor.(*sparse.COO[float64])
			if !slices.Equal(x.Shape(), y.Shape()) || !slices.Equal(x.Values(), y.Values()) || !slices.Equal(x.Indices(2), y.Indices(2)) {
				t.Errorf("%s: %v with %d entries, want %v with %d", name, y.Shape(), y.Count(), x.Shape(), x.Count())
			}
			if fmt.Sprint(x.Axes()) != fmt.Sprint(y.Axes()) {
				t.Errorf("%s: the axes differ", name)
			}
			if res.Runs < 2 || res.Format != "csv" || !strings.Contains(strings.Join(res.Notes, " "), "rows have no who and are left out") {
				t.Errorf("%s: %+v", name, res)
			}
			got.Close()
		}
		want.Close()
	}
	out := filepath.Join(dir, "out.psp")
	for _, c := range []struct {
		text string
		opt  Options
		mem  int64
		want string
	}{
		{plain.String(), Options{Modes: []string{"who", "what"}, Aggregate: "count"}, 1 << 20, "mode who has more than"},
		{"a,b,n\nx,1,2\n\ny,1,3\nx,1,4\n", Options{Modes: []string{"a", "b"}, Value: "n", Missing: "zero"}, 1 << 20, "line 2 and line 5 hold the same cell (x, 1)"},
		{"a,b,n\nx,1,2\ny,1\n", Options{Modes: []string{"a", "b"}, Value: "n", Missing: "zero"}, 1 << 20, "line 3: 2 fields, expected 3"},
		{"a,b,n\nx,1,2\n", Options{Modes: []string{"a", "b"}, Value: "n"}, 1 << 20, "say so with --missing zero"},
		{"a,b,n\n,1,2\n", Options{Modes: []string{"a", "b"}, Aggregate: "count"}, 1 << 20, "mode a: no row has a value in the column"},
	} {
		in := filepath.Join(dir, "bad.csv")
		if err := os.WriteFile(in, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := SortFile(in, out, c.opt, c.mem); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "polyad-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
