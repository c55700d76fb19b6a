package simulate

import (
	"context"
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/circuit/qsim"
)

var ctx = context.Background()

// add adds a gate, or ends the test.
func add(t testing.TB, c *circuit.Circuit, name string, params []float64, qubits ...int) {
	t.Helper()
	if err := c.Append(name, params, qubits...); err != nil {
		t.Fatal(err)
	}
}

// random is a circuit of gates of the library on up to three qubits, or of
// those that are named.
func random(t testing.TB, n, gates int, seed uint64, names ...string) *circuit.Circuit {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 0))
	if names == nil {
		names = circuit.Gates()
	}
	c := circuit.New(n)
	for len(c.Ops) < gates {
		name := names[rng.IntN(len(names))]
		k, params, _ := circuit.Signature(name)
		if k > min(n, 4) {
			continue
		}
		p := make([]float64, len(params))
		for i := range p {
			p[i] = 6 * (rng.Float64() - 0.5)
		}
		add(t, c, name, p, rng.Perm(n)[:k]...)
	}
	return c
}

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

// All methods give the amplitudes of the dense state, for any pattern.
func TestAmplitudes(t *testing.T) {
	for seed := range uint64(12) {
		n := 3 + int(seed%5)
		c := random(t, n, int(6+5*seed), seed)
		state, err := c.State(ctx)
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(seed, 1))
		patterns := []string{strings.Repeat("*", n), strings.Repeat("0", n)}
		for range 6 {
			p := make([]byte, n)
			for i := range p {
				p[i] = "01*"[rng.IntN(3)]
			}
			patterns = append(patterns, string(p))
		}
		for _, method := range Methods() {
			got, how, err := Amplitudes(ctx, c, patterns, Options{Method: method})
			if err != nil {
				t.Fatal(err)
			}
			if !(math.Abs(how.Fidelity-1) <= 1e-12) {
				t.Errorf("%s has fidelity %v", method, how.Fidelity)
			}
			for i, p := range patterns {
				if d := distance(got[i], fromState(state, p)); !(d <= 1e-12) {
					t.Errorf("seed %d, %s: amplitudes of %s are off by %v", seed, method, p, d)
				}
			}
		}
	}
}

// Expectation values of all methods, of Clifford circuits too, where the
// network has no tensor.
func TestExpect(t *testing.T) {
	clifford := []string{"h", "s", "sdg", "x", "y", "z", "sx", "cx", "cz", "cy", "swap", "iswap"}
	for seed := range uint64(12) {
		n := 3 + int(seed%5)
		var names []string
		if seed%3 == 0 {
			names = clifford
		}
		c := random(t, n, int(6+5*seed), seed, names...)
		state, err := c.State(ctx)
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(seed, 2))
		var strings []Pauli
		var want []float64
		for range 20 {
			p := Pauli{Coefficient: rng.NormFloat64()}
			for q := range n {
				if l := "IXYZ"[rng.IntN(4)]; l != 'I' {
					p.Qubits, p.Letters = append(p.Qubits, q), p.Letters+string(l)
				}
			}
			strings = append(strings, p)
			// P|ψ> by gates.
			turned := &circuit.Circuit{Qubits: n}
			for i, q := range p.Qubits {
				add(t, turned, map[byte]string{'X': "x", 'Y': "y", 'Z': "z"}[p.Letters[i]], nil, q)
			}
			other := slices.Clone(state)
			if err := turned.Apply(ctx, other); err != nil {
				t.Fatal(err)
			}
			var sum complex128
			for i := range state {
				sum += cmplx.Conj(state[i]) * other[i]
			}
			want = append(want, p.Coefficient*real(sum))
		}
		for _, method := range Methods() {
			got, how, err := Expect(ctx, c, strings, Options{Method: method})
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range strings {
				if !(math.Abs(got[i]-want[i]) <= 1e-12) {
					t.Errorf("seed %d, %s: <%s> is %v, want %v", seed, method, p, got[i], want[i])
				}
			}
			if method == Network && names != nil && how.Gates != 0 {
				t.Errorf("seed %d: %d gates of a Clifford circuit are left", seed, how.Gates)
			}
		}
	}
}

// The frequencies of samples are the probabilities.
func TestSample(t *testing.T) {
	const shots = 20000
	for seed := range uint64(4) {
		c := random(t, 8, 40, seed)
		switch seed {
		case 1:
			c.Bits = []int{7, -1, 0, 0, 3}
		case 2:
			c.Bits = []int{6}
		}
		state, err := c.State(ctx)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]float64{}
		for i, a := range state {
			text := make([]byte, 0, 8)
			for _, q := range c.Measured() {
				bit := byte('0')
				if q >= 0 {
					bit += byte(i >> (7 - q) & 1)
				}
				text = append(text, bit)
			}
			want[string(text)] += real(a)*real(a) + imag(a)*imag(a)
		}
		for _, method := range Methods() {
			got, _, err := Sample(ctx, c, shots, Options{Method: method, Seed: 3})
			if err != nil {
				t.Fatal(err)
			}
			counts := map[string]float64{}
			for _, s := range got {
				counts[s]++
			}
			// Pearson's statistic has mean and half variance k-1; bins of few
			// counts go into one.
			chi, bins, rest, expected := 0.0, 0.0, 0.0, 0.0
			for s, n := range counts {
				if want[s] < 1e-12 {
					t.Errorf("seed %d, %s: %s was drawn %v times, its probability is %v", seed, method, s, n, want[s])
				}
			}
			for s, p := range want {
				if p*shots < 8 {
					rest += counts[s]
					expected += p * shots
					continue
				}
				chi += (counts[s] - p*shots) * (counts[s] - p*shots) / (p * shots)
				bins++
			}
			if expected > 1 {
				chi += (rest - expected) * (rest - expected) / expected
				bins++
			}
			if !(chi <= bins+6*math.Sqrt(2*bins)+10) {
				t.Errorf("seed %d, %s: chi² is %v for %v bins", seed, method, chi, bins)
			}
			again, _, err := Sample(ctx, c, shots, Options{Method: method, Seed: 3})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, again) {
				t.Errorf("%s: the same seed gives other samples", method)
			}
		}
	}
}

// GHZ states of sizes that no state vector holds.
func TestGHZ(t *testing.T) {
	const n = 200
	c := circuit.New(n)
	add(t, c, "h", nil, 0)
	for q := range n - 1 {
		add(t, c, "cx", nil, q, q+1)
	}
	ones, zeros := strings.Repeat("1", n), strings.Repeat("0", n)
	for _, method := range []string{Auto, Network, MPS} {
		x, how, err := Amplitudes(ctx, c, []string{ones, zeros, ones[1:] + "0"}, Options{Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if !(cmplx.Abs(x[0][0]-math.Sqrt2/2) <= 1e-12) || !(cmplx.Abs(x[1][0]-math.Sqrt2/2) <= 1e-12) || !(cmplx.Abs(x[2][0]) <= 1e-12) {
			t.Errorf("%s: amplitudes %v", how.Method, x)
		}
		shots, _, err := Sample(ctx, c, 50, Options{Method: method})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range shots {
			if s != ones && s != zeros {
				t.Errorf("%s: %s was drawn", method, s)
			}
		}
		all, zz := Pauli{Coefficient: 1, Letters: strings.Repeat("X", n)}, Pauli{Coefficient: 2, Qubits: []int{3, 150}, Letters: "ZZ"}
		for q := range n {
			all.Qubits = append(all.Qubits, q)
		}
		e, _, err := Expect(ctx, c, []Pauli{all, zz, {Coefficient: 1, Qubits: []int{7}, Letters: "Z"}, {Coefficient: 3}}, Options{Method: method})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []float64{1, 2, 0, 3} {
			if !(math.Abs(e[i]-want) <= 1e-12) {
				t.Errorf("%s: expectation %d is %v, want %v", method, i, e[i], want)
			}
		}
	}
}

// The Fourier transform of a number is known: amplitudes e^(2πi jk/2ⁿ)/2^(n/2).
// GHZ states have a bit of entropy at
// each bond; random circuits grow, and cuts discard more and more.
func TestProfile(t *testing.T) {
	c := circuit.New(6)
	add(t, c, "h", nil, 0)
	for q := range 5 {
		add(t, c, "cx", nil, q, q+1)
	}
	_, how, err := Amplitudes(ctx, c, []string{"000000"}, Options{Method: MPS, Profile: true})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(how.Bonds, []int{2, 2, 2, 2, 2}) || len(how.Course) == 0 || how.Course[len(how.Course)-1].Bond != 2 {
		t.Errorf("%+v", how)
	}
	for _, e := range how.Entropies {
		if !(math.Abs(e-math.Ln2) <= 1e-12) {
			t.Errorf("entropies %v", how.Entropies)
		}
	}
	c = random(t, 8, 300, 4, "ry", "rz", "cx")
	opt := Options{Method: MPS, Bond: 5, Profile: true}
	_, how, err = Amplitudes(ctx, c, []string{"00000000"}, opt)
	if err != nil {
		t.Fatal(err)
	}
	before := Moment{Fidelity: 1}
	for _, m := range how.Course {
		if m.Gates <= before.Gates || m.Fidelity > before.Fidelity || m.Bond > 5 {
			t.Errorf("%+v after %+v", m, before)
		}
		before = m
	}
	if before.Fidelity != how.Fidelity || how.Fidelity > 0.99 || len(how.Course) < 4 {
		t.Errorf("ends with %+v, fidelity %v", before, how.Fidelity)
	}
	opt.Profile = false
	if _, how, err = Amplitudes(ctx, c, []string{"00000000"}, opt); err != nil || how.Bonds != nil || how.Course != nil {
		t.Errorf("without a profile: %+v, %v", how, err)
	}
}

func TestQFT(t *testing.T) {
	const n = 30
	const j = 0x2d3c4b5a
	c := circuit.New(n)
	for q := range n {
		if j>>(n-1-q)&1 != 0 {
			add(t, c, "x", nil, q)
		}
	}
	for i := range n {
		add(t, c, "h", nil, i)
		for k := i + 1; k < n; k++ {
			add(t, c, "cp", []float64{math.Pi / float64(int(1)<<(k-i))}, k, i)
		}
	}
	for i := range n / 2 {
		add(t, c, "swap", nil, i, n-1-i)
	}
	for _, k := range []int{0, 1, 12345, 1<<n - 1} {
		pattern := fmt.Sprintf("%0*b", n, k)
		x, how, err := Amplitudes(ctx, c, []string{pattern}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		angle := 2 * math.Pi * float64((j*k)%(1<<n)) / (1 << n)
		want := cmplx.Exp(complex(0, angle)) * complex(math.Exp2(-n/2.0), 0)
		if !(cmplx.Abs(x[0][0]/want-1) <= 1e-9) {
			t.Errorf("%s: the amplitude of %d is %v, want %v", how.Method, k, x[0][0], want)
		}
	}
}

// sycamore is a circuit of the kind of Sycamore's on a grid: random roots of
// x, y, w, then fsim gates on the edges of a pattern, in turns.
func sycamore(t testing.TB, rows, columns, cycles int) *circuit.Circuit {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 0))
	text := fmt.Sprintf("%d\n", rows*columns)
	moment := 0
	for d := range cycles {
		for q := range rows * columns {
			text += fmt.Sprintf("%d %s %d\n", moment, []string{"x_1_2", "y_1_2", "hz_1_2"}[rng.IntN(3)], q)
		}
		for q := range rows * columns {
			r, c := q/columns, q%columns
			other := -1
			switch {
			case d%4 < 2 && c%2 == d%2 && c+1 < columns:
				other = q + 1
			case d%4 >= 2 && r%2 == d%2 && r+1 < rows:
				other = q + columns
			}
			if other >= 0 {
				text += fmt.Sprintf("%d fs %d %d %.4f %.4f\n", moment+1, q, other, 1.5+0.1*rng.Float64(), 0.5+0.1*rng.Float64())
			}
		}
		moment += 2
	}
	c, err := qsim.Parse("grid", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestGrid(t *testing.T) {
	c := sycamore(t, 4, 4, 8)
	patterns := []string{"0101010101010101", "1111000011110000", "01010101010101**"}
	want, _, err := Amplitudes(ctx, c, patterns, Options{Method: StateVector})
	if err != nil {
		t.Fatal(err)
	}
	got, how, err := Amplitudes(ctx, c, patterns, Options{Method: Network, Memory: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	for i := range patterns {
		if d := distance(got[i], want[i]); !(d <= 1e-13) {
			t.Errorf("amplitudes of %s are off by %v", patterns[i], d)
		}
	}
	if how.PeakBytes > 1<<20 {
		t.Errorf("%d bytes were planned", how.PeakBytes)
	}
	// Slices, with the same result.
	sliced, how, err := Amplitudes(ctx, c, patterns[:1], Options{Method: Network, Memory: 20 << 10})
	if err != nil {
		t.Fatal(err)
	}
	if how.Slices < 2 || how.PeakBytes > 20<<10 || !(distance(sliced[0], want[0]) <= 1e-13) {
		t.Errorf("%v slices, %d bytes, off by %v", how.Slices, how.PeakBytes, distance(sliced[0], want[0]))
	}
	if _, _, err := Amplitudes(ctx, c, patterns[:1], Options{Method: Network, Memory: 600}); err == nil || !strings.Contains(err.Error(), "allow") {
		t.Errorf("600 bytes are enough: %v", err)
	}
	// A matrix product state that is cut says how much is left.
	state, err := c.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	all, how, err := Amplitudes(ctx, c, []string{strings.Repeat("*", 16)}, Options{Method: MPS, Bond: 64})
	if err != nil {
		t.Fatal(err)
	}
	var overlap complex128
	for i, a := range state {
		overlap += cmplx.Conj(a) * all[0][i]
	}
	f := cmplx.Abs(overlap) * cmplx.Abs(overlap)
	if how.Bond != 64 || how.Fidelity > 0.9999 || !(math.Abs(f-how.Fidelity) <= 0.1*f+0.02) {
		t.Errorf("bond %d: the fidelity is %v, reported %v", how.Bond, f, how.Fidelity)
	}
}

// Values near a few qubits of a wide circuit depend on the gates near them.
func TestLightCone(t *testing.T) {
	const n = 100
	c := circuit.New(n)
	rng := rand.New(rand.NewPCG(11, 0))
	for d := range 4 {
		for q := range n {
			add(t, c, "u3", []float64{rng.Float64(), rng.Float64(), rng.Float64()}, q)
		}
		for q := d % 2; q+1 < n; q += 2 {
			add(t, c, "cz", nil, q, q+1)
		}
	}
	p := Pauli{Coefficient: 1, Qubits: []int{50, 52}, Letters: "ZX"}
	a, how, err := Expect(ctx, c, []Pauli{p}, Options{Method: Network})
	if err != nil {
		t.Fatal(err)
	}
	if how.Gates > 60 {
		t.Errorf("%d gates are in the cone", how.Gates)
	}
	b, _, err := Expect(ctx, c, []Pauli{p}, Options{Method: MPS})
	if err != nil {
		t.Fatal(err)
	}
	if !(math.Abs(a[0]-b[0]) <= 1e-12) {
		t.Errorf("the network gives %v, the matrix product state %v", a[0], b[0])
	}
	got, how, err := Sample(ctx, c, 20, Options{Method: Network})
	if err != nil {
		t.Fatal(err)
	}
	if len(got[0]) != n || how.Tensors == 0 {
		t.Errorf("%d bits, %+v", len(got[0]), how)
	}
}

func TestFaults(t *testing.T) {
	c := random(t, 4, 10, 1)
	for want, f := range map[string]func() error{
		"has 3 bits; the circuit has 4 qubits":         func() error { _, _, err := Amplitudes(ctx, c, []string{"000"}, Options{}); return err },
		`has "2" at bit 1`:                             func() error { _, _, err := Amplitudes(ctx, c, []string{"0200"}, Options{}); return err },
		"no bit string":                                func() error { _, _, err := Amplitudes(ctx, c, nil, Options{}); return err },
		`method "dmrg"; one of auto, statevector`:      func() error { _, _, err := Amplitudes(ctx, c, []string{"0000"}, Options{Method: "dmrg"}); return err },
		"bond -1; a positive number":                   func() error { _, _, err := Sample(ctx, c, 1, Options{Bond: -1}); return err },
		"eps NaN; a number from 0 to 1":                func() error { _, _, err := Sample(ctx, c, 1, Options{Eps: math.NaN()}); return err },
		"bond or eps with method network":              func() error { _, _, err := Sample(ctx, c, 1, Options{Method: Network, Bond: 2}); return err },
		"0 shots; 1 to":                                func() error { _, _, err := Sample(ctx, c, 0, Options{}); return err },
		"no Pauli string":                              func() error { _, _, err := Expect(ctx, c, nil, Options{}); return err },
		"qubit 4 is out of range; the circuit has 4":   func() error { _, err := ParsePauli("Z0 Z4", 4); return err },
		"qubit 0 occurs twice":                         func() error { _, err := ParsePauli("Z0 X0", 4); return err },
		`"A0"; I, X, Y or Z and the number of a qubit`: func() error { _, err := ParsePauli("A0", 4); return err },
		`has 3 letters; the circuit has 4 qubits`:      func() error { _, err := ParsePauli("ZZZ", 4); return err },
		"is empty":        func() error { _, err := ParsePauli(" ", 4); return err },
		"coefficient NaN": func() error { _, err := ParsePauli("NaN Z0", 4); return err },
		"without qubits":  func() error { _, _, err := Sample(ctx, circuit.New(0), 1, Options{}); return err },
		"2 qubits and 1 letters": func() error {
			_, _, err := Expect(ctx, c, []Pauli{{Qubits: []int{0, 1}, Letters: "X"}}, Options{})
			return err
		},
		"2^33 amplitudes are too many": func() error {
			_, _, err := Sample(ctx, circuit.New(33), 1, Options{Method: StateVector})
			return err
		},
		"amplitudes take 16384 bytes, 1000 are allowed": func() error {
			_, _, err := Amplitudes(ctx, circuit.New(10), []string{"0000000000"}, Options{Method: StateVector, Memory: 1000})
			return err
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	deep := sycamore(t, 7, 7, 30)
	if _, _, err := Amplitudes(ctx, deep, []string{strings.Repeat("0", 49)}, Options{Method: MPS, Memory: 1 << 20}); err == nil || !strings.Contains(err.Error(), "after gate") {
		t.Errorf("1 MiB is enough: %v", err)
	}
}
