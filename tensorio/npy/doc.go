// Package npy reads and writes NumPy's .npy files, and .npz archives of them.
//
// The format is that of NumPy's documentation
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html),
// versions 1, 2 and 3:
//
//	┌───────────────┬───────┬───────┬───────────┬──────────────────────┬──────────┐
//	│ \x93 N U M P Y │ major │ minor │ length L  │ Python dict, L bytes │ elements │
//	│ 6 bytes       │ 1     │ 1     │ 2 (v1), 4 │ spaces, \n at the end│          │
//	└───────────────┴───────┴───────┴───────────┴──────────────────────┴──────────┘
//
// All element types that are numbers are read, in both byte orders and both
// orders of the indices; a Fortran-ordered array becomes a strided view.
// Arrays of Python objects, records, dates and strings are errors that say so.
//
// The functions work on the bytes of a whole file, read or mapped into
// memory, and use elements where they lie if they need no conversion.
package npy
