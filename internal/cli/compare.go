package cli

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/sparse"
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
		Example: "  polyad compare one.npz two.npz\n  polyad compare data.npy model.npz --json",
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
	l, r := sideOf(left), sideOf(right)
	if l == nil || r == nil {
		return nil, fmt.Errorf("complex tensors cannot be compared yet; convert their parts to real arrays")
	}
	var diff, norm float64
	add := func(x, y float64) {
		d := math.Abs(x - y)
		diff += d * d
		norm += x * x
		c.Cells++
		c.MaxDifference = max(c.MaxDifference, d)
	}
	idx := make([]int, len(c.Shape))
	switch {
	case l.partly:
		for e := range l.count {
			x := l.entry(e, idx)
			if y, known := r.at(idx); known {
				add(x, y)
			}
		}
	case r.partly:
		for e := range r.count {
			y := r.entry(e, idx)
			x, _ := l.at(idx)
			add(x, y)
		}
	case l.entry != nil && r.entry != nil: // elsewhere both are 0
		for e := range l.count {
			x := l.entry(e, idx)
			y, _ := r.at(idx)
			add(x, y)
		}
		for e := range r.count {
			y := r.entry(e, idx)
			if x, _ := l.at(idx); x == 0 {
				add(x, y)
			}
		}
		c.Cells = tensor.Size(c.Shape)
	default:
		for _, s := range []*side{l, r} {
			if s.model == nil {
				continue
			}
			x, err := whole(s.model)
			if err != nil {
				return nil, err
			}
			*s = *sideOf(x)
		}
		for at := range tensor.Size(c.Shape) {
			for n := len(idx) - 1; n >= 0; n-- {
				idx[n], at = at%c.Shape[n], at/c.Shape[n]
			}
			x, _ := l.at(idx)
			y, _ := r.at(idx)
			add(x, y)
		}
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

// side is what compare asks of a tensor or a model.
type side struct {
	at     func(idx []int) (v float64, known bool)
	model  model.Model                        // nil for a tensor
	partly bool                               // cells that are not listed are unknown
	count  int                                // of the entries that are listed
	entry  func(e int, idx []int) (v float64) // nil if none are: all cells are there
}

// sideOf is nil for a tensor that cannot be compared.
func sideOf(x tensor.Tensor) *side {
	switch x := x.(type) {
	case *tensor.Dense[float64]:
		return &side{at: func(idx []int) (float64, bool) { return x.At(idx...), true }}
	case *tensor.Dense[float32]:
		return &side{at: func(idx []int) (float64, bool) { return float64(x.At(idx...)), true }}
	case *sparse.COO[float64]:
		return sparseSide(x)
	case *sparse.COO[float32]:
		return sparseSide(x)
	case *tensor.Observed:
		return observedSide(x)
	case model.Model:
		return &side{model: x, at: func(idx []int) (float64, bool) { return x.At(idx...), true }}
	}
	return nil
}

func sparseSide[T tensor.Float](x *sparse.COO[T]) *side {
	return &side{
		at:    func(idx []int) (float64, bool) { return float64(x.At(idx...)), true },
		count: x.Count(),
		entry: func(e int, idx []int) float64 {
			for n := range idx {
				idx[n] = int(x.Indices(n)[e])
			}
			return float64(x.Values()[e])
		},
	}
}

// observedSide finds entries by their places in order.
func observedSide(x *tensor.Observed) *side {
	order := make([]int, x.Count())
	for e := range order {
		order[e] = e
	}
	index := make([][]int32, x.Order())
	for n := range index {
		index[n] = x.Indices(n)
	}
	slices.SortFunc(order, func(a, b int) int {
		for _, list := range index {
			if d := int(list[a]) - int(list[b]); d != 0 {
				return d
			}
		}
		return 0
	})
	return &side{
		partly: true,
		count:  x.Count(),
		at: func(idx []int) (float64, bool) {
			k, found := slices.BinarySearchFunc(order, idx, func(e int, idx []int) int {
				for n, list := range index {
					if d := int(list[e]) - idx[n]; d != 0 {
						return d
					}
				}
				return 0
			})
			if !found {
				return 0, false
			}
			return x.Values()[order[k]], true
		},
		entry: func(e int, idx []int) float64 {
			for n, list := range index {
				idx[n] = int(list[e])
			}
			return x.Values()[e]
		},
	}
}

// whole is the tensor that a model stands for, if this machine can hold it.
func whole(m model.Model) (*tensor.Dense[float64], error) {
	if bytes := 8 * tensor.Cells(m.Shape()); !(bytes <= float64(tensorio.Memory())) {
		return nil, fmt.Errorf("the model stands for %s cells, more than the memory of this machine; polyad predict evaluates those that a table lists", num(bytes/8))
	}
	return m.Dense(), nil
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
