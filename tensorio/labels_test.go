package tensorio

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestLabelsBesideTns(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a [b]*")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"x.tns":           "1 1 1 5\n2 3 1 6\n2 1 2 7\n",
		"mode-1-user.map": "ann\nbob smith\n",
		"mode-2-word.map": "a\r\nb\r\nc\r\nnot in the list\r\n",
		"mode-3-year.map": "1990\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Open(filepath.Join(dir, "x.tns"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	axes := f.Tensor.Axes()
	if axes[0].Name != "user" || !slices.Equal(axes[0].Labels, []string{"ann", "bob smith"}) {
		t.Errorf("first axis %+v", axes[0])
	}
	if axes[1].Name != "word" || !slices.Equal(axes[1].Labels, []string{"a", "b", "c"}) {
		t.Errorf("second axis %+v", axes[1])
	}
	if axes[2].Name != "" || axes[2].Labels != nil {
		t.Errorf("third axis %+v, expected none: its file is too short", axes[2])
	}
	notes := strings.Join(f.Notes, "\n")
	for _, want := range []string{"mode-1-user.map, mode-2-word.map", "1 for the 2 indices of mode 3"} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes %q lack %q", notes, want)
		}
	}
}

// Labels of more indices than a tensor has may be those of its neighbour.
func TestSharedLabels(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.tns": "1 1 2\n2 1 3\n", "mode-1-who.map": "x\ny\nz\n", "mode-2-what.map": "p\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, alone := range []bool{true, false} {
		f, err := Open(filepath.Join(dir, "a.tns"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		axes := f.Tensor.Axes()
		if used := len(axes[0].Labels) == 2; used != alone || len(axes[1].Labels) != 1 {
			t.Errorf("alone %t: %v, notes %q", alone, axes, f.Notes)
		}
		if noted := strings.Contains(strings.Join(f.Notes, " "), "3 for the 2 indices of mode 1, and other .tns files"); noted == alone {
			t.Errorf("alone %t: notes %q", alone, f.Notes)
		}
		f.Close()
		if err := os.WriteFile(filepath.Join(dir, "b.tns"), []byte("3 1 1\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
