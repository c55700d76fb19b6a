package npy_test

import (
	"bytes"
	"fmt"
	"log"

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

// A file of integers, looked at before it is read.
func ExampleParse() {
	file := []byte("\x93NUMPY\x01\x00\x46\x00{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }          \n" +
		"\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x04\x00\x00\x00\x05\x00\x00\x00\x06\x00\x00\x00")
	fmt.Println(npy.Sniff(file))
	h, err := npy.ReadHeader(bytes.NewReader(file))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(h.DType, h.Shape, h.Order(), h.Numeric(), h.Fits(int64(len(file)-h.Offset)))
	a, err := npy.Parse(file)
	if err != nil {
		log.Fatal(err)
	}
	numbers, err := a.Int32s()
	if err != nil {
		log.Fatal(err)
	}
	x, rounded, err := a.Tensor("float32")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(numbers, x.(*tensor.Dense[float32]).At(1, 0), rounded)
	// Output:
	// true
	// int32 [2 3] C true <nil>
	// [1 2 3 4 5 6] 4 0
}

// Arrays of an archive by their names, without reading the others.
func ExampleOpenArchive() {
	var b bytes.Buffer
	w := npy.NewArchiveWriter(&b)
	if err := w.Add("values", tensor.FromSlice([]float32{1, 2, 3}, 3)); err != nil {
		log.Fatal(err)
	}
	if err := w.AddInt32("cells", []int32{0, 4, 7}, []int32{2, 2, 0}); err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(npy.SniffArchive(b.Bytes()))
	a, err := npy.OpenArchive(b.Bytes())
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range a.Names() {
		h, err := a.Header(name)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(name, h.Shape, h.DType)
	}
	cells, err := a.Array("cells")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cells.Int32s())
	fmt.Println(a.Has("note"))
	_, err = a.Array("note")
	fmt.Println(err)
	// Output:
	// true
	// values [3] float32
	// cells [2 3] int32
	// [0 4 7 2 2 0] <nil>
	// false
	// no array "note"; there are: values, cells
}
