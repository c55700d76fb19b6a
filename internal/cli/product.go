package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/loss"
)

// combination is one cell of the product of all that can be asked of
// decompose.
type combination struct {
	Data       kind       `json:"data"`
	Format     string     `json:"format"`
	Loss       string     `json:"loss"`
	Constraint string     `json:"constraint"`
	Runs       bool       `json:"runs"`
	Methods    []runnable `json:"methods,omitempty"` // the first is the choice of --solver auto, where it suits
	Why        string     `json:"why,omitempty"`     // it does not run
}

type runnable struct {
	Solver   string `json:"solver"`
	Function string `json:"function"`
	Cost     string `json:"cost"` // of an iteration
	Paper    string `json:"paper"`
}

// costWords explain the letters of the costs.
const costWords = "Costs are those of an iteration: C cells, Z entries that are listed, N modes of size I, R components, S samples (of which adam draws 1000 times so many)."

// product is every combination.
func product() []combination {
	var out []combination
	for _, m := range methods {
		for _, k := range kinds {
			for _, name := range loss.Names() {
				l, err := loss.Parse(name)
				if err != nil {
					panic("cli: " + err.Error()) // the list is that of the package itself
				}
				for _, c := range append([]string{"none"}, slices.DeleteFunc(constraint.Names(), func(c string) bool { return c == "none" })...) {
					row := combination{Data: k, Format: m.name, Loss: name, Constraint: c}
					for _, s := range able(m.name, k, l, []string{c}) {
						row.Methods = append(row.Methods, runnable{s.name, s.calls, s.cost(k, l), s.paper})
					}
					if row.Runs = len(row.Methods) > 0; !row.Runs {
						row.Why = refusal(m.name, k, l, []string{c})
					}
					out = append(out, row)
				}
			}
		}
	}
	return out
}

func (a *app) methodsTable() *cobra.Command {
	var (
		asJSON  bool
		refused bool
	)
	cmd := &cobra.Command{
		Use:   "methods",
		Short: "List what decompose can run: data, formats, losses, constraints",
		Long: `Methods prints every combination of a kind of data, a format, a loss and a
constraint: which algorithms run it (--solver; the first is what auto takes),
what an iteration costs, and the paper. hals, apr, lbfgsb and adam ask all
modes for nonneg; other constraints are those of one mode or more. --refused
prints the combinations that do not run, and why. --json has one entry for each
combination.`,
		Example: "  polyad methods\n  polyad methods --refused\n  polyad methods --json",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			all := product()
			if asJSON {
				return a.printJSON(all)
			}
			a.printProduct(all, refused)
			return nil
		},
	}
	cmd.Flags().BoolVar(&refused, "refused", false, "list the combinations that do not run")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// printProduct prints a line for all combinations of a kind of data that one
// algorithm runs at one cost, or that are refused for one reason.
func (a *app) printProduct(all []combination, refused bool) {
	type key struct{ format, data, what, cost, paper string }
	type set struct{ losses, limits []string }
	var order []key
	lines := map[key]*set{}
	add := func(c combination, k key) {
		s := lines[k]
		if s == nil {
			s = &set{}
			lines[k] = s
			order = append(order, k)
		}
		if !slices.Contains(s.losses, c.Loss) {
			s.losses = append(s.losses, c.Loss)
		}
		if !slices.Contains(s.limits, c.Constraint) {
			s.limits = append(s.limits, c.Constraint)
		}
	}
	runs := 0
	for _, c := range all {
		if c.Runs {
			runs++
		}
		if refused && !c.Runs {
			// The loss is a column of its own.
			add(c, key{c.Format, string(c.Data), strings.ReplaceAll(c.Why, c.Loss, "LOSS"), "", ""})
		}
		if !refused {
			for _, m := range c.Methods {
				add(c, key{c.Format, string(c.Data), m.Solver, m.Cost, m.Paper})
			}
		}
	}
	if refused {
		t := newTable("format", "data", "losses", "constraints", "why not")
		for _, k := range order {
			t.add(k.format, k.data, words(lines[k].losses, loss.Names()), words(lines[k].limits, constraint.Names()), k.what)
		}
		t.print(a.stdout, "")
	} else {
		t := newTable("format", "data", "solver", "losses", "constraints", "cost", "paper")
		for _, k := range order {
			t.add(k.format, k.data, k.what, words(lines[k].losses, loss.Names()), words(lines[k].limits, constraint.Names()), k.cost, k.paper)
		}
		t.print(a.stdout, "")
	}
	fmt.Fprintln(a.stdout)
	for _, line := range wrap(costWords, 96) {
		fmt.Fprintln(a.stdout, line)
	}
	fmt.Fprintf(a.stdout, "%s of %s combinations run.\n", count(runs), count(len(all)))
}

// words is a list of names: what is left out of all of them if that is
// shorter.
func words(names, all []string) string {
	rest := slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(names, s) })
	switch {
	case len(rest) == 0:
		return "any"
	case len(rest) < len(names):
		return "any but " + strings.Join(rest, " ")
	}
	return strings.Join(names, " ")
}
