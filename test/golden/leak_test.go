package golden_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/kernel/db"
)

// strangers are those to whom a record of the case does not exist.
var strangers = []string{"", "finder", "otto", "ivo", "bob", "oli", "enrolling"}

// TestWhatMayNotBeSeenIsNotThere holds every answer to somebody who may not
// see a record against the answer for a record that does not exist: the same
// status, the same text. It does so for every line of the table that names a
// record of a case, a report or a document; and for parties, for what is
// hidden or private to another.
func TestWhatMayNotBeSeenIsNotThere(t *testing.T) {
	b := newBench(t, db.SQLite)
	for _, l := range b.lines() {
		who := b.strangersTo(l)
		if len(who) == 0 {
			continue
		}
		for _, actor := range who {
			// A party sees the case, so for it only the rest of the address
			// names nothing.
			nowhere := b.nowhere(l, (actor == "vera" || actor == "willem") && !strings.HasSuffix(l.title, "(released)"))
			real, none := b.try(actor, l.query), b.try(actor, nowhere)
			if real.Code < 300 || real.Code != none.Code {
				t.Errorf("%s as %q: %d, and %d where there is nothing", l.title, actor, real.Code, none.Code)
				continue
			}
			plain := func(s string) string { return b.plain(withoutAddress(s, l.query.path, nowhere.path)) }
			if got, want := plain(real.Body.String()), plain(none.Body.String()); got != want {
				t.Errorf("%s as %q tells what is there from what is not:\n%s\n%s", l.title, actor, difference(got, want), difference(want, got))
			}
			for name := range none.Header() {
				if got, want := plain(real.Header().Get(name)), plain(none.Header().Get(name)); got != want && name != "Content-Length" && name != "Set-Cookie" {
					t.Errorf("%s as %q: %s is %q, and %q where there is nothing", l.title, actor, name, got, want)
				}
			}
		}
	}
}

// secret are the path values that a stranger must not learn to exist.
var secret = []string{"case", "number", "participant", "vulnerability", "product", "proposal", "thread", "message", "advisory", "draft", "comment", "version", "report", "question"}

// strangersTo are the actors for whom the record of a line does not exist.
func (b *bench) strangersTo(l line) (out []string) {
	path := l.route.Path
	named := false
	for _, s := range secret {
		named = named || strings.Contains(path, "{"+s+"}")
	}
	switch {
	case strings.HasSuffix(l.title, "(imported)"):
		return nil // everybody sees it
	case strings.Contains(path, "/applications/{application}") && strings.HasSuffix(l.title, "(own)"):
		return []string{"", "otto", "vera", "cora", "oli"} // a draft is its author's alone
	case strings.Contains(path, "/applications/{application}"):
		return []string{"", "otto", "ivo", "oli"}
	case strings.Contains(path, "/agreements/{agreement}") && strings.HasSuffix(l.title, "(of the concerned)"):
		return []string{"", "finder", "ivo"}
	case strings.Contains(path, "/agreements/{agreement}"):
		return nil // the members', or public
	case strings.Contains(path, "/board/motions/{motion}"):
		return []string{"", "otto", "ivo", "oli"}
	case strings.Contains(path, "/board/seats/{seat}"):
		return []string{"", "otto", "ivo"}
	case strings.HasSuffix(path, "{$}"):
		return nil // a list; what is on it is the matter of each door's own tests
	case strings.HasSuffix(l.title, "(restricted)"), strings.HasSuffix(l.title, "(secret)"):
		return strangers
	case strings.HasPrefix(path, "/finder/"), strings.HasSuffix(path, "{token}"), strings.HasPrefix(path, "/api/v1/report/"):
		return nil
	case strings.Contains(path, "/invitations/{invitation}"):
		return []string{"", "otto", "willem", "bob"}
	case strings.HasPrefix(path, "/advisories/{number}"), strings.HasPrefix(path, "/case-facts/"), strings.Contains(path, "/public-cases/"):
		return nil // what is public
	case !named && !strings.Contains(path, "/files/{file}"):
		return nil
	}
	out = append(out, strangers...)
	for _, hidden := range []string{"(hidden party)", "(hidden party's)", "(hidden party's product)", "(coordinators')"} {
		if strings.HasSuffix(l.title, hidden) && !strings.Contains(path, "{product}/remove") {
			out = append(out, "vera", "willem")
		}
	}
	for _, private := range []string{"(private)", "(TLP:RED)", "(private question)", "(released)"} {
		if strings.HasSuffix(l.title, private) {
			out = append(out, "willem")
		}
	}
	if strings.HasSuffix(l.title, "(handed to the vendor)") {
		out = append(out, "willem")
	}
	return out
}

// nowhere is the request of a line for records that do not exist; within
// keeps the case, and the thread that a TLP:RED message stands in.
func (b *bench) nowhere(l line, within bool) request {
	q := l.query
	parts := strings.Split(q.path, "/")
	pattern := strings.Split(strings.TrimSuffix(l.route.Path, "{$}"), "/")
	for i, p := range pattern {
		name := strings.Trim(p, "{}")
		if name == p || slices.Contains(fixed, name) || within && (name == "number" && pattern[1] == "cases" || name == "case" || name == "thread" && strings.HasSuffix(l.title, "(TLP:RED)")) {
			continue
		}
		v, ask, _ := strings.Cut(parts[i], "?")
		q.body = strings.ReplaceAll(q.body, v, other(v))
		parts[i] = other(v)
		if ask != "" {
			parts[i] += "?" + ask
		}
	}
	if q.path = strings.Join(parts, "/"); q.path == l.query.path {
		b.Errorf("%s: the address names nothing of this world", l.title)
	}
	return q
}

// fixed are path values that name no record.
var fixed = []string{"role", "label", "folder", "year", "deed", "move"}

// other is a value of the same length and form that names nothing.
func other(v string) string {
	if rest, ok := strings.CutSuffix(v, ".json"); ok {
		return other(rest) + ".json"
	}
	if len(v) < 4 {
		return "7" + v
	}
	end := "zzz"
	if v[len(v)-1] >= '0' && v[len(v)-1] <= '9' && strings.ContainsAny(v, "-") {
		end = "997"
	}
	return v[:len(v)-3] + end
}

// withoutAddress takes an asker's own addresses out of an answer, as the pages
// write them: as they are, and within another address.
func withoutAddress(s string, paths ...string) string {
	for _, p := range paths {
		p, _, _ = strings.Cut(p, "?")
		s = strings.ReplaceAll(s, p, "…")
		s = strings.ReplaceAll(s, url.QueryEscape(p), "…")
	}
	return s
}

// plain takes out of an answer what it repeats of the request's own address.
func (b *bench) plain(s string) string {
	for _, v := range b.values {
		if len(v) > 6 {
			s = strings.ReplaceAll(s, other(v), "…")
			s = strings.ReplaceAll(s, v, "…")
		}
	}
	return s
}

// difference is where s departs from t.
func difference(s, t string) string {
	i := 0
	for i < len(s) && i < len(t) && s[i] == t[i] {
		i++
	}
	return s[max(0, i-60):min(len(s), i+120)]
}
