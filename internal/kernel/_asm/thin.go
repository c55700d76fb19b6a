package main

import "fmt"

// Offsets in thinArgs.
const (
	thinK = 8 * iota
	thinGroups
	thinRows
	thinA
	thinB
	thinBRS
	thinC
	thinCRS
	thinAdd
	thinOne
)

// thinMost is the number of rows that the packed A has room for.
const thinMost = 4

// thin prints the product of a few rows of complex A and contiguous rows of
// complex B. Each element of A is multiplied as two real numbers with vectors
// of (re, im) pairs of B; sums of the imaginary ones are swapped and added
// with their signs at the end.
//
// Registers: SI column of B, DX that of C, R9 groups left, R8 k, BX and R12
// byte strides of B and C; AX and CX walk B and A, R10 counts.
func (w *writer) thin() {
	vecs, one := 1, 15
	if w.masked {
		vecs, one = 2, 31
	}
	s, size := w.elem.suffix, w.elem.size
	broadcast, swap := "VBROADCASTSD", "VPERMILPD $0x55"
	if size == 4 {
		broadcast, swap = "VBROADCASTSS", "VPERMILPS $0xB1"
	}
	w.open("thin", "p *thinArgs", 8)
	w.op("MOVQ p+0(FP), DI")
	w.op("MOVQ %d(DI), R8", thinK)
	w.op("MOVQ %d(DI), R9", thinGroups)
	w.op("MOVQ %d(DI), SI", thinB)
	w.op("MOVQ %d(DI), BX", thinBRS)
	w.op("MOVQ %d(DI), DX", thinC)
	w.op("MOVQ %d(DI), R12", thinCRS)
	w.op("MOVQ %d(DI), AX", thinOne)
	w.op("%s (AX), %s", broadcast, w.v(one))
	for rows := 1; rows < thinMost; rows++ {
		w.op("CMPQ %d(DI), $%d", thinRows, rows)
		w.op("JEQ group%d", rows)
	}
	for rows := thinMost; rows >= 1; rows-- {
		// Sums of row i, vector v: real parts of A at 2*(i*vecs+v), imaginary ones next.
		sum := func(i, v, part int) string { return w.v(2*(i*vecs+v) + part) }
		b := func(v int) string { return w.v(2*thinMost*vecs + v) }
		a := w.v(2*thinMost*vecs + vecs)
		w.label("group%d", rows)
		w.op("MOVQ %d(DI), CX", thinA)
		w.op("MOVQ SI, AX")
		w.op("MOVQ R8, R10")
		for i := range 2 * rows * vecs {
			w.op("VXORPS %s, %s, %s", fmt.Sprintf("X%d", i), fmt.Sprintf("X%d", i), fmt.Sprintf("X%d", i))
		}
		w.label("loop%d", rows)
		for v := range vecs {
			w.op("VMOVU%s %d(AX), %s", s, v*w.bytes, b(v))
		}
		for i := range rows {
			for part := range 2 {
				w.op("%s %d(CX), %s", broadcast, (2*i+part)*size, a)
				for v := range vecs {
					w.op("VFMADD231%s %s, %s, %s", s, b(v), a, sum(i, v, part))
				}
			}
		}
		w.op("ADDQ BX, AX")
		w.op("ADDQ $%d, CX", 2*thinMost*size)
		w.op("DECQ R10")
		w.op("JNE loop%d", rows)
		for i := range rows {
			for v := range vecs {
				w.op("%s, %s, %s", swap, sum(i, v, 1), sum(i, v, 1))
				w.op("VFMADDSUB213%s %s, %s, %s", s, sum(i, v, 1), w.v(one), sum(i, v, 0))
			}
		}
		w.op("MOVQ DX, AX")
		w.op("CMPQ %d(DI), $0", thinAdd)
		w.op("JEQ store%d", rows)
		for i := range rows {
			for v := range vecs {
				w.op("VADD%s %d(AX), %s, %s", s, v*w.bytes, sum(i, v, 0), sum(i, v, 0))
			}
			if i < rows-1 {
				w.op("ADDQ R12, AX")
			}
		}
		w.op("MOVQ DX, AX")
		w.label("store%d", rows)
		for i := range rows {
			for v := range vecs {
				w.op("VMOVU%s %s, %d(AX)", s, sum(i, v, 0), v*w.bytes)
			}
			if i < rows-1 {
				w.op("ADDQ R12, AX")
			}
		}
		w.op("ADDQ $%d, SI", vecs*w.bytes)
		w.op("ADDQ $%d, DX", vecs*w.bytes)
		w.op("DECQ R9")
		w.op("JNE group%d", rows)
		w.op("VZEROUPPER")
		w.op("RET")
	}
}
