package stream_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

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
