package cli

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

func (a *app) convert() *cobra.Command {
	var (
		read   reading
		mem    string
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "convert IN OUT",
		Short: "Copy a tensor into another format",
		Long: `Convert reads a tensor from one file and writes it to another, in the format of
its ending. With --mem, a .tns file or a table of events (CSV, TSV, Parquet,
Arrow), plain or in gzip or zstd, that need not fit in memory is sorted into a .psp
file by way of temporary files beside it.`,
		Example: "  polyad convert examples/unemployment.csv unemployment.npz --modes industry,year,month --value count\n  polyad convert measurements.mat measurements.npy --array X --dtype float32\n  polyad convert events.tns.gz events.psp --aggregate sum --mem 1GiB\n  polyad convert calls.csv calls.psp --modes 'caller,callee,hour(start)' --aggregate count --mem 1GiB",
		Args:    exactly("IN", "OUT"),
		RunE: func(_ *cobra.Command, args []string) error {
			in, out := args[0], args[1]
			if err := checkTensor("OUT", out); err != nil {
				return err
			}
			limit, err := parseMem(mem)
			if err != nil {
				return err
			}
			if limit > 0 {
				return a.sortFile(in, out, read, limit, asJSON)
			}
			f, err := tensorio.Open(in, read.options())
			if err != nil {
				return err
			}
			defer f.Close()
			if err := a.ctx.Err(); err != nil {
				return err
			}
			if err := tensorio.Save(out, f.Tensor); err != nil {
				return outputError{err}
			}
			observed := tensor.Size(f.Tensor.Shape())
			if o, ok := f.Tensor.(*tensor.Observed); ok {
				observed = o.Count()
			}
			if asJSON {
				return a.printJSON(map[string]any{"in": in, "out": out, "format": f.Format, "shape": f.Tensor.Shape(), "observed": observed, "notes": f.Notes})
			}
			about := describeTensor(f.Tensor.Shape(), f.Tensor.Axes(), observed)
			if kindOf(f.Tensor) == sparsely {
				shape := f.Tensor.Shape()
				about = fmt.Sprintf("%s, sparse: %s of %s cells are not zero", describeModes(shape, f.Tensor.Axes()),
					count(f.Tensor.(interface{ Count() int }).Count()), countCells(shape))
			}
			a.line("written", fmt.Sprintf("%s  %s", out, about))
			a.notes(f.Notes)
			return nil
		},
	}
	read.register(cmd)
	memFlag(cmd, &mem)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// leastSort is the memory that sorting a file takes however small its runs.
const leastSort = processBytes + 64<<20

// sortFile converts within a limit of memory.
func (a *app) sortFile(in, out string, read reading, limit int64, asJSON bool) error {
	if limit < leastSort {
		return fmt.Errorf("--mem allows %s; sorting a file takes at least --mem %s", size(limit), wholeMB(leastSort))
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(limit - processBytes/2))
	s, err := tensorio.SortFile(in, out, read.options(), limit-leastSort)
	if err != nil {
		return err
	}
	s.Notes = append(s.Notes, fmt.Sprintf("Of %s entries %s are left; they were sorted in %s runs.", count(s.Entries), count(s.Count), count(s.Runs)))
	if asJSON {
		return a.printJSON(map[string]any{"in": in, "out": out, "format": s.Format, "shape": s.Shape, "entries": s.Entries, "non_zeros": s.Count, "runs": s.Runs, "notes": s.Notes})
	}
	a.line("written", fmt.Sprintf("%s  %s, sparse: %s cells are not zero", out, dims(s.Shape), count(s.Count)))
	a.notes(s.Notes)
	return nil
}
