package membership

import (
	"slices"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/membership"
)

// Sponsor is a member of the program that was asked to speak for an
// applicant.
type Sponsor struct {
	ID         string    `json:"id"`
	Org        string    `json:"org"`
	OrgName    string    `json:"org_name"`
	AskedAt    time.Time `json:"asked_at"`
	Answer     Answer    `json:"answer,omitempty"` // "" while it has not answered
	Statement  string    `json:"statement,omitempty"`
	Conflict   string    `json:"conflict,omitempty"` // what ties it to the applicant, in its own words
	Person     string    `json:"person,omitempty"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
}

// Answer is what a sponsor says.
type Answer string

// The answers.
const (
	Supports Answer = "supports"
	Declines Answer = "declines"
)

const sponsorQuery = `SELECT s.id, s.org_id, o.name, s.asked_at, s.answer, s.statement, s.conflict, s.person_id, s.answered_at FROM application_sponsor s JOIN org o ON o.id = s.org_id WHERE `

func scanSponsor(s *Sponsor) []any {
	return []any{&s.ID, &s.Org, &s.OrgName, db.At(&s.AskedAt), &s.Answer, &s.Statement, &s.Conflict, &s.Person, db.At(&s.AnsweredAt)}
}

func (p Application) sponsors(tx *db.Tx) ([]Sponsor, error) {
	return db.All(tx, scanSponsor, sponsorQuery+`s.application_id = $1 ORDER BY s.asked_at, s.id`+db.Limit(200), p.ID)
}

// mayConcern refuses an organization that cannot speak for or against the
// applicant as a member: it is none of the program, or of the applicant's own
// house.
func (p Application) mayConcern(tx *db.Tx, orgID string) (orgs.Org, error) {
	o, err := loadOrg(tx, orgID)
	if err != nil {
		return o, err
	}
	in, err := inGoodStanding(tx, p.Program, orgID)
	if err != nil {
		return o, err
	}
	if !in {
		return o, notMember()
	}
	same, err := p.sameHouse(tx, o)
	if err == nil && same {
		err = errs.New(errs.Conflict, "%s and the applicant belong together (the same organization, domain or owner); nobody speaks for itself.", o.Name)
	}
	return o, err
}

// eligible is mayConcern for a sponsor: it is not of one house with another
// sponsor, and nobody noted a conflict.
func (p Application) eligible(tx *db.Tx, orgID string) (orgs.Org, error) {
	o, err := p.mayConcern(tx, orgID)
	if err != nil {
		return o, err
	}
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM application_recusal WHERE application_id = $1 AND org_id = $2`, p.ID, orgID)
	if err != nil {
		return o, err
	}
	if n > 0 {
		return o, errs.New(errs.Conflict, "%s is in conflict in this application; it cannot be a sponsor.", o.Name)
	}
	list, err := p.sponsors(tx)
	if err != nil {
		return o, err
	}
	for _, s := range list {
		if s.Org == orgID || s.Answer == Declines {
			continue
		}
		near, err := related(tx, orgID, s.Org)
		if err != nil {
			return o, err
		}
		if near {
			return o, errs.New(errs.Conflict, "%s and %s belong to one house; the sponsors must be independent of one another.", o.Name, s.OrgName)
		}
	}
	return o, nil
}

// AskSponsor asks a member of the program to speak for the applicant; the
// secretariat does, while the application waits for sponsors.
func (d Desk) AskSponsor(tx *db.Tx, a audience.Actor, ref, orgID string) (Sponsor, error) {
	p, err := asSecretary(tx, a, ref)
	if err != nil {
		return Sponsor{}, err
	}
	if _, err := membership.Application.Move(p.State, membership.AppSponsor); err != nil {
		return Sponsor{}, errs.New(errs.Conflict, "Sponsors are asked once the application is complete, and until enough have spoken.")
	}
	o, err := p.eligible(tx, orgID)
	if err != nil {
		return Sponsor{}, err
	}
	row := id.New("spo", tx.Now)
	n, err := tx.Exec(`INSERT INTO application_sponsor (id, application_id, audience_id, tlp, org_id, asked_by, asked_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (application_id, org_id) DO NOTHING`,
		row, p.ID, p.Team, int(dossierLevel), orgID, a.Person, db.Micros(tx.Now))
	if err != nil {
		return Sponsor{}, err
	}
	if n == 0 {
		return Sponsor{}, errs.New(errs.Conflict, "%s was asked already.", o.Name)
	}
	p.record(tx, a, EventAppAsked, map[string]any{"org": orgID}, sponsorTable.Of(row))
	if err := p.showTo(tx, audience.Org, orgID, "is asked to speak for the applicant"); err != nil {
		return Sponsor{}, err
	}
	ledger.Append(tx, ledger.Event{Kind: EventAppAskedFor, Audience: o.Audience, Level: dossierLevel, Scope: p.ID, Object: p.ref(), Data: map[string]string{"number": p.Number}})
	s, _, err := db.One(tx, scanSponsor, sponsorQuery+`s.id = $1`, row)
	return s, err
}

func (p Application) showTo(tx *db.Tx, kind audience.SubjectKind, subject, why string) error {
	return audience.Admit(tx, p.Members, audience.Grant{Kind: kind, ID: subject, Role: audience.Reader, Reason: why})
}

// Speech is what a sponsor or an objector says.
type Speech struct {
	Org      string `json:"org"` // for which the actor speaks
	Answer   Answer `json:"answer,omitempty"`
	Text     string `json:"text"`               // the statement, or the reason; Markdown
	Conflict string `json:"conflict,omitempty"` // what ties or sets it against the applicant: business, persons, competition
}

// Speak is a sponsor's answer, by one of its admins: its statement, or that
// it declines. It can be given once. With enough statements the application
// goes on.
func (d Desk) Speak(tx *db.Tx, a audience.Actor, ref string, in Speech) (Sponsor, error) {
	p, err := asMemberOf(tx, a, ref, in.Org)
	if err != nil {
		return Sponsor{}, err
	}
	s, ok, err := db.One(tx, scanSponsor, sponsorQuery+`s.application_id = $1 AND s.org_id = $2`, p.ID, in.Org)
	if err != nil {
		return s, err
	}
	if !ok {
		return s, errs.New(errs.Conflict, "Your organization was not asked to speak for this applicant. Write to the secretariat if it would.")
	}
	if _, err := membership.Application.Move(p.State, membership.AppSponsor); err != nil {
		return s, errs.New(errs.Conflict, "Sponsors are not heard any more: the application went on or ended.")
	}
	if s.Answer != "" {
		return s, errs.New(errs.Conflict, "Your organization has answered already.")
	}
	needed := ""
	switch in.Answer {
	case Supports:
		needed = "Say how you know the team, and why it should be admitted."
		if _, err := p.eligible(tx, in.Org); errs.Is(err, errs.Conflict) {
			// Who else speaks, and what was noted, is not a sponsor's to know.
			return s, errs.New(errs.Conflict, "Your organization cannot support this applicant. It may decline; write to the secretariat if you wonder why.")
		} else if err != nil {
			return s, err
		}
		list, err := p.sponsors(tx)
		if err != nil {
			return s, err
		}
		if slices.ContainsFunc(list, func(o Sponsor) bool { return o.Person == a.Person && o.Answer == Supports }) {
			return s, errs.New(errs.Conflict, "You spoke for another sponsor already; somebody else must speak for this one.")
		}
	case Declines:
	default:
		return s, errs.Bad("answer", "Choose whether your organization supports the applicant or declines to speak.")
	}
	if in.Text, err = cleanWhy("text", in.Text, needed); err != nil {
		return s, err
	}
	if in.Conflict, err = cleanWhy("conflict", in.Conflict, ""); err != nil {
		return s, err
	}
	if err := p.move(tx, membership.AppSponsor, ""); err != nil {
		return s, err
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "Your organization has answered already."), `UPDATE application_sponsor SET answer = $1, statement = $2, conflict = $3, person_id = $4, answered_at = $5 WHERE id = $6 AND answer = ''`,
		string(in.Answer), in.Text, in.Conflict, a.Person, db.Micros(tx.Now), s.ID); err != nil {
		return s, err
	}
	p.record(tx, a, EventAppSponsored, map[string]any{"org": in.Org, "answer": in.Answer}, sponsorTable.Of(s.ID))
	if err := d.support(tx, &p); err != nil {
		return s, err
	}
	s, _, err = db.One(tx, scanSponsor, sponsorQuery+`s.id = $1`, s.ID)
	return s, err
}

// asMemberOf is holdApp for the voice of a member that may read the
// announcement.
func asMemberOf(tx *db.Tx, a audience.Actor, ref, orgID string) (Application, error) {
	p, err := holdApp(tx, a, ref)
	if err != nil {
		return p, err
	}
	ok, err := speaksFor(tx, a, orgID)
	if err == nil && !ok {
		err = errs.New(errs.Denied, "Only an admin of the organization may speak for it.")
	}
	return p, err
}

// statements counts the statements that count now: a sponsor that left the
// program, or turned out to belong to the applicant or to another sponsor,
// counts no more.
func (p Application) statements(tx *db.Tx) (int, error) {
	list, err := p.sponsors(tx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, s := range list {
		if s.Answer != Supports {
			continue
		}
		_, err := p.eligible(tx, s.Org)
		if err == nil {
			n++
		} else if !errs.Is(err, errs.Conflict) {
			return 0, err
		}
	}
	return n, nil
}

// support moves a complete application on once enough sponsors have spoken;
// while the program is frozen it waits for the thaw.
func (d Desk) support(tx *db.Tx, p *Application) error {
	if p.State != membership.AppComplete || p.Frozen {
		return nil
	}
	r, err := programs.RulesOf(tx, p.Program)
	if err != nil {
		return err
	}
	n, err := p.statements(tx)
	if err != nil || n < r.Sponsors {
		return err
	}
	if err := p.move(tx, membership.AppSupport, ""); err != nil {
		return err
	}
	p.record(tx, audience.Actor{}, EventAppSupported, map[string]any{"statements": n})
	return d.tell(tx, *p)
}
