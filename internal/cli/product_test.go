package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/loss"
)

// The table covers the whole product; what it says runs, runs, and what it
// refuses has a reason.
func TestProduct(t *testing.T) {
	out, _ := run(t, exitOK, "methods", "--json")
	var all []combination
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatal(err)
	}
	if want := len(methods) * len(kinds) * len(loss.Names()) * len(constraint.Names()); len(all) != want {
		t.Errorf("%d combinations, %d expected", len(all), want)
	}
	path := counts(t)
	flag := map[kind]string{dense: "--missing=zero", observed: "--observed"}
	form := map[string]string{"box:lo,hi": "box:0,9", "l1:x": "l1:0.1", "l2:x": "l2:0.1", "smooth:x": "smooth:0.1", "smooth2:x": "smooth2:0.1"}
	for _, c := range all {
		if c.Runs != (len(c.Methods) > 0) || c.Runs == (c.Why != "") {
			t.Errorf("%+v", c)
		}
		for _, m := range c.Methods {
			if m.Paper == "" || m.Cost == "" {
				t.Errorf("no paper or cost: %+v", c)
			}
		}
		// The data are counts with zeros in a table that is small, so dense or
		// observed.
		l, err := loss.Parse(c.Loss)
		if err != nil {
			t.Fatal(err)
		}
		how := flag[c.Data]
		words := c.Constraint
		if w := form[words]; w != "" {
			words = w
		}
		if how == "" || c.Format == "cp" && c.Runs && (!l.Allows(0) || !l.Allows(7) || words == "tied:MODE" || words == "simplex" || words == "orthonormal") {
			continue
		}
		args := []string{"decompose", path, "--modes", "who,what,hour", "--rank", "2", "--method", c.Format, "--loss", c.Loss, "--max-iters", "1", "--starts", "1", how, "--json"}
		if words != "none" {
			args = append(args, "--constraint", "all="+strings.ReplaceAll(words, "tied:MODE", "tied:0"))
		}
		code := exitInput
		if c.Runs {
			code = exitOK
		}
		run(t, code, args...)
		if c.Format == "cp" {
			for _, m := range c.Methods {
				if m.Solver != "adam" || c.Loss == "poisson" { // an epoch is 1000 steps
					run(t, code, append(args, "--solver", m.Solver)...)
				}
			}
		}
	}
	for _, args := range [][]string{{"methods"}, {"methods", "--refused"}} {
		text, _ := run(t, exitOK, args...)
		if !strings.Contains(text, "combinations run") || !strings.Contains(text, "poisson") {
			t.Errorf("%v prints\n%s", args, text)
		}
	}
}
