package stream

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/polyad/polyad/tensor"
)

// layout is one way to store a tensor.
type layout struct {
	name    string
	single  bool // float32
	fortran bool
	chunks  int // 0: one file
}

var layouts = []layout{
	{"f64 C", false, false, 0},
	{"f64 F", false, true, 0},
	{"f32 C", true, false, 0},
	{"f32 F", true, true, 0},
	{"f64 C chunks", false, false, 3},
	{"f32 F chunks", true, true, 2},
}

// header is a .npy header of version 1.0.
func header(descr string, fortran bool, shape []int) []byte {
	order := "False"
	if fortran {
		order = "True"
	}
	sizes := strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]")
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': (%s,), }", descr, order, sizes)
	text += strings.Repeat(" ", 63-(len(text)+10)%64) + "\n"
	h := append([]byte("\x93NUMPY\x01\x00"), 0, 0)
	binary.LittleEndian.PutUint16(h[8:], uint16(len(text)))
	return append(h, text...)
}

// encode is a tensor as a .npy file.
func encode(x *tensor.Dense[float64], l layout) []byte {
	descr := "<f8"
	if l.single {
		descr = "<f4"
	}
	out := bytes.NewBuffer(header(descr, l.fortran, x.Shape()))
	y := x
	if l.fortran {
		y = x.Transposed().(*tensor.Dense[float64])
	}
	var err error
	if l.single {
		err = binary.Write(out, binary.LittleEndian, tensor.As[float32](y).Data())
	} else {
		err = binary.Write(out, binary.LittleEndian, y.Data())
	}
	if err != nil {
		panic(err)
	}
	return out.Bytes()
}

// store writes a tensor and returns the path.
func (l layout) store(t testing.TB, x *tensor.Dense[float64]) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, x *tensor.Dense[float64]) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, encode(x, l), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if l.chunks == 0 {
		return write("x.npy", x)
	}
	slow := 0
	if l.fortran {
		slow = x.Order() - 1
	}
	size := x.Shape()[slow]
	for k := range min(l.chunks, size) {
		n := min(l.chunks, size)
		// Names that do not sort as text: part9, part10, ….
		write(fmt.Sprintf("part%d.npy", 9+k), x.Slice(slow, k*size/n, (k+1)*size/n, 1))
	}
	return dir
}

func open(t testing.TB, path string, slab int) *Tensor {
	t.Helper()
	x, err := Open(path, Options{SlabBytes: slab})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

// random is a tensor of small multiples of 1/64, which float32 holds exactly.
func random(seed uint64, shape ...int) *tensor.Dense[float64] {
	rng := rand.New(rand.NewPCG(seed, 0))
	x := tensor.New[float64](shape...)
	for i := range x.Data() {
		x.Data()[i] = float64(rng.IntN(2001)-1000) / 64
	}
	return x
}

func randomMatrix(seed uint64, rows, cols int) *tensor.Matrix[float64] {
	rng := rand.New(rand.NewPCG(seed, 1))
	m := tensor.NormalMatrix(rng, rows, cols)
	return m
}
