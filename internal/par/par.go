// Package par hands fixed blocks of work to goroutines.
//
// Callers cut their *output* into blocks whose bounds depend on the problem
// alone, never on the number of threads; which goroutine computes a block
// then cannot change a bit of the result. The number of threads is
// runtime.GOMAXPROCS(0).
package par

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Do calls body(i) once for each i in [0, n), on up to GOMAXPROCS
// goroutines, and returns when all calls have returned. Blocks are handed
// out in increasing order. A panic in body is raised again in the caller.
func Do(n int, body func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		for i := range n {
			body(i)
		}
		return
	}
	var (
		next   atomic.Int64
		wg     sync.WaitGroup
		failed atomic.Pointer[any]
	)
	work := func() {
		defer wg.Done()
		defer func() {
			if r := recover(); r != nil {
				failed.CompareAndSwap(nil, &r)
				next.Store(int64(n))
			}
		}()
		for {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			body(i)
		}
	}
	wg.Add(workers)
	for range workers - 1 {
		go work()
	}
	work()
	wg.Wait()
	if p := failed.Load(); p != nil {
		panic(*p)
	}
}

// Blocks cuts [0, n) into pieces of the given size (the last may be shorter)
// and calls body(b, lo, hi) for each, as Do does.
func Blocks(n, size int, body func(b, lo, hi int)) {
	count := (n + size - 1) / size
	Do(count, func(b int) {
		lo := b * size
		body(b, lo, min(lo+size, n))
	})
}
