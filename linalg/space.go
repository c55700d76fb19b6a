package linalg

import (
	"sync"

	"github.com/polyad/polyad/internal/kernel"
)

// space is work space that is handed out piece by piece. It is passed by
// value: what a function takes from its copy is free again when it returns.
type space struct {
	floats []float64
	ints   []int
}

// take is n numbers of any value.
func (s *space) take(n int) []float64 {
	x := s.floats[:n:n]
	s.floats = s.floats[n:]
	return x
}

// takeZeros is n zeros.
func (s *space) takeZeros(n int) []float64 {
	x := s.take(n)
	clear(x)
	return x
}

// takeInts is n integers of any value.
func (s *space) takeInts(n int) []int {
	x := s.ints[:n:n]
	s.ints = s.ints[n:]
	return x
}

// spacePooled is the length up to which work space is kept for the next call:
// small problems come in great numbers.
const spacePooled = 1 << 19

var spaces sync.Pool

// newSpace is work space for so many numbers and integers. The caller gives
// it back with release when no part of it is in use.
func newSpace(floats, ints int) *space {
	if floats <= spacePooled {
		if s, ok := spaces.Get().(*space); ok {
			if cap(s.floats) >= floats && cap(s.ints) >= ints {
				return s
			}
			floats, ints = max(floats, cap(s.floats)), max(ints, cap(s.ints))
		}
	}
	return &space{kernel.Large[float64](floats), make([]int, ints)}
}

func (s *space) release() {
	if len(s.floats) <= spacePooled {
		spaces.Put(s)
	}
}
