package cli

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/polyad/polyad/fit"
)

// memUnits are the units of --mem, longest ending first.
var memUnits = []struct {
	ending string
	bytes  float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"B", 1},
}

// parseMem reads --mem: a number of bytes, or a number with a unit. Nothing
// gives 0, no limit.
func parseMem(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	text, unit := strings.TrimSpace(s), 1.0
	for _, u := range memUnits {
		if strings.HasSuffix(text, u.ending) {
			text, unit = strings.TrimSpace(strings.TrimSuffix(text, u.ending)), u.bytes
			break
		}
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || !(v*unit >= 1) || v*unit >= 1<<62 {
		return 0, fmt.Errorf("--mem %s: a size is expected: bytes (2000000000), or a number with kB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB (powers of 1024), such as 500MB or 2GiB", s)
	}
	return int64(v * unit), nil
}

const (
	// processBytes is what the program itself needs beside its tensors: its
	// code, the runtime, packed blocks of the kernels.
	processBytes = 26 << 20
	// outsideBytes is the part of it that the runtime does not count.
	outsideBytes = 23 << 20
	// threadBytes is what a thread more than two takes. Other plans are not made
	// for it: the bits of a result do not depend on the number of threads.
	threadBytes = 1 << 19
	// gcPercent is how much garbage may lie beside what is in use, under
	// a prediction. There are few and large objects, so that collecting is cheap.
	gcPercent = 25
	// garbage is the share of it that there is at the peak, by measurement.
	garbage = 0.1
)

// slabFor is the size of a slab under a limit: it depends on nothing else, so
// that the bits of a result do not either.
func slabFor(mem int64) int64 { return max(1<<20, min(mem/16, 64<<20)) }

// need is what one way of making a model takes.
type need struct {
	fit.Plan
	slab   int64 // 0: the data are in memory, or mapped
	data   int64 // bytes of the data, or of two slabs
	mapped int64 // of them, those that the runtime does not count
}

// room is what is left for the work beside the data.
func (n *need) room(mem int64) int64 { return mem - processBytes - n.data }

// inMemory predicts the peak with the data in memory: p is the plan of the
// method.
func (c *candidate) inMemory(p fit.Plan) need {
	peak := func(bytes int64) int64 { return processBytes + c.data + withGarbage(bytes-c.elements) }
	p.PeakBytes = peak(p.PeakBytes)
	p.Candidates = slices.Clone(p.Candidates)
	for i := range p.Candidates {
		p.Candidates[i].PeakBytes = peak(p.Candidates[i].PeakBytes)
	}
	return need{Plan: p, data: c.data, mapped: c.mapped}
}

// withGarbage is work space with what is not collected yet, and what the
// runtime has not given back.
func withGarbage(work int64) int64 { return int64((1 + garbage) * float64(work)) }

// streamed predicts the peak with slabs: two of them, what one becomes on the
// way, and the work.
func streamed(p fit.Plan, elements, mem int64) need {
	for _, c := range p.Candidates { // slabs have no use for partial results: the least work space is theirs
		if c.PeakBytes < p.PeakBytes {
			p = c
		}
	}
	work := p.PeakBytes - elements
	slab := min(slabFor(mem), elements)
	p.PeakBytes = processBytes + withGarbage(2*slab+slab/2+work)
	return need{Plan: p, slab: slab, data: 2 * slab}
}

// leastStreamed is the smallest limit under which slabs will do.
func leastStreamed(p fit.Plan, elements int64) int64 {
	mem := int64(0)
	for range 64 {
		n := streamed(p, elements, mem)
		if n.PeakBytes <= mem {
			break
		}
		mem = n.PeakBytes
	}
	return mem
}

// tooLarge refuses a run with the figures.
func tooLarge(mem int64, whole need, slabs *need, least int64, why string) error {
	text := fmt.Sprintf("--mem allows %s; in memory %s needs %s", size(mem), whole.Algorithm, size(whole.PeakBytes))
	if slabs != nil {
		text += fmt.Sprintf(", in slabs from the file %s", size(slabs.PeakBytes))
	} else {
		text += ", and " + why
	}
	return fmt.Errorf("%s; the least that will do is --mem %s", text, wholeMB(least))
}

// wholeMB is a size rounded up to what --mem reads.
func wholeMB(n int64) string { return fmt.Sprintf("%dMB", (n+999_999)/1_000_000) }

// beyond is how far above the prediction garbage may bring the memory in use.
const beyond = 1.02

// smallHeap is a heap whose garbage is not worth collecting often: a small
// problem would spend its time on that.
const smallHeap = 24 << 20

// keepTo tells the runtime of a limit, and of the prediction, until release is
// called: before garbage makes either untrue, it is collected.
func keepTo(mem int64, n need) (release func()) {
	predicted := int64(beyond*float64(n.PeakBytes)) - outsideBytes
	percent := gcPercent
	if predicted < smallHeap {
		predicted, percent = smallHeap, 100
	}
	heap := min(mem-outsideBytes, predicted) - n.mapped - int64(max(0, runtime.GOMAXPROCS(0)-2))*threadBytes
	limit := debug.SetMemoryLimit(max(heap, 4<<20))
	percent = debug.SetGCPercent(percent)
	return func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	}
}
