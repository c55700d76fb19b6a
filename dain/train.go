package dain

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/polyad/polyad/tensor"
)

// The constants of Adam. Kingma & Ba 2015, arXiv 1412.6980.
const (
	adamFirst  = 0.9
	adamSecond = 0.999
	adamSmall  = 1e-8
)

// moments are Adam's averages for one block of parameters.
type moments struct{ first, second []float64 }

func (a *moments) step(x, grad []float64, rate float64) {
	g := a.second
	for i, v := range grad {
		a.first[i] = adamFirst*a.first[i] + (1-adamFirst)*v
		g[i] = adamSecond*g[i] + (1-adamSecond)*v*v
		x[i] -= rate * a.first[i] / (math.Sqrt(g[i]) + adamSmall)
	}
}

func newMoments(n int) moments { return moments{make([]float64, n), make([]float64, n)} }

// average is the share of the newest net in a mean over the epochs.
const average = 0.1

// trainer fits a net to cells, and keeps the state that served the
// validation cells best.
type trainer struct {
	opt         Options
	net         *Net
	index       [][]int32 // of the training cells
	targets     []float64
	valid       [][]int32
	validTarget []float64
	best        *Net
	bestError   float64 // root mean square of the validation cells, in units of scale
	bestEpoch   int
	checkpoints []*Net
	emb         []moments
	layers      []moments
	bias        []moments
	steps       int
}

func newTrainer(o Options, net *Net, index [][]int32, targets []float64, valid [][]int32, validTarget []float64) *trainer {
	t := &trainer{opt: o, net: net, index: index, targets: targets, valid: valid, validTarget: validTarget, bestError: math.Inf(1)}
	for _, e := range net.Embeddings {
		t.emb = append(t.emb, newMoments(len(e.Data)))
	}
	for l, w := range net.Weights {
		t.layers = append(t.layers, newMoments(len(w.Data)))
		t.bias = append(t.bias, newMoments(len(net.Biases[l])))
	}
	return t
}

// run makes the epochs. A checkpoint is kept every few of them, up
// to the best, which is the last. What counts is
// the moving mean of the nets at the ends of the epochs, which is better than
// each (Izmailov et al. 2018, arXiv 1803.05407): it is what is validated and
// kept.
func (t *trainer) run(ctx context.Context, rng *rand.Rand) error {
	p := newPass(t.net)
	mean := t.net.clone()
	pm := newPass(mean)
	every := max(1, t.opt.Epochs/t.opt.Checkpoints)
	grads := make([]*tensor.Matrix[float64], len(t.net.Embeddings))
	for n, e := range t.net.Embeddings {
		grads[n] = tensor.NewMatrix[float64](e.Rows, e.Cols)
	}
	for epoch := range t.opt.Epochs {
		if err := ctx.Err(); err != nil {
			return err
		}
		order := rng.Perm(len(t.targets))
		for lo := 0; lo < len(order); lo += t.opt.Batch {
			t.batch(p, grads, order, lo, min(lo+t.opt.Batch, len(order)))
		}
		mean.approach(t.net, math.Max(average, 1/float64(epoch+1)))
		s := 0.0
		for lo := 0; lo < len(t.validTarget); lo += batchOfPredict {
			pm.forward(t.valid, nil, lo, min(lo+batchOfPredict, len(t.validTarget)))
			s += pm.slopes(t.validTarget, 1)
		}
		if e := math.Sqrt(s / float64(len(t.validTarget))); e < t.bestError {
			t.best, t.bestError, t.bestEpoch = mean.clone(), e, epoch+1
		}
		if epoch+1-t.bestEpoch >= t.opt.Patience {
			break
		}
		if (epoch+1)%every == 0 {
			t.checkpoints = append(t.checkpoints, t.net.clone())
		}
	}
	t.checkpoints = t.checkpoints[:t.bestEpoch/every]
	if t.bestEpoch > 0 {
		t.checkpoints = append(t.checkpoints, t.best)
	}
	return nil
}

// batch makes one step of Adam. Only the embeddings of the batch's cells
// move.
func (t *trainer) batch(p *pass, grads []*tensor.Matrix[float64], order []int, lo, hi int) {
	p.forward(t.index, order, lo, hi)
	p.slopes(t.targets, hi-lo)
	p.backward()
	t.steps++
	rate := t.opt.Rate * math.Sqrt(1-math.Pow(adamSecond, float64(t.steps))) / (1 - math.Pow(adamFirst, float64(t.steps)))
	width := t.net.Embeddings[0].Cols
	for n, e := range t.net.Embeddings {
		g := grads[n]
		for k, c := range p.choice {
			row := g.Row(int(t.index[n][c]))
			for j, v := range p.d[0].Row(k)[n*width:][:width] {
				row[j] += v
			}
		}
		for _, c := range p.choice {
			i := int(t.index[n][c])
			row := g.Row(i)
			zero := true
			for _, v := range row {
				zero = zero && v == 0
			}
			if zero { // no derivative, or moved already
				continue
			}
			x := e.Row(i)
			for j := range row {
				row[j] += t.opt.Decay * x[j]
			}
			m := moments{t.emb[n].first[i*width:][:width], t.emb[n].second[i*width:][:width]}
			m.step(x, row, rate)
			clear(row)
		}
	}
	for l, w := range t.net.Weights {
		t.layers[l].step(w.Data, p.dw[l].Data, rate)
		t.bias[l].step(t.net.Biases[l], p.db[l], rate)
	}
}
