package tensor_test

import (
	"errors"
	"fmt"
	"log"
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/tensor"
)

// count is the tensor 0, 1, 2, … of a shape.
func count(shape ...int) *tensor.Dense[float64] {
	x := tensor.New[float64](shape...)
	data := x.Data()
	for i := range data {
		data[i] = float64(i)
	}
	return x
}

func Example() {
	// Sales of two products in three towns in two years.
	x := tensor.FromSlice([]float64{
		1, 2, 3, 4, 5, 6,
		7, 8, 9, 10, 11, 12,
	}, 2, 3, 2)
	err := x.SetAxes(
		tensor.Axis{Name: "product", Labels: []string{"tea", "coffee"}},
		tensor.Axis{Name: "town", Labels: []string{"Ulm", "Bern", "Graz"}},
		tensor.Axis{Name: "year", Coords: []float64{2023, 2024}},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	// The total over the towns keeps the other axes.
	total := tensor.TTV(x, []float64{1, 1, 1}, 1)
	for i := range 2 {
		for j := range 2 {
			fmt.Println(total.Axes()[0].Label(i), total.Axes()[1].Label(j), total.At(i, j))
		}
	}
	// Output:
	// tea 2023 9
	// tea 2024 12
	// coffee 2023 27
	// coffee 2024 30
}

func ExampleNew() {
	x := tensor.New[float32](2, 3)
	x.Set(1.5, 1, 2)
	fmt.Println(x.Shape(), x.Order(), x.Len(), x.Data())
	// Output: [2 3] 2 6 [0 0 0 0 0 1.5]
}

func ExampleFromSlice() {
	x := tensor.FromSlice([]complex128{1, 2i, 3, 4}, 2, 2)
	fmt.Println(x.At(0, 1))
	// Output: (0+2i)
}

func ExampleStrided() {
	// A matrix in Fortran order, as it lies in memory.
	x := tensor.Strided([]float64{1, 4, 2, 5, 3, 6}, []int{2, 3}, []int{1, 2})
	fmt.Println(x.At(0, 0), x.At(0, 1), x.At(0, 2), x.Strides(), x.IsContiguous())
	fmt.Println(x.Data(), x.Raw())
	// Output:
	// 1 2 3 [1 2] false
	// [1 2 3 4 5 6] [1 4 2 5 3 6]
}

func ExampleSize() {
	fmt.Println(tensor.Size([]int{2, 3, 4}), tensor.Size(nil))
	// Output: 24 1
}

// A tensor that no memory holds still has a number of cells.
func ExampleCells() {
	fmt.Println(tensor.Cells([]int{1e6, 1e6, 1e6, 1e6}))
	// Output: 1e+24
}

// sensor is data of a kind of one's own, whose source may fail.
type sensor struct {
	*tensor.Dense[float64]
	fault error
}

func (s *sensor) Err() error { return s.fault }

func (s *sensor) Norm() float64 {
	s.fault = errors.New("the cable is loose")
	return math.NaN()
}

// Methods ask for the fault after a contraction, and return it.
func ExampleErr() {
	x := &sensor{Dense: count(2, 2)}
	fmt.Println(x.Norm(), tensor.Err(x))
	fmt.Println(x.Dense.Norm() > 0, tensor.Err(x.Dense))
	// Output:
	// NaN the cable is loose
	// true <nil>
}

// The same elements as a matrix, whatever kind of data holds them: the steps
// of a tensor train.
func ExampleSequential() {
	var x tensor.Sequential = count(2, 3, 2)
	fmt.Println(x.IsContiguous(), x.Reshaped(6, 2).Shape(), x.Transposed().Shape(), x.Transposed().IsContiguous())
	// Output: true [6 2] [2 3 2] false
}

func ExampleCStrides() {
	fmt.Println(tensor.CStrides([]int{2, 3, 4}))
	// Output: [12 4 1]
}

func ExampleDense_SetAxes() {
	x := tensor.New[float64](2, 3)
	fmt.Println(x.SetAxes(tensor.Axis{Name: "sensor"}, tensor.Axis{Name: "hour", Coords: []float64{0, 1}}))
	// Output: tensor: axis 1 ("hour") has 2 coordinates for 3 indices
}

func ExampleDense_Permute() {
	x := count(2, 3)
	fmt.Println(x.Permute(1, 0).Shape(), x.Permute(1, 0).Data())
	// Output: [3 2] [0 3 1 4 2 5]
}

func ExampleDense_Slice() {
	x := count(3, 4)
	y := x.Slice(1, 0, 4, 2)
	y.Set(-1, 0, 1) // views share memory
	fmt.Println(y.Data(), x.At(0, 2))
	// Output: [0 -1 4 6 8 10] -1
}

func ExampleDense_Index() {
	fmt.Println(count(2, 3).Index(0, 1).Data())
	// Output: [3 4 5]
}

func ExampleDense_Reshape() {
	fmt.Println(count(2, 6).Reshape(2, 3, 2).At(1, 2, 0))
	// Output: 10
}

func ExampleDense_Clone() {
	x := count(2, 2)
	y := x.Clone()
	y.Set(9, 0, 0)
	fmt.Println(x.At(0, 0), y.At(0, 0))
	// Output: 0 9
}

func ExampleDense_Contiguous() {
	x := count(2, 3).Permute(1, 0)
	fmt.Println(x.Strides(), x.Contiguous().Strides())
	// Output: [1 3] [2 1]
}

func ExampleDense_CopyFrom() {
	x := tensor.New[float64](2, 4)
	x.Slice(1, 1, 3, 1).CopyFrom(count(2, 2))
	fmt.Println(x.Data())
	// Output: [0 0 1 0 0 2 3 0]
}

func ExampleDense_Norm() {
	fmt.Println(tensor.FromSlice([]float32{3, 4}, 2).Norm())
	// Output: 5
}

func ExampleDense_CountNonFinite() {
	zero := 0.0
	x := tensor.FromSlice([]float64{1, zero / zero, 1 / zero}, 3)
	nan, inf := x.CountNonFinite()
	fmt.Println(nan, inf)
	// Output: 1 1
}

func ExampleDense_ModeGram() {
	fmt.Println(count(2, 3).ModeGram(0).Data) // the products of the rows 0 1 2 and 3 4 5
	// Output: [5 14 14 50]
}

func ExampleDense_Fibers() {
	err := count(2, 2, 2).Fibers(0, 3, func(rows *tensor.Matrix[float64]) error {
		for i := range rows.Rows {
			fmt.Println(rows.Row(i))
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// [0 4]
	// [1 5]
	// [2 6]
	// [3 7]
	// <nil>
}

func ExampleDense_Project() {
	x := tensor.FromSlice([]float32{1, 2, 3, 4}, 2, 2)
	u := tensor.MatrixOf(2, 1, []float64{0.6, 0.8})
	y := x.Project(u, 0)
	fmt.Printf("%v %.1f\n", y.Shape(), y.Data())
	// Output: [1 2] [3.0 4.4]
}

// A loop of projections works in the same memory.
func ExampleDense_ProjectIn() {
	x := tensor.FromSlice([]float32{1, 2, 3, 4}, 2, 2)
	buf := make([]float64, 2)
	for _, angle := range []float64{0, math.Pi / 2} {
		u := tensor.MatrixOf(2, 1, []float64{math.Cos(angle), math.Sin(angle)})
		fmt.Printf("%.1f\n", x.ProjectIn(buf, u, 0).Data())
	}
	// Output:
	// [1.0 2.0]
	// [3.0 4.0]
}

func ExampleDense_Residual() {
	x := count(3, 2)
	model := tensor.New[float64](3, 2)
	slab := func(mode, lo, hi int) *tensor.Dense[float64] { return model.Slice(mode, lo, hi, 1) }
	fmt.Println(x.Residual(slab) == x.Norm())
	// Output: true
}

func ExampleTTM() {
	x := count(2, 3)
	sums := tensor.MatrixOf(2, 3, []float64{
		1, 1, 1, // the sum
		-1, 0, 1, // the last minus the first
	})
	fmt.Println(tensor.TTM(x, sums, 1).Data())
	// Output: [3 2 12 2]
}

func ExampleTTMT() {
	x := count(2, 3)
	u := tensor.MatrixOf(3, 1, []float64{1, 1, 1})
	fmt.Println(tensor.TTMT(x, u, 1).Data())
	// Output: [3 12]
}

func ExampleTTMChain() {
	x := count(2, 3, 2)
	ms := []*tensor.Matrix[float64]{tensor.MatrixOf(1, 2, []float64{1, 1}), nil, tensor.MatrixOf(1, 2, []float64{1, 1})}
	y := tensor.TTMChain(x, ms)
	fmt.Println(y.Shape(), y.Data())
	// Output: [1 3 1] [14 22 30]
}

func ExampleTTMChainT() {
	x := count(2, 2)
	us := []*tensor.Matrix[float64]{tensor.MatrixOf(2, 1, []float64{1, 2}), tensor.Eye[float64](2)}
	fmt.Println(tensor.TTMChainT(x, us).Data())
	// Output: [4 7]
}

func ExampleTTV() {
	fmt.Println(tensor.TTV(count(2, 3), []float64{1, 10}, 0).Data())
	// Output: [30 41 52]
}

func ExampleTTVChain() {
	x := count(2, 3)
	y := tensor.TTVChain(x, [][]float64{{1, 1}, {1, 1, 1}})
	fmt.Println(y.Order(), y.At())
	// Output: 0 15
}

func ExampleInner() {
	fmt.Println(tensor.Inner(count(2, 2), count(2, 2)))
	// Output: 14
}

func ExampleInnerComplex() {
	x := tensor.FromSlice([]complex64{1i, 2}, 2)
	y := tensor.FromSlice([]complex64{1, 1}, 2)
	fmt.Println(tensor.InnerComplex(x, y), tensor.InnerComplex(x, x))
	// Output: (2-1i) (5+0i)
}

func ExampleAdd() {
	fmt.Println(tensor.Add(count(2, 2), count(2, 2).Permute(1, 0)).Data())
	// Output: [0 3 3 6]
}

func ExampleSub() {
	fmt.Println(tensor.Sub(count(2, 2), count(2, 2).Permute(1, 0)).Data())
	// Output: [0 -1 1 0]
}

func ExampleHadamard() {
	fmt.Println(tensor.Hadamard(count(3), count(3)).Data())
	// Output: [0 1 4]
}

func ExampleScale() {
	fmt.Println(tensor.Scale(0.5, count(3)).Data())
	// Output: [0 0.5 1]
}

func ExampleOuter() {
	z := tensor.Outer(tensor.FromSlice([]float64{1, 2}, 2), tensor.FromSlice([]float64{1, 10, 100}, 3))
	fmt.Println(z.Shape(), z.Data())
	// Output: [2 3] [1 10 100 2 20 200]
}

func ExampleAs() {
	x := tensor.As[float32](tensor.FromSlice([]float64{1.0 / 3}, 1))
	fmt.Println(x.At(0))
	// Output: 0.33333334
}

func ExampleAsComplex() {
	fmt.Println(tensor.AsComplex[complex64](count(2)).Data())
	// Output: [(0+0i) (1+0i)]
}

func ExampleUnfold() {
	m := tensor.Unfold(count(2, 2, 2), 1)
	fmt.Println(m.Row(0))
	fmt.Println(m.Row(1))
	// Output:
	// [0 4 1 5]
	// [2 6 3 7]
}

func ExampleFold() {
	x := count(2, 2, 2)
	fmt.Println(tensor.Equal(x, tensor.Fold(tensor.Unfold(x, 1), 1, 2, 2, 2)))
	// Output: true
}

func ExampleDistance() {
	fmt.Println(tensor.Distance(count(4), tensor.Add(count(4), tensor.FromSlice([]float64{0, 3, 4, 0}, 4))))
	// Output: 5
}

func ExampleEqual() {
	fmt.Println(tensor.Equal(count(2, 3), count(2, 3)), tensor.Equal(count(2, 3), count(3, 2)))
	// Output: true false
}

func ExampleAxis() {
	month := tensor.Axis{Name: "month", Labels: []string{"Jan", "Feb", "Mar"}, Ordinal: true}
	wave := tensor.Axis{Name: "wavelength", Coords: []float64{250, 300, 350}, Unit: "nm"}
	fmt.Println(month.Label(1), wave.Label(1), month.Ordered(), tensor.Axis{}.Ordered())
	fmt.Println(wave.Slice(0, 3, 2).Coords)
	// Output:
	// Feb 300 true false
	// [250 350]
}

// A copy, so that other labels do not change the tensor's own.
func ExampleCloneAxes() {
	x := tensor.New[float64](2, 2)
	if err := x.SetAxes(tensor.Axis{Name: "town", Labels: []string{"Ulm", "Bern"}}, tensor.Axis{Name: "year"}); err != nil {
		log.Fatal(err)
	}
	english := tensor.CloneAxes(x.Axes())
	english[0].Labels[1] = "Berne"
	old := x.Axes()[0].Clone() // one axis alone
	fmt.Println(english[0].Labels, old.Labels)
	// Output: [Ulm Berne] [Ulm Bern]
}

func ExampleCheckAxes() {
	fmt.Println(tensor.CheckAxes(make([]tensor.Axis, 2), []int{3, 4, 5}))
	// Output: tensor: 2 axes for 3 modes
}

func ExampleMatrix() {
	m := tensor.NewMatrix[float64](2, 3)
	m.Set(0, 1, 5)
	m.Set(1, 2, 7)
	fmt.Println(m.Row(0), m.Col(2), m.Transpose().Row(2), m.Sub(0, 2, 1, 3).Clone().Data)
	// Output: [0 5 0] [0 7] [0 7] [5 0 0 7]
}

func ExampleMul() {
	a := tensor.MatrixOf(1, 2, []float64{1, 2})
	fmt.Println(tensor.Mul(a, tensor.Eye[float64](2)).Data)
	// Output: [1 2]
}

func ExampleGram() {
	a := tensor.MatrixOf(2, 2, []float32{1, 2, 3, 4})
	fmt.Println(tensor.Gram(a).Data)
	// Output: [10 14 14 20]
}

func ExampleConvert() {
	fmt.Println(tensor.Convert[float32](tensor.MatrixOf(1, 1, []float64{0.1})).At(0, 0))
	// Output: 0.1
}

// The squared error of a rank-1 model, and its gradient in the first factor.
func ExampleDense_LossGradient() {
	x := tensor.FromSlice([]float64{1, 2, 3, 4}, 2, 2)
	a, b := tensor.MatrixOf(2, 1, []float64{1, 2}), tensor.MatrixOf(2, 1, []float64{1, 1})
	grad := tensor.NewMatrix[float64](2, 1)
	sum := x.LossGradient([]*tensor.Matrix[float64]{a, b}, []*tensor.Matrix[float64]{grad, nil}, func(x, m, d []float64) (sum float64) {
		for i := range m {
			e := m[i] - x[i]
			sum += e * e
			d[i] = 2 * e
		}
		return sum
	})
	fmt.Println(sum, grad.Data)
	// Output: 6 [-2 -6]
}

func ExampleDense_FindCell() {
	x := tensor.FromSlice([]float64{1, 2, -3, 4}, 2, 2)
	fmt.Println(x.FindCell(func(v float64) bool { return v < 0 }))
	// Output: [1 0] -3 true
}

// The diagonal matrix (1, 2, 3), which is nowhere in memory.
func ExampleLossOfCells() {
	ones := tensor.MatrixOf(3, 1, []float64{1, 1, 1})
	sum := tensor.LossOfCells([]int{3, 3}, []*tensor.Matrix[float64]{ones, ones}, nil, func(x, m, d []float64) (sum float64) {
		for i := range m {
			sum += (m[i] - x[i]) * (m[i] - x[i])
		}
		return sum
	}, func(cols int) func(dst []float64, r0, r1, c0, c1 int) {
		return func(dst []float64, r0, r1, c0, c1 int) {
			for k := range dst {
				dst[k] = 0
				if cell := (r0+k/(c1-c0))*cols + c0 + k%(c1-c0); cell%4 == 0 {
					dst[k] = float64(1 + cell/4)
				}
			}
		}
	})
	fmt.Println(sum)
	// Output: 11
}

func ExampleDense_NonZeros() {
	x := tensor.FromSlice([]float64{0, 2, 0, 0, 5, 0}, 2, 3)
	o, err := x.NonZeros()
	fmt.Println(o.Values(), o.Indices(0), o.Indices(1), err)
	// Output: [2 5] [0 1] [1 1] <nil>
}

// The products of a sweep of alternating least squares share passes over the
// data.
func ExampleDense_SweepMTTKRP() {
	x := count(2, 3, 4)
	factors := make([]*tensor.Matrix[float64], 3)
	for n, size := range x.Shape() {
		factors[n] = tensor.NewMatrix[float64](size, 1)
		for i := range factors[n].Data {
			factors[n].Data[i] = 1
		}
	}
	mttkrp := x.SweepMTTKRPIn(make([]float64, x.Len()), 1) // or SweepMTTKRP, which allocates
	for mode, factor := range factors {
		y := tensor.NewMatrix[float64](factor.Rows, 1)
		mttkrp(y, factors, mode)
		scale := math.Sqrt(tensor.Gram(y).At(0, 0))
		for i, v := range y.Data { // the best factor for the others, of norm 1
			factor.Data[i] = v / scale
		}
		fmt.Printf("mode %d: norm %.3f, factor %.3f\n", mode, scale, factor.Data)
	}
	fmt.Printf("norm of the data %.3f\n", x.Norm())
	// Output:
	// mode 0: norm 220.127, factor [0.300 0.954]
	// mode 1: norm 130.219, factor [0.409 0.563 0.718]
	// mode 2: norm 65.282, factor [0.450 0.482 0.515 0.547]
	// norm of the data 65.757
}

// How many passes over 1000×1000×1000 numbers a sweep of rank 16 takes.
func ExamplePlanSweep() {
	shape := []int{1000, 1000, 1000}
	for _, p := range tensor.SweepPlans(shape, 8, 16) {
		fmt.Printf("%.1f passes, %.0f Gflop, work space %.0f MB, a pass for each mode: %t\n", p.Passes, p.Flops/1e9, float64(p.WorkBytes)/1e6, p.Tiled())
	}
	best := tensor.PlanSweep(shape, 8, 16)
	fmt.Printf("taken: %.1f passes, shared by %v modes\n", best.Passes, best.Runs)
	// Output:
	// 3.0 passes, 96 Gflop, work space 0 MB, a pass for each mode: true
	// 2.0 passes, 64 Gflop, work space 144 MB, a pass for each mode: false
	// 2.0 passes, 64 Gflop, work space 144 MB, a pass for each mode: false
	// 1.5 passes, 48 Gflop, work space 144 MB, a pass for each mode: false
	// taken: 1.5 passes, shared by [2 2 2] modes
}

// A matrix of rank 3, and noise.
func ExampleNormal() {
	rng := rand.New(rand.NewPCG(1, 0))
	a, b := tensor.NormalMatrix(rng, 50, 3), tensor.NormalMatrix(rng, 40, 3)
	product := tensor.Mul(a, b.Transpose())
	x := tensor.Add(tensor.FromSlice(product.Data, 50, 40), tensor.Scale(0.1, tensor.Normal(rng, 50, 40)))
	fmt.Println(x.Shape())
	// Output: [50 40]
}

// The elements have mean 0 and variance 1.
func ExampleNormalMatrix() {
	a := tensor.NormalMatrix(rand.New(rand.NewPCG(1, 0)), 1000, 2)
	fmt.Printf("%.1f\n", tensor.Gram(a).At(0, 0)/1000)
	// Output: 1.0
}
