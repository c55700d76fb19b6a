package npy_test

import (
	"bytes"
	"fmt"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/npy"
)

func ExampleRead() {
	var b bytes.Buffer
	if err := npy.Write(&b, tensor.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3)); err != nil {
		fmt.Println(err)
		return
	}
	x, err := npy.Read(b.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(x.Shape(), x.(*tensor.Dense[float64]).At(1, 2))
	// Output: [2 3] 6
}

func ExampleArchiveWriter() {
	var b bytes.Buffer
	w := npy.NewArchiveWriter(&b)
	if err := w.Add("x", tensor.FromSlice([]float32{1, 2, 3}, 3)); err != nil {
		fmt.Println(err)
		return
	}
	if err := w.AddText("note", "measured at noon"); err != nil {
		fmt.Println(err)
		return
	}
	if err := w.Close(); err != nil {
		fmt.Println(err)
		return
	}
	a, err := npy.OpenArchive(b.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	note, err := a.Array("note")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Names())
	fmt.Println(note.Text())
	// Output:
	// [x note]
	// measured at noon <nil>
}
