// Package tempfile makes temporary files that no kill leaves behind.
package tempfile

import (
	"errors"
	"os"
)

// File is a temporary file to write and to read again.
type File struct {
	*os.File
	gone bool // its name is
}

// Create makes a file in dir; see os.CreateTemp. Where the system can (Windows
// cannot), its name is removed at once: the file goes when it is closed, or when
// the program ends in any way.
func Create(dir, pattern string) (*File, error) {
	f, err := os.CreateTemp(dir, pattern)
	if err != nil {
		return nil, err
	}
	return &File{f, os.Remove(f.Name()) == nil}, nil
}

// Discard closes the file and removes it.
func (f *File) Discard() error {
	err := f.Close()
	if !f.gone {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
