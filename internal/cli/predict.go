package cli

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/complete"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
)

func (a *app) predict() *cobra.Command {
	var (
		out    string
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "predict MODEL.npz CELLS.csv -o OUT",
		Short: "Evaluate a model at the cells that a table lists",
		Long: `Predict reads a table with a column for each mode of a model (by name, or in
order if the model's modes have no names) and writes it with the value of the
model at each row's cell: under a loss, the expected value. A cell is named by
its labels; where a mode has none, by indices from 0.

A model of polyad complete (by least squares) carries what the standard errors
of its predictions follow from, which a column more, se, then holds: 68 % of the
cells that were left out lay within theirs. They are each cell's own, as those
that complete writes (of models whose covariances are more than 2^24 numbers:
one for all cells).`,
		Example: "  polyad predict model.npz cells.csv -o predicted.csv",
		Args:    exactly("MODEL.npz", "CELLS.csv"),
		RunE: func(_ *cobra.Command, args []string) error {
			if !isTable(out) {
				return fmt.Errorf("predict needs -o FILE with the ending .csv, .tsv or .parquet, such as -o predicted.csv")
			}
			if err := checkOutput("-o", out); err != nil {
				return err
			}
			res, err := complete.Load(args[0])
			if err != nil {
				return err
			}
			m := res.Model
			index, err := readCells(args[1], m.Axes(), m.Shape())
			if err != nil {
				return fmt.Errorf("%s: %w", args[1], err)
			}
			values, se := res.Predict(index)
			names, columns := []string{"value"}, [][]float64{values}
			if !math.IsNaN(se[0]) {
				names, columns = append(names, "se"), append(columns, se)
			}
			if err := writeCells(out, m.Axes(), index, names, columns...); err != nil {
				return err
			}
			if asJSON {
				return a.printJSON(map[string]any{"method": model.Method(m), "cells": len(values), "out": out})
			}
			a.line("written", fmt.Sprintf("%s  %s cells", out, count(len(values))))
			return nil
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "`file` for the table (.csv, .tsv or .parquet)")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// readCells reads the indices of cells from a table with a header.
func readCells(path string, axes []tensor.Axis, shape []int) ([][]int32, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	table := csv.NewReader(bufio.NewReader(f))
	if separator(path) == '\t' {
		table.Comma = '\t'
	}
	table.ReuseRecord = true
	head, err := table.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the table is empty; a header with the names of the modes is expected")
	}
	if err != nil {
		return nil, err
	}
	header := slices.Clone(head)
	column := make([]int, len(axes))
	labels := make([]map[string]int32, len(axes))
	for n, axis := range axes {
		column[n] = slices.Index(header, columnName(axis, n))
		if column[n] < 0 {
			return nil, fmt.Errorf("no column is called %q; the header has %q", columnName(axis, n), header)
		}
		labels[n] = make(map[string]int32, shape[n])
		for i := range shape[n] {
			labels[n][axis.Label(i)] = int32(i)
		}
	}
	index := make([][]int32, len(axes))
	for {
		row, err := table.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		for n, c := range column {
			i, ok := labels[n][row[c]]
			if !ok {
				line, _ := table.FieldPos(c)
				return nil, fmt.Errorf("line %d: the model has no %s %s", line, columnName(axes[n], n), strconv.Quote(row[c]))
			}
			index[n] = append(index[n], i)
		}
	}
	if len(index[0]) == 0 {
		return nil, errors.New("the table lists no cell")
	}
	return index, nil
}
