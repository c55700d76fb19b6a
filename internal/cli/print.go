package cli

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/rank"
	"github.com/polyad/polyad/report"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// line prints a labelled line; more lines of the same label are indented.
func (a *app) line(label string, texts ...string) {
	for i, text := range texts {
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(a.stdout, "%-10s %s\n", label, text)
	}
}

// file prints what was read.
func (a *app) file(path string, f *tensorio.File) {
	a.line("file", fmt.Sprintf("%s  %s, %s", path, f.Format, size(f.Bytes)))
}

// notes prints them, wrapped.
func (a *app) notes(notes []string) {
	for _, n := range notes {
		a.line("note", wrap(n, 96)...)
	}
}

// printDecomposition is what a person sees after decompose.
func (a *app) printDecomposition(path string, file *tensorio.File, m model.Model, d decomposition, f decomposeFlags) error {
	a.file(path, file)
	about := describeTensor(d.Shape, d.Axes, d.Observed)
	if d.Data == sparsely {
		about = fmt.Sprintf("%s, sparse: %s of %s cells are not zero", describeModes(d.Shape, d.Axes), count(d.NonZeros), countCells(d.Shape))
	}
	a.line("tensor", about)
	a.notes(d.Notes)
	a.printEvidence(d.Evidence)
	a.line("model", fmt.Sprintf("%s rank %s, %s parameters for %s cells (%s×)", formatName(d.Method), joinInts(model.Ranks(m)),
		count(d.Parameters), countCells(d.Shape), num(d.Compression)))
	how := fmt.Sprintf("%s%%  relative error %s; %s, %d iterations, %s, seed %d",
		fixed(100*d.Fit, 2), num(d.RelativeError), d.Algorithm, d.Iterations, d.Stop, d.Seed)
	if d.Loss != loss.Gaussian.String() {
		how = fmt.Sprintf("deviance %s, loss %s; %s%% of the deviance explained; %s, %d iterations, %s, seed %d",
			num(d.Deviance), d.Loss, fixed(100*(1-d.RelativeError*d.RelativeError), 2), d.Algorithm, d.Iterations, d.Stop, d.Seed)
	}
	if d.Ridge > 0 {
		how += ", ridge " + num(d.Ridge)
	}
	a.line("fit", how)
	fmt.Fprintln(a.stdout)
	switch m := m.(type) {
	case *cp.Tensor:
		a.printComponents(m)
	case *tucker.Tensor:
		a.printInteractions(m)
	case *tt.Tensor:
		a.printTrain(m)
	}
	a.line("time", seconds(d.Seconds))
	memory := size(d.PeakBytes) + " at the peak"
	if d.Predicted > 0 {
		memory += fmt.Sprintf("; %s were predicted", size(d.Predicted))
	}
	if d.Limit > 0 {
		memory += fmt.Sprintf("; --mem allows %s", size(d.Limit))
	}
	a.line("memory", memory)
	if f.out != "" {
		a.line("written", f.out)
	}
	if f.report != "" {
		a.line("report", f.report)
	} else {
		a.line("report", "none; --report FILE.html draws the components")
	}
	return nil
}

// describeTensor is one line on axes, sizes and what is missing.
func describeTensor(shape []int, axes []tensor.Axis, observed int) string {
	text := describeModes(shape, axes)
	cells := tensor.Size(shape)
	if observed == cells {
		return text + fmt.Sprintf(", all %s cells observed", count(cells))
	}
	all := tensor.Cells(shape)
	missing := num(all - float64(observed))
	if cells < math.MaxInt {
		missing = count(cells - observed)
	}
	return text + fmt.Sprintf(", %s of %s cells observed, %s missing (%s%%)",
		count(observed), countCells(shape), missing, fixed(100*(1-float64(observed)/all), 1))
}

// countCells is the number of cells of a shape, rounded if it exceeds an int.
func countCells(shape []int) string {
	if cells := tensor.Size(shape); cells < math.MaxInt {
		return count(cells)
	}
	return num(tensor.Cells(shape))
}

// describeModes is the axes with their sizes.
func describeModes(shape []int, axes []tensor.Axis) string {
	names := make([]string, len(axes))
	named := false
	for n, ax := range axes {
		names[n] = ax.Name
		if ax.Name == "" {
			names[n] = fmt.Sprintf("mode %d", n)
		} else {
			named = true
		}
	}
	text := dims(shape)
	if named {
		text = strings.Join(names, " × ") + " = " + text
	}
	return text
}

func (a *app) printEvidence(e *rank.Evidence) {
	if e == nil {
		return
	}
	var why []string
	for _, r := range e.Reasons {
		why = append(why, wrap(r, 96)...)
	}
	a.line("rank", append([]string{joinInts(e.Chosen) + " was chosen:"}, why...)...)
	t := newTable("rank", "error", "held out", "± s.e.", "core cons.", "split-half", "starts agree", "degeneracy", "").alignRight(0, 1, 2, 3, 4, 5, 6, 7)
	for _, c := range e.Candidates {
		t.add(joinInts(c.Ranks), num(c.RelativeError), num(c.HeldOut), num(c.HeldOutSE),
			fixed(c.Corcondia, 0), fixed(c.SplitHalf, 2), fixed(c.StartsAgree, 2), fixed(c.Degeneracy, 2), c.Verdict)
	}
	fmt.Fprintln(a.stdout)
	t.print(a.stdout, strings.Repeat(" ", 11))
	fmt.Fprintln(a.stdout)
}

// labelsShown is how many labels a cell of the table of components names.
const labelsShown = 3

func (a *app) printComponents(m *cp.Tensor) {
	header := []string{"component", "weight"}
	for n := range m.Factors {
		header = append(header, axisName(m.Axes(), n))
	}
	t := newTable(header...).alignRight(0, 1)
	for r, w := range m.Weights {
		row := []string{fmt.Sprint(r + 1), num(w)}
		for n, f := range m.Factors {
			row = append(row, topLabels(m.Axes()[n], f.Col(r)))
		}
		t.add(row...)
	}
	t.print(a.stdout, "")
	fmt.Fprintln(a.stdout)
}

func axisName(axes []tensor.Axis, n int) string {
	if axes[n].Name != "" {
		return axes[n].Name
	}
	return fmt.Sprintf("mode %d", n)
}

// formatName is a format as people write it.
func formatName(method string) string {
	if method == "tucker" {
		return "Tucker"
	}
	return strings.ToUpper(method)
}

// topLabels says where a column is large: the run of an ordered axis, or the
// labels that load most, with their loadings.
func topLabels(axis tensor.Axis, column []float64) string {
	if axis.Ordered() {
		if peak := report.Peak(axis, column); peak != "" {
			return strings.TrimPrefix(peak, axis.Name+" ") // which heads the column
		}
		return "about the same everywhere"
	}
	var parts []string
	for _, t := range report.TopLabels(axis, column, labelsShown) {
		label := []rune(t.Label)
		if len(label) > 22 {
			label = append(label[:21], '…')
		}
		parts = append(parts, fmt.Sprintf("%s %s", string(label), fixed(t.Value, 2)))
	}
	return strings.Join(parts, ", ")
}

// interactionsShown is how many entries of a Tucker core are listed.
const interactionsShown = 8

func (a *app) printInteractions(m *tucker.Tensor) {
	core := m.Core.Data()
	order := make([]int, len(core))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(math.Abs(core[j]), math.Abs(core[i])) })
	total := 0.0
	for _, v := range core {
		total += v * v
	}
	header := []string{"core entry", "value", "share"}
	for n := range m.Factors {
		header = append(header, axisName(m.Axes(), n))
	}
	t := newTable(header...).alignRight(1, 2)
	for _, o := range order[:min(len(order), interactionsShown)] {
		idx := make([]int, len(m.Factors))
		rest := o
		for n := len(idx) - 1; n >= 0; n-- {
			r := m.Ranks()[n]
			idx[n], rest = rest%r, rest/r
		}
		row := []string{joinInts(idx), num(core[o]), fixed(100*core[o]*core[o]/total, 1) + "%"}
		for n, f := range m.Factors {
			row = append(row, topLabels(m.Axes()[n], f.Col(idx[n])))
		}
		t.add(row...)
	}
	t.print(a.stdout, "")
	fmt.Fprintln(a.stdout)
}

func (a *app) printTrain(m *tt.Tensor) {
	ranks := m.Ranks()
	t := newTable("core", "mode", "size", "left rank", "right rank", "parameters").alignRight(0, 2, 3, 4, 5)
	for k, n := range m.Shape() {
		t.add(fmt.Sprint(k), axisName(m.Axes(), k), count(n), count(ranks[k]), count(ranks[k+1]), count(ranks[k]*n*ranks[k+1]))
	}
	t.print(a.stdout, "")
	fmt.Fprintln(a.stdout)
}

// seconds lists the phases, the longest first.
func seconds(s map[string]float64) string {
	type phase struct {
		name string
		s    float64
	}
	var list []phase
	for name, v := range s {
		if name != "total" {
			list = append(list, phase{name, v})
		}
	}
	slices.SortFunc(list, func(a, b phase) int {
		return cmp.Or(cmp.Compare(b.s, a.s), cmp.Compare(a.name, b.name))
	})
	text := fmt.Sprintf("%s s", fixed(s["total"], 2))
	for i, p := range list {
		if i > 0 && p.s < 0.0005 {
			break // 0.000 and what follows say nothing
		}
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		text += fmt.Sprintf("%s%s %s", sep, p.name, fixed(p.s, 3))
	}
	return text
}
