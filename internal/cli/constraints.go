package cli

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// limit is one --constraint, parsed: what is asked of a mode.
type limit struct {
	mode string // a name, a number from 0, or all
	set  constraint.Set
	tied string // the mode that this one is tied to, as it was written
}

// alone reports what combines with nothing: the factor is given, or that of
// another mode.
func (l limit) alone() bool {
	_, fixed := l.set.IsFixed()
	return fixed || l.tied != ""
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
			return nil, fmt.Errorf("--constraint %s: MODE=WHAT is expected, such as time=nonneg,smooth:0.1 or all=nonneg; there are %s", text, strings.Join(constraintNames(), ", "))
		}
		if words == "fixed:" {
			words = "fixed"
		}
		l := limit{mode: strings.TrimSpace(mode)}
		var err error
		if path, given := strings.CutPrefix(words, "fixed:"); given && path != "" {
			l.set, err = givenFactor(path)
		} else if to, tied := strings.CutPrefix(words, "tied:"); tied && to != "" {
			l.tied = strings.TrimSpace(to)
		} else {
			l.set, err = constraint.Parse(words)
			if _, fixed := l.set.IsFixed(); fixed && err == nil {
				err = fmt.Errorf("the file of the factor is expected, %s=fixed:FILE: a matrix of a row for each index and a column for each component", mode)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("--constraint %s: %w", text, err)
		}
		out = append(out, l)
	}
	return out, nil
}

// constraintNames are the forms that --constraint reads.
func constraintNames() []string {
	names := constraint.Names()
	names[slices.Index(names, "fixed")] = "fixed:FILE"
	return names
}

// givenFactor reads the factor of fixed:FILE.
func givenFactor(path string) (constraint.Set, error) {
	file, err := tensorio.Open(path, tensorio.Options{})
	if err != nil {
		return constraint.Set{}, err
	}
	defer file.Close()
	var x *tensor.Dense[float64]
	switch d := file.Tensor.(type) {
	case *tensor.Dense[float64]:
		x = d
	case *tensor.Dense[float32]:
		x = tensor.As[float64](d)
	}
	if x == nil || x.Order() > 2 {
		return constraint.Set{}, fmt.Errorf("%s: a matrix of real numbers is expected, a row for each index and a column for each component; this is %s", path, dims(file.Tensor.Shape()))
	}
	rows, cols := x.Shape()[0], 1
	if x.Order() == 2 {
		cols = x.Shape()[1]
	}
	m := tensor.MatrixOf(rows, cols, slices.Clone(x.Contiguous().Data()))
	for i, v := range m.Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return constraint.Set{}, fmt.Errorf("%s: %v at (%d, %d); finite numbers are expected", path, v, i/cols, i%cols)
		}
	}
	return constraint.Of(constraint.Fixed(m))
}

// givenRank is the rank that given factors have; 0 if there are none.
func givenRank(limits []limit) int {
	for _, l := range limits {
		if factor, fixed := l.set.IsFixed(); fixed {
			return factor.Cols
		}
	}
	return 0
}

// resolve gives each mode its set; nil if nothing is asked. A mode that is
// named is asked for what all are asked for as well, unless its factor is
// given or that of another mode.
func resolve(limits []limit, axes []tensor.Axis) ([]constraint.Set, error) {
	if len(limits) == 0 {
		return nil, nil
	}
	items := make([][]constraint.Item, len(axes))
	alone := make([]bool, len(axes))
	add := func(n int, it constraint.Item) {
		if !slices.Contains(items[n], it) {
			items[n] = append(items[n], it)
		}
	}
	for _, l := range limits {
		modes, err := modesOf(l.mode, axes)
		if err != nil {
			return nil, err
		}
		if l.alone() {
			for _, n := range modes {
				alone[n] = true
			}
		}
		if l.tied == "" {
			continue
		}
		to, err := modesOf(l.tied, axes)
		if err != nil || len(to) != 1 {
			return nil, fmt.Errorf("--constraint %s=tied:%s: one mode is expected, by name or number from 0", l.mode, l.tied)
		}
		for _, n := range modes {
			if n != to[0] {
				add(n, constraint.Tied(to[0]))
			} else if len(modes) > 1 {
				alone[n] = false // the one that all others are tied to
			} else {
				add(n, constraint.Tied(n))
			}
		}
	}
	for _, l := range limits {
		modes, err := modesOf(l.mode, axes)
		if err != nil {
			return nil, err
		}
		for _, n := range modes {
			if len(modes) > 1 && alone[n] && !l.alone() {
				continue
			}
			for _, it := range l.set.Items() {
				add(n, it)
			}
		}
	}
	sets := make([]constraint.Set, len(axes))
	for n, list := range items {
		var err error
		if sets[n], err = constraint.Of(list...); err != nil {
			return nil, fmt.Errorf("--constraint of %s: %w", axisName(axes, n), err)
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
