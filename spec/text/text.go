// Package text counts things in words, and cleans names, titles and texts typed by strangers, so that
// what people read is what is stored: one Unicode form (NFC), no invisible
// characters, no controls that reorder or forge what is shown.
package text

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ErrInvalidUTF8 refuses bytes that are not UTF-8.
var ErrInvalidUTF8 = errors.New("the text is not valid UTF-8; save it as UTF-8 and try again")

// TooLongError refuses a text that is longer than its field allows.
type TooLongError struct{ Have, Max int } // runes after cleaning

func (e *TooLongError) Error() string {
	return fmt.Sprintf("the text has %d characters; shorten it to %d", e.Have, e.Max)
}

// CleanLine cleans a name or title: NFC; controls, bidirectional controls and
// zero-width characters removed; every run of white space, line breaks
// included, made one space; none at the ends. It refuses invalid UTF-8 and
// more than limit runes. removed reports whether characters other than white
// space were taken away, which a person may want to be told.
//
// A zero-width joiner stays inside emoji and between letters whose script
// needs it, since words and names are written with it.
func CleanLine(s string, limit int) (clean string, removed bool, err error) {
	s, removed, err = strip(s, limit)
	if err != nil {
		return "", removed, err
	}
	return bounded(norm.NFC.String(strings.Join(strings.Fields(s), " ")), removed, limit)
}

// CleanText cleans a text of several lines: as CleanLine, but line breaks
// stay, as \n, and tabs and spaces inside a line stay as they are. White space
// at the end of lines and of the text, and empty lines before it, are removed.
func CleanText(s string, limit int) (clean string, removed bool, err error) {
	s, removed, err = strip(s, limit)
	if err != nil {
		return "", removed, err
	}
	lines := strings.Split(breaks.Replace(s), "\n")
	for i := range lines {
		lines[i] = strings.TrimRightFunc(lines[i], unicode.IsSpace)
	}
	s = strings.Trim(strings.Join(lines, "\n"), "\n")
	return bounded(norm.NFC.String(s), removed, limit)
}

var breaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n")

func bounded(s string, removed bool, limit int) (string, bool, error) {
	if n := utf8.RuneCountInString(s); n > limit {
		return "", removed, &TooLongError{Have: n, Max: limit}
	}
	return s, removed, nil
}

// strip removes what must not be shown. Input far beyond the limit is refused
// before any work is done on it: no honest text shrinks that much.
func strip(s string, limit int) (string, bool, error) {
	if len(s) > 16*limit+1024 {
		return "", false, &TooLongError{Have: len(s), Max: limit}
	}
	if !utf8.ValidString(s) {
		return "", false, ErrInvalidUTF8
	}
	var b strings.Builder
	b.Grow(len(s))
	removed := false
	var before rune
	for i, r := range s {
		if Unsafe(r) {
			after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
			if !joins(before, r, after) {
				removed = true
				continue
			}
		}
		b.WriteRune(r)
		before = r
	}
	return b.String(), removed, nil
}

func isBreak(r rune) bool {
	return r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085'
}

// Unsafe reports whether a character is taken out: control characters other
// than white space, bidirectional controls, zero-width and other invisible
// format characters, language tags, and private or unassigned specials.
func Unsafe(r rune) bool {
	switch {
	case isBreak(r), r == '\t', r == '\v', r == '\f':
		return false
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
		return true
	case r == '\u034f', r == '\u115f', r == '\u1160', r == '\u17b4', r == '\u17b5', r == '\u3164', r == '\uffa0':
		return true // letters and marks that show nothing
	case r >= '\ufff0' && r <= '\uffff' && r != '\ufffd', r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return false
}

// joins reports whether a zero-width joiner or non-joiner stands where scripts
// and emoji use it: a joiner after an emoji, either between two letters or
// marks outside Latin, Greek and Cyrillic, where it would only hide.
func joins(before, r, after rune) bool {
	if r != '\u200d' && r != '\u200c' {
		return false
	}
	if r == '\u200d' && emoji(before) && emoji(after) {
		return true
	}
	return shaped(before) && shaped(after)
}

func emoji(r rune) bool {
	return unicode.Is(unicode.So, r) || unicode.Is(unicode.Sk, r) && r >= 0x1f3fb || r == '\ufe0f'
}

func shaped(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Syriac, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi,
		unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam,
		unicode.Sinhala, unicode.Khmer, unicode.Mongolian)
}
