package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/circuit/qasm"
	"github.com/polyad/polyad/tensorio"
)

func (a *app) circuitConvert() *cobra.Command {
	var out string
	var version int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "convert FILE -o OUT.qasm",
		Short: "Write a circuit in OpenQASM 2 or 3",
		Long: `Convert writes a circuit without definitions, loops and variables: one gate a
line, on one register q. Gates that the include file lacks are defined first.
Version 2 has no phase of the whole state; it is written as a comment.`,
		Example: `  polyad circuit convert examples/trotter.qasm -o trotter-2.qasm
  polyad circuit convert sycamore.qsim -o sycamore.qasm --qasm 3`,
		Args: exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			if version != 2 && version != 3 {
				return fmt.Errorf("--qasm %d: 2 or 3 is expected", version)
			}
			if out == "" {
				return errors.New("-o is missing; the name of the file to write, such as out.qasm, is expected")
			}
			if err := checkOutput("-o", out, ".qasm"); err != nil {
				return err
			}
			c, err := readCircuit(args[0])
			if err != nil {
				return err
			}
			text, err := qasm.Format(c, version)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if err := tensorio.WriteFile(out, func(w io.Writer) error {
				_, err := w.Write(text)
				return err
			}); err != nil {
				return outputError{err}
			}
			if asJSON {
				return a.printJSON(struct {
					File   string `json:"file"`
					Qubits int    `json:"qubits"`
					Gates  int    `json:"gates"`
					QASM   int    `json:"qasm"`
					Out    string `json:"out"`
				}{args[0], c.Qubits, len(c.Ops), version, out})
			}
			a.line("circuit", fmt.Sprintf("%s  %s qubits, %s gates", args[0], count(c.Qubits), count(len(c.Ops))))
			a.line("written", fmt.Sprintf("%s, OpenQASM %d", out, version))
			return nil
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "`file` for the circuit (.qasm)")
	cmd.Flags().IntVar(&version, "qasm", 2, "version of OpenQASM: 2 or 3")
	jsonFlag(cmd, &asJSON)
	return cmd
}
