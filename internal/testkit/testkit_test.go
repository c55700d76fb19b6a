package testkit

import (
	"math"
	"runtime"
	"testing"
)

type value struct {
	a    []float64
	b    *complex128
	c    map[string]float32
	d    any
	text string
}

func TestSameBits(t *testing.T) {
	fresh := func() value {
		z := complex(0, math.NaN())
		return value{[]float64{0, math.NaN()}, &z, map[string]float32{"x": 1}, []int{1, 2}, "t"}
	}
	if !SameBits(fresh(), fresh()) {
		t.Error("like values are not the same")
	}
	for n, change := range []func(*value){
		func(v *value) { v.a[0] = math.Copysign(0, -1) },
		func(v *value) { v.a[1] = 0 },
		func(v *value) { v.a = append(v.a, 1) },
		func(v *value) { *v.b = complex(1, math.NaN()) },
		func(v *value) { v.b = nil },
		func(v *value) { v.c["x"] = 2 },
		func(v *value) { v.c = map[string]float32{"y": 1} },
		func(v *value) { v.d = []int{1, 3} },
		func(v *value) { v.d = 1 },
		func(v *value) { v.d = nil },
		func(v *value) { v.text = "" },
	} {
		v := fresh()
		if change(&v); SameBits(v, fresh()) {
			t.Errorf("change %d is not seen", n)
		}
	}
}

func TestThreads(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	var seen []int
	if got := Threads(t, "one", func() int { seen = append(seen, runtime.GOMAXPROCS(0)); return 1 }); got != 1 || len(seen) != 3 || seen[2] != 3 {
		t.Errorf("%d, with %v threads", got, seen)
	}
	if runtime.GOMAXPROCS(0) != before {
		t.Error("the number of threads is not what it was")
	}
	fake := &testing.T{}
	if Threads(fake, "threads", func() int { return runtime.GOMAXPROCS(0) }); !fake.Failed() {
		t.Error("other results pass")
	}
}
