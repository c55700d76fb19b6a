package tensorio

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/polyad/polyad/tensor"
)

// readLabels reads the files of labels that FROSTT ships beside a .tns file:
// mode-1-user.map, a line an index, names the first mode "user" and labels its
// indices. A file that does not fit its mode is left aside with a note.
func (f *File) readLabels(path string) error {
	axes := tensor.CloneAxes(f.Tensor.Axes())
	var used []string
	for n := range axes {
		found, err := filepath.Glob(filepath.Join(literal(filepath.Dir(path)), fmt.Sprintf("mode-%d-*.map*", n+1)))
		if err != nil || len(found) == 0 {
			continue
		}
		if len(found) > 1 {
			f.note("Mode %d has no labels: there are %s and %s.", n+1, filepath.Base(found[0]), filepath.Base(found[1]))
			continue
		}
		base := filepath.Base(found[0])
		labels, err := readLines(found[0])
		if err != nil {
			f.note("The labels of mode %d were not read: %v.", n+1, err)
			continue
		}
		if size := f.Tensor.Shape()[n]; len(labels) < size {
			f.note("The labels in %s were not used: they are %d for the %d indices of mode %d.", base, len(labels), size, n+1)
			continue
		}
		// Labels beyond the last index may be those of empty slices, or of
		// another tensor.
		if size := f.Tensor.Shape()[n]; len(labels) > size && listsBeside(path) > 1 {
			f.note("The labels in %s were not used: they are %d for the %d indices of mode %d, and other .tns files lie beside this one; give it a folder of its own with its labels.", base, len(labels), size, n+1)
			continue
		}
		name := strings.TrimPrefix(base, fmt.Sprintf("mode-%d-", n+1))
		axes[n].Name = name[:strings.Index(name, ".map")]
		axes[n].Labels = labels[:f.Tensor.Shape()[n]]
		used = append(used, base)
	}
	if len(used) == 0 {
		return nil
	}
	f.note("Labels come from %s.", strings.Join(used, ", "))
	return setAxes(f.Tensor, axes)
}

// listsBeside is the number of .tns files in the folder of a file, compressed or not.
func listsBeside(path string) int {
	found, err := filepath.Glob(filepath.Join(literal(filepath.Dir(path)), "*.tns*"))
	if err != nil {
		return 0
	}
	return len(found)
}

// literal is a path as a pattern that matches nothing else.
func literal(path string) string {
	return strings.NewReplacer(`*`, `[*]`, `?`, `[?]`, `[`, `[[]`).Replace(path)
}

// readLines are the lines of a text file, which may be compressed.
func readLines(path string) ([]string, error) {
	src, err := openSource(path)
	if err != nil {
		return nil, err
	}
	defer src.close()
	data, err := src.bytes()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	if !isText(data[:min(len(data), sniffLen)]) && bytes.IndexByte(data, 0) >= 0 {
		return nil, errors.New(filepath.Base(path) + " is no text")
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSuffix(l, "\r")
	}
	return lines, nil
}
