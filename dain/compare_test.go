package dain

import (
	"context"
	"github.com/polyad/polyad/tensor"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// The quantile of Student's t against printed tables.
func TestStudent(t *testing.T) {
	for free, want := range map[int]float64{1: 12.7062, 2: 4.3027, 9: 2.2622, 19: 2.0930, 100: 1.9840} {
		if got := student(free); !(math.Abs(got-want) <= 1e-4*want) {
			t.Errorf("%d degrees of freedom: %v, %v is right", free, got, want)
		}
	}
}

// uneven is a tensor of rank 2 in which few entities have most of the known
// cells, as those of ratings have.
func uneven(seed uint64, shape []int, count int) *tensor.Observed {
	rng := rand.New(rand.NewPCG(seed, 6))
	factors, weights := make([]*tensor.Matrix[float64], len(shape)), make([][]float64, len(shape))
	for n, s := range shape {
		factors[n] = tensor.NewMatrix[float64](s, 2)
		for i := range s {
			factors[n].Set(i, 0, rng.Float64())
			factors[n].Set(i, 1, rng.Float64())
			weights[n] = append(weights[n], 1/float64(i+1))
		}
	}
	x, err := tensor.NewObserved(shape, cells(shape, count, weights, nil, rng), make([]float64, count))
	if err != nil {
		panic(err)
	}
	values := x.Evaluate([]float64{1, 1}, factors)
	for e := range values {
		values[e] += 0.02 * rng.NormFloat64()
	}
	return x.WithValues(values)
}

// Trained as in the paper (small steps, hardly a penalty, one net), on a tensor
// with few popular entities, new cells by influence serve better than none and
// than cells at random, over 10 splits.
func TestInfluenceBeatsRandom(t *testing.T) {
	if testing.Short() {
		t.Skip("40 nets")
	}
	x := uneven(2, []int{400, 300, 200}, 4000)
	o := Options{Rate: 0.003, Decay: 1e-5, Patience: 10, Teachers: 1, Added: 0.5}
	c, err := Compare(context.Background(), x, 0.25, 10, o, ArmNone, ArmRandom, ArmInfluence)
	if err != nil {
		t.Fatal(err)
	}
	// 0.0072 ± 0.0028 and 0.0035 ± 0.0022 were found, of 0.14.
	if mean, half := c.Gain(ArmInfluence, ArmNone); !(mean-half > 0.002) {
		t.Errorf("below no new cells by %v ± %v", mean, half)
	}
	if mean, half := c.Gain(ArmInfluence, ArmRandom); !(mean > 0.001) {
		t.Errorf("below random cells by %v ± %v", mean, half)
	}
}

// With the defaults new cells serve better than none, and values of nets
// better than values copied from elsewhere.
func TestAugmentationHelps(t *testing.T) {
	o := Options{Hidden: []int{16}, Teachers: 3}
	c, err := Compare(context.Background(), planted(t, 1, 1100), 0.25, 10, o, ArmNone, ArmInfluenceCopied, ArmInfluence, ArmTeachers)
	if err != nil {
		t.Fatal(err)
	}
	// 0.0064 ± 0.0021 and 0.106 were found, of 0.047.
	if mean, half := c.Gain(ArmInfluence, ArmNone); !(mean-half > 0.002) {
		t.Errorf("below no new cells by %v ± %v", mean, half)
	}
	if mean, half := c.Gain(ArmInfluence, ArmInfluenceCopied); !(mean-half > 0.05) {
		t.Errorf("below copied values by %v ± %v", mean, half)
	}
	for _, arm := range []Arm{ArmNone, ArmInfluence, ArmTeachers} {
		if len(c.RMSE[arm]) != 10 || !(c.Mean(arm) > 0.02 && c.Mean(arm) < 0.08) {
			t.Errorf("%s: %v; the noise is 0.02, the data's deviation 0.2", arm, c.RMSE[arm])
		}
	}
}

// The interval of differences that are all alike is zero.
func TestGain(t *testing.T) {
	c := &Comparison{RMSE: map[Arm][]float64{ArmNone: {3, 4, 8}, ArmRandom: {2, 3, 7}, ArmInfluence: {2, 5, 5}}}
	if mean, half := c.Gain(ArmRandom, ArmNone); mean != 1 || half != 0 {
		t.Errorf("%v ± %v", mean, half)
	}
	// Differences 1, -1, 3: deviation 2, t = 4.3027.
	if mean, half := c.Gain(ArmInfluence, ArmNone); !(math.Abs(mean-1) <= 1e-12 && math.Abs(half-4.3027*2/math.Sqrt(3)) <= 1e-3) {
		t.Errorf("%v ± %v", mean, half)
	}
}

func TestCompareFaults(t *testing.T) {
	x := planted(t, 1, 60)
	for want, f := range map[string]func() (*Comparison, error){
		"1 seeds":    func() (*Comparison, error) { return Compare(context.Background(), x, 0.2, 1, Options{}) },
		"share of 1": func() (*Comparison, error) { return Compare(context.Background(), x, 1, 2, Options{}) },
		"needs 20":   func() (*Comparison, error) { return Compare(context.Background(), x, 0.9, 2, Options{}) },
		`"all"`:      func() (*Comparison, error) { return Compare(context.Background(), x, 0.2, 2, Options{}, "all") },
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
}
