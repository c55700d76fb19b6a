package main

import "fmt"

// Offsets in streamArgs, which begins with panelArgs.
const (
	argNextStep = argNextEnd + 8 + 8*iota
	argNextLen
	argNextJump
	argNextTile
)

// stream prints the panel kernel that fetches, at each step over k, a cache
// line of what it multiplies later. It does whole tiles alone.
//
// Registers are those of panel, but R10 walks what is to be fetched, by R15 a
// step. On the stack: the rows left, the group of rows of A, where to fetch
// from for this tile, and the steps left.
func (w *writer) stream() {
	w.printf("\n// func stream%s%s(p *streamArgs)\n", w.elem.name, w.isa.name)
	w.printf("TEXT ·stream%s%s(SB), NOSPLIT, $32-8\n", w.elem.name, w.isa.name)
	w.op("MOVQ p+0(FP), DI")
	w.op("MOVQ %d(DI), AX", argM)
	w.op("MOVQ AX, left-8(SP)")
	w.op("MOVQ %d(DI), AX", argA)
	w.op("MOVQ AX, group-16(SP)")
	w.op("MOVQ %d(DI), AX", argNext)
	w.op("MOVQ AX, next-24(SP)")
	w.op("MOVQ %d(DI), R9", argK)
	w.op("MOVQ %d(DI), R11", argARS)
	w.op("LEAQ (R11)(R11*2), R13")
	w.op("MOVQ %d(DI), R12", argACS)
	w.op("MOVQ %d(DI), R8", argBRS)
	w.op("MOVQ %d(DI), SI", argC)
	w.op("MOVQ %d(DI), BX", argCRS)
	w.widths(w.streamTiles)
}

// streamTiles prints the loop over tiles of vecs vectors.
func (w *writer) streamTiles(vecs int, kind string) {
	id := fmt.Sprintf("%d%s", vecs, kind)
	w.op("MOVQ %d(DI), R15", argNextStep)
	w.label("tile%s", id)
	w.op("MOVQ group-16(SP), AX")
	w.op("LEAQ (AX)(R13*1), CX")
	w.op("MOVQ %d(DI), DX", argB)
	w.op("MOVQ next-24(SP), R10")
	w.op("MOVQ R9, steps-32(SP)")
	w.clear(w.isa.rows, vecs)
	w.label("piece%s", id)
	w.op("MOVQ steps-32(SP), R14")
	w.op("CMPQ R14, %d(DI)", argNextLen)
	w.op("JLE last%s", id)
	w.op("MOVQ %d(DI), R14", argNextLen)
	w.label("last%s", id)
	w.op("SUBQ R14, steps-32(SP)")
	w.printf("\n\tPCALIGN $32\n")
	w.label("loop%s", id)
	w.op("PREFETCHT0 (R10)")
	w.op("ADDQ R15, R10")
	w.step(w.isa.rows, vecs, kind)
	w.op("DECQ R14")
	w.op("JNE loop%s", id)
	w.op("ADDQ %d(DI), R10", argNextJump)
	w.op("CMPQ steps-32(SP), $0")
	w.op("JGT piece%s", id)
	w.store(w.isa.rows, vecs, kind)
	w.op("MOVQ %d(DI), AX", argAStep)
	w.op("ADDQ AX, group-16(SP)")
	w.op("MOVQ %d(DI), AX", argNextTile)
	w.op("ADDQ AX, next-24(SP)")
	w.op("SUBQ $%d, left-8(SP)", w.isa.rows)
	w.op("JGT tile%s", id)
	w.op("VZEROUPPER")
	w.op("RET")
}
