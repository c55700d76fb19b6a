package tensorio_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// folder is one for the files of an example.
func folder() (dir string, remove func()) {
	dir, err := os.MkdirTemp("", "polyad")
	if err != nil {
		panic(err)
	}
	return dir, func() { os.RemoveAll(dir) }
}

// A table in long form becomes a tensor whose axes carry the labels.
func ExampleOpen() {
	dir, remove := folder()
	defer remove()
	path := filepath.Join(dir, "sales.csv")
	table := "shop,month,fruit,sold\nnorth,Jan,pear,3\nnorth,Feb,pear,4\nsouth,Jan,pear,5\nsouth,Feb,plum,6\n"
	if err := os.WriteFile(path, []byte(table), 0o666); err != nil {
		fmt.Println(err)
		return
	}
	f, err := tensorio.Open(path, tensorio.Options{Modes: []string{"shop", "month", "fruit"}, Value: "sold"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	fmt.Println(f.Format, f.Tensor.Shape(), f.Missing, "unobserved")
	for _, a := range f.Tensor.Axes() {
		fmt.Println(a.Name, a.Labels)
	}
	// Output:
	// csv [2 2 2] 4 unobserved
	// shop [north south]
	// month [Jan Feb]
	// fruit [pear plum]
}

func ExampleSave() {
	dir, remove := folder()
	defer remove()
	x := tensor.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	if err := x.SetAxes(tensor.Axis{Name: "row"}, tensor.Axis{Name: "wavelength", Coords: []float64{400, 450, 500}, Unit: "nm"}); err != nil {
		fmt.Println(err)
		return
	}
	path := filepath.Join(dir, "x.npz.zst")
	if err := tensorio.Save(path, x); err != nil {
		fmt.Println(err)
		return
	}
	f, err := tensorio.Open(path, tensorio.Options{DType: "float32"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	y := f.Tensor.(*tensor.Dense[float32])
	fmt.Println(f.Format, f.Compression, y.Data(), y.Axes()[1].Label(2), y.Axes()[1].Unit)
	// Output: npz zstd [1 2 3 4 5 6] 500 nm
}

func ExampleInspect() {
	dir, remove := folder()
	defer remove()
	path := filepath.Join(dir, "x.npy")
	if err := tensorio.Save(path, tensor.New[float32](20, 30, 40)); err != nil {
		fmt.Println(err)
		return
	}
	h, err := tensorio.Inspect(path, tensorio.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	text, _ := json.Marshal(h)
	fmt.Println(string(text))
	// Output: {"format":"npy","bytes":96128,"arrays":[{"shape":[20,30,40],"dtype":"float32","order":"C","observed":-1}]}
}

// NumPy reads the file: np.load(path)["factor_0"].
func ExampleSaveArrays() {
	dir, remove := folder()
	defer remove()
	path := filepath.Join(dir, "model.npz")
	arrays := []tensorio.NamedArray{
		{Name: "weights", Array: tensor.FromSlice([]float64{3, 1}, 2)},
		{Name: "factor_0", Array: tensor.FromSlice([]float64{1, 0, 0, 1}, 2, 2)},
	}
	if err := tensorio.SaveArrays(path, arrays, []byte(`{"method":"cp"}`)); err != nil {
		fmt.Println(err)
		return
	}
	back, meta, err := tensorio.LoadArrays(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range back {
		fmt.Println(a.Name, a.Array.Shape())
	}
	fmt.Println(string(meta))
	// Output:
	// weights [2]
	// factor_0 [2 2]
	// {"method":"cp"}
}

// An output that cannot be written is found out before the work.
func ExampleCheckSave() {
	fmt.Println(tensorio.Extensions())
	fmt.Println(tensorio.CheckSave("result.npz.zst"))
	fmt.Println(tensorio.CheckSave("result.mat"))
	// Output:
	// [.npy .npz .safetensors .tns .psp .csv .tsv .parquet .png]
	// <nil>
	// result.mat: the extension ".mat" is unknown; valid are .npy, .npz, .safetensors, .tns, .psp, .csv, .tsv, .parquet, .png, each also with .gz or .zst
}

// A file is there as a whole, or not at all.
func ExampleWriteFile() {
	dir, remove := folder()
	defer remove()
	path := filepath.Join(dir, "result.txt")
	err := tensorio.WriteFile(path, func(w io.Writer) error {
		fmt.Fprintln(w, "half of it")
		tensorio.RemoveTemporary() // as a program does on Ctrl-C, before it exits
		return nil
	})
	left, _ := os.ReadDir(dir)
	fmt.Println(err != nil, len(left))
	// Output: true 0
}

// A list of events in any order becomes a sorted file, with a megabyte of
// memory.
func ExampleSortFile() {
	dir, remove := folder()
	defer remove()
	in, out := filepath.Join(dir, "calls.csv"), filepath.Join(dir, "calls.psp")
	events := "from,to\nBen,Cleo\nAda,Ben\nBen,Cleo\nCleo,Ada\n"
	if err := os.WriteFile(in, []byte(events), 0o666); err != nil {
		fmt.Println(err)
		return
	}
	s, err := tensorio.SortFile(in, out, tensorio.Options{Modes: []string{"from", "to"}, Aggregate: "count"}, 1<<20)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Entries, "calls,", s.Count, "cells of", s.Shape)
	// Output: 4 calls, 3 cells of [3 3]
}

// A tensor of a million modes of size 2 has no place in memory.
func ExampleMemory() {
	bytes := 8 * math.Pow(2, 1_000_000)
	fmt.Println(bytes > float64(tensorio.Memory()))
	// Output: true
}
