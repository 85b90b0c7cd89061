package membership

import (
	"fmt"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/membership"
)

// Receipt is what an applicant without an account gets, once. Only the
// secret's digest is kept.
type Receipt struct {
	ID      string    `json:"id"`
	Number  string    `json:"number"`
	Secret  string    `json:"secret,omitempty"` // of the link, AppLinkPath; "" for who applies signed in
	Expires time.Time `json:"expires_at,omitzero"`
}

// Begin makes a draft: of anybody, who gets a secret link to go on with and
// another one by mail that proves the address; or with orgID of a signed-in
// admin for its organization. A door calls AllowBegin before, in a
// transaction of its own.
func (d Desk) Begin(tx *db.Tx, a audience.Actor, programID, orgID string, in Form) (Receipt, error) {
	if _, err := open(tx, programID); err != nil {
		return Receipt{}, err
	}
	var err error
	p := Application{Program: programID, Newcomer: orgID == ""}
	if orgID != "" {
		if in, err = asMember(tx, a, orgID, programID, in); err != nil {
			return Receipt{}, err
		}
		p.Org, p.ConfirmedAt = orgID, tx.Now
	}
	if in, err = in.cleaned(); err != nil {
		return Receipt{}, err
	}
	p.fill(in)
	p.ID, p.State, p.BegunAt, p.LapsesAt = id.New("app", tx.Now), membership.Application.Start, tx.Now, tx.Now.Add(AppLife)
	p.Dates = map[membership.AppState]time.Time{p.State: tx.Now.UTC()}
	if p.Number, err = nextAppNumber(tx); err != nil {
		return Receipt{}, err
	}
	if err := p.audiences(tx); err != nil {
		return Receipt{}, err
	}
	if err := p.insert(tx); err != nil {
		return Receipt{}, err
	}
	who := a
	if p.Newcomer {
		who = audience.ForLink(p.ID)
	}
	if p, err = appByID(tx, p.ID); err != nil {
		return Receipt{}, err
	}
	p.record(tx, who, EventAppBegun, map[string]any{"program": p.Program})
	out := Receipt{ID: p.ID, Number: p.Number}
	if !p.Newcomer {
		return out, nil
	}
	if out.Secret, err = newAppLink(tx, p.ID, forPage, "", AppLife+testLife); err != nil {
		return out, err
	}
	out.Expires = tx.Now.Add(AppLife + testLife)
	return out, d.mailed(tx, p)
}

// mailed is mailLink for a verb that goes on without the mail when the
// address was written to too often today.
func (d Desk) mailed(tx *db.Tx, p Application) error {
	if err := d.mailLink(tx, p); !errs.Is(err, errs.RateLimited) {
		return err
	}
	return nil
}

// asMember checks that the actor may apply for the organization, and takes
// over what is known of it.
func asMember(tx *db.Tx, a audience.Actor, orgID, programID string, in Form) (Form, error) {
	if err := charter.SignedIn(a); err != nil {
		return in, err
	}
	o, err := orgs.Get(tx, a, orgID)
	if err != nil {
		return in, err
	}
	ok, err := speaksFor(tx, a, orgID)
	if err != nil {
		return in, err
	}
	if !ok {
		return in, errs.New(errs.Denied, "Only an admin of the organization may apply for it.")
	}
	inside, err := programs.Member(tx, programID, orgID)
	if err != nil {
		return in, err
	}
	if inside {
		return in, errs.New(errs.Conflict, "%s is a member of this program already.", o.Name)
	}
	me, err := people.Load(tx, a.Person)
	if err != nil {
		return in, err
	}
	in.Name, in.Class, in.Contact = o.Name, o.Class, me.Email
	if in.ContactName == "" {
		in.ContactName = me.Name
	}
	if in.Website == "" && whole(o.Website) {
		in.Website = o.Website
	}
	return in, nil
}

func (p *Application) fill(in Form) {
	p.Name, p.Class, p.Website, p.Statement, p.Evidence, p.Sponsors, p.Affiliates, p.Contact, p.ContactName =
		in.Name, in.Class, in.Website, in.Statement, in.Evidence, in.Sponsors, in.Affiliates, in.Contact, in.ContactName
}

func nextAppNumber(tx *db.Tx) (string, error) {
	n, err := db.Value[int64](tx, `INSERT INTO application_series (year, last) VALUES ($1, 1) ON CONFLICT (year) DO UPDATE SET last = application_series.last + 1 RETURNING last`, tx.Now.UTC().Year())
	return fmt.Sprintf("AP-%d-%04d", tx.Now.UTC().Year(), n), err
}

// audiences makes the three sides. The secretariat is let in at the first
// submission: a draft is its author's alone. Its own side and the members' lie
// under the program: nobody reads them who works for a class shut out there.
func (p *Application) audiences(tx *db.Tx) (err error) {
	own := []audience.Grant{{Kind: audience.Link, ID: p.ID, Role: audience.Contributor, Reason: "applies"}}
	if !p.Newcomer {
		own = []audience.Grant{{Kind: audience.Org, ID: p.Org, Role: audience.Contributor, Reason: "applies"}}
	}
	if p.Audience, err = audience.Create(tx, "application", own, nil, nil); err != nil {
		return err
	}
	if p.Team, err = audience.Create(tx, "dossier of an application", nil, nil, nil); err != nil {
		return err
	}
	if p.Members, err = audience.Create(tx, "announcement of an application", nil, nil, nil); err != nil {
		return err
	}
	for _, aid := range []string{p.Team, p.Members} {
		if err := programs.Place(tx, aid, p.Program); err != nil {
			return err
		}
	}
	return nil
}

// CoordinatorOf is the id of the office of a program's own coordinators.
func CoordinatorOf(programID string) string { return charter.Coordinator + ":" + programID }

func (p Application) letIn(tx *db.Tx) error {
	for _, aid := range []string{p.Audience, p.Team, p.Members} {
		for _, office := range []string{charter.Coordinator, CoordinatorOf(p.Program)} {
			if err := audience.Admit(tx, aid, audience.Grant{Kind: audience.Office, ID: office, Role: audience.Coordinator, Reason: "secretariat of the program"}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p Application) insert(tx *db.Tx) error {
	_, err := tx.Exec(`INSERT INTO application (id, number, audience_id, team_id, members_id, tlp, program_id, org_id, newcomer, name, folded, class, website, statement, evidence, sponsors, affiliates, contact, contact_name, confirmed_at, state, dates, begun_at, lapses_at, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $23, 1)`,
		p.ID, p.Number, p.Audience, p.Team, p.Members, int(appLevel), p.Program, p.Org, db.Bit(p.Newcomer), p.Name, orgs.Fold(p.Name), string(p.Class), p.Website, p.Statement, db.JSON(p.Evidence), db.JSON(p.Sponsors), p.Affiliates,
		p.Contact, p.ContactName, db.Micros(p.ConfirmedAt), string(p.State), db.JSON(p.Dates), db.Micros(p.BegunAt), db.Micros(p.LapsesAt))
	if db.Taken(err) {
		return errs.New(errs.Conflict, "Your organization has an application to this program under way already.")
	}
	return err
}

// Save keeps a draft as it is now; in.Version is the version seen. A new
// contact address has to be proved anew.
func (d Desk) Save(tx *db.Tx, a audience.Actor, ref string, in Form) (Application, error) {
	p, err := asApplicant(tx, a, ref)
	if err != nil {
		return p, err
	}
	if _, err := membership.Application.Move(p.State, membership.AppEdit); err != nil {
		return p, errs.New(errs.Conflict, "The application was submitted; it can be changed only if the secretariat sends it back.")
	}
	if err := p.unchanged(in.Version, in); err != nil {
		return p, err
	}
	if !p.Newcomer {
		in.Name, in.Class, in.Contact = p.Name, p.Class, p.Contact
	}
	if in, err = in.cleaned(); err != nil {
		return p, err
	}
	moved := in.Contact != p.Contact
	if moved {
		p.ConfirmedAt = time.Time{}
	}
	p.fill(in)
	if err := p.move(tx, membership.AppEdit, `name = $7, folded = $8, class = $9, website = $10, statement = $11, evidence = $12, sponsors = $13, affiliates = $14, contact = $15, contact_name = $16, confirmed_at = $17`,
		p.Name, orgs.Fold(p.Name), string(p.Class), p.Website, p.Statement, db.JSON(p.Evidence), db.JSON(p.Sponsors), p.Affiliates, p.Contact, p.ContactName, db.Micros(p.ConfirmedAt)); err != nil {
		return p, err
	}
	p.record(tx, a, EventAppEdited, nil)
	if moved {
		// The address before may have been somebody else's.
		if _, err := tx.Exec(`UPDATE application_link SET ended_at = $1 WHERE application_id = $2 AND purpose = 'mail' AND ended_at IS NULL`, db.Micros(tx.Now), p.ID); err != nil {
			return p, err
		}
		if err := d.mailed(tx, p); err != nil {
			return p, err
		}
	}
	return p.shown(), nil
}

// Remind mails the link to the contact anew, for who did not get it; the link
// mailed before ends.
func (d Desk) Remind(tx *db.Tx, a audience.Actor, ref string) error {
	p, err := asApplicant(tx, a, ref)
	if err != nil {
		return err
	}
	if !p.Newcomer {
		return errs.New(errs.Conflict, "This application was made signed in; it has no link.")
	}
	if _, err := tx.Exec(`UPDATE application_link SET ended_at = $1 WHERE application_id = $2 AND purpose = 'mail' AND ended_at IS NULL`, db.Micros(tx.Now), p.ID); err != nil {
		return err
	}
	return d.mailLink(tx, p)
}

// Submit hands the application in. It answers Invalid with every field that
// the program asks for and that is empty.
func (d Desk) Submit(tx *db.Tx, a audience.Actor, ref string, version int64) (Application, error) {
	p, err := asApplicant(tx, a, ref)
	if err != nil {
		return p, err
	}
	if err := p.unchanged(version, nil); err != nil {
		return p, err
	}
	r, err := open(tx, p.Program)
	if err != nil {
		return p, err
	}
	if _, err := membership.Application.Move(p.State, membership.AppSubmit); err != nil {
		return p, errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	lacking := p.lacks(r)
	if p.ConfirmedAt.IsZero() {
		lacking = append(lacking, errs.Field{Name: "contact", Reason: "Open the link that was mailed to " + p.Contact + " to confirm the address."})
	}
	if err := errs.Join(lacking); err != nil {
		return p, err
	}
	if err := admissible(tx, p); err != nil {
		return p, err
	}
	if err := barredUntil(tx, p); err != nil {
		return p, err
	}
	if err := p.letIn(tx); err != nil {
		return p, err
	}
	if err := p.move(tx, membership.AppSubmit, `note = '', lapses_at = $7, reminded_at = NULL`, db.Micros(tx.Now.Add(AppLife))); err != nil {
		return p, err
	}
	p.record(tx, a, EventAppSubmitted, map[string]any{"program": p.Program, "name": p.Name, "class": p.Class})
	return p.shown(), d.tell(tx, p)
}

// admissible refuses an applicant of a class that the program does not admit.
func admissible(tx *db.Tx, p Application) error {
	err := programs.Admissible(tx, p.Program, p.Class)
	if err == nil || errs.Is(err, errs.Internal) {
		return err
	}
	return errs.Bad("class", "%s", err.Error())
}

// barredUntil refuses an organization that was told not to apply again before
// a day. Newcomers are known again by the domain of their proved address.
func barredUntil(tx *db.Tx, p Application) error {
	same := p.Contact
	if d := mailDomain(p.Contact); sameDomain(d, hostOf(p.Website)) {
		same = "@" + d // the organization's own domain, and nobody else's
	}
	until, err := db.Value[int64](tx, `SELECT COALESCE(MAX(b.reapply_at), 0) FROM application b WHERE b.program_id = $1 AND b.state = 'refused' AND b.reapply_at > $2
		AND (b.org_id <> '' AND b.org_id = $3 OR substr(b.contact, length(b.contact) - length($4) + 1) = $4)`, p.Program, db.Micros(tx.Now), p.Org, same)
	if err != nil || until == 0 {
		return err
	}
	return errs.New(errs.Conflict, "An earlier application of yours was refused. You may apply again from %s on.", time.UnixMicro(until).UTC().Format("2006-01-02 15:04 UTC"))
}

// tell lets the applicant know that the application moved, and where it
// stands; it names nobody.
func (d Desk) tell(tx *db.Tx, p Application) error {
	shown := p
	shown.Side = Applicant
	shown = shown.shown()
	ledger.Append(tx, ledger.Event{Kind: EventProgressed, Audience: p.Audience, Level: appLevel, Scope: p.ID, Object: p.ref(), Data: map[string]string{"number": p.Number, "state": string(shown.State)}})
	return d.mailNews(tx, p, fmt.Sprint("moved ", p.Version), "There is news about your application.")
}
