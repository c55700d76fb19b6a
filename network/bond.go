package network

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/internal/field"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/mps"
	"github.com/polyad/polyad/tensor"
)

// Merge contracts two tensors into one, which takes the place and the name of
// the first. Indices of the two that no other tensor has, and that both have,
// are summed over.
func (n *Network[T]) Merge(ctx context.Context, a, b string) error {
	x, y, err := n.pair(a, b)
	if err != nil {
		return err
	}
	var out []string
	for _, i := range append(slices.Clone(x.indices), y.indices...) {
		shared := slices.Contains(x.indices, i) && slices.Contains(y.indices, i) && !n.elsewhere(i, a, b)
		if !shared && !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	two := New[T]()
	for _, name := range []string{a, b} {
		two.names = append(two.names, name)
		two.nodes[name] = n.nodes[name]
	}
	z, err := two.Contract(ctx, einsum.Options{}, out...)
	if err != nil {
		return err
	}
	n.nodes[a] = &node[T]{z, out}
	return n.Remove(b)
}

// Split replaces a tensor by two, joined by a new index bond: the first keeps
// its name and the indices named left, the second, named second, has the
// others. The bond is cut as t says, with the best error of the tensor by
// itself; lost is the part of its squared norm that was discarded. The first
// has orthonormal columns, the second carries the weights.
func (n *Network[T]) Split(name string, left []string, second, bond string, t mps.Truncation) (lost float64, err error) {
	x, err := n.find(name)
	if err != nil {
		return 0, err
	}
	if _, ok := n.nodes[second]; ok {
		return 0, fmt.Errorf("network: there is a tensor %q already", second)
	}
	if _, ok := n.sizes()[bond]; ok || bond == "" {
		return 0, fmt.Errorf("network: the index %q of the new bond is taken or empty", bond)
	}
	m, rows, cols, err := x.matrix(name, left)
	if err != nil {
		return 0, err
	}
	u, s, vh, err := field.SVD(m)
	if err != nil {
		return 0, fmt.Errorf("network: tensor %q: %w", name, err)
	}
	k, lost := rank(t, s)
	for i := range k {
		field.Scale(s[i], vh.Row(i))
	}
	n.nodes[name] = fromMatrix(u.Sub(0, u.Rows, 0, k), rows.shape, []int{k}, append(slices.Clone(rows.indices), bond))
	n.nodes[second] = fromMatrix(vh.Sub(0, k, 0, vh.Cols), []int{k}, cols.shape, append([]string{bond}, cols.indices...))
	n.names = slices.Insert(n.names, slices.Index(n.names, name)+1, second)
	return lost, nil
}

// Gauge makes the first of two tensors an isometry as seen from the one index
// that joins them: its other indices together are the rows of a matrix with
// orthonormal columns. What it loses goes into the second, so that the
// contraction stays the same.
func (n *Network[T]) Gauge(a, b string) error {
	x, y, bond, err := n.bond(a, b)
	if err != nil {
		return err
	}
	m, rows, _, err := x.matrix(a, without(x.indices, bond))
	if err != nil {
		return err
	}
	q, r, err := field.QR(m)
	if err != nil {
		return fmt.Errorf("network: tensor %q: %w", a, err)
	}
	n.nodes[a] = fromMatrix(q, rows.shape, []int{q.Cols}, append(rows.indices, bond))
	n.nodes[b] = y.times(r, bond)
	return nil
}

// CutBond cuts the one index that joins two tensors as t says, with the best
// error for the contraction of the two; lost is the part of its squared norm
// that was discarded. If all that is joined to the two are isometries (see
// Gauge), that is the best for the whole network. The weights are shared by
// both sides: each gets their square root.
func (n *Network[T]) CutBond(a, b string, t mps.Truncation) (lost float64, err error) {
	x, y, bond, err := n.bond(a, b)
	if err != nil {
		return 0, err
	}
	mx, rx, _, err := x.matrix(a, without(x.indices, bond))
	if err != nil {
		return 0, err
	}
	my, ry, _, err := y.matrix(b, without(y.indices, bond))
	if err != nil {
		return 0, err
	}
	qx, rxm, err := field.QR(mx)
	if err != nil {
		return 0, fmt.Errorf("network: tensor %q: %w", a, err)
	}
	qy, rym, err := field.QR(my)
	if err != nil {
		return 0, fmt.Errorf("network: tensor %q: %w", b, err)
	}
	// X·Yᵀ = Qx·(Rx·Ryᵀ)·Qyᵀ
	u, s, vh, err := field.SVD(field.Mul(rxm.View(), rym.View().T()))
	if err != nil {
		return 0, err
	}
	k, lost := rank(t, s)
	u, vh = u.Sub(0, u.Rows, 0, k).Clone(), vh.Sub(0, k, 0, vh.Cols).Clone()
	for i := range k {
		f := math.Sqrt(s[i])
		field.Scale(f, vh.Row(i))
		for j := range u.Rows {
			u.Set(j, i, u.At(j, i)*field.Real[T](f))
		}
	}
	n.nodes[a] = fromMatrix(field.Mul(qx.View(), u.View()), rx.shape, []int{k}, append(rx.indices, bond))
	n.nodes[b] = fromMatrix(field.Mul(qy.View(), vh.View().T()), ry.shape, []int{k}, append(ry.indices, bond))
	return lost, nil
}

// bond is the one index that two tensors, and no other, share.
func (n *Network[T]) bond(a, b string) (x, y *node[T], bond string, err error) {
	if x, y, err = n.pair(a, b); err != nil {
		return nil, nil, "", err
	}
	var shared []string
	for _, i := range x.indices {
		if slices.Contains(y.indices, i) {
			shared = append(shared, i)
		}
	}
	if len(shared) != 1 || n.elsewhere(shared[0], a, b) {
		return nil, nil, "", fmt.Errorf("network: tensors %q and %q share the indices %q; a bond is one index that no other tensor has", a, b, shared)
	}
	return x, y, shared[0], nil
}

func (n *Network[T]) pair(a, b string) (x, y *node[T], err error) {
	if x, err = n.find(a); err != nil {
		return nil, nil, err
	}
	if y, err = n.find(b); err != nil {
		return nil, nil, err
	}
	if a == b {
		return nil, nil, fmt.Errorf("network: two tensors are needed, not %q twice", a)
	}
	return x, y, nil
}

// elsewhere reports whether a tensor other than a and b has an index.
func (n *Network[T]) elsewhere(index, a, b string) bool {
	for name, x := range n.nodes {
		if name != a && name != b && slices.Contains(x.indices, index) {
			return true
		}
	}
	return false
}

// side is what the rows or columns of a matrix stand for.
type side struct {
	indices []string
	shape   []int
}

// matrix is the tensor with the indices of left as rows, the others as
// columns.
func (x *node[T]) matrix(name string, left []string) (m *tensor.Matrix[T], rows, cols side, err error) {
	var order []int
	for i, index := range left {
		k := slices.Index(x.indices, index)
		if k < 0 || slices.Contains(left[:i], index) {
			return nil, rows, cols, fmt.Errorf("network: tensor %q has the indices %q; %q is none of them, or named twice", name, x.indices, index)
		}
		order = append(order, k)
		rows.indices, rows.shape = append(rows.indices, index), append(rows.shape, x.data.Shape()[k])
	}
	for k, index := range x.indices {
		if slices.Index(x.indices, index) != k {
			return nil, rows, cols, fmt.Errorf("network: tensor %q has the index %q twice", name, index)
		}
		if !slices.Contains(left, index) {
			order = append(order, k)
			cols.indices, cols.shape = append(cols.indices, index), append(cols.shape, x.data.Shape()[k])
		}
	}
	data := x.data.Permute(order...).Clone().Data()
	return tensor.MatrixOf(tensor.Size(rows.shape), tensor.Size(cols.shape), data), rows, cols, nil
}

func fromMatrix[T Scalar](m *tensor.Matrix[T], rows, cols []int, indices []string) *node[T] {
	return &node[T]{tensor.FromSlice(m.Clone().Data, append(slices.Clone(rows), cols...)...), indices}
}

// times multiplies the mode of an index by r: k×size.
func (x *node[T]) times(r *tensor.Matrix[T], index string) *node[T] {
	k := slices.Index(x.indices, index)
	order := []int{k}
	indices, shape := []string{index}, []int{r.Rows}
	for i := range x.indices {
		if i != k {
			order = append(order, i)
			indices, shape = append(indices, x.indices[i]), append(shape, x.data.Shape()[i])
		}
	}
	data := x.data.Permute(order...).Clone().Data()
	m := field.Mul(r.View(), kernel.RowMajor(r.Cols, len(data)/max(r.Cols, 1), data))
	return &node[T]{tensor.FromSlice(m.Data, shape...), indices}
}

func without(list []string, s string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(x string) bool { return x == s })
}

// rank is how many singular values to keep, at least one, and the part of the
// sum of squares that the others make.
func rank(t mps.Truncation, s []float64) (int, float64) {
	total := 0.0
	for _, v := range s {
		total += v * v
	}
	if total == 0 {
		return min(1, len(s)), 0
	}
	k, tail := linalg.TruncationRank(s, t.MaxBond, math.Sqrt(t.Eps*total))
	for k > 1 && s[k-1] <= 1e-15*s[0] {
		k--
	}
	return max(k, 1), tail * tail / total
}
