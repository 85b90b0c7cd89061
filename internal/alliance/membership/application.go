package membership

import (
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
	"tocsin/spec/membership"
	"tocsin/spec/tlp"
)

// Desk is the secretariat's desk: what the verbs of applying need besides the
// transaction.
type Desk struct {
	Sealer *seal.Sealer
	Box    *outbox.Box // nil: no mail
	Board  board.Room
	URL    string // of this server, for links in mails
}

// The kinds of events. EventProgressed is the applicant's, and says nothing
// but where the application stands; EventAnnounced the members'. All others
// are for the secretariat.
const (
	EventAppBegun     = "application.begun"
	EventAppEdited    = "application.edited"
	EventAppConfirmed = "application.confirmed" // the contact's address
	EventAppSubmitted = "application.submitted"
	EventAppReturned  = "application.returned"
	EventAppChecked   = "application.checked"
	EventAppAsked     = "application.sponsor-asked"
	EventAppAskedFor  = "application.sponsor-called" // the same, for the sponsor
	EventAppSponsored = "application.sponsor-answered"
	EventAppSupported = "application.supported"
	EventAppAnnounced = "application.announced"
	EventAppOpened    = "application.opened" // the same, for the secretariat
	EventAppObjected  = "application.objected"
	EventAppAnswered  = "application.objection-answered"
	EventAppClosed    = "application.closed" // the objection period
	EventAppRecused   = "application.recused"
	EventAppPut       = "application.put"
	EventAppDecided   = "application.decided"
	EventAppUndecided = "application.undecided"
	EventAppExplained = "application.explained"
	EventAppPrepared  = "application.prepared"
	EventAppSigned    = "application.signed"
	EventAppPaged     = "application.test-sent"
	EventAppTested    = "application.tested"
	EventAppActive    = "application.activated"
	EventAppWithdrawn = "application.withdrawn"
	EventAppLapsed    = "application.lapsed"
	EventAppRelinked  = "application.relinked"
	EventAppReminded  = "application.reminded"
	EventProgressed   = "application.progressed"
	EventAffiliated   = "affiliation.declared"
	EventDisaffiliate = "affiliation.removed"
	EventFrozen       = "applications.frozen"
	EventThawed       = "applications.thawed"
)

var (
	appTable       = ledger.Table{Kind: "application", Name: "application", Cols: "id, number, audience_id, team_id, members_id, tlp, program_id, org_id, newcomer, name, class, website, statement, evidence, sponsors, affiliates, contact, contact_name, confirmed_at, state, note, checked_by, decided_by, reason, reapply_at, motion_id, objections_end, dates, begun_at, version"}
	sponsorTable   = ledger.Table{Kind: "application_sponsor", Name: "application_sponsor", Cols: "id, application_id, audience_id, tlp, org_id, asked_by, asked_at, answer, statement, conflict, person_id, answered_at"}
	objectionTable = ledger.Table{Kind: "application_objection", Name: "application_objection", Cols: "id, application_id, audience_id, tlp, org_id, person_id, reason, conflict, answer, answered_why, answered_by, at, answered_at"}
	appRecusals    = ledger.Table{Kind: "application_recusal", Name: "application_recusal", Cols: "id, application_id, audience_id, tlp, org_id, person_id, reason, by_id, at"}
	affiliations   = ledger.Table{Kind: "affiliation", Name: "affiliation", Cols: "id, party_id, parent_id, note, person_id, at"}
	freezeTable    = ledger.Table{Kind: "application_freeze", Name: "application_freeze", Cols: "id, program_id, ref, audience_id, tlp, person_id, since, ended_at"}

	applicationTables = []ledger.Table{appTable, sponsorTable, objectionTable, appRecusals, affiliations, freezeTable}
)

const (
	appLevel     = tlp.Green       // what the members may read of an application
	dossierLevel = tlp.AmberStrict // what the secretariat and the board may
)

// AppLife is how long an application may take until the membership is active,
// from its last submission; a draft, from its beginning. Time for which
// applications to the program were frozen does not count.
const AppLife = 365 * 24 * time.Hour

// Application is an application to a program. Which fields are filled depends
// on who reads it; see Side.
type Application struct {
	ID            string                            `json:"id"`
	Number        string                            `json:"number"` // "AP-2026-0001"
	Program       string                            `json:"program"`
	ProgramName   string                            `json:"program_name"`
	Org           string                            `json:"org,omitempty"` // the applying member, or the organization made on acceptance
	Newcomer      bool                              `json:"newcomer"`      // came by secret link, without an account
	Name          string                            `json:"name"`
	Class         orgs.Class                        `json:"class"`
	Website       string                            `json:"website,omitempty"`
	Statement     string                            `json:"statement,omitempty"` // Markdown; members read it
	Evidence      Evidence                          `json:"evidence"`
	Sponsors      []string                          `json:"sponsors,omitempty"`   // whom the applicant named, in its own words
	Affiliates    string                            `json:"affiliates,omitempty"` // who owns it and whom it owns, in its own words
	Contact       string                            `json:"contact,omitempty"`    // mail address
	ContactName   string                            `json:"contact_name,omitempty"`
	ConfirmedAt   time.Time                         `json:"confirmed_at,omitzero"` // the contact's address was proved
	State         membership.AppState               `json:"state"`
	Note          string                            `json:"note,omitempty"` // what is missing, for the applicant
	CheckedBy     string                            `json:"checked_by,omitempty"`
	DecidedBy     string                            `json:"decided_by,omitempty"`
	Reason        string                            `json:"reason,omitempty"`    // of a refusal, for the applicant
	ReapplyAt     time.Time                         `json:"reapply_at,omitzero"` // not before; zero: at any time
	Motion        string                            `json:"motion,omitempty"`    // id of the board's motion
	ObjectionsEnd time.Time                         `json:"objections_end,omitzero"`
	Dates         map[membership.AppState]time.Time `json:"dates"` // when each state was reached last
	BegunAt       time.Time                         `json:"begun_at"`
	LapsesAt      time.Time                         `json:"lapses_at"`
	UpdatedAt     time.Time                         `json:"updated_at"`
	Version       int64                             `json:"version"`
	Frozen        bool                              `json:"frozen,omitempty"` // applications to the program rest at present
	Side          Side                              `json:"side"`             // as whom the reader reads it

	Audience string `json:"-"`
	Team     string `json:"-"`
	Members  string `json:"-"`

	reminded time.Time
}

const appColumns = `a.id, a.number, a.audience_id, a.team_id, a.members_id, a.program_id, g.name, a.org_id, a.newcomer, a.name, a.class, a.website, a.statement, a.evidence, a.sponsors, a.affiliates,
	a.contact, a.contact_name, a.confirmed_at, a.state, a.note, a.checked_by, a.decided_by, a.reason, a.reapply_at, a.motion_id, a.objections_end, a.dates, a.begun_at, a.lapses_at, a.reminded_at, a.updated_at, a.version,
	CASE WHEN EXISTS (SELECT 1 FROM application_freeze f WHERE f.program_id = a.program_id AND f.ended_at IS NULL) THEN 1 ELSE 0 END`

const appFrom = ` FROM application a JOIN program g ON g.id = a.program_id`

func scanApp(p *Application) []any {
	return []any{&p.ID, &p.Number, &p.Audience, &p.Team, &p.Members, &p.Program, &p.ProgramName, &p.Org, &p.Newcomer, &p.Name, &p.Class, &p.Website, &p.Statement, db.JSON(&p.Evidence), db.JSON(&p.Sponsors), &p.Affiliates,
		&p.Contact, &p.ContactName, db.At(&p.ConfirmedAt), &p.State, &p.Note, &p.CheckedBy, &p.DecidedBy, &p.Reason, db.At(&p.ReapplyAt), &p.Motion, db.At(&p.ObjectionsEnd), db.JSON(&p.Dates), db.At(&p.BegunAt), db.At(&p.LapsesAt), db.At(&p.reminded), db.At(&p.UpdatedAt), &p.Version,
		&p.Frozen}
}

// unchangedApp refuses an edit of an older version, with both.
func (p Application) unchanged(seen int64, yours any) error {
	if seen == p.Version {
		return nil
	}
	e := errs.New(errs.Stale, "This application was changed while you had it open. Look at it again.")
	e.Theirs, e.Yours = p.shown(), yours
	return e
}

func (p Application) ref() ledger.Object { return ledger.Object{Kind: "application", ID: p.ID} }

// record writes an event for the secretariat that vouches for the row.
func (p Application) record(tx *db.Tx, a audience.Actor, kind string, data map[string]any, binds ...ledger.Bound) {
	if data == nil {
		data = map[string]any{}
	}
	data["number"] = p.Number
	aid := p.Team
	if p.Dates[membership.AppSubmitted].IsZero() { // a draft is its author's alone
		aid = p.Audience
	}
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: aid, Level: dossierLevel, Scope: p.ID, Object: p.ref(), Data: data, Binds: append(binds, appTable.Of(p.ID))})
}

func missing(err error, noun string) error {
	if err != nil {
		return err
	}
	return errs.Missing(noun)
}
