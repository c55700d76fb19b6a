package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

const dash = "–"

// num writes a number for people: three significant digits, thousands
// separated, powers of ten where decimals would hide the size.
func num(v float64) string { return digits(v, 3) }

func digits(v float64, n int) string {
	a := math.Abs(v)
	switch {
	case math.IsNaN(v):
		return dash
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "−∞"
	case v == 0:
		return "0"
	case a < 1e-3 || a >= 1e7:
		m, e, _ := strings.Cut(strconv.FormatFloat(v, 'e', n-1, 64), "e")
		exp, _ := strconv.Atoi(e)
		return minus(m) + " × 10" + superscript(exp)
	}
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'e', n-1, 64), 64)
	decimals := max(0, n-1-int(math.Floor(math.Log10(math.Abs(r)))))
	if decimals == 0 {
		return group(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return minus(strconv.FormatFloat(v, 'f', decimals, 64))
}

// fixed writes a number with that many decimals.
func fixed(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return num(v)
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return minus(s)
}

// aligned writes numbers with as many decimals as the largest needs for n
// significant digits, so that they line up. Where some would lose all their
// digits to that and small is set, each is written by itself.
func aligned(v []float64, n int, small bool) []string {
	lo, hi := math.Inf(1), 0.0
	for _, x := range v {
		if a := math.Abs(x); a > 0 && finite(a) {
			lo, hi = min(lo, a), max(hi, a)
		}
	}
	out := make([]string, len(v))
	_, decimals, _ := strings.Cut(digits(hi, n), ".")
	alone := hi < 1e-3 || hi >= 1e7 || small && lo < 0.02*hi
	for i, x := range v {
		switch {
		case alone || !finite(x):
			out[i] = digits(x, n)
		case decimals == "":
			out[i] = group(strconv.FormatFloat(x, 'f', 0, 64))
		default:
			out[i] = fixed(x, len(decimals))
		}
	}
	return out
}

// count writes an integer with thousands separated.
func count(n int64) string { return group(strconv.FormatInt(n, 10)) }

func group(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

func minus(s string) string { return strings.Replace(s, "-", "−", 1) }

func superscript(n int) string {
	return strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴",
		"5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹").Replace(strconv.Itoa(n))
}

// percent writes a share of one. It shows as many digits as it takes to
// tell a nearly full share from a full one.
func percent(v float64) string {
	p := 100 * v
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return dash
	case p == 0:
		return "0%"
	case math.Abs(100-p) < 1e-10:
		return "100%"
	case p > 0 && p < 0.1:
		return "<0.1%"
	case v < 1 && p > 99.95:
		d := int(math.Ceil(-math.Log10(100-p) - 1e-6))
		if d > 6 {
			return ">99.999999%"
		}
		return fixed(math.Floor(p*math.Pow10(d)+1e-6)/math.Pow10(d), d) + "%"
	}
	return fixed(p, 1) + "%"
}

// seconds writes a duration.
func seconds(s float64) string {
	switch {
	case math.IsNaN(s):
		return dash
	case s < 1e-3:
		return "<1 ms"
	case s < 0.9995:
		return strconv.FormatFloat(s*1e3, 'f', 0, 64) + " ms"
	case s < 10:
		return fixed(s, 2) + " s"
	case s < 120:
		return fixed(s, 1) + " s"
	}
	t := int64(s + 0.5)
	if t < 7200 {
		return fmt.Sprintf("%d min %02d s", t/60, t%60)
	}
	return fmt.Sprintf("%d h %02d min", t/3600, t/60%60)
}

// size writes a number of bytes.
func size(n int64) string {
	v := float64(n)
	for _, unit := range []string{"bytes", "kB", "MB", "GB"} {
		if v < 999.5 {
			if unit == "bytes" {
				return count(n) + " bytes"
			}
			return digits(v, 3) + " " + unit
		}
		v /= 1000
	}
	return digits(v, 3) + " TB"
}

// plural is "1 component", "3 components".
func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return count(int64(n)) + " " + word + "s"
}

// times joins numbers as in 5 × 4 × 3.
func times(ns []int) string {
	s := make([]string, len(ns))
	for i, n := range ns {
		s[i] = count(int64(n))
	}
	return strings.Join(s, " × ")
}

// list joins words as in "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
