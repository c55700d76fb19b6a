package path

// Step is one pair of a path by its indices. The left operand holds Batch,
// KeepLeft and Sum, the right one Batch, KeepRight and Sum, the result Batch,
// KeepLeft and KeepRight; the lists are in the order of the left operand, or
// else of the right one. Indices of size 1, sliced ones, and those that one
// input alone holds (which are summed beforehand) are in none.
type Step struct {
	Left, Right, Out int // numbers in the path

	Batch     []int32 // in both operands and the result
	KeepLeft  []int32 // in the left operand and the result
	KeepRight []int32 // in the right operand and the result
	Sum       []int32 // in both operands only
}

// Steps lists the pairs of a path, which must be right for the network (see
// [Path.Check]), with the given indices sliced.
func (n *Network) Steps(p Path, sliced []int32) []Step {
	g := newGraph(n.slice(sliced))
	steps := make([]Step, 0, len(p))
	for _, pair := range p {
		s := Step{Left: pair[0], Right: pair[1]}
		left, right := g.legs[s.Left], g.legs[s.Right]
		in := map[int32]bool{}
		for _, i := range right {
			in[i] = true
		}
		for _, i := range left {
			switch {
			case !in[i]:
				s.KeepLeft = append(s.KeepLeft, i)
			case g.dropped(i):
				s.Sum = append(s.Sum, i)
			default:
				s.Batch = append(s.Batch, i)
			}
			delete(in, i)
		}
		for _, i := range right {
			if in[i] {
				s.KeepRight = append(s.KeepRight, i)
			}
		}
		s.Out = int(g.contract(int32(s.Left), int32(s.Right)))
		steps = append(steps, s)
	}
	return steps
}
