package par

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

func withThreads(n int, f func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	f()
}

func TestDoCallsEachOnce(t *testing.T) {
	for threads := 1; threads <= 4; threads++ {
		withThreads(threads, func() {
			for n := range 50 {
				calls := make([]atomic.Int32, n)
				Do(n, func(i int) { calls[i].Add(1) })
				for i := range calls {
					if c := calls[i].Load(); c != 1 {
						t.Fatalf("threads=%d n=%d: block %d ran %d times", threads, n, i, c)
					}
				}
			}
		})
	}
}

func TestBlocksCover(t *testing.T) {
	var sum atomic.Int64
	Blocks(1001, 10, func(b, lo, hi int) {
		if lo != 10*b || hi != min(lo+10, 1001) {
			t.Errorf("block %d is [%d, %d)", b, lo, hi)
		}
		sum.Add(int64(hi - lo))
	})
	if sum.Load() != 1001 {
		t.Errorf("covered %d of 1001", sum.Load())
	}
}

func TestPhasesInOrder(t *testing.T) {
	for threads := 1; threads <= 4; threads++ {
		withThreads(threads, func() {
			for range 200 {
				counts := []int{3, 0, 5, 1, 8}
				done := make([]atomic.Int32, len(counts))
				busy := make([]atomic.Int32, threads)
				Phases(threads, counts, func(w, p, i int) {
					if busy[w].Add(1) != 1 {
						t.Errorf("worker %d runs twice at a time", w)
					}
					for q := range p {
						if int(done[q].Load()) != counts[q] {
							t.Errorf("phase %d began before phase %d was done", p, q)
						}
					}
					done[p].Add(1)
					busy[w].Add(-1)
				})
				for p := range counts {
					if int(done[p].Load()) != counts[p] {
						t.Fatalf("phase %d ran %d of %d", p, done[p].Load(), counts[p])
					}
				}
			}
		})
	}
}

func TestNested(t *testing.T) {
	withThreads(3, func() {
		var n atomic.Int32
		Do(20, func(int) {
			Do(20, func(int) {
				Do(3, func(int) { n.Add(1) })
			})
		})
		if n.Load() != 1200 {
			t.Errorf("%d calls, want 1200", n.Load())
		}
	})
}

// Jobs inside of jobs ask for help that nobody has time for: that leaves neither
// goroutines nor shares behind.
func TestNestedJobsDoNotPileUp(t *testing.T) {
	withThreads(3, func() {
		before := runtime.NumGoroutine()
		var most, calls atomic.Int64
		Do(3, func(int) {
			for range 2000 {
				Do(4, func(int) { calls.Add(1) })
				most.Store(max(most.Load(), int64(runtime.NumGoroutine()-before)))
			}
		})
		if most.Load() > 20 {
			t.Errorf("%d goroutines beside those there were", most.Load())
		}
		if calls.Load() != 3*4*2000 {
			t.Errorf("%d calls", calls.Load())
		}
		helpers.Lock()
		defer helpers.Unlock()
		if n := len(helpers.shares); n > 0 {
			t.Errorf("%d shares are left", n)
		}
	})
}

func TestPanicReachesCaller(t *testing.T) {
	for threads := 1; threads <= 3; threads++ {
		withThreads(threads, func() {
			defer func() {
				if r := recover(); r != "block 7" {
					t.Errorf("threads=%d: recovered %v", threads, r)
				}
			}()
			Do(100, func(i int) {
				if i == 7 {
					panic("block 7")
				}
			})
			t.Errorf("threads=%d: no panic", threads)
		})
	}
}

func TestGoexitDoesNotHang(t *testing.T) {
	withThreads(2, func() {
		ended := make(chan any)
		go func() {
			defer func() { ended <- recover() }()
			Phases(2, []int{2, 1}, func(w, p, i int) {
				if w == 1 {
					runtime.Goexit()
				}
				if p == 0 {
					runtime.Gosched()
				}
			})
		}()
		<-ended
	})
}

// Goroutines that wait long sleep; the end of the phase, or a panic, wakes them.
func TestSleepersWake(t *testing.T) {
	withThreads(3, func() {
		var ended atomic.Int64
		for range 20 {
			Phases(3, []int{3, 3, 3}, func(_, phase, i int) {
				if n := ended.Load() % 9; n/3 != int64(phase) {
					t.Errorf("a call of phase %d after %d calls", phase, n)
				}
				if i == 0 {
					time.Sleep(4 * patience)
				}
				ended.Add(1)
			})
		}
		defer func() {
			if recover() == nil {
				t.Error("the panic was lost")
			}
		}()
		Do(3, func(i int) {
			if i == 2 {
				time.Sleep(4 * patience)
				panic("late")
			}
		})
	})
}
