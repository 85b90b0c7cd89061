package membership

import (
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/spec/membership"
	"tocsin/spec/text"
)

func cleanWhy(field, s, needed string) (string, error) {
	clean, _, err := text.CleanText(s, maxAppReason)
	if err != nil {
		return "", errs.Bad(field, "Please correct this: %s.", err)
	}
	if clean == "" && needed != "" {
		return "", errs.Bad(field, "%s", needed)
	}
	return clean, nil
}

// impartial refuses a member of the secretariat who takes no part in this
// application: they declared a conflict, or work for the applicant or one of
// its house.
func impartial(tx *db.Tx, a audience.Actor, p Application) error {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM application_recusal WHERE application_id = $1 AND person_id = $2 AND person_id <> ''`, p.ID, a.Person)
	if err != nil {
		return err
	}
	if n > 0 {
		return errs.New(errs.Denied, "You declared a conflict of interest in this application; leave it to a colleague.")
	}
	for _, orgID := range a.Of(audience.Org) {
		o, err := loadOrg(tx, orgID)
		if err != nil {
			return err
		}
		same, err := p.sameHouse(tx, o)
		if err != nil {
			return err
		}
		if same {
			return errs.New(errs.Denied, "You work for %s, which belongs to the applicant's house; leave this application to a colleague.", o.Name)
		}
	}
	return nil
}

// DeclareConflict takes the actor, of the secretariat, out of an application
// for good, with a reason. With orgID the secretariat notes that an
// organization is in conflict: it takes no part as a sponsor, and its seat is
// recused from the board's vote.
func (d Desk) DeclareConflict(tx *db.Tx, a audience.Actor, ref, orgID, reason string) error {
	p, err := asSecretary(tx, a, ref)
	if err != nil {
		return err
	}
	if reason, err = cleanWhy("reason", reason, "Say what the conflict is."); err != nil {
		return err
	}
	if p.State.Ended() {
		return errs.New(errs.Conflict, "This application has ended.")
	}
	person := a.Person
	if orgID != "" {
		if _, err := orgs.Get(tx, a, orgID); err != nil {
			return err
		}
		person = ""
	}
	if err := p.recuse(tx, a, orgID, person, reason); err != nil {
		return err
	}
	if orgID != "" && p.State == membership.AppBallot {
		return d.Board.Excuse(tx, a, p.Motion, orgID, "The organization is in conflict.")
	}
	return nil
}

// recuse writes a recusal; a second one of the same changes nothing.
func (p Application) recuse(tx *db.Tx, a audience.Actor, orgID, person, reason string) error {
	row := id.New("apr", tx.Now)
	n, err := tx.Exec(`INSERT INTO application_recusal (id, application_id, audience_id, tlp, org_id, person_id, reason, by_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (application_id, org_id, person_id) DO NOTHING`,
		row, p.ID, p.Team, int(dossierLevel), orgID, person, reason, a.Person, db.Micros(tx.Now))
	if err != nil || n == 0 {
		return err
	}
	p.record(tx, a, EventAppRecused, map[string]any{"org": orgID, "person": person, "reason": reason}, appRecusals.Of(row))
	return nil
}

// Return sends a submitted application back to be completed; note says to the
// applicant what is missing.
func (d Desk) Return(tx *db.Tx, a audience.Actor, ref, note string) (Application, error) {
	p, err := asSecretary(tx, a, ref)
	if err != nil {
		return p, err
	}
	if note, err = cleanWhy("note", note, "Say what is missing; the applicant reads it."); err != nil {
		return p, err
	}
	if err := p.move(tx, membership.AppReturn, `note = $7`, note); err != nil {
		return p, err
	}
	p.record(tx, a, EventAppReturned, map[string]any{"note": note})
	return p.shown(), d.tell(tx, p)
}

// Check finds a submitted application complete. Whoever does so does not
// decide on it later. Where the program asks for no sponsors, it goes on.
func (d Desk) Check(tx *db.Tx, a audience.Actor, ref string) (Application, error) {
	p, err := asSecretary(tx, a, ref)
	if err != nil {
		return p, err
	}
	if err := admissible(tx, p); err != nil {
		return p, err
	}
	if p.Newcomer {
		if err := unknown(tx, p); err != nil {
			return p, err
		}
	}
	if err := p.move(tx, membership.AppCheck, `checked_by = $7`, a.Person); err != nil {
		return p, err
	}
	p.record(tx, a, EventAppChecked, nil)
	if err := d.tell(tx, p); err != nil {
		return p, err
	}
	err = d.support(tx, &p)
	return p.shown(), err
}

// unknown refuses a newcomer that bears the name of a member, or of an
// organization that people belong to or something is open to: either it is
// that one, or it claims to be, and would get what was meant for the other.
// What there is says nothing to the secretariat of a program.
func unknown(tx *db.Tx, p Application) error {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM org WHERE folded = $1 AND listed = 1 AND id <> $2`, orgs.Fold(p.Name), p.Org)
	if err != nil {
		return err
	}
	if n > 0 {
		return errs.New(errs.Conflict, "An organization called %s is a member of the alliance already. Find out who applies; if it is the member, its admin applies signed in.", p.Name)
	}
	n, err = db.Value[int](tx, `SELECT COUNT(*) FROM org o WHERE o.folded = $1 AND o.id <> $2 AND (
		EXISTS (SELECT 1 FROM membership m WHERE m.org_id = o.id) OR EXISTS (SELECT 1 FROM program_org x WHERE x.org_id = o.id)
		OR EXISTS (SELECT 1 FROM invitation i WHERE i.org_id = o.id AND i.state = 'open')
		OR EXISTS (SELECT 1 FROM audience_grant g WHERE g.kind = $3 AND g.subject_id = o.id AND g.audience_id <> o.audience_id))`, orgs.Fold(p.Name), p.Org, string(audience.Org))
	if err == nil && n > 0 {
		err = errs.New(errs.Conflict, "An organization called %s is known to the alliance already, and an application cannot take its place. Find out who applies: if it is that organization, a coordinator of the alliance invites its admin, who applies signed in; if it is another one, a coordinator gives the organization known so far a name that tells them apart.", p.Name)
	}
	return err
}
