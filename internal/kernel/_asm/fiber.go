package main

import "fmt"

// Registers of the fiber kernels, which begin alike.
const (
	fiberCount  = "CX"
	fiberIndex  = "SI"
	fiberOut    = "DI"
	fiberOutRow = "R8"
	fiberStride = "R9"
	fiberRows   = "DX"
	fiberIn     = "BX"
	fiberInStep = "R10"
	fiberLast   = "R11"
)

// fibers prints the sums over fibers of scaled or multiplied rows, and the
// addition of rows to those of a list: each a loop for rows of 1, 2, 3 and 4
// vectors. The last vector of a row of w is masked; rows of the other operands
// are padded.
func (w *writer) fibers() {
	w.fiberKernel("sumScaled", func(vecs int) { w.sumLoop(vecs, true) })
	w.fiberKernel("sumProducts", func(vecs int) { w.sumLoop(vecs, false) })
	w.fiberKernel("addRows", w.addLoop)
}

// fiberKernel prints a kernel; offsets are those of the fields of fiberArgs.
func (w *writer) fiberKernel(name string, loop func(vecs int)) {
	w.open(name, "p *fiberArgs", 8)
	w.op("MOVQ p+0(FP), AX")
	for k, reg := range []string{fiberCount, fiberIndex, fiberLast, fiberOut, fiberOutRow, fiberIn, fiberInStep, fiberRows, fiberStride} {
		w.op("MOVQ %d(AX), %s", 8*k, reg)
	}
	if w.masked {
		w.op("MOVQ 72(AX), R12")
		w.op("KMOVW R12, K1")
		w.op("KXORW K2, K2, K2")
	} else {
		w.op("MOVQ 80(AX), R12")
		w.op("VMOVUPD (R12), Y13")
		w.op("VPXOR Y12, Y12, Y12")
	}
	for v := range 4 {
		if w.masked {
			w.op("VPXORQ Z%d, Z%d, Z%d", v, v, v)
		} else {
			w.op("VXORPD Y%d, Y%d, Y%d", v, v, v)
		}
	}
	w.op("MOVQ 88(AX), AX")
	for vecs := 2; vecs <= 4; vecs++ {
		w.op("CMPQ AX, $%d", vecs)
		w.op("JEQ loop%d", vecs)
	}
	for vecs := 1; vecs <= 4; vecs++ {
		w.label("loop%d", vecs)
		loop(vecs)
		w.op("ADDQ $4, %s", fiberIndex)
		w.op("ADDQ %s, %s", fiberInStep, fiberIn)
		w.op("SUBQ $1, %s", fiberCount)
		w.op("JNE loop%d", vecs)
		w.op("JMP done")
	}
	w.label("done")
	w.op("MOVQ p+0(FP), AX")
	w.op("MOVQ %s, 24(AX)", fiberOut)
	w.op("VZEROUPPER")
	w.op("RET")
}

// fetch prints the request for the row of w that comes 24 entries later.
func (w *writer) fetch(vecs int) {
	w.op("LEAQ 96(%s), R13", fiberIndex)
	w.op("CMPQ R13, %s", fiberLast)
	w.op("CMOVQGT %s, R13", fiberLast)
	w.op("MOVL (R13), R13")
	w.op("ANDL $0x7fffffff, R13")
	w.op("IMULQ %s, R13", fiberStride)
	w.op("PREFETCHT0 (%s)(R13*1)", fiberRows)
	for at := 64; at < vecs*w.bytes; at += 64 {
		w.op("PREFETCHT0 %d(%s)(R13*1)", at, fiberRows)
	}
}

// sumLoop prints a loop that multiplies rows of w by numbers or rows, and sums
// up to the entry with the mark. Products are rounded before the sum, as the
// Go loop does. What has been summed is stored at each entry: that takes no
// branch that could be mispredicted.
func (w *writer) sumLoop(vecs int, scaled bool) {
	w.op("MOVLQSX (%s), R12", fiberIndex)
	w.op("MOVL R12, AX")
	w.op("ANDL $0x7fffffff, AX")
	w.op("IMULQ %s, AX", fiberStride)
	w.fetch(vecs)
	if scaled {
		w.op("VBROADCASTSD (%s), %s", fiberIn, w.v(8))
	}
	for v := range vecs {
		row := fmt.Sprintf("%d(%s)(AX*1)", v*w.bytes, fiberRows)
		in, p, sum := w.v(8), w.v(4+v), w.v(v)
		if !scaled {
			in = w.v(9)
			w.op("VMOVUPD %d(%s), %s", v*w.bytes, fiberIn, in)
		}
		tail := v == vecs-1
		switch {
		case w.masked && tail:
			w.op("VMULPD.Z %s, %s, K1, %s", row, in, p)
		case tail:
			w.op("VMASKMOVPD %s, Y13, %s", row, p)
			w.op("VMULPD %s, %s, %s", p, in, p)
		default:
			w.op("VMULPD %s, %s, %s", row, in, p)
		}
		if w.masked {
			w.op("VADDPD %s, %s, K2, %s", sum, p, p)
			w.op("VMOVAPD %s, %s", p, sum)
		} else {
			// With nothing to go on from, the sum is the product itself, not
			// 0 plus it, which would turn -0 into 0.
			w.op("VADDPD %s, %s, %s", sum, p, w.v(10))
			w.op("VBLENDVPD Y12, %s, %s, %s", w.v(10), p, sum)
		}
		w.op("VMOVUPD %s, %d(%s)", sum, v*w.bytes, fiberOut)
	}
	// R12 is negative at the last entry of a fiber.
	w.op("SARQ $63, R12")
	w.op("MOVQ R12, AX")
	w.op("ANDQ %s, AX", fiberOutRow)
	w.op("ADDQ AX, %s", fiberOut)
	w.op("NOTQ R12")
	if w.masked {
		w.op("KMOVW R12, K2")
	} else {
		w.op("MOVQ R12, X12")
		w.op("VPBROADCASTQ X12, Y12")
	}
}

// addLoop prints the addition of rows of in to the rows of w that a list
// names.
func (w *writer) addLoop(vecs int) {
	w.op("MOVL (%s), AX", fiberIndex)
	w.op("ANDL $0x7fffffff, AX")
	w.op("IMULQ %s, AX", fiberStride)
	w.fetch(vecs)
	for v := range vecs {
		row := fmt.Sprintf("%d(%s)(AX*1)", v*w.bytes, fiberRows)
		in, p := fmt.Sprintf("%d(%s)", v*w.bytes, fiberIn), w.v(v)
		tail := v == vecs-1
		switch {
		case w.masked && tail:
			w.op("VMOVUPD.Z %s, K1, %s", row, p)
			w.op("VADDPD %s, %s, %s", in, p, p)
			w.op("VMOVUPD %s, K1, %s", p, row)
		case tail:
			w.op("VMASKMOVPD %s, Y13, %s", row, p)
			w.op("VADDPD %s, %s, %s", in, p, p)
			w.op("VMASKMOVPD %s, Y13, %s", p, row)
		default:
			w.op("VMOVUPD %s, %s", row, p)
			w.op("VADDPD %s, %s, %s", in, p, p)
			w.op("VMOVUPD %s, %s", p, row)
		}
	}
}
