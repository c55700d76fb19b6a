// Package layers holds the test that keeps imports pointing down.
package layers

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/polyad/polyad"

// layers lists the folders from the top down. A package may import packages
// of lower layers, and of its own folder. ARCHITECTURE.md draws the same
// picture for people.
var layers = [][]string{
	{"cmd/polyad"},
	{"internal/cli"},
	{"report"},
	{"complete", "dain"},
	{"rank", "connectome"},
	{"model"},
	{"stream"},    // tensors in files; tested with every format
	{"cp/cptest"}, // the conformance tests for data kinds; imports cp
	{"circuit/simulate", "network", "aqc"},
	{"mps", "jones", "polynomial"},
	{"cp", "tucker", "tt"},
	{"internal/partial"},
	{"fit", "internal/lowrank", "internal/field"},
	{"constraint"},
	{"einsum"},
	{"linalg", "tensorio", "loss", "internal/optimize"},
	{"tensorio/npy", "tensorio/safetensors", "tensorio/picture", "tensorio/psp", "tensorio/tns", "tensorio/mat", "tensorio/table"},
	{"tensorio/internal/scalar", "tensorio/internal/cells"},
	{"tensorio/internal/decimal"},
	{"sparse"},
	{"tensor"},
	{"einsum/path"},
	{"circuit/qasm", "circuit/qsim"},
	{"circuit"},
	{"internal/kernel"},
	{"internal/par", "internal/nearest", "internal/tempfile"},
	{"internal/testkit"}, // for tests alone
}

// outside are folders that are no part of the layers: modules of their own
// and tests about the source.
var outside = []string{"bench", "internal/kernel/_asm", "internal/layers", "internal/docs", "examples"}

func TestImportsPointDown(t *testing.T) {
	root := "../.."
	depth := map[string]int{}
	for i, row := range layers {
		for _, dir := range row {
			depth[dir] = i
			if _, err := os.Stat(filepath.Join(root, dir)); err != nil {
				t.Errorf("the layers name %s, which is not there", dir)
			}
		}
	}
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			for _, o := range outside {
				if rel == o {
					return filepath.SkipDir
				}
			}
			if d.Name() == "testdata" || rel != "." && strings.HasPrefix(d.Name(), ".") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") {
			return nil
		}
		files++
		dir := filepath.ToSlash(filepath.Dir(rel))
		from, ok := depth[dir]
		if !ok {
			t.Errorf("%s: folder %s has no place in the layers; give it one in internal/layers and in ARCHITECTURE.md", rel, dir)
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range f.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			to, ok := strings.CutPrefix(name, module+"/")
			if !ok || to == dir {
				continue
			}
			if strings.HasSuffix(rel, "_test.go") && strings.HasPrefix(to, dir+"/") {
				continue // tests of a package may use its conformance tests
			}
			if at, ok := depth[to]; !ok {
				t.Errorf("%s imports %s, which has no place in the layers", rel, to)
			} else if at <= from {
				t.Errorf("%s imports %s, which is not below %s", rel, to, dir)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("only %d Go files were looked at", files)
	}
}
