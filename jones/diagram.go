package jones

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Diagram is a planar diagram of a knot or a link: for each crossing the
// labels of its four edges, counterclockwise from the one that comes in below
// the other strand. So the strand below runs from edge 0 to edge 2, and the
// other one between edges 1 and 3. Each label is at two places. It is the PD
// notation of KnotInfo and KnotTheory; labels that go up by one along a strand
// are needed only for components that are above all others.
type Diagram [][4]int

var (
	pdCrossing = regexp.MustCompile(`[\[({]([^\[\](){}]*)[\])}]`)
	pdRest     = regexp.MustCompile(`^[\[\](){},;\sXPD]*$`)
)

// ParsePD reads a diagram such as [[4,2,5,1],[8,6,1,5],[6,3,7,4],[2,7,3,8]] or
// PD[X[1,4,2,5],X[3,6,4,1],X[5,2,6,3]], and checks it ([Diagram.Check]).
func ParsePD(text string) (Diagram, error) {
	if rest := pdCrossing.ReplaceAllString(text, ""); !pdRest.MatchString(rest) {
		return nil, fmt.Errorf("jones: planar diagram: %q; crossings such as [4,2,5,1], in brackets, are expected", strings.TrimSpace(strings.Trim(rest, "[](){},; ")))
	}
	for _, b := range []string{"[]", "()", "{}"} {
		if strings.Count(text, b[:1]) != strings.Count(text, b[1:]) {
			return nil, fmt.Errorf("jones: planar diagram: %d brackets %s and %d %s; as many are expected", strings.Count(text, b[:1]), b[:1], strings.Count(text, b[1:]), b[1:])
		}
	}
	var d Diagram
	groups := pdCrossing.FindAllStringSubmatch(text, -1)
	for k, group := range groups {
		fields := strings.FieldsFunc(group[1], func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' })
		if len(groups) == 1 && len(fields) == 0 {
			break // the crossings are none
		}
		if len(fields) != 4 {
			return nil, fmt.Errorf("jones: planar diagram: crossing %d is %s; the labels of four edges are expected", k+1, group[0])
		}
		var x [4]int
		for i, f := range fields {
			v, err := strconv.Atoi(f)
			if err != nil {
				return nil, fmt.Errorf("jones: planar diagram: crossing %d is %s; %q is no number of an edge", k+1, group[0], f)
			}
			x[i] = v
		}
		d = append(d, x)
	}
	return d, d.Check()
}

// Check says what is wrong with a diagram: a label that is not at two places,
// an edge that has no direction, or crossings that no plane diagram has.
func (d Diagram) Check() error {
	_, err := d.ends()
	if err != nil {
		return err
	}
	if _, err = d.directions(); err != nil {
		return err
	}
	// Euler: crossings - edges + faces is 2 for each connected part.
	if faces, parts := d.faces(); faces != len(d)+2*parts {
		return fmt.Errorf("jones: the diagram of %d crossings has %d faces, %d are expected in the plane; the labels of a crossing go counterclockwise", len(d), faces, len(d)+2*parts)
	}
	return nil
}

// diagram is that of the closure of a braid without the strands that cross no
// other, of which it gives the number. Strands go up, the new edges of a crossing
// are above it.
func (b Braid) diagram() (d Diagram, apart int) {
	at := make([]int, b.Strands)
	for i := range at {
		at[i] = i
	}
	next := b.Strands
	for _, g := range b.Word {
		i := abs(g)
		l, r := at[i-1], at[i] // below, left and right
		x, y := next, next+1   // above
		at[i-1], at[i], next = x, y, next+2
		if g > 0 { // from the left below to the right above, over the other
			d = append(d, [4]int{r, y, x, l})
		} else {
			d = append(d, [4]int{l, r, y, x})
		}
	}
	first := map[int]int{} // of the edge above that closes a strand: the one below
	for i, e := range at {
		first[e] = i
		if e == i {
			apart++
		}
	}
	for k := range d {
		for i, e := range d[k] {
			if to, ok := first[e]; ok {
				d[k][i] = to
			}
		}
	}
	return d, apart
}

// place is one of the four at a crossing.
type place struct{ crossing, at int }

// ends are the two places of each label.
func (d Diagram) ends() (map[int][]place, error) {
	if len(d) == 0 {
		return nil, errors.New("jones: the planar diagram has no crossings; one at least is expected (the unknot is 0_1)")
	}
	ends := map[int][]place{}
	for k, x := range d {
		for i, e := range x {
			ends[e] = append(ends[e], place{k, i})
		}
	}
	for k, x := range d {
		for _, e := range x {
			if n := len(ends[e]); n != 2 {
				return nil, fmt.Errorf("jones: planar diagram: edge %d of crossing %d, %v, is at %d places; each is expected at two", e, k+1, x, n)
			}
		}
	}
	return ends, nil
}

// other is the second end of the edge at a place.
func (d Diagram) other(ends map[int][]place, p place) place {
	pair := ends[d[p.crossing][p.at]]
	if pair[0] == p {
		return pair[1]
	}
	return pair[0]
}

// directions finds the crossings whose strand above runs from edge 3 to edge
// 1: those of sign +1.
func (d Diagram) directions() (positive []bool, err error) {
	ends, err := d.ends()
	if err != nil {
		return nil, err
	}
	// in[k][i]: 1 if edge i of crossing k comes in, -1 if it goes out.
	in := make([][4]int, len(d))
	var stack []place
	set := func(p place, v int) error {
		switch now := in[p.crossing][p.at]; now {
		case 0:
			in[p.crossing][p.at] = v
			stack = append(stack, p)
		case -v:
			return fmt.Errorf("jones: planar diagram: edge %d of crossing %d, %v, has no direction; strands below run from the first edge to the third", d[p.crossing][p.at], p.crossing+1, d[p.crossing])
		}
		return nil
	}
	// follow sets all that a direction says about others: the other end of its
	// edge, and the edge across the crossing.
	follow := func() error {
		for len(stack) > 0 {
			p := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			v := in[p.crossing][p.at]
			if err := set(d.other(ends, p), -v); err != nil {
				return err
			}
			if err := set(place{p.crossing, (p.at + 2) % 4}, -v); err != nil {
				return err
			}
		}
		return nil
	}
	for k := range d {
		if err := set(place{k, 0}, 1); err != nil {
			return nil, err
		}
		if err := follow(); err != nil {
			return nil, err
		}
	}
	for k, x := range d {
		if in[k][1] != 0 {
			continue
		}
		v := -1 // from 3 to 1
		if x[3] == x[1]+1 || x[1] > x[3]+1 {
			v = 1
		}
		if err := set(place{k, 1}, v); err != nil {
			return nil, err
		}
		if err := follow(); err != nil {
			return nil, err
		}
	}
	positive = make([]bool, len(d))
	for k := range d {
		positive[k] = in[k][3] == 1
	}
	return positive, nil
}

// faces counts the regions of the plane, and the connected parts.
func (d Diagram) faces() (faces, parts int) {
	ends, err := d.ends()
	if err != nil {
		return 0, 0
	}
	seen := make([][4]bool, len(d))
	part := make([]int, len(d))
	for k := range d {
		part[k] = k
	}
	find := func(k int) int {
		for part[k] != k {
			k = part[k]
		}
		return k
	}
	parts = len(d)
	for k := range d {
		for i := range 4 {
			p := place{k, i}
			if a, b := find(k), find(d.other(ends, p).crossing); a != b {
				part[a] = b
				parts--
			}
			if seen[k][i] {
				continue
			}
			faces++
			for !seen[p.crossing][p.at] { // along an edge, then the next one clockwise
				seen[p.crossing][p.at] = true
				q := d.other(ends, p)
				p = place{q.crossing, (q.at + 3) % 4}
			}
		}
	}
	return faces, parts
}

// Writhe is the sum of the signs of the crossings of a diagram that Check
// accepts.
func (d Diagram) Writhe() int {
	positive, err := d.directions()
	if err != nil {
		return 0
	}
	w := -len(d)
	for _, p := range positive {
		if p {
			w += 2
		}
	}
	return w
}

// Components is the number of components of a diagram that Check accepts: 1
// for a knot.
func (d Diagram) Components() int {
	ends, err := d.ends()
	if err != nil {
		return 0
	}
	seen := map[int]bool{}
	n := 0
	for k, x := range d {
		for i := range 4 {
			if seen[x[i]] {
				continue
			}
			n++
			for p := (place{k, i}); !seen[d[p.crossing][p.at]]; {
				seen[d[p.crossing][p.at]] = true
				q := d.other(ends, p)
				p = place{q.crossing, (q.at + 2) % 4}
			}
		}
	}
	return n
}

// order is one of the crossings in which few edges are cut at any time: next
// is the one with the most edges to those before. widths are the edges cut
// after each.
func (d Diagram) order() (order, widths []int) {
	cut := map[int]bool{}
	left := make([]int, len(d))
	for k := range left {
		left[k] = k
	}
	for len(left) > 0 {
		best, most := 0, -1
		for i, k := range left {
			n := 0
			for _, e := range d[k] {
				if cut[e] {
					n++
				}
			}
			if n > most {
				best, most = i, n
			}
		}
		k := left[best]
		left = slices.Delete(left, best, best+1)
		for _, e := range d[k] { // an edge from the crossing to itself is cut twice: not at all
			if cut[e] {
				delete(cut, e)
			} else {
				cut[e] = true
			}
		}
		order, widths = append(order, k), append(widths, len(cut))
	}
	return order, widths
}
