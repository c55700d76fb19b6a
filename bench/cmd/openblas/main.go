// Command openblas is the side of OpenBLAS: cmd/bench builds and runs it.
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
	"strings"
	"unsafe"

	"github.com/polyad/polyad/bench/internal/measure"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: openblas TASK (as JSON); run cmd/bench instead")
		os.Exit(2)
	}
	if err := measure.Main(os.Args[1], run); err != nil {
		fmt.Fprintln(os.Stderr, "openblas:", err)
		os.Exit(1)
	}
}

func run(t measure.Task) (measure.Outcome, error) {
	C.openblas_set_num_threads(C.int(t.Threads))
	var o measure.Outcome
	var err error
	if t.Type == "f32" {
		o, err = runType[float32](t)
	} else {
		o, err = runType[float64](t)
	}
	config := strings.Fields(C.GoString(C.openblas_get_config()))
	version := ""
	if len(config) > 1 {
		version = config[1]
	}
	o.Version = fmt.Sprintf("OpenBLAS %s (%s)", version, C.GoString(C.openblas_get_corename()))
	return o, err
}

func gemm[T float32 | float64](transA, m, n, k int, a []T, lda int, b []T, ldb int, c []T, ldc int) {
	pa, pb, pc := unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0]), unsafe.Pointer(&c[0])
	if unsafe.Sizeof(a[0]) == 8 {
		C.cblas_dgemm(101, C.int(transA), 111, C.int(m), C.int(n), C.int(k), 1, (*C.double)(pa), C.int(lda), (*C.double)(pb), C.int(ldb), 0, (*C.double)(pc), C.int(ldc))
	} else {
		C.cblas_sgemm(101, C.int(transA), 111, C.int(m), C.int(n), C.int(k), 1, (*C.float)(pa), C.int(lda), (*C.float)(pb), C.int(ldb), 0, (*C.float)(pc), C.int(ldc))
	}
}

func runType[T float32 | float64](t measure.Task) (o measure.Outcome, err error) {
	meter := measure.Start()
	var out []T
	var warm, work func()
	switch t.Job {
	case "gemm":
		n := t.Shape[0]
		a, b := measure.Fill[T](1, n*n), measure.Fill[T](2, n*n)
		out = make([]T, n*n)
		w := min(n, 1024)
		warm = func() { gemm(111, w, w, w, a, n, b, n, out, n) }
		work = func() { gemm(111, n, n, n, a, n, b, n, out, n) }
	case "gram":
		m, n := t.Shape[0], t.Shape[1]
		a := measure.Fill[T](1, m*n)
		out = make([]T, n*n)
		work = func() { gemm(112, n, n, m, a, n, a, n, out, n) }
		if t.Method == "dsyrk" { // row-major upper triangle of A^T*A
			work = func() {
				C.cblas_dsyrk(101, 121, 112, C.int(n), C.int(m), 1, (*C.double)(unsafe.Pointer(&a[0])), C.int(n), 0, (*C.double)(unsafe.Pointer(&out[0])), C.int(n))
			}
		}
		warm = work
	case "batch":
		count, n := t.Shape[0], t.Shape[1]
		size := count * n * n
		a, b := measure.Fill[T](1, size), measure.Fill[T](2, size)
		out = make([]T, size)
		pa, pb, pc := unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0]), unsafe.Pointer(&out[0])
		work = func() {
			if t.Type == "f64" {
				C.dgemm_batch(C.int(count), C.int(n), (*C.double)(pa), (*C.double)(pb), (*C.double)(pc))
			} else {
				C.sgemm_batch(C.int(count), C.int(n), (*C.float)(pa), (*C.float)(pb), (*C.float)(pc))
			}
		}
		warm = work
	default:
		return o, fmt.Errorf("unknown job %q; valid: gemm, gram, batch", t.Job)
	}
	err = meter.Run(&o, func() error { warm(); return nil }, func() error { work(); return nil })
	if t.Job == "gram" { // dsyrk leaves the lower triangle alone
		n := t.Shape[1]
		for i := range n {
			for j := range i {
				out[i*n+j] = out[j*n+i]
			}
		}
	}
	o.Check = []float64{measure.Checksum(out)}
	return o, err
}
