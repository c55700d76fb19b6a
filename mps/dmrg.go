package mps

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/polyad/polyad/internal/field"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// DMRGOptions are those of [DMRG]. The zero value works.
type DMRGOptions struct {
	// Truncation of the cuts. Default: MaxBond 128 and Eps 1e-12. Early
	// sweeps use smaller bonds.
	Truncation
	// Sweeps is the most sweeps, to and fro. Default 40.
	Sweeps int
	// Tol ends the run when a sweep changes the energy by less than this part
	// of it (of 1, for a small energy). Default 1e-10.
	Tol float64
	// Start is the first state. Default: a random one by Seed.
	Start *State
	Seed  uint64
	// Excluded are states to stay away from, such as the ground state when an
	// excited one is wanted: Penalty·Σ |φ⟩⟨φ| is added to the operator. The
	// penalty must exceed the gap; it has no default.
	Excluded []*State
	Penalty  float64
}

// DMRGResult says how a run went.
type DMRGResult struct {
	// Energy is ⟨ψ|H|ψ⟩ of the state that is returned, which has norm 1.
	Energy    float64
	Sweeps    int
	Converged bool      // false if the sweeps ran out
	Energies  []float64 // after each sweep, penalties included
	// MaxLost is the most that a cut of the last sweep discarded.
	MaxLost float64
	// Real is set if all numbers were real.
	Real bool
}

// DMRG finds the state of the lowest energy of a Hermitian operator by the
// density matrix renormalisation group: two neighbouring sites at a time take
// the best value for all others fixed, in sweeps to and fro. The error of the
// energy is of the order of what the cuts discard; [State.Variance] tells
// more. Where the operator and the states are real, so is the calculation.
//
// White 1992, https://doi.org/10.1103/PhysRevLett.69.2863; Schollwöck 2011,
// https://doi.org/10.1016/j.aop.2010.09.012.
func DMRG(ctx context.Context, h *Operator, opt DMRGOptions) (*State, DMRGResult, error) {
	if len(h.cores) < 2 {
		return nil, DMRGResult{}, fmt.Errorf("mps: DMRG needs at least two sites; the operator has %d", len(h.cores))
	}
	if len(opt.Excluded) > 0 && !(opt.Penalty > 0) {
		return nil, DMRGResult{}, fmt.Errorf("mps: DMRG: the penalty of excluded states is %v; it must be positive, and larger than the gap", opt.Penalty)
	}
	if opt.MaxBond == 0 {
		opt.MaxBond = 128
	}
	if opt.Eps == 0 {
		opt.Eps = 1e-12
	}
	opt.Sweeps = orDefault(opt.Sweeps, 40)
	if opt.Tol == 0 {
		opt.Tol = 1e-10
	}
	if opt.Start == nil {
		opt.Start = randomReal(opt.Seed, h.Dims())
	} else {
		h.same("DMRG", opt.Start.Dims())
		opt.Start = opt.Start.Clone()
	}
	for _, phi := range opt.Excluded {
		h.same("DMRG", phi.Dims())
	}
	opt.Start.MoveCenter(0)
	opt.Start.Normalize()
	real := isReal(opt.Start)
	for _, c := range h.cores {
		real = real && !slices.ContainsFunc(c.Data(), isComplex)
	}
	for _, phi := range opt.Excluded {
		real = real && isReal(phi)
	}
	if real {
		return dmrg[float64](ctx, h, opt)
	}
	return dmrg[complex128](ctx, h, opt)
}

func isComplex(v complex128) bool { return imag(v) != 0 }

func isReal(s *State) bool {
	return !slices.ContainsFunc(s.sites, func(c core[complex128]) bool { return slices.ContainsFunc(c.a, isComplex) })
}

// randomReal is a state of random real cores with small bonds.
func randomReal(seed uint64, dims []int) *State {
	rng := rand.New(rand.NewPCG(seed, 0xd3))
	s := &State{fidelity: 1}
	l := 1
	for k, d := range dims {
		r := 4
		if k == len(dims)-1 {
			r = 1
		}
		c := newCore[complex128](l, d, r)
		for i := range c.a {
			c.a[i] = complex(rng.NormFloat64(), 0)
		}
		s.sites = append(s.sites, c)
		l = r
	}
	s.recanonicalize()
	return s
}

// solver is a run of DMRG.
type solver[T scalar] struct {
	h           []*tensor.Dense[T]
	sites       []core[T]
	left, right []*env[T]
	excluded    []excluded[T]
	penalty     T
}

// excluded is a state to stay away from, with its overlaps.
type excluded[T scalar] struct {
	sites       []core[T]
	one         []*tensor.Dense[T] // the identity
	left, right []*env[T]
}

func dmrg[T scalar](ctx context.Context, h *Operator, opt DMRGOptions) (*State, DMRGResult, error) {
	n := len(h.cores)
	res := DMRGResult{}
	_, res.Real = any(T(0)).(float64)
	s := &solver[T]{h: operatorCores[T](h), sites: siteCores[T](opt.Start), penalty: field.Real[T](opt.Penalty)}
	s.left, s.right = edges[T](n), edges[T](n)
	for _, phi := range opt.Excluded {
		phi = phi.Clone()
		phi.Normalize()
		s.excluded = append(s.excluded, excluded[T]{siteCores[T](phi), operatorCores[T](identity(h.Dims())), edges[T](n), edges[T](n)})
	}
	for k := n - 1; k > 1; k-- {
		s.stepLeft(k)
	}
	bond := min(16, opt.MaxBond)
	for res.Sweeps < opt.Sweeps && !res.Converged {
		t := Truncation{bond, opt.Eps}
		energy := 0.0
		res.MaxLost = 0
		for step := range 2 * (n - 1) {
			if err := ctx.Err(); err != nil {
				return nil, res, err
			}
			k, right := step, true
			if step >= n-1 {
				k, right = 2*(n-1)-1-step, false
			}
			e, lost, err := s.optimise(k, t, right)
			if err != nil {
				return nil, res, fmt.Errorf("mps: DMRG: sites %d and %d: %w", k, k+1, err)
			}
			energy, res.MaxLost = e, max(res.MaxLost, lost)
			if right {
				s.stepRight(k)
			} else {
				s.stepLeft(k + 1)
			}
		}
		res.Sweeps++
		if m := len(res.Energies); m > 0 && bond == opt.MaxBond {
			res.Converged = math.Abs(energy-res.Energies[m-1]) <= opt.Tol*max(1, math.Abs(energy))
		}
		res.Energies = append(res.Energies, energy)
		bond = min(2*bond, opt.MaxBond)
	}
	out := &State{fidelity: 1}
	for _, c := range s.sites {
		out.sites = append(out.sites, core[complex128]{c.l, c.d, c.r, toComplex(c.a)})
	}
	out.Normalize()
	res.Energy = real(out.Expect(h))
	return out, res, nil
}

// optimise gives sites k and k+1 their best value, cuts them apart and tells
// the energy before the cut.
func (s *solver[T]) optimise(k int, t Truncation, right bool) (energy, lost float64, err error) {
	a, b := s.sites[k], s.sites[k+1]
	theta := mul(a.tall().View(), b.wide().View())
	h := newLocal(s.left[k], s.right[k+1], s.h[k], s.h[k+1])
	for _, x := range s.excluded {
		p := nearest(x.left[k], x.right[k+1], x.one[k], x.one[k+1], x.sites[k], x.sites[k+1])
		h.away = append(h.away, p.Data)
	}
	h.penalty = s.penalty
	energy, v, err := lanczos(h.apply, theta.Data)
	if err != nil {
		return 0, 0, err
	}
	l, r, lost, err := split(tensor.MatrixOf(theta.Rows, theta.Cols, v), t, right)
	if err != nil {
		return 0, 0, err
	}
	s.sites[k] = core[T]{a.l, a.d, l.Cols, l.Data}
	s.sites[k+1] = core[T]{r.Rows, b.d, b.r, r.Data}
	return energy, lost, nil
}

// stepRight makes the environments on the left of site k+1.
func (s *solver[T]) stepRight(k int) {
	s.left[k+1] = s.left[k].stepRight(s.sites[k], s.h[k], s.sites[k])
	for _, x := range s.excluded {
		x.left[k+1] = x.left[k].stepRight(s.sites[k], x.one[k], x.sites[k])
	}
}

// stepLeft makes the environments on the right of site k-1.
func (s *solver[T]) stepLeft(k int) {
	s.right[k-1] = s.right[k].stepLeft(s.sites[k], s.h[k], s.sites[k])
	for _, x := range s.excluded {
		x.right[k-1] = x.right[k].stepLeft(s.sites[k], x.one[k], x.sites[k])
	}
}

// local is the operator as two sites see it.
type local[T scalar] struct {
	l, d, r       int           // of the two sites together
	left, w, last kernel.Mat[T] // (p, w)×q, (i, w')×(w, j), (w', q')×p'
	away          [][]T
	penalty       T
}

func newLocal[T scalar](left, right *env[T], a, b *tensor.Dense[T]) *local[T] {
	as, bs := a.Shape(), b.Shape()
	wl, d, m, e, wr := as[0], as[1], as[3], bs[1], bs[3]
	// (w, i, j) × m times m × (i', j', w')
	x := mul(kernel.RowMajor(wl*d*d, m, a.Data()), kernel.RowMajor(m, e*e*wr, b.Data()))
	w := newMat[T](d*e*wr, wl*d*e)
	both := tensor.FromSlice(x.Data, wl, d, d, e, e, wr).Permute(1, 3, 5, 0, 2, 4)
	copy(w.Data, both.Clone().Data())
	last := newMat[T](right.w*right.first, right.last)
	kernel.Permute(last.Data, right.a, []int{right.w, right.first, right.last}, []int{right.last, right.w * right.last, 1})
	return &local[T]{l: left.last, d: d * e, r: right.first,
		left: kernel.RowMajor(left.first*left.w, left.last, left.a), w: w, last: last}
}

// apply is the product with a vector l×d×r.
func (h *local[T]) apply(v []T) []T {
	x := mul(h.left, kernel.RowMajor(h.l, h.d*h.r, v))
	y := mulOperator(h.l, h.w, x.Data, h.r)
	out := mul(kernel.RowMajor(h.l*h.d, h.last.Rows, y), h.last).Data
	for _, p := range h.away {
		f := h.penalty * dot(p, v)
		for i, u := range p {
			out[i] += f * u
		}
	}
	return out
}

const (
	krylov      = 10    // vectors of a Lanczos run
	lanczosStop = 1e-11 // residual, over the energy, that is good enough
)

// lanczos is the lowest eigenvalue of a Hermitian operator, and its vector,
// as far as a few products tell, starting from v: the state of the last
// visit, which is good already.
//
// Lanczos 1950, https://doi.org/10.6028/jres.045.026.
func lanczos[T scalar](apply func([]T) []T, v []T) (float64, []T, error) {
	n := norm2(v)
	if !(n > 0) || math.IsInf(n, 0) {
		return 0, nil, fmt.Errorf("the state has norm %v", n)
	}
	first := slices.Clone(v)
	field.Scale(1/n, first)
	basis := [][]T{first}
	var alpha, beta []float64
	for {
		k := len(basis)
		w := apply(basis[k-1])
		alpha = append(alpha, realPart(dot(basis[k-1], w)))
		// Twice against all: rounding does not add up.
		for range 2 {
			for _, b := range basis {
				f := dot(b, w)
				for i, x := range b {
					w[i] -= f * x
				}
			}
		}
		rest := norm2(w)
		m := tensor.NewMatrix[float64](k, k)
		for i := range k {
			m.Set(i, i, alpha[i])
			if i > 0 {
				m.Set(i, i-1, beta[i-1])
			}
		}
		values, vectors, err := linalg.SymEig(m)
		if err != nil {
			return 0, nil, fmt.Errorf("the operator is not finite: %w", err)
		}
		energy := values[k-1]
		residual := rest * math.Abs(vectors.At(k-1, k-1))
		if k == krylov || k == len(v) || residual <= lanczosStop*max(1, math.Abs(energy)) {
			out := make([]T, len(v))
			for j, b := range basis {
				f := field.Real[T](vectors.At(j, k-1))
				for i, x := range b {
					out[i] += f * x
				}
			}
			return energy, out, nil
		}
		field.Scale(1/rest, w)
		beta = append(beta, rest)
		basis = append(basis, w)
	}
}

func edges[T scalar](n int) []*env[T] {
	e := make([]*env[T], n)
	e[0], e[n-1] = edge[T](), edge[T]()
	return e
}

func operatorCores[T scalar](o *Operator) []*tensor.Dense[T] {
	var cores []*tensor.Dense[T]
	for _, c := range o.cores {
		cores = append(cores, tensor.FromSlice(fromComplex[T](c.Data()), c.Shape()...))
	}
	return cores
}

func siteCores[T scalar](s *State) []core[T] {
	var sites []core[T]
	for _, c := range s.sites {
		sites = append(sites, core[T]{c.l, c.d, c.r, fromComplex[T](c.a)})
	}
	return sites
}
