package network

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/tensor"
)

// Scalar is the set of element types of networks.
type Scalar interface{ float64 | complex128 }

// Network is a set of named tensors whose axes are named indices. The tensors
// are never changed, only replaced. It is not safe for concurrent use.
type Network[T Scalar] struct {
	names []string // in the order in which they were added
	nodes map[string]*node[T]
}

type node[T Scalar] struct {
	data    *tensor.Dense[T]
	indices []string
}

// New is a network without tensors, whose contraction is 1.
func New[T Scalar]() *Network[T] { return &Network[T]{nodes: map[string]*node[T]{}} }

// Add adds a tensor, whose axes get the given indices. An index may be
// repeated, within a tensor too (a diagonal), and shared by any number of
// tensors. A name that is taken, a number of indices that is not the order of
// the tensor, and an index that has another size elsewhere are errors.
func (n *Network[T]) Add(name string, x *tensor.Dense[T], indices ...string) error {
	if _, ok := n.nodes[name]; ok {
		return fmt.Errorf("network: there is a tensor %q already", name)
	}
	if len(indices) != x.Order() {
		return fmt.Errorf("network: tensor %q has order %d, and is given %d indices", name, x.Order(), len(indices))
	}
	sizes := n.sizes()
	for i, index := range indices {
		if index == "" {
			return fmt.Errorf("network: index %d of tensor %q has no name", i, name)
		}
		size := x.Shape()[i]
		if s, ok := sizes[index]; ok && s != size {
			return fmt.Errorf("network: index %q has size %d in tensor %q, and %d elsewhere", index, size, name, s)
		}
		sizes[index] = size
	}
	n.names = append(n.names, name)
	n.nodes[name] = &node[T]{x, slices.Clone(indices)}
	return nil
}

// Names are the names of the tensors in the order in which they came.
func (n *Network[T]) Names() []string { return slices.Clone(n.names) }

// Tensor is the tensor of a name and its indices; nil if there is none. The
// caller must not change them.
func (n *Network[T]) Tensor(name string) (*tensor.Dense[T], []string) {
	if x, ok := n.nodes[name]; ok {
		return x.data, x.indices
	}
	return nil, nil
}

// Remove takes a tensor out of the network.
func (n *Network[T]) Remove(name string) error {
	if _, err := n.find(name); err != nil {
		return err
	}
	delete(n.nodes, name)
	n.names = slices.DeleteFunc(n.names, func(s string) bool { return s == name })
	return nil
}

// Clone is a copy of the network, which shares the tensors.
func (n *Network[T]) Clone() *Network[T] {
	c := New[T]()
	for _, name := range n.names {
		c.names = append(c.names, name)
		c.nodes[name] = &node[T]{n.nodes[name].data, n.nodes[name].indices}
	}
	return c
}

// Open are the indices that occur once, in the order of the tensors.
func (n *Network[T]) Open() []string {
	count := map[string]int{}
	for _, x := range n.nodes {
		for _, i := range x.indices {
			count[i]++
		}
	}
	var open []string
	for _, name := range n.names {
		for _, i := range n.nodes[name].indices {
			if count[i] == 1 {
				open = append(open, i)
			}
		}
	}
	return open
}

// Plan chooses an order of contraction to a tensor with the given indices.
// Indices that the network does not have are errors. The memory that
// opt.Memory names is kept, or the plan refused; see package einsum.
func (n *Network[T]) Plan(ctx context.Context, opt einsum.Options, output ...string) (*einsum.Plan, error) {
	if len(n.names) == 0 {
		return nil, fmt.Errorf("network: there are no tensors")
	}
	sizes := n.sizes()
	for _, i := range output {
		if _, ok := sizes[i]; !ok {
			return nil, fmt.Errorf("network: no tensor has the index %q of the output", i)
		}
	}
	var inputs [][]string
	var shapes [][]int
	for _, name := range n.names {
		inputs = append(inputs, n.nodes[name].indices)
		shapes = append(shapes, n.nodes[name].data.Shape())
	}
	e, err := einsum.Names(inputs, output)
	if err != nil {
		return nil, err
	}
	if opt.ElementBytes == 0 {
		opt.ElementBytes = 8
		if _, ok := any(T(0)).(complex128); ok {
			opt.ElementBytes = 16
		}
	}
	return e.Plan(ctx, opt, shapes...)
}

// Contract is the contraction to a tensor with the given indices, in this
// order; a scalar without any. All others are summed over.
func (n *Network[T]) Contract(ctx context.Context, opt einsum.Options, output ...string) (*tensor.Dense[T], error) {
	p, err := n.Plan(ctx, opt, output...)
	if err != nil {
		return nil, err
	}
	return einsum.Run(ctx, p, n.operands()...)
}

// Gradients contracts the network to a scalar z and differentiates it: the
// gradient of a name is ∂z/∂x, with the indices of the tensor x. Nothing is
// conjugated. It takes the memory of all intermediate results, beyond
// opt.Memory; see [einsum.VJP].
func (n *Network[T]) Gradients(ctx context.Context, opt einsum.Options) (z T, gradients map[string]*tensor.Dense[T], err error) {
	p, err := n.Plan(ctx, opt)
	if err != nil {
		return z, nil, err
	}
	result, pullback, err := einsum.VJP(ctx, p, n.operands()...)
	if err != nil {
		return z, nil, err
	}
	list, err := pullback(ctx, tensor.FromSlice([]T{1}))
	if err != nil {
		return z, nil, err
	}
	gradients = map[string]*tensor.Dense[T]{}
	for i, name := range n.names {
		gradients[name] = list[i]
	}
	return result.At(), gradients, nil
}

func (n *Network[T]) operands() []*tensor.Dense[T] {
	var x []*tensor.Dense[T]
	for _, name := range n.names {
		x = append(x, n.nodes[name].data)
	}
	return x
}

func (n *Network[T]) sizes() map[string]int {
	sizes := map[string]int{}
	for _, x := range n.nodes {
		for i, index := range x.indices {
			sizes[index] = x.data.Shape()[i]
		}
	}
	return sizes
}

func (n *Network[T]) find(name string) (*node[T], error) {
	if x, ok := n.nodes[name]; ok {
		return x, nil
	}
	return nil, fmt.Errorf("network: there is no tensor %q; there are %s", name, strings.Join(n.names, ", "))
}
