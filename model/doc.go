// Package model saves, loads and compares decompositions whatever their
// format: it is the one place that lists the formats.
//
// A model file is an .npz that NumPy loads: the arrays of the format
// (weights and factor_0 … for CP; core and factor_0 … for Tucker; core_0 …
// for a tensor train) and metadata, a JSON text with the format's name, the
// axes with their labels, and how the model was made.
package model
