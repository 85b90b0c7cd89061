package report_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/pgp"
	"tocsin/internal/kernel/seal"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/casework/casetest"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/matrix"
	"tocsin/internal/response/report"
	"tocsin/spec/mpcvd"
	"tocsin/spec/tlp"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const contact = "mallory@finder.example"

// scene is a case scene with a desk.
type scene struct {
	*casetest.Scene
	report.Desk
	Sealer *seal.Sealer
	t      *testing.T
}

func newScene(t *testing.T, d *db.DB) scene {
	s := casetest.New(t, d)
	return scene{s, report.Desk{Sealer: s.Sealer, Box: outbox.New(s.Sealer)}, s.Sealer, t}
}

func (s scene) must(f func(*db.Tx) error) { s.t.Helper(); casetest.Must(s.t, s.DB, f) }

func sample() report.New {
	return report.New{Title: "Overflow in the frame parser", Description: "The length of a frame is trusted, see CVE-2026-11111. Write to " + contact + " for more.\n\n1. Send a frame\n2. Watch the crash",
		Product: "Vexel Router", Component: "libframe", PURL: "pkg:generic/libframe@2.1", Versions: "2.0 to 2.4", HowFound: "Fuzzing", Credit: "M. Allory", Contact: contact,
		References: []string{"https://finder.example/1"}}
}

func (s scene) submit(a audience.Actor, in report.New) (report.Receipt, audience.Actor) {
	s.t.Helper()
	var r report.Receipt
	var finder audience.Actor
	s.must(func(tx *db.Tx) (err error) {
		if r, err = s.Submit(tx, a, in); err != nil {
			return err
		}
		finder, err = report.FinderActor(tx, r.Secret)
		return err
	})
	return r, finder
}

func (s scene) load(a audience.Actor, ref string) report.Report {
	s.t.Helper()
	var r report.Report
	s.must(func(tx *db.Tx) (err error) {
		r, _, err = report.Load(tx, a, ref)
		return err
	})
	return r
}

// validate takes a report through the scope gate to valid.
func (s scene) validate(ref string) report.Report {
	s.t.Helper()
	s.must(func(tx *db.Tx) error {
		r, err := report.Take(tx, s.Ada, ref, s.version(tx, ref))
		if err != nil {
			return err
		}
		if r, err = report.ScopeGate(tx, s.Ada, ref, true, "several vendors ship it", r.Version); err != nil {
			return err
		}
		_, err = s.Move(tx, s.Ada, ref, report.Decision{Verb: mpcvd.RMValidate, Version: r.Version})
		return err
	})
	return s.load(s.Ada, ref)
}

func (s scene) version(tx *db.Tx, ref string) int64 {
	r, _, err := report.Load(tx, s.Ada, ref)
	if err != nil {
		s.t.Fatal(err)
	}
	return r.Version
}

func (s scene) verify() {
	s.t.Helper()
	var k *ledger.Keeper
	s.must(func(tx *db.Tx) (err error) {
		k, err = charter.Keeper(tx, s.Sealer)
		return err
	})
	tables := append(report.Tables(), casework.Tables()...)
	rep, err := k.Verify(context.Background(), s.DB, append(append(tables, matrix.Tables()...), embargo.Tables()...))
	if err != nil || len(rep.Problems) > 0 {
		s.t.Fatalf("the ledger does not verify: %+v, %v", rep, err)
	}
}

func (s scene) want(kind errs.Kind, what string, f func(*db.Tx) error) {
	s.t.Helper()
	if err := casetest.Try(s.DB, f); !errs.Is(err, kind) {
		s.t.Errorf("%s: %v, want %v", what, err, kind)
	}
}

func count(t *testing.T, d *db.DB, table string) int {
	t.Helper()
	n := 0
	casetest.Must(t, d, func(tx *db.Tx) (err error) {
		n, err = db.Value[int](tx, `SELECT COUNT(*) FROM `+table)
		return err
	})
	return n
}

func TestFromReportToCase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		in := sample()
		in.PlannedAt = c.Now().Add(20 * 24 * time.Hour)
		in.Files = []report.Upload{{Name: "../crash\u202egnp.exe", Head: []byte("MZ\x90"), Ref: blob.Ref{SHA256: strings.Repeat("a", 64), Size: 3}}}
		rec, finder := s.submit(audience.Actor{}, in)
		if rec.Number != "TR-2026-0001" || len(rec.Secret) != 43 {
			t.Fatalf("receipt %+v", rec)
		}
		c.Advance(time.Hour)

		var q report.Page
		s.must(func(tx *db.Tx) (err error) {
			q, err = report.Queue(tx, s.Ada, report.Filter{})
			return err
		})
		if len(q.Rows) != 1 || q.Rows[0].Age != time.Hour || q.Rows[0].State != mpcvd.RMReceived || q.Rows[0].Scope != report.GateOpen || q.Rows[0].CVEs[0] != "CVE-2026-11111" {
			t.Fatalf("the queue shows %+v", q)
		}
		s.must(func(tx *db.Tx) error {
			_, text, err := s.Read(tx, s.Ada, rec.ID)
			if text.Contact != contact || !strings.Contains(text.Description, "Watch the crash") || text.HowFound != "Fuzzing" {
				t.Errorf("the coordinator reads %+v", text)
			}
			files, err2 := report.Files(tx, s.Ada, rec.ID)
			if len(files) != 1 || strings.ContainsAny(files[0].Name, "/\u202e") || files[0].MediaType != "application/vnd.microsoft.portable-executable" {
				t.Errorf("files %+v", files)
			}
			raw, err3 := db.Value[[]byte](tx, `SELECT sealed FROM report`)
			if strings.Contains(string(raw), "crash") {
				t.Error("the text stands in clear")
			}
			return firstError(err, err2, err3)
		})

		// Question and answer.
		var question report.Message
		s.must(func(tx *db.Tx) (err error) {
			question, err = s.Ask(tx, s.Ada, rec.Number, "Which firmware?")
			return err
		})
		s.must(func(tx *db.Tx) error {
			st, err := s.Follow(tx, finder, "")
			if len(st.Questions) != 1 || st.Standing.Code != "received" || st.Messages[0].Person != "" {
				t.Errorf("the finder sees %+v", st)
			}
			owes, err2 := report.Owed(tx, finder)
			if len(owes) != 1 || owes[0].Kind != report.OwedAnswer {
				t.Errorf("the finder owes %+v", owes)
			}
			_, err3 := s.Reply(tx, finder, "", question.ID, "Firmware 2.3")
			return firstError(err, err2, err3)
		})
		s.must(func(tx *db.Tx) error {
			st, err := s.Follow(tx, finder, "")
			if len(st.Questions) != 0 || len(st.Messages) != 2 {
				t.Errorf("after the answer the finder sees %+v", st)
			}
			return err
		})

		r := s.validate(rec.ID)
		if r.Owner != s.Ada.Person || r.State != mpcvd.RMValid || r.Scope != report.InScope {
			t.Fatalf("after triage: %+v", r)
		}
		var made casework.Case
		s.must(func(tx *db.Tx) (err error) {
			made, err = s.MakeCase(tx, s.Ada, rec.ID, report.NewCase{Summary: "A parser flaw.", Level: tlp.AmberStrict, Reason: "two vendors ship it", Version: r.Version})
			return err
		})
		if made.Title != in.Title || made.Embargo != mpcvd.EMProposed {
			t.Errorf("the case is %+v", made)
		}
		s.must(func(tx *db.Tx) error {
			list, err := matrix.Vulnerabilities(tx, s.Ada, made.ID)
			if len(list) != 1 || list[0].CVE != "CVE-2026-11111" || strings.Contains(list[0].Description, contact) || !strings.Contains(list[0].Description, "address withheld") || list[0].Credits[0] != "M. Allory" {
				t.Errorf("the vulnerability is %+v", list)
			}
			_, err2 := embargo.Propose(tx, s.Ada, made.ID, embargo.Offer{Ends: c.Now().Add(30 * 24 * time.Hour), Reason: "needs longer"})
			ends, err3 := db.Value[int64](tx, `SELECT MIN(ends_at) FROM embargo_proposal WHERE case_id = $1 AND state = 'open'`, made.ID)
			if ends != in.PlannedAt.UnixMicro() {
				t.Errorf("the planned date is not among the proposals: %v", time.UnixMicro(ends))
			}
			return firstError(err, err2, err3)
		})
		s.must(func(tx *db.Tx) error {
			pid, err := db.Value[string](tx, `SELECT id FROM embargo_proposal WHERE case_id = $1 AND ends_at = $2`, made.ID, in.PlannedAt.UnixMicro())
			if err != nil {
				return err
			}
			_, err = embargo.Decide(tx, s.Ada, pid, true, "the finder's date")
			return err
		})
		s.must(func(tx *db.Tx) error {
			st, err := s.Follow(tx, finder, "")
			if st.Standing.Code != "coordinated" || !st.AgreedAt.Equal(in.PlannedAt) || st.Report.Case != "" || st.Report.Owner != "" || st.Report.Reason != "" {
				t.Errorf("in the case the finder sees %+v", st)
			}
			if _, _, err := casework.Load(tx, finder, made.Number); !errs.Is(err, errs.NotFound) {
				t.Errorf("the finder loads the case: %v", err)
			}
			return err
		})
		s.verify()
	})
}

func firstError(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestEncryptedReportIsOpenedOrRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		var ring *pgp.Ring
		s.must(func(tx *db.Tx) (err error) {
			ring, err = charter.Ring(tx, s.Sealer)
			return err
		})
		armored, err := pgp.Encrypt([]byte("The **key** is printed on the lid.\r\n"), c.Now(), ring.Current())
		if err != nil {
			t.Fatal(err)
		}
		in := report.New{Product: "Vexel Lock", Description: "Hello,\n\n" + string(armored) + "\nregards"}
		rec, finder := s.submit(audience.Actor{}, in)
		s.must(func(tx *db.Tx) error {
			r, text, err := s.Read(tx, s.Ada, rec.ID)
			if text.Description != "Hello,\n\nThe **key** is printed on the lid.\n\nregards" || !r.Encrypted || r.Title != "Encrypted report" {
				t.Errorf("opened to %q in %+v", text.Description, r)
			}
			page, err2 := search.Find(tx, s.Ada, search.Query{Text: "printed lid"})
			if len(page.Hits) != 0 {
				t.Error("the confidential text is in the index")
			}
			m, err3 := s.Add(tx, finder, "", string(armored), false)
			if !m.Encrypted || m.Text != "The **key** is printed on the lid." {
				t.Errorf("an encrypted message: %+v", m)
			}
			return firstError(err, err2, err3)
		})

		stranger, err := pgp.Generate("Somebody else", "other@else.example", c.Now())
		if err != nil {
			t.Fatal(err)
		}
		foreign, err := pgp.Encrypt([]byte("for them"), c.Now(), stranger)
		if err != nil {
			t.Fatal(err)
		}
		before := count(t, d, "report")
		for name, bad := range map[string]struct {
			text string
			kind errs.Kind
		}{
			"to another key": {string(foreign), errs.Invalid},
			"cut":            {string(armored[:len(armored)/2]), errs.Malformed},
			"quoted":         {"> " + strings.ReplaceAll(string(armored), "\n", "\n> "), errs.Malformed},
			"many":           {strings.Repeat(string(armored)+"\n", 6), errs.TooLarge},
		} {
			s.want(bad.kind, name, func(tx *db.Tx) error {
				_, err := s.Submit(tx, audience.Actor{}, report.New{Product: "Vexel Lock", Title: "x", Description: bad.text})
				return err
			})
		}
		if after := count(t, d, "report"); after != before {
			t.Errorf("a refused report was stored: %d, then %d", before, after)
		}
		s.verify()
	})
}

func TestBadInputChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		before := count(t, d, "event")
		for name, x := range map[string]struct {
			change func(*report.New)
			kind   errs.Kind
		}{
			"10 MB of Markdown": {func(n *report.New) { n.Description = strings.Repeat("# x\n", 10<<18) }, errs.TooLarge},
			"a bit too long":    {func(n *report.New) { n.Description = strings.Repeat("x", report.MaxDescription+1) }, errs.TooLarge},
			"no text":           {func(n *report.New) { n.Description = " \u200b\n" }, errs.Invalid},
			"no title":          {func(n *report.New) { n.Title = "\u202e" }, errs.Invalid},
			"nowhere":           {func(n *report.New) { n.Product, n.Component, n.PURL = "", "", "" }, errs.Invalid},
			"no UTF-8":          {func(n *report.New) { n.Description = "\xff\xfe" }, errs.Invalid},
			"no mail address":   {func(n *report.New) { n.Contact = "mallory" }, errs.Invalid},
			"no package URL":    {func(n *report.New) { n.PURL = "libframe" }, errs.Invalid},
			"script reference":  {func(n *report.New) { n.References = []string{"javascript:alert(1)"} }, errs.Invalid},
			"a date gone by":    {func(n *report.New) { n.PlannedAt = c.Now().Add(-time.Minute) }, errs.Invalid},
			"a date far away":   {func(n *report.New) { n.PlannedAt = c.Now().AddDate(9, 0, 0) }, errs.Invalid},
			"unknown exploit":   {func(n *report.New) { n.Exploitation = "maybe" }, errs.Invalid},
			"a file of 50 MB +1": {func(n *report.New) {
				n.Files = []report.Upload{{Name: "x", Ref: blob.Ref{SHA256: strings.Repeat("a", 64), Size: 50<<20 + 1}}}
			}, errs.TooLarge},
			"too many files": {func(n *report.New) { n.Files = make([]report.Upload, report.MaxUploads+1) }, errs.TooLarge},
			"a short key":    {func(n *report.New) { n.Key = "1" }, errs.Malformed},
		} {
			in := sample()
			x.change(&in)
			s.want(x.kind, name, func(tx *db.Tx) error {
				_, err := s.Submit(tx, audience.Actor{}, in)
				return err
			})
		}
		if n := count(t, d, "report") + count(t, d, "report_key") + count(t, d, "report_link") + count(t, d, "event") - before; n != 0 {
			t.Errorf("bad input left %d rows", n)
		}
	})
}

func TestLinksEndAndReplacedOnesSaySo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		rec, finder := s.submit(audience.Actor{}, sample())
		other, stranger := s.submit(audience.Actor{}, report.New{Title: "Another", Description: "Something else", Product: "Wharf Switch"})
		enter := func(secret string) func(*db.Tx) error {
			return func(tx *db.Tx) error { _, err := report.FinderActor(tx, secret); return err }
		}
		s.want(errs.NotFound, "a wrong link", enter(strings.Repeat("A", 43)))
		s.want(errs.NotFound, "no link", enter(""))
		s.want(errs.NotFound, "another finder's report", func(tx *db.Tx) error { _, err := s.Follow(tx, stranger, rec.ID); return err })
		s.want(errs.NotFound, "another finder's message", func(tx *db.Tx) error { _, err := s.Add(tx, stranger, rec.Number, "hi", false); return err })

		var next report.Receipt
		s.must(func(tx *db.Tx) (err error) {
			next, err = report.Rotate(tx, finder, "")
			return err
		})
		s.want(errs.Gone, "the replaced link", enter(rec.Secret))
		s.must(enter(next.Secret))
		s.must(enter(other.Secret))

		c.Advance(report.LinkLife - time.Hour)
		s.must(func(tx *db.Tx) error { _, err := s.Add(tx, finder, "", "still here", false); return err })
		c.Advance(2 * time.Hour)
		s.must(enter(next.Secret)) // used, so it lives on
		s.want(errs.Gone, "an expired link", enter(other.Secret))
		var again report.Receipt
		s.must(func(tx *db.Tx) (err error) {
			again, err = report.Rotate(tx, s.Ada, other.Number)
			return err
		})
		s.must(enter(again.Secret))
		s.want(errs.NotFound, "an outsider replaces a link", func(tx *db.Tx) error { _, err := report.Rotate(tx, s.Otto, other.Number); return err })
		s.verify()
	})
}

func TestSentTwiceIsReceivedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		in := sample()
		in.Key = "7f1c0a52-9be1-4a53-a0c4-1f3f7a1f9d10"
		first, finder := s.submit(audience.Actor{}, in)
		if again, _ := s.submit(audience.Actor{}, in); again != first {
			t.Errorf("sent again: %+v, first %+v", again, first)
		}
		if n := count(t, d, "report"); n != 1 {
			t.Errorf("%d reports", n)
		}
		changed := in
		changed.Description += " And more."
		s.want(errs.Conflict, "another text under the key", func(tx *db.Tx) error { _, err := s.Submit(tx, audience.Actor{}, changed); return err })
		s.must(func(tx *db.Tx) error { _, err := report.Rotate(tx, finder, ""); return err })
		s.want(errs.Gone, "the key after the link was replaced", func(tx *db.Tx) error { _, err := s.Submit(tx, audience.Actor{}, in); return err })

		// The same words from somebody else: an answer like any other.
		in.Key, in.Contact = "", ""
		second, _ := s.submit(audience.Actor{}, in)
		if second.Number == first.Number || second.Secret == first.Secret {
			t.Error("a repeated text got the first one's receipt")
		}
		if r := s.load(s.Ada, second.ID); r.DuplicateOf != first.ID {
			t.Errorf("not marked as a duplicate: %+v", r)
		}
		s.must(func(tx *db.Tx) error {
			q, err := report.Queue(tx, s.Ada, report.Filter{})
			if len(q.Rows) != 1 || q.Rows[0].ID != first.ID || q.Rows[0].Duplicates != 1 {
				t.Errorf("the queue shows %+v", q.Rows)
			}
			q, err2 := report.Queue(tx, s.Ada, report.Filter{Duplicates: true})
			if len(q.Rows) != 2 {
				t.Errorf("with duplicates it shows %d", len(q.Rows))
			}
			return firstError(err, err2)
		})
	})
}

func TestFloodsMeetALimit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		allowed := func(address string) (n int) {
			for range 12 {
				if err := casetest.Try(d, func(tx *db.Tx) error { return s.Allow(tx, address) }); err == nil {
					n++
				} else if !errs.Is(err, errs.RateLimited) {
					t.Fatal(err)
				}
			}
			return n
		}
		if n := allowed("192.0.2.1"); n != 6 {
			t.Errorf("one address sent %d in an hour", n)
		}
		if n := allowed("192.0.2.2"); n != 6 {
			t.Errorf("another address sent %d", n)
		}
		stored := 0
		s.must(func(tx *db.Tx) (err error) {
			stored, err = db.Value[int](tx, `SELECT COUNT(*) FROM attempt WHERE key LIKE '%192.0.2%'`)
			return err
		})
		if stored != 0 {
			t.Error("addresses are stored in clear")
		}

		shown := s.Stamp(c.Now())
		for name, x := range map[string]struct {
			form  report.Form
			after time.Duration
			spam  bool
		}{
			"a person":      {report.Form{Stamp: shown}, time.Minute, false},
			"a machine":     {report.Form{Stamp: shown}, time.Second, true},
			"a filled trap": {report.Form{Stamp: shown, Trap: "https://spam.example"}, time.Minute, true},
			"no stamp":      {report.Form{}, time.Minute, true},
			"a forged one":  {report.Form{Stamp: shown + "x"}, time.Minute, true},
			"an old one":    {report.Form{Stamp: shown}, 8 * 24 * time.Hour, true},
		} {
			if why := s.Spam(x.form, c.Now().Add(x.after)); (why != "") != x.spam {
				t.Errorf("%s: %q", name, why)
			}
		}
	})
}

func TestHandOverToTheVendorsOwnTeam(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newScene(t, d)
		rec, finder := s.submit(audience.Actor{}, sample())
		var o, w orgs.Org
		var vic audience.Actor
		s.must(func(tx *db.Tx) error {
			// Ada's seats are casetest's; organizations are made by the system.
			var err error
			if o, _, err = orgs.Ensure(tx, "Vexel Systems"); err != nil {
				return err
			}
			if w, _, err = orgs.Ensure(tx, "Wharf Networks"); err != nil {
				return err
			}
			p, err := people.Add(tx, audience.Actor{}, "vic@vexel.example", "Vic")
			if err != nil {
				return err
			}
			if _, err := orgs.Welcome(tx, s.Ada, o.ID, p.ID, orgs.Responder); err != nil {
				return err
			}
			vic, err = people.ActorOf(tx, p.ID)
			return err
		})
		wil := casetest.Actor(t, d, "p_wil", w.ID)
		hand := func(version int64) error {
			return casetest.Try(d, func(tx *db.Tx) error {
				_, err := s.HandOver(tx, s.Ada, rec.ID, report.Handover{Org: o.ID, Reason: "only Vexel ships it", Note: "Vexel takes it from here.", Version: version})
				return err
			})
		}
		if err := hand(1); !errs.Is(err, errs.Conflict) {
			t.Errorf("handed over before it was validated: %v", err)
		}
		r := s.validate(rec.ID)
		if err := hand(1); !errs.Is(err, errs.Stale) {
			t.Errorf("decided on an older version: %v", err)
		}
		s.want(errs.NotFound, "the vendor before", func(tx *db.Tx) error { _, _, err := report.Load(tx, vic, rec.ID); return err })
		s.must(func(tx *db.Tx) error { _, err := s.Ask(tx, s.Ada, rec.ID, "Secret between us?"); return err })
		if err := hand(r.Version); err != nil {
			t.Fatal(err)
		}
		s.must(func(tx *db.Tx) error {
			owes, err := report.Owed(tx, vic)
			if len(owes) != 1 || owes[0].Kind != report.OwedHandover {
				t.Errorf("the vendor owes %+v", owes)
			}
			got, text, err2 := s.Read(tx, vic, rec.Number)
			if text.Contact != "" || got.HasContact || got.Owner != "" || got.Reason != "" || !strings.Contains(text.Description, "Watch the crash") {
				t.Errorf("the vendor reads %+v %+v", got, text)
			}
			said, err3 := s.Messages(tx, vic, rec.ID)
			if len(said) != 0 {
				t.Errorf("the vendor reads the finder's talk: %+v", said)
			}
			_, err4 := s.Say(tx, vic, rec.ID, "We take it, thank you.", "")
			return firstError(err, err2, err3, err4, report.Looked(tx, vic, rec.ID))
		})
		s.must(func(tx *db.Tx) error {
			if owes, _ := report.Owed(tx, vic); len(owes) != 0 {
				t.Errorf("after reading the vendor owes %+v", owes)
			}
			st, err := s.Follow(tx, finder, "")
			if st.Standing.Code != "handed-over" || st.HandedTo != "Vexel Systems" || len(st.Messages) != 2 {
				t.Errorf("the finder sees %+v", st)
			}
			all, err2 := s.Messages(tx, s.Ada, rec.ID)
			if len(all) != 3 {
				t.Errorf("the coordinator reads %d messages", len(all))
			}
			q, err3 := report.Queue(tx, vic, report.Filter{All: true})
			if q.Total != 0 {
				t.Error("a vendor has a queue")
			}
			mine, err4 := report.Yours(tx, vic)
			if len(mine) != 1 || mine[0].ID != rec.ID {
				t.Errorf("the vendor's list: %+v", mine)
			}
			return firstError(err, err2, err3, err4)
		})
		for _, who := range []audience.Actor{wil, s.Otto, {}} {
			s.want(errs.NotFound, "an outsider", func(tx *db.Tx) error { _, _, err := report.Load(tx, who, rec.ID); return err })
		}
		if r := s.load(s.Ada, rec.ID); r.Outcome != report.HandedOver || r.State != mpcvd.RMClosed || r.Reason != "only Vexel ships it" {
			t.Errorf("afterwards: %+v", r)
		}
		s.verify()
	})
}
