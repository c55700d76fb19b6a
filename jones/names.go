package jones

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/polyad/polyad/internal/nearest"
)

// Names are the names in the table: 0_1, the unknot, and the 249 prime knots
// of up to ten crossings.
func Names() []string {
	names := []string{unknot}
	for _, k := range table {
		names = append(names, k.name)
	}
	return names
}

const unknot = "0_1"

var torus = regexp.MustCompile(`^T\((-?\d{1,7}),\s*(-?\d{1,7})\)$`)

// Named is a braid whose closure has the given name: that of a knot of Rolfsen's
// table such as 4_1, a torus link such as T(3,4), or a connected sum of these
// such as 3_1#T(2,3). A name does not tell a knot from its mirror image; which
// of the two it is follows from the word ([Braid.Mirror] is the other).
func Named(name string) (Braid, error) {
	sum := Braid{Strands: 1}
	for part := range strings.SplitSeq(name, "#") {
		b, err := one(strings.TrimSpace(part))
		if err != nil {
			return Braid{}, err
		}
		if len(sum.Word)+len(b.Word) > maxCrossings || sum.Strands+b.Strands > maxStrands+1 {
			return Braid{}, fmt.Errorf("jones: the sum is one of more than %d crossings or %d strands; fewer are expected", maxCrossings, maxStrands)
		}
		sum = Sum(sum, b)
	}
	return sum, nil
}

// one is the braid of a name without #.
func one(name string) (Braid, error) {
	if name == unknot {
		return Braid{Strands: 1}, nil
	}
	for _, k := range table {
		if k.name == name {
			return ParseBraid(k.word)
		}
	}
	if m := torus.FindStringSubmatch(name); m != nil {
		p, err := strconv.Atoi(m[1])
		if err != nil {
			return Braid{}, err
		}
		q, err := strconv.Atoi(m[2])
		if err != nil {
			return Braid{}, err
		}
		return Torus(p, q)
	}
	return Braid{}, fmt.Errorf("jones: there is no knot %q; names near it are %s; the table goes from 0_1 to 10_165, torus links are T(p,q), sums 3_1#4_1",
		name, strings.Join(likely(name), ", "))
}

// likely are the names of the table that differ least from one that is not in
// it: in the fewest letters, then in the number of crossings and the place.
func likely(name string) []string {
	const shown = 3
	names := Names()
	c, k := numbers(name)
	order := func(n string) []int {
		nc, nk := numbers(n)
		return []int{nearest.Edits(n, name), abs(nc - c), abs(nk - k)}
	}
	slices.SortStableFunc(names, func(x, y string) int {
		return cmp.Or(slices.Compare(order(x), order(y)))
	})
	return names[:shown]
}

// numbers are those on both sides of the first sign that is no digit.
func numbers(name string) (crossings, place int) {
	parts := strings.FieldsFunc(name, func(r rune) bool { return r < '0' || r > '9' })
	of := func(i int) int {
		if i >= len(parts) {
			return 0
		}
		n, err := strconv.Atoi(parts[i])
		if err != nil {
			return 0 // more digits than an int has: as near as any
		}
		return n
	}
	return of(0), of(1)
}
