package cli

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/circuit/simulate"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// amplitudeJSON is the JSON of circuit amplitude.
type amplitudeJSON struct {
	circuitJSON
	Amplitudes []amplitudeOf `json:"amplitudes,omitempty"`
	Out        string        `json:"out,omitempty"`
}

type amplitudeOf struct {
	Bits        string  `json:"bits"`
	Re          float64 `json:"re"`
	Im          float64 `json:"im"`
	Probability float64 `json:"probability"`
}

func (a *app) circuitAmplitude() *cobra.Command {
	var f circuitFlags
	var bits []string
	var out string
	cmd := &cobra.Command{
		Use:   "amplitude FILE",
		Short: "Find the amplitudes of strings of bits",
		Long: `Amplitude finds <b|C|0...0> for strings b of bits, one for each qubit. * stands
for 0 and 1: three of them give eight amplitudes.

` + methodsHelp,
		Example: `  polyad circuit amplitude examples/ghz.qasm --bits 0000,1111
  polyad circuit amplitude examples/trotter.qasm --bits '************' -o state.npy
  polyad circuit amplitude sycamore.qsim --mem 2GiB --json`,
		Args: exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error { return a.runAmplitude(args[0], bits, out, f) },
	}
	f.register(cmd)
	cmd.Flags().StringSliceVar(&bits, "bits", nil, "`strings` of 0, 1 and *, qubit 0 first (default: all 0)")
	cmd.Flags().StringVarP(&out, "out", "o", "", "`file` for the amplitudes of one pattern, as a tensor with an axis for each * ("+strings.Join(tensorio.Extensions(), ", ")+")")
	return cmd
}

func (a *app) runAmplitude(file string, bits []string, out string, f circuitFlags) error {
	if out != "" && len(bits) != 1 {
		return fmt.Errorf("-o %s with %d patterns; one --bits is expected", out, len(bits))
	}
	if err := checkTensor("-o", out); err != nil {
		return err
	}
	c, opt, release, err := a.simulation(file, f)
	if err != nil {
		return err
	}
	defer release()
	if len(bits) == 0 {
		bits = []string{strings.Repeat("0", c.Qubits)}
	}
	start := time.Now()
	x, how, err := simulate.Amplitudes(a.ctx, c, bits, opt)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	release()
	j := amplitudeJSON{circuitJSON: circuitJSON{file, c.Qubits, how, f.seed, time.Since(start).Seconds()}, Out: out}
	if out != "" {
		shape := make([]int, strings.Count(bits[0], "*"))
		for i := range shape {
			shape[i] = 2
		}
		if len(shape) == 0 {
			shape = []int{1}
		}
		if err := tensorio.Save(out, tensor.FromSlice(x[0], shape...)); err != nil {
			return outputError{err}
		}
	} else {
		for i, p := range bits {
			for k, v := range x[i] {
				j.Amplitudes = append(j.Amplitudes, amplitudeOf{filled(p, k), real(v), imag(v), real(v)*real(v) + imag(v)*imag(v)})
			}
		}
	}
	if err := a.reportCircuit(f, c, j.circuitJSON); err != nil {
		return err
	}
	if f.json {
		return a.printJSON(j)
	}
	a.printHow(c, j.circuitJSON)
	if out != "" {
		a.line("written", out)
		return nil
	}
	fmt.Fprintln(a.stdout)
	t := newTable("bits", "amplitude", "probability", "log10").alignRight(1, 2, 3)
	for _, x := range j.Amplitudes {
		log := "-"
		if x.Probability > 0 {
			log = fixed(math.Log10(x.Probability), 3)
		}
		t.add(x.Bits, fmt.Sprintf("%.10g%+.10gi", x.Re, x.Im), num(x.Probability), log)
	}
	t.print(a.stdout, "")
	return nil
}

// filled is a pattern with the bits of a number in place of its stars.
func filled(pattern string, k int) string {
	b := []byte(pattern)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] == '*' {
			b[i] = '0' + byte(k&1)
			k >>= 1
		}
	}
	return string(b)
}
