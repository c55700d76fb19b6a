// Gaps fits a CP model to two thirds of the cells of a noisy tensor and
// predicts the others.
//
//	go run ./examples/gaps
package main

import (
	"context"
	"fmt"
	"log"
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
)

func main() {
	rng := rand.New(rand.NewPCG(7, 0))
	shape := []int{30, 25, 20}
	truth := &cp.Tensor{Weights: []float64{1, 1, 1}, Modes: make([]tensor.Axis, 3)}
	for _, n := range shape {
		m := tensor.NormalMatrix(rng, n, 3)
		truth.Factors = append(truth.Factors, m)
	}

	// Two thirds are seen, with noise of standard deviation 0.1.
	index := make([][]int32, 3)
	var values, hidden []float64
	var unseen [][]int
	for i := range shape[0] {
		for j := range shape[1] {
			for k := range shape[2] {
				v := truth.At(i, j, k)
				if rng.Float64() < 1.0/3 {
					unseen, hidden = append(unseen, []int{i, j, k}), append(hidden, v)
					continue
				}
				for n, at := range []int{i, j, k} {
					index[n] = append(index[n], int32(at))
				}
				values = append(values, v+0.1*rng.NormFloat64())
			}
		}
	}
	seen, err := tensor.NewObserved(shape, index, values)
	if err != nil {
		log.Fatal(err)
	}
	model, _, err := cp.ALS(context.Background(), seen, cp.Options{Rank: 3, Options: fit.Options{Seed: 1, Starts: 3}})
	if err != nil {
		log.Fatal(err)
	}

	sum := 0.0
	for e, at := range unseen {
		d := model.At(at...) - hidden[e]
		sum += d * d
	}
	rmse := math.Sqrt(sum / float64(len(unseen)))
	match := cp.FactorMatchScore(truth, model)
	fmt.Printf("predicted unseen cells to better than the noise of 0.1: %v\n", rmse < 0.1)
	fmt.Printf("components recovered: factor match score above 0.99: %v\n", match.Score > 0.99)
}
