package jones

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/cmplx"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
)

// determinants of the knots of the table, in its order (KnotInfo).
var determinants = []int{
	3, 5, 5, 7, 9, 11, 13, 7, 11, 13, 15, 17, 19, 21, 13, 17, 17, 19, 21, 23, 23, 25, 25, 27, 27, 29, 29, 31, 33,
	35, 37, 45, 3, 9, 15, 9, 15, 19, 21, 23, 27, 29, 31, 31, 33, 33, 35, 37, 37, 39, 39, 39, 41, 41, 41, 43, 43,
	45, 45, 47, 47, 49, 51, 51, 53, 55, 59, 61, 69, 27, 37, 45, 57, 55, 75, 49, 7, 13, 17, 23, 9, 27, 27, 25, 17,
	23, 25, 27, 33, 37, 43, 29, 39, 45, 43, 47, 53, 57, 43, 47, 41, 55, 51, 35, 45, 49, 59, 55, 65, 61, 71, 53,
	63, 67, 57, 69, 65, 37, 49, 51, 53, 59, 61, 75, 71, 81, 73, 79, 89, 31, 41, 49, 59, 53, 67, 59, 73, 47, 61,
	65, 79, 65, 75, 85, 33, 45, 57, 51, 63, 75, 63, 57, 87, 67, 77, 73, 83, 63, 81, 57, 63, 69, 61, 71, 85, 63,
	83, 87, 57, 85, 81, 101, 99, 77, 73, 89, 67, 71, 91, 93, 87, 81, 81, 65, 85, 73, 75, 77, 91, 75, 93, 63, 85,
	83, 77, 87, 111, 93, 109, 95, 103, 97, 101, 105, 115, 105, 121, 1, 11, 19, 29, 11, 25, 17, 31, 5, 19, 23, 37,
	15, 25, 35, 3, 9, 21, 15, 27, 39, 3, 33, 27, 31, 41, 29, 43, 11, 1, 13, 25, 35, 49, 45, 39, 21, 5, 35, 51, 45,
	39,
}

func mustPolynomial(t *testing.T, b Braid) *Laurent {
	t.Helper()
	v, err := Polynomial(context.Background(), b)
	if err != nil {
		t.Fatalf("%v: %v", b, err)
	}
	return v
}

func mustNamed(t *testing.T, name string) Braid {
	t.Helper()
	b, err := Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func laurent(halfMin int, coefficients ...int64) *Laurent {
	v := &Laurent{HalfMin: halfMin}
	for _, c := range coefficients {
		v.Coefficients = append(v.Coefficients, big.NewInt(c))
	}
	return v
}

// add is v + c t^(half/2) w.
func add(v *Laurent, c int64, half int, w *Laurent) *Laurent {
	w = w.Mul(laurent(half, c))
	low := min(v.HalfMin, w.HalfMin)
	high := max(v.HalfMin+2*len(v.Coefficients), w.HalfMin+2*len(w.Coefficients))
	sum := &Laurent{HalfMin: low}
	for h := low; h < high; h += 2 {
		x := new(big.Int)
		for _, p := range []*Laurent{v, w} {
			if k := (h - p.HalfMin) / 2; h >= p.HalfMin && k < len(p.Coefficients) {
				x.Add(x, p.Coefficients[k])
			}
		}
		sum.Coefficients = append(sum.Coefficients, x)
	}
	return sum
}

func zero(v *Laurent) bool {
	for _, c := range v.Coefficients {
		if c.Sign() != 0 {
			return false
		}
	}
	return true
}

// mirrored is V(1/t).
func mirrored(v *Laurent) *Laurent {
	m := &Laurent{HalfMin: -v.HalfMin - 2*(len(v.Coefficients)-1)}
	for k := len(v.Coefficients) - 1; k >= 0; k-- {
		m.Coefficients = append(m.Coefficients, v.Coefficients[k])
	}
	return m
}

func randomBraid(rng *rand.Rand, strands, crossings int) Braid {
	b := Braid{Strands: strands}
	for range crossings {
		g := 1 + rng.IntN(strands-1)
		if rng.IntN(2) == 0 {
			g = -g
		}
		b.Word = append(b.Word, g)
	}
	return b
}

func TestKnownKnots(t *testing.T) {
	for _, c := range []struct {
		word string
		want *Laurent
	}{
		{"-1 -1 -1", laurent(-8, -1, 1, 0, 1)},
		{"-1 2 -1 2", laurent(-4, 1, -1, 1, -1, 1)},
		{"-1 -1 -1 -1 -1", laurent(-14, -1, 1, -1, 1, 0, 1)},
		{"-1 2 1 1 1 2", laurent(2, 1, -1, 2, -1, 1, -1)},
		{"-1 2 3 -1 3 2 -3", laurent(-4, 1, -1, 2, -2, 1, -1, 1)},
		{"-1 2 -1 -1 -1 2", laurent(-10, 1, -2, 2, -2, 2, -1, 1)},
		{"-1 -1 -1 -1 -1 -1 -1", laurent(-20, -1, 1, -1, 1, -1, 1, 0, 1)},
		{"1", laurent(0, 1)},
		{"1 -1", laurent(-1, -1, -1)},
		{"1 1", laurent(1, -1, 0, -1)},
		{"-1 2 -1 2 -1 2", laurent(-6, -1, 3, -2, 4, -2, 3, -1)}, // the rings of Borromeo
	} {
		b, err := ParseBraid(c.word)
		if err != nil {
			t.Fatal(err)
		}
		if v := mustPolynomial(t, b); !v.Equal(c.want) {
			t.Errorf("%s: %v, want %v", c.word, v, c.want)
		}
	}
}

// Values of the Jones polynomial of any knot (Jones 1985), and determinants.
func TestTable(t *testing.T) {
	if len(determinants) != len(table) {
		t.Fatalf("%d knots, %d determinants", len(table), len(determinants))
	}
	for k, knot := range table {
		b := mustNamed(t, knot.name)
		if c := b.Components(); c != 1 {
			t.Errorf("%s has %d components", knot.name, c)
		}
		v := mustPolynomial(t, b)
		one, slope, minus := new(big.Int), new(big.Int), new(big.Int)
		for i, c := range v.Coefficients {
			e := v.HalfMin/2 + i
			one.Add(one, c)
			slope.Add(slope, new(big.Int).Mul(c, big.NewInt(int64(e))))
			if e%2 == 0 {
				minus.Add(minus, c)
			} else {
				minus.Sub(minus, c)
			}
		}
		if v.HalfMin%2 != 0 || one.Int64() != 1 || slope.Sign() != 0 || minus.CmpAbs(big.NewInt(int64(determinants[k]))) != 0 {
			t.Errorf("%s: %v has V(1) = %v, V'(1) = %v, V(-1) = %v; 1, 0, ±%d are expected", knot.name, v, one, slope, minus, determinants[k])
		}
		if z := v.At(cmplx.Exp(2i * math.Pi / 3)); !(cmplx.Abs(z-1) < 1e-9) {
			t.Errorf("%s: V(e^(2 pi i/3)) = %v", knot.name, z)
		}
		if z := v.At(1i); !(math.Abs(math.Abs(real(z))-1) < 1e-9 && math.Abs(imag(z)) < 1e-9) {
			t.Errorf("%s: V(i) = %v, ±1 is expected", knot.name, z)
		}
	}
	for _, name := range []string{"4_1", "6_3", "8_3", "8_18", "10_123"} { // knots that equal their mirror images
		if v := mustPolynomial(t, mustNamed(t, name)); !v.Equal(mirrored(v)) {
			t.Errorf("%s: %v", name, v)
		}
	}
}

// V(T(p, q)) (1 - t²) = t^((p-1)(q-1)/2) (1 - t^(p+1) - t^(q+1) + t^(p+q)).
func TestTorusKnots(t *testing.T) {
	for _, c := range [][2]int{{2, 3}, {2, 25}, {3, 4}, {3, 50}, {4, 5}, {5, 3}, {5, 8}, {7, 6}, {10, 9}} {
		p, q := c[0], c[1]
		b, err := Torus(p, q)
		if err != nil {
			t.Fatal(err)
		}
		v := mustPolynomial(t, b)
		left := v.Mul(laurent(0, 1, 0, -1))
		right := laurent((p-1)*(q-1), 1)
		right = add(add(add(right, -1, (p-1)*(q-1)+2*(p+1), laurent(0, 1)), -1, (p-1)*(q-1)+2*(q+1), laurent(0, 1)), 1, (p-1)*(q-1)+2*(p+q), laurent(0, 1))
		if !zero(add(left, -1, 0, right)) {
			t.Errorf("T(%d,%d): %v", p, q, v)
		}
	}
}

// Any diagram: skein relation, mirror image, moves of Markov, value at 1.
func TestRelations(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for range 40 {
		b := randomBraid(rng, 2+rng.IntN(4), 1+rng.IntN(20))
		v := mustPolynomial(t, b)
		k := rng.IntN(len(b.Word))
		with := func(middle ...int) Braid {
			w := append(append(append([]int(nil), b.Word[:k]...), middle...), b.Word[k+1:]...)
			return Braid{b.Strands, w}
		}
		g := abs(b.Word[k])
		plus, minus, none := mustPolynomial(t, with(g)), mustPolynomial(t, with(-g)), mustPolynomial(t, with())
		sum := add(add(plus.Mul(laurent(-2, 1)), -1, 2, minus), -1, 1, none)
		if !zero(add(sum, 1, -1, none)) {
			t.Errorf("%v: the skein relation at letter %d leaves %v", b, k, sum)
		}
		if m := mustPolynomial(t, b.Mirror()); !m.Equal(mirrored(v)) {
			t.Errorf("%v: the mirror image has %v, not %v", b, m, mirrored(v))
		}
		turned := Braid{b.Strands, append(append([]int(nil), b.Word[k:]...), b.Word[:k]...)}
		longer := Braid{b.Strands + 1, append(append([]int(nil), b.Word...), b.Strands)}
		inserted := with(g, b.Word[k], -g)
		for _, same := range []Braid{turned, longer, inserted} {
			if w := mustPolynomial(t, same); !w.Equal(v) {
				t.Errorf("%v has %v, %v has %v", b, v, same, w)
			}
		}
		if at := v.At(1); !(cmplx.Abs(at-complex(math.Pow(-2, float64(b.Components()-1)), 0)) < 1e-6) {
			t.Errorf("%v: V(1) = %v with %d components", b, at, b.Components())
		}
		other := randomBraid(rng, 3, 6)
		if s := mustPolynomial(t, Sum(b, other)); !s.Equal(v.Mul(mustPolynomial(t, other))) {
			t.Errorf("the connected sum of %v and %v has %v", b, other, s)
		}
	}
}

// fibonacci is the value at e^(-2πi/5) by the braiding of Fibonacci anyons: a
// generator acts on the paths of types 1 and τ between the strands.
func fibonacci(b Braid) complex128 {
	phi := math.Phi
	d := []float64{1, phi}
	a := cmplx.Exp(3i * math.Pi / 5)
	var paths [][]int
	var grow func(path []int)
	grow = func(path []int) {
		if len(path) == b.Strands+1 {
			paths = append(paths, append([]int(nil), path...))
			return
		}
		for next := range 2 {
			if next == 1 || path[len(path)-1] == 1 {
				grow(append(path, next))
			}
		}
	}
	grow([]int{0})
	number := map[string]int{}
	for i, p := range paths {
		number[fmt.Sprint(p)] = i
	}
	trace := complex128(0)
	for start, p := range paths {
		state := make([]complex128, len(paths))
		state[start] = 1
		for _, g := range b.Word {
			i, s := abs(g), a
			if g < 0 {
				s = 1 / a
			}
			next := make([]complex128, len(paths))
			for j, p := range paths {
				next[j] += s * state[j]
				if p[i-1] != p[i+1] {
					continue
				}
				for x := range 2 {
					if p[i-1] == 0 && x == 0 {
						continue
					}
					q := append([]int(nil), p...)
					q[i] = x
					next[number[fmt.Sprint(q)]] += complex(math.Sqrt(d[x]*d[p[i]])/d[p[i-1]], 0) / s * state[j]
				}
			}
			state = next
		}
		trace += complex(d[p[b.Strands]], 0) * state[start]
	}
	return trace / complex(phi, 0) * cmplx.Pow(-a*a*a, complex(float64(-b.Writhe()), 0))
}

func TestFibonacci(t *testing.T) {
	t5 := cmplx.Exp(-2i * math.Pi / 5)
	for _, name := range []string{"0_1", "3_1", "4_1", "5_2", "6_3", "7_7", "8_19", "9_42", "10_132", "T(3,7)", "3_1#4_1"} {
		b := mustNamed(t, name)
		if v, want := mustPolynomial(t, b).At(t5), fibonacci(b); !(cmplx.Abs(v-want) < 1e-9) {
			t.Errorf("%s: %v, by anyons %v", name, v, want)
		}
	}
}

// Coefficients of over 100 bits need several primes.
func TestManyCrossings(t *testing.T) {
	b := Braid{Strands: 3}
	for range 50 {
		b.Word = append(b.Word, 1, -2)
	}
	v := mustPolynomial(t, b) // an alternating diagram: its determinant is the sum of the absolute values
	sum := new(big.Int)
	for _, c := range v.Coefficients {
		sum.Add(sum, new(big.Int).Abs(c))
	}
	// The spanning trees of a wheel with 50 spokes: L(100) - 2 with Lucas numbers.
	lucas, next := big.NewInt(2), big.NewInt(1)
	for range 100 {
		lucas.Add(lucas, next)
		lucas, next = next, lucas
	}
	if lucas.Sub(lucas, big.NewInt(2)); sum.Cmp(lucas) != 0 || len(v.Coefficients) != 101 {
		t.Errorf("determinant %v, want %v; %d coefficients, want 101", sum, lucas, len(v.Coefficients))
	}
	threads := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(threads)
	if !mustPolynomial(t, b).Equal(v) || !mustNetwork(t, b).Equal(v) {
		t.Error("one thread gives another polynomial")
	}
}

func TestBadInput(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(ParseBraid("")), "empty"},
		{second(ParseBraid("1 x")), `letter 2 of the braid word is "x"`},
		{second(ParseBraid("1 0")), `letter 2 of the braid word is "0"`},
		{second(ParseBraid("1 99999")), "letter 2 of the braid word is 99999"},
		{second(ParseBraid("1 99999999999999999999")), "letter 2"},
		{second(Polynomial(ctx, Braid{3, []int{1, 3}})), "letter 2 of the braid word is 3; on 3 strands generators have numbers 1 to 2"},
		{second(Polynomial(ctx, Braid{0, nil})), "0 strands"},
		{second(Named("11_1")), "10_1"},
		{second(Named("T(0,3)")), "T(0,3)"},
		{second(Named("T(2,9999999)")), "2^20"},
		{second(Named("3_1#")), `no knot ""`},
		{second(Polynomial(ctx, Braid{2, make([]int, 1)})), "letter 1 of the braid word is 0"},
		{second(Polynomial(ctx, Braid{2, slices.Repeat([]int{1}, 100000)})), "too few primes"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) || strings.Contains(c.err.Error(), "\n") {
			t.Errorf("%v, want %q", c.err, c.want)
		}
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Polynomial(stopped, Braid{2, []int{1}}); err == nil {
		t.Error("a stopped context goes on")
	}
}

func second[T any](_ T, err error) error { return err }

func FuzzParseBraid(f *testing.F) {
	f.Add("-1 2 -1 2")
	f.Add("1,,2\t-3")
	f.Fuzz(func(t *testing.T, word string) {
		b, err := ParseBraid(word)
		if err != nil {
			return
		}
		again, err := ParseBraid(b.String())
		if err != nil || again.Strands != b.Strands || fmt.Sprint(again.Word) != fmt.Sprint(b.Word) {
			t.Errorf("%q is %v, then %v, %v", word, b, again, err)
		}
	})
}

// Any name gives a braid within bounds, or a sentence.
func FuzzNamed(f *testing.F) {
	for _, s := range []string{"3_1", "T(3,4)#3_1", "T(2,-9223372036854775808)", "T(1000,1000)", "10_165#0_1", "T(99999999999999999999,2)", "#"} {
		f.Add(s)
	}
	f.Add(strings.Repeat("3_1#", 5000))
	f.Add(strings.Repeat("T(2,500000)#", 500) + "3_1")
	f.Fuzz(func(t *testing.T, name string) {
		var b Braid
		var err error
		testkit.Allocates(t, 1<<28+1000*len(name), func() { b, err = Named(name) })
		if err != nil {
			if strings.Contains(err.Error(), "strconv") {
				t.Errorf("%q: %v", name, err)
			}
			return
		}
		if err := b.Check(); err != nil || len(b.Word) > maxCrossings || b.Components() < 1 {
			t.Errorf("%q has %d strands, %d crossings, %d components: %v", name, b.Strands, len(b.Word), b.Components(), err)
		}
	})
}

func BenchmarkPolynomial(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 0))
	for _, c := range [][2]int{{3, 100}, {8, 100}, {12, 100}} {
		braid := randomBraid(rng, c[0], c[1])
		b.Run(fmt.Sprintf("strands=%d/crossings=%d", c[0], c[1]), func(b *testing.B) {
			for b.Loop() {
				if _, err := Polynomial(context.Background(), braid); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Values at roots of unity, also where coefficients of twenty digits cancel.
func TestAtRoot(t *testing.T) {
	// |V| of the trefoil and of 4_1 at the fifth root: by their polynomials.
	phi := (1 + math.Sqrt(5)) / 2
	for _, name := range []string{"0_1", "3_1", "4_1", "T(2,4)", "10_120"} {
		v := mustPolynomial(t, mustNamed(t, name))
		for _, n := range []int{1, 2, 3, 4, 5, 6, 12, 101} {
			x := v.AtRoot(n)
			if want := v.At(cmplx.Exp(complex(0, -2*math.Pi/float64(n)))); n > 2 && !(cmplx.Abs(x-want) < 1e-9*(1+cmplx.Abs(want))) {
				t.Errorf("%s at %d: %v, want %v", name, n, x, want)
			}
		}
		if d := v.AtRoot(3); !(math.Abs(cmplx.Abs(d)-1) < 1e-14) { // V(e^(2πi/3)) = ±1
			t.Errorf("%s: %v at the third root", name, d)
		}
	}
	if x := mustPolynomial(t, mustNamed(t, "4_1")).AtRoot(5); !(cmplx.Abs(x-complex(1-math.Sqrt(5), 0)) < 1e-14) {
		t.Errorf("4_1 at the fifth root: %v", x) // 1 - 2cos(2π/5) + 2cos(4π/5) = 1 - √5
	}
	// Connected sums multiply, 49 summands of 4_1 to 2^49 φ^-49 and more.
	b := Braid{Strands: 3}
	for range 50 {
		b.Word = append(b.Word, 1, -2)
	}
	// The trace of (σ1 σ2^-1)^50 in the representation of three Fibonacci anyons,
	// of dimensions 2 and 1: unitary, so that |V| is at most φ + 1 + 1.
	x := mustPolynomial(t, b).AtRoot(5)
	if !(cmplx.Abs(x) <= phi*phi+1e-12 && math.Abs(imag(x)) < 1e-12) {
		t.Errorf("100 crossings at the fifth root: %v", x)
	}
	// By matrices: σ1 = diag(e^(-4πi/5), e^(3πi/5)), σ2 = F σ1 F, and the third
	// space e^(3πi/5) each; weights φ and 1 in the trace.
	s1 := [2]complex128{cmplx.Exp(complex(0, -4*math.Pi/5)), cmplx.Exp(complex(0, 3*math.Pi/5))}
	f := [2][2]float64{{1 / phi, 1 / math.Sqrt(phi)}, {1 / math.Sqrt(phi), -1 / phi}}
	var m, s2 [2][2]complex128
	m = [2][2]complex128{{1, 0}, {0, 1}}
	for i := range 2 {
		for j := range 2 {
			for k := range 2 {
				s2[i][j] += complex(f[i][k]*f[k][j], 0) * cmplx.Conj(s1[k])
			}
		}
	}
	for range 50 {
		var next [2][2]complex128
		for i := range 2 {
			for j := range 2 {
				for k := range 2 {
					next[i][j] += m[i][k] * s1[k] * s2[k][j]
				}
			}
		}
		m = next
	}
	// Total charge τ has the plane, weight φ; charge 1 a line, weight 1, on which
	// σ1 σ2^-1 is 1. Over φ, and the writhe is 0.
	want := (complex(phi, 0)*(m[0][0]+m[1][1]) + 1) / complex(phi, 0)
	if !(cmplx.Abs(x-want) < 1e-11) {
		t.Errorf("100 crossings at the fifth root: %v, by matrices %v", x, want)
	}
}

// What takes too long is refused at once.
func TestTooWide(t *testing.T) {
	for _, p := range []int{16, 30} {
		b, err := Torus(p, p-1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Polynomial(context.Background(), b); err == nil || !strings.Contains(err.Error(), "too wide: its network takes 10^") {
			t.Errorf("%d strands: %v", p, err)
		}
	}
}
