package harness

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/polyad/polyad/bench/peers"
)

const (
	splattURL    = "https://github.com/ShadenSmith/splatt"
	splattCommit = "6cb86283c1fbfddcc67c2564e025691de4f784cf" // 2.0.0
)

// splattSources is the folder that was named, or one in the user's cache
// folder, into which they are fetched once.
func (h *Harness) splattSources(ctx context.Context, cache string) (string, error) {
	if h.Splatt != "" {
		return filepath.Abs(h.Splatt)
	}
	folder := filepath.Join(cache, "splatt-"+splattCommit[:8])
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	fresh := filepath.Join(h.scratch, "splatt")
	for _, args := range [][]string{
		{"init", "--quiet", fresh},
		{"-C", fresh, "fetch", "--quiet", "--depth", "1", splattURL, splattCommit},
		{"-C", fresh, "-c", "advice.detachedHead=false", "checkout", "--quiet", "FETCH_HEAD"},
	} {
		h.progress("fetching SPLATT, once: git %s", strings.Join(args, " "))
		if text, err := exec.CommandContext(ctx, "git", args...).CombinedOutput(); err != nil {
			return "", Skipped{fmt.Sprintf("SPLATT could not be fetched; put the sources of %s (commit %s) into a folder and name it with -splatt: %v: %s", splattURL, splattCommit[:8], err, lastLine(text))}
		}
	}
	return folder, move(fresh, folder)
}

// move renames a folder, or copies it to another disk.
func move(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := os.Rename(from, to); err == nil {
		return nil
	}
	return os.CopyFS(to, os.DirFS(from))
}

// splatt compiles the sources of SPLATT with the driver in bench/peers/splatt,
// with the flags of its own build and 64-bit indices and values, its defaults.
func (h *Harness) splatt(ctx context.Context) ([]string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	cache = filepath.Join(cache, "polyad-bench")
	folder, err := h.splattSources(ctx, cache)
	if err != nil {
		return nil, err
	}
	types, err := os.ReadFile(filepath.Join(folder, "include", "splatt", "types_config.h"))
	if err != nil {
		return nil, fmt.Errorf("%s does not hold the sources of SPLATT (%s): %w", folder, splattURL, err)
	}
	text, err := fs.ReadFile(peers.Files, "splatt/driver.c")
	if err != nil {
		return nil, err
	}
	key := sha256.Sum256([]byte(folder + string(types) + string(text)))
	program := filepath.Join(cache, fmt.Sprintf("splatt-%x", key[:4]))
	if _, err := os.Stat(program); err == nil {
		return []string{program}, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
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
	sources, err := filepath.Glob(filepath.Join(folder, "src", "*.c"))
	if err != nil {
		return nil, err
	}
	args := []string{"-std=gnu99", "-D_GNU_SOURCE", "-O3", "-march=native", "-funroll-loops", "-ftree-vectorize", "-fgnu89-inline", "-fstrict-aliasing",
		"-fopenmp", "-w", "-I" + filepath.Join(folder, "include"), "-I" + generated, "-I" + filepath.Join(folder, "src"), "-o", program, driver}
	args = append(append(args, sources...), "-lopenblas", "-lm")
	if text, err := exec.CommandContext(ctx, "cc", args...).CombinedOutput(); err != nil {
		return nil, Skipped{fmt.Sprintf("SPLATT could not be compiled; install a C compiler with OpenMP, and OpenBLAS (libopenblas-dev on Debian): %v: %s", err, lastLine(text))}
	}
	return []string{program}, nil
}
