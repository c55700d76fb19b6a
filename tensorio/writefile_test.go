package tensorio

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// only checks that a folder holds the file with the content, and no other.
func only(t *testing.T, path, content string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != content {
		t.Errorf("%s holds %q, %v; want %q", path, got, err, content)
	}
	list, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(list) != 1 {
		t.Errorf("left in the folder: %v, %v", list, err)
	}
}

func say(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.txt")
	for _, text := range []string{"first", "second"} {
		if err := WriteFile(path, say(text)); err != nil {
			t.Fatal(err)
		}
		only(t, path, text)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	err := WriteFile(path, func(w io.Writer) error {
		w.Write(make([]byte, 1<<20))
		return full
	})
	if !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	only(t, path, "second")
	if err := WriteFile(path, say("third")); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o640 {
		t.Errorf("the mode became %v", info.Mode())
	}
	if WriteFile(filepath.Join(path, "below"), say("")) == nil || WriteFile(filepath.Dir(path), say("")) == nil {
		t.Error("a file was written below a file, or over a folder")
	}
}

func TestInterruptedWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.txt")
	if err := WriteFile(path, say("old")); err != nil {
		t.Fatal(err)
	}
	err := WriteFile(path, func(w io.Writer) error {
		w.Write(make([]byte, 1<<20))
		RemoveTemporary()
		only(t, path, "old")
		return nil
	})
	if err == nil {
		t.Error("no error although the temporary file was removed")
	}
	only(t, path, "old")
}

func TestWriteThroughLinks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.txt")
	if err := WriteFile(path, say("old")); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	if err := WriteFile(link, say("new")); err != nil {
		t.Fatal(err)
	}
	only(t, path, "new")
	if info, _ := os.Lstat(link); info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
}

func TestFullDevice(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full on this system")
	}
	if err := WriteFile("/dev/full", say("text")); err == nil {
		t.Error("/dev/full took the text")
	}
	if err := WriteFile(os.DevNull, say("text")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("the device was replaced: %v", err)
	}
}
