package linalg

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// Sketch says how a random range is found. The zero value works.
type Sketch struct {
	Oversample int    // columns drawn beyond the rank; 0 means 10
	Power      int    // power iterations with (A·Aᵀ); each sharpens the decay of the singular values. 0 means 2, negative none
	Seed       uint64 // of the random numbers
}

func (s Sketch) oversample() int {
	if s.Oversample <= 0 {
		return 10
	}
	return s.Oversample
}

func (s Sketch) power() int {
	if s.Power == 0 {
		return 2
	}
	return max(s.Power, 0)
}

// probes is the number of random vectors that the error is estimated from: the
// estimate is too small with a probability of 10^-probes at most.
const probes = 6

// RandomizedRange finds Q: m×l of orthonormal columns, l = min(k+Oversample,
// m, n), whose span nearly contains the first k left singular vectors of
// A: m×n. bound estimates the spectral norm ‖A − Q·Qᵀ·A‖ from above; it is
// exceeded with a probability below 10⁻⁶ over the seeds.
//
// Algorithms 4.3 and 4.4 with the estimate (4.3) of Halko, Martinsson & Tropp
// 2011, https://doi.org/10.1137/090771806.
func RandomizedRange[T tensor.Float](a *tensor.Matrix[T], k int, opt Sketch) (q *tensor.Matrix[T], bound float64, err error) {
	if k < 0 {
		return nil, 0, fmt.Errorf("linalg: RandomizedRange: rank is %d; it must not be negative", k)
	}
	amax, err := maxAbs("RandomizedRange", a)
	if err != nil {
		return nil, 0, err
	}
	s := scaleFor[T](amax)
	q, bound = randomRange(scaled(a, s), k, opt)
	return q, bound / s, nil
}

func randomRange[T tensor.Float](a *tensor.Matrix[T], k int, opt Sketch) (q *tensor.Matrix[T], bound float64) {
	m, n := a.Rows, a.Cols
	l := min(k+opt.oversample(), m, n)
	rng := rand.New(rand.NewPCG(opt.Seed, 0x9e3779b97f4a7c15))
	gauss := func(cols int) *tensor.Matrix[T] {
		g := tensor.NewMatrix[T](n, cols)
		for i := range g.Data {
			g.Data[i] = T(rng.NormFloat64())
		}
		return g
	}
	q, _ = thinQR(tensor.Mul(a, gauss(l)))
	for range opt.power() {
		z := tensor.NewMatrix[T](n, l)
		kernel.Gemm(1, a.View().T(), q.View(), 0, z.View())
		z, _ = thinQR(z)
		q, _ = thinQR(tensor.Mul(a, z))
	}
	// Two projections: one leaves an error of ε·‖A·ω‖ along Q.
	y := tensor.Mul(a, gauss(probes))
	for range 2 {
		c := newMat[T](l, probes)
		kernel.Gemm(1, q.View().T(), y.View(), 0, c)
		kernel.Gemm(-1, q.View(), c, 1, y.View())
	}
	for j := range probes {
		bound = max(bound, kernel.Nrm2(y.Col(j)))
	}
	return q, 10 * math.Sqrt(2/math.Pi) * bound
}

// RandomizedSVD approximates the first k singular triplets of A: m×n by the
// SVD of Qᵀ·A for the Q of [RandomizedRange]. u: m×k, s: k, vt: k×n (less
// than k where A has fewer rows or columns). bound estimates the spectral
// norm ‖A − U·diag(s)·Vᵀ‖ from above, to be compared with the least possible
// value, the singular value k+1 of A.
func RandomizedSVD[T tensor.Float](a *tensor.Matrix[T], k int, opt Sketch) (u *tensor.Matrix[T], s []float64, vt *tensor.Matrix[T], bound float64, err error) {
	if k < 0 {
		return nil, nil, nil, 0, fmt.Errorf("linalg: RandomizedSVD: rank is %d; it must not be negative", k)
	}
	amax, err := maxAbs("RandomizedSVD", a)
	if err != nil {
		return nil, nil, nil, 0, err
	}
	scale := scaleFor[T](amax)
	a = scaled(a, scale)
	q, bound := randomRange(a, k, opt)
	b := tensor.NewMatrix[T](q.Cols, a.Cols)
	kernel.Gemm(1, q.View().T(), a.View(), 0, b.View())
	w, s, vt, err := SVD(b)
	if err != nil {
		return nil, nil, nil, 0, err
	}
	r := min(k, len(s))
	if r < len(s) {
		bound += s[r]
	}
	u = tensor.Mul(q, w.Sub(0, w.Rows, 0, r))
	s = s[:r:r]
	unscale(s, scale)
	return u, s, vt.Sub(0, r, 0, vt.Cols).Clone(), bound / scale, nil
}
