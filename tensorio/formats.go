package tensorio

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/mat"
	"github.com/polyad/polyad/tensorio/npy"
	"github.com/polyad/polyad/tensorio/picture"
	"github.com/polyad/polyad/tensorio/psp"
	"github.com/polyad/polyad/tensorio/safetensors"
	"github.com/polyad/polyad/tensorio/table"
	"github.com/polyad/polyad/tensorio/tns"
)

// format is one kind of file that Open understands. A new one is a line in
// formats and a file with its two functions.
type format struct {
	name  string
	sniff func(head []byte) bool
	// read sets the tensor, and what is known beyond it, in f.
	read func(f *File, data []byte, opt Options) error
	// list describes the arrays from their headers. whole is false if data
	// is only the beginning of the file; errMore then asks for all of it.
	// nil if the format has to be read for that.
	list func(h *Header, data []byte, whole bool) error

	named      bool // the file names its arrays
	columns    bool // Modes and Value are columns
	aggregates bool // a cell may be listed twice
	labelled   bool // files beside it may hold labels
}

var errMore = errors.New("tensorio: the whole file is needed")

// formats are tried in this order: those with a signature first.
var formats = []format{
	{name: "npy", sniff: npy.Sniff, read: readNpy, list: listNpy},
	{name: "npz", sniff: npy.SniffArchive, read: readNpz, list: listNpz, named: true},
	{name: "psp", sniff: psp.Sniff, read: readPsp, list: listPsp},
	{name: "picture", sniff: picture.Sniff, read: readPicture, list: listPicture},
	{name: "parquet", sniff: table.SniffParquet, read: readTable, list: listTable, columns: true, aggregates: true},
	{name: "arrow", sniff: table.SniffArrow, read: readTable, list: listTable, columns: true, aggregates: true},
	{name: "mat", sniff: mat.Sniff, read: readMat, list: listMat, named: true},
	{name: "safetensors", sniff: safetensors.Sniff, read: readSafetensors, list: listSafetensors, named: true},
	{name: "tns", sniff: tns.Sniff, read: readTns, aggregates: true, labelled: true},
	{name: "table", sniff: isText, read: readTable, list: listTable, columns: true, aggregates: true},
}

// known are files that are recognised so that the error can say what to do.
var known = []struct{ magic, advice string }{
	{"\x89HDF\r\n\x1a\n", "an HDF5 file is not read; save the array as .npy"},
	{"\x80\x02", "a Python pickle is not read; save the array with numpy.save"},
	{"\x80\x03", "a Python pickle is not read; save the array with numpy.save"},
	{"\x80\x04", "a Python pickle is not read; save the array with numpy.save"},
	{"\x80\x05", "a Python pickle is not read; save the array with numpy.save"},
	{"FEA1", "a Feather file of version 1 is not read; write it again as version 2, as pyarrow.feather does"},
	{"BZh", "bzip2 is not undone, only gzip and zstd are; decompress the file first"},
	{"\xfd7zXZ\x00", "xz is not undone, only gzip and zstd are; decompress the file first"},
	{"\xff\xfe", "text in UTF-16 is not read; save it as UTF-8"},
	{"\xfe\xff", "text in UTF-16 is not read; save it as UTF-8"},
	{"%PDF-", "a PDF document holds no tensor"},
}

const sniffLen = 1 << 14

// detect tells the format of a file by its first bytes, and that the options
// mean something for it. Columns that are asked for make a table of any text.
func detect(data []byte, opt Options) (*format, error) {
	head := data[:min(len(data), sniffLen)]
	for _, k := range known {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return nil, errors.New(k.advice)
		}
	}
	for i := range formats {
		f := &formats[i]
		if !f.columns && opt.Value != "" && isText(head) {
			continue
		}
		if f.sniff(head) {
			return f, f.check(opt)
		}
	}
	return nil, fmt.Errorf("the format is not recognised (the file starts with %.16q); .npy, .npz, .mat, .tns, .psp, .safetensors, CSV, TSV, Parquet, Arrow, PNG, JPEG and GIF are read", head)
}

// isText reports whether there are only printing characters and blanks.
func isText(head []byte) bool {
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' {
			return false
		}
	}
	return len(bytes.TrimSpace(head)) > 0
}

// check reports options that mean nothing for the format.
func (f *format) check(opt Options) error {
	switch {
	case opt.Name != "" && !f.named:
		return fmt.Errorf("a %s file does not name its arrays; leave the name %q away", f.name, opt.Name)
	case opt.Value != "" && !f.columns:
		return fmt.Errorf("a %s file has no columns; leave the value column %q away", f.name, opt.Value)
	case opt.Aggregate != "" && !f.aggregates:
		return fmt.Errorf("a %s file has one value a cell; leave the aggregate %q away", f.name, opt.Aggregate)
	}
	return nil
}

// nameModes gives the axes the names that the caller chose.
func (f *File) nameModes(names []string) error {
	if len(names) == 0 {
		return nil
	}
	axes := tensor.CloneAxes(f.Tensor.Axes())
	if len(names) != len(axes) {
		return fmt.Errorf("%d modes are named, but the array has %d", len(names), len(axes))
	}
	for n := range axes {
		axes[n].Name = names[n]
	}
	return setAxes(f.Tensor, axes)
}
