package harness

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/bench/peers"
)

// packages are what the scripts in bench/peers import for a peer.
var packages = map[string][]string{
	"scipy":      {"scipy"},
	"numpy":      {"numpy"},
	"tensorly":   {"tensorly", "scipy"},
	"pyttb":      {"pyttb", "scipy"},
	"tntorch":    {"tntorch", "torch"},
	"torch":      {"torch", "opt_einsum"},
	"opt_einsum": {"opt_einsum", "cotengra"},
	"cotengra":   {"cotengra", "cotengrust", "kahypar", "optuna"},
	"quimb":      {"quimb", "cotengra"},
	"qiskit-aer": {"qiskit-aer", "qiskit"},
}

// needs are the packages for a task.
func needs(t measure.Task) []string {
	if t.Job == "execute" { // on arrays of torch
		return append(slices.Clone(packages[t.Peer]), "torch")
	}
	return packages[t.Peer]
}

// torchIndex has PyTorch for the processor alone; that of PyPI brings
// gigabytes of CUDA.
const torchIndex = "https://download.pytorch.org/whl/cpu"

// python is an interpreter that has some packages: the one that was named, or
// that of a virtual environment in the user's cache folder, into which they are
// installed once.
func (h *Harness) python(ctx context.Context, wanted []string) ([]string, error) {
	if h.Python != "" {
		path, err := exec.LookPath(h.Python)
		if err != nil {
			return nil, fmt.Errorf("-python: %w", err)
		}
		return []string{path}, nil
	}
	versions, err := fs.ReadFile(peers.Files, "requirements.txt")
	if err != nil {
		return nil, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("no folder for Python's peers (-python names an interpreter that has them): %w", err)
	}
	sum := sha256.Sum256(versions)
	folder := filepath.Join(cache, "polyad-bench", fmt.Sprintf("python-%x", sum[:4]))
	python := filepath.Join(folder, "bin", "python")
	done := filepath.Join(folder, "has-"+strings.Join(wanted, "+"))
	if _, err := os.Stat(done); err == nil {
		return []string{python}, nil
	}
	run := func(command ...string) error {
		h.progress("setting up %s, once: python %s", strings.Join(wanted, ", "), strings.Join(command[1:], " "))
		text, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("setting up %s (-python names an interpreter that has them): %s: %w: %s", strings.Join(wanted, ", "), strings.Join(command, " "), err, lastLine(text))
		}
		return nil
	}
	if _, err := os.Stat(python); err != nil {
		if err := run("python3", "-m", "venv", folder); err != nil {
			return nil, err
		}
	}
	list := filepath.Join(folder, "requirements.txt")
	if err := os.WriteFile(list, versions, 0o644); err != nil {
		return nil, err
	}
	install := []string{python, "-m", "pip", "install", "--quiet", "--no-compile", "--constraint", list}
	if slices.Contains(wanted, "torch") {
		if err := run(slices.Concat(install, []string{"--no-deps", "--retries", "0", "--timeout", "15", "--index-url", torchIndex, "torch"})...); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			h.progress("PyTorch for the processor alone is not to be had from %s: that of PyPI is installed, with 3 GB of CUDA", torchIndex)
		}
	}
	if err := run(slices.Concat(install, wanted)...); err != nil {
		return nil, err
	}
	return []string{python}, os.WriteFile(done, nil, 0o644)
}
