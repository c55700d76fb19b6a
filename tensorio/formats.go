package tensorio

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/polyad/polyad/tensorio/npy"
)

// format is one kind of file that Open understands. A new one is a line in
// formats and a file with its two functions.
type format struct {
	name  string
	sniff func(head []byte) bool
	// read sets the tensor, and what is known beyond it, in f.
	read func(f *File, data []byte, opt Options) error
	// list describes the arrays without reading them; nil if the format
	// has to be read for that. whole is false if data is only the beginning
	// of the file; errMore then asks for all of it.
	list func(data []byte, whole bool) ([]Array, error)
}

var errMore = errors.New("tensorio: the whole file is needed")

// formats are tried in this order.
var formats = []format{
	{"npy", npy.Sniff, readNpy, listNpy},
	{"npz", npy.SniffArchive, readNpz, listNpz},
}

// known are files that are recognised so that the error can say what to do.
var known = []struct{ magic, advice string }{
	{"\x89HDF\r\n\x1a\n", "an HDF5 file (also MATLAB 7.3): it is not read; save the array as .npy, or in MATLAB with save -v7"},
	{"\x80\x02", "a Python pickle: it is not read; save the array with numpy.save"},
	{"\x80\x03", "a Python pickle: it is not read; save the array with numpy.save"},
	{"\x80\x04", "a Python pickle: it is not read; save the array with numpy.save"},
	{"BZh", "compressed with bzip2: only gzip and zstd are undone"},
	{"\xfd7zXZ\x00", "compressed with xz: only gzip and zstd are undone"},
	{"%PDF-", "a PDF document, not data"},
}

const sniffLen = 4096

// detect tells the format of a file by its first bytes.
func detect(data []byte, opt Options) (*format, error) {
	head := data[:min(len(data), sniffLen)]
	for i := range formats {
		if formats[i].sniff(head) {
			return &formats[i], nil
		}
	}
	for _, k := range known {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return nil, errors.New(k.advice)
		}
	}
	return nil, fmt.Errorf("the format is not recognised (the file starts with %.16q)", head)
}
