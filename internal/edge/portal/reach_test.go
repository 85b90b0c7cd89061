package portal_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/talk"
	"tocsin/spec/tlp"
)

var reachLine = regexp.MustCompile(`(?s)<li data-marking="([^"]+)">(.*?)</li>`)

// seers is what the composer says of each marking that it offers.
func seers(p page) map[string]string {
	out := map[string]string{}
	for _, m := range reachLine.FindAllStringSubmatch(p.body, -1) {
		out[strings.ReplaceAll(m[1], "&#43;", "+")] = visible(m[2])
	}
	return out
}

// TestWhoSeesEachMarking holds what the composer says of each marking against
// the count of the rule, for the coordinator and for a party.
func TestWhoSeesEachMarking(t *testing.T) {
	s := newTalk(t)
	s.person("vic@vexel.example", "Vic Vexel", s.vexel.ID, orgs.Responder)
	// A program that reads what is marked GREEN makes the markings differ.
	s.write(func(tx *db.Tx) error {
		return audience.Admit(tx, s.c.Audience, audience.Grant{Kind: audience.Program, ID: "prg_watch", Role: audience.Reader})
	})
	for _, email := range []string{"otto@outer.example", "ivo@iris.example"} {
		a := s.actor(email)
		s.write(func(tx *db.Tx) error {
			own := audience.Party{Kind: audience.Person, ID: a.Person}
			if err := audience.Accept(tx, s.c.Terms, own, a.Person); err != nil {
				return err
			}
			return audience.Sit(tx, a.Person, audience.Seat{Kind: audience.Program, ID: "prg_watch", Party: own, Cap: audience.Reader})
		})
	}
	vic := s.actor("vic@vexel.example").Person
	for email, want := range map[string][]tlp.Level{"ada@alliance.example": {tlp.Green, tlp.Amber, tlp.AmberStrict}, "vera@vexel.example": {tlp.AmberStrict}} {
		b, a := s.as(email), s.actor(email)
		said := seers(b.get(s.general()))
		if len(said) != len(want)+1 || !strings.Contains(said["TLP:RED"], "only you and whom you name") {
			t.Errorf("%s is told %q", email, said)
		}
		counted := map[audience.Count]bool{}
		count := func(level tlp.Level, named ...string) (n audience.Count) {
			s.write(func(tx *db.Tx) (err error) {
				n, err = talk.CountReach(tx, a, talk.GeneralID(s.c.ID), level, named)
				return err
			})
			return n
		}
		for _, level := range want {
			n := count(level)
			counted[n] = true
			if words := look.Plural(n.People, "person", "people") + " in " + look.Plural(n.Orgs, "organization", "organizations"); !strings.Contains(said[level.String()], words) {
				t.Errorf("%s at %s: the page says %q, the rule %q", email, level, said[level.String()], words)
			}
		}
		if len(want) > 1 && len(counted) < 2 {
			t.Errorf("all markings reach the same: %v", counted)
		}
		// In a form that was refused the readers named so far are counted.
		p := b.compose(s.general(), map[string]string{"body": "", "marking": "TLP:RED", "named": vic, "key": "k"})
		words := fmt.Sprintf("%d people: only you and whom you name", count(tlp.Red, vic).People)
		if got := seers(p)["TLP:RED"]; p.status < 400 || p.status >= 500 || !strings.Contains(got, words) {
			t.Errorf("%s names one reader: %d %q, want %q", email, p.status, got, words)
		}
	}
}
