package tns_test

import (
	"fmt"
	"os"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/tns"
)

func ExampleRead() {
	file := "# person, city, year, visits\n1 1 1 3\n2 3 1 1\n2 1 2 4\n"
	r, err := tns.Read([]byte(file), tns.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Dialect, r.Tensor.Shape(), r.Entries, "entries")
	fmt.Println(r.Notes[0])
	// Output:
	// frostt [2 3 2] 3 entries
	// Indices count from 1, as the format says.
}

func ExampleSniff() {
	fmt.Println(tns.Sniff([]byte("sptensor\n3\n")), tns.Sniff([]byte("city,year,visits\n")))
	// Output: true false
}

func ExampleWrite() {
	x := tensor.FromSlice([]float64{1, 2, 3, 4}, 2, 2)
	if err := tns.Write(os.Stdout, x); err != nil {
		fmt.Println(err)
	}
	// Output:
	// tensor
	// 2
	// 2 2
	// 1
	// 3
	// 2
	// 4
}
