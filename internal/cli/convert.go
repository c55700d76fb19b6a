package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

func (a *app) convert() *cobra.Command {
	var (
		read   reading
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:     "convert IN OUT",
		Short:   "Copy a tensor into another format",
		Long:    "Convert reads a tensor from one file and writes it to another, in the format of its ending.",
		Example: "  polyad convert examples/unemployment.csv unemployment.npz --modes industry,year,month --value count\n  polyad convert measurements.mat measurements.npy --array X --dtype float32",
		Args:    exactly("IN", "OUT"),
		RunE: func(_ *cobra.Command, args []string) error {
			in, out := args[0], args[1]
			if err := tensorio.CheckSave(out); err != nil {
				return err
			}
			if err := checkOutput("OUT", out); err != nil {
				return err
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
			a.line("written", fmt.Sprintf("%s  %s", out, describeTensor(f.Tensor.Shape(), f.Tensor.Axes(), observed)))
			for _, n := range f.Notes {
				a.line("note", wrap(n, 96)...)
			}
			return nil
		},
	}
	read.register(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}
