package dain

import (
	"math"
	"math/rand/v2"
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

// importance adds up the influences of the cells of each entity, a mode.
func importance(shape []int, index [][]int32, influence []float64) [][]float64 {
	out := make([][]float64, len(shape))
	for n, s := range shape {
		out[n] = make([]float64, s)
		for e, i := range index[n] {
			out[n][i] += influence[e]
		}
	}
	return out
}

// cells draws count cells that are not known, each index by the weights of
// its mode. If such cells are hard to find there are fewer.
func cells(shape []int, count int, weights [][]float64, known map[string]bool, rng *rand.Rand) [][]int32 {
	index := make([][]int32, len(shape))
	sums := make([][]float64, len(shape))
	for n, list := range weights {
		total := 0.0
		for _, w := range list {
			total += w
			sums[n] = append(sums[n], total)
		}
	}
	at := make([]int32, len(shape))
	for tries := 0; tries < 20*count && len(index[0]) < count; tries++ {
		for n, list := range sums {
			u := rng.Float64() * list[len(list)-1]
			at[n] = int32(min(sort.SearchFloat64s(list, u), len(list)-1))
		}
		if k := key(at); !known[k] {
			known[k] = true
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

// weightsOf are importances as weights of a draw: those below zero count as
// zero, and every entity keeps a little.
func weightsOf(importance [][]float64) [][]float64 {
	out := make([][]float64, len(importance))
	for n, list := range importance {
		mean := 0.0
		for _, v := range list {
			mean += math.Max(0, v) / float64(len(list))
		}
		out[n] = make([]float64, len(list))
		for i, v := range list {
			out[n][i] = math.Max(0, v) + 0.1*mean
			if mean == 0 {
				out[n][i] = 1
			}
		}
	}
	return out
}
