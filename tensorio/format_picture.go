package tensorio

import (
	"fmt"

	"github.com/polyad/polyad/tensorio/picture"
)

func readPicture(f *File, data []byte, _ Options) error {
	x, err := picture.Read(data)
	if err != nil {
		return err
	}
	info, err := picture.Inspect(data)
	if err != nil {
		return err
	}
	f.Tensor, f.Format, f.DType = x, info.Format, pictureType(info)
	return nil
}

func pictureType(info picture.Info) string { return fmt.Sprintf("uint%d", info.Bits) }

func listPicture(h *Header, data []byte, whole bool) error {
	if !whole {
		return errMore
	}
	info, err := picture.Inspect(data)
	if err != nil {
		return err
	}
	h.Format = info.Format
	a := Array{Shape: []int{info.Height, info.Width, info.Channels}, DType: pictureType(info), Order: "C", Observed: -1}
	if info.Format == "gif" {
		a.Shape = append([]int{info.Frames}, a.Shape...)
	}
	h.Arrays = []Array{a}
	return nil
}
