package search

import (
	"strings"
	"unicode/utf8"
)

const (
	before     = 60  // bytes of a snippet before its first hit
	snippetLen = 240 // bytes of a snippet
)

// show fills the snippet and the marks of a hit and lets go of the body.
func (h *Hit) show(terms []term) {
	h.TitleMarks = marks(h.Title, terms, 0, len(h.Title))
	first := 0
	if found := marks(h.body, terms, 0, 0); len(found) > 0 {
		first = found[0].From
	}
	from := first - before
	if from <= 0 {
		from = 0
	} else if i := strings.IndexAny(h.body[from:first], " \n\t"); i >= 0 {
		from += i + 1
	}
	to := min(from+snippetLen, len(h.body))
	for from < to && !utf8.RuneStart(h.body[from]) {
		from++
	}
	for to < len(h.body) && !utf8.RuneStart(h.body[to]) {
		to--
	}
	for _, m := range marks(h.body, terms, from, to) {
		h.Marks = append(h.Marks, Range{m.From - from, m.To - from})
	}
	// One byte for one byte, so that the marks stay right.
	h.Snippet = strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(h.body[from:to])
	h.body = ""
}

// marks finds the terms in bytes [from, to) of a text, without overlaps. With
// to 0 it stops at the first one, wherever that is.
func marks(text string, terms []term, from, to int) []Range {
	var seen []word
	var out []Range
	longest := 1
	for _, t := range terms {
		longest = max(longest, len(t.words))
	}
	words(text, func(w word) bool {
		if to > 0 && w.to > to {
			return false
		}
		seen = append(seen, w)
		if len(seen) > longest {
			seen = seen[1:]
		}
		for _, t := range terms {
			if !t.endsAt(seen) {
				continue
			}
			m := Range{seen[len(seen)-len(t.words)].from, w.to}
			if m.From < from {
				continue
			}
			for len(out) > 0 && m.From <= out[len(out)-1].From {
				out = out[:len(out)-1]
			}
			if len(out) > 0 && m.From < out[len(out)-1].To {
				m.From = out[len(out)-1].From
				out = out[:len(out)-1]
			}
			out = append(out, m)
		}
		return to > 0 || len(out) == 0
	})
	return out
}

// endsAt reports whether the last of the words complete the term.
func (t term) endsAt(seen []word) bool {
	if len(seen) < len(t.words) {
		return false
	}
	tail := seen[len(seen)-len(t.words):]
	for i, w := range t.words {
		if tail[i].fold == w || t.prefix && i == len(t.words)-1 && strings.HasPrefix(tail[i].fold, w) {
			continue
		}
		return false
	}
	return true
}
