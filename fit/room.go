package fit

import "fmt"

// RoomError says that a step of a method would take more memory than it was
// given.
type RoomError struct {
	Step       string // such as "the projection of mode 0 on 300 vectors"
	Need, Room int64  // bytes beside the data
}

func (e *RoomError) Error() string {
	return fmt.Sprintf("%s needs %.3g MB beside the data, and %.3g MB are allowed; allow more memory, a larger error or smaller ranks",
		e.Step, float64(e.Need)/1e6, float64(e.Room)/1e6)
}

// Afford is a [RoomError] if a step needs more than the room, which is
// unlimited if it is 0.
func Afford(room int64, need float64, step string, args ...any) error {
	if room <= 0 || need <= float64(room) {
		return nil
	}
	return &RoomError{fmt.Sprintf(step, args...), int64(need), room}
}
