package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"strings"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/jones"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// systems are what is built on contractions; no peer does it.
func systems() []Case {
	const n = 150
	shape := []int{n, n, n}
	sliced := Case{
		Name: "contract/unsliced=4GB/mem=512MiB", Threads: two, Once: true, Polyad: true, Bar: Bar{Bytes: 512 << 20, Error: 1e-9},
		Task: measure.Task{Job: "sliced", Type: "f64", Shape: shape, Arguments: []string{"--mem", "512MiB"}}, Ours: slicedOf,
	}
	for k := range 4 {
		sliced.Data = append(sliced.Data, Data{fmt.Sprintf("sliced-%d.npy", k), func(path string) error { return tensorio.Save(path, slicedOperand(k, shape)) }})
	}
	add := func(name string, depth int, bar Bar, arguments ...string) Case {
		return Case{
			Name: name, Threads: two, Once: true, Polyad: true, Bar: bar, Ours: compiled,
			Task: measure.Task{Job: "aqc", Type: "f64", Shape: []int{depth}, Arguments: append([]string{"--hamiltonian", "ZZ+0.4X"}, arguments...)},
		}
	}
	return []Case{sliced,
		// The example of AQC-Tensor (Robertson et al. 2023, https://arxiv.org/abs/2301.08609).
		add("aqc/model=ising/sites=10/ring/time=4/depth=23", 23, Bar{Error: 3e-4}, "--sites", "10", "--ring", "--time", "4", "--steps", "45",
			"--start-steps", "5", "--fidelity", "0.9997", "--eps", "1e-12"),
		add("aqc/model=ising/sites=50/time=2/depth=11", 11, Bar{Error: 0.1}, "--sites", "50", "--time", "2", "--order", "4", "--steps", "20",
			"--start-steps", "2", "--start-sites", "12", "--max-iters", "1000", "--fidelity", "0.999995", "--eps", "1e-12", "--compare-trotter"),
		{
			Name: "jones/strands=3/crossings=100", Threads: two, Bar: Bar{Seconds: 1},
			Task: measure.Task{Job: "jones", Shape: []int{3, 100}}, Ours: jonesOf,
		}}
}

// slicedPart is the vector of an operand along one of its labels.
func slicedPart(k, axis, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = float64((i*(k+2)+axis)%11) / 11
	}
	return v
}

// slicedOperand is an outer product, so that the result is a product of sums.
func slicedOperand(k int, shape []int) *tensor.Dense[float64] {
	a, b, c := slicedPart(k, 0, shape[0]), slicedPart(k, 1, shape[1]), slicedPart(k, 2, shape[2])
	x := tensor.New[float64](shape...)
	for e := range x.Raw() {
		x.Raw()[e] = a[e/(shape[1]*shape[2])] * b[e/shape[2]%shape[1]] * c[e%shape[2]]
	}
	return x
}

// slicedOf contracts four tensors, each of which shares an index with each
// other: whatever the order, what two of them leave has four indices. The
// error is relative.
func slicedOf(t measure.Task) (o measure.Outcome, err error) {
	terms := []string{"abc", "ade", "bdf", "cef"}
	want := 1.0
	for _, label := range "abcdef" {
		product := make([]float64, t.Shape[0])
		for i := range product {
			product[i] = 1
		}
		for k, term := range terms {
			if axis := strings.IndexRune(term, label); axis >= 0 {
				for i, v := range slicedPart(k, axis, len(product)) {
					product[i] *= v
				}
			}
		}
		s := 0.0
		for _, v := range product {
			s += v
		}
		want *= s
	}
	out := filepath.Join(filepath.Dir(t.Program), "sliced.npy")
	args := append([]string{"einsum", strings.Join(terms, ",") + "->", "-o", out}, t.Arguments...)
	if _, o, err = program(context.Background(), t, append(args, t.Files...)...); err != nil {
		return o, err
	}
	file, x, err := openDense[float64](out)
	if err != nil {
		return o, err
	}
	defer file.Close()
	o.Error = math.Abs(x.Raw()[0]/want - 1)
	return o, nil
}

// compiled is a circuit for the evolution of an Ising model. The error is its
// infidelity, or with --compare-trotter the ratio of its layers to those of
// steps that are as close, of the order that needs the fewest.
func compiled(t measure.Task) (o measure.Outcome, err error) {
	text, o, err := program(context.Background(), t, append([]string{"circuit", "compile", "--json"}, t.Arguments...)...)
	if err != nil {
		return o, err
	}
	var r struct {
		Depth    int     `json:"depth"`
		Fidelity float64 `json:"fidelity"`
		Ratio    float64 `json:"trotter_ratio"`
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return o, err
	}
	if want := t.Shape[0]; r.Depth != want {
		return o, fmt.Errorf("the circuit has depth %d, not %d", r.Depth, want)
	}
	o.Error = 1 - r.Fidelity
	if r.Ratio > 0 {
		o.Error = 1 / r.Ratio
	}
	return o, nil
}

// jonesOf is the polynomial of a random closed braid. At 1 it is a power of -2.
func jonesOf(t measure.Task) (o measure.Outcome, err error) {
	rng := rand.New(rand.NewPCG(1, 1))
	b := jones.Braid{Strands: t.Shape[0]}
	for range t.Shape[1] {
		b.Word = append(b.Word, (1+rng.IntN(t.Shape[0]-1))*(1-2*rng.IntN(2)))
	}
	var v *jones.Laurent
	work := func() error {
		v, err = jones.Polynomial(context.Background(), b)
		return err
	}
	if err := measure.Start().Run(&o, nil, work); err != nil {
		return o, err
	}
	sum, want := new(big.Int), new(big.Int).Exp(big.NewInt(-2), big.NewInt(int64(b.Components()-1)), nil)
	for _, c := range v.Coefficients {
		sum.Add(sum, c)
	}
	if sum.Cmp(want) != 0 {
		return o, fmt.Errorf("the polynomial is %v at 1, not %v", sum, want)
	}
	return o, nil
}
