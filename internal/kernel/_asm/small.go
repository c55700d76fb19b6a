package main

// small prints the loops of small matrices: rows of a few vectors, of which
// one is done at a time.
func (w *writer) small() {
	w.dotShort()
	w.axpyShort()
	w.rotate()
	w.divide()
	w.secular()
}

// reduceTo adds the lanes of vector register i up in X(i); j is spoiled.
func (w *writer) reduceTo(i, j int) {
	if w.masked {
		w.op("VEXTRACTF64X4 $1, Z%d, Y%d", i, j)
		w.op("VADDPD Y%d, Y%d, Y%d", j, i, i)
	}
	w.op("VEXTRACTF128 $1, Y%d, X%d", i, j)
	w.op("VADDPD X%d, X%d, X%d", j, i, i)
	w.op("VUNPCKHPD X%d, X%d, X%d", i, i, j)
	w.op("VADDSD X%d, X%d, X%d", j, i, i)
}

// zero clears vector registers.
func (w *writer) zero(regs ...int) {
	xor := "VXORPD"
	if w.masked {
		xor = "VPXORQ"
	}
	for _, i := range regs {
		w.op("%s %s, %s, %s", xor, w.v(i), w.v(i), w.v(i))
	}
}

// vectorLoop prints a loop over the whole vectors of CX elements, whose
// pointers advance.
func (w *writer) vectorLoop(body func(), pointers ...string) {
	w.label("loop")
	w.op("SUBQ $%d, CX", w.bytes/8)
	w.op("JLT done")
	body()
	for _, p := range pointers {
		w.op("ADDQ $%d, %s", w.bytes, p)
	}
	w.op("JMP loop")
	w.label("done")
}

func (w *writer) dotShort() {
	w.open("dotShort", "x, y unsafe.Pointer, n int) (s float64", 32)
	w.op("MOVQ x+0(FP), SI")
	w.op("MOVQ y+8(FP), DI")
	w.op("MOVQ n+16(FP), CX")
	w.zero(0)
	w.vectorLoop(func() {
		w.op("VMOVUPD (SI), %s", w.v(1))
		w.op("VFMADD231PD (DI), %s, %s", w.v(1), w.v(0))
	}, "SI", "DI")
	w.reduceTo(0, 1)
	w.op("VZEROUPPER")
	w.op("MOVSD X0, s+24(FP)")
	w.op("RET")
}

func (w *writer) axpyShort() {
	w.open("axpyShort", "alpha float64, x, y unsafe.Pointer, n int", 32)
	w.op("VBROADCASTSD alpha+0(FP), %s", w.v(0))
	w.op("MOVQ x+8(FP), SI")
	w.op("MOVQ y+16(FP), DI")
	w.op("MOVQ n+24(FP), CX")
	w.vectorLoop(func() {
		// The product is rounded before the sum, as the Go loop does.
		w.op("VMULPD (SI), %s, %s", w.v(0), w.v(1))
		w.op("VADDPD (DI), %s, %s", w.v(1), w.v(1))
		w.op("VMOVUPD %s, (DI)", w.v(1))
	}, "SI", "DI")
	w.op("VZEROUPPER")
	w.op("RET")
}

func (w *writer) rotate() {
	w.open("rotate", "c, s float64, x, y unsafe.Pointer, n int", 40)
	w.op("VBROADCASTSD c+0(FP), %s", w.v(0))
	w.op("VBROADCASTSD s+8(FP), %s", w.v(1))
	w.op("MOVQ x+16(FP), SI")
	w.op("MOVQ y+24(FP), DI")
	w.op("MOVQ n+32(FP), CX")
	w.vectorLoop(func() {
		w.op("VMOVUPD (SI), %s", w.v(2))
		w.op("VMOVUPD (DI), %s", w.v(3))
		w.op("VMULPD %s, %s, %s", w.v(2), w.v(0), w.v(4))
		w.op("VMULPD %s, %s, %s", w.v(3), w.v(1), w.v(5))
		w.op("VADDPD %s, %s, %s", w.v(5), w.v(4), w.v(4))
		w.op("VMOVUPD %s, (SI)", w.v(4))
		w.op("VMULPD %s, %s, %s", w.v(3), w.v(0), w.v(4))
		w.op("VMULPD %s, %s, %s", w.v(2), w.v(1), w.v(5))
		w.op("VSUBPD %s, %s, %s", w.v(5), w.v(4), w.v(4))
		w.op("VMOVUPD %s, (DI)", w.v(4))
	}, "SI", "DI")
	w.op("VZEROUPPER")
	w.op("RET")
}

func (w *writer) divide() {
	w.open("divide", "x, a unsafe.Pointer, n int", 24)
	w.op("MOVQ x+0(FP), DI")
	w.op("MOVQ a+8(FP), SI")
	w.op("MOVQ n+16(FP), CX")
	w.vectorLoop(func() {
		w.op("VMOVUPD (SI), %s", w.v(0))
		w.op("VDIVPD (DI), %s, %s", w.v(0), w.v(0))
		w.op("VMOVUPD %s, (DI)", w.v(0))
	}, "DI", "SI")
	w.op("VZEROUPPER")
	w.op("RET")
}

// secular prints the sums of a secular equation; the weights descend from
// first by 1.
func (w *writer) secular() {
	w.open("secular", "z, d unsafe.Pointer, n int, eta, first float64, descent, sums unsafe.Pointer", 56)
	w.op("MOVQ z+0(FP), SI")
	w.op("MOVQ d+8(FP), DI")
	w.op("MOVQ n+16(FP), CX")
	w.op("VBROADCASTSD eta+24(FP), %s", w.v(0))
	w.op("VBROADCASTSD first+32(FP), %s", w.v(1))
	w.op("MOVQ descent+40(FP), AX") // 0, 1, …, 7 and 8
	w.op("VSUBPD (AX), %s, %s", w.v(1), w.v(1))
	w.op("VBROADCASTSD %d(AX), %s", w.bytes, w.v(2)) // the lanes of a vector
	w.zero(3, 4, 5)
	w.vectorLoop(func() {
		w.op("VMOVUPD (SI), %s", w.v(6))
		w.op("VMOVUPD (DI), %s", w.v(7))
		w.op("VSUBPD %s, %s, %s", w.v(0), w.v(7), w.v(7))
		w.op("VDIVPD %s, %s, %s", w.v(7), w.v(6), w.v(7))
		w.op("VFMADD231PD %s, %s, %s", w.v(7), w.v(7), w.v(4))
		w.op("VMULPD %s, %s, %s", w.v(7), w.v(6), w.v(7))
		w.op("VADDPD %s, %s, %s", w.v(7), w.v(3), w.v(3))
		w.op("VFMADD231PD %s, %s, %s", w.v(7), w.v(1), w.v(5))
		w.op("VSUBPD %s, %s, %s", w.v(2), w.v(1), w.v(1))
	}, "SI", "DI")
	w.op("MOVQ sums+48(FP), AX")
	for i := range 3 {
		w.reduceTo(3+i, 0)
		w.op("MOVSD X%d, %d(AX)", 3+i, 8*i)
	}
	w.op("VZEROUPPER")
	w.op("RET")
}
