package programs_test

import (
	"testing"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// Whoever only sits on the board learns how many people a change of rules
// touches, and not who stands in what they do not see themselves.
func TestPreviewNamesWhomTheReaderMayKnow(t *testing.T) {
	each(t, func(w *world) {
		p := w.program("Makers")
		var r programs.Rules
		w.Do(func(tx *db.Tx) error {
			w.Member(tx, p, w.one)
			aid, err := audience.Create(tx, "case", []audience.Grant{{Kind: audience.Org, ID: w.one.ID, Role: audience.Reader}, {Kind: audience.Person, ID: w.Olga.ID, Role: audience.Coordinator}}, nil, nil)
			if err != nil {
				return err
			}
			if err := audience.Place(tx, aid, p.ID); err != nil {
				return err
			}
			r, err = programs.RulesOf(tx, p.ID)
			return err
		})
		r.ShutOut = []orgs.Class{orgs.Vendor}
		bench := audience.Actor{Person: "per_bench", Seats: []audience.Seat{{Kind: audience.Office, ID: charter.Bench, Party: audience.Party{Kind: audience.Person, ID: "per_bench"}, Cap: audience.Reader}}}
		for who, in := range map[string]struct {
			a     audience.Actor
			named bool
		}{"who keeps the alliance": {w.As(w.Olga), true}, "who sits on the board": {bench, false}} {
			var c programs.Change
			w.Do(func(tx *db.Tx) (err error) { c, err = programs.Preview(tx, in.a, r); return err })
			if len(c.Loses) != 1 {
				t.Fatalf("%s is told of %d who lose", who, len(c.Loses))
			}
			x := c.Loses[0]
			if named := x.Name == "Ada" && len(x.Orgs) == 1 && x.Person != ""; named != in.named {
				t.Errorf("%s reads %+v", who, x)
			}
			if !in.named && (x.Name != "" || x.Person != "" || x.Orgs != nil || x.Others != 0) {
				t.Errorf("%s reads %+v", who, x)
			}
		}
	})
}
