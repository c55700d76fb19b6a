package tensorio

import (
	"fmt"
	"math"
	"slices"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/scalar"
)

// Options says how a file becomes a tensor. The zero value reads an array as
// it is.
type Options struct {
	// Modes are the columns of a table that become modes, such as
	// "industry" or "month(date)" (default: see package table), or the names
	// that the modes of an array get.
	Modes []string
	// Value is the column of a table that holds the values.
	Value string
	// Aggregate says what several rows of one cell become: "sum", "mean",
	// "count" or "last". Default: such rows are an error.
	Aggregate string
	// Missing says what becomes of cells that a file does not list and of
	// values that are NaN or infinite. "unobserved": the cells are
	// unobserved, such values are an error. "nan": such values are unobserved
	// too. "zero": both are 0. "keep": such values stay in an array that
	// lists all its cells; elsewhere this is the default. Default: "unobserved", but cells that are not
	// listed are 0 in .tns and .psp files, as those formats have it, and in
	// tables without a column of values, whose rows are counted.
	//
	// Where unlisted cells are 0, the tensor is a *sparse.COO if it has more
	// than 2^20 cells of which fewer than one in ten is listed, or more than
	// 2^28 cells, or comes from a .psp file; else it is dense.
	Missing string
	// Name is the array to read of an .npz, .mat or .safetensors file that
	// holds several.
	Name string
	// DType is "float32" or "float64" to convert the elements. Default: keep
	// float32, float64 and complex numbers, widen shorter floats to float32,
	// turn everything else into float64.
	DType string
}

func (o Options) check() error {
	if err := scalar.Check(o.DType); err != nil {
		return fmt.Errorf("tensorio: %w", err)
	}
	if !slices.Contains([]string{"", "unobserved", "nan", "zero", "keep"}, o.Missing) {
		return fmt.Errorf("tensorio: unknown treatment %q of missing values: valid are unobserved, nan, zero and keep", o.Missing)
	}
	return nil
}

// listed is Missing for a format that lists cells.
func (o Options) listed() string {
	if o.Missing == "keep" {
		return ""
	}
	return o.Missing
}

// File is an open file and the tensor in it.
type File struct {
	Tensor      tensor.Tensor
	Name        string   // of the array, in a file that names arrays
	Format      string   // "npy", "npz", "mat", "csv", "png", …
	Compression string   // "", "gzip" or "zstd"
	DType       string   // of the elements in the file, such as "int16"
	Bytes       int64    // of the file on the disk
	Missing     int      // cells of the tensor that are unobserved
	NonFinite   int      // values in the file that are NaN or infinite
	Notes       []string // what the reader found worth saying, a sentence each

	src *source
}

// Open reads the tensor in a file. The format is told by the content, never
// by the name; gzip and zstd are undone. Little-endian float32 and float64
// arrays of .npy, .npz (stored) and .safetensors files are not read but
// mapped into memory, read-only: the tensor must not be written to, and lives
// until Close; the file must not be shortened meanwhile (replacing it, as
// [Save] does, is safe). The files mode-1-NAME.map, … that FROSTT ships
// beside a .tns file name its modes and label their indices. Errors name the file, the place and the next step.
func Open(path string, opt Options) (*File, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	src, err := openSource(path)
	if err != nil {
		return nil, err
	}
	f := &File{Compression: src.compression, Bytes: int64(len(src.raw)), src: src}
	if err := f.read(path, opt); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

func (f *File) read(path string, opt Options) error {
	data, err := f.src.bytes()
	if err != nil {
		return err
	}
	form, err := detect(data, opt)
	if err != nil {
		return err
	}
	f.Format = form.name
	if err := form.read(f, data, opt); err != nil {
		return err
	}
	for n, s := range f.Tensor.Shape() {
		if s == 0 {
			return fmt.Errorf("the tensor is empty: mode %d of its shape %s has no index", n, scalar.Shape(f.Tensor.Shape()))
		}
	}
	if form.labelled {
		if err := f.readLabels(path); err != nil {
			return err
		}
	}
	if !form.columns {
		if err := f.nameModes(opt.Modes); err != nil {
			return err
		}
	}
	if err := f.applyMissing(opt.Missing); err != nil {
		return err
	}
	if x, ok := f.Tensor.(*tensor.Observed); ok {
		f.Missing = absent(x)
	}
	return f.convert(opt.DType)
}

// Close gives the memory of the file back. The tensor must not be used any
// more.
func (f *File) Close() error {
	f.Tensor = nil
	return f.src.close()
}

// note adds a sentence to the notes.
func (f *File) note(format string, args ...any) {
	f.Notes = append(f.Notes, fmt.Sprintf(format, args...))
}

// rounded notes integers that were too large for the element type.
func (f *File) rounded(n int) {
	if n > 0 {
		f.note("%d integers were rounded: they do not fit the element type exactly.", n)
	}
}

// absent is the number of cells that are unobserved, or the greatest int.
func absent(x *tensor.Observed) int {
	cells, err := scalar.Bytes(x.Shape(), 1)
	if err != nil {
		return math.MaxInt
	}
	return cells - x.Count()
}

// convert changes the precision of a dense real tensor, if it is not the one
// asked for already.
func (f *File) convert(dtype string) error {
	if dtype == "" {
		return nil
	}
	switch x := f.Tensor.(type) {
	case *sparse.COO[float32]:
		if dtype == "float64" {
			f.Tensor = sparse.Convert[float64](x)
		}
	case *sparse.COO[float64]:
		if dtype == "float32" {
			f.Tensor = sparse.Convert[float32](x)
		}
	case *tensor.Observed:
		if dtype == "float32" {
			f.note("The values stay float64: a tensor with unobserved cells has no other type.")
		}
	case *tensor.Dense[float32]:
		if dtype == "float64" {
			return f.recode(scalar.Raw(x.Raw()), x, scalar.Host(4), dtype)
		}
	case *tensor.Dense[float64]:
		if dtype == "float32" {
			return f.recode(scalar.Raw(x.Raw()), x, scalar.Host(8), dtype)
		}
	default:
		return fmt.Errorf("the complex elements cannot become %s", dtype)
	}
	return nil
}

func (f *File) recode(raw []byte, x interface{ Strides() []int }, t scalar.Type, dtype string) error {
	old := f.Tensor
	y, _, err := scalar.Tensor(raw, t, old.Shape(), x.Strides(), dtype)
	if err != nil {
		return err
	}
	f.Tensor = y
	return setAxes(y, old.Axes())
}

// setAxes names the modes of any kind of tensor.
func setAxes(x tensor.Tensor, axes []tensor.Axis) error {
	return x.(interface {
		SetAxes(...tensor.Axis) error
	}).SetAxes(axes...)
}
