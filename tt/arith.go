package tt

import (
	"fmt"
	"slices"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

func (t *Tensor) sameShape(what string, u *Tensor) {
	if !slices.Equal(t.Shape(), u.Shape()) {
		panic(fmt.Sprintf("tt: %s of shapes %v and %v", what, t.Shape(), u.Shape()))
	}
}

// Scale is alpha times the tensor. All cores but the first are shared.
func (t *Tensor) Scale(alpha float64) *Tensor {
	s := &Tensor{Cores: slices.Clone(t.Cores), Modes: tensor.CloneAxes(t.Modes)}
	s.Cores[0] = tensor.Scale(alpha, s.Cores[0])
	return s
}

// Add is the sum of two trains of one shape, exactly: the cores lie on block
// diagonals, so that ranks add up (see [Round]). The axes are those of t.
func (t *Tensor) Add(u *Tensor) *Tensor {
	t.sameShape("Add", u)
	s := &Tensor{Modes: tensor.CloneAxes(t.Modes)}
	d := len(t.Cores)
	if d == 1 {
		s.Cores = []*tensor.Dense[float64]{tensor.Add(t.Cores[0], u.Cores[0])}
		return s
	}
	for k, a := range t.Cores {
		b := u.Cores[k]
		left, right := a.Shape()[0]+b.Shape()[0], a.Shape()[2]+b.Shape()[2]
		leftAt, rightAt := a.Shape()[0], a.Shape()[2]
		if k == 0 {
			left, leftAt = 1, 0
		}
		if k == d-1 {
			right, rightAt = 1, 0
		}
		g := tensor.New[float64](left, a.Shape()[1], right)
		g.Slice(0, 0, a.Shape()[0], 1).Slice(2, 0, a.Shape()[2], 1).CopyFrom(a)
		g.Slice(0, leftAt, left, 1).Slice(2, rightAt, right, 1).CopyFrom(b)
		s.Cores = append(s.Cores, g)
	}
	return s
}

// Hadamard is the elementwise product of two trains of one shape, exactly:
// slice i of a core is the Kronecker product of the slices, so that ranks
// multiply (see [Round]). The axes are those of t.
func (t *Tensor) Hadamard(u *Tensor) *Tensor {
	t.sameShape("Hadamard", u)
	s := &Tensor{Modes: tensor.CloneAxes(t.Modes)}
	for k, a := range t.Cores {
		b := u.Cores[k]
		sa, sb := a.Shape(), b.Shape()
		as, bs := a.Data(), b.Data()
		g := make([]float64, 0, sa[0]*sb[0]*sa[1]*sa[2]*sb[2])
		for p := range sa[0] {
			for q := range sb[0] {
				for i := range sa[1] {
					bRow := bs[(q*sb[1]+i)*sb[2]:][:sb[2]]
					for _, v := range as[(p*sa[1]+i)*sa[2]:][:sa[2]] {
						for _, w := range bRow {
							g = append(g, v*w)
						}
					}
				}
			}
		}
		s.Cores = append(s.Cores, tensor.FromSlice(g, sa[0]*sb[0], sa[1], sa[2]*sb[2]))
	}
	return s
}

// Inner is the inner product sum t_i*u_i of two trains of one shape, found
// core by core.
func (t *Tensor) Inner(u *Tensor) float64 {
	t.sameShape("Inner", u)
	v := kernel.RowMajor(1, 1, []float64{1}) // of the modes so far: rank of u × rank of t
	for k, a := range t.Cores {
		b := u.Cores[k]
		sa, sb := a.Shape(), b.Shape()
		w := kernel.RowMajor(sb[0], sa[1]*sa[2], make([]float64, sb[0]*sa[1]*sa[2]))
		kernel.Gemm(1, v, kernel.RowMajor(sa[0], sa[1]*sa[2], a.Data()), 0, w)
		next := kernel.RowMajor(sb[2], sa[2], make([]float64, sb[2]*sa[2]))
		kernel.Gemm(1, kernel.RowMajor(sb[0]*sb[1], sb[2], b.Data()).T(), kernel.RowMajor(sb[0]*sa[1], sa[2], w.Data), 0, next)
		v = next
	}
	return v.Data[0]
}
