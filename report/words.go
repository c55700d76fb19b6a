package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// Headline says in one sentence how much the model explains: "3 components
// explain 98.2% of unemployment.csv". What is explained is the sum of
// squares, 1 - (||X-M||/||X||)².
func Headline(in Input) string {
	what := orElse(shorten(in.Source, 60), "the tensor")
	var subject string
	many := false
	switch m := in.Model.(type) {
	case *cp.Tensor:
		subject, many = plural(m.Rank(), "component"), m.Rank() != 1
	case *tucker.Tensor:
		subject = "A Tucker core of " + times(m.Ranks())
	case *tt.Tensor:
		subject = ttSubject(m)
	default:
		subject = "The model"
	}
	e := in.Result.RelativeError
	verb, share := "explains", explained(e)
	if many {
		verb = "explain"
	}
	switch {
	case math.IsNaN(share):
		return subject + ": a model of " + what
	case e == 0 || in.Result.Stop == fit.Exact:
		return fmt.Sprintf("%s %s all of %s", subject, verb, what)
	case e < 1e-4:
		return fmt.Sprintf("%s %s %s to a relative error of %s", subject, verb, what, digits(e, 2))
	case share <= 0:
		return fmt.Sprintf("%s %s nothing of %s", subject, verb, what)
	}
	if _, least := lossOf(in.Result); !least {
		what = "the deviance of " + what
	}
	return fmt.Sprintf("%s %s %s of %s", subject, verb, percent(share), what)
}

func ttSubject(m *tt.Tensor) string {
	inner := m.Ranks()
	inner = inner[1 : len(inner)-1]
	switch {
	case len(inner) == 0:
		return "A tensor train"
	case len(inner) == 1:
		return fmt.Sprintf("A tensor train of rank %d", inner[0])
	case len(inner) <= 6:
		s := make([]string, len(inner))
		for i, r := range inner {
			s[i] = count(int64(r))
		}
		return strings.Replace("A tensor train of ranks "+list(s), "and ", "and\u00a0", 1)
	}
	top := 0
	for _, r := range inner {
		top = max(top, r)
	}
	return "A tensor train of rank " + count(int64(top))
}

// explained is the part of the sum of squares that a model accounts for.
func explained(relativeError float64) float64 { return 1 - relativeError*relativeError }

// explainedText writes it; a model that is not exact never explains 100%.
func explainedText(relativeError float64) string {
	if relativeError > 1e-14 && relativeError < 1e-5 {
		return ">99.999999%"
	}
	return percent(max(0, explained(relativeError)))
}

// methodName is the method in words; names that are not known are left as
// they are.
func methodName(name string, m Model) string {
	words := map[string]string{
		"cp-als": "CP by alternating least squares", "cp.als": "CP by alternating least squares",
		"cp-hals": "non-negative CP by hierarchical alternating least squares", "cp.hals": "non-negative CP by hierarchical alternating least squares",
		"cp.constrained": "CP under constraints by alternating optimisation", "cp.gaussnewton": "CP by damped Gauss–Newton steps",
		"cp.ccd": "CP by coordinate descent", "cp.arlslev": "CP by least squares on samples that leverage scores choose",
		"cp.apr": "non-negative CP by alternating Poisson regression", "cp.gcp": "generalised CP by L-BFGS-B", "cp.gcpadam": "generalised CP by sampled gradients",
		"tucker-sthosvd": "Tucker by sequentially truncated SVD", "tucker.sthosvd": "Tucker by sequentially truncated SVD",
		"tucker-hooi": "Tucker by higher-order orthogonal iteration", "tucker.hooi": "Tucker by higher-order orthogonal iteration",
		"tt-svd": "tensor train by successive SVD", "tt.svd": "tensor train by successive SVD",
	}
	if w, ok := words[strings.ToLower(name)]; ok {
		return w
	}
	if name != "" {
		return name
	}
	return formatName(m)
}

func formatName(m Model) string {
	switch m.(type) {
	case *cp.Tensor:
		return "CP"
	case *tucker.Tensor:
		return "Tucker"
	}
	return "tensor train"
}

// sliceNote says what the measures of slices are.
func sliceNote(in Input) string {
	if _, least := lossOf(in.Result); !least {
		return "A slice is all entries that share one index of a mode. Its relative error is the square root of its deviance beside that of a constant; its share is its part of the whole deviance, and the slices with the largest are listed."
	}
	text := "A slice is all entries that share one index of a mode. Its relative error is what the model misses there, compared with the size of the slice; its share is its part of everything that the model misses."
	if _, ok := asListed(in.Data); ok {
		text += " The slices with the largest share are listed."
	}
	return text
}

// stopWords says why the iterations ended.
func stopWords(r fit.Result) string {
	switch r.Stop {
	case fit.Converged:
		return "converged: another iteration would have changed next to nothing"
	case fit.Exact:
		return "exact: the error is at the level of rounding"
	case fit.MaxIters:
		return "stopped by the limit on iterations; more may improve the fit"
	case fit.Direct:
		return "computed directly, without iterations"
	case fit.Cancelled:
		return "cancelled before it was done"
	}
	return string(r.Stop)
}

// term is an entry of the glossary.
type term struct{ Word, Meaning string }

func glossary(in Input) []term {
	terms := []term{
		{"Mode", "One direction of the table: here each of the axes listed under “The tensor”."},
		{"Explained", "The part of the sum of squared values that the model accounts for: 1 − (relative error)². If values are all far above zero, a large part is explained by their mean alone."},
		{"Relative error", "The length of what the model misses, ‖X − M‖, divided by the length of the data, ‖X‖. Fit is 1 minus this."},
	}
	if _, least := lossOf(in.Result); !least {
		terms = append(terms[:1],
			term{"Deviance", "Twice what the loss of the model, " + in.Result.Loss + ", is above that of a model that is best at each cell. Zero is perfect."},
			term{"Explained", "The part of the deviance of a constant that the model accounts for: 1 − (relative error)²."})
	}
	switch in.Model.(type) {
	case *cp.Tensor:
		terms = append(terms,
			term{"Component", "A pattern that is the product of one profile for each mode. The model is the sum of the components."},
			term{"Loading", "How strongly an index (a label, a year, …) takes part in a component. Loadings of opposite sign pull in opposite directions; a sign may be turned over on two modes at once."},
			term{"Weight", "The size of a component, when all its profiles have length 1."})
	case *tucker.Tensor:
		terms = append(terms,
			term{"Factor", "A few typical profiles of one mode, at right angles to each other. Only the space they span is fixed by the data, so look at a profile together with the core."},
			term{"Core", "Says how strongly each combination of profiles, one for each mode, occurs."})
	case *tt.Tensor:
		terms = append(terms,
			term{"Tensor train", "A chain of small blocks, one for each mode, that are multiplied to give any entry of the tensor."},
			term{"Rank of a bond", "How many numbers are passed from the modes on the left to those on the right: how much the two sides have to do with each other."})
	}
	if in.Evidence != nil {
		terms = append(terms, term{"Held-out error", "The relative error on entries that were hidden from the fit. It grows again when a model begins to learn noise."})
		if _, ok := in.Model.(*cp.Tensor); ok {
			terms = append(terms,
				term{"CORCONDIA", "Core consistency: 100 if the components act independently of each other, near zero or negative if there are too many of them."},
				term{"Split-half, starts agree", "How alike the components are when found in two halves of the data, or from different random starts: 1 is the same, 0 is unrelated."},
				term{"Degeneracy", "Two components that cancel each other: a cosine near −1 is a warning."})
		}
	}
	return append(terms, term{"Slice", "All entries that share one index of one mode, such as one year."})
}
