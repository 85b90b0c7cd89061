// Package cve reads and normalizes CVE identifiers.
package cve

import (
	"fmt"
	"regexp"
	"strings"
)

// ID is a CVE identifier in its canonical spelling, such as CVE-2014-0160
// (CVE record format 5.1.1, definition cveId: four to nineteen digits after
// the year).
type ID string

var (
	exact = regexp.MustCompile(`^CVE-(1999|2[0-9]{3})-[0-9]{4,19}$`)
	loose = regexp.MustCompile(`(?i)\b(?:CVE|CAN)[-_ ]?((?:19|20)[0-9]{2})-([0-9]{4,19})\b`)
)

// Valid reports whether s is a CVE identifier in canonical spelling.
func Valid(s string) bool { return exact.MatchString(s) }

// Parse reads one identifier, forgiving case, space around it, typographic
// hyphens and the CAN prefix of candidates before 2005.
func Parse(s string) (ID, error) {
	v := strings.ToUpper(strings.TrimSpace(dashes.Replace(s)))
	if rest, ok := strings.CutPrefix(v, "CAN-"); ok {
		v = "CVE-" + rest
	}
	if !Valid(v) {
		return "", fmt.Errorf("%.40q is not a CVE identifier; write it as CVE-2026-12345", s)
	}
	return ID(v), nil
}

// dashes are the hyphens that word processors and mail programs put in.
var dashes = strings.NewReplacer("\u2010", "-", "\u2011", "-", "\u2012", "-", "\u2013", "-", "\u2014", "-", "\u2212", "-", "\ufe63", "-", "\uff0d", "-")

// Extract finds the identifiers in a text, each once, in order of appearance,
// and at most limit of them.
func Extract(text string, limit int) []ID {
	var out []ID
	seen := map[ID]bool{}
	for rest := dashes.Replace(text); len(out) < limit; {
		at := loose.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		id := ID("CVE-" + rest[at[2]:at[3]] + "-" + rest[at[4]:at[5]])
		if Valid(string(id)) && !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
		rest = rest[at[1]:]
	}
	return out
}

// Year is the year in the identifier, 0 for an invalid one.
func (id ID) Year() int {
	if !Valid(string(id)) {
		return 0
	}
	y := 0
	for _, d := range id[4:8] {
		y = y*10 + int(d-'0')
	}
	return y
}

// Compare orders identifiers by year and number, not by spelling, so that
// CVE-2026-9999 comes before CVE-2026-10000.
func Compare(a, b ID) int {
	if a.Year() != b.Year() {
		return a.Year() - b.Year()
	}
	x, y := number(a), number(b)
	if len(x) != len(y) {
		return len(x) - len(y)
	}
	return strings.Compare(x, y)
}

func number(id ID) string {
	if len(id) < 9 {
		return string(id)
	}
	return strings.TrimLeft(string(id[9:]), "0")
}
