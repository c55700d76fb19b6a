package cli

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// counts writes a table of counts, most of them zero and not listed, in two
// groups of people who do things at different hours.
func counts(t *testing.T) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(8, 0))
	var b strings.Builder
	b.WriteString("who,what,hour\n")
	for range 4000 {
		group := rng.IntN(2)
		b.WriteString(string(rune('a'+8*group+rng.IntN(8))) + "," + string(rune('A'+6*group+rng.IntN(6))) + ",")
		b.WriteString([]string{"06", "07", "18", "19"}[2*group+rng.IntN(2)] + "\n")
	}
	path := filepath.Join(t.TempDir(), "events.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Every way to fit counts comes to the same deviance.
func TestLosses(t *testing.T) {
	path := counts(t)
	base := []string{"decompose", path, "--modes", "who,what,hour", "--rank", "2", "--loss", "poisson", "--starts", "1", "--json"}
	deviance := map[string]float64{}
	for _, solver := range []string{"auto", "apr-pqnr", "apr-mu", "lbfgsb", "adam"} {
		out, _ := run(t, exitOK, append(base, "--solver", solver)...)
		var d decomposition
		if err := json.Unmarshal([]byte(out), &d); err != nil {
			t.Fatal(err)
		}
		if d.Loss != "poisson" || solver == "auto" && d.Algorithm != "cp.APR" {
			t.Errorf("%s: loss %s, algorithm %s", solver, d.Loss, d.Algorithm)
		}
		deviance[solver] = d.Deviance
	}
	for solver, v := range deviance {
		if !(v <= deviance["auto"]*1.02) || !(v >= deviance["auto"]*0.999) {
			t.Errorf("%s ends at a deviance of %g, %g expected", solver, v, deviance["auto"])
		}
	}
	text, _ := run(t, exitOK, with(base[:len(base)-1])...)
	if !strings.Contains(text, "loss poisson") || !strings.Contains(text, "deviance explained") {
		t.Errorf("the loss is not told of:\n%s", text)
	}
}

func TestObservedFlag(t *testing.T) {
	x := filepath.Join(t.TempDir(), "x.tns")
	if err := os.WriteFile(x, []byte("1 1 1\n2 2 2\n3 3 3\n1 3 2.5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for flag, want := range map[string][2]int{"--observed": {4, 5}, "--threads=0": {9, 0}} {
		out, _ := run(t, exitOK, "decompose", x, "--rank", "1", "--json", flag)
		var d decomposition
		if err := json.Unmarshal([]byte(out), &d); err != nil {
			t.Fatal(err)
		}
		if d.Observed != want[0] || d.Missing != want[1] {
			t.Errorf("%s: %d observed, %d missing, %v expected", flag, d.Observed, d.Missing, want)
		}
	}
}

// The factors of a model satisfy what was asked of them.
func TestConstraints(t *testing.T) {
	out := filepath.Join(t.TempDir(), "m.npz")
	run(t, exitOK, with(append([]string{"decompose", unemployment}, tableFlags...), "--rank", "3", "--starts", "1", "--max-iters", "60",
		"--constraint", "all=nonneg", "--constraint", "month=smooth:0.1", "--constraint", "1=unimodal", "-o", out)...)
	m, _, err := model.Load(out)
	if err != nil {
		t.Fatal(err)
	}
	for n, f := range m.(*cp.Tensor).Factors {
		for r := range f.Cols {
			c := f.Col(r)
			falls := false
			for i, v := range c {
				if !(v >= 0) {
					t.Errorf("factor %d holds %g", n, v)
				}
				if n == 1 && i > 0 {
					if v < c[i-1]-1e-12 {
						falls = true
					} else if v > c[i-1]+1e-12 && falls {
						t.Errorf("column %d of the years rises after it fell: %v", r, c)
					}
				}
			}
		}
	}
}

func TestBadProblem(t *testing.T) {
	good := planted(t, "x.npy") // holds negative numbers
	events := counts(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	gaps := write("gaps.csv", "a,b,v\nx,1,3\nx,2,-2\ny,1,1\ny,3,5\n")
	big := tensor.New[float64](4, 4)
	big.Set(-1, 0, 0)
	plain := filepath.Join(dir, "plain.npy")
	if err := tensorio.Save(plain, big); err != nil {
		t.Fatal(err)
	}
	written := filepath.Join(dir, "m.npz")
	whole := filepath.Join(dir, "whole.parquet")
	run(t, exitOK, "convert", good, whole)
	parquet, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		args []string
		want []string
	}{
		{"unknown loss", []string{good, "--loss", "poison"}, []string{"poison", "gaussian, poisson, ", "huber:0.5"}},
		{"loss without its number", []string{good, "--rank", "2", "--loss", "huber"}, []string{"huber:0.5"}},
		{"negative counts", []string{plain, "--rank", "1", "--loss", "poisson"}, []string{"cell (0, 0)", "-1"}},
		{"negative counts, labels", []string{gaps, "--modes", "a,b", "--value", "v", "--rank", "1", "--loss", "poisson"}, []string{"a=x, b=2", "-2"}},
		{"zeros under gamma", []string{write("s.tns", "1 1 1 1\n90 90 90 4\n400 400 400 2\n"), "--rank", "1", "--loss", "gamma"}, []string{"gamma", "--observed"}},
		{"loss for tucker", []string{good, "--method", "tucker", "--rank", "2", "--loss", "poisson"}, []string{"--method cp"}},
		{"constraint for tt", []string{good, "--method", "tt", "--rank", "2", "--constraint", "all=nonneg"}, []string{"--method cp"}},
		{"unknown constraint", []string{good, "--rank", "2", "--constraint", "0=positive"}, []string{"positive", "nonneg"}},
		{"no mode", []string{good, "--rank", "2", "--constraint", "nonneg"}, []string{"MODE=WHAT"}},
		{"unknown mode", []string{events, "--modes", "who,what,hour", "--rank", "2", "--constraint", "time=nonneg"}, []string{"time", "who, what, hour"}},
		{"mode out of range", []string{good, "--rank", "2", "--constraint", "3=nonneg"}, []string{"0 to 2"}},
		{"simplex above one", []string{good, "--rank", "2", "--constraint", "0=simplex,box:2,3"}, []string{"simplex", "box:2,3"}},
		{"orthonormal beyond size", []string{good, "--rank", "9", "--constraint", "2=orthonormal"}, []string{"at most 8", "mode 2"}},
		{"two that exclude each other", []string{good, "--rank", "2", "--constraint", "0=box:1,2", "--constraint", "all=box:3,4"}, []string{"mode 0"}},
		{"fixed", []string{good, "--rank", "2", "--constraint", "0=fixed"}, []string{"0=fixed:FILE"}},
		{"fixed, no file", []string{good, "--rank", "2", "--constraint", "0=fixed:" + filepath.Join(dir, "none.npy")}, []string{"none.npy"}},
		{"fixed, a tensor", []string{good, "--rank", "2", "--constraint", "0=fixed:" + good}, []string{"a matrix of real numbers", "12 × 10 × 8"}},
		{"fixed, another size", []string{good, "--constraint", "0=fixed:" + plain}, []string{"mode 0", "4×4", "12×4"}},
		{"tied to itself", []string{good, "--rank", "2", "--constraint", "0=tied:0"}, []string{"mode 0", "another mode"}},
		{"tied to no mode", []string{good, "--rank", "2", "--constraint", "0=tied:x"}, []string{"0=tied:x", "by name or number"}},
		{"tied, other sizes", []string{good, "--rank", "2", "--constraint", "1=tied:0"}, []string{"mode 1", "size 12"}},
		{"orthonormal rates", []string{good, "--rank", "2", "--loss", "poisson", "--constraint", "0=orthonormal"}, []string{"simplex or unit"}},
		{"ridge beside smoothness", []string{events, "--modes", "who,what,hour", "--rank", "2", "--loss", "poisson", "--constraint", "hour=smooth:1", "--ridge", "0.1"}, []string{"l2:X"}},
		{"solver for another loss", []string{good, "--rank", "2", "--solver", "apr"}, []string{"apr", "als, aoadmm"}},
		{"unknown solver", []string{good, "--rank", "2", "--solver", "sgd"}, []string{"sgd", "lbfgsb"}},
		{"observed and zero", []string{good, "--rank", "2", "--observed", "--missing", "zero"}, []string{"one of the two"}},
		{"memory", []string{good, "--rank", "2", "--loss", "huber:1", "--mem", "1MB"}, []string{"--mem allows 1 MB", "the least that will do"}},
		{"all cells missing", []string{write("none.csv", "a,b,v\nx,1,NaN\ny,2,NaN\n"), "--modes", "a,b", "--value", "v", "--rank", "1", "--missing", "nan"}, []string{"none.csv"}},
		{"index beyond 2^31", []string{write("far.tns", "1 1 1\n4294967296 2 1\n"), "--rank", "1"}, []string{"far.tns", "line 2", "4294967296"}},
		{"Parquet cut short", []string{write("cut.parquet", string(parquet[:len(parquet)/2])), "--rank", "1"}, []string{"cut.parquet", "cut short"}},
		{"Arrow cut short", []string{write("cut.arrow", "ARROW1\x00\x00\xff\xff\xff\xff\x10\x00\x00\x00"), "--rank", "1"}, []string{"cut.arrow", "cut short"}},
		{"Arrow stream cut short", []string{write("cut.arrows", "\xff\xff\xff\xff\x10\x00\x00\x00\x00\x00"), "--rank", "1"}, []string{"cut.arrows", "cut short"}},
		{"index beyond 2^31, Toolbox", []string{write("far2.tns", "sptensor\n2\n3 3\n1\n1 4294967296 1\n"), "--rank", "1"}, []string{"far2.tns", "line 5", "4294967296"}},
		{"ridge of a solver without", []string{events, "--modes", "who,what,hour", "--rank", "2", "--loss", "poisson", "--solver", "apr", "--ridge", "0.1"}, []string{"--ridge", "apr"}},
		{"duplicates that differ", []string{write("twice.tns", "1 1 1\n2 2 1\n1 1 5\n"), "--rank", "1"}, []string{"twice.tns", "--aggregate"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			refused(t, c.want, append(append([]string{"decompose"}, c.args...), "-o", written)...)
			if _, err := os.Stat(written); err == nil {
				t.Error("a model was written")
			}
		})
	}
}

// What is doubtful and allowed is said in a note.
func TestNotes(t *testing.T) {
	dir := t.TempDir()
	yes := filepath.Join(dir, "yes.npy")
	x := tensor.New[float64](6, 5, 4)
	rng := rand.New(rand.NewPCG(3, 3))
	for i := range x.Data() {
		x.Data()[i] = float64(rng.IntN(2))
	}
	if err := tensorio.Save(yes, x); err != nil {
		t.Fatal(err)
	}
	zero := filepath.Join(dir, "zero.tns")
	if err := os.WriteFile(zero, []byte("0 0 1\n1 1 2\n2 1 3.5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	toolbox := filepath.Join(dir, "toolbox.tns")
	if err := os.WriteFile(toolbox, []byte("sptensor\n2\n3 2\n3\n0 0 1\n1 1 2\n2 1 3.5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(dir, "empty.csv")
	if err := os.WriteFile(empty, []byte("a,b,v\nx,1,1\nx,2,2\ny,1,NaN\nz,2,3.5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"categories", []string{yes}, "2 different whole numbers"},
		{"0-based", []string{zero}, "count from 0"},
		{"0-based, Toolbox", []string{toolbox}, "count from 0"},
		{"slice without entries", []string{empty, "--modes", "a,b", "--value", "v", "--missing", "nan"}, "no known entry in y"},
	} {
		out, _ := run(t, exitOK, append([]string{"decompose", "--rank", "1", "--starts", "1", "--json"}, c.args...)...)
		var d decomposition
		if err := json.Unmarshal([]byte(out), &d); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(d.Notes, " "), c.want) {
			t.Errorf("%s: %q is not in the notes %q", c.name, c.want, d.Notes)
		}
	}
}
