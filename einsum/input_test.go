package einsum_test

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/einsum/path"
	"github.com/polyad/polyad/tensor"
)

// Each kind of bad input is one sentence that names what is at fault.
func TestBadInput(t *testing.T) {
	plan := func(equation string, opt einsum.Options, shapes ...[]int) error {
		e, err := einsum.Parse(equation)
		if err != nil {
			return err
		}
		_, err = e.Plan(context.Background(), opt, shapes...)
		return err
	}
	square := []int{2, 2}
	for _, c := range []struct {
		name string
		err  error
		want []string
	}{
		{"unknown label in the output", plan("ij,jk->il", einsum.Options{}, square, square), []string{"label l", "no operand has"}},
		{"size mismatch", plan("ij,jk->ik", einsum.Options{}, []int{2, 3}, []int{4, 2}), []string{"label j", "size 3 in operand 0", "size 4 in operand 1"}},
		{"order that uses a tensor twice", plan("ij,jk,kl->il", einsum.Options{Planner: "search", Start: path.Path{{0, 1}, {1, 3}}}, square, square, square), []string{"pair 1 uses tensor 1, which was used before"}},
		{"order with a pair of one tensor", plan("ij,jk,kl->il", einsum.Options{Planner: "search", Start: path.Path{{2, 2}, {0, 1}}}, square, square, square), []string{"pair 0", "2"}},
		{"order that is too short", plan("ij,jk,kl->il", einsum.Options{Planner: "search", Start: path.Path{{0, 1}}}, square, square, square), []string{"1 pairs"}},
		{"order with a tensor that is not there yet", plan("ij,jk,kl->il", einsum.Options{Planner: "search", Start: path.Path{{0, 4}, {1, 2}}}, square, square, square), []string{"pair 0", "4"}},
		{"unknown planner", plan("ij,jk->ik", einsum.Options{Planner: "best"}, square, square), []string{`"best"`, "greedy", "search"}},
		{"too little memory", plan("ij,jk->ik", einsum.Options{Memory: 95}, square, square), []string{"take 96 bytes", "95"}},
	} {
		if c.err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(c.err.Error(), want) {
				t.Errorf("%s: the error is %q, which lacks %q", c.name, c.err, want)
			}
		}
		if strings.Contains(c.err.Error(), "\n") {
			t.Errorf("%s: the error %q has several lines", c.name, c.err)
		}
	}
}

// A sum over an index of size 0 is zero; a result with one is empty.
func TestSizeZero(t *testing.T) {
	ctx := context.Background()
	a, b := tensor.New[float64](2, 0), tensor.New[float64](0, 3)
	c, err := einsum.Contract(ctx, "ij,jk->ik", a, b)
	if err != nil || !tensor.Equal(c, tensor.New[float64](2, 3)) {
		t.Errorf("a product over nothing is %v (%v)", c, err)
	}
	if c, err = einsum.Contract(ctx, "ij,kl->jl", a, b); err != nil || c.Len() != 0 || c.Shape()[1] != 3 {
		t.Errorf("an empty result is %v (%v)", c, err)
	}
}

// NaN and Inf go where sums and products take them, in products large and
// small, as in NumPy: a zero does not hide a NaN.
func TestNaN(t *testing.T) {
	for _, n := range []int{2, 40} {
		for _, equation := range []string{"ij,jk->ik", "ij,jk->ki", "ji,kj->ik"} {
			a, b := tensor.New[float64](n, n), tensor.New[float64](n, n)
			a.Raw()[0] = math.NaN() // element 0, 0
			b.Raw()[n*n-1] = math.Inf(1)
			c, err := einsum.Contract(context.Background(), equation, a, b)
			if err != nil {
				t.Fatal(err)
			}
			transposed := strings.HasSuffix(equation, "ki")
			for i := range n {
				for k := range n {
					x := c.Data()[i*n+k]
					if transposed {
						x = c.Data()[k*n+i]
					}
					if want := i == 0 || k == n-1; math.IsNaN(x) != want { // 0·Inf is NaN as well
						t.Fatalf("%s with n=%d: element %d, %d is %v", equation, n, i, k, x)
					}
				}
			}
		}
	}
}

// A plan that has been read is right or refused.
func FuzzPlanJSON(f *testing.F) {
	e, err := einsum.Parse("ij,jk,kl->il")
	if err != nil {
		f.Fatal(err)
	}
	p, err := e.Plan(context.Background(), einsum.Options{}, []int{2, 3}, []int{3, 4}, []int{4, 5})
	if err != nil {
		f.Fatal(err)
	}
	data, err := json.Marshal(p)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"labels":["i"],"inputs":[[0],[0]],"shapes":[[2],[1]],"path":[[0,1]]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p einsum.Plan
		if json.Unmarshal(data, &p) != nil {
			return
		}
		_ = p.String()
		p.OutputShape()
		if again, err := json.Marshal(&p); err != nil {
			t.Error(err)
		} else if err := json.Unmarshal(again, &p); err != nil {
			t.Errorf("what was written is refused: %v\n%s", err, again)
		}
	})
}
