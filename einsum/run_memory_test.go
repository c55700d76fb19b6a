package einsum

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// TestArenaKeepsPeak checks that no program takes more than its plan says,
// on rings of matrices, whose results come and go in any order.
func TestArenaKeepsPeak(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	sliced := 0
	for trial := range 60 {
		n := 3 + rng.IntN(12)
		inputs, shapes := make([][]int, n), make([][]int, n)
		sizes := make([]int, 2*n)
		for i := range sizes {
			sizes[i] = 1 + rng.IntN(7)
		}
		var output []int
		for k := range inputs {
			inputs[k] = []int{k, (k + 1) % n, n + k}
			if k%3 == 0 {
				output = append(output, n+k)
			}
			for _, id := range inputs[k] {
				shapes[k] = append(shapes[k], sizes[id])
			}
		}
		e, err := Indices(inputs, output)
		if err != nil {
			t.Fatal(err)
		}
		p, err := e.Plan(context.Background(), Options{Planner: "greedy", Seed: uint64(trial)}, shapes...)
		if err != nil {
			t.Fatal(err)
		}
		ops := make([]*tensor.Dense[float64], n)
		for k := range ops {
			ops[k] = tensor.New[float64](shapes[k]...)
		}
		if got, want := compile(p, p.place(stridesOf(ops)), true).arena, math.Exp2(p.Cost.Peak)*(1+1e-9); !(float64(got) <= want) {
			t.Errorf("%v\nthe arena has %d elements, the plan allows %g", p, got, want)
		}
		limit := p.PeakBytes(8) * 2 / 3
		if p, err = e.Plan(context.Background(), Options{Planner: "greedy", Memory: limit}, shapes...); err != nil {
			continue // operands and result alone take more
		}
		if len(p.Sliced) > 0 {
			sliced++
		}
		held := compile(p, p.place(stridesOf(ops)), true).arena + tensor.Size(p.OutputShape())
		for _, x := range ops {
			held += x.Len()
		}
		if int64(8*held) > limit {
			t.Errorf("%v\n%d bytes are held, %d are allowed", p, 8*held, limit)
		}
	}
	if sliced < 5 {
		t.Errorf("%d plans have slices; more are expected of this test", sliced)
	}
}

func TestArenaMovesBlocks(t *testing.T) {
	c := &compiler{limit: 10}
	a, b, d := &value{block: c.alloc(3)}, &value{block: c.alloc(3)}, &value{block: c.alloc(3)}
	c.free(a)
	if e := c.alloc(2); e.at != 0 { // into the gap
		t.Errorf("a block lies at %d, want 0", e.at)
	}
	c.free(b)
	e := c.alloc(5)
	if e.at != 5 || d.block.at != 2 || c.arena != 10 || len(c.ops) != 1 || c.ops[0].a.at != 6 || c.ops[0].c.at != 2 {
		t.Errorf("blocks at %d and %d of %d, moves %+v; want 5, 2, 10, and a move from 6 to 2", e.at, d.block.at, c.arena, c.ops)
	}
}

func TestRunFaults(t *testing.T) {
	ctx := context.Background()
	e, err := Parse("ij,jk->ik")
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Plan(ctx, Options{}, []int{2, 3}, []int{3, 2})
	if err != nil {
		t.Fatal(err)
	}
	a, b := tensor.New[float64](2, 3), tensor.New[float64](3, 2)
	for _, c := range []struct {
		plan *Plan
		ops  []*tensor.Dense[float64]
		want string
	}{
		{p, []*tensor.Dense[float64]{a}, "2 operands, 1 were given"},
		{p, []*tensor.Dense[float64]{a, a}, "operand 1 has shape [2 3]; the plan is for [3 2]"},
		{&Plan{}, nil, "the plan is empty"},
	} {
		if _, err := Run(ctx, c.plan, c.ops...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("the error is %v, want one with %q", err, c.want)
		}
	}
	ended, end := context.WithCancel(ctx)
	end()
	if _, err := Run(ended, p, a, b); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context the error is %v", err)
	}
	huge, err := e.Plan(ctx, Options{}, []int{1 << 30, 1}, []int{1, 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.Strided(make([]float64, 1), []int{1 << 30, 1}, []int{0, 0})
	if _, err := Run(ctx, huge, x, x.Permute(1, 0)); err == nil || !strings.Contains(err.Error(), "Options.Memory") {
		t.Errorf("a result of 2^60 elements gives %v", err)
	}
}

// NaN and Inf go where sums and products take them, and sizes of 0 make sums
// of nothing.
func TestRunSpecialValues(t *testing.T) {
	ctx := context.Background()
	nan, inf := math.NaN(), math.Inf(1)
	a := tensor.FromSlice([]float64{nan, 1, inf, 0}, 2, 2)
	b := tensor.FromSlice([]float64{0, 0, 1, 0}, 2, 2)
	for eq, want := range map[string][]float64{
		"ij,jk->ik": {nan, nan, nan, nan},
		"ij->i":     {nan, inf},
		"ij,ij->ij": {nan, 0, inf, 0},
		"ij,jk->k":  {nan, nan},
	} {
		ops := []*tensor.Dense[float64]{a, b}[:strings.Count(eq, ",")+1]
		got, err := Contract(ctx, eq, ops...)
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range got.Data() {
			if x != want[i] && !(math.IsNaN(x) && math.IsNaN(want[i])) {
				t.Errorf("%s gives %v, want %v", eq, got.Data(), want)
				break
			}
		}
	}
	none := tensor.New[float64](2, 0)
	if got, err := Contract(ctx, "ij,kj->ik", none, none); err != nil || !tensor.Equal(got, tensor.New[float64](2, 2)) {
		t.Errorf("a sum of nothing is %v, %v", got, err)
	}
}

// Blocks are apart from each other, and in the first gap that is large enough,
// whatever comes and goes.
func TestArenaTakesTheFirstGap(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	c := &compiler{limit: 1 << 30}
	var used []*value
	for range 5000 {
		if len(used) > 0 && rng.IntN(5) < 2 {
			i := rng.IntN(len(used))
			c.free(used[i])
			used[i] = used[len(used)-1]
			used = used[:len(used)-1]
			continue
		}
		size := 1 + rng.IntN(6)
		want := 0
		for _, b := range c.blocks {
			if b.at-want >= size {
				break
			}
			want = b.at + b.size
		}
		v := &value{block: c.alloc(size)}
		if v.block.at != want {
			t.Fatalf("a block of %d lies at %d, the first gap for it at %d", size, v.block.at, want)
		}
		used = append(used, v)
	}
}

// TestResultInUsedMemory: nothing of a result depends on what was in its
// memory before.
func TestResultInUsedMemory(t *testing.T) {
	ramp := func(shape ...int) *tensor.Dense[float64] {
		x := tensor.New[float64](shape...)
		for i := range x.Raw() {
			x.Raw()[i] = float64(i%7) - 3
		}
		return x
	}
	for _, c := range []struct {
		equation string
		operands []*tensor.Dense[float64]
	}{
		{"ij,jk->ik", []*tensor.Dense[float64]{ramp(80, 3), ramp(3, 90)}},
		{"bij,bjk->ikb", []*tensor.Dense[float64]{ramp(50, 6, 9), ramp(50, 9, 20)}},
		{"ijk->ki", []*tensor.Dense[float64]{ramp(90, 2, 80)}},
		{"i,j->ij", []*tensor.Dense[float64]{ramp(90), ramp(80)}},
		{"abcd,cde,ef->fba", []*tensor.Dense[float64]{ramp(20, 30, 4, 5), ramp(4, 5, 6), ramp(6, 10)}},
	} {
		var first []float64
		for round := range 3 {
			for range 20 { // what the next results are put in
				used := kernel.Unset[float64](tensor.Size([]int{80, 90}))
				for i := range used {
					used[i] = math.NaN()
				}
			}
			runtime.GC()
			got, err := Contract(context.Background(), c.equation, c.operands...)
			if err != nil {
				t.Fatal(err)
			}
			if round == 0 {
				first = got.Data()
			} else if !slices.Equal(got.Data(), first) {
				t.Errorf("%s: round %d differs", c.equation, round)
			}
		}
	}
}
