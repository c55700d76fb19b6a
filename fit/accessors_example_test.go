package fit_test

import (
	"errors"
	"fmt"

	"github.com/polyad/polyad/fit"
)

func ExampleOptions_Validate() {
	fmt.Println(fit.Options{MaxIters: -1}.Validate())
	// Output: iterations -1: a positive number is expected
}

func ExampleOptions_WithDefaults() {
	o := fit.Options{Starts: 5}.WithDefaults()
	fmt.Println(o.Starts, o.MaxIters > 0, o.Tol > 0)
	// Output: 5 true true
}

func ExampleResult_SetError() {
	var r fit.Result
	r.SetError(0.25)
	fmt.Println(r.RelativeError, r.Fit)
	// Output: 0.25 0.75
}

func ExampleClock_Time() {
	var c fit.Clock
	stop := c.Time("solve")
	stop()
	fmt.Println(c.Phases()[0].Name)
	// Output: solve
}

func ExampleClock_Phases() {
	var c *fit.Clock // measures nothing
	c.Time("solve")()
	fmt.Println(len(c.Phases()))
	// Output: 0
}

func ExampleAfford() {
	err := fit.Afford(1e6, 2e6, "the core of %d vectors", 30)
	var room *fit.RoomError
	fmt.Println(errors.As(err, &room), room.Need)
	// Output: true 2000000
}

func ExampleRoomError_Error() {
	fmt.Println(fit.Afford(1e6, 2e6, "the core"))
	// Output: the core needs 2 MB beside the data, and 1 MB are allowed; allow more memory, a larger error or smaller ranks
}

func ExamplePenalty_Validate() {
	fmt.Println(fit.Penalty{Ridge: 0.1, Smooth: []float64{0, 10}}.Validate(3))
	// Output: 2 smoothness penalties for 3 modes: one for each mode is expected
}
