package fit_test

import (
	"context"
	"fmt"
	"math"

	"github.com/polyad/polyad/fit"
)

// Newton's iteration for the square root of 2, driven like any method.
func ExampleRun() {
	x := 1.0
	r := fit.Result{Method: "newton"}
	err := fit.Run(context.Background(), fit.Options{Tol: 1e-6}, &r, func(int) (float64, error) {
		x = (x + 2/x) / 2
		return math.Abs(x-math.Sqrt2) / math.Sqrt2, nil
	})
	fmt.Printf("%.6f after %d iterations: %s %v\n", x, r.Iterations, r.Stop, err)
	// Output: 1.414214 after 5 iterations: exact <nil>
}

func ExampleStarts() {
	errs := []float64{0.3, 0.1, 0.2}
	r := fit.Result{Method: "guess"}
	best, err := fit.Starts(context.Background(), fit.Options{Starts: 3}, &r, func(r *fit.Result) (string, error) {
		r.SetError(errs[r.Start])
		return fmt.Sprint("model ", r.Start), nil
	})
	fmt.Println(best, r.Fit, err)
	// Output: model 1 0.9 <nil>
}
