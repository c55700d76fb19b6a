package cli

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/jones"
)

// jonesJSON is the JSON of jones; min_exponent and coefficients are those of
// jones.Laurent.
type jonesJSON struct {
	Name         string     `json:"name,omitempty"`
	Word         []int      `json:"word"`
	Strands      int        `json:"strands"`
	Crossings    int        `json:"crossings"`
	Writhe       int        `json:"writhe"`
	Components   int        `json:"components"`
	MinExponent  float64    `json:"min_exponent"` // ends in .5 for an even number of components
	Coefficients []*big.Int `json:"coefficients"` // of t^min_exponent, t^(min_exponent+1), …
	Polynomial   string     `json:"polynomial"`
	Seconds      float64    `json:"seconds"`
}

func (a *app) jones() *cobra.Command {
	var asJSON bool
	var threads int
	cmd := &cobra.Command{
		Use:   "jones NAME | -- WORD",
		Short: "Compute the Jones polynomial of a knot or a link",
		Long: `Jones computes the Jones polynomial of a knot or a link exactly, as a
contraction of the network of its diagram.

NAME is that of a knot of up to ten crossings (4_1), a torus link (T(3,4)) or a
connected sum of these (3_1#4_1). WORD is a braid whose closure is meant: i
crosses strands i and i+1 positively, -i negatively.`,
		Example: `  polyad jones 4_1
  polyad jones -- '-1 2 -1 2'
  polyad jones 'T(3,4)#3_1' --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("jones takes the name of a knot, or -- and a braid word; see polyad jones --help")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := setThreads(threads); err != nil {
				return err
			}
			return a.runJones(strings.Join(args, " "), asJSON)
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fmt.Errorf("%w; a braid word that begins with - comes after --: polyad jones -- '-1 2 -1 2'", err)
	})
	threadsFlag(cmd, &threads)
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (a *app) runJones(what string, asJSON bool) error {
	out := jonesJSON{}
	parse := jones.ParseBraid
	if strings.Trim(what, "+-0123456789, \t\n") != "" {
		parse, out.Name = jones.Named, what
	}
	b, err := parse(what)
	if err != nil {
		return err
	}
	start := time.Now()
	v, err := jones.Polynomial(a.ctx, b)
	if err != nil {
		return err
	}
	out.Word, out.Strands, out.Crossings, out.Writhe, out.Components = append([]int{}, b.Word...), b.Strands, len(b.Word), b.Writhe(), b.Components()
	out.MinExponent, out.Coefficients, out.Polynomial, out.Seconds = v.MinExponent(), v.Coefficients, v.String(), time.Since(start).Seconds()
	if asJSON {
		return a.printJSON(out)
	}
	if out.Name != "" {
		a.line("name", out.Name)
	}
	a.line("braid", fmt.Sprintf("%s  (%d strands, %d crossings, writhe %d)", b, out.Strands, out.Crossings, out.Writhe))
	if out.Components > 1 {
		a.line("link", fmt.Sprintf("%d components", out.Components))
	}
	a.line("V(t)", wrap(out.Polynomial, 96)...)
	return nil
}
