// Unemployment reads the table of US unemployment by industry, year and
// month, chooses a rank, fits a CP model to the cells that were observed and
// prints what each component is made of.
//
//	go run ./examples/unemployment
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/rank"
	"github.com/polyad/polyad/report"
	"github.com/polyad/polyad/tensorio"
)

func main() {
	file, err := tensorio.Open("examples/unemployment.csv", tensorio.Options{
		Modes: []string{"industry", "year", "month"}, Value: "count",
	})
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	x := file.Tensor.(cp.Data)
	ctx := context.Background()

	evidence, err := rank.CP(ctx, x, rank.Options{Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	model, result, err := cp.ALS(ctx, x, cp.Options{
		Rank:    evidence.Chosen[0],
		Options: fit.Options{Seed: 1, Starts: 3},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d components explain %.0f %% of %v cells\n", model.Rank(), 100*result.Fit, x.Shape())
	for r := range model.Rank() {
		fmt.Printf("component %d:", r+1)
		for n, axis := range model.Axes() {
			top := report.TopLabels(axis, model.Factors[n].Col(r), 1)
			fmt.Printf("  %s %s", axis.Name, top[0].Label)
		}
		fmt.Println()
	}
}
