package tempfile

import (
	"io"
	"os"
	"runtime"
	"testing"
)

func TestFile(t *testing.T) {
	dir := t.TempDir()
	f, err := Create(dir, "x-*")
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 && runtime.GOOS != "windows" {
		t.Errorf("a kill would leave %v (%v)", left, err)
	}
	if _, err := f.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(f); err != nil || string(b) != "text" {
		t.Errorf("%q, %v", b, err)
	}
	if err := f.Discard(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v is left (%v)", left, err)
	}
}
