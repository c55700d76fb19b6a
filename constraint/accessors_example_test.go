package constraint_test

import (
	"fmt"
	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/tensor"
)

func ExampleNames() {
	fmt.Println(len(constraint.Names()), constraint.Names()[0])
	// Output: 16 nonneg
}

func ExampleBox() {
	s, err := constraint.Of(constraint.Box(0, 1))
	fmt.Println(s, err)
	// Output: box:0,1 <nil>
}

func ExampleL1() {
	s, err := constraint.Of(constraint.L1(0.5), constraint.Nonneg)
	fmt.Println(s, err)
	// Output: l1:0.5,nonneg <nil>
}

func ExampleL2() {
	s, _ := constraint.Of(constraint.L2(2))
	fmt.Println(s.Penalty(tensor.MatrixOf(2, 1, []float64{1, 3})))
	// Output: 10
}

// A step of height 2 costs x/2*4.
func ExampleSmooth() {
	s, _ := constraint.Of(constraint.Smooth(0.5))
	fmt.Println(s.Penalty(tensor.MatrixOf(3, 1, []float64{1, 1, 3})))
	// Output: 1
}

// Straight lines are free.
func ExampleSmooth2() {
	s, _ := constraint.Of(constraint.Smooth2(1))
	fmt.Println(s.Penalty(tensor.MatrixOf(3, 1, []float64{1, 2, 3})))
	// Output: 0
}

func ExampleFixed() {
	s, err := constraint.Of(constraint.Fixed(tensor.Eye[float64](2)))
	fmt.Println(s, err, s.Check(3, 2))
	// Output: fixed <nil> constraint: fixed: the factor that is given is 2×2, 3×2 is expected
}

func ExampleTied() {
	s, err := constraint.Of(constraint.Tied(0))
	fmt.Println(s, err)
	// Output: tied:0 <nil>
}

func ExampleSet_String() {
	s, _ := constraint.Of(constraint.Unimodal, constraint.Nonneg)
	fmt.Println(s.String())
	// Output: unimodal,nonneg
}

func ExampleSet_With() {
	s, _ := constraint.Of(constraint.Nonneg)
	t, err := s.With(constraint.Smooth(1))
	fmt.Println(s, t, err)
	// Output: nonneg nonneg,smooth:1 <nil>
}

func ExampleSet_Check() {
	s, _ := constraint.Of(constraint.Orthonormal)
	fmt.Println(s.Check(2, 3))
	// Output: constraint: orthonormal: 3 columns of 2 entries cannot be orthonormal; a rank of at most 2 is needed
}

func ExampleSet_Penalty() {
	s, _ := constraint.Of(constraint.L1(2))
	fmt.Println(s.Penalty(tensor.MatrixOf(2, 1, []float64{1, -3})))
	// Output: 8
}

// One entry a, with the curvature 4 of the least squares around 0.5.
func ExampleSet_Coordinate() {
	s, _ := constraint.Of(constraint.L1(1))
	fmt.Println(s.Coordinate(4, 0.5))
	// Output: 0.25
}

func ExampleSet_Bounds() {
	s, _ := constraint.Of(constraint.Nonneg, constraint.Box(-1, 2))
	fmt.Println(s.Bounds())
	// Output: 0 2
}

func ExampleSet_IsFixed() {
	s, _ := constraint.Of(constraint.Fixed(tensor.Eye[float64](2)))
	factor, ok := s.IsFixed()
	fmt.Println(factor.Data, ok)
	// Output: [1 0 0 1] true
}

func ExampleSet_IsTied() {
	s, _ := constraint.Of(constraint.Tied(2))
	fmt.Println(s.IsTied())
	// Output: 2 true
}

func ExampleSet_IsOrthonormal() {
	s, _ := constraint.Of(constraint.Orthonormal)
	fmt.Println(s.IsOrthonormal())
	// Output: true
}

func ExampleSet_IsSimplex() {
	s, _ := constraint.Of(constraint.Simplex)
	fmt.Println(s.IsSimplex())
	// Output: true
}

func ExampleSet_Penalised() {
	s, _ := constraint.Of(constraint.L1(0.1))
	fmt.Println(s.Penalised())
	// Output: true
}

func ExampleSet_Scalable() {
	s, _ := constraint.Of(constraint.Box(0, 1))
	fmt.Println(s.Scalable())
	// Output: false
}

func ExampleSet_Reversible() {
	s, _ := constraint.Of(constraint.Nonneg)
	fmt.Println(s.Reversible())
	// Output: false
}

func ExampleSet_Separable() {
	s, _ := constraint.Of(constraint.Unimodal)
	fmt.Println(s.Separable())
	// Output: false
}

func ExampleSet_Plain() {
	s, _ := constraint.Of(constraint.Smooth(1))
	fmt.Println(s.Plain())
	// Output: true
}

func ExampleSet_Quadratic() {
	s, _ := constraint.Of(constraint.Smooth(1), constraint.L2(3))
	fmt.Println(s.Quadratic())
	// Output: {3 1 0}
}

func ExampleQuadratic_Value() {
	q := constraint.Quadratic{Smooth: 2}
	fmt.Println(q.Value(tensor.MatrixOf(2, 1, []float64{1, 4})))
	// Output: 9
}

func ExampleQuadratic_AddProduct() {
	q := constraint.Quadratic{L2: 2}
	dst := tensor.NewMatrix[float64](2, 1)
	q.AddProduct(dst, tensor.MatrixOf(2, 1, []float64{1, 4}))
	fmt.Println(dst.Data)
	// Output: [2 8]
}

// The matrix of first differences: 1, 2, 1 on the diagonal and -1 beside it.
func ExampleQuadratic_Band() {
	q := constraint.Quadratic{Smooth: 1}
	fmt.Println(q.Band(3, 1).Data)
	// Output: [0 1 -1 2 -1 1]
}

func ExampleQuadratic_Width() {
	fmt.Println(constraint.Quadratic{Smooth2: 1}.Width())
	// Output: 2
}

func ExampleQuadratic_Couples() {
	fmt.Println(constraint.Quadratic{L2: 1}.Couples(), constraint.Quadratic{Smooth: 1}.Couples())
	// Output: false true
}
