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

// unfinished are the packages that lack Examples.
var unfinished = []string{
	"aqc", "circuit", "circuit/qasm", "circuit/simulate", "jones", "mps", "network", "polynomial",
	"connectome", "einsum", "einsum/path", "linalg", "loss", "report", "sparse", "stream", "tensor",
	"tensorio", "tensorio/npy", "tensorio/picture", "tensorio/psp", "tensorio/safetensors", "tensorio/table",
}

// A function is shown when an Example of its package calls it; a method, when
// an Example of its type does: of the type, of one of its methods, or of a
// function or method that makes one. An interface of ours is a contract: a
// type that keeps it need not show its methods again if any type does.
func TestEveryFunctionIsShown(t *testing.T) {
	packages := public(t)
	contracts := interfaces(packages)
	anywhere := names{} // what the Examples of types call
	for _, p := range packages {
		for _, ty := range p.Types {
			maps.Copy(anywhere, shownBy(p, ty))
		}
	}
	for _, p := range packages {
		inPackage := called(p.Examples)
		for _, f := range p.Funcs {
			maps.Copy(inPackage, called(f.Examples))
		}
		for _, ty := range p.Types {
			maps.Copy(inPackage, shownBy(p, ty))
		}
		missing := []string{}
		functions := func(list []*doc.Func) {
			for _, f := range list {
				if len(f.Examples) == 0 && !inPackage[f.Name] {
					missing = append(missing, f.Name)
				}
			}
		}
		functions(p.Funcs)
		for _, ty := range p.Types {
			functions(ty.Funcs)
			shown, owed := shownBy(p, ty), owed(ty, contracts)
			for _, m := range ty.Methods {
				if len(m.Examples) == 0 && !shown[m.Name] && !slices.Contains(standard, m.Name) && !(owed[m.Name] && anywhere[m.Name]) {
					missing = append(missing, ty.Name+"."+m.Name)
				}
			}
		}
		if len(missing) > 0 && !slices.Contains(unfinished, strings.TrimPrefix(p.ImportPath, module)) {
			t.Errorf("%s: no Example calls %s", p.ImportPath, strings.Join(missing, ", "))
		}
	}
}

type names map[string]bool

// called are the names that Examples select.
func called(examples []*doc.Example) names {
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

// shownBy are the names that the Examples of a type select.
func shownBy(p *doc.Package, ty *doc.Type) names {
	set := called(ty.Examples)
	for _, f := range slices.Concat(ty.Funcs, ty.Methods) {
		maps.Copy(set, called(f.Examples))
	}
	for _, other := range p.Types {
		for _, m := range other.Methods {
			if len(m.Examples) > 0 && makes(m, ty.Name) {
				maps.Copy(set, called(m.Examples))
			}
		}
	}
	return set
}

// makes reports whether a method returns a value of a type of its package.
func makes(m *doc.Func, ty string) bool {
	found := false
	if results := m.Decl.Type.Results; results != nil {
		ast.Inspect(results, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id.Name == ty {
				found = true
			}
			return true
		})
	}
	return found
}

// interfaces are the methods that each exported interface asks for, without
// those of interfaces that it embeds, by its name.
func interfaces(packages []*doc.Package) map[string]names {
	all := map[string]names{}
	for _, p := range packages {
		for _, ty := range p.Types {
			body, ok := ty.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.InterfaceType)
			if !ok {
				continue
			}
			set := names{}
			for _, f := range body.Methods.List {
				if _, ok := f.Type.(*ast.FuncType); ok {
					set[f.Names[0].Name] = true
				}
			}
			if len(set) > 0 {
				all[p.Name+"."+ty.Name] = set
			}
		}
	}
	return all
}

// owed are the methods that a type has by contract: those of interfaces that
// it has in full, its embedded fields' included.
func owed(ty *doc.Type, contracts map[string]names) names {
	own := names{}
	for _, m := range ty.Methods {
		own[m.Name] = true
	}
	if body, ok := ty.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.StructType); ok {
		for _, f := range body.Fields.List {
			if id, ok := f.Type.(*ast.Ident); ok && len(f.Names) == 0 {
				for name, contract := range contracts {
					if strings.HasSuffix(name, "."+id.Name) {
						maps.Copy(own, contract)
					}
				}
			}
		}
	}
	set := names{}
	for _, contract := range contracts {
		whole := true
		for name := range contract {
			whole = whole && own[name]
		}
		if whole {
			maps.Copy(set, contract)
		}
	}
	return set
}
