package tensorio

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/psp"
	"github.com/polyad/polyad/tensorio/tns"
)

// Sorted is what [SortFile] did.
type Sorted struct {
	Shape   []int
	Entries int // that the input lists
	Count   int // that the output holds: those of one cell joined, zeros left out
	Runs    int // temporary files that were merged
	Notes   []string
}

// SortFile writes the .psp file of a .tns file (plain, gzip or zstd) that need
// not fit in memory: entries are sorted in runs of bounded size, which go to
// temporary files beside the output and are merged. Lists and buffers take
// about mem bytes. Of opt, Aggregate and Missing ("zero" or nothing) count.
func SortFile(in, out string, opt Options, mem int64) (*Sorted, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	s, err := sortFile(in, out, opt, mem)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in, err)
	}
	return s, nil
}

func sortFile(in, out string, opt Options, mem int64) (*Sorted, error) {
	if ext, _ := split(out); ext != ".psp" {
		return nil, fmt.Errorf("sorting in bounded memory writes .psp files, not %s", out)
	}
	if opt.Missing == "unobserved" || opt.Missing == "nan" {
		return nil, fmt.Errorf("--missing %s: in a .psp file the cells that are not listed are 0", opt.Missing)
	}
	f, err := os.Open(in)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer f.Close()
	r, err := decompressed(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	body := bufio.NewReaderSize(r, sniffLen)
	head, _ := body.Peek(sniffLen) // what is short is seen below
	if !tns.Sniff(head) {
		return nil, errors.New("only .tns files are sorted in bounded memory; leave --mem away to read another format whole")
	}
	dir := filepath.Dir(out)
	var sorter *sparse.Sorter
	listing, err := tns.Scan(body, tns.Options{Missing: opt.Missing}, func(index [][]int32, values []float64) error {
		if sorter == nil {
			// A half is for the text, what it is parsed to, and the collector.
			sorter = sparse.NewSorter(len(index), dir, mem/2)
		}
		return sorter.Add(index, values)
	})
	if sorter != nil {
		defer sorter.Close()
	}
	if err != nil {
		return nil, err
	}
	return mergeFile(sorter, listing, out, dir, sparse.Duplicates(opt.Aggregate))
}

// decompressed undoes gzip and zstd.
func decompressed(r *bufio.Reader) (io.ReadCloser, error) {
	switch head, _ := r.Peek(4); {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return gzip.NewReader(r)
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		d, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(128<<20), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	return io.NopCloser(r), nil
}

// mergeFile writes the sorted entries, a temporary file a list, and puts the
// lists together.
func mergeFile(sorter *sparse.Sorter, listing *tns.Listing, out, dir string, dup sparse.Duplicates) (*Sorted, error) {
	res := &Sorted{Shape: listing.Shape, Entries: listing.Entries}
	base := 1
	for n := range listing.Order {
		if low, _ := sorter.Range(n); low == 0 {
			base = 0
		}
	}
	for n := range listing.Order {
		_, high := sorter.Range(n)
		if listing.Shape == nil {
			res.Shape = append(res.Shape, high+1-base)
		} else if high >= res.Shape[n]+base {
			return nil, fmt.Errorf("index %d on mode %d, expected %d to %d (size %d, indices from %d)", high, n+1, base, res.Shape[n]-1+base, res.Shape[n], base)
		}
	}
	res.Notes = append(res.Notes, fmt.Sprintf("Indices count from %d.", base))
	columns := make([]*os.File, listing.Order+1)
	defer func() {
		for _, c := range columns {
			if c != nil {
				c.Close()
				os.Remove(c.Name())
			}
		}
	}()
	writers := make([]*bufio.Writer, len(columns))
	for k := range columns {
		c, err := os.CreateTemp(dir, "polyad-list-*")
		if err != nil {
			return nil, err
		}
		columns[k], writers[k] = c, bufio.NewWriterSize(c, 1<<18)
	}
	err := sorter.Merge(dup, func(idx []int32, v float64) error {
		res.Count++
		for n, i := range idx {
			w := writers[n]
			if _, err := w.Write(binary.LittleEndian.AppendUint32(w.AvailableBuffer(), uint32(int(i)-base))); err != nil {
				return err
			}
		}
		w := writers[len(idx)]
		_, err := w.Write(binary.LittleEndian.AppendUint64(w.AvailableBuffer(), math.Float64bits(v)))
		return err
	})
	var twice *sparse.DuplicateError
	if errors.As(err, &twice) {
		return nil, fmt.Errorf("the cell %v is listed more than once: join such entries with --aggregate sum (or mean, count, last, min, max)", twice.Cell)
	}
	if err != nil {
		return nil, err
	}
	res.Runs = sorter.Runs()
	if err := sorter.Close(); err != nil {
		return nil, err
	}
	_, compression := split(out)
	return res, WriteFile(out, compressed(compression, func(w io.Writer) error {
		p, err := psp.NewWriter(w, res.Shape, make([]tensor.Axis, len(res.Shape)), res.Count, false)
		if err != nil {
			return err
		}
		for k, c := range columns {
			if err := writers[k].Flush(); err != nil {
				return err
			}
			if _, err := c.Seek(0, io.SeekStart); err != nil {
				return err
			}
			if _, err := io.Copy(p, c); err != nil {
				return err
			}
		}
		return p.Close()
	}))
}
