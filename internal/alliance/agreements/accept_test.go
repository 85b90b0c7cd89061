package agreements_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
)

func TestWhoSeesAnAcceptanceAndItsAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		w := newWorld(t, d, c)
		g := w.make("Mutual NDA", agreements.NDA)
		if err := w.accept("anvil-admin", "anvil", g); err != nil {
			t.Fatal(err)
		}
		for who, want := range map[string]string{"cora": "192.0.2.7", "olga": "192.0.2.7", "anvil-admin": "192.0.2.7", "anvil-reader": "", "bellows-admin": "none", "crucible-admin": "none", "bea": "none"} {
			w.must(who, func(tx *db.Tx, a audience.Actor) error {
				p, err := agreements.Acceptances(tx, a, agreements.Sought{Agreement: g.ID})
				got := "none"
				if len(p.List) > 0 {
					got = p.List[0].Address
				}
				if got != want {
					t.Errorf("%s sees the address %q, want %q", who, got, want)
				}
				return err
			})
		}
		w.refused(w.try("", func(tx *db.Tx, a audience.Actor) error {
			_, err := agreements.Acceptances(tx, a, agreements.Sought{})
			return err
		}), errs.Unauthenticated)
		w.verify()
	})
}

func TestTwiceAtOnceIsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		w := newWorld(t, d, c)
		g := w.make("Mutual NDA", agreements.NDA)
		w.require(g, w.program.Audience)
		var wg sync.WaitGroup
		results := make([]error, 8)
		for i := range results {
			wg.Go(func() {
				if i == 3 {
					results[i] = w.try("cora", func(tx *db.Tx, a audience.Actor) error {
						_, err := agreements.Revise(tx, a, agreements.Revision{Agreement: g.ID, Body: "Anew.", Demands: true, Version: g.Version})
						return err
					})
					return
				}
				results[i] = w.accept("anvil-admin", "anvil", g)
			})
		}
		wg.Wait()
		if results[3] != nil {
			t.Fatal(results[3])
		}
		for i, err := range results {
			if err != nil && !errs.Is(err, errs.Stale) {
				t.Errorf("%d: %v", i, err)
			}
		}
		w.Do(func(tx *db.Tx) error {
			n, err := db.Value[int](tx, `SELECT COUNT(*) FROM agreement_acceptance`)
			if n > 1 {
				t.Errorf("%d acceptances of one version", n)
			}
			return err
		})
		if w.sees("anvil-admin", w.program.Audience) {
			t.Error("whoever accepted before the demand is let in after it")
		}
		w.verify()
	})
}

func TestAcceptancesEndAndPapersCount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		w := newWorld(t, d, c)
		g := w.make("Mutual NDA", agreements.NDA)
		room := w.program.Audience
		w.require(g, room)
		var x agreements.Acceptance
		paper := agreements.Paper{Agreement: g.ID, Text: g.Current.ID, Org: w.orgs["bellows"].ID, Signer: "=Minister", Where: "Safe 3"}
		record := func(who string, in agreements.Paper) error {
			return w.try(who, func(tx *db.Tx, a audience.Actor) (err error) {
				x, err = agreements.Record(tx, a, in)
				return err
			})
		}
		w.refused(record("bellows-admin", paper), errs.Denied)
		late := paper
		late.Signed = c.Now().Add(time.Hour)
		w.refused(record("cora", late), errs.Invalid)
		w.refused(record("cora", agreements.Paper{Agreement: g.ID, Text: g.Current.ID, Org: paper.Org}), errs.Invalid)
		if err := record("cora", paper); err != nil || !w.sees("bellows-reader", room) {
			t.Fatalf("a paper opens the program: %v", err)
		}
		var b bytes.Buffer
		if err := agreements.WriteCSV(&b, []agreements.Acceptance{x}); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 2 || rows[1][12] != "'=Minister" {
			t.Errorf("the export is %q, %v", rows, err)
		}
		end := func(who, reason string) error {
			return w.try(who, func(tx *db.Tx, a audience.Actor) error {
				_, err := agreements.End(tx, a, x.ID, reason)
				return err
			})
		}
		w.refused(end("anvil-admin", "No."), errs.NotFound)
		w.refused(end("bellows-reader", "No."), errs.Denied)
		w.refused(end("bellows-admin", " "), errs.Invalid)
		if err := end("bellows-admin", "We leave."); err != nil || w.sees("bellows-reader", room) {
			t.Errorf("an ended acceptance closes the program: %v", err)
		}
		w.refused(end("cora", "Again."), errs.Conflict)
		if err := w.accept("bellows-admin", "bellows", g); err != nil || !w.sees("bellows-reader", room) {
			t.Errorf("accepted again: %v", err)
		}
		w.verify()
	})
}

func TestBadInputChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		w := newWorld(t, d, c)
		g := w.make("Mutual NDA", agreements.NDA)
		other := w.make("Another", agreements.Antitrust)
		before := w.events(agreements.EventMade)
		for name, in := range map[string]agreements.Agreement{
			"no title":       {Kind: agreements.NDA, Current: agreements.Text{Body: "x"}},
			"no text":        {Kind: agreements.NDA, Title: "T", Current: agreements.Text{Body: " \n"}},
			"taken":          {Kind: agreements.NDA, Title: "mutual nda", Current: agreements.Text{Body: "x"}},
			"case terms":     {Kind: agreements.CaseTerms, Title: "T", Current: agreements.Text{Body: "x"}},
			"long":           {Kind: agreements.NDA, Title: "T", Current: agreements.Text{Body: strings.Repeat("x", agreements.MaxBody+1)}},
			"broken letters": {Kind: agreements.NDA, Title: "T\xff", Current: agreements.Text{Body: "x\xff"}},
			"sight":          {Kind: agreements.NDA, Title: "T", Sight: "all", Current: agreements.Text{Body: "x"}},
			"also":           {Kind: agreements.NDA, Title: "T", Also: []string{"agr_none"}, Current: agreements.Text{Body: "x"}},
			"program":        {Kind: agreements.NDA, Title: "T", Program: "prg_none", Current: agreements.Text{Body: "x"}},
		} {
			if err := w.try("cora", func(tx *db.Tx, a audience.Actor) error { _, err := agreements.Make(tx, a, in); return err }); !errs.Is(err, errs.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := w.events(agreements.EventMade); n != before {
			t.Errorf("%d agreements were made", n-before)
		}
		revise := func(who string, in agreements.Revision) error {
			return w.try(who, func(tx *db.Tx, a audience.Actor) error {
				_, err := agreements.Revise(tx, a, in)
				return err
			})
		}
		w.refused(revise("anvil-admin", agreements.Revision{Agreement: g.ID, Body: "y", Version: 1}), errs.Denied)
		w.refused(revise("cora", agreements.Revision{Agreement: g.ID, Body: g.Current.Body, Version: 1}), errs.Invalid)
		err := revise("cora", agreements.Revision{Agreement: g.ID, Body: "y", Version: 7})
		w.refused(err, errs.Stale)
		if e, ok := errors.AsType[*errs.Error](err); !ok || e.Theirs == nil || e.Yours == nil {
			t.Error("both versions come with the refusal")
		}
		w.refused(revise("cora", agreements.Revision{Agreement: agreements.CaseTermsID, Body: "y", Version: 1}), errs.Conflict)
		// A version of another agreement, or of none, is not what is accepted.
		for _, text := range []string{"", "agv_none", other.Current.ID} {
			w.refused(w.try("anvil-admin", func(tx *db.Tx, a audience.Actor) error {
				_, err := agreements.Accept(tx, a, agreements.Signature{Agreement: g.ID, Text: text, Org: w.orgs["anvil"].ID})
				return err
			}), errs.Invalid)
		}
		w.must("cora", func(tx *db.Tx, a audience.Actor) error {
			_, err := agreements.Withdraw(tx, a, g.ID, g.Version)
			return err
		})
		w.refused(w.accept("anvil-admin", "anvil", g), errs.Conflict)
		w.refused(w.try("cora", func(tx *db.Tx, a audience.Actor) error { return agreements.Require(tx, w.program.Audience, g.ID) }), errs.Conflict)
		w.verify()
	})
}

func TestWhoReadsAnAgreement(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		w := newWorld(t, d, c)
		for sight, readers := range map[agreements.Sight]string{
			agreements.Public:    "olga cora bea anvil-reader crucible-admin visitor",
			agreements.Members:   "olga cora bea anvil-reader crucible-admin",
			agreements.Concerned: "olga cora bea anvil-reader",
		} {
			var g agreements.Agreement
			w.must("cora", func(tx *db.Tx, a audience.Actor) (err error) {
				if g, err = agreements.Make(tx, a, agreements.Agreement{Kind: agreements.NDA, Title: string(sight), Sight: sight, Current: agreements.Text{Body: "x"}}); err != nil {
					return err
				}
				return agreements.Require(tx, w.program.Audience, g.ID)
			})
			for _, who := range []string{"olga", "cora", "bea", "anvil-reader", "crucible-admin", "visitor"} {
				err := w.try(strings.TrimPrefix(who, "visitor"), func(tx *db.Tx, a audience.Actor) error {
					_, err := agreements.Texts(tx, a, g.ID)
					return err
				})
				if want := strings.Contains(readers, who); want != (err == nil) || err != nil && !errs.Is(err, errs.NotFound) {
					t.Errorf("%s reads what is for %s: %v", who, sight, err)
				}
			}
		}
	})
}
