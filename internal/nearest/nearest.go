// Package nearest finds the name that was meant by a misspelled one.
package nearest

import "strings"

// Name is the one of names that word most probably stands for: it begins with
// word, word begins with it, or it takes the fewest edits, at most one for
// three letters, rounded. It is empty if none is as near. Case does not count.
func Name(word string, names []string) string {
	const letters = 3 // of one edit, and of a beginning that tells
	most := (len(word) + 1) / letters
	best, least := "", most+1
	word = strings.ToLower(word)
	for _, name := range names {
		low := strings.ToLower(name)
		d := Edits(word, low)
		if min(len(word), len(low)) >= letters && (strings.HasPrefix(low, word) || strings.HasPrefix(word, low)) {
			d = min(d, most)
		}
		if d < least {
			best, least = name, d
		}
	}
	return best
}

// Meant is a question to append to an error, such as " (did you mean rank?)",
// and empty where no name is near.
func Meant(word string, names []string) string {
	if name := Name(word, names); name != "" {
		return " (did you mean " + name + "?)"
	}
	return ""
}

// Edits is the least number of bytes to insert, delete or replace, or of
// neighbours to swap, that makes b of a, no byte being edited twice.
func Edits(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			change := row[j]
			if a[i] != b[j] {
				change++
			}
			next[j+1] = min(change, next[j]+1, row[j+1]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
