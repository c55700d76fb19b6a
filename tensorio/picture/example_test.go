package picture_test

import (
	"bytes"
	"fmt"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/picture"
)

func ExampleRead() {
	var b bytes.Buffer
	if err := picture.Write(&b, tensor.FromSlice([]float64{1, 0, 0, 0, 0.2, 1}, 1, 2, 3)); err != nil {
		fmt.Println(err)
		return
	}
	x, err := picture.Read(b.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(x.Shape(), x.At(0, 1, 1), x.Axes()[2].Labels)
	// Output: [1 2 3] 0.2 [red green blue]
}

func ExampleInspect() {
	var b bytes.Buffer
	if err := picture.Write(&b, tensor.New[float64](40, 60)); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(picture.Sniff(b.Bytes()))
	info, err := picture.Inspect(b.Bytes())
	fmt.Printf("%+v %v\n", info, err)
	// Output:
	// true
	// {Format:png Frames:1 Height:40 Width:60 Channels:1 Bits:8} <nil>
}
