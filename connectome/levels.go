package connectome

import "math"

// grouping is a partition of the blocks of a level into groups, with the
// edges between groups (both triangles, the diagonal counted once).
type grouping struct {
	of   []int
	size []int
	e    [][]int
}

// nested finds levels above the blocks of a partition: groups of blocks,
// groups of groups, and so on, as long as that shortens the description of
// the edges between blocks (Peixoto 2014,
// https://doi.org/10.1103/PhysRevX.4.011047). It returns what the edges then
// cost, and the groups of each level, in terms of the level below.
func nested(e [][]int, edges int, f factorials) (cost float64, levels [][]int) {
	flat := f.multiset(len(e)*(len(e)+1)/2, edges)
	if len(e) < 3 {
		return flat, nil
	}
	g := group(e, edges, f)
	if len(g.size) == len(e) || len(g.size) == 1 {
		return flat, nil
	}
	above, more := nested(g.e, edges, f)
	cost = g.cost(f) + above
	if cost >= flat {
		return flat, nil
	}
	return cost, append([][]int{g.of}, more...)
}

// cost describes the partition into groups and, given the edges between
// groups, those between the blocks.
func (g grouping) cost(f factorials) float64 {
	n := len(g.of)
	c := f.at(n) + math.Log(float64(n)) + f.choose(n-1, len(g.size)-1)
	for r, s := range g.size {
		c += f.multiset(s*(s+1)/2, g.e[r][r]) - f.at(s)
		for t := range r {
			c += f.multiset(s*g.size[t], g.e[r][t])
		}
	}
	return c
}

// group joins groups, from one for each block, and keeps the partition that
// is described in the fewest words.
func group(e [][]int, edges int, f factorials) grouping {
	g := grouping{}
	for r := range e {
		g.of = append(g.of, r)
		g.size = append(g.size, 1)
		g.e = append(g.e, append([]int(nil), e[r]...))
	}
	total := func(g grouping) float64 {
		return g.cost(f) + f.multiset(len(g.size)*(len(g.size)+1)/2, edges)
	}
	best, least := g, math.Inf(1)
	for len(g.size) > 1 {
		next, low := g, math.Inf(1)
		for r := range g.size {
			for t := range r {
				m := g.merged(t, r)
				if c := total(m); c < low {
					next, low = m, c
				}
			}
		}
		g = next
		if low < least {
			best, least = g, low
		}
	}
	return best
}

// merged is the partition with group t joined to r < t.
func (g grouping) merged(r, t int) grouping {
	name := func(u int) int {
		switch {
		case u == t:
			return r
		case u > t:
			return u - 1
		}
		return u
	}
	m := grouping{of: make([]int, len(g.of)), size: make([]int, len(g.size)-1)}
	for i, u := range g.of {
		m.of[i] = name(u)
	}
	m.e = make([][]int, len(m.size))
	for u := range m.e {
		m.e[u] = make([]int, len(m.size))
	}
	for u, s := range g.size {
		m.size[name(u)] += s
		for v := range u + 1 {
			a, b := name(u), name(v)
			m.e[a][b] += g.e[u][v]
			if a != b {
				m.e[b][a] += g.e[u][v]
			}
		}
	}
	return m
}
