package connectome

import (
	"math"
	"slices"
)

// blockModel is one of the models that a graph may be described by.
type blockModel struct {
	g         *Graph
	corrected bool // nodes have degrees of their own
	weights   *weights
	f         factorials
}

// state is a partition of the nodes of a graph, with the sums over pairs of
// blocks that its description length needs.
//
// The description length is -ln of the probability of partition, edges and
// weights, without free parameters (microcanonical: Peixoto 2017,
// https://doi.org/10.1103/PhysRevE.95.012317; weights: Peixoto 2018,
// https://doi.org/10.1103/PhysRevE.97.012306):
//
//   - the sizes of the blocks and who belongs to which:
//     ln N + ln C(N-1, B-1) + ln N! - sum_r ln n_r!
//   - the number of edges between blocks: ln of the ways to share E edges
//     among B(B+1)/2 pairs (or, nested, as a graph of blocks; see levels)
//   - which pairs of nodes they join: ln C(n_r*n_s, e_rs) for each pair of
//     blocks; with degree correction, the degrees within each block
//     (ln q(e_r, n_r) + ln n_r! - sum_k ln eta_k!) and the ways to join
//     half-edges
//   - the weights (see weights.go).
type state struct {
	m         *blockModel
	g         *Graph
	corrected bool
	f         factorials
	q         partitions
	constant  float64 // of the edges, whatever the partition

	of     []int // the block of each node
	stride int
	size   []int  // nodes of each block; 0: no block
	degree []int  // sum of the degrees of its nodes
	e      []int  // edges between blocks, stride×stride, both triangles
	w      []sums // of their weights
	hist   []int  // nodes of a block by degree
	widest int    // largest degree plus 1
	blocks int    // that are not empty
	pairs  int    // of blocks with an edge

	to      []int // of the node that is being moved: edges to each block
	toW     []sums
	touched []int
}

func newState(m *blockModel, of []int, q partitions) *state {
	g, corrected, f := m.g, m.corrected, m.f
	s := &state{m: m, g: g, corrected: corrected, f: f, q: q, constant: m.weights.constant, of: slices.Clone(of)}
	for _, ends := range g.ends {
		s.widest = max(s.widest, len(ends)+1)
	}
	if corrected {
		for _, ends := range g.ends {
			s.constant -= f.at(len(ends))
		}
	}
	s.recount()
	return s
}

// recount names the blocks 0, 1, … and sums anew. The block after the last is
// empty.
func (s *state) recount() {
	s.of = named(s.of)
	b := 0
	for _, r := range s.of {
		b = max(b, r+1)
	}
	s.blocks, s.pairs = b, 0
	b++ // room for a new block
	s.stride, s.touched = b, s.touched[:0]
	s.size, s.degree = make([]int, b), make([]int, b)
	s.e, s.w = make([]int, b*b), make([]sums, b*b)
	s.to, s.toW = make([]int, b), make([]sums, b)
	if s.corrected {
		s.hist = make([]int, b*s.widest)
	}
	for i, r := range s.of {
		k := len(s.g.ends[i])
		s.size[r]++
		s.degree[r] += k
		if s.corrected {
			s.hist[r*s.widest+k]++
		}
		for n, j := range s.g.ends[i] {
			t := s.of[j]
			if int(j) < i {
				s.add(r, t, 1, s.m.weights.of[i][n])
			}
		}
	}
	for r := range b {
		for t := range r + 1 {
			if s.e[r*b+t] > 0 {
				s.pairs++
			}
		}
	}
}

func (s *state) add(r, t, e int, w sums) {
	at := r*s.stride + t
	s.e[at] += e
	s.w[at] = s.w[at].plus(w)
	if s.e[at] == 0 { // without what rounding leaves
		s.w[at] = sums{}
	}
	if r != t {
		s.e[t*s.stride+r], s.w[t*s.stride+r] = s.e[at], s.w[at]
	}
}

// pair is the cost of the edges between two blocks of n nodes and m nodes.
func (s *state) pair(e int, w sums, n, m int, same bool) float64 {
	c := 0.0
	if s.corrected {
		c = -s.f.at(e)
		if same {
			c -= float64(e) * math.Ln2
		}
	} else if same {
		c = s.f.choose(n*(n-1)/2, e)
	} else {
		c = s.f.choose(n*m, e)
	}
	return c + s.m.weights.cost(e, w, s.f)
}

// block is the cost of a block by itself.
func (s *state) block(n, degree int, hist []int) float64 {
	if n == 0 {
		return 0
	}
	c := -s.f.at(n)
	if s.corrected {
		c += s.f.at(degree) + s.q.at(degree, n) + s.f.at(n)
		for _, k := range hist {
			c -= s.f.at(k)
		}
	}
	return c
}

// whole is the cost of what is not a sum over blocks.
func (s *state) whole(blocks, pairs int) float64 {
	n := s.g.n
	c := s.constant + s.f.at(n) + math.Log(float64(n)) + s.f.choose(n-1, blocks-1)
	return c + s.f.multiset(blocks*(blocks+1)/2, s.g.edges) + s.m.weights.means(pairs, s.f)
}

// length is the description length.
func (s *state) length() float64 {
	c := s.whole(s.blocks, s.pairs)
	for r, n := range s.size {
		if n == 0 {
			continue
		}
		var hist []int
		if s.corrected {
			hist = s.hist[r*s.widest : (r+1)*s.widest]
		}
		c += s.block(n, s.degree[r], hist)
		for t := range r + 1 {
			if s.size[t] > 0 {
				c += s.pair(s.e[r*s.stride+t], s.w[r*s.stride+t], n, s.size[t], r == t)
			}
		}
	}
	return c
}

// neighbours counts the edges of node i to each block, before gain and move.
func (s *state) neighbours(i int) {
	for _, r := range s.touched {
		s.to[r], s.toW[r] = 0, sums{}
	}
	s.touched = s.touched[:0]
	for n, j := range s.g.ends[i] {
		r := s.of[j]
		if s.to[r] == 0 {
			s.touched = append(s.touched, r)
		}
		s.to[r]++
		s.toW[r] = s.toW[r].plus(s.m.weights.of[i][n])
	}
}

// gain is how much the description length changes if node i, whose
// neighbours were counted, moves to block t.
func (s *state) gain(i, t int) float64 {
	r := s.of[i]
	if r == t {
		return 0
	}
	k := len(s.g.ends[i])
	nr, nt := s.size[r], s.size[t]
	before, after := 0.0, 0.0
	pairs := s.pairs
	change := func(e0 int, w0 sums, n0, m0, e1 int, w1 sums, n1, m1 int, same bool) {
		if n0 > 0 && m0 > 0 {
			before += s.pair(e0, w0, n0, m0, same)
		}
		if n1 > 0 && m1 > 0 {
			after += s.pair(e1, w1, n1, m1, same)
		}
		if e0 > 0 {
			pairs--
		}
		if e1 > 0 {
			pairs++
		}
	}
	for u, nu := range s.size {
		if nu == 0 || u == r || u == t {
			continue
		}
		er, wr := s.e[r*s.stride+u], s.w[r*s.stride+u]
		et, wt := s.e[t*s.stride+u], s.w[t*s.stride+u]
		ku, xu := s.to[u], s.toW[u]
		if ku == 0 && s.corrected {
			continue // nothing changes: sizes do not count here
		}
		change(er, wr, nr, nu, er-ku, wr.minus(xu), nr-1, nu, false)
		change(et, wt, nt, nu, et+ku, wt.plus(xu), nt+1, nu, false)
	}
	kr, xr, kt, xt := s.to[r], s.toW[r], s.to[t], s.toW[t]
	rr, tt, rt := r*s.stride+r, t*s.stride+t, r*s.stride+t
	change(s.e[rr], s.w[rr], nr, nr, s.e[rr]-kr, s.w[rr].minus(xr), nr-1, nr-1, true)
	change(s.e[tt], s.w[tt], nt, nt, s.e[tt]+kt, s.w[tt].plus(xt), nt+1, nt+1, true)
	change(s.e[rt], s.w[rt], nr, nt, s.e[rt]+kr-kt, s.w[rt].plus(xr).minus(xt), nr-1, nt+1, false)
	blocks := s.blocks
	if nr == 1 {
		blocks--
	}
	if nt == 0 {
		blocks++
	}
	// The histograms change in one place each: count that by itself.
	before += s.block(nr, s.degree[r], nil) + s.block(nt, s.degree[t], nil)
	after += s.block(nr-1, s.degree[r]-k, nil) + s.block(nt+1, s.degree[t]+k, nil)
	if s.corrected {
		hr, ht := s.hist[r*s.widest+k], s.hist[t*s.widest+k]
		before -= s.f.at(hr) + s.f.at(ht)
		after -= s.f.at(hr-1) + s.f.at(ht+1)
	}
	return after - before + s.whole(blocks, pairs) - s.whole(s.blocks, s.pairs)
}

// move moves node i, whose neighbours were counted, to block t.
func (s *state) move(i, t int) {
	r := s.of[i]
	if r == t {
		return
	}
	k := len(s.g.ends[i])
	for _, u := range s.touched {
		s.shift(r, u, -s.to[u], sums{}.minus(s.toW[u]))
	}
	s.of[i] = t
	for _, u := range s.touched {
		s.shift(t, u, s.to[u], s.toW[u])
	}
	s.size[r]--
	s.size[t]++
	if s.size[r] == 0 {
		s.blocks--
	}
	if s.size[t] == 1 {
		s.blocks++
	}
	s.degree[r] -= k
	s.degree[t] += k
	if s.corrected {
		s.hist[r*s.widest+k]--
		s.hist[t*s.widest+k]++
	}
}

// shift adds edges between two blocks and counts the pairs.
func (s *state) shift(r, u, e int, w sums) {
	at := r*s.stride + u
	was := s.e[at] > 0
	s.add(r, u, e, w)
	is := s.e[at] > 0
	switch {
	case was && !is:
		s.pairs--
	case is && !was:
		s.pairs++
	}
}

// join is how much the description length changes if blocks r and t become
// one.
func (s *state) join(r, t int) float64 {
	nr, nt := s.size[r], s.size[t]
	before, after := 0.0, 0.0
	pairs := s.pairs
	for u, nu := range s.size {
		if nu == 0 || u == r || u == t {
			continue
		}
		er, wr := s.e[r*s.stride+u], s.w[r*s.stride+u]
		et, wt := s.e[t*s.stride+u], s.w[t*s.stride+u]
		before += s.pair(er, wr, nr, nu, false) + s.pair(et, wt, nt, nu, false)
		after += s.pair(er+et, wr.plus(wt), nr+nt, nu, false)
		if er > 0 && et > 0 {
			pairs--
		}
	}
	rr, tt, rt := r*s.stride+r, t*s.stride+t, r*s.stride+t
	inside := 0
	for _, at := range []int{rr, tt, rt} {
		if s.e[at] > 0 {
			inside++
		}
	}
	pairs -= max(0, inside-1)
	before += s.pair(s.e[rr], s.w[rr], nr, nr, true) + s.pair(s.e[tt], s.w[tt], nt, nt, true) + s.pair(s.e[rt], s.w[rt], nr, nt, false)
	after += s.pair(s.e[rr]+s.e[tt]+s.e[rt], s.w[rr].plus(s.w[tt]).plus(s.w[rt]), nr+nt, nr+nt, true)
	before += s.block(nr, s.degree[r], nil) + s.block(nt, s.degree[t], nil)
	after += s.block(nr+nt, s.degree[r]+s.degree[t], nil)
	if s.corrected {
		for k := range s.widest {
			a, b := s.hist[r*s.widest+k], s.hist[t*s.widest+k]
			if a > 0 && b > 0 {
				before -= s.f.at(a) + s.f.at(b)
				after -= s.f.at(a + b)
			}
		}
	}
	return after - before + s.whole(s.blocks-1, pairs) - s.whole(s.blocks, s.pairs)
}
