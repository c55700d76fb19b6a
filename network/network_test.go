package network

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/mps"
	"github.com/polyad/polyad/tensor"
)

func random[T Scalar](rng *rand.Rand, shape ...int) *tensor.Dense[T] {
	x := tensor.New[T](shape...)
	for i := range x.Data() {
		switch p := any(&x.Data()[i]).(type) {
		case *float64:
			*p = rng.NormFloat64()
		case *complex128:
			*p = complex(rng.NormFloat64(), rng.NormFloat64())
		}
	}
	return x
}

func add[T Scalar](t *testing.T, n *Network[T], name string, x *tensor.Dense[T], indices string) {
	t.Helper()
	if err := n.Add(name, x, strings.Fields(indices)...); err != nil {
		t.Fatal(err)
	}
}

// sample is a network with a hyperindex, a diagonal and open indices.
func sample[T Scalar](t *testing.T) *Network[T] {
	rng := rand.New(rand.NewPCG(1, 2))
	n := New[T]()
	add(t, n, "A", random[T](rng, 3, 4, 2), "i j h")
	add(t, n, "B", random[T](rng, 4, 5, 2), "j k h")
	add(t, n, "C", random[T](rng, 5, 2, 2), "k h d")
	add(t, n, "D", random[T](rng, 2, 2, 3), "d d i")
	add(t, n, "E", random[T](rng, 3), "open")
	return n
}

func contract[T Scalar](t *testing.T, n *Network[T], out ...string) *tensor.Dense[T] {
	t.Helper()
	x, err := n.Contract(t.Context(), einsum.Options{}, out...)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func far[T Scalar](x, y *tensor.Dense[T]) float64 { return tensor.Sub(x, y).Norm() / y.Norm() }

func TestContract(t *testing.T) {
	n := sample[float64](t)
	get := func(name string) *tensor.Dense[float64] { x, _ := n.Tensor(name); return x }
	a, b, c, d, e := get("A"), get("B"), get("C"), get("D"), get("E")
	want := tensor.New[float64](3, 2)
	for i := range 3 {
		for j := range 4 {
			for k := range 5 {
				for h := range 2 {
					for x := range 2 {
						for o := range 3 {
							want.Set(want.At(o, h)+a.At(i, j, h)*b.At(j, k, h)*c.At(k, h, x)*d.At(x, x, i)*e.At(o), o, h)
						}
					}
				}
			}
		}
	}
	if f := far(contract(t, n, "open", "h"), want); !(f <= 1e-13) {
		t.Errorf("off by %g", f)
	}
	if o := fmt.Sprint(n.Open()); o != "[open]" {
		t.Errorf("open: %v", o)
	}
	if p, err := n.Plan(t.Context(), einsum.Options{Memory: 10}); err == nil {
		t.Errorf("a plan for 10 bytes: %v", p)
	}
}

func TestGradients(t *testing.T) {
	n := sample[float64](t)
	z, g, err := n.Gradients(t.Context(), einsum.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if f := math.Abs(z-contract(t, n).At()) / math.Abs(z); !(f <= 1e-13) {
		t.Errorf("the value is off by %g", f)
	}
	for _, name := range n.Names() {
		x, indices := n.Tensor(name)
		for i := range x.Data() {
			y := x.Clone()
			y.Data()[i]++
			// The contraction is linear in each tensor.
			m := n.Clone()
			if err := m.Remove(name); err != nil {
				t.Fatal(err)
			}
			add(t, m, name, y, strings.Join(indices, " "))
			if d := contract(t, m).At() - z; !(math.Abs(d-g[name].Data()[i]) <= 1e-11*math.Abs(z)) {
				t.Fatalf("∂z/∂%s[%d] is %g, differences say %g", name, i, g[name].Data()[i], d)
			}
		}
	}
}

func testBonds[T Scalar](t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	n := New[T]()
	add(t, n, "A", random[T](rng, 3, 4, 2), "a b x")
	add(t, n, "B", random[T](rng, 6, 4, 5), "y b c")
	add(t, n, "C", random[T](rng, 5, 3), "c z")
	out := []string{"a", "x", "y", "z"}
	want := contract(t, n, out...)
	same := func(what string, tol float64) {
		t.Helper()
		if f := far(contract(t, n, out...), want); !(f <= tol) {
			t.Errorf("%s: off by %g", what, f)
		}
	}
	if err := n.Gauge("A", "B"); err != nil {
		t.Fatal(err)
	}
	same("gauge", 1e-13)
	if err := n.Gauge("C", "B"); err != nil {
		t.Fatal(err)
	}
	same("gauge", 1e-13)
	lost, err := n.Split("B", []string{"y", "b"}, "D", "new", mps.Truncation{})
	if err != nil || !(lost <= 1e-25) {
		t.Fatal(lost, err)
	}
	same("split", 1e-13)
	m := n.Clone()
	// All else are isometries: the cut says the error of the whole.
	lost, err = n.CutBond("B", "D", mps.Truncation{MaxBond: 2})
	if err != nil || lost < 1e-3 {
		t.Fatal(lost, err)
	}
	if f := far(contract(t, n, out...), want); !(math.Abs(f*f-lost) <= 1e-12) {
		t.Errorf("the cut has lost %g, said %g", f*f, lost)
	}
	n = m
	if err := n.Merge(t.Context(), "D", "C"); err != nil {
		t.Fatal(err)
	}
	same("merge", 1e-13)
	if len(n.Names()) != 3 {
		t.Errorf("names %v", n.Names())
	}
	lost, err = n.Split("D", []string{"new"}, "F", "cut", mps.Truncation{Eps: 0.3})
	if err != nil || !(lost > 0 && lost <= 0.3) {
		t.Error(lost, err)
	}
}

func TestBonds(t *testing.T) {
	testBonds[float64](t)
	testBonds[complex128](t)
}

func TestErrors(t *testing.T) {
	n := sample[float64](t)
	x := tensor.New[float64](2, 2)
	for what, err := range map[string]error{
		"a name twice":      n.Add("A", x, "p", "q"),
		"another order":     n.Add("X", x, "p"),
		"another size":      n.Add("X", x, "i", "q"),
		"two sizes":         n.Add("X", tensor.New[float64](2, 3), "p", "p"),
		"an empty index":    n.Add("X", x, "p", ""),
		"no such tensor":    n.Remove("X"),
		"no bond":           n.Gauge("A", "E"),
		"a hyperindex":      n.Gauge("A", "B"),
		"itself":            n.Merge(t.Context(), "A", "A"),
		"a bond to a ghost": n.Gauge("A", "X"),
		"an unknown output": func() error { _, err := n.Contract(t.Context(), einsum.Options{}, "nope"); return err }(),
		"a taken name":      func() error { _, err := n.Split("A", []string{"i"}, "B", "n", mps.Truncation{}); return err }(),
		"a taken index":     func() error { _, err := n.Split("A", []string{"i"}, "X", "j", mps.Truncation{}); return err }(),
		"a foreign index":   func() error { _, err := n.Split("A", []string{"d"}, "X", "n", mps.Truncation{}); return err }(),
		"an empty network":  func() error { _, err := New[float64]().Contract(t.Context(), einsum.Options{}); return err }(),
		"a repeated index":  func() error { _, err := n.Split("D", []string{"i"}, "X", "n", mps.Truncation{}); return err }(),
		"an empty lattice":  func() error { _, err := Boundary(t.Context(), nil, BoundaryOptions{}); return err }(),
		"a lattice unjoined": func() error {
			_, err := Boundary(t.Context(), [][]*tensor.Dense[complex128]{{tensor.New[complex128](1, 1, 2, 1)}}, BoundaryOptions{})
			return err
		}(),
	} {
		if err == nil {
			t.Errorf("%s is no error", what)
		}
	}
}

func TestWriteDOT(t *testing.T) {
	var b strings.Builder
	if err := sample[float64](t).WriteDOT(&b); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`t0 [label="A"];`, `t0 -- t1 [label="j 4"];`, `[shape=point];`, `t4 -- i`} {
		if !strings.Contains(b.String(), line) {
			t.Errorf("%q is missing in\n%s", line, b.String())
		}
	}
}
