package rank

import (
	"encoding/json"
	"math"
)

// Evidence is what was measured for every candidate and what follows from it.
type Evidence struct {
	Method     string      `json:"method"`  // cp, tucker or tt
	Chosen     []int       `json:"chosen"`  // one number for CP; one a mode for Tucker; the inner ranks r_1 … r_{N-1} for TT
	Reasons    []string    `json:"reasons"` // sentences, the recommendation first
	Candidates []Candidate `json:"candidates"`
	// Basis says what the candidates were fitted to: all entries, a
	// compression that keeps all but the stated part, or a sample of slices.
	Basis string `json:"basis"`
	// Ridge is the penalty that the fits were made with, and that the model
	// should be made with: 0, unless components cancel or interact without
	// it (see the package comment).
	Ridge   float64 `json:"ridge"`
	Folds   int     `json:"folds"`  // of the held-out error
	Starts  int     `json:"starts"` // of each fit to all entries
	Seed    uint64  `json:"seed"`
	Seconds float64 `json:"seconds"`
}

// Candidate is one rank that was tried. Figures that could not be had are
// NaN (null in JSON).
type Candidate struct {
	Ranks         []int   `json:"ranks"`           // as Evidence.Chosen
	RelativeError float64 `json:"relative_error"`  // on all entries, best start
	HeldOut       float64 `json:"held_out"`        // relative error on entries left out, mean over folds
	HeldOutSE     float64 `json:"held_out_se"`     // its standard error
	HeldOutGap    float64 `json:"held_out_gap"`    // by how much HeldOut lies above the best candidate's
	HeldOutGapSE  float64 `json:"held_out_gap_se"` // its standard error, fold by fold
	Corcondia     float64 `json:"corcondia"`       // core consistency in percent (CP); 100 is perfect
	CoreExcess    float64 `json:"core_excess"`     // interactions in the core, in units of what white noise makes (1)
	SplitHalf     float64 `json:"split_half"`      // factor match score between halves, 0..1
	StartsAgree   float64 `json:"starts_agree"`    // factor match score between the two best starts, 0..1
	Degeneracy    float64 `json:"degeneracy"`      // most negative cosine between two components, -1..0
	Verdict       string  `json:"verdict"`         // one phrase
}

// Blank is a candidate of which nothing is known yet: all figures are NaN.
func Blank(ranks ...int) Candidate {
	nan := math.NaN()
	return Candidate{
		Ranks: ranks, RelativeError: nan, HeldOut: nan, HeldOutSE: nan, HeldOutGap: nan, HeldOutGapSE: nan,
		Corcondia: nan, CoreExcess: nan, SplitHalf: nan, StartsAgree: nan, Degeneracy: nan,
	}
}

// number is a float64 that JSON can hold: what is not finite becomes null.
type number float64

func (v number) MarshalJSON() ([]byte, error) {
	if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(v))
}

func (v *number) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*v = number(math.NaN())
		return nil
	}
	return json.Unmarshal(b, (*float64)(v))
}

// candidateJSON is Candidate with numbers that may be null.
type candidateJSON struct {
	Ranks         []int  `json:"ranks"`
	RelativeError number `json:"relative_error"`
	HeldOut       number `json:"held_out"`
	HeldOutSE     number `json:"held_out_se"`
	HeldOutGap    number `json:"held_out_gap"`
	HeldOutGapSE  number `json:"held_out_gap_se"`
	Corcondia     number `json:"corcondia"`
	CoreExcess    number `json:"core_excess"`
	SplitHalf     number `json:"split_half"`
	StartsAgree   number `json:"starts_agree"`
	Degeneracy    number `json:"degeneracy"`
	Verdict       string `json:"verdict"`
}

// MarshalJSON writes figures that could not be had as null.
func (c Candidate) MarshalJSON() ([]byte, error) {
	return json.Marshal(candidateJSON{
		c.Ranks, number(c.RelativeError), number(c.HeldOut), number(c.HeldOutSE), number(c.HeldOutGap), number(c.HeldOutGapSE),
		number(c.Corcondia), number(c.CoreExcess), number(c.SplitHalf), number(c.StartsAgree), number(c.Degeneracy), c.Verdict,
	})
}

// UnmarshalJSON reads null as NaN.
func (c *Candidate) UnmarshalJSON(b []byte) error {
	var j candidateJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*c = Candidate{
		j.Ranks, float64(j.RelativeError), float64(j.HeldOut), float64(j.HeldOutSE), float64(j.HeldOutGap), float64(j.HeldOutGapSE),
		float64(j.Corcondia), float64(j.CoreExcess), float64(j.SplitHalf), float64(j.StartsAgree), float64(j.Degeneracy), j.Verdict,
	}
	return nil
}
