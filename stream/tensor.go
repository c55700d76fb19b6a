package stream

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"unsafe"

	"github.com/polyad/polyad/tensor"
)

// Options say how a file is read. The zero value works.
type Options struct {
	// SlabBytes is the size of a slab, of which there are two. Default: 64
	// MiB. A slab holds at least the longest mode.
	SlabBytes int
	// Modes are the names of the modes. Default: none.
	Modes []string
}

// Tensor is a dense tensor in a file. Its contractions are those of
// tensor.Dense, with the same results up to rounding. Passes are made one
// after another; a contraction must not be asked for while Fibers is
// visiting.
//
// A pass that cannot read the file gives NaN; [Tensor.Err] then says why.
type Tensor struct {
	*store
	shape, strides []int
	order          []int // modes, slowest in the file first
	axes           []tensor.Axis
	norm           float64
	known          bool // norm
}

// store is what views of one file share.
type store struct {
	src   *source
	limit int // elements of a slab
	mu    sync.Mutex
	bufs  [2][]float64 // enough for a slab of either type
	fault struct {
		sync.Mutex
		err error
	}
}

// Open opens a .npy file, or a folder of .npy chunks that follow each other
// along the slowest mode (the first in C order, the last in Fortran order).
// Errors name the file and what was expected.
func Open(path string, opt Options) (*Tensor, error) {
	if opt.SlabBytes < 0 {
		return nil, fmt.Errorf("stream: slabs of %d bytes: a positive number is expected", opt.SlabBytes)
	}
	if opt.SlabBytes == 0 {
		opt.SlabBytes = 64 << 20
	}
	src, shape, fortran, err := openSource(path)
	if err != nil {
		return nil, err
	}
	if len(opt.Modes) > 0 && len(opt.Modes) != len(shape) {
		src.close()
		return nil, fmt.Errorf("%s: %d names of modes for %d modes", path, len(opt.Modes), len(shape))
	}
	x := &Tensor{store: &store{src: src}, shape: shape, axes: make([]tensor.Axis, len(shape))}
	for n, name := range opt.Modes {
		x.axes[n].Name = name
	}
	x.limit = max(opt.SlabBytes/int(src.elem), slices.Max(shape))
	x.lay(fortran)
	return x, nil
}

// lay sets the strides and the order of the modes.
func (x *Tensor) lay(fortran bool) {
	x.strides, x.order = make([]int, len(x.shape)), make([]int, len(x.shape))
	step := 1
	for k := range x.shape {
		n := len(x.shape) - 1 - k
		if fortran {
			n = k
		}
		x.strides[n] = step
		x.order[len(x.shape)-1-k] = n
		step *= x.shape[n]
	}
}

// Close closes the files.
func (x *Tensor) Close() error { return x.src.close() }

// Shape is the size of each mode. The caller must not change it.
func (x *Tensor) Shape() []int { return x.shape }

// Axes are the names of the modes. The caller must not change them.
func (x *Tensor) Axes() []tensor.Axis { return x.axes }

// Bytes is the size of the elements.
func (x *Tensor) Bytes() int64 { return elements(x.shape) * x.src.elem }

// SlabBytes is the size of a slab, at most.
func (x *Tensor) SlabBytes() int64 { return min(int64(x.limit)*x.src.elem, x.Bytes()) }

// Parts are the files.
func (x *Tensor) Parts() []Part {
	parts := make([]Part, len(x.src.pieces))
	for i, p := range x.src.pieces {
		parts[i] = p.Part
	}
	return parts
}

// DType is float32 or float64.
func (x *Tensor) DType() string { return x.src.pieces[0].head.DType }

// Epsilon is the relative rounding error of an element: 2^-52, or 2^-23 for
// single precision.
func (x *Tensor) Epsilon() float64 {
	if x.src.elem == 4 {
		return 0x1p-23
	}
	return 0x1p-52
}

// Err is the first fault in reading the file, or nil.
func (x *Tensor) Err() error {
	x.fault.Lock()
	defer x.fault.Unlock()
	return x.fault.err
}

func (x *Tensor) fail(err error) {
	x.fault.Lock()
	defer x.fault.Unlock()
	if x.fault.err == nil {
		x.fault.err = err
	}
}

// At is one element, read from the file. A fault gives NaN (see Err).
func (x *Tensor) At(idx ...int) float64 {
	if len(idx) != len(x.shape) {
		panic(fmt.Sprintf("stream: %d indices for %d modes", len(idx), len(x.shape)))
	}
	var v [1]float64
	x.readRun(v[:], x.place(idx))
	return v[0]
}

// Fiber reads len(dst) elements, of which the first has the index idx and the
// others follow along a mode. Along the mode that is fastest in the file it is
// one access, else one for each element. A fault gives NaN (see Err).
func (x *Tensor) Fiber(dst []float64, mode int, idx ...int) {
	if len(idx) != len(x.shape) || mode < 0 || mode >= len(idx) {
		panic(fmt.Sprintf("stream: Fiber of mode %d with %d indices for %d modes", mode, len(idx), len(x.shape)))
	}
	if len(dst) > x.shape[mode]-idx[mode] {
		panic(fmt.Sprintf("stream: Fiber of %d elements from %d on of a mode of size %d", len(dst), idx[mode], x.shape[mode]))
	}
	first, step := x.place(idx), int64(x.strides[mode])
	if step == 1 {
		x.readRun(dst, first)
		return
	}
	for i := range dst {
		x.readRun(dst[i:i+1], first+int64(i)*step)
	}
}

// place is where in the file an element is.
func (x *Tensor) place(idx []int) int64 {
	first := int64(0)
	for n, i := range idx {
		if i < 0 || i >= x.shape[n] {
			panic(fmt.Sprintf("stream: index %d out of range on mode %d of size %d", i, n, x.shape[n]))
		}
		first += int64(i) * int64(x.strides[n])
	}
	return first
}

// readRun reads elements that follow one another.
func (x *Tensor) readRun(dst []float64, first int64) {
	if err := x.src.readAt(bytesOf(dst, 1)[:int64(len(dst))*x.src.elem], first); err != nil {
		x.fail(err)
		for i := range dst {
			dst[i] = math.NaN()
		}
		return
	}
	if x.src.elem == 4 {
		for i := len(dst) - 1; i >= 0; i-- { // they lie at the start of dst
			dst[i] = float64(singles(dst)[i])
		}
	}
}

// Dense is the whole tensor in memory.
func (x *Tensor) Dense() (tensor.Tensor, error) {
	data := make([]float64, (x.Bytes()+7)/8)
	if err := x.src.readAt(bytesOf(data, 1)[:x.Bytes()], 0); err != nil {
		return nil, err
	}
	y := x.view(data, x.shape)
	return y, y.SetAxes(x.axes...)
}

// dense is what slabs answer.
type dense interface {
	tensor.Tensor
	SetAxes(...tensor.Axis) error
	MTTKRP(dst *tensor.Matrix[float64], factors []*tensor.Matrix[float64], mode int)
	ResidualNorm(weights []float64, factors []*tensor.Matrix[float64]) float64
	ModeGram(mode int) *tensor.Matrix[float64]
	Fibers(mode, count int, visit func(rows *tensor.Matrix[float64]) error) error
	ProjectIn(buf []float64, u *tensor.Matrix[float64], mode int) *tensor.Dense[float64]
	CountNonFinite() (nan, inf int)
	LossGradient(factors, grads []*tensor.Matrix[float64], f tensor.Elementwise) float64
	FindCell(has func(v float64) bool) (at []int, value float64, found bool)
}

// view is a buffer as a tensor of the given shape in the order of x.
func (x *Tensor) view(buf []float64, shape []int) dense {
	strides := make([]int, len(shape))
	step := 1
	for k := len(x.order) - 1; k >= 0; k-- {
		strides[x.order[k]] = step
		step *= shape[x.order[k]]
	}
	if x.src.elem == 4 {
		return tensor.Strided(singles(buf)[:step], shape, strides)
	}
	return tensor.Strided(buf[:step], shape, strides)
}

// singles is a buffer of float64 as one of float32.
func singles(buf []float64) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(buf))), 2*len(buf))
}

// bytesOf is the bytes of a buffer of elements of a size: of one element of
// that size if there is one, or of all if the size is 1.
func bytesOf(buf []float64, elem int64) []byte {
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(buf))), 8*len(buf))
	if elem > 1 {
		return b[:elem]
	}
	return b
}

func (x *Tensor) all() box { return box{make([]int, len(x.shape)), slices.Clone(x.shape)} }

// each reads the pieces of a box in order and calls visit with one while the
// next is read. keep is a mode that is not cut, or -1. The first error of
// reading or of visit ends the pass; it is returned, and one of reading kept
// for Err.
func (x *Tensor) each(whole box, keep int, visit func(b box, slab dense) error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.Err(); err != nil {
		return err
	}
	c := cut(whole, x.order, keep, x.limit)
	type slab struct {
		box  box
		data []float64
		err  error
	}
	ready, free := make(chan slab), make(chan []float64, len(x.bufs))
	done := make(chan struct{})
	// The first piece is the largest.
	first := c.box(0)
	need := (first.size()*int(x.src.elem) + 7) / 8
	for i := range min(len(x.bufs), c.count) {
		if len(x.bufs[i]) < need {
			x.bufs[i] = nil // before the larger one is made
			x.bufs[i] = make([]float64, need)
		}
		free <- x.bufs[i]
	}
	var reader sync.WaitGroup
	defer func() {
		close(done)
		reader.Wait() // the buffers are its own until then
	}()
	reader.Go(func() {
		defer close(ready)
		for k := range c.count {
			var buf []float64
			select {
			case buf = <-free:
			case <-done:
				return
			}
			b := c.box(k)
			err := x.read(b, bytesOf(buf, 1)[:b.size()*int(x.src.elem)])
			select {
			case ready <- slab{b, buf, err}:
			case <-done:
				return
			}
			if err != nil {
				return
			}
		}
	})
	for s := range ready {
		if s.err != nil {
			x.fail(s.err)
			return s.err
		}
		if err := visit(s.box, x.view(s.data, s.box.shape())); err != nil {
			return err
		}
		free <- s.data
	}
	return nil
}
