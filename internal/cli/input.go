package cli

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"slices"

	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/stream"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// input is the data of a run: in memory, or in slabs from a file.
type input struct {
	*tensorio.File
	stream *stream.Tensor          // nil: in memory
	need   *need                   // predicted; nil if it cannot be
	chosen func(ranks []int) error // holds the ranks that a search chose against the limit; nil: the method does
	close  func() error
}

// candidate is what is known of a file before it is read: enough to plan.
type candidate struct {
	shape    []int
	dtype    string        // of the elements in memory
	elements int64         // bytes of the tensor in memory
	data     int64         // bytes that reading takes, the file included
	mapped   int64         // of them, those in mapped files
	entries  int64         // that are listed; 0 of dense data
	stream   bool          // it can be read in slabs
	why      string        // if not
	kind     kind          // of the data once they are read
	axes     []tensor.Axis // nil: known by their number alone
	samples  *sampled
	file     *tensorio.File // of data that have been read already
	close    func() error
}

func (c *candidate) elemBytes() int { return elemBytes(c.dtype) }

// inspect looks at the header of a file, or reads what has none.
func inspect(path string, read reading) (*candidate, error) {
	c := &candidate{kind: dense, close: func() error { return nil }}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() { // read, not mapped
		return c, c.openStream(path, read)
	}
	h, err := tensorio.Inspect(path, read.options())
	if err != nil {
		return nil, err
	}
	if read.missing == "unobserved" {
		c.kind = observed
	}
	binary := []string{"npy", "npz", "safetensors", "mat"}
	if !slices.Contains(binary, h.Format) || len(h.Arrays) != 1 {
		return c, c.openWhole(path, read)
	}
	arr := h.Arrays[0]
	native := arr.DType == "float32" || arr.DType == "float64"
	if h.Format == "npy" && h.Compression == "" && native && (read.dtype == "" || read.dtype == arr.DType) && read.missing == "" {
		err := c.openStream(path, read)
		c.mapped = c.data
		return c, err
	}
	c.shape, c.dtype = arr.Shape, read.dtype
	if c.dtype == "" {
		c.dtype = "float64"
		if slices.Contains([]string{"float16", "bfloat16", "float32"}, arr.DType) {
			c.dtype = "float32"
		}
	}
	c.elements = int64(tensor.Size(c.shape) * c.elemBytes())
	c.data, c.mapped = c.elements, c.elements
	if !native || c.dtype != arr.DType || h.Compression != "" || h.Format == "mat" {
		c.data, c.mapped = c.elements+info.Size(), info.Size()
	}
	c.why = fmt.Sprintf("only float32 and float64 arrays in .npy files, plain, are read in slabs (this is %s, %s); polyad convert IN OUT.npy makes one", h.Format, arr.DType)
	if read.missing != "" || read.dtype != "" {
		c.why = "--missing and --dtype need the data in memory"
	}
	return c, nil
}

// openStream looks at a file that can be read in slabs.
func (c *candidate) openStream(path string, read reading) error {
	x, err := stream.Open(path, stream.Options{})
	if err != nil {
		return err
	}
	c.shape, c.dtype, c.elements = x.Shape(), x.DType(), x.Bytes()
	c.data, c.stream = c.elements, true
	c.samples = &sampled{shape: c.shape, fiber: x.Fiber}
	if x.IsContiguous() {
		c.samples.fast = len(c.shape) - 1
	}
	c.close = x.Close
	if read.dtype != "" && read.dtype != c.dtype || read.missing != "" || len(read.modes) > len(c.shape) {
		c.stream, c.why = false, "--missing and --dtype need the data in memory"
	}
	return nil
}

// openWhole reads a file without a header.
func (c *candidate) openWhole(path string, read reading) error {
	f, err := tensorio.Open(path, read.options())
	if err != nil {
		return err
	}
	c.file, c.close = f, f.Close
	c.shape, c.dtype = f.Tensor.Shape(), "float64"
	c.kind, c.axes = kindOf(f.Tensor), f.Tensor.Axes()
	if _, ok := f.Tensor.(*tensor.Dense[float32]); ok {
		c.dtype = "float32"
	}
	c.elements = int64(tensor.Size(c.shape) * c.elemBytes())
	c.data = c.elements
	c.why = "a " + f.Format + " file is not read in slabs; polyad convert IN OUT.npy makes a file that is"
	if x, ok := f.Tensor.(interface{ Count() int }); ok && c.kind != dense {
		// The values and indices; orders of the observed entries by mode.
		c.entries, c.data = int64(x.Count()), int64(x.Count())*int64(8+4*len(c.shape))
		if c.kind == observed {
			c.data += 4 * c.entries * int64(len(c.shape))
		} else {
			c.elements, c.why = 0, "sparse data are not read in slabs"
		}
	}
	c.data, c.mapped = c.data+f.Bytes, f.Bytes
	return nil
}

// plan predicts the work of a method. Where eps decides the ranks they are
// estimated from samples of the data, if those can be looked at.
func (c *candidate) plan(m method, j job) (fit.Plan, error) {
	if j.eps > 0 && c.samples != nil {
		p, ranks, err := m.estimate(c.samples, c.elemBytes(), j.eps)
		if err != nil || ranks != nil {
			p.Notes = append(p.Notes, fmt.Sprintf("eps decides the ranks: by samples of the data at most about %s, of which fewer may be left in the end", joinInts(ranks)))
			return p, err
		}
	}
	return m.plan(c.shape, c.elemBytes(), j)
}

// open opens the data of a run in the way that the limit allows; mem 0 is no
// limit.
func open(path string, read reading, m method, j job, mem int64) (*input, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if mem == 0 {
		return openPredicted(path, read, info.IsDir(), m, j)
	}
	if !info.IsDir() && info.Size()+processBytes > mem && !hasHeader(path, read) {
		return nil, fmt.Errorf("%s: --mem allows %s, and reading the file takes at least %s; the least that may do is --mem %s", path, size(mem), size(info.Size()+processBytes), wholeMB(info.Size()+processBytes))
	}
	release := keepTo(mem, need{Plan: fit.Plan{PeakBytes: mem}})
	in, err := openWithin(path, read, info.IsDir(), m, j, mem)
	if err != nil {
		release()
		return nil, err
	}
	return in.closing(release), nil
}

// openWithin is open with a limit.
func openWithin(path string, read reading, folder bool, m method, j job, mem int64) (*input, error) {
	c, err := inspect(path, read)
	if err != nil {
		return nil, err
	}
	p, err := c.planRun(m, j, read)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), c.close())
	}
	whole := c.inMemory(p)
	if whole.PeakBytes <= mem {
		in, err := c.openInMemory(path, read, folder)
		if err != nil {
			return nil, err
		}
		debug.FreeOSMemory() // what reading left
		in.need = &whole
		if c.kind != dense && j.ranks == nil {
			in.chosen = func(ranks []int) error {
				j.ranks = ranks
				p, err := c.planRun(m, j, read)
				if err != nil {
					return err
				}
				run := c.inMemory(p)
				if run.PeakBytes > mem {
					return fmt.Errorf("%s: the ranks %s were chosen: %w", path, joinInts(ranks), tooLarge(mem, run, nil, run.PeakBytes, c.why))
				}
				if run.PeakBytes > whole.PeakBytes {
					in.need = &run
					in.closing(keepTo(mem, run))
				}
				return nil
			}
		}
		return in.closing(keepTo(mem, whole)), nil
	}
	if err := c.close(); err != nil {
		return nil, err
	}
	if !c.stream {
		return nil, fmt.Errorf("%s: %w", path, tooLarge(mem, whole, nil, whole.PeakBytes, c.why))
	}
	slabs := streamed(p, c.elements, mem)
	if slabs.PeakBytes > mem {
		return nil, fmt.Errorf("%s: %w", path, tooLarge(mem, whole, &slabs, min(whole.PeakBytes, leastStreamed(p, c.elements)), ""))
	}
	x, err := stream.Open(path, stream.Options{SlabBytes: int(slabs.slab), Modes: read.modes})
	if err != nil {
		return nil, err
	}
	f := &tensorio.File{Tensor: x, Format: "npy", DType: x.DType()}
	for _, part := range x.Parts() {
		f.Bytes += part.Bytes
	}
	f.Notes = append(f.Notes, fmt.Sprintf("The data are read from the file in slabs of %s: in memory the run would need %s, and --mem allows %s.",
		size(slabs.slab), size(whole.PeakBytes), size(mem)))
	in := &input{File: f, stream: x, need: &slabs, close: x.Close}
	return in.closing(keepTo(mem, slabs)), nil
}

// openPredicted opens data without a limit. The peak is predicted where the
// ranks are known and the header of the file tells what it takes.
func openPredicted(path string, read reading, folder bool, m method, j job) (*input, error) {
	if j.ranks == nil && j.eps == 0 || !folder && !hasHeader(path, read) {
		return openInMemory(path, read, folder)
	}
	c, err := inspect(path, read)
	if err != nil {
		return nil, err
	}
	p, unplanned := c.planRun(m, j, read)
	in, err := c.openInMemory(path, read, folder)
	if err != nil || unplanned != nil { // what is wrong is said better by those who fit the model
		return in, err
	}
	whole := c.inMemory(p)
	in.need = &whole
	return in.closing(keepTo(math.MaxInt64, whole)), nil
}

// closing is the input with one thing more to do when it is closed.
func (in *input) closing(release func()) *input {
	closeFile := in.close
	in.close = func() error {
		defer release()
		return closeFile()
	}
	return in
}

// hasHeader reports whether a file can be planned without reading it.
func hasHeader(path string, read reading) bool {
	x, err := stream.Open(path, stream.Options{})
	if err == nil {
		x.Close()
		return true
	}
	h, err := tensorio.Inspect(path, read.options())
	return err == nil && slices.Contains([]string{"npy", "npz", "safetensors", "mat"}, h.Format)
}

// explain puts the errors of a method in the words of the command line: what
// NaN in slabs calls for, and which --mem would give a method room.
func (in *input) explain(err error, mem int64) error {
	if in.stream != nil && in.stream.Err() == nil {
		if norm := in.stream.Norm(); math.IsNaN(norm) || math.IsInf(norm, 0) {
			nan, inf := in.stream.CountNonFinite()
			return fmt.Errorf("%d values are NaN and %d are infinite; in slabs there is no --missing: write them as 0 with polyad convert --missing zero, or allow more memory", nan, inf)
		}
	}
	var room *fit.RoomError
	if errors.As(err, &room) && mem > 0 {
		return fmt.Errorf("%w; the least that may do is --mem %s", err, wholeMB(mem+room.Need-room.Room))
	}
	return err
}

// openInMemory opens what has been looked at, unless that has read it already.
func (c *candidate) openInMemory(path string, read reading, folder bool) (*input, error) {
	if c.file != nil {
		return &input{File: c.file, close: c.close}, nil
	}
	if err := c.close(); err != nil {
		return nil, err
	}
	return openInMemory(path, read, folder)
}

// openInMemory opens a file, or reads the chunks in a folder.
func openInMemory(path string, read reading, folder bool) (*input, error) {
	if !folder {
		f, err := tensorio.Open(path, read.options())
		if err != nil {
			return nil, err
		}
		return &input{File: f, close: f.Close}, nil
	}
	if read.dtype != "" || read.missing != "" {
		return nil, fmt.Errorf("%s: --missing and --dtype are for single files; convert the chunks first", path)
	}
	s, err := stream.Open(path, stream.Options{Modes: read.modes})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	x, err := s.Dense()
	if err != nil {
		return nil, err
	}
	return &input{File: &tensorio.File{Tensor: x, Format: "npy chunks", DType: s.DType(), Bytes: s.Bytes()}, close: func() error { return nil }}, nil
}
