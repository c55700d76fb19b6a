package qasm

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind of a token.
type kind uint8

const (
	end kind = iota
	word
	integer
	float
	text
	symbol
)

// token is a piece of a program and where it stands.
type token struct {
	kind      kind
	text      string
	file      int32 // number among the parser's files
	line, col int32
}

// describe is the token as an error quotes it.
func (t token) describe() string {
	if t.kind == end {
		return "the end of the file"
	}
	return fmt.Sprintf("%q", t.text)
}

// symbols of several characters, longest first.
var symbols = []string{
	"**=", "<<=", ">>=",
	"->", "==", "!=", "<=", ">=", "&&", "||", "**", "++", "<<", ">>", "+=", "-=", "*=", "/=", "%=", "^=", "&=", "|=", "~=",
}

const single = ";,()[]{}<>!+-*/%^=:@&|~$#."

// lexer cuts a file into tokens.
type lexer struct {
	data      string
	at        int
	file      int32
	name      string
	line, col int32
}

func (x *lexer) fault(line, col int32, format string, args ...any) error {
	return fmt.Errorf("%s, line %d, column %d: %s", x.name, line, col, fmt.Sprintf(format, args...))
}

// skip goes n bytes on.
func (x *lexer) skip(n int) {
	for _, r := range x.data[x.at : x.at+n] {
		if r == '\n' {
			x.line++
			x.col = 1
		} else {
			x.col++
		}
	}
	x.at += n
}

// all cuts the rest of the file.
func (x *lexer) all() ([]token, error) {
	var out []token
	for {
		t, err := x.next()
		if err != nil {
			return nil, err
		}
		if t.kind == end {
			return out, nil
		}
		out = append(out, t)
	}
}

func (x *lexer) next() (token, error) {
	if err := x.blank(); err != nil {
		return token{}, err
	}
	t := token{file: x.file, line: x.line, col: x.col}
	if x.at == len(x.data) {
		return t, nil
	}
	rest := x.data[x.at:]
	r, size := utf8.DecodeRuneInString(rest)
	n := 0
	switch {
	case r == utf8.RuneError && size <= 1:
		return t, x.fault(t.line, t.col, "a byte that is not UTF-8")
	case letter(r):
		n = len(rest)
		if i := strings.IndexFunc(rest, func(r rune) bool { return !letter(r) && !unicode.IsDigit(r) }); i >= 0 {
			n = i
		}
		t.kind = word
	case r >= '0' && r <= '9' || r == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
		t.kind, n = number(rest)
	case r == '"' || r == '\'':
		i := strings.IndexAny(rest[1:], string(r)+"\n")
		if i < 0 || rest[1+i] == '\n' {
			return t, x.fault(t.line, t.col, "a string that does not end on its line")
		}
		t.kind, n = text, i+2
	default:
		t.kind = symbol
		if i := slices.IndexFunc(symbols, func(s string) bool { return strings.HasPrefix(rest, s) }); i >= 0 {
			n = len(symbols[i])
		} else if strings.ContainsRune(single, r) {
			n = 1
		} else {
			return t, x.fault(t.line, t.col, "%q has no meaning here; OpenQASM is expected", r)
		}
	}
	t.text = rest[:n]
	x.skip(n)
	return t, nil
}

// blank passes over spaces and comments.
func (x *lexer) blank() error {
	for x.at < len(x.data) {
		rest := x.data[x.at:]
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case unicode.IsSpace(r) || r == '\ufeff':
			x.skip(size)
		case strings.HasPrefix(rest, "//"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			x.skip(n)
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return x.fault(x.line, x.col, "a comment that does not end; */ is expected")
			}
			x.skip(n + 4)
		default:
			return nil
		}
	}
	return nil
}

func letter(r rune) bool { return r == '_' || unicode.IsLetter(r) }

// number is the kind and the length of the number that s begins with.
func number(s string) (kind, int) {
	digits := func(i int, set string) int {
		for i < len(s) && (strings.IndexByte(set, s[i]) >= 0 || s[i] == '_') {
			i++
		}
		return i
	}
	const decimal = "0123456789"
	if len(s) > 2 && s[0] == '0' {
		for prefix, set := range map[string]string{"xX": decimal + "abcdefABCDEF", "bB": "01", "oO": "01234567"} {
			if strings.IndexByte(prefix, s[1]) >= 0 {
				if i := digits(2, set); i > 2 {
					return integer, i
				}
			}
		}
	}
	k := integer
	i := digits(0, decimal)
	if i < len(s) && s[i] == '.' {
		k = float
		i = digits(i+1, decimal)
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if after := digits(j, decimal); after > j {
			return float, after
		}
	}
	return k, i
}
