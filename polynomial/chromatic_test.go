package polynomial

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
)

func TestChromatic(t *testing.T) {
	petersen := "0 1\n1 2\n2 3\n3 4\n4 0\n0 5\n1 6\n2 7\n3 8\n4 9\n5 7\n7 9\n9 6\n6 8\n8 5\n"
	for _, c := range []struct{ text, want string }{
		{"a\n", "[0 1]"},
		{"a b\n", "[0 -1 1]"},
		{"a b\nb c\nc a\n", "[0 2 -3 1]"},
		{"a b\nb c\nc d\nd a\n", "[0 -3 6 -4 1]"},
		{"a b\nc\nd\n", "[0 0 0 -1 1]"},
		{"a b\nb b\n", "[0]"},
		{petersen, "[0 -704 2606 -4305 4275 -2861 1353 -455 105 -15 1]"},
	} {
		g, err := Read(strings.NewReader(c.text), false)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Chromatic(ctx, g, 0)
		if err != nil || fmt.Sprint(p) != c.want {
			t.Errorf("%q: %v, want %s (%v)", c.text, p, c.want, err)
		}
	}
	// A board of queens, against the count one by one with more colours than
	// were interpolated.
	g := Queens(2, 4)
	p, err := Chromatic(ctx, g, 0)
	if err != nil {
		t.Fatal(err)
	}
	at := new(big.Int)
	for i := len(p) - 1; i >= 0; i-- {
		at.Add(at.Mul(at, big.NewInt(8)), p[i])
	}
	if want := backtrack(g, 8); at.Int64() != want {
		t.Errorf("%v colourings with 8 colours, want %d", at, want)
	}
}
