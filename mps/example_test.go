package mps_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/mps"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
)

func matrix(n int, v ...complex128) *tensor.Matrix[complex128] { return tensor.MatrixOf(n, n, v) }

var (
	h = complex(math.Sqrt2/2, 0)
	// The Hadamard gate, the controlled not, and Pauli's matrix.
	hadamard = matrix(2, h, h, h, -h)
	cnot     = matrix(4, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0)
	pauliZ   = matrix(2, 1, 0, 0, -1)
)

// ghz is (|00…⟩ + |11…⟩)/√2.
func ghz(n int) *mps.State {
	s := mps.Basis(make([]int, n)...)
	s.Apply1(0, hadamard)
	for k := range n - 1 {
		if _, err := s.Apply2(k, cnot, mps.Truncation{}); err != nil {
			panic(err)
		}
	}
	return s
}

func ExampleState_Apply2() {
	s := mps.Basis(0, 0, 0)
	s.Apply1(0, hadamard)
	for k := range 2 {
		lost, err := s.Apply2(k, cnot, mps.Truncation{MaxBond: 16})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("lost", lost)
	}
	fmt.Printf("%.3f %.3f %.3f\n", s.Amplitude(0, 0, 0), s.Amplitude(0, 1, 0), s.Amplitude(1, 1, 1))
	// Output:
	// lost 0
	// lost 0
	// (0.707+0.000i) (0.000+0.000i) (0.707+0.000i)
}

func ExampleState_Apply() {
	// Qubit 3 controls qubit 0.
	s := mps.Basis(0, 0, 0, 1)
	if _, err := s.Apply(cnot, mps.Truncation{}, 3, 0); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Sample(rand.New(rand.NewPCG(1, 1))))
	// Output: [1 0 0 1]
}

func ExampleState_Sample() {
	s := ghz(6)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		fmt.Println(s.Sample(rng))
	}
	// Output:
	// [1 1 1 1 1 1]
	// [1 1 1 1 1 1]
	// [0 0 0 0 0 0]
}

func ExampleState_Expect1() {
	s := mps.Basis(0, 1)
	fmt.Println(real(s.Expect1(0, pauliZ)), real(s.Expect1(1, pauliZ)))
	// Output: 1 -1
}

func ExampleState_Bonds() {
	fmt.Println(ghz(5).Bonds())
	// Output: [1 2 2 2 2 1]
}

func ExampleOverlap() {
	fmt.Printf("%.4f\n", real(mps.Overlap(mps.Basis(1, 1, 1), ghz(3))))
	// Output: 0.7071
}

func ExampleProduct() {
	plus := []complex128{h, h}
	s := mps.Product([]int{2, 2}, [][]complex128{plus, plus})
	fmt.Printf("%.2f\n", s.Dense().Data())
	// Output: [(0.50+0.00i) (0.50+0.00i) (0.50+0.00i) (0.50+0.00i)]
}

func ExampleSumOfTerms() {
	zz, err := mps.PauliTerm(-1, "ZZ", 0, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	o, err := mps.SumOfTerms([]int{2, 2, 2}, []mps.Term{zz})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f %.3f\n", real(ghz(3).Expect(o)), real(mps.Basis(0, 0, 1).Expect(o)))
	// Output: -1.000 1.000
}

func ExampleIsing() {
	h := mps.Ising(20, 1, 0.5)
	fmt.Println(h.Bonds()[10], real(mps.Basis(make([]int, 20)...).Expect(h)))
	// Output: 3 -19
}

func ExampleHeisenberg() {
	neel := mps.Basis(0, 1, 0, 1)
	fmt.Println(real(neel.Expect(mps.Heisenberg(4, 1, 1, 1, 0))))
	// Output: -0.75
}

func ExampleAdd() {
	cat := mps.Add(1, mps.Basis(0, 0, 0), 1, mps.Basis(1, 1, 1))
	cat.Normalize()
	fmt.Printf("%.3f\n", real(mps.Overlap(cat, ghz(3))))
	// Output: 1.000
}

func ExampleState_Compress() {
	s := mps.Add(0.5, ghz(6), 0.5, ghz(6))
	lost, err := s.Compress(mps.Truncation{})
	fmt.Println(s.Bonds(), lost < 1e-20, err)
	// Output: [1 2 2 2 2 2 1] true <nil>
}

func ExampleOperator_Apply() {
	// The field flips each spin in turn: X on all of |00⟩ is |10⟩ + |01⟩.
	x := mps.Ising(2, 0, -1)
	s, _, err := x.Apply(mps.Basis(0, 0), mps.Truncation{MaxBond: 8})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f\n", s.Dense().Data())
	// Output: [(0+0i) (1+0i) (1+0i) (0+0i)]
}

func ExampleState_Variance() {
	h := mps.Ising(4, 1, 0)
	s := mps.Basis(0, 0, 0, 0)
	fmt.Printf("%.3f %.3f\n", s.Variance(h), s.Variance(mps.Ising(4, 0, 1)))
	// Output: 0.000 4.000
}

func ExampleFit() {
	h := mps.Heisenberg(8, 1, 1, 1, 0)
	s := ghz(8)
	phi, res, err := mps.Fit(context.Background(), h, s, nil, mps.FitOptions{Truncation: mps.Truncation{MaxBond: 8}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f %.4f %v\n", phi.Norm(), real(mps.Overlap(s, phi)), res.Lost < 1e-12)
	// Output: 1.7500 1.7500 true
}

func ExampleState_Run() {
	// A GHZ state and back again.
	n := 50
	gates := []mps.Gate{{Matrix: hadamard, Sites: []int{0}}}
	for k := range n - 1 {
		gates = append(gates, mps.Gate{Matrix: cnot, Sites: []int{k, k + 1}})
	}
	for i := n - 1; i >= 0; i-- {
		gates = append(gates, gates[i])
	}
	s := mps.Basis(make([]int, n)...)
	lost, err := s.Run(context.Background(), gates, mps.Truncation{MaxBond: 16})
	fmt.Printf("%.3f %v %v\n", real(s.Amplitude(make([]int, n)...)), lost < 1e-12, err)
	// Output: 1.000 true <nil>
}

func ExampleDMRG() {
	// The critical Ising chain: the energy has a closed form.
	n := 20
	s, res, err := mps.DMRG(context.Background(), mps.Ising(n, 1, 1), mps.DMRGOptions{Truncation: mps.Truncation{MaxBond: 32}})
	if err != nil {
		fmt.Println(err)
		return
	}
	exact := 1 - 1/math.Sin(math.Pi/float64(2*(2*n+1)))
	fmt.Printf("%.6f, exactly %.6f; bond %v\n", res.Energy, exact, s.MaxBond() <= 32)
	// Output: -25.107797, exactly -25.107797; bond true
}

func ExampleTEBD() {
	// A spin in a field turns: ⟨Z⟩ = cos 2t.
	s := mps.Basis(0, 0)
	_, err := mps.TEBD(context.Background(), s, mps.IsingTerms(2, 0, 1), mps.TEBDOptions{Step: 0.1, Steps: 10})
	fmt.Printf("%.4f %.4f %v\n", real(s.Expect1(0, pauliZ)), math.Cos(2), err)
	// Output: -0.4161 -0.4161 <nil>
}

func ExampleTrotter() {
	gates, err := mps.Trotter([]int{2, 2, 2, 2}, mps.IsingTerms(4, 1, 1), mps.TEBDOptions{Step: 0.1, Steps: 5, Order: 2})
	fmt.Println(len(gates), err) // 6 layers of two gates on even bonds, 5 of one on the odd bond
	// Output: 17 <nil>
}

func ExampleState_Entropy() {
	fmt.Printf("%.4f %.4f\n", ghz(6).Entropy(3), math.Log(2))
	// Output: 0.6931 0.6931
}

func ExampleBasis() {
	s := mps.Basis(1, 0)
	fmt.Println(s.Amplitude(1, 0), s.Amplitude(0, 1)) // site 0 is the most significant
	// Output: (1+0i) (0+0i)
}

func ExampleState_MoveCenter() {
	s := ghz(4)
	s.MoveCenter(2)
	fmt.Printf("%d %.3f\n", s.Center(), s.Norm())
	// Output: 2 1.000
}

func ExampleState_Schmidt() {
	fmt.Printf("%.4f\n", ghz(6).Schmidt(2))
	// Output: [0.7071 0.7071]
}

func ExampleState_Entropies() {
	fmt.Printf("%.3f\n", ghz(4).Entropies())
	// Output: [0.693 0.693 0.693]
}

func ExampleState_Fidelity() {
	s := ghz(4)
	lost, err := s.Compress(mps.Truncation{MaxBond: 1})
	fmt.Printf("%.2f %.2f %v\n", lost, s.Fidelity(), err)
	// Output: 0.50 0.50 <nil>
}

func ExampleFromDense() {
	// W: one excitation on any of three sites.
	x := tensor.New[complex128](2, 2, 2)
	for _, i := range []int{1, 2, 4} {
		x.Data()[i] = complex(1/math.Sqrt(3), 0)
	}
	s, err := mps.FromDense(x, mps.Truncation{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v %.4f\n", s.Bonds(), real(s.Amplitude(0, 1, 0)))
	// Output: [1 2 2 1] 0.5774
}

func ExampleFromTrain() {
	x := tensor.FromSlice([]float64{3, 0, 0, 4}, 2, 2)
	train, _, err := tt.SVD(context.Background(), x, tt.Options{Eps: 1e-12})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := mps.FromTrain(train)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", s.Norm())
	// Output: 5.000
}

func ExamplePauliTerm() {
	t, err := mps.PauliTerm(0.5, "XIZ", 4, 5, 9)
	fmt.Println(len(t.Factors), t.Factors[1].Site, t.Coefficient, err)
	_, err = mps.PauliTerm(1, "XQ")
	fmt.Println(err)
	// Output:
	// 2 9 (0.5+0i) <nil>
	// mps: letter 1 of "XQ" is 'Q'; it must be I, X, Y or Z
}

func ExampleOperator_Mul() {
	h := mps.Heisenberg(6, 1, 1, 1, 0)
	square, lost, err := h.Mul(h).Compress(mps.Truncation{})
	if err != nil {
		fmt.Println(err)
		return
	}
	s := ghz(6)
	mean := real(s.Expect(h))
	fmt.Println(h.Bonds()[3], "·", h.Bonds()[3], "->", square.Bonds()[3], lost < 1e-20)
	fmt.Printf("%.4f %.4f\n", real(s.Expect(square)), mean*mean+s.Variance(h))
	// Output:
	// 5 · 5 -> 9 true
	// 1.5625 1.5625
}

func ExampleOperator_MulState() {
	h := mps.Ising(3, 1, 0)
	fmt.Printf("%.0f\n", real(h.MulState(mps.Basis(0, 1, 0)).Amplitude(0, 1, 0)))
	// Output: 2
}

func ExampleElement() {
	flip := mps.Ising(2, 0, -1)
	fmt.Printf("%.0f\n", real(mps.Element(mps.Basis(0, 1), flip, mps.Basis(0, 0))))
	// Output: 1
}

// (H + H†)/2 of a chain is H: what is left of the difference.
func ExampleAddOperators() {
	h, err := mps.SumOfTerms([]int{2, 2, 2}, mps.HeisenbergTerms(3, 1, 1, 1, 0.2))
	if err != nil {
		fmt.Println(err)
		return
	}
	zero := mps.AddOperators(0.5, h, 0.5, h.Adjoint().Scale(-1))
	fmt.Println(zero.Sites(), zero.Dims(), zero.Norm() < 1e-12)
	// Output: 3 [2 2 2] true
}

// X on the first of two sites, of cores 1×2×2×1.
func ExampleNewOperator() {
	x := tensor.FromSlice([]complex128{0, 1, 1, 0}, 1, 2, 2, 1)
	one := tensor.FromSlice([]complex128{1, 0, 0, 1}, 1, 2, 2, 1)
	o, err := mps.NewOperator(x, one)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(o.Core(0).Shape(), real(mps.Element(mps.Basis(1, 0), o, mps.Basis(0, 0))))
	// Output: [1 2 2 1] 1
}

// |01> + |10>, from cores.
func ExampleFromCores() {
	a := tensor.FromSlice([]complex128{1, 0, 0, 1}, 1, 2, 2)
	b := tensor.FromSlice([]complex128{0, 1, 1, 0}, 2, 2, 1)
	s, err := mps.FromCores(a, b)
	if err != nil {
		fmt.Println(err)
		return
	}
	twice := s.Clone()
	twice.Scale(2)
	fmt.Println(s.Sites(), s.Dims(), s.Core(0).Shape())
	fmt.Printf("%.4f %.4f\n", real(s.Amplitude(0, 1)), real(twice.Amplitude(0, 1)))
	// Output:
	// 2 [2 2] [1 2 2]
	// 1.0000 2.0000
}
