package rank

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/polyad/polyad/tensor"
)

// The thresholds of the decision; the package comment explains them.
const (
	exactHeldOut  = 1e-4 // a held-out error at which data count as exact
	consistent    = 50   // core consistency, in percent, below which components interact
	noiseExcess   = 2    // core excess up to which white noise may be what interacts
	degenerate    = -0.9 // cosine below which two components cancel
	reproducible  = 0.85 // factor match score from which components count as the same
	interacting   = "components interact"
	cancelling    = "two components cancel"
	unrepeatable  = "other starts give other components"
	notCheckable  = "cannot be checked for interaction, and a smaller rank failed"
	chosenVerdict = "chosen"
)

// heldOut is the relative error that stands for mean losses: what the
// compression lost is predicted by no model.
func (s *searchCP) heldOut(t *trial) float64 {
	return s.ground.heldOut(mean(t.loss))
}

func (g *ground) heldOut(loss float64) float64 {
	return math.Sqrt((loss + g.lost) / g.total)
}

// gap is by how much a predicts worse than b, in held-out error, and the
// standard error of that, from the differences fold by fold.
func (g *ground) gap(a, b []float64) (gap, se float64) {
	ea, eb := g.heldOut(mean(a)), g.heldOut(mean(b))
	d := make([]float64, len(a))
	for f := range d {
		d[f] = a[f] - b[f]
	}
	if ea+eb == 0 {
		return 0, 0
	}
	return ea - eb, standardError(d) / (g.total * (ea + eb))
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// standardError of the mean.
func standardError(v []float64) float64 {
	m, sum := mean(v), 0.0
	for _, x := range v {
		sum += (x - m) * (x - m)
	}
	n := float64(len(v))
	return math.Sqrt(sum / (n - 1) / n)
}

// bestOf is the place of the trial with the least mean loss among those that
// qualify; -1 if none does.
func bestOf(trials []*trial, qualifies func(*trial) bool) int {
	best := -1
	for i, t := range trials {
		if qualifies(t) && (best < 0 || mean(t.loss) < mean(trials[best].loss)) {
			best = i
		}
	}
	return best
}

// simplest is the place of the first trial that qualifies and predicts no
// worse than the best of them, within one standard error.
func (g *ground) simplest(trials []*trial, qualifies func(*trial) bool) int {
	best := bestOf(trials, qualifies)
	for i, t := range trials[:best+1] {
		if !qualifies(t) {
			continue
		}
		if g.heldOut(mean(t.loss)) <= exactHeldOut {
			return i
		}
		if gap, se := g.gap(t.loss, trials[best].loss); gap <= se {
			return i
		}
	}
	return best
}

// everyTrial qualifies.
func everyTrial(*trial) bool { return true }

// describe fills in the held-out figures, compared with the best trial.
func (g *ground) describe(trials []*trial, best int) {
	for _, t := range trials {
		t.HeldOut = g.heldOut(mean(t.loss))
		t.HeldOutSE = 0
		if t.HeldOut > 0 {
			t.HeldOutSE = standardError(t.loss) / (2 * t.HeldOut * g.total)
		}
		t.HeldOutGap, t.HeldOutGapSE = g.gap(t.loss, trials[best].loss)
	}
}

// nullLoss is the loss of predicting zero.
func nullLoss(folds []Fold, g *ground) []float64 {
	loss := make([]float64, len(folds))
	for f, part := range folds {
		loss[f] = square(part.Test.Norm()) / float64(part.Test.Count()) * float64(g.known.Count())
	}
	return loss
}

// noise reports that no candidate predicts better than zero does.
func (s *searchCP) noise(best int) bool {
	gain, se := s.ground.gap(nullLoss(s.folds, s.ground), s.trials[best].loss)
	return gain <= se
}

// decideCP fills in what follows from the trials.
func decideCP(ev *Evidence, s *searchCP, most int) {
	g := s.ground
	if len(s.folds) == 0 {
		t := s.trials[0]
		t.Verdict = chosenVerdict
		ev.Chosen, ev.Candidates = []int{1}, []Candidate{t.Candidate}
		ev.Reasons = []string{"rank 1: the data have too few numbers, or too few modes, to leave any out; no other rank was tried"}
		return
	}
	best := bestOf(s.trials, everyTrial)
	g.describe(s.trials, best)
	exact := s.trials[best].HeldOut <= exactHeldOut
	if !exact {
		s.setAside()
	}

	passes := func(t *trial) bool { return t.veto == "" }
	var warnings []string
	predictive := g.simplest(s.trials, everyTrial) // what held-out error alone would choose
	chosen := g.simplest(s.trials, passes)
	if s.trials[chosen].Ranks[0] == 1 && predictive > 0 {
		// Rank 1 passes every test of how components go together. If no
		// other candidate does, those tests cannot choose.
		passes = func(t *trial) bool { return t.veto != cancelling }
		chosen = g.simplest(s.trials, passes)
		if s.trials[chosen].Ranks[0] == 1 {
			passes = everyTrial
			chosen = predictive
		}
		warnings = append(warnings, "take single components with care: in every candidate above rank 1 components interact or cancel (see the core consistency), so the choice rests on held-out error; a sum of effects (a level plus a season, say) does that; subtracting the mean over a mode, or a non-negative model, may separate them")
	}
	c := s.trials[chosen]
	noise := s.noise(best)
	if noise {
		chosen, c = 0, s.trials[0]
	}

	for i, t := range s.trials {
		t.Verdict = verdict(s.trials, i, chosen, best)
		ev.Candidates = append(ev.Candidates, t.Candidate)
	}
	ev.Chosen = slices.Clone(c.Ranks)
	if noise {
		ev.Reasons = []string{
			fmt.Sprintf("rank 1, for want of less: no candidate predicts entries that were left out better than zero does (held-out error %s at rank 1; 1 is what zero gets)", amount(c.HeldOut, c.HeldOutSE)),
			"warning: this looks like noise; do not read anything into the component",
		}
		return
	}
	ev.Reasons = append(ev.Reasons, s.mainReason(chosen, best, exact))
	if s.ridge > 0 {
		ev.Reasons = append(ev.Reasons, fmt.Sprintf("without a penalty, components interact or cancel at every rank above 1, as those of a sum of effects do (a level plus a season, say); a ridge of %g on their size settles which of the many equivalent sums is meant, and then they have to come again from other starts", s.ridge))
	}
	ev.Reasons = append(ev.Reasons, s.vetoReasons(chosen)...)
	ev.Reasons = append(ev.Reasons, s.support(c, chosen)...)
	if chosen == len(s.trials)-1 && chosen+1 == most && most > 1 && !exact {
		warnings = append(warnings, fmt.Sprintf("%d is the largest rank that was tried; a larger one may predict better", most))
	}
	for _, w := range warnings {
		ev.Reasons = append(ev.Reasons, "warning: "+w)
	}
}

// setAside writes why candidates cannot be trusted component by component.
// With a ridge the core consistency says little, since penalised components
// interact a little on purpose; they have to repeat instead.
func (s *searchCP) setAside() {
	failed := false
	for _, t := range s.trials[1:] {
		switch {
		case t.Degeneracy < degenerate:
			t.veto = cancelling
		case s.ridge > 0:
			if t.StartsAgree < reproducible {
				t.veto = unrepeatable
			}
		case t.Corcondia < consistent && !t.excused():
			t.veto = interacting
		case failed && math.IsNaN(t.Corcondia):
			t.veto = notCheckable
		}
		failed = failed || t.veto == interacting
	}
}

// excused reports that white noise explains a low core consistency: the
// interactions are no larger than it makes them, and the components come
// again in halves of the data and from other starts.
func (t *trial) excused() bool {
	again := func(score float64) bool { return math.IsNaN(score) || score >= reproducible }
	return t.CoreExcess <= noiseExcess && again(t.SplitHalf) && again(t.StartsAgree)
}

// verdict is one phrase about a candidate.
func verdict(trials []*trial, i, chosen, best int) string {
	t := trials[i]
	switch {
	case i == chosen:
		return chosenVerdict
	case t.veto != "" && mean(t.loss) < mean(trials[chosen].loss):
		return t.veto
	case i > chosen && t.HeldOutGap <= t.HeldOutGapSE:
		return "predicts no better than a smaller rank"
	case i < chosen:
		return "too few: higher ranks predict better"
	}
	return "too many: predicts worse"
}

// mainReason says what the held-out error did.
func (s *searchCP) mainReason(chosen, best int, exact bool) string {
	c := s.trials[chosen]
	r := c.Ranks[0]
	text := fmt.Sprintf("rank %d: ", r)
	switch {
	case exact:
		return text + fmt.Sprintf("the smallest that predicts entries left out exactly (held-out error %.1g)", c.HeldOut)
	case chosen == best && r == 1:
		text += fmt.Sprintf("the held-out error is %s with one component", amount(c.HeldOut, c.HeldOutSE))
	case chosen == best:
		text += fmt.Sprintf("the held-out error falls until %d (%s)", r, amount(c.HeldOut, c.HeldOutSE))
	case s.trials[best].veto == "":
		b := s.trials[best]
		return text + fmt.Sprintf("its held-out error, %s, is within one standard error of the least, %s at %d", amount(c.HeldOut, c.HeldOutSE), amount(b.HeldOut, b.HeldOutSE), b.Ranks[0])
	default:
		return text + fmt.Sprintf("the least held-out error, %s, of the candidates whose components can be relied on", amount(c.HeldOut, c.HeldOutSE))
	}
	if chosen+1 < len(s.trials) {
		next := s.trials[chosen+1]
		text += fmt.Sprintf(" and does not improve after (%s at %d)", amount(next.HeldOut, next.HeldOutSE), next.Ranks[0])
	}
	return text
}

// vetoReasons names the candidates that predict better and were set aside.
func (s *searchCP) vetoReasons(chosen int) []string {
	var reasons []string
	for _, why := range []string{interacting, cancelling, unrepeatable, notCheckable} {
		var list []string
		for _, t := range s.trials {
			if gap, _ := s.ground.gap(t.loss, s.trials[chosen].loss); t.veto != why || gap >= 0 {
				continue
			}
			switch figure := fmt.Sprint(t.Ranks[0]); why {
			case interacting:
				list = append(list, fmt.Sprintf("%s (core consistency %s)", figure, percent(t.Corcondia)))
			case cancelling:
				list = append(list, fmt.Sprintf("%s (cosine %.2f)", figure, t.Degeneracy))
			case unrepeatable:
				list = append(list, fmt.Sprintf("%s (match %.2f)", figure, t.StartsAgree))
			default:
				list = append(list, figure)
			}
		}
		if len(list) > 0 {
			reasons = append(reasons, fmt.Sprintf("set aside though they predict better: rank %s: %s", strings.Join(list, ", "), map[string]string{
				interacting:  interacting + ", and noise does not explain it",
				cancelling:   cancelling,
				unrepeatable: unrepeatable,
				notCheckable: notCheckable,
			}[why]))
		}
	}
	return reasons
}

// support says how well the chosen components hold together and repeat.
func (s *searchCP) support(c *trial, chosen int) []string {
	if s.order < 3 {
		return []string{"with two modes or fewer (of size above 1) the components of a CP model are not unique: core consistency, split halves and agreement of starts do not apply, and the choice rests on held-out error alone"}
	}
	var reasons []string
	if !math.IsNaN(c.Corcondia) {
		text := fmt.Sprintf("core consistency %s at %d", percent(c.Corcondia), c.Ranks[0])
		if chosen+1 < len(s.trials) {
			if next := s.trials[chosen+1]; !math.IsNaN(next.Corcondia) {
				text += fmt.Sprintf(", %s at %d", percent(next.Corcondia), next.Ranks[0])
			}
		}
		switch {
		case c.Corcondia >= consistent || c.veto != "":
		case s.ridge > 0:
			text += "; of penalised components that says little"
		default:
			text += "; noise of this size explains that, so it is not held against the rank"
		}
		reasons = append(reasons, text)
	} else {
		reasons = append(reasons, fmt.Sprintf("core consistency does not apply at %d (a mode is smaller than the rank, or factors are linearly dependent)", c.Ranks[0]))
	}
	if !math.IsNaN(c.SplitHalf) {
		reasons = append(reasons, fmt.Sprintf("models of two halves of %s %s (factor match score %.2f)", s.name, match(c.SplitHalf), c.SplitHalf))
	}
	if !math.IsNaN(c.StartsAgree) && c.Ranks[0] > 1 {
		reasons = append(reasons, fmt.Sprintf("the two best of %d starts %s (factor match score %.2f); the most negative cosine between two components is %.2f", s.opt.Starts, match(c.StartsAgree), c.StartsAgree, c.Degeneracy))
	}
	return reasons
}

// modeName is the name, or else the number, of mode k of those longer than 1.
func modeName(x tensor.Tensor, k int) string {
	for n, size := range x.Shape() {
		if size == 1 {
			continue
		}
		if k == 0 {
			if name := x.Axes()[n].Name; name != "" {
				return "mode " + name
			}
			return fmt.Sprintf("mode %d", n)
		}
		k--
	}
	return ""
}

func match(score float64) string {
	if score >= reproducible {
		return "agree"
	}
	return "differ"
}

// amount writes a figure with its standard error, to two digits of the error.
func amount(v, se float64) string {
	digits := 3
	if se > 0 && !math.IsInf(se, 0) {
		digits = min(max(1-int(math.Floor(math.Log10(se))), 0), 9)
	}
	return fmt.Sprintf("%.*f ± %.*f", digits, v, digits, se)
}

// percent writes a core consistency; below zero its size says nothing.
func percent(v float64) string {
	if v < 0 {
		return "below zero"
	}
	return fmt.Sprintf("%.1f %%", v)
}
