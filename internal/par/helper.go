package par

import (
	"runtime"
	"slices"
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

// helpers are what there is to be done and who waits to do it. Nested jobs ask
// for help in great numbers while all threads are busy: their shares wait in a
// list, from which the caller takes what nobody has begun when the job is
// done, rather than each in a goroutine of its own.
var helpers struct {
	sync.Mutex
	idle   []*helper // look out for a share
	shares []*share  // that nobody has taken, the oldest first
	coming int       // helpers that were started and have not yet run
}

// help gives a share of j to a helper, or leaves it in the list for one.
func help(j *job, worker int) (listed bool) {
	s := &share{j, worker}
	helpers.Lock()
	if n := len(helpers.idle); n > 0 {
		h := helpers.idle[n-1]
		helpers.idle = helpers.idle[:n-1]
		helpers.Unlock()
		h.next.Store(s)
		return false
	}
	helpers.shares = append(helpers.shares, s)
	start := helpers.coming < runtime.GOMAXPROCS(0)-1
	if start {
		helpers.coming++
	}
	helpers.Unlock()
	if start {
		go new(helper).run()
	}
	return true
}

// withdraw takes the shares of j off the list.
func withdraw(j *job) {
	helpers.Lock()
	helpers.shares = slices.DeleteFunc(helpers.shares, func(s *share) bool { return s.job == j })
	helpers.Unlock()
}

// oldest takes the first share off the list, nil if there is none. It is called
// with the lock held.
func oldest() *share {
	if len(helpers.shares) == 0 {
		return nil
	}
	s := helpers.shares[0]
	helpers.shares = slices.Delete(helpers.shares, 0, 1)
	return s
}

// run works on the shares in the list, and on what it is given while it looks
// out.
func (h *helper) run() {
	helpers.Lock()
	helpers.coming--
	s := oldest()
	helpers.Unlock()
	for s != nil {
		late := !s.job.work(s.worker)
		s = h.wait(late)
	}
}

// wait returns the next share, or nil when it is time to end: at once if the
// last one came too late, for then there are helpers enough.
func (h *helper) wait(late bool) *share {
	helpers.Lock()
	if s := oldest(); s != nil || late || len(helpers.idle) >= runtime.GOMAXPROCS(0)-1 {
		helpers.Unlock()
		return s
	}
	helpers.idle = append(helpers.idle, h)
	helpers.Unlock()
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
	helpers.Lock()
	defer helpers.Unlock()
	for i, other := range helpers.idle {
		if other == h {
			helpers.idle = append(helpers.idle[:i], helpers.idle[i+1:]...)
			return true
		}
	}
	return false
}
