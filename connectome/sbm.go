package connectome

import (
	"math"
	"slices"
)

// blockModel is one of the models that a graph may be described by.
type blockModel struct {
	g *Graph
	// dispersion is how much the degrees within a block vary, in units of
	// their mean; 0: as they do if the edges are drawn at random.
	dispersion float64
	constant   float64 // cost, whatever the partition
	weights    *weights
	f          factorials
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
//     blocks
//   - with degree correction, the degrees of the nodes, less what they tell
//     of the edges (see uneven)
//   - the weights (see weights.go).
type state struct {
	m *blockModel
	g *Graph
	f factorials

	of     []int // the block of each node
	stride int
	size   []int     // nodes of each block; 0: no block
	degree []int     // sum of the degrees of its nodes
	klnk   []float64 // sum of k*ln k over their degrees k
	dense  []float64 // sum of the densities of their edges, from either end
	e      []int     // edges between blocks, stride×stride, both triangles
	w      []sums    // of their weights
	blocks int       // that are not empty
	pairs  int       // of blocks with an edge

	to      []int // of the node that is being moved: edges to each block
	toW     []sums
	touched []int
}

func newState(m *blockModel, of []int) *state {
	s := &state{m: m, g: m.g, f: m.f, of: slices.Clone(of)}
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
	s.klnk, s.dense = make([]float64, b), make([]float64, b)
	for i, r := range s.of {
		k := len(s.g.ends[i])
		s.size[r]++
		s.degree[r] += k
		s.klnk[r] += klnk(k)
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
		for t, m := range s.size {
			s.dense[r] += density(s.e[r*b+t], s.size[r], m, r == t)
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

func klnk(k int) float64 {
	if k < 2 {
		return 0
	}
	return float64(k) * math.Log(float64(k))
}

// density is the sum, over the ends in the first of e edges between blocks of
// n and m nodes, of the density of the edges.
func density(e, n, m int, same bool) float64 {
	if e == 0 {
		return 0
	}
	x := float64(e)
	if same {
		return 4 * x * x / (float64(n) * float64(n-1))
	}
	return x * x / (float64(n) * float64(m))
}

// uneven is what the degrees k of n nodes of a block cost, less what they tell
// of the edges. If the edges between blocks are drawn at random, a degree is a
// sum of binomial numbers of mean mu and variance v, and
//
//	-ln P(k) = (n-1)/2*ln(2*pi*mu*phi) - ln(n)/2 + 1/phi*sum_i k_i*ln(k_i/mu)
//
// with phi = v/mu, as extended quasi-likelihood has it (Nelder & Pregibon 1987,
// https://doi.org/10.1093/biomet/74.2.221). The degrees are described by the
// same law with the dispersion of the model for phi. One twelfth is added to v
// as degrees are whole.
func (s *state) uneven(n, degree int, klnk, dense float64) float64 {
	if n == 0 || degree == 0 || s.m.dispersion == 0 {
		return 0
	}
	d, m := float64(degree), float64(n)
	mu := d / m
	phi := max(0, 1-dense/d) + 1/(12*mu)
	return (m-1)/2*math.Log(s.m.dispersion/phi) + max(0, klnk-d*math.Log(mu))*(1/s.m.dispersion-1/phi)
}

// pair is the cost of the edges between two blocks of n nodes and m nodes.
func (s *state) pair(e int, w sums, n, m int, same bool) float64 {
	if same {
		return s.f.choose(n*(n-1)/2, e) + s.m.weights.cost(e, w, s.f)
	}
	return s.f.choose(n*m, e) + s.m.weights.cost(e, w, s.f)
}

// whole is the cost of what is not a sum over blocks.
func (s *state) whole(blocks, pairs int) float64 {
	n := s.g.n
	c := s.m.constant + s.m.weights.constant + s.f.at(n) + math.Log(float64(n)) + s.f.choose(n-1, blocks-1)
	return c + s.f.multiset(blocks*(blocks+1)/2, s.g.edges) + s.m.weights.means(pairs, s.f)
}

// length is the description length.
func (s *state) length() float64 {
	c := s.whole(s.blocks, s.pairs)
	for r, n := range s.size {
		if n == 0 {
			continue
		}
		c += s.uneven(n, s.degree[r], s.klnk[r], s.dense[r]) - s.f.at(n)
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
	denseR, denseT := 0.0, 0.0
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
		change(er, wr, nr, nu, er-ku, wr.minus(xu), nr-1, nu, false)
		change(et, wt, nt, nu, et+ku, wt.plus(xu), nt+1, nu, false)
		if s.m.dispersion > 0 {
			dr, dt := density(er-ku, nr-1, nu, false), density(et+ku, nt+1, nu, false)
			denseR += dr
			denseT += dt
			if dr += dt - density(er, nr, nu, false) - density(et, nt, nu, false); dr != 0 {
				before += s.uneven(nu, s.degree[u], s.klnk[u], s.dense[u])
				after += s.uneven(nu, s.degree[u], s.klnk[u], s.dense[u]+dr)
			}
		}
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
	before -= s.f.at(nr) + s.f.at(nt)
	after -= s.f.at(nr-1) + s.f.at(nt+1)
	if s.m.dispersion > 0 {
		both := density(s.e[rt]+kr-kt, nr-1, nt+1, false)
		denseR += both + density(s.e[rr]-kr, nr-1, nr-1, true)
		denseT += both + density(s.e[tt]+kt, nt+1, nt+1, true)
		before += s.uneven(nr, s.degree[r], s.klnk[r], s.dense[r]) + s.uneven(nt, s.degree[t], s.klnk[t], s.dense[t])
		after += s.uneven(nr-1, s.degree[r]-k, s.klnk[r]-klnk(k), denseR) + s.uneven(nt+1, s.degree[t]+k, s.klnk[t]+klnk(k), denseT)
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
	s.thin(r, t, -1)
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
	s.klnk[r] -= klnk(k)
	s.klnk[t] += klnk(k)
	s.thin(r, t, 1)
}

// thin adds the densities of the edges of blocks r and t to the sums, or
// takes them off.
func (s *state) thin(r, t int, sign float64) {
	s.dense[r], s.dense[t] = 0, 0
	for u, n := range s.size {
		dr, dt := density(s.e[r*s.stride+u], s.size[r], n, u == r), density(s.e[t*s.stride+u], s.size[t], n, u == t)
		s.dense[r] += dr
		s.dense[t] += dt
		if u != r && u != t {
			s.dense[u] += sign * (dr + dt)
		}
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
	dense := 0.0 // of both as one
	for u, nu := range s.size {
		if nu == 0 || u == r || u == t {
			continue
		}
		er, wr := s.e[r*s.stride+u], s.w[r*s.stride+u]
		et, wt := s.e[t*s.stride+u], s.w[t*s.stride+u]
		before += s.pair(er, wr, nr, nu, false) + s.pair(et, wt, nt, nu, false)
		after += s.pair(er+et, wr.plus(wt), nr+nt, nu, false)
		if s.m.dispersion > 0 {
			d := density(er+et, nr+nt, nu, false)
			dense += d
			if d -= density(er, nr, nu, false) + density(et, nt, nu, false); d != 0 {
				before += s.uneven(nu, s.degree[u], s.klnk[u], s.dense[u])
				after += s.uneven(nu, s.degree[u], s.klnk[u], s.dense[u]+d)
			}
		}
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
	before -= s.f.at(nr) + s.f.at(nt)
	after -= s.f.at(nr + nt)
	if s.m.dispersion > 0 {
		dense += density(s.e[rr]+s.e[tt]+s.e[rt], nr+nt, nr+nt, true)
		before += s.uneven(nr, s.degree[r], s.klnk[r], s.dense[r]) + s.uneven(nt, s.degree[t], s.klnk[t], s.dense[t])
		after += s.uneven(nr+nt, s.degree[r]+s.degree[t], s.klnk[r]+s.klnk[t], dense)
	}
	return after - before + s.whole(s.blocks-1, pairs) - s.whole(s.blocks, s.pairs)
}
