package path_test

import (
	"math"
	"testing"

	"github.com/polyad/polyad/einsum/path"
)

// A tree of vectors and matrices has treewidth 1: no elimination makes a
// tensor of more than one index, and each matrix costs its elements.
func TestMinFillOfATree(t *testing.T) {
	n := &path.Network{}
	for i := range int32(200) {
		n.Sizes = append(n.Sizes, 3)
		if i > 0 {
			n.Inputs = append(n.Inputs, []int32{i}, []int32{i, i / 2})
		}
	}
	p := path.MinFill(n, 0)
	c, err := n.Cost(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Size > math.Log2(9)+1e-9 || c.Flops > math.Log2(200*3*9) {
		t.Errorf("2^%v elements, 2^%v products", c.Size, c.Flops)
	}
}

// A model of pairwise terms on a grid of 4×20 has treewidth 4: with 2 values
// a variable no pair costs more than 2^5, however many terms there are.
func TestMinFillOfAGrid(t *testing.T) {
	n := &path.Network{Sizes: make([]int, 80)}
	for i := range int32(80) {
		n.Sizes[i] = 2
		n.Inputs = append(n.Inputs, []int32{i})
		if i%4 != 3 {
			n.Inputs = append(n.Inputs, []int32{i, i + 1})
		}
		if i+4 < 80 {
			n.Inputs = append(n.Inputs, []int32{i, i + 4})
		}
	}
	p := path.MinFill(n, 0)
	c, err := n.Cost(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Size > 5 || c.Flops > math.Log2(80*4*32) {
		t.Errorf("2^%v elements, 2^%v products", c.Size, c.Flops)
	}
}
