package jones_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/polyad/polyad/jones"
)

func ExamplePolynomial() {
	knot, err := jones.ParseBraid("-1 2 -1 2")
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := jones.Polynomial(context.Background(), knot)
	fmt.Println(v, err)
	// Output: t^-2 - t^-1 + 1 - t + t^2 <nil>
}

func ExampleNamed() {
	for _, name := range []string{"5_2", "T(3,4)", "3_1#3_1", "5_3"} {
		b, err := jones.Named(name)
		fmt.Println(b, err)
	}
	// Output:
	// -1 2 1 1 1 2 <nil>
	// 1 2 1 2 1 2 1 2 <nil>
	// -1 -1 -1 -2 -2 -2 <nil>
	//  jones: there is no knot "5_3"; names near it are 5_2, 5_1, 6_3; the table goes from 0_1 to 10_165, torus links are T(p,q), sums 3_1#4_1
}

func ExampleParseBraid() {
	b, err := jones.ParseBraid("1, 1")
	fmt.Println(b.Strands, b.Writhe(), b.Components(), err)
	_, err = jones.ParseBraid("1 0 2")
	fmt.Println(err)
	// Output:
	// 2 2 2 <nil>
	// jones: letter 2 of the braid word is "0"; a generator ±1, ±2, … is expected
}

func ExampleTorus() {
	b, err := jones.Torus(2, 4)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := jones.Polynomial(context.Background(), b)
	fmt.Println(v, err)
	// Output: -t^(3/2) - t^(7/2) + t^(9/2) - t^(11/2) <nil>
}

func ExampleSum() {
	b := jones.Sum(jones.Braid{Strands: 2, Word: []int{1, 1, 1}}, jones.Braid{Strands: 2, Word: []int{-1, -1, -1}})
	fmt.Println(b.Strands, "strands:", b)
	// Output: 3 strands: 1 1 1 -2 -2 -2
}

func ExampleLaurent_At() {
	b, err := jones.Named("3_1")
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := jones.Polynomial(context.Background(), b)
	if err != nil {
		fmt.Println(err)
		return
	}
	determinant := math.Abs(real(v.At(-1)))
	text, err := json.Marshal(v)
	fmt.Printf("%.0f %s %v\n", determinant, text, err)
	// Output: 3 {"min_exponent":-4,"coefficients":[-1,1,0,1]} <nil>
}

// The figure-eight knot as KnotInfo draws it.
func ExampleParsePD() {
	d, err := jones.ParsePD("[[4,2,5,1],[8,6,1,5],[6,3,7,4],[2,7,3,8]]")
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := d.Polynomial(context.Background())
	fmt.Println(v, err)
	fmt.Println(d.Writhe(), d.Components())
	_, err = jones.ParsePD("[[1,5,2,4],[3,1,4,6],[5,3,6,7]]")
	fmt.Println(err)
	// Output:
	// t^-2 - t^-1 + 1 - t + t^2 <nil>
	// 0 1
	// jones: planar diagram: edge 2 of crossing 1, [1 5 2 4], is at 1 places; each is expected at two
}

// The Fibonacci value of the figure-eight knot is 1 - √5.
func ExampleLaurent_AtRoot() {
	b, err := jones.Named("4_1")
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := jones.Polynomial(context.Background(), b)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.6f\n", real(v.AtRoot(5)))
	// Output: -1.236068
}

// A knot that is its mirror image, and one that is not.
func ExampleBraid_Mirror() {
	for _, name := range jones.Names()[1:4] {
		b, err := jones.Named(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		v, err := jones.Polynomial(context.Background(), b)
		if err != nil {
			fmt.Println(err)
			return
		}
		w, err := jones.Polynomial(context.Background(), b.Mirror())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(name, v.Equal(w), v.MinExponent(), w.MinExponent())
	}
	// Output:
	// 3_1 false -4 1
	// 4_1 true -2 -2
	// 5_1 false -7 2
}

func ExampleBraid_Check() {
	fmt.Println(jones.Braid{Strands: 3, Word: []int{1, 2, -3}}.Check())
	fmt.Println(jones.Diagram{{1, 2, 1, 2}}.Check())
	// Output:
	// jones: letter 3 of the braid word is -3; on 3 strands generators have numbers 1 to 2, or their negatives
	// jones: the diagram of 1 crossings has 1 faces, 3 are expected in the plane; the labels of a crossing go counterclockwise
}
