package optimize

import (
	"math"
	"math/rand/v2"
	"testing"
)

// best is the largest sum over all ways of giving rows columns of their own.
func best(scores [][]float64, cols int, used int) float64 {
	if len(scores) == 0 {
		return 0
	}
	most := math.Inf(-1)
	if len(scores) > cols-popcount(used) { // this row may go without
		most = best(scores[1:], cols, used)
	}
	for s := range cols {
		if used>>s&1 == 0 {
			most = max(most, scores[0][s]+best(scores[1:], cols, used|1<<s))
		}
	}
	return most
}

func popcount(x int) (n int) {
	for ; x > 0; x &= x - 1 {
		n++
	}
	return n
}

func TestAssignIsOptimal(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for trial := range 400 {
		rows, cols := 1+rng.IntN(5), 1+rng.IntN(5)
		scores := make([][]float64, rows)
		for r := range scores {
			scores[r] = make([]float64, cols)
			for s := range scores[r] {
				scores[r][s] = rng.Float64()
				if trial%3 == 0 { // many ties
					scores[r][s] = float64(rng.IntN(3)) / 2
				}
			}
		}
		out := Assign(scores, cols)
		sum, seen, pairs := 0.0, map[int]bool{}, 0
		for r, s := range out {
			if s < 0 {
				continue
			}
			if seen[s] {
				t.Fatalf("column %d is given twice: %v", s, out)
			}
			seen[s] = true
			sum += scores[r][s]
			pairs++
		}
		if pairs != min(rows, cols) {
			t.Fatalf("%d pairs of %d×%d: %v", pairs, rows, cols, out)
		}
		if want := best(scores, cols, 0); !(math.Abs(sum-want) <= 1e-12) {
			t.Fatalf("sum %v, the best is %v: %v gives %v", sum, want, scores, out)
		}
	}
}
