package qasm

// block runs the statements between braces, or a single one.
func (p *parser) block() (signal, error) {
	if !p.is("{") {
		return p.statement()
	}
	p.nested++
	defer func() { p.nested-- }()
	if p.nested > mostNested {
		return done, p.faultHere("more than %d expressions, blocks or calls within one another", mostNested)
	}
	open := p.peek()
	p.at++
	p.scopes = append(p.scopes, map[string]*entry{})
	defer func() { p.scopes = p.scopes[:len(p.scopes)-1] }()
	for !p.take("}") {
		if p.peek().kind == end {
			return done, p.fault(open, "{ without a }")
		}
		if s, err := p.statement(); err != nil || s != done {
			return s, err
		}
	}
	return done, nil
}

// pass goes to the end of a block or a statement without running it.
func (p *parser) pass() error {
	p.nested++
	defer func() { p.nested-- }()
	if p.nested > mostNested {
		return p.faultHere("more than %d expressions, blocks or calls within one another", mostNested)
	}
	switch {
	case p.is("{"):
		return p.group()
	case p.take("if"):
		if err := p.group(); err != nil {
			return err
		}
		if err := p.pass(); err != nil || !p.take("else") {
			return err
		}
		return p.pass()
	case p.take("while"):
		if err := p.group(); err != nil {
			return err
		}
		return p.pass()
	case p.take("for"):
		for !p.is("in") && p.peek().kind != end {
			p.at++
		}
		p.at++
		if err := p.group(); err != nil {
			return err
		}
		return p.pass()
	}
	first := p.peek()
	for !p.take(";") {
		if p.peek().kind == end {
			return p.fault(first, "a statement that does not end; ; is expected")
		}
		p.at++
	}
	return nil
}

// group passes over what is between parentheses, brackets or braces.
func (p *parser) group() error {
	open := p.peek()
	depth := 0
	for {
		t := p.peek()
		if t.kind == end {
			return p.fault(open, "%s that is not closed", open.describe())
		}
		p.at++
		if t.kind == symbol {
			switch t.text {
			case "(", "[", "{":
				depth++
			case ")", "]", "}":
				depth--
			}
		}
		if depth <= 0 {
			return nil
		}
	}
}

// condition reads one that is known before the circuit runs.
func (p *parser) condition(of string) (value, error) {
	if err := p.expect("("); err != nil {
		return value{}, err
	}
	if t := p.peek(); t.kind == word {
		if e, ok := p.lookup(t.text); ok && e.what != variable {
			return value{}, p.fault(t, "%s depends on %s, %s: control flow on measured bits is known only when the circuit runs; a circuit without it is expected", of, t.text, e.what)
		}
	}
	v, err := p.expression()
	if err != nil {
		return v, err
	}
	return v, p.expect(")")
}

// branch runs if and else.
func (p *parser) branch() (signal, error) {
	p.at++
	v, err := p.condition("if")
	if err != nil {
		return done, err
	}
	run := func(yes bool) (signal, error) {
		if yes {
			return p.block()
		}
		return done, p.pass()
	}
	s, err := run(v.typ == unknown || v.bool())
	if err != nil {
		return s, err
	}
	if s != done && v.typ != unknown { // the rest of the loop is not run
		return s, nil
	}
	if p.take("else") {
		return run(v.typ == unknown || !v.bool())
	}
	return done, nil
}

// repeat runs while.
func (p *parser) repeat() (signal, error) {
	p.at++
	start := p.at
	for {
		p.at = start
		v, err := p.condition("while")
		if err != nil {
			return done, err
		}
		if v.typ != unknown && !v.bool() {
			return done, p.pass()
		}
		if p.steps++; p.steps > mostStatements {
			return done, p.faultHere("while ran %d times; an end is expected", mostStatements)
		}
		body := p.at
		s, err := p.block()
		if err != nil || s == stopped {
			return s, err
		}
		if s == broken || v.typ == unknown {
			p.at = body
			return done, p.pass()
		}
	}
}

// loop runs for: for int i in [0:4] { … }, or in {1, 5, 7}.
func (p *parser) loop() (signal, error) {
	p.at++
	typ := "int"
	if contains(numericTypes, p.peek().text) {
		typ = p.peek().text
		p.at++
		if err := p.skipWidth(); err != nil {
			return done, err
		}
	}
	name, err := p.identifier("the variable of the loop")
	if err != nil {
		return done, err
	}
	if err := p.expect("in"); err != nil {
		return done, err
	}
	var values []value
	known := true
	switch {
	case p.take("["):
		r, ok, err := p.span()
		if err != nil {
			return done, err
		}
		known = ok
		if err := p.expect("]"); err != nil {
			return done, err
		}
		if known {
			n := r.count()
			if n > mostStatements {
				return done, p.fault(name, "a loop of %d turns; %d are the most", n, mostStatements)
			}
			for k := range n {
				values = append(values, fromInt(r.from+k*r.step))
			}
		}
	case p.take("{"):
		for !p.is("}") {
			v, err := p.expression()
			if err != nil {
				return done, err
			}
			known = known && v.typ != unknown
			values = append(values, v)
			if !p.take(",") {
				break
			}
		}
		if err := p.expect("}"); err != nil {
			return done, err
		}
	default:
		return done, p.faultHere("%s; a range such as [0:4] or a set such as {1, 2} is expected", p.peek().describe())
	}
	if !known { // a body of a gate is checked: once, for any value
		values = []value{{}}
	}
	body := p.at
	for _, v := range values {
		if v, err = p.convert(name, typ, v); err != nil {
			return done, err
		}
		p.at = body
		p.scopes = append(p.scopes, map[string]*entry{name.text: {value: v, typ: typ, t: name}})
		s, err := p.block()
		p.scopes = p.scopes[:len(p.scopes)-1]
		if p.steps++; err != nil || s == stopped {
			return s, err
		}
		if s == broken {
			break
		}
	}
	p.at = body
	return done, p.pass()
}

// span is a range, whose last value is included.
type span struct{ from, step, to int64 }

func (r span) count() int64 {
	if r.step > 0 && r.from <= r.to || r.step < 0 && r.from >= r.to {
		return (r.to-r.from)/r.step + 1
	}
	return 0
}

// span reads from:to or from:step:to.
func (p *parser) span() (span, bool, error) {
	first := p.peek()
	var parts [3]int64
	n, known := 0, true
	for {
		x, ok, err := p.wholeNumber()
		if err != nil {
			return span{}, false, err
		}
		known = known && ok
		parts[n] = x
		n++
		if n == 3 || !p.take(":") {
			break
		}
	}
	r := span{parts[0], 1, parts[1]}
	if n == 3 {
		r = span{parts[0], parts[1], parts[2]}
	}
	switch {
	case n == 1:
		return r, false, p.fault(first, "a single value; a range such as [0:4] is expected")
	case known && r.step == 0:
		return r, false, p.fault(first, "a range with a step of 0; another step is expected")
	}
	const most = 1 << 53
	if known && (max(r.from, -r.from) > most || max(r.to, -r.to) > most || max(r.step, -r.step) > most) {
		return r, false, p.fault(first, "a range from %d to %d; numbers below 2^53 are expected", r.from, r.to)
	}
	return r, known, nil
}

// skipWidth passes over the width of a type, such as [32].
func (p *parser) skipWidth() error {
	if !p.take("[") {
		return nil
	}
	t := p.peek()
	n, known, err := p.wholeNumber()
	if err != nil {
		return err
	}
	if known && n < 1 {
		return p.fault(t, "a width of %d; 1 or more is expected", n)
	}
	return p.expect("]")
}

// convert makes a value one of a type.
func (p *parser) convert(t token, typ string, v value) (value, error) {
	if v.typ == unknown {
		return v, nil
	}
	switch typ {
	case "bool":
		return fromBool(v.bool()), nil
	case "int", "uint":
		if v.typ == real_ {
			if f := v.f; !(f > -(1<<53) && f < 1<<53) {
				return v, p.fault(t, "%v as a whole number; one below 2^53 is expected", v)
			}
			v = fromInt(int64(v.f))
		}
		if typ == "uint" && v.i < 0 {
			return v, p.fault(t, "%v as uint; 0 or more is expected", v)
		}
		return fromInt(v.i), nil
	}
	return fromFloat(v.float()), nil
}

// variable declares a number: const int n = 4; float x = pi / n;
func (p *parser) variable() error {
	fixed := p.take("const")
	t := p.peek()
	if !contains(numericTypes, t.text) {
		return p.fault(t, "%s; one of the types int, uint, float, angle, bool is expected", t.describe())
	}
	p.at++
	if err := p.skipWidth(); err != nil {
		return err
	}
	name, err := p.identifier("the name of a variable")
	if err != nil {
		return err
	}
	v := value{typ: whole}
	switch {
	case p.take("="):
		if v, err = p.expression(); err != nil {
			return err
		}
	case fixed:
		return p.faultHere("%s; a constant needs a value: = is expected", p.peek().describe())
	}
	if v, err = p.convert(name, t.text, v); err != nil {
		return err
	}
	if err := p.declare(name, &entry{value: v, typ: t.text, fixed: fixed}); err != nil {
		return err
	}
	return p.expect(";")
}

// assign sets a variable, or measures into bits.
func (p *parser) assign(t token, e *entry) error {
	if e.what == classical {
		list, err := p.operand(classical)
		if err != nil {
			return err
		}
		if err := p.expect("="); err != nil {
			return err
		}
		if !p.is("measure") {
			return p.faultHere("%s; bits get their values by measure", p.peek().describe())
		}
		p.at++
		return p.measure(list)
	}
	p.at++
	op := p.peek()
	if e.what == qubits || op.kind != symbol || op.text == "=" && p.version == 2 {
		return p.fault(op, "%s after %s, which is %s; a statement is expected", op.describe(), t.text, e.what)
	}
	p.at++
	v, err := p.expression()
	if err != nil {
		return err
	}
	switch op.text {
	case "=":
	case "+=", "-=", "*=", "/=", "%=", "^=", "&=", "|=", "<<=", ">>=", "**=":
		if v, err = p.apply(op, e.value, v); err != nil {
			return err
		}
	default:
		return p.fault(op, "%s after %s; = is expected", op.describe(), t.text)
	}
	if e.fixed {
		return p.fault(t, "%s is a constant; a variable is expected", t.text)
	}
	if v, err = p.convert(t, e.typ, v); err != nil {
		return err
	}
	e.value = v
	if p.dry { // a loop in the body of a gate is run once only
		e.value = value{}
	}
	return p.expect(";")
}
