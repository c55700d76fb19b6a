package tensorio

import (
	"io"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/table"
	"github.com/polyad/polyad/tensorio/tns"
)

func readTns(f *File, data []byte, opt Options) error {
	r, err := tns.Read(data, tns.Options{Aggregate: opt.Aggregate, Missing: opt.listed()})
	if err != nil {
		return err
	}
	f.Tensor, f.DType, f.Notes = r.Tensor, "text", r.Notes
	return nil
}

func readTable(f *File, data []byte, opt Options) error {
	r, err := table.Read(data, table.Options{Modes: opt.Modes, Value: opt.Value, Aggregate: opt.Aggregate, Missing: opt.listed()})
	if err != nil {
		return err
	}
	f.Tensor, f.Format, f.DType, f.Notes = r.Tensor, r.Format, "number", r.Notes
	return nil
}

// listTable describes the columns, which are what a table holds.
func listTable(h *Header, data []byte, whole bool) error {
	if !whole {
		return errMore
	}
	info, err := table.List(data)
	if err != nil {
		return err
	}
	h.Format = info.Format
	for _, c := range info.Columns {
		h.Arrays = append(h.Arrays, Array{Name: c.Name, Shape: []int{info.Rows}, DType: c.Type, Observed: -1})
	}
	return nil
}

func writeCSV(w io.Writer, x tensor.Tensor) error { return table.Write(w, x, ',') }

func writeTSV(w io.Writer, x tensor.Tensor) error { return table.Write(w, x, '\t') }
