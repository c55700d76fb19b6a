// Package docs holds the tests of what is written for users of the library:
// every public package is introduced, every exported name has a comment, and
// every function is called in an Example whose output is checked.
package docs

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/polyad/polyad/"

// private are the folders whose packages users do not import, or not for
// their work: conformance tests are for those who add kinds of data.
var private = []string{"bench", "cmd", "examples", "internal", "cptest", "testdata"}

// public are the packages of the library with their Examples.
func public(t *testing.T) []*doc.Package {
	t.Helper()
	const root = "../.."
	fset := token.NewFileSet()
	folders := map[string][]*ast.File{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (slices.Contains(private, d.Name()) || strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		folders[folder] = append(folders[folder], f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var packages []*doc.Package
	for folder, files := range folders {
		p, err := doc.NewFromFiles(fset, files, module+filepath.ToSlash(folder))
		if err != nil {
			t.Fatalf("%s: %v", folder, err)
		}
		packages = append(packages, p)
	}
	if len(packages) < 20 {
		t.Fatalf("only %d packages were found", len(packages))
	}
	slices.SortFunc(packages, func(a, b *doc.Package) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	return packages
}

// Each public package says in doc.go what it is.
func TestEveryPackageIsIntroduced(t *testing.T) {
	for _, p := range public(t) {
		if !slices.ContainsFunc(p.Filenames, func(name string) bool { return filepath.Base(name) == "doc.go" }) {
			t.Errorf("%s has no doc.go", p.ImportPath)
		}
		if want := "Package " + p.Name + " "; !strings.HasPrefix(p.Doc, want) {
			t.Errorf("%s: the comment of the package should begin with %q", p.ImportPath, want)
		}
	}
}

// A comment of its own for each function, method and type, and one for each
// group of constants or variables. What the standard library asks for means
// the same everywhere.
func TestEveryNameHasAComment(t *testing.T) {
	for _, p := range public(t) {
		need := func(name, comment string) {
			if strings.TrimSpace(comment) == "" {
				t.Errorf("%s: %s has no comment", p.ImportPath, name)
			}
		}
		values := func(list []*doc.Value) {
			for _, v := range list {
				comment := v.Doc
				for _, spec := range v.Decl.Specs {
					comment += spec.(*ast.ValueSpec).Doc.Text() + spec.(*ast.ValueSpec).Comment.Text()
				}
				need(strings.Join(v.Names, ", "), comment)
			}
		}
		values(slices.Concat(p.Consts, p.Vars))
		for _, f := range functions(p) {
			if f.Recv == "" || !slices.Contains(standard, f.Name) {
				need(strings.TrimPrefix(f.Recv+"."+f.Name, "."), f.Doc)
			}
		}
		for _, ty := range p.Types {
			need(ty.Name, ty.Doc)
			values(slices.Concat(ty.Consts, ty.Vars))
		}
	}
}
