package tensorio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
)

// temporaries are the names of the files that are being written.
var temporaries struct {
	sync.Mutex
	names map[string]bool
}

// RemoveTemporary removes the unfinished files of every [WriteFile] that is
// running, which then fails. A program calls it when it is interrupted, just
// before it exits.
func RemoveTemporary() {
	temporaries.Lock()
	defer temporaries.Unlock()
	for name := range temporaries.names {
		os.Remove(name)
		delete(temporaries.names, name)
	}
}

// WriteFile makes or replaces a file in one step: write fills a temporary
// file in the same folder, which is flushed to the disk and renamed. On an
// error the temporary file is removed and an older file of the name is
// untouched. Links are followed; a device or pipe is written directly.
func WriteFile(path string, write func(io.Writer) error) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	mode := fs.FileMode(0o666)
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s: is a directory, not a file", path)
	case err == nil && !info.Mode().IsRegular():
		return writeDevice(path, write)
	case err == nil:
		mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f, err := createTemporary(path, mode)
	if err != nil {
		return fmt.Errorf("%s: no file can be made in this folder: %w", path, reason(err, ""))
	}
	name := f.Name()
	if err := finish(f, write); err != nil {
		f.Close()
		drop(name)
		return fmt.Errorf("%s: it cannot be written: %w", path, reason(err, name))
	}
	if err := f.Close(); err != nil {
		drop(name)
		return fmt.Errorf("%s: it cannot be written: %w", path, reason(err, name))
	}
	temporaries.Lock()
	err = os.Rename(name, path)
	if err == nil {
		delete(temporaries.names, name)
	}
	temporaries.Unlock()
	if err != nil {
		drop(name)
		return fmt.Errorf("%s: the finished file cannot be put in its place: %w", path, err)
	}
	// The new name reaches the disk with its folder. Not every system can
	// flush a folder; the file itself is safe without.
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		dir.Sync()
		dir.Close()
	}
	return nil
}

// reason is what the system says of a file, without the name if that is one
// of a temporary file, which is gone.
func reason(err error, temporary string) error {
	var at *fs.PathError
	if errors.As(err, &at) && (temporary == "" || at.Path == temporary) {
		return at.Err
	}
	return err
}

// createTemporary makes and registers a hidden file beside path.
func createTemporary(path string, mode fs.FileMode) (*os.File, error) {
	dir, base := filepath.Split(path)
	for try := 0; ; try++ {
		name := filepath.Join(dir, fmt.Sprintf(".%s.%08x.tmp", base, rand.Uint32()))
		temporaries.Lock()
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if err == nil {
			if temporaries.names == nil {
				temporaries.names = map[string]bool{}
			}
			temporaries.names[name] = true
		}
		temporaries.Unlock()
		if err == nil || !errors.Is(err, fs.ErrExist) || try == 100 {
			return f, err
		}
	}
}

func drop(name string) {
	temporaries.Lock()
	defer temporaries.Unlock()
	os.Remove(name)
	delete(temporaries.names, name)
}

// finish writes the content and flushes it to the disk.
func finish(f *os.File, write func(io.Writer) error) error {
	if err := buffered(f, write); err != nil {
		return err
	}
	return f.Sync()
}

func buffered(w io.Writer, write func(io.Writer) error) error {
	b := bufio.NewWriterSize(w, 1<<18)
	if err := write(b); err != nil {
		return err
	}
	return b.Flush()
}

// writeDevice writes to what cannot be renamed over.
func writeDevice(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if err := buffered(f, write); err != nil {
		f.Close()
		return fmt.Errorf("%s: it cannot be written: %w", path, reason(err, path))
	}
	return f.Close()
}
