package stream_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"

	"github.com/polyad/polyad/stream"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
	"github.com/polyad/polyad/tucker"
)

// save writes a tensor of multilinear rank (1, 1, 1) to a file.
func save(dir string) string {
	x := tensor.New[float64](30, 20, 10)
	for i := range 30 {
		for j := range 20 {
			for k := range 10 {
				x.Set(float64((i+1)*(j+2)*(k+3)), i, j, k)
			}
		}
	}
	path := filepath.Join(dir, "x.npy")
	if err := tensorio.Save(path, x); err != nil {
		log.Fatal(err)
	}
	return path
}

// A Tucker model of a file, of which 4 kB are in memory at a time.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "stream")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	x, err := stream.Open(save(dir), stream.Options{SlabBytes: 4096})
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()
	m, _, err := tucker.STHOSVD(context.Background(), x, tucker.Options{Eps: 1e-6})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(x.Bytes(), "bytes in slabs of", x.SlabBytes())
	fmt.Printf("ranks %v, x[29, 19, 9] = %.0f\n", m.Ranks(), m.At(29, 19, 9))
	// Output:
	// 48000 bytes in slabs of 4096
	// ranks [1 1 1], x[29, 19, 9] = 7560
}

// Chunks that follow each other along the first mode, as an instrument writes
// them, are one tensor.
func ExampleOpen_folder() {
	dir, err := os.MkdirTemp("", "stream")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for hour := range 3 {
		x := tensor.FromSlice([]float32{float32(hour), 1, 2, 3}, 2, 2)
		if err := tensorio.Save(filepath.Join(dir, fmt.Sprintf("hour%d.npy", hour)), x); err != nil {
			log.Fatal(err)
		}
	}
	x, err := stream.Open(dir, stream.Options{Modes: []string{"sample", "sensor"}})
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()
	fmt.Println(x.DType(), x.Shape(), x.Axes()[1].Name, x.At(4, 0))
	for _, p := range x.Parts() {
		fmt.Println(filepath.Base(p.Path), p.Bytes, "bytes")
	}
	// Output:
	// float32 [6 2] sensor 2
	// hour0.npy 144 bytes
	// hour1.npy 144 bytes
	// hour2.npy 144 bytes
}

// A run along a mode is read in one access.
func ExampleTensor_Fiber() {
	dir, err := os.MkdirTemp("", "stream")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	x, err := stream.Open(save(dir), stream.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()
	last := make([]float64, 3)
	x.Fiber(last, 2, 29, 19, 7)
	fmt.Println(last, x.Err())
	// Output:
	// [6300 6930 7560] <nil>
}

// A file that was cut short while it was in use: the pass gives NaN, and the
// data say why.
func ExampleTensor_Err() {
	dir, err := os.MkdirTemp("", "stream")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := save(dir)
	x, err := stream.Open(path, stream.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()
	if err := os.Truncate(path, 1000); err != nil {
		log.Fatal(err)
	}
	fmt.Println(x.Norm(), x.Err() != nil)
	// Output: NaN true
}

// What fits into memory after all need not stay in the file.
func ExampleTensor_Dense() {
	dir, err := os.MkdirTemp("", "stream")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	x, err := stream.Open(save(dir), stream.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()
	y, err := x.Dense()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(y.(*tensor.Dense[float64]).Index(0, 29).At(19, 9), x.Norm() == y.Norm())
	// Output: 7560 true
}

// The sum over the first mode, in memory that is used again.
func ExampleTensor_ProjectIn() {
	dir, err := os.MkdirTemp("", "stream")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	x, err := stream.Open(save(dir), stream.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()
	ones := tensor.MatrixOf(30, 1, slices.Repeat([]float64{1}, 30))
	sum := x.ProjectIn(make([]float64, 20*10), ones, 0)
	fmt.Println(sum.Shape(), sum.At(0, 0, 0)) // 2*3*(1+…+30)
	// Output: [1 20 10] 2790
}

// What takes several passes is kept under a name, and found by the next run.
func ExampleJournal_Wrap() {
	dir, err := os.MkdirTemp("", "stream")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := save(dir)
	for range 2 {
		x, err := stream.Open(path, stream.Options{})
		if err != nil {
			log.Fatal(err)
		}
		j, err := stream.OpenJournal(filepath.Join(dir, "journal"), x.Parts())
		if err != nil {
			log.Fatal(err)
		}
		y := j.Wrap(x)
		largest, err := y.Remember("largest of each fibre", func() (*tensor.Matrix[float64], error) {
			fmt.Println("computed")
			m := tensor.NewMatrix[float64](1, 1)
			err := y.Fibers(0, 100, func(rows *tensor.Matrix[float64]) error {
				for i := range rows.Rows {
					m.Data[0] = max(m.Data[0], slices.Max(rows.Row(i)))
				}
				return nil
			})
			return m, err
		})
		if err != nil || y.Err() != nil || j.Err() != nil {
			log.Fatal(err, y.Err(), j.Err())
		}
		fmt.Println(largest.Data, "from", filepath.Base(j.Path()))
		j.Close()
		x.Close()
	}
	// Output:
	// computed
	// [7560] from journal
	// [7560] from journal
}

// A run that is interrupted after its second pass; the next one finds both.
func ExampleOpenJournal() {
	dir, err := os.MkdirTemp("", "stream")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := save(dir)
	run := func(interrupt bool) error {
		x, err := stream.Open(path, stream.Options{})
		if err != nil {
			return err
		}
		defer x.Close()
		j, err := stream.OpenJournal(filepath.Join(dir, "journal"), x.Parts())
		if err != nil {
			return err
		}
		defer j.Close()
		fmt.Println(j.Passes(), "passes were finished before")
		y := j.Wrap(x)
		fmt.Printf("norm %.0f, last slice squared %.0f\n", y.Norm(), y.ModeGram(2).At(9, 9))
		if interrupt {
			return errors.New("interrupted")
		}
		return j.Remove()
	}
	fmt.Println(run(true))
	fmt.Println(run(false))
	// Output:
	// 0 passes were finished before
	// norm 142077, last slice squared 4506631200
	// interrupted
	// 2 passes were finished before
	// norm 142077, last slice squared 4506631200
	// <nil>
}
