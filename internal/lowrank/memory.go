package lowrank

import (
	"github.com/polyad/polyad/internal/kernel"
	"github.com/polyad/polyad/tensor"
)

// Memory is that of a product which is no longer needed, for the next one.
type Memory []float64

// Projector is data that are multiplied by matrices.
type Projector interface {
	Shape() []int
	Project(u *tensor.Matrix[float64], mode int) *tensor.Dense[float64]
}

// inPlace is data whose products can be made in memory that is there.
type inPlace interface {
	ProjectIn(buf []float64, u *tensor.Matrix[float64], mode int) *tensor.Dense[float64]
}

// Project is X ×_n Uᵀ in that memory, which grows if it must; of data that
// cannot make use of it, in memory of its own.
func (m *Memory) Project(x Projector, u *tensor.Matrix[float64], mode int) *tensor.Dense[float64] {
	p, ok := x.(inPlace)
	if !ok {
		return x.Project(u, mode)
	}
	m.reserve(x, mode, u.Cols)
	return p.ProjectIn(*m, u, mode)
}

// reserve makes room for a projection of a mode on some columns.
func (m *Memory) reserve(x Projector, mode, columns int) {
	n := tensor.Size(x.Shape()) / max(1, x.Shape()[mode]) * columns
	if _, ok := x.(inPlace); ok && n > len(*m) {
		*m = nil // free, before there is more
		*m = kernel.Large[float64](n)
	}
}

// holds tells whether x lies there.
func (m *Memory) holds(x Projector) bool {
	d, ok := x.(*tensor.Dense[float64])
	return ok && len(*m) > 0 && len(d.Raw()) > 0 && &d.Raw()[0] == &(*m)[0]
}
