// Package psp reads and writes Polyad's binary file of a sparse tensor: a
// header with a checksum, a list of indices a mode, and the values, each where
// memory wants it, so that an open file is mapped and not read.
//
// All numbers are little-endian. docs/psp.md draws the bytes.
package psp
