// Polyad decomposes, converts and compares tensors from files.
package main

import (
	"os"

	"github.com/polyad/polyad/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) }
