package tensorio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/npy"
)

// NamedArray is one array of an .npz file.
type NamedArray struct {
	Name  string
	Array tensor.Tensor // dense; its axes are not saved
}

// SaveArrays writes dense arrays and JSON metadata to an .npz file, in one
// step (see [WriteFile]). NumPy loads it without pickle:
//
//	z = np.load("model.npz")
//	z["factor_0"], json.loads(str(z["metadata"]))
//
// Equal input makes equal bytes. No metadata (nil) makes no such member.
//
//	┌──────────────────────────────────────────────────────────┐
//	│ zip file, members stored (not compressed), no times      │
//	│ ┌──────────────────────────────────────────────────────┐ │
//	│ │ local header: name + ".npy", CRC-32, size, padding   │ │
//	│ ├──────────────────────────────────────────────────────┤ │ ← multiple of 64
//	│ │ .npy 1.0: \x93NUMPY 1 0, length <u2>, dict, padding  │ │
//	│ ├──────────────────────────────────────────────────────┤ │ ← multiple of 64
//	│ │ elements, little-endian, C order                     │ │
//	│ └──────────────────────────────────────────────────────┘ │
//	│ … one for each array, in the order given                 │
//	│ ┌──────────────────────────────────────────────────────┐ │
//	│ │ metadata.npy: order 0, '<U…' (UTF-32), the JSON text │ │
//	│ └──────────────────────────────────────────────────────┘ │
//	│ central directory                                        │
//	└──────────────────────────────────────────────────────────┘
func SaveArrays(path string, arrays []NamedArray, meta []byte) error {
	ext, compression := split(path)
	if ext != ".npz" {
		return fmt.Errorf("%s: named arrays are saved as .npz (or .npz.gz, .npz.zst), not %q", path, ext)
	}
	if meta != nil && !json.Valid(meta) {
		return fmt.Errorf("%s: the metadata are not JSON", path)
	}
	return WriteFile(path, compressed(compression, func(w io.Writer) error {
		a := npy.NewArchiveWriter(w)
		for _, n := range arrays {
			if err := a.Add(n.Name, n.Array); err != nil {
				return err
			}
		}
		if meta != nil {
			if err := a.AddText(memberMeta, string(bytes.TrimSpace(meta))); err != nil {
				return err
			}
		}
		return a.Close()
	}))
}

// LoadArrays reads every array of numbers of an .npz file, and the JSON
// metadata (nil if there are none). The arrays are in memory of their own:
// there is nothing to close, and they may be changed.
func LoadArrays(path string) ([]NamedArray, []byte, error) {
	src, err := openSource(path)
	if err != nil {
		return nil, nil, err
	}
	defer src.close()
	arrays, meta, err := loadArrays(src)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return arrays, meta, nil
}

func loadArrays(src *source) (arrays []NamedArray, meta []byte, err error) {
	data, err := src.bytes()
	if err != nil {
		return nil, nil, err
	}
	if !npy.SniffArchive(data) {
		return nil, nil, fmt.Errorf("not an .npz file (it starts with %.16q)", data[:min(16, len(data))])
	}
	a, err := npy.OpenArchive(bytes.Clone(data))
	if err != nil {
		return nil, nil, err
	}
	for _, name := range a.Names() {
		arr, err := a.Array(name)
		if err != nil {
			return nil, nil, err
		}
		if name == memberMeta {
			text, err := arr.Text()
			if err == nil && json.Valid([]byte(text)) {
				meta = []byte(text)
				continue
			}
		}
		if !arr.Numeric() {
			continue
		}
		x, _, err := arr.Tensor("")
		if err != nil {
			return nil, nil, fmt.Errorf("array %q: %w", name, err)
		}
		arrays = append(arrays, NamedArray{Name: name, Array: x})
	}
	return arrays, meta, nil
}
