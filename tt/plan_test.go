package tt

import "testing"

func TestPlan(t *testing.T) {
	shape := []int{20, 20, 20, 20, 20}
	p, err := PlanSVD(shape, 8, Options{Ranks: []int{5, 5, 5, 5}})
	if err != nil {
		t.Fatal(err)
	}
	data := int64(3200000)
	if p.Parameters != 100+3*500+100 || p.PeakBytes < 8*data || p.PeakBytes > 17*data || p.Flops < 20*float64(data) {
		t.Errorf("%+v", p)
	}
	if p, err = PlanSVD(shape, 4, Options{Eps: 0.1}); err != nil || p.Parameters < data || len(p.Notes) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := PlanSVD(shape, 8, Options{Ranks: []int{5}}); err == nil {
		t.Error("too few ranks are taken")
	}
	if p, err = PlanSVD([]int{7}, 8, Options{}); err != nil || p.Parameters != 7 {
		t.Errorf("%+v, %v", p, err)
	}
}
