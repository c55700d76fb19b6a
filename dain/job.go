package dain

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/polyad/polyad/tensor"
)

// The streams of random numbers, so that no two uses share one. Teacher k has
// streamNet+2k.
const (
	streamCells uint64 = iota + 1
	streamFinal
	streamCopies
	streamNet = 16
)

// job is what the nets of one run share: the cells, in standard units, and
// the nets that value new ones.
type job struct {
	opt         Options
	shape       []int
	train       *tensor.Observed
	index       [][]int32
	targets     []float64
	valid       [][]int32
	validTarget []float64
	known       map[string]bool // training and validation cells
	mean, scale float64
	teachers    []*trainer
}

func newJob(x *tensor.Observed, o Options) *job {
	train, valid := x.Split(o.Valid, o.Seed)
	if valid.Count() == 0 {
		train, valid = x.Split(1.5/float64(x.Count()), o.Seed)
	}
	j := &job{opt: o, shape: x.Shape(), train: train, index: lists(train), valid: lists(valid), known: make(map[string]bool, x.Count())}
	j.mean, j.scale = moment(train.Values())
	j.targets, j.validTarget = standard(train.Values(), j.mean, j.scale), standard(valid.Values(), j.mean, j.scale)
	at := make([]int32, len(j.shape))
	for e := range x.Count() {
		for n := range at {
			at[n] = x.Indices(n)[e]
		}
		j.known[key(at)] = true
	}
	return j
}

// fit trains a net on the known cells and those that are given, if any. The
// start depends on the number alone, so that arms can be compared.
func (j *job) fit(ctx context.Context, number uint64, extra [][]int32, values []float64) (*trainer, error) {
	rng := rand.New(rand.NewPCG(j.opt.Seed, number))
	net := newNet(j.shape, j.opt.Width, j.opt.Hidden, rng)
	net.mean, net.scale = j.mean, j.scale
	index, targets := j.index, j.targets
	if extra != nil {
		index = make([][]int32, len(j.shape))
		for n := range index {
			index[n] = slices.Concat(j.index[n], extra[n])
		}
		targets = slices.Concat(targets, standard(values, j.mean, j.scale))
	}
	t := newTrainer(j.opt, net, index, targets, j.valid, j.validTarget)
	if err := t.run(ctx, rng); err != nil {
		return nil, err
	}
	if math.IsInf(t.bestError, 1) {
		return nil, fmt.Errorf("the net diverged at rate %v; take a smaller one", j.opt.Rate)
	}
	return t, nil
}

// teach trains nets from different starts until there are so many.
func (j *job) teach(ctx context.Context, count int) error {
	for k := len(j.teachers); k < count; k++ {
		t, err := j.fit(ctx, streamNet+2*uint64(k), nil, nil)
		if err != nil {
			return err
		}
		j.teachers = append(j.teachers, t)
	}
	return nil
}

// predict is the mean of the teachers.
func (j *job) predict(index [][]int32) []float64 {
	values := make([]float64, len(index[0]))
	for _, t := range j.teachers {
		for e, v := range t.best.Predict(index) {
			values[e] += v / float64(len(j.teachers))
		}
	}
	return values
}

// draw chooses new cells by weights of the entities.
func (j *job) draw(weights [][]float64) [][]int32 {
	count := int(math.Round(j.opt.Added * float64(len(j.targets))))
	return cells(j.shape, count, weights, j.known, rand.New(rand.NewPCG(j.opt.Seed, streamCells)))
}
