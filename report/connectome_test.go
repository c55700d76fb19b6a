package report_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/polyad/polyad/connectome"
	"github.com/polyad/polyad/report"
	"github.com/polyad/polyad/tensor"
)

func TestWriteConnectome(t *testing.T) {
	x := tensor.New[float64](6, 2, 8, 8)
	for at := range 6 {
		for s := range 2 {
			for i := range 8 {
				for j := range 8 {
					if i/4 == j/4 {
						x.Set(float64(1+at+s), at, s, i, j)
					} else {
						x.Set(0.1, at, s, i, j)
					}
				}
			}
		}
	}
	labels := []string{"AVA", "AVB", "AVD", "AVE", "<b>", "RIB", "RIM", "SMD"}
	if err := x.SetAxes(tensor.Axis{}, tensor.Axis{Name: "worm"}, tensor.Axis{Labels: labels}, tensor.Axis{Labels: labels}); err != nil {
		t.Fatal(err)
	}
	p, err := connectome.ReadPairs(x)
	if err != nil {
		t.Fatal(err)
	}
	r, err := connectome.Fit(context.Background(), p, connectome.Options{Rank: 1, Restarts: 1})
	if err != nil {
		t.Fatal(err)
	}
	in := report.Connectome{Source: "worms.npy", Command: "polyad connectome worms.npy", Version: "1", Result: r}
	var first, second bytes.Buffer
	if err := report.WriteConnectome(&first, in); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteConnectome(&second, in); err != nil {
		t.Fatal(err)
	}
	page := first.String()
	for _, want := range []string{"1 pattern of 8 nodes", "AVA, AVB, AVD, AVE", "&lt;b&gt;", "data:image/png;base64,", "worms.npy", "worm", "communities as streams"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, bad := range []string{"http://", "https://", "<script", "<b>,", "{{", "%!"} {
		if strings.Contains(strings.ReplaceAll(page, "http://www.w3.org/2000/svg", ""), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same input gives other bytes")
	}
	if err := report.WriteConnectome(&first, report.Connectome{}); err == nil {
		t.Error("there is a report without a result")
	}
}

// A community that a period lacks, one that comes back, and a split.
func TestConnectomePeriods(t *testing.T) {
	rows := func(of ...int) []int { return of }
	x := tensor.New[float64](9, 1, 6, 6)
	for at := range 9 {
		of := [][]int{rows(0, 0, 0, 1, 1, 1), rows(0, 0, 0, 0, 0, 0), rows(0, 0, 1, 1, 2, 2)}[at/3]
		for i := range 6 {
			for j := range 6 {
				v := 0.01 + 0.001*float64((i*j)%3)
				if of[i] == of[j] {
					v = 1 + 0.01*float64((i+j)%4)
				}
				x.Set(v, at, 0, i, j)
			}
		}
	}
	p, err := connectome.ReadPairs(x)
	if err != nil {
		t.Fatal(err)
	}
	r, err := connectome.Fit(context.Background(), p, connectome.Options{Rank: 3, Restarts: 1})
	if err != nil {
		t.Fatal(err)
	}
	// Six nodes are too few to tell communities by: these are given.
	r.Periods = []connectome.Period{
		{First: 0, Last: 2, Of: rows(0, 0, 0, 1, 1, 1), Affinity: r.Periods[0].Affinity, NMI: 1},
		{First: 3, Last: 5, Of: rows(0, 0, 0, 0, 0, 0), Affinity: r.Periods[0].Affinity, Events: []connectome.Event{{Kind: "merger", Before: rows(0, 1), After: rows(0)}}},
		{First: 6, Last: 8, Of: rows(0, 0, 2, 2, 1, 1), Affinity: r.Periods[0].Affinity, Events: []connectome.Event{{Kind: "split", Before: rows(0), After: rows(0, 1, 2)}}},
	}
	var b bytes.Buffer
	if err := report.WriteConnectome(&b, report.Connectome{Result: r}); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"communities 1 and 2 merge into 1", "community 1 splits into 1, 2 and 3", "time 6–8", "matrix of affinities at time 3–5"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	// Streams: 2 + 1 + 3; ribbons: 2 into one, one into 3.
	if n := strings.Count(page, `fill-opacity=".85"`); n != 6 {
		t.Errorf("%d streams", n)
	}
	if n := strings.Count(page, `fill-opacity=".4"`); n != 5 {
		t.Errorf("%d ribbons", n)
	}
	if strings.Contains(page, "NaN") {
		t.Error("the page holds NaN")
	}
}
