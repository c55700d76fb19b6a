//go:build amd64

// Package peak measures how many multiply-adds a processor does when nothing
// is loaded or stored.
package peak

import (
	"sync"
	"time"

	"golang.org/x/sys/cpu"
)

//go:noescape
func fma512(n int)

//go:noescape
func fma256(n int)

// GFlops is the rate of float64 (or, twice that, float32) multiply-adds in
// GF/s on so many threads, the best of several tries, and the vector width
// in bits.
func GFlops(threads int, wide bool) (rate float64, bits int) {
	f, lanes := fma256, 4.0
	bits = 256
	if cpu.X86.HasAVX512F {
		f, lanes, bits = fma512, 8.0, 512
	}
	if !wide {
		lanes *= 2
	}
	const n = 2_000_000
	for range 15 {
		start := time.Now()
		var wg sync.WaitGroup
		for range threads {
			wg.Go(func() { f(n) })
		}
		wg.Wait()
		s := time.Since(start).Seconds()
		rate = max(rate, float64(threads)*n*12*2*lanes/s*1e-9)
	}
	return rate, bits
}
