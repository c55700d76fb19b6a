package path

import (
	"math"
	"math/rand/v2"
)

// hypergraph has vertices, which are tensors or clusters of them, and nets,
// which are the indices they share.
type hypergraph struct {
	load   []int32   // tensors of each vertex
	nets   [][]int32 // the nets of each vertex
	pins   [][]int32 // the vertices of each net, two at least
	weight []float64 // of each net
}

const (
	coarsest  = 32   // vertices at which a cut is tried from scratch
	coarsen   = 0.95 // a level that keeps more of its vertices is the last
	starts    = 6    // cuts that are tried there
	fmPasses  = 4
	largeNet  = 100 // pins of a net from which on it says nothing about neighbours
	unmatched = int32(-1)
)

// bisect cuts the vertices in two, the smaller of which has at least the part
// least of all tensors if that can be, so that the nets with vertices on both
// sides weigh little. Clusters of vertices are cut first, and the cut is
// refined as they are taken apart (Karypis et al., 1999,
// https://doi.org/10.1109/92.748202).
func (h *hypergraph) bisect(rng *rand.Rand, least float64) []bool {
	if len(h.load) > coarsest {
		cluster, count := h.match(rng)
		if float64(count) < coarsen*float64(len(h.load)) {
			small := h.contract(cluster, count).bisect(rng, least)
			side := make([]bool, len(h.load))
			for v, c := range cluster {
				side[v] = small[c]
			}
			h.refine(side, least)
			return side
		}
	}
	var best []bool
	cut := math.Inf(1)
	for range starts {
		side := h.grow(rng)
		if c := h.refine(side, least); c < cut {
			best, cut = side, c
		}
	}
	return best
}

// match pairs vertices that share much, and gives the cluster of each vertex
// and the number of clusters.
func (h *hypergraph) match(rng *rand.Rand) ([]int32, int) {
	total := int32(0)
	for _, l := range h.load {
		total += l
	}
	most := max(2, 3*total/(2*coarsest))
	cluster := make([]int32, len(h.load))
	for v := range cluster {
		cluster[v] = unmatched
	}
	rating := make([]float64, len(h.load))
	var near []int32
	count := 0
	for _, v := range rng.Perm(len(h.load)) {
		if cluster[v] != unmatched {
			continue
		}
		near = near[:0]
		for _, e := range h.nets[v] {
			pins := h.pins[e]
			if len(pins) > largeNet {
				continue
			}
			for _, u := range pins {
				if int(u) == v || cluster[u] != unmatched || h.load[u]+h.load[v] > most {
					continue
				}
				if rating[u] == 0 {
					near = append(near, u)
				}
				rating[u] += h.weight[e] / float64(len(pins)-1)
			}
		}
		best := unmatched
		for _, u := range near {
			if best == unmatched || rating[u] > rating[best] {
				best = u
			}
		}
		for _, u := range near {
			rating[u] = 0
		}
		cluster[v] = int32(count)
		if best != unmatched {
			cluster[best] = int32(count)
		}
		count++
	}
	return cluster, count
}

// contract is the hypergraph of clusters. Nets within one are left out.
func (h *hypergraph) contract(cluster []int32, count int) *hypergraph {
	c := &hypergraph{load: make([]int32, count), nets: make([][]int32, count)}
	for v, k := range cluster {
		c.load[k] += h.load[v]
	}
	seen := make([]int32, count)
	for e, pins := range h.pins {
		var merged []int32
		for _, v := range pins {
			if k := cluster[v]; seen[k] != int32(e)+1 {
				seen[k] = int32(e) + 1
				merged = append(merged, k)
			}
		}
		if len(merged) > 1 {
			c.addNet(merged, h.weight[e])
		}
	}
	return c
}

func (h *hypergraph) addNet(pins []int32, weight float64) {
	e := int32(len(h.pins))
	h.pins, h.weight = append(h.pins, pins), append(h.weight, weight)
	for _, v := range pins {
		h.nets[v] = append(h.nets[v], e)
	}
}

// grow takes the vertices around a random one to one side, until it has half
// of the tensors.
func (h *hypergraph) grow(rng *rand.Rand) []bool {
	side := make([]bool, len(h.load))
	total, taken := int32(0), int32(0)
	for _, l := range h.load {
		total += l
	}
	var queue []int32
	order := rng.Perm(len(h.load))
	for taken < total/2 {
		if len(queue) == 0 { // the first, or the parts are not connected
			for side[order[0]] {
				order = order[1:]
			}
			queue = append(queue, int32(order[0]))
			side[order[0]] = true
		}
		v := queue[0]
		queue = queue[1:]
		taken += h.load[v]
		for _, e := range h.nets[v] {
			for _, u := range h.pins[e] {
				if !side[u] {
					side[u] = true
					queue = append(queue, u)
				}
			}
		}
	}
	for _, v := range queue { // seen, but not taken
		side[v] = false
	}
	return side
}

// refine moves vertices from side to side, always the one that lowers the cut
// most or raises it least, each once, and goes back to the best cut on the
// way; again until nothing is gained (Fiduccia & Mattheyses, 1982,
// https://doi.org/10.1109/DAC.1982.1585498). It gives the weight of the cut.
func (h *hypergraph) refine(side []bool, least float64) float64 {
	var load [2]int32
	on := make([][2]int32, len(h.pins)) // pins of each net on the two sides
	for v, s := range side {
		load[of(s)] += h.load[v]
		for _, e := range h.nets[v] {
			on[e][of(s)]++
		}
	}
	floor := int32(max(1, least*float64(load[0]+load[1])))
	cut := 0.0
	for e := range on {
		if on[e][0] > 0 && on[e][1] > 0 {
			cut += h.weight[e]
		}
	}
	gain := func(v int32) float64 {
		from, g := of(side[v]), 0.0
		for _, e := range h.nets[v] {
			if on[e][from] == 1 {
				g += h.weight[e]
			}
			if on[e][1-from] == 0 {
				g -= h.weight[e]
			}
		}
		return g
	}
	gains := make([]float64, len(side))
	locked := make([]bool, len(side))
	move := func(v int32) {
		from := of(side[v])
		side[v] = !side[v]
		load[from] -= h.load[v]
		load[1-from] += h.load[v]
		for _, e := range h.nets[v] {
			on[e][from]--
			on[e][1-from]++
		}
	}
	balance := func() int32 { return min(load[0], load[1]) }
	for range fmPasses {
		var queue heap
		for v := range side {
			locked[v] = false
			gains[v] = gain(int32(v))
			queue = append(queue, candidate{-gains[v], int32(v), 0})
		}
		queue.init()
		var moves []int32
		now, best, at, even := cut, cut, 0, balance()
		for len(queue) > 0 {
			c := queue.pop()
			v := c.a
			if locked[v] || -c.score != gains[v] {
				continue
			}
			if from := of(side[v]); load[from]-h.load[v] < floor && load[from] <= load[1-from] {
				continue // the side would be too small
			}
			locked[v] = true
			now -= gains[v]
			move(v)
			moves = append(moves, v)
			for _, e := range h.nets[v] {
				if len(h.pins[e]) > largeNet {
					continue
				}
				for _, u := range h.pins[e] {
					if locked[u] {
						continue
					}
					if g := gain(u); g != gains[u] {
						gains[u] = g
						queue.push(candidate{-g, u, 0})
					}
				}
			}
			if fits := balance() >= floor; fits && (now < best-1e-9 || even < floor) || !fits && even < floor && balance() > even {
				best, at, even = now, len(moves), balance()
			}
			if len(moves)-at > 50+len(side)/4 {
				break
			}
		}
		for k := len(moves) - 1; k >= at; k-- {
			move(moves[k])
		}
		if at == 0 {
			break
		}
		cut = h.cut(on)
	}
	return cut
}

// cut is the weight of the nets with pins on both sides.
func (h *hypergraph) cut(on [][2]int32) float64 {
	sum := 0.0
	for e := range on {
		if on[e][0] > 0 && on[e][1] > 0 {
			sum += h.weight[e]
		}
	}
	return sum
}

func of(side bool) int {
	if side {
		return 1
	}
	return 0
}
