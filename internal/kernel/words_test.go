package kernel

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// wordsPlain is Words a byte at a time, without the right to stop early.
func wordsPlain(text []byte, fields, room int) (numbers, ends []uint32) {
	start := 0
	for row := range bytes.Lines(text) {
		if !bytes.HasSuffix(row, []byte{'\n'}) {
			break
		}
		words := bytes.FieldsFunc(row, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' })
		size := 0
		for _, w := range words {
			size += len(w) + 1
		}
		if len(words) != fields || size != len(row) || len(numbers)+fields > room {
			break
		}
		for _, w := range words {
			v := uint32(0)
			for _, c := range w {
				v = v*10 + uint32(c-'0')
			}
			if len(w) > 8 || bytes.ContainsFunc(w, func(r rune) bool { return r < '0' || r > '9' }) {
				v = NotPlain
			}
			start += len(w) + 1
			numbers, ends = append(numbers, v), append(ends, uint32(start-1))
		}
	}
	return numbers, ends
}

// checkWords compares Words with the plain loop, as far as it goes, and reports
// how many lines either found.
func checkWords(t *testing.T, text []byte, fields, room int) (got, want int) {
	t.Helper()
	const mark = 0xabababab
	numbers, ends := make([]uint32, room+8), make([]uint32, room+8)
	for i := range numbers {
		numbers[i], ends[i] = mark, mark
	}
	wantNumbers, wantEnds := wordsPlain(text, fields, room)
	got, want = Words(text, fields, numbers[:room], ends[:room]), len(wantNumbers)/fields
	if got > want {
		t.Fatalf("%d lines of %d words in %q, want at most %d", got, fields, text, want)
	}
	for i, v := range wantNumbers[:got*fields] {
		if numbers[i] != v || ends[i] != wantEnds[i] {
			t.Fatalf("word %d of %q: %d before %d, want %d before %d", i, text, numbers[i], ends[i], v, wantEnds[i])
		}
	}
	for i := range 8 {
		if numbers[room+i] != mark || ends[room+i] != mark {
			t.Fatal("written beyond the room")
		}
	}
	return got, want
}

func TestWords(t *testing.T) {
	words := []string{"0", "7", "42", "123", "1234", "12345", "678901", "2345678", "90123456", "999999999", "-1", "0.5", "x", "1e3", "\xb5\xff",
		"123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"}
	eachVariant(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(8, 9))
		for _, fields := range []int{1, 2, 3, 4, 5, 7, 16, 31, 32, 33, 40} {
			for _, kinds := range []int{1, 9, 12, len(words)} {
				var text []byte
				for range 100 {
					for f := range fields {
						blank := " \t"[rng.IntN(2)]
						if f == fields-1 {
							blank = '\n'
						}
						text = append(append(text, words[rng.IntN(kinds)]...), blank)
					}
				}
				got, want := checkWords(t, text, fields, 100*fields+WordsSlack)
				if want != 100 || got < want-2*80/fields-2 && kinds < 12 {
					t.Fatalf("%d of %d lines of %d words", got, want, fields)
				}
				checkWords(t, text, fields, 50*fields)
				checkWords(t, text, fields+1, 50*fields+50)
				for range 10 { // a byte changed
					other := bytes.Clone(text)
					other[rng.IntN(len(other))] = "0 \t\n\r.-#9"[rng.IntN(9)]
					checkWords(t, other, fields, 100*fields+WordsSlack)
				}
			}
		}
		if n := Words(nil, 3, nil, nil); n != 0 {
			t.Errorf("%d lines of nothing", n)
		}
	})
}

func TestWordsShapeBugPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Words([]byte("1 2 3\n"), 3, make([]uint32, 100), make([]uint32, 99))
}

func FuzzWords(f *testing.F) {
	f.Add([]byte("1 2 3\n10 20 30.5\n"), 3, 10)
	f.Add(bytes.Repeat([]byte("12345678 1\t123456789\n"), 20), 3, 20)
	f.Fuzz(func(t *testing.T, text []byte, fields, repeat int) {
		if fields < 1 || fields > 70 || repeat < 1 || repeat > 50 {
			return
		}
		text = bytes.Repeat(text, repeat) // over several blocks
		eachVariant(t, func(t *testing.T) { checkWords(t, text, fields, len(text)+WordsSlack) })
	})
}

func BenchmarkWords(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 7))
	var text []byte
	for range 20000 {
		text = fmt.Appendf(text, "%d %d %d %d\n", rng.IntN(300000), rng.IntN(100000), rng.IntN(30000), rng.IntN(9))
	}
	numbers, ends := make([]uint32, 2048), make([]uint32, 2048)
	defer func(v variant) { active = v }(active)
	for _, active = range supported() {
		b.Run("kernel="+active.String(), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				for rest := text; ; {
					n := Words(rest, 4, numbers, ends)
					if n == 0 {
						break
					}
					rest = rest[ends[4*n-1]+1:]
				}
			}
		})
	}
}
