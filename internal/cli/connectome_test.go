package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// two states of a network of 12 nodes, one after the other.
func TestConnectome(t *testing.T) {
	x := tensor.New[float64](10, 2, 12, 12)
	for at := range 10 {
		for s := range 2 {
			for i := range 12 {
				for j := range 12 {
					v := 0.01 * float64(1+(7*i+7*j+i*j+at)%5)
					if at < 5 && i/6 == j/6 || at >= 5 && i%2 == j%2 {
						v += 1 + 0.1*float64(s+(i+j)%3)
					}
					x.Set(v, at, s, i, j)
				}
			}
		}
	}
	dir := t.TempDir()
	path, html, npz := filepath.Join(dir, "x.npy"), filepath.Join(dir, "r.html"), filepath.Join(dir, "m.npz")
	if err := tensorio.Save(path, x); err != nil {
		t.Fatal(err)
	}
	out, _ := run(t, exitOK, "connectome", path, "--rank", "2", "--restarts", "1", "--json", "--report", html, "-o", npz)
	var got connectomeJSON
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Nodes != 12 || got.Rank != 2 || len(got.Components) != 2 || len(got.Leading) != 10 || len(got.Changes) != 1 || got.Changes[0].Time != 5 {
		t.Errorf("%+v", got)
	}
	if p := got.Periods; len(p) != 2 || p[0].Last != 4 || p[1].First != 5 || len(p[1].Communities) != 2 || len(p[1].Communities[0].Nodes) != 6 {
		t.Errorf("over time: %+v", p)
	}
	arrays, _, err := tensorio.LoadArrays(npz)
	if err != nil {
		t.Fatal(err)
	}
	if last := arrays[len(arrays)-1]; last.Name != "communities" || !slices.Equal(last.Array.Shape(), []int{10, 12}) {
		t.Errorf("the model file ends with %s, %v", last.Name, last.Array.Shape())
	}
	for _, c := range got.Components {
		if len(c.Communities.Sizes) != 2 || len(c.Members[0]) != 6 {
			t.Errorf("communities %+v, %v", c.Communities, c.Members)
		}
	}
	for _, file := range []string{html, npz} {
		if st, err := os.Stat(file); err != nil || st.Size() < 1000 {
			t.Errorf("%s: %v", file, err)
		}
	}
	text, _ := run(t, exitOK, "connectome", path, "--rank", "2", "--restarts", "1")
	for _, want := range []string{"12 nodes, 66 pairs", "2: 6, 6 nodes", "takes the lead", "over time", "0 to 4"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for want, args := range map[string][]string{
		"one number, or auto":     {"connectome", path, "--rank", "2,3"},
		"restarts -1":             {"connectome", path, "--rank", "1", "--restarts", "-1"},
		"8 is no number of pairs": {"connectome", planted(t, "p.npy")},
	} {
		if _, stderr := run(t, exitInput, args...); !strings.Contains(stderr, want) {
			t.Errorf("%v: %s", args, stderr)
		}
	}
}
