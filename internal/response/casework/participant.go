package casework

import (
	"slices"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/mpcvd"
	"tocsin/spec/tlp"
)

// PartyRole is what a participant is in a case.
type PartyRole string

// The roles of participants.
const (
	Finder      PartyRole = "finder"
	Vendor      PartyRole = "vendor"
	Coordinator PartyRole = "coordinator"
	Deployer    PartyRole = "deployer"
	Other       PartyRole = "other"
)

// PartyRoles lists the roles in the order in which forms offer them.
var PartyRoles = []PartyRole{Vendor, Finder, Coordinator, Deployer, Other}

// Participant is one party of a case: an organization, a single person, or
// the holder of a finder's link.
type Participant struct {
	ID           string               `json:"id"`
	Case         string               `json:"case_id"`
	Role         PartyRole            `json:"role"`
	Kind         audience.SubjectKind `json:"kind"`
	Subject      string               `json:"subject_id"`
	Name         string               `json:"name"`
	Audience     string               `json:"-"` // who may know that it takes part
	Private      string               `json:"-"` // the party and the coordinators
	Own          string               `json:"-"` // the party alone
	Level        tlp.Level            `json:"tlp"`
	Release      time.Time            `json:"release_at,omitzero"`
	Report       mpcvd.RM             `json:"report_state"`
	Consent      mpcvd.PEC            `json:"consent"`
	Progress     mpcvd.VendorState    `json:"vendor_state"`
	Hidden       bool                 `json:"hidden"`
	HiddenReason string               `json:"hidden_reason,omitempty"`
	Wave         int                  `json:"wave"`
	Reason       string               `json:"reason,omitempty"` // why it was included
	InvitedAt    time.Time            `json:"invited_at,omitzero"`
	DueAt        time.Time            `json:"due_at,omitzero"` // answer owed by
	AcceptedAt   time.Time            `json:"accepted_at,omitzero"`
	SeenAt       time.Time            `json:"seen_at,omitzero"`
	RepliedAt    time.Time            `json:"replied_at,omitzero"`
	NudgedAt     time.Time            `json:"nudged_at,omitzero"`
	Nudges       int                  `json:"nudges"`
	LeftAt       time.Time            `json:"left_at,omitzero"`
	LeftReason   string               `json:"left_reason,omitempty"`
	Origin       string               `json:"origin,omitempty"` // key in an import
	Version      int64                `json:"version"`
	UpdatedAt    time.Time            `json:"updated_at"`
}

const participantColumns = `p.id, p.case_id, p.role, p.kind, p.subject_id, p.name, p.audience_id, p.private_id, p.own_id, p.tlp, p.release_at,
	p.report_state, p.consent, p.vendor_state, p.hidden, p.hidden_reason, p.wave, p.reason, p.invited_at, p.due_at, p.accepted_at,
	p.seen_at, p.replied_at, p.nudged_at, p.nudges, p.left_at, p.left_reason, p.origin, p.version, p.updated_at`

func scanParticipant(p *Participant) []any {
	return []any{&p.ID, &p.Case, &p.Role, &p.Kind, &p.Subject, &p.Name, &p.Audience, &p.Private, &p.Own, &p.Level, db.At(&p.Release),
		&p.Report, &p.Consent, &p.Progress, &p.Hidden, &p.HiddenReason, &p.Wave, &p.Reason, db.At(&p.InvitedAt), db.At(&p.DueAt), db.At(&p.AcceptedAt),
		db.At(&p.SeenAt), db.At(&p.RepliedAt), db.At(&p.NudgedAt), &p.Nudges, db.At(&p.LeftAt), &p.LeftReason, &p.Origin, &p.Version, db.At(&p.UpdatedAt)}
}

var participantTable = ledger.Table{Kind: "participant", Name: "participant", Cols: "case_id, role, kind, subject_id, name, audience_id, private_id, report_state, consent, vendor_state, hidden, accepted_at, left_at"}

// Ref names the participant in the ledger.
func (p Participant) Ref() ledger.Object { return ledger.Object{Kind: "participant", ID: p.ID} }

// Bound lets an event of another package vouch for the participant's row.
func (p Participant) Bound() ledger.Bound { return participantTable.Of(p.ID) }

// Party is who accepts the terms for this participant.
func (p Participant) Party() audience.Party { return audience.Party{Kind: p.Kind, ID: p.Subject} }

// Active reports whether the party has accepted the terms and not left.
func (p Participant) Active() bool { return !p.AcceptedAt.IsZero() && p.LeftAt.IsZero() }

// IsMine reports whether the actor sits for this party with a say.
func (p Participant) IsMine(a audience.Actor) bool {
	return a.Cap(p.Kind, p.Subject) >= audience.Contributor
}

// Participants lists the parties of a case that the actor may know of,
// vendors first, by name.
func Participants(tx *db.Tx, a audience.Actor, caseID string) ([]Participant, error) {
	type key struct{ actor, caseID string }
	list, err := db.Recall(tx, key{a.Key(), caseID}, func() ([]Participant, error) {
		var args db.Args
		of := args.Add(caseID)
		return db.All(tx, scanParticipant, `SELECT `+participantColumns+` FROM participant p WHERE p.case_id = `+of+
			` AND (`+audience.Published("p", tx.Now, &args)+` OR `+audience.VisibleAmong(a, "participant", "p", "case_id = "+of, &args)+`) ORDER BY CASE p.role WHEN 'finder' THEN 0 WHEN 'coordinator' THEN 1 WHEN 'vendor' THEN 2 ELSE 3 END, LOWER(p.name), p.id`, args...)
	})
	return slices.Clone(list), err
}

// LoadParticipant finds one party that the actor may know of.
func LoadParticipant(tx *db.Tx, a audience.Actor, participantID string) (Participant, error) {
	var args db.Args
	p, ok, err := db.One(tx, scanParticipant, `SELECT `+participantColumns+` FROM participant p WHERE p.id = `+args.Add(participantID)+
		` AND `+audience.VisibleOrPublished(a, "p", tx.Now, &args), args...)
	if err == nil && !ok {
		err = errs.Missing("participant")
	}
	return p, err
}

// MyParticipants are the parties of a case that the actor sits for, active
// ones only.
func MyParticipants(tx *db.Tx, a audience.Actor, caseID string) ([]Participant, error) {
	var args db.Args
	return db.All(tx, scanParticipant, `SELECT `+participantColumns+` FROM participant p WHERE p.case_id = `+args.Add(caseID)+` AND p.accepted_at IS NOT NULL AND p.left_at IS NULL AND `+
		sitsFor(a, "p", audience.Reader, &args)+` AND `+audience.VisibleOrPublished(a, "p", tx.Now, &args)+` ORDER BY LOWER(p.name), p.id`, args...)
}

// CountVendors counts the vendors in a case that the actor may know of and
// that have not left.
func CountVendors(tx *db.Tx, a audience.Actor, caseID string) (int, error) {
	var args db.Args
	of := args.Add(caseID)
	return db.Value[int](tx, `SELECT COUNT(*) FROM participant p WHERE p.case_id = `+of+` AND p.role = 'vendor' AND p.left_at IS NULL AND (`+
		audience.Published("p", tx.Now, &args)+` OR `+audience.VisibleAmong(a, "participant", "p", "case_id = "+of, &args)+`)`, args...)
}

// ActingFor finds the party and settles whether the actor speaks for it
// themselves or, as a coordinator, on its behalf.
func ActingFor(tx *db.Tx, a audience.Actor, c Case, participantID string) (p Participant, onBehalf bool, err error) {
	p, err = LoadParticipant(tx, a, participantID)
	if err != nil || p.Case != c.ID {
		return p, false, firstError(err, errs.Missing("participant"))
	}
	if !p.LeftAt.IsZero() {
		return p, false, errs.New(errs.Conflict, "%s has left the case.", p.Name)
	}
	if p.IsMine(a) && p.Active() {
		return p, false, nil
	}
	role, err := audience.RoleOn(tx, a, c.Audience, c.Marking())
	if err != nil {
		return p, false, err
	}
	if role < audience.Coordinator {
		return p, false, errs.New(errs.Denied, "Only %s itself or a coordinator may say this.", p.Name)
	}
	return p, true, nil
}

func firstError(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}
