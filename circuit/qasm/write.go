package qasm

import (
	"bytes"
	"fmt"
	"math"
	"math/cmplx"
	"slices"
	"strconv"
	"strings"

	"github.com/polyad/polyad/circuit"
)

// given are definitions that a file gets for gates that its include file
// lacks, by version. The gates of other definitions come first.
var given = map[int][]struct{ name, text string }{
	2: {
		{"ccz", "gate ccz a, b, c { h c; ccx a, b, c; h c; }"},
		{"ryy", "gate ryy(theta) a, b { rx(pi/2) a; rx(pi/2) b; cx a, b; rz(theta) b; cx a, b; rx(-pi/2) a; rx(-pi/2) b; }"},
		{"rzx", "gate rzx(theta) a, b { h b; cx a, b; rz(theta) b; cx a, b; h b; }"},
		{"iswap", "gate iswap a, b { s a; s b; h a; cx a, b; cx b, a; h b; }"},
		{"fsim", "gate fsim(theta, phi) a, b { rx(pi/2) a; rx(pi/2) b; cx a, b; rz(theta) b; cx a, b; rx(-pi/2) a; rx(-pi/2) b; rxx(theta) a, b; cu1(-phi) a, b; }"},
	},
	3: {
		{"u", "gate u(theta, phi, lambda) a { gphase(-theta/2); U(theta, phi, lambda) a; }"},
		{"rxy", "gate rxy(theta, phi) a { rz(-theta) a; rx(phi) a; rz(theta) a; }"},
		{"rzz", "gate rzz(theta) a, b { cx a, b; rz(theta) b; cx a, b; }"},
		{"rzx", "gate rzx(theta) a, b { h b; cx a, b; rz(theta) b; cx a, b; h b; }"},
		{"rxx", "gate rxx(theta) a, b { h a; h b; cx a, b; rz(theta) b; cx a, b; h a; h b; }"},
		{"ryy", "gate ryy(theta) a, b { rx(pi/2) a; rx(pi/2) b; cx a, b; rz(theta) b; cx a, b; rx(-pi/2) a; rx(-pi/2) b; }"},
		{"iswap", "gate iswap a, b { s a; s b; h a; cx a, b; cx b, a; h b; }"},
		{"fsim", "gate fsim(theta, phi) a, b { rx(pi/2) a; rx(pi/2) b; cx a, b; rz(theta) b; cx a, b; rx(-pi/2) a; rx(-pi/2) b; h a; h b; cx a, b; rz(theta) b; cx a, b; h a; h b; cp(-phi) a, b; }"},
		{"rccx", "gate rccx a, b, c { h c; t c; cx b, c; tdg c; cx a, c; t c; cx b, c; tdg c; h c; }"},
		{"rc3x", "gate rc3x a, b, c, d { h d; t d; cx c, d; tdg d; h d; cx a, d; t d; cx b, d; tdg d; cx a, d; t d; cx b, d; tdg d; h d; t d; cx c, d; tdg d; h d; }"},
	},
}

// other are gates under the name that a version has for them, in front of the
// parameters.
var other = map[int]map[string]string{
	2: {"phase": "p", "cphase": "cp", "x_1_2": "sx"},
	3: {
		"phase": "p", "cphase": "cp", "cu1": "cp", "u3": "u", "sxdg": "inv @ sx", "x_1_2": "sx", "csx": "ctrl @ sx",
		"c3x": "ctrl(3) @ x", "c4x": "ctrl(4) @ x", "ccz": "ctrl(2) @ z", "c3sqrtx": "ctrl(3) @ sx", "cu3": "ctrl @ u", "gphase": "gphase",
	},
}

// Format writes a circuit in OpenQASM, version 2 or 3, with one register q and
// the bits c, if some are measured. Gates that the include file lacks are
// defined, or written as u3 and its controlled forms. In version 2 the phase
// of the whole state, which no measurement sees, is in a comment. The error
// says which gate is a matrix that has no name.
func Format(c *circuit.Circuit, version int) ([]byte, error) {
	if version != 2 && version != 3 {
		return nil, fmt.Errorf("qasm: version %d; 2 or 3 is expected", version)
	}
	w := &writer{version: version, used: map[string]bool{}}
	for i, op := range c.Ops {
		if err := w.op(op); err != nil {
			return nil, fmt.Errorf("qasm: gate %d: %w", i, err)
		}
	}
	var out bytes.Buffer
	if version == 2 {
		out.WriteString("OPENQASM 2.0;\ninclude \"qelib1.inc\";\n")
		if phase := math.Remainder(w.phase, 2*math.Pi); math.Abs(phase) > 1e-15 {
			fmt.Fprintf(&out, "// phase %s\n", radians(phase))
		}
	} else {
		out.WriteString("OPENQASM 3.0;\ninclude \"stdgates.inc\";\n")
	}
	for _, d := range given[version] {
		if w.used[d.name] {
			out.WriteString(d.text + "\n")
		}
	}
	declare := func(old, now, name string, n int) {
		switch {
		case n == 0:
		case version == 2:
			fmt.Fprintf(&out, "%s %s[%d];\n", old, name, n)
		default:
			fmt.Fprintf(&out, "%s[%d] %s;\n", now, n, name)
		}
	}
	declare("qreg", "qubit", "q", c.Qubits)
	declare("creg", "bit", "c", len(c.Bits))
	out.Write(w.body.Bytes())
	for bit, q := range c.Bits {
		switch {
		case q < 0:
		case version == 2:
			fmt.Fprintf(&out, "measure q[%d] -> c[%d];\n", q, bit)
		default:
			fmt.Fprintf(&out, "c[%d] = measure q[%d];\n", bit, q)
		}
	}
	return out.Bytes(), nil
}

// writer collects statements and what they need.
type writer struct {
	version int
	body    bytes.Buffer
	used    map[string]bool
	phase   float64 // of version 2
}

// line writes a gate by its name.
func (w *writer) line(name string, params []float64, qubits []int) {
	w.body.WriteString(name)
	for i, p := range params {
		w.body.WriteString([]string{"(", ", "}[min(i, 1)])
		w.body.WriteString(radians(p))
	}
	if len(params) > 0 {
		w.body.WriteByte(')')
	}
	for i, q := range qubits {
		fmt.Fprintf(&w.body, "%s q[%d]", []string{"", ","}[min(i, 1)], q)
	}
	w.body.WriteString(";\n")
}

// has says under which name a version has a gate, with its definition.
func (w *writer) has(name string) (string, bool) {
	if to, ok := other[w.version][name]; ok {
		name = to
	}
	base := name
	if i := strings.LastIndex(name, "@ "); i >= 0 {
		base = name[i+2:]
	}
	file := "qelib1.inc"
	if w.version == 3 {
		file = "stdgates.inc"
		if base == "u3" || base == "u2" { // whose phase is another one there
			return "", false
		}
	}
	for _, d := range given[w.version] {
		if d.name == base {
			w.used[base] = true
			return name, true
		}
	}
	return name, slices.Contains(standard[file], base) || base == "gphase"
}

// op writes a gate.
func (w *writer) op(op circuit.Op) error {
	switch {
	case w.version == 2 && op.Name == "u0":
		w.line("id", nil, op.Qubits)
		return nil
	case op.Name == "id2":
		w.line("id", nil, op.Qubits[:1])
		w.line("id", nil, op.Qubits[1:])
		return nil
	case len(op.Qubits) == 0 && w.version == 2:
		w.phase += cmplx.Phase(op.Matrix[0])
		return nil
	}
	// A name with modifiers ends in the gate that they are for.
	mods, base := "", op.Name
	if i := strings.LastIndex(op.Name, "@ "); i >= 0 {
		mods, base = op.Name[:i+2], op.Name[i+2:]
	}
	if n, params, ok := circuit.Signature(base); ok && len(params) == len(op.Params) && (mods == "" && n == len(op.Qubits) || w.version == 3) && w.same(op, mods, base) {
		if name, ok := w.has(base); ok {
			w.line(mods+name, op.Params, op.Qubits)
			return nil
		}
	}
	return w.matrix(op)
}

// same says whether a gate of a name of the library has its matrix: names are
// the user's to give.
func (w *writer) same(op circuit.Op, mods, base string) bool {
	g, err := circuit.Gate(base, op.Params...)
	if err != nil {
		return false
	}
	words := strings.Split(strings.TrimSuffix(mods, "@ "), "@")
	for _, m := range slices.Backward(words) {
		name, argument, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(m), ")"), "(")
		count, err := strconv.Atoi(argument)
		if argument == "" {
			count, err = 1, nil
		}
		switch name {
		case "":
		case "inv":
			g = g.Inverse()
		case "ctrl":
			if err == nil {
				g, err = g.Control(count)
			}
		case "negctrl":
			if err == nil {
				g, err = g.ControlZero(count)
			}
		case "pow":
			var x float64
			if x, err = strconv.ParseFloat(argument, 64); err == nil {
				g, err = g.Power(x)
			}
		default:
			return false
		}
		if err != nil {
			return false
		}
	}
	if len(g.Matrix) != len(op.Matrix) {
		return false
	}
	for i := range g.Matrix {
		if !(cmplx.Abs(g.Matrix[i]-op.Matrix[i]) <= 1e-12) {
			return false
		}
	}
	return true
}

// matrix writes a gate of one qubit, with or without controls, by its matrix.
func (w *writer) matrix(op circuit.Op) error {
	k := len(op.Qubits)
	if k == 0 {
		w.line("gphase", []float64{cmplx.Phase(op.Matrix[0])}, nil)
		return nil
	}
	n := 1 << k
	one, ok := lastBlock(op.Matrix, n)
	if k == 2 && !ok {
		op.Matrix = flipped(op.Matrix)
		if _, yes := lastBlock(op.Matrix, n); yes { // acts if the first is 0
			w.line("x", nil, op.Qubits[:1])
			err := w.matrix(op)
			w.line("x", nil, op.Qubits[:1])
			return err
		}
	}
	if !ok || k > 2 && w.version == 2 {
		return fmt.Errorf("%s is a matrix on %d qubits; OpenQASM %d has no name for it: write it as gates that have one", op.Name, k, w.version)
	}
	theta, phi, lambda, gamma := angles(one)
	params := []float64{theta, phi, lambda}
	if w.version == 2 {
		if k == 1 {
			w.line("u3", params, op.Qubits)
			w.phase += gamma
			return nil
		}
		w.line("cu3", params, op.Qubits)
		if gamma != 0 {
			w.line("u1", []float64{gamma}, op.Qubits[:1])
		}
		return nil
	}
	w.used["u"] = true
	mods, phase := "", "gphase"
	switch k {
	case 1:
	case 2:
		mods, phase = "ctrl @ ", "p"
	default:
		mods, phase = fmt.Sprintf("ctrl(%d) @ ", k-1), fmt.Sprintf("ctrl(%d) @ p", k-2)
	}
	w.line(mods+"u", params, op.Qubits)
	if gamma != 0 {
		w.line(phase, []float64{gamma}, op.Qubits[:k-1])
	}
	return nil
}

// flipped is a matrix on two qubits between two x on the first.
func flipped(m []complex128) []complex128 {
	out := make([]complex128, 16)
	for i := range out {
		out[i^0b1010] = m[i]
	}
	return out
}

// lastBlock is the gate on the last qubit, if the others are its controls.
func lastBlock(m []complex128, n int) ([]complex128, bool) {
	for i := range n {
		for j := range n {
			if i >= n-2 && j >= n-2 {
				continue
			}
			want := complex128(0)
			if i == j {
				want = 1
			}
			if cmplx.Abs(m[i*n+j]-want) > 1e-14 {
				return nil, false
			}
		}
	}
	return []complex128{m[n*n-n-2], m[n*n-n-1], m[n*n-2], m[n*n-1]}, true
}

// angles of a gate e^(iγ) u3(θ,φ,λ).
func angles(m []complex128) (theta, phi, lambda, gamma float64) {
	s, c := cmplx.Abs(m[2]), cmplx.Abs(m[0])
	theta = 2 * math.Atan2(s, c)
	const tiny = 1e-15
	switch {
	case c <= tiny:
		gamma = cmplx.Phase(-m[1])
		phi = cmplx.Phase(m[2]) - gamma
	case s <= tiny:
		gamma = cmplx.Phase(m[0])
		lambda = cmplx.Phase(m[3]) - gamma
	default:
		gamma = cmplx.Phase(m[0])
		phi, lambda = cmplx.Phase(m[2])-gamma, cmplx.Phase(-m[1])-gamma
	}
	return theta, phi, lambda, gamma
}

// radians writes a number: a fraction of pi if it is one to the last bit.
func radians(x float64) string {
	for _, d := range []float64{1, 2, 3, 4, 6, 8, 12, 16, 32, 64} {
		k := math.Round(x * d / math.Pi)
		if k == 0 || math.Abs(k) > 64 || k*math.Pi/d != x {
			continue
		}
		text := "pi"
		if a := math.Abs(k); a != 1 {
			text = strconv.FormatFloat(a, 'f', -1, 64) + "*pi"
		}
		if d != 1 {
			text += "/" + strconv.FormatFloat(d, 'f', -1, 64)
		}
		if k < 0 {
			text = "-" + text
		}
		return text
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
