package rank

import (
	"math/rand/v2"

	"github.com/polyad/polyad/tensor"
)

// The streams of random numbers, so that no two uses share one.
const (
	streamFolds uint64 = iota + 1
	streamNested
	streamRotate
	streamSlices
)

// Fold is one part of the known entries, left out, and the others.
type Fold struct{ Train, Test *tensor.Observed }

// Deal gives every known entry to one of k folds at random, in equal numbers.
func Deal(x *tensor.Observed, k int, seed uint64) []Fold {
	place := rand.New(rand.NewPCG(seed, streamFolds)).Perm(x.Count())
	folds := make([]Fold, k)
	for f := range folds {
		folds[f] = Fold{
			Train: x.Select(func(e int) bool { return place[e]%k != f }),
			Test:  x.Select(func(e int) bool { return place[e]%k == f }),
		}
	}
	return folds
}

// restrict keeps the entries whose index on each mode is listed in keep, and
// numbers the indices by their places in the list.
func restrict(x *tensor.Observed, keep [][]int) (*tensor.Observed, error) {
	shape := make([]int, len(keep))
	place := make([][]int32, len(keep)) // from 1; 0 for an index that is not kept
	for n, list := range keep {
		shape[n] = len(list)
		place[n] = make([]int32, x.Shape()[n])
		for p, i := range list {
			place[n][i] = int32(p) + 1
		}
	}
	inside := x.Select(func(e int) bool {
		for n := range keep {
			if place[n][x.Indices(n)[e]] == 0 {
				return false
			}
		}
		return true
	})
	index := make([][]int32, len(keep))
	for n := range index {
		index[n] = make([]int32, inside.Count())
		for e, i := range inside.Indices(n) {
			index[n][e] = place[n][i] - 1
		}
	}
	return tensor.NewObserved(shape, index, inside.Values())
}
