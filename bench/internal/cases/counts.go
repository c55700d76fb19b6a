package cases

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/polyad/polyad/bench/internal/measure"
	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/fit"
	"github.com/polyad/polyad/sparse"
)

// counts are Poisson models of events.
func counts() []Case {
	add := func(job string, iters int) Case {
		return Case{
			Name: "counts/data=icews14/loss=poisson/rank=20/peer=pyttb/solver=" + job, Tool: "counts.py", Threads: two, Input: "icews",
			Bar:  Bar{Ratio: 10},
			Task: measure.Task{Job: job, Peer: "pyttb", Type: "f64", Ranks: []int{20}, Iters: iters},
			Ours: eventsModel, Prepare: lossOfTheirs, Equal: anyError,
		}
	}
	return []Case{add("gcp_opt", 20), add("cp_apr", 10), {
		Name: "flights/modes=origin,destination,hour,weekday/loss=poisson/rank=10/job=report", Threads: two, Input: "flights", Once: true,
		Polyad: true, Bar: Bar{Seconds: 20},
		Task: measure.Task{Job: "flights", Arguments: []string{
			"--modes", "origin,destination,hour(date),weekday(date)", "--loss", "poisson", "--rank", "10"}},
		Ours: flightsReport,
	}}
}

// lossOfTheirs makes the loss that the peer reaches the target of both sides.
func lossOfTheirs(ctx context.Context, r Runner, t *measure.Task) error {
	p, err := r.Theirs(ctx, *t)
	// The losses of two runs from one seed differ by the rounding of threads.
	t.Target = p.Error + 1e-6*math.Abs(p.Error)
	return err
}

// events reads the file of ICEWS14: subject, relation, object and hour of an
// event a line. The mode of time has a day an index.
func events(path string) (*sparse.COO[float64], error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	index := make([][]int32, 4)
	shape := make([]int, 4)
	var values []float64
	s := bufio.NewScanner(f)
	for s.Scan() {
		var at [4]int
		if _, err := fmt.Sscan(s.Text(), &at[0], &at[1], &at[2], &at[3]); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, len(values)+1, err)
		}
		at[3] /= 24
		for n, i := range at {
			index[n] = append(index[n], int32(i))
			shape[n] = max(shape[n], i+1)
		}
		values = append(values, 1)
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	return sparse.NewCOO(shape, index, values, sparse.Sum)
}

// eventsModel fits until the loss, sum(m) - sum(x*log m), is at most the
// target.
func eventsModel(t measure.Task) (o measure.Outcome, err error) {
	meter := measure.Start()
	x, err := events(t.Files[0])
	if err != nil {
		return o, err
	}
	// The relative error of a result is sqrt((F-best) / (constant-best)), with
	// the losses of the best model of each cell and of a constant.
	best, total := 0.0, 0.0
	for _, v := range x.Values() {
		best += v - v*math.Log(v)
		total += v
	}
	constant := total - total*math.Log(total/x.Cells())
	enough := math.Sqrt((t.Target - best) / (constant - best))
	err = meter.Run(&o, nil, func() error {
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		opt := cp.APROptions{Rank: t.Ranks[0], Options: fit.Options{Seed: t.Seed}}
		opt.Progress = func(e fit.Event) {
			if e.RelativeError <= enough {
				stop()
			}
		}
		m, r, err := cp.APR(ctx, x, opt)
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		if err == nil {
			o.Error = best + r.RelativeError*r.RelativeError*(constant-best)
			o.Capped = !(o.Error <= t.Target+1e-9*math.Abs(t.Target))
			o.Result = 8 * int64(m.Parameters())
		}
		return err
	})
	return o, err
}

// flightsReport is the program's way from a table of events to the page that
// explains its model.
func flightsReport(t measure.Task) (o measure.Outcome, err error) {
	dir, err := os.MkdirTemp("", "flights-")
	if err != nil {
		return o, err
	}
	defer os.RemoveAll(dir)
	page := filepath.Join(dir, "flights.html")
	args := append([]string{"decompose", t.Files[0], "--report", page, "--json"}, t.Arguments...)
	text, o, err := program(context.Background(), t, args...)
	if err != nil {
		return o, err
	}
	var result struct {
		Error float64 `json:"relative_error"`
	}
	if err := json.Unmarshal(text, &result); err != nil {
		return o, err
	}
	o.Error = result.Error
	info, err := os.Stat(page)
	if err != nil {
		return o, err
	}
	o.Result = info.Size()
	return o, nil
}
