// Command openblas times one case on the system's OpenBLAS. The harness in
// cmd/gemm builds and runs it; see there.
package main

/*
#cgo LDFLAGS: -lopenblas
#include <stdlib.h>
char *openblas_get_corename(void);
char *openblas_get_config(void);
void openblas_set_num_threads(int);
void cblas_dgemm(int, int, int, int, int, int, double, const double *, int, const double *, int, double, double *, int);
void cblas_sgemm(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
void cblas_dsyrk(int, int, int, int, int, double, const double *, int, double, double *, int);

// The loops over a batch are in C, so that crossing from Go costs nothing.
static void dgemm_batch(int count, int n, const double *a, const double *b, double *c) {
	for (int p = 0; p < count; p++)
		cblas_dgemm(101, 111, 111, n, n, n, 1, a + (size_t)p*n*n, n, b + (size_t)p*n*n, n, 0, c + (size_t)p*n*n, n);
}
static void sgemm_batch(int count, int n, const float *a, const float *b, float *c) {
	for (int p = 0; p < count; p++)
		cblas_sgemm(101, 111, 111, n, n, n, 1, a + (size_t)p*n*n, n, b + (size_t)p*n*n, n, 0, c + (size_t)p*n*n, n);
}
*/
import "C"

import (
	"fmt"
	"os"
	"unsafe"

	"github.com/polyad/polyad/bench/internal/work"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: openblas CASE (as JSON); run cmd/gemm instead")
		os.Exit(2)
	}
	work.Main(os.Args[1], run)
}

func run(c work.Case) (work.Result, error) {
	C.openblas_set_num_threads(C.int(c.Threads))
	var r work.Result
	var err error
	if c.Type == "f32" {
		r, err = runType[float32](c)
	} else {
		r, err = runType[float64](c)
	}
	r.Config = fmt.Sprintf("core %s; %s", C.GoString(C.openblas_get_corename()), C.GoString(C.openblas_get_config()))
	return r, err
}

func gemm[T float32 | float64](transA, m, n, k int, a []T, lda int, b []T, ldb int, c []T, ldc int) {
	pa, pb, pc := unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0]), unsafe.Pointer(&c[0])
	if unsafe.Sizeof(a[0]) == 8 {
		C.cblas_dgemm(101, C.int(transA), 111, C.int(m), C.int(n), C.int(k), 1, (*C.double)(pa), C.int(lda), (*C.double)(pb), C.int(ldb), 0, (*C.double)(pc), C.int(ldc))
	} else {
		C.cblas_sgemm(101, C.int(transA), 111, C.int(m), C.int(n), C.int(k), 1, (*C.float)(pa), C.int(lda), (*C.float)(pb), C.int(ldb), 0, (*C.float)(pc), C.int(ldc))
	}
}

func runType[T float32 | float64](c work.Case) (r work.Result, err error) {
	n := c.N
	switch c.Kind {
	case "gemm":
		a, b, out := work.Fill[T](1, n*n), work.Fill[T](2, n*n), make([]T, n*n)
		w := min(n, 1024)
		r.Seconds, r.Calls = work.Time(func() { gemm(111, w, w, w, a, n, b, n, out, n) },
			func() { gemm(111, n, n, n, a, n, b, n, out, n) })
		r.Sum = work.Sum(out)
	case "gram":
		a, out := work.Fill[T](1, c.Rows*n), make([]T, n*n)
		f := func() { gemm(112, n, n, c.Rows, a, n, a, n, out, n) }
		if c.Peer == "dsyrk" {
			if c.Type != "f64" {
				return r, fmt.Errorf("dsyrk is for f64")
			}
			f = func() { // row-major upper triangle of A^T*A
				C.cblas_dsyrk(101, 121, 112, C.int(n), C.int(c.Rows), 1, (*C.double)(unsafe.Pointer(&a[0])), C.int(n), 0, (*C.double)(unsafe.Pointer(&out[0])), C.int(n))
			}
		}
		r.Seconds, r.Calls = work.Time(f, f)
		for i := range n { // dsyrk leaves the lower triangle alone
			for j := range i {
				out[i*n+j] = out[j*n+i]
			}
		}
		r.Sum = work.Sum(out)
	case "batch":
		size := c.Rows * n * n
		a, b, out := work.Fill[T](1, size), work.Fill[T](2, size), make([]T, size)
		pa, pb, pc := unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0]), unsafe.Pointer(&out[0])
		f := func() {
			if c.Type == "f64" {
				C.dgemm_batch(C.int(c.Rows), C.int(n), (*C.double)(pa), (*C.double)(pb), (*C.double)(pc))
			} else {
				C.sgemm_batch(C.int(c.Rows), C.int(n), (*C.float)(pa), (*C.float)(pb), (*C.float)(pc))
			}
		}
		r.Seconds, r.Calls = work.Time(f, f)
		r.Sum = work.Sum(out)
	default:
		return r, fmt.Errorf("unknown kind %q; valid: gemm, gram, batch", c.Kind)
	}
	return r, nil
}
