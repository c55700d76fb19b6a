package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/polyad/polyad/circuit/simulate"
	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/einsum/path"
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

// checkSizes refuses tensors without elements: every order of contracting
// them is as good, and costs nothing.
func (in *networkInput) checkSizes() error {
	for k, shape := range in.shapes {
		for axis, size := range shape {
			if size < 1 {
				return fmt.Errorf("%s: operand %d has size %d on axis %d: a size of 1 or more is expected", in.name, k, size, axis)
			}
		}
	}
	return nil
}

// readPath reads a path of n tensors: an object with the field path, or the
// list alone.
func readPath(name string, n int) (path.Path, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var p path.Path
	if text := bytes.TrimSpace(data); len(text) > 0 && text[0] == '[' {
		err = json.Unmarshal(data, &p)
	} else {
		var saved struct {
			Path path.Path `json:"path"`
		}
		err = json.Unmarshal(data, &saved)
		p = saved.Path
	}
	if err != nil {
		return nil, jsonFault(name, err)
	}
	if err := p.Check(n); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
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
		return nil, fmt.Errorf("%s: the file is empty; JSON of a network, or a circuit of OpenQASM or qsim, is expected", name)
	}
	if isCircuit(name, text) {
		return circuitNetwork(name)
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

// isCircuit tells circuits from JSON: those of qsim begin with a number,
// OpenQASM with its version or a comment.
func isCircuit(name string, text []byte) bool {
	ext := filepath.Ext(name)
	if ext == ".qasm" || ext == ".qsim" || text[0] >= '0' && text[0] <= '9' {
		return true
	}
	for _, begin := range []string{"OPENQASM", "//", "/*"} {
		if bytes.HasPrefix(text, []byte(begin)) {
			return true
		}
	}
	return false
}

// circuitNetwork is the network of the amplitude <0…0|C|0…0>.
func circuitNetwork(name string) (*networkInput, error) {
	c, err := readCircuit(name)
	if err != nil {
		return nil, err
	}
	e, operands, _, err := simulate.Equation(c, strings.Repeat("0", c.Qubits))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	shapes := make([][]int, len(operands))
	for k, x := range operands {
		shapes[k] = x.Shape()
	}
	return &networkInput{name, e, shapes, "complex128"}, nil
}
