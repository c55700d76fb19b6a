package tucker

import (
	"context"
	"math"

	"github.com/polyad/polyad/tensor"
)

// Round lowers the ranks of a Tucker tensor: its factors are made
// orthonormal and [STHOSVD] is applied to its core, which costs what the core
// does, whatever the size of the tensor. Given Eps, the relative error is at
// most Eps; bound is the relative error that was made. Options at fault and
// numbers that are not finite are errors.
func Round(t *Tensor, opt Options) (rounded *Tensor, bound float64, err error) {
	q, err := t.Orthogonalize()
	if err != nil {
		return nil, math.NaN(), err
	}
	c, r, err := STHOSVD(context.Background(), q.Core, opt)
	if err != nil {
		return nil, math.NaN(), err
	}
	for n, u := range c.Factors {
		c.Factors[n] = tensor.Mul(q.Factors[n], u)
	}
	c.Modes = q.Modes
	return c, r.RelativeError, nil
}
