// Package picture reads PNG, JPEG and GIF files as tensors, and writes PNG.
//
// A PNG or JPEG becomes a 3-way tensor row×column×channel, a GIF a 4-way
// tensor frame×row×column×channel of its frames as a viewer shows them, one
// drawn over the other. Values lie in [0, 1]: a byte v becomes v/255, a 16-bit
// number v/65535, in the colour space of the file. A grey picture has one
// channel; others have red, green and blue, and alpha (not premultiplied) only
// if some pixel is not opaque. The orientation that a camera notes in a JPEG
// is not applied.
//
// The axes are named frame, row, column and channel; the first three carry
// their numbers as coordinates, channels their names as labels.
package picture
