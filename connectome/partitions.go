package connectome

import "math"

// factorials are ln(k!) for k up to a bound.
type factorials []float64

func newFactorials(n int) factorials {
	f := make(factorials, n+1)
	for k := 2; k <= n; k++ {
		f[k] = f[k-1] + math.Log(float64(k))
	}
	return f
}

func (f factorials) at(k int) float64 {
	if k < len(f) {
		return f[k]
	}
	v, _ := math.Lgamma(float64(k) + 1)
	return v
}

// choose is ln C(n, k).
func (f factorials) choose(n, k int) float64 {
	if k <= 0 || k >= n {
		return 0
	}
	return f.at(n) - f.at(k) - f.at(n-k)
}

// multiset is the logarithm of the number of ways to put k things in n boxes.
func (f factorials) multiset(n, k int) float64 { return f.choose(n+k-1, k) }

// partitions is ln q(m, n), the logarithm of the number of ways to write m as
// a sum of at most n positive numbers whose order does not count. It is exact
// up to a bound, by q(m, n) = q(m, n-1) + q(m-n, n), and asymptotic beyond
// (Szekeres 1951, https://doi.org/10.1093/qmath/2.1.85; in this form: Peixoto
// 2017, https://doi.org/10.1103/PhysRevE.95.012317, appendix).
type partitions struct {
	n     int
	table [][]float64 // by m, then n
	memo  map[[2]int]float64
}

// partitionsExact bounds the entries of the table.
const partitionsExact = 1 << 22

func newPartitions(most, n int) partitions {
	p := partitions{n: n}
	for m := range min(most, partitionsExact/(n+1)) + 1 {
		row := make([]float64, n+1)
		for k := range row {
			switch {
			case m == 0:
				row[k] = 0
			case k == 0:
				row[k] = math.Inf(-1)
			case m < k:
				row[k] = row[k-1]
			default:
				row[k] = logAdd(row[k-1], p.table[m-k][k])
			}
		}
		p.table = append(p.table, row)
	}
	return p
}

// private is the same for one goroutine, which remembers what it computes.
func (p partitions) private() partitions {
	p.memo = map[[2]int]float64{}
	return p
}

func (p partitions) at(m, n int) float64 {
	n = min(n, m)
	switch {
	case m == 0 || n == 0:
		return 0
	case m < len(p.table) && n <= p.n:
		return p.table[m][n]
	}
	v, ok := p.memo[[2]int{m, n}]
	if !ok {
		v = asymptotic(float64(m), float64(n))
		if p.memo != nil {
			p.memo[[2]int{m, n}] = v
		}
	}
	return v
}

// asymptotic is ln q(x, y) for large x.
func asymptotic(x, y float64) float64 {
	if y < math.Pow(x, 0.25) {
		a, _ := math.Lgamma(x)
		b, _ := math.Lgamma(y)
		c, _ := math.Lgamma(x - y + 1)
		d, _ := math.Lgamma(y + 1)
		return a - b - c - d
	}
	u := y / math.Sqrt(x)
	v := u
	for range 200 {
		next := u * math.Sqrt(max(0, -v*v/2-dilog(1-math.Exp(v))))
		if math.Abs(next-v) <= 1e-10*v {
			v = next
			break
		}
		v = next
	}
	e := math.Exp(-v)
	f := math.Log(v/(math.Pow(2, 1.5)*math.Pi*u)) - 0.5*math.Log(1-(1+u*u/2)*e)
	g := 2*v/u - u*math.Log1p(-e)
	return f - math.Log(x) + math.Sqrt(x)*g
}

func logAdd(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(b, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}

// dilog is Li2(z) for z < 1, by its series where that converges fast.
func dilog(z float64) float64 {
	switch {
	case z < -1:
		l := math.Log(-z)
		return -math.Pi*math.Pi/6 - l*l/2 - dilog(1/z)
	case z > 0.5:
		return math.Pi*math.Pi/6 - math.Log(z)*math.Log1p(-z) - dilog(1-z)
	case z < -0.5:
		l := math.Log1p(-z)
		return -dilog(z/(z-1)) - l*l/2
	}
	sum, power := 0.0, 1.0
	for k := 1; k < 100; k++ {
		power *= z
		d := power / float64(k*k)
		sum += d
		if math.Abs(d) < 1e-17 {
			break
		}
	}
	return sum
}
