package safetensors_test

import (
	"bytes"
	"errors"
	"fmt"
	"log"

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

// One array of a file, and the header alone of a file that is not all here.
func ExampleOpen() {
	var b bytes.Buffer
	arrays := []safetensors.Named{
		{Name: "bias", Array: tensor.FromSlice([]float32{1, 2, 3}, 3)},
		{Name: "weight", Array: tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 2, 3)},
	}
	if err := safetensors.Write(&b, arrays, nil); err != nil {
		log.Fatal(err)
	}
	fmt.Println(safetensors.Sniff(b.Bytes()))
	f, err := safetensors.Open(b.Bytes())
	if err != nil {
		log.Fatal(err)
	}
	info, err := f.Find("weight")
	if err != nil {
		log.Fatal(err)
	}
	x, rounded, err := f.Tensor("weight", "float64")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(f.Names(), info.Shape, info.Numeric(), x.(*tensor.Dense[float64]).At(1, 2), rounded)
	_, _, err = safetensors.ParseHeader(b.Bytes()[:20])
	fmt.Println(errors.Is(err, safetensors.ErrShort))
	_, size, err := safetensors.ParseHeader(b.Bytes()[:256])
	fmt.Println(size%64, err)
	_, err = f.Find("wieght")
	fmt.Println(err)
	// Output:
	// true
	// [bias weight] [2 3] true 6 0
	// true
	// 0 <nil>
	// no array "wieght"; there are: bias, weight
}
