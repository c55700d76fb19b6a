package tensorio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// source is an open file: its bytes as they lie on the disk, in memory.
type source struct {
	raw         []byte
	compression string // "", "gzip" or "zstd"
	limit       int    // of what it may decompress to, in bytes
	free        func() error
	forget      func() // lets pages go that are not in use
}

// openSource maps a regular file into memory, and reads any other kind.
func openSource(path string) (*source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	s := &source{limit: Memory(), free: func() error { return nil }, forget: func() {}}
	switch {
	case info.IsDir():
		return nil, fmt.Errorf("%s: is a directory, not a file", path)
	case !info.Mode().IsRegular():
		s.raw, err = io.ReadAll(f)
	case info.Size() > math.MaxInt:
		return nil, fmt.Errorf("%s: %d bytes are more than this machine can address", path, info.Size())
	case info.Size() > 0:
		s.raw, s.free, s.forget, err = load(f, int(info.Size()))
	}
	if err != nil {
		return nil, err
	}
	if len(s.raw) == 0 {
		return nil, fmt.Errorf("%s: the file is empty", path)
	}
	switch {
	case bytes.HasPrefix(s.raw, []byte{0x1f, 0x8b}):
		s.compression = "gzip"
	case bytes.HasPrefix(s.raw, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		s.compression = "zstd"
	}
	return s, nil
}

// read is load for files that cannot be mapped.
func read(f *os.File, size int) (data []byte, free func() error, forget func(), err error) {
	data = make([]byte, size)
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, nil, nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return data, func() error { return nil }, func() {}, nil
}

// stream is the content, decompressed as it is read.
func (s *source) stream() (io.ReadCloser, error) {
	r := bytes.NewReader(s.raw)
	switch s.compression {
	case "gzip":
		return gzip.NewReader(r)
	case "zstd":
		// 128 MiB is the window that the zstd tool accepts by itself.
		d, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(128<<20), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	return io.NopCloser(r), nil
}

// bytes is the whole content: the file's own memory, or what it decompresses
// to, in which case the file's memory is given back.
func (s *source) bytes() ([]byte, error) {
	if s.compression == "" {
		return s.raw, nil
	}
	r, err := s.stream()
	if err != nil {
		return nil, s.damaged(err)
	}
	defer r.Close()
	var buf bytes.Buffer
	buf.Grow(min(s.guess(), math.MaxInt/2) + bytes.MinRead)
	if _, err := buf.ReadFrom(io.LimitReader(r, int64(s.limit))); err != nil {
		return nil, s.damaged(err)
	}
	if buf.Len() == s.limit {
		return nil, fmt.Errorf("the %s file decompresses to more than the %d MB of memory of this machine; decompress it on the disk first, an array is then mapped", s.compression, s.limit>>20)
	}
	if buf.Len() == 0 {
		return nil, fmt.Errorf("the %s file holds nothing", s.compression)
	}
	return buf.Bytes(), s.close()
}

func (s *source) damaged(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("the %s data end too early: the file is truncated", s.compression)
	}
	return fmt.Errorf("the %s data are damaged: %w", s.compression, err)
}

// guess is the size that the compressed file says it has, as far as that is
// believable. It only saves growing the memory in steps.
func (s *source) guess() int {
	size, ratio := uint64(0), uint64(64)
	switch s.compression {
	case "gzip":
		if n := len(s.raw); n >= 18 {
			size = uint64(binary.LittleEndian.Uint32(s.raw[n-4:]))
		}
	case "zstd":
		var h zstd.Header
		if h.Decode(s.raw[:min(len(s.raw), zstd.HeaderMaxSize)]) == nil && h.HasFCS {
			size = h.FrameContentSize
		}
	}
	return int(min(size, ratio*uint64(len(s.raw)), uint64(s.limit)))
}

// close gives the memory back. It may be called again.
func (s *source) close() error {
	free := s.free
	s.free = func() error { return nil }
	s.raw = nil
	return free()
}
