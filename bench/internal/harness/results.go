package harness

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/polyad/polyad/bench/internal/machine"
)

// Results are what a run of cases found.
type Results struct {
	Date    string          `json:"date"`
	Machine string          `json:"machine"`
	Cores   int             `json:"cores"`
	Go      string          `json:"go"`
	Kernel  string          `json:"kernel"`
	Rates   []machine.Rates `json:"rates"`
	Rows    []Row           `json:"rows"`
	Failed  []Without       `json:"failed,omitempty"`
	Skipped []Without       `json:"skipped,omitempty"`
}

// Without is a case that has no row.
type Without struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

// Load reads results.
func Load(path string) (*Results, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := new(Results)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s does not hold results of bench: %w", path, err)
	}
	return r, nil
}

// Save writes results beside their place first, so that they are never half.
func (r *Results) Save(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(text, '\n'))
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Resume takes over the rows of a file, if it is there.
func (r *Results) Resume(path string) error {
	old, err := Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if old.Machine != r.Machine || old.Cores != r.Cores {
		return fmt.Errorf("%s has results of another machine (%s, %d cores), which do not go with those of this one (%s, %d cores)", path, old.Machine, old.Cores, r.Machine, r.Cores)
	}
	r.Rows, r.Rates, r.Failed, r.Skipped = old.Rows, old.Rates, old.Failed, old.Skipped
	return nil
}

// Find returns the row of a case.
func (r *Results) Find(name string, threads int) (Row, bool) {
	i := slices.IndexFunc(r.Rows, func(row Row) bool { return row.Name == name && row.Threads == threads })
	if i < 0 {
		return Row{}, false
	}
	return r.Rows[i], true
}

// Add keeps what came of a case: a row, or the reason why there is none.
func (r *Results) Add(name string, row Row, err error) {
	same := func(w Without) bool { return w.Name == name }
	r.Failed, r.Skipped = slices.DeleteFunc(r.Failed, same), slices.DeleteFunc(r.Skipped, same)
	switch {
	case err == nil:
		r.Rows = append(r.Rows, row)
	case errors.As(err, new(Skipped)):
		r.Skipped = append(r.Skipped, Without{name, err.Error()})
	default:
		r.Failed = append(r.Failed, Without{name, err.Error()})
	}
}

// Know keeps the rates of the machine.
func (r *Results) Know(rates machine.Rates) {
	r.Rates = slices.DeleteFunc(r.Rates, func(old machine.Rates) bool { return old.Threads == rates.Threads })
	r.Rates = append(r.Rates, rates)
}
