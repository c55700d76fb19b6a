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

func TestDainCompare(t *testing.T) {
	path, _ := gappy(t)
	flags := []string{"dain", path, "--compare", "--seeds", "2", "--epochs", "5", "--teachers", "2", "--hold-out", "0.2"}
	text, _ := run(t, 0, append(flags, "--json")...)
	var d compared
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	if d.Observed != 480 || d.Seeds != 2 || len(d.Arms) != 8 || d.Arms[0].Arm != "none" || d.Arms[0].OverNone != [2]float64{} {
		t.Errorf("%+v", d)
	}
	for _, arm := range d.Arms {
		none := d.Arms[0]
		if len(arm.RMSE) != 2 || !(arm.Mean > 0) || !(math.Abs(none.Mean-arm.Mean-arm.OverNone[0]) <= 1e-9*none.Mean) {
			t.Errorf("%+v", arm)
		}
	}
	text, _ = run(t, 0, flags...)
	if !strings.Contains(text, "below random") || !strings.Contains(text, "influence copied") || !strings.Contains(text, "95 % interval") {
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
		"--patience 0: a positive number":             {path, "--patience", "0"},
		"--teachers 0: a positive number":             {path, "--teachers", "0"},
		"--rate 2: a number between 0 and 1":          {path, "--rate", "2"},
		"--decay 0: a positive number":                {path, "--decay", "0"},
		"--seeds 1: two at least":                     {path, "--compare", "--seeds", "1"},
		"--hold-out 0 leaves none":                    {path, "--compare", "--hold-out", "0"},
		"leave out -o":                                {path, "--compare", "-o", "x.csv"},
		`one of influence, uniform, none is expected`: {path, "--sampling", "magic"},
		"there is nothing to complete":                {planted(t, "p.npy")},
	} {
		if _, text := run(t, exitInput, append([]string{"dain"}, args...)...); !strings.Contains(text, want) {
			t.Errorf("%q does not say %q", text, want)
		}
	}
}
