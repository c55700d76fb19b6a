package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unsafe"
)

// eachVariant runs a test with the kernels of every instruction set here.
func eachVariant(t *testing.T, test func(t *testing.T)) {
	defer func(v variant) { active = v }(active)
	for _, v := range supported() {
		active = v
		t.Run(v.String(), test)
	}
}

// eachThreads runs f with 1, 2 and 3 threads.
func eachThreads(f func(threads int)) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for threads := 1; threads <= 3; threads++ {
		runtime.GOMAXPROCS(threads)
		f(threads)
	}
}

func eps[T Float]() float64 {
	if unsafe.Sizeof(T(0)) == 4 {
		return 0x1p-23
	}
	return 0x1p-52
}

// guard fills what a test must not touch.
const guard = -12345.5

// layout says where the elements of a matrix lie.
type layout struct {
	name   string
	rs, cs func(rows, cols int) int
}

var layouts = []layout{
	{"rows", func(_, c int) int { return c }, func(_, _ int) int { return 1 }},
	{"cols", func(_, _ int) int { return 1 }, func(r, _ int) int { return r }},
	{"rowsub", func(_, c int) int { return c + 5 }, func(_, _ int) int { return 1 }},
	{"colsub", func(_, _ int) int { return 1 }, func(r, _ int) int { return r + 3 }},
	{"rowgap", func(_, c int) int { return 3*c + 1 }, func(_, _ int) int { return 3 }},
	{"colgap", func(_, _ int) int { return 2 }, func(r, _ int) int { return 2*r + 7 }},
}

// matrix makes a random matrix inside data full of guard words.
func matrix[T Float](r *rand.Rand, rows, cols int, l layout) (m Mat[T], all []T) {
	const border = 64
	rs, cs := l.rs(rows, cols), l.cs(rows, cols)
	n := 0
	if rows > 0 && cols > 0 {
		n = (rows-1)*rs + (cols-1)*cs + 1
	}
	all = make([]T, n+2*border)
	for i := range all {
		all[i] = guard
	}
	m = Mat[T]{Rows: rows, Cols: cols, RS: rs, CS: cs, Data: all[border : border+n]}
	for i := range rows {
		for j := range cols {
			m.Data[i*rs+j*cs] = T(r.Float64() - 0.5)
		}
	}
	return m, all
}

// checkGuards reports words of all outside m that changed. It spoils m.
func checkGuards[T Float](t *testing.T, what string, m Mat[T], all []T) {
	t.Helper()
	for i := range m.Rows {
		for j := range m.Cols {
			m.Data[i*m.RS+j*m.CS] = guard
		}
	}
	for i, v := range all {
		if v != guard {
			t.Fatalf("%s: wrote %v outside the matrix, at %d of %d", what, v, i, len(all))
		}
	}
}

// naive is alpha*A*B + beta*C in float64, with the sum of magnitudes, which
// bounds the rounding error.
func naive[T Float](alpha T, a, b Mat[T], beta T, c Mat[T]) (want, size []float64) {
	for i := range c.Rows {
		for j := range c.Cols {
			s, m := 0.0, 0.0
			if alpha != 0 {
				for l := range a.Cols {
					p := float64(a.At(i, l)) * float64(b.At(l, j))
					s += p
					m += math.Abs(p)
				}
				s *= float64(alpha)
				m *= math.Abs(float64(alpha))
			}
			if beta != 0 {
				s += float64(beta) * float64(c.At(i, j))
				m += math.Abs(float64(beta) * float64(c.At(i, j)))
			}
			want, size = append(want, s), append(size, m)
		}
	}
	return want, size
}

func close1[T Float](got T, want, size float64, k int) bool {
	return math.Abs(float64(got)-want) <= float64(k+4)*eps[T]()*size
}

// testGemm compares the product of every variant with the naive one.
func testGemm[T Float](t *testing.T, r *rand.Rand, m, n, k int, la, lb, lc layout, alpha, beta T) {
	t.Helper()
	what := fmt.Sprintf("type=%T m=%d n=%d k=%d a=%s b=%s c=%s alpha=%v beta=%v", alpha, m, n, k, la.name, lb.name, lc.name, alpha, beta)
	a, allA := matrix[T](r, m, k, la)
	b, allB := matrix[T](r, k, n, lb)
	c, allC := matrix[T](r, m, n, lc)
	want, size := naive(alpha, a, b, beta, c)
	if beta == 0 {
		for i := range m {
			for j := range n {
				c.Data[i*c.RS+j*c.CS] = T(math.NaN())
			}
		}
	}
	before := append([]T(nil), allC...)
	for _, v := range supported() {
		active = v
		what := what + " impl=" + v.String()
		copy(allC, before)
		Gemm(alpha, a, b, beta, c)
		for i := range m {
			for j := range n {
				if got := c.At(i, j); !close1(got, want[i*n+j], size[i*n+j], k) {
					t.Fatalf("%s: C[%d,%d] = %v, want %v", what, i, j, got, want[i*n+j])
				}
			}
		}
		checkGuards(t, what+": C", c, allC)
	}
	checkGuards(t, what+": A", a, allA)
	checkGuards(t, what+": B", b, allB)
}

func TestGemm(t *testing.T) {
	defer func(v variant) { active = v }(active)
	t.Run("float64", testGemmSizes[float64])
	t.Run("float32", testGemmSizes[float32])
}

func testGemmSizes[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	scalars := []T{0, 1, -1, 2.5}
	pick := func() (la, lb, lc layout, alpha, beta T) {
		return layouts[r.IntN(len(layouts))], layouts[r.IntN(len(layouts))], layouts[r.IntN(len(layouts))],
			scalars[(r.IntN(8)+1)%8%4], scalars[r.IntN(4)]
	}
	run := func(m, n, k int) {
		la, lb, lc, alpha, beta := pick()
		testGemm(t, r, m, n, k, la, lb, lc, alpha, beta)
	}
	// Every size of each axis, the others at random.
	for s := range 100 {
		run(s, 1+r.IntN(40), 1+r.IntN(40))
		run(1+r.IntN(40), s, 1+r.IntN(40))
		run(1+r.IntN(40), 1+r.IntN(40), s)
		run(s, s, s)
		run(r.IntN(100), r.IntN(100), r.IntN(100))
	}
	// Every edge of a tile: all small rows and columns, all layouts of C.
	for m := 1; m <= 17; m++ {
		for n := 1; n <= 50; n++ {
			run(m, n, 1+r.IntN(5))
		}
	}
	for _, la := range layouts {
		for _, lb := range layouts {
			for _, lc := range layouts {
				testGemm(t, r, 13, 29, 7, la, lb, lc, 2.5, -1)
			}
		}
	}
	// Several blocks of each kind, and shapes that are all of one kind.
	for _, s := range [][3]int{{200, 110, 600}, {97, 1100, 30}, {500, 50, 130}, {1, 700, 300}, {700, 1, 300},
		{3, 5, 20000}, {40, 1, 17000}, {1, 1, 16384}, {2000, 7, 9}, {9, 3000, 4}, {1, 2, 40000}, {110, 2, 9000}} {
		run(s[0], s[1], s[2])
	}
}

// TestGemmRandomBlocks drives the packed loops with tiny blocks, so that
// small products cross all boundaries.
func TestGemmRandomBlocks(t *testing.T) {
	eachVariant(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		bl := blockingFor[float64](active)
		bl.mc, bl.kc, bl.nc = 2*bl.mr, 8, 2*bl.nr
		for range 150 {
			m, n, k := 1+r.IntN(70), 1+r.IntN(170), 1+r.IntN(40)
			a, _ := matrix[float64](r, m, k, layouts[r.IntN(len(layouts))])
			b, _ := matrix[float64](r, k, n, layouts[r.IntN(len(layouts))])
			c, all := matrix[float64](r, m, n, layouts[r.IntN(len(layouts))])
			want, size := naive(2.5, a, b, -1, c)
			gemmBlocked(active, bl, 2.5, a, b, -1, c, 1+r.IntN(3))
			for i := range m {
				for j := range n {
					if !close1(c.At(i, j), want[i*n+j], size[i*n+j], k) {
						t.Fatalf("m=%d n=%d k=%d: C[%d,%d] = %v, want %v", m, n, k, i, j, c.At(i, j), want[i*n+j])
					}
				}
			}
			checkGuards(t, "C", c, all)
		}
	})
}

func TestGemmThreads(t *testing.T) {
	eachVariant(t, func(t *testing.T) {
		t.Run("float64", testThreads[float64])
		t.Run("float32", testThreads[float32])
	})
}

func testThreads[T Float](t *testing.T) {
	for _, s := range [][3]int{{150, 160, 700}, {300, 40, 100}, {16, 16, 30000}, {100, 100, 100}, {33, 1000, 64}} {
		var first []T
		eachThreads(func(threads int) {
			r := rand.New(rand.NewPCG(5, 6))
			a, _ := matrix[T](r, s[0], s[2], layouts[0])
			b, _ := matrix[T](r, s[2], s[1], layouts[1])
			c, _ := matrix[T](r, s[0], s[1], layouts[0])
			Gemm(1.5, a, b, 0.5, c)
			if first == nil {
				first = c.Data
			}
			for i, v := range c.Data {
				if v != first[i] {
					t.Fatalf("shape %v: element %d is %v with %d threads, %v with 1", s, i, v, threads, first[i])
				}
			}
		})
	}
}

func TestGemmConcurrent(t *testing.T) {
	eachVariant(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		a, _ := matrix[float64](r, 130, 140, layouts[0])
		b, _ := matrix[float64](r, 140, 150, layouts[1])
		want := make([]float64, 130*150)
		Gemm(1, a, b, 0, RowMajor(130, 150, want))
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				got := make([]float64, 130*150)
				for range 5 {
					Gemm(1, a, b, 0, RowMajor(130, 150, got))
					for i := range got {
						if got[i] != want[i] {
							t.Errorf("element %d is %v, alone %v", i, got[i], want[i])
							return
						}
					}
				}
			})
		}
		wg.Wait()
	})
}

// TestGemmNonFinite checks what the reference BLAS promises about NaN and Inf.
func TestGemmNonFinite(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	eachVariant(t, func(t *testing.T) {
		for _, n := range []int{3, 40, 130} {
			fresh := func(v float64) Mat[float64] {
				d := make([]float64, n*n)
				for i := range d {
					d[i] = v
				}
				return RowMajor(n, n, d)
			}
			a, b, c := fresh(1), fresh(0), fresh(7)
			a.Data[0] = inf // row 0
			b.Data[1] = nan // column 1
			Gemm(1, a, b, 1, c)
			for i := range n {
				for j := range n {
					got, bad := c.At(i, j), i == 0 || j == 1
					if bad != (got != got) || !bad && got != 7 {
						t.Fatalf("n=%d: Inf*0 and NaN: C[%d,%d] = %v", n, i, j, got)
					}
				}
			}
			c = fresh(nan)
			Gemm(1, fresh(1), fresh(2), 0, c)
			if c.At(n-1, n-1) != float64(2*n) {
				t.Fatalf("n=%d: beta=0 reads C: %v", n, c.At(n-1, n-1))
			}
			c = fresh(3)
			Gemm(0, fresh(nan), fresh(inf), 2, c)
			if c.At(0, n-1) != 6 {
				t.Fatalf("n=%d: alpha=0 reads A or B: %v", n, c.At(0, n-1))
			}
			c = fresh(nan)
			Gemm(1, fresh(1), fresh(2), 1, c)
			if got := c.At(0, 0); got == got {
				t.Fatalf("n=%d: NaN in C is lost: %v", n, got)
			}
			c = fresh(inf)
			Gemm(1, fresh(0), fresh(2), -1, c)
			if got := c.At(n-1, 0); !math.IsInf(got, -1) {
				t.Fatalf("n=%d: -1*Inf in C gives %v", n, got)
			}
		}
	})
}

func TestGemmBatch(t *testing.T) {
	eachVariant(t, func(t *testing.T) {
		t.Run("float64", testBatch[float64])
		t.Run("float32", testBatch[float32])
	})
}

func testBatch[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, s := range []struct{ count, m, n, k, share int }{
		{0, 3, 3, 3, 0}, {1, 3, 4, 5, 0}, {17, 16, 16, 16, 0}, {40, 5, 9, 3, 1}, {150, 16, 16, 16, 2}, {20, 64, 64, 64, 0}, {2, 170, 150, 160, 0}, {16, 154, 152, 152, 0}, {4, 0, 3, 2, 0}, {3, 4, 5, 0, 0},
	} {
		steps := [3]int{s.m * s.k, s.k * s.n, s.m*s.n + 7}
		if s.share > 0 {
			steps[s.share-1] = 0
		}
		data := func(step, n int) []T {
			d := make([]T, max(0, s.count-1)*step+n)
			for i := range d {
				d[i] = T(r.Float64() - 0.5)
			}
			return d
		}
		a := RowMajor(s.m, s.k, data(steps[0], s.m*s.k))
		b := ColMajor(s.k, s.n, data(steps[1], s.k*s.n))
		if s.m == 16 { // as they need not be packed
			b = RowMajor(s.k, s.n, b.Data)
		}
		c := RowMajor(s.m, s.n, data(steps[2], s.m*s.n))
		before := append([]T(nil), c.Data...)
		var first []T
		eachThreads(func(threads int) {
			copy(c.Data, before)
			GemmBatch(s.count, 2, a, steps[0], b, steps[1], -1, c, steps[2])
			if first == nil {
				first = append(first, c.Data...)
			}
			for i, v := range c.Data {
				if v != first[i] {
					t.Fatalf("%+v: element %d is %v with %d threads, %v with 1", s, i, v, threads, first[i])
				}
			}
		})
		for p := range s.count {
			ap, bp, cp, old := a, b, c, c
			ap.Data, bp.Data, cp.Data, old.Data = a.Data[p*steps[0]:], b.Data[p*steps[1]:], c.Data[p*steps[2]:], before[p*steps[2]:]
			want, size := naive(2, ap, bp, -1, old)
			for i := range s.m {
				for j := range s.n {
					if !close1(cp.At(i, j), want[i*s.n+j], size[i*s.n+j], s.k) {
						t.Fatalf("%+v: matrix %d, C[%d,%d] = %v, want %v", s, p, i, j, cp.At(i, j), want[i*s.n+j])
					}
				}
			}
			if p+1 < s.count { // the words between two matrices
				for i := s.m * s.n; i < steps[2]; i++ {
					if cp.Data[i] != old.Data[i] {
						t.Fatalf("%+v: wrote between matrices %d and %d", s, p, p+1)
					}
				}
			}
		}
	}
}

func TestGram(t *testing.T) {
	eachVariant(t, func(t *testing.T) {
		t.Run("float64", testGram[float64])
		t.Run("float32", testGram[float32])
	})
}

func testGram[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	check := func(m, n int, la, lc layout) {
		a, allA := matrix[T](r, m, n, la)
		b := Mat[float64]{Rows: m, Cols: n, RS: a.RS, CS: a.CS, Data: make([]float64, len(a.Data))}
		for i, v := range a.Data {
			b.Data[i] = float64(v)
		}
		c, allC := matrix[float64](r, n, n, lc)
		var first []float64
		eachThreads(func(threads int) {
			Gram(a, c)
			var got []float64
			for i := range n {
				for j := range n {
					got = append(got, c.At(i, j))
				}
			}
			if first == nil {
				first = got
			}
			for i := range got {
				if got[i] != first[i] {
					t.Fatalf("m=%d n=%d: element %d is %v with %d threads, %v with 1", m, n, i, got[i], threads, first[i])
				}
			}
		})
		if n <= 64 || m <= 60 {
			want, size := naive(1, b.T(), b, 0, c)
			for i, w := range want {
				if !close1(first[i], w, size[i], m) {
					t.Fatalf("m=%d n=%d a=%s c=%s: element %d is %v, want %v", m, n, la.name, lc.name, i, first[i], w)
				}
			}
		}
		for i := range n {
			for j := range n {
				if c.At(i, j) != c.At(j, i) {
					t.Fatalf("m=%d n=%d: not symmetric at %d,%d", m, n, i, j)
				}
			}
		}
		checkGuards(t, "C", c, allC)
		checkGuards(t, "A", a, allA)
	}
	for n := range 60 {
		check(r.IntN(60), n, layouts[r.IntN(len(layouts))], layouts[r.IntN(len(layouts))])
	}
	for _, l := range layouts {
		check(4500, 16, l, layouts[0])
		check(20, 150, l, l)
	}
	check(1100, 129, layouts[2], layouts[0])
	check(0, 5, layouts[0], layouts[0])
}

func TestMatMisuse(t *testing.T) {
	good := RowMajor(2, 3, make([]float64, 6))
	for name, call := range map[string]func(){
		"shapes": func() { Gemm(1, good, good, 0, good) },
		"short":  func() { Gemm(1, RowMajor(2, 3, make([]float64, 5)), good.T(), 0, RowMajor(2, 2, make([]float64, 4))) },
		"stride": func() {
			Gemm(1, Mat[float64]{Rows: 2, Cols: 3, RS: -3, CS: 1, Data: make([]float64, 6)}, good.T(), 0, RowMajor(2, 2, make([]float64, 4)))
		},
		"gram":  func() { Gram(good, RowMajor(2, 2, make([]float64, 4))) },
		"batch": func() { GemmBatch(2, 1, good, 6, good.T(), 0, 0, RowMajor(2, 2, make([]float64, 4)), 0) },
		"dot":   func() { Dot(make([]float32, 2), make([]float32, 3)) },
		"axpy":  func() { Axpy(1, make([]float32, 2), make([]float32, 3)) },
	} {
		func() {
			defer func() {
				s, ok := recover().(string)
				if !ok || len(s) < 8 || s[:8] != "kernel: " {
					t.Errorf("%s: want a panic that begins with \"kernel: \", got %q", name, s)
				}
			}()
			call()
		}()
	}
}

func TestSmallGemmDoesNotAllocate(t *testing.T) {
	a, b, c := make([]float64, 256), make([]float64, 256), make([]float64, 256)
	if n := testing.AllocsPerRun(100, func() {
		Gemm(1, RowMajor(16, 16, a), RowMajor(16, 16, b), 0, RowMajor(16, 16, c))
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestChoose(t *testing.T) {
	best := supported()
	if got, w := choose(""); got != best[0] || w != "" {
		t.Errorf("no name: %v, %q, want %v", got, w, best[0])
	}
	for _, v := range best {
		if got, w := choose(v.String()); got != v || w != "" {
			t.Errorf("%v: got %v, %q", v, got, w)
		}
	}
	got, w := choose("sse9")
	if got != best[0] {
		t.Errorf("unknown name: %v, want %v", got, best[0])
	}
	for _, v := range best {
		if !strings.Contains(w, v.String()) {
			t.Errorf("the warning %q does not name %v", w, v)
		}
	}
}
