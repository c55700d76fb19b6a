package qasm

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/polyad/polyad/circuit"
)

// Limits of a program, far beyond any circuit that can be simulated. They
// keep time and memory in bounds whatever a file says.
const (
	mostQubits     = 1_000_000
	mostOps        = 5_000_000
	mostStatements = 5_000_000
	mostIncludes   = 64
	mostElements   = 1 << 26 // of the matrices of gates with modifiers
)

// what a name stands for.
type what uint8

const (
	variable what = iota
	qubits
	classical
)

// String is for errors.
func (w what) String() string {
	return [...]string{"a number", "a register of qubits", "a measured bit"}[w]
}

// entry is what a name stands for in a scope.
type entry struct {
	what  what
	value value
	typ   string // of a variable
	fixed bool   // a constant
	list  []int  // qubits or bits
	array bool   // declared with a size, or an alias
	t     token
}

// parser runs a program while it reads it: loops and the bodies of gates are
// read once for each time that they are run.
type parser struct {
	toks    []token
	at      int
	files   []string
	version int
	load    func(name string) ([]byte, error)

	scopes []map[string]*entry
	gates  map[string]*definition
	made   map[string]circuit.Op // gates with modifiers that were made before
	body   *body                 // of the gate that is run; nil outside
	dry    bool                  // nothing is applied: the body of a gate is checked
	nested int
	steps  int
	weight int // elements of the matrices in made

	c        *circuit.Circuit
	touched  []bool // qubits that have had a gate
	measured map[int]token
	bits     []int // as Circuit.Bits
	any      bool  // something is measured
}

// Parse reads a program. Of include files it knows qelib1.inc and
// stdgates.inc. The name of the file stands in errors, with line and column,
// the value at fault and what was expected.
func Parse(file string, data []byte) (*circuit.Circuit, error) {
	return parse(file, data, nil)
}

// Open reads a file, and the files that it includes, from its folder or from
// paths relative to it.
func Open(file string) (*circuit.Circuit, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return parse(file, data, func(name string) ([]byte, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(file), name)
		}
		return os.ReadFile(name)
	})
}

func parse(file string, data []byte, load func(string) ([]byte, error)) (*circuit.Circuit, error) {
	p := &parser{
		files: []string{file}, version: 3, load: load, scopes: []map[string]*entry{{}}, gates: map[string]*definition{},
		made: map[string]circuit.Op{}, c: circuit.New(0), measured: map[int]token{},
	}
	x := &lexer{data: string(data), name: file, line: 1, col: 1}
	toks, err := x.all()
	if err != nil {
		return nil, err
	}
	p.toks = append(toks, token{line: x.line, col: x.col})
	if err := p.header(); err != nil {
		return nil, err
	}
	p.builtin()
	for p.peek().kind != end {
		s, err := p.statement()
		if err != nil {
			return nil, err
		}
		if s == stopped {
			break
		}
	}
	if p.any {
		p.c.Bits = p.bits
	}
	return p.c, nil
}

// header reads OPENQASM 2.0; a program without it is of version 3.
func (p *parser) header() error {
	if !p.is("OPENQASM") {
		return nil
	}
	p.at++
	t := p.peek()
	p.at++
	switch {
	case t.text == "2.0" || t.text == "2":
		p.version = 2
	case t.text == "3" || strings.HasPrefix(t.text, "3."):
	default:
		return p.fault(t, "OPENQASM %s; version 2.0 or 3.0 is expected", t.describe())
	}
	return p.expect(";")
}

func (p *parser) peek() token { return p.toks[min(p.at, len(p.toks)-1)] }

// is says whether the next token is a given word or symbol.
func (p *parser) is(s string) bool {
	t := p.peek()
	return t.text == s && (t.kind == symbol || t.kind == word)
}

// take passes over a token if it is next.
func (p *parser) take(s string) bool {
	if p.is(s) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(s string) error {
	if !p.take(s) {
		return p.faultHere("%s; %q is expected", p.peek().describe(), s)
	}
	return nil
}

// identifier reads a name.
func (p *parser) identifier(what string) (token, error) {
	t := p.peek()
	if t.kind != word {
		return t, p.fault(t, "%s; %s is expected", t.describe(), what)
	}
	p.at++
	return t, nil
}

func (p *parser) fault(t token, format string, args ...any) error {
	return fmt.Errorf("%s, line %d, column %d: %s", p.files[t.file], t.line, t.col, fmt.Sprintf(format, args...))
}

func (p *parser) faultHere(format string, args ...any) error {
	return p.fault(p.peek(), format, args...)
}

// lookup finds a name in the innermost scope that has it.
func (p *parser) lookup(name string) (*entry, bool) {
	for _, s := range slices.Backward(p.scopes) {
		if e, ok := s[name]; ok {
			return e, true
		}
	}
	return nil, false
}

// declare adds a name to the innermost scope.
func (p *parser) declare(t token, e *entry) error {
	scope := p.scopes[len(p.scopes)-1]
	if old, ok := scope[t.text]; ok {
		return p.fault(t, "%s is declared already, in line %d; another name is expected", t.text, old.t.line)
	}
	if _, ok := p.gates[t.text]; ok && len(p.scopes) == 1 {
		return p.fault(t, "%s is a gate already; another name is expected", t.text)
	}
	e.t = t
	scope[t.text] = e
	return nil
}

// signal is how a statement ended.
type signal uint8

const (
	done signal = iota
	broken
	continued
	stopped
)

// refused are statements whose effect is known only when the circuit runs, or
// that say nothing about gates.
var refused = map[string]string{
	"def": "subroutines are not read", "extern": "subroutines are not read", "return": "subroutines are not read",
	"input":  "an input has no value before the circuit runs; write it as const with a value",
	"switch": "switch is not read; write if", "box": "timing is not read", "delay": "timing is not read", "duration": "timing is not read",
	"stretch": "timing is not read", "durationof": "timing is not read", "cal": "pulses are not read", "defcal": "pulses are not read",
	"defcalgrammar": "pulses are not read", "array": "arrays are not read", "complex": "complex variables are not read",
	"readonly": "arrays are not read", "mutable": "arrays are not read",
}

var numericTypes = []string{"int", "uint", "float", "angle", "bool"}

// statement reads and runs one.
func (p *parser) statement() (signal, error) {
	if p.steps++; p.steps > mostStatements {
		return done, p.faultHere("more than %d statements were run; fewer are expected", mostStatements)
	}
	t := p.peek()
	if t.kind == symbol {
		switch t.text {
		case ";":
			p.at++
			return done, nil
		case "{":
			return p.block()
		case "@", "#": // annotations and old pragmas are for others
			p.line(t)
			return done, nil
		case "$":
			return done, p.fault(t, "qubits of a machine, such as $0, are not read; declare qubits")
		}
	}
	if t.kind != word {
		return done, p.fault(t, "%s; a statement is expected", t.describe())
	}
	if why, ok := refused[t.text]; ok && p.version != 2 {
		return done, p.fault(t, "%s: %s", t.text, why)
	}
	switch t.text {
	case "include":
		return done, p.include()
	case "qreg", "creg", "qubit", "bit", "output":
		return done, p.register()
	case "gate":
		return done, p.define(false)
	case "opaque":
		return done, p.define(true)
	case "barrier":
		return done, p.barrier()
	case "measure":
		return done, p.measureArrow()
	case "reset":
		return done, p.reset()
	case "if":
		return p.branch()
	case "for":
		return p.loop()
	case "while":
		return p.repeat()
	case "break", "continue":
		p.at++
		s := broken
		if t.text == "continue" {
			s = continued
		}
		return s, p.expect(";")
	case "end":
		p.at++
		return stopped, p.expect(";")
	case "let":
		return done, p.alias()
	case "const":
		return done, p.variable()
	case "pragma":
		p.line(t)
		return done, nil
	}
	if contains(numericTypes, t.text) && p.version != 2 {
		return done, p.variable()
	}
	if e, ok := p.lookup(t.text); ok {
		return done, p.assign(t, e)
	}
	return done, p.gate()
}

// line passes over the rest of a line.
func (p *parser) line(t token) {
	for p.peek().kind != end && p.peek().line == t.line && p.peek().file == t.file {
		p.at++
	}
}

// include puts the tokens of a file in place of the statement.
func (p *parser) include() error {
	p.at++
	t := p.peek()
	if t.kind != text {
		return p.fault(t, "%s; the name of a file in quotes is expected", t.describe())
	}
	if len(p.scopes) > 1 || p.body != nil {
		return p.fault(t, "include in a block; it is expected outside of all braces")
	}
	p.at++
	if err := p.expect(";"); err != nil {
		return err
	}
	name := t.text[1 : len(t.text)-1]
	if names, ok := standard[filepath.Base(name)]; ok {
		for _, n := range names {
			if d, ok := p.gates[n]; ok && d.t != (token{}) {
				return p.fault(t, "%s defines the gate %s, which is defined in line %d already", name, n, d.t.line)
			}
			p.gates[n] = p.fromLibrary(n)
		}
		return nil
	}
	if p.load == nil {
		return p.fault(t, "include of %q; only qelib1.inc and stdgates.inc are expected here", name)
	}
	if len(p.files) > mostIncludes {
		return p.fault(t, "more than %d files are included", mostIncludes)
	}
	data, err := p.load(name)
	if err != nil {
		return p.fault(t, "include: %v", err)
	}
	x := &lexer{data: string(data), name: name, file: int32(len(p.files)), line: 1, col: 1}
	p.files = append(p.files, name)
	toks, err := x.all()
	if err != nil {
		return err
	}
	p.toks = slices.Insert(p.toks, p.at, toks...)
	if p.is("OPENQASM") {
		version := p.version
		if err := p.header(); err != nil {
			return err
		}
		p.version = version
	}
	return nil
}

// register declares qubits or bits: qreg q[2]; or qubit[2] q;
func (p *parser) register() error {
	t := p.peek()
	p.at++
	if t.text == "output" {
		t = p.peek()
		if t.text != "bit" {
			return p.fault(t, "output of %s; bits are expected", t.describe())
		}
		p.at++
	}
	if p.body != nil {
		return p.fault(t, "%s in the body of a gate; gates are expected there", t.text)
	}
	old := t.text == "qreg" || t.text == "creg"
	if p.version == 2 && !old {
		return p.fault(t, "%s is of OpenQASM 3; in version 2, qreg or creg is expected", t.text)
	}
	size, array := int64(1), false
	width := func() error {
		if !p.take("[") {
			return nil
		}
		at := p.peek()
		n, _, err := p.wholeNumber()
		if err != nil {
			return err
		}
		if n < 1 || n > mostQubits {
			return p.fault(at, "a register of size %d; 1 to %d is expected", n, mostQubits)
		}
		size, array = n, true
		return p.expect("]")
	}
	if !old {
		if err := width(); err != nil {
			return err
		}
	}
	name, err := p.identifier("the name of a register")
	if err != nil {
		return err
	}
	if old {
		if err := width(); err != nil {
			return err
		}
		if !array && p.version == 2 {
			return p.faultHere("%s; a size such as [2] is expected", p.peek().describe())
		}
	}
	e := &entry{what: qubits, array: array}
	if t.text == "creg" || t.text == "bit" {
		e.what = classical
		if len(p.bits)+int(size) > mostQubits {
			return p.fault(t, "more than %d bits", mostQubits)
		}
		for range size {
			e.list = append(e.list, len(p.bits))
			p.bits = append(p.bits, -1)
		}
	} else {
		if p.c.Qubits+int(size) > mostQubits {
			return p.fault(t, "more than %d qubits", mostQubits)
		}
		for range size {
			e.list = append(e.list, p.c.Qubits)
			p.c.Qubits++
		}
		p.touched = append(p.touched, make([]bool, size)...)
	}
	if err := p.declare(name, e); err != nil {
		return err
	}
	if e.what == classical && p.take("=") {
		if !p.is("measure") {
			return p.faultHere("%s; bits get their values by measure", p.peek().describe())
		}
		p.at++
		return p.measure(e.list)
	}
	return p.expect(";")
}
