package simulate

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/polyad/polyad/circuit"
)

// mostShots bounds the list of samples.
const mostShots = 100_000_000

// sampleBlock is the number of qubits whose probabilities one network gives.
const sampleBlock = 6

// foldGroups is the number of contractions of one network for fewer of which
// nothing is prepared.
const foldGroups = 4

// Sample draws shots from the measurement of a circuit. Each is a string with
// the bits of c.Measured, 0 where nothing is measured into a bit. The same seed
// gives the same samples, for each method.
//
// A network draws a few qubits at a time, from their probabilities given the
// bits so far; the gates that those do not depend on cancel. Shots with the
// same bits so far share the contraction, and what no bit belongs to is
// contracted once for all.
func Sample(ctx context.Context, c *circuit.Circuit, shots int, opt Options) ([]string, *How, error) {
	if err := opt.check(c); err != nil {
		return nil, nil, err
	}
	if shots < 1 || shots > mostShots {
		return nil, nil, fmt.Errorf("simulate: %d shots; 1 to %d are expected", shots, mostShots)
	}
	var qubits []int // that are measured
	for _, q := range c.Measured() {
		if q >= c.Qubits {
			return nil, nil, fmt.Errorf("simulate: qubit %d is measured; the circuit has %d", q, c.Qubits)
		}
		if q >= 0 {
			qubits = append(qubits, q)
		}
	}
	slices.Sort(qubits)
	qubits = slices.Compact(qubits)
	var blocks []question
	how, err := opt.choose(c, shots, func() (total planned, err error) {
		blocks, total, err = opt.sampleNetworks(ctx, c, qubits, shots)
		return total, err
	})
	if err != nil {
		return nil, nil, err
	}
	rng := rand.New(rand.NewPCG(opt.Seed, 0x5a3c))
	drawn := make([][]byte, shots) // bits by qubit
	switch how.Method {
	case StateVector:
		state, err := opt.state(ctx, c)
		if err != nil {
			return nil, nil, err
		}
		drawVector(drawn, state, c.Qubits, rng)
	case MPS:
		s, err := opt.train(ctx, c, how)
		if err != nil {
			return nil, nil, err
		}
		for i := range drawn {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			opt.progress(i, shots)
			drawn[i] = make([]byte, c.Qubits)
			for q, b := range s.Sample(rng) {
				drawn[i][q] = byte(b)
			}
		}
	default:
		for i := range drawn {
			drawn[i] = make([]byte, c.Qubits)
		}
		if err := opt.drawNetworks(ctx, drawn, blocks, qubits, rng); err != nil {
			return nil, nil, err
		}
	}
	out := make([]string, shots)
	measured := c.Measured()
	text := make([]byte, len(measured))
	for i, bits := range drawn {
		for k, q := range measured {
			text[k] = '0'
			if q >= 0 {
				text[k] += bits[q]
			}
		}
		out[i] = string(text)
	}
	return out, how, nil
}

// sampleNetworks makes a network for each block of qubits: the probabilities
// of its bits together with those before, whose slots are their places among
// the qubits.
func (o Options) sampleNetworks(ctx context.Context, c *circuit.Circuit, qubits []int, shots int) ([]question, planned, error) {
	blocks := make([]question, (len(qubits)+sampleBlock-1)/sampleBlock)
	var total planned
	for i := len(blocks) - 1; i >= 0; i-- { // the last is the dearest
		lo, hi := i*sampleBlock, min((i+1)*sampleBlock, len(qubits))
		kept := measuredCone(c.Ops, qubits[:hi], c.Qubits)
		b := newBuilder(c.Qubits)
		b.applyAll(kept)
		for k, q := range qubits[:hi] {
			if k < lo {
				b.fix(q, k)
			} else {
				b.open(q)
			}
		}
		undo(b, kept)
		blocks[i].net = b.network()
		var err error
		if blocks[i].plan, err = o.plan(ctx, blocks[i].net); err != nil {
			return nil, planned{}, err
		}
		total.include(blocks[i].plan, min(float64(shots), math.Exp2(float64(lo))))
		total.gates = max(total.gates, len(kept))
		if o.Method != Network && total.products > mostProducts {
			break // it will not be chosen
		}
	}
	return blocks, total, nil
}

// drawNetworks draws block by block: shots with the same bits so far are one
// group.
func (o Options) drawNetworks(ctx context.Context, drawn [][]byte, blocks []question, qubits []int, rng *rand.Rand) error {
	type group struct {
		bits  []byte
		shots []int
	}
	all := make([]int, len(drawn))
	for i := range all {
		all[i] = i
	}
	groups := []group{{nil, all}}
	for i, block := range blocks {
		lo, hi := i*sampleBlock, min((i+1)*sampleBlock, len(qubits))
		if len(groups) > foldGroups {
			var err error
			if block.net, block.plan, err = block.net.fold(ctx, o, block.plan); err != nil {
				return err
			}
		}
		var next []group
		for g, from := range groups {
			o.progress(i*len(drawn)+g*len(drawn)/len(groups), len(blocks)*len(drawn))
			x, err := block.net.contract(ctx, block.plan, from.bits)
			if err != nil {
				return err
			}
			p := make([]float64, len(x))
			for k := range x {
				p[k] = max(real(x[k]), 0)
			}
			pick, err := newPicker(p)
			if err != nil {
				return err
			}
			members := map[int][]int{}
			for _, shot := range from.shots {
				k := pick.draw(rng)
				members[k] = append(members[k], shot)
			}
			for k := range p {
				if len(members[k]) == 0 {
					continue
				}
				bits := slices.Clone(from.bits)
				for q := lo; q < hi; q++ {
					bits = append(bits, byte(k>>(hi-1-q)&1))
				}
				for _, shot := range members[k] {
					for q := lo; q < hi; q++ {
						drawn[shot][qubits[q]] = bits[q]
					}
				}
				next = append(next, group{bits, members[k]})
			}
		}
		groups = next
	}
	return nil
}

// picker draws numbers with given weights.
type picker struct{ sums []float64 }

func newPicker(weights []float64) (picker, error) {
	sums := make([]float64, len(weights))
	total := 0.0
	for i, w := range weights {
		total += w
		sums[i] = total
	}
	if !(total > 0) || math.IsInf(total, 0) {
		return picker{}, fmt.Errorf("simulate: the probabilities add up to %v; the gates are not unitary, or rounding lost what there was", total)
	}
	return picker{sums}, nil
}

func (p picker) draw(rng *rand.Rand) int {
	x := rng.Float64() * p.sums[len(p.sums)-1]
	// The first sum above x: never one of weight 0.
	return min(sort.Search(len(p.sums), func(i int) bool { return p.sums[i] > x }), len(p.sums)-1)
}

// drawVector draws from the state vector of n qubits.
func drawVector(drawn [][]byte, state []complex128, n int, rng *rand.Rand) {
	sums := make([]float64, len(state))
	total := 0.0
	for i, a := range state {
		total += real(a)*real(a) + imag(a)*imag(a)
		sums[i] = total
	}
	pick := picker{sums}
	for i := range drawn {
		k := pick.draw(rng)
		drawn[i] = make([]byte, n)
		for q := range n {
			drawn[i][q] = byte(k >> (n - 1 - q) & 1)
		}
	}
}
