package casework

import (
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/mpcvd"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

// Target is one party to invite.
type Target struct {
	Kind audience.SubjectKind `json:"kind"` // org or person
	ID   string               `json:"id"`
	Name string               `json:"name"` // as it shall stand in the case; empty: its own
	Role PartyRole            `json:"role"`
	// Email invites somebody who is not on the platform; see InviteByMail.
	Email string `json:"email,omitempty"`
	// Hide, when not empty, is the reason why the other parties are not to
	// know of this one from the start.
	Hide string `json:"hide_reason,omitempty"`
}

// Inclusion is one wave of invitations, with the reason that is kept.
type Inclusion struct {
	Targets []Target  `json:"targets"`
	Reason  string    `json:"reason"`
	Due     time.Time `json:"due_at"` // answer asked for by; zero: the alliance's default
}

// MaxTargets bounds one wave.
const MaxTargets = 1000

// Invite includes parties in a case. Until its terms are accepted, each of
// them sees that an invitation and its terms exist, and nothing else. A
// party that is already in is left as it is; one that left is asked again.
func Invite(tx *db.Tx, a audience.Actor, caseRef string, in Inclusion) ([]Participant, error) {
	c, err := LoadAs(tx, a, caseRef, audience.Coordinator)
	if err != nil {
		return nil, err
	}
	if len(in.Targets) == 0 || len(in.Targets) > MaxTargets {
		return nil, errs.Bad("targets", "Name between 1 and %d parties.", MaxTargets)
	}
	if in.Reason, err = cleanReason(in.Reason); err != nil {
		return nil, err
	}
	if in.Due, err = answerBy(tx, in.Due); err != nil {
		return nil, err
	}
	wave, err := db.Value[int](tx, `SELECT COALESCE(MAX(wave), 0) + 1 FROM participant WHERE case_id = $1`, c.ID)
	if err != nil {
		return nil, err
	}
	var out []Participant
	for _, t := range in.Targets {
		p, fresh, err := include(tx, a, c, t, in.Reason, wave)
		if err != nil {
			return nil, err
		}
		if fresh {
			if err := sendInvitation(tx, a, c, &p, in); err != nil {
				return nil, err
			}
		}
		out = append(out, p)
	}
	return out, touch(tx, c.ID)
}

func cleanReason(s string) (string, error) {
	s, err := CleanShort("reason", s, 2000)
	if err == nil && s == "" {
		err = errs.Bad("reason", "Say why; the reason is kept.")
	}
	return s, err
}

func cleanName(s string) (string, error) {
	s, _, err := text.CleanLine(s, MaxTitle)
	if err == nil && s == "" {
		return s, errs.Bad("name", "Say by which name the party shall stand in the case.")
	}
	if err != nil {
		return s, errs.Bad("name", "%s", err.Error())
	}
	return s, nil
}

func answerBy(tx *db.Tx, due time.Time) (time.Time, error) {
	if due.IsZero() {
		return answerByDefault(tx)
	}
	if !due.After(tx.Now) {
		return due, errs.Bad("due_at", "The answer is asked for by an instant that has passed; name a later one.")
	}
	return due, nil
}

func answerByDefault(tx *db.Tx) (time.Time, error) {
	ch, err := charter.Load(tx)
	return tx.Now.Add(time.Duration(ch.InvitationDays) * 24 * time.Hour), err
}

// include finds or makes the participant; fresh says that an invitation is
// due.
func include(tx *db.Tx, a audience.Actor, c Case, t Target, reason string, wave int) (Participant, bool, error) {
	if t.Kind != audience.Org && t.Kind != audience.Person {
		return Participant{}, false, errs.Bad("targets", "Invite organizations or persons.")
	}
	p, found, err := db.One(tx, scanParticipant, `SELECT `+participantColumns+` FROM participant p WHERE p.case_id = $1 AND p.kind = $2 AND p.subject_id = $3`, c.ID, string(t.Kind), t.ID)
	if err != nil {
		return p, false, err
	}
	if found && p.LeftAt.IsZero() {
		return p, false, nil
	}
	if found {
		if err := admissible(tx, c, p); err != nil {
			return p, false, err
		}
		return p, true, readmit(tx, a, c, &p, reason, wave)
	}
	if t.ID == "" {
		return p, false, errs.Bad("targets", "Name the organization or person by its id.")
	}
	p = Participant{Role: t.Role, Kind: t.Kind, Subject: t.ID, Reason: reason, Wave: wave, Hidden: t.Hide != ""}
	if strings.TrimSpace(t.Name) == "" {
		if t.Name, err = ownName(tx, a, t); err != nil {
			return p, false, err
		}
	}
	if p.Name, err = cleanName(t.Name); err != nil {
		return p, false, err
	}
	if p.HiddenReason, err = CleanShort("hide_reason", t.Hide, 2000); err != nil {
		return p, false, err
	}
	if err := admissible(tx, c, p); err != nil {
		return p, false, err
	}
	return p, true, addParticipant(tx, a, c, &p, []string{c.Terms})
}

// ownName is what an organization or person is called in the alliance's own
// records, as far as the actor may read them.
func ownName(tx *db.Tx, a audience.Actor, t Target) (string, error) {
	if t.Kind == audience.Person {
		p, err := people.Get(tx, a, t.ID)
		if errs.Is(err, errs.NotFound) {
			err = errs.Bad("targets", "There is no such person in the alliance; give a name, or a mail address instead of the id.")
		}
		return p.Name, err
	}
	o, err := orgs.Get(tx, a, t.ID)
	if errs.Is(err, errs.NotFound) {
		err = errs.Bad("targets", "There is no such organization in the alliance; give a name, or a mail address instead of the id.")
	}
	return o.Name, err
}

// addParticipant makes the party's two audiences and its row. terms are what
// it must accept before it sees its own private side.
func addParticipant(tx *db.Tx, a audience.Actor, c Case, p *Participant, terms []string) error {
	p.ID, p.Case, p.Audience, p.Level, p.UpdatedAt, p.Version = id.New("par", tx.Now), c.ID, c.Audience, c.Level, tx.Now, 1
	if p.Role == "" {
		p.Role = Vendor
	}
	p.Consent, p.Progress = mpcvd.Consent.Start, mpcvd.VendorProgress.Start
	if p.Report == "" {
		p.Report = mpcvd.Report.Start
	}
	me := audience.Grant{Kind: p.Kind, ID: p.Subject, Role: audience.Contributor, Reason: string(p.Role)}
	team, err := teamGrants(tx, c)
	if err != nil {
		return err
	}
	if p.Private, err = audience.Within(tx, c.Audience, "private side", append(team, me), terms); err != nil {
		return err
	}
	if p.Own, err = audience.Within(tx, c.Audience, "own notes", []audience.Grant{me}, terms); err != nil {
		return err
	}
	if p.Hidden {
		p.Audience = p.Private
	}
	if _, err := tx.Exec(`INSERT INTO participant (id, case_id, role, kind, subject_id, name, audience_id, private_id, own_id, tlp, report_state, consent, vendor_state, wave, reason, origin, updated_at, hidden, hidden_reason, accepted_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		p.ID, p.Case, string(p.Role), string(p.Kind), p.Subject, p.Name, p.Audience, p.Private, p.Own, int(p.Level),
		string(p.Report), string(p.Consent), string(p.Progress), p.Wave, p.Reason, p.Origin, db.Micros(tx.Now), db.Bit(p.Hidden), p.HiddenReason, db.Micros(p.AcceptedAt)); err != nil {
		return err
	}
	RecordParty(tx, a, c, *p, ParticipantAdded, struct {
		Name   string    `json:"name"`
		Role   PartyRole `json:"role"`
		Reason string    `json:"reason"`
		Wave   int       `json:"wave"`
	}{p.Name, p.Role, p.Reason, p.Wave})
	return nil
}

// RecordParty appends an event about a party to whoever may know of
// the party.
func RecordParty(tx *db.Tx, a audience.Actor, c Case, p Participant, kind string, data any) {
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: p.Audience, Level: p.Level, Scope: c.ID, Party: p.ID, Object: p.Ref(), Data: data,
		Binds: []ledger.Bound{participantTable.Of(p.ID), c.Bound()}})
}

func teamGrants(tx *db.Tx, c Case) ([]audience.Grant, error) {
	v, err := audience.Load(tx, c.Team)
	return v.Grants, err
}

// sendInvitation makes the invitation record, asks for consent where an
// embargo is on, and admits the party to the case's audience, where the
// terms keep it outside until they are accepted.
func sendInvitation(tx *db.Tx, a audience.Actor, c Case, p *Participant, in Inclusion) error {
	me := audience.Grant{Kind: p.Kind, ID: p.Subject, Role: audience.Contributor, Reason: string(p.Role)}
	team, err := teamGrants(tx, c)
	if err != nil {
		return err
	}
	inv := Invitation{ID: id.New("inv", tx.Now), Case: c.ID, Participant: p.ID, Level: tlp.AmberStrict, Terms: c.Terms, TermsText: termsOf(c, tx.Now), State: InvitationOpen, SentAt: tx.Now, DueAt: in.Due}
	if inv.Audience, err = audience.Within(tx, c.Audience, "invitation", append(team, me), nil); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO case_invitation (id, case_id, participant_id, audience_id, tlp, terms_id, terms_text, state, sent_at, due_at, next_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
		inv.ID, inv.Case, inv.Participant, inv.Audience, int(inv.Level), inv.Terms, inv.TermsText, string(inv.State), db.Micros(inv.SentAt), db.Micros(inv.DueAt)); err != nil {
		return err
	}
	if err := audience.Admit(tx, c.Audience, me); err != nil {
		return err
	}
	p.InvitedAt, p.DueAt = tx.Now, in.Due
	if p.Consent, err = mpcvd.Consent.Move(p.Consent, mpcvd.PECInvite); err != nil {
		return errs.Wrap(errs.Conflict, err, "%s cannot be asked now: %v.", p.Name, err)
	}
	if _, err := tx.Exec(`UPDATE participant SET invited_at = $1, due_at = $2, consent = $3, version = version + 1, updated_at = $1 WHERE id = $4`,
		db.Micros(tx.Now), db.Micros(in.Due), string(p.Consent), p.ID); err != nil {
		return err
	}
	// The invitee's event says nothing of the case but that it is invited.
	ledger.Append(tx, ledger.Event{Kind: InvitationSent, Actor: a, Audience: inv.Audience, Level: inv.Level, Object: ledger.Object{Kind: "invitation", ID: inv.ID},
		Data: struct {
			Due time.Time `json:"due_at"`
		}{in.Due}, Binds: []ledger.Bound{participantTable.Of(p.ID)}})
	return nil
}

// readmit takes a party back that had left or declined.
func readmit(tx *db.Tx, a audience.Actor, c Case, p *Participant, reason string, wave int) error {
	p.LeftAt, p.LeftReason, p.AcceptedAt, p.Reason, p.Wave = time.Time{}, "", time.Time{}, reason, wave
	me := audience.Grant{Kind: p.Kind, ID: p.Subject, Role: audience.Contributor, Reason: string(p.Role)}
	if err := audience.Withdraw(tx, c.Terms, p.Party()); err != nil {
		return err
	}
	for _, aud := range []string{p.Private, p.Own} {
		if err := audience.Admit(tx, aud, me); err != nil {
			return err
		}
	}
	// Who left is not asked yet (its consent was reset), who declined is asked
	// again: the table leads from both to invited.
	if _, err := tx.Exec(`UPDATE participant SET left_at = NULL, left_reason = '', accepted_at = NULL, reason = $1, wave = $2, version = version + 1, updated_at = $3 WHERE id = $4`,
		reason, wave, db.Micros(tx.Now), p.ID); err != nil {
		return err
	}
	RecordParty(tx, a, c, *p, ParticipantAdded, struct {
		Name   string `json:"name"`
		Reason string `json:"reason"`
		Again  bool   `json:"again"`
	}{p.Name, reason, true})
	return nil
}
