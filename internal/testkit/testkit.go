// Package testkit holds what the tests of many packages need. It imports no
// other package of the module, so that the tests of any may use it.
package testkit

import (
	"math"
	"reflect"
	"runtime"
	"strconv"
	"testing"
)

// Threads runs f with 1, 2 and 3 threads, fails the test unless the results
// have the same bits, and returns that of one thread.
func Threads[T any](t testing.TB, what string, f func() T) T {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	first := f()
	for threads := 2; threads <= 3; threads++ {
		runtime.GOMAXPROCS(threads)
		if at, same := compare(reflect.ValueOf(f()), reflect.ValueOf(first)); !same {
			t.Errorf("%s: other bits with %d threads than with one: result%s", what, threads, at)
		}
	}
	return first
}

// SameBits says whether two values are the same to the bit: numbers that are
// NaN may be equal, and 0 is not −0. Values behind pointers and in slices,
// fields that are not exported as well, are compared; functions are passed
// over. Values have no cycles.
func SameBits[T any](a, b T) bool {
	_, same := compare(reflect.ValueOf(a), reflect.ValueOf(b))
	return same
}

// compare is [SameBits]; at is the path to the first difference.
func compare(a, b reflect.Value) (at string, same bool) {
	if a.IsValid() != b.IsValid() || a.IsValid() && a.Type() != b.Type() {
		return ": another type", false
	}
	if !a.IsValid() {
		return "", true
	}
	switch a.Kind() {
	case reflect.Float32, reflect.Float64:
		return "", math.Float64bits(a.Float()) == math.Float64bits(b.Float())
	case reflect.Complex64, reflect.Complex128:
		x, y := a.Complex(), b.Complex()
		return "", math.Float64bits(real(x)) == math.Float64bits(real(y)) && math.Float64bits(imag(x)) == math.Float64bits(imag(y))
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return "", a.IsNil() == b.IsNil()
		}
		return compare(a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if at, same := compare(a.Field(i), b.Field(i)); !same {
				return "." + a.Type().Field(i).Name + at, false
			}
		}
		return "", true
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			return ": another length", false
		}
		for i := range a.Len() {
			if at, same := compare(a.Index(i), b.Index(i)); !same {
				return "[" + strconv.Itoa(i) + "]" + at, false
			}
		}
		return "", true
	case reflect.Map:
		if a.Len() != b.Len() {
			return ": another length", false
		}
		for _, key := range a.MapKeys() {
			if at, same := compare(a.MapIndex(key), b.MapIndex(key)); !same {
				return "[" + key.String() + "]" + at, false
			}
		}
		return "", true
	case reflect.Func:
		return "", true
	}
	return "", a.Equal(b)
}
