package agreements_test

import (
	"slices"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// outside holds the preview of an agreement of the program against one more
// case elsewhere that requires it, of a third party: the program's own
// coordinator reads that there is one, and not who.
func (w *world) outside(g agreements.Agreement, room string) {
	w.Helper()
	own := w.people["crucible-reader"]
	var private string
	w.must("cora", func(tx *db.Tx, a audience.Actor) (err error) {
		w.people["hidden"] = w.Person(tx, "Hidden")
		if private, err = audience.Create(tx, "side of a hidden party", []audience.Grant{{Kind: audience.Person, ID: w.people["hidden"].ID, Role: audience.Contributor}}, nil, nil); err != nil {
			return err
		}
		if err := agreements.Require(tx, private, g.ID); err != nil {
			return err
		}
		if err := programs.AppointCoordinator(tx, a, w.program.ID, own.ID); err != nil {
			return err
		}
		g.Program = w.program.ID
		g, err = agreements.Edit(tx, a, g)
		return err
	})
	preview := func(who string) (e agreements.Effects) {
		w.must(who, func(tx *db.Tx, a audience.Actor) (err error) { e, err = agreements.Preview(tx, a, g.ID); return err })
		return e
	}
	named := func(e agreements.Effects) (out []string) {
		for _, x := range slices.Concat(e.Blocked, e.Waiting, e.Kept) {
			out = append(out, x.Name)
		}
		slices.Sort(out)
		return out
	}
	if got := named(preview("cora")); !slices.Equal(got, []string{"Hidden", "anvil", "bellows", "crucible"}) {
		w.Errorf("an administrator reads %q", got)
	}
	// What the alliance's coordinators do not coordinate, the program's do not.
	e := preview("crucible-reader")
	if got := named(e); !slices.Equal(got, []string{"anvil", "bellows"}) || e.Unnamed != (agreements.Unnamed{Blocked: 1, Waiting: 1}) || len(e.Programs) != 1 {
		w.Errorf("the program's own coordinator reads %q and %+v", got, e.Unnamed)
	}
	w.must("cora", func(tx *db.Tx, _ audience.Actor) error {
		return audience.Admit(tx, room, audience.Grant{Kind: audience.Office, ID: audience.CoordinatorsOf(w.program.ID), Role: audience.Coordinator})
	})
	if got := named(preview("crucible-reader")); !slices.Equal(got, []string{"anvil", "bellows", "crucible"}) {
		w.Errorf("who coordinates the case reads %q", got)
	}
	w.refused(w.try("anvil-admin", func(tx *db.Tx, a audience.Actor) error { _, err := agreements.Preview(tx, a, g.ID); return err }), errs.Denied)
	w.must("cora", func(tx *db.Tx, a audience.Actor) error {
		if err := agreements.Unrequire(tx, private, g.ID); err != nil {
			return err
		}
		if err := audience.Expel(tx, room, audience.Office, audience.CoordinatorsOf(w.program.ID)); err != nil {
			return err
		}
		if err := programs.DismissCoordinator(tx, a, w.program.ID, own.ID); err != nil {
			return err
		}
		g.Program = ""
		_, err := agreements.Edit(tx, a, g)
		return err
	})
}
