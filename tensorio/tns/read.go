package tns

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/polyad/polyad/tensor"
	"github.com/polyad/polyad/tensorio/internal/cells"
)

// Options say how a file is read. The zero value reads the format as it is
// defined: unlisted cells are zero, no cell is listed twice, and all values
// are finite.
type Options struct {
	// Aggregate joins the entries of one cell: sum, mean, count, last, min
	// or max. If it is empty, a cell listed twice is an error.
	Aggregate string
	// Missing says what unlisted cells are, and those with a NaN or an
	// infinity: "" is zero, and an error; "zero" is zero for both; "nan" is
	// zero, and unknown; "unobserved" is unknown for both.
	Missing string
}

// Result is a tensor and what was found out about its file.
type Result struct {
	// Tensor is a *tensor.Dense[float64]; a *tensor.Observed if cells are
	// unknown; a *sparse.COO[float64] if cells that are not listed are zero and
	// there are more than 2^20 cells, of which fewer than one in ten is
	// listed, or more than 2^28. Of a ktensor it is the full tensor.
	Tensor tensor.Tensor
	// Dialect is "frostt" or the first word of a Toolbox file: tensor,
	// sptensor, matrix or ktensor.
	Dialect string
	// Base is the number of the first index, 0 or 1; of dense files, 0.
	Base int
	// Entries is the number of values that the file lists.
	Entries int
	// Weights and Factors are the model of a ktensor.
	Weights []float64
	Factors []*tensor.Matrix[float64]
	// Notes tell what was assumed, a sentence each.
	Notes []string
}

func (r *Result) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

var toolboxWords = []string{"tensor", "sptensor", "matrix", "ktensor"}

// Sniff reports whether a file that starts with head looks like .tns: a
// Tensor Toolbox header, or lines of at least three numbers of which all but
// the last are whole, separated by spaces. Lists that are separated by tabs
// or commas are tables.
func Sniff(head []byte) bool {
	cut := bytes.LastIndexByte(head, '\n')
	s := lines{data: head}
	line, ok := s.next()
	if !ok {
		return false
	}
	words := strings.Fields(string(line))
	if len(words) == 1 && slices.Contains(toolboxWords, strings.ToLower(words[0])) {
		return true
	}
	for checked := 0; ; checked++ {
		if checked > 0 && s.pos > cut || checked == 20 {
			return true // the last line may be cut
		}
		if bytes.ContainsAny(line, "\t,;") {
			return false
		}
		k := len(bytes.Fields(line))
		if _, ok := integers(line, k); !ok {
			if _, ok := entryFields(line); !ok || k < 3 {
				return false
			}
		} else if k < 3 && checked > 2 {
			return false
		}
		if line, ok = s.next(); !ok {
			return checked > 0 || k >= 3
		}
	}
}

// Read reads a whole file. Faults are errors with the number of the line.
func Read(data []byte, opt Options) (*Result, error) {
	if err := cells.CheckAggregate(opt.Aggregate); err != nil {
		return nil, fmt.Errorf("tns: %w", err)
	}
	if !slices.Contains([]string{"", "zero", "unobserved", "nan"}, opt.Missing) {
		return nil, fmt.Errorf("tns: unknown treatment of missing cells %q: use zero, unobserved or nan", opt.Missing)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	s := lines{data: data}
	line, ok := s.next()
	if !ok {
		return nil, fmt.Errorf("tns: the file is empty: expected a line of indices and a value, or a header (%s)", strings.Join(toolboxWords, ", "))
	}
	var (
		res *Result
		err error
	)
	if c := line[0] | 0x20; 'a' <= c && c <= 'z' && !startsNonFinite(line) {
		res, err = readToolbox(&s, line, opt)
	} else {
		res, err = readFrostt(data, opt)
	}
	if err != nil {
		return nil, fmt.Errorf("tns: %w", err)
	}
	return res, nil
}

// startsNonFinite tells the values nan and inf from a header.
func startsNonFinite(line []byte) bool {
	word := bytes.ToLower(bytes.Fields(line)[0])
	return bytes.HasPrefix(word, []byte("nan")) || bytes.HasPrefix(word, []byte("inf"))
}

// lines walks over the lines that are not blank and not comments.
type lines struct {
	data []byte
	pos  int // where the next line starts
	line int // number of the last line returned, from 1
}

func (s *lines) next() ([]byte, bool) {
	for s.pos < len(s.data) {
		end := bytes.IndexByte(s.data[s.pos:], '\n')
		if end < 0 {
			end = len(s.data)
		} else {
			end += s.pos
		}
		line := s.data[s.pos:end]
		s.pos = min(end+1, len(s.data))
		s.line++
		if c := bytes.IndexByte(line, '#'); c >= 0 {
			line = line[:c]
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, true
		}
	}
	return nil, false
}

// integers are the fields of a line if there are n of them and all are whole
// numbers that are not negative.
func integers(line []byte, n int) ([]int, bool) {
	fields := bytes.Fields(line)
	if len(fields) != n || n == 0 {
		return nil, false
	}
	out := make([]int, n)
	for k, f := range fields {
		if len(f) > 18 {
			return nil, false
		}
		for _, c := range f {
			if c-'0' > 9 {
				return nil, false
			}
			out[k] = out[k]*10 + int(c-'0')
		}
	}
	return out, true
}

// quote shortens a piece of a file for a message.
func quote(b []byte) string {
	if len(b) > 40 {
		return fmt.Sprintf("%.40q…", b)
	}
	return fmt.Sprintf("%q", b)
}
