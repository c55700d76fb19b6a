package npy

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"time"
	"unicode/utf8"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/scalar"
)

// ArchiveWriter writes an .npz file. Members are stored without compression
// and start at multiples of 64 bytes, so that they can be used in a memory
// map; there are no times in the file, so equal arrays make equal bytes.
type ArchiveWriter struct {
	zw      *zip.Writer
	out     *counter
	pending int64 // bytes that the zip writer adds before the next member
	names   map[string]bool
}

// NewArchiveWriter starts an .npz file; Close must end it.
func NewArchiveWriter(w io.Writer) *ArchiveWriter {
	out := &counter{w: w}
	return &ArchiveWriter{zw: zip.NewWriter(out), out: out, names: map[string]bool{}}
}

// Add writes a dense tensor, in C order.
func (a *ArchiveWriter) Add(name string, x tensor.Tensor) error {
	h, err := header(x)
	if err != nil {
		return err
	}
	t, _ := scalar.Of(x)
	size, err := scalar.Bytes(x.Shape(), t.Size)
	if err != nil {
		return err
	}
	return a.member(name, h, size, func(w io.Writer) error { return scalar.Write(w, x) })
}

// AddText writes a string as an array of order 0, so that str(z[name]) is
// the string in Python.
func (a *ArchiveWriter) AddText(name, text string) error {
	chars := make([]uint32, 0, len(text))
	for _, r := range text {
		chars = append(chars, uint32(r))
	}
	h := dict(fmt.Sprintf("<U%d", len(chars)), nil)
	return a.member(name, h, 4*len(chars), func(w io.Writer) error { return scalar.WriteSlice(w, chars, 4) })
}

// AddInt32 writes a matrix of int32 with the given rows, which must have one
// length.
func (a *ArchiveWriter) AddInt32(name string, rows ...[]int32) error {
	cols := 0
	if len(rows) > 0 {
		cols = len(rows[0])
	}
	h := dict("<i4", []int{len(rows), cols})
	return a.member(name, h, 4*len(rows)*cols, func(w io.Writer) error {
		for _, row := range rows {
			if len(row) != cols {
				panic("npy: rows of different lengths")
			}
			if err := scalar.WriteSlice(w, row, 4); err != nil {
				return err
			}
		}
		return nil
	})
}

// Close writes the table of contents. It does not close the writer below.
func (a *ArchiveWriter) Close() error { return a.zw.Close() }

// member writes one .npy file of size bytes after its header. body is called
// twice: the checksum goes before the data, where readers that do not seek
// look for it.
func (a *ArchiveWriter) member(name string, head []byte, size int, body func(io.Writer) error) error {
	if name == "" || !utf8.ValidString(name) || a.names[name] {
		return fmt.Errorf("npy: %q cannot be the name of an array: it is empty, not UTF-8, or taken", name)
	}
	a.names[name] = true
	if err := a.zw.Flush(); err != nil {
		return err
	}
	fh := &zip.FileHeader{Name: name + ".npy", Method: zip.Store, UncompressedSize64: uint64(len(head) + size)}
	fh.CompressedSize64 = fh.UncompressedSize64
	huge := fh.UncompressedSize64 >= math.MaxUint32
	tail := 0 // of the extra field, written by the zip writer
	if huge {
		// Sizes beyond 32 bits do not fit before the data; the zip writer
		// puts them, and the checksum, after it.
		fh.Modified = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
		tail = 9
	} else {
		sum := crc32.NewIEEE()
		sum.Write(head)
		if err := body(sum); err != nil {
			return err
		}
		fh.CRC32 = sum.Sum32()
		fh.ReaderVersion = 20
		for _, r := range fh.Name {
			if r >= utf8.RuneSelf {
				fh.Flags |= 0x800 // the name is UTF-8
			}
		}
		fh.SetMode(0o644)
		//lint:ignore SA1019 the raw writer looks at no other field of the time
		fh.ModifiedDate = 1<<5 | 1 // 1 January 1980, the first day that zip knows
	}
	fh.Extra = padding(a.out.n+a.pending+30+int64(len(fh.Name)), tail)
	a.pending = 0
	var w io.Writer
	var err error
	if huge {
		w, err = a.zw.CreateHeader(fh)
		a.pending = 24
	} else {
		w, err = a.zw.CreateRaw(fh)
	}
	if err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	return body(w)
}

// padding is an extra field that lets the data after it start at a multiple
// of 64: at is where the field starts, tail what follows it. Its identifier
// and layout are those of Android's zipalign.
func padding(at int64, tail int) []byte {
	n := int((64 - (at+6+int64(tail))%64) % 64)
	extra := make([]byte, 6+n)
	binary.LittleEndian.PutUint16(extra, 0xd935)
	binary.LittleEndian.PutUint16(extra[2:], uint16(2+n))
	binary.LittleEndian.PutUint16(extra[4:], 64)
	return extra
}

// counter counts what is written.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
