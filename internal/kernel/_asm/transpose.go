package main

import "fmt"

// transposes prints the transpositions of blocks of 8- and 4-byte elements,
// and the lane masks.
//
//	for i in [0, rows): for j in [0, cols): dst[i][j] = src[j][i]
//
// rows and cols are multiples of 4 (8-byte elements) or 8 (4-byte elements);
// the strides between rows of dst and of src are in bytes. The loop over j is
// the outer one: src is read along its rows, a tile of dst at a time.
func (w *writer) transposes() {
	w.transpose(8, 4)
	w.transpose(4, 8)
	w.printf("\n// Eight lanes on, eight lanes off.\n")
	for i := range 16 {
		w.printf("DATA laneMask<>+%d(SB)/4, $%d\n", 4*i, map[bool]uint32{true: 0xffffffff, false: 0}[i < 8])
	}
	w.printf("GLOBL laneMask<>(SB), RODATA|NOPTR, $64\n")
}

// transpose prints the loops for n×n tiles of elements of the given size. As
// long as there are two tiles, both halves of a cache line of dst are
// written one after the other.
func (w *writer) transpose(size, n int) {
	w.printf("\n// func transpose%dAVX2(dst unsafe.Pointer, dstStride int, src unsafe.Pointer, srcStride, rows, cols int)\n", 8*size)
	w.printf("TEXT ·transpose%dAVX2(SB), NOSPLIT, $0-48\n", 8*size)
	w.transposeArguments()
	for _, tiles := range []int{2, 1} {
		w.label("cols%d", tiles)
		w.op("CMPQ R11, $%d", tiles*n)
		w.op("JLT less%d", tiles)
		w.op("MOVQ DI, AX")
		w.op("MOVQ SI, BX")
		w.op("MOVQ R10, CX")
		w.label("rows%d", tiles)
		w.op("SUBQ $%d, CX", n)
		w.op("JLT next%d", tiles)
		w.op("MOVQ BX, R14")
		for t := range tiles {
			w.op("LEAQ %d(AX), R15", t*n*size)
			w.tileTranspose(n)
			if t+1 < tiles {
				w.op("LEAQ (R14)(R9*%d), R14", n)
			}
		}
		w.op("LEAQ (AX)(R8*%d), AX", n)
		w.op("ADDQ $%d, BX", n*size)
		w.op("JMP rows%d", tiles)
		w.label("next%d", tiles)
		w.op("ADDQ $%d, DI", tiles*n*size)
		for range tiles {
			w.op("LEAQ (SI)(R9*%d), SI", n)
		}
		w.op("SUBQ $%d, R11", tiles*n)
		w.op("JMP cols%d", tiles)
		w.label("less%d", tiles)
	}
	w.op("VZEROUPPER")
	w.op("RET")
}

// wideTransposes prints the transpositions by registers of 64 bytes: lines of
// the cache are read and written whole. After the rows of src of a column of
// tiles come those of the next, and after the last those at after, which are
// fetched meanwhile.
// transposeArguments prints the loads of what all transpositions take, and of
// three times the strides.
func (w *writer) transposeArguments() {
	w.op("MOVQ dst+0(FP), DI")
	w.op("MOVQ dstStride+8(FP), R8")
	w.op("MOVQ src+16(FP), SI")
	w.op("MOVQ srcStride+24(FP), R9")
	w.op("MOVQ rows+32(FP), R10")
	w.op("MOVQ cols+40(FP), R11")
	w.op("LEAQ (R8)(R8*2), R12")
	w.op("LEAQ (R9)(R9*2), R13")
}

func (w *writer) wideTransposes() {
	w.wideTranspose(8, 8)
	w.wideTranspose(4, 16)
}

func (w *writer) wideTranspose(size, n int) {
	w.printf("\n// func transpose%dAVX512(dst unsafe.Pointer, dstStride int, src unsafe.Pointer, srcStride, rows, cols int, after unsafe.Pointer)\n", 8*size)
	w.printf("TEXT ·transpose%dAVX512(SB), NOSPLIT, $0-56\n", 8*size)
	w.transposeArguments()
	w.label("cols")
	w.op("SUBQ $%d, R11", n)
	w.op("JLT done")
	w.op("MOVQ DI, AX")
	w.op("MOVQ SI, BX")
	w.op("MOVQ R10, CX")
	w.op("MOVQ R9, DX")
	w.op("SHLQ $%d, DX", map[int]int{8: 3, 16: 4}[n])
	w.op("ADDQ SI, DX")
	w.op("MOVQ DX, SI")
	w.op("CMPQ R11, $%d", n)
	w.op("JGE rows")
	w.op("MOVQ after+48(FP), DX")
	w.label("rows")
	w.op("SUBQ $%d, CX", n)
	w.op("JLT next")
	at := func(base, stride, stride3 string, i int) string {
		return fmt.Sprintf("(%s)", base) + []string{"", "(" + stride + "*1)", "(" + stride + "*2)", "(" + stride3 + "*1)"}[i%4]
	}
	w.op("MOVQ BX, R14")
	w.op("MOVQ DX, R15")
	for i := range n {
		w.op("VMOVUPS %s, Z%d", at("R14", "R9", "R13", i), i)
		w.op("PREFETCHT1 %s", at("R15", "R9", "R13", i))
		if i%4 == 3 {
			w.op("LEAQ (R14)(R9*4), R14")
			w.op("LEAQ (R15)(R9*4), R15")
		}
	}
	// Within lanes of 16 bytes: registers of one lane's columns, from 2 rows
	// (8-byte elements) or 4 (4-byte elements) each.
	in := 16 / size // rows and columns in a lane
	from := n       // the first register
	if size == 8 {
		for i := 0; i < n; i += 2 {
			w.op("VUNPCKLPD Z%d, Z%d, Z%d", i+1, i, n+i)
			w.op("VUNPCKHPD Z%d, Z%d, Z%d", i+1, i, n+i+1)
		}
	} else {
		for i := 0; i < n; i += 2 {
			w.op("VUNPCKLPS Z%d, Z%d, Z%d", i+1, i, n+i)
			w.op("VUNPCKHPS Z%d, Z%d, Z%d", i+1, i, n+i+1)
		}
		for i := 0; i < n; i += 4 {
			for c := range 2 {
				w.op("VUNPCKLPD Z%d, Z%d, Z%d", n+i+2+c, n+i+c, i+2*c)
				w.op("VUNPCKHPD Z%d, Z%d, Z%d", n+i+2+c, n+i+c, i+2*c+1)
			}
		}
		from = 0
	}
	// Then the lanes themselves.
	out := make([]int, n) // registers of the columns
	for c := range in {
		z := func(g int) int { return from + g*in + c }
		t := []int{16, 17, 18, 19}
		if size == 8 {
			t = []int{24, 25, 26, 27}
		}
		w.op("VSHUFF64X2 $0x88, Z%d, Z%d, Z%d", z(1), z(0), t[0])
		w.op("VSHUFF64X2 $0x88, Z%d, Z%d, Z%d", z(3), z(2), t[1])
		w.op("VSHUFF64X2 $0xDD, Z%d, Z%d, Z%d", z(1), z(0), t[2])
		w.op("VSHUFF64X2 $0xDD, Z%d, Z%d, Z%d", z(3), z(2), t[3])
		for l, half := range []string{"$0x88", "$0x88", "$0xDD", "$0xDD"} {
			out[l*in+c] = z(l)
			w.op("VSHUFF64X2 %s, Z%d, Z%d, Z%d", half, t[2*(l%2)+1], t[2*(l%2)], z(l))
		}
	}
	w.op("MOVQ AX, R15")
	for i, r := range out {
		w.op("VMOVUPS Z%d, %s", r, at("R15", "R8", "R12", i))
		if i%4 == 3 {
			w.op("LEAQ (R15)(R8*4), R15")
		}
	}
	w.op("MOVQ R15, AX")
	w.op("ADDQ $64, BX")
	w.op("ADDQ $64, DX")
	w.op("JMP rows")
	w.label("next")
	w.op("ADDQ $64, DI")
	w.op("JMP cols")
	w.label("done")
	w.op("VZEROUPPER")
	w.op("RET")
}

// tileTranspose prints the transposition of the n×n tile at R14 to R15.
func (w *writer) tileTranspose(n int) {
	at := func(base, far, stride, stride3 string, i int) string {
		b := base
		if i >= 4 {
			b = far
		}
		return fmt.Sprintf("(%s)", b) + []string{"", "(" + stride + "*1)", "(" + stride + "*2)", "(" + stride3 + "*1)"}[i%4]
	}
	if n == 8 {
		w.op("LEAQ (R14)(R9*4), DX")
	}
	for i := range n {
		w.op("VMOVUPS %s, Y%d", at("R14", "DX", "R9", "R13", i), i)
	}
	if n == 8 {
		w.op("LEAQ (R15)(R8*4), DX")
	}
	var out []int
	if n == 4 {
		w.op("VUNPCKLPD Y1, Y0, Y4")
		w.op("VUNPCKHPD Y1, Y0, Y5")
		w.op("VUNPCKLPD Y3, Y2, Y6")
		w.op("VUNPCKHPD Y3, Y2, Y7")
		w.op("VPERM2F128 $0x20, Y6, Y4, Y0")
		w.op("VPERM2F128 $0x20, Y7, Y5, Y1")
		w.op("VPERM2F128 $0x31, Y6, Y4, Y2")
		w.op("VPERM2F128 $0x31, Y7, Y5, Y3")
		out = []int{0, 1, 2, 3}
	} else {
		for i := range 4 { // pairs of rows
			w.op("VUNPCKLPS Y%d, Y%d, Y%d", 2*i+1, 2*i, 8+2*i)
			w.op("VUNPCKHPS Y%d, Y%d, Y%d", 2*i+1, 2*i, 9+2*i)
		}
		for i := range 2 { // fours of rows: columns 0, 1, 2, 3 of either half
			lo, hi := 8+4*i, 10+4*i
			w.op("VUNPCKLPD Y%d, Y%d, Y%d", hi, lo, 4*i)
			w.op("VUNPCKHPD Y%d, Y%d, Y%d", hi, lo, 4*i+1)
			w.op("VUNPCKLPD Y%d, Y%d, Y%d", hi+1, lo+1, 4*i+2)
			w.op("VUNPCKHPD Y%d, Y%d, Y%d", hi+1, lo+1, 4*i+3)
		}
		for i := range 4 {
			w.op("VPERM2F128 $0x20, Y%d, Y%d, Y%d", 4+i, i, 8+i)
			w.op("VPERM2F128 $0x31, Y%d, Y%d, Y%d", 4+i, i, 12+i)
		}
		out = []int{8, 9, 10, 11, 12, 13, 14, 15}
	}
	for i, r := range out {
		w.op("VMOVUPS Y%d, %s", r, at("R15", "DX", "R8", "R12", i))
	}
}
