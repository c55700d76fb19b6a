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

	"github.com/polyad/polyad/internal/tempfile"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/psp"
	"github.com/polyad/polyad/tensorio/table"
	"github.com/polyad/polyad/tensorio/tns"
)

// Sorted is what [SortFile] did.
type Sorted struct {
	Format  string // of the input: "tns", "csv", "parquet" or "arrow"
	Shape   []int
	Entries int // that the input lists
	Count   int // that the output holds: those of one cell joined, zeros left out
	Runs    int // temporary files that were merged
	Notes   []string
}

// SortFile writes the .psp file of a .tns file or a table of events (CSV, TSV,
// Parquet, Arrow), plain, gzip or zstd, that need not fit in memory: entries are
// sorted in runs of bounded size, which go to temporary files beside the output
// and are merged. Lists, buffers and the labels of a table take about mem
// bytes. Cells that are not listed are 0: of a table with a column of values,
// Missing must say so ("zero").
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
	if form, err := detect(head, opt); err != nil {
		return nil, err
	} else if form.columns {
		return sortTable(in, out, opt, mem)
	} else if form.name != "tns" {
		return nil, errors.New("only .tns files and tables are sorted in bounded memory; leave --mem away to read another format whole")
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
	res, axes, base, err := sortedList(sorter, listing)
	if err == nil {
		err = mergeFile(sorter, res, axes, base, out, sparse.Duplicates(opt.Aggregate))
	}
	return res, located(err, in, listing.Order)
}

// sortTable is sortFile for tables of events: one pass finds the labels, and
// one the entries.
func sortTable(in, out string, opt Options, mem int64) (*Sorted, error) {
	src, err := openSource(in)
	if err != nil {
		return nil, err
	}
	if src.compression != "" {
		if src, err = unpacked(src, filepath.Dir(out)); err != nil {
			return nil, err
		}
	}
	defer src.close()
	t, err := table.OpenBounded(src.raw, table.Options{Modes: opt.Modes, Value: opt.Value, Aggregate: opt.Aggregate, Missing: opt.listed()}, mem/2, src.forget)
	if err != nil {
		return nil, err
	}
	sorter := sparse.NewSorter(len(t.Shape), filepath.Dir(out), mem/4)
	defer sorter.Close()
	if err := t.Each(sorter.Add); err != nil {
		return nil, err
	}
	res := &Sorted{Format: t.Format, Shape: t.Shape, Entries: sorter.Total(), Notes: t.Notes}
	err = mergeFile(sorter, res, t.Axes, 0, out, sparse.Duplicates(t.Aggregate))
	var dup *sparse.DuplicateError
	if errors.As(err, &dup) {
		if named := t.Repeated(dup.Cell); named != nil {
			err = named
		}
	}
	return res, err
}

// A rangeError is an index that does not fit the sizes of a .tns file.
type rangeError struct{ mode, index, base, size int }

func (e *rangeError) Error() string {
	return fmt.Sprintf("index %d on mode %d, expected %d to %d (size %d, indices from %d)", e.index, e.mode+1, e.base, e.size-1+e.base, e.size, e.base)
}

// located names the lines of a .tns file that an error of its entries is about.
func located(err error, in string, order int) error {
	var dup *sparse.DuplicateError
	var far *rangeError
	var match func(index []int32) bool
	want := 1
	switch {
	case errors.As(err, &dup):
		want = 2
		match = func(index []int32) bool {
			for m, i := range index {
				if int(i) != dup.Cell[m] {
					return false
				}
			}
			return true
		}
	case errors.As(err, &far):
		match = func(index []int32) bool { return int(index[far.mode]) == far.index }
	default:
		return err
	}
	f, fault := os.Open(in)
	if fault != nil {
		return err
	}
	defer f.Close()
	r, fault := decompressed(bufio.NewReaderSize(f, 1<<20))
	if fault != nil {
		return err
	}
	defer r.Close()
	lines, fault := tns.Lines(r, order, want, match)
	switch {
	case fault != nil || len(lines) < want:
		return err
	case far != nil:
		return fmt.Errorf("line %d: %w", lines[0], err)
	}
	return fmt.Errorf("lines %d and %d list the same cell %v: join such entries with --aggregate sum (or mean, count, last, min, max)", lines[0], lines[1], dup.Cell)
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

// unpacked is what a compressed source holds, in a temporary file in dir, which
// is removed when it is closed.
func unpacked(src *source, dir string) (_ *source, err error) {
	defer src.close()
	r, err := src.stream()
	if err != nil {
		return nil, src.damaged(err)
	}
	defer r.Close()
	f, err := createTemporary(filepath.Join(dir, "unpacked"), 0o600)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
			drop(f.Name())
		}
	}()
	for err == nil {
		_, err = io.CopyN(f, r, 64<<20)
		src.forget()
	}
	var write *os.PathError
	if err != io.EOF && !errors.As(err, &write) {
		err = src.damaged(err)
	}
	if err != io.EOF {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	plain, err := openSource(f.Name())
	if err != nil {
		return nil, err
	}
	free := plain.free
	plain.free = func() error {
		err := free()
		drop(f.Name())
		return err
	}
	return plain, nil
}

// sortedList is what is known of a .tns file that was read.
func sortedList(sorter *sparse.Sorter, listing *tns.Listing) (res *Sorted, axes []tensor.Axis, base int, err error) {
	res = &Sorted{Format: "tns", Shape: listing.Shape, Entries: listing.Entries}
	base = 1
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
			return nil, nil, 0, &rangeError{n, high, base, res.Shape[n]}
		}
	}
	res.Notes = append(res.Notes, fmt.Sprintf("Indices count from %d.", base))
	return res, make([]tensor.Axis, len(res.Shape)), base, nil
}

// mergeFile writes the sorted entries, a temporary file a list, and puts the
// lists together. Indices count from base.
func mergeFile(sorter *sparse.Sorter, res *Sorted, axes []tensor.Axis, base int, out string, dup sparse.Duplicates) error {
	dir := filepath.Dir(out)
	columns := make([]*tempfile.File, len(res.Shape)+1)
	defer func() {
		for _, c := range columns {
			if c != nil {
				c.Discard()
			}
		}
	}()
	writers := make([]*bufio.Writer, len(columns))
	for k := range columns {
		c, err := tempfile.Create(dir, "polyad-list-*")
		if err != nil {
			return err
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
	if err != nil {
		return err
	}
	res.Runs = sorter.Runs()
	if err := sorter.Close(); err != nil {
		return err
	}
	_, compression := split(out)
	return WriteFile(out, compressed(compression, func(w io.Writer) error {
		p, err := psp.NewWriter(w, res.Shape, axes, res.Count, false)
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
