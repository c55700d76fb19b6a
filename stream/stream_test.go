package stream

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/cp/cptest"
	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

var (
	_ cp.Elementwise    = (*Tensor)(nil)
	_ tucker.Data       = (*Tensor)(nil)
	_ tt.Data           = (*Tensor)(nil)
	_ tensor.Sequential = (*Tensor)(nil)
)

// Every layout answers what cp asks, with slabs of a few elements.
func TestConformance(t *testing.T) {
	for _, l := range layouts {
		t.Run(l.name, func(t *testing.T) {
			tol := 0.0
			if l.single {
				tol = 1e-5
			}
			cptest.Data(t, cptest.Kind{Complete: true, Tol: tol, Make: func(t *testing.T, shape []int, entries []cptest.Entry) cp.Data {
				x := tensor.New[float64](shape...)
				for _, e := range entries {
					x.Set(e.Value, e.Index...)
				}
				return open(t, l.store(t, x), max(200, x.Len()/3))
			}})
		})
	}
}

// near is a comparison relative to the size of the second number.
func near(t *testing.T, what string, got, want *tensor.Matrix[float64]) {
	t.Helper()
	d := want.Clone()
	scale := 0.0
	for i, v := range got.Data {
		d.Data[i] -= v
		scale = max(scale, math.Abs(want.Data[i]))
	}
	for _, v := range d.Data {
		if !(math.Abs(v) <= 1e-12*scale) {
			t.Fatalf("%s differs by %g of %g", what, v, scale)
		}
	}
}

// Contractions agree with those in memory, for slabs of one index, of several,
// and of all.
func TestContractionsAgreeWithMemory(t *testing.T) {
	for _, shape := range [][]int{{6, 5, 7}, {3, 40}, {40, 3}, {2, 3, 4, 5}, {9}, {1, 4, 3}, {4, 3, 1}} {
		want := random(3, shape...)
		for _, l := range layouts {
			path := l.store(t, want)
			for _, slab := range []int{1, 200, 600, 1 << 20} {
				x := open(t, path, slab)
				if !slices.Equal(x.Shape(), shape) {
					t.Fatalf("shape %v, want %v", x.Shape(), shape)
				}
				name := fmt.Sprintf("%v %s, slabs of %d bytes: ", shape, l.name, slab)
				for n, size := range shape {
					near(t, name+"ModeGram", x.ModeGram(n), want.ModeGram(n))
					u := randomMatrix(uint64(n), size, 2)
					y, z := x.Project(u, n), want.Project(u, n)
					near(t, name+"Project", tensor.Unfold(y, 0), tensor.Unfold(z, 0))
					gram := tensor.NewMatrix[float64](size, size)
					seen := 0
					err := x.Fibers(n, 3, func(rows *tensor.Matrix[float64]) error {
						seen += rows.Rows
						for i, v := range tensor.Gram(rows).Data {
							gram.Data[i] += v
						}
						return nil
					})
					if err != nil || seen*size != want.Len() {
						t.Fatalf("%sFibers: %d fibres, %v", name, seen, err)
					}
					near(t, name+"Fibers", gram, want.ModeGram(n))
				}
				other := random(4, shape...)
				got := x.Residual(func(mode, lo, hi int) *tensor.Dense[float64] { return other.Slice(mode, lo, hi, 1) })
				if d := tensor.Distance(want, other); !(math.Abs(got-d) <= 1e-12*d) {
					t.Fatalf("%sResidual %g, want %g", name, got, d)
				}
				last := make([]int, len(shape))
				for n, s := range shape {
					last[n] = s - 1
				}
				if x.At(last...) != want.At(last...) {
					t.Fatalf("%sAt differs", name)
				}
				y, err := x.Dense()
				if err != nil || y.Norm() != want.Norm() {
					t.Fatalf("%sDense: %v", name, err)
				}
				if err := x.Err(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// The model of a long residual is asked for along the longest mode when one
// index of the slowest is more than a slab.
func TestResidualOfLongSlices(t *testing.T) {
	want := random(5, 2, 1500, 1100)
	x := open(t, layout{}.store(t, want), 1<<15)
	other := tensor.Scale(0.5, want)
	modes := map[int]bool{}
	got := x.Residual(func(mode, lo, hi int) *tensor.Dense[float64] {
		modes[mode] = true
		return other.Slice(mode, lo, hi, 1)
	})
	if d := 0.5 * want.Norm(); !(math.Abs(got-d) <= 1e-12*d) || !modes[1] || len(modes) != 1 {
		t.Errorf("residual %g, want %g; along modes %v", got, d, modes)
	}
}

// planted is a CP tensor of rank 3 plus a little noise.
func planted(shape ...int) *tensor.Dense[float64] {
	f := make([]*tensor.Matrix[float64], len(shape))
	for n, s := range shape {
		f[n] = randomMatrix(uint64(10+n), s, 3)
	}
	m, err := cp.New([]float64{3, 2, 1}, f...)
	if err != nil {
		panic(err)
	}
	return tensor.Add(m.Dense(), tensor.Scale(1e-3, random(6, shape...)))
}

// Methods give in slabs what they give in memory.
func TestMethodsAgreeWithMemory(t *testing.T) {
	ctx := context.Background()
	want := planted(14, 12, 13, 5)
	for _, l := range layouts[:2] {
		x := open(t, l.store(t, want), 4096)
		var in tucker.Data = want
		if l.fortran {
			in = want.Transposed().(*tensor.Dense[float64]).Clone().Transposed().(*tensor.Dense[float64])
		}
		agree := func(what string, a, b *tensor.Dense[float64], errA, errB error) {
			t.Helper()
			if errA != nil || errB != nil {
				t.Fatalf("%s %s: %v, %v", l.name, what, errA, errB)
			}
			if d := tensor.Distance(a, b); !(d <= 1e-10*b.Norm()) {
				t.Errorf("%s %s: the models differ by %g", l.name, what, d/b.Norm())
			}
		}
		for _, eps := range []float64{0.05, 1e-9} { // by Gram, by QR
			a, _, errA := tucker.STHOSVD(ctx, x, tucker.Options{Eps: eps})
			b, _, errB := tucker.STHOSVD(ctx, in, tucker.Options{Eps: eps})
			agree("STHOSVD", a.Dense(), b.Dense(), errA, errB)
			c, _, errC := tt.SVD(ctx, x, tt.Options{Eps: eps})
			d, _, errD := tt.SVD(ctx, in, tt.Options{Eps: eps})
			agree("SVD", c.Dense(), d.Dense(), errC, errD)
			if !slices.Equal(c.Ranks(), d.Ranks()) {
				t.Errorf("%s: ranks %v and %v", l.name, c.Ranks(), d.Ranks())
			}
		}
		a, _, errA := tucker.HOOI(ctx, x, tucker.Options{Ranks: []int{3, 3, 3, 3}})
		b, _, errB := tucker.HOOI(ctx, in, tucker.Options{Ranks: []int{3, 3, 3, 3}})
		agree("HOOI", a.Dense(), b.Dense(), errA, errB)
		opt := cp.Options{Rank: 3}
		opt.MaxIters = 20
		for name, method := range map[string]func(context.Context, cp.Data, cp.Options) (*cp.Tensor, error){
			"ALS": func(ctx context.Context, x cp.Data, o cp.Options) (*cp.Tensor, error) {
				m, _, err := cp.ALS(ctx, x, o)
				return m, err
			},
			"HALS": func(ctx context.Context, x cp.Data, o cp.Options) (*cp.Tensor, error) {
				m, _, err := cp.HALS(ctx, x, o)
				return m, err
			},
		} {
			a, errA := method(ctx, x, opt)
			b, errB := method(ctx, in.(cp.Data), opt)
			agree(name, a.Dense(), b.Dense(), errA, errB)
		}
	}
}

// A train of full rank is cut nowhere: every unfolding is the file itself.
func TestTrainOfFullRank(t *testing.T) {
	want := random(8, 3, 4, 12)
	for _, l := range layouts {
		m, r, err := tt.SVD(context.Background(), open(t, l.store(t, want), 300), tt.Options{Eps: 1e-12})
		if err != nil {
			t.Fatal(err)
		}
		if d := tensor.Distance(m.Dense(), want); !(d <= 1e-12*want.Norm()) || !(r.RelativeError <= 1e-12) {
			t.Errorf("%s: the train differs by %g, the result says %g", l.name, d, r.RelativeError)
		}
	}
}

// All methods in slabs give the same bits at any number of threads, and so do
// runs that were interrupted and go on with more or fewer.
func TestThreads(t *testing.T) {
	for name, method := range methods {
		for _, l := range []layout{{}, {fortran: true, single: true}} {
			path := l.store(t, planted(40, 30, 20))
			run := func(x Data) []float64 {
				v, err := method(x)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				return v
			}
			want := testkit.Threads(t, name, func() []float64 { return run(open(t, path, 20000)) })
			testkit.Threads(t, name+", resumed", func() []float64 {
				file := filepath.Join(t.TempDir(), "run.journal")
				threads := runtime.GOMAXPROCS(0)
				defer runtime.GOMAXPROCS(threads)
				var got []float64
				for _, n := range []int{4 - threads, threads} {
					runtime.GOMAXPROCS(n)
					j, err := OpenJournal(file, name)
					if err != nil {
						t.Fatal(err)
					}
					got = run(j.Wrap(open(t, path, 20000)))
					if err := j.Close(); err != nil {
						t.Fatal(err)
					}
					if err := os.Truncate(file, halfOf(t, file)); err != nil {
						t.Fatal(err)
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s: resumed with %d threads after %d, it ends elsewhere", name, threads, 4-threads)
				}
				return got
			})
		}
	}
}

// halfOf is half of the size of a file.
func halfOf(t *testing.T, path string) int64 {
	t.Helper()
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return st.Size() / 2
}

// Pieces of a cutting are disjoint, cover the box and keep to the limit.
func TestCut(t *testing.T) {
	for _, shape := range [][]int{{5, 4, 3}, {1, 7}, {8}, {2, 2, 2, 2}} {
		for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}} {
			order = slices.DeleteFunc(slices.Clone(order), func(n int) bool { return n >= len(shape) })
			for keep := -1; keep < len(shape); keep++ {
				for limit := slices.Max(shape); limit < 70; limit += 3 {
					c := cut(box{make([]int, len(shape)), shape}, order, keep, limit)
					seen := 0
					for k := range c.count {
						b := c.box(k)
						if b.size() > limit || b.size() > c.box(0).size() || b.size() < 1 {
							t.Fatalf("%v keep %d limit %d: piece %d is %v", shape, keep, limit, k, b)
						}
						if keep >= 0 && b.hi[keep]-b.lo[keep] != shape[keep] {
							t.Fatalf("mode %d was cut", keep)
						}
						seen += b.size()
					}
					if seen != tensor.Size(shape) {
						t.Fatalf("%v keep %d limit %d: %d elements", shape, keep, limit, seen)
					}
				}
			}
		}
	}
}

func TestOpenFaults(t *testing.T) {
	x := random(1, 4, 3)
	write := func(dir, name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := encode(x, layout{})
	chunked := func(second []byte) string {
		dir := t.TempDir()
		write(dir, "a.npy", good)
		write(dir, "b.npy", second)
		return dir
	}
	for name, c := range map[string]struct {
		path string
		want []string
	}{
		"nothing there":    {"nowhere.npy", []string{"nowhere.npy"}},
		"no .npy inside":   {t.TempDir(), []string{"no .npy file", "slowest"}},
		"truncated":        {write(t.TempDir(), "x.npy", good[:len(good)-8]), []string{"x.npy", "truncated"}},
		"no .npy":          {write(t.TempDir(), "x.npy", []byte("hello world")), []string{"not a .npy file"}},
		"integers":         {write(t.TempDir(), "x.npy", append(header("<i4", false, []int{2}), make([]byte, 8)...)), []string{"int32", "convert"}},
		"big-endian":       {write(t.TempDir(), "x.npy", append(header(">f8", false, []int{1}), make([]byte, 8)...)), []string{"big-endian", "convert"}},
		"empty":            {write(t.TempDir(), "x.npy", header("<f8", false, []int{3, 0})), []string{"mode 1 has size 0"}},
		"truncated chunk":  {chunked(good[:len(good)-1]), []string{"b.npy", "truncated"}},
		"chunk of a shape": {chunked(encode(random(1, 4, 2), layout{})), []string{"b.npy", "mode 1", "size 2", "3 is expected", "a.npy"}},
		"chunk of a type":  {chunked(encode(x, layout{single: true})), []string{"b.npy", "float32", "float64 is expected"}},
		"chunk in F order": {chunked(encode(x, layout{fortran: true})), []string{"b.npy", "Fortran", "C order is expected"}},
		"chunk of modes":   {chunked(encode(random(1, 4), layout{})), []string{"b.npy", "1 modes", "2 are expected"}},
	} {
		_, err := Open(c.path, Options{})
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q is not in: %v", name, w, err)
			}
		}
	}
	path := write(t.TempDir(), "x.npy", good)
	if _, err := Open(path, Options{Modes: []string{"a"}}); err == nil || !strings.Contains(err.Error(), "1 names of modes for 2") {
		t.Error(err)
	}
	if _, err := Open(path, Options{SlabBytes: -1}); err == nil {
		t.Error("slabs of -1 bytes are taken")
	}
}

// A file that shrinks while it is read makes errors of every method, not
// numbers.
func TestReadFault(t *testing.T) {
	ctx := context.Background()
	for what, method := range map[string]func(x *Tensor) error{
		"Tucker": func(x *Tensor) error { _, _, err := tucker.STHOSVD(ctx, x, tucker.Options{Eps: 0.1}); return err },
		"HOOI": func(x *Tensor) error {
			_, _, err := tucker.HOOI(ctx, x, tucker.Options{Ranks: []int{2, 2, 2}})
			return err
		},
		"TT": func(x *Tensor) error { _, _, err := tt.SVD(ctx, x, tt.Options{Eps: 1e-10}); return err },
		"CP": func(x *Tensor) error { _, _, err := cp.ALS(ctx, x, cp.Options{Rank: 2}); return err },
	} {
		for _, early := range []bool{true, false} {
			path := layout{}.store(t, random(1, 10, 11, 12))
			x := open(t, path, 1000)
			if !early {
				x.Norm() // the fault comes later
			}
			if err := os.Truncate(path, 4000); err != nil {
				t.Fatal(err)
			}
			if err := method(x); err == nil || !strings.Contains(err.Error(), "shorter") {
				t.Errorf("%s: %v", what, err)
			}
			if x.Err() == nil || !math.IsNaN(x.At(9, 10, 11)) {
				t.Error("the fault is forgotten")
			}
		}
	}
}

func TestByNumbers(t *testing.T) {
	names := []string{"b2", "a10", "a9", "a", "a09", "a9b"}
	slices.SortFunc(names, byNumbers)
	if got := strings.Join(names, " "); got != "a a09 a9 a9b a10 b2" {
		t.Error(got)
	}
}

// Room bounds what methods take beside the data.
func TestRoom(t *testing.T) {
	ctx := context.Background()
	x := open(t, layout{}.store(t, random(2, 30, 31, 32)), 4096)
	_, _, errTucker := tucker.STHOSVD(ctx, x, tucker.Options{Eps: 1e-3, Room: 1 << 18})
	_, _, errTT := tt.SVD(ctx, x, tt.Options{Eps: 1e-3, Room: 1 << 18})
	_, _, errHOOI := tucker.HOOI(ctx, x, tucker.Options{Ranks: []int{29, 29, 29}, Room: 1 << 17})
	for i, err := range []error{errTucker, errTT, errHOOI} {
		if err == nil || !strings.Contains(err.Error(), "MB are allowed") {
			t.Errorf("method %d: %v", i, err)
		}
	}
}
