package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/polyad/polyad/stream"
	"github.com/polyad/polyad/tensor"
)

// identity is all that decides the result of a run. A journal is used for a
// run with the same alone.
type identity struct {
	Version  string        `json:"version"`
	File     []stream.Part `json:"file"`
	Shape    []int         `json:"shape"`
	Slab     int64         `json:"mem"` // the bytes of a slab, which --mem decides
	Read     [4]string     `json:"array"`
	Method   string        `json:"method"`
	Ranks    []int         `json:"rank"`
	Eps      float64       `json:"eps"`
	NonNeg   bool          `json:"nonneg"`
	Random   bool          `json:"randomized"`
	Ridge    float64       `json:"ridge"`
	Tol      float64       `json:"tol"`
	MaxIters int           `json:"max-iters"`
	Starts   int           `json:"starts"`
	Seed     uint64        `json:"seed"`
}

// journal opens the journal of a run, if it has one: that of --resume, or for
// slabs one beside the output. It returns the data to work on, and notes.
func (a *app) journal(path string, in *input, f decomposeFlags, j job) (*stream.Journal, tensor.Tensor, error) {
	x := in.Tensor
	file := f.resume
	switch {
	case file == "" && (in.stream == nil || f.out == ""):
		return nil, x, nil
	case file == "":
		file = f.out + ".journal"
	}
	if !gaussian(j.loss) || j.solver != "auto" || len(j.sets) > 0 && !nonnegative(j.sets) {
		return nil, nil, fmt.Errorf("%s: --resume is for least squares (als, hals and the methods of tucker and tt), not for --loss, --solver and --constraint", path)
	}
	data, ok := x.(stream.Data)
	if !ok || !isReal(x) {
		return nil, nil, fmt.Errorf("%s: --resume is for dense data of real numbers; these have unobserved entries or are complex", path)
	}
	id := identity{
		Version: Version, Shape: x.Shape(), Method: f.method, Ranks: j.ranks, Eps: j.eps, NonNeg: nonnegative(j.sets), Random: j.random, Ridge: j.ridge,
		Read: [4]string{f.read.array, f.read.dtype, f.read.missing, f.read.aggregate},
		Tol:  j.fit.Tol, MaxIters: j.fit.MaxIters, Starts: j.fit.Starts, Seed: j.fit.Seed,
	}
	if in.stream != nil {
		id.Slab, id.File = in.stream.SlabBytes(), in.stream.Parts()
	} else {
		info, err := os.Stat(path)
		if err != nil {
			return nil, nil, err
		}
		id.File = []stream.Part{{Path: path, Bytes: info.Size(), Modified: info.ModTime()}}
	}
	for i := range id.File {
		id.File[i].Path = filepath.Base(id.File[i].Path)
	}
	log, err := stream.OpenJournal(file, id)
	if errors.Is(err, stream.ErrOtherRun) && f.resume == "" {
		// What was begun with the same output is not what is asked for now.
		in.Notes = append(in.Notes, fmt.Sprintf("%v; it was started over.", err))
		if err = os.Remove(file); err == nil {
			log, err = stream.OpenJournal(file, id)
		}
	}
	if errors.Is(err, stream.ErrOtherRun) {
		return nil, nil, fmt.Errorf("%w; remove it, or name another file", err)
	}
	if err != nil {
		return nil, nil, err
	}
	if n := log.Passes(); n > 0 {
		in.Notes = append(in.Notes, fmt.Sprintf("Resumed: %d finished passes over the data were found in %s.", n, file))
	}
	a.resumes.Store(&file)
	return log, log.Wrap(data), nil
}

// interrupted is what a person is told after Ctrl-C.
func (a *app) interrupted() string {
	if file := a.resumes.Load(); file != nil {
		if _, err := os.Stat(*file); err == nil {
			return "polyad: interrupted; the same command goes on from " + *file
		}
	}
	return "polyad: interrupted"
}
