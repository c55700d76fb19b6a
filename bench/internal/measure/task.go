// Package measure is what the two sides of a comparison share: the task that
// a process is given, the outcome that it prints, and how time and memory are
// taken. The peers in Python have the same in bench/peers/common.py.
package measure

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
)

// Task is what one process is asked to do.
type Task struct {
	Case      string   `json:"case"` // the name, which chooses our code
	Job       string   `json:"job"`  // gemm, qr, parafac, …: chooses the peer's
	Peer      string   `json:"peer"` // whom we are compared with
	Threads   int      `json:"threads"`
	Seed      uint64   `json:"seed"`           // of random starts: the number of the pair
	Type      string   `json:"type,omitempty"` // f32 or f64
	Shape     []int    `json:"shape,omitempty"`
	Ranks     []int    `json:"ranks,omitempty"`
	Files     []string `json:"files,omitempty"` // the data
	Eps       float64  `json:"eps,omitempty"`
	Target    float64  `json:"target,omitempty"` // stop when the error is at most this
	Iters     int      `json:"iters,omitempty"`
	Program   string   `json:"program,omitempty"`   // the program polyad, if our side runs it
	Arguments []string `json:"arguments,omitempty"` // for it
	Method    string   `json:"method,omitempty"`    // of the peer's, where it has several

	Equations []Equation `json:"equations,omitempty"` // to contract in turn
}

// Equation is one contraction of a task.
type Equation struct {
	Text   string   `json:"text"`
	Shapes [2][]int `json:"shapes"`
}

// Outcome is what the process found.
type Outcome struct {
	Seconds float64   `json:"seconds"` // of one call, the median
	Calls   int       `json:"calls"`
	Error   float64   `json:"error"`            // of the result, as the case defines it; smaller is better
	Check   []float64 `json:"check,omitempty"`  // figures of the result on which both sides must agree
	Ranks   []int     `json:"ranks,omitempty"`  // that were found
	Work    *Work     `json:"work,omitempty"`   // that the algorithm did, if only the run could tell
	Peak    int64     `json:"peak_bytes"`       // memory of the data, the work space and the result; 0: unknown
	Result  int64     `json:"result_bytes"`     // of the result
	Capped  bool      `json:"capped,omitempty"` // it was stopped before it came as far as was asked
	Version string    `json:"version"`          // of the program
	Parts   []Part    `json:"parts,omitempty"`  // of a task that is a list of others
}

// Part is one of the tasks that a task is made of.
type Part struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// AddPart takes in the outcome of a part. The time of the whole is the
// geometric mean.
func (o *Outcome) AddPart(name string, part Outcome) {
	o.Parts = append(o.Parts, Part{name, part.Seconds})
	sum := 0.0
	for _, p := range o.Parts {
		sum += math.Log(p.Seconds)
	}
	o.Seconds = math.Exp(sum / float64(len(o.Parts)))
	o.Calls += part.Calls
}

// Work is the arithmetic and the traffic with memory that an algorithm cannot
// do without.
type Work struct {
	Flops float64 `json:"flops"`
	Bytes float64 `json:"bytes"`
}

// Main runs the task that is given as JSON and prints its outcome as JSON.
func Main(arg string, run func(Task) (Outcome, error)) error {
	var t Task
	if err := json.Unmarshal([]byte(arg), &t); err != nil {
		return fmt.Errorf("the task is not JSON: %w", err)
	}
	o, err := run(t)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(o)
}
