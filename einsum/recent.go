package einsum

import (
	"context"
	"fmt"
	"sync"
)

const (
	recentMost     = 32   // plans that Contract remembers
	recentEquation = 4096 // bytes of an equation of such a plan
)

// recent are the plans of the last calls of Contract, the latest last: a plan
// takes longer to make than a small contraction.
var recent struct {
	sync.Mutex
	plans []recentPlan
}

type recentPlan struct {
	key  string
	plan *Plan
}

// planOnce gives the plan for an equation and shapes, the one of before if
// there was a like call lately.
func planOnce(ctx context.Context, equation string, element int, shapes [][]int) (*Plan, error) {
	key := fmt.Sprint(equation, element, shapes)
	recent.Lock()
	for i := len(recent.plans) - 1; i >= 0; i-- {
		if r := recent.plans[i]; r.key == key {
			copy(recent.plans[i:], recent.plans[i+1:])
			recent.plans[len(recent.plans)-1] = r
			recent.Unlock()
			return r.plan, nil
		}
	}
	recent.Unlock()
	e, err := Parse(equation)
	if err != nil {
		return nil, err
	}
	p, err := e.Plan(ctx, Options{ElementBytes: element}, shapes...)
	if err != nil {
		return nil, err
	}
	if len(equation) > recentEquation {
		return p, nil
	}
	recent.Lock()
	defer recent.Unlock()
	if len(recent.plans) == recentMost {
		recent.plans = append(recent.plans[:0], recent.plans[1:]...)
	}
	recent.plans = append(recent.plans, recentPlan{key, p})
	return p, nil
}
