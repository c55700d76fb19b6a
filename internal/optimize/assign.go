package optimize

import "math"

// Assign gives each row a column of its own, or -1 if there are too few
// columns, so that the sum of the scores is largest. It is the Hungarian
// method by shortest augmenting paths, in O(rows^2*cols); Kuhn 1955,
// https://doi.org/10.1002/nav.3800020109; Jonker & Volgenant 1987,
// https://doi.org/10.1007/BF02278710.
func Assign(scores [][]float64, cols int) []int {
	rows := len(scores)
	if rows > cols { // as a matrix with rows and columns exchanged
		t := make([][]float64, cols)
		for s := range t {
			t[s] = make([]float64, rows)
			for r := range scores {
				t[s][r] = scores[r][s]
			}
		}
		out := make([]int, rows)
		for r := range out {
			out[r] = -1
		}
		for s, r := range Assign(t, rows) {
			out[r] = s
		}
		return out
	}
	// Prices u, v keep cost(r, s) = -score - u[r] - v[s] >= 0, and = 0 on the
	// assignment. Column `cols` stands for "begin here".
	u, v := make([]float64, rows), make([]float64, cols+1)
	owner := make([]int, cols+1)
	for s := range owner {
		owner[s] = -1
	}
	for r := range rows {
		owner[cols] = r
		at := cols
		dist := make([]float64, cols)
		for s := range dist {
			dist[s] = math.Inf(1)
		}
		from := make([]int, cols)
		done := make([]bool, cols+1)
		for owner[at] >= 0 {
			done[at] = true
			cur, nearest, delta := owner[at], -1, math.Inf(1)
			for s := range cols {
				if done[s] {
					continue
				}
				if d := -scores[cur][s] - u[cur] - v[s]; d < dist[s] {
					dist[s], from[s] = d, at
				}
				if nearest < 0 || dist[s] < delta {
					nearest, delta = s, dist[s]
				}
			}
			for s := range cols + 1 {
				switch {
				case done[s]:
					u[owner[s]] += delta
					v[s] -= delta
				case s < cols:
					dist[s] -= delta
				}
			}
			at = nearest
		}
		for at != cols {
			owner[at] = owner[from[at]]
			at = from[at]
		}
	}
	out := make([]int, rows)
	for s, r := range owner[:cols] {
		if r >= 0 {
			out[r] = s
		}
	}
	return out
}
