package stream

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/cp/cptest"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// A journal changes no answer, whether it records or recalls.
func TestJournaledConformance(t *testing.T) {
	cptest.Data(t, cptest.Kind{Complete: true, Make: func(t *testing.T, shape []int, entries []cptest.Entry) cp.Data {
		x := tensor.New[float64](shape...)
		for _, e := range entries {
			x.Set(e.Value, e.Index...)
		}
		j, err := OpenJournal(filepath.Join(t.TempDir(), "j"), shape)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { j.Remove() })
		return j.Wrap(open(t, layout{}.store(t, x), 500))
	}})
}

// methods are runs that give numbers; each is the same from any point of an
// interrupted one.
var methods = map[string]func(x Data) ([]float64, error){
	"Tucker": func(x Data) ([]float64, error) {
		m, r, err := tucker.STHOSVD(context.Background(), x, tucker.Options{Eps: 0.05})
		if err != nil {
			return nil, err
		}
		return append(slices.Clone(m.Core.Data()), r.RelativeError), nil
	},
	"Tucker by QR": func(x Data) ([]float64, error) {
		m, r, err := tucker.STHOSVD(context.Background(), x, tucker.Options{Eps: 1e-8})
		if err != nil {
			return nil, err
		}
		return append(slices.Clone(m.Core.Data()), r.RelativeError), nil
	},
	"HOOI": func(x Data) ([]float64, error) {
		o := tucker.Options{Ranks: []int{2, 2, 2}}
		o.MaxIters, o.Tol = 5, -1
		m, r, err := tucker.HOOI(context.Background(), x, o)
		if err != nil {
			return nil, err
		}
		return append(append(slices.Clone(m.Core.Data()), r.Trace...), r.RelativeError), nil
	},
	"TT": func(x Data) ([]float64, error) {
		m, r, err := tt.SVD(context.Background(), x, tt.Options{Eps: 0.01})
		if err != nil {
			return nil, err
		}
		return append(slices.Clone(m.Cores[1].Data()), r.RelativeError), nil
	},
	"CP": func(x Data) ([]float64, error) {
		o := cp.Options{Rank: 2}
		o.MaxIters, o.Starts = 4, 2
		m, r, err := cp.ALS(context.Background(), x, o)
		if err != nil {
			return nil, err
		}
		return append(append(slices.Clone(m.Factors[1].Data), r.Trace...), r.RelativeError), nil
	},
}

// A journal that is cut anywhere resumes to the same bits, in C and Fortran
// order, and passes that it holds are not made again.
func TestResume(t *testing.T) {
	for name, method := range methods {
		for _, l := range []layout{{}, {fortran: true, single: true}} {
			path := l.store(t, planted(9, 8, 7))
			file := filepath.Join(t.TempDir(), "run.journal")
			run := func() []float64 {
				j, err := OpenJournal(file, name)
				if err != nil {
					t.Fatal(err)
				}
				defer j.Close()
				v, err := method(j.Wrap(open(t, path, 700)))
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if j.Err() != nil {
					t.Fatal(j.Err())
				}
				return v
			}
			want, err := method(open(t, path, 700))
			if err != nil {
				t.Fatal(err)
			}
			if got := run(); !slices.Equal(got, want) {
				t.Errorf("%s: the journal changes the result", name)
			}
			whole, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, keep := range []float64{0, 0.01, 0.2, 0.5, 0.7, 0.9, 0.99, 1} {
				cut := whole[:int(keep*float64(len(whole)))]
				if err := os.WriteFile(file, cut, 0o600); err != nil {
					t.Fatal(err)
				}
				if got := run(); !slices.Equal(got, want) {
					t.Errorf("%s: resumed at %g, the result differs", name, keep)
				}
				again, err := os.ReadFile(file)
				if err != nil || !bytes.Equal(again, whole) {
					t.Errorf("%s: resumed at %g, the journal differs", name, keep)
				}
			}
			// With all passes in the journal the file is not read any more.
			j, err := OpenJournal(file, name)
			if err != nil {
				t.Fatal(err)
			}
			x := open(t, path, 700)
			x.Close()
			if got, err := method(j.Wrap(x)); err != nil || !slices.Equal(got, want) || j.Passes() == 0 {
				t.Errorf("%s: %d passes in the journal, and the file was read: %v", name, j.Passes(), err)
			}
			j.Close()
		}
	}
}

// A question that is not the recorded one drops the rest of the journal.
func TestJournalOfOtherQuestions(t *testing.T) {
	path := layout{}.store(t, planted(5, 4, 3))
	file := filepath.Join(t.TempDir(), "j")
	ask := func(seed uint64) (int, float64) {
		j, err := OpenJournal(file, "same")
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		x := j.Wrap(open(t, path, 100))
		x.Norm()
		f := []*tensor.Matrix[float64]{randomMatrix(seed, 5, 2), randomMatrix(2, 4, 2), randomMatrix(3, 3, 2)}
		return j.Passes(), x.ResidualNorm([]float64{1, 1}, f)
	}
	ask(1)
	if n, first := ask(1); n != 2 || !(first > 0) {
		t.Errorf("%d passes", n)
	}
	_, other := ask(9)
	if n, v := ask(9); n != 2 || v != other {
		t.Errorf("%d passes, %v and %v", n, v, other)
	}
}

func TestJournalFaults(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	type id struct {
		Rank int `json:"rank"`
		Seed int `json:"seed"`
	}
	file := filepath.Join(dir, "j")
	j, err := OpenJournal(file, id{3, 0})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the file is there before there is anything to keep")
	}
	j.Wrap(planted(4, 3)).Norm()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = OpenJournal(file, id{4, 0})
	if !errors.Is(err, ErrOtherRun) || !strings.Contains(err.Error(), "another rank") {
		t.Error(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	broken := slices.Clone(data)
	broken[30] ^= 1
	for what, path := range map[string]string{
		"no journal": write("m.npz", []byte("PK something else")),
		"damaged":    write("broken", broken),
	} {
		if _, err := OpenJournal(path, id{3, 0}); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// A wrong bit in a record ends the journal there.
	broken = slices.Clone(data)
	broken[len(broken)-6] ^= 1
	if j, err = OpenJournal(write("bit", broken), id{3, 0}); err != nil || j.Passes() != 0 {
		t.Errorf("%d passes, %v", j.Passes(), err)
	}
	j.Remove()
	// A journal that cannot be written does not end the run.
	j, err = OpenJournal(filepath.Join(dir, "no", "such", "folder"), 1)
	if err != nil {
		t.Fatal(err)
	}
	if v := j.Wrap(planted(4, 3)).Norm(); !(v > 0) || math.IsNaN(v) || j.Err() == nil {
		t.Errorf("norm %v, fault %v", v, j.Err())
	}
	// Faults of the data are not kept.
	path := layout{}.store(t, random(1, 6, 5))
	x := open(t, path, 100)
	if err := os.Truncate(path, 200); err != nil {
		t.Fatal(err)
	}
	j, err = OpenJournal(filepath.Join(dir, "fault"), 1)
	if err != nil {
		t.Fatal(err)
	}
	if v := j.Wrap(x).Norm(); !math.IsNaN(v) || j.f != nil {
		t.Error("NaN was kept")
	}
}
