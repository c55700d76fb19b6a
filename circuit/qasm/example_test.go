package qasm_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/polyad/polyad/circuit/qasm"
)

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "qasm")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Println(err)
		}
	}()
	file := filepath.Join(dir, "bell.qasm")
	if err := os.WriteFile(file, []byte("OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nh q[0];\ncx q[0], q[1];\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	c, err := qasm.Open(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Qubits, "qubits:", c.Ops)
	// Output: 2 qubits: [h 0 cx 0, 1]
}
