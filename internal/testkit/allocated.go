package testkit

import (
	"runtime"
	"testing"
)

// Allocates runs f and fails the test if it takes more than so many bytes of
// memory, those given back included. Nothing else may run meanwhile.
func Allocates(t testing.TB, most int, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > uint64(most) {
		t.Errorf("%d bytes of memory were taken, %d at most are expected", took, most)
	}
}
