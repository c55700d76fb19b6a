package qasm

import (
	"context"
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/circuit"
)

const (
	head2 = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n"
	head3 = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n"
)

func read(t *testing.T, text string) *circuit.Circuit {
	t.Helper()
	c, err := Parse("c.qasm", []byte(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return c
}

// Programs, and the gates that they are.
func TestPrograms(t *testing.T) {
	for text, want := range map[string]string{
		head2 + "qreg q[2]; qreg r[2]; h q; cx q, r; cx q[0], r; barrier q, r[1];":                                                "h 0 h 1 cx 0, 2 cx 1, 3 cx 0, 2 cx 0, 3",
		head2 + "qreg q[1]; u3(pi/2, -pi^2, 2*(1+sin(0))) q[0]; u1(1/4) q;":                                                       "u3(1.5707963267948966, -9.869604401089358, 2) 0 u1(0.25) 0",
		head2 + "gate g(a, b) x, y { rx(a*b) x; cx x, y; } gate k x { g(2, 0.5) x, x2; }\nqreg q[2];":                             "error",
		head2 + "gate g(a, b) x, y { rx(a*b) x; cx x, y; } gate k(z) p, q { g(z, z/2) q, p; }\nqreg q[2]; k(3) q[0], q[1];":       "rx(4.5) 1 cx 1, 0",
		"OPENQASM 2.0; qreg q[2]; U(0.1,0.2,0.3) q[0]; CX q[0], q[1];":                                                            "u3(0.1, 0.2, 0.3) 0 cx 0, 1",
		head3 + "qubit[3] q; qubit r; ctrl @ x q[0], r; inv @ s q[-1]; negctrl @ x q[0], q[1];":                                   "cx 0, 3 sdg 2 negctrl @ x 0, 1",
		head3 + "qubit[3] q; ctrl @ ctrl @ x q[0], q[1], q[2]; ctrl(2) @ rz(0.5) q[2], q[1], q[0];":                               "ccx 0, 1, 2 ctrl(2) @ rz(0.5) 2, 1, 0",
		head3 + "const int n = 3; qubit[n] q; for int i in [0:n-1] { rz(pi*i/2) q[i]; }":                                          "rz(0) 0 rz(1.5707963267948966) 1 rz(3.141592653589793) 2",
		head3 + "qubit[4] q; for uint i in {3, 1} x q[i]; for int i in [3:-2:0] { if (i > 2) continue; y q[i]; }":                 "x 3 x 1 y 1",
		head3 + "qubit[4] q; let a = q[0:2:3] ++ q[1]; h a; let b = a[1:2]; cx b[0], b[1];":                                       "h 0 h 2 h 1 cx 2, 1",
		head3 + "qubit[2] q; float w = 1/2 + 1.0/2; w *= 2; rx(w) q[0]; int k = 7 % 4; k += 1; while (k > 2) { h q[1]; k -= 1; }": "rx(1) 0 h 1 h 1",
		head3 + "qubit q; if (true && !(1 == 2)) x q; else y q; if (2 < 1) x q; else if (1 < 2) z q; else y q;":                   "x 0 z 0",
		head3 + "gate g(t) a, b { for int i in [0:1] { rx(t/2) a; } ctrl @ rz(t) a, b; }\nqubit[2] q; inv @ g(2) q[0], q[1];":     "crz(-2) 0, 1 rx(-1) 0 rx(-1) 0",
		head3 + "qubit[3] q; gate g a, b { h a; gphase(0.5); cx a, b; } ctrl @ g q[2], q[0], q[1];":                               "ch 2, 0 p(0.5) 2 ccx 2, 0, 1",
		head3 + "qubit q; pow(3) @ rx(0.5) q; pow(0.5) @ z q; pow(-1) @ s q; gate g a { h a; t a; } pow(2) @ g q;":                "rx(1.5) 0 pow(0.5) @ z 0 sdg 0 h 0 t 0 h 0 t 0",
		head3 + "pragma whatever\n@note x\nqubit[2] q; reset q; x q[0]; /* a\nb */ end; y q[0];":                                  "x 0",
		"include \"stdgates.inc\"; qubit q; x q; // no version is 3":                                                              "x 0",
		head3 + "qubit q; U(π, 0, τ) q;": "u3(3.141592653589793, 0, 6.283185307179586) 0 gphase(1.5707963267948966)",
		head3 + "qubit[2] q; gphase(0.25); ctrl @ gphase(0.5) q[0]; ctrl(2) @ gphase(0.5) q[0], q[1];": "gphase(0.25) p(0.5) 0 cp(0.5) 0, 1",
		head3 + "qubit q; rx(2**3**0) q; rx(-2**2) q; rx(0x1F & 0b11 | 8) q; rx(float(int(2.9))) q;":   "rx(2) 0 rx(-4) 0 rx(11) 0 rx(2) 0",
	} {
		c, err := Parse("c.qasm", []byte(text))
		if want == "error" {
			if err == nil {
				t.Errorf("%s\nis taken", text)
			}
			continue
		}
		if err != nil {
			t.Errorf("%v in\n%s", err, text)
			continue
		}
		if got := strings.Trim(fmt.Sprint(c.Ops), "[]"); got != want {
			t.Errorf("%s\ngives %s\nwant  %s", text, got, want)
		}
	}
}

func TestMeasurements(t *testing.T) {
	for text, want := range map[string][]int{
		head2 + "qreg q[3]; creg a[1]; creg c[3]; h q; measure q -> c; measure q[2] -> a[0];": {2, 0, 1, 2},
		head2 + "qreg q[3]; creg c[3]; h q; measure q[2] -> c[0];":                            {2, -1, -1},
		head3 + "qubit[2] q; bit[2] c; bit d; c = measure q; d = measure q[0];":               {0, 1, 0},
		head3 + "qubit[2] q; bit[2] c = measure q;":                                           {0, 1},
		head3 + "qubit[2] q; output bit[2] c; c[0:1] = measure q[{1, 0}];":                    {1, 0},
		head2 + "qreg q[2]; creg c[2];":                                                       nil,
	} {
		if c := read(t, text); !slices.Equal(c.Bits, want) {
			t.Errorf("%s\nmeasures %v, want %v", text, c.Bits, want)
		}
	}
}

func TestFaults(t *testing.T) {
	for text, want := range map[string]string{
		head2 + "qreg q[2];\ncreg c[2];\nmeasure q -> c;\nif (c == 1) x q[0];": "c.qasm, line 6, column 5: if depends on c, a measured bit: control flow on measured bits",
		head3 + "qubit q; bit c; c = measure q;\nif (c) x q;":                  "line 4, column 5: if depends on c, a measured bit",
		head3 + "qubit q; bit c; c = measure q;\nwhile (1 < 2 && c) { }":       "c is a measured bit, whose value is known only when the circuit runs",
		head3 + "qubit q; bit c; c = measure q; x q;":                          "gate x is on a qubit that is measured in line 3; measurements are expected at the end",
		head2 + "qreg q[1]; x q; reset q;":                                     "reset of a qubit that had a gate",
		head3 + "input float t;":                                               "input: an input has no value before the circuit runs",
		head3 + "def f() { }":                                                  "subroutines are not read",
		head3 + "qubit q; delay[10ns] q;":                                      "timing is not read",
		head3 + "x $0;":                                                        "qubits of a machine",
		head2 + "qreg q[2]; x q[2];":                                           "q[2] is out of range; the register has size 2",
		head3 + "qubit[2] q; x q[-3];":                                         "q[-3] is out of range",
		head3 + "qubit[2] q; h q[0:2];":                                        "q[0:2] is out of range; the register has size 2",
		head2 + "qreg q[2]; rx(1/0) q[0];":                                     "1 / 0 is +Inf; a finite number is expected",
		head2 + "qreg q[2]; rx(sqrt(-1)) q[0];":                                "sqrt(-1) is NaN",
		head2 + "qreg q[2]; rx(1e999) q[0];":                                   "the number 1e999; a finite one",
		head3 + "qubit q; rx(1/0) q;":                                          "1 / 0; a divisor that is not 0",
		head2 + "qreg q[2]; rx q[0];":                                          "gate rx has 0 parameters; 1 are expected",
		head2 + "qreg q[2]; cx q[0];":                                          "gate cx is on 1 operands; 2 are expected",
		head2 + "qreg q[2]; cx q[0], q[0];":                                    "gate cx is on one qubit twice",
		head2 + "qreg q[2]; qreg r[3]; cx q, r;":                               "3 qubits, where another operand of gate cx has 2",
		"OPENQASM 2.0;\nqreg q[2]; h q;":                                       `h is no gate that is defined; include "qelib1.inc"; defines it`,
		head2 + "qreg q[2]; foo q;":                                            "foo is no gate that is defined",
		head2 + "qreg q[2]; qreg q[2];":                                        "q is declared already, in line 3",
		head2 + "gate h a { }":                                                 "gate h is one of the standard ones already",
		head2 + "gate g a { g a; }":                                            "g is no gate that is defined",
		head2 + "gate g a { x b; }":                                            "b is no qubit of this gate",
		head2 + "gate g(t) a { rx(s) a; }":                                     "s is not known",
		head2 + "gate g a { x a;":                                              "line 3, column 10: { without a }",
		head2 + "opaque magic a, b; qreg q[2]; magic q[0], q[1];":              "gate magic is opaque",
		head2 + "qreg q[2]; creg c[1]; measure q -> c;":                        "2 qubits are measured into 1 bits",
		head2 + "qreg q[0];":                                                   "a register of size 0",
		head2 + "qreg q[2000000];":                                             "a register of size 2000000; 1 to 1000000",
		head2 + "qubit q;":                                                     "qubit is of OpenQASM 3",
		head2 + "qreg q[1]\nx q;":                                              `line 4, column 1: "x"; ";" is expected`,
		head2 + "qreg q[1]; x q":                                               `the end of the file; "," is expected`,
		"OPENQASM 4.0;":                                                        `OPENQASM "4.0"; version 2.0 or 3.0`,
		head2 + "include \"other.inc\";":                                       "only qelib1.inc and stdgates.inc",
		head3 + "const int n = 2; n = 3;":                                      "n is a constant",
		head3 + "for int i in [0:0:3] { }":                                     "a step of 0",
		head3 + "int i = 0; while (true) { i += 1; }":                          "statements were run",
		head3 + "qubit[2] q; pow(0.5) @ h q[0], q[1];":                         "gate h is on 2 operands",
		head3 + "qubit[2] q; ctrl(20) @ x q[0], q[1];":                         "ctrl(20); 1 to 10 controls",
		head3 + "qubit q; bit b = \"1\";":                                      "bits get their values by measure",
		head2 + "qreg q[1]; /* x":                                              "a comment that does not end",
		head2 + "qreg q[1]; x q; €":                                            "has no meaning here",
		head3 + "qubit q; rx(" + strings.Repeat("(", 1000) + "1" + strings.Repeat(")", 1000) + ") q;": "within one another",
		head3 + "qubit q; rx(" + strings.Repeat("-", 1000) + "1) q;":                                  "within one another",
		head3 + strings.Repeat("{", 1000):                                                             "within one another",
		head3 + "qubit q; " + strings.Repeat("if (false) ", 1000) + "x q;":                            "within one another",
	} {
		if _, err := Parse("c.qasm", []byte(text)); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "c.qasm, line ") {
			t.Errorf("%.200s\ngives %v\nwant %q", text, err, want)
		}
	}
}

// random is a circuit of gates of the library, with modifiers.
func random(t *testing.T, n, gates int, seed uint64) *circuit.Circuit {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 0))
	names := circuit.Gates()
	c := circuit.New(n)
	for i := 0; len(c.Ops) < gates; i++ {
		name := names[i%len(names)]
		k, params, _ := circuit.Signature(name)
		if k > n {
			continue
		}
		p := make([]float64, len(params))
		for i := range p {
			p[i] = 6 * (rng.Float64() - 0.5)
		}
		op, err := circuit.Gate(name, p...)
		if err != nil {
			t.Fatal(err)
		}
		c.Ops = append(c.Ops, op.On(rng.Perm(n)[:k]...))
	}
	return c
}

// off is how far two circuits differ, with or without a phase.
func off(t *testing.T, a, b *circuit.Circuit, phase bool) float64 {
	t.Helper()
	x, err := a.Matrix(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	y, err := b.Matrix(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	turn := complex128(1)
	if phase {
		var dot complex128
		for i := range x {
			dot += x[i] * cmplx.Conj(y[i])
		}
		turn = dot / complex(cmplx.Abs(dot), 0)
	}
	far := 0.0
	for i := range x {
		far = max(far, cmplx.Abs(x[i]-turn*y[i]))
	}
	return far
}

// Every gate of the library is written and read back.
func TestRoundTrip(t *testing.T) {
	c := random(t, 5, 2*len(circuit.Gates()), 3)
	c.Bits = []int{3, -1, 0}
	for _, version := range []int{2, 3} {
		text, err := Format(c, version)
		if err != nil {
			t.Fatal(err)
		}
		back := read(t, string(text))
		if !(off(t, c, back, version == 2) <= 1e-13) || !slices.Equal(back.Bits, c.Bits) {
			t.Errorf("version %d: off by %v, bits %v\n%s", version, off(t, c, back, version == 2), back.Bits, text)
		}
		again, err := Format(back, version)
		if err != nil {
			t.Fatal(err)
		}
		if d := off(t, back, read(t, string(again)), false); !(d <= 1e-13) {
			t.Errorf("version %d: written again, off by %v", version, d)
		}
	}
}

// Gates with modifiers and gates of a matrix are written by their matrices.
func TestRoundTripModified(t *testing.T) {
	c := read(t, head3+
		`qubit[3] q; negctrl @ rx(0.3) q[0], q[1]; pow(0.3) @ swap q[1], q[2]; ctrl(2) @ u3(0.1, 0.2, 0.3) q[0], q[1], q[2]; inv @ pow(0.7) @ h q[0]; ctrl @ pow(0.5) @ y q[2], q[0];`)
	one, err := circuit.Unitary("mine", []complex128{0.6i, 0.8i, -0.8, 0.6})
	if err != nil {
		t.Fatal(err)
	}
	two, err := one.Control(2)
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range []circuit.Op{one.On(1), two.On(2, 0, 1), {Name: "h", Qubits: []int{0}, Matrix: one.Matrix}} {
		if err := c.Add(op); err != nil {
			t.Fatal(err)
		}
	}
	text, err := Format(c, 3)
	if err != nil {
		t.Fatal(err)
	}
	if d := off(t, c, read(t, string(text)), false); !(d <= 1e-13) {
		t.Errorf("off by %v:\n%s", d, text)
	}
	if _, err := Format(c, 2); err == nil || !strings.Contains(err.Error(), "gate 1: pow(0.3) @ swap is a matrix on 2 qubits") {
		t.Errorf("version 2: %v", err)
	}
	if _, err := Format(c, 1); err == nil {
		t.Error("version 1 is taken")
	}
	c.Ops = slices.Delete(c.Ops, 1, 3)
	c.Ops = slices.DeleteFunc(c.Ops, func(op circuit.Op) bool { return len(op.Qubits) > 2 || strings.HasPrefix(op.Name, "negctrl") })
	if text, err = Format(c, 2); err != nil {
		t.Fatal(err)
	}
	if d := off(t, c, read(t, string(text)), true); !(d <= 1e-13) {
		t.Errorf("version 2: off by %v:\n%s", d, text)
	}
}

// U, u2 and u3 of version 3 have the phases of the specification.
func TestPhases(t *testing.T) {
	for text, want := range map[string]string{
		"ctrl @ U(0.3, 0.5, 0.7) q[0], q[1];":  "cu(0.3, 0.5, 0.7, 0.15) q[0], q[1];",
		"ctrl @ u3(0.3, 0.5, 0.7) q[0], q[1];": "cu(0.3, 0.5, 0.7, -0.6) q[0], q[1];",
		"ctrl @ u2(0.5, 0.7) q[0], q[1];":      "cu(pi/2, 0.5, 0.7, -0.6) q[0], q[1];",
		"U(pi/2, 0, pi) q[0]; gphase(-pi/4);":  "h q[0];",
		"CX q[0], q[1];":                       "cx q[0], q[1];",
	} {
		a, b := read(t, head3+"qubit[2] q;"+text), read(t, head3+"qubit[2] q;"+want)
		if d := off(t, a, b, false); !(d <= 1e-14) {
			t.Errorf("%s is off %s by %v", text, want, d)
		}
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"mine.inc": "gate bell a, b { h a; cx a, b; }\n", "c.qasm": head2 + "include \"mine.inc\";\nqreg q[2];\nbell q[0], q[1];\n",
		"bad.inc": "gate k a {\n  oops a;\n}\n", "bad.qasm": head2 + "include \"bad.inc\";\n", "self.qasm": head2[:14] + "include \"self.qasm\";\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Open(filepath.Join(dir, "c.qasm"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(c.Ops); got != "[h 0 cx 0, 1]" {
		t.Error(got)
	}
	for name, want := range map[string]string{
		"bad.qasm": "bad.inc, line 2, column 3: oops is no gate", "self.qasm": "files are included", "none.qasm": "none.qasm",
	} {
		if _, err := Open(filepath.Join(dir, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(head2 + "gate g(a) x, y { rx(a^2/3) x; cx x, y; }\nqreg q[2]; creg c[2]; g(-1.5) q[0], q[1]; measure q -> c;"))
	f.Add([]byte(head3 + "const int n = 3; qubit[n] q; let a = q[0:1] ++ q[2]; for int i in [0:n-1] { ctrl @ pow(0.5) @ rx(pi*i) q[i], q[(i+1)%n]; }"))
	f.Add([]byte(head3 + "qubit[2] q; bit[2] b; if (1 < 2) { inv @ U(1, 2, 3) q; } else gphase(1); while (false) { } b = measure q;"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 4096 {
			return
		}
		c, err := Parse("f", data)
		if err != nil {
			return
		}
		if c.Qubits > 6 || len(c.Ops) > 200 {
			return
		}
		for _, op := range c.Ops {
			if _, err := circuit.Unitary(op.Name, op.Matrix); err != nil {
				t.Error(err)
			}
		}
		text, err := Format(c, 3)
		if err != nil {
			return // a matrix without a name
		}
		back, err := Parse("f", text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if d := off(t, c, back, false); !(d <= 1e-9*(1+math.Sqrt(float64(len(c.Ops))))) {
			t.Errorf("written and read back, off by %v:\n%s", d, text)
		}
	})
}

func ExampleParse() {
	c, err := Parse("bell.qasm", []byte(`OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
bit[2] c;
h q[0];
ctrl @ x q[0], q[1];
c = measure q;
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Ops, c.Bits)
	_, err = Parse("bad.qasm", []byte("OPENQASM 2.0;\nqreg q[2];\nrx(0.1) q[0];\n"))
	fmt.Println(err)
	// Output:
	// [h 0 cx 0, 1] [0 1]
	// bad.qasm, line 3, column 1: rx is no gate that is defined; include "qelib1.inc"; defines it
}

func ExampleFormat() {
	c := circuit.New(2)
	_ = c.Append("h", nil, 0)
	_ = c.Append("cp", []float64{math.Pi / 4}, 0, 1)
	text, err := Format(c, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(text))
	// Output:
	// OPENQASM 2.0;
	// include "qelib1.inc";
	// qreg q[2];
	// h q[0];
	// cp(pi/4) q[0], q[1];
}
