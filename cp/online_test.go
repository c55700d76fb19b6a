package cp_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/polyad/polyad/cp"
	"github.com/polyad/polyad/tensor"
)

// part is the indices [lo, hi) of mode 1, in memory of their own.
func part(x *tensor.Dense[float64], lo, hi int) *tensor.Dense[float64] {
	return x.Slice(1, lo, hi, 1).Clone()
}

func TestOnlineFollowsALS(t *testing.T) {
	truth := planted(4, 3, false, 12, 40, 10)
	x := truth.Dense()
	rng := rand.New(rand.NewPCG(1, 9))
	for i := range x.Data() {
		x.Data()[i] += 0.05 * rng.NormFloat64()
	}
	_, als, err := cp.ALS(context.Background(), x, cp.Options{Rank: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []int{1, 3, 10} {
		o, _, err := cp.NewOnline(context.Background(), part(x, 0, 10), 1, cp.Options{Rank: 3})
		if err != nil {
			t.Fatal(err)
		}
		for lo := 10; lo < 40; lo += step {
			hi := min(lo+step, 40)
			e, err := o.Append(sparseOf(part(x, lo, hi)))
			if err != nil || !(e < 0.5) {
				t.Fatalf("indices %d to %d: error %v, %v", lo, hi, e, err)
			}
		}
		m := o.Model()
		e := x.ResidualNorm(m.Weights, m.Factors) / x.Norm()
		if m.Factors[1].Rows != 40 || !(e <= 1.1*als.RelativeError) {
			t.Errorf("steps of %d: relative error %v, ALS has %v", step, e, als.RelativeError)
		}
	}
}

// Exact data stay exact, and labels travel.
func TestOnlineExact(t *testing.T) {
	x := planted(2, 2, false, 6, 9, 5).Dense()
	labels := func(lo, hi int) (l []string) {
		for i := lo; i < hi; i++ {
			l = append(l, fmt.Sprint("t", i))
		}
		return l
	}
	slice := func(lo, hi int) *tensor.Dense[float64] {
		s := part(x, lo, hi)
		if err := s.SetAxes(tensor.Axis{Name: "a"}, tensor.Axis{Name: "time", Labels: labels(lo, hi)}, tensor.Axis{}); err != nil {
			t.Fatal(err)
		}
		return s
	}
	o, _, err := cp.NewOnline(context.Background(), slice(0, 4), 1, cp.Options{Rank: 2})
	if err != nil {
		t.Fatal(err)
	}
	if e, err := o.Append(slice(4, 9)); err != nil || !(e <= 1e-8) {
		t.Errorf("error %v, %v", e, err)
	}
	m := o.Model()
	if e := x.ResidualNorm(m.Weights, m.Factors) / x.Norm(); !(e <= 1e-8) {
		t.Errorf("relative error %v", e)
	}
	if got := strings.Join(m.Modes[1].Labels, " "); got != strings.Join(labels(0, 9), " ") || m.Modes[1].Name != "time" {
		t.Errorf("labels %q", got)
	}
	if e, err := o.Append(tensor.New[float64](6, 2, 5)); err != nil || e != 0 {
		t.Errorf("zeros: error %v, %v", e, err)
	}
}

func TestOnlineErrors(t *testing.T) {
	x := planted(2, 2, false, 6, 9, 5).Dense()
	o, _, err := cp.NewOnline(context.Background(), x, 1, cp.Options{Rank: 2})
	if err != nil {
		t.Fatal(err)
	}
	before := o.Model()
	nan := tensor.New[float64](6, 1, 5)
	nan.Set(math.NaN(), 0, 0, 0)
	for want, bad := range map[string]cp.Data{
		"mode 0 has size 5; the model has 6": tensor.New[float64](5, 1, 5),
		"2 modes; the model has 3":           tensor.New[float64](6, 5),
		"NaN":                                nan,
		"complete data are needed":           tensor.FromDense(x),
	} {
		if _, err := o.Append(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
	if fmt.Sprint(o.Model().Factors[0].Data) != fmt.Sprint(before.Factors[0].Data) {
		t.Error("an append that failed changed the model")
	}
	if _, _, err := cp.NewOnline(context.Background(), x, 3, cp.Options{Rank: 2}); err == nil || !strings.Contains(err.Error(), "growing mode 3") {
		t.Errorf("mode: %v", err)
	}
	if _, _, err := cp.NewOnline(context.Background(), tensor.FromDense(x), 1, cp.Options{Rank: 2}); err == nil {
		t.Error("incomplete data are taken")
	}
}

func ExampleNewOnline() {
	x := planted(2, 2, false, 6, 9, 5).Dense()
	o, _, err := cp.NewOnline(context.Background(), x.Slice(1, 0, 4, 1), 1, cp.Options{Rank: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(o.Model().Shape())
	// Output: [6 4 5]
}

// A day after the other is appended; none of the earlier ones is needed.
func ExampleOnline_Append() {
	x := planted(2, 2, false, 6, 9, 5).Dense()
	o, _, err := cp.NewOnline(context.Background(), x.Slice(1, 0, 4, 1), 1, cp.Options{Rank: 2})
	for day := 4; day < 9 && err == nil; day++ {
		_, err = o.Append(x.Slice(1, day, day+1, 1))
	}
	fmt.Println(o.Model().Shape(), err)
	// Output: [6 9 5] <nil>
}

func ExampleOnline_Model() {
	x := planted(2, 2, false, 6, 9, 5).Dense()
	o, _, err := cp.NewOnline(context.Background(), x, 1, cp.Options{Rank: 2})
	fmt.Println(o.Model().Rank(), err)
	// Output: 2 <nil>
}
