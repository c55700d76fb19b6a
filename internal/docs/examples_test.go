package docs

import (
	"go/ast"
	"go/doc"
	"maps"
	"slices"
	"strings"
	"testing"
)

// standard are the methods that the standard library calls, rather than a
// user: printing, errors, sorting, encoding.
var standard = []string{
	"String", "Error", "Is", "Unwrap", "Len", "Less", "Swap",
	"MarshalJSON", "MarshalText", "UnmarshalJSON", "UnmarshalText",
}

// A function or method is shown when an Example of its package calls one of
// its name. What an interface of the library asks for does the same for each
// kind of data, and may be shown by one in another package. What has a type of
// an internal package in its signature is not for users.
func TestEveryFunctionIsShown(t *testing.T) {
	packages := public(t)
	contracts := contracts(packages)
	anywhere := names{}
	for _, p := range packages {
		maps.Copy(anywhere, called(p))
	}
	for _, p := range packages {
		shown := called(p)
		missing := []string{}
		for _, f := range functions(p) {
			switch {
			case shown[f.Name] || len(f.Examples) > 0:
			case f.Recv != "" && slices.Contains(standard, f.Name):
			case f.Recv != "" && contracts[f.Name] && anywhere[f.Name]:
			case inner(p, f):
			default:
				missing = append(missing, strings.TrimPrefix(f.Recv+"."+f.Name, "."))
			}
		}
		if len(missing) > 0 {
			t.Errorf("%s: no Example calls %s", p.ImportPath, strings.Join(missing, ", "))
		}
	}
}

// names is a set of them.
type names map[string]bool

// functions are the exported functions and methods of a package.
func functions(p *doc.Package) []*doc.Func {
	all := slices.Clone(p.Funcs)
	for _, ty := range p.Types {
		all = slices.Concat(all, ty.Funcs, ty.Methods)
	}
	return all
}

// called are the names that the Examples of a package select.
func called(p *doc.Package) names {
	examples := slices.Clone(p.Examples)
	for _, ty := range p.Types {
		examples = append(examples, ty.Examples...)
	}
	for _, f := range functions(p) {
		examples = append(examples, f.Examples...)
	}
	set := names{}
	for _, e := range examples {
		ast.Inspect(e.Code, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				set[s.Sel.Name] = true
			}
			return true
		})
	}
	return set
}

// contracts are the methods that exported interfaces ask for.
func contracts(packages []*doc.Package) names {
	set := names{}
	for _, p := range packages {
		for _, ty := range p.Types {
			if body, ok := ty.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.InterfaceType); ok {
				for _, f := range body.Methods.List {
					for _, name := range f.Names {
						set[name.Name] = true
					}
				}
			}
		}
	}
	return set
}

// inner reports whether the signature of a function names an internal package.
func inner(p *doc.Package, f *doc.Func) bool {
	found := false
	ast.Inspect(f.Decl.Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			found = found || slices.ContainsFunc(p.Imports, func(path string) bool {
				return strings.HasSuffix(path, "/internal/"+id.Name)
			})
		}
		return true
	})
	return found
}
