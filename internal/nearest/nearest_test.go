package nearest

import "testing"

func TestName(t *testing.T) {
	names := []string{"rank", "max-rank", "report", "ridge", "cp", "tucker", "tt", "nonneg", "decompose", "compare"}
	for word, want := range map[string]string{
		"rnak": "rank", "ranks": "rank", "max-rnk": "max-rank", "reprot": "report", "tuker": "tucker", "Tucker": "tucker",
		"nonnegative": "nonneg", "decomp": "decompose", "compar": "compare", "xyz": "", "": "", "bridge": "ridge", "t": "", "x": "",
	} {
		if got := Name(word, names); got != want {
			t.Errorf("%q stands for %q, expected %q", word, got, want)
		}
	}
	if got := Meant("tuker", names) + Meant("xyz", names); got != " (did you mean tucker?)" {
		t.Error(got)
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"ab", "ba", 1}, {"ca", "abc", 3}, {"abcd", "abdc", 1}, {"same", "same", 0}} {
		if got, back := Edits(c.a, c.b), Edits(c.b, c.a); got != c.want || back != c.want {
			t.Errorf("%q, %q: %d and %d edits, expected %d", c.a, c.b, got, back, c.want)
		}
	}
}
