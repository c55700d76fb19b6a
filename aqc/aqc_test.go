package aqc

import (
	"context"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/mps"
	"github.com/polyad/polyad/tensor"
)

var ctx = context.Background()

func haar(rng *rand.Rand, n int) []complex128 {
	m := make([]complex128, n*n)
	for i := range n {
		row := m[i*n : (i+1)*n]
		for j := range row {
			row[j] = complex(rng.NormFloat64(), rng.NormFloat64())
		}
		for range 2 {
			for k := range i {
				d := complex128(0)
				for j := range n {
					d += row[j] * cmplx.Conj(m[k*n+j])
				}
				for j := range n {
					row[j] -= d * m[k*n+j]
				}
			}
		}
		s := 0.0
		for _, v := range row {
			s += real(v)*real(v) + imag(v)*imag(v)
		}
		for j := range row {
			row[j] /= complex(math.Sqrt(s), 0)
		}
	}
	return m
}

func TestDecompose(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	var gates []mat4
	for range 200 {
		gates = append(gates, mat4(haar(rng, 4)))
	}
	for _, name := range []string{"cx", "cz", "swap", "iswap", "cy", "ch"} {
		op, err := circuit.Gate(name)
		if err != nil {
			t.Fatal(err)
		}
		gates = append(gates, mat4(op.Matrix), mat4(op.Matrix).mul(kron(mat2(haar(rng, 2)), mat2(haar(rng, 2)))))
	}
	gates = append(gates, kron(one2, one2), kron(pauliX, pauliZ), kron(mat2(haar(rng, 2)), mat2(haar(rng, 2))))
	for _, e := range []float64{1e-3, 1e-6, 1e-8, 1e-10} { // near to degenerate
		gates = append(gates, canonical([3]float64{e, 2 * e, -e}), kron(mat2(haar(rng, 2)), mat2(haar(rng, 2))).mul(canonical([3]float64{0.3, 0.3 + e, 0.3})))
	}
	for k, u := range gates {
		d, err := decompose(u)
		if err != nil {
			t.Fatalf("gate %d: %v", k, err)
		}
		v := kron(d.after[0], d.after[1]).mul(canonical(d.angles)).mul(kron(d.before[0], d.before[1]))
		for i := range v {
			if !(cmplx.Abs(v[i]-u[i]) < 1e-7) {
				t.Fatalf("gate %d: element %d is %v, want %v", k, i, v[i], u[i])
			}
		}
	}
	for _, u := range []mat2{one2, pauliX, pauliY, pauliZ, rz(1), rx(2), mat2(haar(rng, 2)), mat2(haar(rng, 2)), pauliX.mul(rz(0.3))} {
		a, b, c := rotations(u)
		v := zxz([]float64{a, b, c})
		sum := complex128(0)
		for i := range v {
			sum += cmplx.Conj(v[i]) * u[i]
		}
		if !(math.Abs(cmplx.Abs(sum)-2) < 1e-12) {
			t.Errorf("%v is not %v", v, u)
		}
	}
}

// state is the matrix product state of a circuit, without cuts.
func state(t testing.TB, c *circuit.Circuit) *mps.State {
	t.Helper()
	if c.Qubits <= 10 {
		x, err := c.State(ctx)
		if err != nil {
			t.Fatal(err)
		}
		shape := make([]int, c.Qubits)
		for k := range shape {
			shape[k] = 2
		}
		s, err := mps.FromDense(tensor.FromSlice(x, shape...), mps.Truncation{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := mps.Basis(make([]int, c.Qubits)...)
	if _, err := s.Run(ctx, Gates(c), mps.Truncation{Eps: 1e-14}); err != nil {
		t.Fatal(err)
	}
	return s
}

func random(t testing.TB, rng *rand.Rand, qubits, gates int) *circuit.Circuit {
	t.Helper()
	c := circuit.New(qubits)
	for range gates {
		p := rng.Perm(qubits)
		op, err := circuit.Unitary("u", haar(rng, 4))
		if err == nil {
			err = c.Add(op.On(p[0], p[1]))
		}
		if err == nil {
			err = c.Append("u3", []float64{rng.Float64(), rng.Float64(), rng.Float64()}, p[0])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestFromCircuit(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	for range 20 {
		c := random(t, rng, 4, 12)
		a, theta, err := FromCircuit(c)
		if err != nil {
			t.Fatal(err)
		}
		if f, err := Fidelity(ctx, state(t, c), a, theta, mps.Truncation{}); err != nil || !(math.Abs(f-1) < 1e-9) {
			t.Errorf("fidelity %v, %v", f, err)
		}
		for _, write := range []func([]float64) (*circuit.Circuit, error){a.Circuit, a.CircuitCX} {
			d, err := write(theta)
			if err != nil {
				t.Fatal(err)
			}
			if f := cmplx.Abs(mps.Overlap(state(t, c), state(t, d))); !(math.Abs(f-1) < 1e-9) {
				t.Errorf("the circuit has fidelity %v", f)
			}
		}
	}
}

// Derivatives against differences, and with bonds against all amplitudes.
func TestGradient(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	a := &Ansatz{5, [][2]int{{0, 1}, {2, 3}, {4, 3}, {1, 2}, {0, 4}, {3, 1}, {0, 1}, {3, 4}}}
	theta := make([]float64, a.Parameters())
	for i := range theta {
		theta[i] = 6 * rng.Float64()
	}
	target := state(t, random(t, rng, 5, 10))
	value := func(theta []float64) (float64, []float64) {
		var f []float64
		var g [][]float64
		for _, find := range []overlaps{a.dense(target.Dense().Data()), a.chain(target, mps.Truncation{})} {
			start, blocks := a.gates(theta)
			o, ds, db, err := find(ctx, start, blocks, nil)
			if err != nil {
				t.Fatal(err)
			}
			grad := make([]float64, len(theta))
			a.pull(theta, 2*cmplx.Conj(o), ds, db, grad)
			f, g = append(f, real(o)*real(o)+imag(o)*imag(o)), append(g, grad)
		}
		if !(math.Abs(f[0]-f[1]) < 1e-10) {
			t.Fatalf("fidelities %v", f)
		}
		for i := range g[0] {
			if !(math.Abs(g[0][i]-g[1][i]) < 1e-10) {
				t.Fatalf("derivative %d is %v, with bonds %v", i, g[0][i], g[1][i])
			}
		}
		return f[0], g[0]
	}
	_, g := value(theta)
	for i := range theta {
		const h = 1e-5
		x := slices.Clone(theta)
		x[i] += h
		up, _ := value(x)
		x[i] -= 2 * h
		down, _ := value(x)
		if d := (up - down) / (2 * h); !(math.Abs(d-g[i]) < 1e-8) {
			t.Errorf("derivative %d is %v, by differences %v", i, g[i], d)
		}
	}
}

func trotter(t testing.TB, m Model, time float64, steps int) *circuit.Circuit {
	t.Helper()
	c, err := m.Trotter(time, 2, steps)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A short chain of XYZ type: five iterations raise the fidelity of one step
// with three.
func TestShortChain(t *testing.T) {
	m := Model{Sites: 4, XX: 1.2, YY: 0.4, ZZ: 1, Z: 0.2}
	target := state(t, trotter(t, m, 0.2, 3))
	a, theta, err := FromCircuit(trotter(t, m, 0.2, 1))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Compile(ctx, target, a, theta, Options{Iterations: 5})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.9f to %.9f", r.Start, r.Fidelity)
	if !(r.Fidelity > r.Start && r.Fidelity <= 1+1e-12) {
		t.Errorf("fidelity %v, %v at the start", r.Fidelity, r.Start)
	}
}

// The example of AQC-Tensor: an Ising ring of ten sites.
func TestIsingRing(t *testing.T) {
	m, err := ParseModel("ZZ + 0.4 X", 10, true)
	if err != nil {
		t.Fatal(err)
	}
	exact := state(t, trotter(t, m, 4, 45))
	coarse := state(t, trotter(t, m, 4, 20))
	overlap := cmplx.Abs(mps.Overlap(exact, coarse))
	if f := overlap * overlap; !(math.Abs(f-0.999711191921416) < 1e-9) { // by state vectors
		t.Errorf("20 steps have fidelity %.9f", f)
	}
	a, theta, err := FromCircuit(trotter(t, m, 4, 5))
	if err != nil {
		t.Fatal(err)
	}
	if a.Depth() != 23 || a.Parameters() != 515 {
		t.Errorf("depth %d, %d parameters", a.Depth(), a.Parameters())
	}
	r, err := Compile(ctx, exact, a, theta, Options{Fidelity: 0.9997})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.6f to %.6f in %d iterations, %d evaluations: %s", r.Start, r.Fidelity, r.Iterations, r.Evaluations, r.Stop)
	if !(r.Fidelity >= 0.9997) {
		t.Errorf("fidelity %v after %d iterations", r.Fidelity, r.Iterations)
	}
	threads := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(threads)
	again, err := Compile(ctx, exact, a, theta, Options{Fidelity: 0.9997})
	if err != nil || !slices.Equal(again.Theta, r.Theta) {
		t.Errorf("one thread gives other parameters (%v)", err)
	}
}

// States without a circuit: a random one of few qubits, and the state of GHZ,
// which a chain of as many layers as it is long has to reach.
func TestPrepare(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	amplitudes := tensor.FromSlice(haar(rng, 8)[:8], 2, 2, 2)
	target, err := mps.FromDense(amplitudes, mps.Truncation{})
	if err != nil {
		t.Fatal(err)
	}
	ghz := tensor.New[complex128](2, 2, 2, 2, 2, 2)
	ghz.Raw()[0], ghz.Raw()[63] = 1, 1 // of norm √2
	second, err := mps.FromDense(ghz, mps.Truncation{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		target *mps.State
		layers int
	}{{target, 3}, {second, 6}} {
		a, err := Brickwork(c.target.Sites(), c.layers, false)
		if err != nil {
			t.Fatal(err)
		}
		theta, err := Prepare(ctx, c.target, a, 30, 1, mps.Truncation{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := Compile(ctx, c.target, a, theta, Options{Iterations: 200})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%.9f to %.9f: %s after %d", r.Start, r.Fidelity, r.Stop, r.Iterations)
		if !(r.Start > 0.9 && r.Fidelity > 1-1e-6) {
			t.Errorf("%d sites: fidelity %v, %v at the start", c.target.Sites(), r.Fidelity, r.Start)
		}
	}
	// Sweeps on bonds do what those on amplitudes do, and never lower F.
	m := Model{Sites: 6, ZZ: 1, X: 1, Z: 0.3}
	evolved := state(t, trotter(t, m, 1, 40))
	a, err := Brickwork(6, 3, false)
	if err != nil {
		t.Fatal(err)
	}
	last := 0.0
	for sweeps := 1; sweeps < 5; sweeps++ {
		var f [2]float64
		for i, find := range []overlaps{a.dense(evolved.Dense().Data()), a.chain(evolved, mps.Truncation{})} {
			theta, err := a.sweep(ctx, find, sweeps, 0)
			if err != nil {
				t.Fatal(err)
			}
			if f[i], err = Fidelity(ctx, evolved, a, theta, mps.Truncation{}); err != nil {
				t.Fatal(err)
			}
		}
		if !(math.Abs(f[0]-f[1]) < 0.05) || !(f[1] >= last-1e-9) {
			t.Errorf("%d sweeps: fidelity %v and %v, %v before", sweeps, f[0], f[1], last)
		}
		last = f[1]
	}
	if !(last > 0.9) {
		t.Errorf("fidelity %v", last)
	}
}

func TestModels(t *testing.T) {
	m, err := ParseModel(" 1.2XX+0.4*YY + ZZ - .2 Z+1e-1X", 5, false)
	if err != nil || m != (Model{Sites: 5, XX: 1.2, YY: 0.4, ZZ: 1, X: 0.1, Z: -0.2}) {
		t.Errorf("%+v, %v", m, err)
	}
	// Energies of the evolution's generator and of the operator agree: a small
	// step changes the amplitudes by -iH.
	for _, ring := range []bool{false, true} {
		m.Ring, m.Y = ring, 0.3
		h, err := m.Operator()
		if err != nil {
			t.Fatal(err)
		}
		const dt = 1e-4
		matrix, err := trotter(t, m, dt, 1).Matrix(ctx)
		if err != nil {
			t.Fatal(err)
		}
		dense := h.Dense()
		for i := range 32 {
			for j := range 32 {
				step := matrix[32*i+j]
				if i == j {
					step--
				}
				if !(cmplx.Abs(step/complex(0, -dt)-dense.At(i, j)) < 0.01) {
					t.Fatalf("element %d, %d is %v, want %v", i, j, step/complex(0, -dt), dense.At(i, j))
				}
			}
		}
	}
}

func TestBadInput(t *testing.T) {
	a, err := Brickwork(3, 2, false)
	if err != nil {
		t.Fatal(err)
	}
	theta := make([]float64, a.Parameters())
	three := circuit.New(3)
	if err := three.Append("ccx", nil, 0, 1, 2); err != nil {
		t.Fatal(err)
	}
	qutrits := mps.Product([]int{3, 2, 2}, [][]complex128{{1, 0, 0}, {1, 0}, {1, 0}})
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(ParseModel("ZZ+W", 4, false)), `"+W"`},
		{second(ParseModel("", 4, false)), "empty"},
		{second(ParseModel("1..2ZZ", 4, false)), "no number"},
		{second(ParseModel("ZZ", 1, false)), "1 sites"},
		{second(ParseModel("ZZ", 2, true)), "3 in a ring"},
		{second(Model{Sites: 4, ZZ: 1}.Trotter(1, 2, 0)), "0 steps"},
		{second(Model{Sites: 4, ZZ: 1}.Trotter(1, 3, 1)), "order 3"},
		{third(Extend(a, theta, 6)), "at least 4 sites"},
		{second(Model{Sites: 4, ZZ: 1}.Steps(ctx, mps.Basis(0, 0), 1, 2, 0.9, 5, mps.Truncation{})), "2 sites"},
		{second(Model{Sites: 4}.Operator()), "no terms"},
		{second(Brickwork(1, 1, false)), "1 qubits"},
		{third(FromCircuit(three)), "on 3 qubits"},
		{third(FromCircuit(circuit.New(0))), "no qubits"},
		{second(a.Circuit(theta[1:])), "parameters"},
		{second((&Ansatz{2, [][2]int{{0, 2}}}).Circuit(nil)), "qubits 0 and 2"},
		{second(Compile(ctx, mps.Basis(0, 0), a, theta, Options{})), "2 sites"},
		{second(Compile(ctx, qutrits, a, theta, Options{})), "dimension 3"},
		{second(Compile(ctx, mps.Basis(0, 0, 0), a, theta, Options{Fidelity: 2})), "fidelity of 2"},
		{second(Compile(stopped, mps.Basis(0, 0, 1), a, theta, Options{})), "cancel"},
		{second(Prepare(ctx, mps.Basis(0, 0, 0), a, 0, 0, mps.Truncation{})), "0 sweeps"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%v, want %q", c.err, c.want)
		}
	}
}

func second[T any](_ T, err error) error        { return err }
func third[S, T any](_ S, _ T, err error) error { return err }

// A longer chain, on matrix product states: a few steps of the gradient do
// what one more coarse step would.
func TestLongChain(t *testing.T) {
	m := Model{Sites: 16, ZZ: 1, X: 0.4}
	target := state(t, trotter(t, m, 1, 30))
	a, theta, err := FromCircuit(trotter(t, m, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Compile(ctx, target, a, theta, Options{Iterations: 15})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.6f to %.6f", r.Start, r.Fidelity)
	if !(r.Fidelity > 0.99) {
		t.Errorf("fidelity %v, %v at the start", r.Fidelity, r.Start)
	}
	c, err := a.Circuit(r.Theta)
	if err != nil {
		t.Fatal(err)
	}
	o := cmplx.Abs(mps.Overlap(target, state(t, c)))
	if !(math.Abs(o*o-r.Fidelity) < 1e-8) {
		t.Errorf("the circuit has fidelity %v, not %v", o*o, r.Fidelity)
	}
}
