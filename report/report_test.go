package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/rank"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tt"
	"github.com/polyad/polyad/tucker"
)

// render writes a report twice, checks that the bytes are the same and that
// the file is well-formed and loads nothing, and returns it.
func render(t *testing.T, in Input) string {
	t.Helper()
	var a, b bytes.Buffer
	if err := Write(&a, in); err != nil {
		t.Fatal(err)
	}
	if err := Write(&b, in); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two reports of one input differ")
	}
	html := a.String()
	wellFormed(t, html)
	selfContained(t, html)
	return html
}

// wellFormed parses the file as XML, which the template is written for.
func wellFormed(t *testing.T, html string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(html))
	d.Entity = xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
	}
}

var loads = regexp.MustCompile(`(?i)<(script|link|iframe|object|embed|base|form|audio|video|use)\b|@import|\burl\(|\bon[a-z]+=|javascript:`)

func selfContained(t *testing.T, html string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(html))
	d.Entity = xml.HTMLEntity
	for {
		token, err := d.Token()
		if err != nil {
			break
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range e.Attr {
			switch name := strings.ToLower(a.Name.Local); {
			case name == "src" || name == "href" || name == "srcset":
				if !strings.HasPrefix(a.Value, "data:image/") {
					t.Errorf("<%s> loads %.80s", e.Name.Local, a.Value)
				}
			case strings.HasPrefix(name, "on"):
				t.Errorf("<%s> has a handler %s", e.Name.Local, name)
			case name == "id" && e.Name.Local != "section":
				t.Errorf("<%s> has the id %s", e.Name.Local, a.Value)
			}
		}
		if found := loads.FindString("<" + e.Name.Local + " "); found != "" {
			t.Errorf("the file has a %s element", e.Name.Local)
		}
	}
	if s := styleSource; loads.MatchString(s) {
		t.Errorf("the style loads: %s", loads.FindString(s))
	}
	for _, tag := range regexp.MustCompile(`<(svg|img)\b[^>]*>`).FindAllString(html, -1) {
		if !regexp.MustCompile(`(aria-label|alt)="[^"]+"`).MatchString(tag) {
			t.Errorf("a figure without words: %.120s", tag)
		}
	}
	if strings.Contains(html, "NaN") || strings.Contains(html, "ZgotmplZ") || strings.Contains(html, "+Inf") {
		at := regexp.MustCompile(`NaN|ZgotmplZ|\+Inf`).FindStringIndex(html)[0]
		t.Errorf("the file holds a value that should not be seen: %q", html[max(0, at-80):at+20])
	}
}

// outline is the structure of a report: a line a section with its headings
// and the number of its figures.
func outline(t *testing.T, html string) string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(html))
	d.Entity = xml.HTMLEntity
	var lines []string
	var svg, img, bars, rows int
	var heading *strings.Builder
	flush := func() {
		if len(lines) == 0 {
			return
		}
		for _, c := range []struct {
			n    int
			what string
		}{{svg, "svg"}, {img, "img"}, {bars, "bars"}, {rows, "tr"}} {
			if c.n > 0 {
				lines[len(lines)-1] += fmt.Sprintf(" [%d %s]", c.n, c.what)
			}
		}
		svg, img, bars, rows = 0, 0, 0, 0
	}
	for {
		token, err := d.Token()
		if err != nil {
			break
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "h1", "h2", "h3":
				flush()
				heading = new(strings.Builder)
				heading.WriteString(e.Name.Local + " ")
			case "svg":
				svg++
			case "img":
				img++
			case "ol":
				bars++
			case "tr":
				rows++
			}
		case xml.CharData:
			if heading != nil {
				heading.Write(e)
			}
		case xml.EndElement:
			if heading != nil && strings.HasPrefix(e.Name.Local, "h") {
				lines = append(lines, strings.Join(strings.Fields(heading.String()), " "))
				heading = nil
			}
		}
	}
	flush()
	return strings.Join(lines, "\n")
}

func wantOutline(t *testing.T, html, want string) {
	t.Helper()
	if got := outline(t, html); got != strings.TrimSpace(want) {
		t.Errorf("outline:\n%s\n\nwant:\n%s", got, strings.TrimSpace(want))
	}
}

// jobs is a made-up table of two patterns: building is idle in winter, and
// offices suffer in the last two years.
func jobs(t *testing.T) (*tensor.Observed, *cp.Tensor) {
	t.Helper()
	winter := make([]float64, 12)
	for i := range winter {
		winter[i] = 0.1
	}
	winter[0], winter[1], winter[11] = 0.6, 0.5, 0.5
	even := make([]float64, 12)
	for i := range even {
		even[i] = 0.3
	}
	pair := func(a, b []float64) *tensor.Matrix[float64] {
		m := tensor.NewMatrix[float64](len(a), 2)
		for i := range a {
			m.Set(i, 0, a[i])
			m.Set(i, 1, b[i])
		}
		return m
	}
	m := &cp.Tensor{
		Weights: []float64{800, 500},
		Factors: []*tensor.Matrix[float64]{
			pair([]float64{0.9, 0.1, 0.2, 0.1}, []float64{0.1, 0.8, 0.1, 0.7}),
			pair([]float64{0.4, 0.4, 0.4, 0.5, 0.5}, []float64{0.1, 0.1, 0.2, 0.7, 0.8}),
			pair(winter, even),
		},
		Modes: []tensor.Axis{
			{Name: "industry", Labels: []string{"Construction", "Finance", "Farms", "Information"}},
			{Name: "year", Coords: []float64{2006, 2007, 2008, 2009, 2010}},
			months,
		},
	}
	rng := rand.New(rand.NewPCG(1, 9))
	index := make([][]int32, 3)
	var values []float64
	each(m.Shape(), func(_ int, idx []int) {
		if idx[1] == 4 && idx[2] > 1 { // the last year ends in February
			return
		}
		for n, i := range idx {
			index[n] = append(index[n], int32(i))
		}
		values = append(values, entry(m, idx)+2*rng.NormFloat64())
	})
	x, err := tensor.NewObserved(m.Shape(), index, values)
	if err != nil {
		t.Fatal(err)
	}
	return x, m
}

func result(e float64, trace ...float64) fit.Result {
	r := fit.Result{Method: "cp.ALS", Iterations: len(trace), Stop: fit.Converged, Seed: 42, Starts: 3, Start: 1, Trace: trace,
		Phases: []fit.Phase{{Name: "mttkrp", Seconds: 0.03}, {Name: "solve", Seconds: 0.01}}}
	r.SetError(e)
	return r
}

func evidence() *rank.Evidence {
	nan := math.NaN()
	return &rank.Evidence{Method: "cp", Chosen: []int{2}, Seconds: 0.4,
		Reasons: []string{"Held-out error is least at rank 2.", "Rank 3 is degenerate: <two> components cancel."},
		Candidates: []rank.Candidate{
			{Ranks: []int{1}, RelativeError: 0.31, HeldOut: 0.33, HeldOutSE: 0.01, Corcondia: 100, SplitHalf: nan, StartsAgree: 1, Degeneracy: nan, Verdict: "too few"},
			{Ranks: []int{2}, RelativeError: 0.02, HeldOut: 0.021, HeldOutSE: nan, Corcondia: 99, SplitHalf: 0.98, StartsAgree: 1, Degeneracy: -0.1, Verdict: "chosen"},
			{Ranks: []int{3}, RelativeError: 0.018, HeldOut: 0.03, HeldOutSE: 0.004, Corcondia: -21000, SplitHalf: 0.4, StartsAgree: 0.6, Degeneracy: -0.97, Verdict: "degenerate"},
		}}
}

func TestCP(t *testing.T) {
	x, m := jobs(t)
	html := render(t, Input{
		Source: "jobs.csv", Format: "CSV", Bytes: 4821, Command: `polyad decompose jobs.csv --value "count"`, Version: "1.2.3",
		Date: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Data: x, Model: m, Result: result(0.02, 0.5, 0.1, 0.03, 0.02),
		Evidence: evidence(), PeakBytes: 3_000_000, Seconds: []fit.Phase{{Name: "total", Seconds: 0.5}, {Name: "read", Seconds: 0.1}, {Name: "rank", Seconds: 0.4}},
	})
	wantOutline(t, html, `
h1 2 components explain 99.96% of jobs.csv
h2 The components [3 tr]
h3 1 Construction · Dec–Feb weight 720.0 [2 svg] [1 bars]
h3 2 Finance, Information · 2009–2010 weight 607.9 [2 svg] [1 bars]
h2 Why rank 2 [3 svg] [4 tr]
h2 The tensor [3 img] [4 tr]
h2 What the model explains worst [2 svg] [18 tr]
h2 Where data and model differ [1 svg] [9 tr]
h2 Fit and convergence [1 svg]
h2 Where the time went [2 tr]
h2 How this was made
h2 Words`)
	for _, want := range []string{
		"industry (4) × year (5) × month (12), 200 values known of 240.",
		"40 of 240 entries are missing (16.7%).",
		"on year, 2010 lacks 83.3% of its entries.",
		"Rank 3 is degenerate: &lt;two&gt; components cancel.",
		`<tr class="chosen"><td class="n">2</td>`,
		"Values below −40 are drawn there.", "<b>chosen</b></td>", "&lt; −999",
		"3 candidates were tried in 400 ms.",
		"jobs.csv (CSV, 4.8", "1 March 2026", "3.00 MB", "1.2.3", "polyad decompose jobs.csv --value &#34;count&#34;",
		"<dt>Seed</dt><dd><bdi>42</bdi>",
		"the best was start 2",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if strings.Contains(html, ">total<") {
		t.Error("a total is drawn as a phase")
	}
}

// A figure of the evidence that could not be had is a dash; a column without
// any is left out.
func TestEvidenceWithoutFigures(t *testing.T) {
	_, m := jobs(t)
	nan := math.NaN()
	e := &rank.Evidence{Chosen: []int{2}, Candidates: []rank.Candidate{
		{Ranks: []int{1}, RelativeError: 0.3, HeldOut: nan, HeldOutSE: nan, Corcondia: 100, SplitHalf: nan, StartsAgree: nan, Degeneracy: nan},
		{Ranks: []int{2}, RelativeError: 0.02, HeldOut: nan, HeldOutSE: nan, Corcondia: nan, SplitHalf: nan, StartsAgree: nan, Degeneracy: nan},
	}}
	html := render(t, Input{Model: m, Result: result(0.02), Evidence: e})
	for _, gone := range []string{"held-out error</th>", "split-half</th>", "degeneracy</th>", "held out</span>"} {
		if strings.Contains(html, gone) {
			t.Errorf("the report has %q", gone)
		}
	}
	if !strings.Contains(html, `<td class="n">–</td>`) {
		t.Error("an unknown CORCONDIA is not a dash")
	}
	e.Candidates = nil
	if html := render(t, Input{Model: m, Result: result(0.02), Evidence: e}); strings.Contains(html, "Why rank") {
		t.Error("evidence without candidates has a section")
	}
}

func TestTucker(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	shape := []int{4, 30, 12}
	m := randomTucker(rng, []int{2, 8, 3}, shape)
	m.Modes = []tensor.Axis{labelled("a", "b", "c", "d"), {}, months}
	r := fit.Result{Method: "tucker.STHOSVD", Stop: fit.Direct}
	r.SetError(0.1)
	html := render(t, Input{Source: "x.npy", Model: m, Result: r, Data: tensor.Normal(rng, shape...)})
	wantOutline(t, html, `
h1 A Tucker core of 2 × 8 × 3 explains 99.0% of x.npy
h2 Which profiles go together [1 img] [13 tr]
h2 The profiles of each mode
h3 kind [2 bars]
h3 mode 2 [6 svg]
h3 month [3 svg]
h2 The tensor [4 tr]
h2 What the model explains worst [2 svg] [19 tr]
h2 Fit and convergence
h2 How this was made
h2 Words`)
	for _, want := range []string{"2 more profiles are not drawn.", "The 12 largest of 48 entries hold", "Computed directly, without iterations."} {
		if !strings.Contains(html, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
}

func TestTensorTrain(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	m := randomTrain(rng, []int{1, 2, 4, 3, 1}, []int{5, 6, 7, 8})
	r := fit.Result{Method: "tt.SVD", Stop: fit.Direct}
	r.SetError(3e-9)
	html := render(t, Input{Source: "f.npy", Model: m, Result: r})
	wantOutline(t, html, `
h1 A tensor train of ranks 2, 4 and 3 explains f.npy to a relative error of 3.0 × 10⁻⁹
h2 The train [1 svg] [4 tr]
h3 Singular values at the bonds [3 svg]
h3 Where the model is large [4 bars]
h3 The ends of the train
h3 mode 1 [2 bars]
h3 mode 4 [3 bars]
h2 The tensor [5 tr]
h2 Fit and convergence
h2 How this was made
h2 Words`)
}

// The singular values at the bonds, squared, add up to the squared norm, as
// the slices of each mode do; a sum of two products has two that are known.
func TestAnalyseTrain(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 2))
	m := randomTrain(rng, []int{1, 3, 4, 2, 1}, []int{5, 4, 3, 6})
	spectra, energy, err := analyse(m)
	if err != nil {
		t.Fatal(err)
	}
	square := 0.0
	each(m.Shape(), func(_ int, idx []int) { square += entry(m, idx) * entry(m, idx) })
	for _, v := range append(spectra, energy...) {
		if n := norm(v); !(math.Abs(n*n-square) <= 1e-12*square) {
			t.Errorf("norm² %v, want %v", n*n, square)
		}
	}
	for n, e := range energy {
		for i, got := range e {
			want := 0.0
			each(m.Shape(), func(_ int, idx []int) {
				if idx[n] == i {
					want += entry(m, idx) * entry(m, idx)
				}
			})
			if !(math.Abs(got*got-want) <= 1e-11*square) {
				t.Errorf("mode %d, slice %d: %v, want %v", n, i, got*got, want)
			}
		}
	}
	// diag(3, 4) as a train of rank 2.
	d := &tt.Tensor{Cores: []*tensor.Dense[float64]{
		tensor.FromSlice([]float64{1, 0, 0, 1}, 1, 2, 2), tensor.FromSlice([]float64{3, 0, 0, 4}, 2, 2, 1)}}
	spectra, _, err = analyse(d)
	if err != nil || !(math.Abs(spectra[0][0]-4) <= 1e-14) || !(math.Abs(spectra[0][1]-3) <= 1e-14) {
		t.Errorf("spectrum of diag(3, 4): %v, %v", spectra, err)
	}
}

func TestPicture(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 2))
	shape := []int{300, 400, 3}
	axes := []tensor.Axis{{Name: "row"}, {Name: "column"}, {Name: "channel", Labels: []string{"red", "green", "blue"}}}
	x := tensor.New[float32](shape...)
	for i := range x.Data() {
		x.Data()[i] = float32(rng.IntN(256))
	}
	c := randomCP(rng, 2, shape...)
	c.Modes = axes
	wantOutline(t, render(t, Input{Model: c, Data: x, Result: result(0.5)}), `
h1 2 components explain 75.0% of the tensor
h2 The components [3 tr]
h3 1 `+ComponentName(c, 0)+` weight `+digits(strength(c, 0), 4)+` [1 img] [1 bars]
h3 2 `+ComponentName(c, 1)+` weight `+digits(strength(c, 1), 4)+` [1 img] [1 bars]
h2 The picture [3 img]
h2 The tensor [4 tr]
h2 What the model explains worst [2 svg] [18 tr]
h2 Fit and convergence
h2 Where the time went [2 tr]
h2 How this was made
h2 Words`)
	k := randomTucker(rng, []int{5, 6, 2}, shape)
	k.Modes = axes
	html := render(t, Input{Model: k, Data: x, Result: result(0.5)})
	for _, want := range []string{"h2 The picture [3 img]", "h2 Maps [2 img]"} {
		if o := outline(t, html); !strings.Contains(o, want) {
			t.Errorf("Tucker: no %q in\n%s", want, o)
		}
	}
	train := randomTrain(rng, []int{1, 5, 3, 1}, shape)
	train.Modes = axes
	html = render(t, Input{Model: train, Data: x, Result: result(0.5)})
	for _, want := range []string{"h2 The picture [3 img]", "h2 Maps [3 img]"} {
		if o := outline(t, html); !strings.Contains(o, want) {
			t.Errorf("tensor train: no %q in\n%s", want, o)
		}
	}
	if n := len(html); n > 400_000 {
		t.Errorf("the report has %d bytes", n)
	}
}

// The small picture of a model is the mean of the model over each box.
func TestShrunkenModelIsTheMean(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 3))
	shape := []int{20, 15, 3}
	g := grid3{row: 0, col: 1, channel: 2, rows: 6, cols: 4, planes: 3, fixed: []int{0, 0, 0}}
	for _, m := range models(rng, shape) {
		x := tensor.New[float64](shape...)
		each(shape, func(at int, idx []int) { x.Data()[at] = entry(m, idx) })
		want, got := meanGrid(x, g), g.model(m)
		for i := range want {
			if !(math.Abs(got[i]-want[i]) <= 1e-12) {
				t.Fatalf("%T: pixel %d is %v, want %v", m, i, got[i], want[i])
			}
		}
	}
}

func TestAnyTextIsEscaped(t *testing.T) {
	nasty := []string{"<script>alert(1)</script>", `"quoted" & 'single'`, "</style><b>", "javascript:alert(1)", "مرحبا", "\x00\x1b[31m", "bad\xff", "]]>", "{{.}}", strings.Repeat("long ", 400)}
	n := len(nasty)
	axis := tensor.Axis{Name: "<img src=x onerror=alert(1)>", Labels: nasty, Ordinal: true}
	plain := axis
	plain.Ordinal = false
	rng := rand.New(rand.NewPCG(3, 3))
	for _, m := range models(rng, []int{n, n}) {
		switch m := m.(type) {
		case *cp.Tensor:
			m.Modes = []tensor.Axis{axis, plain}
		case *tucker.Tensor:
			m.Modes = []tensor.Axis{axis, plain}
		case *tt.Tensor:
			m.Modes = []tensor.Axis{axis, plain}
		}
		r := result(0.3, 0.5, 0.3)
		r.Notes = []string{nasty[0]}
		r.Method = nasty[2]
		html := render(t, Input{Title: nasty[0], Source: nasty[2], Format: nasty[1], Command: nasty[0] + nasty[5], Version: nasty[0], Model: m, Result: r,
			Data: tensor.Normal(rng, n, n), Seconds: []fit.Phase{{Name: nasty[0], Seconds: 1}}})
		for _, bad := range []string{"<script", "<img src=x", "<b>", "\x00", "\x1b", "\xff"} {
			if strings.Contains(strings.ReplaceAll(html, "<b><bdi>", ""), bad) && bad != "<b>" || bad == "<b>" && strings.Contains(html, "</style><b>") {
				t.Errorf("%T: the report holds %q", m, bad)
			}
		}
		if len(html) > 300_000 {
			t.Errorf("%T: %d bytes", m, len(html))
		}
	}
}

// Odd models: each must give a whole report.
func TestOddModels(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	big := randomCP(rng, 30, 5000, 24, 1)
	labels := make([]string, 5000)
	for i := range labels {
		labels[i] = fmt.Sprintf("customer %d", i)
	}
	big.Modes = []tensor.Axis{{Name: "customer", Labels: labels}, {Name: "hour", Coords: make([]float64, 24)}, {Name: "shop", Labels: []string{"only"}}}
	for h := range big.Modes[1].Coords {
		big.Modes[1].Coords[h] = float64(h)
	}
	many := randomCP(rng, 100, 3, 4, 5, 6, 7)
	zero := &cp.Tensor{Weights: []float64{0, 0}, Modes: make([]tensor.Axis, 2), Factors: []*tensor.Matrix[float64]{tensor.NewMatrix[float64](3, 2), tensor.NewMatrix[float64](20, 2)}}
	broken := randomCP(rng, 2, 3, 40)
	broken.Factors[0].Set(0, 0, math.NaN())
	broken.Factors[1].Set(3, 1, math.Inf(1))
	brokenTrain := randomTrain(rng, []int{1, 2, 1}, []int{3, 4})
	brokenTrain.Cores[0].Data()[1] = math.NaN()
	shuffled := randomCP(rng, 1, 3, 2)
	shuffled.Modes[0] = tensor.Axis{Name: "x", Coords: []float64{3, 1, 2}} // coordinates in no order
	for name, c := range map[string]struct {
		m     Model
		limit int
		want  string
	}{
		"5000 labels, 30 components": {big, 800_000, "4,988 more between"},
		"100 components, 5 modes":    {many, 900_000, "The 76 lightest components are in the table only."},
		"rank 1":                     {randomCP(rng, 1, 4, 4), 100_000, "1 component explains"},
		"rank 0":                     {&cp.Tensor{Weights: []float64{}, Modes: make([]tensor.Axis, 1), Factors: []*tensor.Matrix[float64]{tensor.NewMatrix[float64](3, 0)}}, 100_000, "0 components"},
		"sizes 1":                    {randomCP(rng, 2, 1, 1, 1), 100_000, "mode 3"},
		"zero":                       {zero, 100_000, "nothing (weight 0)"},
		"zero core":                  {&tucker.Tensor{Core: tensor.New[float64](2, 2), Factors: []*tensor.Matrix[float64]{tensor.NormalMatrix(rng, 3, 2), tensor.NormalMatrix(rng, 20, 2)}, Modes: make([]tensor.Axis, 2)}, 100_000, "A Tucker core of 2 × 2"},
		"zero train":                 {&tt.Tensor{Cores: []*tensor.Dense[float64]{tensor.New[float64](1, 3, 2), tensor.New[float64](2, 4, 1)}, Modes: make([]tensor.Axis, 2)}, 100_000, "A tensor train of rank 2"},
		"one core":                   {randomTrain(rng, []int{1, 1}, []int{9}), 100_000, "A tensor train explains"},
		"long train":                 {randomTrain(rng, []int{1, 2, 2, 2, 2, 2, 2, 2, 2, 1}, []int{2, 2, 2, 2, 2, 2, 2, 2, 2}), 200_000, "A tensor train of rank 2"},
		"order 2 core":               {randomTucker(rng, []int{3, 3}, []int{6, 6}), 100_000, "mode 1 (down) × mode 2 (across)"},
		"order 1":                    {randomCP(rng, 2, 6), 100_000, "mode 1"},
		"no axes":                    {&cp.Tensor{Weights: []float64{1}, Factors: []*tensor.Matrix[float64]{tensor.NormalMatrix(rng, 3, 1), tensor.NormalMatrix(rng, 4, 1)}}, 100_000, "mode 2"},
		"not finite":                 {broken, 100_000, "not finite"},
		"not finite train":           {brokenTrain, 100_000, "The train"},
		"coordinates in no order":    {shuffled, 100_000, "coordinates"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, e := range []float64{0.5, 0, 1.7, math.NaN()} {
				if e != 0.5 && c.limit > 200_000 {
					continue // the error changes little of what takes long
				}
				r := result(e, e, e)
				if math.IsNaN(e) {
					r = result(e)
				}
				html := render(t, Input{Model: c.m, Result: r})
				if e == 0.5 && !strings.Contains(html, c.want) {
					t.Errorf("the report does not say %q", c.want)
				}
				if len(html) > c.limit {
					t.Errorf("%d bytes", len(html))
				}
			}
		})
	}
}

// A component that is large where nothing is known is pointed out.
func TestUnseenComponentsAreTold(t *testing.T) {
	column := func(v ...float64) *tensor.Matrix[float64] { return tensor.MatrixOf(len(v)/2, 2, v) }
	m := &cp.Tensor{Weights: []float64{3, -2}, Modes: make([]tensor.Axis, 2), Factors: []*tensor.Matrix[float64]{
		column(1, 1, 1, 2), // second column: 1, 2
		column(1, 1, 1, 3), // second column: 1, 3
	}}
	x, err := tensor.NewObserved([]int{2, 2}, [][]int32{{0, 0, 1}, {0, 1, 0}}, []float64{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	got := knownShares(x, m)
	if !(math.Abs(got[0]-0.75) <= 1e-15) || !(math.Abs(got[1]-14.0/50) <= 1e-15) {
		t.Errorf("shares %v, want 0.75 and 0.28", got)
	}
	html := render(t, Input{Model: m, Data: x, Result: result(0.1)})
	if strings.Count(html, "Take this component with care: only 28.0% of it lies on known entries.") != 1 || strings.Contains(html, "only 75.0%") {
		t.Error("the second component is not pointed out, or the first is")
	}
	m.Weights[1] = 0
	if html := render(t, Input{Model: m, Data: x, Result: result(0.1)}); strings.Contains(html, "with care") {
		t.Error("a component without weight is warned of")
	}
}

func TestHeadline(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	m := randomCP(rng, 3, 2, 2)
	for _, c := range []struct {
		e    float64
		stop fit.Stop
		want string
	}{
		{math.Sqrt(0.018), fit.Converged, "3 components explain 98.2% of a.csv"},
		{0, fit.Converged, "3 components explain all of a.csv"},
		{1e-15, fit.Exact, "3 components explain all of a.csv"},
		{2e-6, fit.Converged, "3 components explain a.csv to a relative error of 2.0 × 10⁻⁶"},
		{1, fit.Converged, "3 components explain nothing of a.csv"},
		{2, fit.MaxIters, "3 components explain nothing of a.csv"},
		{math.NaN(), fit.Direct, "3 components: a model of a.csv"},
	} {
		in := Input{Source: "a.csv", Model: m, Result: fit.Result{RelativeError: c.e, Stop: c.stop}}
		if got := Headline(in); got != c.want {
			t.Errorf("error %v: %q, want %q", c.e, got, c.want)
		}
	}
}

func TestTraceIsLogarithmicOverDecades(t *testing.T) {
	long := make([]float64, 5000)
	for k := range long {
		long[k] = math.Exp(-float64(k) / 200)
	}
	_, m := jobs(t)
	html := render(t, Input{Model: m, Result: result(long[4999], long...)})
	if !strings.Contains(html, "The scale is logarithmic.") || !strings.Contains(html, "10⁻⁶") {
		t.Error("a trace over ten decades is not drawn on a logarithmic scale")
	}
	if len(html) > 60_000 {
		t.Errorf("a long trace makes %d bytes", len(html))
	}
	if html := render(t, Input{Model: m, Result: result(0.1, 0.3, 0.2, 0.1)}); strings.Contains(html, "logarithmic") {
		t.Error("a trace within a decade is drawn on a logarithmic scale")
	}
	render(t, Input{Model: m, Result: result(0, 0.3, 1e-9, 0)})
	render(t, Input{Model: m, Result: result(0, 0, 0, 0)})
}

type failing struct{}

func (f *failing) Write(p []byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteRefuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 7))
	m := randomCP(rng, 2, 3, 4)
	wrong := randomCP(rng, 2, 3, 4)
	wrong.Factors[1] = tensor.NormalMatrix(rng, 4, 5)
	core := randomTucker(rng, []int{2, 2}, []int{3, 3})
	core.Factors[0] = tensor.NormalMatrix(rng, 3, 4)
	train := randomTrain(rng, []int{1, 2, 1}, []int{3, 3})
	train.Cores[1] = tensor.Normal(rng, 3, 3, 1)
	short := randomCP(rng, 2, 3, 4)
	short.Modes[0].Labels = []string{"one"}
	for name, c := range map[string]struct {
		in   Input
		want string
	}{
		"no model":       {Input{}, "there is no model"},
		"unknown model":  {Input{Model: struct{ Model }{}}, "is unknown; known are"},
		"shape of data":  {Input{Model: m, Data: tensor.New[float64](4, 3)}, "[4 3]"},
		"CP columns":     {Input{Model: wrong}, "5 columns for 2 weights"},
		"Tucker columns": {Input{Model: core}, "has 4 columns"},
		"train ranks":    {Input{Model: train}, "2×n×r is expected"},
		"labels":         {Input{Model: short}, "1 labels for 3 indices"},
		"no modes":       {Input{Model: &cp.Tensor{}}, "no modes"},
		"empty mode":     {Input{Model: randomCP(rng, 2, 3, 0)}, "no indices"},
	} {
		var b bytes.Buffer
		err := Write(&b, c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "report:") && name != "labels" {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
		if b.Len() > 0 {
			t.Errorf("%s: %d bytes were written", name, b.Len())
		}
	}
	if err := Write(&failing{}, Input{Model: m}); err == nil || err.Error() != "disk full" {
		t.Errorf("a full disk: %v", err)
	}
}
