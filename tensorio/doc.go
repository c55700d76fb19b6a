// Package tensorio opens tensors from files and saves them.
//
// [Open] tells the format by the content of the file, never by its name, and
// undoes gzip and zstd. [Save] chooses it by the extension. What a format
// cannot say is lost in it: a .npy file has no names for its axes; .npz and
// .safetensors files and tables do.
//
// Arrays of little-endian float32 and float64 are mapped into memory, not
// read: opening a large .npy file costs one pass over it, to look for values
// that are not finite, and no memory of its own. [Inspect] does not even make
// that pass.
//
// Unobserved and zero are different things. A cell of a table without a row
// is unobserved, and the tensor is then a [tensor.Observed]; values that are
// NaN or infinite are an error unless [Options].Missing says what they mean.
//
// A tensor saved as .npz has these members (see [SaveArrays] for the bytes):
//
//	┌──────────┬───────────────────────────────────────────────────────────┐
//	│ tensor   │ the elements, if all cells are known                      │
//	├──────────┼───────────────────────────────────────────────────────────┤
//	│ index    │ <i4, modes×entries, and                                   │
//	│ values   │ <f8, entries: the known cells, if some are unobserved     │
//	├──────────┼───────────────────────────────────────────────────────────┤
//	│ metadata │ JSON: {"kind": "polyad tensor", "format": "dense" or      │
//	│          │ "observed", "shape": […], "axes": [{"name", "labels",     │
//	│          │ "coords", "unit"}, …]}, absent fields left out            │
//	└──────────┴───────────────────────────────────────────────────────────┘
//
// In Python, x[tuple(z["index"])] = z["values"] puts the known cells in
// their places.
//
// Every file is written beside its place and renamed (see [WriteFile]), so
// that a full disk or an interruption leaves the old file intact.
package tensorio
