package membership

import (
	"testing"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/membership"
)

func TestTheWholeWayIn(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		p, me := w.reach(membership.AppActive)
		w.Do(func(tx *db.Tx) error {
			in, err := programs.Member(tx, w.program.ID, p.Org)
			o, _ := loadOrg(tx, p.Org)
			if !in || !o.Listed || o.Class != orgs.Vendor || o.Name != "Vexel" {
				w.Errorf("member: %v, %+v", in, o)
			}
			return err
		})
		// The applicant's link shows the end and nothing of how it was reached.
		w.Do(func(tx *db.Tx) error {
			d, err := Look(tx, me, p.ID)
			if err != nil || d.Side != Applicant || d.Sponsors != nil || d.Objections != nil || d.Motion != "" || d.CheckedBy != "" || d.Ballot != "" || len(d.May) != 1 {
				w.Errorf("the applicant reads %+v, %v", d, err)
			}
			return nil
		})
		for _, a := range []audience.Actor{w.admin(0), w.As(w.outsider), w.As(w.reader), {}} {
			w.Do(func(tx *db.Tx) error {
				if got, err := seeApp(tx, a, p.ID); err == nil {
					w.Errorf("%s still reads the application as %s", a.Name, got.Side)
				}
				return nil
			})
		}
		w.verify()
	})
}
