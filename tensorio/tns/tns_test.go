package tns

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/polyad/polyad/internal/testkit"
	"github.com/polyad/polyad/sparse"
	"github.com/polyad/polyad/tensor"
)

func read(t *testing.T, text string, opt Options) *Result {
	t.Helper()
	r, err := Read([]byte(text), opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func dense(t *testing.T, r *Result) *tensor.Dense[float64] {
	t.Helper()
	x, ok := r.Tensor.(*tensor.Dense[float64])
	if !ok {
		t.Fatalf("%T, want a dense tensor", r.Tensor)
	}
	return x
}

func TestDialects(t *testing.T) {
	// The same 2×3×2 tensor, cell (i, j, k) = 100i+10j+k from 1, except for
	// two zeros.
	want := tensor.New[float64](2, 3, 2)
	for i := range 2 {
		for j := range 3 {
			for k := range 2 {
				if (i+j+k)%5 != 0 {
					want.Set(float64(100*i+10*j+k+111), i, j, k)
				}
			}
		}
	}
	list := func(base int) string {
		var b strings.Builder
		for i := range 2 {
			for j := range 3 {
				for k := range 2 {
					if v := want.At(i, j, k); v != 0 {
						fmt.Fprintf(&b, "%d %d %d %g\n", i+base, j+base, k+base, v)
					}
				}
			}
		}
		return b.String()
	}
	var full strings.Builder
	for k := range 2 {
		for j := range 3 {
			for i := range 2 {
				fmt.Fprintf(&full, "%g\n", want.At(i, j, k))
			}
		}
	}
	n := strings.Count(list(1), "\n")
	for name, c := range map[string]struct {
		text    string
		dialect string
		base    int
	}{
		"frostt":           {list(1), "frostt", 1},
		"frostt 0-based":   {list(0), "frostt", 0},
		"frostt comments":  {"# i j k v\r\n\n" + strings.ReplaceAll(list(1), "\n", " # x\r\n"), "frostt", 1},
		"frostt tabs":      {strings.ReplaceAll(list(1), " ", "\t"), "frostt", 1},
		"sizes":            {"2 3 2\n" + list(1), "frostt", 1},
		"order and sizes":  {"3\n2 3 2\n" + list(0), "frostt", 0},
		"sizes and count":  {fmt.Sprintf("2 3 2\n%d\n%s", n, list(1)), "frostt", 1},
		"order size count": {fmt.Sprintf("3\n2 3 2\n%d\n%s", n, list(1)), "frostt", 1},
		"sizes nnz line":   {fmt.Sprintf("2 3 2 %d\n%s", n, list(1)), "frostt", 1},
		"sptensor":         {fmt.Sprintf("sptensor\n3\n2 3 2\n%d\n%s", n, list(1)), "sptensor", 1},
		"sptensor 0-based": {fmt.Sprintf("SPTENSOR \n3 \n2 3 2 \n%d\n%s", n, list(0)), "sptensor", 0},
		"tensor":           {"tensor\n3\n2 3 2\n" + full.String(), "tensor", 0},
		"byte order mark":  {"\xef\xbb\xbftensor\n3\n2 3 2\n" + full.String(), "tensor", 0},
	} {
		r := read(t, c.text, Options{})
		x := dense(t, r)
		if r.Dialect != c.dialect || r.Base != c.base || !slices.Equal(x.Shape(), want.Shape()) || !slices.Equal(x.Data(), want.Data()) {
			t.Errorf("%s: %s, base %d, shape %v, %v", name, r.Dialect, r.Base, x.Shape(), x.Data())
		}
		if c.dialect != "tensor" && !strings.Contains(strings.Join(r.Notes, " "), fmt.Sprintf("count from %d", c.base)) {
			t.Errorf("%s: notes %q do not tell the base", name, r.Notes)
		}
		if !strings.Contains(name, "tab") && !strings.Contains(name, "mark") && !Sniff([]byte(c.text)) {
			t.Errorf("%s is not sniffed", name)
		}
	}
}

func TestUnobserved(t *testing.T) {
	r := read(t, "3 1 2.5\n1 2 -1\n", Options{Missing: "unobserved"})
	o, ok := r.Tensor.(*tensor.Observed)
	if !ok {
		t.Fatalf("%T", r.Tensor)
	}
	if !slices.Equal(o.Shape(), []int{3, 2}) || !slices.Equal(o.Values(), []float64{-1, 2.5}) || !slices.Equal(o.Indices(0), []int32{0, 2}) {
		t.Errorf("%v %v %v", o.Shape(), o.Values(), o.Indices(0))
	}
	// The sparse kind of read has no limit on the sizes.
	r = read(t, "2000000000 1 1 1\n1 2000000000 1 4\n", Options{Missing: "unobserved"})
	if got := r.Tensor.Shape(); !slices.Equal(got, []int{2e9, 2e9, 1}) {
		t.Errorf("shape %v", got)
	}
	// All cells listed: nothing is unknown.
	dense(t, read(t, "1 1 1\n1 2 3\n", Options{Missing: "unobserved"}))
}

func TestNaN(t *testing.T) {
	for _, text := range []string{"1 1 nan\n2 2 4\n2 1 inf\n", "tensor\n2\n2 2\nnan -Inf\n0\n4\n"} {
		r := read(t, text, Options{Missing: "nan"})
		o, ok := r.Tensor.(*tensor.Observed)
		if !ok || !slices.Equal(o.Values(), []float64{0, 4}) || !slices.Equal(o.Indices(0), []int32{0, 1}) {
			t.Errorf("%q: %v", text, r.Tensor)
		}
		if x := dense(t, read(t, text, Options{Missing: "zero"})); !slices.Equal(x.Data(), []float64{0, 0, 0, 4}) {
			t.Errorf("%q: %v", text, x.Data())
		}
	}
	r := read(t, "1 1 nan\n2 2 4\n2 1 inf\n", Options{Missing: "unobserved"})
	if o := r.Tensor.(*tensor.Observed); !slices.Equal(o.Values(), []float64{4}) || !strings.Contains(r.Notes[1], "2 values are NaN or infinite and count as unobserved") {
		t.Errorf("%v %q", o.Values(), r.Notes)
	}
	if x := dense(t, read(t, "1 1 nan\n1 1 3\n", Options{Missing: "zero", Aggregate: "sum"})); x.At(0, 0) != 3 {
		t.Errorf("%v", x.Data())
	}
	for _, missing := range []string{"nan", "unobserved"} {
		if _, err := Read([]byte("1 1 nan\n"), Options{Missing: missing}); err == nil || err.Error() != "tns: no value is finite: there is nothing to work on" {
			t.Errorf("%s: %v", missing, err)
		}
	}
	if _, err := Read([]byte("1 1 nan\n2 2 1\n2 2 1\n"), Options{Missing: "unobserved"}); err == nil || !strings.Contains(err.Error(), "lines 2 and 3 list the same cell") {
		t.Error(err)
	}
}

func TestAggregate(t *testing.T) {
	text := "1 1 1\n2 1 5\n1 1 3\n1 1 -1\n"
	for agg, want := range map[string]float64{"sum": 3, "mean": 1, "count": 3, "last": -1, "min": -1, "max": 3} {
		r := read(t, text, Options{Aggregate: agg})
		if got := dense(t, r).At(0, 0); got != want {
			t.Errorf("%s: %g, want %g", agg, got, want)
		}
	}
}

func TestMatrixAndKtensor(t *testing.T) {
	want := []float64{1, 2, 3, 4, 5, 6}
	for _, text := range []string{"matrix\n2\n2 3\n1 2 3\n4 5 6\n", "matrix\n2\n2 3\n1\n4\n2\n5\n3\n6\n"} {
		if x := dense(t, read(t, text, Options{})); !slices.Equal(x.Data(), want) {
			t.Errorf("%q: %v", text, x.Data())
		}
	}
	r := read(t, "ktensor\n3\n2 2 3\n2\n10 1\nmatrix\n2\n2 2\n1 0\n2 1\nmatrix\n2\n2 2\n1 1\n0 1\nmatrix\n2\n3 2\n1 2\n3 4\n5 6\n", Options{})
	x := dense(t, r)
	for i := range 2 {
		for j := range 2 {
			for k := range 3 {
				sum := 0.0
				for q, w := range r.Weights {
					sum += w * r.Factors[0].At(i, q) * r.Factors[1].At(j, q) * r.Factors[2].At(k, q)
				}
				if x.At(i, j, k) != sum {
					t.Errorf("(%d, %d, %d): %g, want %g", i, j, k, x.At(i, j, k), sum)
				}
			}
		}
	}
	if x.At(1, 0, 2) != 10*2*5+6 {
		t.Errorf("(1, 0, 2) = %g", x.At(1, 0, 2))
	}
}

// TestChunks parses a list that is cut into several pieces, with comments
// and a fault at the end.
func TestChunks(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	want := tensor.New[float64](40, 50, 60)
	var b bytes.Buffer
	n := 0
	for i := range 40 {
		for j := range 50 {
			b.WriteString("# row\n")
			n++
			for k := range 60 {
				v := rng.NormFloat64()
				want.Set(v, i, j, k)
				fmt.Fprintf(&b, "%d %d %d %v\n", i+1, j+1, k+1, v)
				n++
			}
		}
	}
	if b.Len() < 2*chunkSize {
		t.Fatalf("%d bytes are too few for the test", b.Len())
	}
	if x := dense(t, read(t, b.String(), Options{})); !slices.Equal(x.Data(), want.Data()) {
		t.Error("values differ")
	}
	fmt.Fprintf(&b, "40 50 60 7\n")
	_, err := Read(b.Bytes(), Options{})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("lines %d and %d list the same cell [40 50 60]", n, n+1)) {
		t.Errorf("%v", err)
	}
	fmt.Fprintf(&b, "1 2 x 7\n")
	_, err = Read(b.Bytes(), Options{})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf(`line %d: index "x" on mode 3`, n+2)) {
		t.Errorf("%v", err)
	}
}

// TestNumbers reads numbers of all lengths, in plain lines and in others.
func TestNumbers(t *testing.T) {
	words := []string{"0", "7", "42", "123", "1234567", "12345678", "123456789", "2147483646"}
	values := []string{"0", "5", "1234567", "12345678", "-3", "+4", "0.5", "-12.25", ".5", "7.", "1e3", "123456789012345", "1234567890123456789", "0.1234567890123456789"}
	for _, blank := range []string{" ", "\t", "  ", " \t "} {
		for _, end := range []string{"\n", "\r\n", " \n", " # x\n"} {
			var text []byte
			var index [2][]int32
			var want []float64
			for _, i := range words {
				for _, j := range words {
					for _, v := range values {
						text = append(text, i+blank+j+blank+v+end...)
						for m, w := range []string{i, j} {
							k, _ := strconv.Atoi(w)
							index[m] = append(index[m], int32(k))
						}
						f, _ := strconv.ParseFloat(v, 64)
						want = append(want, f)
					}
				}
			}
			for _, cut := range []int{0, len(end)} { // the last line may lack its end
				e, err := parseEntries(text[:len(text)-cut], 0, 2, 0)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(e.values, want) || !slices.Equal(e.index[0], index[0]) || !slices.Equal(e.index[1], index[1]) {
					t.Fatalf("%q %q: entries differ", blank, end)
				}
				if e.low[0] != 0 || e.high[1] != 2147483646 {
					t.Errorf("range %v %v", e.low, e.high)
				}
			}
		}
	}
}

func TestBadInput(t *testing.T) {
	for text, want := range map[string]string{
		"":                                          "the file is empty",
		"# only\n":                                  "the file is empty",
		"7\n":                                       "expected indices and a value",
		"1 1 1 2\n1 1 2\n":                          "line 2: 3 fields, expected 4 (3 indices and a value)",
		"1 1 2.5\n\n1 1 1 2\n":                      "line 3: 4 fields, expected 3",
		"1 1.5 2\n":                                 `line 1: index "1.5" on mode 2, expected a whole number`,
		"1 -1 2\n":                                  `line 1: index "-1" on mode 2, expected a whole number`,
		"1 99999999999 2\n":                         `line 1: index "99999999999" on mode 2 is too large`,
		"1 1 2\n1 2 x2\n":                           `line 2: value "x2", expected a number`,
		"1 1 nan\n1 2 3\n":                          "line 1: the value is NaN, expected a finite number (1 of the values",
		"1 1 2\n2 2 3\n1 1 4\n":                     "lines 1 and 3 list the same cell [1 1]: join such entries with --aggregate",
		"60000 60000 1\n1 1 nan\n":                  "line 2: the value is NaN",
		"2 2\n1 1 1\n3 1 1\n":                       "line 3: index 3 on mode 1, expected 1 to 2 (size 2, indices from 1)",
		"2 2\n0 1 1\n1 2 1\n":                       "line 3: index 2 on mode 2, expected 0 to 1 (size 2, indices from 0)",
		"2 2\n3\n1 1 1\n2 1 1\n":                    "2 entries, but line 2 promises 3: the file is cut short",
		"1 1 1 1\n1 1\n":                            "line 2: 2 fields, expected 4",
		"1 1 1 1\n1 2 3\n":                          "line 2: 3 fields, expected 4",
		"tensr\n2\n2 2\n":                           `line 1: header "tensr", expected one of tensor, sptensor, matrix, ktensor`,
		"tensor\n":                                  "the file ends before the number of modes",
		"tensor\nthree\n":                           `line 2: "three", expected the number of modes`,
		"tensor\n2\n2 2 2\n":                        `line 3: sizes "2 2 2", expected 2 whole numbers`,
		"tensor\n2\n2 0\n":                          "line 3: mode 2 has size 0: the tensor is empty",
		"tensor\n2\n2 2\n1\n2\n3\n":                 "3 values, but the header promises 4: the file is cut short",
		"tensor\n1\n2\n1\n2\n3\n":                   "3 values, but the header promises 2: the file is longer",
		"tensor\n1\n2\n1\n2x\n":                     `line 5: value "2x", expected a number`,
		"tensor\n1\n2\n\n1\ninf\n":                  "line 6: the value is +Inf",
		"tensor\n2\n99999999999 99999999999":        "99999999999×99999999999 cells are more than can be numbered",
		"tensor\n2\n9999999 9999999":                "0 values, but the header promises 99999980000001",
		"sptensor\n2\n2 2\n":                        "the file ends before the number of entries",
		"sptensor\n2\n2 2\n5\n1 1 1\n":              "1 entries, but the header promises 5: the file is cut short",
		"sptensor\n2\n2 2\n1\n1 3 1\n":              "line 5: index 3 on mode 2, expected 1 to 2",
		"ktensor\n1\n2\n0\n":                        "rank 0, expected at least 1",
		"ktensor\n1\n2\n2\n1\n":                     "the file ends after 1 of 2 weights",
		"ktensor\n1\n2\n1\n1 2\n":                   "line 5: more than 1 weights",
		"ktensor\n1\n2\n1\nnan\n":                   "line 5: the value is NaN",
		"ktensor\n1\n2\n1\n1\nmat\n":                `line 6: "mat", expected the word matrix before factor 1`,
		"ktensor\n1\n2\n1\n1\nmatrix\n2\n1 1\n1":    "line 8: factor 1 is 1×1, expected 2×1",
		"ktensor\n1\n1\n1\n1\nmatrix\n2\n1 1\n1\n5": `line 10: "5", expected the end of the file`,
	} {
		_, err := Read([]byte(text), Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "tns: ") {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
	if _, err := Read([]byte("1 1 1"), Options{Aggregate: "median"}); err == nil || !strings.Contains(err.Error(), `unknown aggregate "median": use sum, mean, count, last, min, max`) {
		t.Error(err)
	}
	if _, err := Read([]byte("1 1 1"), Options{Missing: "none"}); err == nil || !strings.Contains(err.Error(), `use zero, unobserved or nan`) {
		t.Error(err)
	}
}

// Many cells of which few are listed make a sparse tensor.
func TestSparse(t *testing.T) {
	for _, text := range []string{"60000 60000 7\n3 2 5\n", "60000 60000 7\n# a comment\n\n3 2 5\n", "sptensor\n2\n60000 60000\n2\n60000 60000 7\n3 2 5\n"} {
		x, ok := read(t, text, Options{}).Tensor.(*sparse.COO[float64])
		if !ok || x.Count() != 2 || x.At(2, 1) != 5 || x.At(59999, 59999) != 7 || x.At(0, 0) != 0 {
			t.Errorf("%q: %v", text, x)
			continue
		}
		var b bytes.Buffer
		if err := Write(&b, x); err != nil {
			t.Fatal(err)
		}
		if y, ok := read(t, b.String(), Options{}).Tensor.(*sparse.COO[float64]); !ok || !slices.Equal(x.Values(), y.Values()) || !slices.Equal(x.Indices(1), y.Indices(1)) {
			t.Errorf("%q does not come back", text)
		}
	}
	// More cells than can be numbered.
	text := "2000000000 2000000000 2000000000 1\n5 5 5 2\n"
	if x, ok := read(t, text, Options{}).Tensor.(*sparse.COO[float64]); !ok || x.At(4, 4, 4) != 2 {
		t.Errorf("%v", x)
	}
	if _, err := Read([]byte("60000 60000 nan\n"), Options{Missing: "nan"}); err == nil || !strings.Contains(err.Error(), "60000×60000 cells are too many to list all but those with the 1 values") {
		t.Error(err)
	}
	if _, err := Read([]byte("1 2 3\n1 2147483648 1\n"), Options{}); err == nil || !strings.Contains(err.Error(), `line 2: index "2147483648" on mode 2 is too large (the limit is 2147483646)`) {
		t.Error(err)
	}
	if _, err := Read([]byte("5 60000 1\n5 60000 2\n9 60000 2\n"), Options{}); err == nil || !strings.Contains(err.Error(), "lines 1 and 2 list the same cell [5 60000]") {
		t.Error(err)
	}
}

func TestSniffRefuses(t *testing.T) {
	for _, text := range []string{"", "a,b,c\n1,2,3\n", "1\t2\t3\n", "\x93NUMPY\x01\x00v\x00", "0.1 0.2 0.3\n0.1 0.5 0.2\n", "tensors of the world\n", "1 2\n"} {
		if Sniff([]byte(text)) {
			t.Errorf("Sniff(%q)", text)
		}
	}
}

func TestWriteRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	x := tensor.New[float64](3, 4, 5)
	for i := range x.Raw() {
		x.Raw()[i] = rng.NormFloat64() * math.Pow(10, float64(i-30))
	}
	var b bytes.Buffer
	if err := Write(&b, x); err != nil {
		t.Fatal(err)
	}
	if y := dense(t, read(t, b.String(), Options{})); !slices.Equal(x.Data(), y.Data()) {
		t.Error("dense values differ")
	}
	f := tensor.FromSlice([]float32{0.1, 2, 3}, 3)
	b.Reset()
	if err := Write(&b, f); err != nil || b.String() != "tensor\n1\n3\n0.1\n2\n3\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
	o, err := tensor.NewObserved([]int{3, 9}, [][]int32{{0, 2}, {1, 3}}, []float64{0, 2.5})
	if err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if err := Write(&b, o); err != nil {
		t.Fatal(err)
	}
	p := read(t, b.String(), Options{Missing: "unobserved"}).Tensor.(*tensor.Observed)
	if !slices.Equal(p.Shape(), o.Shape()) || !slices.Equal(p.Values(), o.Values()) || !slices.Equal(p.Indices(1), o.Indices(1)) {
		t.Errorf("%v", p)
	}
	if err := Write(&b, tensor.New[complex128](2)); err == nil || !strings.Contains(err.Error(), "save as .npz") {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"1 1 1 2\n2 2 2 3\n", "0 0 1\n", "3\n2 2 2\n1 1 1 1\n", "2 2 1\n1 1 5\n", "tensor\n2\n2 2\n1 2 3 4\n",
		"sptensor\n2\n2 2\n1\n1 1 1\n", "ktensor\n1\n2\n1\n1\nmatrix\n2\n2 1\n1\n2\n", "matrix\n2\n2 2\n1 2\n3 4\n", "1 1 nan\n"} {
		f.Add([]byte(s), "", "")
		f.Add([]byte(s), "sum", "unobserved")
		f.Add([]byte(s), "last", "nan")
	}
	f.Fuzz(func(t *testing.T, data []byte, aggregate, missing string) {
		Sniff(data)
		var r *Result
		var err error
		testkit.Allocates(t, 1<<22+400*len(data), func() { r, err = Read(data, Options{Aggregate: aggregate, Missing: "unobserved"}) })
		if err != nil {
			return
		}
		if missing == "unobserved" {
			missing = "nan"
		}
		cells := 1
		for _, s := range r.Tensor.Shape() {
			if cells *= max(s, 1); cells > 1<<16 || s > 1<<16 {
				return // large zeros are allowed but slow
			}
		}
		r, err = Read(data, Options{Aggregate: aggregate, Missing: missing})
		if err != nil {
			return
		}
		if err := tensor.CheckAxes(r.Tensor.Axes(), r.Tensor.Shape()); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := Write(&b, r.Tensor); err != nil {
			t.Fatal(err)
		}
		again, err := Read(b.Bytes(), Options{Missing: "unobserved"})
		if err != nil {
			t.Fatalf("%v in\n%s", err, b.Bytes())
		}
		if !slices.Equal(again.Tensor.Shape(), r.Tensor.Shape()) {
			t.Fatalf("shape %v, then %v", r.Tensor.Shape(), again.Tensor.Shape())
		}
	})
}

// FuzzEntries compares many lines at a time with one.
func FuzzEntries(f *testing.F) {
	for _, s := range []string{"1 1 1 2\n2 2 2 3\n", "0 0 0.5\n7 8 -3e4\n", "3 4 1\r\n", "1 2 nan\n1  2 3\n", "123456789 1 1 # x\n", "#5 1 9\n1 1 1\n2 1 1\n"} {
		f.Add([]byte(s), 2, 3)
		f.Add([]byte(s), 3, 40)
	}
	f.Fuzz(func(t *testing.T, data []byte, order, repeat int) {
		if order < 1 || order > 40 || repeat < 1 || repeat > 100 {
			return
		}
		data = append(bytes.Repeat(data, repeat), data...)
		got, err := parseEntries(data, 0, order, 1)
		one := &parser{base: 1, index: make([][]int32, order), values: make([]float64, len(data)+1)}
		for m := range one.index {
			one.index[m] = make([]int32, len(data)+1)
		}
		line := 0
		for row := range bytes.Lines(data) {
			line++
			if fault := one.parseLine(bytes.TrimSuffix(row, []byte{'\n'})); fault != nil {
				if want := fmt.Sprintf("line %d: %v", line, fault); err == nil || err.Error() != want {
					t.Fatalf("%v, want %s", err, want)
				}
				return
			}
		}
		if err != nil || len(got.values) != one.n || got.bad != one.bad {
			t.Fatalf("%v, %d entries, %d bad; want %d and %d", err, len(got.values), got.bad, one.n, one.bad)
		}
		increasing := true
		for m, list := range one.index {
			if !slices.Equal(got.index[m], list[:one.n]) || one.n > 0 && (got.low[m] != slices.Min(list[:one.n])+1 || got.high[m] != slices.Max(list[:one.n])+1) {
				t.Fatalf("mode %d: %v in %d to %d, want %v", m, got.index[m], got.low[m], got.high[m], list[:one.n])
			}
		}
		for k := range one.n {
			if v, want := got.values[k], one.values[k]; math.Float64bits(v) != math.Float64bits(want) && v == v {
				t.Fatalf("value %v, want %v", v, want)
			}
			increasing = increasing && (k == 0 || precedes(one.index, k-1, k))
		}
		if got.increasing != increasing {
			t.Fatalf("increasing: %t", got.increasing)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 7))
	var text []byte
	for range 1000000 {
		text = fmt.Appendf(text, "%d %d %d %.6f\n", rng.IntN(1000)+1, rng.IntN(1000)+1, rng.IntN(1000)+1, rng.NormFloat64())
	}
	b.Run("entries=1000000/modes=3", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := Read(text, Options{Missing: "unobserved", Aggregate: "sum"}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
