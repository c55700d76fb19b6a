package cli

import (
	"errors"
	"fmt"
	"math/big"
	"math/cmplx"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/jones"
)

// jonesJSON is the JSON of jones; min_exponent and coefficients are those of
// jones.Laurent.
type jonesJSON struct {
	Name         string     `json:"name,omitempty"`
	Word         []int      `json:"word,omitempty"`    // of a braid
	Strands      int        `json:"strands,omitempty"` // of a braid
	Crossings    int        `json:"crossings"`
	Writhe       int        `json:"writhe"`
	Components   int        `json:"components"`
	MinExponent  float64    `json:"min_exponent"` // ends in .5 for an even number of components
	Coefficients []*big.Int `json:"coefficients"` // of t^min_exponent, t^(min_exponent+1), …
	Polynomial   string     `json:"polynomial"`
	Root         *rootJSON  `json:"at,omitempty"` // with --at
	Seconds      float64    `json:"seconds"`
}

// rootJSON is the value at t = exp(-2πi/root).
type rootJSON struct {
	Root  int        `json:"root"`
	Value [2]float64 `json:"value"`
	Abs   float64    `json:"abs"`
}

// jonesFlags are the flags of jones.
type jonesFlags struct {
	pd      string
	at      int
	threads int
	json    bool
}

func (a *app) jones() *cobra.Command {
	var f jonesFlags
	cmd := &cobra.Command{
		Use:   "jones NAME | -- WORD | --pd DIAGRAM",
		Short: "Compute the Jones polynomial of a knot or a link",
		Long: `Jones computes the Jones polynomial of a knot or a link exactly, from its
diagram, crossing by crossing. What takes more than 1 GiB is contracted as a
network, or refused if that takes more than 10^11 products.

NAME is that of a knot of up to ten crossings (4_1), a torus link (T(3,4)) or a
connected sum of these (3_1#4_1). WORD is a braid whose closure is meant: i
crosses strands i and i+1 positively, -i negatively.

--pd takes a planar diagram instead, as KnotInfo and KnotTheory write it: for each
crossing its four edges, counterclockwise from the one that comes in below.

--at N also prints the value at t = exp(-2πi/N). At 5 it is the trace of the braid
in the representation of Fibonacci anyons, up to a known factor.`,
		Example: `  polyad jones 4_1
  polyad jones -- '-1 2 -1 2'
  polyad jones 'T(3,4)#3_1' --json
  polyad jones --pd '[[4,2,5,1],[8,6,1,5],[6,3,7,4],[2,7,3,8]]' --at 5`,
		Args: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 0) != cmd.Flags().Changed("pd") {
				return errors.New("jones takes the name of a knot, or -- and a braid word, or --pd; see polyad jones --help")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if f.at < 0 {
				return fmt.Errorf("--at %d: the order of a root of unity, at least 1, is expected", f.at)
			}
			if err := setThreads(f.threads); err != nil {
				return err
			}
			return a.runJones(strings.Join(args, " "), f)
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fmt.Errorf("%w; a braid word that begins with - comes after --: polyad jones -- '-1 2 -1 2'", err)
	})
	cmd.Flags().StringVar(&f.pd, "pd", "", "planar `diagram`, such as [[4,2,5,1],[8,6,1,5],[6,3,7,4],[2,7,3,8]]")
	cmd.Flags().IntVar(&f.at, "at", 0, "print the value at the root of unity exp(-2πi/N) (0: not)")
	threadsFlag(cmd, &f.threads)
	jsonFlag(cmd, &f.json)
	return cmd
}

func (a *app) runJones(what string, f jonesFlags) error {
	start := time.Now()
	out := jonesJSON{}
	v, about, err := a.jonesPolynomial(what, f.pd, &out)
	if err != nil {
		return err
	}
	out.MinExponent, out.Coefficients, out.Polynomial = v.MinExponent(), v.Coefficients, v.String()
	if f.at > 0 {
		x := v.AtRoot(f.at)
		out.Root = &rootJSON{f.at, [2]float64{real(x), imag(x)}, cmplx.Abs(x)}
	}
	out.Seconds = time.Since(start).Seconds()
	if f.json {
		return a.printJSON(out)
	}
	if out.Name != "" {
		a.line("name", out.Name)
	}
	a.line(about[0], about[1])
	if out.Components > 1 {
		a.line("link", fmt.Sprintf("%d components", out.Components))
	}
	a.line("V(t)", wrap(out.Polynomial, 96)...)
	if r := out.Root; r != nil {
		a.line("value", fmt.Sprintf("%.12g %+.12gi at t = exp(-2πi/%d), of size %.12g", r.Value[0], r.Value[1], r.Root, r.Abs))
	}
	return nil
}

// jonesPolynomial is that of a diagram, a name or a word; about is the line that
// says what was read.
func (a *app) jonesPolynomial(what, pd string, out *jonesJSON) (v *jones.Laurent, about [2]string, err error) {
	if what == "" && pd != "" {
		d, err := jones.ParsePD(pd)
		if err != nil {
			return nil, about, err
		}
		out.Crossings, out.Writhe, out.Components = len(d), d.Writhe(), d.Components()
		v, err = d.Polynomial(a.ctx)
		return v, [2]string{"diagram", fmt.Sprintf("%d crossings, writhe %d", out.Crossings, out.Writhe)}, err
	}
	parse := jones.ParseBraid
	if strings.ContainsAny(what, "_(#") || !strings.ContainsAny(what, "0123456789") && what != "" {
		parse, out.Name = jones.Named, what
	}
	b, err := parse(what)
	if err != nil {
		return nil, about, err
	}
	out.Word, out.Strands, out.Crossings, out.Writhe, out.Components = b.Word, b.Strands, len(b.Word), b.Writhe(), b.Components()
	v, err = jones.Polynomial(a.ctx, b)
	return v, [2]string{"braid", fmt.Sprintf("%s  (%d strands, %d crossings, writhe %d)", b, out.Strands, out.Crossings, out.Writhe)}, err
}
