package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/polyad/polyad/einsum"
)

// networkInput is a network to plan.
type networkInput struct {
	name   string
	expr   *einsum.Expr
	shapes [][]int
	dtype  string
}

// readNetwork reads an equation, or a file by its content.
func readNetwork(arg string, sizes []string) (*networkInput, error) {
	data, err := os.ReadFile(arg)
	switch {
	case err == nil && len(sizes) > 0:
		return nil, fmt.Errorf("--sizes: %s is a file, which has the sizes in it; --sizes is for an equation", arg)
	case err == nil:
		return readNetworkFile(arg, data)
	case !errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(arg, ",>"):
		return nil, err
	case strings.ContainsRune(arg, '/') || filepath.Ext(arg) != "" && !strings.ContainsAny(arg, ",>"):
		return nil, fmt.Errorf("%s: there is no such file", arg)
	}
	e, err := einsum.Parse(arg)
	if err != nil {
		return nil, err
	}
	given, err := sizesOf(sizes)
	if err != nil {
		return nil, err
	}
	shapes, err := e.Shapes(given)
	if err != nil {
		return nil, fmt.Errorf("%w; give --sizes, such as --sizes i=10,j=20", err)
	}
	return &networkInput{arg, e, shapes, "float64"}, nil
}

// networkJSON has the fields of the three forms of JSON.
type networkJSON struct {
	// cotengra
	Inputs   [][]string     `json:"inputs"`
	Output   []string       `json:"output"`
	SizeDict map[string]int `json:"size_dict"`
	// OMEinsumContractionOrders
	Einsum *struct {
		Ixs [][]json.RawMessage `json:"ixs"`
		Iy  []json.RawMessage   `json:"iy"`
	} `json:"einsum"`
	Size map[string]int `json:"size"`
	// with an equation
	Format string  `json:"format_string"`
	Shapes [][]int `json:"shapes"`
}

func readNetworkFile(name string, data []byte) (*networkInput, error) {
	text := bytes.TrimSpace(data)
	if len(text) == 0 {
		return nil, fmt.Errorf("%s: the file is empty; JSON of a network or a circuit of qsim is expected", name)
	}
	if text[0] >= '0' && text[0] <= '9' {
		return readQsim(name, data)
	}
	var j networkJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, jsonFault(name, err)
	}
	in := &networkInput{name: name, dtype: "float64"}
	var err error
	switch {
	case j.Inputs != nil:
		in.expr, err = einsum.Names(j.Inputs, j.Output)
		if err == nil {
			in.shapes, err = in.expr.Shapes(j.SizeDict)
		}
	case j.Einsum != nil:
		lists := make([][]string, len(j.Einsum.Ixs))
		for k, list := range j.Einsum.Ixs {
			lists[k] = rawNames(list)
		}
		in.expr, err = einsum.Names(lists, rawNames(j.Einsum.Iy))
		if err == nil {
			in.shapes, err = in.expr.Shapes(j.Size)
		}
	case j.Format != "":
		in.shapes = j.Shapes
		in.expr, err = einsum.Parse(j.Format)
	default:
		return nil, fmt.Errorf("%s: JSON with inputs, output and size_dict, with einsum and size, or with format_string and shapes is expected", name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return in, nil
}

// rawNames are labels that may be numbers or strings.
func rawNames(list []json.RawMessage) []string {
	names := make([]string, len(list))
	for k, raw := range list {
		if json.Unmarshal(raw, &names[k]) != nil {
			names[k] = string(raw)
		}
	}
	return names
}

// qsimGate is how many qubits and parameters a gate of qsim has.
var qsimGate = map[string]struct{ qubits, params int }{
	"id1": {1, 0}, "h": {1, 0}, "t": {1, 0}, "x": {1, 0}, "y": {1, 0}, "z": {1, 0}, "s": {1, 0},
	"x_1_2": {1, 0}, "y_1_2": {1, 0}, "hz_1_2": {1, 0},
	"rx": {1, 1}, "ry": {1, 1}, "rz": {1, 1}, "rxy": {1, 2},
	"cz": {2, 0}, "cnot": {2, 0}, "sw": {2, 0}, "is": {2, 0}, "id2": {2, 0}, "fs": {2, 2}, "cp": {2, 1},
}

// qsimNames are the gates for an error.
const qsimNames = "id1, h, t, x, y, z, s, x_1_2, y_1_2, hz_1_2, rx, ry, rz, rxy, cz, cnot, sw, is, id2, fs, cp"

// readQsim reads a circuit of qsim (number of qubits, then lines of moment,
// gate, qubits, parameters) as the network of the amplitude <0…0|U|0…0>: a
// vector at each end of each qubit, and a tensor with two indices a qubit for
// each gate.
func readQsim(name string, data []byte) (*networkInput, error) {
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	var (
		inputs [][]int
		wire   []int // the index that each qubit is at
		next   int
		number int
		moment int
		used   map[int]int
	)
	fault := func(format string, args ...any) error {
		return fmt.Errorf("%s, line %d: %s", name, number, fmt.Sprintf(format, args...))
	}
	for lines.Scan() {
		number++
		f := strings.Fields(lines.Text())
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if wire == nil {
			n, err := strconv.Atoi(f[0])
			if err != nil || n < 1 || n > 1e6 || len(f) > 1 {
				return nil, fault("%q; the number of qubits is expected, alone on the line", lines.Text())
			}
			wire = make([]int, n)
			for q := range wire {
				wire[q] = next
				inputs = append(inputs, []int{next})
				next++
			}
			continue
		}
		at, err := strconv.Atoi(f[0])
		if err != nil || at < moment {
			return nil, fault("moment %q; a whole number from %d on is expected", f[0], moment)
		}
		if at > moment || used == nil {
			moment, used = at, map[int]int{}
		}
		if len(f) < 2 {
			return nil, fault("a gate is expected after the moment")
		}
		gate, ok := qsimGate[f[1]]
		if !ok {
			return nil, fault("gate %q is not known; the gates are %s", f[1], qsimNames)
		}
		if len(f) != 2+gate.qubits+gate.params {
			return nil, fault("gate %s has %d values; %d qubits and %d parameters are expected", f[1], len(f)-2, gate.qubits, gate.params)
		}
		var legs, after []int
		for _, word := range f[2 : 2+gate.qubits] {
			q, err := strconv.Atoi(word)
			if err != nil || q < 0 || q >= len(wire) {
				return nil, fault("qubit %q; a number from 0 to %d is expected", word, len(wire)-1)
			}
			if before, ok := used[q]; ok {
				return nil, fault("qubit %d has a gate in moment %d already, in line %d", q, moment, before)
			}
			used[q] = number
			legs, after = append(legs, wire[q]), append(after, next)
			wire[q] = next
			next++
		}
		for _, word := range f[2+gate.qubits:] {
			if _, err := strconv.ParseFloat(word, 64); err != nil {
				return nil, fault("parameter %q; a number is expected", word)
			}
		}
		inputs = append(inputs, append(legs, after...))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for _, i := range wire {
		inputs = append(inputs, []int{i})
	}
	e, err := einsum.Indices(inputs, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	shapes := make([][]int, len(inputs))
	for k, list := range inputs {
		shapes[k] = make([]int, len(list))
		for axis := range list {
			shapes[k][axis] = 2
		}
	}
	return &networkInput{name, e, shapes, "complex128"}, nil
}
