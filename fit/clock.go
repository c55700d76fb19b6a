package fit

import "time"

// Clock adds up where the time goes, by phase, in order of first use. It is
// for one goroutine. The nil Clock measures nothing.
type Clock struct {
	phases []Phase
}

// Time starts the clock of a phase and returns the function that stops it:
//
//	defer clock.Time("mttkrp")()
func (c *Clock) Time(phase string) (stop func()) {
	if c == nil {
		return func() {}
	}
	t := time.Now()
	return func() { c.add(phase, time.Since(t).Seconds()) }
}

func (c *Clock) add(phase string, s float64) {
	for i := range c.phases {
		if c.phases[i].Name == phase {
			c.phases[i].Seconds += s
			return
		}
	}
	c.phases = append(c.phases, Phase{phase, s})
}

// Phases are the times so far.
func (c *Clock) Phases() []Phase {
	if c == nil {
		return nil
	}
	return c.phases
}
