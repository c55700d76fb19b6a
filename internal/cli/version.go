package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/polyad/polyad/internal/kernel"
)

// Version is the version of the program; a release sets it.
var Version = "0.1.0-dev"

type versionInfo struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Kernel   string `json:"kernel"`
	Threads  int    `json:"threads"`
}

func readVersion() versionInfo {
	v := versionInfo{
		Version: Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Kernel: kernel.Variant(), Threads: runtime.GOMAXPROCS(0),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v.Revision = s.Value
			}
		}
	}
	return v
}

func (a *app) version() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, and which kernels this machine runs",
		Long: `Version prints the version and the commit it was built from, and what this machine
runs: the compiler, the system, the matrix kernels (avx512, avx2 or go) and threads.`,
		Example: "  polyad version\n  polyad version --json",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			v := readVersion()
			if asJSON {
				return a.printJSON(v)
			}
			fmt.Fprintf(a.stdout, "polyad %s %s\n%s, %s, %s kernels, %d threads\n", v.Version, v.Revision, v.Go, v.Platform, v.Kernel, v.Threads)
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return outputError{fmt.Errorf("standard output: %w", err)}
	}
	return nil
}
