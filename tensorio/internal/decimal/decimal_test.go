package decimal

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestParseAgreesWithStrconv(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var texts []string
	for range 20000 {
		v := math.Float64frombits(rng.Uint64())
		if v-v != 0 {
			continue
		}
		texts = append(texts, strconv.FormatFloat(v, 'g', -1, 64), strconv.FormatFloat(v, 'e', 25, 64))
		w := rng.NormFloat64() * 1e4
		texts = append(texts, strconv.FormatFloat(w, 'f', -1, 64), fmt.Sprintf("%.3f", w), fmt.Sprintf("%+d", int64(w)))
	}
	texts = append(texts, "0", "-0", "1.", ".5", "00012", "9007199254740993", "1e22", "1e23", "1e-22", "5e-324", "1e400", "-1e400",
		"18446744073709551616", "0.000000000000000000000000000000000001", "1e99999999", "123456789012345678901234567890")
	for _, s := range texts {
		want, _ := strconv.ParseFloat(s, 64)
		got, ok := Parse([]byte(s))
		if !ok || math.Float64bits(got) != math.Float64bits(want) {
			t.Errorf("Parse(%q) = %v, %v; want %v", s, got, ok, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{"", "-", ".", "e5", "1e", "1e+", "1x", "0x10", "1_000", "nan", "inf", "1,5", " 1", "1 ", "--1"} {
		if v, ok := Parse([]byte(s)); ok {
			t.Errorf("Parse(%q) = %v", s, v)
		}
	}
}

func TestNonFinite(t *testing.T) {
	for s, want := range map[string]float64{"nan": math.NaN(), "NaN": math.NaN(), "-nan": math.NaN(), "Inf": math.Inf(1), "-INF": math.Inf(-1), "+Infinity": math.Inf(1)} {
		v, ok := NonFinite([]byte(s))
		if !ok || !(v == want || v != v && want != want) {
			t.Errorf("NonFinite(%q) = %v, %v", s, v, ok)
		}
	}
	for _, s := range []string{"", "NA", "null", "1", "in", "nano"} {
		if _, ok := NonFinite([]byte(s)); ok {
			t.Errorf("NonFinite(%q)", s)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1", "-1.5e3", "9007199254740993", "1e-30", ".", "-0", "1e400", "4.9e-324", "00.10e+022", "1e", "+.5E-1", "1e99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := Parse([]byte(s))
		want, err := strconv.ParseFloat(s, 64)
		if literal := strings.Trim(s, "0123456789+-.eE") == "" && (err == nil || errors.Is(err, strconv.ErrRange)); ok != literal {
			t.Fatalf("Parse(%q) says %v; strconv says %v", s, ok, err)
		}
		if !ok {
			return
		}
		if math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("Parse(%q) = %v; want %v (%v)", s, got, want, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, s := range []string{"430", "1.868000", "8.580000000000000e-01"} {
		b.Run("text="+s, func(b *testing.B) {
			in := []byte(s)
			for b.Loop() {
				Parse(in)
			}
		})
	}
}
