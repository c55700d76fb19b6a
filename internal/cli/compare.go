package cli

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// comparison is the JSON of compare.
type comparison struct {
	Shape              []int     `json:"shape"`
	RelativeDifference float64   `json:"relative_difference"`          // ||A-B|| / ||A||
	MaxDifference      float64   `json:"max_difference"`               // the largest |a-b| of one cell
	Cells              int       `json:"cells"`                        // cells compared: those that both sides know
	FactorMatchScore   *float64  `json:"factor_match_score,omitempty"` // of two CP models, 0..1
	Components         []matched `json:"components,omitempty"`         // of two CP models
}

// matched is a pair of components.
type matched struct {
	A     int     `json:"a"`
	B     int     `json:"b"`
	Score float64 `json:"score"`
}

func (a *app) compare() *cobra.Command {
	var (
		read   reading
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "compare A B",
		Short: "Compare two models, two tensors, or a tensor and a model",
		Long: `Compare prints the relative difference ||A-B||/||A|| of what two files stand
for, over the cells that both know. For two CP models it pairs the components
and prints the factor match score (1: the same factors).`,
		Example: "  polyad compare one.npz two.npz\n  polyad compare data.npy model.npz",
		Args:    exactly("A", "B"),
		RunE: func(_ *cobra.Command, args []string) error {
			left, closeLeft, err := openSide(args[0], read)
			if err != nil {
				return err
			}
			defer closeLeft()
			right, closeRight, err := openSide(args[1], read)
			if err != nil {
				return err
			}
			defer closeRight()
			if !slices.Equal(left.Shape(), right.Shape()) {
				return fmt.Errorf("%s is %s and %s is %s: only equal shapes can be compared", args[0], dims(left.Shape()), args[1], dims(right.Shape()))
			}
			c, err := compareSides(left, right)
			if err != nil {
				return err
			}
			if asJSON {
				return a.printJSON(c)
			}
			a.printComparison(c)
			return nil
		},
	}
	read.register(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// openSide opens a model or, failing that, a tensor.
func openSide(path string, read reading) (tensor.Tensor, func() error, error) {
	if h, err := tensorio.Inspect(path, read.options()); err != nil {
		return nil, nil, err
	} else if h.Format == "npz" {
		m, _, err := model.Load(path)
		if err == nil {
			return m, func() error { return nil }, nil
		}
		if !errors.Is(err, model.ErrNotModel) {
			return nil, nil, err
		}
	}
	f, err := tensorio.Open(path, read.options())
	if err != nil {
		return nil, nil, err
	}
	return f.Tensor, f.Close, nil
}

func compareSides(left, right tensor.Tensor) (*comparison, error) {
	c := &comparison{Shape: left.Shape()}
	if l, ok := left.(*cp.Tensor); ok {
		if r, ok := right.(*cp.Tensor); ok {
			match := cp.FactorMatchScore(l, r)
			c.FactorMatchScore = &match.Score
			for i, j := range match.Permutation {
				if j >= 0 {
					c.Components = append(c.Components, matched{A: i + 1, B: j + 1, Score: match.Components[i]})
				}
			}
		}
	}
	lv, err := lookUp(left)
	if err != nil {
		return nil, err
	}
	rv, err := lookUp(right)
	if err != nil {
		return nil, err
	}
	var diff, norm float64
	idx := make([]int, len(c.Shape))
	for at := range tensor.Size(c.Shape) {
		rest := at
		for n := len(idx) - 1; n >= 0; n-- {
			idx[n], rest = rest%c.Shape[n], rest/c.Shape[n]
		}
		x, known := lv(idx, at)
		y, both := rv(idx, at)
		if !known || !both {
			continue
		}
		d := math.Abs(x - y)
		diff += d * d
		norm += x * x
		c.Cells++
		c.MaxDifference = max(c.MaxDifference, d)
	}
	if c.Cells == 0 {
		return nil, fmt.Errorf("the two sides have no observed cell in common")
	}
	c.RelativeDifference = math.Sqrt(diff)
	if norm > 0 {
		c.RelativeDifference /= math.Sqrt(norm)
	}
	return c, nil
}

// lookUp gives the value of a cell by its index or its place in C order, and
// whether it is known.
func lookUp(x tensor.Tensor) (func(idx []int, at int) (float64, bool), error) {
	dense := func(data []float64) (func([]int, int) (float64, bool), error) {
		return func(_ []int, at int) (float64, bool) { return data[at], true }, nil
	}
	switch x := x.(type) {
	case *tensor.Dense[float64]:
		return func(idx []int, _ int) (float64, bool) { return x.At(idx...), true }, nil
	case *tensor.Dense[float32]:
		return func(idx []int, _ int) (float64, bool) { return float64(x.At(idx...)), true }, nil
	case *tensor.Observed:
		values := map[int]float64{}
		strides := tensor.CStrides(x.Shape())
		for e, v := range x.Values() {
			at := 0
			for n, s := range strides {
				at += int(x.Indices(n)[e]) * s
			}
			values[at] = v
		}
		return func(_ []int, at int) (float64, bool) { v, ok := values[at]; return v, ok }, nil
	case model.Model:
		return dense(x.Dense().Data())
	}
	return nil, fmt.Errorf("complex tensors cannot be compared yet; convert their parts to real arrays")
}

func (a *app) printComparison(c *comparison) {
	a.line("shape", dims(c.Shape))
	a.line("difference", fmt.Sprintf("||A-B||/||A|| = %s, at most %s in a cell, over %s cells", num(c.RelativeDifference), num(c.MaxDifference), count(c.Cells)))
	if c.FactorMatchScore == nil {
		return
	}
	a.line("match", fmt.Sprintf("factor match score %s (1: the same factors)", fixed(*c.FactorMatchScore, 4)))
	fmt.Fprintln(a.stdout)
	t := newTable("A", "B", "score").alignRight(0, 1, 2)
	for _, m := range c.Components {
		t.add(fmt.Sprint(m.A), fmt.Sprint(m.B), fixed(m.Score, 4))
	}
	t.print(a.stdout, "")
}
