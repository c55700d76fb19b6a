package path

import (
	"fmt"
	"math"
)

// Network lists tensors by the indices they hold. Index i has Sizes[i]
// values. A tensor holds an index at most once (a diagonal has been taken
// before), any number of tensors may share an index, and the output holds
// some of the indices of the tensors.
type Network struct {
	Inputs [][]int32 `json:"inputs"`
	Output []int32   `json:"output"`
	Sizes  []int     `json:"sizes"`
}

// Check says what is wrong with a network.
func (n *Network) Check() error {
	if len(n.Inputs) == 0 {
		return fmt.Errorf("path: a network without tensors; give one at least")
	}
	for i, s := range n.Sizes {
		if s < 0 {
			return fmt.Errorf("path: index %d has size %d; 0 or more is expected", i, s)
		}
	}
	const inNone = -1
	last := make([]int, len(n.Sizes))
	for i := range last {
		last[i] = inNone
	}
	for t, legs := range n.Inputs {
		for _, i := range legs {
			if i < 0 || int(i) >= len(n.Sizes) {
				return fmt.Errorf("path: tensor %d holds index %d; there are %d sizes, for indices from 0", t, i, len(n.Sizes))
			}
			if last[i] == t {
				return fmt.Errorf("path: tensor %d holds index %d twice; take the diagonal first", t, i)
			}
			last[i] = t
		}
	}
	out := len(n.Inputs)
	for _, i := range n.Output {
		switch {
		case i < 0 || int(i) >= len(n.Sizes) || last[i] == inNone:
			return fmt.Errorf("path: the output holds index %d, which no tensor holds", i)
		case last[i] == out:
			return fmt.Errorf("path: the output holds index %d twice", i)
		}
		last[i] = out
	}
	return nil
}

// weights are the binary logarithms of the sizes. A size of 0 counts as 1, so
// that costs stay finite: no path is better than another then.
func (n *Network) weights() []float64 {
	w := make([]float64, len(n.Sizes))
	for i, s := range n.Sizes {
		w[i] = math.Log2(float64(max(s, 1)))
	}
	return w
}

// slice is the network in which the given indices have one value.
func (n *Network) slice(indices []int32) *Network {
	if len(indices) == 0 {
		return n
	}
	sizes := append([]int(nil), n.Sizes...)
	for _, i := range indices {
		sizes[i] = 1
	}
	return &Network{Inputs: n.Inputs, Output: n.Output, Sizes: sizes}
}

// Path is an order of contraction in SSA form: pair k contracts two tensors
// into tensor n+k, where n is the number of inputs. A complete path of n
// tensors has n-1 pairs, and uses each tensor but the last once.
type Path [][2]int

// Check says whether a path contracts n tensors into one.
func (p Path) Check(n int) error {
	if len(p) != max(n-1, 0) {
		return fmt.Errorf("path: %d pairs for %d tensors; %d are expected", len(p), n, max(n-1, 0))
	}
	used := make([]bool, n+len(p))
	for k, pair := range p {
		for _, t := range pair {
			if t < 0 || t >= n+k {
				return fmt.Errorf("path: pair %d uses tensor %d; numbers from 0 to %d are there", k, t, n+k-1)
			}
			if used[t] {
				return fmt.Errorf("path: pair %d uses tensor %d, which was used before", k, t)
			}
			used[t] = true
		}
	}
	return nil
}

// Linear is the path in the form of NumPy and opt_einsum: each pair gives
// positions in the list of tensors that are left; both are taken out, and the
// result is appended.
func (p Path) Linear(n int) [][2]int {
	// A tree of counts finds the position of a tensor among those left.
	count := make([]int, n+len(p)+1)
	add := func(i, d int) {
		for i++; i < len(count); i += i & -i {
			count[i] += d
		}
	}
	before := func(i int) (s int) {
		for ; i > 0; i -= i & -i {
			s += count[i]
		}
		return s
	}
	for i := range n {
		add(i, 1)
	}
	out := make([][2]int, len(p))
	for k, pair := range p {
		a, b := min(pair[0], pair[1]), max(pair[0], pair[1])
		out[k] = [2]int{before(a), before(b)}
		add(a, -1)
		add(b, -1)
		add(n+k, 1)
	}
	return out
}

// FromLinear reads a path in the form of NumPy and opt_einsum.
func FromLinear(n int, linear [][2]int) (Path, error) {
	left := make([]int, n)
	for i := range left {
		left[i] = i
	}
	p := make(Path, 0, len(linear))
	for k, pair := range linear {
		a, b := min(pair[0], pair[1]), max(pair[0], pair[1])
		if a < 0 || b >= len(left) || a == b {
			return nil, fmt.Errorf("path: pair %d takes positions %d and %d; two of 0 to %d are expected", k, pair[0], pair[1], len(left)-1)
		}
		p = append(p, [2]int{left[a], left[b]})
		left = append(left[:b], left[b+1:]...)
		left = append(left[:a], left[a+1:]...)
		left = append(left, n+k)
	}
	return p, p.Check(n)
}
