package lowrank

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// graded is an order-3 tensor whose unfoldings have falling singular values.
func graded(rng *rand.Rand, ratio float64, shape ...int) *tensor.Dense[float64] {
	x := tensor.Normal(rng, shape...)
	for n, s := range shape {
		d := tensor.NewMatrix[float64](s, s)
		for i := range d.Data {
			d.Data[i] = rng.NormFloat64() * math.Pow(ratio, float64(i%s))
		}
		x = tensor.TTM(x, d, n)
	}
	return x
}

// check compares with the singular value decomposition of the unfolding.
func check(t *testing.T, x *tensor.Dense[float64], mode int, b Basis, accuracy float64) {
	t.Helper()
	m := tensor.Unfold(x, mode)
	s, err := linalg.SingularValues(m)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range b.S {
		if !(math.Abs(v-s[i]) <= accuracy*s[0]) {
			t.Errorf("singular value %d is %g, want %g", i, v, s[i])
		}
	}
	// ||X - U*Uᵀ*X|| is the tail.
	p := x.Project(b.U, mode)
	got := tensor.Distance(x, tensor.TTM(p, b.U, mode))
	if !(math.Abs(got-b.Tail) <= 4*accuracy*s[0]) {
		t.Errorf("the projection loses %g, the tail is %g", got, b.Tail)
	}
	g := tensor.Gram(b.U)
	for i := range g.Rows {
		for j, v := range g.Row(i) {
			if i == j {
				v--
			}
			if !(math.Abs(v) <= 1e-12) {
				t.Fatalf("the vectors are not orthonormal: %g at (%d, %d)", v, i, j)
			}
		}
	}
	for j := range b.Rank() {
		most := 0.0
		for _, v := range b.U.Col(j) {
			if math.Abs(v) > math.Abs(most) {
				most = v
			}
		}
		if most <= 0 {
			t.Errorf("vector %d has the other sign", j)
		}
	}
}

func TestLeading(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	x := graded(rng, 0.3, 20, 25, 30)
	norm := x.Norm()
	for mode := range 3 {
		for _, c := range []struct {
			lim      Limit
			gram     bool
			accuracy float64
		}{
			{Limit{Tol: 1e-3 * norm}, true, 1e-7},
			{Limit{Tol: 1e-9 * norm}, false, 1e-14},
			{Limit{Rank: 3}, true, 1e-7},
			{Limit{Rank: 18}, false, 1e-14}, // beyond what the Gram resolves
			{Limit{Rank: 2, Tol: 1e-4 * norm}, true, 1e-7},
			{Limit{}, false, 1e-14},
		} {
			b, err := Leading(x, mode, norm, c.lim)
			if err != nil {
				t.Fatal(err)
			}
			if b.Gram != c.gram {
				t.Errorf("mode %d, %+v: by the Gram matrix: %v", mode, c.lim, b.Gram)
			}
			check(t, x, mode, b, c.accuracy)
			if c.lim.Rank > 0 && b.Rank() > c.lim.Rank || c.lim.Rank == 0 && !(b.Tail <= c.lim.Tol) {
				t.Errorf("mode %d, %+v: rank %d, tail %g", mode, c.lim, b.Rank(), b.Tail)
			}
		}
	}
}

func TestLeadingShapes(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	for _, shape := range [][]int{{40, 3, 2}, {1, 9}, {9, 1}, {7}, {1}, {2, 3000}} { // tall, flat, long
		x := graded(rng, 0.5, shape...)
		for _, lim := range []Limit{{Rank: 1}, {Tol: 1e-10 * x.Norm()}, {Tol: 0.1 * x.Norm()}, {Tol: 2 * x.Norm()}} {
			b, err := Leading(x, 0, x.Norm(), lim)
			if err != nil {
				t.Fatal(err)
			}
			if b.Rank() < 1 {
				t.Errorf("%v, %+v: rank %d", shape, lim, b.Rank())
			}
			check(t, x, 0, b, 1e-7)
		}
	}
}

func TestRange(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	for _, shape := range [][]int{{30, 20, 25}, {8, 50}, {40, 3, 3}, {12}, {6, 7, 8, 9}} {
		x := graded(rng, 0.5, shape...)
		for mode, size := range shape {
			for _, power := range []int{0, 1} {
				const columns = 10
				q, err := Range(x, mode, columns, power, rng, new(Memory))
				if err != nil {
					t.Fatal(err)
				}
				if least := min(columns, size, x.Len()/size); q.Rows != size || q.Cols < least || q.Cols > size {
					t.Fatalf("shape %v, mode %d: a %d×%d basis", shape, mode, q.Rows, q.Cols)
				}
				g := tensor.Gram(q)
				for i := range g.Rows {
					g.Data[i*g.Cols+i]--
				}
				if e := tensor.FromSlice(g.Data, len(g.Data)).Norm(); !(e <= 1e-13) {
					t.Errorf("shape %v, mode %d: not orthonormal by %g", shape, mode, e)
				}
				b, err := Leading(x, mode, x.Norm(), Limit{Rank: q.Cols})
				if err != nil {
					t.Fatal(err)
				}
				left := tensor.Distance(x, tensor.TTM(x.Project(q, mode), q, mode))
				if !(left <= 30*b.Tail+1e-12*x.Norm()) {
					t.Errorf("shape %v, mode %d, power %d: the range leaves %g, the best one %g", shape, mode, power, left, b.Tail)
				}
			}
		}
	}
}

// From a guess, good or bad, the same vectors as from scratch.
func TestLeadingNear(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	x := graded(rng, 0.3, 40, 20, 25)
	noise := tensor.Normal(rng, 40, 20, 25)
	x = tensor.Add(x, tensor.Scale(1e-3*x.Norm()/noise.Norm(), noise))
	const rank = 5
	b, err := Leading(x, 0, x.Norm(), Limit{Rank: rank})
	if err != nil {
		t.Fatal(err)
	}
	_, all, err := linalg.SymEig(x.ModeGram(0))
	if err != nil {
		t.Fatal(err)
	}
	near := b.U.Clone()
	for i := range near.Data {
		near.Data[i] += 0.01 * rng.NormFloat64()
	}
	near, _, err = linalg.QR(near)
	if err != nil {
		t.Fatal(err)
	}
	shifted := all.Sub(0, 40, 1, 1+rank).Clone() // without the first vector, which they cannot find
	for name, guess := range map[string]*tensor.Matrix[float64]{"near": near, "exact": b.U, "shifted": shifted} {
		u, err := LeadingNear(x, 0, x.Norm(), guess)
		if err != nil {
			t.Fatal(err)
		}
		// The projection on one loses nothing of the other.
		cross := tensor.Mul(u.Transpose(), b.U)
		if d := tensor.FromSlice(cross.Data, len(cross.Data)).Norm(); u.Cols != rank || !(math.Abs(d-math.Sqrt(rank)) <= 1e-10) {
			t.Errorf("%s: %d vectors, common part %.12g of %.12g", name, u.Cols, d, math.Sqrt(rank))
		}
		got, err := ritz(x.ModeGram(0), guess)
		if err != nil || (got == nil) != (name == "shifted") {
			t.Errorf("%s: accepted %v, %v", name, got != nil, err)
		}
	}
	if u, err := LeadingNear(x, 1, x.Norm(), all.Sub(0, 20, 0, 8).Clone()); err != nil || u.Cols != 8 {
		t.Error("many vectors:", err)
	}
}
