package stream

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/polyad/polyad/tensorio/npy"
)

// Part is one file of the data: what a [Journal] knows it by.
type Part struct {
	Path     string    `json:"path"`
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified"`
}

// piece is a file and where its elements are.
type piece struct {
	Part
	file  *os.File
	head  *npy.Header
	first int64 // element of the whole that is its first
	count int64 // elements
}

// source is elements one after another, in one or more files.
type source struct {
	pieces []*piece
	elem   int64 // bytes of an element
}

// openSource opens a file, or the chunks in a folder, and returns the shape
// of the whole and whether it is in Fortran order.
func openSource(path string) (s *source, shape []int, fortran bool, err error) {
	names := []string{path}
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, false, err
	}
	if info.IsDir() {
		if names, err = chunks(path); err != nil {
			return nil, nil, false, err
		}
	}
	s = &source{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	for _, name := range names {
		p, err := openPiece(name)
		if err != nil {
			return s, nil, false, fmt.Errorf("%s: %w", name, err)
		}
		s.pieces = append(s.pieces, p)
	}
	first := s.pieces[0].head
	s.elem = int64(first.Bytes) / max(1, elements(first.Shape))
	shape = slices.Clone(first.Shape)
	slow := 0
	if first.Fortran {
		slow = len(shape) - 1
	}
	next := int64(0)
	for i, p := range s.pieces {
		if i > 0 {
			if err := alike(first, p.head, slow); err != nil {
				return s, nil, false, fmt.Errorf("%s: %w as in %s", p.Path, err, s.pieces[0].Path)
			}
			shape[slow] += p.head.Shape[slow]
		}
		p.first, p.count = next, elements(p.head.Shape)
		next += p.count
	}
	return s, shape, first.Fortran, nil
}

func elements(shape []int) int64 {
	n := int64(1)
	for _, s := range shape {
		n *= int64(s)
	}
	return n
}

// alike reports how a chunk differs from the first one.
func alike(first, h *npy.Header, slow int) error {
	order := func(h *npy.Header) string {
		if h.Fortran {
			return "Fortran"
		}
		return "C"
	}
	switch {
	case h.DType != first.DType:
		return fmt.Errorf("the chunk holds %s; %s is expected,", h.DType, first.DType)
	case h.Fortran != first.Fortran && len(h.Shape) > 1:
		return fmt.Errorf("the chunk is in %s order; %s order is expected,", order(h), order(first))
	case len(h.Shape) != len(first.Shape):
		return fmt.Errorf("the chunk has %d modes; %d are expected,", len(h.Shape), len(first.Shape))
	}
	for n, size := range h.Shape {
		if n != slow && size != first.Shape[n] {
			return fmt.Errorf("mode %d of the chunk has size %d; %d is expected (chunks follow each other along mode %d),", n, size, first.Shape[n], slow)
		}
	}
	return nil
}

// chunks lists the .npy files of a folder; numbers in their names count as
// numbers, so that part2.npy comes before part10.npy.
func chunks(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if name := e.Name(); filepath.Ext(name) == ".npy" && !strings.HasPrefix(name, ".") && !e.IsDir() {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: the folder holds no .npy file; a file, or a folder of .npy chunks along the slowest mode, is expected", dir)
	}
	slices.SortFunc(names, byNumbers)
	for i, name := range names {
		names[i] = filepath.Join(dir, name)
	}
	return names, nil
}

// byNumbers compares names, runs of digits by their value.
func byNumbers(a, b string) int {
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na > 0 && nb > 0 {
			x, errX := strconv.ParseUint(a[:na], 10, 64)
			y, errY := strconv.ParseUint(b[:nb], 10, 64)
			if errX == nil && errY == nil && x != y {
				if x < y {
					return -1
				}
				return 1
			}
			if c := strings.Compare(a[:na], b[:nb]); c != 0 {
				return c
			}
			a, b = a[na:], b[nb:]
			continue
		}
		if a[0] != b[0] {
			return strings.Compare(a[:1], b[:1])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// openPiece opens a .npy file whose elements can be used as they lie.
func openPiece(path string) (p *piece, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, cause(err)
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, cause(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is no regular file, so it cannot be read again and again")
	}
	h, err := npy.ReadHeader(f)
	if err != nil {
		return nil, err
	}
	if h.DType != "float32" && h.DType != "float64" {
		return nil, fmt.Errorf("the elements are %s; only little-endian float32 and float64 are read in slabs, so convert the file first (polyad convert IN OUT.npy)", h.DType)
	}
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, errors.New("files are read in slabs on little-endian machines only")
	}
	if err := h.Fits(info.Size() - int64(h.Offset)); err != nil {
		return nil, err
	}
	if len(h.Shape) == 0 {
		return nil, errors.New("the array is a single number; at least one mode is needed")
	}
	for n, size := range h.Shape {
		if size == 0 {
			return nil, fmt.Errorf("the array is empty: mode %d has size 0", n)
		}
	}
	return &piece{Part: Part{path, info.Size(), info.ModTime()}, file: f, head: h}, nil
}

// cause is what the system says, without the name that the caller adds.
func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// readAt fills dst with the bytes of the elements from the given one on.
func (s *source) readAt(dst []byte, first int64) error {
	at, _ := slices.BinarySearchFunc(s.pieces, first, func(p *piece, first int64) int {
		if p.first+p.count <= first {
			return -1
		}
		return 1
	})
	for len(dst) > 0 {
		p := s.pieces[at]
		skip := first - p.first
		n := min(int64(len(dst)), (p.count-skip)*s.elem)
		if _, err := p.file.ReadAt(dst[:n], int64(p.head.Offset)+skip*s.elem); err != nil {
			if errors.Is(err, io.EOF) {
				err = errors.New("the file has become shorter while it was read")
			}
			return fmt.Errorf("%s: %w", p.Path, cause(err))
		}
		dst, first, at = dst[n:], first+n/s.elem, at+1
	}
	return nil
}

func (s *source) close() error {
	var errs []error
	for _, p := range s.pieces {
		errs = append(errs, p.file.Close())
	}
	return errors.Join(errs...)
}
