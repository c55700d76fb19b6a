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
	"time"
)

// patience is how long a goroutine that has done its share spins while the
// last calls of others run. It then sleeps: on a machine with other work, the
// thread that those calls need may be waiting for this one's processor.
const patience = 300 * time.Microsecond

// Do calls body(i) once for each i in [0, n), on up to GOMAXPROCS
// goroutines, and returns when all calls have returned. Blocks are handed
// out in increasing order. A panic in body is raised again in the caller.
func Do(n int, body func(i int)) {
	if runtime.GOMAXPROCS(0) == 1 || n <= 1 {
		for i := range n {
			body(i)
		}
		return
	}
	Phases(runtime.GOMAXPROCS(0), []int{n}, func(_, _, i int) { body(i) })
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

// worth is how many steps of a calculation a block should hold at least: less
// is done before another goroutine has begun.
const worth = 1 << 15

// Rows cuts [0, n) into pieces that are worth a goroutine, if each item takes
// the given number of steps (products, say), and calls body(lo, hi) for each,
// as Do does.
func Rows(n, steps int, body func(lo, hi int)) {
	Blocks(n, max(1, worth/max(1, steps)), func(_, lo, hi int) { body(lo, hi) })
}

// Phases calls body(worker, p, i) once for each phase p and each i in
// [0, counts[p]), on at most the given number of goroutines. Phase p+1
// begins when all calls of phase p have returned. No two calls with the same
// worker, a number in [0, threads), run at a time. A panic in body is raised
// again in the caller.
//
// The caller takes part, and waits for calls only, never for a goroutine to
// start: a helper that comes late finds less to do, or nothing.
func Phases(threads int, counts []int, body func(worker, phase, i int)) {
	most := 0
	for _, n := range counts {
		most = max(most, n)
	}
	threads = min(threads, most)
	if threads <= 1 {
		for p, n := range counts {
			for i := range n {
				body(0, p, i)
			}
		}
		return
	}
	j := &job{counts: counts, body: body, phases: make([]phase, len(counts))}
	j.change.L = &j.mu
	listed := false
	for w := 1; w < threads; w++ {
		listed = help(j, w) || listed
	}
	j.work(0)
	if listed {
		withdraw(j)
	}
	if p := j.failed.Load(); p != nil {
		// Helpers may still be inside body: let them out before the caller
		// unwinds what they work on.
		for j.inside.Load() > 0 {
			runtime.Gosched()
		}
		panic(*p)
	}
}

// job is one call of Phases.
type job struct {
	counts []int
	body   func(worker, phase, i int)
	phases []phase
	inside atomic.Int64 // goroutines that may be in body
	failed atomic.Pointer[any]

	mu     sync.Mutex
	change sync.Cond // a phase has ended, or a call has failed
}

// phase counts the calls that were handed out and those that returned.
type phase struct {
	next, done atomic.Int64
	asleep     atomic.Bool // somebody sleeps until it ends
	_          [40]byte    // a cache line of its own
}

// work makes calls until none is left, and reports whether it made any.
func (j *job) work(worker int) (worked bool) {
	j.inside.Add(1)
	defer j.inside.Add(-1)
	returned := false
	defer func() {
		if !returned {
			r := recover()
			if r == nil {
				r = any("par: a block ended its goroutine")
			}
			j.failed.CompareAndSwap(nil, &r)
			j.wake()
		}
	}()
	for p := range j.phases {
		ph, n := &j.phases[p], int64(j.counts[p])
		for j.failed.Load() == nil {
			i := ph.next.Add(1) - 1
			if i >= n {
				break
			}
			worked = true
			j.body(worker, p, int(i))
			if ph.done.Add(1) == n && ph.asleep.Load() {
				j.wake()
			}
		}
		if !j.await(ph, n) {
			break
		}
	}
	returned = true
	return worked
}

// await returns when n calls of a phase have returned, and reports whether
// none has failed.
func (j *job) await(ph *phase, n int64) bool {
	over := func() bool { return ph.done.Load() >= n || j.failed.Load() != nil }
	for range 50_000 { // some 20 µs
		if over() {
			return j.failed.Load() == nil
		}
	}
	for start := time.Now(); time.Since(start) < patience; runtime.Gosched() {
		if over() {
			return j.failed.Load() == nil
		}
	}
	ph.asleep.Store(true) // before done is looked at, which wake's caller has set before
	j.mu.Lock()
	defer j.mu.Unlock()
	for !over() {
		j.change.Wait()
	}
	return j.failed.Load() == nil
}

// wake wakes those that sleep in await.
func (j *job) wake() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.change.Broadcast()
}
