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
	for _, want := range []string{"1 pattern of 8 nodes", "AVA, AVB, AVD, AVE", "&lt;b&gt;", "data:image/png;base64,", "worms.npy", "worm"} {
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
