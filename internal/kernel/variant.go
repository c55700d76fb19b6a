package kernel

import (
	"fmt"
	"os"
	"strings"
	"unsafe"
)

// variant is an instruction set that the kernels are written for.
type variant uint8

const (
	portable variant = iota // Go alone
	avx2                    // AVX2 and FMA
	avx512                  // AVX-512 F, DQ, BW and VL
)

var variantNames = [...]string{portable: "go", avx2: "avx2", avx512: "avx512"}

func (v variant) String() string { return variantNames[v] }

// active is the variant in use. Only tests change it after start.
var active = start()

// Variant names the kernels in use: "avx512", "avx2" or "go".
func Variant() string { return active.String() }

// start reports a name in POLYAD_KERNEL that cannot be honoured on standard
// error and goes on, as the Go runtime does for GODEBUG.
func start() variant {
	v, warning := choose(os.Getenv("POLYAD_KERNEL"))
	if warning != "" {
		fmt.Fprintln(os.Stderr, warning)
	}
	return v
}

// choose is the best variant that the processor runs, or the one that is
// asked for by name, with a warning if it cannot be had.
func choose(name string) (variant, string) {
	best := supported()
	if name == "" {
		return best[0], ""
	}
	var names []string
	for _, v := range best {
		if v.String() == name {
			return v, ""
		}
		names = append(names, v.String())
	}
	return best[0], fmt.Sprintf("POLYAD_KERNEL=%q is unknown or not supported by this processor and build; valid here: %s; using %s",
		name, strings.Join(names, ", "), best[0])
}

// blocking is the shape of the blocks of a matrix product: a tile of mr×nr
// elements of C in registers, mc×kc of A in the second-level cache and kc×nc
// of B in the third. A register holds vec elements.
type blocking struct{ mr, nr, vec, mc, kc, nc int }

// panels is the number of panels that n columns are cut in.
func (bl *blocking) panels(n int) int { return ceilDiv(n, bl.nr) }

// panel returns the columns of panel p of n: nr of them, but if one vector
// would be left for the last of tiles of three, the last two take two each.
func (bl *blocking) panel(p, n int) (lo, hi int) {
	lo, hi = p*bl.nr, min((p+1)*bl.nr, n)
	if left := n - lo; bl.nr == 3*bl.vec {
		if left > bl.nr && left <= bl.nr+bl.vec {
			hi -= bl.vec
		} else if left <= bl.vec && p > 0 {
			lo -= bl.vec
		}
	}
	return lo, hi
}

// panelArgs is what a panel kernel is called with. The kernels compute, for
// i in [0, m) and j in [0, cols), with strides in bytes,
//
//	C[i,j] = beta*C[i,j] + alpha * sum over l in [0, k) of A[i,l]*B[l,j]
//
// where row i of A starts at a + (i/mr)*aStep + (i%mr)*aRS, its elements are
// aCS apart, and rows of B and C are contiguous. C is not read if beta == 0.
// The field order is known to the assembly.
type panelArgs struct {
	m, k, cols      int
	a               unsafe.Pointer
	aRS, aCS, aStep int
	b               unsafe.Pointer
	bRS             int
	c               unsafe.Pointer
	cRS             int
	alpha, beta     float64
	next, nextEnd   uintptr // addresses to fetch into the cache meanwhile
}
