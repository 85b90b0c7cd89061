package advisory_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/casework/casetest"
	"tocsin/internal/response/matrix"
	"tocsin/spec/csaf"
	"tocsin/spec/mpcvd"
	"tocsin/spec/tlp"
	"tocsin/spec/vex"
)

// desk is a case with two vendors' statuses, Wharf hidden from the others, and
// two more coordinators.
type desk struct {
	*casetest.Scene
	t          *testing.T
	clock      *clock.Fake
	press      advisory.Press
	Cora, Dora audience.Actor
	vuln       matrix.Vulnerability
}

func newDesk(t *testing.T, d *db.DB, c *clock.Fake) *desk {
	s := &desk{Scene: casetest.New(t, d).Accept(t), t: t, clock: c}
	s.press = advisory.Press{Sealer: s.Sealer, URL: "https://alliance.example"}
	s.Cora, s.Dora = casetest.Actor(t, d, "p_cora", "", casework.CoordinatorOffice), casetest.Actor(t, d, "p_dora", "", casework.CoordinatorOffice)
	casetest.Must(t, d, func(tx *db.Tx) (err error) {
		s.vuln, err = matrix.AddVulnerability(tx, s.Ada, s.Case.ID, matrix.Vulnerability{Title: "Overflow", Description: "A length is trusted.", CVE: "CVE-2026-12345", CWE: "CWE-787",
			CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", CVSS40: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
			References: []string{"https://libexample.example/1"}, Credits: []string{"Finn Finder"}})
		if err != nil {
			return err
		}
		r, err := matrix.PutProduct(tx, s.Vera, s.Case.ID, matrix.Product{Participant: s.V.ID, Name: "Vexel Router", PURL: "pkg:generic/vexel-router@2.0", CPE: "not a cpe"})
		if err != nil {
			return err
		}
		if _, err := matrix.SetStatus(tx, s.Vera, s.Case.ID, matrix.Status{Participant: s.V.ID, Vulnerability: s.vuln.ID, Product: r.ID, Status: vex.Affected, Affected: []string{"< 2.4", "2.3.1"}, Fixed: []string{"2.4"}, Statement: "Update soon."}); err != nil {
			return err
		}
		if _, err := matrix.SetStatus(tx, s.Willem, s.Case.ID, matrix.Status{Participant: s.W.ID, Vulnerability: s.vuln.ID, Status: vex.NotAffected, Justification: vex.CodeNotPresent, Statement: "Wharf never ships it."}); err != nil {
			return err
		}
		return casework.Hide(tx, s.Ada, s.Case.ID, s.W.ID, "unannounced product", true)
	})
	return s
}

func (s *desk) do(f func(*db.Tx) error) { s.t.Helper(); casetest.Must(s.t, s.DB, f) }

func (s *desk) try(f func(*db.Tx) error) error { return casetest.Try(s.DB, f) }

// approved drafts, submits and approves an advisory.
func (s *desk) approved() advisory.Advisory {
	s.t.Helper()
	var v advisory.Advisory
	s.do(func(tx *db.Tx) (err error) {
		if v, err = advisory.Draft(tx, s.Ada, s.Case.ID); err != nil {
			return err
		}
		if _, err = advisory.Submit(tx, s.Ada, v.ID, 1); err != nil {
			return err
		}
		v, err = advisory.Approve(tx, s.Cora, v.ID, 1)
		return err
	})
	return v
}

func (s *desk) schedule(v advisory.Advisory, at time.Time, note string) advisory.Advisory {
	s.t.Helper()
	s.do(func(tx *db.Tx) (err error) {
		v, err = s.press.Schedule(tx, s.Ada, v.ID, advisory.Plan{Version: v.Version, At: at, Note: note})
		return err
	})
	return v
}

func (s *desk) tick() {
	s.t.Helper()
	s.do(func(tx *db.Tx) error { _, err := s.press.Tick(tx); return err })
}

// seen counts on how many surfaces somebody finds the advisory.
func (s *desk) seen(a audience.Actor, v advisory.Advisory) map[string]bool {
	s.t.Helper()
	out := map[string]bool{}
	note := func(name string, found bool, err error) {
		s.t.Helper()
		if err != nil && !errs.Is(err, errs.NotFound) {
			s.t.Fatalf("%s: %v", name, err)
		}
		out[name] = found && err == nil
	}
	s.do(func(tx *db.Tx) error {
		docs, err := advisory.Documents(tx, a, "WHITE")
		note("feed", len(docs) == 1, err)
		_, err = advisory.File(tx, a, "WHITE", "", 2026, strings.ToLower(v.Number)+".json")
		note("file", true, err)
		_, err = advisory.Page(tx, a, v.Number)
		note("page", true, err)
		_, err = advisory.PublicCase(tx, s.Case.Number)
		note("case", true, err)
		l, err := advisory.Published(tx, a, advisory.Filter{})
		note("list", l.Total == 1 && len(l.Documents) == 1, err)
		feed, err := advisory.Atom(tx, "https://alliance.example")
		note("atom", len(feed.Entries) == 1, err)
		hits, err := search.Find(tx, a, search.Query{Text: "overflow", Kind: "advisory"})
		note("search", hits.Total == 1, err)
		_, err = advisory.History(tx, a, v.Number)
		note("history", true, err)
		_, err = advisory.Revision(tx, a, v.Document)
		note("revision", true, err)
		return nil
	})
	return out
}

func all(m map[string]bool, want bool) bool {
	for _, v := range m {
		if v != want {
			return false
		}
	}
	return len(m) > 0
}

func TestEverythingAppearsAtItsInstant(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newDesk(t, d, c)
		at := c.Now().Add(48 * time.Hour)
		v := s.schedule(s.approved(), at, "")
		c.Set(at.Add(-time.Microsecond))
		for _, a := range []audience.Actor{{}, s.Otto} {
			if seen := s.seen(a, v); !all(seen, false) {
				t.Errorf("a microsecond before, %q sees %v", a.Person, seen)
			}
		}
		s.tick()
		c.Set(at)
		for _, a := range []audience.Actor{{}, s.Otto, s.Vera} {
			if seen := s.seen(a, v); !all(seen, true) {
				t.Errorf("at the instant, %q sees %v", a.Person, seen)
			}
		}
		s.do(func(tx *db.Tx) error {
			p, err := advisory.Page(tx, audience.Actor{}, v.Number)
			if err != nil {
				return err
			}
			s.published(tx, p)
			feed, err := advisory.Atom(tx, "https://alliance.example")
			if err != nil {
				return err
			}
			b, err := feed.Marshal()
			if err != nil || xml.Unmarshal(b, new(advisory.AtomFeed)) != nil {
				t.Errorf("the Atom feed cannot be read: %v", err)
			}
			return nil
		})
		// What happened is recorded once, however often one looks.
		s.tick()
		s.tick()
		s.do(func(tx *db.Tx) error {
			events, err := ledger.List(tx, s.Ada, ledger.Query{Object: ledger.Object{Kind: "advisory", ID: v.ID}, After: -1})
			n := 0
			for _, e := range events {
				if e.Kind == advisory.Released {
					n++
				}
			}
			now, err2 := casework.ByID(tx, s.Case.ID)
			if n != 1 || err != nil || err2 != nil || !now.Public.Has(mpcvd.EventPublic) {
				t.Errorf("released %d times, public state %s: %v %v", n, now.Public, err, err2)
			}
			return nil
		})
		verify(t, d, s.Sealer)
	})
}

// published holds the released document against the standard and the case.
func (s *desk) published(tx *db.Tx, p advisory.PageData) {
	s.t.Helper()
	body, err := advisory.Bytes(tx, p.Document)
	if err != nil {
		s.t.Fatal(err)
	}
	doc, err := csaf.Parse(body)
	if err != nil {
		s.t.Fatal(err)
	}
	if f := csaf.CheckMandatory(doc); len(f) > 0 {
		s.t.Errorf("mandatory tests: %v", f)
	}
	officialSchema(s.t, body)
	text := string(body)
	for _, hidden := range []string{"Wharf", "unannounced", "org_w", s.W.ID} {
		if strings.Contains(text, hidden) {
			s.t.Errorf("the document tells of a hidden vendor: %q", hidden)
		}
	}
	for _, want := range []string{"Vexel Router", "Update soon.", "Finn Finder", "CVE-2026-12345", "CVSS:3.1/", "CVSS:4.0/", "vendor_fix", "https://libexample.example/1", s.Case.Number, "pkg:generic/vexel-router", `"label": "WHITE"`} {
		if !strings.Contains(text, want) {
			s.t.Errorf("the document lacks %q:\n%s", want, text)
		}
	}
	if len(p.Facts.Vendors) != 1 || p.Facts.Vendors[0].Overall != vex.Affected || p.Facts.Score != 9.8 {
		s.t.Errorf("facts: %+v", p.Facts)
	}
}

func TestFourEyesAndTheTextSeen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newDesk(t, d, c)
		var v advisory.Advisory
		s.do(func(tx *db.Tx) (err error) { v, err = advisory.Draft(tx, s.Ada, s.Case.ID); return err })
		text := must(t, d, func(tx *db.Tx) (advisory.Version, error) { return advisory.ReadVersion(tx, s.Ada, v.ID, 0) }).Content
		if text.Title != s.Case.Title || len(text.Vulnerabilities) != 1 || len(text.Credits) != 1 || len(text.References) != 1 || len(text.Sections) < 2 {
			t.Errorf("the draft is not filled in: %+v", text)
		}
		text.Summary = "Edited by a vendor."
		edit := func(a audience.Actor, seen int64) error {
			return s.try(func(tx *db.Tx) error { _, err := advisory.Edit(tx, a, v.ID, seen, text, "wording"); return err })
		}
		if err := edit(s.Otto, 1); !errs.Is(err, errs.NotFound) {
			t.Errorf("an outsider edits: %v", err)
		}
		if err := edit(s.Vera, 1); err != nil {
			t.Fatal(err)
		}
		err := edit(s.Willem, 1)
		if !errs.Is(err, errs.Stale) || err.(*errs.Error).Theirs == nil || err.(*errs.Error).Yours == nil {
			t.Errorf("an edit of an older text: %v", err)
		}
		approve := func(a audience.Actor, seen int64) error {
			return s.try(func(tx *db.Tx) error { _, err := advisory.Approve(tx, a, v.ID, seen); return err })
		}
		if err := approve(s.Cora, 2); !errs.Is(err, errs.Conflict) {
			t.Errorf("approval of a draft: %v", err)
		}
		s.do(func(tx *db.Tx) error { _, err := advisory.Submit(tx, s.Vera, v.ID, 2); return err })
		for who, want := range map[*audience.Actor]errs.Kind{&s.Ada: errs.Denied, &s.Vera: errs.Denied, &s.Otto: errs.NotFound} {
			if err := approve(*who, 2); !errs.Is(err, want) {
				t.Errorf("%s approves: %v", who.Name, err)
			}
		}
		if err := approve(s.Cora, 1); !errs.Is(err, errs.Stale) {
			t.Errorf("approval of an older text: %v", err)
		}
		reader := s.Cora
		reader.Token, reader.Scopes = "tok", []string{"coordinate"}
		if err := approve(reader, 2); !errs.Is(err, errs.Denied) {
			t.Errorf("a token without release approves: %v", err)
		}
		// Two at once: one approves.
		var wg sync.WaitGroup
		results := make([]error, 2)
		for i, a := range []audience.Actor{s.Cora, s.Dora} {
			wg.Go(func() { results[i] = approve(a, 2) })
		}
		wg.Wait()
		if (results[0] == nil) == (results[1] == nil) {
			t.Errorf("two approve at once: %v, %v", results[0], results[1])
		}
		// A change drops the approval, and a prepared release with it.
		s.schedule(advisory.Advisory{ID: v.ID, Version: 2}, c.Now().Add(time.Hour), "")
		if err := edit(s.Ada, 2); err != nil {
			t.Fatal(err)
		}
		v = must(t, d, func(tx *db.Tx) (advisory.Advisory, error) { v, _, err := advisory.Load(tx, s.Ada, v.ID); return v, err })
		if v.State != advisory.StateDraft || v.ApprovedVersion != 0 || v.Document != "" || !v.ReleaseAt.IsZero() {
			t.Errorf("after a change: %+v", v)
		}
		c.Advance(2 * time.Hour)
		if seen := s.seen(audience.Actor{}, v); !all(seen, false) {
			t.Errorf("a release whose text was changed comes out: %v", seen)
		}
		if err := s.try(func(tx *db.Tx) error {
			_, err := s.press.Schedule(tx, s.Ada, v.ID, advisory.Plan{Version: 3, At: tx.Now})
			return err
		}); !errs.Is(err, errs.Conflict) {
			t.Errorf("a draft is released: %v", err)
		}
		verify(t, d, s.Sealer)
	})
}

func TestRevisionsKeepWhatWasBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newDesk(t, d, c)
		v := s.schedule(s.approved(), c.Now(), "")
		if v.State != advisory.StateReleased || v.Revision != 1 {
			t.Fatalf("release now: %+v", v)
		}
		first := must(t, d, func(tx *db.Tx) (advisory.PageData, error) { return advisory.Page(tx, audience.Actor{}, v.Number) })
		c.Advance(24 * time.Hour)
		text := must(t, d, func(tx *db.Tx) (advisory.Version, error) { return advisory.ReadVersion(tx, s.Ada, v.ID, 0) }).Content
		text.Summary = "More is known."
		s.do(func(tx *db.Tx) (err error) {
			if _, err = advisory.Edit(tx, s.Cora, v.ID, 1, text, ""); err != nil {
				return err
			}
			if _, err = advisory.Submit(tx, s.Cora, v.ID, 2); err != nil {
				return err
			}
			v, err = advisory.Approve(tx, s.Ada, v.ID, 2) // she wrote the first text only
			return err
		})
		if err := s.try(func(tx *db.Tx) error {
			_, err := s.press.Schedule(tx, s.Ada, v.ID, advisory.Plan{Version: 2, At: tx.Now.Add(time.Hour)})
			return err
		}); !errs.Is(err, errs.Invalid) {
			t.Errorf("a revision without a word on what changes: %v", err)
		}
		at := c.Now().Add(time.Hour)
		v = s.schedule(v, at, "More is known.")
		c.Set(at.Add(-time.Microsecond))
		show := func() advisory.PageData {
			return must(t, d, func(tx *db.Tx) (advisory.PageData, error) { return advisory.Page(tx, audience.Actor{}, v.Number) })
		}
		if p := show(); p.ID != first.ID || len(p.Revisions) != 1 || !all(s.seen(audience.Actor{}, advisory.Advisory{Number: v.Number, Document: first.ID}), true) {
			t.Errorf("before its instant the next revision shows: %+v", p.Document)
		}
		c.Set(at)
		p := show()
		if p.ID == first.ID || p.Document.Revision != "2" || len(p.Revisions) != 2 || p.CSAF.Document.Tracking.InitialReleaseDate != first.Initial || p.Path() != first.Path() {
			t.Errorf("at its instant: %+v", p.Document)
		}
		officialSchema(t, must(t, d, func(tx *db.Tx) ([]byte, error) { return advisory.Bytes(tx, p.Document) }))
		s.tick()
		if seen := s.seen(audience.Actor{}, advisory.Advisory{Number: v.Number, Document: p.ID}); !all(seen, true) {
			t.Errorf("after the second release: %v", seen)
		}
		s.do(func(tx *db.Tx) error {
			old, err := advisory.Revision(tx, audience.Actor{}, first.ID)
			if err != nil {
				return err
			}
			body, err := advisory.Bytes(tx, old)
			if err != nil || !bytes.Contains(body, []byte("A length is not checked.")) {
				t.Errorf("the first revision's bytes are gone: %v", err)
			}
			_, err = advisory.Withdraw(tx, s.Ada, v.ID, "It was about another product.")
			return err
		})
		err := s.try(func(tx *db.Tx) error { _, err := advisory.Page(tx, audience.Actor{}, v.Number); return err })
		if !errs.Is(err, errs.Gone) || !strings.Contains(err.Error(), "another product") {
			t.Errorf("a withdrawn page: %v", err)
		}
		verify(t, d, s.Sealer)
	})
}

func TestReleaseFollowsTheEmbargo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newDesk(t, d, c)
		embargo := func(state string, ends time.Time) {
			s.do(func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE cases SET embargo_state = $1, embargo_ends_at = $2 WHERE id = $3`, state, db.Micros(ends), s.Case.ID)
				return err
			})
		}
		end := c.Now().Add(72 * time.Hour)
		embargo("active", end)
		v := s.approved()
		for _, at := range []time.Time{c.Now(), end.Add(-time.Microsecond)} {
			if err := s.try(func(tx *db.Tx) error {
				_, err := s.press.Schedule(tx, s.Ada, v.ID, advisory.Plan{Version: 1, At: at})
				return err
			}); !errs.Is(err, errs.Conflict) {
				t.Errorf("a release under embargo: %v", err)
			}
		}
		v = s.schedule(v, time.Time{}, "")
		if !v.Follows || !v.ReleaseAt.Equal(end) {
			t.Fatalf("it does not follow the embargo: %+v", v)
		}
		later := end.Add(24 * time.Hour)
		embargo("active", later)
		s.tick()
		c.Set(end)
		if seen := s.seen(audience.Actor{}, v); !all(seen, false) {
			t.Errorf("it comes out at an end that moved: %v", seen)
		}
		c.Advance(time.Hour)
		embargo("exited", c.Now())
		s.tick()
		v = must(t, d, func(tx *db.Tx) (advisory.Advisory, error) { v, _, err := advisory.Load(tx, s.Ada, v.ID); return v, err })
		if seen := s.seen(audience.Actor{}, v); v.State != advisory.StateReleased || !v.ReleasedAt.Equal(c.Now()) || !all(seen, true) {
			t.Errorf("after the embargo was ended: %+v %v", v, seen)
		}
		p := must(t, d, func(tx *db.Tx) (advisory.PageData, error) { return advisory.Page(tx, audience.Actor{}, v.Number) })
		if !p.CurrentAt.Equal(c.Now()) {
			t.Errorf("the document is dated %s", p.Current)
		}
	})
}

func TestWhatChangesAfterPreparation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newDesk(t, d, c)
		s.do(func(tx *db.Tx) error { return casework.Hide(tx, s.Ada, s.Case.ID, s.W.ID, "announced", false) })
		at := c.Now().Add(48 * time.Hour)
		v := s.schedule(s.approved(), at, "")
		stale := func() bool {
			return must(t, d, func(tx *db.Tx) (bool, error) {
				v, _, err := advisory.Load(tx, s.Ada, v.ID)
				if err != nil {
					return false, err
				}
				return s.press.Stale(tx, v)
			})
		}
		if stale() {
			t.Error("it is stale as soon as it is prepared")
		}
		c.Advance(time.Hour)
		s.do(func(tx *db.Tx) error {
			_, err := matrix.SetStatus(tx, s.Willem, s.Case.ID, matrix.Status{Participant: s.W.ID, Vulnerability: s.vuln.ID, Status: vex.Fixed, Fixed: []string{"7"}, Version: 1})
			return err
		})
		if !stale() {
			t.Error("a changed status does not make it stale")
		}
		v = s.schedule(v, at, "")
		if stale() {
			t.Error("prepared again, it is still stale")
		}
		c.Advance(time.Hour)
		due := func() bool {
			return !must(t, d, func(tx *db.Tx) (time.Time, error) { return advisory.Next(tx) }).After(c.Now())
		}
		s.do(func(tx *db.Tx) error { return casework.Hide(tx, s.Ada, s.Case.ID, s.W.ID, "not after all", true) })
		if !due() {
			t.Error("a party was hidden, and the clock's work is not due")
		}
		c.Advance(time.Second)
		if s.tick(); due() {
			t.Error("the clock's work stays due")
		}
		c.Set(at)
		s.do(func(tx *db.Tx) error {
			p, err := advisory.Page(tx, audience.Actor{}, v.Number)
			if err != nil {
				return err
			}
			s.published(tx, p)
			return nil
		})
		verify(t, d, s.Sealer)
	})
}

func TestOtherMarkingsReachTheirAudience(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newDesk(t, d, c)
		v := s.approved()
		s.do(func(tx *db.Tx) (err error) {
			v, err = s.press.Schedule(tx, s.Ada, v.ID, advisory.Plan{Version: 1, At: tx.Now.Add(time.Hour), Level: tlp.AmberStrict})
			return err
		})
		find := func(a audience.Actor) bool {
			err := s.try(func(tx *db.Tx) error {
				_, err := advisory.File(tx, a, "AMBER", "", 2026, strings.ToLower(v.Number)+".json")
				if err == nil {
					_, err = advisory.Page(tx, a, v.Number)
				}
				return err
			})
			if err != nil && !errs.Is(err, errs.NotFound) {
				t.Fatal(err)
			}
			return err == nil
		}
		if find(s.Vera) || find(s.Ada) {
			t.Error("it is there before its instant")
		}
		c.Advance(time.Hour)
		s.tick()
		if !find(s.Vera) || !find(s.Ada) || find(s.Otto) || find(audience.Actor{}) {
			t.Errorf("found by vendor, coordinator, outsider, anybody: %v %v %v %v", find(s.Vera), find(s.Ada), find(s.Otto), find(audience.Actor{}))
		}
		now := must(t, d, func(tx *db.Tx) (casework.Case, error) { return casework.ByID(tx, s.Case.ID) })
		if now.Public.Has(mpcvd.EventPublic) {
			t.Error("a restricted advisory makes the case public")
		}
		verify(t, d, s.Sealer)
	})
}

func TestRefusesWhatTheStandardRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newDesk(t, d, c)
		s.do(func(tx *db.Tx) error {
			_, err := matrix.AddVulnerability(tx, s.Ada, s.Case.ID, matrix.Vulnerability{Title: "Nobody said a word on this"})
			return err
		})
		v := s.approved()
		err := s.try(func(tx *db.Tx) error {
			_, err := s.press.Schedule(tx, s.Ada, v.ID, advisory.Plan{Version: 1, At: tx.Now})
			return err
		})
		if !errs.Is(err, errs.Invalid) || len(err.(*errs.Error).Fields) == 0 {
			t.Errorf("a vulnerability without a status is published: %v", err)
		}
		for name, plan := range map[string]advisory.Plan{"past": {Version: 1, At: c.Now().Add(-time.Microsecond)}, "far": {Version: 1, At: c.Now().AddDate(3, 0, 0)}, "no embargo": {Version: 1},
			"program": {Version: 1, At: c.Now(), Program: "x"}, "no program": {Version: 1, At: c.Now(), Program: "x", Level: tlp.Green}} {
			err := s.try(func(tx *db.Tx) error { _, err := s.press.Schedule(tx, s.Ada, v.ID, plan); return err })
			if !errs.Is(err, errs.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		verify(t, d, s.Sealer)
	})
}

func TestOnlyCoordinatorsLeaveAPartyOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newDesk(t, d, c)
		s.do(func(tx *db.Tx) error { return casework.Hide(tx, s.Ada, s.Case.ID, s.W.ID, "announced", false) })
		var v advisory.Advisory
		s.do(func(tx *db.Tx) (err error) { v, err = advisory.Draft(tx, s.Ada, s.Case.ID); return err })
		text := must(t, d, func(tx *db.Tx) (advisory.Version, error) { return advisory.ReadVersion(tx, s.Ada, v.ID, 0) }).Content
		text.Exclusions = []advisory.Exclusion{{Participant: s.W.ID, Reason: "Wharf asks for it."}}
		edit := func(a audience.Actor, seen int64, text advisory.Content) error {
			return s.try(func(tx *db.Tx) error { _, err := advisory.Edit(tx, a, v.ID, seen, text, ""); return err })
		}
		if err := edit(s.Vera, 1, text); !errs.Is(err, errs.Denied) {
			t.Errorf("a vendor leaves its competitor out: %v", err)
		}
		if err := edit(s.Ada, 1, text); err != nil {
			t.Fatal(err)
		}
		s.do(func(tx *db.Tx) error { return casework.Hide(tx, s.Ada, s.Case.ID, s.W.ID, "hidden after all", true) })
		read := func(a audience.Actor) advisory.Content {
			return must(t, d, func(tx *db.Tx) (advisory.Version, error) { return advisory.ReadVersion(tx, a, v.ID, 0) }).Content
		}
		if got := read(s.Ada).Exclusions[0]; got.Name != "Wharf Networks" || got.Reason != "Wharf asks for it." {
			t.Errorf("the coordinator reads %+v", got)
		}
		hers := read(s.Vera)
		if strings.Contains(hers.Text(), "Wharf") {
			t.Errorf("a vendor reads of a hidden one: %s", hers.Text())
		}
		hers.Summary = "Better words."
		if err := edit(s.Vera, 2, hers); err != nil {
			t.Fatal(err)
		}
		if got := read(s.Ada); got.Exclusions[0].Reason != "Wharf asks for it." || got.Summary != "Better words." {
			t.Errorf("her edit lost what she could not read: %+v", got)
		}
		err := edit(s.Vera, 1, hers)
		if e, ok := err.(*errs.Error); !ok || e.Kind != errs.Stale || strings.Contains(e.Theirs.(advisory.Version).Content.Text(), "Wharf") {
			t.Errorf("the refusal tells of a hidden vendor: %v", err)
		}
		s.do(func(tx *db.Tx) (err error) {
			if _, err = advisory.Submit(tx, s.Ada, v.ID, 3); err != nil {
				return err
			}
			_, err = advisory.Approve(tx, s.Cora, v.ID, 3)
			return err
		})
		if err := edit(s.Vera, 3, hers); !errs.Is(err, errs.Denied) {
			t.Errorf("a vendor undoes an approval: %v", err)
		}
		s.do(func(tx *db.Tx) error {
			for a, want := range map[*audience.Actor]int{&s.Vera: 1, &s.Otto: 0} {
				hits, err := search.Find(tx, *a, search.Query{Text: "better words", Kind: "draft"})
				if err != nil || hits.Total != want {
					t.Errorf("%s finds the draft %d times: %v", a.Name, hits.Total, err)
				}
			}
			list, err := advisory.InWork(tx, s.Vera, 10)
			if err != nil || len(list) != 1 {
				t.Errorf("in work: %d, %v", len(list), err)
			}
			m, err := advisory.AddComment(tx, s.Vera, v.ID, "Timeline", "Is the date right?")
			if err != nil {
				return err
			}
			return advisory.SettleComment(tx, s.Ada, v.ID, m.ID)
		})
		if err := s.try(func(tx *db.Tx) error { _, err := advisory.Comments(tx, s.Otto, v.ID); return err }); !errs.Is(err, errs.NotFound) {
			t.Errorf("an outsider reads comments: %v", err)
		}
		verify(t, d, s.Sealer)
	})
}
