package main

// mulAdd prints y += x*w for rows of n elements with strides of their own.
func (w *writer) mulAdd() {
	w.open("mulAdd", "rows, n int, y unsafe.Pointer, ys int, x unsafe.Pointer, xs int, w unsafe.Pointer, ws int", 64)
	w.op("MOVQ rows+0(FP), CX")
	w.op("MOVQ y+16(FP), DI")
	w.op("MOVQ ys+24(FP), R8")
	w.op("MOVQ x+32(FP), SI")
	w.op("MOVQ xs+40(FP), R9")
	w.op("MOVQ w+48(FP), DX")
	w.op("MOVQ ws+56(FP), R10")
	w.op("MOVQ n+8(FP), R11")
	w.op("SHLQ $3, R11") // bytes of a row
	w.label("row")
	w.op("SUBQ $1, CX")
	w.op("JLT done")
	w.op("XORQ AX, AX")
	w.label("vector")
	w.op("VMOVUPD (SI)(AX*1), %s", w.v(0))
	w.op("VMULPD (DX)(AX*1), %s, %s", w.v(0), w.v(0)) // rounded before the sum, as the Go loop does
	w.op("VADDPD (DI)(AX*1), %s, %s", w.v(0), w.v(0))
	w.op("VMOVUPD %s, (DI)(AX*1)", w.v(0))
	w.op("ADDQ $%d, AX", w.bytes)
	w.op("CMPQ AX, R11")
	w.op("JLT vector")
	w.op("ADDQ R8, DI")
	w.op("ADDQ R9, SI")
	w.op("ADDQ R10, DX")
	w.op("JMP row")
	w.label("done")
	w.op("VZEROUPPER")
	w.op("RET")
}
