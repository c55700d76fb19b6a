package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/einsum"
	"github.com/polyad/polyad/einsum/path"
	"github.com/polyad/polyad/tensor"
)

// searchSeconds is the time that both sides search for a path.
const searchSeconds = 10

// networks are orders of contraction, of which the error is log10 of the
// products of scalars (of the index space: one for a product that is summed),
// and contractions along the order that the file has.
func networks() []Case {
	var list []Case
	add := func(name, file string, tool Tool, bar Bar, t measure.Task, ours func(measure.Task) (measure.Outcome, error)) *Case {
		t.Type = "f64"
		list = append(list, Case{
			Name: name, Tool: tool, Threads: two, Input: "networks", Within: file, Once: true,
			Bar: bar, Task: t, Ours: ours, Equal: anyError,
		})
		return &list[len(list)-1]
	}
	for _, n := range []struct {
		name, file string
		error      float64
	}{
		{"sycamore-m20", "cotengra-sycamore_n53_m20_s0_e0_pABCDCDAB.json", 18.6},
		{"cubic-6x6x10", "cotengra-cubic_6x6x10.json", 0},
		{"mps-mpo-100", "cotengra-mps_mpo_L100_chi64_D5.json", 0},
		{"random-50", "cotengra-rand_50_5_a.json", 0},
		{"dbn13", "omeco-dbn13.json", 0},
		{"qft-27", "omeco-qc-qft-27.json", 0},
		{"rg3", "omeco-rg3.json", 0},
		{"surface-code-9", "omeco-surfacecode9.json", 0},
		{"queen5_5_3", "tenferro-gm_queen5_5_3.wcsp.json", 0},
		{"sentence_3_12d", "tenferro-lm_batch_likelihood_sentence_3_12d.json", 0},
		{"matrix-chain-100", "tenferro-str_matrix_chain_multiplication_100.json", 0},
		{"mera-120", "tenferro-str_nw_mera_closed_120.json", 0},
	} {
		c := add("path/network="+n.name+"/seconds=10", n.file, "einsum.py", Bar{Error: n.error, NoWorse: true},
			measure.Task{Job: "hyper", Peer: "cotengra", Eps: searchSeconds}, searched)
		c.Cost = true
	}
	for _, n := range []struct {
		name, file string
		log2       float64
	}{{"dbn13", "omeco-dbn13.json", 28}, {"qft-27", "omeco-qc-qft-27.json", 29.7}, {"rg3", "omeco-rg3.json", 29.4}} {
		add("path/network="+n.name+"/seconds=0.9", n.file, None, Bar{Error: n.log2 * math.Log10(2), Seconds: 1},
			measure.Task{Job: "hyper", Eps: 0.9}, searched)
	}
	for _, n := range []struct {
		job, planner, peer string
		tensors            int
		bar                Bar
	}{
		{"greedy", "greedy", "opt_einsum", 5000, Bar{Ratio: 20, NoWorse: true}},
		{"optimal", "optimal", "cotengra", 16, Bar{Seconds: 0.2, NoWorse: true}},
	} {
		c := add(fmt.Sprintf("path/planner=%s/tensors=%d", n.planner, n.tensors), "", "einsum.py", n.bar,
			measure.Task{Job: n.job, Peer: n.peer, Method: n.planner}, planned)
		c.Input, c.Once = "", false
		c.Data = []Data{{fmt.Sprintf("network-%d.json", n.tensors), func(name string) error { return saveNetwork(name, n.tensors) }}}
	}
	for _, n := range []struct{ name, file string }{
		{"queen5_5_3", "tenferro-gm_queen5_5_3.wcsp.json"},
		{"sentence_3_12d", "tenferro-lm_batch_likelihood_sentence_3_12d.json"},
		{"mera-120", "tenferro-str_nw_mera_closed_120.json"},
	} {
		c := add("contract/network="+n.name, n.file, "einsum.py", Bar{Ratio: 1}, measure.Task{Job: "execute", Peer: "cotengra"}, executed)
		c.Once, c.Equal = false, sameChecks(1e-9)
	}
	return list
}

// readNetwork reads a file in the form of cotengra, of OMEinsum's benchmark or
// with an equation, and the order that the last may have.
func readNetwork(name string) (e *einsum.Expr, shapes [][]int, order [][2]int, err error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, nil, err
	}
	var j struct {
		Inputs   [][]string
		Output   []string
		SizeDict map[string]int `json:"size_dict"`
		Einsum   *struct {
			Ixs [][]int
			Iy  []int
		}
		Size   map[string]int
		Format string `json:"format_string"`
		Shapes [][]int
		Paths  struct {
			Flops struct{ Path [][2]int } `json:"opt_flops"`
		}
	}
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	switch {
	case j.Einsum != nil:
		for _, labels := range j.Einsum.Ixs {
			j.Inputs = append(j.Inputs, words(labels))
		}
		j.Output, j.SizeDict = words(j.Einsum.Iy), j.Size
	case j.Format != "":
		e, err = einsum.Parse(j.Format)
		return e, j.Shapes, j.Paths.Flops.Path, err
	}
	if e, err = einsum.Names(j.Inputs, j.Output); err != nil {
		return nil, nil, nil, err
	}
	shapes, err = e.Shapes(j.SizeDict)
	return e, shapes, nil, err
}

// words are numbers as labels.
func words(numbers []int) []string {
	list := make([]string, len(numbers))
	for i, n := range numbers {
		list[i] = strconv.Itoa(n)
	}
	return list
}

func searched(t measure.Task) (o measure.Outcome, err error) {
	e, shapes, _, err := readNetwork(t.Files[0])
	if err != nil {
		return o, err
	}
	begin := time.Now()
	p, err := e.Plan(context.Background(), einsum.Options{Planner: "search", Time: time.Duration(t.Eps * float64(time.Second))}, shapes...)
	if err != nil {
		return o, err
	}
	o.Seconds, o.Calls, o.Error = time.Since(begin).Seconds(), 1, p.Cost.Log10Flops()
	return o, nil
}

func planned(t measure.Task) (o measure.Outcome, err error) {
	e, shapes, _, err := readNetwork(t.Files[0])
	if err != nil {
		return o, err
	}
	work := func() error {
		p, err := e.Plan(context.Background(), einsum.Options{Planner: t.Method}, shapes...)
		if err == nil {
			o.Error = p.Cost.Log10Flops()
		}
		return err
	}
	return o, measure.Start().Run(&o, work, work)
}

// saveNetwork writes a random network in which each tensor has three indices
// of two values, shared with one other each.
func saveNetwork(name string, tensors int) error {
	rng := rand.New(rand.NewPCG(1, uint64(tensors)))
	inputs := make([][]string, tensors)
	sizes := map[string]int{}
	var order []int
	for index := range 3 * tensors / 2 {
		if index%(tensors/2) == 0 {
			order = rng.Perm(tensors)
		}
		label := strconv.Itoa(index)
		for range 2 {
			inputs[order[0]] = append(inputs[order[0]], label)
			order = order[1:]
		}
		sizes[label] = 2
	}
	data, err := json.Marshal(map[string]any{"inputs": inputs, "output": []string{}, "size_dict": sizes})
	if err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o644)
}

// positiveOf are numbers about one over the square root of the last axis, as
// bench/peers/einsum.py makes them: sums of their products stay in range.
func positiveOf(k int, shape []int) *tensor.Dense[float64] {
	x := operandOf[float64](k, shape)
	last := 1.0
	if len(shape) > 0 {
		last = float64(shape[len(shape)-1])
	}
	for i, v := range x.Raw() {
		x.Raw()[i] = (1 + v/16) / math.Sqrt(last)
	}
	return x
}

// planOf is a plan with a given order.
func planOf(e *einsum.Expr, shapes [][]int, order [][2]int) (*einsum.Plan, error) {
	p, err := e.Plan(context.Background(), einsum.Options{Planner: "greedy"}, shapes...)
	if err != nil {
		return nil, err
	}
	if p.Path, err = path.FromLinear(len(shapes), order); err != nil {
		return nil, err
	}
	data, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	p = new(einsum.Plan)
	return p, json.Unmarshal(data, p)
}

func executed(t measure.Task) (o measure.Outcome, err error) {
	meter := measure.Start()
	e, shapes, order, err := readNetwork(t.Files[0])
	if err != nil {
		return o, err
	}
	p, err := planOf(e, shapes, order)
	if err != nil {
		return o, err
	}
	operands := make([]*tensor.Dense[float64], len(shapes))
	for k, s := range shapes {
		operands[k] = positiveOf(k, s)
	}
	var c *tensor.Dense[float64]
	err = meter.Run(&o, nil, func() error {
		c, err = einsum.Run(context.Background(), p, operands...)
		return err
	})
	if err != nil {
		return o, err
	}
	sum := 0.0
	for _, v := range c.Data() {
		sum += v
	}
	o.Check = []float64{measure.Checksum(c.Data()), sum}
	return o, nil
}
