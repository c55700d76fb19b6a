package dain

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

// planted is a tensor of rank 2 with little noise of which count cells are
// known.
func planted(t testing.TB, seed uint64, count int) *tensor.Observed {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 5))
	shape := []int{40, 30, 20}
	factors := make([]*tensor.Matrix[float64], 3)
	for n, s := range shape {
		factors[n] = tensor.NewMatrix[float64](s, 2)
		for i := range factors[n].Data {
			factors[n].Data[i] = rng.Float64()
		}
	}
	all := tensor.FromDense(tensor.New[float64](shape...))
	values := all.Evaluate([]float64{1, 1}, factors)
	for e := range values {
		values[e] += 0.02 * rng.NormFloat64()
	}
	known, _ := all.WithValues(values).Split(1-float64(count)/float64(all.Count()), seed)
	return known
}

// The derivatives of a pass are those of the loss, by differences.
func TestDerivatives(t *testing.T) {
	x := planted(t, 1, 60)
	net := newNet(x.Shape(), 3, []int{5, 4}, rand.New(rand.NewPCG(2, 2)))
	for _, b := range net.Biases { // zeros would be kinks
		for i := range b {
			b[i] = 0.1 + 0.01*float64(i)
		}
	}
	index, targets := lists(x), x.Values()
	loss := func() float64 {
		p := newPass(net)
		p.forward(index, nil, 0, len(targets))
		return p.slopes(targets, len(targets)) / float64(len(targets))
	}
	p := newPass(net)
	p.forward(index, nil, 0, len(targets))
	p.slopes(targets, len(targets))
	p.backward()
	check := func(what string, at *float64, want float64) {
		const step = 1e-6
		old := *at
		*at = old + step
		up := loss()
		*at = old - step
		down := loss()
		*at = old
		if got := (up - down) / (2 * step); !(math.Abs(got-want) <= 1e-6*(1+math.Abs(want))) {
			t.Errorf("%s: derivative %v, difference %v", what, want, got)
		}
	}
	for l, w := range net.Weights {
		for i := range w.Data {
			check("weight", &w.Data[i], p.dw[l].Data[i])
		}
		for i := range net.Biases[l] {
			check("bias", &net.Biases[l][i], p.db[l][i])
		}
	}
	for n, emb := range net.Embeddings {
		sum := tensor.NewMatrix[float64](emb.Rows, emb.Cols)
		for e, i := range index[n] {
			for j, v := range p.d[0].Row(e)[3*n : 3*n+3] {
				sum.Row(int(i))[j] += v
			}
		}
		for i := range emb.Data {
			check("embedding", &emb.Data[i], sum.Data[i])
		}
	}
}

// Influence is the fall of the validation loss after a small step down the
// loss of one cell, as far as the embeddings make it.
func TestInfluence(t *testing.T) {
	x := planted(t, 3, 200)
	train, valid := x.Split(0.3, 1)
	o, err := Options{}.prepare(x)
	if err != nil {
		t.Fatal(err)
	}
	o.Rate = 1e-6
	net := newNet(x.Shape(), 4, []int{6}, rand.New(rand.NewPCG(1, 1)))
	tr := newTrainer(o, net, lists(train), train.Values(), lists(valid), valid.Values())
	tr.checkpoints = []*Net{net.clone()}
	got := tr.influence()
	loss := func(n *Net) (s float64) {
		for e, v := range n.Predict(tr.valid) {
			s += (v - valid.Values()[e]) * (v - valid.Values()[e])
		}
		return s
	}
	before := loss(net)
	for e := range 20 {
		moved := net.clone()
		p := newPass(net)
		p.forward(tr.index, nil, e, e+1)
		p.slopes(tr.targets, 1)
		p.backward()
		for n, emb := range moved.Embeddings {
			row := emb.Row(int(tr.index[n][e]))
			for j := range row {
				row[j] -= o.Rate * p.d[0].Row(0)[4*n+j]
			}
		}
		if fall := before - loss(moved); !(math.Abs(fall-got[e]) <= 1e-3*math.Abs(fall)+1e-9) {
			t.Errorf("cell %d: influence %v, the loss falls by %v", e, got[e], fall)
		}
	}
}

func TestThreads(t *testing.T) {
	x := planted(t, 4, 600)
	testkit.Threads(t, "Run", func() []float64 {
		r, err := Run(context.Background(), x, Options{Epochs: 5, Seed: 7})
		if err != nil {
			t.Fatal(err)
		}
		return slices.Concat(r.Predict(lists(x)), r.Influence, r.Added.Values())
	})
}

func TestCells(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	known := map[string]bool{key([]int32{0, 1}): true}
	got := cells([]int{3, 4}, 1000, [][]float64{{5, 5, 0.5}, {1, 1, 1, 1}}, known, rng)
	if len(got[0]) != 11 {
		t.Fatalf("%d cells, 11 are unknown", len(got[0]))
	}
	for e := range got[0] {
		if got[0][e] == 0 && got[1][e] == 1 {
			t.Error("a known cell was drawn")
		}
	}
}

func TestFaults(t *testing.T) {
	x := planted(t, 1, 60)
	_, err := Run(context.Background(), x.Select(func(e int) bool { return e < 10 }), Options{Rate: 2, Valid: 1, Decay: -1, Added: -1, Sampling: "all", Epochs: -1})
	for _, want := range []string{"rate 2", "share of validation cells 1", "decay -1", "-1; a number between 0 and 1000", `sampling "all"`, "is -1: positive", "10 cells are known; a net needs 20"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, x, Options{}); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("cancelled: %v", err)
	}
}
