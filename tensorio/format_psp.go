package tensorio

import (
	"fmt"

	"github.com/polyad/polyad/tensorio/psp"
)

func readPsp(f *File, data []byte, _ Options) error {
	x, err := psp.Read(data)
	if err != nil {
		return err
	}
	f.Tensor, f.DType = x, "float64"
	if p, ok := x.(interface{ Epsilon() float64 }); ok && p.Epsilon() > 1e-10 {
		f.DType = "float32"
	}
	return nil
}

func listPsp(h *Header, data []byte, whole bool) error {
	if !whole {
		return errMore
	}
	info, err := psp.Inspect(data)
	if err != nil {
		return err
	}
	h.Arrays = []Array{{Shape: info.Shape, DType: info.DType, Order: "C", Axes: info.Axes, Observed: -1, NonZeros: info.Count}}
	h.Notes = append(h.Notes, fmt.Sprintf("The tensor is sparse: %d of its cells are listed, the others are 0.", info.Count))
	return nil
}
