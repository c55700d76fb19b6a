package mps

import (
	"context"
	"fmt"
	"slices"

	"github.com/polyad/polyad/internal/field"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// Gate is a matrix that multiplies some sites; see [State.Apply].
type Gate struct {
	Matrix *tensor.Matrix[complex128]
	Sites  []int
}

// Run applies gates one after another, as [State.Apply] would, but faster:
// gates that act on the same sites are multiplied first, gates on different
// sites change places so that the center goes to and fro once for a layer of
// them, and long chains are cut in parts on which unitary gates are applied
// side by side. lost is the part of the squared norm that was discarded in
// all; it is included in [State.Fidelity]. A gate with a number that is not
// finite is an error; after an error, or when ctx is cancelled, the state is
// as it was.
func (s *State) Run(ctx context.Context, gates []Gate, t Truncation) (lost float64, err error) {
	ops, err := s.operations(gates)
	if err != nil {
		return 0, err
	}
	separate := true
	for _, o := range ops {
		separate = separate && unitary(o.u)
	}
	old, kept := *s.Clone(), s.fidelity
	if separate {
		err = s.runParts(ctx, ops, t)
	} else {
		err = s.runInTurn(ctx, ops, t)
	}
	if err != nil {
		*s = old
		return 0, err
	}
	if kept == 0 {
		return 0, nil
	}
	return 1 - s.fidelity/kept, nil
}

// operation is a gate on the sites from first on, whose dimensions are dims
// afterwards.
type operation struct {
	first int
	dims  []int
	u     *tensor.Matrix[complex128]
	layer int
}

func (o operation) end() int { return o.first + len(o.dims) }

// operations are gates on neighbouring sites that do what the given ones do:
// others are brought together by swaps, and what acts on the same sites as
// the gate before is multiplied to it.
func (s *State) operations(gates []Gate) ([]operation, error) {
	dims := s.Dims()
	var ops []operation
	last := make([]int, len(dims)) // 1 + the operation that was last on a site
	add := func(first int, out []int, u *tensor.Matrix[complex128]) {
		copy(dims[first:], out)
		i := last[first]
		for k := range out {
			if last[first+k] != i {
				i = 0
			}
		}
		if i > 0 && len(out) == 1 {
			// A gate on one of the sites of the operation before.
			o := &ops[i-1]
			if len(o.dims) > 1 || o.first == first {
				o.u = onOne(u, o.dims, first-o.first, o.u)
				return
			}
		} else if i > 0 && ops[i-1].first == first && len(ops[i-1].dims) == len(out) {
			o := &ops[i-1]
			m := mul(u.View(), o.u.View())
			o.u, o.dims = tensor.MatrixOf(m.Rows, m.Cols, m.Data), out
			return
		}
		ops = append(ops, operation{first: first, dims: out, u: u})
		for k := range out {
			last[first+k] = len(ops)
		}
	}
	swap := func(k int) {
		add(k, []int{dims[k+1], dims[k]}, swapGate(dims[k], dims[k+1]))
	}
	for i, g := range gates {
		u := s.checkSites(dims, g.Matrix, g.Sites)
		if err := finite(u); err != nil {
			return nil, fmt.Errorf("mps: gate %d on sites %v: %w", i, g.Sites, err)
		}
		sorted := slices.Sorted(slices.Values(g.Sites))
		// The block grows from its first site: the others come to it, nearest
		// first, and go home in the opposite order.
		first := sorted[0]
		for i, from := range sorted {
			for k := from - 1; k >= first+i; k-- {
				swap(k)
			}
		}
		add(first, slices.Clone(dims[first:first+len(sorted)]), u)
		for i, to := range slices.Backward(sorted) {
			for k := first + i; k < to; k++ {
				swap(k)
			}
		}
	}
	// The layer of an operation is the number of those it has to wait for.
	depth := make([]int, len(dims))
	for i := range ops {
		o := &ops[i]
		if len(o.dims) > 1 {
			o.layer = 1
		}
		o.layer += slices.Max(depth[o.first:o.end()])
		for k := o.first; k < o.end(); k++ {
			depth[k] = o.layer
		}
	}
	return ops, nil
}

// onOne is the gate u of sites of the given dimensions, followed by v on one
// of them.
func onOne(v *tensor.Matrix[complex128], dims []int, site int, u *tensor.Matrix[complex128]) *tensor.Matrix[complex128] {
	l, r := 1, u.Cols
	for i, d := range dims {
		if i < site {
			l *= d
		} else if i > site {
			r *= d
		}
	}
	c := core[complex128]{l, dims[site], r, u.Clone().Data}.mulPhysical(v)
	return tensor.MatrixOf(u.Rows, u.Cols, c.a)
}

// runInTurn applies operations one at a time. Of those that wait for no
// other, the next one in the direction of the center comes first.
func (s *State) runInTurn(ctx context.Context, ops []operation, t Truncation) error {
	queues := make([][]int, len(s.sites)) // operations on each site, in order
	for i, o := range ops {
		for k := o.first; k < o.end(); k++ {
			queues[k] = append(queues[k], i)
		}
	}
	ready := func(k int) (int, bool) { // the operation that begins at site k
		if len(queues[k]) == 0 {
			return 0, false
		}
		i := queues[k][0]
		if ops[i].first != k {
			return 0, false
		}
		for j := k + 1; j < ops[i].end(); j++ {
			if queues[j][0] != i {
				return 0, false
			}
		}
		return i, true
	}
	right := s.center < len(s.sites)/2
	next := func() (int, bool) {
		for range 2 {
			if right {
				for k := s.center; k < len(s.sites); k++ {
					if i, ok := ready(k); ok {
						return i, true
					}
				}
			} else {
				for k := s.center; k >= 0; k-- {
					if i, ok := ready(k); ok && ops[i].end() <= s.center+1 {
						return i, true
					}
				}
			}
			right = !right
		}
		// What is left lies across the center.
		for k := range s.sites {
			if i, ok := ready(k); ok {
				return i, true
			}
		}
		return 0, false
	}
	for {
		i, ok := next()
		if !ok {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		o := ops[i]
		if len(o.dims) == 1 {
			s.Apply1(o.first, o.u)
		} else if _, err := s.apply(o.first, o.dims, o.u, t, right); err != nil {
			return err
		}
		for k := o.first; k < o.end(); k++ {
			queues[k] = queues[k][1:]
		}
	}
}

// A part of its own needs as many sites and operations at least.
const (
	partSites      = 16
	partOperations = 4
)

// runParts applies unitary operations on two parts of the chain side by side,
// which may have parts themselves. With the Schmidt decomposition at a bond,
// ψ = A·Λ·B, what is done on the left of it needs to know A·Λ alone and what
// is done on the right Λ·B, cuts included: their errors are orthogonal. From
// A'·Λ and Λ·B' the whole is A'·Λ·Λ⁻¹·Λ·B', where the rounding errors that Λ⁻¹
// magnifies are multiplied by what is as small.
//
// Operations across the bond are applied to the whole. They come in rounds:
// first all that are in no later layer on either side, then the one across.
//
// Parts: Stoudenmire & White 2013, https://doi.org/10.1103/PhysRevB.87.155137.
func (s *State) runParts(ctx context.Context, ops []operation, t Truncation) error {
	n := len(s.sites)
	if n < 2*partSites {
		return s.runInTurn(ctx, ops, t)
	}
	m, crossings := cutBond(n, ops)
	for len(ops) > 0 {
		layer, across := 0, false
		if len(crossings) > 0 {
			layer, across = crossings[0], true
			crossings = crossings[1:]
		}
		var left, right, now, later []operation
		for _, o := range ops {
			switch {
			case across && o.layer > layer:
				later = append(later, o)
			case o.end() <= m:
				left = append(left, o)
			case o.first >= m:
				right = append(right, o)
			default:
				now = append(now, o)
			}
		}
		ops = later
		if min(len(left), len(right)) >= partOperations {
			if err := s.runHalves(ctx, m, left, right, t); err != nil {
				return err
			}
		} else {
			now = slices.Concat(left, right, now)
		}
		if err := s.runInTurn(ctx, now, t); err != nil {
			return err
		}
	}
	return nil
}

// cutBond chooses the bond near the middle of n sites that the fewest layers
// cross, and lists these layers. An operation in a crossed layer that must
// come after the one across is in a later layer, unless it is on one site
// only: those were multiplied to operations on more.
func cutBond(n int, ops []operation) (bond int, layers []int) {
	for _, m := range []int{n / 2, n/2 + 1, n/2 - 1, n/2 + 2, n/2 - 2} {
		var crossed []int
		for _, o := range ops {
			if o.first < m && o.end() > m {
				crossed = append(crossed, o.layer)
			}
		}
		slices.Sort(crossed)
		crossed = slices.Compact(crossed)
		if bond == 0 || len(crossed) < len(layers) {
			bond, layers = m, crossed
		}
	}
	return bond, layers
}

// runHalves applies operations on the sites before m and from m on.
func (s *State) runHalves(ctx context.Context, m int, left, right []operation, t Truncation) error {
	s.MoveCenter(m - 1)
	norm := s.Norm()
	if norm == 0 {
		return nil
	}
	c := s.sites[m-1]
	q, r, err := field.QR(c.tall())
	if err != nil {
		return err
	}
	u, lambda, vh, err := schmidt(r.View())
	if err != nil {
		return err
	}
	// A·Λ and Λ·B.
	k := len(lambda)
	av := mul(q.View(), u.View())
	for i := range av.Rows {
		for j, x := range lambda {
			av.Data[i*k+j] *= complex(x, 0)
		}
	}
	for i, x := range lambda {
		field.Scale(x, vh.Row(i))
	}
	halves := [2]*State{
		{sites: append(slices.Clone(s.sites[:m-1]), core[complex128]{c.l, c.d, k, av.Data}), center: m - 1, fidelity: 1},
		{sites: append([]core[complex128]{s.sites[m].mulLeft(vh.View())}, s.sites[m+1:]...), fidelity: 1},
	}
	right = slices.Clone(right)
	for i := range right {
		right[i].first -= m
	}
	var errs [2]error
	par.Do(2, func(i int) {
		h := halves[i]
		if i == 0 {
			errs[i] = h.runParts(ctx, left, t)
			h.MoveCenter(m - 1)
		} else {
			errs[i] = h.runParts(ctx, right, t)
			h.MoveCenter(0)
		}
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	// Q·X·Λ⁻¹·(Λ·B').
	c = halves[0].sites[m-1]
	q, x, err := field.QR(c.tall())
	if err != nil {
		return err
	}
	for i := range x.Rows {
		row := x.Row(i)
		for j, v := range lambda {
			row[j] /= complex(v, 0)
		}
	}
	s.sites = append(append(slices.Clone(halves[0].sites[:m-1]), core[complex128]{c.l, c.d, q.Cols, q.Data}), halves[1].sites...)
	s.sites[m] = s.sites[m].mulLeft(x.View())
	s.center = m
	// The cuts on either side kept the norm; together they have not.
	n := s.Norm()
	s.fidelity *= halves[0].fidelity * halves[1].fidelity * (n / norm) * (n / norm)
	s.scaleCenter(complex(norm/n, 0))
	return nil
}

// swapGate exchanges two sites of dimensions a and b.
func swapGate(a, b int) *tensor.Matrix[complex128] {
	u := tensor.NewMatrix[complex128](a*b, a*b)
	for i := range a {
		for j := range b {
			u.Set(j*a+i, i*b+j, 1)
		}
	}
	return u
}

// checkSites is the gate u of a list of sites as one of the same sites in
// ascending order. It panics unless u acts on different sites of the given
// dimensions.
func (s *State) checkSites(dims []int, u *tensor.Matrix[complex128], sites []int) *tensor.Matrix[complex128] {
	if len(sites) == 0 {
		panic("mps: a gate without sites")
	}
	own, size := make([]int, len(sites)), 1
	for i, k := range sites {
		s.check("a gate", k)
		if slices.Contains(sites[:i], k) {
			panic(fmt.Sprintf("mps: a gate names site %d twice", k))
		}
		own[i] = dims[k]
		size *= dims[k]
	}
	if u.Rows != size || u.Cols != size {
		panic(fmt.Sprintf("mps: a gate on sites %v is %d×%d, but their dimension is %d", sites, u.Rows, u.Cols, size))
	}
	if slices.IsSorted(sites) {
		return u
	}
	n := len(sites)
	order, strides, shape := make([]int, n), make([]int, n), make([]int, 0, 2*n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return sites[a] - sites[b] })
	step := 1
	for i := n - 1; i >= 0; i-- {
		strides[i] = step
		step *= own[i]
	}
	var rows, cols []int
	for _, i := range order {
		shape = append(shape, own[i])
		rows, cols = append(rows, strides[i]*size), append(cols, strides[i])
	}
	out := tensor.NewMatrix[complex128](size, size)
	kernel.Permute(out.Data, u.Clone().Data, append(shape, shape...), append(rows, cols...))
	return out
}
