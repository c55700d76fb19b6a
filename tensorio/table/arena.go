package table

import (
	"hash/maphash"
	"unsafe"
)

// hashSeed is one for all columns, so that their pieces can be joined by the
// hashes that they have. No result depends on it: entries are numbered as they
// come.
var hashSeed = maphash.MakeSeed()

// textSet numbers distinct texts as they come. Their bytes lie one after the
// other in blocks, and a table of numbers finds them by their hashes: a text
// of its own and a map's place for it would take several times as much.
type textSet struct {
	text  []string
	hash  []uint32 // of each
	slots []int32  // 1 + the number of a text, 0 if free; a power of two of them
	block []byte   // what is left of the last block
}

const (
	slotsLeast = 64
	blockSize  = 1 << 16
)

// code is the number of a text, which is copied if it is new.
func (s *textSet) code(b []byte) int32 {
	if 3*len(s.slots) <= 4*len(s.text) {
		s.grow()
	}
	h := uint32(maphash.Bytes(hashSeed, b))
	mask := uint32(len(s.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		k := s.slots[i] - 1
		if k < 0 {
			s.slots[i] = int32(len(s.text)) + 1
			s.text, s.hash = append(s.text, s.copied(b)), append(s.hash, h)
			return int32(len(s.text)) - 1
		}
		if s.hash[k] == h && s.text[k] == string(b) {
			return k
		}
	}
}

func (s *textSet) grow() {
	s.slots = make([]int32, max(slotsLeast, 2*len(s.slots)))
	mask := uint32(len(s.slots) - 1)
	for k, h := range s.hash {
		i := h & mask
		for s.slots[i] != 0 {
			i = (i + 1) & mask
		}
		s.slots[i] = int32(k) + 1
	}
}

// copied is a text with bytes of the blocks, which are never written again.
func (s *textSet) copied(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > len(s.block) {
		s.block = make([]byte, max(len(b), min(blockSize, max(1<<10, 8*len(s.text)))))
	}
	n := copy(s.block, b)
	t := unsafe.String(&s.block[0], n)
	s.block = s.block[n:]
	return t
}
