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
}

// A function is shown when an Example of its package calls it; a method, when
// an Example of its type does: of the type, of one of its methods, or of a
// function or method that makes one. An interface of ours is a contract: a
// type that keeps it need not show its methods again if any type does. What
// has a type of an internal package in its signature is not for users.
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
				if len(f.Examples) == 0 && !inPackage[f.Name] && !inner(p, f) {
					missing = append(missing, f.Name)
				}
			}
		}
		functions(p.Funcs)
		for _, ty := range p.Types {
			functions(ty.Funcs)
			shown, owed := shownBy(p, ty), owed(p, ty, contracts)
			for _, m := range ty.Methods {
				if len(m.Examples) == 0 && !shown[m.Name] && !slices.Contains(standard, m.Name) && !(owed[m.Name] && anywhere[m.Name]) && !inner(p, m) {
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

// interfaces are the methods that each exported interface asks for, by its
// name.
func interfaces(packages []*doc.Package) map[string]names {
	bodies := map[string]*ast.InterfaceType{}
	for _, p := range packages {
		for _, ty := range p.Types {
			if body, ok := ty.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.InterfaceType); ok {
				bodies[p.Name+"."+ty.Name] = body
			}
		}
	}
	all := map[string]names{}
	var collect func(name string) names
	collect = func(name string) names {
		set := names{}
		if bodies[name] == nil {
			return set
		}
		home, _, _ := strings.Cut(name, ".")
		for _, f := range bodies[name].Methods.List {
			switch ty := f.Type.(type) {
			case *ast.FuncType:
				set[f.Names[0].Name] = true
			case *ast.Ident: // embedded
				maps.Copy(set, collect(home+"."+ty.Name))
			case *ast.SelectorExpr:
				maps.Copy(set, collect(ty.X.(*ast.Ident).Name+"."+ty.Sel.Name))
			}
		}
		return set
	}
	for name := range bodies {
		if set := collect(name); len(set) > 0 {
			all[name] = set
		}
	}
	return all
}

// owed are the methods that a type has by contract: those of interfaces that
// it has in full, an embedded interface's included.
func owed(p *doc.Package, ty *doc.Type, contracts map[string]names) names {
	own := names{}
	for _, m := range ty.Methods {
		own[m.Name] = true
	}
	if body, ok := ty.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.StructType); ok {
		for _, f := range body.Fields.List {
			if id, ok := f.Type.(*ast.Ident); ok && len(f.Names) == 0 {
				maps.Copy(own, contracts[p.Name+"."+id.Name])
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
