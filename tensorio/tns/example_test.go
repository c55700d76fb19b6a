package tns_test

import (
	"fmt"
	"os"
	"strings"

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

func ExampleScan() {
	listing, err := tns.Scan(strings.NewReader("1 1 2.5\n3 2 -1\n"), tns.Options{}, func(index [][]int32, values []float64) error {
		fmt.Println(index, values)
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(listing.Order, "indices,", listing.Entries, "entries")
	// Output:
	// [[1 3] [1 2]] [2.5 -1]
	// 2 indices, 2 entries
}

func ExampleLines() {
	lines, err := tns.Lines(strings.NewReader("# i j value\n1 1 2.5\n3 2 -1\n"), 2, 1, func(index []int32) bool { return index[0] > 2 })
	fmt.Println(lines, err)
	// Output: [3] <nil>
}
