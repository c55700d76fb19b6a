// Integral integrates sin(x1 + … + x5) over the unit cube in five
// dimensions: the function on a grid of 16^5 points becomes a tensor train of
// ranks 2, and the integral an inner product with the weights of
// Gauss–Legendre quadrature, which form a train of ranks 1.
//
//	go run ./examples/integral
package main

import (
	"context"
	"fmt"
	"log"
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/integrate/quad"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
)

const (
	dims   = 5
	points = 16
)

func main() {
	at, weight := make([]float64, points), make([]float64, points)
	quad.Legendre{}.FixedLocations(at, weight, 0, 1)

	f := tensor.New[float64](points, points, points, points, points)
	data := f.Data()
	for i := range data {
		sum, rest := 0.0, i
		for range dims {
			sum, rest = sum+at[rest%points], rest/points
		}
		data[i] = math.Sin(sum)
	}
	train, _, err := tt.SVD(context.Background(), f, tt.Options{Eps: 1e-12})
	if err != nil {
		log.Fatal(err)
	}

	w := &tt.Tensor{Modes: make([]tensor.Axis, dims)}
	for range dims {
		w.Cores = append(w.Cores, tensor.FromSlice(weight, 1, points, 1))
	}
	exact := imag(cmplx.Pow((cmplx.Exp(1i)-1)/1i, dims)) // ∫ e^{ix} is (e^i - 1)/i in each dimension
	value := train.Inner(w)
	fmt.Printf("ranks %v, %d numbers for %d points\n", train.Ranks(), train.Parameters(), f.Len())
	fmt.Printf("integral %.10f, error below 1e-12: %v\n", value, math.Abs(value-exact) < 1e-12)
}
