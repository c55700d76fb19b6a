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
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/internal/lowrank"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

// cube is a size³ tensor of rank 3 with a little noise.
func cube(size int) *tensor.Dense[float64] {
	rng := rand.New(rand.NewPCG(uint64(size), 0))
	f := make([]float64, 3*3*size)
	for i := range f {
		f[i] = rng.NormFloat64()
	}
	x := tensor.New[float64](size, size, size)
	data := x.Data()
	for i := range size {
		for j := range size {
			row := data[(i*size+j)*size:][:size]
			for r := range 3 {
				v := f[r*size+i] * f[(3+r)*size+j]
				for k, w := range f[(6+r)*size:][:size] {
					row[k] += v * w
				}
			}
			for k := range row {
				row[k] += 0.01 * (rng.Float64() - 0.5)
			}
		}
	}
	return x
}

func saveCube(t *testing.T, size int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.npy")
	if err := tensorio.Save(path, cube(size)); err != nil {
		t.Fatal(err)
	}
	return path
}

// saveChunks writes a tensor in chunks along the first mode.
func saveChunks(t *testing.T, x *tensor.Dense[float64], size int) string {
	t.Helper()
	dir := t.TempDir()
	for k := 0; k*size < x.Shape()[0]; k++ {
		if err := tensorio.Save(filepath.Join(dir, fmt.Sprintf("c%d.npy", k)), x.Slice(0, k*size, min((k+1)*size, x.Shape()[0]), 1).Clone()); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestParseMem(t *testing.T) {
	for text, want := range map[string]int64{
		"": 0, "1000": 1000, "2GiB": 2 << 30, "500MB": 500e6, "1.5GiB": 3 << 29, "64 MiB": 64 << 20, "7B": 7, "3kB": 3000, "1TB": 1e12,
	} {
		if got, err := parseMem(text); err != nil || got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"much", "2 gigs", "-1GB", "0", "NaN", "Inf", "1e30", "GiB", "1GB2", "0.1B"} {
		if _, err := parseMem(text); err == nil || !strings.Contains(err.Error(), "500MB or 2GiB") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// sameModel compares two model files number by number.
func sameModel(t *testing.T, a, b string) {
	t.Helper()
	x, _, errX := model.Load(a)
	y, _, errY := model.Load(b)
	if errX != nil || errY != nil {
		t.Fatal(errX, errY)
	}
	p, q := x.Dense(), y.Dense()
	if d := tensor.Distance(p, q); !(d <= 1e-10*q.Norm()) {
		t.Errorf("%s and %s differ by %g", a, b, d/q.Norm())
	}
}

// near checks that the peak is what was predicted, to 15%, and 2 MB for what a
// process of such a size happens to need. The garbage of a small heap is left
// lying where the limit has room for it.
func near(t *testing.T, name string, d decomposition) {
	t.Helper()
	r := float64(d.Predicted) / float64(d.PeakBytes)
	t.Logf("%s: predicted %d bytes, measured %d: %.3f", name, d.Predicted, d.PeakBytes, r)
	most := d.Predicted
	if d.Limit == 0 || d.Limit > 2*d.Predicted {
		most = max(most, min(2*d.Predicted, outsideBytes+smallHeap+d.Predicted-processBytes))
	}
	slack := 0.15*float64(d.PeakBytes) + 2e6
	if runtime.GOOS == "linux" && !(float64(d.Predicted-d.PeakBytes) <= slack && float64(d.PeakBytes-most) <= slack) {
		t.Errorf("%s: the peak is %d bytes, %d were predicted", name, d.PeakBytes, d.Predicted)
	}
}

// Under --mem the data are read in slabs where memory does not hold them, with
// the same answer; the prediction and the promise hold.
func TestMemIsKept(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped in short mode: runs the program on 64 MB")
	}
	t.Setenv("GOMAXPROCS", "2") // of the program: each thread takes memory
	bin := program(t)
	const mem = 80e6
	x := cube(200)
	path := filepath.Join(t.TempDir(), "x.npy")
	if err := tensorio.Save(path, x); err != nil {
		t.Fatal(err)
	}
	folder := saveChunks(t, x, 70)
	for name, args := range map[string][]string{
		"cp":     {"--method", "cp", "--rank", "3", "--starts", "1", "--max-iters", "3"},
		"tucker": {"--method", "tucker", "--eps", "0.01"},
		"tt":     {"--method", "tt", "--eps", "0.01"},
	} {
		dir := t.TempDir()
		whole, slabs, chunks := filepath.Join(dir, "whole.npz"), filepath.Join(dir, "slabs.npz"), filepath.Join(dir, "chunks.npz")
		run(t, exitOK, append([]string{"decompose", path, "-o", whole}, args...)...)
		for _, c := range [][2]string{{path, slabs}, {folder, chunks}} {
			cmd := exec.Command(bin, append([]string{"decompose", c[0], "--mem", fmt.Sprintf("%.0f", mem), "--json", "-o", c[1]}, args...)...)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%s: %v: %s", name, err, stderr.String())
			}
			var d decomposition
			if err := json.Unmarshal(out, &d); err != nil {
				t.Fatal(err)
			}
			if d.Slab == 0 || d.Limit != mem || len(d.Notes) == 0 || !strings.Contains(d.Notes[0], "slabs") {
				t.Errorf("%s: the data were not read in slabs: %s", name, out)
			}
			if runtime.GOOS == "linux" && d.PeakBytes > mem {
				t.Errorf("%s: the peak is %d bytes, --mem allows %d", name, d.PeakBytes, int64(mem))
			}
			near(t, name+" in slabs", d)
			sameModel(t, c[1], whole)
		}
		out, err := exec.Command(bin, append(append([]string{"decompose", path, "--json"}, args...), "--max-iters", "30")...).Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var d decomposition
		if err := json.Unmarshal(out, &d); err != nil {
			t.Fatal(err)
		}
		near(t, name+" in memory", d)
		a, errA := os.ReadFile(slabs)
		b, errB := os.ReadFile(chunks)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: chunks give other bytes than one file", name)
		}
		left, err := filepath.Glob(filepath.Join(dir, "*.journal"))
		if err != nil || len(left) > 0 {
			t.Errorf("journals are left behind: %v", left)
		}
	}
}

// The search for a rank, losses and constraints keep to --mem as well, and need
// what was predicted; the least that is named is enough.
func TestMemOfSearchAndSolvers(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped in short mode: runs the program on 11 MB")
	}
	t.Setenv("GOMAXPROCS", "2") // of the program: each thread takes memory
	bin := program(t)
	path := saveCube(t, 110)
	for name, args := range map[string][]string{
		"rank auto": {"--rank", "auto", "--max-rank", "3"},
		"aoadmm":    {"--rank", "3", "--constraint", "0=smooth:0.1", "--max-iters", "3"},
		"huber":     {"--rank", "3", "--loss", "huber:0.1", "--max-iters", "3"},
	} {
		args = append([]string{"decompose", path, "--starts", "1", "--json"}, args...)
		decompose := func(mem string) (d decomposition) {
			cmd := exec.Command(bin, append(args, "--mem", mem)...)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%s: %v: %s", name, err, stderr.String())
			}
			if err := json.Unmarshal(out, &d); err != nil {
				t.Fatal(err)
			}
			return d
		}
		d := decompose("1GiB")
		near(t, name, d)
		d = decompose(fmt.Sprint(d.Predicted))
		if d.Slab == 0 && runtime.GOOS == "linux" && d.PeakBytes > d.Limit {
			t.Errorf("%s: the peak is %d bytes, --mem allows %d", name, d.PeakBytes, d.Limit)
		}
	}
}

// A folder of chunks that memory holds is read whole.
func TestFolderInMemory(t *testing.T) {
	x := cube(20)
	folder := saveChunks(t, x, 7)
	path := filepath.Join(t.TempDir(), "x.npy")
	if err := tensorio.Save(path, x); err != nil {
		t.Fatal(err)
	}
	a, b := filepath.Join(t.TempDir(), "a.npz"), filepath.Join(t.TempDir(), "b.npz")
	run(t, exitOK, "decompose", folder, "--rank", "3", "-o", a, "--modes", "u,v,w")
	run(t, exitOK, "decompose", path, "--rank", "3", "-o", b, "--modes", "u,v,w")
	first, errA := os.ReadFile(a)
	second, errB := os.ReadFile(b)
	if errA != nil || errB != nil || !bytes.Equal(first, second) {
		t.Error("chunks give another model than one file", errA, errB)
	}
	run(t, exitOK, "decompose", folder, "--method", "tt", "--eps", "0.1", "--mem", "1GiB")
	run(t, exitOK, "plan", folder, "--mem", "1GiB")
}

// A run that is killed goes on where it was, to the same bytes.
func TestKillAndResume(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped in short mode: builds the program")
	}
	bin := program(t)
	path := saveCube(t, 160)
	dir := t.TempDir()
	for name, c := range map[string]struct {
		args    []string
		journal string // default: beside the output
		enough  int64  // bytes of the journal at which the run is killed
	}{
		"cp":        {[]string{"--rank", "3", "--starts", "2", "--max-iters", "5", "--tol", "-1", "--mem", "54MB"}, "", 30_000},
		"in memory": {[]string{"--rank", "3", "--starts", "2", "--max-iters", "15", "--tol", "-1", "--resume", filepath.Join(dir, "j")}, filepath.Join(dir, "j"), 40_000},
		"tucker":    {[]string{"--method", "tucker", "--rank", "3", "--max-iters", "6", "--tol", "-1", "--mem", "54MB"}, "", 200_000},
	} {
		whole, killed := filepath.Join(dir, name+" whole.npz"), filepath.Join(dir, name+" killed.npz")
		args := append([]string{"decompose", path, "--json"}, c.args...)
		if out, err := exec.Command(bin, append(args, "-o", whole)...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		if c.journal == "" {
			c.journal = killed + ".journal"
		}
		cmd := exec.Command(bin, append(args, "-o", killed)...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for begun := time.Now(); time.Since(begun) < 20*time.Second; time.Sleep(time.Millisecond) {
			if st, err := os.Stat(c.journal); err == nil && st.Size() > c.enough {
				break
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Fatalf("%s: the run ended before it was killed", name)
		}
		if _, err := os.Stat(c.journal); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out, err := exec.Command(bin, append(args, "-o", killed)...).Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var d decomposition
		if err := json.Unmarshal(out, &d); err != nil {
			t.Fatal(err)
		}
		if d.Resumed < 1 || !strings.Contains(strings.Join(d.Notes, " "), "Resumed: ") {
			t.Errorf("%s: %d passes were resumed: %v", name, d.Resumed, d.Notes)
		}
		a, errA := os.ReadFile(whole)
		b, errB := os.ReadFile(killed)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: the resumed run gives other bytes", name)
		}
		if _, err := os.Stat(c.journal); err == nil {
			t.Errorf("%s: the journal is left behind", name)
		}
	}
}

// A journal of other options beside the output is started over; one that was
// named is refused.
func TestJournalOfAnotherRun(t *testing.T) {
	path := planted(t, "x.npy")
	dir := t.TempDir()
	file := filepath.Join(dir, "j")
	run(t, exitInput, "decompose", path, "--rank", "2", "--resume", filepath.Join(dir, "no", "j"))
	if err := os.WriteFile(file, []byte("not a journal at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr := run(t, exitInput, "decompose", path, "--rank", "2", "--resume", file); !strings.Contains(stderr, "no journal") {
		t.Error(stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil || string(text) != "not a journal at all" {
		t.Error("a file that is no journal was changed")
	}
	if _, stderr := run(t, exitInput, "decompose", unemployment, "--modes", "industry,year,month", "--value", "count", "--rank", "2", "--resume", filepath.Join(dir, "k")); !strings.Contains(stderr, "unobserved") {
		t.Error(stderr)
	}
}

func TestPlanUnderMem(t *testing.T) {
	path := saveCube(t, 120)
	for mem, want := range map[string]string{"1GiB": "in memory", "36MB": "in slabs", "20MB": "refused"} {
		out, _ := run(t, exitOK, "plan", path, "--rank", "3", "--method", "cp", "--mem", mem, "--json")
		var p planJSON
		if err := json.Unmarshal([]byte(out), &p); err != nil {
			t.Fatal(err)
		}
		l := p.Plans[0]
		if len(p.Plans) != 1 || l.Choice != want || l.Streamed == nil || !(l.Seconds > 0) || !(p.Rates.Flops > 0) || !(p.Rates.Memory > 0) || !(p.Rates.File > 0) {
			t.Errorf("--mem %s: %s", mem, out)
		}
		text, _ := run(t, exitOK, "plan", path, "--rank", "3", "--mem", mem)
		if !strings.Contains(text, want) || !strings.Contains(text, "machine") || want == "refused" && !strings.Contains(text, "needs") {
			t.Errorf("--mem %s:\n%s", mem, text)
		}
	}
	out, _ := run(t, exitOK, "plan", path, "--eps", "0.05", "--json")
	var p planJSON
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Plans) != 2 || !strings.Contains(strings.Join(p.Plans[0].Notes, ""), "3,3,3") || !strings.Contains(strings.Join(p.Plans[1].Notes, ""), "3,3") {
		t.Errorf("the ranks were not estimated: %s", out)
	}
}

// The smallest --mem that a refusal names is indeed enough.
func TestLeastMemIsEnough(t *testing.T) {
	path := saveCube(t, 120)
	for _, method := range []string{"cp", "tucker", "tt"} {
		_, stderr := run(t, exitInput, "decompose", path, "--method", method, "--rank", "3", "--mem", "10MB", "--max-iters", "2")
		_, least, ok := strings.Cut(strings.TrimSpace(stderr), "the least that will do is --mem ")
		if !ok || !strings.Contains(stderr, "--mem allows 10 MB") || !strings.Contains(stderr, "in memory") || !strings.Contains(stderr, "in slabs") {
			t.Fatal(stderr)
		}
		run(t, exitOK, "decompose", path, "--method", method, "--rank", "3", "--mem", least, "--max-iters", "2")
	}
}

func TestMemFaults(t *testing.T) {
	dir := t.TempDir()
	x := cube(20)
	write := func(folder, name string, x *tensor.Dense[float64], cut int) string {
		path := filepath.Join(dir, folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := tensorio.Save(path, x); err != nil {
			t.Fatal(err)
		}
		if cut > 0 {
			if err := os.Truncate(path, int64(cut)); err != nil {
				t.Fatal(err)
			}
		}
		return filepath.Dir(path)
	}
	write("cut", "a.npy", x, 0)
	write("shapes", "a.npy", x, 0)
	whole := filepath.Join(write("whole", "x.npy", x, 0), "x.npy")
	nan := cube(110) // more than --mem below holds
	nan.Set(math.NaN(), 50, 60, 70)
	nanFile := filepath.Join(write("nan", "x.npy", nan, 0), "x.npy")
	archive := filepath.Join(dir, "x.npz")
	if err := tensorio.Save(archive, x); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(dir, "empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		want []string
	}{
		{"truncated chunk", []string{"decompose", write("cut", "b.npy", x, 500), "--rank", "2"}, []string{"b.npy", "truncated"}},
		{"chunks of different shapes", []string{"decompose", write("shapes", "b.npy", cube(19), 0), "--rank", "2"}, []string{"b.npy", "size 19", "20 is expected"}},
		{"no chunks", []string{"decompose", empty, "--rank", "2"}, []string{"no .npy file"}},
		{"no size", []string{"decompose", whole, "--rank", "2", "--mem", "plenty"}, []string{"plenty", "bytes", "500MB or 2GiB"}},
		{"no size for plan", []string{"plan", whole, "--mem", "-3"}, []string{"--mem -3", "500MB or 2GiB"}},
		{"too small", []string{"decompose", whole, "--rank", "2", "--mem", "1MB"}, []string{"--mem allows 1 MB", "in memory", "in slabs", "the least that will do is --mem"}},
		{"too small for an archive", []string{"decompose", archive, "--rank", "2", "--mem", "1MB"}, []string{"--mem allows 1 MB", "npz", "polyad convert", "the least that will do"}},
		{"too small for a table", append([]string{"decompose", unemployment, "--rank", "2", "--mem", "1MB"}, tableFlags...), []string{"--mem allows 1 MB", "the least that"}},
		{"rank auto", []string{"decompose", whole, "--mem", "20MB"}, []string{"the choice of a rank up to 10 needs", "with --rank R", "the least that will do is --mem"}},
		{"loss", []string{"decompose", whole, "--mem", "20MB", "--rank", "2", "--loss", "gaussian", "--solver", "gauss-newton"}, []string{"cp.GaussNewton needs", "the least that will do is --mem"}},
		{"observed", []string{"decompose", whole, "--mem", "1GiB", "--rank", "2", "--observed", "--solver", "ccd"}, []string{"is not predicted", "with --method cp --solver als"}},
		{"NaN in slabs", []string{"decompose", nanFile, "--rank", "2", "--mem", "34MB"}, []string{"1 values are NaN", "--missing zero"}},
		{"missing in slabs", []string{"decompose", nanFile, "--rank", "2", "--mem", "32MB", "--missing", "zero"}, []string{"--missing", "in memory"}},
	} {
		t.Run(c.name, func(t *testing.T) { refused(t, c.want, c.args...) })
	}
}

// The ranks that eps will choose are guessed well enough where noise decides
// them, of which a small sample shows few.
func TestEstimateOfNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	const size, rank = 150, 10
	x := tensor.New[float64](size, size, 60)
	for i := range x.Data() {
		x.Data()[i] = 0.1 * rng.NormFloat64()
	}
	var factors []*tensor.Matrix[float64]
	for _, s := range x.Shape() {
		f := tensor.NewMatrix[float64](s, rank)
		for i := range f.Data {
			f.Data[i] = rng.NormFloat64() / math.Sqrt(math.Sqrt(rank))
		}
		factors = append(factors, f)
	}
	model, err := cp.New(nil, factors...)
	if err != nil {
		t.Fatal(err)
	}
	x = tensor.Add(x, model.Dense())
	sample := &sampled{x.Shape(), func(dst []float64, mode int, idx ...int) {
		copy(dst, x.Data()[(idx[0]*size+idx[1])*60+idx[2]:])
	}, 2}
	for _, eps := range []float64{0.2, 0.1, 0.05} {
		b, err := lowrank.Leading(x, 0, x.Norm(), lowrank.Limit{Tol: eps / math.Sqrt(3) * x.Norm()})
		if err != nil {
			t.Fatal(err)
		}
		got := rankOf(sample.tails(0, sample.meanSquare()), eps/math.Sqrt(3))
		if got < b.Rank()*9/10 || got > b.Rank()*11/10+1 {
			t.Errorf("eps %g: rank %d is guessed, the first is %d", eps, got, b.Rank())
		}
	}
}

// What eps asks for at the level of the noise is predicted as well, where ranks
// rise from those of the signal to nearly all.
func TestMemAtNoise(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped in short mode: runs the program on 27 MB")
	}
	t.Setenv("GOMAXPROCS", "2")
	bin := program(t)
	x := cube(150)
	rng := rand.New(rand.NewPCG(6, 1))
	level := 0.1 * x.Norm() / math.Sqrt(float64(x.Len()))
	for i := range x.Data() {
		x.Data()[i] += level * rng.NormFloat64()
	}
	path := filepath.Join(t.TempDir(), "x.npy")
	if err := tensorio.Save(path, x); err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"tucker", "tt"} {
		for _, eps := range []string{"0.15", "0.1", "0.05"} {
			out, err := exec.Command(bin, "decompose", path, "--method", method, "--eps", eps, "--json").Output()
			if err != nil {
				t.Fatal(err)
			}
			var d decomposition
			if err := json.Unmarshal(out, &d); err != nil {
				t.Fatal(err)
			}
			near(t, method+" to "+eps, d)
		}
	}
}

// Sparse data are planned by their entries, and keep to --mem.
func TestMemOfSparse(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped in short mode: runs the program on 300,000 entries")
	}
	bin := program(t)
	path := filepath.Join(t.TempDir(), "sparse.tns")
	var text bytes.Buffer
	rng := rand.New(rand.NewPCG(3, 1))
	for range 300_000 {
		fmt.Fprintln(&text, 1+rng.IntN(3000), 1+rng.IntN(2000), 1+rng.IntN(1000), 1+rng.IntN(9))
	}
	if err := os.WriteFile(path, text.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	args := []string{path, "--aggregate", "sum", "--rank", "4"}
	stdout, _ := run(t, exitOK, append([]string{"plan", "--json"}, args...)...)
	var p planJSON
	if err := json.Unmarshal([]byte(stdout), &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Plans) != len(methods) || p.Entries < 299_000 || p.Entries > 300_000 || !strings.Contains(p.Plans[0].Algorithm, "trees of the entries") {
		t.Errorf("the plan is %s", stdout)
	}
	if _, stderr := run(t, exitInput, "plan", path, "--aggregate", "sum", "--method", "tt", "--eps", "0.1"); !strings.Contains(stderr, "--eps 0.1 chooses of sparse data is not predicted; give --rank R") {
		t.Errorf("a plan of a tensor train to an error says %q", stderr)
	}
	mem := p.Plans[0].PeakBytes
	for threads := 1; threads <= 3; threads++ {
		cmd := exec.Command(bin, append([]string{"decompose", "--json", "--max-iters", "3", "--mem", fmt.Sprint(mem)}, args...)...)
		cmd.Env = append(os.Environ(), fmt.Sprint("GOMAXPROCS=", threads))
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		var d decomposition
		if err := json.Unmarshal(out, &d); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d threads: predicted %d bytes, measured %d", threads, mem, d.PeakBytes)
		if runtime.GOOS == "linux" && d.PeakBytes > mem {
			t.Errorf("%d threads: the peak is %d bytes, --mem allows %d", threads, d.PeakBytes, mem)
		}
	}
	_, stderr := run(t, exitInput, append([]string{"decompose", "--mem", fmt.Sprint(mem * 3 / 4)}, args...)...)
	if !strings.Contains(stderr, "by trees of the entries needs") || !strings.Contains(stderr, "the least that will do is --mem") {
		t.Errorf("a limit that is too low says %q", stderr)
	}

	// What a refusal names as enough is enough.
	least := regexp.MustCompile(`the least that will do is --mem (\d+)MB`)
	for _, more := range []string{"--method tucker --rank 4", "--method tt --rank 4", "--max-rank 2", "--method tucker --max-rank 2", "--rank 4 --observed"} {
		args := append([]string{"decompose", path, "--aggregate", "sum", "--json", "--starts", "1", "--max-iters", "2"}, strings.Fields(more)...)
		_, stderr := run(t, exitInput, append(args, "--mem", "45MB")...)
		m := least.FindStringSubmatch(stderr)
		if m == nil {
			t.Fatalf("%s: a limit that is too low says %q", more, stderr)
		}
		out, err := exec.Command(bin, append(args, "--mem", m[1]+"MB")...).Output()
		if err != nil {
			t.Fatalf("%s with %s MB: %v", more, m[1], err)
		}
		var d decomposition
		if err := json.Unmarshal(out, &d); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: predicted %d bytes, measured %d", more, d.Predicted, d.PeakBytes)
		if runtime.GOOS == "linux" && d.PeakBytes > d.Limit {
			t.Errorf("%s: the peak is %d bytes, --mem allows %d", more, d.PeakBytes, d.Limit)
		}
	}
	for more, want := range map[string]string{
		"--loss poisson":                  "the memory of the search for a rank under this loss or these constraints is not predicted; with --method cp --solver als",
		"--loss poisson --rank 2":         "of sparse data the memory of cp.APR is not predicted",
		"--method tt --eps 0.1":           "the memory of --method tt --eps 0.1, which decides the ranks, is not predicted; with --method tt --rank R it is",
		"--method tucker --mem 180MB":     "were chosen: --mem allows 180 MB; in memory tucker.HOOI by trees of the entries needs", // of noise
		"--method tt --rank 2 --observed": "of observed data the memory of tt.Complete is not predicted; with --method cp",
	} {
		_, stderr := run(t, exitInput, append([]string{"decompose", path, "--aggregate", "sum", "--mem", "500MB"}, strings.Fields(more)...)...)
		if !strings.Contains(stderr, want) {
			t.Errorf("%s says %q", more, stderr)
		}
	}
}
