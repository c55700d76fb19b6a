package main

// columns prints the loops that deal out the numbers of lines; offsets are those
// of the fields of columnsArgs. Column after column, the numbers of 16 lines are
// brought together from as many vectors as a line has numbers, two at a time.
func (w *writer) columns() {
	const (
		args, column, groups, pair, pairs = "AX", "BX", "CX", "DX", "R14"
		row, group, out                   = "SI", "R10", "DI" // numbers of a group; bytes of one; where they go
		after                             = "R9"
	)
	w.printf("\n// func columns%s(p *columnsArgs)\n", w.isa.name)
	w.printf("TEXT ·columns%s(SB), NOSPLIT, $0-8\n", w.isa.name)
	w.op("MOVQ p+0(FP), %s", args)
	w.op("MOVQ 16(%s), %s", args, group)
	w.op("LEAQ 1(%s), %s", group, pairs)
	w.op("SHRQ $1, %s", pairs)
	w.op("LEAQ -1(%s), %s", group, column)
	w.op("VPBROADCASTD %s, Z10", group)
	w.op("SHLQ $6, %s", group)
	w.op("MOVQ 72(%s), DX", args)
	w.op("VPMOVZXBD (DX), Z11") // 0 to 15
	w.op("VPMULLD Z10, Z11, Z11")
	w.op("MOVL $1, DX")
	w.op("VPBROADCASTD DX, Z12")
	w.op("VPBROADCASTD 24(%s), Z13", args) // base

	// gather brings number column of 16 lines to Z0.
	gather := func(name string) {
		w.op("MOVQ %s, R11", row)
		w.op("MOVQ %s, %s", pairs, pair)
		w.op("VPXORQ Z4, Z4, Z4")
		w.label("%sPair", name)
		w.op("VMOVDQA64 Z1, Z5")
		w.op("VMOVDQU64 (R11), Z6")
		w.op("VPCMPEQD Z4, Z2, K1")
		w.op("VPERMI2D 64(R11), Z6, Z5")
		w.op("VMOVDQA32 Z5, K1, Z0")
		w.op("VPADDD Z12, Z4, Z4")
		w.op("ADDQ $128, R11")
		w.op("SUBQ $1, %s", pair)
		w.op("JNE %sPair", name)
	}
	// begin starts a column: where its numbers are among those of 16 lines (Z1),
	// and in which pair of vectors (Z2).
	begin := func() {
		w.op("VPBROADCASTD %s, Z1", column)
		w.op("VPADDD Z11, Z1, Z1")
		w.op("VPSRLD $5, Z1, Z2")
		w.op("MOVQ (%s), %s", args, row)
		w.op("MOVQ 8(%s), %s", args, groups)
	}
	// odd stores the marks of lanes with NotPlain, the only number of 32 bits.
	odd := func(offset int) {
		w.op("VPMOVD2M Z3, K1")
		w.op("KMOVW K1, DX")
		w.op("MOVQ DX, %d(%s)", offset, args)
		w.op("VPXORQ Z3, Z3, Z3")
	}

	w.op("VPXORQ Z3, Z3, Z3")
	begin()
	w.op("MOVQ 48(%s), %s", args, out)
	w.label("value")
	gather("value")
	w.op("VPORD Z0, Z3, Z3")
	w.op("VCVTUDQ2PD Y0, Z5")
	w.op("VEXTRACTI64X4 $1, Z0, Y6")
	w.op("VCVTUDQ2PD Y6, Z6")
	w.op("VMOVUPD Z5, (%s)", out)
	w.op("VMOVUPD Z6, 64(%s)", out)
	w.op("ADDQ $128, %s", out)
	w.op("ADDQ %s, %s", group, row)
	w.op("SUBQ $1, %s", groups)
	w.op("JNE value")
	odd(88)

	// Lists, the last first: an entry comes after another if its index is
	// larger, or the same and the rest comes after.
	w.label("list")
	w.op("SUBQ $1, %s", column)
	w.op("JLT done")
	begin()
	w.op("LEAQ 96(%s), %s", args, after)
	w.op("MOVQ 40(%s), DX", args)
	w.op("LEAQ (%s)(%s*2), R11", column, column)
	w.op("MOVQ (DX)(R11*8), %s", out)
	w.op("ADDQ 32(%s), %s", args, out)
	w.op("MOVQ %s, R12", column)
	w.op("SHLQ $6, R12")
	w.op("MOVQ R12, R13")
	w.op("ADDQ 56(%s), R12", args)
	w.op("ADDQ 64(%s), R13", args)
	w.op("VMOVDQU64 (R12), Z8")
	w.op("VMOVDQU64 (R13), Z9")
	w.op("MOVQ %s, R11", group) // the number above
	w.op("SHRQ $4, R11")
	w.op("NEGQ R11")
	w.op("ADDQ %s, R11", row)
	w.op("VPBROADCASTD (R11)(%s*4), Z7", column)
	w.label("index")
	gather("index")
	w.op("VPORD Z0, Z3, Z3")
	w.op("VPMINUD Z0, Z8, Z8")
	w.op("VPMAXSD Z0, Z9, Z9")
	w.op("VALIGND $15, Z7, Z0, Z5")
	w.op("VMOVDQA64 Z0, Z7")
	w.op("KMOVW (%s), K3", after)
	w.op("VPCMPGTD Z5, Z0, K1")
	w.op("VPCMPEQD Z5, Z0, K3, K2")
	w.op("KORW K2, K1, K1")
	w.op("KMOVW K1, (%s)", after)
	w.op("VPSUBD Z13, Z0, Z5")
	w.op("VMOVDQU32 Z5, (%s)", out)
	w.op("ADDQ $64, %s", out)
	w.op("ADDQ $2, %s", after)
	w.op("ADDQ %s, %s", group, row)
	w.op("SUBQ $1, %s", groups)
	w.op("JNE index")
	w.op("VMOVDQU64 Z8, (R12)")
	w.op("VMOVDQU64 Z9, (R13)")
	w.op("JMP list")
	w.label("done")
	odd(80)
	w.op("VZEROUPPER")
	w.op("RET")
}
