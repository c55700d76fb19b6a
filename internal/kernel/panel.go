package kernel

import "unsafe"

// goBlocking is the blocking of the portable kernels.
var goBlocking = blocking{mr: 2, nr: 16, vec: 4, mc: 64, kc: 256, nc: 1024}

func ptrAdd(p unsafe.Pointer, n int) unsafe.Pointer { return unsafe.Add(p, n) }

// panelGo is the portable panel kernel; see panelArgs.
func panelGo[T Float](p *panelArgs) {
	size := int(unsafe.Sizeof(T(0)))
	alpha, beta := T(p.alpha), T(p.beta)
	for j := 0; j < p.cols; j += 4 {
		b := ptrAdd(p.b, j*size)
		cols := min(4, p.cols-j)
		for i := 0; i < p.m; i += 2 {
			a := ptrAdd(p.a, i/2*p.aStep)
			c := ptrAdd(p.c, i*p.cRS+j*size)
			if i+2 <= p.m && cols == 4 {
				tile2x4(p, a, b, c, alpha, beta)
				continue
			}
			for r := range min(2, p.m-i) {
				for h := range cols {
					var s T
					x, y := ptrAdd(a, r*p.aRS), ptrAdd(b, h*size)
					for l := range p.k {
						s += *(*T)(ptrAdd(x, l*p.aCS)) * *(*T)(ptrAdd(y, l*p.bRS))
					}
					store((*T)(ptrAdd(c, r*p.cRS+h*size)), alpha, s, beta)
				}
			}
		}
	}
}

func store[T Float](c *T, alpha, s, beta T) {
	if beta == 0 {
		*c = alpha * s
	} else {
		*c = beta**c + alpha*s
	}
}

func tile2x4[T Float](p *panelArgs, a, b, c unsafe.Pointer, alpha, beta T) {
	var s00, s01, s02, s03, s10, s11, s12, s13 T
	aRS, aCS, bRS := p.aRS, p.aCS, p.bRS
	for l := 0; l < p.k; l++ {
		y := (*[4]T)(ptrAdd(b, l*bRS))
		x := ptrAdd(a, l*aCS)
		a0, a1 := *(*T)(x), *(*T)(ptrAdd(x, aRS))
		b0, b1, b2, b3 := y[0], y[1], y[2], y[3]
		s00 += a0 * b0
		s01 += a0 * b1
		s02 += a0 * b2
		s03 += a0 * b3
		s10 += a1 * b0
		s11 += a1 * b1
		s12 += a1 * b2
		s13 += a1 * b3
	}
	c0, c1 := (*[4]T)(c), (*[4]T)(ptrAdd(c, p.cRS))
	for j, s := range [4]T{s00, s01, s02, s03} {
		store(&c0[j], alpha, s, beta)
	}
	for j, s := range [4]T{s10, s11, s12, s13} {
		store(&c1[j], alpha, s, beta)
	}
}
