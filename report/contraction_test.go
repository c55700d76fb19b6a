package report

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/einsum"
)

// planOf plans a contraction of operands whose axes all have one size.
func planOf(t *testing.T, equation string, n int, opt einsum.Options) *einsum.Plan {
	t.Helper()
	e, err := einsum.Parse(equation)
	if err != nil {
		t.Fatal(err)
	}
	inputs, _, _ := strings.Cut(equation, "->")
	var shapes [][]int
	for term := range strings.SplitSeq(inputs, ",") {
		shapes = append(shapes, slices.Repeat([]int{n}, len(term)))
	}
	p, err := e.Plan(context.Background(), opt, shapes...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const ladder = "abc,cde,efg,ghi,bjk,kdl,lfm,mhn->ajin"

func TestWriteContraction(t *testing.T) {
	whole := planOf(t, ladder, 8, einsum.Options{})
	limit := whole.PeakBytes(8) * 3 / 4
	sliced := planOf(t, ladder, 8, einsum.Options{Memory: limit})
	for _, c := range []struct {
		in    Contraction
		wants []string
	}{
		{Contraction{Source: "<n>.json", Command: "polyad path", Version: "1", Plan: whole, DType: "float64", PlanSeconds: 0.5},
			[]string{"8 tensors contracted in", "&lt;n&gt;.json", "14 labels, a result of 4 axes", "nothing is sliced", ">sums<", "log₁₀", "500 ms", `class="plot tree"`}},
		{Contraction{Plan: sliced, Limit: limit, RunSeconds: 2},
			[]string{"fixed in turn", "that were allowed", "dashed: the limit", "stroke-dasharray", "2.00 s"}},
		{Contraction{Plan: planOf(t, "ab->ba", 3, einsum.Options{})}, []string{"1 tensor contracted", "there is nothing to contract"}},
		{Contraction{Plan: planOf(t, "ab,ab->", 3, einsum.Options{})}, []string{"the result is one number"}},
	} {
		var b bytes.Buffer
		if err := WriteContraction(&b, c.in); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		for _, want := range c.wants {
			if want = strings.ReplaceAll(want, ">sums<", ", sums "); !strings.Contains(page, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		for _, bad := range []string{"https://", "<script", "<n>.json", "{{", "%!", "NaN", "Inf"} {
			if strings.Contains(page, bad) {
				t.Errorf("the page holds %q", bad)
			}
		}
	}
	if err := WriteContraction(&bytes.Buffer{}, Contraction{}); err == nil {
		t.Error("there is a report of no plan")
	}
}

// The most memory over the pairs is what the plan promises, and the products of
// the pairs are those of the whole.
func TestTreeAddsUp(t *testing.T) {
	limited := planOf(t, ladder, 8, einsum.Options{}).PeakBytes(8) * 3 / 4
	for _, opt := range []einsum.Options{{}, {Planner: "greedy"}, {Memory: limited}} {
		p := planOf(t, ladder, 8, opt)
		d := NewTree(p)
		if most := math.Log2(slices.Max(d.memory())); !(math.Abs(most-p.Cost.Peak) <= 1e-9) {
			t.Errorf("%+v: 2^%v elements at the peak, the plan says 2^%v", opt, most, p.Cost.Peak)
		}
		sum := 0.0
		for k := range d.left {
			sum += d.share(k)
		}
		if !(math.Abs(sum-1) <= 1e-9) {
			t.Errorf("%+v: the shares of the pairs add up to %v", opt, sum)
		}
	}
}

// A tree of many tensors is drawn in no more than a few screens, or not at all.
func TestLargeTrees(t *testing.T) {
	chain := func(n int) *einsum.Plan {
		var inputs [][]int
		var shapes [][]int
		for k := range n {
			inputs, shapes = append(inputs, []int{k, k + 1}), append(shapes, []int{2, 2})
		}
		e, err := einsum.Indices(inputs, []int{0, n})
		if err != nil {
			t.Fatal(err)
		}
		p, err := e.Plan(context.Background(), einsum.Options{Planner: "greedy"}, shapes...)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if s := NewTree(chain(1000)).plot("tree"); !strings.Contains(string(s), fmt.Sprintf("0 0 1060 %d", 1216)) {
		t.Errorf("the tree of 1000 begins %.80s", s)
	}
	if s := NewTree(chain(mostDrawn + 1)).plot("tree"); s != "" {
		t.Errorf("a tree of %d tensors is drawn", mostDrawn+1)
	}
}
