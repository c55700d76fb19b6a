package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"io"
	"slices"

	"github.com/polyad/polyad/tensor"
)

func readGIF(r io.Reader, info Info) (*tensor.Dense[float64], error) {
	g, err := gif.DecodeAll(r)
	if err != nil {
		return nil, fmt.Errorf("the gif is damaged or truncated: %w", err)
	}
	n, h, w := len(g.Image), info.Height, info.Width
	if n*h*w > maxPixels {
		return nil, fmt.Errorf("the gif has %d frames of %d×%d pixels, more than the %d pixels that are read", n, h, w, maxPixels)
	}
	frames := compose(g, w, h)
	channels := 3
	if slices.ContainsFunc(frames, func(m *image.NRGBA) bool { return !m.Opaque() }) {
		channels = 4
	}
	x := tensor.New[float64](n, h, w, channels)
	size := h * w * channels
	for k, m := range frames {
		fill(x.Data()[k*size:(k+1)*size], m, channels)
	}
	return x, x.SetAxes(count("frame", n), count("row", h), count("column", w), channelAxis(channels))
}

// compose draws each frame over what the one before left.
func compose(g *gif.GIF, w, h int) []*image.NRGBA {
	canvas := image.NewNRGBA(image.Rect(0, 0, w, h))
	var out []*image.NRGBA
	for k, frame := range g.Image {
		shown := &image.NRGBA{Pix: bytes.Clone(canvas.Pix), Stride: canvas.Stride, Rect: canvas.Rect}
		paint(shown, frame)
		out = append(out, shown)
		switch g.Disposal[k] {
		case gif.DisposalPrevious: // the canvas stays as it was
		case gif.DisposalBackground: // which viewers take as transparent
			copy(canvas.Pix, shown.Pix)
			r := frame.Rect.Intersect(canvas.Rect)
			for y := r.Min.Y; y < r.Max.Y; y++ {
				clear(canvas.Pix[canvas.PixOffset(r.Min.X, y):][:4*r.Dx()])
			}
		default:
			copy(canvas.Pix, shown.Pix)
		}
	}
	return out
}

// paint draws the pixels of a frame that are not transparent.
func paint(dst *image.NRGBA, frame *image.Paletted) {
	var table [256]color.NRGBA
	for i, c := range frame.Palette {
		table[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
	}
	r := frame.Rect.Intersect(dst.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		to := dst.Pix[dst.PixOffset(r.Min.X, y):]
		from := frame.Pix[frame.PixOffset(r.Min.X, y):]
		for j := range r.Dx() {
			if c := table[from[j]]; c.A != 0 {
				to[4*j], to[4*j+1], to[4*j+2], to[4*j+3] = c.R, c.G, c.B, c.A
			}
		}
	}
}

// countFrames walks over the blocks of a GIF whose header was read already
// (https://www.w3.org/Graphics/GIF/spec-gif89a.txt).
func countFrames(data []byte) (int, error) {
	at := 13 + colours(data[10])
	for frames := 0; at < len(data); {
		switch data[at] {
		case 0x3b: // trailer
			return frames, nil
		case 0x2c: // image: 10 bytes, colours, a byte, the data
			if at+10 > len(data) {
				return 0, io.ErrUnexpectedEOF
			}
			frames++
			at += 10 + colours(data[at+9]) + 1
		case 0x21: // extension: a byte says which, the data
			at += 2
		default:
			return 0, fmt.Errorf("a block of the unknown kind %#x", data[at])
		}
		for { // blocks of data, up to one of no bytes
			if at >= len(data) {
				return 0, io.ErrUnexpectedEOF
			}
			n := int(data[at])
			at += 1 + n
			if n == 0 {
				break
			}
		}
	}
	return 0, io.ErrUnexpectedEOF
}

// colours is the size in bytes of the table of colours that flags announce.
func colours(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}
