package mps

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"
	"strings"

	"github.com/polyad/polyad/tensor"
)

// Local is an operator on one site.
type Local struct {
	Site   int
	Matrix *tensor.Matrix[complex128] // d×d
}

// Term is a product of operators on different sites, times a number.
type Term struct {
	Coefficient complex128
	Factors     []Local
}

// PauliTerm is a product of Pauli matrices, a letter of word (I, X, Y or Z) a
// site: PauliTerm(0.5, "XY", 2, 7) is ½·X_2·Y_7. Without sites, letter k is
// for site k.
func PauliTerm(coefficient complex128, word string, sites ...int) (Term, error) {
	t := Term{Coefficient: coefficient}
	if len(sites) == 0 {
		for k := range len(word) {
			sites = append(sites, k)
		}
	}
	if len(sites) != len(word) {
		return t, fmt.Errorf("mps: %d sites for the %d letters of %q", len(sites), len(word), word)
	}
	for i, r := range word {
		m := []complex128(nil)
		switch r {
		case 'I':
			continue
		case 'X':
			m = []complex128{0, 1, 1, 0}
		case 'Y':
			// Y = i·(−iY): with the factor in the coefficient, a product of
			// two Y is real in all its parts.
			m = []complex128{0, -1, 1, 0}
			t.Coefficient *= 1i
		case 'Z':
			m = []complex128{1, 0, 0, -1}
		default:
			return t, fmt.Errorf("mps: letter %d of %q is %q; it must be I, X, Y or Z", i, word, r)
		}
		t.Factors = append(t.Factors, Local{sites[i], tensor.MatrixOf(2, 2, m)})
	}
	return t, nil
}

// Ising is the Hamiltonian of the Ising chain in a transverse field,
//
//	H = −J·Σ Z_k·Z_{k+1} − h·Σ X_k.
func Ising(n int, j, h float64) *Operator { return mustSum(n, IsingTerms(n, j, h)) }

// IsingTerms are the terms of [Ising].
func IsingTerms(n int, j, h float64) []Term {
	var terms []Term
	for k := range n {
		if k+1 < n {
			terms = append(terms, mustPauli(-j, "ZZ", k, k+1))
		}
		terms = append(terms, mustPauli(-h, "X", k))
	}
	return terms
}

// Heisenberg is the Hamiltonian of the XYZ chain of spins ½ in a field,
//
//	H = Σ (jx·Sx_k·Sx_{k+1} + jy·Sy_k·Sy_{k+1} + jz·Sz_k·Sz_{k+1}) + hz·Σ Sz_k,
//
// with the spin operators S, halves of the Pauli matrices.
func Heisenberg(n int, jx, jy, jz, hz float64) *Operator {
	return mustSum(n, HeisenbergTerms(n, jx, jy, jz, hz))
}

// HeisenbergTerms are the terms of [Heisenberg].
func HeisenbergTerms(n int, jx, jy, jz, hz float64) []Term {
	var terms []Term
	for k := range n {
		if k+1 < n {
			terms = append(terms, mustPauli(jx/4, "XX", k, k+1), mustPauli(jy/4, "YY", k, k+1), mustPauli(jz/4, "ZZ", k, k+1))
		}
		terms = append(terms, mustPauli(hz/2, "Z", k))
	}
	return terms
}

func mustPauli(coefficient float64, word string, sites ...int) Term {
	t, err := PauliTerm(complex(coefficient, 0), word, sites...)
	if err != nil {
		panic(err)
	}
	return t
}

func mustSum(n int, terms []Term) *Operator {
	dims := make([]int, n)
	for k := range dims {
		dims[k] = 2
	}
	o, err := SumOfTerms(dims, terms)
	if err != nil {
		panic(err)
	}
	return o
}

// SumOfTerms is the sum of terms on a chain of sites of the given dimensions,
// exactly. Terms with a coefficient of zero are left out. A site out of range
// or named twice, a matrix of another size and numbers that are not finite
// are errors.
//
// A bond of the operator has a channel for each beginning of a term that some
// term has on its left, or for each end on its right: beginnings up to a bond
// in the middle, ends after it. So bonds stay small for terms that are short,
// and at most half the sites for all pairs of one kind.
func SumOfTerms(dims []int, terms []Term) (*Operator, error) {
	if len(dims) == 0 {
		return nil, fmt.Errorf("mps: an operator needs at least one site")
	}
	names := &matrixNames{index: map[string]int{}}
	var words []word
	for i, t := range terms {
		w, err := names.word(dims, t)
		if err != nil {
			return nil, fmt.Errorf("mps: term %d: %w", i, err)
		}
		if w.coefficient != 0 {
			words = append(words, w)
		}
	}
	best, least := 0, math.MaxInt
	for turn := range len(dims) + 1 {
		size := 0
		for _, channels := range channelsOf(len(dims), words, turn) {
			size = max(size, len(channels))
		}
		if size < least {
			best, least = turn, size
		}
	}
	return automaton(dims, words, names.list, best)
}

// word is a term in the order of the sites; id numbers its matrices.
type word struct {
	coefficient complex128
	sites, id   []int
}

// matrixNames numbers matrices by their elements.
type matrixNames struct {
	index map[string]int
	list  []*tensor.Matrix[complex128]
}

func (n *matrixNames) word(dims []int, t Term) (word, error) {
	w := word{coefficient: t.Coefficient}
	if cmplx.IsNaN(t.Coefficient) || cmplx.IsInf(t.Coefficient) {
		return w, fmt.Errorf("the coefficient is %v; it must be finite", t.Coefficient)
	}
	factors := slices.Clone(t.Factors)
	slices.SortStableFunc(factors, func(a, b Local) int { return a.Site - b.Site })
	for i, f := range factors {
		if f.Site < 0 || f.Site >= len(dims) {
			return w, fmt.Errorf("site %d of %d", f.Site, len(dims))
		}
		if i > 0 && f.Site == factors[i-1].Site {
			return w, fmt.Errorf("site %d is named twice", f.Site)
		}
		if d := dims[f.Site]; f.Matrix == nil || f.Matrix.Rows != d || f.Matrix.Cols != d {
			return w, fmt.Errorf("the matrix for site %d must be %d×%d", f.Site, d, d)
		}
		m := f.Matrix.Clone()
		for _, v := range m.Data {
			if cmplx.IsNaN(v) || cmplx.IsInf(v) {
				return w, fmt.Errorf("the matrix for site %d has the element %v; it must be finite", f.Site, v)
			}
		}
		key := fmt.Sprint(m.Rows, m.Data)
		id, ok := n.index[key]
		if !ok {
			id = len(n.list)
			n.index[key] = id
			n.list = append(n.list, m)
		}
		w.sites = append(w.sites, f.Site)
		w.id = append(w.id, id)
	}
	if len(factors) == 0 { // the identity
		w.sites, w.id = []int{0}, []int{-1}
	}
	return w, nil
}

// The channels of a bond that every operator has.
const (
	notBegun = "begin"
	ended    = "end"
)

// channel is that of the word on the bond on the left of site k. Before turn
// a channel stands for a beginning, from there on for an end.
func (w word) channel(k, turn int) string {
	switch {
	case k <= w.sites[0]:
		return notBegun
	case k > w.sites[len(w.sites)-1]:
		return ended
	}
	var b strings.Builder
	for i, site := range w.sites {
		if (k < turn) == (site < k) {
			fmt.Fprintf(&b, "%d:%d ", site, w.id[i])
		}
	}
	return b.String()
}

// channelsOf lists the channels of each bond in the order of the words.
func channelsOf(n int, words []word, turn int) []map[string]int {
	channels := make([]map[string]int, n+1)
	for k := range channels {
		channels[k] = map[string]int{}
		switch k {
		case 0:
			channels[k][notBegun] = 0
		case n:
			channels[k][ended] = 0
		}
	}
	for _, w := range words {
		for k := 1; k < n; k++ {
			c := w.channel(k, turn)
			if _, ok := channels[k][c]; !ok {
				channels[k][c] = len(channels[k])
			}
		}
	}
	for _, c := range channels {
		if len(c) == 0 { // the sum of nothing
			c[notBegun] = 0
		}
	}
	return channels
}

// automaton is the operator with the channels of channelsOf.
func automaton(dims []int, words []word, matrices []*tensor.Matrix[complex128], turn int) (*Operator, error) {
	n := len(dims)
	channels := channelsOf(n, words, turn)
	cores := make([]*tensor.Dense[complex128], n)
	for k, d := range dims {
		cores[k] = tensor.New[complex128](len(channels[k]), d, d, len(channels[k+1]))
	}
	// The coefficient goes where a word passes from a beginning to an end.
	begins := func(w word, k int) bool {
		c := w.channel(k, turn)
		return c == notBegun || c != ended && k < turn
	}
	type edge struct{ k, from, to, id int }
	seen := map[edge]bool{}
	for _, w := range words {
		for k, d := range dims {
			e := edge{k, channels[k][w.channel(k, turn)], channels[k+1][w.channel(k+1, turn)], -1}
			if i := slices.Index(w.sites, k); i >= 0 {
				e.id = w.id[i]
			}
			f := complex128(1)
			if begins(w, k) && !begins(w, k+1) {
				f = w.coefficient
			} else if seen[e] {
				continue
			} else {
				seen[e] = true
			}
			for i := range d {
				for j := range d {
					v := complex128(0)
					if e.id >= 0 {
						v = matrices[e.id].At(i, j)
					} else if i == j {
						v = 1
					}
					if v != 0 {
						cores[k].Set(cores[k].At(e.from, i, j, e.to)+f*v, e.from, i, j, e.to)
					}
				}
			}
		}
	}
	return NewOperator(cores...)
}
