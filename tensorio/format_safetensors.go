package tensorio

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/scalar"
	"github.com/polyad/polyad/tensorio/safetensors"
)

func readSafetensors(f *File, data []byte, opt Options) error {
	s, err := safetensors.Open(data)
	if err != nil {
		return err
	}
	name := opt.Name
	if name == "" {
		if len(s.Arrays) != 1 {
			return choose(len(s.Arrays), func(i int) string {
				a := s.Arrays[i]
				return fmt.Sprintf("%s (%s %s)", a.Name, scalar.Shape(a.Shape), a.DType)
			})
		}
		name = s.Arrays[0].Name
	}
	info, err := s.Find(name)
	if err != nil {
		return err
	}
	x, rounded, err := s.Tensor(name, opt.DType)
	if err != nil {
		return err
	}
	f.Tensor, f.Name, f.DType = x, name, info.DType
	f.rounded(rounded)
	return nil
}

// choose is the error of a file with several arrays, or none.
func choose(n int, describe func(i int) string) error {
	if n == 0 {
		return errors.New("the file holds no arrays")
	}
	const most = 20
	var list []string
	for i := range min(n, most) {
		list = append(list, describe(i))
	}
	if n > most {
		list = append(list, "…")
	}
	return fmt.Errorf("the file holds %d arrays; say which one with --array: %s", n, strings.Join(list, ", "))
}

func listSafetensors(h *Header, data []byte, whole bool) error {
	var s *safetensors.File
	var err error
	if whole {
		s, err = safetensors.Open(data)
	} else {
		s, _, err = safetensors.ParseHeader(data)
		if errors.Is(err, safetensors.ErrShort) {
			return errMore
		}
	}
	if err != nil {
		return err
	}
	for _, a := range s.Arrays {
		h.Arrays = append(h.Arrays, Array{Name: a.Name, Shape: a.Shape, DType: a.DType, Order: "C", Axes: a.Axes, Observed: -1})
	}
	return nil
}

// writeSafetensors writes one array, named as in an .npz file. The format
// has no unobserved cells: they are NaN.
func writeSafetensors(w io.Writer, x tensor.Tensor) error {
	d, err := filled(x)
	if err != nil {
		return err
	}
	return safetensors.Write(w, []safetensors.Named{{Name: memberTensor, Array: d}}, nil)
}
