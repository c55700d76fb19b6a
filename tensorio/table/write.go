package table

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/polyad/polyad/tensor"
)

// Write writes a real tensor as text in long form: a header, then a row a
// cell with the labels (or coordinates, or numbers from 0) of its indices and
// its value, in C order. Of an observed tensor only the known cells are
// written. comma stands between the fields: ',', '\t' or ';'. Modes without a
// name are called mode1, mode2, …; the last column is called value. Values
// are the shortest decimals that read back to the same bits.
func Write(w io.Writer, x tensor.Tensor, comma rune) error {
	if !slices.Contains([]rune{',', '\t', ';'}, comma) {
		return fmt.Errorf("table: separator %q: use a comma, a tab or a semicolon", comma)
	}
	b := bufio.NewWriterSize(w, 1<<16)
	t := newWriter(b, x, byte(comma))
	t.header(x.Axes())
	switch x := x.(type) {
	case *tensor.Dense[float64]:
		writeDense(t, x, 64)
	case *tensor.Dense[float32]:
		writeDense(t, x, 32)
	case *tensor.Observed:
		at := make([]int, x.Order())
		for e, v := range x.Values() {
			for m := range at {
				at[m] = int(x.Indices(m)[e])
			}
			t.row(at, v, 64)
		}
	default:
		return fmt.Errorf("table: text tables hold real dense or observed tensors, not %T: save as .npz", x)
	}
	return b.Flush()
}

// writer holds the labels as they are written.
type writer struct {
	b      *bufio.Writer
	comma  byte
	labels [][][]byte
	err    error
}

func newWriter(b *bufio.Writer, x tensor.Tensor, comma byte) *writer {
	t := &writer{b: b, comma: comma, labels: make([][][]byte, len(x.Shape()))}
	for m, axis := range x.Axes() {
		t.labels[m] = make([][]byte, x.Shape()[m])
		for i := range t.labels[m] {
			t.labels[m][i] = t.quoted(axis.Label(i))
		}
	}
	return t
}

// quoted is a field as RFC 4180 wants it.
func (t *writer) quoted(s string) []byte {
	f := []byte(s)
	if len(f) > 0 && f[0] != ' ' && f[len(f)-1] != ' ' && bytes.IndexByte(f, t.comma) < 0 && !bytes.ContainsAny(f, "\"\r\n") {
		return f
	}
	f = bytes.ReplaceAll(f, []byte{'"'}, []byte{'"', '"'})
	return append(append([]byte{'"'}, f...), '"')
}

func (t *writer) header(axes []tensor.Axis) {
	value := "value"
	for m, axis := range axes {
		name := axis.Name
		if name == "" {
			name = "mode" + strconv.Itoa(m+1)
		}
		if name == value {
			value += "_"
		}
		t.b.Write(append(t.quoted(name), t.comma))
	}
	t.b.WriteString(value + "\n")
}

func (t *writer) row(at []int, v float64, bits int) {
	line := t.b.AvailableBuffer()
	for m, i := range at {
		line = append(append(line, t.labels[m][i]...), t.comma)
	}
	line = append(strconv.AppendFloat(line, v, 'g', -1, bits), '\n')
	_, t.err = t.b.Write(line)
}

func writeDense[T tensor.Float](t *writer, x *tensor.Dense[T], bits int) {
	shape := x.Shape()
	at := make([]int, len(shape))
	for _, v := range x.Data() {
		if t.row(at, float64(v), bits); t.err != nil {
			return
		}
		for m := len(at) - 1; m >= 0; m-- {
			if at[m]++; at[m] < shape[m] {
				break
			}
			at[m] = 0
		}
	}
}
