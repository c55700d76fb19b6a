package main

import (
	"fmt"
	"math"
)

// Offsets in panelArgs.
const (
	argM = 8 * iota
	argK
	argCols
	argA
	argARS
	argACS
	argAStep
	argB
	argBRS
	argC
	argCRS
	argAlpha
	argBeta
	argNext
	argNextEnd
)

// panel prints the panel kernel of the current element type.
//
// Registers, for the whole call: DI args, R9 k, R11 aRS, R13 3*aRS, R12 aCS,
// R8 bRS, SI the rows of C, BX cRS, R10 what to prefetch. In the loop over k:
// AX row 0 of A, CX row 3 of A, DX the row of B, R14 the count. On the stack:
// the rows left and the group of rows of A.
func (w *writer) panel() {
	w.printf("\n// func panel%s%s(p *panelArgs)\n", w.elem.name, w.isa.name)
	w.printf("TEXT ·panel%s%s(SB), NOSPLIT, $16-8\n", w.elem.name, w.isa.name)
	w.op("MOVQ p+0(FP), DI")
	w.op("MOVQ %d(DI), AX", argM)
	w.op("MOVQ AX, left-8(SP)")
	w.op("MOVQ %d(DI), AX", argA)
	w.op("MOVQ AX, group-16(SP)")
	w.op("MOVQ %d(DI), R9", argK)
	w.op("MOVQ %d(DI), R11", argARS)
	w.op("LEAQ (R11)(R11*2), R13")
	w.op("MOVQ %d(DI), R12", argACS)
	w.op("MOVQ %d(DI), R8", argBRS)
	w.op("MOVQ %d(DI), SI", argC)
	w.op("MOVQ %d(DI), BX", argCRS)
	w.op("MOVQ %d(DI), R10", argNext)
	w.widths(w.rowGroups)
}

// widths chooses among what print writes for the numbers of vectors in a row
// of C, and for kinds of rows that do not fill the last of them.
func (w *writer) widths(print func(vecs int, kind string)) {
	lanes := w.bytes / w.elem.size
	w.op("MOVQ %d(DI), CX", argCols)
	for vecs := w.vecs; vecs >= 1; vecs-- {
		if vecs > 1 {
			w.op("CMPQ CX, $%d", (vecs-1)*lanes)
			w.op("JLE below%d", vecs)
		}
		if w.masked {
			if vecs > 1 {
				w.op("SUBQ $%d, CX", (vecs-1)*lanes)
			}
			w.op("MOVL $1, AX")
			w.op("SHLL CX, AX")
			w.op("DECL AX")
			w.op("KMOVW AX, K1")
			print(vecs, "k")
		} else {
			w.op("CMPQ CX, $%d", vecs*lanes)
			w.op("JNE part%d", vecs)
			print(vecs, "")
			w.label("part%d", vecs)
			// Lanes below cols: a window on ones followed by zeros.
			w.op("LEAQ laneMask<>(SB), AX")
			w.op("NEGQ CX")
			w.op("VMOVDQU %d(AX)(CX*%d), Y15", vecs*w.bytes, w.elem.size)
			print(vecs, "m")
		}
		if vecs > 1 {
			w.label("below%d", vecs)
		}
	}
}

// rowGroups prints the loop over groups of rows for tiles of vecs vectors.
func (w *writer) rowGroups(vecs int, kind string) {
	id := fmt.Sprintf("%d%s", vecs, kind)
	w.label("group%s", id)
	w.op("MOVQ left-8(SP), AX")
	w.op("CMPQ AX, $%d", w.isa.rows)
	w.op("JLT rest%s", id)
	w.tile(w.isa.rows, vecs, kind)
	w.op("MOVQ %d(DI), AX", argAStep)
	w.op("ADDQ AX, group-16(SP)")
	w.op("SUBQ $%d, left-8(SP)", w.isa.rows)
	w.op("JMP group%s", id)
	w.label("rest%s", id)
	for rows := w.isa.rows - 1; rows >= 1; rows-- {
		w.op("CMPQ AX, $%d", rows)
		w.op("JEQ rows%s_%d", id, rows)
	}
	w.op("VZEROUPPER")
	w.op("RET")
	for rows := w.isa.rows - 1; rows >= 1; rows-- {
		w.label("rows%s_%d", id, rows)
		w.tile(rows, vecs, kind)
		w.op("VZEROUPPER")
		w.op("RET")
	}
}

// acc names the accumulator of row r, vector v.
func (w *writer) acc(r, v, vecs int) string { return w.v(w.first + r*vecs + v) }

// bReg names the register that holds vector v of the row of B.
func (w *writer) bReg(v int) string {
	if w.masked {
		return w.v(v)
	}
	return w.v(12 + v)
}

// tile prints the product of rows rows of A with the panel and its store to
// C. SI is left at the row of C below the tile.
func (w *writer) tile(rows, vecs int, kind string) {
	id := fmt.Sprintf("%d%s_%d", vecs, kind, rows)
	w.op("MOVQ group-16(SP), AX")
	w.op("LEAQ (AX)(R13*1), CX")
	w.op("MOVQ %d(DI), DX", argB)
	// Have C at hand when the loop ends, if that takes a while.
	w.op("CMPQ R9, $32")
	w.op("JLT short%s", id)
	w.op("MOVQ SI, R14")
	for r := range rows {
		for v := range vecs {
			w.op("PREFETCHT0 %d(R14)", v*w.bytes)
		}
		if vecs > 1 {
			w.op("PREFETCHT0 %d(R14)", vecs*w.bytes-1)
		}
		if r < rows-1 {
			w.op("ADDQ BX, R14")
		}
	}
	w.label("short%s", id)
	w.clear(rows, vecs)
	full := rows == w.isa.rows && vecs == w.vecs && kind != "m"
	unroll := 1
	if full {
		unroll = 4
	}
	w.op("MOVQ R9, R14")
	if full {
		// Once all of the next panel is asked for, ask for what is here.
		w.op("CMPQ R10, %d(DI)", argNextEnd)
		w.op("JLT ahead%s", id)
		w.op("MOVQ DX, R10")
		w.label("ahead%s", id)
		w.op("SUBQ $%d, R14", unroll)
		w.op("JLT tail%s", id)
		w.printf("\n\tPCALIGN $32\n")
	}
	w.label("loop%s", id)
	for u := range unroll {
		w.step(rows, vecs, kind)
		if full && u%2 == 1 {
			w.op("PREFETCHT1 %d(R10)", u/2*64)
		}
	}
	if full {
		w.op("ADDQ $%d, R10", unroll/2*64)
		w.op("SUBQ $%d, R14", unroll)
		w.op("JGE loop%s", id)
		w.label("tail%s", id)
		w.op("ADDQ $%d, R14", unroll)
		w.op("JEQ store%s", id)
		w.label("one%s", id)
		w.step(rows, vecs, kind)
		w.op("DECQ R14")
		w.op("JNE one%s", id)
	} else {
		w.op("DECQ R14")
		w.op("JNE loop%s", id)
	}
	w.label("store%s", id)
	w.store(rows, vecs, kind)
}

// clear prints the clearing of the accumulators.
func (w *writer) clear(rows, vecs int) {
	for r := range rows {
		for v := range vecs {
			a := w.acc(r, v, vecs)
			if w.masked {
				w.op("VPXORD %s, %s, %s", a, a, a)
			} else {
				w.op("VXORPS %s, %s, %s", a, a, a)
			}
		}
	}
}

// step prints one step over k.
func (w *writer) step(rows, vecs int, kind string) {
	for v := range vecs {
		w.load(fmt.Sprintf("%d(DX)", v*w.bytes), w.bReg(v), v == vecs-1, kind)
	}
	w.op("ADDQ R8, DX")
	rowAt := []string{"(AX)", "(AX)(R11*1)", "(AX)(R11*2)", "(CX)", "(AX)(R11*4)", "(CX)(R11*2)", "(AX)(R13*2)", "(CX)(R11*4)"}
	temps := w.temps
	if !w.masked && kind == "" {
		temps = []int{14, 15}
	}
	for r := range rows {
		x := w.v(temps[r%len(temps)])
		w.op("VBROADCAST%s %s, %s", w.scalar, rowAt[r], x)
		for v := range vecs {
			w.op("VFMADD231%s %s, %s, %s", w.suffix, w.bReg(v), x, w.acc(r, v, vecs))
		}
	}
	w.op("ADDQ R12, AX")
	if rows > 3 {
		w.op("ADDQ R12, CX")
	}
}

// load prints a load of a vector, under the mask if it is the last of a row.
func (w *writer) load(from, to string, last bool, kind string) {
	switch {
	case last && kind == "k":
		w.op("VMOVU%s.Z %s, K1, %s", w.suffix, from, to)
	case last && kind == "m":
		w.op("VMASKMOV%s %s, Y15, %s", w.suffix, from, to)
	default:
		w.op("VMOVU%s %s, %s", w.suffix, from, to)
	}
}

// store prints C = alpha*acc + beta*C.
func (w *writer) store(rows, vecs int, kind string) {
	id := fmt.Sprintf("%d%s_%d", vecs, kind, rows)
	alpha, beta, old := w.v(0), w.v(1), w.v(2)
	if !w.masked {
		alpha, beta, old = w.v(12), w.v(13), w.v(14)
	}
	w.op("MOVQ $%#x, AX", math.Float64bits(1))
	w.op("CMPQ AX, %d(DI)", argAlpha)
	w.op("JEQ scaled%s", id)
	w.scalarArg(argAlpha, alpha)
	for r := range rows {
		for v := range vecs {
			w.op("VMUL%s %s, %s, %s", w.suffix, w.acc(r, v, vecs), alpha, w.acc(r, v, vecs))
		}
	}
	w.label("scaled%s", id)
	w.op("MOVQ %d(DI), AX", argBeta)
	w.op("ADDQ AX, AX") // the sign of a zero does not count
	w.op("JEQ plain%s", id)
	w.scalarArg(argBeta, beta)
	w.op("MOVQ SI, AX")
	for r := range rows {
		for v := range vecs {
			w.load(fmt.Sprintf("%d(AX)", v*w.bytes), old, v == vecs-1, kind)
			w.op("VFMADD231%s %s, %s, %s", w.suffix, old, beta, w.acc(r, v, vecs))
		}
		if r < rows-1 {
			w.op("ADDQ BX, AX")
		}
	}
	w.label("plain%s", id)
	for r := range rows {
		for v := range vecs {
			a, to := w.acc(r, v, vecs), fmt.Sprintf("%d(SI)", v*w.bytes)
			switch {
			case v == vecs-1 && kind == "k":
				w.op("VMOVU%s %s, K1, %s", w.suffix, a, to)
			case v == vecs-1 && kind == "m":
				w.op("VMASKMOV%s %s, Y15, %s", w.suffix, a, to)
			default:
				w.op("VMOVU%s %s, %s", w.suffix, a, to)
			}
		}
		w.op("ADDQ BX, SI")
	}
}

// scalarArg prints the broadcast of a float64 argument.
func (w *writer) scalarArg(offset int, to string) {
	if w.elem.size == 8 {
		w.op("VBROADCASTSD %d(DI), %s", offset, to)
		return
	}
	x := "X" + to[1:]
	w.op("VCVTSD2SS %d(DI), %s, %s", offset, x, x)
	w.op("VBROADCASTSS %s, %s", x, to)
}
