package tns

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

// Write writes a real tensor in the Tensor Toolbox dialect, which keeps the
// sizes: a dense tensor as "tensor" (all values, the first index fastest), an
// sparse or observed one as "sptensor" (the listed entries, indices from 1;
// read the latter with Missing "unobserved"). Values are the shortest decimals that read back to
// the same bits. Names and labels have no place in the format.
func Write(w io.Writer, x tensor.Tensor) error {
	b := bufio.NewWriterSize(w, 1<<16)
	var err error
	switch x := x.(type) {
	case *tensor.Dense[float64]:
		writeDense(b, x, 64)
	case *tensor.Dense[float32]:
		writeDense(b, x, 32)
	case *tensor.Observed:
		err = writeListed(b, x, x.Values(), 64)
	case *sparse.COO[float64]:
		err = writeListed(b, x, x.Values(), 64)
	case *sparse.COO[float32]:
		err = writeListed(b, x, x.Values(), 32)
	default:
		err = fmt.Errorf("tns: the format holds real tensors, not %T: save as .npz", x)
	}
	if err != nil {
		return err
	}
	return b.Flush()
}

func writeHeader(b *bufio.Writer, word string, shape []int) {
	fmt.Fprintf(b, "%s\n%d\n", word, len(shape))
	for m, size := range shape {
		if m > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Itoa(size))
	}
	b.WriteByte('\n')
}

func writeDense[T tensor.Float](b *bufio.Writer, x *tensor.Dense[T], bits int) {
	writeHeader(b, "tensor", x.Shape())
	order := make([]int, x.Order())
	for m := range order {
		order[m] = len(order) - 1 - m
	}
	for _, v := range x.Permute(order...).Data() {
		b.Write(append(strconv.AppendFloat(b.AvailableBuffer(), float64(v), 'g', -1, bits), '\n'))
	}
}

// listed is a tensor whose entries are a list.
type listed interface {
	Shape() []int
	Indices(mode int) []int32
}

func writeListed[T tensor.Float](b *bufio.Writer, x listed, values []T, bits int) error {
	writeHeader(b, "sptensor", x.Shape())
	fmt.Fprintf(b, "%d\n", len(values))
	for e, v := range values {
		line := b.AvailableBuffer()
		for m := range x.Shape() {
			line = append(strconv.AppendInt(line, int64(x.Indices(m)[e])+1, 10), ' ')
		}
		line = append(strconv.AppendFloat(line, float64(v), 'g', -1, bits), '\n')
		if _, err := b.Write(line); err != nil {
			return err
		}
	}
	return nil
}
