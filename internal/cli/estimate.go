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
	sampleLeast = 64  // rows of a sample, at first
	sampleMost  = 512 // beyond, a guess would take too long
	sampleWide  = 2   // columns for each row
)

// sampledRank is the number of singular values that a relative error of tol
// keeps of a random submatrix of an unfolding. The sample grows until it keeps
// no more than its half does, or has all rows. Where more and more are kept,
// as of noise in proportion to the rows, that is taken to go on up to the size
// of the unfolding. 0 says that nothing can be said.
func sampledRank(at func([]int) float64, shape, rows, cols []int, tol float64) int {
	rng := rand.New(rand.NewPCG(1, uint64(len(rows))))
	total := func(modes []int) float64 {
		p := 1.0
		for _, n := range modes {
			p *= float64(shape[n])
		}
		return p
	}
	if total(rows) > total(cols) {
		rows, cols = cols, rows
	}
	most := total(rows)
	kept := func(m *tensor.Matrix[float64]) int {
		norm := tensor.FromSlice(m.Data, len(m.Data)).Norm()
		s, err := linalg.SingularValues(m)
		if err != nil || norm == 0 {
			return 0
		}
		// Of noise, r vectors take a larger share of the sample than of the
		// unfolding: what is left is scaled up.
		tail := 0.0
		rank := len(s)
		for r := len(s) - 1; r > 0; r-- {
			tail = math.Hypot(tail, s[r])
			scale := (1 - float64(r)/most) / (1 - float64(r)/float64(m.Rows)) / (1 - float64(r)/float64(m.Cols))
			if !(tail*math.Sqrt(max(1, scale)) <= tol*norm) {
				break
			}
			rank = r
		}
		return rank
	}
	for size := sampleLeast; ; size *= 2 {
		a := draw(rng, shape, rows, size)
		b := draw(rng, shape, cols, sampleWide*size)
		m := tensor.NewMatrix[float64](len(a), len(b))
		idx := make([]int, len(shape))
		for i, r := range a {
			for j, c := range b {
				for k, n := range rows {
					idx[n] = r[k]
				}
				for k, n := range cols {
					idx[n] = c[k]
				}
				m.Set(i, j, at(idx))
			}
		}
		rank := kept(m)
		if rank == 0 || float64(len(a)) >= most {
			return rank
		}
		half := kept(m.Sub(0, (len(a)+1)/2, 0, (len(b)+1)/2).Clone())
		if half == 0 || rank <= half+half/10 && 3*rank <= len(a) {
			return rank
		}
		if size >= sampleMost {
			if 4*rank > 3*len(a) {
				return 0
			}
			grows := float64(rank-half) / float64(len(a)-(len(a)+1)/2)
			return int(min(most, float64(rank)+max(0, grows)*(most-float64(len(a)))))
		}
	}
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
