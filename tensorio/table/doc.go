// Package table reads tables in long form (a row a cell) as tensors: CSV and
// TSV text, Parquet, and Arrow IPC (files, that is Feather version 2, and
// streams).
//
// The modes of the tensor are columns, or parts of a timestamp; one more
// column holds the values:
//
//	industry,year,month,count
//	Government,2000,Jan,430
//	Government,2000,Feb,409
//
// read with Modes industry, year, month and Value count is a 3-way tensor. A
// column of numbers becomes an axis with coordinates in ascending order;
// other columns become labels, months and weekdays in the order of the
// calendar, all else in order of appearance.
//
// A cell without a row, or with an empty value, is unobserved, which is not
// the same as zero, unless the caller says so. Two rows for one cell are an
// error, unless the caller says how to join them. A table of events, without
// a column of values, is counted: a cell holds the number of its rows, and no
// row is zero.
package table
