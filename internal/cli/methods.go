package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/rank"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// job is what the flags of decompose ask of a method.
type job struct {
	ranks   []int   // one number, or a list; nil with eps
	eps     float64 // relative error to keep; 0: by ranks
	loss    loss.Loss
	sets    []constraint.Set // of each mode; nil: nothing is asked
	solver  string           // auto, or that of CP
	limits  []limit          // what sets are resolved from
	ridge   float64          // of CP
	maxRank int              // of --rank auto; 0: by the shape
	room    int64            // bytes beside the data; 0: no limit
	random  bool             // Tucker from random ranges
	frugal  bool             // memory is limited: CP is not compressed, whose core the plan cannot foresee
	fit     fit.Options
}

// compress says whether CP may compress the data.
func (j job) compress() cp.Compression {
	if j.frugal {
		return cp.Never
	}
	return cp.Auto
}

// method is one line of the list of formats that the command line offers.
type method struct {
	name string
	// auto chooses the ranks.
	auto func(ctx context.Context, x tensor.Tensor, opt rank.Options) (*rank.Evidence, error)
	// plan predicts memory and work.
	plan func(shape []int, bytes int, j job) (fit.Plan, error)
	// estimate is plan with the ranks that eps will choose, guessed from
	// elements of the data; nil if it cannot tell.
	estimate func(x *sampled, bytes int, eps float64) (fit.Plan, []int, error)
}

var methods = []method{
	{"cp", autoCP, planCP, nil},
	{"tucker", autoTucker, planTucker, estimateTucker},
	{"tt", autoTT, planTT, estimateTT},
}

func methodNames() []string {
	names := make([]string, len(methods))
	for i, m := range methods {
		names[i] = m.name
	}
	return names
}

func methodByName(name string) method {
	return methods[slices.IndexFunc(methods, func(m method) bool { return m.name == name })]
}

func cpData(x tensor.Tensor) (cp.Data, error) {
	if d, ok := x.(cp.Data); ok && isReal(x) {
		return d, nil
	}
	return nil, fmt.Errorf("a CP decomposition needs real numbers; these are complex")
}

func isReal(x tensor.Tensor) bool {
	switch x.(type) {
	case *tensor.Dense[complex64], *tensor.Dense[complex128]:
		return false
	}
	return true
}

func autoCP(ctx context.Context, x tensor.Tensor, opt rank.Options) (*rank.Evidence, error) {
	d, err := cpData(x)
	if err != nil {
		return nil, err
	}
	return rank.CP(ctx, d, opt)
}

// unfolded is a tensor as data for a kind of model.
func unfolded(x tensor.Tensor, model string) (tensor.Unfolded, error) {
	if d, ok := x.(tensor.Unfolded); ok && isReal(x) {
		return d, nil
	}
	return nil, fmt.Errorf("a %s decomposition needs real numbers; these are complex", model)
}

func runTucker(ctx context.Context, x tensor.Tensor, j job) (model.Model, fit.Result, error) {
	d, err := unfolded(x, "Tucker")
	if err != nil {
		return nil, fit.Result{}, err
	}
	if j.eps != 0 {
		return asModel(tucker.STHOSVD(ctx, d, tucker.Options{Eps: j.eps, Room: j.room, Options: j.fit}))
	}
	ranks, err := spread(j.ranks, len(x.Shape()), "tucker", "one a mode")
	if err != nil {
		return nil, fit.Result{}, err
	}
	return asModel(tucker.HOOI(ctx, d, tucker.Options{Ranks: ranks, Randomized: j.random, Room: j.room, Options: j.fit}))
}

func autoTucker(ctx context.Context, x tensor.Tensor, opt rank.Options) (*rank.Evidence, error) {
	d, err := unfolded(x, "Tucker")
	if err != nil {
		return nil, err
	}
	return rank.Tucker(ctx, d, opt)
}

func runTT(ctx context.Context, x tensor.Tensor, j job) (model.Model, fit.Result, error) {
	d, err := unfolded(x, "tensor-train")
	if err != nil {
		return nil, fit.Result{}, err
	}
	opt := tt.Options{Eps: j.eps, Room: j.room, Options: j.fit}
	if j.eps == 0 {
		if opt.Ranks, err = spread(j.ranks, len(x.Shape())-1, "tt", "one between neighbouring modes"); err != nil {
			return nil, fit.Result{}, err
		}
	}
	return asModel(tt.SVD(ctx, d, opt))
}

func autoTT(ctx context.Context, x tensor.Tensor, opt rank.Options) (*rank.Evidence, error) {
	d, err := unfolded(x, "tensor-train")
	if err != nil {
		return nil, err
	}
	return rank.TT(ctx, d, opt)
}

// asModel hides the format of a result, and keeps a nil model nil.
func asModel[M interface {
	comparable
	model.Model
}](m M, r fit.Result, err error) (model.Model, fit.Result, error) {
	var none M
	if m == none {
		return nil, r, err
	}
	return m, r, err
}

// spread makes one number serve every place of a list.
func spread(ranks []int, n int, method, per string) ([]int, error) {
	switch len(ranks) {
	case n:
		return ranks, nil
	case 1:
		return slices.Repeat(ranks, n), nil
	}
	return nil, fmt.Errorf("--rank %s: %s takes one number or %d, %s", joinInts(ranks), method, n, per)
}

func joinInts(list []int) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = strconv.Itoa(v)
	}
	return strings.Join(parts, ",")
}

// parseRank reads --rank: auto gives nil.
func parseRank(s string) ([]int, error) {
	if s == "auto" || s == "" {
		return nil, nil
	}
	var out []int
	for _, p := range strings.Split(s, ",") {
		r, err := strconv.Atoi(strings.TrimSpace(p))
		if errors.Is(err, strconv.ErrRange) {
			return nil, fmt.Errorf("--rank %s: a smaller number is expected", s)
		}
		if err != nil {
			return nil, fmt.Errorf("--rank %s: %q is no whole number; R, R1,R2,… or auto is expected", s, p)
		}
		if r < 1 {
			return nil, fmt.Errorf("--rank %s: a rank is at least 1", s)
		}
		out = append(out, r)
	}
	return out, nil
}
