package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/polyad/polyad/constraint"
	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/stream"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// kind is a kind of data, as far as the choice of a method goes.
type kind string

const (
	dense    kind = "dense"
	sparsely kind = "sparse"   // cells that are not listed are zero
	observed kind = "observed" // cells that are not listed are unknown
	slabs    kind = "slabs"    // in a file that is larger than memory
)

var kinds = []kind{dense, sparsely, observed, slabs}

func kindOf(x tensor.Tensor) kind {
	switch x.(type) {
	case *sparse.COO[float64], *sparse.COO[float32]:
		return sparsely
	case *tensor.Observed:
		return observed
	case *stream.Tensor, *stream.Journaled:
		return slabs
	}
	return dense
}

// solver is one line of the table of all that decompose can run. The flags,
// their refusals and polyad methods are made of it.
type solver struct {
	name   string // for --solver
	format string
	calls  string // the function of the library
	costs  map[kind]string
	loss   func(loss.Loss) bool
	limits func(words string) bool // what it can ask of factors, in the words of constraint.Parse
	every  bool                    // a limit is that of all modes
	paper  string
	// most is the number of cells up to which it is chosen where it has to
	// walk over zeros that are not stored.
	most float64
	// ridge says what --ridge multiplies: squares relative to the data, plain
	// squares, or that it has no such penalty.
	ridge penalty
	// wants is a flag that chooses it.
	wants string
	// listed is the number of bytes a cell that lists of the cells of dense data
	// take, for a tensor of an order; nil: none are made.
	listed func(order float64) float64
	run    func(ctx context.Context, x tensor.Tensor, j job) (model.Model, fit.Result, error)
}

type penalty int

const (
	noPenalty penalty = iota
	relative
	plain
)

func gaussian(l loss.Loss) bool { return l.String() == loss.Gaussian.String() }
func poisson(l loss.Loss) bool  { return l.String() == loss.Poisson.String() }
func anyLoss(loss.Loss) bool    { return true }

func only(names ...string) func(string) bool {
	return func(c string) bool { return slices.Contains(names, c) }
}

func anyLimit(string) bool { return true }

// Costs of an iteration, with C cells, Z entries that are listed, N modes, R
// components.
const (
	perCell  = "C·R"
	perEntry = "Z·N·R"
	perRow   = "Z·N·R²"
	perWalk  = "C·N·R"
)

// solvers are in the order in which they are preferred.
var solvers = []solver{
	{name: "als", format: "cp", ridge: relative, calls: "cp.ALS", loss: gaussian, limits: only("none"),
		costs: map[kind]string{dense: perCell, sparsely: perEntry, observed: perRow, slabs: perCell},
		paper: "Carroll & Chang 1970, Harshman 1970; Phan, Tichavský & Cichocki 2013", run: options(cp.ALS)},
	{name: "hals", format: "cp", ridge: relative, calls: "cp.HALS", loss: gaussian, limits: only("nonneg"), every: true,
		costs: map[kind]string{dense: perCell, sparsely: perEntry, observed: perRow, slabs: perCell},
		paper: "Cichocki & Phan 2009", run: options(cp.HALS)},
	{name: "aoadmm", format: "cp", calls: "cp.Constrained", loss: gaussian, limits: anyLimit,
		costs: map[kind]string{dense: perWalk, sparsely: perEntry, observed: perRow},
		paper: "Huang, Sidiropoulos & Liavas 2016; Roald et al. 2022", run: runConstrained},
	{name: "gauss-newton", format: "cp", ridge: relative, calls: "cp.GaussNewton", loss: gaussian, limits: only("none"),
		costs: map[kind]string{dense: perWalk, sparsely: perEntry},
		paper: "Phan, Tichavský & Cichocki 2013; Sorber et al. 2013", run: options(cp.GaussNewton)},
	{name: "ccd", format: "cp", ridge: relative, calls: "cp.CCD", loss: gaussian, limits: only("none"),
		costs: map[kind]string{observed: perEntry},
		paper: "Yu, Hsieh, Si & Dhillon 2012; Karlsson, Kressner & Uschmajew 2016", run: runCCD},
	{name: "arls-lev", format: "cp", ridge: relative, listed: listedByFibre, calls: "cp.ARLSLEV", loss: gaussian, limits: only("none"),
		costs: map[kind]string{dense: "S·N·R²", sparsely: "S·N·R²"},
		paper: "Larsen & Kolda 2022", run: runLev},
	{name: "apr", format: "cp", listed: listedByRow, calls: "cp.APR", loss: poisson, limits: only("none", "nonneg"), every: true,
		costs: map[kind]string{dense: perRow, sparsely: perRow, observed: perRow},
		paper: "Chi & Kolda 2012; Hansen, Plantenga & Kolda 2015", run: runAPR("")},
	{name: "apr-pqnr", format: "cp", listed: listedByRow, calls: "cp.APR", loss: poisson, limits: only("none", "nonneg"), every: true,
		costs: map[kind]string{dense: perEntry, sparsely: perEntry, observed: perEntry},
		paper: "Hansen, Plantenga & Kolda 2015", run: runAPR(cp.PQNR)},
	{name: "apr-mu", format: "cp", listed: listedByRow, calls: "cp.APR", loss: poisson, limits: only("none", "nonneg"), every: true,
		costs: map[kind]string{dense: perEntry, sparsely: perEntry, observed: perEntry},
		paper: "Chi & Kolda 2012", run: runAPR(cp.MU)},
	{name: "lbfgsb", format: "cp", ridge: plain, calls: "cp.GCP", loss: anyLoss, limits: only("none", "nonneg"), every: true, most: 1 << 27,
		costs: map[kind]string{dense: perWalk, sparsely: perWalk, observed: perEntry},
		paper: "Hong, Kolda & Duersch 2020", run: runGCP},
	{name: "adam", format: "cp", ridge: plain, listed: listedToSample, calls: "cp.GCPAdam", loss: anyLoss, limits: only("none", "nonneg"), every: true,
		costs: map[kind]string{dense: "1000·S·N·R", sparsely: "1000·S·N·R", observed: "1000·S·N·R"},
		paper: "Kolda & Hong 2020", run: runAdam},
	{name: "proximal", format: "cp", calls: "cp.GCP", loss: anyLoss, limits: anyLimit, most: 1 << 27,
		costs: map[kind]string{dense: perWalk, sparsely: perWalk, observed: perEntry},
		paper: "Wright, Nowak & Figueiredo 2009; Themelis, Stella & Patrinos 2018", run: runProximal},
	{name: "hooi", format: "tucker", calls: "tucker.HOOI", loss: gaussian, limits: only("none"), wants: "--rank",
		costs: map[kind]string{dense: "C·N·R", sparsely: "Z·R^(N-1)", slabs: "C·N·R"},
		paper: "De Lathauwer, De Moor & Vandewalle 2000", run: runTucker},
	{name: "sthosvd", format: "tucker", calls: "tucker.STHOSVD", loss: gaussian, limits: only("none"), wants: "--eps",
		costs: map[kind]string{dense: "C·max I, once", sparsely: "C·R, once", slabs: "C·max I, once"},
		paper: "Vannieuwenhoven, Vandebril & Meerbergen 2012", run: runTucker},
	{name: "als", format: "tucker", ridge: relative, calls: "tucker.Complete", loss: gaussian, limits: only("none"), wants: "--rank",
		costs: map[kind]string{observed: "Z·(N·R^N + N·R²)"},
		paper: "Tomasi & Bro 2005", run: runTuckerPartly},
	{name: "svd", format: "tt", calls: "tt.SVD", loss: gaussian, limits: only("none"),
		costs: map[kind]string{dense: "C·I·R, once", sparsely: "Z·R², once", slabs: "C·I·R, once"},
		paper: "Oseledets 2011", run: runTT},
	{name: "als", format: "tt", ridge: relative, calls: "tt.Complete", loss: gaussian, limits: only("none"), wants: "--rank",
		costs: map[kind]string{observed: "Z·N·R⁴"},
		paper: "Grasedyck, Kluge & Krämer 2015", run: runTTPartly},
}

// What lists of cells take: a value and an index a mode, and for fibres a key
// and a place a mode; for rows and samples by measurement of orders 3 and 4.
func listedByFibre(order float64) float64  { return 16 + 16*order }
func listedByRow(order float64) float64    { return 40*order - 30 }
func listedToSample(order float64) float64 { return 64 + 10*order }

// solverNames are the values of --solver.
func solverNames() []string {
	names := []string{"auto"}
	for _, s := range solvers {
		if s.format == "cp" {
			names = append(names, s.name)
		}
	}
	return names
}

// cost of an iteration under a loss. Gradients of a sparse tensor need no
// walk over its zeros where their sum has a closed form.
func (s *solver) cost(k kind, l loss.Loss) string {
	c := s.costs[k]
	if power, _ := l.AtZero(); s.most > 0 && k == sparsely && power > 0 {
		return perEntry
	}
	return c
}

func (s *solver) takes(format string, k kind, l loss.Loss, limits []string) bool {
	if s.format != format || s.costs[k] == "" || !s.loss(l) || k == sparsely && !l.Allows(0) {
		return false
	}
	for _, c := range limits {
		if !s.limits(c) || s.every && c != limits[0] || l.Lower() == 0 && orthonormal(c) {
			return false
		}
	}
	return true
}

// orthonormal reports columns that have negative entries.
func orthonormal(limit string) bool { return strings.HasPrefix(limit, "orthonormal") }

// able are the solvers for a combination; limits are what is asked of the
// modes, each in the words of constraint.Names, one of all if they agree.
func able(format string, k kind, l loss.Loss, limits []string) []*solver {
	var out []*solver
	for i := range solvers {
		if solvers[i].takes(format, k, l, limits) {
			out = append(out, &solvers[i])
		}
	}
	return out
}

// refusal says why a combination does not run.
func refusal(format string, k kind, l loss.Loss, limits []string) string {
	free := !slices.ContainsFunc(limits, func(c string) bool { return c != "none" })
	switch {
	case format != "cp" && !gaussian(l):
		return fmt.Sprintf("the loss %s is for --method cp; %s models are fitted by least squares", l, format)
	case format != "cp" && !free:
		return fmt.Sprintf("constraints are for --method cp, not %s", format)
	case k == sparsely && !l.Allows(0):
		return fmt.Sprintf("cells that a sparse tensor does not list are 0, which is outside of the domain of the loss %s; --observed takes them as unknown", l)
	case k == slabs && !gaussian(l):
		return fmt.Sprintf("the loss %s needs the data in memory, not in slabs", l)
	case k == slabs:
		return "of the constraints, slabs allow nonneg on all modes alone; others need the data in memory"
	}
	return fmt.Sprintf("the loss %s keeps every factor from being negative, and columns without negative entries are orthonormal only if no two share a row; use simplex or unit, or --loss gaussian", l)
}

// choose finds the solver for a job: the one that --solver names, or the
// first that does it.
func choose(format string, x tensor.Tensor, j job) (*solver, error) {
	cells := tensor.Cells(x.Shape())
	return pick(format, kindOf(x), cells, j)
}

// pick is choose for a kind of data with this many cells.
func pick(format string, k kind, cells float64, j job) (*solver, error) {
	limits := limitsOf(j.sets)
	list := able(format, k, j.loss, limits)
	if len(list) == 0 {
		why := refusal(format, k, j.loss, limits)
		return nil, errors.New(why)
	}
	var names []string
	for _, s := range list {
		names = append(names, s.name)
	}
	if j.solver != "auto" {
		if at := slices.Index(names, j.solver); at >= 0 {
			if j.ridge > 0 && list[at].ridge == noPenalty {
				return nil, fmt.Errorf("--solver %s has no ridge; leave --ridge away, or choose another solver", j.solver)
			}
			return list[at], nil
		}
		return nil, fmt.Errorf("--solver %s does not run here: for %s data, the loss %s and the constraints asked for there are %s",
			j.solver, k, j.loss, strings.Join(names, ", "))
	}
	power, _ := j.loss.AtZero()
	for _, s := range list {
		walks := s.most > 0 && k == sparsely && power == 0
		if walks && cells > s.most || j.ridge > 0 && s.ridge == noPenalty ||
			s.wants == "--eps" && j.eps == 0 || s.wants == "--rank" && j.eps > 0 {
			continue
		}
		return s, nil
	}
	switch {
	case format == "cp" && j.ridge > 0 && !slices.ContainsFunc(list, func(s *solver) bool { return s.ridge != noPenalty }):
		return nil, errors.New("--ridge with these constraints: write the penalty as a constraint, all=l2:X")
	case format != "cp" && j.ridge > 0:
		return nil, fmt.Errorf("--ridge is for --method cp, and for %s where cells are unknown (--observed)", format)
	case j.eps > 0:
		return nil, fmt.Errorf("--eps %v needs all cells, and some are unknown: give --rank R or --rank auto", j.eps)
	}
	return list[0], nil
}

// limitsOf is what sets ask for, in the words of constraint.Parse: one text a
// mode, or one alone if all agree.
func limitsOf(sets []constraint.Set) []string {
	var words []string
	for _, s := range sets {
		words = append(words, s.String())
	}
	if len(slices.Compact(slices.Clone(words))) <= 1 {
		words = words[:min(1, len(words))]
	}
	if len(words) == 0 {
		words = []string{"none"}
	}
	return words
}

// nonnegative reports whether bounds are asked of the modes that keep their
// factors from being negative, and nothing else.
func nonnegative(sets []constraint.Set) bool {
	limits := limitsOf(sets)
	return len(limits) == 1 && limits[0] == "nonneg"
}

func options(method func(context.Context, cp.Data, cp.Options) (*cp.Tensor, fit.Result, error)) func(context.Context, tensor.Tensor, job) (model.Model, fit.Result, error) {
	return func(ctx context.Context, x tensor.Tensor, j job) (model.Model, fit.Result, error) {
		d, err := cpData(x)
		if err != nil {
			return nil, fit.Result{}, err
		}
		return asModel(method(ctx, d, cp.Options{Rank: j.ranks[0], Ridge: j.ridge, Compress: j.compress(), Options: j.fit}))
	}
}

func runConstrained(ctx context.Context, x tensor.Tensor, j job) (model.Model, fit.Result, error) {
	d, err := cpData(x)
	if err != nil {
		return nil, fit.Result{}, err
	}
	return asModel(cp.Constrained(ctx, d, cp.ConstrainedOptions{Rank: j.ranks[0], Constraints: j.sets, Options: j.fit}))
}

func runCCD(ctx context.Context, x tensor.Tensor, j job) (model.Model, fit.Result, error) {
	return asModel(cp.CCD(ctx, x.(*tensor.Observed), cp.Options{Rank: j.ranks[0], Ridge: j.ridge, Options: j.fit}))
}

// elementwise is the data for methods that look at each cell.
func elementwise(x tensor.Tensor) (cp.Elementwise, error) {
	if d, ok := x.(cp.Elementwise); ok && isReal(x) {
		return d, nil
	}
	return nil, fmt.Errorf("a CP decomposition needs real numbers; these are complex")
}

func runLev(ctx context.Context, x tensor.Tensor, j job) (model.Model, fit.Result, error) {
	d, err := elementwise(x)
	if err != nil {
		return nil, fit.Result{}, err
	}
	return asModel(cp.ARLSLEV(ctx, d, cp.LevOptions{Options: cp.Options{Rank: j.ranks[0], Ridge: j.ridge, Options: j.fit}}))
}

func runAPR(how cp.APRSolver) func(context.Context, tensor.Tensor, job) (model.Model, fit.Result, error) {
	return func(ctx context.Context, x tensor.Tensor, j job) (model.Model, fit.Result, error) {
		d, err := elementwise(x)
		if err != nil {
			return nil, fit.Result{}, err
		}
		return asModel(cp.APR(ctx, d, cp.APROptions{Rank: j.ranks[0], Solver: how, Options: j.fit}))
	}
}

func (j job) gcp() cp.GCPOptions {
	return cp.GCPOptions{Rank: j.ranks[0], Loss: j.loss, Ridge: j.ridge, Nonneg: nonnegative(j.sets), Options: j.fit}
}

func runGCP(ctx context.Context, x tensor.Tensor, j job) (model.Model, fit.Result, error) {
	d, err := elementwise(x)
	if err != nil {
		return nil, fit.Result{}, err
	}
	return asModel(cp.GCP(ctx, d, j.gcp()))
}

// runProximal asks the modes for what --constraint says, nonneg too.
func runProximal(ctx context.Context, x tensor.Tensor, j job) (model.Model, fit.Result, error) {
	d, err := elementwise(x)
	if err != nil {
		return nil, fit.Result{}, err
	}
	opt := cp.GCPOptions{Rank: j.ranks[0], Loss: j.loss, Constraints: j.sets, Options: j.fit}
	if opt.Constraints == nil {
		opt.Constraints = []constraint.Set{}
	}
	return asModel(cp.GCP(ctx, d, opt))
}

func runTuckerPartly(ctx context.Context, x tensor.Tensor, j job) (model.Model, fit.Result, error) {
	ranks, err := spread(j.ranks, len(x.Shape()), "tucker", "one a mode")
	if err != nil {
		return nil, fit.Result{}, err
	}
	return asModel(tucker.Complete(ctx, x.(*tensor.Observed), tucker.CompleteOptions{Ranks: ranks, Penalty: fit.Penalty{Ridge: j.ridge}, Options: j.fit}))
}

func runTTPartly(ctx context.Context, x tensor.Tensor, j job) (model.Model, fit.Result, error) {
	ranks, err := spread(j.ranks, len(x.Shape())-1, "tt", "one between neighbouring modes")
	if err != nil {
		return nil, fit.Result{}, err
	}
	return asModel(tt.Complete(ctx, x.(*tensor.Observed), tt.CompleteOptions{Ranks: ranks, Penalty: fit.Penalty{Ridge: j.ridge}, Options: j.fit}))
}

func runAdam(ctx context.Context, x tensor.Tensor, j job) (model.Model, fit.Result, error) {
	d, err := elementwise(x)
	if err != nil {
		return nil, fit.Result{}, err
	}
	return asModel(cp.GCPAdam(ctx, d, cp.AdamOptions{GCPOptions: j.gcp()}))
}
