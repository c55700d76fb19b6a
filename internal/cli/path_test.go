package cli

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/polyad/polyad/einsum/path"
	"github.com/polyad/polyad/tensor"
)

// pathOf runs path with --json.
func pathOf(t *testing.T, args ...string) pathJSON {
	t.Helper()
	out, _ := run(t, 0, append([]string{"path", "--json"}, args...)...)
	var p pathJSON
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := p.Path.Check(p.Tensors); err != nil {
		t.Error(err)
	}
	return p
}

func written(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestPathEquation(t *testing.T) {
	p := pathOf(t, "ij,jk,kl->il", "--sizes", "i=10,j=100,k=5,l=50")
	if !(math.Abs(p.Log10Flops-math.Log10(7500)) <= 1e-9) || !(math.Abs(p.Log10Flops2x-math.Log10(15000)) <= 1e-9) ||
		!(math.Abs(p.Log2Size-math.Log2(500)) <= 1e-9) || !(math.Abs(p.Log2Write-math.Log2(550)) <= 1e-9) || p.Slices != 1 || p.Planner != "optimal" {
		t.Errorf("%+v", p)
	}
}

// A search that counts what is written, writes less for it.
func TestPathMinimize(t *testing.T) {
	var equation strings.Builder // a square lattice
	sizes := []string{}
	const side = 6
	label := func(kind, i, j int) string { return string(rune('À' + (kind*side+i%side)*side + j%side)) }
	for i := range side {
		for j := range side {
			if i+j > 0 {
				equation.WriteByte(',')
			}
			equation.WriteString(label(0, i, j) + label(0, i+1, j) + label(1, i, j) + label(1, i, j+1))
			sizes = append(sizes, label(0, i, j)+"=2", label(1, i, j)+"=2")
		}
	}
	args := []string{equation.String() + "->", "--sizes", strings.Join(sizes, ","), "--trials", "16"}
	both := func(p pathJSON) float64 { return math.Pow(10, p.Log10Flops) + 64*math.Exp2(p.Log2Write) }
	flops, combo := pathOf(t, args...), pathOf(t, append(args, "--minimize", "combo")...)
	if !(both(combo) < both(flops)) {
		t.Errorf("%g products and writes, %g if products alone count", both(combo), both(flops))
	}
}

// The same network in the three forms of JSON has the same costs.
func TestPathFiles(t *testing.T) {
	want := math.Log10(7500)
	for name, text := range map[string]string{
		"cotengra": `{"inputs":[["i","j"],["j","kk"],["kk","l"]],"output":["i","l"],"size_dict":{"i":10,"j":100,"kk":5,"l":50}}`,
		"omeco":    `{"einsum":{"ixs":[[1,2],[2,3],[3,4]],"iy":[1,4]},"size":{"1":10,"2":100,"3":5,"4":50}}`,
		"format":   `{"format_string":"ij,jk,kl->il","shapes":[[10,100],[100,5],[5,50]]}`,
	} {
		if p := pathOf(t, written(t, "n.json", text)); !(math.Abs(p.Log10Flops-want) <= 1e-9) {
			t.Errorf("%s: 10^%v products, want 10^%v", name, p.Log10Flops, want)
		}
	}
	// Three qubits: gates on one of them are parts of those on two.
	p := pathOf(t, written(t, "c.qsim", "3\n0 hz_1_2 0\n0 x_1_2 1\n0 h 2\n1 fs 0 1 0.5 0.1\n2 rz 0 0.25\n2 fs 1 2 0.1 0.2\n3 x_1_2 1\n"))
	if p.Tensors != 3 || p.DType != "complex128" || p.Log2Size > 2 {
		t.Errorf("%+v", p)
	}
	q := pathOf(t, written(t, "c.qasm", "OPENQASM 2.0;\nqreg q[3];\nU(1,2,3) q;\nCX q[0],q[1];\nCX q[1],q[2];\nU(1,2,3) q;\n"))
	if q.Tensors < 2 || q.DType != "complex128" || q.Log2Size > 3 {
		t.Errorf("%+v", q)
	}
}

// square is a periodic lattice in the form of cotengra.
func square(t *testing.T, n, bond int) string {
	t.Helper()
	var inputs [][]string
	sizes := map[string]int{}
	for r := range n {
		for c := range n {
			legs := []string{
				fmt.Sprintf("h%d,%d", r, c), fmt.Sprintf("h%d,%d", r, (c+1)%n),
				fmt.Sprintf("v%d,%d", r, c), fmt.Sprintf("v%d,%d", (r+1)%n, c),
			}
			for _, l := range legs {
				sizes[l] = bond
			}
			inputs = append(inputs, legs)
		}
	}
	data, err := json.Marshal(map[string]any{"inputs": inputs, "output": []string{}, "size_dict": sizes})
	if err != nil {
		t.Fatal(err)
	}
	return written(t, "square.json", string(data))
}

func TestPathMemory(t *testing.T) {
	file := square(t, 5, 4)
	free := pathOf(t, file, "--trials", "16")
	limit := free.PeakBytes / 20
	p := pathOf(t, file, "--trials", "16", "--mem", fmt.Sprint(limit))
	if p.PeakBytes > limit || p.Slices <= 1 || len(p.Sliced) == 0 {
		t.Errorf("--mem %d gives a peak of %d in %v slices over %v", limit, p.PeakBytes, p.Slices, p.Sliced)
	}
	if p.Log10Flops < free.Log10Flops-1e-9 {
		t.Errorf("slices cost 10^%v, the whole 10^%v", p.Log10Flops, free.Log10Flops)
	}
	again := pathOf(t, file, "--trials", "16", "--mem", fmt.Sprint(limit))
	if again.Seconds, p.Seconds = 0, 0; fmt.Sprint(again) != fmt.Sprint(p) {
		t.Errorf("the same command gives another path:\n%+v\n%+v", p, again)
	}
}

func TestPathPlanners(t *testing.T) {
	file := square(t, 3, 2)
	for _, name := range path.Planners() {
		if p := pathOf(t, file, "--planner", name, "--seed", "4"); p.Tensors != 9 || p.Log2Size < 4 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestPathDrawings(t *testing.T) {
	svg := filepath.Join(t.TempDir(), "tree.svg")
	out, _ := run(t, 0, "path", "ij,jk,kl->il", "--sizes", "i=10,j=100,k=5,l=50", "--tree", "-o", svg)
	for _, want := range []string{"ij,jk,kl->il", "flops", "3.875", "tensor 0", "└─ tensor 2"} {
		if !strings.Contains(out, want) {
			t.Errorf("there is no %q in\n%s", want, out)
		}
	}
	data, err := os.ReadFile(svg)
	if err != nil {
		t.Fatal(err)
	}
	dec, circles := xml.NewDecoder(strings.NewReader(string(data))), 0
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if el, ok := tok.(xml.StartElement); ok && el.Name.Local == "circle" {
			circles++
		}
	}
	if circles != 2 {
		t.Errorf("%d pairs are drawn, there are 2", circles)
	}
}

// The reports of a plan and of a run.
func TestContractionReports(t *testing.T) {
	dir := t.TempDir()
	html, a := filepath.Join(dir, "r.html"), saved(t, "a.npy", tensor.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3))
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"path", "ij,jk,kl->il", "--sizes", "i=10,j=100,k=5,l=50"}, "3 tensors contracted in 7,500 products"},
		{[]string{"path", "ij,jk,kl->il", "--sizes", "i=10,j=100,k=5,l=50", "--mem", "1GiB", "--json"}, "of 1.07 GB that were allowed"},
		{[]string{"einsum", "ij,kj->ik", a, a}, "2 tensors contracted in 12 products"},
		{[]string{"einsum", "ij->ji", a, "--json"}, "there is nothing to contract"},
	} {
		run(t, exitOK, append(c.args, "--report", html)...)
		page, err := os.ReadFile(html)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), c.want) {
			t.Errorf("%v: the page does not say %q", c.args, c.want)
		}
		if err := os.Remove(html); err != nil {
			t.Fatal(err)
		}
		if _, text := run(t, exitInput, append(c.args, "--report", filepath.Join(dir, "r.txt"))...); !strings.Contains(text, "ends in .html") {
			t.Errorf("%v: %s", c.args, text)
		}
	}
}

func TestPathBadInput(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"ij,jk->il"}, "label l, which no operand has"},
		{[]string{"ij,jk->ik", "--sizes", "i=2,j=3"}, "label k of operand 1 has no size"},
		{[]string{"ij,jk->ik", "--sizes", "i=2,j=3,k=4,l=5"}, "size of label l, which no operand has"},
		{[]string{"ij->i", "--sizes", "i=2,j"}, "LABEL=SIZE is expected"},
		{[]string{"ij->i", "--sizes", "i=2,i=3,j=1"}, "label i has sizes 2 and 3"},
		{[]string{"ij,jk->ik", "--sizes", "i=2,j=0,k=3"}, "a size of 1 or more"},
		{[]string{written(t, "a.json", `{"inputs":[["a","b"],["b"]],"output":["a"],"size_dict":{"a":2,"b":0}}`)}, "operand 0 has size 0 on axis 1"},
		{[]string{"a,ab,b->", "--sizes", "a=2,b=3", "--start", written(t, "p.json", `{"path":[[0,1],[3,1]]}`)}, "pair 1 uses tensor 1, which was used before"},
		{[]string{"a,ab,b->", "--sizes", "a=2,b=3", "--start", written(t, "p.json", `[[0,1]]`)}, "1 pairs for 3 tensors"},
		{[]string{"a,ab,b->", "--sizes", "a=2,b=3", "--start", written(t, "p.json", `[[0,1],`)}, "JSON"},
		{[]string{"a,ab,b->", "--sizes", "a=2,b=3", "--planner", "greedy", "--start", "p.json"}, "--start is a path for --planner search"},
		{[]string{"...i->i", "--sizes", "i=2"}, "ellipsis"},
		{[]string{"missing.json"}, "no such file"},
		{[]string{"i->", "--sizes", "i=2", "--seconds", "-1"}, "--seconds -1"},
		{[]string{"i->", "--sizes", "i=2", "--planner", "greedy", "--seconds", "3"}, "takes the time it takes"},
		{[]string{"i->", "--sizes", "i=2", "--planner", "best"}, "greedy"},
		{[]string{"i->", "--sizes", "i=2", "--tree", "--json"}, "give one of them"},
		{[]string{"i->", "--sizes", "i=2", "-o", "tree.png"}, ".svg"},
		{[]string{"i->", "--sizes", "i=200", "--mem", "100B"}, "alone take"},
		{[]string{written(t, "a.json", "{")}, "JSON"},
		{[]string{written(t, "a.json", "{}")}, "size_dict"},
		{[]string{written(t, "a.json", "")}, "empty"},
		{[]string{written(t, "a.json", `{"inputs":[["a"]],"output":[],"size_dict":{}}`)}, "label a of operand 0 has no size"},
		{[]string{written(t, "a.json", `{"format_string":"ab,b->a","shapes":[[2,3],[4]]}`)}, "label b has size 3 in operand 0 and size 4 in operand 1"},
		{[]string{written(t, "a.qsim", "2\n0 cnot 0\n")}, "line 2: gate cnot has 1 values"},
		{[]string{written(t, "a.qsim", "2\n0 magic 0\n")}, `gate "magic" is not known`},
		{[]string{written(t, "a.qsim", "2\n0 h 0\n0 x 0\n")}, "qubit 0 has a gate in moment 0 already, in line 2"},
		{[]string{written(t, "a.qsim", "2\n0 h 2\n")}, "a number from 0 to 1"},
		{[]string{written(t, "a.qsim", "2\n1 h 1\n0 h 0\n")}, "moment"},
		{[]string{written(t, "a.qsim", "2 2\n")}, "number of qubits"},
		{[]string{written(t, "a.qsim", "1\n0 rz 0 x\n")}, `parameter "x"`},
	} {
		_, stderr := run(t, 2, append([]string{"path"}, c.args...)...)
		if !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("path %v says %q, want %q in one line", c.args, stderr, c.want)
		}
	}
}

// Any file gives a network or one sentence.
func FuzzNetworkFile(f *testing.F) {
	for _, text := range []string{
		`{"inputs":[["a","b"],["b"]],"output":["a"],"size_dict":{"a":2,"b":3}}`,
		`{"einsum":{"ixs":[[1,2],[2]],"iy":[1]},"size":{"1":2,"2":3}}`,
		`{"format_string":"ab,b->a","shapes":[[2,3],[3]]}`,
		"{}", "", "[", `{"inputs":[["a"]],"size_dict":{"a":-1}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if text := strings.TrimSpace(string(data)); text != "" && text[0] != '{' && text[0] != '[' {
			return // a circuit, which package circuit reads
		}
		in, err := readNetworkFile("x", data)
		if err != nil {
			if err.Error() == "" || !strings.HasPrefix(err.Error(), "x") {
				t.Errorf("the error %q does not name the file", err)
			}
			return
		}
		if in.expr == nil || in.dtype != "float64" {
			t.Errorf("a network without an equation, or of %s", in.dtype)
		}
	})
}
