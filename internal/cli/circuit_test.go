package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/polyad/polyad/circuit/simulate"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

const (
	ghzQASM = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[4];\nh q[0];\ncx q[0],q[1]; cx q[1],q[2]; cx q[2],q[3];\n"
	// A brickwork that entangles, on 12 qubits.
	brickQASM = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nconst int n = 12;\nqubit[n] q;\nbit[2] c;\n" +
		"for int d in [0:7] {\n for int i in [0:n-1] { ry(0.3 + d*i/7.0) q[i]; rz(0.1*d - i) q[i]; }\n" +
		" for int i in [d%2:2:n-2] { cp(1.1) q[i], q[i+1]; cx q[i], q[i+1]; }\n}\nc[0] = measure q[3]; c[1] = measure q[4];\n"
)

func fromJSON(t *testing.T, out string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(out), v); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
}

// All methods print the same amplitudes, expectation values and frequencies.
func TestCircuitMethods(t *testing.T) {
	file := written(t, "brick.qasm", brickQASM)
	type figures struct {
		Method     string
		Why        string
		Qubits     int
		Fidelity   float64
		Amplitudes []amplitudeOf
		Terms      []expectTerm
		Sum        float64
		Counts     map[string]int
		Seconds    *float64
	}
	get := func(args ...string) figures {
		var f figures
		out, _ := run(t, exitOK, append([]string{"circuit"}, args...)...)
		fromJSON(t, out, &f)
		if f.Qubits != 12 || f.Why == "" || f.Seconds == nil {
			t.Errorf("%v: %+v", args, f)
		}
		return f
	}
	paulis := written(t, "h.txt", "# a Hamiltonian\n0.5 Z3 Z4\n\n-1 X0 # one\nY3 X4 Z5\n")
	var want [3]figures
	for i, method := range []string{"statevector", "network", "mps", "auto"} {
		a := get("amplitude", file, "--bits", "010101**0101,000000000000", "--json", "--method", method)
		e := get("expect", file, "--pauli", paulis, "--pauli", "Z0 Z11", "--json", "--method", method)
		s := get("sample", file, "--shots", "4000", "--seed", "5", "--json", "--method", method)
		if i == 0 {
			want = [3]figures{a, e, s}
		}
		if method != "auto" && (a.Method != method || e.Method != method || s.Method != method) || len(a.Amplitudes) != 5 || len(e.Terms) != 4 || a.Fidelity != 1 && !(math.Abs(a.Fidelity-1) < 1e-12) {
			t.Errorf("%s: %+v %+v", method, a, e)
		}
		for k, x := range a.Amplitudes {
			w := want[0].Amplitudes[k]
			if x.Bits != w.Bits || !(math.Hypot(x.Re-w.Re, x.Im-w.Im) <= 1e-12) || !(math.Abs(x.Probability-x.Re*x.Re-x.Im*x.Im) <= 1e-15) {
				t.Errorf("%s: amplitude %+v, want %+v", method, x, w)
			}
		}
		for k, x := range e.Terms {
			if !(math.Abs(x.Value-want[1].Terms[k].Value) <= 1e-12) {
				t.Errorf("%s: %+v, want %+v", method, x, want[1].Terms[k])
			}
		}
		for bits, n := range want[2].Counts {
			if !(math.Abs(float64(s.Counts[bits]-n)) <= 6*math.Sqrt(float64(2*n))) {
				t.Errorf("%s: %s was drawn %d times, %d times by the state vector", method, bits, s.Counts[bits], n)
			}
		}
	}
	if b := want[0].Amplitudes[1].Bits; b != "010101010101" {
		t.Errorf("the second string is %s", b)
	}
}

func TestCircuitReport(t *testing.T) {
	file, html := written(t, "brick.qasm", brickQASM), filepath.Join(t.TempDir(), "r.html")
	for _, args := range [][]string{{"sample"}, {"amplitude"}, {"expect", "--pauli", "Z0 Z1"}} {
		args = append([]string{"circuit", args[0], file, "--method", "mps", "--bond", "3", "--json", "--report", html}, args[1:]...)
		out, _ := run(t, exitOK, args...)
		var j struct {
			Bonds     []int
			Entropies []float64 `json:"entropies_nats"`
			Course    []simulate.Moment
		}
		fromJSON(t, out, &j)
		if len(j.Bonds) != 11 || len(j.Entropies) != 11 || len(j.Course) == 0 {
			t.Errorf("%v: %+v", args, j)
		}
		page, err := os.ReadFile(html)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), "12 qubits in a matrix product state with bonds up to 3") {
			t.Errorf("%v: the page does not say so", args)
		}
	}
}

func TestCircuitOutputs(t *testing.T) {
	file := written(t, "ghz.qasm", ghzQASM)
	dir := t.TempDir()
	npy, txt, drawing := filepath.Join(dir, "a.npy"), filepath.Join(dir, "s.txt"), filepath.Join(dir, "d.txt")
	out, _ := run(t, exitOK, "circuit", "amplitude", file, "--bits", "**11", "-o", npy)
	if !strings.Contains(out, "state vector") || !strings.Contains(out, "no bond was cut") {
		t.Error(out)
	}
	f, err := tensorio.Open(npy, tensorio.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x := f.Tensor.(*tensor.Dense[complex128])
	if fmt.Sprint(x.Shape()) != "[2 2]" || !(math.Abs(real(x.At(1, 1))-math.Sqrt2/2) <= 1e-15) || x.At(0, 1) != 0 {
		t.Errorf("%v %v", x.Shape(), x.Data())
	}
	out, _ = run(t, exitOK, "circuit", "sample", file, "--shots", "200", "-o", txt)
	if !strings.Contains(out, "200, 2 different") {
		t.Error(out)
	}
	text, err := os.ReadFile(txt)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "0000\n") + strings.Count(string(text), "1111\n"); n != 200 || len(text) != 1000 {
		t.Errorf("%d samples of GHZ in %d bytes", n, len(text))
	}
	out, _ = run(t, exitOK, "circuit", "expect", file, "--pauli", strings.Repeat("X", 4), "--pauli", "2 Z0 Z3")
	if !strings.Contains(out, "sum") || !strings.Contains(out, "X0 X1 X2 X3") {
		t.Error(out)
	}
	out, _ = run(t, exitOK, "circuit", "draw", file)
	run(t, exitOK, "circuit", "draw", file, "-o", drawing)
	if text, err = os.ReadFile(drawing); err != nil || string(text) != out || !strings.HasPrefix(out, "q0: ─h──●─") {
		t.Errorf("%v %s", err, out)
	}
	var info circuitInfoJSON
	out, _ = run(t, exitOK, "circuit", "info", file, "--json")
	fromJSON(t, out, &info)
	if info.Qubits != 4 || info.Gates != 4 || info.Depth != 4 || info.Depth2 != 3 || info.Counts["cx"] != 3 || info.Log2State != 8 {
		t.Errorf("%+v", info)
	}
	out, _ = run(t, exitOK, "circuit", "info", file)
	if !strings.Contains(out, "3 cx, 1 h") || !strings.Contains(out, "256 B") {
		t.Error(out)
	}
	// Both versions have the same amplitudes as what they were made of.
	grid := written(t, "g.qsim", "3\n0 hz_1_2 0\n0 x_1_2 1\n0 y_1_2 2\n1 fs 0 1 0.5 0.1\n2 is 1 2\n3 c 0 rx 2 0.4\n4 h 2\n")
	var want, got amplitudeJSON
	out, _ = run(t, exitOK, "circuit", "amplitude", grid, "--bits", "***", "--json")
	fromJSON(t, out, &want)
	for _, version := range []string{"2", "3"} {
		file := filepath.Join(dir, "v"+version+".qasm")
		run(t, exitOK, "circuit", "convert", grid, "-o", file, "--qasm", version)
		out, _ = run(t, exitOK, "circuit", "amplitude", file, "--bits", "***", "--json")
		got = amplitudeJSON{}
		fromJSON(t, out, &got)
		for i, x := range got.Amplitudes {
			if w := want.Amplitudes[i]; x.Bits != w.Bits || !(math.Abs(x.Probability-w.Probability) <= 1e-13) || version == "3" && !(math.Hypot(x.Re-w.Re, x.Im-w.Im) <= 1e-13) {
				t.Errorf("version %s: %+v, want %+v", version, x, w)
			}
		}
	}
	// Bonds that are cut say so.
	brick := written(t, "brick.qasm", brickQASM)
	out, _ = run(t, exitOK, "circuit", "expect", brick, "--pauli", "Z5", "--method", "mps", "--bond", "4")
	if !strings.Contains(out, "bonds were cut: the fidelity left is about") || !strings.Contains(out, "with bonds up to 4") {
		t.Error(out)
	}
	// The network of the amplitude, as path sees it.
	p := pathOf(t, brick)
	if p.DType != "complex128" || p.Tensors < 20 {
		t.Errorf("%+v", p)
	}
}

// Predictions of wide and deep circuits are finite, as JSON needs them.
func TestCircuitWide(t *testing.T) {
	const n = 3000
	text := fmt.Sprintf("%d\n", n)
	for d := range 4 {
		for q := range n {
			text += fmt.Sprintf("%d ry %d 0.4\n", 2*d, q)
		}
		for q := d % 2; q+1 < n; q += 2 {
			text += fmt.Sprintf("%d cz %d %d\n", 2*d+1, q, q+1)
		}
	}
	text += fmt.Sprintf("9 cz 0 %d\n", n-1)
	out, _ := run(t, exitOK, "circuit", "expect", written(t, "wide.qsim", text), "--pauli", "X1500 Z1501", "--json")
	var j struct {
		Method     string
		Candidates []struct {
			Method        string
			Log10Products float64 `json:"log10_products"`
		}
		Sum float64
	}
	fromJSON(t, out, &j)
	if j.Method != "network" || len(j.Candidates) != 3 || j.Candidates[0].Log10Products < 900 || !(math.Abs(j.Sum) < 1) {
		t.Errorf("%+v", j)
	}
}

func TestCircuitFaults(t *testing.T) {
	ghz, dir := written(t, "ghz.qasm", ghzQASM), t.TempDir()
	grid := "49\n"
	for d := range 24 {
		for q := range 49 {
			grid += fmt.Sprintf("%d hz_1_2 %d\n", 2*d, q)
		}
		for q := range 49 {
			if d%2 == 0 && q/7%2 == d/2%2 && q < 42 {
				grid += fmt.Sprintf("%d fs %d %d 0.7 0.3\n", 2*d+1, q, q+7)
			}
			if d%2 == 1 && q%7%2 == d/2%2 && q%7 < 6 {
				grid += fmt.Sprintf("%d fs %d %d 0.7 0.3\n", 2*d+1, q, q+1)
			}
		}
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"amplitude", written(t, "if.qasm", "OPENQASM 2.0;\nqreg q[1];\ncreg c[1];\nmeasure q -> c;\nif (c==1) U(1,2,3) q[0];\n")}, "line 5, column 5: if depends on c, a measured bit: control flow"},
		{[]string{"sample", written(t, "nan.qasm", "OPENQASM 2.0;\nqreg q[1];\nU(0/0,0,0) q[0];\n")}, "line 3, column 4: 0 / 0 is NaN"},
		{[]string{"sample", written(t, "nan.qsim", "1\n0 rz 0 NaN\n")}, `line 2: parameter "NaN"`},
		{[]string{"expect", written(t, "range.qasm", "OPENQASM 2.0;\nqreg q[1];\nU(0,0,0) q[1];\n"), "--pauli", "Z0"}, "q[1] is out of range; the register has size 1"},
		{[]string{"amplitude", ghz, "--bits", "00000"}, `bit string "00000" has 5 bits; the circuit has 4 qubits`},
		{[]string{"amplitude", ghz, "--bits", "0a00"}, `has "a" at bit 1`},
		{[]string{"amplitude", ghz, "--bits", "0000,1111", "-o", filepath.Join(dir, "x.npy")}, "with 2 patterns; one --bits is expected"},
		{[]string{"amplitude", ghz, "--bits", "0000", "-o", filepath.Join(dir, "x.xyz")}, "xyz"},
		{[]string{"sample", ghz, "--report", filepath.Join(dir, "r.html")}, "give --method mps too"},
		{[]string{"sample", ghz, "--method", "mps", "--report", filepath.Join(dir, "r.txt")}, ".html"},
		{[]string{"amplitude", ghz, "--method", "dmrg"}, `"dmrg" for "--method" flag: one of auto, statevector, network, mps is expected`},
		{[]string{"amplitude", ghz, "--method", "network", "--bond", "8"}, "bond or eps with method network"},
		{[]string{"amplitude", ghz, "--mem", "1MB"}, "--mem allows 1 MB"},
		{[]string{"amplitude", filepath.Join(dir, "none.qasm")}, "none.qasm"},
		{[]string{"amplitude"}, "takes FILE, and nothing was given"},
		{[]string{"amplitude", written(t, "empty.qasm", "\n")}, "the file is empty"},
		{[]string{"amplitude", written(t, "none.qasm", "OPENQASM 3.0;\n")}, "a circuit without qubits"},
		{[]string{"sample", ghz, "--shots", "0"}, "--shots 0"},
		{[]string{"sample", ghz, "-o", filepath.Join(dir, "x.npy")}, ".txt is expected"},
		{[]string{"sample", written(t, "deep.qsim", grid), "--mem", "100MB"}, "the cheapest way is predicted to take"},
		{[]string{"expect", ghz}, "needs --pauli"},
		{[]string{"expect", ghz, "--pauli", "Z7"}, "qubit 7 is out of range"},
		{[]string{"expect", ghz, "--pauli", written(t, "h.txt", "Z0\nQ1\n")}, `h.txt, line 2: pauli string "Q1"`},
		{[]string{"expect", ghz, "--pauli", written(t, "h.txt", "# none\n")}, "has no Pauli string"},
		{[]string{"draw", ghz, "--width", "3"}, "--width 3"},
		{[]string{"convert", ghz}, "-o is missing"},
		{[]string{"convert", ghz, "-o", filepath.Join(dir, "x.txt")}, ".qasm is expected"},
		{[]string{"convert", ghz, "-o", filepath.Join(dir, "x.qasm"), "--qasm", "4"}, "--qasm 4: 2 or 3 is expected"},
		{[]string{"convert", written(t, "root.qasm", "include \"stdgates.inc\"; qubit[2] q; pow(0.3) @ swap q[0], q[1];"), "-o", filepath.Join(dir, "x.qasm")}, "pow(0.3) @ swap is a matrix on 2 qubits"},
		{[]string{"draw", written(t, "wide.qsim", "500\n0 h 0\n")}, "500 qubits and 1 gates; 200 and 5000 are the most"},
	} {
		_, text := run(t, exitInput, append([]string{"circuit"}, c.args...)...)
		if !strings.Contains(text, c.want) || strings.Count(strings.TrimSpace(text), "\n") > 0 {
			t.Errorf("circuit %v says %q, want one line with %q", c.args, text, c.want)
		}
	}
}
