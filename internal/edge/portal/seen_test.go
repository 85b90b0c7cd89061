package portal_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/talk"
)

// tell turns what happened so far into notices.
func (s *site) tell() {
	s.t.Helper()
	c := &delivery.Courier{Box: s.house.Box, Sealer: s.house.Sealer}
	if _, err := c.Subscriber().Drain(s.t.Context(), s.house.DB); err != nil {
		s.t.Fatal(err)
	}
}

// unread are the kinds of somebody's unread notices in alphabetical order.
func (s *site) unread(email string) string {
	s.t.Helper()
	a := s.actor(email)
	var out []string
	s.write(func(tx *db.Tx) error {
		p, err := delivery.Inbox(tx, a, delivery.Filter{Unread: true, Limit: 200})
		for _, n := range p.Notices {
			out = append(out, n.Kind)
		}
		return err
	})
	slices.Sort(out)
	return strings.Join(out, " ")
}

// TestAPageMarksWhatItShows visits the pages of a case one by one: each marks
// the notices that it answers, for its visitor alone, and no other.
func TestAPageMarksWhatItShows(t *testing.T) {
	s := newTalk(t)
	s.tell()
	s.write(func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM notice`); return err })
	ada := s.actor("ada@alliance.example")
	var adv advisory.Advisory
	s.write(func(tx *db.Tx) (err error) {
		if _, err = casework.EditCase(tx, ada, s.c.ID, casework.Edit{Title: "Another title", Summary: s.c.Summary, Level: s.c.Level, Version: s.c.Version}); err != nil {
			return err
		}
		if _, err = embargo.Propose(tx, ada, s.c.ID, embargo.Offer{Ends: tx.Now.Add(20 * 24 * time.Hour), Reason: "long enough"}); err != nil {
			return err
		}
		adv, err = advisory.Draft(tx, ada, s.c.ID)
		return err
	})
	s.say("ada@alliance.example", s.general(), talk.Draft{Body: "to all"})
	s.say("ada@alliance.example", s.private(s.v), talk.Draft{Body: "to Vexel"})
	s.tell()
	all := "advisory.drafted case.edited embargo.proposed message.posted"
	if got := s.unread("willem@wharf.example"); got != all {
		t.Fatalf("Willem begins with %q", got)
	}
	all += " message.posted" // her private thread
	vera := s.as("vera@vexel.example")
	path := casework.Path(s.c.Number)
	for _, step := range []struct{ path, want string }{
		{path + "/who", all},
		{path + "/timeline", all},
		{"/cases", all},
		{path + "/advisory", all}, // leads to the draft
		{path, "advisory.drafted embargo.proposed message.posted message.posted"},
		{path, "advisory.drafted embargo.proposed message.posted message.posted"},
		{s.private(s.v) + "/readers", "advisory.drafted embargo.proposed message.posted message.posted"},
		{s.private(s.v), "advisory.drafted embargo.proposed message.posted"},
		{path + "/timetable", "advisory.drafted message.posted"},
		{path + "/advisory/" + adv.Number, "message.posted"},
		{s.general(), ""},
	} {
		if p := vera.get(step.path); p.status != 200 && p.status != 303 {
			t.Errorf("%s answers %d", step.path, p.status)
		}
		if got := s.unread("vera@vexel.example"); got != step.want {
			t.Errorf("after %s: %q, want %q", step.path, got, step.want)
		}
	}
	if got := s.unread("willem@wharf.example"); got != "advisory.drafted case.edited embargo.proposed message.posted" {
		t.Errorf("Willem has now %q", got)
	}
	s.nothingIsWritten(vera, path, path+"/timetable", path+"/advisory/"+adv.Number, s.general())
}

// nothingIsWritten visits pages that have nothing to mark.
func (s *talking) nothingIsWritten(b *browser, paths ...string) {
	s.t.Helper()
	s.say("ada@alliance.example", s.private(s.v), talk.Draft{Body: "one more, elsewhere"})
	s.tell()
	changes := func() (n int) {
		if err := s.house.DB.Handle().QueryRow(`SELECT total_changes()`).Scan(&n); err != nil {
			s.t.Fatal(err)
		}
		return n
	}
	for _, path := range paths {
		b.get(path) // a look at a case that says more than the one before is noted
		before := changes()
		b.get(path)
		if after := changes(); after != before {
			s.t.Errorf("%s wrote %d rows with nothing to mark", path, after-before)
		}
	}
	before := changes()
	if b.get(s.private(s.v)); changes() == before {
		s.t.Error("a page with a notice to mark wrote nothing, so the count says nothing")
	}
}

// TestAPartOfAThreadMarksItsPart opens a thread of more messages than a page
// holds: what lies beyond the page stays unread.
func TestAPartOfAThreadMarksItsPart(t *testing.T) {
	s := newTalk(t)
	s.tell()
	s.write(func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM notice`); return err })
	var last talk.Message
	for range 40 {
		s.clock.Advance(time.Second)
		last = s.say("ada@alliance.example", s.general(), talk.Draft{Body: "one of many"})
	}
	s.tell()
	vera := s.as("vera@vexel.example")
	vera.get(s.general())
	if got := len(strings.Fields(s.unread("vera@vexel.example"))); got != 10 {
		t.Errorf("%d notices are unread after a page of 30 of 40", got)
	}
	vera.get(s.general() + "?at=" + last.ID)
	if got := s.unread("vera@vexel.example"); got != "" {
		t.Errorf("after the end of the thread: %q", got)
	}
}
