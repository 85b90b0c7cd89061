package search

import (
	"slices"
	"strings"
	"unicode/utf8"

	"tocsin/internal/kernel/errs"
)

// Limits of what may be asked.
const (
	maxQuery = 400 // runes
	maxTerms = 32
)

// term is a run of words that must stand side by side. An identifier such as
// VU#16969 is a term of two words, so it is found as typed.
type term struct {
	words  []string
	prefix bool // the last word may go on
}

// parse reads what a stranger typed: words that must all occur, "quoted
// phrases", and the last word may be unfinished. Nothing in it is an
// operator. No word at all gives no terms.
func parse(text string) ([]term, error) {
	if utf8.RuneCountInString(text) > maxQuery {
		return nil, errs.Bad("q", "A search has at most %d characters.", maxQuery)
	}
	var terms []term
	add := func(piece string, prefix bool) {
		if w := folded(piece, maxQuery); len(w) > 0 {
			terms = append(terms, term{w, prefix})
		}
	}
	quotes := strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`)
	pieces := strings.Split(strings.ToValidUTF8(quotes.Replace(text), " "), `"`)
	for i, piece := range pieces {
		if i%2 == 1 {
			add(piece, false)
			continue
		}
		fields := strings.Fields(piece)
		for j, f := range fields {
			add(f, i == len(pieces)-1 && j == len(fields)-1)
		}
	}
	if len(terms) > maxTerms {
		return nil, errs.Bad("q", "A search has at most %d words.", maxTerms)
	}
	return terms, nil
}

// exactly is the same terms with no word unfinished.
func exactly(terms []term) []term {
	out := slices.Clone(terms)
	for i := range out {
		out[i].prefix = false
	}
	return out
}

// engine spells terms in one database's full-text language. Words hold
// letters and digits only, so quoting them needs no escapes.
type engine struct {
	term        func(t term, title bool) string
	and, except string
}

var fts5 = engine{
	term: func(t term, title bool) string {
		s := `"` + strings.Join(t.words, " ") + `"`
		if t.prefix {
			s += " *"
		}
		if title {
			s = "title : " + s
		}
		return s
	},
	and: " AND ", except: ") NOT (",
}

var tsquery = engine{
	term: func(t term, title bool) string {
		parts := make([]string, len(t.words))
		for i, w := range t.words {
			parts[i] = "'" + w + "'"
			mark := ""
			if t.prefix && i == len(t.words)-1 {
				mark = "*"
			}
			if title {
				mark += "A"
			}
			if mark != "" {
				parts[i] += ":" + mark
			}
		}
		return "(" + strings.Join(parts, " <-> ") + ")"
	},
	and: " & ", except: ") & !(",
}

func (e engine) all(terms []term, title bool) string {
	parts := make([]string, len(terms))
	for i, t := range terms {
		parts[i] = e.term(t, title)
	}
	return strings.Join(parts, e.and)
}

// steps are queries that share no hit, best first: all words in the title;
// all words somewhere; the last one unfinished. The order says nothing about
// texts the actor may not see, as statistics over the whole index would.
func (e engine) steps(terms []term) []string {
	exact := exactly(terms)
	title, anywhere := e.all(exact, true), e.all(exact, false)
	steps := []string{title, "(" + anywhere + e.except + title + ")"}
	if slices.ContainsFunc(terms, func(t term) bool { return t.prefix }) {
		steps = append(steps, "("+e.all(terms, false)+e.except+anywhere+")")
	}
	return steps
}
