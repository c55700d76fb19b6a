// Package fit is what every iterative method shares: when to stop, how to
// report, and what a result says of its making.
//
// A method describes one iteration as a function and hands it to [Run],
// which owns stopping, cancellation, the trace and the clock. The measure of
// success is the relative error ||X-M||/||X||, or fit = 1 - relative error.
package fit
