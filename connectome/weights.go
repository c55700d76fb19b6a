package connectome

import "math"

// law is how the weights of the edges between two blocks are distributed.
type law string

const (
	// exponential has a mean for each pair of blocks.
	exponential law = "exponential"
	// logNormal has a mean and a variance of the logarithms for each pair.
	logNormal law = "log-normal"
	// relative is logNormal after the strengths of the nodes were divided out.
	relative law = "relative log-normal"
)

// sums are those of the weights of some edges: of the weights, or of their
// logarithms and the squares of these.
type sums struct{ one, two float64 }

func (a sums) plus(b sums) sums  { return sums{a.one + b.one, a.two + b.two} }
func (a sums) minus(b sums) sums { return sums{a.one - b.one, a.two - b.two} }

// weights are what a law needs of a graph.
//
// Exponential weights cost (m-1)*ln w - ln (m-1)! for m edges of total weight
// w, and the totals themselves in the same way (Peixoto 2018,
// https://doi.org/10.1103/PhysRevE.97.012306). Logarithms that are normal
// cost the marginal likelihood under the conjugate prior that is worth three
// edges with the mean and the variance of the whole graph. Strengths, which
// relative has besides, cost half a logarithm of the number of edges each.
type weights struct {
	law      law
	of       [][]sums  // as the neighbours of a node
	total    float64   // of all weights
	constant float64   // of the cost, whatever the partition
	mean, ss float64   // of the prior
	base     []float64 // the part of the cost that depends on m alone
}

const (
	priorMean  = 1.0 // edges that the prior of a mean is worth
	priorShape = 3.0 // and that of a variance
)

func newWeights(g *Graph, l law) *weights {
	w := &weights{law: l, of: make([][]sums, g.n), total: g.total}
	if l == exponential {
		for i, list := range g.w {
			for _, v := range list {
				w.of[i] = append(w.of[i], sums{v, 0})
			}
		}
		return w
	}
	a := make([]float64, g.n)
	if l == relative {
		a = g.strengths()
		w.constant = float64(g.n) / 2 * math.Log(float64(g.edges))
	}
	sum, square := 0.0, 0.0
	for i, list := range g.w {
		for k, v := range list {
			j := int(g.ends[i][k])
			v = math.Log(v)
			if j < i {
				w.constant += v
			}
			v -= a[i] + a[j]
			w.of[i] = append(w.of[i], sums{v, v * v})
			sum += v / 2
			square += v * v / 2
		}
	}
	m := float64(g.edges)
	w.mean = sum / m
	// A variance of rounding errors is none.
	w.ss = priorShape * max(square/m-w.mean*w.mean, 1e-12*(1+w.mean*w.mean))
	w.base = make([]float64, g.edges+1)
	for k := range w.base {
		n := float64(k)
		first, _ := math.Lgamma(priorShape / 2)
		gamma, _ := math.Lgamma((priorShape + n) / 2)
		w.base[k] = first - gamma - priorShape/2*math.Log(w.ss) + math.Log1p(n/priorMean)/2 + n/2*math.Log(math.Pi)
	}
	return w
}

// cost is what m weights between two blocks cost.
func (w *weights) cost(m int, s sums, f factorials) float64 {
	if m == 0 {
		return 0
	}
	if w.law == exponential {
		return float64(m-1)*math.Log(s.one) - f.at(m-1)
	}
	n := float64(m)
	mean := s.one / n
	ss := w.ss + max(0, s.two-n*mean*mean) + priorMean*n/(priorMean+n)*(mean-w.mean)*(mean-w.mean)
	return w.base[m] + (priorShape+n)/2*math.Log(ss)
}

// means is what the totals of the pairs of blocks cost.
func (w *weights) means(pairs int, f factorials) float64 {
	if w.law != exponential || pairs < 2 {
		return 0
	}
	return float64(pairs-1)*math.Log(w.total) - f.at(pairs-1)
}

// strengths are the a for which the logarithms of the weights are nearest to
// a_i + a_j, by coordinate descent.
func (g *Graph) strengths() []float64 {
	a := make([]float64, g.n)
	for range 500 {
		moved := 0.0
		for i, ends := range g.ends {
			if len(ends) == 0 {
				continue
			}
			sum := 0.0
			for k, j := range ends {
				sum += math.Log(g.w[i][k]) - a[j]
			}
			next := sum / float64(len(ends))
			moved = max(moved, math.Abs(next-a[i]))
			a[i] = next
		}
		if moved < 1e-9 {
			break
		}
	}
	return a
}
