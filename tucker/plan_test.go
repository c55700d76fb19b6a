package tucker

import "testing"

func TestPlan(t *testing.T) {
	shape := []int{500, 400, 300}
	data := int64(500 * 400 * 300)
	p, err := PlanSTHOSVD(shape, 8, Options{Ranks: []int{10, 10, 10}})
	if err != nil {
		t.Fatal(err)
	}
	if p.Parameters != 1000+10*1200 || p.PeakBytes < 8*data || p.PeakBytes > 10*data || p.Flops < 300*float64(data) || p.Iterative {
		t.Errorf("%+v", p)
	}
	if p, err = PlanSTHOSVD(shape, 4, Options{Eps: 0.1}); err != nil || p.PeakBytes < 8*data || p.PeakBytes > 10*data || len(p.Notes) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	for _, bad := range []Options{{}, {Ranks: []int{1}}, {Ranks: []int{1, 0, 1}}} {
		if _, err := PlanSTHOSVD(shape, 8, bad); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	if _, err := PlanSTHOSVD([]int{3, 0}, 8, Options{Eps: 0.1}); err == nil {
		t.Error("a mode of size 0 is taken")
	}
}
