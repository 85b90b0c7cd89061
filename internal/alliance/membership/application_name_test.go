package membership

import (
	"testing"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/membership"
)

// A stranger who applies under the name of an organization that something is
// open to, or that people belong to, does not become its admin.
func TestApplicationDoesNotTakeAnOrganizationInUse(t *testing.T) {
	for use, make := range map[string]func(w *applyWorld, tx *db.Tx, o orgs.Org) error{
		"is party to something": func(_ *applyWorld, tx *db.Tx, o orgs.Org) error {
			_, err := audience.Create(tx, "case", []audience.Grant{{Kind: audience.Org, ID: o.ID, Role: audience.Contributor}}, nil, nil)
			return err
		},
		"has people": func(w *applyWorld, tx *db.Tx, o orgs.Org) error {
			_, err := orgs.Join(tx, w.op, o.ID, w.Person(tx, "Insider").ID, orgs.Responder)
			return err
		},
		"is being invited": func(w *applyWorld, tx *db.Tx, o orgs.Org) error {
			_, err := people.Invite(tx, w.Box, w.op, people.Inviting{Email: "real@vexel.example", Org: o.ID, OrgRole: orgs.Admin})
			return err
		},
	} {
		t.Run(use, func(t *testing.T) {
			eachWorld(t, func(w *applyWorld) {
				p, _ := w.reach(membership.AppAccepted)
				early, _ := w.begun(w.program.ID, w.form)
				w.step(membership.AppDraft, early, audience.ForLink(early.ID))
				var known orgs.Org
				w.Do(func(tx *db.Tx) (err error) {
					if known, _, err = orgs.Ensure(tx, "VEXEL"); err != nil {
						return err
					}
					return make(w, tx, known)
				})
				w.Refused("prepared under a name in use", errs.Conflict, func(tx *db.Tx) error { _, err := w.desk.Prepare(tx, w.cora, p.ID, "", ""); return err })
				w.Refused("found complete under a name in use", errs.Conflict, func(tx *db.Tx) error { _, err := w.desk.Check(tx, w.cora, early.ID); return err })

				// Told apart, the applicant gets an organization of its own.
				w.Do(func(tx *db.Tx) (err error) {
					if known, err = orgs.Get(tx, w.op, known.ID); err != nil {
						return err
					}
					known.Name = "Vexel of old"
					_, err = orgs.Edit(tx, w.op, known)
					return err
				})
				w.step(membership.AppAccepted, p, audience.Actor{})
				if p = w.is(p, membership.AppSigned); p.Org == known.ID || p.Org == "" {
					t.Fatalf("the applicant is organization %q; the one in use is %q", p.Org, known.ID)
				}
			})
		})
	}
}

// One that was merely mentioned becomes the applicant's.
func TestApplicationTakesAnOrganizationMerelyKnown(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		p, _ := w.reach(membership.AppAccepted)
		var known orgs.Org
		w.Do(func(tx *db.Tx) (err error) { known, _, err = orgs.Ensure(tx, "VEXEL"); return err })
		w.step(membership.AppAccepted, p, audience.Actor{})
		if p = w.is(p, membership.AppSigned); p.Org != known.ID {
			t.Fatalf("the applicant is organization %q, want %q", p.Org, known.ID)
		}
	})
}
