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
// cost the marginal likelihood under the conjugate prior: the variance within
// a pair of blocks is about the share within of the variance of all, as known
// from priorShape edges, and the means vary by the rest. Strengths, which
// relative has besides, are normal and cost what tells each as exactly as its
// edges do.
type weights struct {
	law      law
	of       [][]sums  // as the neighbours of a node
	total    float64   // of all weights
	constant float64   // of the cost, whatever the partition
	mean, ss float64   // of the prior
	worth    float64   // edges that the prior of a mean is worth
	base     []float64 // the part of the cost that depends on m alone
}

// priorShape is the number of edges that the prior of a variance is worth.
const priorShape = 3.0

// withins are the shares of the variance that may lie within pairs of blocks.
var withins = []float64{0.9, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001}

// newWeights are the weights of a law for each of the shares, or once where
// there are none.
func newWeights(g *Graph, l law) []*weights {
	of := make([][]sums, g.n)
	if l == exponential {
		for i, list := range g.w {
			for _, v := range list {
				of[i] = append(of[i], sums{v, 0})
			}
		}
		return []*weights{{law: l, of: of, total: g.total}}
	}
	a, cost := make([]float64, g.n), func(float64) float64 { return 0 }
	if l == relative {
		a, cost = g.strengths()
	}
	sum, square, logs := 0.0, 0.0, 0.0
	for i, list := range g.w {
		for k, v := range list {
			j := int(g.ends[i][k])
			v = math.Log(v)
			if j < i {
				logs += v
			}
			v -= a[i] + a[j]
			of[i] = append(of[i], sums{v, v * v})
			sum += v / 2
			square += v * v / 2
		}
	}
	m := float64(g.edges)
	mean := sum / m
	// A variance of rounding errors is none.
	variance := max(square/m-mean*mean, 1e-12*(1+mean*mean))
	var all []*weights
	for _, within := range withins {
		w := &weights{law: l, of: of, total: g.total, mean: mean, ss: priorShape * within * variance, worth: within / (1 - within)}
		w.constant = logs + math.Log(float64(len(withins)))
		w.constant += cost(within * variance)
		first, _ := math.Lgamma(priorShape / 2)
		w.base = make([]float64, g.edges+1)
		for k := range w.base {
			n := float64(k)
			gamma, _ := math.Lgamma((priorShape + n) / 2)
			w.base[k] = first - gamma - priorShape/2*math.Log(w.ss) + math.Log1p(n/w.worth)/2 + n/2*math.Log(math.Pi)
		}
		all = append(all, w)
	}
	return all
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
	ss := w.ss + max(0, s.two-n*mean*mean) + w.worth*n/(w.worth+n)*(mean-w.mean)*(mean-w.mean)
	return w.base[m] + (priorShape+n)/2*math.Log(ss)
}

// means is what the totals of the pairs of blocks cost.
func (w *weights) means(pairs int, f factorials) float64 {
	if w.law != exponential || pairs < 2 {
		return 0
	}
	return float64(pairs-1)*math.Log(w.total) - f.at(pairs-1)
}

// strengths are the a for which the logarithms of the weights, less their
// mean, are about a_i + a_j: a slope times the logarithm of the degree
// (Barrat, Barthelemy, Pastor-Satorras & Vespignani 2004,
// https://doi.org/10.1073/pnas.0400087101), and what differs from it, which is
// normal with the variance of largest likelihood. The cost depends on the
// variance of a weight.
func (g *Graph) strengths() (a []float64, cost func(variance float64) float64) {
	x := make([]float64, g.n)
	mean, degree := 0.0, 0.0
	for i, list := range g.w {
		x[i] = math.Log(float64(max(1, len(list))))
		for _, v := range list {
			mean += math.Log(v) / float64(2*g.edges)
		}
		degree += x[i] * float64(len(list)) / float64(2*g.edges)
	}
	y := make([][]float64, g.n) // what is to be explained
	dot, square := 0.0, 0.0
	for i, list := range g.w {
		for k, v := range list {
			y[i] = append(y[i], math.Log(v)-mean)
			z := x[i] + x[g.ends[i][k]] - 2*degree
			dot += z * y[i][k]
			square += z * z
		}
	}
	slope := 0.0
	if square > 1e-9*float64(g.edges) {
		slope = dot / square
	}
	for i := range x {
		x[i] = slope * (x[i] - degree)
	}
	// Coordinate descent; the variances as the mean of the next squares.
	own := make([]float64, g.n)
	spread, noise := 1.0, math.Inf(1)
	for range 500 {
		moved, ss, next := 0.0, 0.0, 0.0
		for i, ends := range g.ends {
			if len(ends) == 0 {
				continue
			}
			sum := 0.0
			for k, j := range ends {
				d := y[i][k] - x[i] - x[j] - own[j]
				sum += d
				ss += (d - own[i]) * (d - own[i]) / 2
			}
			shrunk := 0.0
			if !math.IsInf(noise, 1) {
				shrunk = noise / spread
				next += noise / (float64(len(ends)) + shrunk)
			}
			v := sum / (float64(len(ends)) + shrunk)
			moved = max(moved, math.Abs(v-own[i]))
			own[i] = v
			next += v * v
		}
		noise, spread = max(ss/float64(g.edges), 1e-12), max(next/float64(g.n), 1e-12)
		if moved < 1e-9 {
			break
		}
	}
	a = make([]float64, g.n)
	for i := range a {
		a[i] = x[i] + own[i]
	}
	return a, func(variance float64) float64 {
		c := 0.0
		if slope != 0 {
			c = math.Log(float64(g.edges)) / 2
		}
		for i, ends := range g.ends {
			c += own[i]*own[i]/(2*spread) + math.Log1p(float64(len(ends))*spread/variance)/2
		}
		return c
	}
}
