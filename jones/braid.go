package jones

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Braid is a word in the generators of the braid group. Generator i > 0
// crosses strands i and i+1, counted from 1, positively (the closure of 1 1 1
// is the right-handed trefoil), and -i is its inverse. Its closure joins the
// ends of each strand.
type Braid struct {
	Strands int
	Word    []int
}

// ParseBraid reads generators with spaces or commas between them, such as
// "-1 2 -1 2", as a braid of as many strands as they need.
func ParseBraid(word string) (Braid, error) {
	fields := strings.FieldsFunc(word, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' || r == '\n' })
	if len(fields) == 0 {
		return Braid{}, errors.New("jones: the braid word is empty; generators such as -1 2 -1 2 are expected (the unknot is 0_1)")
	}
	b := Braid{Strands: 1, Word: make([]int, len(fields))}
	for k, f := range fields {
		g, err := strconv.Atoi(f)
		if err != nil || g == 0 {
			return Braid{}, fmt.Errorf("jones: letter %d of the braid word is %q; a generator ±1, ±2, … is expected", k+1, f)
		}
		if abs(g) >= maxStrands {
			return Braid{}, fmt.Errorf("jones: letter %d of the braid word is %d; generators have numbers 1 to %d, or their negatives", k+1, g, maxStrands-1)
		}
		b.Word[k] = g
		b.Strands = max(b.Strands, abs(g)+1)
	}
	return b, b.Check()
}

// maxStrands and maxCrossings keep a mistyped number from asking for endless
// memory.
const (
	maxStrands   = 1000
	maxCrossings = 1 << 20
)

// Check says which generator does not fit the strands.
func (b Braid) Check() error {
	if b.Strands < 1 || b.Strands > maxStrands {
		return fmt.Errorf("jones: a braid of %d strands; 1 to %d are expected", b.Strands, maxStrands)
	}
	for k, g := range b.Word {
		if g == 0 || abs(g) >= b.Strands {
			return fmt.Errorf("jones: letter %d of the braid word is %d; on %d strands generators have numbers 1 to %d, or their negatives", k+1, g, b.Strands, b.Strands-1)
		}
	}
	return nil
}

// abs is the absolute value; that of the least int, which no int is, is cut to
// the greatest.
func abs(i int) int { return max(i, -max(i, -math.MaxInt)) }

// String is the word with spaces between the generators.
func (b Braid) String() string {
	return strings.Trim(fmt.Sprint(b.Word), "[]")
}

// Writhe is the sum of the signs of the crossings of the closure.
func (b Braid) Writhe() int {
	w := 0
	for _, g := range b.Word {
		if g > 0 {
			w++
		} else {
			w--
		}
	}
	return w
}

// Components is the number of components of the closure: 1 for a knot.
func (b Braid) Components() int {
	at := make([]int, b.Strands)
	for i := range at {
		at[i] = i
	}
	for _, g := range b.Word {
		i := abs(g)
		at[i-1], at[i] = at[i], at[i-1]
	}
	c := 0
	for i := range at {
		if at[i] < 0 {
			continue
		}
		c++
		for at[i] >= 0 {
			at[i], i = -1, at[i]
		}
	}
	return c
}

// Mirror is the braid whose closure is the mirror image.
func (b Braid) Mirror() Braid {
	m := Braid{b.Strands, slices.Clone(b.Word)}
	for k := range m.Word {
		m.Word[k] = -m.Word[k]
	}
	return m
}

// Sum is a braid whose closure is the connected sum of two closures: the last
// strand of a goes on as the first of b.
func Sum(a, b Braid) Braid {
	s := Braid{a.Strands + b.Strands - 1, slices.Clone(a.Word)}
	for _, g := range b.Word {
		if g > 0 {
			g += a.Strands - 1
		} else {
			g -= a.Strands - 1
		}
		s.Word = append(s.Word, g)
	}
	return s
}

// Torus is the torus link T(p, q), p >= 1, as the closure of q twists of p
// strands, (1 2 … p-1)^q; a negative q gives the mirror image. Its components
// are the greatest common divisor of p and q.
func Torus(p, q int) (Braid, error) {
	if p < 1 || p > maxStrands || abs(q) > maxCrossings/p {
		return Braid{}, fmt.Errorf("jones: torus link T(%d,%d); at least 1 and at most %d strands, and at most 2^20 crossings are expected", p, q, maxStrands)
	}
	b := Braid{Strands: p}
	for range abs(q) {
		for i := 1; i < p; i++ {
			b.Word = append(b.Word, i)
		}
	}
	if q < 0 {
		b = b.Mirror()
	}
	return b, nil
}
