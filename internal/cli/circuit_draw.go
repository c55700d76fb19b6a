package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/tensorio"
)

// A drawing of more is for nobody.
const (
	mostDrawnQubits = 200
	mostDrawnGates  = 5000
)

func (a *app) circuitDraw() *cobra.Command {
	var out string
	var width int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "draw FILE",
		Short: "Draw a small circuit as text",
		Long: `Draw draws a circuit as text, a line for each qubit: ● is a control, ○ one that
acts on 0, × an end of a swap, M0 a measurement into bit 0.`,
		Example: `  polyad circuit draw examples/ghz.qasm
  polyad circuit draw examples/trotter.qasm --width 200 -o trotter.txt`,
		Args: exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			if width < 20 || width > 100_000 {
				return fmt.Errorf("--width %d: a number of characters from 20 to 100000 is expected", width)
			}
			if err := checkOutput("-o", out, ".txt"); err != nil {
				return err
			}
			c, err := readCircuit(args[0])
			if err != nil {
				return err
			}
			if c.Qubits > mostDrawnQubits || len(c.Ops) > mostDrawnGates {
				return fmt.Errorf("%s has %d qubits and %d gates; %d and %d are the most that are drawn: polyad circuit info counts them", args[0], c.Qubits, len(c.Ops), mostDrawnQubits, mostDrawnGates)
			}
			text := c.Draw(width)
			if out != "" {
				if err := tensorio.WriteFile(out, func(w io.Writer) error {
					_, err := io.WriteString(w, text)
					return err
				}); err != nil {
					return outputError{err}
				}
			}
			switch {
			case asJSON:
				return a.printJSON(struct {
					File    string `json:"file"`
					Drawing string `json:"drawing"`
				}{args[0], text})
			case out != "":
				a.line("written", out)
			default:
				fmt.Fprint(a.stdout, text)
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "`file` for the drawing (.txt)")
	cmd.Flags().IntVar(&width, "width", 100, "characters of a line")
	jsonFlag(cmd, &asJSON)
	return cmd
}
