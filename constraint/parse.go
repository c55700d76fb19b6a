package constraint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/polyad/polyad/internal/nearest"
)

// forms are the names that Parse reads, as they are written.
var forms = []string{
	"nonneg", "box:lo,hi", "l1:x", "l2:x", "smooth:x", "smooth2:x", "monotone", "increasing", "decreasing",
	"unimodal", "simplex", "unit", "orthonormal", "fixed", "tied:MODE", "none",
}

// Names are the forms that [Parse] reads.
func Names() []string { return slices.Clone(forms) }

// Parse reads what is asked of a factor: names with commas between them, such
// as "nonneg,smooth:0.1" or "box:0,1". Modes are counted from 0. An unknown
// name is an error that lists the known ones.
func Parse(text string) (Set, error) {
	words := strings.Split(text, ",")
	var items []Item
	for i := 0; i < len(words); i++ {
		word := strings.TrimSpace(words[i])
		name, arg, has := strings.Cut(word, ":")
		k := kind(name)
		switch k {
		case "none":
			if len(words) > 1 {
				return Set{}, fmt.Errorf("constraint: %q: none stands alone", text)
			}
			continue
		case box:
			if i+1 == len(words) {
				return Set{}, fmt.Errorf("constraint: %q: two bounds are expected, as in box:0,1", word)
			}
			i++
			lo, err := number(word, arg)
			if err != nil {
				return Set{}, err
			}
			hi, err := number(word+","+words[i], words[i])
			if err != nil {
				return Set{}, err
			}
			items = append(items, Box(lo, hi))
			continue
		case l1, l2, smooth, smooth2:
			v, err := number(word, arg)
			if err != nil {
				return Set{}, err
			}
			items = append(items, Item{kind: k, a: v})
			continue
		case tied:
			mode, err := strconv.Atoi(strings.TrimSpace(arg))
			if err != nil {
				return Set{}, fmt.Errorf("constraint: %q: the number of a mode, from 0, is expected, as in tied:0", word)
			}
			items = append(items, Tied(mode))
			continue
		case nonneg, monotone, increasing, decreasing, unimodal, simplex, unit, orthonormal, fixed:
			if has {
				return Set{}, fmt.Errorf("constraint: %q: %s takes no figure", word, name)
			}
			items = append(items, Item{kind: k})
			continue
		}
		kinds := Names()
		for i, form := range kinds {
			kinds[i], _, _ = strings.Cut(form, ":")
		}
		return Set{}, fmt.Errorf("constraint: %q is unknown; known are %s%s", word, strings.Join(forms, ", "), nearest.Meant(name, kinds))
	}
	if len(items) == 0 {
		return Set{}, nil
	}
	return Of(items...)
}

func number(word, arg string) (float64, error) {
	v, err := strconv.ParseFloat(strings.TrimSpace(arg), 64)
	if err != nil || v != v {
		return 0, fmt.Errorf("constraint: %q: %q is no number; the form is %s", word, arg, form(word))
	}
	return v, nil
}

// form is how a name is written.
func form(word string) string {
	name, _, _ := strings.Cut(word, ":")
	for _, f := range forms {
		if n, _, _ := strings.Cut(f, ":"); n == name {
			return f
		}
	}
	return name
}
