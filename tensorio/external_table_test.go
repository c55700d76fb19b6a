package tensorio

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	arrowmemory "github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/parquet-go/parquet-go"

	"github.com/polyad/polyad/sparse"
)

type event struct {
	Who  string    `parquet:"who,dict"`
	What *string   `parquet:"what,optional"`
	When time.Time `parquet:"when,timestamp(millisecond)"`
	N    int32     `parquet:"n"`
}

// Tables of events that are sorted in pieces make the tensor that is read
// whole, whatever their format.
func TestSortEventTables(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "who", Type: arrow.BinaryTypes.String},
		{Name: "what", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "when", Type: arrow.FixedWidthTypes.Timestamp_s},
		{Name: "n", Type: arrow.PrimitiveTypes.Int32},
	}, nil)
	rng := rand.New(rand.NewPCG(9, 1))
	var batches []arrow.RecordBatch
	var columns bytes.Buffer
	p := parquet.NewGenericWriter[event](&columns)
	var text strings.Builder
	text.WriteString("who,what,when,n\n")
	for range 6 {
		b := array.NewRecordBuilder(arrowmemory.DefaultAllocator, schema)
		for range 15_000 {
			who, what, at, n := fmt.Sprintf("person %d", rng.IntN(400)), fmt.Sprintf("deed %d", rng.IntN(120)), 1_700_000_000+rng.IntN(5_000_000), rng.IntN(9)
			b.Field(0).(*array.StringBuilder).Append(who)
			row := event{who, &what, time.Unix(int64(at), 0).UTC(), int32(n)}
			if n == 8 {
				row.What = nil
				b.Field(1).AppendNull()
				what = ""
			} else {
				b.Field(1).(*array.StringBuilder).Append(what)
			}
			if _, err := p.Write([]event{row}); err != nil {
				t.Fatal(err)
			}
			b.Field(2).(*array.TimestampBuilder).Append(arrow.Timestamp(at))
			b.Field(3).(*array.Int32Builder).Append(int32(n))
			fmt.Fprintf(&text, "%s,%s,%s,%d\n", who, what, row.When.Format("2006-01-02 15:04:05"), n)
		}
		batches = append(batches, b.NewRecordBatch())
	}
	var feather bytes.Buffer
	w, err := ipc.NewFileWriter(&feather, ipc.WithSchema(schema))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	packed := func(compression string) []byte {
		var buf bytes.Buffer
		err := compressed(compression, func(w io.Writer) error {
			_, err := io.WriteString(w, text.String())
			return err
		})(&buf)
		if err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}
	dir := t.TempDir()
	var first *sparse.COO[float64]
	for _, opt := range []Options{
		{Modes: []string{"who", "what", "date(when)"}, Aggregate: "count", Missing: "zero"},
		{Modes: []string{"who", "what", "date(when)"}, Value: "n", Aggregate: "sum", Missing: "zero"},
	} {
		first = nil
		for name, data := range map[string][]byte{"e.csv": []byte(text.String()), "e.csv.gz": packed(".gz"), "e.csv.zst": packed(".zst"), "e.arrow": feather.Bytes(), "e.parquet": columns.Bytes()} {
			in, out := filepath.Join(dir, name), filepath.Join(dir, name+".psp")
			if err := os.WriteFile(in, data, 0o666); err != nil {
				t.Fatal(err)
			}
			res, err := SortFile(in, out, opt, 1<<20)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if res.Runs < 2 {
				t.Errorf("%s: sorted in %d run", name, res.Runs)
			}
			want, err := Open(in, opt)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Open(out, Options{})
			if err != nil {
				t.Fatal(err)
			}
			x, ok := want.Tensor.(*sparse.COO[float64])
			if !ok {
				t.Fatalf("%s: %T", name, want.Tensor)
			}
			y := got.Tensor.(*sparse.COO[float64])
			if first == nil {
				first = x
			}
			for _, z := range []*sparse.COO[float64]{x, first} {
				if !slices.Equal(z.Shape(), y.Shape()) || !slices.Equal(z.Values(), y.Values()) || !slices.Equal(z.Indices(2), y.Indices(2)) || z.Axes()[0].Label(7) != y.Axes()[0].Label(7) {
					t.Errorf("%s: %v with %d entries, want %v with %d", name, y.Shape(), y.Count(), z.Shape(), z.Count())
				}
			}
			want.Close()
			got.Close()
		}
	}
	half := packed(".gz")
	in := filepath.Join(dir, "half.csv.gz")
	if err := os.WriteFile(in, half[:len(half)/2], 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = SortFile(in, filepath.Join(dir, "half.psp"), Options{Modes: []string{"who", "what"}, Aggregate: "count"}, 1<<20)
	if err == nil || !strings.Contains(err.Error(), "the file is truncated") {
		t.Errorf("half a file: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "polyad-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
