package cli

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// manyCounts is large enough for several blocks of work, and mostly zero.
func manyCounts() *tensor.Dense[float64] {
	rng := rand.New(rand.NewPCG(11, 0))
	x := tensor.New[float64](45, 33, 28)
	for range 4000 {
		i, j, k := rng.IntN(45), rng.IntN(33), rng.IntN(28)
		if i*j%7 < 4 {
			x.Set(x.At(i, j, k)+1, i, j, k)
		}
	}
	return x
}

// One seed gives the same bytes at any number of threads: with every solver
// on every kind of data, with losses, constraints and the choice of a rank, in
// completion, prediction, augmentation and communities.
func TestSameBytesAtAnyThreads(t *testing.T) {
	dir := t.TempDir()
	var runs [][]string
	add := func(args ...string) { runs = append(runs, args) }
	x := manyCounts()
	for _, k := range []kind{dense, sparsely, observed} {
		path, flags := k.save(t, dir, x)
		base := slices.Concat([]string{"decompose", path, "--rank", "3", "--max-iters", "2", "--starts", "1"}, flags)
		for _, s := range solvers {
			if s.costs[k] == "" {
				continue
			}
			args := append(slices.Clone(base), "--method", s.format)
			if s.format == "cp" {
				args = append(args, "--solver", s.name)
			}
			switch {
			case s.name == "adam":
				args = append(args, "--loss", "poisson", "--starts", "1", "--max-iters", "1")
			case s.name == "proximal":
				args = append(args, "--loss", "huber:1", "--constraint", "0=unimodal", "--constraint", "1=smooth:0.1")
			case s.name == "aoadmm":
				args = append(args, "--constraint", "0=nonneg,smooth:0.1", "--constraint", "2=simplex")
			case s.wants == "--eps":
				args = slices.Concat([]string{"decompose", path, "--eps", "0.5", "--method", s.format}, flags)
			case !s.loss(loss.Gaussian):
				args = append(args, "--loss", "poisson")
			case !s.limits("none"):
				args = append(args, "--nonneg")
			}
			add(args...)
		}
		add(append(base, "--loss", "poisson", "--solver", "lbfgsb")...)
	}
	small := x.Slice(0, 0, 14, 1).Slice(1, 0, 12, 1).Slice(2, 0, 10, 1).Contiguous()
	path, flags := observed.save(t, t.TempDir(), small)
	add(slices.Concat([]string{"decompose", path, "--loss", "poisson", "--max-rank", "2", "--constraint", "0=nonneg,smooth:0.1"}, flags)...)
	for _, how := range [][]string{{"--max-rank", "2"}, {"--method", "tucker", "--rank", "2", "--ridge", "0.1"}, {"--method", "tt", "--rank", "2", "--ridge", "0.1"}, {"--loss", "poisson", "--rank", "2"}, {"--nonneg", "--rank", "2"}} {
		add(slices.Concat([]string{"complete", path, "--folds", "2"}, flags, how)...)
	}
	add(slices.Concat([]string{"dain", path, "--epochs", "4"}, flags)...)
	pairs := filepath.Join(dir, "pairs.npy")
	if err := tensorio.Save(pairs, x.Slice(0, 0, 20, 1).Contiguous().Reshape(20, 14, 66)); err != nil { // 12 nodes
		t.Fatal(err)
	}
	add("connectome", pairs, "--rank", "2", "--starts", "1", "--restarts", "1")
	for k, args := range runs {
		var first []byte
		for threads := 1; threads <= 3; threads++ {
			out := filepath.Join(dir, strconv.Itoa(k)+".npz")
			flag := "-o"
			if args[0] == "complete" {
				flag = "--model"
			}
			run(t, exitOK, append(slices.Clone(args), flag, out, "--threads", strconv.Itoa(threads))...)
			b, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = b
			}
			if !bytes.Equal(b, first) {
				t.Errorf("%v: %d threads give other bytes than one", args, threads)
			}
		}
	}
}
