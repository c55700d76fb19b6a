package tensorio

import (
	"fmt"
	"slices"

	"github.com/polyad/polyad/tensorio/mat"
)

func readMat(f *File, data []byte, opt Options) error {
	x, err := mat.Read(data, opt.Name)
	if err != nil {
		return err
	}
	f.Tensor, f.Name = x, opt.Name
	list, err := mat.List(data)
	if err != nil {
		return err
	}
	// Read chooses among several arrays by their shapes.
	i := slices.IndexFunc(list, func(a mat.Array) bool {
		return a.Skip == "" && slices.Equal(a.Shape, x.Shape()) && (opt.Name == "" || a.Name == opt.Name)
	})
	if i >= 0 {
		f.Name, f.DType = list[i].Name, matType(list[i])
	}
	return nil
}

func listMat(h *Header, data []byte, whole bool) error {
	if !whole {
		return errMore
	}
	list, err := mat.List(data)
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.Skip != "" {
			h.Notes = append(h.Notes, fmt.Sprintf("%s: %s.", a.Name, a.Skip))
		}
		h.Arrays = append(h.Arrays, Array{Name: a.Name, Shape: a.Shape, DType: matType(a), Order: "F", Observed: -1})
	}
	return nil
}

// matType is NumPy's word for a class of MATLAB.
func matType(a mat.Array) string {
	switch {
	case a.Class == "double" && a.Complex:
		return "complex128"
	case a.Class == "single" && a.Complex:
		return "complex64"
	case a.Class == "double":
		return "float64"
	case a.Class == "single":
		return "float32"
	case a.Class == "logical":
		return "bool"
	}
	return a.Class
}
