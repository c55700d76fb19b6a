package rank

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestEvidenceJSON(t *testing.T) {
	c := Blank(3)
	c.RelativeError, c.Corcondia, c.CoreExcess, c.Verdict = 0.25, -1e30, math.Inf(1), "chosen"
	b, err := json.Marshal(Evidence{Method: "cp", Chosen: []int{3}, Candidates: []Candidate{c}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"held_out":null`, `"relative_error":0.25`, `"corcondia":-1e+30`, `"core_excess":null`, `"ranks":[3]`, `"verdict":"chosen"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s is missing in %s", want, b)
		}
	}
	var back Evidence
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if got := back.Candidates[0]; got.RelativeError != 0.25 || !math.IsNaN(got.HeldOut) || got.Verdict != "chosen" {
		t.Errorf("read back as %+v", got)
	}
}

// Every field of Candidate must be in its JSON, null or not.
func TestCandidateJSONComplete(t *testing.T) {
	b, err := json.Marshal(Blank(1))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	if len(m) != 12 {
		t.Errorf("%d fields in %s, 12 are expected", len(m), b)
	}
}
