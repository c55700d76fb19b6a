package simulate

import (
	"context"
	"fmt"
	"strings"

	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/tensor"
)

// mostOpen is the most qubits that a pattern may leave open.
const mostOpen = 26

// Amplitudes finds <b|C|0…0> for bit strings b with a bit for each qubit, qubit
// 0 first. A pattern with * for some bits stands for all strings that fit it:
// 2ᵏ amplitudes for k of them, in the order of the numbers that these bits
// form, the first the most significant. There is a list of amplitudes for each
// pattern.
func Amplitudes(ctx context.Context, c *circuit.Circuit, patterns []string, opt Options) ([][]complex128, *How, error) {
	if err := opt.check(c); err != nil {
		return nil, nil, err
	}
	if len(patterns) == 0 {
		return nil, nil, fmt.Errorf("simulate: no bit string; one at least is expected")
	}
	for _, p := range patterns {
		if err := checkPattern(p, c.Qubits); err != nil {
			return nil, nil, err
		}
	}
	nets := map[string]*question{}
	how, err := opt.choose(c, 0, func() (planned, error) {
		total := planned{gates: len(c.Ops)}
		for _, p := range patterns {
			key := openOf(p)
			q, ok := nets[key]
			if !ok {
				q = &question{net: amplitudeNetwork(c, key)}
				var err error
				if q.plan, err = opt.plan(ctx, q.net); err != nil {
					return planned{}, err
				}
				nets[key] = q
			}
			total.include(q.plan, 1)
		}
		return total, nil
	})
	if err != nil {
		return nil, nil, err
	}
	out := make([][]complex128, len(patterns))
	switch how.Method {
	case StateVector:
		state, err := opt.state(ctx, c)
		if err != nil {
			return nil, nil, err
		}
		for i, p := range patterns {
			out[i] = fromState(state, p)
		}
	case MPS:
		s, err := opt.train(ctx, c, how)
		if err != nil {
			return nil, nil, err
		}
		cores := make([]*tensor.Dense[complex128], s.Sites())
		for k := range cores {
			cores[k] = s.Core(k)
		}
		for i, p := range patterns {
			out[i] = fromTrain(cores, p)
		}
	default:
		for i, p := range patterns {
			opt.progress(i, len(patterns))
			q := nets[openOf(p)]
			bits := make([]byte, len(p))
			for k := range bits {
				bits[k] = p[k] & 1 // of an open one it is not looked at
			}
			if out[i], err = q.net.contract(ctx, q.plan, bits); err != nil {
				return nil, nil, err
			}
		}
	}
	return out, how, nil
}

// question is a network and a plan for it.
type question struct {
	net  *network
	plan *einsum.Plan
}

func checkPattern(p string, n int) error {
	if len(p) != n {
		return fmt.Errorf("bit string %s has %d bits; the circuit has %d qubits, and one bit for each is expected", abridge(p), len(p), n)
	}
	if i := strings.IndexFunc(p, func(r rune) bool { return r != '0' && r != '1' && r != '*' }); i >= 0 {
		return fmt.Errorf("bit string %s has %q at bit %d; 0, 1, or * for both, is expected", abridge(p), p[i:i+1], i)
	}
	if k := strings.Count(p, "*"); k > mostOpen {
		return fmt.Errorf("bit string %s leaves %d bits open; 2^%d amplitudes are the most", abridge(p), k, mostOpen)
	}
	return nil
}

// abridge quotes a string, the beginning of a long one.
func abridge(s string) string {
	const most = 80
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return fmt.Sprintf("%q", s)
}

// openOf is a pattern without the values of its bits.
func openOf(p string) string { return strings.ReplaceAll(p, "1", "0") }

// amplitudeNetwork is the network of amplitudes with the open qubits of a
// pattern; the bit of qubit q is in slot q.
func amplitudeNetwork(c *circuit.Circuit, open string) *network {
	b := newBuilder(c.Qubits)
	b.applyAll(c.Ops)
	for q := range c.Qubits {
		if open[q] == '*' {
			b.open(q)
		} else {
			b.fix(q, q)
		}
	}
	return b.network()
}

// Equation is the network of the amplitudes of a pattern (see [Amplitudes]) as
// package einsum contracts it, simplified: an equation, and its operands, up
// to a factor. The error says what is wrong with the pattern, or that nothing
// is left to contract.
func Equation(c *circuit.Circuit, pattern string) (*einsum.Expr, []*tensor.Dense[complex128], complex128, error) {
	if err := checkPattern(pattern, c.Qubits); err != nil {
		return nil, nil, 0, err
	}
	net := amplitudeNetwork(c, openOf(pattern))
	e, _, err := net.expr()
	if err != nil {
		return nil, nil, 0, err
	}
	bits := make([]byte, len(pattern))
	for k := range bits {
		bits[k] = pattern[k] & 1
	}
	factor, operands := net.operands(bits)
	if e == nil {
		return nil, nil, factor, fmt.Errorf("simulate: the circuit is so simple that no tensor is left to contract; the amplitude is %v", factor)
	}
	return e, operands, factor, nil
}

// fromState picks the amplitudes of a pattern.
func fromState(state []complex128, p string) []complex128 {
	at := []int{0}
	for k := range p {
		bit := 1 << (len(p) - 1 - k)
		switch p[k] {
		case '1':
			for i := range at {
				at[i] |= bit
			}
		case '*':
			next := make([]int, 0, 2*len(at))
			for _, i := range at {
				next = append(next, i, i|bit)
			}
			at = next
		}
	}
	out := make([]complex128, len(at))
	for i, k := range at {
		out[i] = state[k]
	}
	return out
}

// fromTrain is the amplitudes of a pattern from the cores of a matrix product
// state: a row for each string so far, multiplied from core to core.
func fromTrain(cores []*tensor.Dense[complex128], p string) []complex128 {
	rows := [][]complex128{{1}}
	for k, core := range cores {
		right := core.Shape()[2]
		data := core.Data()
		values := []int{int(p[k] & 1)}
		if p[k] == '*' {
			values = []int{0, 1}
		}
		next := make([][]complex128, 0, len(values)*len(rows))
		for _, row := range rows {
			for _, b := range values {
				out := make([]complex128, right)
				for a, x := range row {
					for j, y := range data[(2*a+b)*right : (2*a+b+1)*right] {
						out[j] += x * y
					}
				}
				next = append(next, out)
			}
		}
		rows = next
	}
	out := make([]complex128, len(rows))
	for i, row := range rows {
		out[i] = row[0]
	}
	return out
}
