package npy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/tensor"
)

func write(t testing.TB, fill func(*ArchiveWriter) error) []byte {
	t.Helper()
	var b bytes.Buffer
	a := NewArchiveWriter(&b)
	if err := fill(a); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sample(a *ArchiveWriter) error {
	x := tensor.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	return errors.Join(
		a.Add("x", x),
		a.Add("transposed", x.Permute(1, 0)),
		a.Add("größe", tensor.FromSlice([]complex64{1i}, 1)),
		a.AddInt32("index", []int32{1, 2}, []int32{3, -4}),
		a.AddText("metadata", `{"ä":"🙂"}`),
	)
}

func TestArchiveRoundTrip(t *testing.T) {
	data := write(t, sample)
	if again := write(t, sample); !bytes.Equal(data, again) {
		t.Error("two writings differ")
	}
	a, err := OpenArchive(data)
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Names(); !slices.Equal(got, []string{"x", "transposed", "größe", "index", "metadata"}) {
		t.Errorf("names %q", got)
	}
	for name, want := range map[string][]complex128{"x": {1, 2, 3, 4, 5, 6}, "transposed": {1, 4, 2, 5, 3, 6}, "größe": {1i}} {
		arr, err := a.Array(name)
		if err != nil {
			t.Fatal(err)
		}
		x, _, err := arr.Tensor("")
		if err != nil || !slices.Equal(asComplex(x), want) {
			t.Errorf("%s: %v, %v", name, x, err)
		}
		if h, err := a.Header(name); err != nil || !slices.Equal(h.Shape, x.Shape()) {
			t.Errorf("%s: header %v, %v", name, h, err)
		}
	}
	index, err := a.Array("index")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := index.Int32s(); err != nil || !slices.Equal(got, []int32{1, 2, 3, -4}) || !slices.Equal(index.Shape, []int{2, 2}) {
		t.Errorf("index %v, %v", got, err)
	}
	meta, err := a.Array("metadata")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := meta.Text(); err != nil || got != `{"ä":"🙂"}` {
		t.Errorf("metadata %q, %v", got, err)
	}
}

func TestMembersAreAlignedAndComplete(t *testing.T) {
	data := write(t, sample)
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range zr.File {
		off, err := f.DataOffset()
		if err != nil || off%64 != 0 {
			t.Errorf("%s starts at %d, %v", f.Name, off, err)
		}
		// Readers that do not seek find the size before the data.
		if f.Flags&8 != 0 || f.Method != zip.Store {
			t.Errorf("%s has flags %x, method %d", f.Name, f.Flags, f.Method)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

func TestArchiveOfNumPy(t *testing.T) {
	a, err := OpenArchive(readFile(t, "stored.npz"))
	if err != nil {
		t.Fatal(err)
	}
	arr, err := a.Array("a")
	if err != nil {
		t.Fatal(err)
	}
	x, _, err := arr.Tensor("")
	if err != nil || !slices.Equal(asComplex(x), []complex128{0, 1, 2, 3, 4, 5}) {
		t.Errorf("%v, %v", x, err)
	}
}

func TestBadArchives(t *testing.T) {
	good := write(t, sample)
	damaged := bytes.Clone(good)
	at := bytes.Index(damaged, binary.LittleEndian.AppendUint64(nil, 0x4000000000000000)) // the 2 of x
	damaged[at]++
	a, err := OpenArchive(damaged)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Array("x"); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("a flipped bit: %v", err)
	}
	if _, err := a.Array("y"); err == nil || !strings.Contains(err.Error(), "there are: x, transposed") {
		t.Errorf("an unknown name: %v", err)
	}
	for n := range len(good) {
		if _, err := OpenArchive(good[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were read", n, len(good))
		}
	}
	for what, fill := range map[string]func(*zip.Writer){
		"no arrays": func(z *zip.Writer) { z.Create("readme.txt") },
		"twice":     func(z *zip.Writer) { z.Create("x.npy"); z.Create("x.npy") },
	} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		fill(z)
		z.Close()
		if _, err := OpenArchive(b.Bytes()); err == nil {
			t.Errorf("an archive with %s was read", what)
		}
	}
}

// lying is an archive whose only member claims another size.
func lying(t testing.TB, method uint16, content string, claim uint64) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "x.npy", Method: method, CompressedSize64: uint64(len(content)), UncompressedSize64: claim})
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, content)
	z.Close()
	return b.Bytes()
}

func TestLyingSizes(t *testing.T) {
	for _, c := range []struct {
		method uint16
		claim  uint64
		want   string
	}{
		{zip.Store, 1 << 50, "claims"},
		{zip.Deflate, 1 << 50, "more than its 3 compressed bytes can hold"},
		{zip.Deflate, 100, "truncated"},
		{12, 3, "zip method 12"},
	} {
		a, err := OpenArchive(lying(t, c.method, "abc", c.claim))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Array("x"); err == nil || !strings.Contains(err.Error(), c.want) && c.claim != 100 {
			t.Errorf("method %d, claim %d: %v", c.method, c.claim, err)
		}
		if _, err := a.Header("x"); err == nil {
			t.Errorf("method %d, claim %d: a header was read", c.method, c.claim)
		}
	}
}

func TestNamesOfMembers(t *testing.T) {
	a := NewArchiveWriter(io.Discard)
	x := tensor.New[float64](1)
	if err := a.Add("x", x); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"x", "", "\xff"} {
		if a.Add(name, x) == nil {
			t.Errorf("%q was taken for a name", name)
		}
	}
}

func FuzzArchive(f *testing.F) {
	f.Add(write(f, sample))
	f.Add(readFile(f, "stored.npz"))
	f.Add(lying(f, zip.Deflate, "abc", 100))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := OpenArchive(data)
		if err != nil {
			return
		}
		for _, name := range a.Names() {
			a.Header(name)
			// A byte of deflate stands for 1032, and text for four times as many.
			testkit.Allocates(t, 1<<20+8*1040*len(data), func() {
				if arr, err := a.Array(name); err == nil {
					arr.Text()
					arr.Tensor("")
				}
			})
		}
	})
}
