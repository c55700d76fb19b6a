package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestJones(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string // components, writhe, least exponent, coefficients
	}{
		{[]string{"4_1"}, "1 0 -2 [1 -1 1 -1 1]"},
		{[]string{"--", "-1 2 -1 2"}, "1 0 -2 [1 -1 1 -1 1]"},
		{[]string{"--", "-1", "-1", "-1"}, "1 -3 -4 [-1 1 0 1]"},
		{[]string{"5_2"}, "1 4 1 [1 -1 2 -1 1 -1]"},
		{[]string{"1 1"}, "2 2 0.5 [-1 0 -1]"},
		{[]string{"0_1"}, "1 0 0 [1]"},
		{[]string{"--pd", "[[4,2,5,1],[8,6,1,5],[6,3,7,4],[2,7,3,8]]"}, "1 0 -2 [1 -1 1 -1 1]"},
		{[]string{"--pd", "PD[X[1,4,2,5],X[3,6,4,1],X[5,2,6,3]]"}, "1 -3 -4 [-1 1 0 1]"},
		{[]string{"T(3,3)"}, "3 6 2 [1 0 1 0 2]"},
	} {
		text, _ := run(t, exitOK, append([]string{"jones", "--json"}, c.args...)...)
		var j jonesJSON
		if err := json.Unmarshal([]byte(text), &j); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(j.Components, j.Writhe, j.MinExponent, j.Coefficients); got != c.want {
			t.Errorf("%v: %s, want %s", c.args, got, c.want)
		}
	}
	if text, _ := run(t, exitOK, "jones", "3_1"); !strings.Contains(text, "-t^-4 + t^-3 + t^-1") {
		t.Errorf("jones 3_1 says\n%s", text)
	}
	if text, _ := run(t, exitOK, "jones", "4_1", "--at", "5"); !strings.Contains(text, "-1.2360679775 +0i at t = exp(-2πi/5)") {
		t.Errorf("jones 4_1 --at 5 says\n%s", text)
	}
	for _, c := range []struct{ args, want string }{
		{"--pd [[1,5,2,4],[3,1,4,6],[5,3,6,7]]", "at 1 places"},
		{"--pd []", "no crossings"},
		{"4_1 --pd [[1,2,2,1]]", "or --pd"},
		{"4_1 --at -1", "--at -1"},
		{"T(30,29)", "GiB, with 58 edges"},
	} {
		if _, text := run(t, exitInput, append([]string{"jones"}, strings.Fields(c.args)...)...); !strings.Contains(text, c.want) || strings.Count(strings.TrimSpace(text), "\n") > 0 {
			t.Errorf("jones %s says %q, want one line with %q", c.args, text, c.want)
		}
	}
	for _, c := range []struct{ arg, want string }{
		{"1 99999 1", "letter 2"},
		{"1 5 1x", `letter 3 of the braid word is "1x"`},
		{"", "empty"},
		{"1 0 2", "letter 2"},
		{"-1 2", "after --"},
		{"4_2", "near it are 4_1"},
		{"trefoil", "there is no knot"},
	} {
		if _, text := run(t, exitInput, "jones", c.arg); !strings.Contains(text, c.want) || strings.Count(strings.TrimSpace(text), "\n") > 0 {
			t.Errorf("jones %q says %q, want one line with %q", c.arg, text, c.want)
		}
	}
	run(t, exitInput, "jones")
}
