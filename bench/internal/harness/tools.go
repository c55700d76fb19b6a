package harness

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/polyad/polyad/bench/internal/cases"
	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/bench/peers"
)

// tool is a command, which is set up when it is first asked for.
type tool struct {
	command []string
	err     error
}

func (h *Harness) tool(name string, setUp func() ([]string, error)) ([]string, error) {
	t, ok := h.tools[name]
	if !ok {
		t.command, t.err = setUp()
		h.tools[name] = t
	}
	return t.command, t.err
}

// peer is the command that runs a peer.
func (h *Harness) peer(ctx context.Context, name cases.Tool, t measure.Task) ([]string, error) {
	switch name {
	case cases.OpenBLAS:
		return h.tool("openblas", func() ([]string, error) { return h.openBLAS(ctx) })
	case cases.SPLATT:
		return h.tool("splatt", func() ([]string, error) { return h.splatt(ctx) })
	}
	wanted := needs(t)
	python, err := h.tool("python "+strings.Join(wanted, " "), func() ([]string, error) { return h.python(ctx, wanted) })
	if err != nil {
		return nil, err
	}
	scripts, err := h.tool("scripts", func() ([]string, error) {
		folder := filepath.Join(h.scratch, "peers")
		return []string{folder}, os.CopyFS(folder, peers.Files)
	})
	if err != nil {
		return nil, err
	}
	return []string{python[0], filepath.Join(scripts[0], string(name))}, nil
}

func (h *Harness) openBLAS(ctx context.Context) ([]string, error) {
	h.progress("building the side of OpenBLAS")
	program := filepath.Join(h.scratch, "openblas")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/polyad/polyad/bench/cmd/openblas")
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	if text, err := build.CombinedOutput(); err != nil {
		return nil, Skipped{fmt.Sprintf("OpenBLAS is called from C: install a C compiler and its library (libopenblas-dev on Debian), and run this in the folder bench: %v: %s", err, lastLine(text))}
	}
	return []string{program}, nil
}

// polyad builds the program.
func (h *Harness) polyad(ctx context.Context) (string, error) {
	command, err := h.tool("polyad", func() ([]string, error) {
		h.progress("building polyad")
		folder, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/polyad/polyad").Output()
		if err != nil {
			return nil, fmt.Errorf("building polyad (run this in the folder bench): %w", err)
		}
		program := filepath.Join(h.scratch, "polyad")
		build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/polyad")
		build.Dir = strings.TrimSpace(string(folder))
		if text, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("building polyad: %w: %s", err, lastLine(text))
		}
		return []string{program}, nil
	})
	if err != nil {
		return "", err
	}
	return command[0], nil
}
