package circuit_test

import (
	"context"
	"fmt"

	"github.com/polyad/polyad/circuit"
)

func Example() {
	c := circuit.New(3) // a GHZ state
	for _, err := range []error{c.Append("h", nil, 0), c.Append("cx", nil, 0, 1), c.Append("cx", nil, 1, 2)} {
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	state, err := c.State(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("depth %d, <000|ψ> = %.4f, <111|ψ> = %.4f\n", c.Depth(1), real(state[0]), real(state[7]))
	// Output: depth 3, <000|ψ> = 0.7071, <111|ψ> = 0.7071
}

func ExampleGate() {
	g, err := circuit.Gate("rz", 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(g.On(3), "undone by", g.Inverse().On(3))
	_, err = circuit.Gate("rz")
	fmt.Println(err)
	// Output:
	// rz(0.5) 3 undone by rz(-0.5) 3
	// circuit: gate rz has 0 parameters; 1 are expected: theta
}

func ExampleUnitary() {
	_, err := circuit.Unitary("half", []complex128{0.5, 0, 0, 0.5})
	fmt.Println(err)
	// Output: circuit: gate half is not unitary: rows 0 and 0 of its matrix have a product that is off by 0.75; 1e-09 is allowed
}

func ExampleOp_Control() {
	x, _ := circuit.Gate("x")
	ccx, _ := x.Control(2)
	rx, _ := circuit.Gate("rx", 0.5)
	two, _ := rx.Control(2)
	fmt.Println(ccx.On(0, 1, 2))
	fmt.Println(two.On(0, 1, 2))
	// Output:
	// ccx 0, 1, 2
	// ctrl(2) @ rx(0.5) 0, 1, 2
}

func ExampleOp_Power() {
	z, _ := circuit.Gate("z")
	s, _ := z.Power(0.5)
	fmt.Printf("%s: %.1f\n", s.On(0), s.Matrix[3])
	// Output: pow(0.5) @ z 0: (0.0+1.0i)
}

func ExampleCircuit_Moments() {
	c := circuit.New(3)
	_ = c.Append("h", nil, 0)
	_ = c.Append("h", nil, 2)
	_ = c.Append("cz", nil, 1, 2)
	fmt.Println(c.Moments())
	// Output: [[0 1] [2]]
}

func ExampleCircuit_Inverse() {
	c := circuit.New(1)
	_ = c.Append("h", nil, 0)
	_ = c.Append("t", nil, 0)
	fmt.Println(c.Inverse().Ops)
	// Output: [tdg 0 h 0]
}

func ExampleCircuit_Matrix() {
	c := circuit.New(2)
	_ = c.Append("cx", nil, 1, 0) // qubit 1 controls, qubit 0 is the first bit
	m, _ := c.Matrix(context.Background())
	for i := range 4 {
		fmt.Println(real(m[4*i]), real(m[4*i+1]), real(m[4*i+2]), real(m[4*i+3]))
	}
	// Output:
	// 1 0 0 0
	// 0 0 0 1
	// 0 0 1 0
	// 0 1 0 0
}

func ExampleCircuit_Draw() {
	c := circuit.New(4)
	_ = c.Append("h", nil, 0)
	_ = c.Append("cx", nil, 0, 2)
	_ = c.Append("rz", []float64{0.5}, 1)
	_ = c.Append("swap", nil, 1, 2)
	_ = c.Append("fsim", []float64{1.5, 0.5}, 3, 2)
	c.Bits = []int{3}
	fmt.Print(c.Draw(80))
	// Output:
	// q0: ─h──●───────────────────────────────────
	//         │
	// q1: ────┼──rz(0.5)──×───────────────────────
	//         │           │
	// q2: ────x───────────×──────2:fsim───────────
	//                               │
	// q3: ───────────────────1:fsim(1.5,0.5)──M0──
}

func ExampleSignature() {
	qubits, params, ok := circuit.Signature("u3")
	fmt.Println(qubits, params, ok, len(circuit.Gates()) > 50)
	// Output: 1 [theta phi lambda] true true
}

// The second qubit is turned where the first is 0.
func ExampleCircuit_Apply() {
	x, err := circuit.Gate("x")
	if err != nil {
		fmt.Println(err)
		return
	}
	open, err := x.ControlZero(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	c := circuit.New(2)
	if err := c.Add(open.On(0, 1)); err != nil {
		fmt.Println(err)
		return
	}
	state := []complex128{0.6, 0, 0.8, 0}
	err = c.Apply(context.Background(), state)
	fmt.Println(state, c.Measured(), err)
	// Output: [(0+0i) (0.6+0i) (0.8+0i) (0+0i)] [0 1] <nil>
}
