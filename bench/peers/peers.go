// Package peers holds the sides of the peers: programs that get a task as JSON
// and print its outcome. cmd/bench unpacks and runs them.
package peers

import "embed"

// Files are the scripts, what they require, and the source of the driver of
// SPLATT.
//
//go:embed *.py requirements.txt splatt/driver.c
var Files embed.FS
