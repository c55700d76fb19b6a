package main

// words prints the reader of lines of numbers; offsets are those of the fields
// of wordsArgs and wordTables.
//
// Bytes of 64 are compared with what ends words and lines, which gives masks of
// 64 bits. Of each 16 words that end there, the last eight bytes are brought to
// slots of their own, less what stands before the word; digits become numbers of
// two, four and eight digits by multiplications and sums of neighbours.
func (w *writer) words() {
	const (
		text, left, out, toEnds  = "SI", "CX", "DI", "R11"
		seps, lines, odd, count  = "R8", "R9", "R10", "DX" // masks of the block, and its words
		phase                    = "R13"                   // words of the line at hand so far
		last                     = "R15"                   // byte of the last separator, from the block on, not below -64
		afterSep, oddWord        = "BX", "R14"             // bit 0: the byte before is a separator; the word at hand is not plain
		oddWords                 = "R12"
		pos, spans, digits, prev = "Z3", "Z5", "Z2", "Z10" // of words: ends, lengths plus one; of bytes
	)
	w.printf("\n// func words%s(p *wordsArgs)\n", w.isa.name)
	w.printf("TEXT ·words%s(SB), NOSPLIT, $16-8\n", w.isa.name)
	w.op("MOVQ p+0(FP), AX")
	w.op("MOVQ (AX), %s", text)
	w.op("MOVQ 8(AX), %s", left)
	w.op("MOVQ 16(AX), %s", out)
	w.op("MOVQ 24(AX), %s", toEnds)
	w.op("SUBQ %s, %s", out, toEnds)
	w.op("MOVQ 32(AX), DX")
	w.op("MOVQ DX, limit-8(SP)")
	w.op("MOVQ 40(AX), DX")
	w.op("MOVQ DX, pattern-16(SP)")
	w.op("MOVQ 48(AX), AX")
	tables := []string{"Z27", "Z26", "Z25", "Z24", "Z18", "Z17", "Z23", "Z22", "Z21", "Z20", "Z19", "Z29"}
	for i, z := range tables {
		w.op("VMOVDQU64 %d(AX), %s", 64*i, z)
	}
	const (
		numbered, before, from, reach        = "Z27", "Z26", "Z23", "Z22"
		tens, hundreds, thousands, separator = "Z21", "Z20", "Z19", "Z29"
		zero, nine, newline, base, block     = "Z31", "Z30", "Z28", "Z15", "Z14"
	)
	for _, c := range []struct {
		value       int
		size, where string
	}{{'0', "B", zero}, {9, "B", nine}, {'\n', "B", newline}, {64, "D", block}} {
		w.op("MOVL $%d, AX", c.value)
		w.op("VPBROADCAST%s AX, %s", c.size, c.where)
	}
	w.op("VPXORQ %s, %s, %s", base, base, base)
	w.op("VPXORQ %s, %s, %s", prev, prev, prev)
	w.op("MOVL $1, AX")
	w.op("KMOVQ AX, K6") // the first lane
	w.op("MOVL $1, %s", afterSep)
	w.op("MOVQ $-1, %s", last)
	w.op("XORL %s, %s", phase, phase)
	w.op("XORL %s, %s", oddWord, oddWord)

	w.label("block")
	w.op("CMPQ %s, limit-8(SP)", out)
	w.op("JAE done")
	w.op("TESTQ %s, %s", left, left)
	w.op("JLE done")
	w.op("MOVQ $-1, AX")
	w.op("CMPQ %s, $64", left)
	w.op("JGE whole")
	w.op("BZHIQ %s, AX, AX", left)
	w.label("whole")
	w.op("KMOVQ AX, K1")
	w.op("PREFETCHT0 1024(%s)", text) // small pages end the processor's own looking ahead
	w.op("VMOVDQU8.Z (%s), K1, Z0", text)
	w.op("VPSHUFB Z0, %s, Z1", separator)
	w.op("VPCMPEQB Z0, Z1, K2")
	w.op("VPCMPEQB Z0, %s, K3", newline)
	w.op("VPSUBB %s, Z0, %s", zero, digits)
	w.op("VPCMPUB $6, %s, %s, K4", nine, digits) // above nine
	w.op("KMOVQ K2, %s", seps)
	w.op("KMOVQ K3, %s", lines)
	w.op("KMOVQ K4, %s", odd)
	// An empty word: a separator after a separator.
	w.op("LEAQ (%s)(%s*2), AX", afterSep, seps)
	w.op("TESTQ %s, AX", seps)
	w.op("JNE done")
	// Words with an odd byte: from there on the sum carries through the ones
	// of the word to the separator.
	w.op("ANDNQ %s, %s, %s", odd, seps, odd)
	w.op("MOVQ %s, %s", seps, oddWords)
	w.op("NOTQ %s", oddWords)
	w.op("BTQ $0, %s", oddWord)
	w.op("ADCQ %s, %s", odd, oddWords)
	w.op("SBBQ %s, %s", oddWord, oddWord)
	w.op("PEXTQ %s, %s, %s", seps, oddWords, oddWords)
	// Lines end where the pattern says.
	w.op("PEXTQ %s, %s, %s", seps, lines, lines)
	w.op("POPCNTQ %s, %s", seps, count)
	w.op("SHRXQ %s, pattern-16(SP), AX", phase)
	w.op("XORQ %s, AX", lines)
	w.op("BZHIQ %s, AX, AX", count)
	w.op("JNE done")
	w.op("ADDQ %s, %s", count, phase)
	w.op("BSRQ %s, %s", lines, lines) // the last line's end
	w.op("LEAQ -1(%s), AX", count)
	w.op("JEQ within") // LEAQ leaves the flags of BSRQ
	w.op("SUBQ %s, AX", lines)
	w.op("MOVQ AX, %s", phase)
	w.label("within")
	// Ends and lengths of all words of the block, a byte each.
	w.op("VPCOMPRESSB.Z %s, K2, %s", numbered, pos)
	w.op("VPERMB %s, %s, %s", pos, before, spans)
	w.op("VPBROADCASTB %s, K6, %s", last, spans)
	w.op("VPSUBB %s, %s, %s", spans, pos, spans)
	w.op("VPCMPUB $6, %s, %s, K5", nine, spans)
	w.op("KMOVQ %s, K4", oddWords)
	w.op("KORQ K4, K5, K5")
	w.op("VPMOVZXBD X3, Z9")
	w.sixteenWords("Z25", "Z24", 0)
	w.op("CMPQ %s, $16", count)
	w.op("JLE next")
	w.op("KSHIFTRQ $16, K5, K5")
	w.op("VEXTRACTI32X4 $1, Z3, X9")
	w.op("VPMOVZXBD X9, Z9")
	w.sixteenWords("Z18", "Z17", 64)
	w.label("next")
	w.op("LEAQ (%s)(%s*4), %s", out, count, out)
	w.op("BSRQ %s, AX", seps)
	w.op("CMOVQNE AX, %s", last)
	w.op("SUBQ $64, %s", last)
	w.op("MOVQ $-64, AX")
	w.op("CMPQ %s, AX", last)
	w.op("CMOVQLT AX, %s", last)
	w.op("SHRQ $63, %s", seps)
	w.op("MOVQ %s, %s", seps, afterSep)
	w.op("VMOVDQA64 %s, %s", digits, prev)
	w.op("VPADDD %s, %s, %s", block, base, base)
	w.op("ADDQ $64, %s", text)
	w.op("SUBQ $64, %s", left)
	w.op("JMP block")
	w.label("done")
	w.op("MOVQ p+0(FP), AX")
	w.op("SUBQ 16(AX), %s", out)
	w.op("SHRQ $2, %s", out)
	w.op("MOVQ %s, 56(AX)", out)
	w.op("VZEROUPPER")
	w.op("RET")
}

// sixteenWords prints the conversion of the words of two vectors of slots, whose
// ends are in Z9; K5 marks those that are not plain.
func (w *writer) sixteenWords(first, second string, at int) {
	for i, slots := range []string{first, second} {
		index, span := 6+i, 11+i
		w.op("VPERMB Z3, %s, Z%d", slots, index) // the end of the word
		w.op("VPERMB Z5, %s, Z%d", slots, span)
		w.op("VPADDB Z23, Z%d, Z%d", index, index)
		w.op("VPCMPUB $5, Z22, Z%d, K4", span) // the bytes of the word
		w.op("VPERMI2B.Z Z2, Z10, K4, Z%d", index)
		w.op("VPMADDUBSW Z21, Z%d, Z%d", index, index)
		w.op("VPMADDWD Z20, Z%d, Z%d", index, index)
	}
	w.op("VPACKUSDW Z7, Z6, Z6")
	w.op("VPMADDWD Z19, Z6, Z6")
	w.op("VPTERNLOGD $0xff, Z6, Z6, K5, Z6")
	w.op("VMOVDQU32 Z6, %d(DI)", at)
	w.op("VPADDD Z15, Z9, Z9")
	w.op("VMOVDQU32 Z9, %d(DI)(R11*1)", at)
}
