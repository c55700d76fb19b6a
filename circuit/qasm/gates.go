package qasm

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/polyad/polyad/circuit"
)

// definition of a gate: one of the library, a body between two tokens, or
// none.
type definition struct {
	t      token // where it is; none for those of include files
	params int
	width  int
	make   func(params []float64) ([]circuit.Op, error) // a gate of the library, on qubits from 0
	names  []token                                      // parameters, then qubits
	start  int                                          // token of the body
	opaque bool
}

// standard lists the gates of the include files.
var standard = map[string][]string{
	"qelib1.inc": strings.Fields(`u3 u2 u1 cx id u0 u p x y z h s sdg t tdg rx ry rz sx sxdg cz cy swap ch ccx cswap crx cry crz
		cu1 cp cu3 csx cu rxx rzz rccx rc3x c3x c3sqrtx c4x`),
	"stdgates.inc": strings.Fields(`p x y z h s sdg t tdg sx rx ry rz cx cy cz cp crx cry crz ch swap ccx cswap cu CX phase cphase
		id u1 u2 u3`),
}

// builtin defines the gates that need no include file.
func (p *parser) builtin() {
	p.gates["U"] = p.fromLibrary("U")
	if p.version == 2 {
		p.gates["CX"] = p.fromLibrary("CX")
		return
	}
	p.gates["gphase"] = p.fromLibrary("gphase")
}

// fromLibrary is a gate of package circuit under its name in a file.
func (p *parser) fromLibrary(name string) *definition {
	ours := name
	phase := func([]float64) float64 { return 0 }
	switch {
	case name == "CX":
		ours = "cx"
	case name == "U":
		ours = "u3"
		if p.version != 2 {
			phase = func(a []float64) float64 { return a[0] / 2 }
		}
	case name == "u2" && p.version != 2:
		phase = func(a []float64) float64 { return -(a[0] + a[1]) / 2 }
	case name == "u3" && p.version != 2:
		phase = func(a []float64) float64 { return -(a[1] + a[2]) / 2 }
	}
	width, params, _ := circuit.Signature(ours)
	all := make([]int, width)
	for q := range all {
		all[q] = q
	}
	return &definition{params: len(params), width: width, make: func(values []float64) ([]circuit.Op, error) {
		op, err := circuit.Gate(ours, values...)
		if err != nil {
			return nil, err
		}
		list := []circuit.Op{op.On(all...)}
		if t := phase(values); t != 0 {
			g, err := circuit.Gate("gphase", t)
			if err != nil {
				return nil, err
			}
			list = append(list, g)
		}
		return list, nil
	}}
}

// body is the gate whose body is run.
type body struct {
	qubits map[string]int
	ops    []circuit.Op
}

// define reads the definition of a gate, and checks its body.
func (p *parser) define(opaque bool) error {
	t := p.peek()
	p.at++
	if len(p.scopes) > 1 || p.body != nil {
		return p.fault(t, "a gate is defined in a block; it is expected outside of all braces")
	}
	name, err := p.identifier("the name of a gate")
	if err != nil {
		return err
	}
	if old, ok := p.gates[name.text]; ok {
		if old.t == (token{}) {
			return p.fault(name, "gate %s is one of the standard ones already; another name is expected", name.text)
		}
		return p.fault(name, "gate %s is defined in line %d already; another name is expected", name.text, old.t.line)
	}
	if e, ok := p.lookup(name.text); ok {
		return p.fault(name, "%s is %s already; another name is expected", name.text, e.what)
	}
	d := &definition{t: name, opaque: opaque}
	list := func(close string) error {
		for !p.is(close) {
			id, err := p.identifier("a name")
			if err != nil {
				return err
			}
			if slices.ContainsFunc(d.names, func(x token) bool { return x.text == id.text }) {
				return p.fault(id, "%s twice in the definition of gate %s; different names are expected", id.text, name.text)
			}
			d.names = append(d.names, id)
			if !p.take(",") {
				break
			}
		}
		return nil
	}
	if p.take("(") {
		if err := list(")"); err != nil {
			return err
		}
		if err := p.expect(")"); err != nil {
			return err
		}
	}
	d.params = len(d.names)
	stop := "{"
	if opaque {
		stop = ";"
	}
	if err := list(stop); err != nil {
		return err
	}
	if d.width = len(d.names) - d.params; d.width == 0 && p.version == 2 {
		return p.faultHere("gate %s is on no qubit; names of qubits are expected", name.text)
	}
	if opaque {
		p.gates[name.text] = d
		return p.expect(";")
	}
	if !p.is("{") {
		return p.faultHere("%s; the body of the gate in braces is expected", p.peek().describe())
	}
	d.start = p.at
	qubits := make([]int, d.width)
	for q := range qubits {
		qubits[q] = q
	}
	p.dry = true
	_, err = p.run(d, make([]value, d.params), qubits)
	p.dry = false
	if err != nil {
		return err
	}
	p.at = d.start
	if err := p.pass(); err != nil {
		return err
	}
	p.gates[name.text] = d
	return nil
}

// run runs the body of a gate, and gives the gates that it applies.
func (p *parser) run(d *definition, params []value, qubits []int) ([]circuit.Op, error) {
	at, scopes, outer := p.at, p.scopes, p.body
	defer func() { p.at, p.scopes, p.body = at, scopes, outer }()
	p.at = d.start
	// A body sees its parameters and qubits, and the constants outside.
	names := map[string]*entry{}
	for name, e := range scopes[0] {
		if e.what == variable && e.fixed {
			names[name] = e
		}
	}
	for i, v := range params {
		if v.typ != unknown {
			v = fromFloat(v.float()) // 1/2 of a parameter is no whole number
		}
		names[d.names[i].text] = &entry{value: v, typ: "float", fixed: true, t: d.names[i]}
	}
	p.body = &body{qubits: map[string]int{}}
	for i, q := range qubits {
		t := d.names[d.params+i]
		p.body.qubits[t.text] = q
		delete(names, t.text)
	}
	p.scopes = []map[string]*entry{names}
	if _, err := p.block(); err != nil {
		return nil, err
	}
	return p.body.ops, nil
}

// modifier of a gate.
type modifier struct {
	t     token
	count int     // of controls
	x     float64 // of pow
}

// modifiers reads ctrl(2) @ inv @ pow(0.5) @, as far as they go.
func (p *parser) modifiers() ([]modifier, error) {
	var list []modifier
	for {
		t := p.peek()
		if t.kind != word || !contains([]string{"ctrl", "negctrl", "inv", "pow"}, t.text) || p.version == 2 {
			return list, nil
		}
		p.at++
		m := modifier{t: t, count: 1}
		switch {
		case t.text == "inv":
		case t.text == "pow" || p.is("("):
			if err := p.expect("("); err != nil {
				return nil, err
			}
			at := p.peek()
			v, err := p.expression()
			if err != nil {
				return nil, err
			}
			if err := p.expect(")"); err != nil {
				return nil, err
			}
			m.x = v.float()
			if t.text != "pow" {
				if v.typ == real_ || v.typ == unknown || v.i < 1 || v.i > circuit.MaxQubits {
					return nil, p.fault(at, "%s(%v); 1 to %d controls are expected", t.text, v, circuit.MaxQubits)
				}
				m.count = int(v.i)
			}
		}
		if err := p.expect("@"); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
}

// gate reads a gate with its modifiers, parameters and operands, and applies
// it, to each qubit of a register if operands are registers.
func (p *parser) gate() error {
	mods, err := p.modifiers()
	if err != nil {
		return err
	}
	t, err := p.identifier("a gate")
	if err != nil {
		return err
	}
	d, ok := p.gates[t.text]
	if !ok {
		hint := ""
		for _, file := range []string{"qelib1.inc", "stdgates.inc"} {
			if contains(standard[file], t.text) {
				hint = fmt.Sprintf("; include %q; defines it", file)
				break
			}
		}
		return p.fault(t, "%s is no gate that is defined%s", t.text, hint)
	}
	var params []value
	if p.is("(") {
		if params, err = p.arguments(t); err != nil {
			return err
		}
	}
	if len(params) != d.params {
		return p.fault(t, "gate %s has %d parameters; %d are expected", t.text, len(params), d.params)
	}
	var operands [][]int
	size, arrays := 1, false
	for !p.is(";") {
		if len(operands) > 0 {
			if err := p.expect(","); err != nil {
				return err
			}
		}
		at := p.peek()
		list, array, err := p.qubitOperand()
		if err != nil {
			return err
		}
		if array {
			if arrays && len(list) != size {
				return p.fault(at, "%d qubits, where another operand of gate %s has %d; registers of one size are expected", len(list), t.text, size)
			}
			size, arrays = len(list), true
		}
		operands = append(operands, list)
	}
	width := d.width
	for _, m := range mods {
		if m.t.text == "ctrl" || m.t.text == "negctrl" {
			width += m.count
		}
	}
	if len(operands) != width {
		return p.fault(t, "gate %s is on %d operands; %d are expected", t.text, len(operands), width)
	}
	if err := p.expect(";"); err != nil {
		return err
	}
	for k := range size {
		qubits := make([]int, 0, width)
		for _, list := range operands {
			q := list[0]
			if len(list) > 1 {
				q = list[k]
			}
			if slices.Contains(qubits, q) {
				return p.fault(t, "gate %s is on one qubit twice; different qubits are expected", t.text)
			}
			qubits = append(qubits, q)
		}
		ops, err := p.expand(t, d, mods, params, qubits)
		if err != nil {
			return err
		}
		if err := p.emit(t, ops); err != nil {
			return err
		}
	}
	return nil
}

// expand gives the gates that one is made of.
func (p *parser) expand(t token, d *definition, mods []modifier, params []value, qubits []int) ([]circuit.Op, error) {
	if d.opaque {
		return nil, p.fault(t, "gate %s is opaque: it has no definition that could be simulated", t.text)
	}
	if p.dry {
		return nil, nil
	}
	p.nested++
	defer func() { p.nested-- }()
	if p.nested > mostNested {
		return nil, p.fault(t, "more than %d expressions, blocks or calls within one another", mostNested)
	}
	inner := qubits[len(qubits)-d.width:]
	var ops []circuit.Op
	if d.make != nil {
		values := make([]float64, len(params))
		for i, v := range params {
			values[i] = v.float()
		}
		key := fmt.Sprint(t.text, values)
		if op, ok := p.made[key]; ok {
			ops = []circuit.Op{op}
		} else {
			var err error
			if ops, err = d.make(values); err != nil {
				return nil, p.fault(t, "%v", err)
			}
			if len(values) == 0 && len(ops) == 1 {
				p.made[key] = ops[0]
			}
		}
		ops = slices.Clone(ops)
		for i := range ops {
			ops[i] = relabel(ops[i], inner)
		}
	} else {
		var err error
		if ops, err = p.run(d, params, inner); err != nil {
			return nil, err
		}
	}
	for i, m := range slices.Backward(mods) {
		var err error
		controls := 0
		for _, before := range mods[:i] {
			if before.t.text == "ctrl" || before.t.text == "negctrl" {
				controls += before.count
			}
		}
		if ops, err = p.modify(m, ops, qubits[controls:]); err != nil {
			return nil, err
		}
	}
	return ops, nil
}

// relabel puts a gate on qubits[q] for each of its qubits q.
func relabel(op circuit.Op, qubits []int) circuit.Op {
	on := make([]int, len(op.Qubits))
	for i, q := range op.Qubits {
		on[i] = qubits[q]
	}
	op.Qubits = on
	return op
}

// modify applies a modifier to a list of gates; the qubits begin with the new
// controls.
func (p *parser) modify(m modifier, ops []circuit.Op, qubits []int) ([]circuit.Op, error) {
	out := make([]circuit.Op, 0, len(ops))
	switch m.t.text {
	case "inv":
		for _, op := range slices.Backward(ops) {
			out = append(out, op.Inverse())
		}
	case "pow":
		return p.raise(m, ops)
	default:
		for _, op := range ops {
			key := fmt.Sprint(m.t.text, m.count, op.Name, op.Params)
			g, ok := p.made[key]
			if !ok {
				var err error
				if m.t.text == "ctrl" {
					g, err = op.Control(m.count)
				} else {
					g, err = op.ControlZero(m.count)
				}
				if err != nil {
					return nil, p.fault(m.t, "%v", err)
				}
				if p.weight += len(g.Matrix); p.weight > mostElements {
					return nil, p.fault(m.t, "the matrices of different controlled gates have more than %d elements; smaller gates are expected", mostElements)
				}
				p.made[key] = g
			}
			out = append(out, g.On(slices.Concat(qubits[:m.count], op.Qubits)...))
		}
	}
	return out, nil
}

// raise is a power of a list of gates.
func (p *parser) raise(m modifier, ops []circuit.Op) ([]circuit.Op, error) {
	if len(ops) == 1 {
		op, err := ops[0].Power(m.x)
		if err != nil {
			return nil, p.fault(m.t, "%v", err)
		}
		return []circuit.Op{op}, nil
	}
	if m.x == math.Trunc(m.x) {
		if math.Abs(m.x)*float64(len(ops)) > mostOps {
			return nil, p.fault(m.t, "pow(%v) of %d gates; %d gates are the most", m.x, len(ops), mostOps)
		}
		if m.x < 0 {
			var err error
			if ops, err = p.modify(modifier{t: token{text: "inv"}}, ops, nil); err != nil {
				return nil, err
			}
		}
		return slices.Repeat(ops, int(math.Abs(m.x))), nil
	}
	// A root: of the gates as one matrix.
	var all []int
	for _, op := range ops {
		for _, q := range op.Qubits {
			if !slices.Contains(all, q) {
				all = append(all, q)
			}
		}
	}
	slices.Sort(all)
	if len(all) > mostRoot {
		return nil, p.fault(m.t, "pow(%v) of a gate on %d qubits; a whole power or %d qubits are expected", m.x, len(all), mostRoot)
	}
	c := circuit.New(len(all))
	for _, op := range ops {
		on := make([]int, len(op.Qubits))
		for i, q := range op.Qubits {
			on[i] = slices.Index(all, q)
		}
		c.Ops = append(c.Ops, op.On(on...))
	}
	matrix, err := c.Matrix(background)
	if err != nil {
		return nil, p.fault(m.t, "%v", err)
	}
	one, err := circuit.Unitary("gate", matrix)
	if err != nil {
		return nil, p.fault(m.t, "%v", err)
	}
	if one, err = one.Power(m.x); err != nil {
		return nil, p.fault(m.t, "%v", err)
	}
	return []circuit.Op{one.On(all...)}, nil
}

// emit applies gates: to the circuit, or to the gate whose body is run.
func (p *parser) emit(t token, ops []circuit.Op) error {
	total := len(p.c.Ops) + len(ops)
	if p.body != nil {
		total += len(p.body.ops)
	}
	if total > mostOps {
		return p.fault(t, "more than %d gates", mostOps)
	}
	if p.body != nil {
		p.body.ops = append(p.body.ops, ops...)
		return nil
	}
	for _, op := range ops {
		for _, q := range op.Qubits {
			if m, ok := p.measured[q]; ok {
				return p.fault(t, "gate %s is on a qubit that is measured in line %d; measurements are expected at the end", t.text, m.line)
			}
			p.touched[q] = true
		}
	}
	p.c.Ops = append(p.c.Ops, ops...)
	return nil
}
