package dain

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/polyad/polyad/tensor"
)

// influence traces what each training cell did for the validation cells: at
// every checkpoint, the inner product of the derivatives of the two losses by
// the embeddings that they share,
//
//	sum_t η * sum_n <∂L(z)/∂e_n[i_n], sum_{z': i'_n = i_n} ∂L(z')/∂e_n[i_n]>,
//
// which is by how much a step of gradient descent on cell z lowered the loss
// of the validation cells (TracIn; Pruthi et al. 2020, arXiv 2002.08484).
func (t *trainer) influence() []float64 {
	out := make([]float64, len(t.targets))
	for _, net := range t.checkpoints {
		p := newPass(net)
		width := net.Embeddings[0].Cols
		sums := make([]*tensor.Matrix[float64], len(net.Embeddings))
		for n, e := range net.Embeddings {
			sums[n] = tensor.NewMatrix[float64](e.Rows, width)
		}
		each(p, t.valid, t.validTarget, func(e int, d []float64) {
			for n, s := range sums {
				row := s.Row(int(t.valid[n][e]))
				for j := range row {
					row[j] += d[n*width+j]
				}
			}
		})
		each(p, t.index, t.targets, func(e int, d []float64) {
			for n, s := range sums {
				for j, v := range s.Row(int(t.index[n][e])) {
					out[e] += t.opt.Rate * v * d[n*width+j]
				}
			}
		})
	}
	return out
}

// each visits cells with the derivatives of their squared errors by the
// embeddings.
func each(p *pass, index [][]int32, targets []float64, use func(e int, d []float64)) {
	for lo := 0; lo < len(targets); lo += batchOfPredict {
		hi := min(lo+batchOfPredict, len(targets))
		p.forward(index, nil, lo, hi)
		p.slopes(targets, 1)
		p.backward()
		for e := lo; e < hi; e++ {
			use(e, p.d[0].Row(e-lo))
		}
	}
}

// importance adds up the absolute influences of the cells of each entity, a
// mode: those that did harm matter as well.
func importance(shape []int, index [][]int32, influence []float64) [][]float64 {
	out := make([][]float64, len(shape))
	for n, s := range shape {
		out[n] = make([]float64, s)
		for e, i := range index[n] {
			out[n][i] += math.Abs(influence[e])
		}
	}
	return out
}

// flat weighs all entities alike.
func flat(shape []int) [][]float64 {
	out := make([][]float64, len(shape))
	for n, s := range shape {
		out[n] = slices.Repeat([]float64{1}, s)
	}
	return out
}

// cells draws count cells that are not known, each index by the weights of
// its mode. If such cells are hard to find there are fewer.
func cells(shape []int, count int, weights [][]float64, known map[string]bool, rng *rand.Rand) [][]int32 {
	drawn := map[string]bool{}
	index := make([][]int32, len(shape))
	sums := make([][]float64, len(shape))
	for n, list := range weights {
		total := 0.0
		for _, w := range list {
			total += w
			sums[n] = append(sums[n], total)
		}
		if total == 0 { // nothing has influence: all alike
			for i := range sums[n] {
				sums[n][i] = float64(i + 1)
			}
		}
	}
	at := make([]int32, len(shape))
	for tries := 0; tries < 20*count && len(index[0]) < count; tries++ {
		for n, list := range sums {
			u := rng.Float64() * list[len(list)-1]
			at[n] = int32(min(sort.SearchFloat64s(list, u), len(list)-1))
		}
		if k := key(at); !known[k] && !drawn[k] {
			drawn[k] = true
			for n, i := range at {
				index[n] = append(index[n], i)
			}
		}
	}
	return index
}

// key is a cell as one can look it up.
func key(at []int32) string {
	b := make([]byte, 0, 4*len(at))
	for _, i := range at {
		b = append(b, byte(i), byte(i>>8), byte(i>>16), byte(i>>24))
	}
	return string(b)
}
