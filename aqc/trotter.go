package aqc

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/mps"
)

// Model is a Hamiltonian with the same terms for all neighbours and sites,
//
//	H = Σ_<i,j> (XX X_i X_j + YY Y_i Y_j + ZZ Z_i Z_j) + Σ_i (X X_i + Y Y_i + Z Z_i),
//
// with Pauli matrices, on a chain or a ring.
type Model struct {
	Sites      int
	Ring       bool
	XX, YY, ZZ float64
	X, Y, Z    float64
}

var term = regexp.MustCompile(`^([+-]?)([0-9.]*(?:e[+-]?[0-9]+)?)\*?(XX|YY|ZZ|X|Y|Z)$`)

// ParseModel reads the terms of a Hamiltonian, such as "ZZ + 0.4 X" or
// "1.2XX+0.4YY+ZZ-0.2Z".
func ParseModel(text string, sites int, ring bool) (Model, error) {
	m := Model{Sites: sites, Ring: ring}
	fields := map[string]*float64{"XX": &m.XX, "YY": &m.YY, "ZZ": &m.ZZ, "X": &m.X, "Y": &m.Y, "Z": &m.Z}
	s := strings.Join(strings.Fields(text), "")
	start := 0
	for i := 1; i <= len(s); i++ {
		if i < len(s) && (s[i] != '+' && s[i] != '-' || s[i-1] == 'e') {
			continue
		}
		part := s[start:i]
		start = i
		t := term.FindStringSubmatch(part)
		if t == nil {
			return Model{}, fmt.Errorf("aqc: %q in the Hamiltonian %q; terms such as ZZ+0.4X, of XX, YY, ZZ, X, Y and Z, are expected", part, text)
		}
		v := 1.0
		if t[2] != "" {
			var err error
			if v, err = strconv.ParseFloat(t[2], 64); err != nil || math.IsInf(v, 0) {
				return Model{}, fmt.Errorf("aqc: %q in the Hamiltonian %q is no number", t[2], text)
			}
		}
		if t[1] == "-" {
			v = -v
		}
		if *fields[t[3]] += v; math.IsInf(*fields[t[3]], 0) {
			return Model{}, fmt.Errorf("aqc: the terms %s of the Hamiltonian %q add up to infinity; smaller numbers are expected", t[3], text)
		}
	}
	if s == "" {
		return Model{}, fmt.Errorf("aqc: the Hamiltonian is empty; terms such as ZZ+0.4X are expected")
	}
	return m, m.check()
}

// Limits that keep the time and the memory of a mistyped number in bounds.
const (
	mostSites = 1_000_000
	mostGates = 2e7
)

func (m Model) check() error {
	if m.Sites > mostSites {
		return fmt.Errorf("aqc: a model of %d sites; %d are the most", m.Sites, mostSites)
	}
	if m.Sites < 2 || m.Ring && m.Sites < 3 {
		return fmt.Errorf("aqc: a model of %d sites; at least 2 (3 in a ring) are expected", m.Sites)
	}
	return nil
}

// Trotter is the evolution exp(-iHt) in steps of Suzuki's formula of order 1, 2
// or 4. A step of the first is the pairs that begin on even sites, the others,
// then the fields; of the second half a step of the pairs, the fields, and back;
// of the fourth five of the second, of p, p, 1-4p, p and p times the length with
// p = 1/(4 - 4^(1/3)).
//
// Suzuki 1991, https://doi.org/10.1063/1.529425.
func (m Model) Trotter(t float64, order, steps int) (*circuit.Circuit, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	if steps < 1 || math.IsNaN(t) || math.IsInf(t, 0) {
		return nil, fmt.Errorf("aqc: an evolution for a time of %v in %d steps; a number and at least 1 step are expected", t, steps)
	}
	if order != 1 && order != 2 && order != 4 {
		return nil, fmt.Errorf("aqc: steps of order %d; 1, 2 or 4 is expected", order)
	}
	kinds := 0.0 // of gates: one on each site, or pair of sites
	for _, x := range []float64{m.XX, m.YY, m.ZZ, m.X, m.Y, m.Z} {
		if x != 0 {
			kinds++
		}
	}
	gates := kinds * float64(m.Sites) * float64(steps) * [5]float64{1: 1, 2: 2, 4: 10}[order]
	if gates > mostGates {
		return nil, fmt.Errorf("aqc: %d steps of order %d on %d sites are about %.1g gates; %.0g are the most", steps, order, m.Sites, gates, float64(mostGates))
	}
	var groups [3][][2]int
	for i := 0; i+1 < m.Sites; i++ {
		groups[i%2] = append(groups[i%2], [2]int{i, i + 1})
	}
	if m.Ring {
		g := (m.Sites - 1) % 2
		if g == 0 {
			g = 2 // site 0 is in a pair of group 0 already
		}
		groups[g] = append(groups[g], [2]int{m.Sites - 1, 0})
	}
	c := circuit.New(m.Sites)
	var err error
	add := func(name string, coefficient, dt float64, qubits ...int) {
		if err == nil && coefficient != 0 {
			err = c.Append(name, []float64{2 * coefficient * dt}, qubits...)
		}
	}
	pairs := func(group [][2]int, dt float64) {
		for _, p := range group {
			add("rxx", m.XX, dt, p[0], p[1])
			add("ryy", m.YY, dt, p[0], p[1])
			add("rzz", m.ZZ, dt, p[0], p[1])
		}
	}
	first := func(dt float64) {
		for _, group := range groups {
			pairs(group, dt)
		}
		for q := range m.Sites {
			add("rx", m.X, dt, q)
			add("ry", m.Y, dt, q)
			add("rz", m.Z, dt, q)
		}
	}
	second := func(dt float64) {
		for g := 0; g < len(groups); g++ {
			pairs(groups[g], dt/2)
		}
		for q := range m.Sites { // fields in several directions do not commute
			add("rx", m.X, dt/2, q)
			add("ry", m.Y, dt/2, q)
			add("rz", m.Z, dt, q)
			add("ry", m.Y, dt/2, q)
			add("rx", m.X, dt/2, q)
		}
		for g := len(groups) - 1; g >= 0; g-- {
			pairs(groups[g], dt/2)
		}
	}
	dt := t / float64(steps)
	p := 1 / (4 - math.Cbrt(4))
	for range steps {
		switch order {
		case 1:
			first(dt)
		case 2:
			second(dt)
		case 4:
			for _, part := range [5]float64{p, p, 1 - 4*p, p, p} {
				second(part * dt)
			}
		}
	}
	return c, err
}

// Operator is the Hamiltonian as a matrix product operator, for [mps.DMRG].
func (m Model) Operator() (*mps.Operator, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	var terms []mps.Term
	var err error
	add := func(coefficient float64, word string, sites ...int) {
		if err != nil || coefficient == 0 {
			return
		}
		var t mps.Term
		if t, err = mps.PauliTerm(complex(coefficient, 0), word, sites...); err == nil {
			terms = append(terms, t)
		}
	}
	dims := make([]int, m.Sites)
	for i := range m.Sites {
		dims[i] = 2
		add(m.X, "X", i)
		add(m.Y, "Y", i)
		add(m.Z, "Z", i)
		if j := (i + 1) % m.Sites; j > i || m.Ring {
			add(m.XX, "XX", min(i, j), max(i, j))
			add(m.YY, "YY", min(i, j), max(i, j))
			add(m.ZZ, "ZZ", min(i, j), max(i, j))
		}
	}
	if err == nil && terms == nil {
		err = fmt.Errorf("aqc: the Hamiltonian has no terms")
	}
	if err != nil {
		return nil, err
	}
	return mps.SumOfTerms(dims, terms)
}
