// Unemployment reads the table of US unemployment by industry, year and
// month, fits a CP model to the cells that were observed and prints what each
// component is made of.
//
//	go run ./examples/unemployment
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
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

	model, result, err := cp.ALS(ctx, x, cp.Options{
		Rank:    3,
		Ridge:   1e-3, // level and season add up; see package rank
		Options: fit.Options{Seed: 1, Starts: 3},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d components explain %.0f %% of %v cells\n", model.Rank(), 100*result.Fit, x.Shape())
	for r := range model.Rank() {
		fmt.Printf("component %d: %s\n", r+1, report.ComponentName(model, r))
	}
}
