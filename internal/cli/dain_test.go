package cli

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDain(t *testing.T) {
	path, _ := gappy(t)
	table := filepath.Join(t.TempDir(), "cells.csv")
	text, _ := run(t, 0, "dain", path, "-o", table, "--epochs", "20", "--top", "3", "--seed", "2", "--json")
	var d neural
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	if d.Observed != 480 || d.Cells != 480 || d.HeldOut != 48 || !(d.Added > 100 && d.Added <= 389) || len(d.Importance) != 3 {
		t.Errorf("%+v", d)
	}
	for _, v := range []*float64{d.Plain, d.RMSE} {
		if v == nil || !(*v > 0 && *v < math.Inf(1)) {
			t.Errorf("an error is %v", v)
		}
	}
	for _, m := range d.Importance {
		if len(m.Top) != 3 || !(m.Top[0].Importance >= m.Top[1].Importance && m.Top[1].Importance >= m.Top[2].Importance) {
			t.Errorf("%+v", m)
		}
	}
	lines, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	if rows := strings.Split(strings.TrimSpace(string(lines)), "\n"); rows[0] != "mode1,mode2,mode3,value" || len(rows) != 481 {
		t.Errorf("%d rows, the first %q", len(rows), rows[0])
	}
	text, _ = run(t, 0, "dain", path, "--epochs", "5", "--hold-out", "0", "--sampling", "none")
	if !strings.Contains(text, "new cells  0, drawn by none") || strings.Contains(text, "held out") || !strings.Contains(text, "importance") {
		t.Error(text)
	}
}

func TestDainFaults(t *testing.T) {
	path, _ := gappy(t)
	for want, args := range map[string][]string{
		"--hold-out 1: a share from 0 to 1":           {path, "--hold-out", "1"},
		"--added 0: a positive number is expected":    {path, "--added", "0"},
		"--epochs 0: a positive number is expected":   {path, "--epochs", "0"},
		"--top 0: a positive number is expected":      {path, "--top", "0"},
		`one of influence, uniform, none is expected`: {path, "--sampling", "magic"},
		"there is nothing to complete":                {planted(t, "p.npy")},
	} {
		if _, text := run(t, exitInput, append([]string{"dain"}, args...)...); !strings.Contains(text, want) {
			t.Errorf("%q does not say %q", text, want)
		}
	}
}
