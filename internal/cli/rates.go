package cli

import (
	"math"
	"os"
	"strings"
	"time"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// rates are what this machine does in a second, measured at the start of
// plan.
type rates struct {
	Flops  float64 `json:"flops"`          // float64, of matrix products
	Memory float64 `json:"memory"`         // bytes read, from more memory than caches hold
	File   float64 `json:"file,omitempty"` // bytes read from the file, as it is cached now
}

// rateTime is how long each rate is measured.
const rateTime = 20 * time.Millisecond

func measureRates(path string) rates {
	var r rates
	a, c := tensor.NewMatrix[float64](384, 384), tensor.NewMatrix[float64](384, 384)
	for i := range a.Data {
		a.Data[i] = float64(i%7) - 3
	}
	r.Flops = rate(2*384*384*384, func() { kernel.Gemm(1, a.View(), a.View(), 0, c.View()) })
	const words, block = 1 << 24, 1 << 16 // more than caches hold
	v, sums := make([]float64, words), make([]float64, words/block)
	for i := range v {
		v[i] = 1
	}
	r.Memory = rate(8*words, func() {
		par.Blocks(words, block, func(b, lo, hi int) { sums[b] = kernel.Sum(v[lo:hi]) })
	})
	if f, err := os.Open(path); err == nil {
		defer f.Close()
		if st, err := f.Stat(); err == nil && st.Mode().IsRegular() && st.Size() > 0 {
			buf, at := make([]byte, min(4<<20, st.Size())), int64(0)
			r.File = rate(float64(len(buf)), func() {
				// A short read is the end of the file, where the next starts over.
				n, _ := f.ReadAt(buf, at)
				if at += int64(n); n < len(buf) {
					at = 0
				}
			})
		}
	}
	return r
}

// rate repeats f, after one call to warm up, and is the work a second of the
// fastest call: others may share the machine just then.
func rate(work float64, f func()) float64 {
	f()
	best := time.Duration(math.MaxInt64)
	for begun := time.Now(); time.Since(begun) < rateTime; {
		start := time.Now()
		f()
		best = min(best, max(1, time.Since(start)))
	}
	return work / best.Seconds()
}

// slowness is how much longer algorithms take than all of their operations at
// the rate of large matrix products and all that they move at the rate of long
// sums, by measurement (300³ and 20⁶ in float64, 60⁴ in float32): thin products
// and eigenvectors are slower, sweeps of CP read while they multiply, and HOOI
// makes more sweeps than are counted.
var slowness = []struct {
	algorithm string // as plans begin
	times     float64
}{
	{"cp.", 0.9}, {"tucker.HOOI", 4}, {"tucker.", 1.5}, {"tt.", 2},
}

// seconds predicts the time of a plan: the operations, and what is moved,
// from memory or from the file.
func (r rates) seconds(p fit.Plan, fromFile bool) float64 {
	speed := r.Memory
	if fromFile && r.File > 0 {
		speed = min(r.File, speed)
	}
	times := 1.0
	for _, s := range slowness {
		if strings.HasPrefix(p.Algorithm, s.algorithm) {
			times = s.times
			break
		}
	}
	return times * (p.Flops/r.Flops + p.BytesMoved/speed)
}
