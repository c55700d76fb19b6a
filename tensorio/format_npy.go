package tensorio

import (
	"bytes"

	"github.com/polyad/polyad/tensorio/npy"
)

func readNpy(f *File, data []byte, opt Options) error {
	a, err := npy.Parse(data)
	if err != nil {
		return err
	}
	if a.Trailing > 0 {
		f.note("The %d bytes after the array were not read.", a.Trailing)
	}
	return f.take(a, opt)
}

// take makes the tensor of an array.
func (f *File) take(a *npy.Array, opt Options) error {
	x, rounded, err := a.Tensor(opt.DType)
	if err != nil {
		return err
	}
	f.Tensor, f.DType = x, a.DType
	f.rounded(rounded)
	return nil
}

func listNpy(h *Header, data []byte, whole bool) error {
	head, err := npy.ReadHeader(bytes.NewReader(data))
	if err != nil {
		return err
	}
	h.Arrays = []Array{describe("", head)}
	if !whole {
		return nil
	}
	return head.Fits(int64(len(data) - head.Offset))
}

// describe is an array as its header tells.
func describe(name string, h *npy.Header) Array {
	return Array{Name: name, Shape: h.Shape, DType: h.DType, Order: h.Order(), Observed: -1}
}
