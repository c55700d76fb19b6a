package table

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// Write writes a real tensor as text in long form: a header, then a row a
// cell with the labels (or coordinates, or numbers from 0) of its indices and
// its value, in C order. Of an observed or sparse tensor only the listed
// cells are written. comma stands between the fields: ',', '\t' or ';'. Modes without a
// name are called mode1, mode2, …; the last column is called value. Values
// are the shortest decimals that read back to the same bits.
func Write(w io.Writer, x tensor.Tensor, comma rune) error {
	if !slices.Contains([]rune{',', '\t', ';'}, comma) {
		return fmt.Errorf("table: separator %q: use a comma, a tab or a semicolon", comma)
	}
	b := bufio.NewWriterSize(w, 1<<16)
	for c, name := range columnNames(x.Axes()) {
		if c > 0 {
			b.WriteByte(byte(comma))
		}
		b.Write(quoted(name, byte(comma)))
	}
	b.WriteByte('\n')
	labels := make([][][]byte, len(x.Shape()))
	for m, axis := range x.Axes() {
		labels[m] = make([][]byte, x.Shape()[m])
		for i := range labels[m] {
			labels[m][i] = quoted(axis.Label(i), byte(comma))
		}
	}
	err := eachCell(x, func(at []int, v float64, bits int) error {
		line := b.AvailableBuffer()
		for m, i := range at {
			line = append(append(line, labels[m][i]...), byte(comma))
		}
		_, err := b.Write(append(strconv.AppendFloat(line, v, 'g', -1, bits), '\n'))
		return err
	})
	if err != nil {
		return err
	}
	return b.Flush()
}

// columnNames are the names of the modes and, last, of the values.
func columnNames(axes []tensor.Axis) []string {
	var names []string
	for m, axis := range axes {
		name := axis.Name
		if name == "" {
			name = "mode" + strconv.Itoa(m+1)
		}
		names = append(names, name)
	}
	value := "value"
	for slices.Contains(names, value) {
		value += "_"
	}
	return append(names, value)
}

// quoted is a field as RFC 4180 wants it.
func quoted(s string, comma byte) []byte {
	f := []byte(s)
	if len(f) > 0 && f[0] != ' ' && f[len(f)-1] != ' ' && bytes.IndexByte(f, comma) < 0 && !bytes.ContainsAny(f, "\"\r\n") {
		return f
	}
	f = bytes.ReplaceAll(f, []byte{'"'}, []byte{'"', '"'})
	return append(append([]byte{'"'}, f...), '"')
}

// eachCell calls use for the cells of a tensor, in C order, or as they are
// listed; bits is the precision of the values.
func eachCell(x tensor.Tensor, use func(at []int, v float64, bits int) error) error {
	at := make([]int, len(x.Shape()))
	switch x := x.(type) {
	case *tensor.Dense[float64]:
		return eachDense(x, at, 64, use)
	case *tensor.Dense[float32]:
		return eachDense(x, at, 32, use)
	case *tensor.Observed:
		return eachListed(x, x.Values(), at, 64, use)
	case *sparse.COO[float64]:
		return eachListed(x, x.Values(), at, 64, use)
	case *sparse.COO[float32]:
		return eachListed(x, x.Values(), at, 32, use)
	}
	return fmt.Errorf("table: text tables hold real tensors, not %T: save as .npz", x)
}

func eachListed[T tensor.Float](x interface{ Indices(mode int) []int32 }, values []T, at []int, bits int, use func([]int, float64, int) error) error {
	for e, v := range values {
		for m := range at {
			at[m] = int(x.Indices(m)[e])
		}
		if err := use(at, float64(v), bits); err != nil {
			return err
		}
	}
	return nil
}

func eachDense[T tensor.Float](x *tensor.Dense[T], at []int, bits int, use func([]int, float64, int) error) error {
	shape := x.Shape()
	for _, v := range x.Data() {
		if err := use(at, float64(v), bits); err != nil {
			return err
		}
		for m := len(at) - 1; m >= 0; m-- {
			if at[m]++; at[m] < shape[m] {
				break
			}
			at[m] = 0
		}
	}
	return nil
}
