package fit

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestRunStops(t *testing.T) {
	half := func(iter int) (float64, error) { return math.Pow(0.5, float64(iter)), nil }
	for _, c := range []struct {
		name  string
		opt   Options
		step  func(int) (float64, error)
		stop  Stop
		iters int
	}{
		{"tolerance", Options{Tol: 0.1}, half, Converged, 4},
		{"default tolerance", Options{}, half, Converged, 27},
		{"never early", Options{Tol: -1, MaxIters: 40}, half, MaxIters, 40},
		{"exact", Options{Tol: -1}, half, Exact, 47},
		{"iterations", Options{MaxIters: 3}, half, MaxIters, 3},
		{"circle", Options{}, func(i int) (float64, error) { return 0.1 + 1e-7*float64(i%2), nil }, Converged, 22},
		{"rise", Options{MaxIters: 100}, func(i int) (float64, error) { return 0.1 + 1e-7*float64(i), nil }, MaxIters, 100},
		{"no progress", Options{Tol: -1}, func(i int) (float64, error) {
			if i == 5 {
				return 0, ErrNoProgress
			}
			return half(i)
		}, Converged, 4},
	} {
		r := Result{Method: "m"}
		if err := Run(context.Background(), c.opt, &r, c.step); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if r.Stop != c.stop || r.Iterations != c.iters || len(r.Trace) != c.iters {
			t.Errorf("%s: %s after %d iterations, a trace of %d; want %s after %d", c.name, r.Stop, r.Iterations, len(r.Trace), c.stop, c.iters)
		}
	}
}

func TestRunErrors(t *testing.T) {
	boom := errors.New("boom")
	for name, step := range map[string]func(int) (float64, error){
		"m, iteration 1: boom":                func(int) (float64, error) { return 0, boom },
		"m, iteration 1: the relative error":  func(int) (float64, error) { return math.NaN(), nil },
		"the relative error is not a finite ": func(int) (float64, error) { return math.Inf(1), nil },
	} {
		r := Result{Method: "m"}
		if err := Run(context.Background(), Options{}, &r, step); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want %q", err, name)
		}
	}
}

// A second Run goes on where the first stopped.
func TestRunGoesOn(t *testing.T) {
	var events []int
	o := Options{Tol: -1, MaxIters: 3, Progress: func(e Event) { events = append(events, e.Iteration) }}
	r := Result{Method: "m"}
	for k := range 2 {
		if err := Run(context.Background(), o, &r, func(i int) (float64, error) { return 1 / float64(3*k+i), nil }); err != nil {
			t.Fatal(err)
		}
	}
	if r.Iterations != 6 || !slices.Equal(events, []int{1, 2, 3, 4, 5, 6}) || r.Trace[5] != 1.0/6 {
		t.Errorf("%+v, events %v", r, events)
	}
}

func TestStartsKeepsTheBest(t *testing.T) {
	run := func(ctx context.Context, errs []float64, fail map[int]error) (int, Result, []int, error) {
		var made []int
		r := Result{Method: "m", Notes: []string{"of the data"}}
		m, err := Starts(ctx, Options{Starts: len(errs), Seed: 4}, &r, func(r *Result) (int, error) {
			made = append(made, r.Start)
			r.Notes = append(r.Notes, "of the start")
			r.SetError(errs[r.Start])
			return 10 * r.Start, fail[r.Start]
		})
		return m, r, made, err
	}
	m, r, made, err := run(context.Background(), []float64{0.3, 0.1, 0.1, 0.2}, nil)
	if m != 10 || r.Start != 1 || r.Starts != 4 || r.Seed != 4 || r.Fit != 0.9 || len(made) != 4 || err != nil {
		t.Errorf("model %d, %+v, %v", m, r, err)
	}
	if !reflect.DeepEqual(r.Notes, []string{"of the data", "of the start"}) {
		t.Errorf("notes %q", r.Notes)
	}
	boom := errors.New("boom")
	m, r, _, err = run(context.Background(), []float64{0.1, 0.2}, map[int]error{0: boom})
	if m != 10 || err != nil || !slices.Contains(r.Notes, "start 0 failed: boom") {
		t.Errorf("a start failed: model %d, %+v, %v", m, r, err)
	}
	if _, _, _, err = run(context.Background(), []float64{0.1, 0.2}, map[int]error{0: boom, 1: errors.New("bang")}); err != boom {
		t.Errorf("all failed: %v", err)
	}
	_, r, made, _ = run(context.Background(), []float64{0.1, 1e-13, 0.2}, nil)
	if len(made) != 2 || r.Start != 1 || !strings.Contains(r.Notes[2], "start 1 is exact") {
		t.Errorf("exact: starts %v, %+v", made, r)
	}
	// Cancelled in the second start: the first is the better one.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	m, r, made, err = run(ctx, []float64{0.1, 0.2, 0.05}, map[int]error{1: context.Canceled})
	if m != 0 || !errors.Is(err, context.Canceled) || r.Stop != Cancelled || r.Start != 0 || len(made) != 2 {
		t.Errorf("cancelled: model %d, starts %v, %+v, %v", m, made, r, err)
	}
}

func TestOptions(t *testing.T) {
	err := Options{Tol: math.NaN(), MaxIters: -2, Starts: -3}.Validate()
	for _, want := range []string{"tolerance NaN", "iterations -2", "starts -3"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
	if err := (Options{}).Validate(); err != nil {
		t.Error(err)
	}
	if o := (Options{Tol: -1, MaxIters: 5}).WithDefaults(); o.Tol != -1 || o.MaxIters != 5 || o.Starts != 1 {
		t.Errorf("%+v", o)
	}
}

func TestClock(t *testing.T) {
	var none *Clock
	none.Time("x")()
	if none.Phases() != nil {
		t.Error("the nil clock measures")
	}
	c := new(Clock)
	c.Time("b")()
	c.Time("a")()
	c.Time("b")()
	p := c.Phases()
	if len(p) != 2 || p[0].Name != "b" || p[1].Name != "a" || p[0].Seconds < 0 {
		t.Errorf("%+v", p)
	}
}
