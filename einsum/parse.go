package einsum

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Expr is an equation: which labels the axes of the operands and of the
// result have. Labels are numbered; Label gives their names.
type Expr struct {
	inputs []term
	output term
	names  []string
}

// term is the labels of one operand: those before the ellipsis, if there is
// one, and those after it.
type term struct {
	labels   []int32
	ellipsis int // position of the ellipsis among the labels; -1: none
}

const ellipsis = "..."

// Parse reads an equation in the syntax of NumPy: "ij,jk->ik". A label is
// any letter or symbol of Unicode but , . - > and spaces, which are ignored.
// Without "->" the output is the ellipsis, if there is one, and the labels
// that occur once, in the order of their code points. "..." stands for any
// number of axes, which are aligned at the right as broadcasting does. A
// label that an operand repeats takes the diagonal.
func Parse(equation string) (*Expr, error) {
	left, right, explicit := strings.Cut(equation, "->")
	if strings.Contains(right, "->") {
		return nil, fmt.Errorf("einsum: equation %q has -> more than once; one is expected", abridge(equation))
	}
	e := &Expr{}
	numbers := map[rune]int32{}
	read := func(text, where string) (term, error) {
		t := term{ellipsis: -1}
		for at := 0; at < len(text); {
			r, n := utf8.DecodeRuneInString(text[at:])
			switch {
			case unicode.IsSpace(r):
			case strings.HasPrefix(text[at:], ellipsis):
				if t.ellipsis >= 0 {
					return t, fmt.Errorf("einsum: equation %q: %s has two ellipses; one is expected", abridge(equation), where)
				}
				t.ellipsis, n = len(t.labels), len(ellipsis)
			case r == utf8.RuneError && n <= 1:
				return t, fmt.Errorf("einsum: equation %q: %s holds a byte that is not UTF-8", abridge(equation), where)
			case strings.ContainsRune(".,->", r) || unicode.IsControl(r):
				return t, fmt.Errorf("einsum: equation %q: %s holds %q; labels, spaces and one ... are expected", abridge(equation), where, r)
			default:
				id, ok := numbers[r]
				if !ok {
					id = int32(len(e.names))
					numbers[r] = id
					e.names = append(e.names, string(r))
				}
				t.labels = append(t.labels, id)
			}
			at += n
		}
		return t, nil
	}
	for k, text := range strings.Split(left, ",") {
		t, err := read(text, fmt.Sprintf("operand %d", k))
		if err != nil {
			return nil, err
		}
		e.inputs = append(e.inputs, t)
	}
	if !explicit {
		e.output = e.implicit()
		return e, nil
	}
	known := len(e.names)
	var err error
	if e.output, err = read(right, "the output"); err != nil {
		return nil, err
	}
	return e, e.checkOutput(known)
}

// Indices makes an equation from lists of numbers, one list an operand, for
// more labels than there are letters: Indices([][]int{{0, 1}, {1, 2}},
// []int{0, 2}) is "ij,jk->ik". Any numbers from 0 will do.
func Indices(inputs [][]int, output []int) (*Expr, error) {
	for k, list := range append(inputs[:len(inputs):len(inputs)], output) {
		for _, x := range list {
			if x < 0 {
				where := "the output"
				if k < len(inputs) {
					where = fmt.Sprintf("operand %d", k)
				}
				return nil, fmt.Errorf("einsum: %s has label %d; 0 or more is expected", where, x)
			}
		}
	}
	return fromLists(inputs, output, strconv.Itoa)
}

// Names makes an equation from lists of names, one list an operand.
func Names(inputs [][]string, output []string) (*Expr, error) {
	return fromLists(inputs, output, func(s string) string { return s })
}

func fromLists[L comparable](inputs [][]L, output []L, name func(L) string) (*Expr, error) {
	if len(inputs) == 0 {
		return nil, fmt.Errorf("einsum: no operands; give the labels of one at least")
	}
	e := &Expr{}
	numbers := map[L]int32{}
	read := func(list []L) term {
		t := term{ellipsis: -1, labels: make([]int32, 0, len(list))}
		for _, x := range list {
			id, ok := numbers[x]
			if !ok {
				id = int32(len(e.names))
				numbers[x] = id
				e.names = append(e.names, name(x))
			}
			t.labels = append(t.labels, id)
		}
		return t
	}
	for _, list := range inputs {
		e.inputs = append(e.inputs, read(list))
	}
	known := len(e.names)
	e.output = read(output)
	return e, e.checkOutput(known)
}

// checkOutput refuses what an output must not be; labels from known on were
// first seen in it.
func (e *Expr) checkOutput(known int) error {
	seen := make([]bool, len(e.names))
	for _, id := range e.output.labels {
		if int(id) >= known {
			return fmt.Errorf("einsum: the output has label %s, which no operand has; the operands have %s", e.names[id], labelList(e.names[:known]))
		}
		if seen[id] {
			return fmt.Errorf("einsum: the output has label %s twice; once is expected", e.names[id])
		}
		seen[id] = true
	}
	dots := slices.ContainsFunc(e.inputs, func(t term) bool { return t.ellipsis >= 0 })
	if e.output.ellipsis >= 0 && !dots {
		e.output.ellipsis = -1 // it stands for no axes, as in NumPy
	}
	return nil
}

// implicit is the output of an equation without "->".
func (e *Expr) implicit() term {
	t := term{ellipsis: -1}
	times := make([]int, len(e.names))
	for _, in := range e.inputs {
		for _, id := range in.labels {
			times[id]++
		}
		if in.ellipsis >= 0 {
			t.ellipsis = 0
		}
	}
	for id, n := range times {
		if n == 1 {
			t.labels = append(t.labels, int32(id))
		}
	}
	slices.SortFunc(t.labels, func(a, b int32) int { return strings.Compare(e.names[a], e.names[b]) })
	return t
}

// Operands is the number of operands.
func (e *Expr) Operands() int { return len(e.inputs) }

// Labels are the names of the labels, in the order in which they occur.
func (e *Expr) Labels() []string { return slices.Clone(e.names) }

// String is the equation, with an output; labels of several characters stand
// between braces.
func (e *Expr) String() string {
	var b strings.Builder
	write := func(t term) {
		for k, id := range t.labels {
			if k == t.ellipsis {
				b.WriteString(ellipsis)
			}
			b.WriteString(braced(e.names[id]))
		}
		if t.ellipsis == len(t.labels) {
			b.WriteString(ellipsis)
		}
	}
	for k, t := range e.inputs {
		if k > 0 {
			b.WriteByte(',')
		}
		write(t)
	}
	b.WriteString("->")
	write(e.output)
	return b.String()
}

// braced is a name as an equation prints it.
func braced(name string) string {
	if utf8.RuneCountInString(name) == 1 {
		return name
	}
	return "{" + name + "}"
}

// abridge shortens a long equation for an error.
func abridge(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// labelList prints names, the first of them if there are many.
func labelList(names []string) string {
	const most = 20
	if len(names) == 0 {
		return "none"
	}
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
