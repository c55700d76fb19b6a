package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

//go:embed page.html
var pageSource string

//go:embed parts.html
var partsSource string

//go:embed style.css
var styleSource string

var pageTemplate = parse(pageSource)

// parse makes the template of a page, which may call those of parts.html.
func parse(source string) *template.Template {
	parts := strings.Replace(partsSource, "/*style*/", styleSource, 1)
	return template.Must(template.Must(template.New("").Parse(parts)).Parse(source))
}

// write writes a page once all of it is there.
func write(w io.Writer, t *template.Template, page any) error {
	var b bytes.Buffer
	if err := t.Execute(&b, page); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// page is all that the template shows.
type page struct {
	Title, Headline, Lede string
	Date                  string
	Figures               []figure
	Axes                  []axisRow
	HasMissing            bool
	MissingNote           string
	Pictures              []panel
	Trace                 template.HTML
	TraceNote             string
	Converged             []figure
	Evidence              *evidencePart
	Components            []component
	ComponentsNote        string
	MoreComponents        int
	Maps                  []panel
	MapsNote              string
	Factors               []factorGroup
	Core                  *corePart
	Chain                 *chainPart
	Heat                  *heatPart
	Slices                []sliceGroup
	SliceNote             string
	Phases                []phaseRow
	Made                  []figure
	Notes                 []string
	Command               string
	Glossary              []term
}

// figure is a number and what it is.
type figure struct{ Name, Value, Hint string }

type axisRow struct {
	Name, Size, Kind, Range, Rank string
	Strip                         template.URL
	StripAlt                      string
}

type phaseRow struct {
	Name, Seconds, Share string
	Left, Width          float64
	Color                int
}

// colors is the number of colours that components take in turn.
const colors = 8

func newPage(in Input) (*page, error) {
	shape, axes := in.Model.Shape(), axesOf(in)
	d := describe(in, shape)
	p := &page{
		Title:    orElse(shorten(orElse(in.Title, in.Source), 120), "Decomposition"),
		Headline: Headline(in),
		Command:  shorten(in.Command, 2000),
		Notes:    in.Result.Notes,
		Glossary: glossary(in),
	}
	if !in.Date.IsZero() {
		p.Date = in.Date.Format("2 January 2006")
	}
	p.Lede = lede(in, axes, shape, d)
	p.Figures = headFigures(in, d)
	p.tensor(in, axes, shape, d)
	p.convergence(in)
	if in.Evidence != nil && len(in.Evidence.Candidates) > 0 {
		p.Evidence = newEvidence(in.Evidence)
	}
	switch m := in.Model.(type) {
	case *cp.Tensor:
		p.cp(m, axes, in.Data)
	case *tucker.Tensor:
		p.tucker(m, axes)
	case *tt.Tensor:
		p.chain(m, axes)
	}
	p.pictures(in, axes, shape)
	p.SliceNote = sliceNote(in)
	if err := p.slices(in, axes); err != nil {
		return nil, err
	}
	if err := p.heat(in, axes); err != nil {
		return nil, err
	}
	p.Phases = phases(in)
	p.Made = made(in)
	return p, nil
}

// data are the numbers about the tensor and the model that several parts use.
type data struct {
	entries    float64 // of the whole tensor
	observed   float64
	missing    bool
	nonzero    float64 // of sparse data; else 0
	parameters int64
	compress   float64
}

func describe(in Input, shape []int) data {
	d := data{entries: 1, parameters: in.Parameters, compress: in.Compression}
	for _, s := range shape {
		d.entries *= float64(s)
	}
	d.observed = d.entries
	if x, ok := in.Data.(*tensor.Observed); ok {
		d.observed = float64(x.Count())
	}
	if x, ok := asListed(in.Data); ok {
		d.nonzero = float64(x.Count())
	}
	d.missing = d.observed < d.entries
	if d.parameters == 0 {
		d.parameters = parameters(in.Model)
	}
	if d.compress == 0 && d.parameters > 0 {
		d.compress = d.entries / float64(d.parameters)
	}
	return d
}

// parameters counts the numbers that a model stores.
func parameters(m Model) int64 {
	n := 0
	switch m := m.(type) {
	case *cp.Tensor:
		n = len(m.Weights)
		for _, f := range m.Factors {
			n += f.Rows * f.Cols
		}
	case *tucker.Tensor:
		n = m.Core.Len()
		for _, f := range m.Factors {
			n += f.Rows * f.Cols
		}
	case *tt.Tensor:
		for _, g := range m.Cores {
			n += g.Len()
		}
	}
	return int64(n)
}

func lede(in Input, axes []tensor.Axis, shape []int, d data) string {
	var b strings.Builder
	for n, a := range axes {
		if n > 0 {
			b.WriteString(" × ")
		}
		fmt.Fprintf(&b, "%s (%s)", modeName(a, n), count(int64(shape[n])))
	}
	if d.nonzero > 0 {
		fmt.Fprintf(&b, ", %s that are not zero of %s", plural64(d.nonzero, "value"), wholeNumber(d.entries))
	} else {
		fmt.Fprintf(&b, ", %s", plural64(d.observed, "value"))
	}
	if d.missing {
		fmt.Fprintf(&b, " known of %s", wholeNumber(d.entries))
	}
	b.WriteString(". " + capital(methodName(in.Result.Method, in.Model)))
	if in.Evidence != nil {
		b.WriteString("; the rank was chosen by its evidence")
	}
	return b.String() + "."
}

func plural64(v float64, word string) string {
	if v == 1 {
		return "1 " + word
	}
	return wholeNumber(v) + " " + word + "s"
}

// wholeNumber writes a whole number that may be beyond an int64.
func wholeNumber(v float64) string {
	if v < 1e15 {
		return count(int64(v))
	}
	return num(v)
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

func headFigures(in Input, d data) []figure {
	e := in.Result.RelativeError
	f := []figure{
		{"explained", explainedText(e), "of the sum of squares"},
		{"relative error", digits(e, 3), "fit " + fixed(1-e, 4)},
		{"rank", modelRank(in.Model), formatName(in.Model)},
		{"compression", ratio(d.compress), count(d.parameters) + " numbers"},
	}
	if _, least := lossOf(in.Result); !least {
		f[0].Hint = "of the deviance"
		f[1] = figure{"deviance", digits(in.Result.Deviance, 4), "loss " + in.Result.Loss}
	}
	if total := totalSeconds(in); total > 0 {
		hint := ""
		if in.PeakBytes > 0 {
			hint = size(in.PeakBytes) + " at most"
		}
		f = append(f, figure{"time", seconds(total), hint})
	}
	return f
}

func ratio(v float64) string {
	if v < 10 {
		return digits(v, 2) + " : 1"
	}
	return digits(v, 3) + " : 1"
}

func modelRank(m Model) string {
	switch m := m.(type) {
	case *cp.Tensor:
		return count(int64(m.Rank()))
	case *tucker.Tensor:
		return rankText(m.Ranks())
	case *tt.Tensor:
		inner := m.Ranks()
		inner = inner[1 : len(inner)-1]
		if len(inner) == 0 {
			return "1"
		}
		if len(inner) <= 4 {
			var s []string
			for _, r := range inner {
				s = append(s, count(int64(r)))
			}
			return strings.Join(s, ", ")
		}
		return "≤ " + count(int64(slices.Max(inner)))
	}
	return dash
}

func (p *page) convergence(in Input) {
	r := in.Result
	e := r.RelativeError
	p.Converged = []figure{{"Relative error", digits(e, 5), ""}, {"Fit", fixed(1-e, 6), ""}, {"Explained", explainedText(e), ""}}
	if _, least := lossOf(r); !least {
		p.Converged = []figure{{"Deviance", digits(r.Deviance, 5), "loss " + r.Loss}, {"Explained", explainedText(e), "of the deviance"}, {"Relative error", digits(e, 5), "√ of what is left of it"}}
	}
	if r.Iterations > 0 && r.Stop != fit.Direct {
		p.Converged = append(p.Converged, figure{"Iterations", count(int64(r.Iterations)), ""})
	}
	if r.Starts > 1 {
		p.Converged = append(p.Converged, figure{"Starts", count(int64(r.Starts)), "the best was start " + count(int64(r.Start+1))})
	}
	if r.Stop != "" {
		p.TraceNote = capital(stopWords(r)) + "."
	}
	if len(r.Trace) > 1 && r.Stop != fit.Direct {
		first, last := r.Trace[0], r.Trace[len(r.Trace)-1]
		svg, log := tracePlot(r.Trace, fmt.Sprintf("Relative error after each of %d iterations, from %s to %s", len(r.Trace), num(first), num(last)))
		p.Trace = svg
		if log {
			p.TraceNote += " The scale is logarithmic."
		}
	}
}

func totalSeconds(in Input) float64 {
	total := 0.0
	for _, ph := range phasesOf(in) {
		total += ph.Seconds
	}
	return total
}

// phasesOf are the phases without a total of them.
func phasesOf(in Input) []fit.Phase {
	all := in.Seconds
	if all == nil {
		all = in.Result.Phases
	}
	var out []fit.Phase
	for _, ph := range all {
		if ph.Name != "total" && finite(ph.Seconds) && ph.Seconds >= 0 {
			out = append(out, ph)
		}
	}
	return out
}

func phases(in Input) []phaseRow {
	total := totalSeconds(in)
	var rows []phaseRow
	at := 0.0
	for i, ph := range phasesOf(in) {
		share := 0.0
		if total > 0 {
			share = ph.Seconds / total
		}
		rows = append(rows, phaseRow{
			Name: shorten(ph.Name, 40), Seconds: seconds(ph.Seconds), Share: fixed(100*share, 0) + "%",
			Left: round2(100 * at), Width: round2(100 * share), Color: i % colors,
		})
		at += share
	}
	return rows
}

func made(in Input) []figure {
	r := in.Result
	f := []figure{{"Method", capital(methodName(r.Method, in.Model)), ""}}
	add := func(name, value string) {
		if value != "" {
			f = append(f, figure{name, value, ""})
		}
	}
	add("Seed", fmt.Sprint(r.Seed))
	if r.Stop != "" {
		add("Stop", stopWords(r))
	}
	source := shorten(in.Source, 200)
	var about []string
	if in.Format != "" {
		about = append(about, in.Format)
	}
	if in.Bytes > 0 {
		about = append(about, size(in.Bytes))
	}
	if len(about) > 0 && source != "" {
		source += " (" + strings.Join(about, ", ") + ")"
	}
	add("Source", source)
	if in.PeakBytes > 0 {
		add("Peak memory", size(in.PeakBytes))
	}
	if in.Version != "" {
		add("Polyad", in.Version)
	}
	if !in.Date.IsZero() {
		add("Date", in.Date.Format("2 January 2006, 15:04 MST"))
	}
	return f
}

// tensor describes the axes and where entries are missing.
func (p *page) tensor(in Input, axes []tensor.Axis, shape []int, d data) {
	known := knownPerSlice(in.Data)
	ranks := modeRanks(in.Model)
	for n, a := range axes {
		row := axisRow{Name: modeName(a, n), Size: count(int64(shape[n])), Rank: ranks[n]}
		row.Kind, row.Range = axisKind(a, shape[n])
		if known != nil && d.missing {
			missing, worst := missingShares(known[n], d.entries/float64(shape[n]))
			row.Strip = strip(missing)
			row.StripAlt = fmt.Sprintf("share of missing entries along %s, at most %s", modeName(a, n), percent(worst))
		}
		p.Axes = append(p.Axes, row)
	}
	if d.missing {
		p.HasMissing = true
		p.MissingNote = fmt.Sprintf("%s of %s entries are missing (%s). They were left out of the fit, not taken as zero.",
			wholeNumber(d.entries-d.observed), wholeNumber(d.entries), percent(1-d.observed/d.entries))
		if where := missingWhere(axes, known, d); where != "" {
			p.MissingNote += " " + where
		}
	}
}

func axisKind(a tensor.Axis, n int) (kind, text string) {
	first, last := shorten(short(a, 0), 40), shorten(short(a, n-1), 40)
	text = first + " … " + last
	if n == 1 {
		text = first
	}
	switch {
	case len(a.Coords) > 0 && len(a.Labels) == 0:
		if a.Unit != "" {
			text += " " + a.Unit
		}
		return "coordinates", text
	case len(a.Labels) > 0 && a.Ordered():
		return "ordered labels", text
	case len(a.Labels) > 0:
		return "categories", text
	}
	return "indices", text
}

func modeRanks(m Model) []string {
	out := make([]string, len(m.Shape()))
	if t, ok := m.(*tucker.Tensor); ok {
		for n, r := range t.Ranks() {
			out[n] = count(int64(r))
		}
	}
	return out
}

// knownPerSlice counts the known entries of each slice; nil if all are known.
func knownPerSlice(x tensor.Tensor) [][]int64 {
	o, ok := x.(*tensor.Observed)
	if !ok {
		return nil
	}
	known := make([][]int64, len(o.Shape()))
	for n, s := range o.Shape() {
		known[n] = make([]int64, s)
		for _, i := range o.Indices(n) {
			known[n][i]++
		}
	}
	return known
}

func missingShares(known []int64, entries float64) (shares []float64, worst float64) {
	for _, k := range known {
		s := 1 - float64(k)/entries
		shares = append(shares, s)
		worst = max(worst, s)
	}
	return shares, worst
}

// strip is a row of shades, orange where all is missing; a little that is
// missing is seen too.
func strip(missing []float64) template.URL {
	m := binned(missing, 160)
	for i, s := range m.Data {
		if s > 0 {
			m.Data[i] = -0.15 - 0.85*s
		}
	}
	return heat(m, 1)
}

// binned is a row of at most size means.
func binned(v []float64, size int) *tensor.Matrix[float64] {
	return shrink(tensor.MatrixOf(len(v), 1, v), size).Transpose()
}

// missingWhere names the indices where nearly all or all is missing, on the
// mode that is most uneven.
func missingWhere(axes []tensor.Axis, known [][]int64, d data) string {
	best, text := 0.0, ""
	for n, ks := range known {
		shares, worst := missingShares(ks, d.entries/float64(len(ks)))
		mean := 1 - d.observed/d.entries
		if gap := worst - mean; gap > best && worst > 2*mean && len(ks) > 1 {
			best = gap
			var names []string
			for i, s := range shares {
				if s > 0.9*worst {
					names = append(names, shorten(short(axes[n], i), 40))
				}
			}
			if len(names) > 4 {
				text = fmt.Sprintf("The gaps are not even: %s of %s lack %s of their entries or about that.", count(int64(len(names))), modeName(axes[n], n), percent(worst))
				continue
			}
			verb := "lack"
			if len(names) == 1 {
				verb = "lacks"
			}
			text = fmt.Sprintf("The gaps are not even: on %s, %s %s %s of its entries.", modeName(axes[n], n), list(names), verb, percent(worst))
			if len(names) > 1 {
				text = strings.Replace(text, "its entries", "their entries", 1)
			}
		}
	}
	return text
}
