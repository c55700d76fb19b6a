package connectome_test

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/polyad/polyad/tensor"
)

// lfr draws a weighted graph with communities of unequal sizes and degrees,
// after Lancichinetti & Fortunato 2009
// (https://doi.org/10.1103/PhysRevE.80.016118): degrees follow a power law of
// exponent 2 up to 50, sizes one of exponent 1 from 10 to 50; a share mixing
// of the edges of a node leaves its community, and about a share strength of
// its strength, which is its degree to the power of beta. Weights are noisy:
// gamma with shape 4.
type lfr struct {
	nodes, degree    int
	mixing, strength float64
	beta             float64
}

// Graphs in which the mixing of the edges is off by more than 0.05, as it is
// where one community holds nearly all nodes, are drawn again.
func (l lfr) draw(seed uint64) (*tensor.Matrix[float64], []int) {
	rng := rand.New(rand.NewPCG(seed, 1252))
	for {
		a, of := l.once(rng)
		in, out := 0.0, 0.0
		for i := range of {
			for j, v := range a.Row(i) {
				switch {
				case v == 0:
				case of[i] == of[j]:
					in++
				default:
					out++
				}
			}
		}
		if math.Abs(out/(in+out)-l.mixing) <= 0.05 {
			return a, of
		}
	}
}

func (l lfr) once(rng *rand.Rand) (*tensor.Matrix[float64], []int) {
	const most = 50.0
	n := l.nodes
	// The least degree for which the mean is as asked.
	lo, hi := 1.0, most
	for range 60 {
		mid := (lo + hi) / 2
		if math.Log(most/mid)/(1/mid-1/most) < float64(l.degree) {
			lo = mid
		} else {
			hi = mid
		}
	}
	degree := make([]int, n)
	for i := range degree {
		degree[i] = int(math.Round(1 / (1/lo - rng.Float64()*(1/lo-1/most))))
	}
	slices.Sort(degree)
	slices.Reverse(degree)
	var sizes []int
	for {
		sizes = sizes[:0]
		sum := 0
		for sum < n {
			s := int(math.Round(10 * math.Pow(5, rng.Float64())))
			sizes = append(sizes, s)
			sum += s
		}
		last := &sizes[len(sizes)-1]
		*last -= sum - n
		if *last >= 10 && len(sizes) > 1 {
			break
		}
	}
	// Nodes of large degree first, where there is room for their edges.
	of, room := make([]int, n), slices.Clone(sizes)
	for i, d := range degree {
		var fits []int
		for c, s := range sizes {
			if room[c] > 0 && float64(s-1) >= (1-l.mixing)*float64(d) {
				fits = append(fits, c)
			}
		}
		if len(fits) == 0 { // the largest that has room
			for c := range sizes {
				if room[c] > 0 && (len(fits) == 0 || sizes[c] > sizes[fits[0]]) {
					fits = []int{c}
				}
			}
		}
		c := fits[rng.IntN(len(fits))]
		of[i] = c
		room[c]--
	}
	a := tensor.NewMatrix[float64](n, n)
	inner := make([]int, n)
	for i, d := range degree {
		inner[i] = min(int(math.Round((1-l.mixing)*float64(d))), sizes[of[i]]-1)
	}
	wire := func(wanted []int, allowed func(i, j int) bool) {
		left := slices.Clone(wanted)
		for range 200 {
			var stubs []int
			for i, k := range left {
				for range k {
					stubs = append(stubs, i)
				}
			}
			if len(stubs) < 2 {
				return
			}
			rng.Shuffle(len(stubs), func(x, y int) { stubs[x], stubs[y] = stubs[y], stubs[x] })
			for k := 0; k+1 < len(stubs); k += 2 {
				i, j := stubs[k], stubs[k+1]
				if i != j && allowed(i, j) && a.At(i, j) == 0 {
					a.Set(i, j, 1)
					a.Set(j, i, 1)
					left[i]--
					left[j]--
				}
			}
		}
	}
	for c := range sizes {
		wanted := make([]int, n)
		for i := range n {
			if of[i] == c {
				wanted[i] = inner[i]
			}
		}
		wire(wanted, func(i, j int) bool { return of[i] == of[j] })
	}
	outer := make([]int, n)
	for i, d := range degree {
		outer[i] = max(0, d-inner[i])
	}
	wire(outer, func(i, j int) bool { return of[i] != of[j] })
	mean := make([]float64, n) // weight of the edges of a node
	for i, d := range degree {
		mean[i] = math.Pow(float64(d), l.beta-1)
	}
	for i := range n {
		for j := range i {
			if a.At(i, j) == 0 {
				continue
			}
			v := math.Sqrt(mean[i] * mean[j])
			if of[i] == of[j] {
				v *= (1 - l.strength) / (1 - l.mixing)
			} else {
				v *= l.strength / l.mixing
			}
			noise := 0.0
			for range 4 {
				noise += rng.ExpFloat64() / 4
			}
			a.Set(i, j, v*noise)
			a.Set(j, i, v*noise)
		}
	}
	return a, of
}
