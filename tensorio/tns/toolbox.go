package tns

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/cells"
)

// readToolbox reads what stands below the first line of a Tensor Toolbox
// file.
func readToolbox(s *lines, first []byte, opt Options) (*Result, error) {
	word := strings.ToLower(string(bytes.Fields(first)[0]))
	if !slices.Contains(toolboxWords, word) {
		return nil, fmt.Errorf("line %d: header %s, expected one of %s, or a line of indices and a value", s.line, quote(first), strings.Join(toolboxWords, ", "))
	}
	res := &Result{Dialect: word}
	shape, err := readShape(s)
	if err != nil {
		return nil, err
	}
	switch word {
	case "sptensor":
		count, err := readCount(s, "the number of entries")
		if err != nil {
			return nil, err
		}
		e, err := parseEntries(s.data[s.pos:], s.line, len(shape), 1)
		if err != nil {
			return nil, err
		}
		if len(e.values) != count {
			return nil, fmt.Errorf("%d entries, but the header promises %d: the file is %s", len(e.values), count, damage(len(e.values) < count))
		}
		return res, res.coordinates(e, shape, opt)
	case "ktensor":
		return res, res.ktensor(s, shape)
	}
	return res, res.dense(s, shape, opt)
}

// readShape reads the order and the sizes.
func readShape(s *lines) ([]int, error) {
	order, err := readCount(s, "the number of modes")
	if err != nil {
		return nil, err
	}
	line, _ := s.next()
	shape, ok := integers(line, order)
	if !ok {
		return nil, fmt.Errorf("line %d: sizes %s, expected %d whole numbers", s.line, quote(line), order)
	}
	for m, size := range shape {
		if size == 0 {
			return nil, fmt.Errorf("line %d: mode %d has size 0: the tensor is empty", s.line, m+1)
		}
	}
	return shape, nil
}

func readCount(s *lines, what string) (int, error) {
	line, ok := s.next()
	if !ok {
		return 0, fmt.Errorf("line %d: the file ends before %s", s.line, what)
	}
	n, ok := integers(line, 1)
	if !ok {
		return 0, fmt.Errorf("line %d: %s, expected %s", s.line, quote(line), what)
	}
	return n[0], nil
}

// dense reads all values of a tensor or a matrix, the first index fastest; a
// matrix that is written a row a line is read so.
func (res *Result) dense(s *lines, shape []int, opt Options) error {
	total, ok := cells.Size(shape)
	if !ok {
		return fmt.Errorf("%s cells are more than can be numbered", cells.Text(shape))
	}
	body, before := s.data[s.pos:], s.line
	rows := false
	if res.Dialect == "matrix" && len(shape) == 2 && shape[1] > 1 {
		line, _ := s.next()
		rows = fieldCount(line) == shape[1]
	}
	values, err := numbers(body, before, total)
	if err != nil {
		return err
	}
	res.Entries = total
	bad, first := countBad(values)
	if bad > 0 && opt.Missing == "" {
		return nonFinite(lineOfNumber(body, before, first), values[first], bad)
	}
	var x *tensor.Dense[float64]
	if rows {
		res.note("The matrix is written a row a line.")
		x = tensor.FromSlice(values, shape...)
	} else {
		x = tensor.Strided(values, shape, fortran(shape))
	}
	return res.finish(x, bad, opt)
}

// fortran are the strides with the first mode fastest.
func fortran(shape []int) []int {
	strides := make([]int, len(shape))
	step := 1
	for m, size := range shape {
		strides[m] = step
		step *= size
	}
	return strides
}

func fieldCount(line []byte) int { return len(bytes.Fields(line)) }

// lineOfNumber is the line of a value among those that numbers reads.
func lineOfNumber(body []byte, line, n int) int {
	for row := range bytes.Lines(body) {
		line++
		if n -= fieldCount(row); n < 0 {
			break
		}
	}
	return line
}

// ktensor reads a CP model: rank, weights, and a matrix a mode, a row a line.
func (res *Result) ktensor(s *lines, shape []int) error {
	rank, err := readCount(s, "the rank")
	if err != nil {
		return err
	}
	if rank == 0 {
		return fmt.Errorf("line %d: rank 0, expected at least 1", s.line)
	}
	if res.Weights, err = s.take(rank, "weights"); err != nil {
		return err
	}
	for m, size := range shape {
		line, _ := s.next()
		if w := strings.ToLower(string(line)); w != "matrix" && w != "facmatrix" {
			return fmt.Errorf("line %d: %s, expected the word matrix before factor %d", s.line, quote(line), m+1)
		}
		dims, err := readShape(s)
		if err != nil {
			return err
		}
		if !slices.Equal(dims, []int{size, rank}) {
			return fmt.Errorf("line %d: factor %d is %s, expected %d×%d", s.line, m+1, cells.Text(dims), size, rank)
		}
		total, ok := cells.Size(dims)
		if !ok {
			return fmt.Errorf("line %d: factor %d of %s numbers is too large", s.line, m+1, cells.Text(dims))
		}
		values, err := s.take(total, fmt.Sprintf("numbers of factor %d", m+1))
		if err != nil {
			return err
		}
		res.Factors = append(res.Factors, tensor.MatrixOf(size, rank, values))
		res.Entries += total
	}
	if line, ok := s.next(); ok {
		return fmt.Errorf("line %d: %s, expected the end of the file after %d factors", s.line, quote(line), len(shape))
	}
	total, ok := cells.Size(shape)
	if !ok || total > cells.MaxDense {
		return fmt.Errorf("a ktensor of %s cells is too large to expand (the limit is %d)", cells.Text(shape), cells.MaxDense)
	}
	res.Tensor = expand(shape, res.Weights, res.Factors)
	return nil
}

// take reads count numbers from the next lines; the last line must hold no
// more. NaN and infinities are errors: a model has no unknown numbers.
func (s *lines) take(count int, what string) ([]float64, error) {
	var out []float64
	for len(out) < count {
		line, ok := s.next()
		if !ok {
			return nil, fmt.Errorf("line %d: the file ends after %d of %d %s", s.line, len(out), count, what)
		}
		row, fault := numbersChunk(line)
		if fault != nil {
			return nil, fmt.Errorf("line %d: %s", s.line, fault.text)
		}
		if bad, first := countBad(row); bad > 0 {
			return nil, fmt.Errorf("line %d: the value is %v, expected a finite number", s.line, row[first])
		}
		if out = append(out, row...); len(out) > count {
			return nil, fmt.Errorf("line %d: more than %d %s", s.line, count, what)
		}
	}
	return out, nil
}

// expand is the full tensor of a CP model, built a mode at a time from the
// last: part[i, r] is the product of the rows of the modes so far.
func expand(shape []int, weights []float64, factors []*tensor.Matrix[float64]) *tensor.Dense[float64] {
	x := tensor.New[float64](shape...)
	data := x.Raw()
	var fill func(mode, at int, part []float64)
	parts := make([][]float64, len(shape))
	for m := range parts {
		parts[m] = make([]float64, len(weights))
	}
	fill = func(mode, at int, part []float64) {
		for i := range shape[mode] {
			row := factors[mode].Row(i)
			if mode == len(shape)-1 {
				sum := 0.0
				for r, w := range row {
					sum += w * part[r]
				}
				data[at*shape[mode]+i] = sum
				continue
			}
			for r, w := range row {
				parts[mode][r] = w * part[r]
			}
			fill(mode+1, at*shape[mode]+i, parts[mode])
		}
	}
	fill(0, 0, weights)
	return x
}
