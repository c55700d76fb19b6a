package main

import "fmt"

// vectors prints dot, sum, dist, axpy, scal and, for float32, widen. Their lengths
// are multiples of a block of elements; Go does the rest.
func (w *writer) vectors() {
	w.reduce("dot", true)
	w.reduce("sum", false)
	w.reduce("dist", true)
	w.update("axpy", true)
	w.update("scal", false)
	if w.elem.size == 4 {
		w.widen()
	}
}

// open prints the head of a function with so many bytes of arguments.
func (w *writer) open(name, decl string, frame int) {
	w.printf("\n// func %s%s%s(%s)\n", name, w.elem.name, w.isa.name, decl)
	w.printf("TEXT ·%s%s%s(SB), NOSPLIT, $0-%d\n", name, w.elem.name, w.isa.name, frame)
}

// blockOf is the number of elements in a step of the loops: 8 vectors of
// float64 lanes.
func (w *writer) blockOf() int { return 8 * w.bytes / 8 }

// reduce prints a sum over n elements in float64: 8 accumulators, added
// pairwise. The second operand of dist is float64 always.
func (w *writer) reduce(name string, two bool) {
	if two {
		w.open(name, "x, y unsafe.Pointer, n int) (s float64", 32)
		w.op("MOVQ x+0(FP), SI")
		w.op("MOVQ y+8(FP), DI")
		w.op("MOVQ n+16(FP), CX")
	} else {
		w.open(name, "x unsafe.Pointer, n int) (s float64", 24)
		w.op("MOVQ x+0(FP), SI")
		w.op("MOVQ n+8(FP), CX")
	}
	xor := "VXORPD"
	if w.masked {
		xor = "VPXORQ"
	}
	for i := range 8 {
		w.op("%s %s, %s, %s", xor, w.v(i), w.v(i), w.v(i))
	}
	w.label("loop")
	w.op("SUBQ $%d, CX", w.blockOf())
	w.op("JLT done")
	lanes := w.bytes / 8 // float64 lanes of a vector
	step := lanes * w.elem.size
	for i := range 8 {
		x := fmt.Sprintf("%d(SI)", i*step)
		y := fmt.Sprintf("%d(DI)", i*step)
		switch {
		case name == "dist":
			y = fmt.Sprintf("%d(DI)", i*w.bytes)
			if w.elem.size == 4 {
				w.op("VCVTPS2PD %s, %s", x, w.v(8))
			} else {
				w.op("VMOVUPD %s, %s", x, w.v(8))
			}
			w.op("VSUBPD %s, %s, %s", y, w.v(8), w.v(8))
			w.op("VFMADD231PD %s, %s, %s", w.v(8), w.v(8), w.v(i))
		case w.elem.size == 4 && two:
			w.op("VCVTPS2PD %s, %s", x, w.v(8))
			w.op("VCVTPS2PD %s, %s", y, w.v(9))
			w.op("VFMADD231PD %s, %s, %s", w.v(8), w.v(9), w.v(i))
		case w.elem.size == 4:
			w.op("VCVTPS2PD %s, %s", x, w.v(8))
			w.op("VADDPD %s, %s, %s", w.v(8), w.v(i), w.v(i))
		case two:
			w.op("VMOVUPD %s, %s", x, w.v(8))
			w.op("VFMADD231PD %s, %s, %s", y, w.v(8), w.v(i))
		default:
			w.op("VADDPD %s, %s, %s", x, w.v(i), w.v(i))
		}
	}
	w.op("ADDQ $%d, SI", 8*step)
	switch {
	case name == "dist":
		w.op("ADDQ $%d, DI", 8*w.bytes)
	case two:
		w.op("ADDQ $%d, DI", 8*step)
	}
	w.op("JMP loop")
	w.label("done")
	for half := 4; half >= 1; half /= 2 {
		for i := range half {
			w.op("VADDPD %s, %s, %s", w.v(i+half), w.v(i), w.v(i))
		}
	}
	if w.masked {
		w.op("VEXTRACTF64X4 $1, Z0, Y1")
		w.op("VADDPD Y1, Y0, Y0")
	}
	w.op("VEXTRACTF128 $1, Y0, X1")
	w.op("VADDPD X1, X0, X0")
	w.op("VUNPCKHPD X0, X0, X1")
	w.op("VADDSD X1, X0, X0")
	w.op("VZEROUPPER")
	w.op("MOVSD X0, s+%d(FP)", map[bool]int{true: 24, false: 16}[two])
	w.op("RET")
}

// update prints y += alpha*x or x *= alpha.
func (w *writer) update(name string, two bool) {
	float := map[int]string{8: "float64", 4: "float32"}[w.elem.size]
	if two {
		w.open(name, "alpha "+float+", x, y unsafe.Pointer, n int", 32)
		w.op("VBROADCAST%s alpha+0(FP), %s", w.scalar, w.v(0))
		w.op("MOVQ x+8(FP), SI")
		w.op("MOVQ y+16(FP), DI")
		w.op("MOVQ n+24(FP), CX")
	} else {
		w.open(name, "alpha "+float+", x unsafe.Pointer, n int", 24)
		w.op("VBROADCAST%s alpha+0(FP), %s", w.scalar, w.v(0))
		w.op("MOVQ x+8(FP), SI")
		w.op("MOVQ n+16(FP), CX")
	}
	vecs := w.blockOf() * w.elem.size / w.bytes
	w.label("loop")
	w.op("SUBQ $%d, CX", w.blockOf())
	w.op("JLT done")
	for i := range vecs {
		x, r := fmt.Sprintf("%d(SI)", i*w.bytes), w.v(1+i)
		if two {
			// The product is rounded before the sum, as the Go loop does.
			w.op("VMUL%s %s, %s, %s", w.suffix, x, w.v(0), r)
			w.op("VADD%s %d(DI), %s, %s", w.suffix, i*w.bytes, r, r)
			w.op("VMOVU%s %s, %d(DI)", w.suffix, r, i*w.bytes)
		} else {
			w.op("VMUL%s %s, %s, %s", w.suffix, x, w.v(0), r)
			w.op("VMOVU%s %s, %s", w.suffix, r, x)
		}
	}
	w.op("ADDQ $%d, SI", vecs*w.bytes)
	if two {
		w.op("ADDQ $%d, DI", vecs*w.bytes)
	}
	w.op("JMP loop")
	w.label("done")
	w.op("VZEROUPPER")
	w.op("RET")
}

// widen prints the conversion of n float32 to float64.
func (w *writer) widen() {
	w.open("widen", "dst, src unsafe.Pointer, n int", 24)
	w.op("MOVQ dst+0(FP), DI")
	w.op("MOVQ src+8(FP), SI")
	w.op("MOVQ n+16(FP), CX")
	lanes := w.bytes / 8
	w.label("loop")
	w.op("SUBQ $%d, CX", lanes)
	w.op("JLT done")
	w.op("VCVTPS2PD (SI), %s", w.v(0))
	w.op("VMOVUPD %s, (DI)", w.v(0))
	w.op("ADDQ $%d, SI", w.bytes/2)
	w.op("ADDQ $%d, DI", w.bytes)
	w.op("JMP loop")
	w.label("done")
	w.op("VZEROUPPER")
	w.op("RET")
}

// prefetch prints the request for the whole cache lines in n bytes.
func (w *writer) prefetch() {
	w.printf("\n// func prefetchAMD64(p unsafe.Pointer, n int)\n")
	w.printf("TEXT ·prefetchAMD64(SB), NOSPLIT, $0-16\n")
	w.op("MOVQ p+0(FP), SI")
	w.op("MOVQ n+8(FP), CX")
	w.label("one")
	w.op("SUBQ $64, CX")
	w.op("JLT done")
	w.op("PREFETCHT0 (SI)")
	w.op("ADDQ $64, SI")
	w.op("JMP one")
	w.label("done")
	w.op("RET")
}
