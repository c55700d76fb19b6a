package kernel

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
)

// NotPlain stands in what [Words] writes for a word that is no number of one to
// eight digits.
const NotPlain = math.MaxUint32

// WordsSlack is the number of words that [Words] has room for beyond those of
// the lines that it returns, so that it need not look at each.
const WordsSlack = 32

// mostFields is the number of words of a line that the assembly counts.
const mostFields = 32

// Words reads lines of words that are as many in each line, with one blank or
// tab between two and nothing else at the ends. Word f of line l becomes number
// l*fields+f: what its digits spell, or NotPlain; the byte at the same place of
// ends, counted from the start of text, is the one that follows the word. It
// returns the number of lines. It stops before a line that is anything else, but
// may do so some lines earlier, for want of room, or near the end of the text.
//
// The ends of words are found a block at a time, so that no number waits for
// the one before it (Langdale & Lemire 2019, doi:10.1007/s00778-019-00578-5).
func Words(text []byte, fields int, numbers, ends []uint32) int {
	if fields < 1 || len(ends) < len(numbers) {
		panic(fmt.Sprintf("kernel: Words of %d fields with room for %d numbers and %d ends", fields, len(numbers), len(ends)))
	}
	text = text[:min(len(text), math.MaxInt32)]
	if fields <= mostFields && hasWords() {
		return runWords(text, fields, numbers, ends)
	}
	return wordsGo(text, fields, numbers, ends)
}

func wordsGo(text []byte, fields int, numbers, ends []uint32) (lines int) {
	const block = 64
	if len(text) < block+8 {
		return 0
	}
	at, set := 0, nonDigits(text) // those still to come in the block at hand
	for start, n := 0, 0; n+fields+WordsSlack <= len(numbers); n += fields {
		for f := range fields {
			end, c, plain := 0, byte(0), true
			for {
				for set == 0 {
					if at += block; at+block+8 > len(text) {
						return lines
					}
					set = nonDigits(text[at:])
				}
				end = at + bits.TrailingZeros64(set)
				set &= set - 1
				if c = text[end]; c == ' ' || c == '\t' || c == '\n' {
					break
				}
				plain = false
			}
			if end == start || (c == '\n') != (f == fields-1) {
				return lines
			}
			v := uint32(NotPlain)
			if plain && end-start <= 8 {
				v = joinDigits(binary.LittleEndian.Uint64(text[start:start+8])^zeros, 8*(end-start))
			}
			numbers[n+f], ends[n+f] = v, uint32(end)
			start = end + 1
		}
		lines++
	}
	return lines
}

const (
	zeros = 0x3030303030303030 // turns eight digits into their numbers 0 to 9, by exclusive or
	high  = 0x8080808080808080 // of each byte
)

// nonDigits has a bit for each of the first 64 bytes of a text, set where the
// byte is no digit.
func nonDigits(text []byte) (set uint64) {
	text = text[:64]
	for i := 0; i < 64; i += 8 {
		w := binary.LittleEndian.Uint64(text[i:i+8]) ^ zeros
		w = (w&^high + 0x7676767676767676 | w) & high // 10 and more reach the highest bit of their byte
		set |= w >> 7 * 0x0102040810204080 >> 56 << i
	}
	return set
}

// joinDigits is the number that the first k bits of eight bytes (less zeros)
// spell, k from 8 to 64.
func joinDigits(w uint64, k int) uint32 {
	// The digits go to the top, zeros in front of them, and are joined to
	// numbers of two, four and eight digits.
	w <<= uint(-k) & 63
	w = w * (1 + 10<<8) >> 8 & 0x00ff00ff00ff00ff
	w = w * (1 + 100<<16) >> 16 & 0x0000ffff0000ffff
	return uint32(w * (1 + 10000<<32) >> 32)
}
