package tensorio

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/scalar"
	"github.com/polyad/polyad/tensorio/npy"
	"github.com/polyad/polyad/tensorio/picture"
	"github.com/polyad/polyad/tensorio/psp"
	"github.com/polyad/polyad/tensorio/table"
	"github.com/polyad/polyad/tensorio/tns"
)

// savers are the formats that can be written, by extension.
var savers = []struct {
	ext   string
	write func(w io.Writer, x tensor.Tensor) error
}{
	{".npy", writeNpy},
	{".npz", writeNpz},
	{".safetensors", writeSafetensors},
	{".tns", tns.Write},
	{".psp", psp.Write},
	{".csv", writeCSV},
	{".tsv", writeTSV},
	{".parquet", table.WriteParquet},
	{".png", picture.Write},
}

// Extensions are the file name endings that [Save] knows; each may be
// followed by .gz or .zst.
func Extensions() []string {
	var list []string
	for _, s := range savers {
		list = append(list, s.ext)
	}
	return list
}

// Save writes a tensor to a file in the format of its extension, compressed
// if .gz or .zst follows, in one step (see [WriteFile]). Names and labels of
// the axes survive in .npz, .psp and .safetensors files and in tables; .npy, .tns
// and .png files have no room for them. Unobserved cells are left out of
// tables and .tns files, and NaN in .npy and .safetensors files. A .psp file
// holds a sparse tensor: cells that are zero are left out.
func Save(path string, x tensor.Tensor) error {
	write, compression, err := saver(path)
	if err != nil {
		return err
	}
	return WriteFile(path, compressed(compression, func(w io.Writer) error { return write(w, x) }))
}

// CheckSave is the error that [Save] would give for the extension, to be had
// before the work.
func CheckSave(path string) error {
	_, _, err := saver(path)
	return err
}

// saver is what writes files of the name.
func saver(path string) (write func(io.Writer, tensor.Tensor) error, compression string, err error) {
	ext, compression := split(path)
	for _, s := range savers {
		if s.ext == ext {
			return s.write, compression, nil
		}
	}
	return nil, "", fmt.Errorf("%s: the extension %q is unknown; valid are %s, each also with .gz or .zst",
		path, ext, strings.Join(Extensions(), ", "))
}

// split is the extension that names the format, and that of the compression.
func split(path string) (ext, compression string) {
	base := strings.ToLower(filepath.Base(path))
	ext = filepath.Ext(base)
	if slices.Contains([]string{".gz", ".zst"}, ext) {
		return filepath.Ext(strings.TrimSuffix(base, ext)), ext
	}
	return ext, ""
}

// compressed is write with a compressor below it. The same content makes the
// same bytes.
func compressed(compression string, write func(io.Writer) error) func(io.Writer) error {
	return func(w io.Writer) error {
		var c io.WriteCloser
		switch compression {
		case "":
			return write(w)
		case ".gz":
			c = gzip.NewWriter(w)
		case ".zst":
			enc, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
			if err != nil {
				return err
			}
			c = enc
		}
		if err := write(c); err != nil {
			c.Close()
			return err
		}
		return c.Close()
	}
}

// writeNpy writes NaN for cells that are unobserved.
func writeNpy(w io.Writer, x tensor.Tensor) error {
	d, err := filled(x)
	if err != nil {
		return err
	}
	return npy.Write(w, d)
}

// filled is the tensor with NaN for cells that are unobserved, and with its
// zeros written out.
func filled(x tensor.Tensor) (tensor.Tensor, error) {
	switch x := x.(type) {
	case *tensor.Observed:
		d, err := fill(x, math.NaN())
		if err != nil {
			return nil, fmt.Errorf("%w; save it as .npz or .tns", err)
		}
		return d, nil
	case *sparse.COO[float64]:
		return written(x)
	case *sparse.COO[float32]:
		return written(x)
	}
	return x, nil
}

// written is a sparse tensor with its zeros written out.
func written[T tensor.Float](x *sparse.COO[T]) (tensor.Tensor, error) {
	if need, err := scalar.Bytes(x.Shape(), 8); err != nil || need > Memory() {
		return nil, fmt.Errorf("a tensor of %s with %d entries is too large to be written with its zeros; save it as .psp, .tns or a table", scalar.Shape(x.Shape()), x.Count())
	}
	return x.Dense(), nil
}
