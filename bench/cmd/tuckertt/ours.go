package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// child does a task on our side. With POLYAD_PROFILE it writes a profile of
// the processor's time to that file.
func child(arg string) error {
	var t task
	if err := json.Unmarshal([]byte(arg), &t); err != nil {
		return err
	}
	o, err := ours(t)
	if err != nil {
		return err
	}
	o.Config = "kernel " + kernel.Variant()
	return json.NewEncoder(os.Stdout).Encode(o)
}

const timeBudget = 0.3 // seconds; one call at least

// ours runs a task and takes the time.
func ours(t task) (o outcome, err error) {
	var work, warm func() error
	var finish func() error
	ctx := context.Background()
	before := memory("VmRSS")
	switch t.Kind {
	case "tucker":
		x, err := open(t.Data)
		if err != nil {
			return o, err
		}
		call := func(x tucker.Data, opt tucker.Options) error {
			var m *tucker.Tensor
			var r fit.Result
			var err error
			opt.Randomized = strings.HasPrefix(t.Method, "randomized-")
			switch strings.TrimPrefix(t.Method, "randomized-") {
			case "hooi":
				opt.MaxIters, opt.Tol = t.Iters, -1
				m, r, err = tucker.HOOI(ctx, x, opt)
			case "sthosvd":
				m, r, err = tucker.STHOSVD(ctx, x, opt)
			default:
				err = fmt.Errorf("unknown method %q", t.Method)
			}
			if err == nil {
				o.Error, o.Ranks = r.RelativeError, m.Ranks()
			}
			return err
		}
		warm = func() error { return call(random(1, 4, 4, 4), tucker.Options{Ranks: []int{2, 2, 2}}) }
		work = func() error { return call(x, tucker.Options{Ranks: t.Ranks}) }
	case "tt":
		x, err := open(t.Data)
		if err != nil {
			return o, err
		}
		call := func(x tt.Data, opt tt.Options) error {
			m, r, err := tt.SVD(ctx, x, opt)
			if err == nil {
				ranks := m.Ranks()
				o.Error, o.Ranks = r.RelativeError, ranks[1:len(ranks)-1]
			}
			return err
		}
		warm = func() error { return call(random(1, 4, 4, 4), tt.Options{Eps: 0.1}) }
		work = func() error { return call(x, tt.Options{Eps: t.Eps}) }
	case "round":
		x, err := open(t.Data)
		if err != nil {
			return o, err
		}
		var cores []*tensor.Dense[float64]
		for at, rest := 0, t.Shapes; len(rest) > 0; rest = rest[1:] {
			size := tensor.Size(rest[0])
			cores = append(cores, tensor.FromSlice(x.Raw()[at:at+size], rest[0]...))
			at += size
		}
		train, err := tt.New(cores...)
		if err != nil {
			return o, err
		}
		ranks := slices.Repeat(t.Ranks, len(cores)-1)
		var rounded *tt.Tensor
		work = func() error {
			rounded, _, err = tt.Round(train, tt.Options{Ranks: ranks})
			return err
		}
		warm = func() error { return nil }
		finish = func() error {
			all := rounded.Ranks()
			o.Ranks = all[1 : len(all)-1]
			o.Error = rounded.Add(train.Scale(-1)).Norm() / train.Norm()
			return nil
		}
	default:
		return o, fmt.Errorf("unknown kind %q", t.Kind)
	}
	if err := warm(); err != nil {
		return o, err
	}
	if path := os.Getenv("POLYAD_PROFILE"); path != "" {
		f, err := os.Create(path)
		if err != nil {
			return o, err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return o, err
		}
		defer func() {
			pprof.StopCPUProfile()
			f.Close()
		}()
	}
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		return o, err
	}
	var times []float64
	for total := 0.0; total < timeBudget; o.Calls++ {
		begin := time.Now()
		if err := work(); err != nil {
			return o, err
		}
		d := time.Since(begin).Seconds()
		times = append(times, d)
		total += d
	}
	o.Peak = memory("VmHWM") - before
	slices.Sort(times)
	o.Seconds = times[len(times)/2]
	if finish != nil {
		err = finish()
	}
	return o, err
}

// open maps a .npy file of float64 in C order, as tensorio.Open does. The
// memory that is mapped counts.
func open(path string) (*tensor.Dense[float64], error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, headBytes)
	if _, err := io.ReadFull(f, head); err != nil {
		return nil, err
	}
	_, list, _ := strings.Cut(string(head), "(")
	list, _, _ = strings.Cut(list, ")")
	var shape []int
	for s := range strings.SplitSeq(strings.TrimSuffix(list, ","), ",") {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		shape = append(shape, n)
	}
	size := tensor.Size(shape)
	mem, err := syscall.Mmap(int(f.Fd()), 0, headBytes+8*size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	values := unsafe.Slice((*float64)(unsafe.Pointer(&mem[headBytes])), size)
	return tensor.FromSlice(values, shape...), nil
}

// headBytes is the length of the headers that save writes.
const headBytes = 128

// save writes a .npy file.
func save(path string, x *tensor.Dense[float64]) error {
	shape := strings.Join(strings.Fields(strings.Trim(fmt.Sprint(x.Shape()), "[]")), ", ") + ","
	text := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }", shape)
	head := fmt.Sprintf("\x93NUMPY\x01\x00\x76\x00%-*s\n", headBytes-11, text)
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.WriteString(f, head); err != nil {
		return err
	}
	if _, err := f.Write(raw(x.Raw())); err != nil {
		return err
	}
	return f.Close()
}

// raw is the memory of numbers, little-endian on every machine of the bench.
func raw(x []float64) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 8*len(x))
}

// memory is a figure of /proc/self/status, in bytes.
func memory(key string) int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == key+":" {
			n, _ := strconv.ParseInt(f[1], 10, 64)
			return n << 10
		}
	}
	return 0
}

// data makes the file of a kind of case, unless it is there.
func data(folder, kind string) (string, error) {
	path := filepath.Join(folder, kind+".npy")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	defer debug.FreeOSMemory()
	switch kind {
	case "tucker":
		// Rank (20, 20, 20) and a tenth of noise.
		core := random(2, 20, 20, 20)
		var factors []*tensor.Matrix[float64]
		for n := range 3 {
			factors = append(factors, tensor.MatrixOf(300, 20, random(3+uint64(n), 300, 20).Raw()))
		}
		x := tensor.TTMChain(core, factors)
		noise := random(9, 300, 300, 300)
		return path, save(path, tensor.Add(x, tensor.Scale(0.1*x.Norm()/noise.Norm(), noise)))
	case "tt":
		// A smooth function on a grid and a little noise.
		x := random(5, 20, 20, 20, 20, 20, 20)
		out := x.Raw()
		for e := range out {
			s := 0
			for k, rest := 0, e; k < 6; k++ {
				s += rest % 20
				rest /= 20
			}
			f := 1 / (1 + float64(s))
			out[e] = f * (1 + 2e-5*out[e])
		}
		return path, save(path, x)
	}
	// A train whose singular values fall slowly.
	var all []float64
	for k, shape := range trainShapes() {
		g := random(100+uint64(k), shape...).Raw()
		for e := range g {
			g[e] *= math.Pow(0.95, float64(e%shape[2]))
		}
		all = append(all, g...)
	}
	return path, save(path, tensor.FromSlice(all, len(all)))
}

// trainShapes are those of the 50 cores 100×4×100 of a train.
func trainShapes() [][]int {
	var shapes [][]int
	for k := range 50 {
		s := []int{100, 4, 100}
		if k == 0 {
			s[0] = 1
		}
		if k == 49 {
			s[2] = 1
		}
		shapes = append(shapes, s)
	}
	return shapes
}

func random(seed uint64, shape ...int) *tensor.Dense[float64] {
	x := tensor.New[float64](shape...)
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := range x.Raw() {
		x.Raw()[i] = rng.NormFloat64()
	}
	return x
}
