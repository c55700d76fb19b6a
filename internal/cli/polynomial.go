package cli

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/big"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/polynomial"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// polynomialFlags are the flags of polynomial.
type polynomialFlags struct {
	motif    string
	mark     string
	colors   int
	chrome   bool
	directed bool
	out      string
	mem      string
	threads  int
	json     bool
}

// polynomialJSON is the JSON of polynomial.
type polynomialJSON struct {
	File          string            `json:"file"`
	Nodes         int               `json:"nodes"`
	Edges         int               `json:"edges"`
	Directed      bool              `json:"directed"`
	Motif         string            `json:"motif,omitempty"`
	Primes        []string          `json:"primes,omitempty"` // of the motif
	Automorphisms int               `json:"automorphisms,omitempty"`
	Exact         bool              `json:"exact"`            // whole numbers, without rounding
	Values        []polynomialValue `json:"values,omitempty"` // where the polynomial is not 0
	Colors        int               `json:"colors,omitempty"`
	Colorings     *big.Int          `json:"colorings,omitempty"`
	Chromatic     []*big.Int        `json:"chromatic,omitempty"` // coefficients of k^0, k^1, …
	Out           string            `json:"out,omitempty"`
	Seconds       float64           `json:"seconds"`
}

// polynomialValue is a value at the graph nodes that the marked ones are put
// on. Numbers are whole ones, or of floating point where weights are not whole.
type polynomialValue struct {
	Nodes      []string `json:"nodes"`
	Polynomial any      `json:"polynomial"`          // over all maps
	Injective  any      `json:"injective,omitempty"` // over maps that keep nodes apart
	Subgraphs  any      `json:"subgraphs,omitempty"` // injective / automorphisms
}

// injectiveNodes is the most nodes of a motif for which subgraphs are counted.
const injectiveNodes = 8

func (a *app) polynomial() *cobra.Command {
	var f polynomialFlags
	cmd := &cobra.Command{
		Use:   "polynomial GRAPH",
		Short: "Count motifs and colourings of a graph, and evaluate its polynomials",
		Long: `Polynomial evaluates the equivariant polynomial of a motif: the sum over all maps
of its nodes to those of the graph of the product of the weights of its edges.
Without weights that is the number of homomorphisms; sums over injective maps
and the number of subgraphs are shown too, for motifs of up to 8 nodes. With
--mark there is a value for each node, or pair of nodes.

GRAPH lists the two nodes of an edge on each line, perhaps with a weight, or is a
DIMACS file (.col). A motif is a list of edges such as a-b,b-c,c-a, or edge,
triangle, walk:K, path:K, cycle:K, star:K, clique:K, whose nodes are a, b, ….
Whole weights are summed exactly. With --colorings K the ways to colour the graph
with K colours are counted, exactly; --chromatic gives their number as a
polynomial in K.`,
		Example: `  polyad polynomial examples/petersen.col --motif cycle:5
  polyad polynomial examples/petersen.col --motif walk:3 --mark a,d -o walks.npy
  polyad polynomial examples/petersen.col --chromatic
  polyad polynomial roads.txt --motif 'a-b,b-c,c-a' --mark a --json
  polyad polynomial queen5_5.col --colorings 5 --mem 2GiB`,
		Args: exactly("GRAPH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			jobs := 0
			for _, on := range []bool{f.motif != "", cmd.Flags().Changed("colorings"), f.chrome} {
				if on {
					jobs++
				}
			}
			if jobs != 1 {
				return errors.New("polynomial takes either --motif or --colorings or --chromatic; see polyad polynomial --help")
			}
			if f.motif == "" && (f.mark != "" || f.out != "") {
				return errors.New("--mark and -o are for --motif")
			}
			if f.motif != "" && f.mem != "" {
				return errors.New("--mem is for --colorings and --chromatic")
			}
			return a.runPolynomial(args[0], f)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.motif, "motif", "", "the `motif`, as edges or a name")
	fl.StringVar(&f.mark, "mark", "", "marked `nodes` of the motif, with commas between them")
	fl.IntVar(&f.colors, "colorings", 0, "count the colourings with this many colours")
	fl.BoolVar(&f.chrome, "chromatic", false, "find the chromatic polynomial")
	fl.BoolVar(&f.directed, "directed", false, "edges go from the first node to the second alone")
	fl.StringVarP(&f.out, "out", "o", "", "`file` for the polynomial's values as a tensor ("+strings.Join(tensorio.Extensions(), ", ")+")")
	memFlag(cmd, &f.mem)
	threadsFlag(cmd, &f.threads)
	jsonFlag(cmd, &f.json)
	return cmd
}

func (a *app) runPolynomial(file string, f polynomialFlags) error {
	if err := checkTensor("-o", f.out); err != nil {
		return err
	}
	if err := setThreads(f.threads); err != nil {
		return err
	}
	limit, err := parseMem(f.mem)
	if err != nil {
		return err
	}
	if limit > 0 {
		if limit -= processBytes; limit <= 0 {
			return fmt.Errorf("--mem %s; the program alone takes %s; allow more", f.mem, size(processBytes))
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	g, err := polynomial.Read(bytes.NewReader(data), f.directed)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	start := time.Now()
	out := polynomialJSON{File: file, Nodes: len(g.Nodes), Edges: edges(g, f.directed), Directed: f.directed, Exact: true, Out: f.out}
	switch {
	case f.chrome:
		if out.Chromatic, err = polynomial.Chromatic(a.ctx, g, limit); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	case f.motif == "":
		out.Colors = f.colors
		if out.Colorings, err = polynomial.Colorings(a.ctx, g, f.colors, limit); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	default:
		if err := a.evaluate(g, f, &out); err != nil {
			return err
		}
	}
	out.Seconds = time.Since(start).Seconds()
	if f.json {
		return a.printJSON(out)
	}
	a.printPolynomial(out)
	return nil
}

// edges is the number of edges, loops included.
func edges(g *polynomial.Graph, directed bool) int {
	n, m := len(g.Nodes), 0
	for i := range n {
		for j := range n {
			if g.Adjacency.At(i, j) != 0 && (directed || j <= i) {
				m++
			}
		}
	}
	return m
}

// evaluate fills in the values of a motif.
func (a *app) evaluate(g *polynomial.Graph, f polynomialFlags, out *polynomialJSON) error {
	m, err := polynomial.Parse(f.motif)
	if err != nil {
		return err
	}
	if f.mark != "" {
		if m, err = m.Mark(strings.Split(strings.ReplaceAll(f.mark, " ", ""), ",")...); err != nil {
			return err
		}
	}
	out.Motif, out.Automorphisms = m.String(), m.Automorphisms(f.directed)
	for _, p := range m.Primes() {
		out.Primes = append(out.Primes, p.String())
	}
	n := len(g.Nodes)
	if cells := math.Pow(float64(n), float64(len(m.Marked))); cells > 1<<28 {
		return fmt.Errorf("%d marks on %d nodes give %.3g values; mark fewer nodes", len(m.Marked), n, cells)
	}
	_, _, broken := g.Adjacency.FindCell(func(v float64) bool { return v != math.Trunc(v) || math.Abs(v) > 1<<53 })
	out.Exact = !broken
	var p, q []any
	var values *tensor.Dense[float64]
	if out.Exact {
		if p, err = numbersOf(polynomial.Exact(a.ctx, m, g.Adjacency)); err != nil {
			return err
		}
		if len(m.Names) <= injectiveNodes {
			if q, err = numbersOf(polynomial.InjectiveExact(a.ctx, m, g.Adjacency)); err != nil {
				return err
			}
		}
	}
	if !out.Exact || f.out != "" {
		if values, err = polynomial.Eval(a.ctx, m, g.Adjacency); err != nil {
			return err
		}
	}
	if !out.Exact {
		p, _ = numbersOf(values.Data(), nil)
		if len(m.Names) <= injectiveNodes {
			x, err := polynomial.Injective(a.ctx, m, g.Adjacency)
			if err != nil {
				return err
			}
			q, _ = numbersOf(x.Data(), nil)
		}
	}
	if f.out != "" {
		axes := make([]tensor.Axis, len(m.Marked))
		for k, v := range m.Marked {
			axes[k] = tensor.Axis{Name: m.Names[v], Labels: g.Nodes}
		}
		if err := values.SetAxes(axes...); err != nil {
			return err
		}
		if err := tensorio.Save(f.out, values); err != nil {
			return outputError{err}
		}
	}
	for i := range p {
		if zero(p[i]) && len(p) > 1 {
			continue
		}
		v := polynomialValue{Nodes: make([]string, len(m.Marked)), Polynomial: p[i]}
		for k, rest := len(m.Marked)-1, i; k >= 0; k-- {
			v.Nodes[k] = g.Nodes[rest%n]
			rest /= n
		}
		if q != nil {
			v.Injective = q[i]
			switch x := q[i].(type) {
			case *big.Int:
				v.Subgraphs = new(big.Int).Div(x, big.NewInt(int64(out.Automorphisms)))
			case float64:
				v.Subgraphs = x / float64(out.Automorphisms)
			}
		}
		out.Values = append(out.Values, v)
	}
	return nil
}

// numbersOf is a list of numbers of any type.
func numbersOf[T any](list []T, err error) ([]any, error) {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out, err
}

// zero says whether a number of numbersOf is 0.
func zero(x any) bool {
	switch x := x.(type) {
	case *big.Int:
		return x.Sign() == 0
	case float64:
		return x == 0
	}
	return false
}

// size64 is a number of numbersOf, rounded, to sort by.
func size64(x any) float64 {
	switch x := x.(type) {
	case *big.Int:
		v, _ := new(big.Float).SetInt(x).Float64()
		return v
	case float64:
		return x
	}
	return 0
}

// printPolynomial prints the largest values.
func (a *app) printPolynomial(out polynomialJSON) {
	kind := ""
	if out.Directed {
		kind = ", directed"
	}
	a.line("graph", fmt.Sprintf("%s: %s nodes, %s edges%s", out.File, count(out.Nodes), count(out.Edges), kind))
	if out.Chromatic != nil {
		a.line("chromatic", append([]string{"coefficients of k^0, k^1, …:"}, wrap(strings.Trim(fmt.Sprint(out.Chromatic), "[]"), 96)...)...)
		a.line("time", fixed(out.Seconds, 3)+" s")
		return
	}
	if out.Motif == "" {
		a.line("colourings", fmt.Sprintf("%v with %d colours", out.Colorings, out.Colors))
		a.line("time", fixed(out.Seconds, 3)+" s")
		return
	}
	a.line("motif", fmt.Sprintf("%s: %d symmetries, primes %s", out.Motif, out.Automorphisms, strings.Join(out.Primes, "  ")))
	a.line("time", fixed(out.Seconds, 3)+" s")
	if out.Out != "" {
		a.line("written", out.Out)
	}
	const most = 20
	values := slices.Clone(out.Values)
	slices.SortStableFunc(values, func(x, y polynomialValue) int {
		switch x, y := size64(x.Polynomial), size64(y.Polynomial); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	fmt.Fprintln(a.stdout)
	t := newTable("at", "polynomial", "injective", "subgraphs").alignRight(1, 2, 3)
	for _, v := range values[:min(len(values), most)] {
		at := strings.Join(v.Nodes, " ")
		if at == "" {
			at = "whole graph"
		}
		cells := []string{at, fmt.Sprint(v.Polynomial), "–", "–"}
		if v.Injective != nil {
			cells[2], cells[3] = fmt.Sprint(v.Injective), fmt.Sprint(v.Subgraphs)
		}
		t.add(cells...)
	}
	t.print(a.stdout, "")
	if len(values) > most {
		fmt.Fprintf(a.stdout, "and %s more; --json prints them all\n", count(len(values)-most))
	}
}
