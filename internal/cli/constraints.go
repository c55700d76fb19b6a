package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/tensor"
)

// limit is one --constraint, parsed: what is asked of a mode.
type limit struct {
	mode string // a name, a number from 0, or all
	set  constraint.Set
}

// parseConstraints reads --constraint as far as that goes without the data.
func parseConstraints(texts []string, nonneg bool) ([]limit, error) {
	if nonneg {
		texts = append([]string{"all=nonneg"}, texts...)
	}
	var out []limit
	for _, text := range texts {
		mode, words, ok := strings.Cut(text, "=")
		if !ok || mode == "" || words == "" {
			return nil, fmt.Errorf("--constraint %s: MODE=WHAT is expected, such as time=nonneg,smooth:0.1 or all=nonneg; there are %s", text, strings.Join(constraint.Names(), ", "))
		}
		set, err := constraint.Parse(words)
		if err != nil {
			return nil, fmt.Errorf("--constraint %s: %s", text, oneLine(err))
		}
		if _, fixed := set.IsFixed(); fixed {
			return nil, fmt.Errorf("--constraint %s: a fixed factor has to be given, which constraint.Fixed of the library takes; the command line has no flag for it", text)
		}
		out = append(out, limit{strings.TrimSpace(mode), set})
	}
	return out, nil
}

// oneLine is an error that joins several as one line.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// resolve gives each mode its set; nil if nothing is asked. A mode that is
// named is asked for what all are asked for as well.
func resolve(limits []limit, axes []tensor.Axis) ([]constraint.Set, error) {
	if len(limits) == 0 {
		return nil, nil
	}
	words := make([][]string, len(axes))
	for _, l := range limits {
		modes, err := modesOf(l.mode, axes)
		if err != nil {
			return nil, err
		}
		for _, n := range modes {
			if text := l.set.String(); text != "none" && !slices.Contains(words[n], text) {
				words[n] = append(words[n], text)
			}
		}
	}
	sets := make([]constraint.Set, len(axes))
	for n, w := range words {
		if len(w) == 0 {
			continue
		}
		var err error
		if sets[n], err = constraint.Parse(strings.Join(w, ",")); err != nil {
			return nil, fmt.Errorf("--constraint of %s: %s", axisName(axes, n), oneLine(err))
		}
	}
	return sets, nil
}

// modesOf finds the modes that a --constraint is for.
func modesOf(mode string, axes []tensor.Axis) ([]int, error) {
	var names []string
	all := make([]int, len(axes))
	for n, a := range axes {
		all[n] = n
		if a.Name == mode {
			return []int{n}, nil
		}
		if a.Name != "" {
			names = append(names, a.Name)
		}
	}
	if mode == "all" {
		return all, nil
	}
	if n, err := strconv.Atoi(mode); err == nil && n >= 0 && n < len(axes) {
		return []int{n}, nil
	}
	text := fmt.Sprintf("--constraint %s=…: no mode has this name; there are 0 to %d", mode, len(axes)-1)
	if len(names) > 0 {
		text += ", or " + strings.Join(names, ", ")
	}
	return nil, fmt.Errorf("%s, or all", text)
}
