// Package report turns a decomposition into one HTML file that explains it.
//
// The file holds everything it shows: no script, no font and no picture is
// loaded from outside. It reads in light and dark, on paper and on a phone.
// What it says, from the top: one sentence on how much the model explains,
// the tensor and where entries are missing, the convergence, the evidence
// for the rank, the components (a plot a mode: bars for categories, lines
// for ordered axes, a map for the two modes of a picture), the slices that
// the model explains worst, and how all of it was made.
//
//	err := report.Write(w, report.Input{Source: "data.csv", Data: x, Model: model, Result: res})
//
// Plans of contractions have a page of their own ([WriteContraction]), as have
// circuits ([WriteCircuit]) and connectomes ([WriteConnectome]).
//
// The bytes depend on the input alone: there is no clock and no random
// number inside.
//
// Plots are drawn by gonum.org/v1/plot on a canvas of this package whose
// colours are names of CSS variables, so that the colour scheme of the
// reader decides.
package report
