package cli

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/polyad/polyad/tensor"
)

// A size is what strconv makes of its number times its unit, or refused.
func FuzzMem(f *testing.F) {
	for _, s := range []string{"500MB", "2GiB", "2000000000", " 1.5 TiB ", "1e3kB", "0", "-1", "nanGB", "1e30", "8EiB", "4611686018427387904", "461148861602738", "0x10p4B", "1_000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := parseMem(text)
		if err != nil {
			if n != 0 || !strings.HasPrefix(err.Error(), "--mem "+text+": a size is expected") {
				t.Errorf("%q: %d, %v", text, n, err)
			}
			return
		}
		if text == "" {
			return
		}
		again, err := parseMem(strconv.FormatInt(n, 10))
		if n < 1 || err != nil || math.Abs(float64(again)-float64(n)) > float64(n)*0x1p-52 {
			t.Errorf("%q is %d bytes, and these %d (%v)", text, n, again, err)
		}
		if n < 1<<43 { // beyond, floats round
			if kilo, err := parseMem(strconv.FormatInt(n, 10) + "kB"); err != nil || kilo != 1000*n {
				t.Errorf("%d kB are %d bytes (%v)", n, kilo, err)
			}
		}
	})
}

// Ranks are positive, and written read back the same.
func FuzzRank(f *testing.F) {
	for _, s := range []string{"auto", "", "3", "3,4,5", " 2", "0", "-1", "1,", "99999999999999999999", "+7", "1e3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ranks, err := parseRank(text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "--rank "+text+":") {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if ranks == nil {
			if text != "auto" && text != "" {
				t.Errorf("%q is auto", text)
			}
			return
		}
		again, err := parseRank(joinInts(ranks))
		if err != nil || !slices.Equal(again, ranks) || slices.Min(ranks) < 1 {
			t.Errorf("%q is %v, and written %v (%v)", text, ranks, again, err)
		}
	})
}

// Constraints give each mode a set, or one sentence that shows the text.
func FuzzConstraint(f *testing.F) {
	for _, s := range []string{"all=nonneg", "time=nonneg,smooth:0.1", "0=tied:1", "2=tied:time", "0=box:0,1", "all=orthonormal", "=", "0=fixed:", "all=tied:all", "-1=nonneg", "1=simplex\n", "1=none"} {
		f.Add(s, "0=l2:0.5")
	}
	axes := []tensor.Axis{{Name: "time"}, {}, {Name: "who"}}
	f.Fuzz(func(t *testing.T, a, b string) {
		if strings.Contains(a, "fixed:") || strings.Contains(b, "fixed:") {
			return // a file
		}
		limits, err := parseConstraints([]string{a, b}, false)
		if err == nil {
			sets, fault := resolve(limits, axes)
			if err = fault; err == nil && len(sets) != len(axes) {
				t.Errorf("%q and %q: %d sets for %d modes", a, b, len(sets), len(axes))
			}
		}
		if err != nil && !strings.HasPrefix(err.Error(), "--constraint ") {
			t.Errorf("%q and %q: %v", a, b, err)
		}
	})
}

// Sizes of labels are positive; the last of several for one label is that of all.
func FuzzSizes(f *testing.F) {
	for _, s := range []string{"i=10", "i=0", "i=-1", "=3", "i", " j = 7 ", "i=9223372036854775808", "i=1=2"} {
		f.Add(s, "i=10")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		sizes, err := sizesOf([]string{a, b})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "--sizes") {
				t.Errorf("%q: %v", a, err)
			}
			return
		}
		for name, n := range sizes {
			if again, err := sizesOf([]string{name + "=" + strconv.Itoa(n)}); name == "" || n < 1 || err != nil || again[name] != n {
				t.Errorf("%q is %q = %d, and written %v (%v)", a, name, n, again, err)
			}
		}
	})
}

// A path that is read contracts all tensors, each once.
func FuzzStart(f *testing.F) {
	for _, s := range []string{"[[0,1],[2,3]]", `{"path":[[2,1],[0,3]]}`, "[]", "{}", "", "[[0,1],[0,2]]", "[[0,1],[2,99]]", "[[0,-1],[2,3]]", "[[0,0.5]]", "[[0,1],[2,3]] x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "start.json")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := readPath(name, 3)
		if err != nil {
			if !strings.HasPrefix(err.Error(), name) {
				t.Errorf("the error %q does not name the file", err)
			}
			return
		}
		seen := map[int]bool{}
		for _, pair := range p {
			for _, k := range pair {
				if seen[int(k)] || k < 0 || k > 3 {
					t.Errorf("%s is the path %v", data, p)
				}
				seen[int(k)] = true
			}
		}
		if len(p) != 2 {
			t.Errorf("%s is the path %v", data, p)
		}
	})
}

// Cells that a table lists lie in the tensor.
func FuzzCells(f *testing.F) {
	for _, s := range []string{"a,mode2\nx,0\ny,3\n", "mode2,a,more\n3,y,\n", "a,mode2\n", "", "a,mode2\nx,4\n", "a,mode2\n\"x,1\n", "a,a,mode2\nx,y,0\n", "a,mode2\r\nx,00\r\n"} {
		f.Add([]byte(s), false)
		f.Add([]byte(strings.ReplaceAll(s, ",", "\t")), true)
	}
	axes := []tensor.Axis{{Name: "a", Labels: []string{"x", "y", ""}}, {}}
	shape := []int{3, 4}
	f.Fuzz(func(t *testing.T, data []byte, tabs bool) {
		name := filepath.Join(t.TempDir(), map[bool]string{false: "c.csv", true: "c.tsv"}[tabs])
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		index, err := readCells(name, axes, shape)
		if err != nil {
			return
		}
		for n, list := range index {
			if len(list) == 0 || len(list) != len(index[0]) || slices.Min(list) < 0 || int(slices.Max(list)) >= shape[n] {
				t.Errorf("%q lists the cells %v", data, index)
			}
		}
	})
}
