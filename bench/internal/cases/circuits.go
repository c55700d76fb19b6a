package cases

import (
	"context"
	"fmt"
	"math"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/linalg"
	"github.com/polyad/polyad/mps"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// circuits are random circuits of gates on neighbours, by matrix product
// states with the same limits on both sides. The error is −ln of the product
// of what the cuts have kept.
func circuits() []Case {
	// Sites, layers, largest bond.
	shape := []int{60, 20, 128}
	const eps = 1e-10
	var list []Case
	for _, peer := range []struct {
		name  string
		ratio float64
	}{{"quimb", 1.5}, {"qiskit-aer", 1}} {
		list = append(list, Case{
			Name: "mps/circuit=brickwork/qubits=60/depth=20/bond=128/peer=" + peer.name, Tool: "circuits.py", Threads: two,
			Bar:  Bar{Ratio: peer.ratio},
			Task: measure.Task{Job: "brickwork", Peer: peer.name, Type: "f64", Shape: shape, Eps: eps},
			Data: []Data{{"brickwork.npy", func(path string) error { return saveBrickwork(path, shape[0], shape[1]) }}},
			Size: int64(2 * shape[0] * shape[2] * shape[2] * 16), // of the state
			Ours: brickwork, Equal: sameLoss,
		})
	}
	return list
}

// sameLoss is an Equal: the order of the gates in a layer changes what the
// cuts discard a little.
func sameLoss(_ measure.Task, o, p measure.Outcome) error {
	if o.Error <= 1.01*p.Error {
		return nil
	}
	return fmt.Errorf("our cuts leave a fidelity of exp(-%g), the peer's exp(-%g)", o.Error, p.Error)
}

func brickwork(t measure.Task) (o measure.Outcome, err error) {
	meter := measure.Start()
	file, x, err := openDense[float64](t.Files[0])
	if err != nil {
		return o, err
	}
	defer file.Close()
	var gates []mps.Gate
	flat := x.Contiguous().Data()
	for _, k := range brickworkSites(t.Shape[0], t.Shape[1]) {
		u := tensor.NewMatrix[complex128](4, 4)
		for i := range u.Data {
			u.Data[i] = complex(flat[2*i], flat[2*i+1])
		}
		flat = flat[32:]
		gates = append(gates, mps.Gate{Matrix: u, Sites: []int{k, k + 1}})
	}
	run := func(bond int) error {
		s := mps.Basis(make([]int, t.Shape[0])...)
		_, err := s.Run(context.Background(), gates, mps.Truncation{MaxBond: bond, Eps: t.Eps})
		o.Error = -math.Log(s.Fidelity())
		return err
	}
	err = meter.Run(&o, func() error { return run(4) }, func() error { return run(t.Shape[2]) })
	return o, err
}

// brickworkSites are the first sites of the gates, layer after layer.
func brickworkSites(n, depth int) (sites []int) {
	for layer := range depth {
		for k := layer % 2; k+1 < n; k += 2 {
			sites = append(sites, k)
		}
	}
	return sites
}

// saveBrickwork writes random unitary matrices, their real and imaginary
// parts in turn.
func saveBrickwork(path string, n, depth int) error {
	count := len(brickworkSites(n, depth))
	flat := random(9, count, 32).Raw()
	for g := range count {
		a, part := tensor.NewMatrix[complex128](4, 4), flat[32*g:32*g+32]
		for i := range a.Data {
			a.Data[i] = complex(part[2*i], part[2*i+1])
		}
		q, _, err := linalg.QRComplex(a)
		if err != nil {
			return err
		}
		for i, v := range q.Data {
			part[2*i], part[2*i+1] = real(v), imag(v)
		}
	}
	return tensorio.Save(path, tensor.FromSlice(flat, count, 32))
}
