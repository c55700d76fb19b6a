//go:build !purego

package kernel

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// wordsArgs is what the kernel of [Words] is called with. The field order is
// known to the assembly.
type wordsArgs struct {
	text    unsafe.Pointer
	size    int            // bytes of text
	numbers unsafe.Pointer // of uint32
	ends    unsafe.Pointer // of uint32
	limit   unsafe.Pointer // numbers are written below, and up to WordsSlack beyond
	pattern uint64         // a bit for each word that ends a line
	tables  unsafe.Pointer
	words   int // written
}

//go:noescape
func wordsAVX512(p *wordsArgs)

// wordTables are vectors of bytes. A vector of eight-byte slots holds the digits
// of eight words; two such are packed to 16 numbers, within each quarter those of
// the first vector before those of the second, which the slots allow for.
var wordTables = func() (t struct {
	iota, before          [64]byte    // i; i-1
	slots                 [4][64]byte // words of the slots: 0 to 15 and 16 to 31, two vectors each
	from, reach           [64]byte    // for byte j of a slot: 56+j; 9-j
	tens, hundreds, tenth [64]byte    // weights of bytes, words, words
	separators            [64]byte    // by their lower half byte
}) {
	for i := range 64 {
		j, slot := byte(i%8), byte(i/8)
		t.iota[i], t.before[i] = byte(i), byte(max(i-1, 0))
		for v := range t.slots {
			t.slots[v][i] = byte(v/2*16+v%2*2) + slot/2*4 + slot%2
		}
		t.from[i], t.reach[i] = 56+j, 9-j
		t.tens[i] = 1 + 9*(1-j%2)
		if i%2 == 0 {
			t.hundreds[i] = 1 + 99*(1-j/2%2)
			t.tenth[i] = 1
		}
		if i%4 == 0 {
			t.tenth[i], t.tenth[i+1] = 10000&255, 10000>>8
		}
		t.separators[i] = 0xff
	}
	for i := 0; i < 64; i += 16 {
		t.separators[i], t.separators[i+'\t'], t.separators[i+'\n'] = ' ', '\t', '\n'
	}
	return t
}()

var hasBytePermutes = cpu.X86.HasAVX512VBMI && cpu.X86.HasAVX512VBMI2 && cpu.X86.HasBMI2

// hasWords reports whether there is assembly for Words.
func hasWords() bool { return active == avx512 && hasBytePermutes }

// runWords is Words for at most mostFields fields.
func runWords(text []byte, fields int, numbers, ends []uint32) int {
	if len(text) == 0 || len(numbers) <= WordsSlack {
		return 0
	}
	a := wordsArgs{
		text: unsafe.Pointer(&text[0]), size: len(text),
		numbers: unsafe.Pointer(&numbers[0]),
		ends:    unsafe.Pointer(&ends[0]),
		limit:   unsafe.Pointer(&numbers[len(numbers)-WordsSlack]),
		tables:  unsafe.Pointer(&wordTables),
	}
	for f := fields - 1; f < 64; f += fields {
		a.pattern |= 1 << f
	}
	wordsAVX512(&a)
	return a.words / fields
}

// columnsArgs is what the kernel of [Columns] is called with, for whole groups of
// ColumnLanes lines. The field order is known to the assembly.
type columnsArgs struct {
	numbers  unsafe.Pointer // those of the first line; the line before is above
	groups   int            // 1 to len(after)
	fields   int
	base     int
	at       int            // bytes of a list before the first entry
	lists    unsafe.Pointer // of slices
	values   unsafe.Pointer
	low      unsafe.Pointer // of each list, ColumnLanes numbers
	high     unsafe.Pointer
	tables   unsafe.Pointer
	oddIndex int // not 0 if there is one
	oddValue int
	after    [64]uint16 // of each group, a bit for each line that comes after the one before it
}

//go:noescape
func columnsAVX512(p *columnsArgs)

// columnsFast does as many leading lines as there are whole groups, and returns
// their number.
func columnsFast(numbers []uint32, lines int, base int32, lists [][]int32, at int, values []float64, low [][ColumnLanes]uint32, high [][ColumnLanes]int32, c *ColumnsFound) int {
	if active != avx512 {
		return 0
	}
	fields, done := len(lists)+1, 0
	// The last vector that is read may be one beyond the group.
	all := min(lines/ColumnLanes, (len(numbers)-fields-ColumnLanes)/(ColumnLanes*fields))
	for all > 0 {
		a := columnsArgs{
			numbers: unsafe.Pointer(&numbers[(done+1)*fields]), fields: fields, base: int(base), at: 4 * (at + done),
			lists: unsafe.Pointer(&lists[0]), values: unsafe.Pointer(&values[at+done]),
			low: unsafe.Pointer(&low[0]), high: unsafe.Pointer(&high[0]), tables: unsafe.Pointer(&wordTables),
		}
		a.groups = min(all, len(a.after))
		columnsAVX512(&a)
		c.OddIndex = c.OddIndex || a.oddIndex != 0
		c.OddValue = c.OddValue || a.oddValue != 0
		for _, set := range a.after[:a.groups] {
			c.Increasing = c.Increasing && set == 1<<ColumnLanes-1
		}
		all -= a.groups
		done += a.groups * ColumnLanes
	}
	return done
}
