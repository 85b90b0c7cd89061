package csaf

import (
	"sort"
	"strings"
)

// version is a version_t taken apart (3.1.11).
type version struct {
	text     string
	semantic bool
	core     [3]string // decimal without leading zeros; an integer version has only the first
	pre      []string
	build    string
}

// readVersion takes s apart; ok is false if it is no version_t.
func readVersion(s string) (v version, ok bool) {
	if !patternVersion.MatchString(s) {
		return version{text: s}, false
	}
	v.text = s
	rest, build, _ := strings.Cut(s, "+")
	v.build = build
	rest, pre, hasPre := strings.Cut(rest, "-")
	if hasPre {
		v.pre = strings.Split(pre, ".")
	}
	parts := strings.Split(rest, ".")
	copy(v.core[:], parts)
	v.semantic = len(parts) == 3
	return v, true
}

// early tells whether the version is before the first release: 0 or 0.y.z.
func (v version) early() bool { return v.core[0] == "0" }

// compare orders versions after the rules of Semantic Versioning, section 11;
// build metadata does not count. Integers compare as numbers.
func (v version) compare(w version) int {
	for i := range v.core {
		if c := compareNumbers(v.core[i], w.core[i]); c != 0 {
			return c
		}
	}
	if len(v.pre) == 0 || len(w.pre) == 0 {
		return sign(len(w.pre) - len(v.pre)) // with a pre-release comes before without
	}
	for i := 0; i < len(v.pre) && i < len(w.pre); i++ {
		if c := comparePre(v.pre[i], w.pre[i]); c != 0 {
			return c
		}
	}
	return sign(len(v.pre) - len(w.pre))
}

func comparePre(a, b string) int {
	an, bn := isNumber(a), isNumber(b)
	switch {
	case an && bn:
		return compareNumbers(a, b)
	case an:
		return -1
	case bn:
		return 1
	}
	return strings.Compare(a, b)
}

// compareNumbers compares decimals of any length without leading zeros.
func compareNumbers(a, b string) int {
	if len(a) != len(b) {
		return sign(len(a) - len(b))
	}
	return strings.Compare(a, b)
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// follows tells whether the decimal b is a or a+1: no number is left out.
func follows(a, b string) bool {
	return a == b || b == successor(a)
}

// successor adds one to a decimal of any length.
func successor(a string) string {
	digits := []byte(a)
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] != '9' {
			digits[i]++
			return string(digits)
		}
		digits[i] = '0'
	}
	return "1" + string(digits)
}

// dated is an entry of the history with its place in the document.
type dated struct {
	index   int
	version version
	Revision
}

// history is the revision history in the order of its dates, which zones do not
// disturb; entries of one instant are in the order of their versions.
func (d *Document) history() []dated {
	list := make([]dated, 0, len(d.Document.Tracking.RevisionHistory))
	for i, r := range d.Document.Tracking.RevisionHistory {
		v, _ := readVersion(r.Number)
		list = append(list, dated{i, v, r})
	}
	sort.SliceStable(list, func(i, j int) bool {
		a, b := timeOr0(list[i].Date), timeOr0(list[j].Date)
		if !a.Equal(b) {
			return a.Before(b)
		}
		return list[i].version.compare(list[j].version) < 0
	})
	return list
}
