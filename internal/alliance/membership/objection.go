package membership

import (
	"time"

	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/membership"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

// Objection is what a member of the program has against an applicant.
type Objection struct {
	ID         string    `json:"id"`
	Org        string    `json:"org"`
	OrgName    string    `json:"org_name"`
	Person     string    `json:"person"`
	Reason     string    `json:"reason"`
	Conflict   string    `json:"conflict,omitempty"` // a competitor, a dispute: what sets it against the applicant
	At         time.Time `json:"at"`
	Answer     Finding   `json:"answer,omitempty"` // "" until the secretariat has answered
	Why        string    `json:"why,omitempty"`    // of the answer
	AnsweredBy string    `json:"answered_by,omitempty"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
}

// Finding is what the secretariat finds of an objection.
type Finding string

// The findings. An objection that stands goes to those who decide; one that
// is set aside (a competitor's interest, an error of fact) is shown to them
// with that answer.
const (
	Stands   Finding = "stands"
	SetAside Finding = "set-aside"
)

const objectionQuery = `SELECT x.id, x.org_id, o.name, x.person_id, x.reason, x.conflict, x.at, x.answer, x.answered_why, x.answered_by, x.answered_at FROM application_objection x JOIN org o ON o.id = x.org_id WHERE `

func scanObjection(x *Objection) []any {
	return []any{&x.ID, &x.Org, &x.OrgName, &x.Person, &x.Reason, &x.Conflict, db.At(&x.At), &x.Answer, &x.Why, &x.AnsweredBy, db.At(&x.AnsweredAt)}
}

func (p Application) objections(tx *db.Tx) ([]Objection, error) {
	return db.All(tx, scanObjection, objectionQuery+`x.application_id = $1 ORDER BY x.at, x.id`+db.Limit(1000), p.ID)
}

// Announce tells the members of the program of the applicant, and opens the
// period in which they may object. Where the rules give no time for it, the
// application is ready at once.
func (d Desk) Announce(tx *db.Tx, a audience.Actor, ref string) (Application, error) {
	p, err := asSecretary(tx, a, ref)
	if err != nil {
		return p, err
	}
	r, err := programs.RulesOf(tx, p.Program)
	if err != nil {
		return p, err
	}
	if _, err := membership.Application.Move(p.State, membership.AppAnnounce); err != nil {
		return p, errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	n, err := p.statements(tx)
	if err != nil {
		return p, err
	}
	if n < r.Sponsors {
		return p, errs.New(errs.Conflict, "%s of %d that the program asks for: a sponsor left the program, or belongs to the applicant's or another sponsor's house. Refuse the application, or wait until that is settled.", text.Plural(n, "sponsor's statement counts", "sponsors' statements count"), r.Sponsors)
	}
	ends := tx.Now.Add(time.Duration(r.ObjectionDays) * 24 * time.Hour)
	if err := p.move(tx, membership.AppAnnounce, `objections_end = $7`, db.Micros(ends)); err != nil {
		return p, err
	}
	if err := p.showTo(tx, audience.Program, p.Program, "may object to the applicant"); err != nil {
		return p, err
	}
	p.record(tx, a, EventAppOpened, map[string]any{"until": ends})
	ledger.Append(tx, ledger.Event{Kind: EventAppAnnounced, Audience: p.Members, Level: tlp.Green, Scope: p.ID, Object: p.ref(), Data: map[string]any{"number": p.Number, "until": ends}})
	if err := d.tell(tx, p); err != nil {
		return p, err
	}
	if r.ObjectionDays == 0 {
		err = d.closePeriod(tx, &p)
	}
	return p.shown(), err
}

// Object says what a member of the program has against the applicant, by one
// of its admins, until the period ends; once a member. Whoever objects does
// not decide: a seat of theirs on the board is recused.
func (d Desk) Object(tx *db.Tx, a audience.Actor, ref string, in Speech) (Objection, error) {
	p, err := asMemberOf(tx, a, ref, in.Org)
	if err != nil {
		return Objection{}, err
	}
	if _, err := membership.Application.Move(p.State, membership.AppObject); err != nil || !tx.Now.Before(p.ObjectionsEnd) {
		return Objection{}, errs.New(errs.Conflict, "The application is not open to objection now.")
	}
	if _, err := p.mayConcern(tx, in.Org); err != nil {
		return Objection{}, err
	}
	if in.Text, err = cleanWhy("text", in.Text, "Say what speaks against the applicant; those who decide read it."); err != nil {
		return Objection{}, err
	}
	if in.Conflict, err = cleanWhy("conflict", in.Conflict, ""); err != nil {
		return Objection{}, err
	}
	if err := p.move(tx, membership.AppObject, ""); err != nil {
		return Objection{}, err
	}
	row := id.New("obj", tx.Now)
	n, err := tx.Exec(`INSERT INTO application_objection (id, application_id, audience_id, tlp, org_id, person_id, reason, conflict, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (application_id, org_id) DO NOTHING`,
		row, p.ID, p.Team, int(dossierLevel), in.Org, a.Person, in.Text, in.Conflict, db.Micros(tx.Now))
	if err != nil {
		return Objection{}, err
	}
	if n == 0 {
		return Objection{}, errs.New(errs.Conflict, "Your organization has objected already.")
	}
	p.record(tx, a, EventAppObjected, map[string]any{"org": in.Org, "competitor": in.Conflict != ""}, objectionTable.Of(row))
	x, _, err := db.One(tx, scanObjection, objectionQuery+`x.id = $1`, row)
	return x, err
}

// AnswerObjection settles an objection for those who decide: it stands, or is
// set aside, with the reason. Until every objection is answered the
// application is not decided on.
func (d Desk) AnswerObjection(tx *db.Tx, a audience.Actor, ref, objectionID string, f Finding, why string) (Application, error) {
	p, err := asSecretary(tx, a, ref)
	if err != nil {
		return p, err
	}
	x, ok, err := db.One(tx, scanObjection, objectionQuery+`x.id = $1 AND x.application_id = $2`, objectionID, p.ID)
	if err != nil || !ok {
		return p, missing(err, "objection")
	}
	if p.State != membership.AppObjection || x.Answer != "" {
		return p, errs.New(errs.Conflict, "This objection has been answered, or the application went on.")
	}
	if a.Holds(audience.Org, x.Org) {
		return p, errs.New(errs.Denied, "You work for %s, which objects; leave its answer to a colleague.", x.OrgName)
	}
	if f != Stands && f != SetAside {
		return p, errs.Bad("answer", "Choose whether the objection stands or is set aside.")
	}
	if why, err = cleanWhy("why", why, "Say why; those who decide read it."); err != nil {
		return p, err
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "This objection has been answered."), `UPDATE application_objection SET answer = $1, answered_why = $2, answered_by = $3, answered_at = $4 WHERE id = $5 AND answer = ''`,
		string(f), why, a.Person, db.Micros(tx.Now), x.ID); err != nil {
		return p, err
	}
	p.record(tx, a, EventAppAnswered, map[string]any{"objection": x.ID, "answer": f, "why": why}, objectionTable.Of(x.ID))
	err = d.closePeriod(tx, &p)
	return p.shown(), err
}

// closePeriod makes an application ready once its period is over and every
// objection was answered; else, and while the program is frozen, it waits.
func (d Desk) closePeriod(tx *db.Tx, p *Application) error {
	if p.State != membership.AppObjection || p.Frozen || tx.Now.Before(p.ObjectionsEnd) {
		return nil
	}
	waiting, err := db.Value[int](tx, `SELECT COUNT(*) FROM application_objection WHERE application_id = $1 AND answer = ''`, p.ID)
	if err != nil || waiting > 0 {
		return err
	}
	if err := p.move(tx, membership.AppClose, ""); err != nil {
		return err
	}
	p.record(tx, audience.Actor{}, EventAppClosed, nil)
	return d.tell(tx, *p)
}
