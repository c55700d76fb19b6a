package complete

import (
	"cmp"
	"fmt"
	"math"

	"github.com/polyad/polyad/internal/partial"
	"github.com/polyad/polyad/loss"
	"github.com/polyad/polyad/model"
	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio"
)

const (
	figuresName = "prediction"  // sigma, the bounds of the predictions, the unit of the covariances
	rowsName    = "covariance_" // and the mode
	mostSaved   = 1 << 24       // numbers of the covariances
)

// Save writes the model to an .npz file (see [model.Save]), with what [Load]
// needs for the standard errors of its predictions: the covariances of the
// rows of each mode, unless these are more than 2^24 numbers.
func (r *Result) Save(path string) error {
	var more []tensorio.NamedArray
	if r.cov != nil {
		numbers := 0.0
		for n, size := range r.Model.Shape() {
			w := float64(formats[model.Method(r.Model)].blocks(r.Model, r.unit).Blocks()[n].Cols)
			numbers += float64(size) * w * w
		}
		if numbers <= mostSaved {
			figures := tensor.FromSlice([]float64{r.Sigma, r.Low, r.High, r.unit}, 4)
			more = append(more, tensorio.NamedArray{Name: figuresName, Array: figures})
			for n := range r.Model.Shape() {
				m := r.cov.Rows(n)
				more = append(more, tensorio.NamedArray{Name: fmt.Sprint(rowsName, n), Array: tensor.FromSlice(m.Data, m.Rows, m.Cols)})
			}
		}
	}
	return model.Save(path, r.Model, r.Fit, more...)
}

// Load reads a model file for predictions. Of a model that [Result.Save] did
// not write, or of too large a one, the standard errors of [Result.Predict]
// are those of all predictions (fit.Result.PredictionSE) if it says what they
// are, else NaN.
func Load(path string) (*Result, error) {
	m, meta, err := model.Load(path)
	if err != nil {
		return nil, err
	}
	l, err := loss.Parse(cmp.Or(meta.Result.Loss, loss.Gaussian.String()))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r := &Result{Model: m, Fit: meta.Result, Sigma: math.NaN(), Low: math.Inf(-1), High: math.Inf(1), loss: l}
	if meta.Result.PredictionSE > 0 {
		r.Sigma = meta.Result.PredictionSE
	}
	list, _, err := tensorio.LoadArrays(path)
	if err != nil {
		return nil, err
	}
	arrays := map[string][]float64{}
	for _, a := range list {
		if d, ok := a.Array.(*tensor.Dense[float64]); ok {
			arrays[a.Name] = d.Contiguous().Data()
		}
	}
	figures := arrays[figuresName]
	if figures == nil {
		return r, nil
	}
	if len(figures) != 4 || !(figures[3] > 0) {
		return nil, fmt.Errorf("%s: the array %s is damaged: %v", path, figuresName, figures)
	}
	blocks := formats[model.Method(m)].blocks(m, figures[3])
	var rows []*tensor.Matrix[float64]
	for n, size := range m.Shape() {
		w := blocks.Blocks()[n].Cols
		data := arrays[fmt.Sprint(rowsName, n)]
		if len(data) != size*w*w {
			return nil, fmt.Errorf("%s: the array %s%d has %d numbers, %d are expected", path, rowsName, n, len(data), size*w*w)
		}
		rows = append(rows, tensor.MatrixOf(size*w, w, data))
	}
	if r.cov, err = partial.FromRows(blocks, rows); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r.Sigma, r.Low, r.High, r.unit = figures[0], figures[1], figures[2], figures[3]
	return r, nil
}
