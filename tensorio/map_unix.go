//go:build unix

package tensorio

import (
	"os"

	"golang.org/x/sys/unix"
)

// load maps a file of size bytes into memory, read-only. free gives the
// memory back; forget gives back what is not in use, which is read again when it
// is touched.
func load(f *os.File, size int) (data []byte, free func() error, forget func(), err error) {
	data, err = unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return read(f, size) // some file systems cannot map
	}
	forget = func() { _ = unix.Madvise(data, unix.MADV_DONTNEED) } // advice
	return data, func() error { return unix.Munmap(data) }, forget, nil
}
