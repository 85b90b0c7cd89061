package report_test

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/report"
	"tocsin/spec/mpcvd"
	"tocsin/spec/tlp"
)

func TestMailToTheFinderTellsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		rec, _ := s.submit(audience.Actor{}, sample())
		s.must(func(tx *db.Tx) error {
			mails, err := s.Box.List(tx, outbox.Filter{})
			if len(mails) != 0 {
				t.Error("a stranger's address is written to before a coordinator acted")
			}
			_, err2 := s.Ask(tx, s.Ada, rec.ID, "Which libframe do you mean?")
			return firstError(err, err2)
		})
		s.must(func(tx *db.Tx) error {
			mails, err := s.Box.List(tx, outbox.Filter{})
			if len(mails) != 1 || mails[0].Address != contact {
				t.Fatalf("mails %+v", mails)
			}
			body := string(mails[0].Content)
			if !strings.Contains(body, rec.Number) {
				t.Errorf("the mail lacks the number: %s", body)
			}
			for _, secret := range []string{"libframe", "Vexel", "parser", rec.Secret, "CVE-"} {
				if strings.Contains(body, secret) {
					t.Errorf("the mail says %q: %s", secret, body)
				}
			}
			return err
		})
	})
}

func TestFinderSpeaksAboutTheEmbargo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		in := sample()
		in.PlannedAt = c.Now().Add(200 * 24 * time.Hour) // beyond any embargo
		rec, finder := s.submit(audience.Actor{}, in)
		v := s.validate(rec.ID).Version
		var made casework.Case
		s.must(func(tx *db.Tx) (err error) {
			made, err = s.MakeCase(tx, s.Ada, rec.ID, report.NewCase{Title: "Frames", Level: tlp.AmberStrict, Reason: "many vendors", Version: v, Description: "In the coordinators' own words."})
			return err
		})
		r := s.load(s.Ada, rec.ID)
		if r.PlannedNote == "" || made.Embargo != mpcvd.EMNone {
			t.Errorf("a date beyond the limit: %+v, embargo %s", r, made.Embargo)
		}
		s.must(func(tx *db.Tx) error {
			_, err := embargo.Propose(tx, finder, made.ID, embargo.Offer{Participant: r.Participant, Ends: c.Now().Add(30 * 24 * time.Hour), Reason: "no longer than this"})
			return err
		})
		_, stranger := s.submit(audience.Actor{}, report.New{Title: "Other", Description: "Other", Product: "Other"})
		s.want(errs.NotFound, "another finder", func(tx *db.Tx) error {
			_, err := embargo.Propose(tx, stranger, made.ID, embargo.Offer{Participant: r.Participant, Ends: c.Now().Add(10 * 24 * time.Hour), Reason: "sooner"})
			return err
		})
		s.verify()
	})
}

func TestReportFollowsItsCaseIntoAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		rec, finder := s.submit(audience.Actor{}, sample())
		v := s.validate(rec.ID).Version
		ends := c.Now().Add(25 * 24 * time.Hour)
		s.must(func(tx *db.Tx) error {
			made, err := s.MakeCase(tx, s.Ada, rec.ID, report.NewCase{Level: tlp.AmberStrict, Reason: "many vendors", Version: v})
			if err != nil {
				return err
			}
			p, err := embargo.Propose(tx, s.Ada, s.Case.ID, embargo.Offer{Ends: ends, Reason: "time for fixes"})
			if err != nil {
				return err
			}
			if _, err := embargo.Decide(tx, s.Ada, p.ID, true, "fine"); err != nil {
				return err
			}
			_, err = embargo.Merge(tx, s.Ada, made.ID, s.Case.ID, "one flaw", report.Follower())
			return err
		})
		r := s.load(s.Ada, rec.ID)
		if r.Case != s.Case.ID {
			t.Errorf("the report stayed behind: %+v", r)
		}
		s.must(func(tx *db.Tx) error {
			p, err := casework.PartyByID(tx, r.Participant)
			if p.Case != s.Case.ID {
				t.Errorf("the finder stayed behind: %+v", p)
			}
			st, err2 := s.Follow(tx, finder, "")
			if !st.AgreedAt.Equal(ends) || st.Standing.Code != "coordinated" {
				t.Errorf("the finder sees %+v", st)
			}
			return firstError(err, err2)
		})
		s.verify()
	})
}

func TestFilesGoWhereTheyWereMeantFor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		in := sample()
		file := func(name, digit string) report.Upload {
			return report.Upload{Name: name, Head: []byte("\x89PNG\r\n\x1a\n"), Ref: blob.Ref{SHA256: strings.Repeat(digit, 64), Size: 9}}
		}
		in.Files = []report.Upload{file("poc.png", "1")}
		rec, finder := s.submit(audience.Actor{}, in)
		_, stranger := s.submit(audience.Actor{}, report.New{Title: "Other", Description: "Other", Product: "Other"})
		s.must(func(tx *db.Tx) error {
			return firstError(report.Attach(tx, finder, "", []report.Upload{file("private.txt", "2")}, false), report.Attach(tx, finder, "", []report.Upload{file("more.png", "3")}, true),
				report.Attach(tx, s.Ada, rec.ID, []report.Upload{file("patch.png", "4")}, true))
		})
		s.want(errs.NotFound, "a stranger attaches", func(tx *db.Tx) error {
			return report.Attach(tx, stranger, rec.ID, []report.Upload{file("x", "5")}, false)
		})
		s.want(errs.Invalid, "nothing attached", func(tx *db.Tx) error { return report.Attach(tx, finder, "", nil, false) })
		r := s.load(s.Ada, rec.ID)
		s.must(func(tx *db.Tx) error {
			list, err := report.Files(tx, finder, rec.ID)
			if len(list) != 4 {
				t.Errorf("the finder sees %d files", len(list))
			}
			for _, f := range list {
				vendor := f.Name == "poc.png" || f.Name == "more.png"
				aud, err := audience.Load(tx, f.Audience)
				if err != nil {
					return err
				}
				if (aud.ID == r.Audience) != vendor {
					t.Errorf("%s is for %s", f.Name, f.Audience)
				}
				if f.Lies != (f.Name == "private.txt") {
					t.Errorf("%s lies: %v", f.Name, f.Lies)
				}
				if _, err := report.LoadFile(tx, stranger, f.ID); !errs.Is(err, errs.NotFound) {
					t.Errorf("a stranger loads %s: %v", f.Name, err)
				}
			}
			named, err2 := report.NamedFiles(tx, []string{strings.Repeat("1", 64), strings.Repeat("9", 64)})
			if len(named) != 1 {
				t.Errorf("named files %v", named)
			}
			return firstError(err, err2)
		})
		s.verify()
	})
}
