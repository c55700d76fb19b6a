package dain

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

// Arm is one of the ways to train that [Compare] compares.
type Arm string

// The arms: which cells are added, and with what values.
const (
	ArmNone            Arm = "none"             // no cells, as many steps
	ArmDuplicate       Arm = "duplicate"        // known cells once more
	ArmRandomCopied    Arm = "random copied"    // cells at random, each with the value of a known cell
	ArmInfluenceCopied Arm = "influence copied" // cells by importance, likewise
	ArmRandom          Arm = "random"           // cells at random, with values by the teachers
	ArmFrequency       Arm = "frequency"        // entities as often as they are known, likewise
	ArmInfluence       Arm = "influence"        // by importance: what Run does
	ArmTeachers        Arm = "teachers"         // no net more: the mean of the teachers
)

// Arms are all of them, in the order of a report.
var Arms = []Arm{ArmNone, ArmDuplicate, ArmRandomCopied, ArmInfluenceCopied, ArmRandom, ArmFrequency, ArmInfluence, ArmTeachers}

// Comparison has the root mean square errors of the cells held out, an arm
// and a seed.
type Comparison struct {
	RMSE map[Arm][]float64
}

// Compare trains a net in each of the ways (all, if none is named), over so many seeds from that of
// the options on. A seed has its own cells held out (a share of the known
// ones), validation cells, teachers and start of the net; the arms of a seed
// share them, and nets without new cells make as many steps as the others, so
// that differences within a seed are those of the cells added.
func Compare(ctx context.Context, x *tensor.Observed, held float64, seeds int, opt Options, arms ...Arm) (*Comparison, error) {
	if len(arms) == 0 {
		arms = Arms
	}
	if !(held > 0 && held < 1) || seeds < 2 {
		return nil, fmt.Errorf("dain: %d seeds, a share of %v held out; two seeds at least and a share between 0 and 1 are expected", seeds, held)
	}
	for _, arm := range arms {
		if !slices.Contains(Arms, arm) {
			return nil, fmt.Errorf("dain: %q is none of the arms %q", arm, Arms)
		}
	}
	errs := make([]error, seeds)
	found := make([]map[Arm]float64, seeds)
	par.Do(seeds, func(i int) {
		seed := opt.Seed + uint64(i)
		kept, test := x.Split(held, seed)
		o := opt
		o.Seed = seed
		if o, errs[i] = o.prepare(kept); errs[i] != nil {
			return
		}
		if test.Count() == 0 {
			errs[i] = fmt.Errorf("no cell of %d is held out by a share of %v", x.Count(), held)
			return
		}
		found[i], errs[i] = newJob(kept, o).fitArms(ctx, arms, test)
	})
	for _, err := range errs {
		if err != nil { // those of the other seeds are alike
			return nil, fmt.Errorf("dain: %w", err)
		}
	}
	c := &Comparison{RMSE: map[Arm][]float64{}}
	for _, arm := range arms {
		for _, rmse := range found {
			c.RMSE[arm] = append(c.RMSE[arm], rmse[arm])
		}
	}
	return c, nil
}

// fitArms trains nets in each of the ways and returns their errors.
func (j *job) fitArms(ctx context.Context, arms []Arm, test *tensor.Observed) (map[Arm]float64, error) {
	if err := j.teach(ctx, j.opt.Teachers); err != nil {
		return nil, err
	}
	index := lists(test)
	out := map[Arm]float64{}
	note := func(arm Arm, predicted []float64) {
		s := 0.0
		for e, v := range predicted {
			s += (v - test.Values()[e]) * (v - test.Values()[e])
		}
		out[arm] = math.Sqrt(s / float64(test.Count()))
	}
	influence := importance(j.shape, j.index, j.teachers[0].influence())
	frequency := make([][]float64, len(j.shape))
	for n, list := range j.index {
		frequency[n] = make([]float64, j.shape[n])
		for _, i := range list {
			frequency[n][i]++
		}
	}
	for _, arm := range arms {
		var extra [][]int32
		var values []float64
		rng := rand.New(rand.NewPCG(j.opt.Seed, streamCopies))
		count := len(j.targets)
		switch arm {
		case ArmTeachers:
			note(arm, j.predict(index))
			continue
		case ArmDuplicate:
			extra = make([][]int32, len(j.shape))
			for range int(math.Round(j.opt.Added * float64(count))) {
				e := rng.IntN(count)
				for n := range extra {
					extra[n] = append(extra[n], j.index[n][e])
				}
				values = append(values, j.train.Values()[e])
			}
		case ArmRandomCopied, ArmRandom:
			extra = j.draw(flat(j.shape))
		case ArmFrequency:
			extra = j.draw(frequency)
		case ArmInfluenceCopied, ArmInfluence:
			extra = j.draw(influence)
		}
		switch arm {
		case ArmRandomCopied, ArmInfluenceCopied:
			for range extra[0] {
				values = append(values, j.train.Values()[rng.IntN(count)])
			}
		case ArmRandom, ArmFrequency, ArmInfluence:
			values = j.predict(extra)
		}
		k := *j
		if arm == ArmNone {
			k.opt.Epochs = int(math.Round(float64(j.opt.Epochs) * (1 + j.opt.Added)))
			k.opt.Patience = int(math.Round(float64(j.opt.Patience) * (1 + j.opt.Added)))
		}
		t, err := k.fit(ctx, streamFinal, extra, values)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", arm, err)
		}
		note(arm, t.best.Predict(index))
	}
	return out, nil
}

// Mean is the mean error of an arm.
func (c *Comparison) Mean(arm Arm) float64 {
	mean, _ := moment(c.RMSE[arm])
	return mean
}

// Gain is by how much the error of an arm is below that of another, on
// average, and half the 95 % interval of that, by Student's t over the
// differences of the seeds.
func (c *Comparison) Gain(arm, over Arm) (mean, half float64) {
	d := make([]float64, len(c.RMSE[arm]))
	for i, v := range c.RMSE[arm] {
		d[i] = c.RMSE[over][i] - v
		mean += d[i] / float64(len(d))
	}
	for _, v := range d {
		half += (v - mean) * (v - mean)
	}
	free := len(d) - 1
	return mean, student(free) * math.Sqrt(half/float64(free*len(d)))
}

// student is the number that Student's t with so many degrees of freedom
// exceeds in absolute value one time in twenty. With t = √f*tan(a) its density
// is proportional to cos(a)^(f-1).
func student(free int) float64 {
	const steps = 2000
	area := func(to float64) (sum float64) { // from zero, by Simpson's rule
		for i := range steps + 1 {
			w := 2 + 2*float64(i%2)
			if i == 0 || i == steps {
				w = 1
			}
			sum += w * math.Pow(math.Cos(to*float64(i)/steps), float64(free-1))
		}
		return sum * to
	}
	low, high, want := 0.0, math.Pi/2, 0.95*area(math.Pi/2)
	for range 50 {
		if mid := (low + high) / 2; area(mid) < want {
			low = mid
		} else {
			high = mid
		}
	}
	return math.Sqrt(float64(free)) * math.Tan(low)
}
