package connectome_test

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/polyad/polyad/connectome"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

// recording is two states of a network of 30 nodes, one after the other, in
// four subjects, with noise.
func recording() (x *tensor.Dense[float64], states [2][]int) {
	rng := rand.New(rand.NewPCG(11, 0))
	const times, subjects, n = 24, 4, 30
	for k := range states {
		states[k] = make([]int, n)
		for i := range n {
			states[k][i] = i / 10
			if k == 1 {
				states[k][i] = i % 3
			}
		}
	}
	x = tensor.New[float64](times, subjects, n, n)
	for t := range times {
		for s := range subjects {
			for i := range n {
				for j := range i {
					v := 0.05 * rng.ExpFloat64()
					for k, of := range states {
						if of[i] == of[j] {
							d := float64(t-6-12*k) / 4
							v += math.Exp(-d*d) * (1 + float64((s+k)%2)) * (0.8 + 0.4*rng.Float64())
						}
					}
					x.Set(v, t, s, i, j)
					x.Set(v, t, s, j, i)
				}
			}
		}
	}
	return x, states
}

func TestFitFindsStates(t *testing.T) {
	x, states := recording()
	missing := x.Clone()
	for i := 0; i < missing.Len(); i += 7 {
		missing.Data()[i] = math.NaN()
	}
	for _, data := range []tensor.Tensor{x, tensor.FromDense(missing)} {
		p, err := connectome.ReadPairs(data)
		if err != nil {
			t.Fatal(err)
		}
		r, err := connectome.Fit(context.Background(), p, connectome.Options{Rank: 2, Restarts: 1, Options: fit.Options{Seed: 1, Starts: 2}})
		if err != nil {
			t.Fatal(err)
		}
		for k, of := range states {
			lead := r.Leading[6+12*k]
			if v := connectome.NMI(r.Components[lead].Communities.Blocks, of); !(v >= 0.99) {
				t.Errorf("%T: state %d is found with an NMI of %v", data, k, v)
			}
		}
		if len(r.Changes) != 1 || r.Changes[0].Time < 11 || r.Changes[0].Time > 13 || !(r.Changes[0].NMI < 0.3) {
			t.Errorf("%T: changes %+v; one at about 12 is expected", data, r.Changes)
		}
	}
}

func TestReadPairs(t *testing.T) {
	// One subject, three nodes, as squares and as pairs.
	square := tensor.New[float64](2, 3, 3)
	for k := range 2 {
		for i, v := range []float64{9, 1, 2, 1, 9, 3, 2, 3, 9} {
			square.Data()[9*k+i] = v + float64(k)*(v-1)
		}
	}
	p, err := connectome.ReadPairs(square)
	if err != nil {
		t.Fatal(err)
	}
	d := p.Data.(*tensor.Dense[float64])
	if p.Count != 3 || d.At(0, 0, 0) != 1 || d.At(0, 0, 1) != 2 || d.At(1, 0, 2) != 5 || d.Axes()[2].Name != "pair" {
		t.Errorf("%+v, %v", p, d.Data())
	}
	if a := p.Square([]float64{1, 2, 3}); a.At(2, 1) != 3 || a.At(0, 2) != 2 || a.At(1, 1) != 0 {
		t.Errorf("%v", a.Data)
	}
	flat := tensor.New[float32](2, 4, 6)
	if p, err = connectome.ReadPairs(flat); err != nil || p.Count != 4 || p.Data.Shape()[1] != 4 {
		t.Errorf("%+v, %v", p, err)
	}
	negative, odd := square.Clone(), square.Clone()
	negative.Set(-1, 1, 0, 2)
	odd.Set(7, 1, 2, 0)
	for want, x := range map[string]tensor.Tensor{
		"2 modes":                        tensor.New[float64](2, 3),
		"sizes 3 and 4":                  tensor.New[float64](2, 2, 3, 4),
		"5 is no number of pairs":        tensor.New[float64](2, 2, 5),
		"1 nodes have no pairs":          tensor.New[float64](2, 2, 1, 1),
		"the affinity at [1 0 2] is -1":  negative,
		"symmetric matrices are expecte": odd,
		"complex128":                     tensor.New[complex128](2, 3, 3),
	} {
		if _, err := connectome.ReadPairs(x); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
