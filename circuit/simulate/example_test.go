package simulate_test

import (
	"context"
	"fmt"
	"log"

	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/circuit/simulate"
)

// ghz is (|0…0> + |1…1>)/√2 on n qubits.
func ghz(n int) *circuit.Circuit {
	c := circuit.New(n)
	if err := c.Append("h", nil, 0); err != nil {
		log.Fatal(err)
	}
	for q := range n - 1 {
		if err := c.Append("cx", nil, q, q+1); err != nil {
			log.Fatal(err)
		}
	}
	return c
}

func ExampleAmplitudes() {
	x, how, err := simulate.Amplitudes(context.Background(), ghz(4), []string{"1111", "00**"}, simulate.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f %.4f by %s\n", x[0], x[1], how.Method)
	// Output: [(0.7071+0.0000i)] [(0.7071+0.0000i) (0.0000+0.0000i) (0.0000+0.0000i) (0.0000+0.0000i)] by statevector
}

func ExampleSample() {
	shots, _, err := simulate.Sample(context.Background(), ghz(60), 4, simulate.Options{Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range shots {
		fmt.Println(s)
	}
	// Output:
	// 000000000000000000000000000000000000000000000000000000000000
	// 111111111111111111111111111111111111111111111111111111111111
	// 000000000000000000000000000000000000000000000000000000000000
	// 000000000000000000000000000000000000000000000000000000000000
}

func ExampleExpect() {
	zz, err := simulate.ParsePauli("0.5 Z3 Z900", 1000)
	if err != nil {
		log.Fatal(err)
	}
	x, how, err := simulate.Expect(context.Background(), ghz(1000), []simulate.Pauli{zz}, simulate.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v by %s, %d gates\n", x, how.Method, how.Gates)
	// Output: [0.5] by network, 0 gates
}

func ExampleEquation() {
	c := ghz(3)
	if err := c.Append("h", nil, 1); err != nil {
		log.Fatal(err)
	}
	e, operands, factor, err := simulate.Equation(c, "0*0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v, %d operands, factor %.4f\n", e, len(operands), real(factor))
	// Output: 1,1,31->3, 3 operands, factor 0.7071
}

func ExampleParsePauli() {
	p, err := simulate.ParsePauli("-0.5 X3 Y4", 8)
	fmt.Println(p, err)
	_, err = simulate.ParsePauli("Z0 Z8", 8)
	fmt.Println(err)
	// Output:
	// -0.5 X3 Y4 <nil>
	// pauli string "Z0 Z8": qubit 8 is out of range; the circuit has 8 qubits, from 0
}

func ExampleMethods() {
	fmt.Println(simulate.Methods())
	// Output: [auto statevector network mps]
}
