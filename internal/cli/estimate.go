package cli

import (
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// estimateTucker and estimateTT guess the ranks that eps will choose, from
// samples of the unfoldings. They give nil if the samples say too little.
func estimateTucker(at func([]int) float64, shape []int, eps float64) []int {
	ranks := make([]int, len(shape))
	for n := range shape {
		var others []int
		for m := range shape {
			if m != n {
				others = append(others, m)
			}
		}
		if ranks[n] = sampledRank(at, shape, []int{n}, others, eps/math.Sqrt(float64(len(shape)))); ranks[n] == 0 {
			return nil
		}
	}
	return ranks
}

func estimateTT(at func([]int) float64, shape []int, eps float64) []int {
	modes := make([]int, len(shape))
	for n := range modes {
		modes[n] = n
	}
	ranks := make([]int, max(0, len(shape)-1))
	for k := range ranks {
		if ranks[k] = sampledRank(at, shape, modes[:k+1], modes[k+1:], eps/math.Sqrt(float64(len(ranks)))); ranks[k] == 0 {
			return nil
		}
	}
	return ranks
}

const (
	sampleLeast = 64  // rows and columns of a sample, at first
	sampleMost  = 512 // beyond, a guess would take too long
)

// sampledRank is the number of singular values that a relative error of tol
// keeps of a random submatrix of an unfolding. The sample grows until the
// rank is well below its size; 0 says that it never was.
func sampledRank(at func([]int) float64, shape, rows, cols []int, tol float64) int {
	rng := rand.New(rand.NewPCG(1, uint64(len(rows))))
	total := func(modes []int) float64 {
		p := 1.0
		for _, n := range modes {
			p *= float64(shape[n])
		}
		return p
	}
	most := min(total(rows), total(cols))
	for size := sampleLeast; size <= sampleMost; size *= 2 {
		a := draw(rng, shape, rows, size)
		b := draw(rng, shape, cols, size)
		m := tensor.NewMatrix[float64](len(a), len(b))
		idx := make([]int, len(shape))
		norm := 0.0
		for i, r := range a {
			for j, c := range b {
				for k, n := range rows {
					idx[n] = r[k]
				}
				for k, n := range cols {
					idx[n] = c[k]
				}
				v := at(idx)
				m.Set(i, j, v)
				norm = math.Hypot(norm, v)
			}
		}
		s, err := linalg.SingularValues(m)
		if err != nil || norm == 0 {
			return 0
		}
		rank, _ := linalg.TruncationRank(s, 0, tol*norm)
		if rank = max(rank, 1); 2*rank <= min(len(a), len(b)) || float64(min(len(a), len(b))) >= most {
			return rank
		}
	}
	return 0
}

// draw chooses indices of some modes taken as one: all of them if there are
// no more than count, else so many at random.
func draw(rng *rand.Rand, shape, modes []int, count int) [][]int {
	total := 1.0
	for _, n := range modes {
		total *= float64(shape[n])
	}
	all := total <= float64(count)
	if all {
		count = int(total)
	}
	out := make([][]int, count)
	for i := range out {
		out[i] = make([]int, len(modes))
		rest := i
		for k := len(modes) - 1; k >= 0; k-- {
			s := shape[modes[k]]
			if all {
				out[i][k], rest = rest%s, rest/s
			} else {
				out[i][k] = rng.IntN(s)
			}
		}
	}
	return out
}
