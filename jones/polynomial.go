package jones

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/tensor"
)

// Polynomial is the Jones polynomial of the closure of a braid, exactly.
//
// The diagram of the closure is joined crossing by crossing ([Diagram.Polynomial])
// if that is affordable, which it is up to some 24 strands. Otherwise its network is
// contracted at as many roots of unity modulo a prime as the polynomial may have
// coefficients, which are interpolated, and put together from several primes by the
// Chinese remainder theorem. One plan serves all points. Time and memory grow
// exponentially with the width of the network alone, which is at most the number of
// strands, and with about the third power of the crossings. A braid that takes
// more than 10^11 products in all is an error.
//
// V is normalised to 1 for the unknot, and t^-1 V(L+) - t V(L-) =
// (t^(1/2) - t^(-1/2)) V(L0).
func Polynomial(ctx context.Context, b Braid) (*Laurent, error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	d, apart := b.diagram()
	v := &Laurent{Coefficients: []*big.Int{big.NewInt(1)}}
	if len(d) == 0 {
		apart-- // the unknot itself
	} else {
		var err error
		var wide *wideError
		if v, err = d.polynomial(ctx, b.bits(), b.Writhe()); errors.As(err, &wide) {
			if v, err = byNetwork(ctx, b); err == nil || ctx.Err() != nil {
				return v, err
			}
			return nil, fmt.Errorf("%w; its diagram takes %.3g GiB, with %d edges that are cut at once, where %d at most is expected", err, wide.bytes/(1<<30), wide.width, sumBytes>>30)
		}
		if err != nil {
			return nil, err
		}
	}
	circle := &Laurent{HalfMin: -1, Coefficients: []*big.Int{big.NewInt(-1), big.NewInt(-1)}}
	for range apart {
		v = v.Mul(circle)
	}
	return v, nil
}

// bits are those of a coefficient of the bracket at most, which is at most the
// product of the norms of the matrices of crossings, with absolute values for
// elements, times that of the closures.
func (b Braid) bits() float64 {
	return float64(len(b.Word))*math.Log2(1+math.Sqrt2) + float64(b.Strands-1)
}

// byNetwork is the polynomial by the network of the closure.
func byNetwork(ctx context.Context, b Braid) (*Laurent, error) {
	// The bracket over its value for the unknot is a sum of A^(low + 4k).
	crossings := len(b.Word)
	high := crossings + 2*(b.loops(true)-1)
	low := -crossings - 2*(b.loops(false)-1)
	points := (high-low)/4 + 1
	bits := b.bits()
	const most = 26 // bits of a prime
	if candidates := math.Exp2(most) / float64(4*points); candidates*most < bits {
		return nil, tooLong(points)
	}
	n, err := plan(ctx, b, points, bits)
	if err != nil {
		return nil, err
	}
	sums := make([]*big.Int, points)
	for k := range sums {
		sums[k] = new(big.Int)
	}
	modulus := big.NewInt(1)
	f := newField(n.plan.MaxModulus(), 4*int64(points))
	for float64(modulus.BitLen()) < bits+3 { // the sign, and rounding
		if err := f.next(); err != nil {
			return nil, err
		}
		values, err := n.values(ctx, f)
		if err != nil {
			return nil, err
		}
		for j := range values { // all exponents from 0, in steps of 4
			values[j] = f.mul(values[j], f.power(-int64(j)*int64(low)))
		}
		combine(sums, modulus, f.interpolate(values), f.p)
	}
	half := new(big.Int).Rsh(modulus, 1)
	for _, x := range sums {
		if x.Cmp(half) > 0 {
			x.Sub(x, modulus)
		}
	}
	return normalised(sums, high, b.Writhe()), nil
}

// loops is the number of circles that are left when all crossings are smoothed
// in one way: along the strands for positive and across for negative ones, or
// the other way round. They bound the exponents of the bracket (Kauffman 1987,
// proposition 2.9).
func (b Braid) loops(along bool) int {
	parent := make([]int, b.Strands) // of segments; the first are those at the bottom
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			i = parent[i]
		}
		return i
	}
	at := make([]int, b.Strands)
	copy(at, parent)
	circles := b.Strands
	join := func(i, j int) {
		circles--
		if i, j = find(i), find(j); i == j {
			circles++ // it closes
		} else {
			parent[max(i, j)] = min(i, j)
		}
	}
	for _, g := range b.Word {
		if (g > 0) == along {
			continue
		}
		i := abs(g)
		join(at[i-1], at[i])
		parent = append(parent, len(parent)) // the new arc above
		at[i-1], at[i] = len(parent)-1, len(parent)-1
		circles++
	}
	for i := range at {
		join(at[i], i)
	}
	return circles
}

// normalised is (-A^3)^(-writhe) Σ x_k A^(low+4k) with t = A^-4, where high is
// the exponent of the last coefficient.
func normalised(x []*big.Int, high, writhe int) *Laurent {
	v := &Laurent{HalfMin: (3*writhe - high) / 2}
	for k := len(x) - 1; k >= 0; k-- {
		if len(v.Coefficients) == 0 && x[k].Sign() == 0 {
			v.HalfMin += 2
			continue
		}
		c := x[k]
		if writhe%2 != 0 {
			c.Neg(c)
		}
		v.Coefficients = append(v.Coefficients, c)
	}
	last := len(v.Coefficients)
	for last > 0 && v.Coefficients[last-1].Sign() == 0 {
		last--
	}
	v.Coefficients = v.Coefficients[:last]
	return v
}

// network is the plan of the contraction, with an index for the points, and
// which tensor each operand is.
type network struct {
	plan   *einsum.Plan
	points int
	kinds  []kind
}

// kind is a tensor of the network of a braid closure.
type kind int

const (
	positive kind = iota // crossing, point × above left, above right, below left, below right
	negative
	closure // of a strand, point × state
	end     // of the strand that is cut, point × state
	kinds
)

const (
	memory = 1 << 30 // bytes that a contraction takes at most
	// log10Products is that of the most products, for all primes.
	log10Products = 11
	// gain is by how many powers of ten a search may improve on a greedy plan.
	gain = 3
)

// plan sets up the network of the closure of a braid whose first strand is cut:
// each segment between crossings is an index of size 2.
func plan(ctx context.Context, b Braid, points int, bits float64) (*network, error) {
	const point = 0
	n := &network{points: points}
	var inputs [][]int
	var shapes [][]int
	add := func(k kind, segments ...int) {
		n.kinds = append(n.kinds, k)
		inputs = append(inputs, append([]int{point}, segments...))
		shape := []int{points}
		for range segments {
			shape = append(shape, 2)
		}
		shapes = append(shapes, shape)
	}
	last := make([]int, b.Strands) // the number of the last crossing of each strand
	for k, g := range b.Word {
		last[abs(g)-1], last[abs(g)] = k+1, k+1
	}
	at := make([]int, b.Strands)
	segments := point
	for i := range at {
		segments++
		at[i] = segments
	}
	first := append([]int(nil), at...)
	next := func(strand, crossing int) int {
		if strand > 0 && last[strand] == crossing {
			return first[strand] // closed
		}
		segments++
		return segments
	}
	for k, g := range b.Word {
		i := abs(g)
		l, r := next(i-1, k+1), next(i, k+1)
		which := positive
		if g < 0 {
			which = negative
		}
		add(which, l, r, at[i-1], at[i])
		at[i-1], at[i] = l, r
	}
	for i := 1; i < b.Strands; i++ {
		add(closure, first[i])
	}
	add(end, first[0])
	if at[0] != first[0] {
		add(end, at[0])
	}
	e, err := einsum.Indices(inputs, []int{point})
	if err != nil {
		return nil, err
	}
	// A greedy plan is made at once, and tells what no search would make good.
	for _, try := range []struct {
		options einsum.Options
		slack   float64
	}{{einsum.Options{Planner: "greedy"}, gain}, {einsum.Options{Memory: memory}, 0}} {
		if n.plan, err = e.Plan(ctx, try.options, shapes...); err != nil {
			return nil, fmt.Errorf("jones: the braid of %d crossings on %d strands is too wide: %w", len(b.Word), b.Strands, err)
		}
		primes := bits/math.Log2(float64(n.plan.MaxModulus())) + 1
		if total := n.plan.Cost.Log10Flops() + math.Log10(primes); total > log10Products+try.slack {
			return nil, fmt.Errorf("jones: the braid of %d crossings on %d strands is too wide: its network takes 10^%.1f products; 10^%d at most, on fewer strands, are expected", len(b.Word), b.Strands, total, log10Products)
		}
	}
	return n, nil
}

// values are the values of the bracket at the powers of the root of a field.
func (n *network) values(ctx context.Context, f *field) ([]int64, error) {
	var tensors [kinds]*tensor.Dense[float64]
	for k, order := range [kinds]int{4, 4, 1, 1} {
		shape := []int{n.points}
		for range order {
			shape = append(shape, 2)
		}
		tensors[k] = tensor.New[float64](shape...)
	}
	for j := range n.points {
		a := func(exponent int64) float64 { return float64(f.power(int64(j) * exponent)) }
		// A crossing is A + A^-1 |M><M|, its inverse has A^-1 for A; M is
		// antidiagonal with M[0,1] M[0,1] = -A^2, M[0,1] M[1,0] = 1.
		x := tensors[positive].Raw()[16*j:]
		x[0b0000], x[0b1111] = a(1), a(1)
		x[0b0110], x[0b1001] = a(-1), a(-1)
		x[0b1010] = a(1) - a(-3)
		x = tensors[negative].Raw()[16*j:]
		x[0b0000], x[0b1111] = a(-1), a(-1)
		x[0b0110], x[0b1001] = a(1), a(1)
		x[0b0101] = a(-1) - a(3)
		x = tensors[closure].Raw()[2*j:]
		x[0], x[1] = -a(2), -a(-2)
		tensors[end].Raw()[2*j] = 1
	}
	operands := make([]*tensor.Dense[float64], len(n.kinds))
	for i, k := range n.kinds {
		operands[i] = tensors[k]
	}
	x, err := einsum.RunModulo(ctx, n.plan, f.p, operands...)
	if err != nil {
		return nil, err
	}
	values := make([]int64, n.points)
	for j, v := range x.Data() {
		values[j] = f.mod(int64(v))
	}
	return values, nil
}
