package report_test

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/casework/casetest"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/matrix"
	"tocsin/internal/response/report"
	"tocsin/spec/mpcvd"
	"tocsin/spec/tlp"
)

func TestMergeCarriesFinderAndDate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		s.Accept(t)
		agreed := c.Now().Add(40 * 24 * time.Hour)
		s.must(func(tx *db.Tx) error {
			p, err := embargo.Propose(tx, s.Ada, s.Case.ID, embargo.Offer{Ends: agreed, Reason: "fixes need it"})
			if err != nil {
				return err
			}
			_, err = embargo.Decide(tx, s.Ada, p.ID, true, "nobody objects")
			return err
		})
		merge := func(planned time.Time, n string) (report.Report, audience.Actor) {
			in := sample()
			in.PlannedAt, in.Title, in.Credit, in.Anonymous = planned, "Same flaw "+n, "Name "+n, n == "b"
			rec, finder := s.submit(audience.Actor{}, in)
			v := s.validate(rec.ID).Version
			s.must(func(tx *db.Tx) error {
				_, err := s.MergeInto(tx, s.Ada, rec.ID, report.Merge{Case: s.Case.Number, Reason: "the same flaw", Version: v})
				return err
			})
			return s.load(s.Ada, rec.ID), finder
		}
		open := func() (n int) {
			s.must(func(tx *db.Tx) (err error) {
				n, err = db.Value[int](tx, `SELECT COUNT(*) FROM embargo_proposal WHERE state = 'open'`)
				return err
			})
			return n
		}
		late, _ := merge(agreed.Add(time.Hour), "a")
		if open() != 0 || late.PlannedNote != "" || late.Outcome != report.Merged || late.Case != s.Case.ID {
			t.Errorf("a later date: %d proposals, %+v", open(), late)
		}
		early, finder := merge(agreed.Add(-10*24*time.Hour), "b")
		if open() != 1 || early.PlannedNote != "" {
			t.Errorf("an earlier date: %d proposals, %+v", open(), early)
		}
		same, _ := merge(agreed.Add(-10*24*time.Hour), "c")
		if open() != 1 || same.PlannedNote == "" {
			t.Errorf("the same date again: %d proposals, %+v", open(), same)
		}
		s.must(func(tx *db.Tx) error {
			st, err := s.Follow(tx, finder, "")
			if !st.AgreedAt.Equal(agreed) || st.Standing.Code != "coordinated" {
				t.Errorf("the finder sees %+v", st)
			}
			owes, err2 := report.Owed(tx, s.Ada)
			dates := 0
			for _, o := range owes {
				if o.Kind == report.OwedDate {
					dates++
				}
			}
			if dates != 1 {
				t.Errorf("the coordinator owes %+v", owes)
			}
			_, err3 := report.SettleDate(tx, s.Ada, same.ID, "they agree with ours", same.Version)
			names, err4 := casework.Participants(tx, s.Vera, s.Case.ID)
			for _, p := range names {
				if strings.Contains(p.Name, "Name b") || strings.Contains(p.Name, contact) {
					t.Errorf("a vendor reads the anonymous finder's name: %+v", p)
				}
			}
			return firstError(err, err2, err3, err4)
		})
		s.want(errs.Conflict, "merged twice", func(tx *db.Tx) error {
			_, err := s.MergeInto(tx, s.Ada, late.ID, report.Merge{Case: s.Case.ID, Reason: "again", Version: late.Version})
			return err
		})
		s.verify()
	})
}

func TestNobodyElseLearnsOfAReport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		s.Accept(t)
		rec, finder := s.submit(audience.Actor{}, sample())
		_, stranger := s.submit(audience.Actor{}, report.New{Title: "Other", Description: "Other words entirely", Product: "Switch"})
		r := s.validate(rec.ID)
		s.must(func(tx *db.Tx) error {
			_, err := s.MergeInto(tx, s.Ada, rec.ID, report.Merge{Case: s.Case.ID, Reason: "the same flaw as " + contact + " said", Version: r.Version})
			return err
		})
		s.must(func(tx *db.Tx) error { _, err := s.Add(tx, finder, "", "call "+contact, true); return err })
		for name, who := range map[string]audience.Actor{"vendor": s.Vera, "outsider": s.Otto, "visitor": {}, "another finder": stranger} {
			s.want(errs.NotFound, name, func(tx *db.Tx) error { _, _, err := s.Read(tx, who, rec.Number); return err })
			s.want(errs.NotFound, name+" talk", func(tx *db.Tx) error { _, err := s.Messages(tx, who, rec.ID); return err })
			s.want(errs.NotFound, name+" files", func(tx *db.Tx) error { _, err := report.Files(tx, who, rec.ID); return err })
			s.want(errs.NotFound, name+" moves", func(tx *db.Tx) error {
				_, err := s.Move(tx, who, rec.ID, report.Decision{Verb: mpcvd.RMClose, Reason: "x", Version: 1})
				return err
			})
			s.must(func(tx *db.Tx) error {
				page, err := search.Find(tx, who, search.Query{Text: "frame parser"})
				if len(page.Hits) != 0 {
					t.Errorf("%s finds %+v", name, page.Hits)
				}
				q, err2 := report.Queue(tx, who, report.Filter{All: true, Duplicates: true})
				if q.Total != 0 || len(q.Rows) != 0 {
					t.Errorf("%s has a queue: %+v", name, q)
				}
				events, err3 := ledger.List(tx, who, ledger.Query{After: -1, Limit: 200})
				for _, e := range events {
					if strings.Contains(string(e.Payload), contact) || strings.Contains(string(e.Payload), rec.Number) && strings.HasPrefix(e.Kind, "report") {
						t.Errorf("%s reads the event %s %s", name, e.Kind, e.Payload)
					}
				}
				return firstError(err, err2, err3)
			})
		}
		s.must(func(tx *db.Tx) error {
			events, err := ledger.List(tx, finder, ledger.Query{After: -1, Limit: 200})
			for _, e := range events {
				if strings.Contains(string(e.Payload), "the same flaw") || strings.Contains(string(e.Payload), s.Case.Number) {
					t.Errorf("the finder reads the event %s %s", e.Kind, e.Payload)
				}
			}
			if len(events) == 0 {
				t.Error("the finder's own events are not shown to the finder")
			}
			return err
		})
		s.want(errs.Denied, "the finder triages", func(tx *db.Tx) error { _, err := report.Take(tx, finder, rec.ID, 1); return err })
		s.want(errs.Denied, "the coordinator answers as the finder", func(tx *db.Tx) error { _, err := s.Add(tx, s.Ada, rec.ID, "x", false); return err })
	})
}

func TestDuplicatesAreSuggestedWithReasons(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		s.must(func(tx *db.Tx) error {
			_, err := matrix.AddVulnerability(tx, s.Ada, s.Case.ID, matrix.Vulnerability{Title: "Overflow", CVE: "CVE-2026-11111"})
			return err
		})
		hidden, err := casework.Case{}, error(nil)
		bob := casetest.Actor(t, d, "p_bob", "org_gov", casework.CoordinatorOffice)
		s.must(func(tx *db.Tx) error {
			hidden, err = casework.OpenCase(tx, s.Ada, casework.NewCase{Title: "libframe parser frame length trusted crash", Level: tlp.AmberStrict, Bars: []string{"vendor"}})
			return err
		})
		s.submit(audience.Actor{}, report.New{Title: "Parser crash", Description: "Sending a frame whose length field lies makes libframe crash; the length is trusted.", Component: "other"})
		s.submit(audience.Actor{}, report.New{Title: "Coffee", Description: "The machine is empty again.", Product: "Kitchen"})
		s.submit(audience.Actor{}, report.New{Title: "Bug", Description: "Short.", PURL: "pkg:generic/libframe@1.0"})
		rec, _ := s.submit(audience.Actor{}, report.New{Title: "Crash in libframe", Description: "A frame with a length that lies is trusted by the parser, sending one makes it crash. CVE-2026-11111", PURL: "pkg:generic/libframe@2.1"})
		var list, bobs []report.Likeness
		s.must(func(tx *db.Tx) (err error) {
			if list, err = s.Duplicates(tx, s.Ada, rec.ID); err != nil {
				return err
			}
			bobs, err = s.Duplicates(tx, bob, rec.ID)
			return err
		})
		said := map[string]string{}
		for _, l := range list {
			said[l.Number] = strings.Join(l.Reasons, "; ")
		}
		if !strings.Contains(said["TR-2026-0001"], "words in common") || !strings.Contains(said["TR-2026-0001"], "length") {
			t.Errorf("similar words: %q", said["TR-2026-0001"])
		}
		if _, ok := said["TR-2026-0002"]; ok {
			t.Error("a report about something else is suggested")
		}
		if !strings.Contains(said["TR-2026-0003"], "the same package pkg:generic/libframe") {
			t.Errorf("same package: %q", said["TR-2026-0003"])
		}
		if !strings.Contains(said[s.Case.Number], "CVE-2026-11111") {
			t.Errorf("same CVE in a case: %q", said[s.Case.Number])
		}
		if !strings.Contains(said[hidden.Number], "words in common") {
			t.Errorf("similar words in a case: %q", said[hidden.Number])
		}
		for _, l := range bobs {
			if l.Number == hidden.Number {
				t.Error("a case is suggested to a coordinator who is shut out of it")
			}
		}
	})
}

func TestTriageFollowsTheTable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		rec, finder := s.submit(s.Otto, sample())
		move := func(verb mpcvd.RMVerb, reason string) error {
			return casetest.Try(d, func(tx *db.Tx) error {
				_, err := s.Move(tx, s.Ada, rec.ID, report.Decision{Verb: verb, Reason: reason, Version: s.version(tx, rec.ID)})
				return err
			})
		}
		for _, step := range []struct {
			verb   mpcvd.RMVerb
			reason string
			kind   errs.Kind
		}{
			{mpcvd.RMReceive, "", errs.Conflict}, {mpcvd.RMAccept, "", errs.Conflict}, {mpcvd.RMClose, "because", errs.Conflict}, {"burn", "", errs.Invalid},
			{mpcvd.RMInvalidate, "", errs.Invalid},
		} {
			if err := move(step.verb, step.reason); !errs.Is(err, step.kind) {
				t.Errorf("%s: %v, want %v", step.verb, err, step.kind)
			}
		}
		if r := s.load(s.Ada, rec.ID); r.State != mpcvd.RMReceived || r.Version != 1 {
			t.Errorf("refused moves changed %+v", r)
		}
		if err := firstError(move(mpcvd.RMInvalidate, "cannot see it"), move(mpcvd.RMValidate, "")); err != nil {
			t.Fatal(err)
		}
		if err := move(mpcvd.RMAccept, ""); !errs.Is(err, errs.Conflict) {
			t.Errorf("accepted without the scope gate: %v", err)
		}
		s.want(errs.Invalid, "a scope without a reason", func(tx *db.Tx) error {
			_, err := report.ScopeGate(tx, s.Ada, rec.ID, true, " ", s.version(tx, rec.ID))
			return err
		})
		s.want(errs.Invalid, "an owner who is no coordinator", func(tx *db.Tx) error {
			_, err := report.Assign(tx, s.Ada, rec.ID, s.Vera.Person, s.version(tx, rec.ID))
			return err
		})
		s.must(func(tx *db.Tx) error {
			_, err := report.ScopeGate(tx, s.Ada, rec.ID, true, "ours", s.version(tx, rec.ID))
			return err
		})
		if err := firstError(move(mpcvd.RMAccept, ""), move(mpcvd.RMDefer, "no time"), move(mpcvd.RMClose, "the product is gone")); err != nil {
			t.Fatal(err)
		}
		if r := s.load(s.Ada, rec.ID); r.Outcome != report.Dismissed || r.Reason != "the product is gone" || r.ClosedAt.IsZero() {
			t.Errorf("closed: %+v", r)
		}
		s.must(func(tx *db.Tx) error {
			st, err := s.Follow(tx, s.Otto, rec.Number) // the account behind it
			if st.Standing.Code != "closed" || st.Report.Reason != "" {
				t.Errorf("the finder sees %+v", st)
			}
			mine, err2 := report.Yours(tx, s.Otto)
			if len(mine) != 1 {
				t.Errorf("the finder's list: %+v", mine)
			}
			return firstError(err, err2)
		})
		s.want(errs.Conflict, "withdrawn after the end", func(tx *db.Tx) error { _, err := s.Withdraw(tx, finder, "", ""); return err })
		s.verify()
	})
}

func TestFinderChangesCreditAndWithdraws(t *testing.T) {
	for state, way := range map[mpcvd.RM][]mpcvd.RMVerb{mpcvd.RMReceived: nil, mpcvd.RMInvalid: {mpcvd.RMInvalidate}, mpcvd.RMValid: {mpcvd.RMValidate},
		mpcvd.RMAccepted: {mpcvd.RMValidate, mpcvd.RMAccept}, mpcvd.RMDeferred: {mpcvd.RMValidate, mpcvd.RMDefer}} {
		t.Run(string(state), func(t *testing.T) {
			d, _ := dbtest.Open(t, db.SQLite)
			s := newScene(t, d)
			rec, finder := s.submit(audience.Actor{}, sample())
			s.must(func(tx *db.Tx) error {
				r, err := s.SetCredit(tx, finder, "", "A\u202elice", false, 1)
				if r.Credit != "Alice" || r.Owner != "" {
					t.Errorf("credit %+v", r)
				}
				return err
			})
			s.want(errs.Stale, "an older version", func(tx *db.Tx) error { _, err := s.SetCredit(tx, finder, "", "Bob", false, 1); return err })
			s.must(func(tx *db.Tx) error {
				if _, err := report.ScopeGate(tx, s.Ada, rec.ID, true, "ours", s.version(tx, rec.ID)); err != nil {
					return err
				}
				for _, verb := range way {
					if _, err := s.Move(tx, s.Ada, rec.ID, report.Decision{Verb: verb, Reason: "so", Version: s.version(tx, rec.ID)}); err != nil {
						return err
					}
				}
				return nil
			})
			s.must(func(tx *db.Tx) error { _, err := s.Withdraw(tx, finder, "", "I was wrong."); return err })
			if r := s.load(s.Ada, rec.ID); r.State != mpcvd.RMClosed || r.Outcome != report.Withdrawn {
				t.Errorf("withdrawn: %+v", r)
			}
			s.want(errs.Conflict, "withdrawn twice", func(tx *db.Tx) error { _, err := s.Withdraw(tx, finder, "", ""); return err })
			s.verify()
		})
	}
}

func TestQueueSortsFiltersAndPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		for i, title := range []string{"Delta", "Alpha", "Charlie", "Bravo", "Echo"} {
			in := report.New{Title: title, Description: "About " + title, Product: "P" + title}
			if i%2 == 0 {
				in.PlannedAt, in.Exploitation = c.Now().Add(time.Duration(10-i)*24*time.Hour), report.Observed
			}
			s.submit(audience.Actor{}, in)
			c.Advance(time.Minute)
		}
		for sort, want := range map[string]string{"age": "Delta Alpha Charlie Bravo Echo", "title": "Alpha Bravo Charlie Delta Echo", "planned": "Echo Charlie Delta", "number": "Delta Alpha Charlie Bravo Echo", "updated": "Delta Alpha Charlie Bravo Echo"} {
			for _, desc := range []bool{false, true} {
				var got []string
				f := report.Filter{Sort: sort, Desc: desc, Limit: 2}
				if sort == "planned" {
					f.Exploitation = report.Observed
				}
				for range 5 {
					s.must(func(tx *db.Tx) error {
						p, err := report.Queue(tx, s.Ada, f)
						for _, r := range p.Rows {
							got = append(got, r.Title)
						}
						f.Cursor = p.Next
						return err
					})
					if f.Cursor == "" {
						break
					}
				}
				words := strings.Fields(want)
				if desc {
					for i, j := 0, len(words)-1; i < j; i, j = i+1, j-1 {
						words[i], words[j] = words[j], words[i]
					}
				}
				if strings.Join(got, " ") != strings.Join(words, " ") {
					t.Errorf("by %s, desc %v: %v", sort, desc, got)
				}
			}
		}
		s.want(errs.Invalid, "a foreign page mark", func(tx *db.Tx) error { _, err := report.Queue(tx, s.Ada, report.Filter{Cursor: "xx"}); return err })
		s.must(func(tx *db.Tx) error {
			p, err := report.Queue(tx, s.Ada, report.Filter{Text: "palpha", Owner: "none"})
			if p.Total != 1 || p.Rows[0].Title != "Alpha" {
				t.Errorf("by words: %+v", p)
			}
			return err
		})
	})
}
