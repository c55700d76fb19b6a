package qasm

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// value of an expression. In the check of a gate's body, parameters and what
// depends on them have the type unknown.
type value struct {
	typ typ
	i   int64
	f   float64
}

type typ uint8

const (
	unknown typ = iota
	boolean     // i is 0 or 1
	whole       // i
	real_       // f
)

func fromFloat(f float64) value { return value{typ: real_, f: f} }
func fromInt(i int64) value     { return value{typ: whole, i: i} }
func fromBool(b bool) value {
	if b {
		return value{typ: boolean, i: 1}
	}
	return value{typ: boolean}
}

// float of any value.
func (v value) float() float64 {
	if v.typ == real_ {
		return v.f
	}
	return float64(v.i)
}

func (v value) bool() bool { return v.float() != 0 }

func (v value) String() string {
	switch v.typ {
	case real_:
		return strconv.FormatFloat(v.f, 'g', -1, 64)
	case boolean:
		return strconv.FormatBool(v.i != 0)
	}
	return strconv.FormatInt(v.i, 10)
}

var constants = map[string]float64{
	"pi": math.Pi, "π": math.Pi, "tau": 2 * math.Pi, "τ": 2 * math.Pi, "euler": math.E, "ℇ": math.E, "ℯ": math.E,
}

// functions of one number.
var functions = map[string]func(float64) float64{
	"sin": math.Sin, "cos": math.Cos, "tan": math.Tan, "exp": math.Exp, "ln": math.Log, "log": math.Log, "sqrt": math.Sqrt,
	"asin": math.Asin, "acos": math.Acos, "atan": math.Atan, "arcsin": math.Asin, "arccos": math.Acos, "arctan": math.Atan,
	"ceiling": math.Ceil, "floor": math.Floor,
}

// levels of binary operators, from the loosest.
var levels = [][]string{
	{"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<", "<=", ">", ">="}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"},
}

// mostNested bounds the recursion of the parser.
const mostNested = 200

// expression reads and evaluates one.
func (p *parser) expression() (value, error) {
	p.nested++
	defer func() { p.nested-- }()
	if p.nested > mostNested {
		return value{}, p.faultHere("more than %d expressions, blocks or calls within one another", mostNested)
	}
	return p.binary(0)
}

// binary reads operators of a level and all tighter ones. ^ is a power in
// version 2, and an exclusive or in version 3.
func (p *parser) binary(level int) (value, error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for err == nil {
		op := p.peek()
		if op.kind != symbol || !contains(levels[level], op.text) || p.version == 2 && op.text == "^" {
			break
		}
		p.at++
		var right value
		if right, err = p.binary(level + 1); err == nil {
			left, err = p.apply(op, left, right)
		}
	}
	return left, err
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// unary reads signs, and powers behind them: -a**b is -(a**b).
func (p *parser) unary() (value, error) {
	p.nested++
	defer func() { p.nested-- }()
	if p.nested > mostNested {
		return value{}, p.faultHere("more than %d expressions, blocks or calls within one another", mostNested)
	}
	t := p.peek()
	if t.kind == symbol && (t.text == "-" || t.text == "+" || t.text == "!" || t.text == "~") {
		p.at++
		v, err := p.unary()
		if err != nil || v.typ == unknown || t.text == "+" {
			return v, err
		}
		switch {
		case t.text == "!":
			return fromBool(!v.bool()), nil
		case t.text == "~":
			if v.typ == real_ {
				return v, p.fault(t, "~ of %v; a whole number is expected", v)
			}
			return fromInt(^v.i), nil
		case v.typ == real_:
			return fromFloat(-v.f), nil
		}
		return fromInt(-v.i), nil
	}
	base, err := p.primary()
	if err != nil {
		return base, err
	}
	if op := p.peek(); op.kind == symbol && (op.text == "**" || p.version == 2 && op.text == "^") {
		p.at++
		exponent, err := p.unary()
		if err != nil {
			return value{}, err
		}
		return p.apply(op, base, exponent)
	}
	return base, nil
}

// primary reads a number, a name, a call or an expression in parentheses.
func (p *parser) primary() (value, error) {
	t := p.peek()
	p.at++
	switch {
	case t.kind == integer:
		s := strings.ReplaceAll(t.text, "_", "")
		base := 10
		if len(s) > 2 && s[0] == '0' && strings.ContainsAny(s[1:2], "xXbBoO") {
			base = 0
		}
		i, err := strconv.ParseInt(s, base, 64)
		if err != nil {
			if f, err := strconv.ParseFloat(s, 64); err == nil && base == 10 {
				return fromFloat(f), nil
			}
			return value{}, p.fault(t, "the number %s; one of at most 63 bits is expected", t.text)
		}
		return fromInt(i), nil
	case t.kind == float:
		f, err := strconv.ParseFloat(strings.ReplaceAll(t.text, "_", ""), 64)
		if err != nil {
			return value{}, p.fault(t, "the number %s; a finite one is expected", t.text)
		}
		return fromFloat(f), nil
	case t.kind == symbol && t.text == "(":
		v, err := p.expression()
		if err == nil {
			err = p.expect(")")
		}
		return v, err
	case t.kind == word:
		return p.name(t)
	}
	return value{}, p.fault(t, "%s; a number, a name or ( is expected", t.describe())
}

// name reads what a name in an expression begins.
func (p *parser) name(t token) (value, error) {
	if s, ok := p.lookup(t.text); ok {
		if s.what != variable {
			return value{}, p.fault(t, "%s is %s, whose value is known only when the circuit runs; an expression of constants is expected", t.text, s.what)
		}
		if p.is("[") {
			return value{}, p.faultHere("%s is indexed; bits of a number are not read here", t.text)
		}
		return s.value, nil
	}
	if c, ok := constants[t.text]; ok && (p.version != 2 || t.text == "pi") {
		return fromFloat(c), nil
	}
	switch t.text {
	case "true":
		return fromBool(true), nil
	case "false":
		return fromBool(false), nil
	case "measure":
		return value{}, p.fault(t, "a measurement in an expression, whose value is known only when the circuit runs; an expression of constants is expected")
	}
	if contains(numericTypes, t.text) {
		if err := p.skipWidth(); err != nil {
			return value{}, err
		}
		args, err := p.arguments(t)
		if err != nil {
			return value{}, err
		}
		if len(args) != 1 {
			return value{}, p.fault(t, "%s of %d values; one is expected", t.text, len(args))
		}
		return p.convert(t, t.text, args[0])
	}
	if !p.is("(") {
		return value{}, p.fault(t, "%s is not known; a number, a constant, a parameter or a function is expected", t.text)
	}
	args, err := p.arguments(t)
	if err != nil {
		return value{}, err
	}
	return p.call(t, args)
}

// arguments reads the values between parentheses.
func (p *parser) arguments(t token) ([]value, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var args []value
	for !p.is(")") {
		if len(args) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
			if p.is(")") {
				break
			}
		}
		v, err := p.expression()
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	return args, p.expect(")")
}

// call evaluates a function.
func (p *parser) call(t token, args []value) (value, error) {
	want := 1
	switch t.text {
	case "pow", "mod", "rotl", "rotr":
		want = 2
	case "popcount":
	default:
		if functions[t.text] == nil {
			return value{}, p.fault(t, "there is no function %s", t.text)
		}
	}
	if t.text == "rotl" || t.text == "rotr" {
		return value{}, p.fault(t, "%s needs bits of a known width; they are not read here", t.text)
	}
	if len(args) != want {
		return value{}, p.fault(t, "%s of %d values; %d are expected", t.text, len(args), want)
	}
	for _, a := range args {
		if a.typ == unknown {
			return a, nil
		}
	}
	switch t.text {
	case "pow":
		return p.apply(token{symbol, "**", t.file, t.line, t.col}, args[0], args[1])
	case "mod":
		return p.apply(token{symbol, "%", t.file, t.line, t.col}, args[0], args[1])
	case "popcount":
		if args[0].typ == real_ {
			return value{}, p.fault(t, "popcount of %v; a whole number is expected", args[0])
		}
		return fromInt(int64(bits.OnesCount64(uint64(args[0].i)))), nil
	}
	return p.finite(t, functions[t.text](args[0].float()), func() string { return fmt.Sprintf("%s(%v)", t.text, args[0]) })
}

// finite refuses a result that no gate can have.
func (p *parser) finite(t token, f float64, what func() string) (value, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return value{}, p.fault(t, "%s is %v; a finite number is expected", what(), f)
	}
	return fromFloat(f), nil
}

// apply evaluates a binary operator. Whole numbers stay whole, but for a
// division in version 2.
func (p *parser) apply(op token, a, b value) (value, error) {
	if a.typ == unknown || b.typ == unknown {
		return value{}, nil
	}
	text := strings.TrimSuffix(op.text, "=")
	switch op.text {
	case "==", "!=", "<=", ">=":
		text = op.text
	}
	x, y := a.float(), b.float()
	ints := a.typ != real_ && b.typ != real_
	switch text {
	case "==":
		return fromBool(x == y), nil
	case "!=":
		return fromBool(x != y), nil
	case "<":
		return fromBool(x < y), nil
	case "<=":
		return fromBool(x <= y), nil
	case ">":
		return fromBool(x > y), nil
	case ">=":
		return fromBool(x >= y), nil
	case "&&":
		return fromBool(a.bool() && b.bool()), nil
	case "||":
		return fromBool(a.bool() || b.bool()), nil
	case "&", "|", "<<", ">>", "^":
		if text == "^" && p.version == 2 {
			break
		}
		if !ints || (text == "<<" || text == ">>") && (b.i < 0 || b.i > 63) {
			return value{}, p.fault(op, "%v %s %v; whole numbers are expected, and shifts from 0 to 63", a, text, b)
		}
		switch text {
		case "&":
			return fromInt(a.i & b.i), nil
		case "|":
			return fromInt(a.i | b.i), nil
		case "^":
			return fromInt(a.i ^ b.i), nil
		case "<<":
			return fromInt(a.i << b.i), nil
		}
		return fromInt(a.i >> b.i), nil
	}
	if ints && (p.version != 2 || text != "/" && text != "^") {
		const most = 1 << 53 // beyond, numbers go on as floats
		switch text {
		case "+":
			if math.Abs(x+y) < most {
				return fromInt(a.i + b.i), nil
			}
		case "-":
			if math.Abs(x-y) < most {
				return fromInt(a.i - b.i), nil
			}
		case "*":
			if math.Abs(x*y) < most {
				return fromInt(a.i * b.i), nil
			}
		case "/", "%":
			if b.i == 0 {
				return value{}, p.fault(op, "%v %s 0; a divisor that is not 0 is expected", a, text)
			}
			if text == "/" {
				return fromInt(a.i / b.i), nil
			}
			return fromInt(a.i % b.i), nil
		case "**":
			if r := math.Pow(x, y); b.i >= 0 && math.Abs(r) < most {
				return fromInt(int64(r)), nil
			}
		}
	}
	var r float64
	switch text {
	case "+":
		r = x + y
	case "-":
		r = x - y
	case "*":
		r = x * y
	case "/":
		r = x / y
	case "%":
		r = math.Mod(x, y)
	default: // ** and the ^ of version 2
		r = math.Pow(x, y)
	}
	return p.finite(op, r, func() string { return fmt.Sprintf("%v %s %v", a, text, b) })
}

// wholeNumber reads an expression that is to be one.
func (p *parser) wholeNumber() (int64, bool, error) {
	t := p.peek()
	v, err := p.expression()
	switch {
	case err != nil:
		return 0, false, err
	case v.typ == unknown:
		return 0, false, nil
	case v.typ == real_:
		return 0, false, p.fault(t, "%v; a whole number is expected", v)
	}
	return v.i, true, nil
}
