package agreements_test

import (
	"slices"
	"testing"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
)

func TestANewVersionBlocksUntilItIsAccepted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		w := newWorld(t, d, c)
		g := w.make("Mutual NDA", agreements.NDA)
		room := w.program.Audience
		if !w.sees("anvil-reader", room) {
			t.Fatal("a member does not see its program before anything is required")
		}
		w.require(g, room)
		for _, who := range []string{"anvil-admin", "anvil-reader", "bellows-admin"} {
			if w.sees(who, room) {
				t.Errorf("%s sees the program without having accepted", who)
			}
		}
		if !w.sees("cora", room) {
			t.Error("who coordinates brings the terms and need not accept them")
		}
		if got := w.owes("anvil-admin"); !slices.Equal(got, []string{"Mutual NDA for anvil"}) {
			t.Errorf("the admin owes %q", got)
		}
		for _, who := range []string{"anvil-reader", "crucible-admin"} {
			if got := w.owes(who); len(got) > 0 {
				t.Errorf("%s owes %q", who, got)
			}
		}
		w.refused(w.accept("anvil-reader", "anvil", g), errs.Denied)
		w.refused(w.accept("cora", "anvil", g), errs.Denied)
		w.refused(w.accept("crucible-admin", "anvil", g), errs.Denied)
		w.refused(w.accept("", "anvil", g), errs.NotFound)
		if err := w.accept("anvil-admin", "anvil", g); err != nil {
			t.Fatal(err)
		}
		if !w.sees("anvil-reader", room) || w.sees("bellows-reader", room) || len(w.owes("anvil-admin")) > 0 {
			t.Error("an acceptance opens the program to that organization and to it alone")
		}

		// A correction demands nothing; the present version is the one to accept.
		v2 := w.revise(g, "Keep it in the circle of those who need it.", false)
		if !w.sees("anvil-reader", room) {
			t.Error("a correction shut somebody out")
		}
		w.refused(w.accept("bellows-admin", "bellows", g), errs.Stale)
		if err := w.accept("bellows-admin", "bellows", v2); err != nil || !w.sees("bellows-reader", room) {
			t.Errorf("the corrected version opens the program: %v", err)
		}

		v3 := w.revise(v2, "Keep it in the circle, and burn it afterwards.", true)
		if w.sees("anvil-reader", room) || w.sees("bellows-reader", room) {
			t.Error("the new version is in force, and who has not accepted it still sees the program")
		}
		w.refused(w.accept("anvil-admin", "anvil", v2), errs.Stale)
		if n := w.events(agreements.EventAsked); n != 2 {
			t.Errorf("%d were asked, want the two organizations", n)
		}
		if err := w.accept("anvil-admin", "anvil", v3); err != nil || !w.sees("anvil-reader", room) || w.sees("bellows-reader", room) {
			t.Errorf("the new version opens the program to who accepted it: %v", err)
		}
		w.verify()
	})
}

func TestAnAlternativeSatisfies(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		w := newWorld(t, d, c)
		room := w.program.Audience
		memo := w.make("Memorandum", agreements.Memo)
		if err := w.accept("bellows-admin", "bellows", memo); err != nil {
			t.Fatal(err)
		}
		nda := w.make("Mutual NDA", agreements.NDA, memo.ID)
		w.require(nda, room)
		if !w.sees("bellows-reader", room) || w.sees("anvil-reader", room) || len(w.owes("bellows-admin")) > 0 {
			t.Error("who accepted the memorandum satisfies the agreement that allows it")
		}
		// Without the memorandum's party being asked.
		nda = w.revise(nda, "Keep it.", true)
		if !w.sees("bellows-reader", room) {
			t.Error("a new version of the agreement shut out who is bound by the memorandum")
		}
		if n := w.events(agreements.EventAsked); n != 1 {
			t.Errorf("%d were asked, want the one that is not bound by the memorandum", n)
		}
		memo = w.revise(memo, "Keep it well.", true)
		if w.sees("bellows-reader", room) {
			t.Error("the memorandum demands acceptance anew, and still satisfies")
		}
		if err := w.accept("bellows-admin", "bellows", memo); err != nil || !w.sees("bellows-reader", room) {
			t.Errorf("the new memorandum satisfies: %v", err)
		}
		// The alternative is taken away, then given back; then the memorandum is withdrawn.
		for _, also := range [][]string{nil, {memo.ID}} {
			w.must("cora", func(tx *db.Tx, a audience.Actor) (err error) {
				nda.Also = also
				nda, err = agreements.Edit(tx, a, nda)
				return err
			})
			if w.sees("bellows-reader", room) != (also != nil) {
				t.Errorf("with %d alternatives the memorandum's party is on the wrong side", len(also))
			}
		}
		w.must("cora", func(tx *db.Tx, a audience.Actor) error {
			_, err := agreements.Withdraw(tx, a, memo.ID, memo.Version)
			return err
		})
		if w.sees("bellows-reader", room) {
			t.Error("a withdrawn memorandum still satisfies")
		}
		w.verify()
	})
}

func TestAProgramsRulesAskOfAllThatLiesUnderIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		w := newWorld(t, d, c)
		g, h := w.make("Mutual NDA", agreements.NDA), w.make("House rules", agreements.Program)
		var room, team string
		w.must("cora", func(tx *db.Tx, a audience.Actor) (err error) {
			grants := []audience.Grant{{Kind: audience.Org, ID: w.orgs["anvil"].ID, Role: audience.Contributor}, {Kind: audience.Org, ID: w.orgs["crucible"].ID, Role: audience.Contributor}}
			if room, err = audience.Create(tx, "case", grants, []string{"trm_case"}, nil); err != nil {
				return err
			}
			if team, err = audience.Create(tx, "invitation", grants, nil, nil); err != nil {
				return err
			}
			for _, g := range grants {
				if err := audience.Accept(tx, "trm_case", audience.Party{Kind: g.Kind, ID: g.ID}, a.Person); err != nil {
					return err
				}
			}
			if err := programs.Place(tx, team, w.program.ID); err != nil {
				return err
			}
			return programs.Place(tx, room, w.program.ID)
		})
		ask := func(ids ...string) error {
			return w.try("cora", func(tx *db.Tx, a audience.Actor) error {
				r, err := programs.RulesOf(tx, w.program.ID)
				if err != nil {
					return err
				}
				r.Agreements = ids
				_, err = programs.ChangeRules(tx, a, r)
				return err
			})
		}
		w.refused(ask("agr_nothing"), errs.Invalid)
		if err := ask(g.ID); err != nil {
			t.Fatal(err)
		}
		if w.sees("anvil-admin", room) || w.sees("crucible-admin", room) || !w.sees("anvil-admin", team) {
			t.Error("what asks for nothing stays open; what follows the program is closed, to guests too")
		}
		for _, who := range []string{"anvil", "crucible"} {
			if got := w.owes(who + "-admin"); !slices.Equal(got, []string{"Mutual NDA for " + who}) {
				t.Errorf("%s owes %q", who, got)
			}
			if err := w.accept(who+"-admin", who, g); err != nil || !w.sees(who+"-reader", room) {
				t.Errorf("%s accepted, and is not let in: %v", who, err)
			}
		}
		w.refused(w.try("cora", func(tx *db.Tx, a audience.Actor) error {
			_, err := agreements.Withdraw(tx, a, g.ID, g.Version)
			return err
		}), errs.Conflict)
		w.must("cora", func(tx *db.Tx, a audience.Actor) error {
			e, err := agreements.Preview(tx, a, g.ID)
			if len(e.Blocked) != 2 || len(e.Waiting) != 1 || len(e.Programs) != 1 || e.Programs[0].Name != "Smiths" || e.Records != 2 {
				t.Errorf("the preview says %+v", e)
			}
			return err
		})
		w.outside(g, room)
		if err := ask(g.ID, h.ID); err != nil || w.sees("anvil-admin", room) {
			t.Errorf("a second agreement is asked for: %v", err)
		}
		// Two programs; one of them goes on asking.
		var other programs.Program
		w.must("cora", func(tx *db.Tx, a audience.Actor) (err error) {
			if other, err = programs.Create(tx, a, programs.Program{Name: "Tinkers"}); err != nil {
				return err
			}
			r, err := programs.RulesOf(tx, other.ID)
			if err != nil {
				return err
			}
			r.Agreements = []string{h.ID}
			if _, err := programs.ChangeRules(tx, a, r); err != nil {
				return err
			}
			return programs.Place(tx, room, other.ID)
		})
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		if w.sees("anvil-admin", room) || !w.sees("anvil-admin", w.program.Audience) {
			t.Error("the other program asks for the house rules still, in what lies under it")
		}
		w.must("cora", func(tx *db.Tx, a audience.Actor) error {
			r, err := programs.RulesOf(tx, other.ID)
			if err != nil {
				return err
			}
			r.Agreements = nil
			_, err = programs.ChangeRules(tx, a, r)
			return err
		})
		if !w.sees("anvil-admin", room) {
			t.Error("nothing asks for anything any more")
		}
		// A member that joins is asked at once.
		if err := ask(h.ID); err != nil {
			t.Fatal(err)
		}
		before := w.events(agreements.EventAsked)
		w.must("cora", func(tx *db.Tx, a audience.Actor) error {
			return programs.Join(tx, a, w.program.ID, w.orgs["crucible"].ID)
		})
		if n := w.events(agreements.EventAsked) - before; n != 1 {
			t.Errorf("%d were asked when a member joined", n)
		}
		w.verify()
	})
}
