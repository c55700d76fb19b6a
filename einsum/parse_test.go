package einsum_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/einsum"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"ij,jk->ik":           "ij,jk->ik",
		" i j , jk -> ik ":    "ij,jk->ik",
		"ij,jk":               "ij,jk->ik",
		"ba":                  "ba->ab",
		"ii":                  "ii->",
		"ii->i":               "ii->i",
		"i...->...":           "i...->...",
		"...ij,...jk":         "...ij,...jk->...ik",
		"b...a,c":             "b...a,c->...abc",
		"":                    "->",
		",->":                 ",->",
		"ab,->ba":             "ab,->ba",
		"αβ,βγ->αγ":           "αβ,βγ->αγ",
		"Ba":                  "Ba->Ba",
		"ij->ji...":           "ij->ji",
		"\U0001F600x,x":       "\U0001F600x,x->\U0001F600",
		"\u0420\u0430,\u0430": "\u0420\u0430,\u0430->\u0420",
	} {
		e, err := einsum.Parse(in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
		} else if e.String() != want {
			t.Errorf("%q is read as %q, want %q", in, e, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"ij->ik":     "label k, which no operand has",
		"ij->ii":     "label i twice",
		"i->j->k":    "more than once",
		"i..j":       `operand 0 holds '.'`,
		"a...b...,c": "two ellipses",
		"a,b-c->":    `operand 1 holds '-'`,
		"ab->a,b":    "the output holds ','",
		"a\x00":      "operand 0 holds",
		"ab,\xff->a": "not UTF-8",
		"a>b":        `'>'`,
	} {
		if _, err := einsum.Parse(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, want an error with %q", in, err, want)
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	for _, c := range []struct {
		eq     string
		shapes [][]int
		want   string
	}{
		{"ij,jk->ik", [][]int{{2, 3}, {4, 5}}, "label j has size 3 in operand 0 and size 4 in operand 1"},
		{"ij,jk->ik", [][]int{{2, 3}}, "2 operands, 1 shapes"},
		{"ij,jk->ik", [][]int{{2, 3, 4}, {3, 5}}, "operand 0 has 3 axes"},
		{"ii->i", [][]int{{2, 3}}, "diagonal of operand 0"},
		{"ii->i", [][]int{{1, 3}}, "diagonal of operand 0"},
		{"...i->i", [][]int{{4, 3}}, "write ... in the output"},
		{"ij...->...", [][]int{{4}}, "need 2 at least"},
		{"i->", [][]int{{-1}}, "size -1 at axis 0"},
		{"...,...->...", [][]int{{2}, {3}}, "label …0 has size 2 in operand 0 and size 3 in operand 1"},
	} {
		e, err := einsum.Parse(c.eq)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Plan(context.Background(), einsum.Options{}, c.shapes...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q of %v gives %v, want an error with %q", c.eq, c.shapes, err, c.want)
		}
	}
}

// The shapes of results are those that NumPy gives.
func TestOutputShape(t *testing.T) {
	for _, c := range []struct {
		eq     string
		shapes [][]int
		want   []int
	}{
		{"ij,jk->ik", [][]int{{2, 1}, {3, 4}}, []int{2, 4}},
		{"i...,...i", [][]int{{2, 3}, {2}}, []int{3}},
		{"...i,...j->...ij", [][]int{{1, 3, 2}, {4, 1, 5}}, []int{4, 3, 2, 5}},
		{"...i,...j->...ij", [][]int{{3, 2}, {4, 1, 5}}, []int{4, 3, 2, 5}},
		{"ij,,->i", [][]int{{2, 3}, {}, {}}, []int{2}},
		{"i->", [][]int{{0}}, []int{}},
		{"ij,jk->ik", [][]int{{2, 0}, {0, 3}}, []int{2, 3}},
		{"...", [][]int{{2, 3}}, []int{2, 3}},
	} {
		e, err := einsum.Parse(c.eq)
		if err != nil {
			t.Fatal(err)
		}
		p, err := e.Plan(context.Background(), einsum.Options{}, c.shapes...)
		if err != nil {
			t.Errorf("%q of %v: %v", c.eq, c.shapes, err)
			continue
		}
		if !slices.Equal(p.OutputShape(), c.want) {
			t.Errorf("%q of %v gives shape %v, want %v", c.eq, c.shapes, p.OutputShape(), c.want)
		}
	}
}

func TestIndices(t *testing.T) {
	if _, err := einsum.Indices([][]int{{0, 1}, {1, 2}}, []int{0, 3}); err == nil || !strings.Contains(err.Error(), "label 3, which no operand has") {
		t.Errorf("an unknown label gives %v", err)
	}
	if _, err := einsum.Indices([][]int{{-1}}, nil); err == nil {
		t.Error("a negative label was taken")
	}
	if _, err := einsum.Indices(nil, nil); err == nil {
		t.Error("no operands were taken")
	}
	e, err := einsum.Indices([][]int{{700, 5}, {5, 9}}, []int{700, 9})
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Plan(context.Background(), einsum.Options{}, []int{2, 3}, []int{3, 4})
	if err != nil || !slices.Equal(p.OutputShape(), []int{2, 4}) {
		t.Errorf("shape %v, error %v", p.OutputShape(), err)
	}
}

// A chain of 100 000 vectors, matrices and a vector again.
func TestManyOperands(t *testing.T) {
	n := 100_000
	inputs, shapes := make([][]int, n), make([][]int, n)
	for k := range inputs {
		inputs[k], shapes[k] = []int{k, k + 1}, []int{2, 2}
	}
	inputs[0], shapes[0] = []int{1}, []int{2}
	e, err := einsum.Indices(inputs, []int{n})
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Plan(context.Background(), einsum.Options{}, shapes...)
	if err != nil {
		t.Fatal(err)
	}
	if p.Cost.Flops > 20 { // 4 products a matrix
		t.Errorf("the chain costs 2^%.2f products", p.Cost.Flops)
	}
}

func TestPlanJSON(t *testing.T) {
	e, err := einsum.Parse("ij,jk,kl...,jm->m...i")
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Plan(context.Background(), einsum.Options{Seed: 3}, []int{2, 3}, []int{3, 4}, []int{4, 5, 6}, []int{1, 7})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var q einsum.Plan
	if err := json.Unmarshal(data, &q); err != nil {
		t.Fatal(err)
	}
	if q.String() != p.String() || !slices.Equal(q.OutputShape(), []int{7, 6, 2}) {
		t.Errorf("read back:\n%v\nwritten:\n%v", &q, p)
	}
	for old, bad := range map[string]string{
		`"path":[[`:       `"path":[[9,`,
		`"output":[`:      `"output":[17,`,
		`"shapes":[[2,3]`: `"shapes":[[2,4]`,
		`"sliced":[]`:     `"sliced":[-1]`,
	} {
		text := strings.Replace(string(data), old, bad, 1)
		if text == string(data) {
			t.Fatalf("%s has no %s", data, old)
		}
		if err := json.Unmarshal([]byte(text), &q); err == nil {
			t.Errorf("a plan with %s was taken", bad)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"ij,jk->ik", "...i,i", "ii->i", "", "->", "a.b", "é,é->"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := einsum.Parse(s)
		if err != nil {
			return
		}
		again, err := einsum.Parse(e.String())
		if err != nil || again.String() != e.String() {
			t.Errorf("%q is read as %q, and that as %v (%v)", s, e, again, err)
		}
	})
}

func ExampleExpr_Plan() {
	e, err := einsum.Parse("ij,jk,kl->il")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := e.Plan(context.Background(), einsum.Options{}, []int{10, 100}, []int{100, 5}, []int{5, 50})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(p)
	// Output:
	// equation  ij,jk,kl->il
	// planner   optimal, seed 0
	// flops     10^3.88 index-space products, 10^4.18 with 2 for each product that is summed
	// writes    2^9.10 elements
	// largest   2^8.97 elements
	// peak      30801 bytes with 8-byte elements
	//    3  ij,jk->ik
	//    4  ik,kl->il
}
