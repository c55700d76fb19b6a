package cli

import (
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// saved writes a tensor to a file of the test.
func saved(t *testing.T, name string, x tensor.Tensor) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := tensorio.Save(file, x); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestEinsum(t *testing.T) {
	a := saved(t, "a.npy", tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 2, 3))
	b := saved(t, "b.npy", tensor.FromSlice([]float64{1, 0, 0, 1, 1, 1}, 3, 2))
	i := saved(t, "i.npy", tensor.FromSlice([]complex128{1i, 2}, 2))
	nan := saved(t, "nan.npy", tensor.FromSlice([]float64{1, math.NaN()}, 2))
	out := filepath.Join(t.TempDir(), "c.npy")

	run(t, exitOK, "einsum", "ij,jk->ik", a, b, "-o", out)
	csv := written(t, "x.tsv", "i\tj\tv\na\tx\t1\nb\ty\t2\n")
	f, err := tensorio.Open(out, tensorio.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if want := tensor.FromSlice([]float64{4, 5, 10, 11}, 2, 2); !tensor.Equal(f.Tensor.(*tensor.Dense[float64]), want) {
		t.Errorf("the product is %v", f.Tensor.(*tensor.Dense[float64]).Data())
	}
	for _, c := range []struct{ args, dtype, value string }{
		{"ij-> " + a, "float32", "21"},
		{"ij,i-> " + a + " " + i, "complex128", "(30+6i)"},
		{"i-> " + nan, "float64", "NaN"},
	} {
		text, _ := run(t, exitOK, append([]string{"einsum", "--json"}, strings.Fields(c.args)...)...)
		var j einsumJSON
		if err := json.Unmarshal([]byte(text), &j); err != nil {
			t.Fatal(err)
		}
		if j.DType != c.dtype || j.Value != c.value {
			t.Errorf("%s gives %s of %s, want %s of %s", c.args, j.Value, j.DType, c.value, c.dtype)
		}
	}
	for _, c := range []struct{ args, want string }{
		{"ij,jk->il " + a + " " + b, "label l, which no operand has"},
		{"ij,jk->ik " + a + " " + a, "label j has size 3 in operand 0 and size 2 in operand 1"},
		{"ij,jk->ik " + a, "2 operands, 1 files"},
		{"ij->ji", "one file an operand"},
		{"ij-> " + a + " --seconds -1", "--seconds -1"},
		{"ij-> " + a + " --mem 1kB", "--mem allows 1 kB"},
		{"ij-> " + a + " -o " + out + ".xyz", "xyz"},
		{"ij-> " + csv, "unobserved cells"},
		{"i-> " + filepath.Join(t.TempDir(), "none.npy"), "none.npy"},
	} {
		_, text := run(t, exitInput, append([]string{"einsum"}, strings.Fields(c.args)...)...)
		if !strings.Contains(text, c.want) || strings.Count(strings.TrimSpace(text), "\n") > 0 {
			t.Errorf("einsum %s says %q, want one line with %q", c.args, text, c.want)
		}
	}
}
