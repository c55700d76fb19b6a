package network

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/tensor"
)

// lattice makes the tensors of a lattice with bonds of size 2 and axes of
// size 1 over the rim; element gives that of the indices up, left, down,
// right.
func lattice(rows, cols int, element func(i, j, u, l, d, r int) float64) [][]*tensor.Dense[complex128] {
	out := make([][]*tensor.Dense[complex128], rows)
	size := func(rim bool) int {
		if rim {
			return 1
		}
		return 2
	}
	for i := range rows {
		for j := range cols {
			x := tensor.New[complex128](size(i == 0), size(j == 0), size(i == rows-1), size(j == cols-1))
			for u := range x.Shape()[0] {
				for l := range x.Shape()[1] {
					for d := range x.Shape()[2] {
						for r := range x.Shape()[3] {
							x.Set(complex(element(i, j, u, l, d, r), 0), u, l, d, r)
						}
					}
				}
			}
			out[i] = append(out[i], x)
		}
	}
	return out
}

// domino is 1 if exactly one of the edges of a site is covered.
func domino(_, _, u, l, d, r int) float64 {
	if u+l+d+r == 1 {
		return 1
	}
	return 0
}

// hardSquare counts independent sets: the site is free or occupied, which it
// tells to the right and below, and it is not both occupied and beside
// another.
func hardSquare(rows, cols int) [][]*tensor.Dense[complex128] {
	return lattice(rows, cols, func(i, j, u, l, d, r int) float64 {
		sum := 0.0
		for s := range 2 {
			if s == 1 && u+l > 0 {
				continue
			}
			if (i == rows-1 || d == s) && (j == cols-1 || r == s) {
				sum++
			}
		}
		return sum
	})
}

// ising is the partition function at inverse temperature beta: each bond
// exp(β·s·s') is the product of a matrix with its transpose.
func ising(rows, cols int, beta float64) [][]*tensor.Dense[complex128] {
	return lattice(rows, cols, func(i, j, u, l, d, r int) float64 {
		sum := 0.0
		for s := range 2 {
			sum += half(beta, s, u, i == 0) * half(beta, s, l, j == 0) * half(beta, s, d, i == rows-1) * half(beta, s, r, j == cols-1)
		}
		return sum
	})
}

func half(beta float64, s, k int, rim bool) float64 {
	switch {
	case rim:
		return 1
	case k == 0:
		return math.Sqrt(math.Cosh(beta))
	case s == 0:
		return math.Sqrt(math.Sinh(beta))
	}
	return -math.Sqrt(math.Sinh(beta))
}

// transfer counts by a sum over the states of a row: weight(a) is that of a
// row, pair(a, b) that of two.
func transfer(rows, cols int, weight func(a int) float64, pair func(a, b int) float64) float64 {
	v := make([]float64, 1<<cols)
	for a := range v {
		v[a] = weight(a)
	}
	for range rows - 1 {
		w := make([]float64, len(v))
		for b := range w {
			if f := weight(b); f != 0 {
				for a, x := range v {
					if x != 0 {
						w[b] += f * pair(a, b) * x
					}
				}
			}
		}
		v = w
	}
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum
}

func isingTransfer(rows, cols int, beta float64) float64 {
	spin := func(a, j int) float64 { return float64(1 - 2*(a>>j&1)) }
	return transfer(rows, cols, func(a int) float64 {
		e := 0.0
		for j := range cols - 1 {
			e += spin(a, j) * spin(a, j+1)
		}
		return math.Exp(beta * e)
	}, func(a, b int) float64 {
		e := 0.0
		for j := range cols {
			e += spin(a, j) * spin(b, j)
		}
		return math.Exp(beta * e)
	})
}

// flat is a lattice as a network.
func flat(t *testing.T, rows [][]*tensor.Dense[complex128]) *Network[complex128] {
	n := New[complex128]()
	for i, row := range rows {
		for j, x := range row {
			add(t, n, fmt.Sprintf("T%d,%d", i, j), x, fmt.Sprintf("v%d,%d h%d,%d v%d,%d h%d,%d", i, j, i, j, i+1, j, i, j+1))
		}
	}
	return n
}

func TestCounts(t *testing.T) {
	for _, c := range []struct {
		name  string
		rows  [][]*tensor.Dense[complex128]
		count float64
	}{
		{"dominoes on 2×2", lattice(2, 2, domino), 2},
		{"dominoes on 8×8", lattice(8, 8, domino), 12988816}, // Kasteleyn 1961, Temperley & Fisher 1961
		{"dominoes on 3×3", lattice(3, 3, domino), 0},
		{"dominoes on 5×6", lattice(5, 6, domino), 1183},
		{"hard squares on 6×6", hardSquare(6, 6), 5598861}, // OEIS A006506
		{"hard squares on 1×4", hardSquare(1, 4), 8},
		{"hard squares on 8×8", hardSquare(8, 8), transfer(8, 8, func(a int) float64 {
			if a&(a>>1) != 0 {
				return 0
			}
			return 1
		}, func(a, b int) float64 {
			if a&b != 0 {
				return 0
			}
			return 1
		})},
	} {
		res, err := Boundary(t.Context(), c.rows, BoundaryOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmplx.Abs(res.Value() - complex(c.count, 0)); !(d <= 1e-9*(1e-3+c.count)) {
			t.Errorf("%s: %v, want %v", c.name, res.Value(), c.count)
		}
		if c.count > 0 && !(res.ErrorBound <= 1e-7) {
			t.Errorf("%s: the bound is %g", c.name, res.ErrorBound)
		}
		z, err := flat(t, c.rows).Contract(t.Context(), einsum.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmplx.Abs(z.At() - complex(c.count, 0)); !(d <= 1e-10*(1e-3+c.count)) {
			t.Errorf("%s: as a network %v, want %v", c.name, z.At(), c.count)
		}
	}
}

func TestIsingBoundary(t *testing.T) {
	critical := math.Log(1+math.Sqrt2) / 2
	for _, c := range []struct {
		rows, cols, bond int
		beta             float64
	}{{6, 9, 64, 0.3}, {9, 9, 4, critical}, {10, 9, 3, 0.5}, {9, 8, 2, critical}, {7, 9, 3, 0.2}} {
		want := math.Log(isingTransfer(c.rows, c.cols, c.beta))
		opt := BoundaryOptions{}
		opt.MaxBond = c.bond
		res, err := Boundary(t.Context(), ising(c.rows, c.cols, c.beta), opt)
		if err != nil {
			t.Fatal(err)
		}
		off := math.Abs(math.Expm1(want - res.Log))
		if !(off <= 1.05*res.ErrorEstimate+1e-11) || !(res.ErrorEstimate <= 0.2) || res.MaxBond > c.bond {
			t.Errorf("%+v: off by %g, the estimate is %g", c, off, res.ErrorEstimate)
		}
		t.Logf("%+v: off by %.3g, estimate %.3g, bound %.3g", c, off, res.ErrorEstimate, res.ErrorBound)
		if !(off <= res.ErrorBound+1e-11 && res.ErrorEstimate <= res.ErrorBound) {
			t.Errorf("%+v: off by %g, the bound is %g", c, off, res.ErrorBound)
		}
		if c.bond == 64 && !(res.ErrorBound <= 1e-8) {
			t.Errorf("the bound is %g without a cut", res.ErrorBound)
		}
	}
}

// The norm of a row is that of its matrix at most; that of a product exactly.
func TestRowNorm(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	for _, bond := range []int{1, 2, 3} {
		const n, d = 4, 2
		row := make([]*tensor.Dense[complex128], n)
		net := New[complex128]()
		var above, below []string
		for j := range row {
			l, r := bond, bond
			if j == 0 {
				l = 1
			}
			if j == n-1 {
				r = 1
			}
			row[j] = tensor.New[complex128](d, l, d, r)
			for i := range row[j].Raw() {
				row[j].Raw()[i] = complex(rng.NormFloat64(), rng.NormFloat64())
			}
			add(t, net, fmt.Sprint(j), row[j], fmt.Sprintf("u%d h%d d%d h%d", j, j, j, j+1))
			above, below = append(above, fmt.Sprintf("u%d", j)), append(below, fmt.Sprintf("d%d", j))
		}
		x, err := net.Contract(t.Context(), einsum.Options{}, append(above, below...)...)
		if err != nil {
			t.Fatal(err)
		}
		want := norm(x.Clone().Data(), 1<<n, 1<<n)
		if got := math.Exp(rowNorm(row)); !(got >= want*(1-1e-12)) || bond == 1 && !(got <= want*(1+1e-12)) {
			t.Errorf("bond %d: %v, want at least %v", bond, got, want)
		}
	}
}

// Cuts of less than what a number near 1 resolves are not lost sight of.
func TestSmallCuts(t *testing.T) {
	opt := BoundaryOptions{}
	opt.Eps = 1e-18
	res, err := Boundary(t.Context(), ising(9, 9, 0.3), opt)
	if err != nil {
		t.Fatal(err)
	}
	if !(res.ErrorEstimate > 1e-10 && res.ErrorEstimate < 1e-7 && res.ErrorBound < 1.01*res.ErrorEstimate) {
		t.Errorf("estimate %g, bound %g", res.ErrorEstimate, res.ErrorBound)
	}
}

// Kaufman's partition function of the Ising model on a torus.
func kaufman(rows, cols int, k float64) float64 {
	gamma := func(q int) float64 {
		if q == 0 {
			return 2*k + math.Log(math.Tanh(k))
		}
		c := math.Cosh(2*k)/math.Tanh(2*k) - math.Cos(math.Pi*float64(q)/float64(cols))
		return math.Acosh(c)
	}
	terms := [4]float64{1, 1, 1, 1}
	for q := range cols {
		odd, even := float64(rows)/2*gamma(2*q+1), float64(rows)/2*gamma(2*q)
		terms[0] *= 2 * math.Cosh(odd)
		terms[1] *= 2 * math.Sinh(odd)
		terms[2] *= 2 * math.Cosh(even)
		terms[3] *= 2 * math.Sinh(even)
	}
	sum := terms[0] + terms[1] + terms[2] + terms[3]
	return math.Pow(2*math.Sinh(2*k), float64(rows*cols)/2) * sum / 2
}

func TestIsingTorus(t *testing.T) {
	for _, c := range []struct {
		rows, cols int
		beta       float64
	}{{3, 4, 0.3}, {5, 5, 0.5}, {6, 5, math.Log(1+math.Sqrt2) / 2}} {
		n := New[float64]()
		for i := range c.rows {
			for j := range c.cols {
				x := tensor.New[float64](2, 2, 2, 2)
				for at := range 16 {
					for s := range 2 {
						f := 1.0
						for b := range 4 {
							f *= half(c.beta, s, at>>b&1, false)
						}
						x.Data()[at] += f
					}
				}
				add(t, n, fmt.Sprintf("%d,%d", i, j), x, fmt.Sprintf("v%d,%d h%d,%d v%d,%d h%d,%d", i, j, i, j, (i+1)%c.rows, j, i, (j+1)%c.cols))
			}
		}
		z := contract(t, n).At()
		if want := kaufman(c.rows, c.cols, c.beta); !(math.Abs(z-want) <= 1e-10*want) {
			t.Errorf("%+v: %g, by Kaufman's formula %g", c, z, want)
		}
	}
}

// A large lattice in the disordered phase: the free energy of a site tends to
// Onsager's, as differences of sizes show, in which the rim drops out.
func TestIsingOnsager(t *testing.T) {
	const beta = 0.3
	log := func(n, m int) float64 {
		opt := BoundaryOptions{}
		opt.MaxBond = 10
		res, err := Boundary(t.Context(), ising(n, m, beta), opt)
		if err != nil {
			t.Fatal(err)
		}
		return res.Log
	}
	got := log(19, 19) - log(18, 19) - log(19, 18) + log(18, 18)
	// Onsager 1944: ln λ = ln(2 cosh 2β) + 1/(2π)·∫_0^π ln((1+√(1−κ² sin²φ))/2) dφ
	kappa := 2 * math.Sinh(2*beta) / math.Pow(math.Cosh(2*beta), 2)
	want := 0.0
	const steps = 4000
	for i := range steps {
		phi := math.Pi * (float64(i) + 0.5) / steps
		want += math.Log((1+math.Sqrt(1-math.Pow(kappa*math.Sin(phi), 2)))/2) / steps
	}
	want = math.Log(2*math.Cosh(2*beta)) + want/2
	if !(math.Abs(got-want) <= 1e-7) {
		t.Errorf("ln λ is %.10f, Onsager's %.10f", got, want)
	}
}
