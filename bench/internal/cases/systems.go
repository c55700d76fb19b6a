package cases

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	"github.com/polyad/polyad/aqc"
	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/circuit"
	"github.com/polyad/polyad/jones"
	"github.com/polyad/polyad/mps"
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
	return []Case{sliced, {
		Name: "aqc/model=ising/sites=10/ring/time=4/steps=45", Threads: two, Once: true, Bar: Bar{Error: 3e-4},
		Task: measure.Task{Job: "aqc", Type: "f64", Shape: []int{10}}, Ours: compiled,
	}, {
		Name: "aqc/model=ising/sites=50/time=1/steps=160", Threads: two, Once: true, Bar: Bar{Error: 0.1},
		Task: measure.Task{Job: "aqc", Type: "f64", Shape: []int{50}}, Ours: shallower,
	}, {
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

// ising is the evolution of |0…0> in steps of second order, of a chain or ring.
func ising(sites int, ring bool, t float64, steps int) (*circuit.Circuit, error) {
	m, err := aqc.ParseModel("ZZ + 0.4 X", sites, ring)
	if err != nil {
		return nil, err
	}
	return m.Trotter(t, steps, 2)
}

// compile fits the circuit of a few steps to the state of many.
func compile(sites int, ring bool, t float64, steps, first int, opt aqc.Options) (target *mps.State, a *aqc.Ansatz, r *aqc.Result, err error) {
	ctx := context.Background()
	deep, err := ising(sites, ring, t, steps)
	if err != nil {
		return nil, nil, nil, err
	}
	target = mps.Basis(make([]int, sites)...)
	if _, err := target.Run(ctx, aqc.Gates(deep), mps.Truncation{Eps: 1e-13}); err != nil {
		return nil, nil, nil, err
	}
	coarse, err := ising(sites, ring, t, first)
	if err != nil {
		return nil, nil, nil, err
	}
	a, theta, err := aqc.FromCircuit(coarse)
	if err != nil {
		return nil, nil, nil, err
	}
	r, err = aqc.Compile(ctx, target, a, theta, opt)
	return target, a, r, err
}

// compiled is the example of AQC-Tensor (Robertson et al. 2023,
// https://arxiv.org/abs/2301.08609): depth 23. The error is the infidelity.
func compiled(t measure.Task) (o measure.Outcome, err error) {
	begin := time.Now()
	_, a, r, err := compile(t.Shape[0], true, 4, 45, 5, aqc.Options{Fidelity: 0.9997})
	if err != nil {
		return o, err
	}
	if a.Depth() != 23 {
		return o, fmt.Errorf("the circuit has depth %d, not 23", a.Depth())
	}
	o.Seconds, o.Calls, o.Error = time.Since(begin).Seconds(), 1, 1-r.Fidelity
	return o, nil
}

// shallower asks how many steps give the fidelity that a compiled circuit has.
// The error is the ratio of depths, theirs counted as ours.
func shallower(t measure.Task) (o measure.Outcome, err error) {
	const duration = 1
	sites := t.Shape[0]
	begin := time.Now()
	target, a, r, err := compile(sites, false, duration, 160, 3, aqc.Options{Iterations: 100, Truncation: mps.Truncation{Eps: 1e-13}})
	if err != nil {
		return o, err
	}
	o.Seconds, o.Calls = time.Since(begin).Seconds(), 1
	// It is reached between low and high steps.
	low, high, depth := 3, 160, 0
	for high-low > 1 {
		steps := (low + high) / 2
		c, err := ising(sites, false, duration, steps)
		if err != nil {
			return o, err
		}
		b, theta, err := aqc.FromCircuit(c)
		if err != nil {
			return o, err
		}
		f, err := aqc.Fidelity(context.Background(), target, b, theta, mps.Truncation{Eps: 1e-13})
		if err != nil {
			return o, err
		}
		if f >= r.Fidelity {
			high, depth = steps, b.Depth()
		} else {
			low = steps
		}
	}
	if depth == 0 {
		return o, fmt.Errorf("no evolution has the fidelity %g of the compiled circuit", r.Fidelity)
	}
	o.Error = float64(a.Depth()) / float64(depth)
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
