//go:build !unix

package tensorio

import "os"

// load reads a file of size bytes.
func load(f *os.File, size int) (data []byte, free func() error, forget func(), err error) {
	return read(f, size)
}
