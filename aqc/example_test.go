package aqc_test

import (
	"context"
	"fmt"

	"github.com/polyad/polyad/aqc"
	"github.com/polyad/polyad/mps"
)

// A deep circuit is compiled into one of 23 layers, from a coarse one.
func ExampleCompile() {
	ctx := context.Background()
	m, err := aqc.ParseModel("ZZ + 0.4 X", 10, true)
	if err != nil {
		fmt.Println(err)
		return
	}
	deep, err := m.Trotter(4, 2, 45)
	if err != nil {
		fmt.Println(err)
		return
	}
	target := mps.Basis(make([]int, 10)...)
	if _, err := target.Run(ctx, aqc.Gates(deep), mps.Truncation{Eps: 1e-12}); err != nil {
		fmt.Println(err)
		return
	}
	coarse, err := m.Trotter(4, 2, 5)
	if err != nil {
		fmt.Println(err)
		return
	}
	a, theta, err := aqc.FromCircuit(coarse)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := aqc.Compile(ctx, target, a, theta, aqc.Options{Fidelity: 0.9997})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("depth %d to %d, %d parameters\n", deep.Depth(1), a.Depth(), a.Parameters())
	fmt.Printf("fidelity %.2f at the start, over 0.9997: %v\n", r.Start, r.Fidelity > 0.9997)
	// Output:
	// depth 270 to 23, 515 parameters
	// fidelity 0.79 at the start, over 0.9997: true
}

// The ground state of a chain as a circuit of two layers.
func ExamplePrepare() {
	ctx := context.Background()
	m, err := aqc.ParseModel("-ZZ - 2X", 8, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	h, err := m.Operator()
	if err != nil {
		fmt.Println(err)
		return
	}
	ground, _, err := mps.DMRG(ctx, h, mps.DMRGOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err := aqc.Brickwork(8, 2, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	theta, err := aqc.Prepare(ctx, ground, a, 20, 0, mps.Truncation{})
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := aqc.Fidelity(ctx, ground, a, theta, mps.Truncation{})
	fmt.Printf("depth %d, fidelity %.3f %v\n", a.Depth(), f, err)
	// Output: depth 5, fidelity 0.994 <nil>
}

func ExampleAnsatz_CircuitCX() {
	a := &aqc.Ansatz{Qubits: 2, Blocks: [][2]int{{0, 1}}}
	c, err := a.CircuitCX(make([]float64, a.Parameters()))
	fmt.Println(len(c.Ops), "gates,", c.Depth(2), "on two qubits", err)
	// Output: 17 gates, 3 on two qubits <nil>
}

// A ground state as parameters, whose energy is then lowered.
func ExampleVary() {
	ctx := context.Background()
	h, err := aqc.Model{Sites: 4, ZZ: -1, X: -2}.Operator()
	if err != nil {
		fmt.Println(err)
		return
	}
	ground, exact, err := mps.DMRG(ctx, h, mps.DMRGOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err := aqc.Brickwork(4, 3, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	theta, err := aqc.Prepare(ctx, ground, a, 2, 0, mps.Truncation{})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := aqc.Vary(ctx, h, a, theta, aqc.Options{Iterations: 150})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("exactly %.5f, the circuit %.5f\n", exact.Energy, r.Energy)
	// Output: exactly -8.37680, the circuit -8.37680
}

// How deep the evolution is that comes as close without compilation.
func ExampleModel_Steps() {
	ctx := context.Background()
	m := aqc.Model{Sites: 8, ZZ: 1, X: 0.4}
	exact, err := m.Trotter(1, 4, 20)
	if err != nil {
		fmt.Println(err)
		return
	}
	target := mps.Basis(make([]int, 8)...)
	if _, err := target.Run(ctx, aqc.Gates(exact), mps.Truncation{}); err != nil {
		fmt.Println(err)
		return
	}
	for _, order := range []int{1, 2, 4} {
		e, err := m.Steps(ctx, target, 1, order, 0.9999, 512, mps.Truncation{})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("order %d: %d steps, %d layers\n", e.Order, e.Steps, e.Layers)
	}
	// Output:
	// order 1: 88 steps, 176 layers
	// order 2: 6 steps, 13 layers
	// order 4: 2 steps, 21 layers
}

// What a short chain is compiled to, on a longer one.
func ExampleExtend() {
	a, err := aqc.Brickwork(4, 2, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	long, theta, err := aqc.Extend(a, make([]float64, a.Parameters()), 6)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Blocks)
	fmt.Println(long.Blocks, len(theta))
	// Output:
	// [[0 1] [2 3] [1 2]]
	// [[0 1] [2 3] [4 5] [1 2] [3 4]] 57
}

func ExampleBrickwork() {
	a, err := aqc.Brickwork(5, 2, true)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Blocks, a.Parameters())
	// Output: [[0 1] [2 3] [4 0] [1 2] [3 4]] 55
}

func ExampleAnsatz_Circuit() {
	a := &aqc.Ansatz{Qubits: 2, Blocks: [][2]int{{0, 1}}}
	theta := make([]float64, a.Parameters())
	theta[4] = 0.5 // of XX: two angles for each qubit are before those of the block
	c, err := a.Circuit(theta)
	fmt.Println(c.Ops[4], len(c.Ops), err)
	// Output: rxx(0.5) 0, 1 13 <nil>
}
