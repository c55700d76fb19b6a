package cases

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// Sizes of the synthetic tensors: ten million entries, of which the density
// falls along each mode as a power.
const powerLawEntries = 10_000_000

var powerLaws = map[int][]int{
	3: {300_000, 100_000, 30_000},
	4: {100_000, 50_000, 10_000, 1_000},
	5: {50_000, 20_000, 5_000, 1_000, 200},
}

// sparseTensors are products, sweeps and the reading of tensors of which most
// cells are zero.
func sparseTensors() []Case {
	const rank = 16
	var list []Case
	trees := map[string]string{} // SPLATT's fastest, which a product and a sweep share
	add := func(job, peer string, tool Tool, order int, threads []int, bar float64) *Case {
		shape := powerLaws[order]
		name := fmt.Sprintf("powerlaw-%d.bin", order)
		list = append(list, Case{
			Name: fmt.Sprintf("sparse/modes=%d/entries=1e7/rank=%d/job=%s/peer=%s", order, rank, job, peer), Tool: tool, Threads: threads,
			Bar: Bar{Ratio: bar}, Ours: sparseOf, Equal: sameChecks(1e-9),
			Task: measure.Task{Job: job, Peer: peer, Type: "f64", Shape: shape, Ranks: []int{rank}, Iters: 2},
			Data: []Data{{name, func(path string) error { return savePowerLaw(path, shape) }}},
		})
		c := &list[len(list)-1]
		// A leaf is one multiply-add a component for each mode; an entry is
		// read as an index and a value.
		n, e := float64(order), float64(powerLawEntries)
		c.Work = func(measure.Outcome) measure.Work { return measure.Work{Flops: 2 * n * rank * e, Bytes: 12 * n * e} }
		c.Calls = 5 // of SPLATT's products
		if job == "als" {
			c.Equal, c.Calls = sameError, float64(c.Task.Iters+2)
		}
		if tool == SPLATT {
			c.Prepare = func(ctx context.Context, r Runner, t *measure.Task) error {
				key := fmt.Sprint(order, t.Threads)
				if t.Method = trees[key]; t.Method != "" {
					return nil
				}
				err := fastestMethod("two", "all")(ctx, r, t)
				trees[key] = t.Method
				return err
			}
		}
		return c
	}
	for _, job := range []string{"mttkrp", "als"} {
		for _, order := range []int{3, 4, 5} {
			add(job, "splatt", SPLATT, order, oneAndTwo, 1)
		}
		add(job, "pyttb", "sparse.py", 3, two, 20).Task.Iters = 1
	}
	for _, s := range []struct {
		order, peer string
		tool        Tool
		bar         float64
	}{{"sorted", "splatt", SPLATT, 5}, {"random", "splatt", SPLATT, 5}, {"sorted", "pyttb", "sparse.py", 30}} {
		c := add("read", s.peer, s.tool, 3, two, s.bar)
		c.Name = fmt.Sprintf("tns/lines=1e7/order=%s/job=read/peer=%s", s.order, s.peer)
		c.Prepare, c.Work, c.Calls = nil, nil, 0
		toolbox := s.peer == "pyttb" // which reads files with a header only
		name := fmt.Sprintf("powerlaw-3-%s-toolbox=%t.tns", s.order, toolbox)
		c.Data = []Data{{name, func(path string) error { return savePowerLawText(path, powerLaws[3], toolbox, s.order == "sorted") }}}
	}
	return list
}

// SPLATTArguments are those of the driver in bench/peers/splatt.
func SPLATTArguments(t measure.Task) []string {
	return []string{t.Job, strconv.Itoa(t.Threads), strconv.Itoa(t.Ranks[0]), strconv.Itoa(t.Iters), t.Method, times(t.Shape), t.Files[0]}
}

// entry is that of the factors that both sides use.
func entry(n, i, r int) float64 { return 0.5 + float64((i*131+r*31+n*17)%97)/97 }

func sparseOf(t measure.Task) (o measure.Outcome, err error) {
	meter := measure.Start()
	if t.Job == "read" {
		err = meter.Timed(&o, nil, func() (float64, error) {
			begin := time.Now()
			file, err := tensorio.Open(t.Files[0], tensorio.Options{})
			seconds := time.Since(begin).Seconds()
			if err != nil {
				return 0, err
			}
			x, ok := file.Tensor.(*sparse.COO[float64])
			if !ok {
				return 0, fmt.Errorf("the file became a %T", file.Tensor)
			}
			o.Check = []float64{float64(x.Count()), 0}
			for _, v := range x.Values() {
				o.Check[1] += v
			}
			begin = time.Now()
			err = file.Close()
			return seconds + time.Since(begin).Seconds(), err
		})
		return o, err
	}
	index, values, err := loadEntries(t.Files[0], len(t.Shape))
	if err != nil {
		return o, err
	}
	x, err := sparse.NewCOO(t.Shape, index, values, sparse.Refuse)
	if err != nil {
		return o, err
	}
	var factors, out []*tensor.Matrix[float64]
	rank := t.Ranks[0]
	for n, s := range t.Shape {
		f := tensor.NewMatrix[float64](s, rank)
		for i := range s {
			for r := range rank {
				f.Row(i)[r] = entry(n, i, r)
			}
		}
		factors = append(factors, f)
		out = append(out, tensor.NewMatrix[float64](s, rank))
	}
	o.Result = 8 * int64(rank*sum(t.Shape))
	if t.Job == "mttkrp" {
		work := func() error {
			for n := range t.Shape {
				x.MTTKRP(out[n], factors, n)
			}
			return nil
		}
		if err := work(); err != nil { // x makes its trees once, and keeps them
			return o, err
		}
		err = meter.Run(&o, nil, work)
		for _, m := range out {
			o.Check = append(o.Check, measure.Checksum(m.Data))
		}
		return o, err
	}
	start, err := cp.New(nil, factors...)
	if err != nil {
		return o, err
	}
	opt := cp.Options{Rank: rank, Initial: start, Polish: -1, Compress: cp.Never, Options: fit.Options{Tol: -1}}
	run := func(sweeps int) (float64, error) {
		opt.MaxIters = sweeps
		begin := time.Now()
		_, r, err := cp.ALS(context.Background(), x, opt)
		if len(r.Trace) > 0 {
			o.Error = r.Trace[len(r.Trace)-1]
		}
		return time.Since(begin).Seconds(), err
	}
	if _, err := run(1); err != nil { // for the trees
		return o, err
	}
	err = meter.Timed(&o, nil, func() (float64, error) {
		one, err := run(1)
		if err != nil {
			return 0, err
		}
		more, err := run(1 + t.Iters)
		return (more - one) / float64(t.Iters), err
	})
	return o, err
}

// powerLaw draws the entries, each cell once, in C order.
func powerLaw(shape []int) (*sparse.COO[float64], error) {
	rng := rand.New(rand.NewPCG(uint64(len(shape)), 1))
	index := make([][]int32, len(shape))
	for n, s := range shape {
		index[n] = make([]int32, powerLawEntries)
		for e := range index[n] {
			u := rng.Float64()
			i := int(float64(s) * u * u * u)
			index[n][e] = int32(i * 7919 % s) // so that dense indices are not neighbours
		}
	}
	values := make([]float64, powerLawEntries)
	for e := range values {
		values[e] = float64(1 + rng.IntN(5))
	}
	return sparse.NewCOO(shape, index, values, sparse.Sum)
}

// savePowerLaw writes the indices of each mode in turn, then the values.
func savePowerLaw(path string, shape []int) error {
	x, err := powerLaw(shape)
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	for n := range shape {
		if err := binary.Write(w, binary.LittleEndian, x.Indices(n)); err != nil {
			return err
		}
	}
	if err := writeFloats(w, x.Values()); err != nil {
		return err
	}
	return errors.Join(w.Flush(), f.Close())
}

func loadEntries(path string, order int) (index [][]int32, values []float64, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	count := len(text) / (4*order + 8)
	for range order {
		list := make([]int32, count)
		for e := range list {
			list[e] = int32(binary.LittleEndian.Uint32(text[4*e:]))
		}
		index, text = append(index, list), text[4*count:]
	}
	values = make([]float64, count)
	for e := range values {
		values[e] = math.Float64frombits(binary.LittleEndian.Uint64(text[8*e:]))
	}
	return index, values, nil
}

// savePowerLawText writes a .tns file, 1-based, with or without the header of
// the Tensor Toolbox, sorted or in random order.
func savePowerLawText(path string, shape []int, toolbox, sorted bool) error {
	x, err := powerLaw(shape)
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	if toolbox {
		sizes := strings.Trim(fmt.Sprint(shape), "[]")
		if _, err := fmt.Fprintf(w, "sptensor\n%d\n%s\n%d\n", len(shape), sizes, x.Count()); err != nil {
			return err
		}
	}
	lines := make([]int, x.Count())
	for e := range lines {
		lines[e] = e
	}
	if !sorted {
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(lines), func(a, b int) { lines[a], lines[b] = lines[b], lines[a] })
	}
	var line bytes.Buffer
	for _, e := range lines {
		line.Reset()
		for n := range shape {
			line.Write(strconv.AppendInt(line.AvailableBuffer(), int64(x.Indices(n)[e])+1, 10))
			line.WriteByte(' ')
		}
		line.Write(strconv.AppendFloat(line.AvailableBuffer(), x.Values()[e], 'g', -1, 64))
		line.WriteByte('\n')
		if _, err := w.Write(line.Bytes()); err != nil {
			return err
		}
	}
	return errors.Join(w.Flush(), f.Close())
}
