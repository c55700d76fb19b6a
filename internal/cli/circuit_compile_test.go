package cli

import (
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/polyad/polyad/tensor"
)

func TestCircuitCompile(t *testing.T) {
	dir := t.TempDir()
	compiled := func(args string) (j compileJSON) {
		t.Helper()
		text, _ := run(t, exitOK, append([]string{"circuit", "compile", "--json"}, strings.Fields(args)...)...)
		if err := json.Unmarshal([]byte(text), &j); err != nil {
			t.Fatal(err)
		}
		return j
	}
	short, long := filepath.Join(dir, "short.qasm"), filepath.Join(dir, "long.qasm")
	j := compiled("--hamiltonian ZZ+0.4X --sites 10 --ring --time 4 --steps 45 --start-steps 5 --fidelity 0.9997 --eps 1e-12 --gates cx -o " + short)
	if j.Depth != 23 || j.Parameters != 515 || j.TargetDepth != 270 || !(j.Fidelity >= 0.9997) || j.Stop != "fidelity" {
		t.Errorf("%+v", j)
	}
	// What was written is a circuit that prepares the state.
	ops, err := readCircuit(short)
	if err != nil {
		t.Fatal(err)
	}
	if ops.Qubits != 10 || ops.Depth(2) != 33 {
		t.Errorf("%d qubits, depth %d of gates on two", ops.Qubits, ops.Depth(2))
	}
	again := compiled(short + " --start " + short + " --max-iters 3")
	if !(again.Start > 1-1e-9) {
		t.Errorf("the circuit and its ansatz have fidelity %v", again.Start)
	}
	// A chain that begins with a shorter one, against steps as close.
	j = compiled("--hamiltonian ZZ+0.4X --sites 14 --time 1 --order 4 --steps 10 --start-steps 1 --start-sites 8 --fidelity 0.999 --eps 1e-12 --compare-trotter")
	if j.Layers != 3 || !(j.Start > 0.9 && j.Fidelity >= 0.999) || len(j.Trotter) != 3 || !(j.Ratio > 3) {
		t.Errorf("%+v", j)
	}
	for i, e := range j.Trotter {
		if e.Order != []int{1, 2, 4}[i] || e.Fidelity >= j.Fidelity != e.Reached || e.Reached && float64(e.Layers) < j.Ratio*3-1e-9 {
			t.Errorf("%+v", e)
		}
	}
	// A ground state, in version 3 of OpenQASM, and with it as the start.
	j = compiled("--hamiltonian -ZZ-2X --sites 8 --ground --layers 3 --max-iters 40 --qasm 3 -o " + long)
	if !(j.Fidelity > 0.999) || !(j.Energy < -16) || j.Layers != 3 {
		t.Errorf("%+v", j)
	}
	j = compiled("--hamiltonian -ZZ-2X --sites 8 --ground --max-iters 5 --start " + long)
	if !(j.Start > 0.999 && j.Fidelity >= j.Start) {
		t.Errorf("%+v", j)
	}
	// The ground state as the start of a variational circuit.
	j = compiled("--hamiltonian -ZZ-2X --sites 4 --ground --layers 3 --max-iters 3 --sweeps 1 --variational 100 -o " + long)
	if v := j.Vary; v == nil || !(v.Start > v.Energy+1e-6 && v.Energy > j.Energy-1e-9 && v.Energy-j.Energy < 1e-3) || !(v.Fidelity > 0.999) {
		t.Errorf("%+v, %+v", j, v)
	}
	text, _ := run(t, exitOK, "circuit", "expect", long, "--json", "--pauli", written(t, "h.txt", "-1 Z0 Z1\n-1 Z1 Z2\n-1 Z2 Z3\n-2 X0\n-2 X1\n-2 X2\n-2 X3\n"))
	var e expectJSON
	if err := json.Unmarshal([]byte(text), &e); err != nil || !(math.Abs(e.Sum-j.Vary.Energy) < 1e-9) {
		t.Errorf("the circuit that was written has the energy %v, not %+v (%v)", e.Sum, j.Vary, err)
	}
	// Amplitudes of three qubits, of any shape and norm.
	x := tensor.FromSlice([]complex128{1, 2i, 0, 3, -1, 0.5, 1i, 2}, 8)
	j = compiled(saved(t, "x.npy", x) + " --layers 3")
	if !(j.Fidelity > 1-1e-6) || j.Qubits != 3 {
		t.Errorf("%+v", j)
	}
	train := filepath.Join(dir, "tt.npz")
	run(t, exitOK, "decompose", saved(t, "y.npy", tensor.FromSlice([]float64{1, 0, 0, 1, 0, 1, 1, 0}, 2, 2, 2)), "--method", "tt", "--eps", "1e-9", "-o", train)
	if j = compiled(train + " --layers 3"); !(j.Fidelity > 1-1e-6) {
		t.Errorf("%+v", j)
	}
	text, _ = run(t, exitOK, "circuit", "compile", short, "--layers", "1", "--max-iters", "2")
	for _, want := range []string{"10 qubits", "depth 3", "fidelity"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	toffoli := written(t, "t.qasm", "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[3];\nccx q[0],q[1],q[2];\n")
	for _, c := range []struct{ args, want string }{
		{"", "either a file or --hamiltonian"},
		{short, "one of --start"},
		{short + " --layers 2 --start " + short, "one of --start"},
		{short + " --layers 2 --sites 3", "are for --hamiltonian"},
		{short + " --layers 0 --ring --start " + short, "--ring is for"},
		{short + " --layers 2 --gates cz", "cz"},
		{short + " --layers 2 --qasm 4", "--qasm 4"},
		{short + " --layers 2 --fidelity 2", "--fidelity 2"},
		{short + " --layers 2 --max-iters 0", "--max-iters 0"},
		{short + " --layers -1", "-1 layers"},
		{short + " --layers 2 -o x.txt", ".qasm"},
		{"--hamiltonian ZZ --sites 4 --layers 2", "either --ground"},
		{"--hamiltonian QQ --sites 4 --ground --layers 2", `"QQ"`},
		{"--hamiltonian ZZ --ground --layers 2", "0 sites"},
		{"--hamiltonian ZZ --sites 4 --ground --start-steps 2", "not for --ground"},
		{"--hamiltonian ZZ --sites 4 --ground --layers 2 --compare-trotter", "--time and --steps"},
		{"--hamiltonian ZZ --sites 4 --steps 3 --time 1 --order 3 --layers 2", "--order 3"},
		{"--hamiltonian ZZ --sites 8 --steps 3 --time 1 --start-sites 5 --layers 2", "--start-sites 5"},
		{short + " --layers 2 --start-sites 4", "--start-sites is for"},
		{"--hamiltonian ZZ --sites 4 --ground --layers 2 --variational -1", "--variational -1"},
		{short + " --layers 2 --variational 5", "--variational 5"},
		{toffoli + " --start " + toffoli, "on 3 qubits"},
		{saved(t, "z.npy", tensor.New[float64](6)) + " --layers 2", "2^n amplitudes"},
		{filepath.Join(dir, "none.qasm") + " --layers 2", "none.qasm"},
	} {
		_, text := run(t, exitInput, append([]string{"circuit", "compile"}, strings.Fields(c.args)...)...)
		if !strings.Contains(text, c.want) || strings.Count(strings.TrimSpace(text), "\n") > 0 {
			t.Errorf("circuit compile %s says %q, want one line with %q", c.args, text, c.want)
		}
	}
}
