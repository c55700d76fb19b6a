package psp_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"log"

	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/psp"
)

func ExampleWrite() {
	x, err := sparse.NewCOO([]int{1000, 2000}, [][]int32{{0, 999}, {3, 1999}}, []float64{1.5, 2}, sparse.Refuse)
	if err != nil {
		log.Fatal(err)
	}
	if err := x.SetAxes(tensor.Axis{Name: "user"}, tensor.Axis{Name: "word"}); err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if err := psp.Write(&file, x); err != nil {
		log.Fatal(err)
	}
	fmt.Println(psp.Sniff(file.Bytes()))
	info, err := psp.Inspect(file.Bytes())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.Count, info.DType, info.Shape, info.Axes[1].Name)
	y, err := psp.Read(file.Bytes())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(y.(*sparse.COO[float64]).At(999, 1999))
	// Output:
	// true
	// 2 float64 [1000 2000] word
	// 2
}

// Entries that come from elsewhere than memory, sorted: the indices of one
// mode after the other, then the values.
func ExampleNewWriter() {
	var file bytes.Buffer
	w, err := psp.NewWriter(&file, []int{2, 3}, make([]tensor.Axis, 2), 2, true)
	if err != nil {
		log.Fatal(err)
	}
	for _, list := range []any{[]int32{0, 1}, []int32{2, 0}, []float32{5, 7}} {
		block, err := binary.Append(nil, binary.LittleEndian, list)
		if err != nil {
			log.Fatal(err)
		}
		if _, err := w.Write(block); err != nil {
			log.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	x, err := psp.Read(file.Bytes())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(x.(*sparse.COO[float32]).Values())
	// Output: [5 7]
}
