package qsim

import (
	"context"
	"fmt"
	"math"
	"math/cmplx"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	c, err := Parse("c.qsim", []byte("# a comment\n3\n\n0 h 0\n0 x_1_2 1\n1 fs 0 1 0.5 -0.1\n1 c 2 rz\t0.25\n"))
	if err == nil {
		t.Errorf("a gate without its qubit is taken: %v", c.Ops)
	}
	c, err = Parse("c.qsim", []byte("# a comment\n3\n\n0 h 0 \n0 x_1_2 1\n1 fs 0 1 0.5 -0.1\n2 c 2 0 rz 1 0.25\n2 p 0.5\n3 is 0 1\n4 m 2 0\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := "[h 0 x_1_2 1 fsim(0.5, -0.1) 0, 1 ctrl(2) @ rz(0.25) 2, 0, 1 gphase(0.5) iswap 0, 1]"
	if got := fmt.Sprint(c.Ops); got != want || c.Qubits != 3 || !slices.Equal(c.Bits, []int{2, 0}) {
		t.Errorf("%d qubits, %s, measured %v; want %s", c.Qubits, got, c.Bits, want)
	}
}

// All gates of one qubit as words of rotations; h is ry(π/2) and then x.
func TestGates(t *testing.T) {
	c, err := Parse("c.qsim", []byte("1\n0 x_1_2 0\n1 y_1_2 0\n2 hz_1_2 0\n3 rxy 0 0.3 0.4\n4 id1 0\n5 rx 0 0.1\n6 ry 0 0.2\n7 rz 0 0.3\n8 t 0\n9 s 0\n10 h 0\n11 x 0\n12 y 0\n13 z 0\n"))
	if err != nil {
		t.Fatal(err)
	}
	same, err := Parse("c.qsim", []byte("1\n0 p 2.3561944901923448\n0 rxy 0 0 1.5707963267948966\n1 rxy 0 1.5707963267948966 1.5707963267948966\n"+
		"2 rxy 0 0.78539816339744831 1.5707963267948966\n3 rz 0 -0.3\n4 rx 0 0.4\n5 rz 0 0.3\n6 rx 0 0.1\n7 ry 0 0.2\n8 rz 0 0.3\n"+
		"9 s 0\n10 t 0\n11 ry 0 1.5707963267948966\n12 x 0\n13 x 0\n14 y 0\n15 z 0\n"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	a, err := c.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	b, err := same.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a {
		if d := cmplx.Abs(a[i] - b[i]); !(d <= 1e-14) {
			t.Errorf("amplitude %d is off by %v", i, d)
		}
	}
	if norm := math.Hypot(cmplx.Abs(a[0]), cmplx.Abs(a[1])); !(math.Abs(norm-1) <= 1e-14) {
		t.Errorf("norm %v", norm)
	}
}

func TestFaults(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "the number of qubits is expected on its first line",
		"two\n":                              `line 1: "two"; the number of qubits`,
		"2 3\n":                              `line 1: "2 3"; the number of qubits`,
		"0\n":                                `line 1: "0"`,
		"2\nx h 0\n":                         `line 2: moment "x"`,
		"2\n1 h 0\n0 h 0\n":                  `line 3: moment "0"; a whole number from 1 on`,
		"2\n0\n":                             "line 2: a gate is expected",
		"2\n0 hadamard 0\n":                  `gate "hadamard" is not known; the gates are id1, h`,
		"2\n0 h 2\n":                         `qubit "2"; a number from 0 to 1 is expected`,
		"2\n0 cz 0\n":                        "gate cz has 1 values; 2 qubits and 0 parameters",
		"2\n0 cz 0 0\n":                      "qubit 0 has a gate in moment 0 already, in line 2",
		"2\n0 rz 0 NaN\n":                    `line 2: parameter "NaN" of gate rz; a finite number`,
		"2\n0 rz 0 inf\n":                    `parameter "inf"`,
		"2\n0 rz 0 1e999\n":                  `parameter "1e999"`,
		"2\n0 m 0\n1 h 0\n":                  "line 3: qubit 0 was measured in line 2",
		"2\n0 m\n":                           "qubits are expected after m",
		"2\n0 c h 0\n":                       "control qubits and a gate",
		"2\n0 c 1\n":                         "control qubits and a gate",
		"2\n0 c 1 m 0\n":                     `gate "m" is not known`,
		"12\n0 c 1 2 3 4 5 6 7 8 9 10 x 0\n": "11 qubits; 0 to 10 are expected",
	} {
		if _, err := Parse("c.qsim", []byte(text)); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "c.qsim") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("3\n0 h 0\n1 fs 0 1 0.5 0.1\n2 c 2 rz 0 0.1\n3 m 0 1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("f", data)
		if err != nil {
			return
		}
		for _, op := range c.Ops {
			for _, q := range op.Qubits {
				if q < 0 || q >= c.Qubits {
					t.Errorf("%s in a circuit of %d qubits", op, c.Qubits)
				}
			}
		}
	})
}

func ExampleParse() {
	c, err := Parse("bell.qsim", []byte("2\n0 h 0\n1 cnot 0 1\n2 m 0 1\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Ops, c.Bits)
	_, err = Parse("bell.qsim", []byte("2\n0 h 0\n1 cnot 0 2\n"))
	fmt.Println(err)
	// Output:
	// [h 0 cx 0, 1] [0 1]
	// bell.qsim, line 3: qubit "2"; a number from 0 to 1 is expected
}
