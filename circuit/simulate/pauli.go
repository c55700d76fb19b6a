package simulate

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Pauli is a product of Pauli matrices on different qubits, times a number;
// without letters it is the identity.
type Pauli struct {
	Coefficient float64
	Qubits      []int
	Letters     string // X, Y or Z for each qubit
}

// String is the product as [ParsePauli] reads it.
func (p Pauli) String() string {
	var b strings.Builder
	if p.Coefficient != 1 || len(p.Qubits) == 0 {
		b.WriteString(strconv.FormatFloat(p.Coefficient, 'g', -1, 64))
	}
	for i, q := range p.Qubits {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%c%d", p.Letters[i], q)
	}
	return b.String()
}

// ParsePauli reads a product such as "Z0 Z1", "-0.5 X3 Y4" or "2.5"; I0 stands
// for nothing. A letter for each of n qubits, "XIZ", will do as well. The error
// says which part is at fault.
func ParsePauli(text string, n int) (Pauli, error) {
	p := Pauli{Coefficient: 1}
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '*' })
	if len(words) > 0 {
		if x, err := strconv.ParseFloat(words[0], 64); err == nil {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return p, fmt.Errorf("pauli string %q: coefficient %s; a finite number is expected", text, words[0])
			}
			p.Coefficient, words = x, words[1:]
		} else if len(words) == 1 && strings.Trim(words[0], "IXYZ") == "" {
			if len(words[0]) != n {
				return p, fmt.Errorf("pauli string %q has %d letters; the circuit has %d qubits: one letter a qubit, or letters with numbers such as Z0 Z1, are expected", text, len(words[0]), n)
			}
			for q, l := range words[0] {
				if l != 'I' {
					p.Qubits, p.Letters = append(p.Qubits, q), p.Letters+string(l)
				}
			}
			return p, nil
		}
	} else {
		return p, fmt.Errorf("a Pauli string is empty; letters with qubits, such as Z0 Z1, are expected")
	}
	seen := map[int]bool{}
	for _, w := range words {
		q, err := strconv.Atoi(w[1:])
		if err != nil || !strings.Contains("IXYZ", w[:1]) || w[1] == '+' {
			return p, fmt.Errorf("pauli string %q: %q; I, X, Y or Z and the number of a qubit, such as Z0, is expected", text, w)
		}
		if q < 0 || q >= n {
			return p, fmt.Errorf("pauli string %q: qubit %d is out of range; the circuit has %d qubits, from 0", text, q, n)
		}
		if seen[q] {
			return p, fmt.Errorf("pauli string %q: qubit %d occurs twice; once is expected", text, q)
		}
		seen[q] = true
		if w[0] != 'I' {
			p.Qubits, p.Letters = append(p.Qubits, q), p.Letters+w[:1]
		}
	}
	return p, nil
}

// check says what is wrong with a string for n qubits.
func (p Pauli) check(n int) error {
	if len(p.Letters) != len(p.Qubits) {
		return fmt.Errorf("simulate: a Pauli string has %d qubits and %d letters; as many are expected", len(p.Qubits), len(p.Letters))
	}
	_, err := ParsePauli(p.String(), n)
	return err
}

// letters of the string, one a qubit.
func (p Pauli) letters(n int) []letter {
	out := make([]letter, n)
	for i, q := range p.Qubits {
		out[q] = letter(p.Letters[i])
	}
	return out
}
