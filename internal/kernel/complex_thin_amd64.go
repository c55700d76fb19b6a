//go:build !purego

package kernel

import "unsafe"

// The kernels below compute what thinArgs says.

//go:noescape
func thinF64AVX512(p *thinArgs)

//go:noescape
func thinF32AVX512(p *thinArgs)

//go:noescape
func thinF64AVX2(p *thinArgs)

//go:noescape
func thinF32AVX2(p *thinArgs)

// callThin calls the kernel for T.
func callThin[T Complex](p *thinArgs) {
	switch single := unsafe.Sizeof(T(0)) == 8; {
	case active == avx512 && single:
		thinF32AVX512(p)
	case active == avx512:
		thinF64AVX512(p)
	case single:
		thinF32AVX2(p)
	default:
		thinF64AVX2(p)
	}
}
