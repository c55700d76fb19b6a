package par

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Waking a sleeping thread takes longer than a product of 256×256 matrices.
// A helper that has done its share therefore looks out for the next job for a
// moment, yielding to any goroutine that can run, before it ends.
const lookout = 100 * time.Microsecond

// helper is a goroutine that runs shares of jobs.
type helper struct {
	next atomic.Pointer[share]
}

// share is the part of a job that is meant for one worker.
type share struct {
	job    *job
	worker int
}

// idle holds the helpers that look out for a share.
var idle struct {
	sync.Mutex
	list []*helper
}

// help gives a share of j to a helper.
func help(j *job, worker int) {
	s := &share{j, worker}
	idle.Lock()
	if n := len(idle.list); n > 0 {
		h := idle.list[n-1]
		idle.list = idle.list[:n-1]
		idle.Unlock()
		h.next.Store(s)
		return
	}
	idle.Unlock()
	go new(helper).run(s)
}

// run works on s and on what it is given while it looks out.
func (h *helper) run(s *share) {
	for s != nil {
		if !s.job.work(s.worker) {
			return // it came too late: there are helpers enough
		}
		s = h.wait()
	}
}

// wait returns the next share, or nil when it is time to end.
func (h *helper) wait() *share {
	idle.Lock()
	if len(idle.list) >= runtime.GOMAXPROCS(0)-1 {
		idle.Unlock()
		return nil
	}
	idle.list = append(idle.list, h)
	idle.Unlock()
	for start := time.Now(); ; {
		// Yield seldom: a goroutine that yields may end up behind another
		// on a thread that is busy, while its own goes to sleep.
		for range 5000 {
			if s := h.next.Load(); s != nil {
				h.next.Store(nil)
				return s
			}
		}
		if time.Since(start) > lookout && h.leave() {
			return nil
		}
		runtime.Gosched()
	}
}

// leave takes h off the list, unless somebody is about to give it a share.
func (h *helper) leave() bool {
	idle.Lock()
	defer idle.Unlock()
	for i, other := range idle.list {
		if other == h {
			idle.list = append(idle.list[:i], idle.list[i+1:]...)
			return true
		}
	}
	return false
}
