package cases

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
	"unsafe"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// large are decompositions of a file of 6 GB by the program polyad, which may
// hold 1 GiB. A second run is killed half-way and resumed; it must give the
// same bytes. A third holds the file in memory; the error of the case is the
// largest difference of its numbers from those of the first.
func large() []Case {
	shape := []int{1000, 1000, 750}
	var list []Case
	add := func(name string, args ...string) {
		list = append(list, Case{
			Name: "large/bytes=6e9/mem=1GiB/" + name, Threads: two, Once: true, Polyad: true,
			Bar:  Bar{Bytes: 1 << 30, Error: 1e-10},
			Task: measure.Task{Job: "large", Type: "f64", Shape: shape, Arguments: args},
			Data: []Data{{"large.npy", func(path string) error { return saveLarge(path, shape) }}},
			Ours: withinMemory,
		})
	}
	add("method=tucker/eps=0.01", "--method", "tucker", "--eps", "0.01")
	add("method=cp/rank=10", "--method", "cp", "--rank", "10", "--starts", "1", "--max-iters", "10")
	return list
}

// errEnded says that a run took less time than it was given.
var errEnded = errors.New("the run that was to be killed had already ended")

func withinMemory(t measure.Task) (o measure.Outcome, err error) {
	dir, err := os.MkdirTemp(filepath.Dir(t.Files[0]), "large-")
	if err != nil {
		return o, err
	}
	defer os.RemoveAll(dir)
	decompose := func(out, mem string, killAfter time.Duration) (seconds float64, err error) {
		ctx := context.Background()
		if killAfter > 0 {
			limited, cancel := context.WithTimeout(ctx, killAfter)
			defer cancel()
			ctx = limited
		}
		args := append([]string{"decompose", t.Files[0], "--mem", mem, "-o", filepath.Join(dir, out), "--json"}, t.Arguments...)
		_, run, err := program(ctx, t, args...)
		if mem == "1GiB" {
			o.Peak = max(o.Peak, run.Peak)
		}
		switch {
		case killAfter > 0 && ctx.Err() != nil:
			return run.Seconds, nil
		case killAfter > 0 && err == nil:
			return run.Seconds, errEnded
		}
		return run.Seconds, err
	}
	if o.Seconds, err = decompose("slabs.npz", "1GiB", 0); err != nil {
		return o, err
	}
	o.Calls = 1
	// The file may lie in the system's cache by now, which makes the second
	// run the faster.
	for after := o.Seconds / 2; ; {
		seconds, err := decompose("killed.npz", "1GiB", time.Duration(after*float64(time.Second)))
		if err == nil {
			break
		}
		if !errors.Is(err, errEnded) || after < 0.1 {
			return o, err
		}
		after = seconds / 2
		if err := os.Remove(filepath.Join(dir, "killed.npz")); err != nil {
			return o, err
		}
	}
	if _, err = decompose("killed.npz", "1GiB", 0); err != nil {
		return o, err
	}
	d, err := difference(filepath.Join(dir, "slabs.npz"), filepath.Join(dir, "killed.npz"))
	if err != nil {
		return o, err
	}
	if d != 0 {
		return o, fmt.Errorf("the run that was killed and resumed differs by %g", d)
	}
	if _, err = decompose("whole.npz", "100GiB", 0); err != nil {
		return o, err
	}
	o.Error, err = difference(filepath.Join(dir, "slabs.npz"), filepath.Join(dir, "whole.npz"))
	if info, err := os.Stat(filepath.Join(dir, "slabs.npz")); err == nil {
		o.Result = info.Size()
	}
	return o, err
}

// difference is the largest difference of two models' numbers, each relative
// to the largest number of its array.
func difference(a, b string) (float64, error) {
	x, _, err := tensorio.LoadArrays(a)
	if err != nil {
		return 0, err
	}
	y, _, err := tensorio.LoadArrays(b)
	if err != nil {
		return 0, err
	}
	if len(x) != len(y) {
		return 0, fmt.Errorf("the models have %d and %d arrays", len(x), len(y))
	}
	worst := 0.0
	for k := range x {
		p, okP := x[k].Array.(*tensor.Dense[float64])
		q, okQ := y[k].Array.(*tensor.Dense[float64])
		if !okP || !okQ || x[k].Name != y[k].Name || fmt.Sprint(p.Shape()) != fmt.Sprint(q.Shape()) {
			return 0, fmt.Errorf("the arrays %s and %s of the models cannot be compared", x[k].Name, y[k].Name)
		}
		size, apart := 0.0, 0.0
		for e, v := range p.Raw() {
			size = max(size, math.Abs(v))
			apart = max(apart, math.Abs(v-q.Raw()[e]))
		}
		if size > 0 {
			worst = max(worst, apart/size)
		}
	}
	return worst, nil
}

// saveLarge writes a CP model of rank 10 and noise of half a percent, a slab
// after the other.
func saveLarge(path string, shape []int) error {
	const rank = 10
	var factors []*tensor.Matrix[float64]
	for n, s := range shape {
		factors = append(factors, tensor.MatrixOf(s, rank, random(3+uint64(n), s, rank).Raw()))
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	text := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d, %d), }", shape[0], shape[1], shape[2])
	if _, err := fmt.Fprintf(w, "\x93NUMPY\x01\x00\x76\x00%-117s\n", text); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(9, 1))
	scale := 0.005 * math.Sqrt(rank)
	left := tensor.NewMatrix[float64](shape[1], rank)
	right := tensor.NewMatrix[float64](rank, shape[2])
	for r := range rank {
		for k := range shape[2] {
			right.Row(r)[k] = factors[2].Row(k)[r]
		}
	}
	noise := make([]float64, 1<<20) // which is repeated at random places
	for e := range noise {
		noise[e] = scale * rng.NormFloat64()
	}
	for i := range shape[0] {
		for j := range shape[1] {
			for r := range rank {
				left.Row(j)[r] = factors[0].Row(i)[r] * factors[1].Row(j)[r]
			}
		}
		slab := tensor.Mul(left, right).Data
		at := rng.IntN(len(noise))
		for e := range slab {
			slab[e] += noise[(at+e)%len(noise)]
		}
		if err := writeFloats(w, slab); err != nil {
			return err
		}
	}
	return errors.Join(w.Flush(), f.Close())
}

// writeFloats writes numbers, little-endian.
func writeFloats(w io.Writer, x []float64) error {
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		_, err := w.Write(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 8*len(x)))
		return err
	}
	return binary.Write(w, binary.LittleEndian, x)
}
