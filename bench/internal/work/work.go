// Package work names the products that are measured, makes their operands
// and times them. The two sides of a comparison run the same code but for
// the product itself.
package work

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"sort"
	"time"
)

// Case is one measurement.
type Case struct {
	Kind    string `json:"kind"` // gemm, gram or batch
	Type    string `json:"type"` // f32 or f64
	N       int    `json:"n"`    // the size of the matrices; the columns for gram
	Rows    int    `json:"rows"` // the rows for gram, the matrices for batch
	Threads int    `json:"threads"`
	Peer    string `json:"peer,omitempty"` // the peer's routine, if it has a choice
}

// String is the key=value name of the case.
func (c Case) String() string {
	switch c.Kind {
	case "gram":
		return fmt.Sprintf("gram/type=%s/m=%d/n=%d/threads=%d", c.Type, c.Rows, c.N, c.Threads)
	case "batch":
		return fmt.Sprintf("batch/type=%s/count=%d/n=%d/threads=%d", c.Type, c.Rows, c.N, c.Threads)
	}
	return fmt.Sprintf("%s/type=%s/n=%d/threads=%d", c.Kind, c.Type, c.N, c.Threads)
}

// Flops is the number of operations of the textbook algorithm, n*(n+1)*m for
// a Gram.
func (c Case) Flops() float64 {
	n, r := float64(c.N), float64(c.Rows)
	switch c.Kind {
	case "gram":
		return r * n * (n + 1)
	case "batch":
		return 2 * r * n * n * n
	}
	return 2 * n * n * n
}

// Result is what one process measured.
type Result struct {
	Seconds float64 `json:"seconds"` // of one call, the median
	Calls   int     `json:"calls"`
	Sum     float64 `json:"sum"` // of the result, to compare the two sides
	Config  string  `json:"config"`
}

// Fill makes n reproducible numbers in [-0.5, 0.5).
func Fill[T float32 | float64](seed uint64, n int) []T {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]T, n)
	for i := range x {
		x[i] = T(float64(r.Uint64()>>40)*0x1p-24 - 0.5)
	}
	return x
}

// Sum adds up a result.
func Sum[T float32 | float64](x []T) float64 {
	s := 0.0
	for i, v := range x {
		s += float64(v) * float64(i%7)
	}
	return s
}

// Time calls f until the calls took 0.3 s (but at least once), after a
// warm-up, and reports the median.
func Time(warm, f func()) (seconds float64, calls int) {
	warm()
	var all []float64
	for total := 0.0; total < 0.3 || len(all) < 1; {
		t := time.Now()
		f()
		d := time.Since(t).Seconds()
		all = append(all, d)
		total += d
	}
	sort.Float64s(all)
	return all[len(all)/2], len(all)
}

// Main runs one case, given as JSON in the only argument, and prints its
// result as JSON.
func Main(arg string, run func(Case) (Result, error)) {
	var c Case
	err := json.Unmarshal([]byte(arg), &c)
	if err == nil {
		var r Result
		if r, err = run(c); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(r)
		}
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "case %s: %v\n", arg, err)
		os.Exit(1)
	}
}
