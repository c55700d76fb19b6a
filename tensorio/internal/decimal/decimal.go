// Package decimal reads numbers from bytes, exactly and without allocation.
package decimal

import (
	"math"
	"strconv"
)

// Powers of ten that float64 holds exactly.
var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// Parse is the float64 nearest to a decimal literal such as -12, 1.5 or 2e-3.
// The second result is false if b is anything else; NaN and infinities in
// words are not literals (see [NonFinite]). A literal beyond the range of
// float64 is an infinity.
//
// With at most 2^53 in the digits and at most 22 in the exponent one exact
// operation rounds once (Clinger 1990, doi:10.1145/93542.93557); other
// literals go to strconv.
func Parse(b []byte) (float64, bool) {
	i, neg := 0, false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg = b[0] == '-'
		i = 1
	}
	var mant uint64
	digits, exp := 0, 0
	start := i
	for i < len(b) && b[i]-'0' < 10 {
		mant = mant*10 + uint64(b[i]-'0')
		i++
	}
	digits = i - start
	if i < len(b) && b[i] == '.' {
		i++
		frac := i
		for i < len(b) && b[i]-'0' < 10 {
			mant = mant*10 + uint64(b[i]-'0')
			i++
		}
		exp = frac - i
		digits += i - frac
	}
	if digits == 0 {
		return 0, false
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		eneg := false
		if i < len(b) && (b[i] == '-' || b[i] == '+') {
			eneg = b[i] == '-'
			i++
		}
		if i == len(b) {
			return 0, false
		}
		e := 0
		for ; i < len(b) && b[i]-'0' < 10; i++ {
			if e < 1e6 {
				e = e*10 + int(b[i]-'0')
			}
		}
		if eneg {
			e = -e
		}
		exp += e
	}
	if i != len(b) {
		return 0, false
	}
	if digits <= 19 && mant <= 1<<53 && -22 <= exp && exp <= 22 {
		v := float64(mant)
		if exp < 0 {
			v /= pow10[-exp]
		} else {
			v *= pow10[exp]
		}
		if neg {
			v = -v
		}
		return v, true
	}
	// Only a range error is left, and then v is the infinity or the zero
	// that is meant.
	v, _ := strconv.ParseFloat(string(b), 64)
	return v, true
}

// NonFinite reports whether b spells a NaN or an infinity: nan, inf or
// infinity in any case, with or without a sign.
func NonFinite(b []byte) (float64, bool) {
	sign := 1
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		if b[0] == '-' {
			sign = -1
		}
		b = b[1:]
	}
	switch {
	case EqualFold(b, "nan"):
		return math.NaN(), true
	case EqualFold(b, "inf"), EqualFold(b, "infinity"):
		return math.Inf(sign), true
	}
	return 0, false
}

// EqualFold compares b with a word in lower-case ASCII letters.
func EqualFold(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i, c := range b {
		if c|0x20 != word[i] {
			return false
		}
	}
	return true
}
