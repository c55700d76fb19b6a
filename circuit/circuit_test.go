package circuit

import (
	"context"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var angles = []float64{0.3, -1.1, 2.2, 0.7}

// every calls f with each gate of the library on the first qubits.
func every(t *testing.T, f func(name string, op Op)) {
	t.Helper()
	for _, name := range Gates() {
		k, params, ok := Signature(name)
		if !ok {
			t.Fatalf("gate %s has no signature", name)
		}
		op, err := Gate(name, angles[:len(params)]...)
		if err != nil {
			t.Fatal(err)
		}
		qubits := make([]int, k)
		for q := range qubits {
			qubits[q] = q
		}
		f(name, op.On(qubits...))
	}
}

// distance is the largest difference of elements.
func distance(a, b []complex128) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	far := 0.0
	for i := range a {
		far = max(far, cmplx.Abs(a[i]-b[i]))
	}
	return far
}

func TestGatesAreUnitary(t *testing.T) {
	every(t, func(name string, op Op) {
		if _, err := Unitary(name, op.Matrix); err != nil {
			t.Error(err)
		}
		inv := op.Inverse()
		if d := distance(product(inv.Matrix, op.Matrix, op.dim()), identity(op.dim())); !(d <= 1e-14) {
			t.Errorf("%s and its inverse %s are %v off the identity", name, inv, d)
		}
		if strings.HasPrefix(inv.Name, "inv @") {
			if back := inv.Inverse(); back.Name != name || !(distance(back.Matrix, op.Matrix) <= 1e-15) {
				t.Errorf("the inverse of %s is %s", inv, back)
			}
		}
		half, err := op.Power(0.5)
		if err != nil {
			t.Fatal(err)
		}
		if d := distance(product(half.Matrix, half.Matrix, op.dim()), op.Matrix); !(d <= 1e-13) {
			t.Errorf("the square of the root of %s is off by %v", name, d)
		}
		third, err := op.Power(-3)
		if err != nil {
			t.Fatal(err)
		}
		if d := distance(product(product(op.Matrix, op.Matrix, op.dim()), product(third.Matrix, op.Matrix, op.dim()), op.dim()), identity(op.dim())); !(d <= 1e-13) {
			t.Errorf("%s cubed and its power -3 are %v off the identity", name, d)
		}
		if op.width() == MaxQubits {
			return
		}
		ctrl, err := op.Control(1)
		if err != nil {
			t.Fatal(err)
		}
		n := op.dim()
		want := identity(2 * n)
		for i := range n {
			for j := range n {
				want[(n+i)*2*n+n+j] = op.Matrix[i*n+j]
			}
		}
		if d := distance(ctrl.Matrix, want); !(d <= 1e-15) {
			t.Errorf("%s with a control is %s, off by %v", name, ctrl, d)
		}
	})
}

// Words that are known to be equal to a gate, without any phase.
func TestGateIdentities(t *testing.T) {
	type word []struct {
		name   string
		params []float64
		qubits []int
	}
	for _, c := range []struct {
		n    int
		a, b word
	}{
		{1, word{{"h", nil, []int{0}}}, word{{"ry", []float64{math.Pi / 2}, []int{0}}, {"x", nil, []int{0}}}},
		{1, word{{"sx", nil, []int{0}}}, word{{"sdg", nil, []int{0}}, {"h", nil, []int{0}}, {"sdg", nil, []int{0}}, {"gphase", []float64{math.Pi / 4}, nil}}},
		{2, word{{"swap", nil, []int{0, 1}}}, word{{"cx", nil, []int{0, 1}}, {"cx", nil, []int{1, 0}}, {"cx", nil, []int{0, 1}}}},
		{2, word{{"cy", nil, []int{0, 1}}}, word{{"sdg", nil, []int{1}}, {"cx", nil, []int{0, 1}}, {"s", nil, []int{1}}}},
		{2, word{{"crz", []float64{0.3}, []int{0, 1}}}, word{{"rz", []float64{0.15}, []int{1}}, {"cx", nil, []int{0, 1}}, {"rz", []float64{-0.15}, []int{1}}, {"cx", nil, []int{0, 1}}}},
		{2, word{{"fsim", []float64{0.3, 0.5}, []int{0, 1}}}, word{{"rxx", []float64{0.3}, []int{0, 1}}, {"ryy", []float64{0.3}, []int{0, 1}}, {"cp", []float64{-0.5}, []int{0, 1}}}},
		{2, word{{"iswap", nil, []int{0, 1}}}, word{{"swap", nil, []int{0, 1}}, {"cz", nil, []int{0, 1}}, {"s", nil, []int{0}}, {"s", nil, []int{1}}}},
		{3, word{{"rccx", nil, []int{0, 1, 2}}}, word{
			{"h", nil, []int{2}}, {"t", nil, []int{2}}, {"cx", nil, []int{1, 2}}, {"tdg", nil, []int{2}}, {"cx", nil, []int{0, 2}},
			{"t", nil, []int{2}}, {"cx", nil, []int{1, 2}}, {"tdg", nil, []int{2}}, {"h", nil, []int{2}},
		}},
		{4, word{{"rc3x", nil, []int{0, 1, 2, 3}}}, word{
			{"h", nil, []int{3}}, {"t", nil, []int{3}}, {"cx", nil, []int{2, 3}}, {"tdg", nil, []int{3}}, {"h", nil, []int{3}},
			{"cx", nil, []int{0, 3}}, {"t", nil, []int{3}}, {"cx", nil, []int{1, 3}}, {"tdg", nil, []int{3}},
			{"cx", nil, []int{0, 3}}, {"t", nil, []int{3}}, {"cx", nil, []int{1, 3}}, {"tdg", nil, []int{3}},
			{"h", nil, []int{3}}, {"t", nil, []int{3}}, {"cx", nil, []int{2, 3}}, {"tdg", nil, []int{3}}, {"h", nil, []int{3}},
		}},
		{4, word{{"c3sqrtx", nil, []int{0, 1, 2, 3}}, {"c3sqrtx", nil, []int{0, 1, 2, 3}}}, word{{"c3x", nil, []int{0, 1, 2, 3}}}},
		{1, word{{"rxy", []float64{0.4, 0.9}, []int{0}}}, word{{"rz", []float64{-0.4}, []int{0}}, {"rx", []float64{0.9}, []int{0}}, {"rz", []float64{0.4}, []int{0}}}},
		{1, word{{"hz_1_2", nil, []int{0}}}, word{{"gphase", []float64{math.Pi / 4}, nil}, {"rxy", []float64{math.Pi / 4, math.Pi / 2}, []int{0}}}},
		{1, word{{"y_1_2", nil, []int{0}}}, word{{"gphase", []float64{math.Pi / 4}, nil}, {"ry", []float64{math.Pi / 2}, []int{0}}}},
		{1, word{{"u2", []float64{0.3, 0.4}, []int{0}}}, word{{"u3", []float64{math.Pi / 2, 0.3, 0.4}, []int{0}}}},
		{2, word{{"rzx", []float64{0.3}, []int{0, 1}}}, word{{"h", nil, []int{1}}, {"rzz", []float64{0.3}, []int{0, 1}}, {"h", nil, []int{1}}}},
	} {
		var m [2][]complex128
		for i, w := range []word{c.a, c.b} {
			u := New(c.n)
			for _, g := range w {
				if err := u.Append(g.name, g.params, g.qubits...); err != nil {
					t.Fatal(err)
				}
			}
			var err error
			if m[i], err = u.Matrix(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		if d := distance(m[0], m[1]); !(d <= 1e-14) {
			t.Errorf("%s is off its word by %v", c.a[0].name, d)
		}
	}
}

// random is a circuit of all kinds of gates.
func random(t *testing.T, n, gates int, seed uint64) *Circuit {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 0))
	names := Gates()
	c := New(n)
	for len(c.Ops) < gates {
		name := names[rng.IntN(len(names))]
		k, params, _ := Signature(name)
		if k > n {
			continue
		}
		p := make([]float64, len(params))
		for i := range p {
			p[i] = 6 * (rng.Float64() - 0.5)
		}
		if err := c.Append(name, p, rng.Perm(n)[:k]...); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// The state of a circuit is the same by sums over all elements.
func TestStateAgainstSums(t *testing.T) {
	const n = 6
	c := random(t, n, 60, 1)
	got, err := c.State(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := make([]complex128, 1<<n)
	want[0] = 1
	for _, op := range c.Ops {
		next := make([]complex128, 1<<n)
		for from, x := range want {
			column := 0
			rest := from
			for _, q := range op.Qubits {
				column = column<<1 | from>>(n-1-q)&1
				rest &^= 1 << (n - 1 - q)
			}
			for row := range op.dim() {
				to := rest
				for i, q := range op.Qubits {
					to |= row >> (len(op.Qubits) - 1 - i) & 1 << (n - 1 - q)
				}
				next[to] += op.Matrix[row*op.dim()+column] * x
			}
		}
		want = next
	}
	if d := distance(got, want); !(d <= 1e-13) {
		t.Errorf("the state is off by %v", d)
	}
	if err := c.Inverse().Apply(context.Background(), got); err != nil {
		t.Fatal(err)
	}
	got[0]--
	if d := distance(got, make([]complex128, 1<<n)); !(d <= 1e-13) {
		t.Errorf("a circuit and its inverse are %v off the identity", d)
	}
}

func TestQFT(t *testing.T) {
	const n = 7
	m, err := qft(t, n).Matrix(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := make([]complex128, len(m))
	size := 1 << n
	for i := range size {
		for j := range size {
			want[i*size+j] = expi(2*math.Pi*float64(i*j%size)/float64(size)) / complex(math.Sqrt(float64(size)), 0)
		}
	}
	if d := distance(m, want); !(d <= 1e-13) {
		t.Errorf("the Fourier transform is off by %v", d)
	}
}

// qft is the Fourier transform of the number whose first bit is qubit 0.
func qft(t *testing.T, n int) *Circuit {
	t.Helper()
	c := New(n)
	add := func(name string, params []float64, qubits ...int) {
		if err := c.Append(name, params, qubits...); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		add("h", nil, i)
		for j := i + 1; j < n; j++ {
			add("cp", []float64{math.Pi / float64(int(1)<<(j-i))}, j, i)
		}
	}
	for i := range n / 2 {
		add("swap", nil, i, n-1-i)
	}
	return c
}

func TestMoments(t *testing.T) {
	c := New(3)
	for _, g := range []struct {
		name   string
		qubits []int
	}{{"h", []int{0}}, {"cx", []int{0, 1}}, {"x", []int{2}}, {"cx", []int{1, 2}}, {"h", []int{0}}} {
		if err := c.Append(g.name, nil, g.qubits...); err != nil {
			t.Fatal(err)
		}
	}
	want := [][]int{{0, 2}, {1}, {3, 4}}
	got := c.Moments()
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("moments %v, want %v", got, want)
	}
	if c.Depth(1) != 3 || c.Depth(2) != 2 || c.Depth(3) != 0 {
		t.Errorf("depths %d, %d, %d", c.Depth(1), c.Depth(2), c.Depth(3))
	}
}

func TestBadGates(t *testing.T) {
	c := New(2)
	for _, g := range []struct {
		name   string
		params []float64
		qubits []int
		want   string
	}{
		{"hadamard", nil, []int{0}, `no gate "hadamard"; the gates are`},
		{"rx", nil, []int{0}, "0 parameters; 1 are expected: theta"},
		{"rx", []float64{math.NaN()}, []int{0}, "theta of gate rx is NaN"},
		{"u3", []float64{0, math.Inf(1), 0}, []int{0}, "phi of gate u3 is +Inf"},
		{"cx", nil, []int{0}, "on 1 qubits; 2 are expected"},
		{"cx", nil, []int{0, 2}, "on qubit 2; the circuit has 2 qubits"},
		{"cx", nil, []int{-1, 0}, "on qubit -1"},
		{"cx", nil, []int{1, 1}, "on qubit 1 twice"},
	} {
		if err := c.Append(g.name, g.params, g.qubits...); err == nil || !strings.Contains(err.Error(), g.want) {
			t.Errorf("%s: %v, want %q", g.name, err, g.want)
		}
	}
	if len(c.Ops) != 0 {
		t.Errorf("refused gates were added: %v", c.Ops)
	}
	for want, m := range map[string][]complex128{
		"3 elements":   {1, 0, 0},
		"2 elements":   {1, 0},
		"rows 0 and 0": {1, 0.1, 0, 1},
		"rows 0 and 1": {1, 0, 1, 0},
	} {
		if _, err := Unitary("g", m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("matrix %v: %v, want %q", m, err, want)
		}
	}
	if _, err := Unitary("g", []complex128{complex(math.NaN(), 0), 0, 0, 1}); err == nil {
		t.Error("NaN is taken for unitary")
	}
	h, _ := Gate("h")
	if _, err := h.Control(MaxQubits); err == nil {
		t.Error("eleven qubits are taken")
	}
	if _, err := h.Power(math.NaN()); err == nil {
		t.Error("a power of NaN is taken")
	}
}

// A drawing has a line a qubit in each piece, and all pieces fit the width.
func TestDraw(t *testing.T) {
	c := random(t, 6, 60, 4)
	x, err := Gate("x")
	if err != nil {
		t.Fatal(err)
	}
	x, err = x.ControlZero(2)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Add(x.On(5, 0, 3)); err != nil {
		t.Fatal(err)
	}
	c.Bits = []int{2, -1, 0}
	text := c.Draw(100)
	for _, want := range []string{"q0: ", "q5: ", "○", "●", "×", "M0", "M2"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 101 {
			t.Errorf("a line has %d characters:\n%s", n, line)
		}
	}
	if got := New(2).Draw(80); got != "q0: ─\nq1: ─\n" {
		t.Errorf("without gates: %q", got)
	}
	if got := New(0).Draw(80); got != "" {
		t.Errorf("without qubits: %q", got)
	}
}
