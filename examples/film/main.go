// Film compresses a small film (frame × row × column) with a Tucker model
// that keeps its relative error below 5 %, saves the model as an .npz file
// that NumPy loads, and reads it back.
//
//	go run ./examples/film
package main

import (
	"context"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"

	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tucker"
)

func main() {
	film := tensor.New[float64](40, 48, 64)
	if err := film.SetAxes(tensor.Axis{Name: "frame"}, tensor.Axis{Name: "row"}, tensor.Axis{Name: "column"}); err != nil {
		log.Fatal(err)
	}
	for f := range 40 { // a spot of light on its way over a grey wall
		cy, cx := 24+12*math.Sin(float64(f)/8), 10+1.1*float64(f)
		for i := range 48 {
			for j := range 64 {
				dy, dx := float64(i)-cy, float64(j)-cx
				film.Set(0.2+math.Exp(-(dy*dy+dx*dx)/60), f, i, j)
			}
		}
	}

	small, result, err := tucker.STHOSVD(context.Background(), film, tucker.Options{Eps: 0.05})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ranks %v, %d numbers instead of %d, relative error below 5 %%: %v\n",
		small.Ranks(), small.Parameters(), film.Len(), result.RelativeError <= 0.05)

	dir, err := os.MkdirTemp("", "polyad-film")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "film.npz")
	if err := model.Save(path, small, result); err != nil {
		log.Fatal(err)
	}
	back, meta, err := model.Load(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("read back: %s of %s × %s × %s, the same spot: %v\n", meta.Method,
		back.Axes()[0].Name, back.Axes()[1].Name, back.Axes()[2].Name,
		back.At(20, 24, 32) == small.At(20, 24, 32))
}
