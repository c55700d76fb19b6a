package harness

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/polyad/polyad/bench/internal/cases"
	"github.com/polyad/polyad/bench/peers"
)

// tool is the command of a peer, which is set up when it is first asked for.
func (h *Harness) tool(ctx context.Context, name cases.Tool) ([]string, error) {
	t, ok := h.tools[name]
	if !ok {
		switch name {
		case cases.OpenBLAS:
			t.command, t.err = h.openBLAS(ctx)
		case cases.SPLATT:
			t.command, t.err = h.splatt(ctx)
		default:
			t.command, t.err = h.script(ctx, string(name))
		}
		h.tools[name] = t
	}
	return t.command, t.err
}

func (h *Harness) openBLAS(ctx context.Context) ([]string, error) {
	h.progress("building the side of OpenBLAS")
	program := filepath.Join(h.scratch, "openblas")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/polyad/polyad/bench/cmd/openblas")
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	if text, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("OpenBLAS needs a C compiler and its library (libopenblas-dev on Debian): %w: %s", err, lastLine(text))
	}
	return []string{program}, nil
}

// splatt compiles the sources of SPLATT with the driver in bench/peers/splatt,
// with the flags of its own build and 64-bit indices and values, its defaults.
func (h *Harness) splatt(ctx context.Context) ([]string, error) {
	const how = "git clone https://github.com/ShadenSmith/splatt and name the folder with -splatt; it needs a C compiler with OpenMP, and OpenBLAS"
	if h.Splatt == "" {
		return nil, errors.New("SPLATT is not here: " + how)
	}
	types, err := os.ReadFile(filepath.Join(h.Splatt, "include", "splatt", "types_config.h"))
	if err != nil {
		return nil, fmt.Errorf("%s does not hold the sources of SPLATT: %w: %s", h.Splatt, err, how)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	folder, err := filepath.Abs(h.Splatt)
	if err != nil {
		return nil, err
	}
	text, err := fs.ReadFile(peers.Files, "splatt/driver.c")
	if err != nil {
		return nil, err
	}
	key := sha256.Sum256([]byte(folder + string(types) + string(text)))
	program := filepath.Join(cache, "polyad-bench", fmt.Sprintf("splatt-%x", key[:4]))
	if _, err := os.Stat(program); err == nil {
		return []string{program}, nil
	}
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		return nil, err
	}
	h.progress("compiling SPLATT, once")
	configured := strings.NewReplacer("@CONFIG_IDX_WIDTH@", "64", "@CONFIG_VAL_WIDTH@", "64", "@CONFIG_BLAS_INT@", "32").Replace(string(types))
	generated := filepath.Join(h.scratch, "include")
	if err := os.MkdirAll(filepath.Join(generated, "splatt"), 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(generated, "splatt", "types.h"), []byte(configured), 0o644); err != nil {
		return nil, err
	}
	driver := filepath.Join(h.scratch, "driver.c")
	if err := os.WriteFile(driver, text, 0o644); err != nil {
		return nil, err
	}
	sources, err := filepath.Glob(filepath.Join(h.Splatt, "src", "*.c"))
	if err != nil {
		return nil, err
	}
	args := []string{"-std=gnu99", "-D_GNU_SOURCE", "-O3", "-march=native", "-funroll-loops", "-ftree-vectorize", "-fgnu89-inline", "-fstrict-aliasing",
		"-fopenmp", "-w", "-I" + filepath.Join(h.Splatt, "include"), "-I" + generated, "-I" + filepath.Join(h.Splatt, "src"), "-o", program, driver}
	args = append(append(args, sources...), "-lopenblas", "-lm")
	if text, err := exec.CommandContext(ctx, "cc", args...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compiling SPLATT: %w: %s", err, lastLine(text))
	}
	return []string{program}, nil
}

// polyad builds the program.
func (h *Harness) polyad(ctx context.Context) (string, error) {
	const name cases.Tool = "polyad"
	t, ok := h.tools[name]
	if !ok {
		h.progress("building polyad")
		program := filepath.Join(h.scratch, "polyad")
		t.command = []string{program}
		folder, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/polyad/polyad").Output()
		if err == nil {
			var text []byte
			build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/polyad")
			build.Dir = strings.TrimSpace(string(folder))
			if text, err = build.CombinedOutput(); err != nil {
				err = fmt.Errorf("%w: %s", err, lastLine(text))
			}
		}
		if err != nil {
			t.err = fmt.Errorf("building polyad (run this in the folder bench): %w", err)
		}
		h.tools[name] = t
	}
	return t.command[0], t.err
}

// script is a script in bench/peers with an interpreter that has what it
// imports.
func (h *Harness) script(ctx context.Context, name string) ([]string, error) {
	const interpreter cases.Tool = "python"
	python, ok := h.tools[interpreter]
	if !ok {
		python.command, python.err = h.python(ctx)
		if python.err == nil {
			python.err = os.CopyFS(filepath.Join(h.scratch, "peers"), peers.Files)
		}
		h.tools[interpreter] = python
	}
	if python.err != nil {
		return nil, python.err
	}
	return []string{python.command[0], filepath.Join(h.scratch, "peers", name)}, nil
}

// python is the interpreter that was asked for, or one in a virtual
// environment in the user's cache folder, which is made once.
func (h *Harness) python(ctx context.Context) ([]string, error) {
	if h.Python != "" {
		path, err := exec.LookPath(h.Python)
		if err != nil {
			return nil, fmt.Errorf("-python: %w", err)
		}
		return []string{path}, nil
	}
	wanted, err := fs.ReadFile(peers.Files, "requirements.txt")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(wanted)
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("no folder for Python's peers (-python names an interpreter that has them): %w", err)
	}
	folder := filepath.Join(cache, "polyad-bench", fmt.Sprintf("python-%x", sum[:4]))
	python := filepath.Join(folder, "bin", "python")
	done := filepath.Join(folder, "complete")
	if _, err := os.Stat(done); err == nil {
		return []string{python}, nil
	}
	if err := os.RemoveAll(folder); err != nil {
		return nil, err
	}
	list := filepath.Join(h.scratch, "requirements.txt")
	if err := os.WriteFile(list, wanted, 0o644); err != nil {
		return nil, err
	}
	for _, command := range [][]string{
		{"python3", "-m", "venv", folder},
		{python, "-m", "pip", "install", "--quiet", "--requirement", list},
	} {
		h.progress("setting up Python's peers, once: %s", strings.Join(command, " "))
		if text, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("setting up Python's peers (-python names an interpreter that has them): %s: %w: %s", strings.Join(command, " "), err, lastLine(text))
		}
	}
	return []string{python}, os.WriteFile(done, nil, 0o644)
}
