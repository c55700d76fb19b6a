package cli

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/stream"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// tiny is data that a loss allows; the first two modes are of one size.
func tiny(l loss.Loss) *tensor.Dense[float64] {
	rng := rand.New(rand.NewPCG(5, 0))
	x := tensor.New[float64](4, 4, 3)
	for i := range x.Data() {
		v := float64(rng.IntN(4))
		switch {
		case !l.Allows(2):
			v = float64(rng.IntN(2))
		case !l.Allows(0):
			v++
		}
		x.Data()[i] = v
	}
	return x
}

// save writes data of a kind, and says how to read it.
func (k kind) save(t *testing.T, dir string, x *tensor.Dense[float64]) (path string, flags []string) {
	t.Helper()
	var data tensor.Tensor = x
	path = filepath.Join(dir, string(k)+".npy")
	switch k {
	case sparsely:
		s, err := sparse.FromDense(x)
		if err != nil {
			t.Fatal(err)
		}
		data, path = s, filepath.Join(dir, "sparse.psp")
	case observed:
		y := x.Clone()
		for i := range y.Data() {
			if i%5 == 2 {
				y.Data()[i] = math.NaN()
			}
		}
		data, flags = y, []string{"--missing", "nan"}
	}
	if err := tensorio.Save(path, data); err != nil {
		t.Fatal(err)
	}
	return path, flags
}

// asked are the flags that ask for a constraint in the words of the table.
func asked(words, given string) []string {
	figures := map[string]string{
		"box:lo,hi": "all=box:0.1,9", "l1:x": "all=l1:0.01", "l2:x": "all=l2:0.1", "smooth:x": "all=smooth:0.1", "smooth2:x": "all=smooth2:0.1",
		"fixed": "0=fixed:" + given, "tied:MODE": "1=tied:0", "simplex": "0=simplex", "orthonormal": "0=orthonormal",
	}
	switch text, ok := figures[words]; {
	case words == "none":
		return nil
	case ok:
		return []string{"--constraint", text}
	}
	return []string{"--constraint", "all=" + words}
}

// What the table says runs, runs, with every solver that it names; what it
// does not is refused in a sentence.
func TestProduct(t *testing.T) {
	out, _ := run(t, exitOK, "methods", "--json")
	var all []combination
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatal(err)
	}
	if want := len(methods) * len(kinds) * len(loss.Names()) * len(constraint.Names()); len(all) != want {
		t.Errorf("%d combinations, %d expected", len(all), want)
	}
	dir := t.TempDir()
	given := filepath.Join(dir, "given.npy")
	if err := tensorio.Save(given, tensor.FromSlice([]float64{1, 0, 0.5, 1, 0, 1, 1, 1}, 4, 2)); err != nil {
		t.Fatal(err)
	}
	type file struct {
		path  string
		flags []string
	}
	files := map[string]file{}
	for _, c := range all {
		if c.Runs != (len(c.Methods) > 0) || c.Runs == (c.Why != "") {
			t.Errorf("%+v", c)
		}
		for _, m := range c.Methods {
			if m.Paper == "" || m.Cost == "" {
				t.Errorf("no paper or cost: %+v", c)
			}
		}
		l, err := loss.Parse(c.Loss)
		if err != nil {
			t.Fatal(err)
		}
		if c.Data == slabs {
			inSlabs(t, c, l, dir)
			continue
		}
		f, ok := files[string(c.Data)+c.Loss]
		if !ok {
			x := tiny(l)
			if c.Data == sparsely && !l.Allows(0) {
				x = tiny(loss.Poisson)
			}
			f.path, f.flags = c.Data.save(t, t.TempDir(), x)
			files[string(c.Data)+c.Loss] = f
		}
		args := []string{"decompose", f.path, "--rank", "2", "--method", c.Format, "--loss", c.Loss, "--max-iters", "1", "--starts", "1", "--json"}
		args = slices.Concat(args, f.flags, asked(c.Constraint, given))
		if !c.Runs {
			run(t, exitInput, args...)
			continue
		}
		var solvers []string
		for _, m := range c.Methods {
			if c.Format == "cp" {
				solvers = append(solvers, m.Solver)
			}
		}
		for _, solver := range append(solvers, "auto") {
			if c.Format != "cp" && c.Methods[0].Solver == "sthosvd" {
				continue
			}
			if solver == "adam" && c.Loss != "poisson" {
				continue // an epoch is 1000 steps
			}
			out, _ := run(t, exitOK, append(args, "--solver", solver)...)
			var d decomposition
			if err := json.Unmarshal([]byte(out), &d); err != nil || d.Data != c.Data || d.Loss != c.Loss || d.Iterations < 1 && d.Algorithm == "" {
				t.Errorf("%v --solver %s: %v, data %s, loss %s", args, solver, err, d.Data, d.Loss)
			}
		}
		if c.Loss != "gaussian" && c.Constraint != "none" {
			continue // solvers are refused for the one or the other
		}
		for _, solver := range solverNames()[1:] {
			if c.Format == "cp" && !slices.Contains(solvers, solver) {
				run(t, exitInput, append(args, "--solver", solver)...)
			}
		}
	}
	for _, args := range [][]string{{"methods"}, {"methods", "--refused"}} {
		text, _ := run(t, exitOK, args...)
		if !strings.Contains(text, "combinations run") || !strings.Contains(text, "poisson") {
			t.Errorf("%v prints\n%s", args, text)
		}
	}
}

// inSlabs runs what the table says of a file that is read in slabs, which on
// the command line is for large files only.
func inSlabs(t *testing.T, c combination, l loss.Loss, dir string) {
	t.Helper()
	if !c.Runs {
		return
	}
	path, _ := dense.save(t, dir, tiny(l))
	x, err := stream.Open(path, stream.Options{SlabBytes: 64})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	j := job{ranks: []int{2}, loss: l, solver: "auto", fit: fit.Options{MaxIters: 2, Starts: 1, Tol: 1e-8}}
	if c.Constraint != "none" {
		set, err := constraint.Parse(c.Constraint)
		if err != nil {
			t.Fatal(err)
		}
		j.sets = []constraint.Set{set, set, set}
	}
	s, err := choose(c.Format, x, j)
	if err == nil {
		_, _, err = s.run(context.Background(), x, j)
	}
	if err != nil {
		t.Errorf("%+v: %v", c, err)
	}
}

// The rank is chosen for every format and kind of data, under a loss and under
// constraints.
func TestProductRankAuto(t *testing.T) {
	for _, k := range []kind{dense, sparsely, observed} {
		path, flags := k.save(t, t.TempDir(), tiny(loss.Poisson))
		for _, m := range methods {
			for _, how := range [][]string{nil, {"--loss", "poisson"}, {"--constraint", "2=smooth:0.1"}, {"--loss", "poisson", "--constraint", "0=unimodal"}, {"--constraint", "1=tied:0"}} {
				if m.name != "cp" && how != nil {
					continue
				}
				args := slices.Concat([]string{"decompose", path, "--method", m.name, "--max-rank", "2", "--json", "--max-iters", "20"}, flags, how)
				out, _ := run(t, exitOK, args...)
				var d decomposition
				if err := json.Unmarshal([]byte(out), &d); err != nil || d.Evidence == nil || len(d.Evidence.Chosen) == 0 || len(d.Evidence.Reasons) == 0 {
					t.Errorf("%v: %v, %+v", args, err, d.Evidence)
				}
			}
		}
	}
}

// Sparse data of more cells than an integer counts are decomposed, and their
// cells are told.
func TestProductEnormous(t *testing.T) {
	path := filepath.Join(t.TempDir(), "big.tns")
	if err := os.WriteFile(path, []byte("1 1 1 1 1 2.5\n20000 20000 20000 20000 20000 1\n7 8 20000 3 5 2\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"cp", "tt"} {
		text, _ := run(t, exitOK, "decompose", path, "--method", method, "--rank", "2", "--starts", "1")
		if !strings.Contains(text, "for 3.2e+21 cells") || !strings.Contains(text, "3 of 3.2e+21 cells are not zero") {
			t.Errorf("%s prints\n%s", method, text)
		}
	}
}
