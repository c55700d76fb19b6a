// Package machine measures what the processor and the memory can do: the
// roofline (Williams, Waterman & Patterson 2009,
// https://doi.org/10.1145/1498765.1498785) against which times are held.
package machine

import (
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Rates are what was measured on a number of threads; 0 is unknown.
type Rates struct {
	Threads   int     `json:"threads"`
	Flops64   float64 `json:"flops_f64"` // float64 operations a second on registers, a multiply-add being two
	Flops32   float64 `json:"flops_f32"`
	Bandwidth float64 `json:"triad_bytes"` // bytes a second of a = b + s*c on arrays larger than any cache
}

// Measure takes a second or so.
func Measure(threads int) Rates {
	r := Rates{Threads: threads, Bandwidth: bandwidth(threads)}
	r.Flops64 = Flops(threads)
	r.Flops32 = 2 * r.Flops64
	return r
}

// Seconds is the least time for work on this machine.
func (r Rates) Seconds(flops, bytes float64, single bool) float64 {
	rate := r.Flops64
	if single {
		rate = r.Flops32
	}
	if rate == 0 || r.Bandwidth == 0 {
		return 0
	}
	return max(flops/rate, bytes/r.Bandwidth)
}

// Flops is the rate of float64 operations on registers, the best of several
// tries.
func Flops(threads int) (rate float64) {
	const n = 10_000_000 // long enough for the system to give each thread a processor
	for range 7 {
		s := parallel(threads, func(int) { spin(n) })
		rate = max(rate, float64(threads)*n*spinFlops()/s)
	}
	return rate
}

// bandwidth is the best of several tries of the triad, each thread on its
// share. As in STREAM, 24 bytes are counted for an element.
func bandwidth(threads int) (rate float64) {
	const n = 8 << 20 // elements of an array: 64 MiB
	a, b, c := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range b {
		b[i], c[i] = float64(i), 1
	}
	for range 8 {
		s := parallel(threads, func(p int) {
			lo, hi := p*n/threads&^63, (p+1)*n/threads&^63
			triad(a[lo:hi], b[lo:hi], c[lo:hi], 3)
		})
		rate = max(rate, 24*n/s)
	}
	return rate
}

func parallel(threads int, f func(p int)) (seconds float64) {
	begin := time.Now()
	var wg sync.WaitGroup
	for p := range threads {
		wg.Go(func() { f(p) })
	}
	wg.Wait()
	return time.Since(begin).Seconds()
}

// Name is the processor, as the system calls it.
func Name() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
