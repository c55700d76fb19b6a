package fit

// Stop says why a run ended.
type Stop string

// The reasons to stop.
const (
	Converged Stop = "converged" // the relative error fell by less than Tol
	Exact     Stop = "exact"     // the relative error is at rounding level
	MaxIters  Stop = "max-iters" // the iterations were used up
	Direct    Stop = "direct"    // the method does not iterate
	Cancelled Stop = "cancelled" // the context was cancelled
)

// Result says how a model was made.
type Result struct {
	Method        string    `json:"method"`
	Iterations    int       `json:"iterations"` // of the start that was kept
	Stop          Stop      `json:"stop"`
	Seed          uint64    `json:"seed"`
	Start         int       `json:"start"` // the start that was kept, from 0
	Starts        int       `json:"starts"`
	Fit           float64   `json:"fit"`            // 1 - RelativeError
	RelativeError float64   `json:"relative_error"` // ||X-M||/||X||, computed from the residual itself
	Trace         []float64 `json:"trace"`          // relative error after each iteration
	Phases        []Phase   `json:"phases"`         // where the time went
	Notes         []string  `json:"notes,omitempty"`

	// A method that fits another loss than least squares names it, and gives
	// the deviance of the model. Its relative error is the square root of the
	// deviance beside that of a model without structure.
	Loss     string  `json:"loss,omitempty"`
	Deviance float64 `json:"deviance,omitempty"`

	// PredictionSE is the standard error of a prediction, if entries were left
	// out to tell: 68.27 % of them were within it.
	PredictionSE float64 `json:"prediction_se,omitempty"`
}

// Phase is the time one part of a method took, over all iterations and
// starts.
type Phase struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// SetError records the exact final relative error.
func (r *Result) SetError(e float64) { r.RelativeError, r.Fit = e, 1-e }
