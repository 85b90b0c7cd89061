package matrix

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"tocsin/internal/kernel/errs"
	"tocsin/spec/cvss"
	"tocsin/spec/ssvc"
	"tocsin/spec/text"
)

func itoa(n int) string { return strconv.Itoa(n) }

func firstError(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// stale is the refusal of an edit of an older version, with both versions so
// that nothing typed is lost.
func stale(theirs, yours any) *errs.Error {
	return &errs.Error{Kind: errs.Stale, Text: "Somebody changed this while you were writing. Both versions are shown; nothing of yours is lost.", Theirs: theirs, Yours: yours}
}

func vector(in string, want cvss.Version) (string, error) {
	if in == "" {
		return "", nil
	}
	s, err := cvss.Parse(in)
	if err != nil {
		return in, err
	}
	if s.Version != want {
		return in, fmt.Errorf("this is a vector of CVSS %s; the field takes %s", s.Version, want)
	}
	return s.Vector, nil
}

// cleanList cleans each entry, drops empty ones and repeats, and bounds the
// list.
func cleanList(in []string, most, runes int) ([]string, error) {
	out := []string{}
	seen := map[string]bool{}
	for _, s := range in {
		s, _, err := text.CleanLine(s, runes)
		if err != nil {
			return in, err
		}
		if s == "" || seen[s] {
			continue
		}
		seen[s] = true
		out = append(out, s)
	}
	if len(out) > most {
		return in, fmt.Errorf("at most %d entries", most)
	}
	return out, nil
}

// CheckURL refuses what is no absolute http or https address.
func CheckURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return errors.New("a reference is an address that begins with https:// or http://")
	}
	return nil
}

// check recomputes the decision from its answers, so that the two never
// disagree. No choice at all is fine.
func (c *Choice) check() error {
	if c.Tree == "" {
		*c = Choice{}
		return nil
	}
	tree, ok := ssvc.Find(c.Tree)
	if !ok {
		return fmt.Errorf("there is no SSVC decision table %.40q", c.Tree)
	}
	out, err := tree.Decide(c.Values)
	if err != nil {
		return err
	}
	c.Decision = out.ID
	return nil
}
