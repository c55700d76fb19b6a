package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// gappy is the planted tensor with most cells NaN, and its path.
func gappy(t *testing.T) (path string, whole *tensor.Dense[float64]) {
	t.Helper()
	f, err := tensorio.Open(planted(t, "whole.npy"), tensorio.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	whole = f.Tensor.(*tensor.Dense[float64]).Clone()
	kept, _ := tensor.FromDense(whole).Split(0.5, 3)
	path = filepath.Join(t.TempDir(), "gappy.npy")
	if err := tensorio.Save(path, kept.Dense(math.NaN())); err != nil {
		t.Fatal(err)
	}
	return path, whole
}

func TestComplete(t *testing.T) {
	path, whole := gappy(t)
	dir := t.TempDir()
	out, saved, table := filepath.Join(dir, "filled.npy"), filepath.Join(dir, "m.npz"), filepath.Join(dir, "cells.csv")
	text, _ := run(t, 0, "complete", path, "-o", out, "--model", saved, "--max-rank", "3", "--json")
	var d completion
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	if d.Rank != float64(2) || d.Cells != 480 || d.Observed != 480 || d.Folds != 5 || len(d.Candidates) < 3 || !(*d.RMSE < 0.1) {
		t.Errorf("%+v", d)
	}
	f, err := tensorio.Open(out, tensorio.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := f.Tensor.(*tensor.Dense[float64])
	worst := 0.0
	for i, v := range got.Data() {
		worst = max(worst, math.Abs(v-whole.Data()[i]))
	}
	if !(worst < 0.3) {
		t.Errorf("a filled cell is off by %v", worst)
	}
	run(t, 0, "complete", path, "-o", table, "--rank", "2", "--ridge", "0.003")
	lines, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(string(lines)), "\n")
	if rows[0] != "mode1,mode2,mode3,value,se" || len(rows) != 481 {
		t.Errorf("%d rows, the first %q", len(rows), rows[0])
	}

	cells, predicted := filepath.Join(dir, "ask.csv"), filepath.Join(dir, "told.csv")
	if err := os.WriteFile(cells, []byte("mode3,mode1,mode2\n7,0,9\n1,11,2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, 0, "predict", saved, cells, "-o", predicted)
	b, err := os.ReadFile(predicted)
	if err != nil {
		t.Fatal(err)
	}
	if told := strings.Split(string(b), "\n"); told[0] != "mode1,mode2,mode3,value,se" || !strings.HasPrefix(told[1], "0,9,7,") || !strings.HasPrefix(told[2], "11,2,1,") {
		t.Errorf("%q", b)
	}
	pq := filepath.Join(dir, "told.parquet")
	run(t, 0, "predict", saved, cells, "-o", pq)
	for column, least := range map[string]float64{"value": math.Inf(-1), "se": 0} {
		f, err := tensorio.Open(pq, tensorio.Options{Modes: []string{"mode1", "mode2", "mode3"}, Value: column})
		if err != nil {
			t.Fatal(err)
		}
		x := f.Tensor.(*tensor.Observed)
		if x.Count() != 2 || !(x.Values()[0] > least) {
			t.Errorf("%s: %v", column, x.Values())
		}
		f.Close()
	}
	if err := os.WriteFile(cells, []byte("mode3,mode1,mode2\n7,0,90\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, text := run(t, exitInput, "predict", saved, cells, "-o", predicted); !strings.Contains(text, `line 2: the model has no mode2 "90"`) {
		t.Error(text)
	}
}

// Counts under their loss: no standard errors, a deviance for each rank.
func TestCompleteLoss(t *testing.T) {
	rows := "page,day,n\n"
	for i := range 9 {
		for j := range 8 {
			if (3*i+j)%4 > 0 {
				rows += fmt.Sprintf("p%d,%d,%d\n", i, j, (i+1)*(j%3+1))
			}
		}
	}
	dir := t.TempDir()
	path, out, saved := filepath.Join(dir, "counts.csv"), filepath.Join(dir, "out.csv"), filepath.Join(dir, "m.npz")
	if err := os.WriteFile(path, []byte(rows), 0o644); err != nil {
		t.Fatal(err)
	}
	given := []string{"complete", path, "--modes", "page,day", "--value", "n", "-o", out}
	text, _ := run(t, 0, append(given, "--loss", "poisson", "--max-rank", "2", "--json")...)
	var d completion
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	if d.Rank != float64(1) || d.Loss != "poisson" || d.Deviance == nil || !(*d.Deviance < 0.5) || d.Candidates[0].Deviance == 0 {
		t.Error(text)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(b), "page,day,value\n") {
		t.Errorf("%q", b)
	}
	logged := append(given, "--loss", "poisson-log", "--rank", "1", "--ridge", "0.01", "--model", saved)
	run(t, 0, logged...)
	told := filepath.Join(dir, "told.csv")
	run(t, 0, "predict", saved, out, "-o", told)
	values := func(path string) []float64 {
		f, err := tensorio.Open(path, tensorio.Options{Modes: []string{"page", "day"}, Value: "value"})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		return f.Tensor.(*tensor.Observed).Values()
	}
	for e, v := range values(told) {
		if want := values(out)[e]; !(math.Abs(v-want) <= 1e-12*want) {
			t.Errorf("predict says %v, complete %v", v, want)
		}
	}
	text, _ = run(t, 0, append(given, "--constraint", "page=nonneg,monotone", "--rank", "1", "--model", saved)...)
	if !strings.Contains(text, "rmse") {
		t.Error(text)
	}
	m, _, err := model.Load(saved)
	if err != nil {
		t.Fatal(err)
	}
	pages := m.(*cp.Tensor).Factors[0].Data
	if !slices.IsSorted(pages) || !(pages[0] >= 0) {
		t.Errorf("%v", pages)
	}
}

func TestCompleteFaults(t *testing.T) {
	path, _ := gappy(t)
	whole := planted(t, "p.npy")
	none := filepath.Join(t.TempDir(), "none.npy")
	if err := tensorio.Save(none, tensor.New[float64](3, 4)); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "o.npy")
	vast := filepath.Join(t.TempDir(), "vast.tns")
	if err := os.WriteFile(vast, []byte("1 1 1 2.5\n2 2 2 1.5\n1000 2000 3000 0.5\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"needs -o FILE": {path},
		"6e+09 cells are unknown, and at most 1e+08 are listed; with --model":   {vast, "-o", filepath.Join(t.TempDir(), "o.csv")},
		"would have 6e+09 cells, 48 GB, and at most 16 GB are written; with --": {vast, "-o", out},
		"all 960 cells are known, there is nothing to complete":                 {whole, "-o", out},
		"all 12 cells of the tensor [3 4] are unknown":                          {none, "-o", out, "--unknown", "0"},
		"--unknown x: a number is expected":                                     {path, "-o", out, "--unknown", "x"},
		"2 ranks for a cp model of 3 modes: 1 are expected":                     {path, "-o", out, "--rank", "2,3"},
		"--missing zero leaves no cell unknown":                                 {path, "-o", out, "--missing", "zero"},
		"2 smoothness penalties for 3 modes":                                    {path, "-o", out, "--smooth", "1,2"},
		"folds 1: 2 or more are expected":                                       {path, "-o", out, "--folds", "1"},
		"--loss and --constraint are for --method cp":                           {path, "-o", out, "--method", "tt", "--loss", "huber:1"},
		"write the tie as a constraint":                                         {path, "-o", out, "--nonneg", "--smooth", "1,1,1"},
		"write the penalty as a constraint":                                     {path, "-o", out, "--nonneg", "--ridge", "1"},
		"--smooth is for least squares, which the loss poisson":                 {path, "-o", out, "--loss", "poisson", "--smooth", "1,1,1"},
		"a ridge beside constraints":                                            {path, "-o", out, "--loss", "huber:1", "--constraint", "all=smooth:1", "--ridge", "1"},
		"the loss poisson keeps every factor from being":                        {path, "-o", out, "--loss", "poisson", "--constraint", "0=orthonormal"},
		`one of cp, tucker, tt is expected`:                                     {path, "-o", out, "--method", "polar"},
		"a name that ends in .npz is expected":                                  {path, "--model", "x.bin"},
	} {
		if _, text := run(t, exitInput, append([]string{"complete"}, args...)...); !strings.Contains(text, want) {
			t.Errorf("%q does not say %q", text, want)
		}
	}
}
