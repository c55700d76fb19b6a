package npy

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"
)

// Archive is an .npz file in memory: a zip file of .npy members.
type Archive struct {
	data    []byte
	names   []string
	members map[string]*zip.File
}

// SniffArchive reports whether a file that starts with head is a zip file.
func SniffArchive(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// OpenArchive reads the table of contents of the .npz file that data holds.
func OpenArchive(data []byte) (*Archive, error) {
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("the .npz (zip) file is damaged or truncated: %w", err)
	}
	zr.RegisterDecompressor(zip.Deflate, flate.NewReader)
	a := &Archive{data: data, members: map[string]*zip.File{}}
	for _, f := range zr.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			continue
		}
		if a.members[name] != nil {
			return nil, fmt.Errorf("the .npz file holds the array %q twice", name)
		}
		a.names = append(a.names, name)
		a.members[name] = f
	}
	if len(a.names) == 0 {
		return nil, errors.New("the zip file holds no .npy arrays: it is not an .npz file")
	}
	return a, nil
}

// Names are the names of the arrays, in the order of the file.
func (a *Archive) Names() []string { return slices.Clone(a.names) }

// Has reports whether there is an array of the name.
func (a *Archive) Has(name string) bool { return a.members[name] != nil }

func (a *Archive) member(name string) (*zip.File, error) {
	f := a.members[name]
	switch {
	case f == nil:
		return nil, fmt.Errorf("no array %q; there are: %s", name, strings.Join(a.names, ", "))
	case f.Flags&1 != 0:
		return nil, fmt.Errorf("array %q is encrypted", name)
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return nil, fmt.Errorf("array %q is compressed by zip method %d; only stored and deflated members are read", name, f.Method)
	}
	return f, nil
}

// maxDeflate is a little more than the best ratio that deflate can reach, so
// that a size beyond it is a lie.
const maxDeflate = 1040

func (a *Archive) named(name string, err error) error {
	return fmt.Errorf("array %q: %w", name, err)
}

// Header is the header of one array, read without the elements.
func (a *Archive) Header(name string) (*Header, error) {
	f, err := a.member(name)
	if err != nil {
		return nil, err
	}
	r, err := f.Open()
	if err != nil {
		return nil, a.named(name, err)
	}
	defer r.Close()
	h, err := ReadHeader(r)
	if err != nil {
		return nil, a.named(name, err)
	}
	if f.UncompressedSize64 > 1<<62 {
		return nil, a.named(name, errors.New("its size cannot be addressed"))
	}
	if err := h.Fits(int64(f.UncompressedSize64) - int64(h.Offset)); err != nil {
		return nil, a.named(name, err)
	}
	return h, nil
}

// Array is one array. A member that is stored without compression is used in
// place, in the archive's memory. The checksum is verified.
func (a *Archive) Array(name string) (*Array, error) {
	f, err := a.member(name)
	if err != nil {
		return nil, err
	}
	data, err := a.bytes(f)
	if err != nil {
		return nil, a.named(name, err)
	}
	if crc32.ChecksumIEEE(data) != f.CRC32 {
		return nil, a.named(name, errors.New("the checksum is wrong: the file is damaged"))
	}
	arr, err := Parse(data)
	if err != nil {
		return nil, a.named(name, err)
	}
	return arr, nil
}

// bytes is the content of a member.
func (a *Archive) bytes(f *zip.File) ([]byte, error) {
	size, packed := f.UncompressedSize64, f.CompressedSize64
	offset, err := f.DataOffset()
	if err != nil {
		return nil, err
	}
	if rest := uint64(len(a.data)) - uint64(offset); uint64(offset) > uint64(len(a.data)) || packed > rest {
		return nil, errors.New("it reaches beyond the end of the file: it is truncated")
	}
	if f.Method == zip.Store {
		if size != packed {
			return nil, fmt.Errorf("it is stored in %d bytes but claims %d", packed, size)
		}
		return a.data[offset : uint64(offset)+size], nil
	}
	if size > packed*maxDeflate+1024 {
		return nil, fmt.Errorf("it claims %d bytes, more than its %d compressed bytes can hold", size, packed)
	}
	r := flate.NewReader(bytes.NewReader(a.data[offset : uint64(offset)+packed]))
	defer r.Close()
	data := make([]byte, size)
	if n, err := io.ReadFull(r, data); err != nil {
		return nil, truncated(err, fmt.Sprintf("it holds %d bytes of the %d it claims", n, size))
	}
	return data, nil
}
