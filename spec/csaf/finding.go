package csaf

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Severity says how much a finding weighs.
type Severity string

// The three groups of tests of section 6: a document with an Error is not
// valid CSAF (6.1), a Warning is a breach of good practice (6.2), an Info a
// hint at something that could be better (6.3).
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// RuleSchema is the rule of findings against the JSON format itself, as
// opposed to one of the numbered tests.
const RuleSchema = "schema"

// Finding is one thing wrong with, or noteworthy in, a document.
type Finding struct {
	Rule     string   `json:"rule"`     // RuleSchema or the number of the test, "6.1.14"
	Severity Severity `json:"severity"` // error, warning or info
	Path     string   `json:"path"`     // JSON pointer (RFC 6901) to the place; "" is the whole document
	Text     string   `json:"text"`     // what is wrong, in plain words
}

// String is the finding on one line.
func (f Finding) String() string {
	path := f.Path
	if path == "" {
		path = "/"
	}
	return fmt.Sprintf("%s %s %s: %s", f.Severity, f.Rule, path, f.Text)
}

// FormatError says that a document is not well-formed CSAF.
type FormatError struct {
	Findings []Finding // at least one
}

// Error names the first finding and how many there are.
func (e *FormatError) Error() string {
	switch len(e.Findings) {
	case 0:
		return "csaf: document refused"
	case 1:
		return "csaf: " + e.Findings[0].String()
	}
	return fmt.Sprintf("csaf: %s (and %d more)", e.Findings[0], len(e.Findings)-1)
}

// HasErrors tells whether any finding is an Error.
func HasErrors(findings []Finding) bool {
	for _, f := range findings {
		if f.Severity == Error {
			return true
		}
	}
	return false
}

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// at extends a JSON pointer by property names and array indices. A name of
// absurd length is cut; the pointer then tells where to look, but resolves to
// nothing.
func at(path string, steps ...any) string {
	var b strings.Builder
	b.WriteString(path)
	for _, s := range steps {
		b.WriteByte('/')
		switch s := s.(type) {
		case int:
			b.WriteString(strconv.Itoa(s))
		case string:
			b.WriteString(pointerEscape.Replace(cut(s, 200)))
		}
	}
	return b.String()
}

// quoted shows a value from a document inside a sentence, cut to a length that
// keeps a hostile document from blowing up its own report.
func quoted(s string) string { return strconv.Quote(cut(s, 80)) }

// cut shortens s to about limit bytes, at a whole character.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}
