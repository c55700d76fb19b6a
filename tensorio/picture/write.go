package picture

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"

	"github.com/polyad/polyad/tensor"
)

// Write writes a real tensor row×column or row×column×channel, with 1
// (grey), 3 (red, green, blue) or 4 (and alpha) channels, as a PNG of 8 bits a
// channel. 0 is dark and 1 is full; values somewhat beyond, as a
// reconstruction has them, are cut off. Values below -1 or above 2 are an
// error, as they are no picture.
func Write(w io.Writer, x tensor.Tensor) error {
	shape := x.Shape()
	channels := 1
	if len(shape) == 3 {
		channels = shape[2]
	}
	if len(shape) < 2 || len(shape) > 3 || channels != 1 && channels != 3 && channels != 4 {
		return fmt.Errorf("picture: a PNG is row×column, or row×column×channel with 1, 3 or 4 channels; this tensor has the shape %v", shape)
	}
	if shape[0] == 0 || shape[1] == 0 {
		return errors.New("picture: a PNG needs at least one pixel")
	}
	switch x := x.(type) {
	case *tensor.Dense[float32]:
		return write(w, x.Data(), shape, channels)
	case *tensor.Dense[float64]:
		return write(w, x.Data(), shape, channels)
	case *tensor.Observed:
		return errors.New("picture: a tensor with unobserved cells is no picture; reconstruct it first")
	}
	return fmt.Errorf("picture: a real tensor is needed, this is a %T", x)
}

func write[T tensor.Float](w io.Writer, data []T, shape []int, channels int) error {
	rect := image.Rect(0, 0, shape[1], shape[0])
	grey, colour := &image.Gray{}, &image.NRGBA{}
	var m image.Image
	if channels == 1 {
		grey = image.NewGray(rect)
		m = grey
	} else {
		colour = image.NewNRGBA(rect)
		m = colour
	}
	for i, v := range data {
		if !(v >= -1 && v <= 2) {
			return fmt.Errorf("picture: the value %g at row %d, column %d lies outside [0, 1]; divide the tensor by its largest value first",
				v, i/channels/shape[1], i/channels%shape[1])
		}
		b := uint8(math.Round(255 * math.Min(math.Max(float64(v), 0), 1)))
		switch channels {
		case 1:
			grey.Pix[i] = b
		case 3:
			colour.Pix[i/3*4+i%3], colour.Pix[i/3*4+3] = b, 255
		case 4:
			colour.Pix[i] = b
		}
	}
	return png.Encode(w, m)
}
