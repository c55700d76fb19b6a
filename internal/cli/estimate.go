package cli

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// sampled are data of which single elements can be looked at.
type sampled struct {
	shape []int
	fiber func(dst []float64, mode int, idx ...int) // reads from idx on along a mode
	fast  int                                       // the mode along which that is one access
}

func (x *sampled) at(idx []int) float64 {
	var v [1]float64
	x.fiber(v[:], x.fast, idx...)
	return v[0]
}

// estimateTucker and estimateTT predict what eps asks for, from samples of the
// unfoldings, with the ranks that they suggest: nil if they say too little.
func estimateTucker(x *sampled, bytes int, eps float64) (p fit.Plan, ranks []int, err error) {
	tol := eps / math.Sqrt(float64(len(x.shape)))
	square := x.meanSquare()
	tails := make([][]float64, len(x.shape))
	par.Do(len(tails), func(n int) { tails[n] = x.tails(n, square) })
	opt := tucker.Options{Eps: eps}
	if !slices.ContainsFunc(tails, func(t []float64) bool { return t == nil }) {
		return tucker.PlanSpectra(x.shape, bytes, opt, tails)
	}
	for n := range x.shape {
		rank := 0
		if tails[n] != nil {
			rank = rankOf(tails[n], tol)
		} else {
			rank = sampledRank(x, []int{n}, without(x.shape, n), tol)
		}
		if rank == 0 {
			return p, nil, nil
		}
		opt.Ranks = append(opt.Ranks, rank)
	}
	p, err = tucker.PlanSTHOSVD(x.shape, bytes, opt)
	return p, opt.Ranks, err
}

func estimateTT(x *sampled, bytes int, eps float64) (p fit.Plan, ranks []int, err error) {
	modes := make([]int, len(x.shape))
	for n := range modes {
		modes[n] = n
	}
	cuts := max(0, len(modes)-1)
	tol := eps / math.Sqrt(float64(cuts))
	square := x.meanSquare()
	for k := range cuts {
		rank := 0
		var tails []float64
		if k == 0 || k == cuts-1 {
			tails = x.tails(k/max(1, cuts-1)*cuts, square)
		}
		if tails != nil {
			rank = rankOf(tails, tol)
		} else {
			rank = sampledRank(x, modes[:k+1], modes[k+1:], tol)
		}
		if rank == 0 {
			return p, nil, nil
		}
		ranks = append(ranks, rank)
	}
	p, err = tt.PlanSVD(x.shape, bytes, tt.Options{Eps: eps, Ranks: ranks})
	return p, ranks, err
}

// without is the modes of a shape but one.
func without(shape []int, n int) (modes []int) {
	for m := range shape {
		if m != n {
			modes = append(modes, m)
		}
	}
	return modes
}

// rankOf is the least rank that leaves at most tol.
func rankOf(tails []float64, tol float64) int {
	return max(1, slices.IndexFunc(tails, func(t float64) bool { return t <= tol }))
}

const (
	sampleRows    = 512 // of an unfolding that is sampled with all of its rows
	sampleColumns = 3   // for each row
	sampleRun     = 16  // columns that lie beside each other
	samplePlaces  = 1 << 13
)

// meanSquare estimates that of an element from more places than the columns
// of one unfolding are: the energy of a tensor may lie in few of them.
func (x *sampled) meanSquare() float64 {
	rng := rand.New(rand.NewPCG(2, 0))
	modes := make([]int, len(x.shape))
	for n := range modes {
		modes[n] = n
	}
	run := make([]float64, min(sampleRun, x.shape[x.fast]))
	sum, count := 0.0, 0
	for _, idx := range draw(rng, x.shape, modes, samplePlaces) {
		at := min(idx[x.fast], x.shape[x.fast]-len(run))
		idx[x.fast] = at
		x.fiber(run, x.fast, idx...)
		for _, v := range run {
			sum += v * v
		}
		count += len(run)
	}
	return sum / float64(count)
}

// tails estimates, for each rank r, the relative norm of what r singular vectors
// leave of the mode-n unfolding, from all rows of some columns, given the mean
// square of an element; nil for too many rows.
//
// The singular vectors of half of the columns explain more of these than of
// all others, and of the other half as much as of columns without number: noise
// is fitted in the one and not in the other. The unfolding has a certain number,
// and lies between, as the widths of the spectra of noise do: they go with
// the root of rows over columns (Marchenko & Pastur 1967).
func (x *sampled) tails(n int, square float64) []float64 {
	rows := x.shape[n]
	if rows > sampleRows {
		return nil
	}
	total := 1.0
	for _, m := range without(x.shape, n) {
		total *= float64(x.shape[m])
	}
	a, b := x.columns(n, total)
	all := b == nil
	stack, taken := a, a.Rows
	if !all {
		taken += b.Rows
		triangle, err := linalg.QRTriangle(a)
		if err != nil {
			return nil
		}
		a = triangle
		stack = tensor.MatrixOf(a.Rows+b.Rows, rows, slices.Concat(a.Data, b.Data))
	}
	inside := make([]float64, rows+1) // squares
	s, err := linalg.SingularValues(stack)
	if err != nil {
		return nil
	}
	for r := len(s) - 1; r >= 0; r-- {
		inside[r] = inside[r+1] + s[r]*s[r]
	}
	out := make([]float64, rows+1) // likewise of the other half
	weight := 1.0
	if !all {
		_, _, vt, err := linalg.SVD(a)
		if err != nil {
			return nil
		}
		p := tensor.Mul(b, vt.Transpose())
		for r := rows - 1; r >= 0; r-- {
			q := 0.0
			if r < p.Cols {
				for _, c := range p.Col(r) {
					q += c * c
				}
			}
			out[r] = out[r+1] + q
		}
		weight = math.Sqrt(float64(taken) / total)
	}
	if !(inside[0] > 0) || !(square > 0) {
		return nil
	}
	tails := make([]float64, rows+1)
	for r := range tails {
		mean := weight * inside[r] / float64(taken*rows)
		if !all {
			mean += (1 - weight) * out[r] / float64(b.Rows*rows)
		}
		tails[r] = math.Sqrt(mean / square)
		if all {
			tails[r] = math.Sqrt(inside[r] / inside[0])
		}
	}
	return tails
}

// columns are two halves of a sample of the columns of the mode-n unfolding, as
// rows of matrices; or all of them, and nil.
func (x *sampled) columns(n int, total float64) (a, b *tensor.Matrix[float64]) {
	rows := x.shape[n]
	others := without(x.shape, n)
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	count := sampleColumns * max(rows, 64)
	read := func(list [][]int, run int) *tensor.Matrix[float64] {
		m := tensor.NewMatrix[float64](len(list)*run, rows)
		idx, dst := make([]int, len(x.shape)), make([]float64, run)
		for j, c := range list {
			for k, o := range others {
				idx[o] = c[k]
			}
			if idx[n] = 0; n == x.fast {
				x.fiber(m.Row(j), n, idx...)
				continue
			}
			for i := range rows {
				idx[n] = i
				x.fiber(dst, x.fast, idx...)
				for k, v := range dst {
					m.Set(j*run+k, i, v)
				}
			}
		}
		return m
	}
	if total <= float64(count) {
		return read(draw(rng, x.shape, others, count), 1), nil
	}
	run := 1
	if n != x.fast {
		run = min(sampleRun, x.shape[x.fast])
	}
	list := draw(rng, x.shape, others, (count+run-1)/run)
	if n != x.fast {
		at := slices.Index(others, x.fast)
		for _, c := range list {
			c[at] = min(c[at], x.shape[x.fast]-run)
		}
	}
	return read(list[:len(list)/2], run), read(list[len(list)/2:], run)
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
func sampledRank(x *sampled, rows, cols []int, tol float64) int {
	shape := x.shape
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
				m.Set(i, j, x.at(idx))
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
