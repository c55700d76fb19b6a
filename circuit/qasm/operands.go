package qasm

import (
	"context"
	"slices"
)

// background is for matrices so small that none waits for them.
var background = context.Background()

// mostRoot is the most qubits of a gate of several gates whose root is taken.
const mostRoot = 6

// qubitOperand reads the operand of a gate: a qubit, or all of a register.
func (p *parser) qubitOperand() (list []int, array bool, err error) {
	if p.body == nil {
		t := p.peek()
		list, err := p.operand(qubits)
		if err != nil {
			return nil, false, err
		}
		e, _ := p.lookup(t.text)
		last := p.toks[p.at-1]
		indexed := last.kind == symbol && last.text == "]"
		return list, e.array && (!indexed || len(list) > 1), nil
	}
	t, err := p.identifier("a qubit")
	if err != nil {
		return nil, false, err
	}
	q, ok := p.body.qubits[t.text]
	if !ok {
		return nil, false, p.fault(t, "%s is no qubit of this gate", t.text)
	}
	if p.is("[") {
		return nil, false, p.faultHere("%s is one qubit; an operand without an index is expected in the body of a gate", t.text)
	}
	return []int{q}, false, nil
}

// operand reads qubits or bits: q, q[1], q[0:2], q[{0, 3}].
func (p *parser) operand(want what) ([]int, error) {
	t := p.peek()
	if t.kind == symbol && t.text == "$" {
		return nil, p.fault(t, "qubits of a machine, such as $0, are not read; declare qubits")
	}
	if _, err := p.identifier("the name of a register"); err != nil {
		return nil, err
	}
	e, ok := p.lookup(t.text)
	if !ok {
		return nil, p.fault(t, "%s is not declared; a register is expected", t.text)
	}
	if e.what != want {
		return nil, p.fault(t, "%s is %s; %s is expected", t.text, e.what, want)
	}
	list := e.list
	for p.is("[") {
		if !e.array {
			return nil, p.faultHere("%s is single; an operand without an index is expected", t.text)
		}
		p.at++
		var err error
		if list, err = p.index(t, list); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// index reads what is between brackets, and takes those of a list.
func (p *parser) index(name token, list []int) ([]int, error) {
	take := func(t token, i int64) (int, error) {
		n := int64(len(list))
		if i < 0 && p.version != 2 && i >= -n {
			i += n
		}
		if i < 0 || i >= n {
			return 0, p.fault(t, "%s[%d] is out of range; the register has size %d, from 0", name.text, i, n)
		}
		return list[i], nil
	}
	var out []int
	first := p.peek()
	switch {
	case p.take("{"):
		for !p.is("}") {
			t := p.peek()
			i, _, err := p.wholeNumber()
			if err != nil {
				return nil, err
			}
			q, err := take(t, i)
			if err != nil {
				return nil, err
			}
			out = append(out, q)
			if !p.take(",") {
				break
			}
		}
		if err := p.expect("}"); err != nil {
			return nil, err
		}
	default:
		start := p.at
		i, _, err := p.wholeNumber()
		if err != nil {
			return nil, err
		}
		if !p.is(":") {
			q, err := take(first, i)
			if err != nil {
				return nil, err
			}
			out = []int{q}
			break
		}
		p.at = start
		r, _, err := p.span()
		if err != nil {
			return nil, err
		}
		n := int64(len(list))
		if r.from < 0 {
			r.from += n
		}
		if r.to < 0 {
			r.to += n
		}
		if count := r.count(); count > n {
			return nil, p.fault(first, "%s[%d:%d] is out of range; the register has size %d, from 0", name.text, r.from, r.to, n)
		}
		for k := range r.count() {
			q, err := take(first, r.from+k*r.step)
			if err != nil {
				return nil, err
			}
			out = append(out, q)
		}
	}
	if len(out) == 0 {
		return nil, p.fault(first, "no element of %s; one at least is expected", name.text)
	}
	return out, p.expect("]")
}

// alias reads let a = q[0:1] ++ r;
func (p *parser) alias() error {
	p.at++
	if p.body != nil {
		return p.faultHere("let in the body of a gate; gates are expected there")
	}
	name, err := p.identifier("the name of an alias")
	if err != nil {
		return err
	}
	if err := p.expect("="); err != nil {
		return err
	}
	e := &entry{what: qubits, array: true}
	if first, ok := p.lookup(p.peek().text); ok && first.what == classical {
		e.what = classical
	}
	for {
		list, err := p.operand(e.what)
		if err != nil {
			return err
		}
		if len(e.list)+len(list) > mostQubits {
			return p.fault(name, "an alias of more than %d elements", mostQubits)
		}
		e.list = append(slices.Clip(e.list), list...)
		if !p.take("++") {
			break
		}
	}
	if err := p.declare(name, e); err != nil {
		return err
	}
	return p.expect(";")
}

// barrier is read and passed over.
func (p *parser) barrier() error {
	p.at++
	for !p.is(";") {
		if _, _, err := p.qubitOperand(); err != nil {
			return err
		}
		if !p.take(",") {
			break
		}
	}
	return p.expect(";")
}

// measureArrow reads measure q -> c;
func (p *parser) measureArrow() error {
	p.at++
	if p.body != nil {
		return p.faultHere("measure in the body of a gate; gates are expected there")
	}
	t := p.peek()
	from, err := p.operand(qubits)
	if err != nil {
		return err
	}
	if p.version != 2 && p.is(";") {
		return p.fault(t, "a measurement into no bit; measure q -> c is expected")
	}
	if err := p.expect("->"); err != nil {
		return err
	}
	into, err := p.operand(classical)
	if err != nil {
		return err
	}
	return p.record(t, from, into)
}

// measure reads the qubits of c = measure q;
func (p *parser) measure(into []int) error {
	t := p.peek()
	from, err := p.operand(qubits)
	if err != nil {
		return err
	}
	return p.record(t, from, into)
}

// record notes a measurement.
func (p *parser) record(t token, from, into []int) error {
	if p.body != nil {
		return p.fault(t, "a measurement in the body of a gate; gates are expected there")
	}
	if len(from) != len(into) {
		return p.fault(t, "%d qubits are measured into %d bits; as many are expected", len(from), len(into))
	}
	for i, q := range from {
		p.bits[into[i]] = q
		p.measured[q] = t
		p.any = true
	}
	return p.expect(";")
}

// reset is passed over where nothing was done to the qubits yet.
func (p *parser) reset() error {
	p.at++
	t := p.peek()
	if p.body != nil {
		return p.fault(t, "reset in the body of a gate; gates are expected there")
	}
	list, err := p.operand(qubits)
	if err != nil {
		return err
	}
	for _, q := range list {
		_, measured := p.measured[q]
		if p.touched[q] || measured {
			return p.fault(t, "reset of a qubit that had a gate or a measurement before: the state after it is not known before the circuit runs; a circuit without it is expected")
		}
	}
	return p.expect(";")
}
