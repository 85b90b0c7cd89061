package casework

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/spec/mpcvd"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

// InvitationState is where an invitation stands.
type InvitationState string

// The states of an invitation.
const (
	InvitationOpen     InvitationState = "open"
	InvitationAccepted InvitationState = "accepted"
	InvitationDeclined InvitationState = "declined"
	InvitationRevoked  InvitationState = "revoked"
)

// Invitation is all that an invitee sees of a case before its terms are
// accepted: that it exists, its terms, and by when an answer is asked for.
type Invitation struct {
	ID          string          `json:"id"`
	Case        string          `json:"-"`
	Participant string          `json:"-"`
	Audience    string          `json:"-"`
	Level       tlp.Level       `json:"tlp"`
	Terms       string          `json:"terms_id"`
	TermsText   string          `json:"terms_text"`
	State       InvitationState `json:"state"`
	SentAt      time.Time       `json:"sent_at"`
	DueAt       time.Time       `json:"due_at"`
	AnsweredAt  time.Time       `json:"answered_at,omitzero"`
	AnsweredBy  string          `json:"-"`
	Reason      string          `json:"reason,omitempty"`
}

// Agreement names the exact text of the invitation: the terms and the end of
// the embargo that stands. It changes when either does.
func (i Invitation) Agreement() string {
	return i.Terms + "." + id.Digest(i.TermsText)[:16]
}

const invitationColumns = `i.id, i.case_id, i.participant_id, i.audience_id, i.tlp, i.terms_id, i.terms_text, i.state, i.sent_at, i.due_at, i.answered_at, i.answered_by, i.answer_reason`

func scanInvitation(i *Invitation) []any {
	return []any{&i.ID, &i.Case, &i.Participant, &i.Audience, &i.Level, &i.Terms, &i.TermsText, &i.State, db.At(&i.SentAt), db.At(&i.DueAt), db.At(&i.AnsweredAt), &i.AnsweredBy, &i.Reason}
}

// OpenInvitations lists the invitations that wait for the actor's answer, by
// due time.
func OpenInvitations(tx *db.Tx, a audience.Actor) ([]Invitation, error) {
	var args db.Args
	return db.All(tx, scanInvitation, `SELECT `+invitationColumns+` FROM participant p JOIN case_invitation i ON i.participant_id = p.id
		WHERE i.state = 'open' AND `+SpeaksFor(a, "p", &args)+` AND `+audience.Visible(a, "i", &args)+` ORDER BY i.due_at, i.id LIMIT 500`, args...)
}

// LoadInvitation finds an invitation that the actor may see.
func LoadInvitation(tx *db.Tx, a audience.Actor, invitationID string) (Invitation, error) {
	var args db.Args
	i, ok, err := db.One(tx, scanInvitation, `SELECT `+invitationColumns+` FROM case_invitation i WHERE i.id = `+args.Add(invitationID)+` AND `+audience.Visible(a, "i", &args), args...)
	if err == nil && !ok {
		err = errs.Missing("invitation")
	}
	return i, err
}

// PartyByID reads a participant without scope: the caller has seen a record
// that belongs to it.
func PartyByID(tx *db.Tx, participantID string) (Participant, error) {
	p, ok, err := db.One(tx, scanParticipant, `SELECT `+participantColumns+` FROM participant p WHERE p.id = $1`, participantID)
	if err == nil && !ok {
		err = errs.Missing("participant")
	}
	return p, err
}

// ByID reads a case without scope, for a caller who has seen a record that
// belongs to it, and for work that runs by itself.
func ByID(tx *db.Tx, caseID string) (Case, error) {
	c, ok, err := db.One(tx, scanCase, `SELECT `+caseColumns+` FROM cases c WHERE c.id = $1`, caseID)
	if err == nil && !ok {
		err = errs.Missing("case")
	}
	return c, err
}

// Accept accepts the case's terms for the invited party and lets it in. The
// terms named must be those of the invitation, so that nobody accepts a text
// they did not read: Agreement names the text as it stood (a standing embargo
// included), the bare id of the terms whatever embargo stands.
func Accept(tx *db.Tx, a audience.Actor, invitationID, terms string) (Case, error) {
	i, p, c, err := answerable(tx, a, invitationID)
	if err != nil {
		return c, err
	}
	if terms != i.Terms && terms != i.Agreement() {
		return c, errs.New(errs.Stale, "These are not the terms of this invitation; read them again and accept those.")
	}
	if err := hold(tx, &c, &p); err != nil {
		return c, err
	}
	if err := settle(tx, a, i, InvitationAccepted, ""); err != nil {
		return c, err
	}
	if err := audience.Accept(tx, i.Terms, p.Party(), a.Person); err != nil {
		return c, err
	}
	if p.Consent, err = mpcvd.Consent.Move(p.Consent, mpcvd.PECAccept); err != nil {
		return c, errs.Wrap(errs.Conflict, err, "Your consent cannot be recorded: %v.", err)
	}
	if p.Report == mpcvd.RMStart {
		p.Report = mpcvd.RMReceived
	}
	if p.Role == Vendor && p.Progress == mpcvd.VendorUnaware {
		p.Progress = mpcvd.VendorAware
	}
	if _, err := tx.Exec(`UPDATE participant SET consent = $1, report_state = $2, vendor_state = $3, accepted_at = $4, version = version + 1, updated_at = $4 WHERE id = $5`,
		string(p.Consent), string(p.Report), string(p.Progress), db.Micros(tx.Now), p.ID); err != nil {
		return c, err
	}
	RecordParty(tx, a, c, p, TermsAccepted, struct {
		Name  string `json:"name"`
		Terms string `json:"terms_id"`
	}{p.Name, i.Terms})
	return c, touch(tx, c.ID)
}

// Decline refuses the invitation; the party sees nothing of the case and may
// be asked again.
func Decline(tx *db.Tx, a audience.Actor, invitationID, reason string) error {
	i, p, c, err := answerable(tx, a, invitationID)
	if err != nil {
		return err
	}
	if reason, err = CleanShort("reason", reason, 2000); err != nil {
		return err
	}
	if err := settle(tx, a, i, InvitationDeclined, reason); err != nil {
		return err
	}
	if p.Consent, err = mpcvd.Consent.Move(p.Consent, mpcvd.PECDecline); err != nil {
		return errs.Wrap(errs.Conflict, err, "Your answer cannot be recorded: %v.", err)
	}
	if _, err := tx.Exec(`UPDATE participant SET consent = $1 WHERE id = $2`, string(p.Consent), p.ID); err != nil {
		return err
	}
	return shutOut(tx, a, c, p, TermsDeclined, reason)
}

// answerable loads an open invitation that the actor may answer for its
// party.
func answerable(tx *db.Tx, a audience.Actor, invitationID string) (i Invitation, p Participant, c Case, err error) {
	if i, err = LoadInvitation(tx, a, invitationID); err != nil {
		return
	}
	if p, err = PartyByID(tx, i.Participant); err != nil {
		return
	}
	if c, err = ByID(tx, i.Case); err != nil {
		return
	}
	if !p.IsMine(a) {
		err = errs.New(errs.Denied, "Only %s itself may answer its invitation.", p.Name)
	}
	return
}

func settle(tx *db.Tx, a audience.Actor, i Invitation, to InvitationState, reason string) error {
	return tx.Guarded(errs.New(errs.Conflict, "This invitation is %s already.", i.State),
		`UPDATE case_invitation SET state = $1, answered_at = $2, answered_by = $3, answer_reason = $4 WHERE id = $5 AND state = 'open'`,
		string(to), db.Micros(tx.Now), a.Person, reason, i.ID)
}

// Leave takes a party out of a case: itself, or a coordinator on its behalf.
// It loses its access in the next request; the embargo goes on.
func Leave(tx *db.Tx, a audience.Actor, caseRef, participantID, reason string) error {
	c, err := LoadAs(tx, a, caseRef, audience.Reader)
	if err != nil {
		return err
	}
	p, _, err := ActingFor(tx, a, c, participantID)
	if err != nil {
		return err
	}
	if reason, err = cleanReason(reason); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE case_invitation SET state = 'revoked', answered_at = $1, answered_by = $2, answer_reason = $3 WHERE participant_id = $4 AND state = 'open'`, db.Micros(tx.Now), a.Person, reason, p.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE participant SET consent = $1 WHERE id = $2`, string(mpcvd.PECNoEmbargo), p.ID); err != nil {
		return err
	}
	return shutOut(tx, a, c, p, ParticipantLeft, reason)
}

// shutOut removes a party's grants and marks it as gone.
func shutOut(tx *db.Tx, a audience.Actor, c Case, p Participant, kind, reason string) error {
	for _, aud := range []string{c.Audience, p.Private, p.Own} {
		if err := audience.Expel(tx, aud, p.Kind, p.Subject); err != nil {
			return err
		}
	}
	if err := audience.Withdraw(tx, c.Terms, p.Party()); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE participant SET left_at = $1, left_reason = $2, version = version + 1, updated_at = $1 WHERE id = $3`, db.Micros(tx.Now), reason, p.ID); err != nil {
		return err
	}
	RecordParty(tx, a, c, p, kind, struct {
		Name   string `json:"name"`
		Reason string `json:"reason"`
	}{p.Name, reason})
	return touch(tx, c.ID)
}

// Hide takes a party out of the others' sight, for a stated reason; Show
// brings it back. What the party says moves with it.
func Hide(tx *db.Tx, a audience.Actor, caseRef, participantID, reason string, hide bool) error {
	c, err := LoadAs(tx, a, caseRef, audience.Coordinator)
	if err != nil {
		return err
	}
	p, err := LoadParticipant(tx, a, participantID)
	if err != nil || p.Case != c.ID {
		return firstError(err, errs.Missing("participant"))
	}
	if reason, err = cleanReason(reason); err != nil {
		return err
	}
	kind := ParticipantShown
	p.Audience = c.Audience
	if hide {
		kind, p.Audience = ParticipantHidden, p.Private
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "%s is so already.", p.Name),
		`UPDATE participant SET hidden = $1, hidden_reason = $2, audience_id = $3, version = version + 1, updated_at = $4 WHERE id = $5 AND hidden = $6`,
		db.Bit(hide), reason, p.Audience, db.Micros(tx.Now), p.ID, db.Bit(!hide)); err != nil {
		return err
	}
	for _, table := range []string{"product", "status", "embargo_answer", "readiness"} {
		if _, err := tx.Exec(`UPDATE `+table+` SET audience_id = $1 WHERE participant_id = $2`, p.Audience, p.ID); err != nil {
			return err
		}
	}
	if err := firstError(ledger.Move(tx, p.ID, c.Audience, p.Audience), search.Move(tx, p.ID, p.Audience, "product", "status"), moved(tx, c, p)); err != nil {
		return err
	}
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: c.Team, Level: c.Level, Scope: c.ID, Object: p.Ref(),
		Data: struct {
			Name   string `json:"name"`
			Reason string `json:"reason"`
		}{p.Name, reason}, Binds: []ledger.Bound{participantTable.Of(p.ID)}})
	return touch(tx, c.ID)
}

// CleanShort cleans a short text typed by a person; field names it in the
// refusal, limit is in runes.
func CleanShort(field, s string, limit int) (string, error) {
	s, _, err := text.CleanText(s, limit)
	if err != nil {
		return "", errs.Bad(field, "%s", err.Error())
	}
	return s, nil
}
