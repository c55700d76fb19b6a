//go:build !amd64 || purego

package kernel

import "unsafe"

// supported lists the variants that run here, best first.
func supported() []variant { return []variant{portable} }

func blockingFor[T Float](variant) blocking { return goBlocking }

func runPanel[T Float](_ variant, p *panelArgs) { panelGo[T](p) }

func runStream[T Float](_ variant, p *streamArgs) { panelGo[T](&p.panelArgs) }

func dotBlock[T Float](x, y []T) float64 { return dotGo(x, y) }

func sumBlock[T Float](x []T) float64 { return sumGo(x) }

func distBlock[T Float](x []T, y []float64) float64 { return distGo(x, y) }

func axpyBlock[T Float](alpha T, x, y []T) { axpyGo(alpha, x, y) }

func scalBlock[T Float](alpha T, x []T) { scalGo(alpha, x) }

func widen(dst []float64, src []float32) { widenGo(dst, src) }

func transposeFast(unsafe.Pointer, int, unsafe.Pointer, int, int, int, int, unsafe.Pointer) (int, int) {
	return 0, 0
}

func prefetch(unsafe.Pointer, int) {}
