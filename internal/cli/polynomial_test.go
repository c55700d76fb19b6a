package cli

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

func TestPolynomial(t *testing.T) {
	// A square with one diagonal and a tail.
	graph := written(t, "g.txt", "# five nodes\np q\nq r\nr s\ns p\np r\ns t\n")
	weighted := written(t, "w.txt", "a b 0.5\nb c 2\nc a 1\n")
	board := written(t, "b.col", "c a ring of five\np edge 5 5\ne 1 2\ne 2 3\ne 3 4\ne 4 5\ne 5 1\n")
	big := written(t, "v.txt", "a b 9007199254740991\nb c 9007199254740991\nc a 9007199254740991\n")
	values := func(args ...string) string {
		text, _ := run(t, exitOK, append([]string{"polynomial", "--json"}, args...)...)
		var j polynomialJSON
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&j); err != nil {
			t.Fatal(err)
		}
		var s []string
		if j.Colorings != nil {
			s = append(s, j.Colorings.String())
		}
		if j.Chromatic != nil {
			s = append(s, fmt.Sprint(j.Chromatic))
		}
		for _, v := range j.Values {
			s = append(s, fmt.Sprint(strings.Join(v.Nodes, "."), " ", v.Polynomial, " ", v.Injective, " ", v.Subgraphs))
		}
		return strings.Join(s, "; ")
	}
	for _, c := range []struct{ args, want string }{
		{graph + " --motif a-b,b-c,c-a", " 12 12 2"},
		{graph + " --motif triangle --mark a", "p 4 4 2; q 2 2 1; r 4 4 2; s 2 2 1"},
		{graph + " --motif cycle:4", " 60 8 1"},
		{graph + " --motif edge --mark a,b", "p.q 1 1 1; p.r 1 1 1; p.s 1 1 1; q.p 1 1 1; q.r 1 1 1; r.p 1 1 1; r.q 1 1 1; r.s 1 1 1; s.p 1 1 1; s.r 1 1 1; s.t 1 1 1; t.s 1 1 1"},
		{graph + " --motif walk:1 --mark a --directed", "p 2 2 2; q 1 1 1; r 1 1 1; s 2 2 2"},
		{graph + " --motif clique:4", " 0 0 0"},
		{weighted + " --motif triangle", " 6 6 1"},
		{big + " --motif triangle", " 4384504911992707294277563035228740664352290373626 4384504911992707294277563035228740664352290373626 730750818665451215712927172538123444058715062271"},
		{graph + " --colorings 3", "12"},
		{board + " --colorings 3 --mem 1GiB", "30"},
		{board + " --colorings 0", "0"},
		{board + " --chromatic", "[0 4 -10 10 -5 1]"},
		{graph + " --motif path:9", " 0 <nil> <nil>"},
	} {
		got := values(strings.Fields(c.args)...)
		if strings.HasSuffix(c.want, "<nil> <nil>") {
			if !strings.HasSuffix(got, "<nil> <nil>") || strings.HasPrefix(got, " 0 ") {
				t.Errorf("%s: %q", c.args, got)
			}
		} else if got != c.want {
			t.Errorf("%s: %q, want %q", c.args, got, c.want)
		}
	}
	out := filepath.Join(t.TempDir(), "x.npy")
	text, _ := run(t, exitOK, "polynomial", graph, "--motif", "triangle", "--mark", "a", "-o", out)
	if !strings.Contains(text, "5 nodes, 6 edges") || !strings.Contains(text, "subgraphs") {
		t.Errorf("polynomial prints\n%s", text)
	}
	f, err := tensorio.Open(out, tensorio.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if want := tensor.FromSlice([]float64{4, 2, 4, 2, 0}, 5); !tensor.Equal(f.Tensor.(*tensor.Dense[float64]), want) {
		t.Errorf("the file has %v", f.Tensor.(*tensor.Dense[float64]).Data())
	}
	run(t, exitOK, "polynomial", graph, "--colorings", "4")
	for _, c := range []struct{ args, want string }{
		{graph, "either --motif or --colorings"},
		{graph + " --motif edge --colorings 3", "either --motif or --colorings"},
		{graph + " --chromatic --colorings 3", "either --motif or --colorings"},
		{graph + " --motif edge --mark z", `no node "z"`},
		{graph + " --motif cycle", "cycle:K"},
		{graph + " --motif edge --mem 1GiB", "--mem is for"},
		{graph + " --colorings 2 --mark a", "are for --motif"},
		{graph + " --colorings -2", "-2 colours"},
		{graph + " --colorings 3 --mem 1kB", "--mem 1kB"},
		{graph + " --motif edge -o x.xyz", "xyz"},
		{written(t, "e.txt", "a b c d\n") + " --motif edge", "e.txt: line 1"},
		{filepath.Join(t.TempDir(), "none.txt") + " --motif edge", "none.txt"},
	} {
		_, text := run(t, exitInput, append([]string{"polynomial"}, strings.Fields(c.args)...)...)
		if !strings.Contains(text, c.want) || strings.Count(strings.TrimSpace(text), "\n") > 0 {
			t.Errorf("polynomial %s says %q, want one line with %q", c.args, text, c.want)
		}
	}
}
