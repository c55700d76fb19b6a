package jones

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// diagram is that of a braid in which each strand crosses another.
func diagram(b Braid) Diagram {
	d, _ := b.diagram()
	return d
}

func mustNetwork(t *testing.T, b Braid) *Laurent {
	t.Helper()
	v, err := byNetwork(context.Background(), b)
	if err != nil {
		t.Fatalf("%v: %v", b, err)
	}
	return v
}

// All knots of the table by the two methods, which have nothing in common.
func TestDiagramsAgreeWithNetworks(t *testing.T) {
	words := Names()[1:]
	words = append(words, "T(2,2)", "T(3,3)", "T(4,6)", "T(2,-7)", "3_1#4_1")
	for i, name := range words {
		if i%3 != 0 && i < len(words)-5 {
			continue // TestNames computes all
		}
		b := mustNamed(t, name)
		d := diagram(b)
		v, err := d.Polynomial(context.Background())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if want := mustNetwork(t, b); !v.Equal(want) || d.Writhe() != b.Writhe() || d.Components() != b.Components() {
			t.Errorf("%s: %v (writhe %d, %d components), by its network %v (%d, %d)", name, v, d.Writhe(), d.Components(), want, b.Writhe(), b.Components())
		}
	}
	rng := rand.New(rand.NewPCG(3, 0))
	for range 100 {
		b := Braid{Strands: 2 + rng.IntN(4)}
		for i := 1; i < b.Strands; i++ { // each strand crosses another
			b.Word = append(b.Word, i)
		}
		for range rng.IntN(14) {
			g := 1 + rng.IntN(b.Strands-1)
			b.Word = append(b.Word, g-2*g*rng.IntN(2))
		}
		d := diagram(b)
		rng.Shuffle(len(d), func(i, j int) { d[i], d[j] = d[j], d[i] })
		v, err := d.Polynomial(context.Background())
		if want := mustNetwork(t, b); err != nil || !v.Equal(want) || d.Components() != b.Components() {
			t.Errorf("%v: %v, by its network %v (%v)", b, v, want, err)
		}
	}
}

// Strands that cross no other, and components above all others.
func TestStrandsApart(t *testing.T) {
	for _, b := range []Braid{{1, nil}, {3, nil}, {4, []int{2, 2, 2}}, {3, []int{1, -1}}, {5, []int{-1, -1, -1, 3, -3}}} {
		if v, want := mustPolynomial(t, b), mustNetwork(t, b); !v.Equal(want) {
			t.Errorf("%v on %d strands: %v, by its network %v", b, b.Strands, v, want)
		}
	}
}

// Diagrams as KnotInfo writes them, and unknots with kinks.
func TestPD(t *testing.T) {
	for _, c := range []struct {
		text, want string
		writhe     int
	}{
		{"PD[X[1,4,2,5],X[3,6,4,1],X[5,2,6,3]]", "-t^-4 + t^-3 + t^-1", -3}, // KnotTheory: left-handed
		{"[[1,5,2,4],[3,1,4,6],[5,3,6,2]]", "t + t^3 - t^4", 3},
		{"[[4,2,5,1],[8,6,1,5],[6,3,7,4],[2,7,3,8]]", "t^-2 - t^-1 + 1 - t + t^2", 0},
		{"[1 2 2 1]", "1", -1},
		{"X[2,2,1,1]", "1", 1},
		{"(1,1,2,2)", "1", 1},
		{"[1,2,2,3],[3,4,4,1]", "1", -2},
		{"[4,1,3,2],[2,3,1,4]", "-t^(-5/2) - t^(-1/2)", -2}, // Hopf
		{"[1,4,2,3],[2,4,1,3]", "-t^(-1/2) - t^(1/2)", 0},   // two circles, one above the other
		{"[1,2,2,1],[3,4,4,3]", "-t^(-1/2) - t^(1/2)", -2},  // side by side
		{"[[1,5,2,4],[3,1,4,6],[5,3,6,2],[7,8,8,7]]", "-t^(1/2) - t^(3/2) - t^(5/2) + t^(9/2)", 2}, // a trefoil and a circle
	} {
		d, err := ParsePD(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if v, err := d.Polynomial(context.Background()); err != nil || v.String() != c.want || d.Writhe() != c.writhe {
			t.Errorf("%s: %v with writhe %d, want %s, %d (%v)", c.text, v, d.Writhe(), c.want, c.writhe, err)
		}
	}
	for _, c := range []struct{ text, want string }{
		{"", "no crossings"},
		{"[]", "no crossings"},
		{"[[1,2,3]]", "crossing 1 is [1,2,3]"},
		{"[[1,5,2,4],[3,1,4,x],[5,3,6,2]]", `crossing 2 is [3,1,4,x]; "x"`},
		{"[[1,5,2,4],[3,1,4,6],[5,3,6,7]]", "at 1 places"},
		{"[[1,1,1,2]]", "at 3 places"},
		{"4_1", `"4_1"`},
		{"[[1,5,2,4],[3,1,4,6],[5,3,6,2]", "3 ]"},
		{"[[1,2,1,2]]", "faces"},
		{"[[1,5,2,4],[1,4,3,6],[5,3,6,2]]", "no direction"},
		{"[[1,4,2,5],[3,1,4,6],[5,3,6,2]]", "faces"},
	} {
		_, err := ParsePD(c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

// A hundred crossings, and diagrams that are too wide.
func TestDiagramSizes(t *testing.T) {
	var b Braid
	b.Strands = 3
	for range 50 {
		b.Word = append(b.Word, 1, -2)
	}
	v, err := diagram(b).Polynomial(context.Background())
	if err != nil || !v.Equal(mustNetwork(t, b)) {
		t.Errorf("%v, %v", v, err)
	}
	wide, err := Torus(30, 29)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := diagram(wide).Polynomial(context.Background()); err == nil || !strings.Contains(err.Error(), "too wide") {
		t.Errorf("%v", err)
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := diagram(b).Polynomial(stopped); err == nil {
		t.Error("not cancelled")
	}
}

func FuzzParsePD(f *testing.F) {
	for _, s := range []string{"[[4,2,5,1],[8,6,1,5],[6,3,7,4],[2,7,3,8]]", "X[1,1,2,2]", "PD[]", "[1,2,1,2]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParsePD(s)
		if err != nil || len(d) > 8 {
			return
		}
		v, err := d.Polynomial(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		// V(1) is (-2)^(components-1).
		sum := int64(0)
		for _, c := range v.Coefficients {
			sum += c.Int64()
		}
		want := int64(1)
		for range d.Components() - 1 {
			want *= -2
		}
		if sum != want {
			t.Errorf("%v: V(1) is %d, want %d", d, sum, want)
		}
		slices.Reverse(d)
		if w, err := d.Polynomial(context.Background()); err != nil || !v.Equal(w) {
			t.Errorf("%v, in another order %v (%v)", v, w, err)
		}
	})
}

func BenchmarkDiagram(b *testing.B) {
	for _, p := range []int{6, 8, 9} {
		braid, err := Torus(p, p-1)
		if err != nil {
			b.Fatal(err)
		}
		d := diagram(braid)
		b.Run(fmt.Sprintf("strands=%d/method=bracket", p), func(b *testing.B) {
			for b.Loop() {
				if _, err := d.Polynomial(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("strands=%d/method=network", p), func(b *testing.B) {
			for b.Loop() {
				if _, err := byNetwork(context.Background(), braid); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
