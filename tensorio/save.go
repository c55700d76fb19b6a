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

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/npy"
)

// savers are the formats that can be written, by extension.
var savers = []struct {
	ext   string
	write func(w io.Writer, x tensor.Tensor) error
}{
	{".npy", writeNpy},
	{".npz", writeNpz},
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
// the axes survive in .npz and .safetensors files and in tables; a .npy file
// has no room for them. Unobserved cells are NaN in a .npy file.
func Save(path string, x tensor.Tensor) error {
	ext, compression := split(path)
	for _, s := range savers {
		if s.ext == ext {
			return WriteFile(path, compressed(compression, func(w io.Writer) error { return s.write(w, x) }))
		}
	}
	return fmt.Errorf("%s: the extension %q is unknown; valid are %s, each also with .gz or .zst",
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
	if o, ok := x.(*tensor.Observed); ok {
		d, err := fill(o, math.NaN())
		if err != nil {
			return fmt.Errorf("%w; save it as .npz or .tns", err)
		}
		x = d
	}
	return npy.Write(w, x)
}
