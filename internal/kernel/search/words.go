package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxWord is how many runes of a word are indexed; a SHA-512 in hex has 128.
const maxWord = 128

// word is one indexed word and where it stood: bytes [from, to) of the text.
type word struct {
	fold     string
	from, to int
}

// words cuts a text into runs of letters and digits, folded so that case,
// accents and compatibility forms do not matter. Scripts that are written
// without spaces give one word per character. It stops when yield says so.
//
// Both databases index exactly these words: their own tokenizers disagree
// about CVE-2024-1234 and 1.2.3.
func words(text string, yield func(word) bool) {
	from := -1
	flush := func(to int) bool {
		if from < 0 {
			return true
		}
		w := word{fold(text[from:to]), from, to}
		from = -1
		return w.fold == "" || yield(w)
	}
	for i, r := range text {
		switch {
		case unspaced(r):
			if !flush(i) {
				return
			}
			from = i
			if !flush(i + utf8.RuneLen(r)) {
				return
			}
		case inWord(r):
			if from < 0 {
				from = i
			}
		default:
			if !flush(i) {
				return
			}
		}
	}
	flush(len(text))
}

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

func unspaced(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

func fold(s string) string {
	plain := true
	for i := range len(s) {
		plain = plain && s[i] < utf8.RuneSelf
	}
	if plain {
		return strings.ToLower(s[:min(len(s), maxWord)])
	}
	if len(s) > 16*maxWord {
		s = s[:16*maxWord]
	}
	var b strings.Builder
	n := 0
	for _, r := range cases.Fold().String(norm.NFKD.String(s)) {
		if n == maxWord {
			break
		}
		if (unicode.IsLetter(r) || unicode.IsDigit(r)) && r != utf8.RuneError {
			b.WriteRune(r)
			n++
		}
	}
	return b.String()
}

// folded lists at most limit words of a text.
func folded(text string, limit int) []string {
	var out []string
	words(text, func(w word) bool {
		out = append(out, w.fold)
		return len(out) < limit
	})
	return out
}
