package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	modelfile "github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

const unemployment = "../../examples/unemployment.csv"

var tableFlags = []string{"--modes", "industry,year,month", "--value", "count"}

// run runs one command line and expects the exit code.
func run(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	threads := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(threads)
	var out, err bytes.Buffer
	if got := Main(args, &out, &err); got != code {
		t.Fatalf("polyad %s: exit code %d, %d expected\n%s", strings.Join(args, " "), got, code, err.String())
	}
	return out.String(), err.String()
}

// refused runs a command line that is at fault: nothing is printed but one
// sentence, which holds the texts.
func refused(t *testing.T, texts []string, args ...string) {
	t.Helper()
	out, stderr := run(t, exitInput, args...)
	if out != "" {
		t.Errorf("standard output: %s", out)
	}
	for _, text := range texts {
		if !strings.Contains(stderr, text) {
			t.Errorf("%q is not in: %s", text, stderr)
		}
	}
	if lines := strings.Count(stderr, "\n"); lines != 1 || len(stderr) > 1000 {
		t.Errorf("%d lines, %d bytes; one sentence is expected: %s", lines, len(stderr), stderr)
	}
}

func with(flags []string, more ...string) []string {
	return append(append([]string{}, flags...), more...)
}

// planted writes a tensor of exact CP rank 2 and returns its path.
func planted(t *testing.T, name string) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(5, 0))
	shape := []int{12, 10, 8}
	x := tensor.New[float64](shape...)
	f := make([][]float64, 3)
	for n, s := range shape {
		f[n] = make([]float64, 2*s)
		for i := range f[n] {
			f[n][i] = rng.NormFloat64()
		}
	}
	for i := range 12 {
		for j := range 10 {
			for k := range 8 {
				v := 0.0
				for r := range 2 {
					v += f[0][2*i+r] * f[1][2*j+r] * f[2][2*k+r]
				}
				x.Set(v, i, j, k)
			}
		}
	}
	path := filepath.Join(t.TempDir(), name)
	if err := tensorio.Save(path, x); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDecomposeJSON(t *testing.T) {
	dir := t.TempDir()
	html := filepath.Join(dir, "r.html")
	out, stderr := run(t, exitOK, with(append([]string{"decompose", unemployment}, tableFlags...), "--rank", "3", "--starts", "1", "--json", "--report", html)...)
	if stderr != "" {
		t.Errorf("standard error is not empty: %s", stderr)
	}
	var d struct {
		Method        string
		Shape         []int
		Axes          []tensor.Axis
		Observed      int
		Missing       int
		Rank          int
		Fit           float64
		RelativeError float64 `json:"relative_error"`
		Iterations    int
		Stop          string
		Seed          int
		Seconds       map[string]float64
		PeakBytes     int64 `json:"peak_bytes"`
		Parameters    int
		Compression   float64
		Weights       []float64
	}
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if d.Method != "cp" || fmt.Sprint(d.Shape) != "[14 11 12]" || d.Observed != 1708 || d.Missing != 140 || d.Rank != 3 || len(d.Weights) != 3 {
		t.Errorf("wrong figures: %+v", d)
	}
	if d.Axes[0].Name != "industry" || d.Axes[2].Label(0) != "Jan" || d.Axes[1].Label(10) != "2010" {
		t.Errorf("wrong axes: %+v", d.Axes)
	}
	if !(d.RelativeError < 0.12) || !(math.Abs(d.Fit+d.RelativeError-1) < 1e-12) {
		t.Errorf("fit %v, relative error %v", d.Fit, d.RelativeError)
	}
	if d.Iterations < 1 || d.Stop == "" || d.PeakBytes <= 0 || d.Parameters != 3*(14+11+12+1) || !(d.Compression > 10) {
		t.Errorf("wrong figures: %+v", d)
	}
	for _, phase := range []string{"total", "read", "sweeps", "report"} {
		if _, ok := d.Seconds[phase]; !ok {
			t.Errorf("seconds lack %s: %v", phase, d.Seconds)
		}
	}
	page, err := os.ReadFile(html)
	if err != nil || !bytes.Contains(page, []byte("Construction")) {
		t.Errorf("the report does not name the labels (%v)", err)
	}
}

func TestDecomposeAuto(t *testing.T) {
	path := planted(t, "x.npy")
	out, _ := run(t, exitOK, "decompose", path, "--json", "--max-rank", "4")
	var d struct {
		Rank     int
		Evidence struct {
			Chosen     []int
			Reasons    []string
			Candidates []map[string]any
		}
	}
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatal(err)
	}
	if d.Rank != 2 || len(d.Evidence.Reasons) == 0 || len(d.Evidence.Candidates) < 2 {
		t.Errorf("the planted rank 2 was not found: %s", out)
	}
	text, _ := run(t, exitOK, "decompose", path, "--max-rank", "4")
	for _, want := range []string{"2 was chosen", "component", "time", "held out"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func TestTuckerAndTrain(t *testing.T) {
	path := planted(t, "x.npy")
	for _, args := range [][]string{
		{"--method", "tucker", "--eps", "0.001"},
		{"--method", "tucker", "--rank", "2"},
		{"--method", "tucker", "--rank", "2,2,2"},
		{"--method", "tt", "--eps", "0.001"},
		{"--method", "tt", "--rank", "2,2"},
		{"--method", "tucker"},
		{"--method", "tt"},
	} {
		out, _ := run(t, exitOK, append([]string{"decompose", path, "--json"}, args...)...)
		var d struct {
			Rank          []int
			RelativeError float64 `json:"relative_error"`
		}
		if err := json.Unmarshal([]byte(out), &d); err != nil {
			t.Fatal(err)
		}
		for _, r := range d.Rank {
			if r != 2 {
				t.Errorf("%v: ranks %v, all 2 expected", args, d.Rank)
			}
		}
		if !(d.RelativeError < 1e-8) {
			t.Errorf("%v: relative error %v", args, d.RelativeError)
		}
		run(t, exitOK, append([]string{"decompose", path, "--report", filepath.Join(t.TempDir(), "r.html")}, args...)...)
	}
}

func TestModelRoundTrip(t *testing.T) {
	path := planted(t, "x.npy")
	dir := t.TempDir()
	for _, method := range []string{"cp", "tucker", "tt"} {
		m := filepath.Join(dir, method+".npz")
		run(t, exitOK, "decompose", path, "--method", method, "--rank", "2", "-o", m)
		back := filepath.Join(dir, method+".npy")
		run(t, exitOK, "reconstruct", m, "-o", back)
		out, _ := run(t, exitOK, "compare", path, back, "--json")
		var c comparison
		if err := json.Unmarshal([]byte(out), &c); err != nil {
			t.Fatal(err)
		}
		if !(c.RelativeDifference < 1e-6) || c.Cells != 960 {
			t.Errorf("%s: %+v", method, c)
		}
		info, _ := run(t, exitOK, "info", m)
		if !strings.Contains(info, method+" of a tensor 12 × 10 × 8") {
			t.Errorf("info of a model says\n%s", info)
		}
	}
	out, _ := run(t, exitOK, "compare", filepath.Join(dir, "cp.npz"), filepath.Join(dir, "cp.npz"), "--json")
	var c comparison
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatal(err)
	}
	if c.FactorMatchScore == nil || !(math.Abs(*c.FactorMatchScore-1) < 1e-12) || len(c.Components) != 2 {
		t.Errorf("a model does not match itself: %+v", c)
	}
	out, _ = run(t, exitOK, "compare", filepath.Join(dir, "cp.npz"), filepath.Join(dir, "tt.npz"))
	if !strings.Contains(out, "difference") {
		t.Error(out)
	}
}

func TestThreadsGiveTheSameBytes(t *testing.T) {
	path := planted(t, "x.npy")
	dir := t.TempDir()
	cases := map[string][]string{
		"cp":     {path, "--rank", "3"},
		"hals":   {path, "--rank", "2", "--nonneg", "--max-iters", "20"},
		"auto":   {path, "--max-rank", "3"},
		"tucker": {path, "--method", "tucker", "--rank", "3"},
		"ranges": {saveCube(t, 50), "--method", "tucker", "--rank", "3", "--randomized"},
		"tt":     {path, "--method", "tt", "--eps", "1e-3"},
		"gaps":   append([]string{unemployment, "--rank", "3", "--max-iters", "50"}, tableFlags...),
	}
	for name, args := range cases {
		var first []byte
		for _, threads := range []string{"1", "2", "3"} {
			out := filepath.Join(dir, name+threads+".npz")
			run(t, exitOK, append([]string{"decompose", "-o", out, "--threads", threads}, args...)...)
			data, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = data
			} else if !bytes.Equal(first, data) {
				t.Errorf("%s: %s threads give other bytes than one", name, threads)
			}
		}
	}
}

// Random ranges cost less than the Gram matrices, and a little of the error.
func TestRandomized(t *testing.T) {
	path := saveCube(t, 100)
	var flops, errors [2]float64
	for i, flags := range [][]string{nil, {"--randomized"}} {
		out, _ := run(t, exitOK, append([]string{"plan", path, "--method", "tucker", "--rank", "3", "--json"}, flags...)...)
		var p planJSON
		if err := json.Unmarshal([]byte(out), &p); err != nil {
			t.Fatal(err)
		}
		flops[i] = p.Plans[0].Flops
		out, _ = run(t, exitOK, append([]string{"decompose", path, "--method", "tucker", "--rank", "3", "--json"}, flags...)...)
		var d decomposition
		if err := json.Unmarshal([]byte(out), &d); err != nil {
			t.Fatal(err)
		}
		errors[i] = d.RelativeError
	}
	if !(flops[1] < 0.9*flops[0]) {
		t.Errorf("%g operations with random ranges, %g without", flops[1], flops[0])
	}
	if !(errors[1] <= 1.01*errors[0]) {
		t.Errorf("relative error %g with random ranges, %g without", errors[1], errors[0])
	}
}

func TestConvertInfoPlan(t *testing.T) {
	dir := t.TempDir()
	npz, csv := filepath.Join(dir, "u.npz"), filepath.Join(dir, "u.csv.gz")
	run(t, exitOK, with(append([]string{"convert", unemployment, npz}, tableFlags...))...)
	run(t, exitOK, "convert", npz, csv)
	out, _ := run(t, exitOK, "info", csv, "--modes", "industry,year,month", "--value", "value", "--stats", "--json")
	var info infoJSON
	if err := json.Unmarshal([]byte(out), &info); err != nil {
		t.Fatal(err)
	}
	if info.Tensor == nil || info.Tensor.Observed != 1708 || info.Tensor.Missing != 140 || info.Compression != "gzip" {
		t.Errorf("info: %s", out)
	}
	out, _ = run(t, exitOK, "plan", planted(t, "x.npy"), "--rank", "2", "--json")
	var p planJSON
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Plans) != 3 || p.Plans[0].Method != "cp" || !(p.Plans[0].Flops > 2*2*960) || !(p.Plans[0].Flops <= 3*2*2*960) || p.Plans[1].Parameters != 8+2*30 || p.Plans[2].Parameters != 2*12+2*10*2+2*8 {
		t.Errorf("plan: %s", out)
	}
	run(t, exitOK, "plan", planted(t, "x.npy"), "--eps", "0.1")
	run(t, exitOK, append([]string{"plan", unemployment}, tableFlags...)...)
	v, _ := run(t, exitOK, "version", "--json")
	if !strings.Contains(v, Version) {
		t.Error(v)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if out, _ := run(t, exitOK, "completion", shell); !strings.Contains(out, "polyad") {
			t.Errorf("no completion for %s", shell)
		}
	}
}

func TestBadInput(t *testing.T) {
	good := planted(t, "x.npy")
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	npy, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	nan := tensor.New[float64](3, 3)
	nan.Set(math.NaN(), 1, 2)
	nanFile := filepath.Join(dir, "nan.npy")
	if err := tensorio.Save(nanFile, nan); err != nil {
		t.Fatal(err)
	}
	ratings := write("ratings.csv", "a,b,v\n1,1,3\n1,2,4\n2,1,5\n")
	var header strings.Builder
	for k := range 1000 {
		fmt.Fprintf(&header, "column number %d,", k)
	}
	wide := write("wide.csv", header.String()+"last\n")
	large, model := filepath.Join(dir, "large.npz"), filepath.Join(dir, "model.npz")
	for path, size := range map[string]int{large: 1 << 17, model: 2} {
		m := &cp.Tensor{Weights: []float64{1}}
		for range 4 {
			m.Factors = append(m.Factors, tensor.NewMatrix[float64](size, 1))
			m.Modes = append(m.Modes, tensor.Axis{})
		}
		if err := modelfile.Save(path, m, fit.Result{}); err != nil {
			t.Fatal(err)
		}
	}
	scalar := filepath.Join(dir, "scalar.npy")
	if err := tensorio.Save(scalar, tensor.New[float64]()); err != nil {
		t.Fatal(err)
	}
	matrix := filepath.Join(dir, "matrix.npy")
	if err := tensorio.Save(matrix, tensor.New[float64](100, 100)); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		args []string
		want []string // all of these are in the sentence
	}{
		{"no such file", []string{"decompose", "nowhere.npy"}, []string{"nowhere.npy"}},
		{"truncated", []string{"decompose", write("cut.npy", string(npy[:len(npy)/2]))}, []string{"cut.npy"}},
		{"ragged table", []string{"decompose", write("r.csv", "a,b,v\n1,2,3\n1,2\n"), "--modes", "a,b", "--value", "v"}, []string{"r.csv", "line 3"}},
		{"duplicate cells", []string{"decompose", write("d.csv", "a,b,v\n1,2,3\n1,2,4\n"), "--modes", "a,b", "--value", "v"}, []string{"--aggregate"}},
		{"unknown column", []string{"decompose", write("c.csv", "a,b,v\n1,2,3\n"), "--modes", "a,z", "--value", "v"}, []string{"z", "a", "b"}},
		{"NaN", []string{"decompose", nanFile, "--rank", "1"}, []string{"NaN", "--missing"}},
		{"index out of range", []string{"decompose", write("o.tns", "sptensor\n2\n2 2\n1\n3 1 5.0\n")}, []string{"o.tns"}},
		{"rank 0", []string{"decompose", good, "--rank", "0"}, []string{"--rank 0", "at least 1"}},
		{"rank too large", []string{"decompose", good, "--rank", "1000"}, []string{"1000", "80"}},
		{"rank no number", []string{"decompose", good, "--rank", "three"}, []string{"three", "auto"}},
		{"unknown method", []string{"decompose", good, "--method", "svd"}, []string{"svd", "cp, tucker, tt"}},
		{"unknown aggregate", []string{"decompose", good, "--aggregate", "median"}, []string{"median", "sum, mean, count"}},
		{"unknown dtype", []string{"decompose", good, "--dtype", "int"}, []string{"int", "float32, float64"}},
		{"unknown flag", []string{"decompose", good, "--ranks", "2"}, []string{"--ranks"}},
		{"unknown command", []string{"decompos", good}, []string{"decompos"}},
		{"eps for cp", []string{"decompose", good, "--eps", "0.1"}, []string{"--rank"}},
		{"eps out of range", []string{"decompose", good, "--method", "tt", "--eps", "2"}, []string{"--eps 2"}},
		{"eps and rank", []string{"decompose", good, "--method", "tt", "--eps", "0.1", "--rank", "2"}, []string{"one of the two"}},
		{"random ranges for cp", []string{"decompose", good, "--rank", "2", "--randomized"}, []string{"--method tucker"}},
		{"random ranges without ranks", []string{"decompose", good, "--method", "tucker", "--eps", "0.1", "--randomized"}, []string{"give --rank"}},
		{"random ranges for a plan of all", []string{"plan", good, "--randomized"}, []string{"--method tucker"}},
		{"nonneg for tt", []string{"decompose", good, "--method", "tt", "--nonneg"}, []string{"--method cp"}},
		{"threads", []string{"decompose", good, "--threads", "-1"}, []string{"--threads -1"}},
		{"output folder", []string{"decompose", good, "-o", "no/such/folder/m.npz"}, []string{"no/such/folder"}},
		{"output ending", []string{"decompose", good, "-o", filepath.Join(dir, "m.txt")}, []string{".npz"}},
		{"report ending", []string{"decompose", good, "--report", filepath.Join(dir, "m.pdf")}, []string{".html"}},
		{"missing entries for tucker", append([]string{"decompose", unemployment, "--method", "tucker", "--eps", "0.1"}, tableFlags...), []string{"--eps 0.1 needs all cells", "--rank R"}},
		{"ridge for tucker", []string{"decompose", good, "--method", "tucker", "--rank", "2", "--ridge", "0.1"}, []string{"--method cp", "--observed"}},
		{"not a model", []string{"reconstruct", good, "-o", filepath.Join(dir, "z.npy")}, []string{"x.npy"}},
		{"save ending", []string{"convert", good, filepath.Join(dir, "z.docx")}, []string{".docx", ".npy"}},
		{"shapes differ", []string{"compare", good, nanFile, "--missing", "zero"}, []string{"12 × 10 × 8", "3 × 3"}},
		{"missing argument", []string{"decompose"}, []string{"FILE"}},
		{"empty file", []string{"info", write("e.csv", "")}, []string{"e.csv"}},
		{"a number, cp", []string{"decompose", scalar}, []string{"single number", "at least one mode"}},
		{"a number, tucker", []string{"decompose", scalar, "--method", "tucker"}, []string{"single number"}},
		{"a number, tt", []string{"decompose", scalar, "--method", "tt"}, []string{"single number"}},
		{"a number, tt of ranks", []string{"decompose", scalar, "--method", "tt", "--rank", "1"}, []string{"single number"}},
		{"empty name", []string{"convert", good, ""}, []string{"OUT is empty"}},
		{"number too large", []string{"decompose", good, "--starts", "99999999999999999999"}, []string{"--starts", "smaller"}},
		{"rank beyond 64 bits", []string{"decompose", good, "--rank", "99999999999999999999"}, []string{"--rank", "smaller"}},
		{"several faults", []string{"complete", ratings, "--modes", "a,b", "--value", "v", "-o", filepath.Join(dir, "f.csv"), "--smooth", "nan"}, []string{"for 2 modes", "; smoothness NaN"}},
		{"many names", []string{"predict", model, wide, "-o", filepath.Join(dir, "f.csv")}, []string{"mode1", " … "}},
		{"no factor", []string{"decompose", good, "--constraint", "0=fixed:"}, []string{"fixed:FILE"}},
		{"output is input", []string{"convert", good, filepath.Join(filepath.Dir(good), ".", "x.npy")}, []string{"OUT", "is read"}},
		{"table over itself", []string{"complete", ratings, "--modes", "a,b", "--value", "v", "-o", ratings}, []string{"-o", "ratings.csv", "is read"}},
		{"neural table over itself", []string{"dain", ratings, "--modes", "a,b", "--value", "v", "-o", ratings}, []string{"-o", "is read"}},
		{"model over the data", []string{"decompose", model, "--array", "factor_0", "-o", model}, []string{"-o", "is read"}},
		{"tensor over its model", []string{"reconstruct", model, "-o", model}, []string{"-o", "is read"}},
		{"prediction over the cells", []string{"predict", model, wide, "-o", wide}, []string{"-o", "is read"}},
		{"result over an operand", []string{"einsum", "ijk->i", good, "-o", good}, []string{"-o", "is read"}},
		{"two outputs of one name", []string{"complete", ratings, "--modes", "a,b", "--value", "v", "-o", filepath.Join(dir, "f.npz"), "--model", filepath.Join(dir, "f.npz")}, []string{"-o", "--model", "another name"}},
		{"journal over the model", []string{"decompose", good, "-o", filepath.Join(dir, "f.npz"), "--resume", filepath.Join(dir, "f.npz")}, []string{"--resume", "another name"}},
		{"values beyond a picture", []string{"convert", good, filepath.Join(dir, "f.png")}, []string{"f.png", "channels"}},
		{"model beyond memory", []string{"reconstruct", large, "-o", filepath.Join(dir, "f.npy")}, []string{"large.npz", "memory", "predict"}},
		{"models beyond memory", []string{"compare", large, large}, []string{"memory"}},
		{"result beyond memory", append([]string{"einsum", "ij,kl,mn,op,qr->ijklmnopqr"}, slices.Repeat([]string{matrix}, 5)...), []string{"bytes", "--mem"}},
		{"teachers", []string{"dain", ratings, "--modes", "a,b", "--value", "v", "--teachers", "1000000000"}, []string{"1000000000 teachers", "at most 1000"}},
		{"bytes for a graph", []string{"polynomial", write("b.txt", "a b\nc\x00d e\n"), "--motif", "edge"}, []string{"b.txt", "line 2", "0x00"}},
		{"braid beyond 64 bits", []string{"jones", "--", "1 -9223372036854775808"}, []string{"letter 2", "999"}},
		{"evolution without end", []string{"circuit", "compile", "--hamiltonian", "ZZ+X", "--sites", "4", "--time", "1", "--steps", "9223372036854775807", "--layers", "1"}, []string{"steps", "gates"}},
		{"chain without end", []string{"circuit", "compile", "--hamiltonian", "ZZ+X", "--sites", "9223372036854775807", "--ground", "--layers", "1"}, []string{"sites", "1000000"}},
	}
	before := contents(t, dir, filepath.Dir(good))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { refused(t, c.want, c.args...) })
	}
	for name, data := range contents(t, dir, filepath.Dir(good)) {
		if was, ok := before[name]; !ok || was != data {
			t.Errorf("%s was made or changed", name)
		}
		delete(before, name)
	}
	if len(before) > 0 {
		t.Errorf("%d files are lost", len(before))
	}
}

// contents are the files of folders.
func contents(t *testing.T, dirs ...string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, dir := range dirs {
		list, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			name := filepath.Join(dir, f.Name())
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = string(data)
		}
	}
	return files
}

func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("skipped: this system has no /dev/full")
	}
	var out, stderr bytes.Buffer
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	if code := Main([]string{"version", "--json"}, full, &stderr); code != exitOutput {
		t.Errorf("exit code %d, %d expected (%s%s)", code, exitOutput, out.String(), stderr.String())
	}
}

// built holds the program once a test has asked for it.
var built struct {
	sync.Once
	dir string
	err error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// program builds the program.
func program(t *testing.T) string {
	t.Helper()
	built.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "polyad"); built.err != nil {
			return
		}
		if out, err := exec.Command("go", "build", "-o", built.dir, "../../cmd/polyad").CombinedOutput(); err != nil {
			built.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	name := "polyad"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(built.dir, name)
}

// TestInterrupt builds the program, interrupts a long run and looks for what
// it left behind.
func TestInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("skipped: Windows has no SIGINT to send")
	}
	if testing.Short() {
		t.Skip("skipped in short mode: builds the program")
	}
	dir := t.TempDir()
	bin := program(t)
	x := tensor.New[float64](60, 60, 60)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range x.Data() {
		x.Data()[i] = rng.NormFloat64()
	}
	data := filepath.Join(dir, "x.npy")
	if err := tensorio.Save(data, x); err != nil {
		t.Fatal(err)
	}
	work := filepath.Join(dir, "out")
	if err := os.Mkdir(work, 0o700); err != nil {
		t.Fatal(err)
	}
	model := filepath.Join(work, "m.npz")
	if err := os.WriteFile(model, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "decompose", data, "--rank", "20", "--max-iters", "100000000", "--tol", "-1", "-o", model, "--report", filepath.Join(work, "r.html"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d (%v), %d expected", code, err, exitInterrupted)
	}
	left, err := os.ReadDir(work)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 || left[0].Name() != "m.npz" {
		t.Errorf("files left behind: %v", left)
	}
	if old, err := os.ReadFile(model); err != nil || string(old) != "old" {
		t.Errorf("the old model was lost: %q, %v", old, err)
	}
}

// Where all known entries are equal, no rank is searched.
func TestDecomposeConstant(t *testing.T) {
	var text strings.Builder
	text.WriteString("from,to,day,value\n")
	for k := range 300 {
		fmt.Fprintf(&text, "%d,%d,%d,2\n", k%17, k%13, k%11)
	}
	path := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"cp", "tucker", "tt"} {
		out, _ := run(t, exitOK, "decompose", path, "--method", method, "--json")
		if !strings.Contains(out, "rank 1: all 300 known entries are 2, which one component says") {
			t.Errorf("%s: %s", method, out)
		}
	}
}
