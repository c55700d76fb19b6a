package lowrank

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// products is a matrix that answers products.
type products struct{ *tensor.Matrix[float64] }

func (m products) Size() (rows, cols int) { return m.Rows, m.Cols }
func (m products) Times(dst, b *tensor.Matrix[float64]) {
	kernel.Gemm(1, m.View(), b.View(), 0, dst.View())
}
func (m products) TransposeTimes(dst, q *tensor.Matrix[float64]) {
	kernel.Gemm(1, m.View().T(), q.View(), 0, dst.View())
}

func always(int, int) error { return nil }

// Krylov spaces leave what the singular value decomposition leaves, of flat
// and of falling singular values, wide and tall, for ranks and tolerances down
// to rounding errors.
func TestKrylov(t *testing.T) {
	for _, size := range [][2]int{{300, 500}, {700, 260}} {
		for _, ratio := range []float64{1, 0.9, 0.5} {
			rng := rand.New(rand.NewPCG(4, 2))
			x := graded(rng, ratio, size[0], size[1])
			norm := x.Norm()
			for _, lim := range []Limit{{Rank: 7}, {Tol: 0.3 * norm}, {Tol: 1e-3 * norm}, {Tol: 1e-10 * norm}, {Rank: 4, Tol: 0.3 * norm}} {
				want, err := Leading(x, 0, norm, lim)
				if err != nil {
					t.Fatal(err)
				}
				m := products{tensor.MatrixOf(size[0], size[1], x.Data())}
				b, xu, ok, err := Krylov(context.Background(), m, norm, lim, rng, always)
				if err != nil {
					t.Fatal(err)
				}
				if !ok {
					if want.Rank() < 20 && ratio < 1 {
						t.Errorf("%v, ratio %v, %+v: nothing found of rank %d", size, ratio, lim, want.Rank())
					}
					continue
				}
				left := tensor.Distance(x, tensor.TTM(tensor.FromSlice(xu.Transpose().Data, b.Rank(), size[1]), b.U, 0))
				if !(left <= want.Tail*(1+1e-4)+1e-13*norm || lim.Tol > 0 && left <= lim.Tol) {
					t.Errorf("%v, ratio %v, %+v: rank %d leaves %g, the best of rank %d %g", size, ratio, lim, b.Rank(), left/norm, want.Rank(), want.Tail/norm)
				}
				if !(math.Abs(b.Tail-left) <= 1e-9*norm || b.Tail >= left && b.Tail <= 10*left+1e-13*norm) {
					t.Errorf("%v, ratio %v, %+v: the tail is %g, %g is left", size, ratio, lim, b.Tail/norm, left/norm)
				}
				if lim.Rank == 0 && (b.Rank() < want.Rank() || b.Rank() > want.Rank()+want.Rank()/4) {
					t.Errorf("%v, ratio %v, %+v: rank %d, the least is %d", size, ratio, lim, b.Rank(), want.Rank())
				}
				g := tensor.Gram(b.U)
				for i := range g.Rows {
					g.Data[i*g.Cols+i]--
				}
				if e := kernel.Nrm2(g.Data); !(e <= 1e-12) {
					t.Errorf("%v, ratio %v, %+v: not orthonormal by %g", size, ratio, lim, e)
				}
			}
		}
	}
}

func TestKrylovRefuses(t *testing.T) {
	m := products{tensor.Eye[float64](300)}
	no := errors.New("no room")
	_, _, _, err := Krylov(context.Background(), m, math.Sqrt(300), Limit{Rank: 3}, rand.New(rand.NewPCG(1, 1)), func(int, int) error { return no })
	if !errors.Is(err, no) {
		t.Error(err)
	}
	if _, _, ok, err := Krylov(context.Background(), m, math.Sqrt(300), Limit{Rank: 200}, rand.New(rand.NewPCG(1, 1)), always); ok || err != nil {
		t.Error("a space of more than half the dimensions was made", err)
	}
}
