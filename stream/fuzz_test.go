package stream

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

// Whatever lies in a journal, the run gives the same numbers or is refused, and
// what it then leaves is a journal of the whole run.
func FuzzJournal(f *testing.F) {
	x := planted(5, 4, 3)
	factors := []*tensor.Matrix[float64]{randomMatrix(1, 5, 2), randomMatrix(2, 4, 2), randomMatrix(3, 3, 2)}
	run := func(j *Journal) []float64 {
		w := j.Wrap(x)
		out := []float64{w.Norm()}
		for n, m := range factors {
			dst := tensor.NewMatrix[float64](m.Rows, m.Cols)
			w.MTTKRP(dst, factors, n)
			out = append(append(out, dst.Data...), w.ModeGram(n).Data...)
		}
		return append(out, w.Residual(func(mode, lo, hi int) *tensor.Dense[float64] { return x.Slice(mode, lo, hi, 1) }))
	}
	id := map[string]int{"rank": 2}
	path := filepath.Join(f.TempDir(), "j")
	j, err := OpenJournal(path, id)
	if err != nil {
		f.Fatal(err)
	}
	want := run(j)
	if err := j.Close(); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(0, []byte{}, len(whole))
	f.Add(30, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, len(whole))
	f.Add(len(whole)/2, []byte{1}, len(whole))
	f.Add(0, []byte{}, len(whole)/3)
	f.Add(17, []byte{0xff, 0xff, 0xff, 0, 0, 0, 0, 0}, len(whole))
	f.Add(len(whole), []byte("more"), len(whole))
	f.Fuzz(func(t *testing.T, at int, patch []byte, length int) {
		if at < 0 || at > len(whole) || length < 0 {
			return
		}
		data := slices.Clone(whole)
		data = append(data[:at], append(slices.Clone(patch), data[min(len(data), at+len(patch)):]...)...)
		data = data[:min(length, len(data))]
		path := filepath.Join(t.TempDir(), "j")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		var j *Journal
		var err error
		testkit.Allocates(t, 1<<25, func() { j, err = OpenJournal(path, id) })
		if err != nil {
			if after, fault := os.ReadFile(path); fault != nil || !bytes.Equal(after, data) {
				t.Errorf("the file was refused (%v) and changed", err)
			}
			return
		}
		got := run(j)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if !testkit.SameBits(got, want) {
			t.Errorf("%v with %d passes in the journal, %v expected", got, j.Passes(), want)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.HasPrefix(after, whole) {
			t.Errorf("the journal that is left is another (%v)", err)
		}
	})
}

// Files in slabs are what package npy reads whole: a folder of two is the one
// behind the other, or an error.
func FuzzOpen(f *testing.F) {
	a, b := random(1, 3, 2, 2), random(2, 2, 2, 2)
	for _, l := range []layout{{}, {single: true}} {
		f.Add(encode(a, l), encode(b, l))
		f.Add(encode(a, l), encode(b, layout{single: !l.single}))
	}
	f.Add(encode(a, layout{fortran: true}), encode(random(2, 3, 2, 5), layout{fortran: true}))
	f.Add(header("<f8", false, []int{1 << 31, 1 << 31, 1 << 31}), encode(b, layout{}))
	f.Add(header("<f8", false, []int{1 << 40, 0}), []byte{})
	f.Fuzz(func(t *testing.T, first, second []byte) {
		dir := t.TempDir()
		for name, data := range map[string][]byte{"1.npy": first, "2.npy": second} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var x *Tensor
		var err error
		testkit.Allocates(t, 1<<20+16*(len(first)+len(second)), func() { x, err = Open(dir, Options{SlabBytes: 128}) })
		if err != nil {
			return
		}
		defer x.Close()
		sum, count := 0.0, 0
		for _, data := range [][]byte{first, second} {
			path := filepath.Join(t.TempDir(), "x.npy")
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			y, err := Open(path, Options{})
			if err != nil {
				t.Fatalf("a file of the folder is not read: %v", err)
			}
			defer y.Close()
			d, err := y.Dense()
			if err != nil {
				t.Fatal(err)
			}
			sum = math.Hypot(sum, d.Norm())
			count += tensor.Size(d.Shape())
		}
		if tensor.Size(x.Shape()) != count {
			t.Errorf("shape %v of %d cells", x.Shape(), count)
		}
		if n := x.Norm(); !(math.Abs(n-sum) <= 1e-6*sum) && !math.IsNaN(sum) && !math.IsInf(sum, 0) && sum > 1e-150 && sum < 1e150 {
			t.Errorf("norm %v in slabs, %v of the files", n, sum)
		}
	})
}
