package tensor

// MTTKRP computes the matricized tensor times Khatri-Rao product
//
//	dst[i, r] = sum over entries with i_mode = i of x * prod_{m != mode} factors[m][i_m, r]
//
// dst: I_mode×R, factors[m]: I_m×R. factors[mode] is not read. It panics for
// complex elements. Bader & Kolda 2007, https://doi.org/10.1137/060676489.
func (x *Dense[T]) MTTKRP(dst *Matrix[float64], factors []*Matrix[float64], mode int) {
	clear(dst.Data)
	idx := make([]int, len(x.shape))
	row := make([]float64, dst.Cols)
	data := x.Data()
	for _, v := range data {
		f := realOf(v)
		for r := range row {
			row[r] = f
		}
		for m, fac := range factors {
			if m == mode {
				continue
			}
			for r, w := range fac.Row(idx[m]) {
				row[r] *= w
			}
		}
		for r, w := range row {
			dst.Row(idx[mode])[r] += w
		}
		for n := len(idx) - 1; n >= 0; n-- {
			if idx[n]++; idx[n] < x.shape[n] {
				break
			}
			idx[n] = 0
		}
	}
}

// MTTKRP is the sum over the known entries; see [Dense.MTTKRP].
func (x *Observed) MTTKRP(dst *Matrix[float64], factors []*Matrix[float64], mode int) {
	clear(dst.Data)
	row := make([]float64, dst.Cols)
	for e, v := range x.values {
		for r := range row {
			row[r] = v
		}
		for m, fac := range factors {
			if m == mode {
				continue
			}
			for r, w := range fac.Row(int(x.index[m][e])) {
				row[r] *= w
			}
		}
		for r, w := range row {
			dst.Row(int(x.index[mode][e]))[r] += w
		}
	}
}

func realOf[T Number](v T) float64 {
	switch v := any(v).(type) {
	case float32:
		return float64(v)
	case float64:
		return v
	}
	panic("tensor: a real tensor is needed here")
}
