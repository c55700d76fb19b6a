package rank

import "math"

// Evidence is what was measured for every candidate and what follows from it.
type Evidence struct {
	Method     string      `json:"method"` // cp, tucker or tt
	Chosen     []int       `json:"chosen"` // one number for CP; a list of ranks otherwise
	Reasons    []string    `json:"reasons"`
	Candidates []Candidate `json:"candidates"`
	Seconds    float64     `json:"seconds"`
}

// Candidate is one rank that was tried. Figures that could not be had are
// NaN (null in JSON).
type Candidate struct {
	Ranks         []int   `json:"ranks"`          // one number for CP
	RelativeError float64 `json:"relative_error"` // on all entries, best start
	HeldOut       float64 `json:"held_out"`       // relative error on entries left out, mean over folds
	HeldOutSE     float64 `json:"held_out_se"`    // its standard error
	Corcondia     float64 `json:"corcondia"`      // core consistency in percent (CP); 100 is perfect
	SplitHalf     float64 `json:"split_half"`     // factor match score between halves, 0..1
	StartsAgree   float64 `json:"starts_agree"`   // factor match score between the best starts, 0..1
	Degeneracy    float64 `json:"degeneracy"`     // most negative cosine between two components, -1..0
	Verdict       string  `json:"verdict"`        // one phrase
}

func missing() float64 { return math.NaN() }
