package mat_test

import (
	"fmt"
	"os"

	"github.com/polyad/polyad/tensorio/mat"
)

func ExampleList() {
	data, err := os.ReadFile("testdata/scipy.mat")
	if err != nil {
		fmt.Println(err)
		return
	}
	arrays, err := mat.List(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range arrays[:3] {
		fmt.Println(a)
	}
	// Output:
	// x (2×3×4 double)
	// f (2×3 single)
	// i8 (1×2 int8)
}

func ExampleRead() {
	data, err := os.ReadFile("testdata/scipy.mat")
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := mat.Read(data, "x")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(mat.Sniff(data), x.Shape())
	// Output: true [2 3 4]
}
