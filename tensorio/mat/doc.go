// Package mat reads numeric arrays from MATLAB MAT-files of level 5, the
// format that save writes by default (-v6 and -v7, with or without
// compression, in either byte order).
//
// Numbers of class double and single keep their precision; integers and
// logicals become float64; complex numbers stay complex; a sparse matrix
// becomes a dense one, with zeros where nothing is stored. Arrays keep
// MATLAB's order (first index fastest) by their strides.
//
// The layout is that of "MAT-File Format" (The MathWorks): a header of 128
// bytes, then elements of
//
//	type uint32 | length uint32 | data, padded to 8 bytes
//	length uint16 << 16 | type uint16 | data of up to 4 bytes
//
// where an element of type 15 is another one compressed with zlib, and one of
// type 14 is an array: flags, sizes, name, real part and imaginary part, each
// an element again.
package mat
