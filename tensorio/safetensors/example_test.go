package safetensors_test

import (
	"bytes"
	"fmt"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/safetensors"
)

func ExampleWrite() {
	x := tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	var b bytes.Buffer
	if err := safetensors.Write(&b, []safetensors.Named{{"layer.weight", x}}, map[string]string{"format": "pt"}); err != nil {
		fmt.Println(err)
		return
	}
	f, err := safetensors.Open(b.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range f.Arrays {
		fmt.Println(a.Name, a.Shape, a.DType)
	}
	// Output: layer.weight [2 3] float32
}
