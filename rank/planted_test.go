package rank

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/tensor"
)

// plan describes a tensor of known rank.
type plan struct {
	shape      []int
	rank       int
	dB         float64 // signal to noise; +Inf for none
	uniform    bool    // factors uniform on [0, 1) in place of normal
	congruence float64 // cosine between the columns of each factor, if not 0
	missing    float64 // fraction of the entries left unobserved
	seed       uint64
}

// dense is the planted tensor, all entries.
func (p plan) dense() *tensor.Dense[float64] {
	rng := rand.New(rand.NewPCG(p.seed, 0x9e3779b97f4a7c15))
	factors := make([]*tensor.Matrix[float64], len(p.shape))
	for n, size := range p.shape {
		f := tensor.NewMatrix[float64](size, p.rank)
		for i := range f.Data {
			if p.uniform {
				f.Data[i] = rng.Float64()
			} else {
				f.Data[i] = rng.NormFloat64()
			}
		}
		if p.congruence > 0 {
			// The columns sqrt(c)*u + sqrt(1-c)*v_r have cosine c on average.
			for i := range size {
				u := rng.NormFloat64()
				for r := range p.rank {
					f.Set(i, r, math.Sqrt(p.congruence)*u+math.Sqrt(1-p.congruence)*f.At(i, r))
				}
			}
		}
		factors[n] = f
	}
	x := tensor.New[float64](p.shape...)
	idx := make([]int, len(p.shape))
	signal := 0.0
	for e := range x.Data() {
		v := 0.0
		for r := range p.rank {
			t := 1.0
			for n, i := range idx {
				t *= factors[n].At(i, r)
			}
			v += t
		}
		x.Data()[e] = v
		signal += v * v
		for n := len(idx) - 1; n >= 0; n-- {
			if idx[n]++; idx[n] < p.shape[n] {
				break
			}
			idx[n] = 0
		}
	}
	if !math.IsInf(p.dB, 1) {
		sigma := math.Sqrt(signal / float64(x.Len()) * math.Pow(10, -p.dB/10))
		for e := range x.Data() {
			x.Data()[e] += sigma * rng.NormFloat64()
		}
	}
	return x
}

// observed is the planted tensor without the missing entries.
func (p plan) observed() *tensor.Observed {
	x := p.dense()
	rng := rand.New(rand.NewPCG(p.seed, 12345))
	index := make([][]int32, len(p.shape))
	var values []float64
	idx := make([]int, len(p.shape))
	for e, v := range x.Data() {
		left := e
		for n := len(idx) - 1; n >= 0; n-- {
			idx[n] = left % p.shape[n]
			left /= p.shape[n]
		}
		if rng.Float64() < p.missing {
			continue
		}
		for n, i := range idx {
			index[n] = append(index[n], int32(i))
		}
		values = append(values, v)
	}
	o, err := tensor.NewObserved(p.shape, index, values)
	if err != nil {
		panic(err)
	}
	return o
}

// data is the planted tensor, observed where entries are missing.
func (p plan) data() cp.Data {
	if p.missing > 0 {
		return p.observed()
	}
	return p.dense()
}

func (p plan) String() string {
	kind := "normal"
	if p.uniform {
		kind = "uniform"
	}
	return fmt.Sprintf("shape=%s/rank=%d/dB=%g/factors=%s/congruence=%g/missing=%g/seed=%d", sizes(p.shape), p.rank, p.dB, kind, p.congruence, p.missing, p.seed)
}
