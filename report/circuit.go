package report

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/circuit/simulate"
	"github.com/polyad/polyad/tensor"
)

// Circuit is all that a report on a circuit in a matrix product state tells
// of. Circuit and How are required, How with its bonds
// ([simulate.Options].Profile).
type Circuit struct {
	Source  string // base name of the circuit's file
	Command string // the command line
	Version string // of the program
	Circuit *circuit.Circuit
	How     *simulate.How
	Seconds float64
}

//go:embed circuit.html
var circuitSource string

var circuitTemplate = parse(circuitSource)

type circuitPage struct {
	Title, Headline, Lede string
	Figures, Made         []figure
	Bonds, Course         []panel
	Command               string
}

// WriteCircuit writes the report as one HTML file that loads nothing: the
// bonds of the state and how entangled they are, and how the largest bond grew
// and what the cuts have left over the gates.
func WriteCircuit(w io.Writer, in Circuit) error {
	if in.Circuit == nil || in.How == nil {
		return errors.New("report: there is no circuit, or not how it was simulated")
	}
	if len(in.How.Bonds) == 0 || len(in.How.Bonds) != len(in.How.Entropies) {
		return errors.New("report: there are no bonds to draw; a state of two qubits or more, simulated with a profile, is needed")
	}
	return write(w, circuitTemplate, newCircuitPage(in))
}

func newCircuitPage(in Circuit) *circuitPage {
	c, h := in.Circuit, in.How
	cut, left := "no bond was cut: exact but for rounding", "nothing was cut"
	if h.Fidelity < 1-1e-12 {
		cut = fmt.Sprintf("bonds were cut: %s of the squared norm was discarded", num(1-h.Fidelity))
		left = num(1-h.Fidelity) + " discarded"
	}
	most, at := 0.0, 0
	bonds := make([]float64, len(h.Bonds))
	middle := tensor.Axis{Name: "bond"}
	for k, b := range h.Bonds {
		bonds[k] = float64(b)
		middle.Coords = append(middle.Coords, float64(k+1))
		if h.Entropies[k] > most {
			most, at = h.Entropies[k], k
		}
	}
	p := &circuitPage{
		Title:    orElse(shorten(in.Source, 120), "Circuit"),
		Headline: fmt.Sprintf("%s in a matrix product state with bonds up to %s", plural(c.Qubits, "qubit"), count(int64(h.Bond))),
		Lede:     fmt.Sprintf("%s, depth %s; %s.", plural(len(c.Ops), "gate"), count(int64(c.Depth(1))), cut),
		Figures: []figure{
			{"fidelity left", fixed(h.Fidelity, 4), left},
			{"largest bond", count(int64(h.Bond)), ""},
			{"most entangled", fmt.Sprintf("%s bits", fixed(most/math.Ln2, 2)), fmt.Sprintf("between qubits %d and %d", at, at+1)},
			{"memory", size(h.PeakBytes), "of the state, with room for a gate"},
			{"time", seconds(in.Seconds), ""},
		},
		Made:    []figure{{"Method", "matrix product state", ""}, {"Why", h.Why, ""}},
		Command: shorten(in.Command, 2000),
	}
	if in.Version != "" {
		p.Made = append(p.Made, figure{"Polyad", in.Version, ""})
	}
	entropy := make([]float64, len(bonds))
	for k, e := range h.Entropies {
		entropy[k] = e / math.Ln2
	}
	p.Bonds = []panel{
		coursePanel(middle, bonds, "bond dimension", "between qubit k−1 and k"),
		coursePanel(middle, entropy, "entanglement entropy, bits", "at most log₂ of the bond dimension"),
	}
	if len(h.Course) > 1 {
		gates := tensor.Axis{Name: "gates"}
		var bond, lost []float64
		for _, m := range h.Course {
			gates.Coords = append(gates.Coords, float64(m.Gates))
			bond = append(bond, float64(m.Bond))
			lost = append(lost, max(0, 1-m.Fidelity))
		}
		p.Course = append(p.Course, coursePanel(gates, bond, "largest bond", "after so many gates, those on the same qubits as one"))
		if h.Fidelity < 1-1e-12 {
			p.Course = append(p.Course, coursePanel(gates, lost, "discarded", "of the squared norm, by all cuts so far"))
		}
	}
	return p
}

// coursePanel is a line over an axis with coordinates.
func coursePanel(axis tensor.Axis, v []float64, title, note string) panel {
	if len(v) == 1 {
		return panel{Title: title, Note: note, Foot: fmt.Sprintf("%s at %s %s", num(v[0]), axis.Name, axis.Label(0))}
	}
	return panel{Title: title, Note: note, SVG: columnPlot(axis, v, title+" over "+axis.Name), Foot: axis.Name}
}
