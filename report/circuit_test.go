package report_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/circuit/simulate"
	"github.com/polyad/polyad/report"
)

func TestWriteCircuit(t *testing.T) {
	c := circuit.New(3)
	if err := c.Append("h", nil, 0); err != nil {
		t.Fatal(err)
	}
	how := &simulate.How{
		Method: simulate.MPS, Bond: 2, Fidelity: 0.75, PeakBytes: 4096, Bonds: []int{2, 1}, Entropies: []float64{math.Ln2, 0},
		Course: []simulate.Moment{{Gates: 1, Bond: 1, Fidelity: 1}, {Gates: 2, Bond: 2, Fidelity: 0.75}},
	}
	in := report.Circuit{Source: "<b>.qasm", Command: "polyad circuit sample", Version: "1", Circuit: c, How: how, Seconds: 0.5}
	var b bytes.Buffer
	if err := report.WriteCircuit(&b, in); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"3 qubits in a matrix product state", "&lt;b&gt;.qasm", "1.00 bits", "between qubits 0 and 1", "0.7500", "0.25", "discarded", "entanglement entropy"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, bad := range []string{"https://", "<script", "<b>.qasm", "{{", "%!", "NaN"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	how.Entropies = nil
	for _, in := range []report.Circuit{{}, in} {
		if err := report.WriteCircuit(&b, in); err == nil {
			t.Errorf("there is a report of %+v", in)
		}
	}
}
