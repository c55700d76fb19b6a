package lowrank

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/tensor"
)

// Operator is a matrix that answers products alone, such as a sparse one.
type Operator interface {
	Size() (rows, cols int)
	// Times is dst = X*B for B: cols×l.
	Times(dst, b *tensor.Matrix[float64])
	// TransposeTimes is dst = Xᵀ*Q for Q: rows×l.
	TransposeTimes(dst, q *tensor.Matrix[float64])
}

const (
	krylovBlocks = 4    // of vectors, in a space
	krylovFirst  = 16   // vectors in a block, at first
	krylovSpare  = 8    // vectors in a block beside those that are asked for
	krylovGain   = 1e-5 // of the squared tail that a cycle lowers, to go on
	krylovCycles = 12   // at most, for one size of a block
	krylovCopies = 3    // of the vectors of a space
	krylovProbes = 16   // random vectors that show what is left out
	// krylovLost is the share of a squared norm below which the difference of
	// two has too few digits.
	krylovLost = 1e-7
)

// Krylov finds the leading left singular vectors U of an operator of Frobenius
// norm norm, up to the limit, and XᵀU, by block Krylov spaces
//
//	span(Q, A*Q, A²*Q, A³*Q),  A = X*Xᵀ or Xᵀ*X, whichever is smaller,
//
// from a random Q; the leading Ritz vectors of one are the Q of the next, until
// the square of the tail falls by less than 1e-5 of it. Blocks are twice as
// large while the space is too small for the tolerance. The vectors are
// orthonormal to rounding errors; those of singular values that are close to
// what is cut off are nearly the leading ones. The tail is that of the vectors
// returned; where it is too small to be found from norms it is an estimate
// from above, by random probes.
//
// It is not ok if the space would have more than half the dimensions of A: the
// matrix as a whole is as cheap then. afford is asked before so many vectors of
// the short side of X, and so many of the long one, are made.
//
// Musco & Musco 2015, https://arxiv.org/abs/1504.05477; probes: Halko,
// Martinsson & Tropp 2011, https://doi.org/10.1137/090771806.
func Krylov(ctx context.Context, x Operator, norm float64, lim Limit, rng *rand.Rand, afford func(short, long int) error) (b Basis, xu *tensor.Matrix[float64], ok bool, err error) {
	rows, cols := x.Size()
	block := krylovFirst
	if lim.Rank > 0 && (lim.Tol == 0 || spare(lim.Rank) < block) {
		block = spare(lim.Rank)
	}
	k := &krylov{x: x, tall: rows > cols, short: min(rows, cols), long: max(rows, cols), norm: norm, rng: rng}
	for {
		vectors := krylovBlocks * block
		if 2*vectors > k.short {
			return b, nil, false, nil
		}
		k.tight = lim.Tol > 0 && !GramResolves(vectors, lim.Tol/norm)
		long := block
		if k.tight {
			long = 3 * vectors // with copies
		}
		if err = afford(krylovCopies*vectors, long); err != nil {
			return b, nil, false, err
		}
		if err = k.begin(block); err != nil {
			return b, nil, false, err
		}
		rank, found, err := k.iterate(ctx, lim, lim.Rank > 0 && block >= spare(lim.Rank))
		if err != nil {
			return b, nil, false, err
		}
		if found {
			b, xu, err = k.basis(rank)
			return b, xu, err == nil, err
		}
		block *= 2
		if lim.Rank > 0 {
			block = min(block, spare(lim.Rank))
		}
	}
}

// spare is the number of vectors in a block for a rank: whole registers.
func spare(rank int) int { return (rank + krylovSpare + 7) &^ 7 }

// KrylovVectors is how many vectors [Krylov] makes on either side for a rank.
func KrylovVectors(rank int) (short, long int) {
	return krylovCopies * krylovBlocks * spare(rank), spare(rank)
}

type krylov struct {
	x           Operator
	tall        bool // A is XᵀX
	short, long int  // sides of X
	norm        float64
	rng         *rand.Rand
	block       int
	tight       bool // the eigenvalues of A have too few digits

	q *tensor.Matrix[float64] // an orthonormal basis of the space
	w *tensor.Matrix[float64] // A*Q
	p *tensor.Matrix[float64] // of the long side, on the way to W

	s       []float64               // singular values of X in the space, descending
	y       *tensor.Matrix[float64] // their vectors, as columns
	outside float64                 // norm of what the space leaves of X
}

// out and back are products with the long side of X as rows, and the short one.
func (k *krylov) out(dst, q *tensor.Matrix[float64]) {
	if k.tall {
		k.x.Times(dst, q)
	} else {
		k.x.TransposeTimes(dst, q)
	}
}

func (k *krylov) back(dst, p *tensor.Matrix[float64]) {
	if k.tall {
		k.x.TransposeTimes(dst, p)
	} else {
		k.x.Times(dst, p)
	}
}

// random is the product with a Gaussian matrix.
func (k *krylov) random(dst *tensor.Matrix[float64]) {
	m := tensor.MatrixOf(k.long, dst.Cols, k.p.Data[:k.long*dst.Cols])
	for i := range m.Data {
		m.Data[i] = k.rng.NormFloat64()
	}
	k.back(dst, m)
}

// columns are those of a block.
func (k *krylov) columns(m *tensor.Matrix[float64], block int) *tensor.Matrix[float64] {
	return m.Sub(0, m.Rows, block*k.block, (block+1)*k.block)
}

// begin makes the first block of a space: of random vectors, or of the Ritz
// vectors of a smaller space.
func (k *krylov) begin(block int) error {
	q := tensor.NewMatrix[float64](k.short, krylovBlocks*block)
	w := tensor.NewMatrix[float64](k.short, krylovBlocks*block)
	if k.q != nil {
		k.ritz(q.Sub(0, k.short, 0, block), w.Sub(0, k.short, 0, block))
	}
	first := k.q == nil
	k.q, k.w, k.block = q, w, block
	k.p = nil // free, before there is more
	k.p = tensor.NewMatrix[float64](k.long, block)
	if !first {
		return nil
	}
	k.random(k.columns(q, 0))
	if err := k.orthonormal(0); err != nil {
		return err
	}
	k.multiply(0)
	return nil
}

// multiply is A*Q of a block.
func (k *krylov) multiply(block int) {
	k.out(k.p, k.columns(k.q, block))
	k.back(k.columns(k.w, block), k.p)
}

// orthonormal makes the columns of a block orthonormal, and orthogonal to all
// before it. Twice is enough, with columns of unit length in between.
func (k *krylov) orthonormal(block int) error {
	v := k.columns(k.q, block)
	for range 2 {
		if block > 0 {
			subtractSpan(v, k.q.Sub(0, k.short, 0, block*k.block))
		}
		q, _, err := linalg.QR(v)
		if err != nil {
			return err
		}
		assign(v, q)
		if block == 0 {
			break
		}
	}
	return nil
}

func assign(dst, src *tensor.Matrix[float64]) {
	for i := range dst.Rows {
		copy(dst.Row(i), src.Row(i))
	}
}

// subtractSpan is V -= Q*(QᵀV).
func subtractSpan(v, q *tensor.Matrix[float64]) {
	c := tensor.NewMatrix[float64](q.Cols, v.Cols)
	kernel.Gemm(1, q.View().T(), v.View(), 0, c.View())
	kernel.Gemm(-1, q.View(), c.View(), 1, v.View())
}

// cycle fills the space from its first block, and decomposes X in it.
func (k *krylov) cycle() error {
	for j := 1; j < krylovBlocks; j++ {
		assign(k.columns(k.q, j), k.columns(k.w, j-1))
		if err := k.orthonormal(j); err != nil {
			return err
		}
		k.multiply(j)
	}
	if err := k.decompose(); err != nil {
		return err
	}
	inside := kernel.Nrm2(k.s)
	k.outside = math.Sqrt(max(0, (k.norm-inside)*(k.norm+inside)))
	if k.outside*k.outside < krylovLost*k.norm*k.norm {
		k.outside = k.probe()
	}
	return nil
}

// decompose finds the singular values in the space.
func (k *krylov) decompose() error {
	if k.tight {
		p := tensor.NewMatrix[float64](k.long, k.q.Cols)
		for j := range krylovBlocks {
			k.out(k.columns(p, j), k.columns(k.q, j))
		}
		r, err := linalg.QRTriangle(p)
		if err != nil {
			return err
		}
		_, s, vt, err := linalg.SVD(r)
		if err == nil {
			k.s, k.y = s, vt.Transpose()
		}
		return err
	}
	h := tensor.Mul(k.q.Transpose(), k.w)
	for i := range h.Rows {
		for j := range i {
			v := (h.At(i, j) + h.At(j, i)) / 2
			h.Set(i, j, v)
			h.Set(j, i, v)
		}
	}
	values, y, err := linalg.SymEig(h)
	if err != nil {
		return err
	}
	for i, v := range values {
		values[i] = math.Sqrt(max(0, v))
	}
	k.s, k.y = values, y
	return nil
}

// probe estimates the norm of what the space leaves of X, from above: the mean
// square of ||(I - Q*Qᵀ)*X*w|| for Gaussian w is its square.
func (k *krylov) probe() float64 {
	v := tensor.NewMatrix[float64](k.short, krylovProbes)
	k.random(v)
	subtractSpan(v, k.q)
	subtractSpan(v, k.q)
	return 2 * kernel.Nrm2(v.Data) / math.Sqrt(krylovProbes)
}

// tail is what is left out with so many Ritz vectors.
func (k *krylov) tail(rank int) float64 {
	return math.Hypot(kernel.Nrm2(k.s[rank:]), k.outside)
}

// iterate runs cycles until the rank that the limit asks for is found, or the
// space is seen to be too small for it, unless it is as large as it may be.
func (k *krylov) iterate(ctx context.Context, lim Limit, full bool) (rank int, found bool, err error) {
	last, lastTail := math.MaxInt, math.Inf(1)
	for n := range krylovCycles {
		if err := ctx.Err(); err != nil {
			return 0, false, err
		}
		if n > 0 {
			k.ritz(k.columns(k.q, 0), k.columns(k.w, 0))
		}
		if err := k.cycle(); err != nil {
			return 0, false, err
		}
		reaches := lim.Tol > 0 && k.outside <= lim.Tol
		if !full && (!reaches || k.tail(2*k.block) > lim.Tol) {
			return 0, false, nil
		}
		rank = len(k.s)
		if lim.Rank > 0 {
			rank = min(rank, lim.Rank)
		}
		for reaches && rank > 1 && k.tail(rank-1) <= lim.Tol {
			rank--
		}
		tail := k.tail(rank)
		if reaches && tail <= lim.Tol {
			if rank >= last {
				return rank, true, nil
			}
		} else if lastTail*lastTail-tail*tail <= krylovGain*tail*tail+1e-14*k.norm*k.norm {
			return rank, true, nil
		}
		last, lastTail = rank, tail
	}
	return rank, true, nil
}

// ritz writes the leading Ritz vectors, and A times those, to q and w, which
// may be columns of its own.
func (k *krylov) ritz(q, w *tensor.Matrix[float64]) {
	y := k.y.Sub(0, k.y.Rows, 0, q.Cols).Clone()
	v, av := tensor.Mul(k.q, y), tensor.Mul(k.w, y)
	assign(q, v)
	assign(w, av)
}

// basis is the result of so many vectors.
func (k *krylov) basis(rank int) (b Basis, xu *tensor.Matrix[float64], err error) {
	b = Basis{S: k.s, Tail: k.tail(rank)}
	u := tensor.Mul(k.q, k.y.Sub(0, k.y.Rows, 0, rank).Clone())
	k.q, k.w, k.p = nil, nil, nil
	if k.tall {
		xv := tensor.NewMatrix[float64](k.long, rank)
		k.x.Times(xv, u)
		if u, _, err = linalg.QR(xv); err != nil {
			return b, nil, err
		}
	}
	b.U = leftColumns(u, rank)
	_, cols := k.x.Size()
	xu = tensor.NewMatrix[float64](cols, rank)
	k.x.TransposeTimes(xu, b.U)
	// What is left of the norm is exact, where that has digits.
	if kept := kernel.Nrm2(xu.Data); (k.norm-kept)*(k.norm+kept) > krylovLost*k.norm*k.norm {
		b.Tail = math.Sqrt((k.norm - kept) * (k.norm + kept))
	}
	return b, xu, nil
}
