package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/tensor"
)

func encode(t testing.TB, f func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	return encode(t, func(w io.Writer) error { return png.Encode(w, m) })
}

// paintable is what the image types of the standard library share.
type paintable interface {
	image.Image
	Set(x, y int, c color.Color)
}

// draw fills a picture of 3×2 pixels, which does not start at the origin,
// with colours that depend on the place.
func draw(m paintable, alpha bool) {
	for y := range 2 {
		for x := range 3 {
			c := color.NRGBA64{uint16(1000*x + 7), uint16(30000 * y), 65535, 65535}
			if alpha && x == 1 {
				c.A = 12345
			}
			m.Set(x+5, y+6, c)
		}
	}
}

func TestPNG(t *testing.T) {
	r := image.Rect(5, 6, 8, 8)
	pal := color.Palette{color.Black, color.NRGBA{1, 2, 3, 255}, color.NRGBA{200, 100, 50, 128}}
	for name, c := range map[string]struct {
		m        paintable
		alpha    bool
		channels int
		scale    float64
	}{
		"grey":     {image.NewGray(r), false, 1, 255},
		"grey16":   {image.NewGray16(r), false, 1, 65535},
		"rgba":     {image.NewRGBA(r), false, 3, 255},
		"nrgba":    {image.NewNRGBA(r), true, 4, 255},
		"opaque":   {image.NewNRGBA(r), false, 3, 255},
		"rgba64":   {image.NewRGBA64(r), false, 3, 65535},
		"nrgba64":  {image.NewNRGBA64(r), true, 4, 65535},
		"palette":  {image.NewPaletted(r, pal[:2]), false, 3, 255},
		"palette2": {image.NewPaletted(r, pal), true, 4, 255},
	} {
		draw(c.m, c.alpha)
		if p, ok := c.m.(*image.Paletted); ok {
			p.SetColorIndex(6, 7, uint8(len(p.Palette)-1))
		}
		x, err := Read(asPNG(t, c.m))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.Equal(x.Shape(), []int{2, 3, c.channels}) {
			t.Errorf("%s: shape %v", name, x.Shape())
			continue
		}
		for y := range 2 {
			for k := range 3 {
				n := color.NRGBA64Model.Convert(c.m.At(k+5, y+6)).(color.NRGBA64)
				want := []uint16{n.R, n.G, n.B, n.A}[:c.channels]
				for ch, v := range want {
					w := float64(v) / 65535
					if c.scale == 255 {
						w = float64(v>>8) / 255
					}
					if got := x.At(y, k, ch); got != w {
						t.Errorf("%s: pixel %d,%d channel %d is %v, want %v", name, y, k, ch, got, w)
					}
				}
			}
		}
		if a := x.Axes()[2]; len(a.Labels) != c.channels || x.Axes()[0].Name != "row" || len(x.Axes()[1].Coords) != 3 {
			t.Errorf("%s: axes %v", name, x.Axes())
		}
		info, err := Inspect(asPNG(t, c.m))
		if err != nil || info.Height != 2 || info.Width != 3 || info.Channels != min(c.channels, 3) || info.Bits != int(math.Log2(c.scale+1)) {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
		// What is written is read again.
		if c.scale == 255 {
			y, err := Read(encode(t, func(w io.Writer) error { return Write(w, x) }))
			if err != nil || !slices.Equal(y.Data(), x.Data()) {
				t.Errorf("%s: the picture changed when it was written (%v)", name, err)
			}
		}
	}
}

func TestJPEG(t *testing.T) {
	grey, colour := image.NewGray(image.Rect(0, 0, 16, 8)), image.NewRGBA(image.Rect(0, 0, 16, 8))
	for y := range 8 {
		for x := range 16 {
			grey.SetGray(x, y, color.Gray{uint8(8 * x)})
			colour.SetRGBA(x, y, color.RGBA{200, 100, uint8(8 * x), 255})
		}
	}
	for _, m := range []image.Image{grey, colour} {
		data := encode(t, func(w io.Writer) error { return jpeg.Encode(w, m, &jpeg.Options{Quality: 100}) })
		x, err := Read(data)
		if err != nil {
			t.Fatal(err)
		}
		dec, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 8 {
			for j := range 16 {
				c := color.RGBAModel.Convert(dec.At(j, i)).(color.RGBA)
				for k := range x.Shape()[2] {
					if want := float64([]uint8{c.R, c.G, c.B}[k]) / 255; !(math.Abs(x.At(i, j, k)-want) <= 1.0/255) {
						t.Fatalf("pixel %d,%d channel %d is %v, want %v", i, j, k, x.At(i, j, k), want)
					}
				}
			}
		}
		if m == image.Image(grey) && x.Shape()[2] != 1 {
			t.Errorf("a grey JPEG has %d channels", x.Shape()[2])
		}
	}
}

// film is a GIF of 3×1 pixels: red everywhere; green in the middle, then
// disposed of in the given way; blue on the right.
func film(t testing.TB, disposal byte) []byte {
	pal := color.Palette{color.NRGBA{}, color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 255, 0, 255}, color.NRGBA{0, 0, 255, 255}}
	frame := func(r image.Rectangle, pix ...uint8) *image.Paletted {
		return &image.Paletted{Pix: pix, Stride: r.Dx(), Rect: r, Palette: pal}
	}
	g := &gif.GIF{
		Image:    []*image.Paletted{frame(image.Rect(0, 0, 3, 1), 1, 1, 1), frame(image.Rect(1, 0, 2, 1), 2), frame(image.Rect(1, 0, 3, 1), 0, 3)},
		Delay:    []int{1, 1, 1},
		Disposal: []byte{gif.DisposalNone, disposal, gif.DisposalNone},
	}
	return encode(t, func(w io.Writer) error { return gif.EncodeAll(w, g) })
}

func TestGIF(t *testing.T) {
	for disposal, want := range map[byte]string{gif.DisposalNone: "rrr rgr rgb", gif.DisposalPrevious: "rrr rgr rrb", gif.DisposalBackground: "rrr rgr r.b"} {
		x, err := Read(film(t, disposal))
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for k := range 3 {
			if k > 0 {
				got.WriteByte(' ')
			}
			for j := range 3 {
				c := byte('.')
				for ch, name := range []byte("rgb") {
					if x.At(k, 0, j, ch) == 1 {
						c = name
					}
				}
				got.WriteByte(c)
			}
		}
		if got.String() != want {
			t.Errorf("disposal %d: %s, want %s", disposal, got.String(), want)
		}
		if channels := x.Shape()[3]; (channels == 4) != strings.Contains(want, ".") {
			t.Errorf("disposal %d: %d channels", disposal, channels)
		}
		if info, err := Inspect(film(t, disposal)); err != nil || info.Frames != 3 {
			t.Errorf("disposal %d: %+v, %v", disposal, info, err)
		}
		if x.Axes()[0].Name != "frame" || x.Axes()[3].Label(0) != "red" {
			t.Errorf("axes %v", x.Axes())
		}
	}
}

func TestBadPictures(t *testing.T) {
	for _, data := range [][]byte{asPNG(t, image.NewGray(image.Rect(0, 0, 20, 20))), film(t, 0),
		encode(t, func(w io.Writer) error { return jpeg.Encode(w, image.NewGray(image.Rect(0, 0, 20, 20)), nil) })} {
		for n := range len(data) - 13 { // the ends of the formats hold no pixels
			if _, err := Read(data[:n]); err == nil {
				t.Fatalf("the first %d of %d bytes of a %s were read", n, len(data), format(data))
			}
		}
	}
	// A header that promises 40000×40000 and 10000×10000 pixels.
	for size, want := range map[uint32]string{40000: "more than", 10000: "bytes can hold"} {
		data := asPNG(t, image.NewGray(image.Rect(0, 0, 1, 1)))
		binary.BigEndian.PutUint32(data[16:], size)
		binary.BigEndian.PutUint32(data[20:], size)
		binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
		if _, err := Read(data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d pixels a side: %v", size, err)
		}
	}
	for _, x := range []tensor.Tensor{tensor.New[float64](3), tensor.New[float64](2, 2, 2), tensor.New[float64](0, 2), tensor.New[complex64](2, 2),
		tensor.FromSlice([]float32{255}, 1, 1), tensor.FromSlice([]float64{math.NaN()}, 1, 1)} {
		if err := Write(io.Discard, x); err == nil {
			t.Errorf("%T of shape %v was written as a picture", x, x.Shape())
		}
	}
	over := tensor.FromSlice([]float64{-0.1, 1.2}, 1, 2)
	x, err := Read(encode(t, func(w io.Writer) error { return Write(w, over) }))
	if err != nil || !slices.Equal(x.Data(), []float64{0, 1}) {
		t.Errorf("values beyond the ends: %v, %v", x, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(asPNG(f, image.NewPaletted(image.Rect(0, 0, 3, 2), color.Palette{color.Black, color.Transparent})))
	f.Add(film(f, gif.DisposalBackground))
	f.Add(encode(f, func(w io.Writer) error { return jpeg.Encode(w, image.NewRGBA(image.Rect(0, 0, 9, 9)), nil) }))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<12 {
			return
		}
		x, err := Read(data)
		if err != nil {
			return
		}
		for _, v := range x.Data() {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("value %v", v)
			}
		}
	})
}
