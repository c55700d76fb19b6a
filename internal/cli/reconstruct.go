package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

func (a *app) reconstruct() *cobra.Command {
	var (
		out     string
		threads int
		asJSON  bool
	)
	cmd := &cobra.Command{
		Use:   "reconstruct MODEL.npz -o OUT",
		Short: "Write the tensor that a model stands for",
		Long: `Reconstruct writes the whole tensor of a model that decompose or complete saved:
every cell, those that were unobserved included. predict evaluates single cells.`,
		Example: "  polyad reconstruct model.npz -o smooth.npy\n  polyad reconstruct model.npz -o filled.csv",
		Args:    exactly("MODEL.npz"),
		RunE: func(_ *cobra.Command, args []string) error {
			if out == "" {
				return fmt.Errorf("reconstruct needs -o FILE, such as -o %s", "out.npy")
			}
			if err := checkTensor("-o", out); err != nil {
				return err
			}
			if err := setThreads(threads); err != nil {
				return err
			}
			m, meta, err := model.Load(args[0])
			if err != nil {
				return err
			}
			x, err := whole(m)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if err := a.ctx.Err(); err != nil {
				return err
			}
			if err := tensorio.Save(out, x); err != nil {
				return outputError{err}
			}
			if asJSON {
				return a.printJSON(map[string]any{"method": meta.Method, "shape": x.Shape(), "cells": tensor.Size(x.Shape()), "out": out})
			}
			a.line("written", fmt.Sprintf("%s  %s", out, describeTensor(x.Shape(), x.Axes(), x.Len())))
			return nil
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "`file` to write; its ending says the format")
	threadsFlag(cmd, &threads)
	jsonFlag(cmd, &asJSON)
	return cmd
}
