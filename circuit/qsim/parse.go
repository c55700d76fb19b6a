package qsim

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/polyad/polyad/circuit"
)

// names are the gates of qsim, in the order of an error, and those of package
// circuit that they are.
var names = [][2]string{
	{"id1", "id"}, {"h", "h"}, {"t", "t"}, {"x", "x"}, {"y", "y"}, {"z", "z"}, {"s", "s"},
	{"x_1_2", "x_1_2"}, {"y_1_2", "y_1_2"}, {"hz_1_2", "hz_1_2"}, {"rx", "rx"}, {"ry", "ry"}, {"rz", "rz"}, {"rxy", "rxy"},
	{"cz", "cz"}, {"cnot", "cx"}, {"sw", "swap"}, {"is", "iswap"}, {"id2", "id2"}, {"fs", "fsim"}, {"cp", "cp"}, {"p", "gphase"},
}

var library = map[string]string{}

func init() {
	for _, n := range names {
		library[n[0]] = n[1]
	}
}

// gateList is the gates for an error.
func gateList() string {
	var b strings.Builder
	for _, n := range names {
		b.WriteString(n[0] + ", ")
	}
	return b.String() + "m, c"
}

// mostQubits is far beyond any circuit, and keeps memory in bounds.
const mostQubits = 1_000_000

// reader is a circuit that is being read.
type reader struct {
	file     string
	line     int
	c        *circuit.Circuit
	moment   int
	used     map[int]int // line of the gate that a qubit has in this moment
	measured map[int]int // line of the measurement of a qubit
}

// Parse reads a circuit. The name of the file stands in errors, with the line,
// the value that is at fault and what was expected.
func Parse(file string, data []byte) (*circuit.Circuit, error) {
	r := &reader{file: file, measured: map[int]int{}}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		r.line++
		words := strings.Fields(lines.Text())
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if err := r.read(words); err != nil {
			return nil, err
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s, line %d: %w", file, r.line+1, err)
	}
	if r.c == nil {
		return nil, fmt.Errorf("%s: the file is empty; the number of qubits is expected on its first line", file)
	}
	return r.c, nil
}

func (r *reader) fault(format string, args ...any) error {
	return fmt.Errorf("%s, line %d: %s", r.file, r.line, fmt.Sprintf(format, args...))
}

// read takes the words of a line.
func (r *reader) read(words []string) error {
	if r.c == nil {
		n, err := strconv.Atoi(words[0])
		if err != nil || n < 1 || n > mostQubits || len(words) > 1 {
			return r.fault("%q; the number of qubits is expected, alone on the line", strings.Join(words, " "))
		}
		r.c = circuit.New(n)
		return nil
	}
	at, err := strconv.Atoi(words[0])
	if err != nil || at < r.moment {
		return r.fault("moment %q; a whole number from %d on is expected", words[0], r.moment)
	}
	if at > r.moment || r.used == nil {
		r.moment, r.used = at, map[int]int{}
	}
	if len(words) < 2 {
		return r.fault("a gate is expected after the moment")
	}
	switch words[1] {
	case "m":
		return r.measure(words[2:])
	case "c":
		return r.controlled(words[2:])
	}
	op, qubits, err := r.gate(words[1], words[2:])
	if err != nil {
		return err
	}
	return r.add(op, qubits)
}

// add adds a gate whose qubits have been taken.
func (r *reader) add(op circuit.Op, qubits []int) error {
	if err := r.c.Add(op.On(qubits...)); err != nil {
		return fmt.Errorf("%s, line %d: %w", r.file, r.line, err)
	}
	return nil
}

// qubit reads one, and takes it for this moment.
func (r *reader) qubit(word string) (int, error) {
	q, err := strconv.Atoi(word)
	if err != nil || q < 0 || q >= r.c.Qubits {
		return 0, r.fault("qubit %q; a number from 0 to %d is expected", word, r.c.Qubits-1)
	}
	if before, ok := r.used[q]; ok {
		return 0, r.fault("qubit %d has a gate in moment %d already, in line %d", q, r.moment, before)
	}
	if before, ok := r.measured[q]; ok {
		return 0, r.fault("qubit %d was measured in line %d; measurements are expected at the end", q, before)
	}
	r.used[q] = r.line
	return q, nil
}

// gate reads the qubits and parameters of a gate.
func (r *reader) gate(name string, words []string) (circuit.Op, []int, error) {
	ours, ok := library[name]
	if !ok {
		return circuit.Op{}, nil, r.fault("gate %q is not known; the gates are %s", name, gateList())
	}
	width, params, _ := circuit.Signature(ours)
	if len(words) != width+len(params) {
		return circuit.Op{}, nil, r.fault("gate %s has %d values; %d qubits and %d parameters are expected", name, len(words), width, len(params))
	}
	var qubits []int
	for _, word := range words[:width] {
		q, err := r.qubit(word)
		if err != nil {
			return circuit.Op{}, nil, err
		}
		qubits = append(qubits, q)
	}
	var values []float64
	for _, word := range words[width:] {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return circuit.Op{}, nil, r.fault("parameter %q of gate %s; a finite number is expected", word, name)
		}
		values = append(values, v)
	}
	op, err := circuit.Gate(ours, values...)
	if err != nil {
		return circuit.Op{}, nil, fmt.Errorf("%s, line %d: %w", r.file, r.line, err)
	}
	return op, qubits, nil
}

// controlled reads a gate behind its control qubits.
func (r *reader) controlled(words []string) error {
	var controls []int
	for i, word := range words {
		if _, err := strconv.Atoi(word); err == nil {
			q, err := r.qubit(word)
			if err != nil {
				return err
			}
			controls = append(controls, q)
			continue
		}
		if i == 0 {
			break
		}
		op, qubits, err := r.gate(word, words[i+1:])
		if err != nil {
			return err
		}
		if op, err = op.Control(len(controls)); err != nil {
			return fmt.Errorf("%s, line %d: %w", r.file, r.line, err)
		}
		return r.add(op, append(controls, qubits...))
	}
	return r.fault("control qubits and a gate are expected after c")
}

// measure reads the qubits of a measurement.
func (r *reader) measure(words []string) error {
	if len(words) == 0 {
		return r.fault("qubits are expected after m")
	}
	for _, word := range words {
		q, err := r.qubit(word)
		if err != nil {
			return err
		}
		r.measured[q] = r.line
		r.c.Bits = append(r.c.Bits, q)
	}
	return nil
}
