// Package report takes what a stranger found and sees it through to a case,
// to a vendor's own team, or to a reasoned no.
//
// A report has three audiences: one of everybody who may read it, one of the
// finder and the coordinators for their conversation, and one of the
// coordinators alone for what they decide and why. A vendor to whom a report
// is handed joins the first only, so that it never learns how to reach the
// finder or what was said between finder and coordinators.
//
// The text of a report and of its messages is sealed at rest. What stands in
// clear is what a queue is sorted and searched by: title, product, component,
// package, identifiers.
package report

import (
	"encoding/json"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
	"tocsin/spec/mpcvd"
	"tocsin/spec/tlp"
)

// Desk is what the verbs on reports need besides the database.
type Desk struct {
	Sealer *seal.Sealer
	Box    *outbox.Box
}

// Exploitation is what the finder knows of attacks.
type Exploitation string

// What may be known of attacks.
const (
	NoneKnown Exploitation = "none"
	Suspected Exploitation = "suspected"
	Observed  Exploitation = "observed"
)

// Gate is whether a report is the alliance's business.
type Gate string

// The states of the scope gate.
const (
	GateOpen Gate = "open" // not decided yet
	InScope  Gate = "in"
	OutScope Gate = "out"
)

// Outcome is what became of a report; empty while it is being triaged.
type Outcome string

// The outcomes.
const (
	Undecided  Outcome = ""
	BecameCase Outcome = "case"
	Merged     Outcome = "merged"      // into a running case
	HandedOver Outcome = "handed_over" // to the vendor's own team
	Withdrawn  Outcome = "withdrawn"   // by the finder, before it became anything
	Dismissed  Outcome = "closed"      // closed without any of these
)

// Side is on whose side of a report somebody stands.
type Side string

// The sides.
const (
	Coordinators Side = "coordinators"
	Finder       Side = "finder"
	Vendor       Side = "vendor" // the one the report was handed to
)

// Level is the marking of every report, its messages and files: the finder
// and the coordinators, and whom they name.
const Level = tlp.AmberStrict

// Report is a report without its confidential text. Which fields are filled
// depends on who asks: what the coordinators decide among themselves stays
// empty for everybody else.
type Report struct {
	ID           string       `json:"id"`
	Number       string       `json:"number"` // "TR-2026-0042"
	Audience     string       `json:"-"`
	Talk         string       `json:"-"`
	Team         string       `json:"-"`
	VendorSide   string       `json:"-"`
	Level        tlp.Level    `json:"tlp"`
	Title        string       `json:"title"`
	Product      string       `json:"product,omitempty"`
	Component    string       `json:"component,omitempty"`
	PURL         string       `json:"purl,omitempty"`
	Versions     string       `json:"versions,omitempty"`
	CVEs         []string     `json:"cves,omitempty"` // named in the report
	References   []string     `json:"references,omitempty"`
	Exploitation Exploitation `json:"exploitation"`
	Encrypted    bool         `json:"encrypted"` // came as an OpenPGP message
	Anonymous    bool         `json:"anonymous"`
	Credit       string       `json:"credit,omitempty"` // name to be thanked by
	PlannedAt    time.Time    `json:"planned_at,omitzero"`
	State        mpcvd.RM     `json:"state"`
	ReceivedAt   time.Time    `json:"received_at"`
	UpdatedAt    time.Time    `json:"updated_at"`
	ClosedAt     time.Time    `json:"closed_at,omitzero"`
	WithdrawnAt  time.Time    `json:"withdrawn_at,omitzero"`
	Version      int64        `json:"version"`

	// For the coordinators alone.
	HasContact  bool      `json:"has_contact,omitempty"`
	PlannedNote string    `json:"planned_note,omitempty"` // why the planned date is no proposal
	Person      string    `json:"person_id,omitempty"`    // account of the finder
	Outcome     Outcome   `json:"outcome,omitempty"`
	Scope       Gate      `json:"scope,omitempty"`
	ScopeReason string    `json:"scope_reason,omitempty"`
	Owner       string    `json:"owner_id,omitempty"` // person id of the coordinator in charge
	Reason      string    `json:"reason,omitempty"`   // of the last decision
	Case        string    `json:"case_id,omitempty"`
	Participant string    `json:"participant_id,omitempty"` // the finder in that case
	Org         string    `json:"org_id,omitempty"`         // whom it was handed to
	DuplicateOf string    `json:"duplicate_of,omitempty"`   // report with the identical text
	FinderAt    time.Time `json:"finder_at,omitzero"`       // when the finder wrote last
	DeskAt      time.Time `json:"desk_at,omitzero"`         // when a coordinator wrote or decided last
}

// Text is the confidential part of a report.
type Text struct {
	Description  string `json:"description"`                    // Markdown
	HowFound     string `json:"how_found,omitempty"`            // Markdown
	Exploitation string `json:"exploitation_details,omitempty"` // Markdown
	Contact      string `json:"contact,omitempty"`              // mail address; for the coordinators and the finder alone
}

const columns = `r.id, r.number, r.audience_id, r.talk_id, r.team_id, r.vendor_id, r.tlp, r.title, r.product, r.component, r.purl, r.versions, r.cves, r.refs,
	r.exploitation, r.encrypted, r.anonymous, r.credit, r.planned_at, r.state, r.received_at, r.updated_at, r.closed_at, r.withdrawn_at, r.version,
	CASE WHEN r.contact IS NULL THEN 0 ELSE 1 END, r.planned_note, r.person_id, r.outcome, r.scope, r.scope_reason, r.owner_id, r.reason, r.case_id, r.participant_id,
	r.org_id, r.duplicate_of, r.finder_at, r.desk_at`

func scan(r *Report) []any {
	return []any{&r.ID, &r.Number, &r.Audience, &r.Talk, &r.Team, &r.VendorSide, &r.Level, &r.Title, &r.Product, &r.Component, &r.PURL, &r.Versions, db.JSON(&r.CVEs), db.JSON(&r.References),
		&r.Exploitation, &r.Encrypted, &r.Anonymous, &r.Credit, db.At(&r.PlannedAt), &r.State, db.At(&r.ReceivedAt), db.At(&r.UpdatedAt), db.At(&r.ClosedAt), db.At(&r.WithdrawnAt), &r.Version,
		&r.HasContact, &r.PlannedNote, &r.Person, &r.Outcome, &r.Scope, &r.ScopeReason, &r.Owner, &r.Reason, &r.Case, &r.Participant,
		&r.Org, &r.DuplicateOf, db.At(&r.FinderAt), db.At(&r.DeskAt)}
}

// Ref names the report in the ledger.
func (r Report) Ref() ledger.Object { return ledger.Object{Kind: "report", ID: r.ID} }

// Open reports whether the report still waits for its outcome.
func (r Report) Open() bool { return r.Outcome == Undecided }

// Load finds a report, by id or number, that the actor may see, and says on
// which side of it the actor stands.
func Load(tx *db.Tx, a audience.Actor, ref string) (Report, Side, error) {
	r, side, err := load(tx, a, ref)
	return r.trimmed(side), side, err
}

func load(tx *db.Tx, a audience.Actor, ref string) (Report, Side, error) {
	var args db.Args
	i := args.Add(ref)
	r, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM report r WHERE (r.id = `+i+` OR r.number = `+i+`) AND `+audience.Visible(a, "r", &args), args...)
	if err == nil && !ok {
		err = errs.Missing("report")
	}
	if err != nil {
		return Report{}, "", err
	}
	team, err := audience.RoleAt(tx, a, r.Team, r.Level)
	switch {
	case err != nil:
		return Report{}, "", err
	case team > audience.None:
		return r, Coordinators, nil
	}
	own, err := audience.RoleAt(tx, a, r.Talk, r.Level)
	if own > audience.None {
		return r, Finder, err
	}
	return r, Vendor, err
}

// trimmed is the report as a side may see it.
func (r Report) trimmed(side Side) Report {
	if side == Coordinators || side == "" {
		return r
	}
	r.HasContact, r.PlannedNote, r.Person, r.Outcome, r.Scope, r.ScopeReason, r.Owner, r.Reason = false, "", "", "", "", "", "", ""
	r.Case, r.Participant, r.Org, r.DuplicateOf, r.FinderAt, r.DeskAt = "", "", "", "", time.Time{}, time.Time{}
	if side == Vendor && r.Anonymous {
		r.Credit = ""
	}
	return r
}

// coordinated loads a report for a coordinator's verb, and takes its row for
// the rest of the transaction.
func coordinated(tx *db.Tx, a audience.Actor, ref string) (Report, error) {
	r, side, err := load(tx, a, ref)
	if err != nil {
		return r, err
	}
	role, err := audience.RoleAt(tx, a, r.Team, r.Level)
	if err != nil {
		return r, err
	}
	if side != Coordinators || role < audience.Coordinator {
		return r, errs.New(errs.Denied, "Only a coordinator may do this.")
	}
	return hold(tx, r.ID)
}

// found loads a report for a verb of its finder. Without a ref it is the one
// that the actor's link is for.
func found(tx *db.Tx, a audience.Actor, ref string) (Report, error) {
	if ref == "" {
		ref = a.Link
	}
	r, side, err := load(tx, a, ref)
	if err != nil {
		return r, err
	}
	own, err := audience.RoleAt(tx, a, r.Talk, r.Level)
	if err != nil {
		return r, err
	}
	if side != Finder || own < audience.Contributor {
		return r, errs.New(errs.Denied, "Only the finder may do this.")
	}
	return hold(tx, r.ID)
}

// hold takes the report's row, so that two verbs on it run one after the
// other, and reads it anew.
func hold(tx *db.Tx, reportID string) (Report, error) {
	if _, err := tx.Exec(`UPDATE report SET updated_at = $1 WHERE id = $2`, db.Micros(tx.Now), reportID); err != nil {
		return Report{}, err
	}
	r, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM report r WHERE r.id = $1`, reportID)
	if err == nil && !ok {
		err = errs.Missing("report")
	}
	return r, err
}

// Read opens the confidential text of a report that the actor may see. The
// contact address is there for the coordinators and the finder alone. Doors
// call Looked beside it.
func (d Desk) Read(tx *db.Tx, a audience.Actor, ref string) (Report, Text, error) {
	r, side, err := load(tx, a, ref)
	if err != nil {
		return Report{}, Text{}, err
	}
	t, err := d.open(tx, r.ID)
	if side == Vendor {
		t.Contact = ""
	}
	return r.trimmed(side), t, err
}

// sealedText names its record, so that two texts cannot be exchanged in the
// database.
type sealedText struct {
	Record string
	Text
}

func (d Desk) seal(record string, t Text) ([]byte, error) {
	plain, err := json.Marshal(sealedText{record, t})
	if err != nil {
		return nil, err
	}
	return d.Sealer.Seal(plain)
}

func (d Desk) unseal(record string, sealed []byte) (Text, error) {
	plain, err := d.Sealer.Unseal(sealed)
	if err != nil {
		return Text{}, err
	}
	var t sealedText
	if err := json.Unmarshal(plain, &t); err != nil {
		return Text{}, err
	}
	if t.Record != record {
		return Text{}, errs.New(errs.Internal, "A sealed text belongs to another record.")
	}
	return t.Text, nil
}

func (d Desk) open(tx *db.Tx, reportID string) (Text, error) {
	type row struct{ text, contact []byte }
	s, ok, err := db.One(tx, func(s *row) []any { return []any{&s.text, &s.contact} }, `SELECT sealed, contact FROM report WHERE id = $1`, reportID)
	if err != nil || !ok {
		return Text{}, firstOf(err, errs.Missing("report"))
	}
	t, err := d.unseal(reportID, s.text)
	if err != nil || len(s.contact) == 0 {
		return t, err
	}
	c, err := d.unseal(reportID+" contact", s.contact)
	t.Contact = c.Contact
	return t, err
}

// Looked records that a person opened a report's text for the first time.
func Looked(tx *db.Tx, a audience.Actor, ref string) error {
	r, side, err := load(tx, a, ref)
	if err != nil || a.Person == "" || side == Finder {
		return err
	}
	n, err := tx.Exec(`INSERT INTO report_look (person_id, report_id, first_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, a.Person, r.ID, db.Micros(tx.Now))
	if err == nil && n > 0 {
		ledger.Append(tx, ledger.Event{Kind: EventOpened, Actor: a, Audience: r.Team, Level: r.Level, Scope: r.ID, Object: r.Ref(), Data: map[string]string{"number": r.Number, "side": string(side)}})
	}
	return err
}

func firstOf(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}
