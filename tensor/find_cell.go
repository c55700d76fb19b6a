package tensor

// FindCell is the first known entry, in the order of the list, whose value
// has a property. visit may be asked about every entry, in order.
func (x *Observed) FindCell(has func(v float64) bool) (at []int, value float64, found bool) {
	for e, v := range x.values {
		if has(v) {
			for _, list := range x.index {
				at = append(at, int(list[e]))
			}
			return at, v, true
		}
	}
	return nil, 0, false
}

// FindCell is the first element, in C order, whose value has a property.
func (x *Dense[T]) FindCell(has func(v float64) bool) (at []int, value float64, found bool) {
	at = make([]int, len(x.shape))
	o, last := 0, len(at)-1
	for range x.Len() {
		if v, ok := real64(x.data[o]); ok && has(v) {
			return at, v, true
		}
		for n := last; n >= 0; n-- {
			if at[n]++; at[n] < x.shape[n] {
				o += x.strides[n]
				break
			}
			o -= (at[n] - 1) * x.strides[n]
			at[n] = 0
		}
	}
	return nil, 0, false
}

// real64 is a real number as a float64.
func real64[T Number](v T) (float64, bool) {
	switch v := any(v).(type) {
	case float64:
		return v, true
	case float32:
		return float64(v), true
	}
	return 0, false
}
