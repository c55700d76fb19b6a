package path

import (
	"fmt"
	"math"
)

// Cost is what a path takes. All but Slices are binary logarithms, so that
// paths beyond any machine can be compared.
//
// An index-space product counts one operation for each combination of the
// indices of a pair, as cotengra and OMEinsumContractionOrders do; opt_einsum
// counts two if the pair sums over an index.
type Cost struct {
	Flops   float64 // index-space products, of all slices
	Flops2x float64 // the same in the convention of opt_einsum
	Write   float64 // elements of the results of all pairs and slices
	Size    float64 // elements of the largest result, of one slice
	Peak    float64 // most elements that are there at a time beside the inputs, of one slice: results, and a copy of both operands and the result of the pair in work
	Slices  float64 // the number of slices
}

// Log10Flops is the decimal logarithm of the index-space products.
func (c Cost) Log10Flops() float64 { return c.Flops * math.Log10(2) }

// Log10Flops2x is Log10Flops in the convention of opt_einsum.
func (c Cost) Log10Flops2x() float64 { return c.Flops2x * math.Log10(2) }

// Cost works out what a path costs if the sliced indices are fixed in turn
// and the slices are added. Tensors that are the only holder of an index lose
// it first, which counts as an operation an element.
func (n *Network) Cost(p Path, sliced []int32) (Cost, error) {
	if err := p.Check(len(n.Inputs)); err != nil {
		return Cost{}, err
	}
	slices := 0.0
	seen := map[int32]bool{}
	for _, i := range sliced {
		if i < 0 || int(i) >= len(n.Sizes) || seen[i] {
			return Cost{}, fmt.Errorf("path: sliced index %d; different ones of 0 to %d are expected", i, len(n.Sizes)-1)
		}
		seen[i] = true
		slices += math.Log2(float64(max(n.Sizes[i], 1)))
	}
	none := math.Inf(-1)
	c := Cost{Flops: none, Flops2x: none, Write: none, Size: none, Peak: none, Slices: math.Round(math.Exp2(slices))}
	g := newGraph(n.slice(sliced))
	for t, legs := range n.Inputs {
		whole := 0.0
		for _, i := range legs {
			whole += g.weight[i]
		}
		if whole > g.size[t] {
			c.Flops, c.Flops2x = addLog2(c.Flops, whole), addLog2(c.Flops2x, whole)
		}
	}
	live := none
	for _, pair := range p {
		a, b := int32(pair[0]), int32(pair[1])
		la, lb := g.size[a], g.size[b]
		x := g.contract(a, b)
		c.Flops = addLog2(c.Flops, g.union)
		sums := 0.0
		if g.union > g.size[x] {
			sums = 1
		}
		c.Flops2x = addLog2(c.Flops2x, g.union+sums)
		c.Write = addLog2(c.Write, g.size[x])
		c.Size = max(c.Size, g.size[x])
		live = addLog2(live, g.size[x])
		c.Peak = max(c.Peak, addLog2(live, addLog2(g.size[x], addLog2(la, lb))))
		if a >= int32(g.inputs) {
			live = subLog2(live, la)
		}
		if b >= int32(g.inputs) {
			live = subLog2(live, lb)
		}
	}
	if len(p) == 0 { // one tensor: its result
		c.Write, c.Size, c.Peak = g.size[0], g.size[0], g.size[0]+1
		c.Flops, c.Flops2x = max(c.Flops, g.size[0]), max(c.Flops2x, g.size[0])
	}
	c.Flops, c.Flops2x, c.Write = c.Flops+slices, c.Flops2x+slices, c.Write+slices
	return c, nil
}

// subLog2 is log2(2^a - 2^b).
func subLog2(a, b float64) float64 {
	d := -math.Exp2(b - a)
	if d <= -1+1e-12 {
		return math.Inf(-1)
	}
	return a + math.Log1p(d)/math.Ln2
}
