package mps

import (
	"fmt"
	"math"

	"github.com/polyad/polyad/internal/field"
)

// Schmidt are the Schmidt coefficients of the state at the bond between the
// sites before k and those from k on, 0 < k < Sites(), descending: the
// singular values of the amplitudes as a matrix of the two parts. The sum of
// their squares is the squared norm. The center moves to site k.
func (s *State) Schmidt(k int) []float64 {
	if k <= 0 || k >= len(s.sites) {
		panic(fmt.Sprintf("mps: Schmidt at bond %d of %d sites; there are bonds 1 to %d", k, len(s.sites), len(s.sites)-1))
	}
	s.MoveCenter(k)
	_, sv, _, err := field.SVD(s.sites[k].wide())
	if err != nil {
		panic(fmt.Sprintf("mps: Schmidt: the state is not finite: %v", err))
	}
	return sv
}

// Entropy is the entanglement entropy at bond k, −Σ p·ln p of the squared
// Schmidt coefficients over their sum, in nats.
func (s *State) Entropy(k int) float64 {
	total, sum := 0.0, 0.0
	sv := s.Schmidt(k)
	for _, v := range sv {
		total += v * v
	}
	for _, v := range sv {
		if p := v * v / total; p > 0 {
			sum -= p * math.Log(p)
		}
	}
	return sum
}

// Entropies are those of all bonds, of bond k+1 at place k, in one sweep. The
// center ends at the last site.
func (s *State) Entropies() []float64 {
	e := make([]float64, len(s.sites)-1)
	for k := range e {
		e[k] = s.Entropy(k + 1)
	}
	return e
}
