package path

import (
	"context"
	"math"
	"math/bits"
	"math/rand/v2"
	"time"
)

// annealing is a chain that changes a tree by rotations: of a pair (a b) c,
// the first operand becomes (a c) or (c b), and b or a the second. A rotation
// is taken if it lowers the cost of the two pairs, and otherwise with the
// probability exp(-beta Δ), where Δ is the change of log2 of their cost
// (Kalachev, Panteleev & Yung, 2021, https://arxiv.org/abs/2108.05665).
type annealing struct {
	*tree
	rng    *rand.PCG
	pairs  []int32
	memory float64 // log2 of the elements that a slice may take beside the inputs; +Inf for no limit
	target float64 // log2 of the elements that a result should not exceed for that
	writes float64 // products that an element of a result counts as, for a rotation
	held   *tree   // the last that was taken of those that fit
	at     float64 // its score
}

const (
	workOver   = 1.05 // log2 of what a pair takes over its result: that and its copy, and more
	overWeight = 2    // of log2 of the elements over the target, beside log2 of the cost
)

func newAnnealing(t *tree, seed uint64, memory float64) *annealing {
	a := &annealing{tree: t, rng: rand.NewPCG(seed, 0xa0761d6478bd642f), memory: memory, target: memory - workOver, writes: t.forest.writes}
	for c := t.leaves; c < len(t.left); c++ {
		a.pairs = append(a.pairs, int32(c))
	}
	return a
}

// sweep tries as many rotations as there are pairs.
func (a *annealing) sweep(beta float64) {
	n := uint64(len(a.pairs))
	for range n {
		r := a.rng.Uint64()
		hi, _ := bits.Mul64(r, n)
		a.rotate(a.pairs[hi], r&3, beta)
	}
}

// rotate tries one rotation at a pair: r says which operand is taken apart,
// and which part of it goes up.
func (a *annealing) rotate(p int32, r uint64, beta float64) {
	x, c := a.left[p], a.right[p]
	if r&1 != 0 {
		x, c = c, x
	}
	if a.left[x] < 0 {
		return
	}
	stay, rise := a.left[x], a.right[x]
	if r&2 != 0 {
		stay, rise = rise, stay
	}
	// Now p = (stay rise) c becomes (stay c) rise.
	size, costX, costP := a.look(p, stay, rise, c)
	if !a.take(beta, size, a.size[x], a.size[p], costX, costP, a.cost[x], a.cost[p]) {
		return
	}
	a.left[x], a.right[x] = stay, c
	a.left[p], a.right[p] = x, rise
	a.up[stay], a.up[c], a.up[rise] = x, x, p
	a.size[x], a.cost[x], a.cost[p] = size, costX, costP
	sx, ss, sc, sg, sp := a.set(x), a.set(stay), a.set(c), a.set(rise), a.set(p)
	for w := range sx {
		sx[w] = (ss[w] | sc[w]) & (sg[w] | sp[w])
	}
}

// take decides on a rotation by the sizes of the operand, before and after,
// and of the result, and the costs of the two pairs, before and after.
func (a *annealing) take(beta, size, oldSize, sizeP, costX, costP, oldX, oldP float64) bool {
	unit := max(costX, costP, oldX, oldP)
	after := power(costX-unit) + power(costP-unit)
	before := power(oldX-unit) + power(oldP-unit)
	if w := a.writes; w > 0 { // a result has no more elements than its pair products
		after += w * (power(size-unit) + power(sizeP-unit))
		before += w * (power(oldSize-unit) + power(sizeP-unit))
	}
	if size <= a.target && oldSize <= a.target {
		if after <= before {
			return true
		}
		return a.chance(beta * math.Log2(after/before))
	}
	d := math.Log2(after/before) + overWeight*(max(size, a.target)-max(oldSize, a.target))
	return d <= 0 || a.chance(beta*d)
}

// power is 2^x for x <= 0, to some six digits: this is where annealing spends
// its time.
func power(x float64) float64 {
	if x < -50 {
		return 0
	}
	whole := math.Floor(x + 0.5)
	f := (x - whole) * math.Ln2
	e := 1 + f*(1+f*(1.0/2+f*(1.0/6+f*(1.0/24+f*(1.0/120)))))
	return e * math.Float64frombits(uint64(1023+int64(whole))<<52)
}

// chance is true with probability exp(-x).
func (a *annealing) chance(x float64) bool {
	return x < 40 && float64(a.rng.Uint64()>>11)*0x1p-53 < math.Exp(-x)
}

// look gives the size of (stay c), its cost, and that of ((stay c) up).
func (a *annealing) look(p, stay, up, c int32) (size, costX, costP float64) {
	ss, sc, su, sp := a.set(stay), a.set(c), a.set(up), a.set(p)
	if len(ss) == 0 {
		return 0, 0, 0
	}
	sc, su, sp = sc[:len(ss)], su[:len(ss)], sp[:len(ss)]
	for w, x := range ss {
		x |= sc[w]
		if x|su[w] == 0 {
			continue
		}
		y := x & (su[w] | sp[w])
		z := y | su[w]
		if u := a.lay.unit[w]; u == u {
			costX += u * float64(bits.OnesCount64(x))
			size += u * float64(bits.OnesCount64(y))
			costP += u * float64(bits.OnesCount64(z))
		} else {
			costX += a.lay.word(w, x)
			size += a.lay.word(w, y)
			costP += a.lay.word(w, z)
		}
	}
	return size, costX, costP
}

// cool runs the chain from one inverse temperature to another and keeps the
// best tree that it sees. If ctx has a deadline before the sweeps are done, it
// cools faster.
func (a *annealing) cool(ctx context.Context, from, to float64, sweeps int) {
	limited := a.memory < math.Inf(1)
	if limited {
		a.cut(nil)
		a.held, a.at = a.tree.copy(), a.tree.score()
	}
	best, least := a.tree.copy(), a.score()
	begin := time.Now()
	deadline, timed := ctx.Deadline()
	part := 0.0
	for k := range sweeps {
		if k%8 == 0 {
			if ctx.Err() != nil {
				break
			}
			part = float64(k) / float64(sweeps)
			if timed {
				part = max(part, min(1, float64(time.Since(begin))/(0.95*float64(deadline.Sub(begin))+1)))
			}
		}
		beta := from + (to-from)*part
		a.sweep(beta)
		switch {
		case limited && (k%sliceEach == sliceEach-1 || k == sweeps-1):
			a.reslice(beta)
			if a.at < least {
				least = a.at
				best.assign(a.held)
			}
		case !limited && (k%8 == 7 || k == sweeps-1):
			if s := a.score(); s < least {
				least = s
				best.assign(a.tree)
			}
		}
	}
	a.tree.assign(best)
}
