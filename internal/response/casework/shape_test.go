package casework_test

import (
	"errors"
	"testing"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/casework/casetest"
	"tocsin/spec/tlp"
)

func TestEditIsOptimisticAndMarkingHasRules(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := casetest.New(t, d).Accept(t)
		edit := func(a audience.Actor, in casework.Edit) (casework.Case, error) {
			var c casework.Case
			err := casetest.Try(d, func(tx *db.Tx) (err error) {
				c, err = casework.EditCase(tx, a, s.Case.ID, in)
				return err
			})
			return c, err
		}
		in := casework.Edit{Title: "Heap overflow", Summary: "Longer.", Level: tlp.AmberStrict, Version: s.Case.Version}
		if _, err := edit(s.Vera, in); !errs.Is(err, errs.Denied) {
			t.Errorf("a vendor edits: %v", err)
		}
		if _, err := edit(s.Otto, in); !errs.Is(err, errs.NotFound) {
			t.Errorf("an outsider edits: %v", err)
		}
		c, err := edit(s.Ada, in)
		if err != nil || c.Version != in.Version+1 {
			t.Fatalf("edit: %+v, %v", c, err)
		}
		in.Title = "Another title"
		_, err = edit(s.Ada, in)
		var stale *errs.Error
		if !errors.As(err, &stale) || stale.Kind != errs.Stale {
			t.Fatalf("an older version: %v", err)
		}
		if theirs, yours := stale.Theirs.(casework.Case), stale.Yours.(casework.Case); theirs.Title != "Heap overflow" || yours.Title != "Another title" {
			t.Errorf("both versions: %q, %q", theirs.Title, yours.Title)
		}
		in.Version = c.Version
		in.Level = tlp.Green
		if _, err := edit(s.Ada, in); !errs.Is(err, errs.Invalid) {
			t.Errorf("lowered without a reason: %v", err)
		}
		in.Reason = "the vendors asked for it"
		if c, err = edit(s.Ada, in); err != nil || c.Level != tlp.Green {
			t.Errorf("lowered with a reason: %v", err)
		}
		in.Version, in.Level = c.Version, tlp.Clear
		if _, err := edit(s.Ada, in); !errs.Is(err, errs.Invalid) {
			t.Errorf("made clear by hand: %v", err)
		}
		in.Level = tlp.Red
		if c, err = edit(s.Ada, in); err != nil {
			t.Fatalf("raised: %v", err)
		}
		if sees(t, s, s.Vera) || !sees(t, s, s.Ada) {
			t.Error("TLP:RED reaches named persons only")
		}
		if p := casetestParty(t, s, s.V.ID); p.Level != tlp.Red {
			t.Errorf("the party's record stays at %s", p.Level)
		}
		bea := casetest.Actor(t, d, "p_bea", "", casework.CoordinatorOffice)
		if sees(t, s, bea) {
			t.Error("a coordinator by office does not see RED")
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			_, err := casework.Assign(tx, s.Ada, s.Case.ID, "p_bea", "night shift")
			return err
		})
		if !sees(t, s, bea) || sees(t, s, s.Ada) {
			t.Error("who is in charge is named, who was is not any more")
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			if err := casework.AddCoordinator(tx, bea, s.Case.ID, "p_ada", "knows the vendor"); err != nil {
				return err
			}
			return nil
		})
		if !sees(t, s, s.Ada) {
			t.Error("a named coordinator sees RED")
		}
		if err := casetest.Try(d, func(tx *db.Tx) error { return casework.AddCoordinator(tx, s.Ada, s.Case.ID, "p_vera", "no") }); !errs.Is(err, errs.Invalid) {
			t.Errorf("a vendor's person is named coordinator: %v", err)
		}
		verify(t, s)
	})
}

func casetestParty(t *testing.T, s *casetest.Scene, id string) (p casework.Participant) {
	t.Helper()
	casetest.Must(t, s.DB, func(tx *db.Tx) (err error) {
		p, err = casework.PartyByID(tx, id)
		return err
	})
	return p
}

func TestCloseAndReopen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := casetest.New(t, d).Accept(t)
		do := func(f func(tx *db.Tx) (casework.Case, error)) error {
			return casetest.Try(d, func(tx *db.Tx) error { _, err := f(tx); return err })
		}
		if err := do(func(tx *db.Tx) (casework.Case, error) { return casework.Reopen(tx, s.Ada, s.Case.ID, "it is open") }); !errs.Is(err, errs.Conflict) {
			t.Errorf("an open case is reopened: %v", err)
		}
		if err := do(func(tx *db.Tx) (casework.Case, error) { return casework.Close(tx, s.Vera, s.Case.ID, "done") }); !errs.Is(err, errs.Denied) {
			t.Errorf("a vendor closes: %v", err)
		}
		if err := do(func(tx *db.Tx) (casework.Case, error) { return casework.Close(tx, s.Ada, s.Case.ID, " ") }); !errs.Is(err, errs.Invalid) {
			t.Errorf("closed without a reason: %v", err)
		}
		if err := do(func(tx *db.Tx) (casework.Case, error) { return casework.Close(tx, s.Ada, s.Case.ID, "published") }); err != nil {
			t.Fatal(err)
		}
		if err := casetest.Try(d, func(tx *db.Tx) error { return casework.Leave(tx, s.Vera, s.Case.ID, s.V.ID, "bye") }); !errs.Is(err, errs.Conflict) {
			t.Errorf("work on a closed case: %v", err)
		}
		if err := do(func(tx *db.Tx) (casework.Case, error) { return casework.Close(tx, s.Ada, s.Case.ID, "again") }); !errs.Is(err, errs.Conflict) {
			t.Errorf("closed twice: %v", err)
		}
		if err := do(func(tx *db.Tx) (casework.Case, error) {
			return casework.Reopen(tx, s.Ada, s.Case.ID, "incomplete fix")
		}); err != nil {
			t.Error(err)
		}
		verify(t, s)
	})
}

func TestFinderStandsBesideTheCase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := casetest.New(t, d).Accept(t)
		link := audience.ForLink("lnk_1")
		var p casework.Participant
		casetest.Must(t, d, func(tx *db.Tx) (err error) {
			p, err = casework.AddFinder(tx, s.Ada, s.Case.ID, casework.Finding{Kind: audience.Link, ID: "lnk_1", Name: "anonymous finder", Reason: "reported it"})
			return err
		})
		if sees(t, s, link) {
			t.Error("a finder sees the case itself")
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			again, err := casework.AddFinder(tx, s.Ada, s.Case.ID, casework.Finding{Kind: audience.Link, ID: "lnk_1", Name: "anonymous finder", Reason: "again"})
			if err != nil || again.ID != p.ID {
				t.Errorf("added twice: %+v, %v", again, err)
			}
			if role, err := audience.RoleAt(tx, link, p.Private, p.Level); err != nil || role != audience.Contributor {
				t.Errorf("the finder's role on its private side: %s, %v", role, err)
			}
			if _, _, err := casework.PrivateSide(tx, s.Vera, s.Case.ID, p.ID); !errs.Is(err, errs.NotFound) {
				t.Errorf("a vendor on the finder's side: %v", err)
			}
			list, err := casework.Participants(tx, s.Vera, s.Case.ID)
			if err != nil || len(list) != 3 {
				t.Errorf("the parties know that there is a finder: %d, %v", len(list), err)
			}
			return nil
		})
		verify(t, s)
	})
}

func TestLooksAndWhoKnows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := casetest.New(t, d).Accept(t)
		look := func(a audience.Actor) (l casework.Look) {
			casetest.Must(t, d, func(tx *db.Tx) (err error) {
				l, err = casework.MarkSeen(tx, a, s.Case.Number)
				return err
			})
			return l
		}
		if l := look(s.Vera); l.Seq != -1 {
			t.Errorf("first look: %+v", l)
		}
		c.Advance(60e9)
		casetest.Must(t, d, func(tx *db.Tx) error {
			return casework.Hide(tx, s.Ada, s.Case.ID, s.W.ID, "not announced", true)
		})
		casetest.Must(t, d, func(tx *db.Tx) error {
			_, err := casework.EditCase(tx, s.Ada, s.Case.ID, casework.Edit{Title: "New title", Level: s.Case.Level, Version: s.Case.Version})
			return err
		})
		before := look(s.Vera)
		casetest.Must(t, d, func(tx *db.Tx) error {
			ch, err := casework.ChangedSince(tx, s.Vera, s.Case.ID, before)
			if err != nil || ch.Total != 1 || ch.Kinds[casework.CaseEdited] != 1 || len(ch.Events) != 1 {
				t.Errorf("changed since: %+v, %v", ch, err)
			}
			if _, err := casework.MarkSeen(tx, s.Otto, s.Case.ID); !errs.Is(err, errs.NotFound) {
				t.Errorf("an outsider looks: %v", err)
			}
			return nil
		})
		if p := casetestParty(t, s, s.V.ID); p.SeenAt.IsZero() {
			t.Error("the party has seen the case")
		}
		if p := casetestParty(t, s, s.W.ID); !p.SeenAt.IsZero() {
			t.Error("the other party has not")
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			all, err := casework.WhoKnows(tx, s.Ada, s.Case.ID)
			if err != nil {
				return err
			}
			if all.People != 3 || len(all.Parties) != 2 {
				t.Errorf("the coordinator reads %+v", all)
			}
			for _, p := range all.Persons {
				if p.Person == "p_vera" && (p.Accepted.IsZero() || p.Opened.IsZero() || len(p.Why) == 0 || len(p.Parties) != 1) {
					t.Errorf("Vera: %+v", p)
				}
			}
			one, err := casework.WhoKnows(tx, s.Vera, s.Case.ID)
			if err != nil || len(one.Persons) != 0 || one.People != 0 || len(one.Parties) != 1 || one.Parties[0].By != "" || one.Parties[0].People != 0 {
				t.Errorf("a party reads %+v, %v", one, err)
			}
			if _, err := casework.WhoKnows(tx, s.Otto, s.Case.ID); !errs.Is(err, errs.NotFound) {
				t.Errorf("an outsider reads: %v", err)
			}
			ds, err := casework.Decisions(tx, s.Ada, s.Case.ID)
			if err != nil || len(ds) != 3 || ds[0].Kind != casework.ParticipantHidden || ds[0].Reason != "not announced" || ds[0].By == "" {
				t.Errorf("decisions: %+v, %v", ds, err)
			}
			if ds, err = casework.Decisions(tx, s.Vera, s.Case.ID); err != nil || len(ds) != 1 || ds[0].By != "" {
				t.Errorf("a party's decisions: %+v, %v", ds, err)
			}
			return nil
		})
		verify(t, s)
	})
}

func TestInviteByMailAndByComponent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := casetest.New(t, d).Accept(t)
		box := outbox.New(s.Sealer)
		var added []casework.Participant
		casetest.Must(t, d, func(tx *db.Tx) (err error) {
			added, err = casework.InviteByMail(tx, box, s.Ada, s.Case.ID, casework.Inclusion{Reason: "ships it", Targets: []casework.Target{
				{Kind: audience.Org, Name: "Zinc Systems", Email: "security@zinc.example"},
				{Kind: audience.Person, Name: "Mo Maintainer", Email: "mo@maintainer.example", Hide: "wants to stay unknown"}}})
			return err
		})
		if len(added) != 2 || added[0].Kind != audience.Org || added[1].Kind != audience.Person || !added[1].Hidden || added[1].Audience != added[1].Private {
			t.Errorf("invited: %+v", added)
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			items, err := box.List(tx, outbox.Filter{})
			if err != nil || len(items) != 2 {
				t.Errorf("mails: %d, %v", len(items), err)
			}
			list, err := casework.Participants(tx, s.Vera, s.Case.ID)
			if err != nil || len(list) != 3 {
				t.Errorf("a hidden party is not seen from the start: %d, %v", len(list), err)
			}
			return err
		})
		var o orgs.Org
		casetest.Must(t, d, func(tx *db.Tx) (err error) {
			if o, err = orgs.Create(tx, s.Ada, orgs.Org{Name: "Tin Works", Class: orgs.Vendor, Listed: true}); err != nil {
				return err
			}
			_, err = orgs.Ship(tx, s.Ada, o.ID, "libexample", "")
			return err
		})
		err := casetest.Try(d, func(tx *db.Tx) error {
			_, err := casework.InviteByMail(tx, box, s.Ada, s.Case.ID, casework.Inclusion{Reason: "x", Targets: []casework.Target{{Kind: audience.Org, Name: "Tin Works", Email: "mallory@else.example"}}})
			return err
		})
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("a member is invited by a stranger's mail: %v", err)
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			list, err := casework.InviteByComponent(tx, s.Ada, s.Case.ID, "", "LibExample", casework.Inclusion{Reason: "ships it"})
			if err != nil || len(list) != 1 || list[0].Subject != o.ID {
				t.Errorf("by component: %+v, %v", list, err)
			}
			return nil
		})
		verify(t, s)
	})
}
