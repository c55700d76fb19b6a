package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"

	"github.com/polyad/polyad/internal/par"
	"github.com/polyad/polyad/tensor"
)

const (
	// maxPixels is the largest picture, or the sum of the frames of a GIF,
	// that is read. Headers cost a few bytes and can claim 2^62.
	maxPixels = 1 << 28
	// ratio is a little more than the pixels that a byte can hold: deflate
	// makes 1032 bytes of one, of 8 pixels each; LZW and JPEG make fewer.
	ratio = 8 * 1040
)

// Info is what the header of a picture says.
type Info struct {
	Format        string // "png", "jpeg" or "gif"
	Frames        int    // of a GIF, else 1
	Height, Width int
	Channels      int // without alpha, which only the pixels tell
	Bits          int // of a channel
}

// Sniff reports whether a file that starts with head is a PNG, JPEG or GIF.
func Sniff(head []byte) bool { return format(head) != "" }

func format(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return "png"
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return "jpeg"
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return "gif"
	}
	return ""
}

// Inspect reads the header of the picture that data holds, and counts the
// frames of a GIF without decoding them.
func Inspect(data []byte) (Info, error) {
	info := Info{Format: format(data), Frames: 1, Channels: 3, Bits: 8}
	var c image.Config
	var err error
	r := bytes.NewReader(data)
	switch info.Format {
	case "png":
		c, err = png.DecodeConfig(r)
	case "jpeg":
		c, err = jpeg.DecodeConfig(r)
	case "gif":
		if c, err = gif.DecodeConfig(r); err == nil {
			info.Frames, err = countFrames(data)
		}
	default:
		return info, errors.New("not a PNG, JPEG or GIF")
	}
	if err != nil {
		return info, fmt.Errorf("the %s is damaged or truncated: %w", info.Format, err)
	}
	info.Height, info.Width = c.Height, c.Width
	switch c.ColorModel {
	case color.GrayModel:
		info.Channels = 1
	case color.Gray16Model:
		info.Channels, info.Bits = 1, 16
	case color.RGBA64Model, color.NRGBA64Model:
		info.Bits = 16
	}
	return info, nil
}

// Read is the tensor of the picture that data holds.
func Read(data []byte) (*tensor.Dense[float64], error) {
	info, err := Inspect(data)
	if err != nil {
		return nil, err
	}
	if info.Height == 0 || info.Width == 0 {
		return nil, fmt.Errorf("the %s is empty: %d×%d pixels", info.Format, info.Height, info.Width)
	}
	if pixels := info.Height * info.Width; pixels > maxPixels {
		return nil, fmt.Errorf("the %s has %d×%d pixels, more than the %d that are read", info.Format, info.Height, info.Width, maxPixels)
	} else if pixels > ratio*len(data)+1<<20 {
		return nil, fmt.Errorf("the header announces %d×%d pixels, more than %d bytes can hold", info.Height, info.Width, len(data))
	}
	r := bytes.NewReader(data)
	if info.Format == "gif" {
		return readGIF(r, info)
	}
	var m image.Image
	if info.Format == "png" {
		m, err = png.Decode(r)
	} else {
		m, err = jpeg.Decode(r)
	}
	if err != nil {
		return nil, fmt.Errorf("the %s is damaged or truncated: %w", info.Format, err)
	}
	channels := info.Channels
	if channels == 3 && !opaque(m) {
		channels = 4
	}
	x := tensor.New[float64](info.Height, info.Width, channels)
	fill(x.Data(), m, channels)
	return x, x.SetAxes(count("row", info.Height), count("column", info.Width), channelAxis(channels))
}

func opaque(m image.Image) bool {
	o, ok := m.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

// fill writes the channels of every pixel, row by row.
func fill(dst []float64, m image.Image, channels int) {
	b := m.Bounds()
	width := b.Dx() * channels
	at := pixels(m)
	par.Do(b.Dy(), func(i int) {
		row := dst[i*width : (i+1)*width]
		for j := range b.Dx() {
			p := at(b.Min.X+j, b.Min.Y+i)
			for c := range channels {
				row[j*channels+c] = float64(p[c]) / 65535
			}
		}
	})
}

// pixels is the function that gives a pixel as 16-bit red, green, blue and
// alpha, not premultiplied. 8-bit numbers v are 257*v there, so that dividing
// by 65535 gives v/255 exactly.
func pixels(m image.Image) func(x, y int) [4]uint16 {
	switch m := m.(type) {
	case *image.NRGBA:
		return func(x, y int) [4]uint16 {
			c := m.NRGBAAt(x, y)
			return [4]uint16{uint16(c.R) * 257, uint16(c.G) * 257, uint16(c.B) * 257, uint16(c.A) * 257}
		}
	case *image.NRGBA64:
		return func(x, y int) [4]uint16 {
			c := m.NRGBA64At(x, y)
			return [4]uint16{c.R, c.G, c.B, c.A}
		}
	case *image.YCbCr:
		// As a viewer does, in 8 bits.
		return func(x, y int) [4]uint16 {
			c := m.YCbCrAt(x, y)
			r, g, b := color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
			return [4]uint16{uint16(r) * 257, uint16(g) * 257, uint16(b) * 257, 65535}
		}
	case image.PalettedImage:
		if p, ok := m.ColorModel().(color.Palette); ok {
			var table [256][4]uint16
			for i, c := range p {
				table[i] = straight(c)
			}
			return func(x, y int) [4]uint16 { return table[m.ColorIndexAt(x, y)] }
		}
	case image.RGBA64Image: // the others that the decoders make
		return func(x, y int) [4]uint16 {
			c := m.RGBA64At(x, y)
			if c.A == 65535 {
				return [4]uint16{c.R, c.G, c.B, c.A}
			}
			return straight(c)
		}
	}
	return func(x, y int) [4]uint16 { return straight(m.At(x, y)) }
}

// straight undoes the multiplication by alpha.
func straight(c color.Color) [4]uint16 {
	switch c := c.(type) {
	case color.NRGBA:
		return [4]uint16{uint16(c.R) * 257, uint16(c.G) * 257, uint16(c.B) * 257, uint16(c.A) * 257}
	default:
		n := color.NRGBA64Model.Convert(c).(color.NRGBA64)
		return [4]uint16{n.R, n.G, n.B, n.A}
	}
}

// count is an axis of pixels or frames.
func count(name string, n int) tensor.Axis {
	a := tensor.Axis{Name: name, Coords: make([]float64, n)}
	for i := range a.Coords {
		a.Coords[i] = float64(i)
	}
	return a
}

func channelAxis(channels int) tensor.Axis {
	if channels == 1 {
		return tensor.Axis{Name: "channel", Labels: []string{"grey"}}
	}
	return tensor.Axis{Name: "channel", Labels: []string{"red", "green", "blue", "alpha"}[:channels]}
}
