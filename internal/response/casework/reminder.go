package casework

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
)

// termsOf is what an invitee reads and accepts: the case's terms, and the
// embargo that stands. Nothing of the case is in it.
func termsOf(c Case, now time.Time) string {
	if !c.Holds(now) {
		return c.TermsText
	}
	return c.TermsText + "\n\n## Standing embargo\n\nAn embargo holds until " + c.EmbargoEnds.UTC().Format("2006-01-02 15:04:05 UTC") +
		". Whoever accepts these terms keeps it until then, or until the coordinators end it."
}

// RenewTerms brings the invitations that wait for an answer up to date when
// the case's embargo has changed, so that nobody accepts an old end.
func RenewTerms(tx *db.Tx, c Case) error {
	_, err := tx.Exec(`UPDATE case_invitation SET terms_text = $1 WHERE case_id = $2 AND state = 'open'`, termsOf(c, tx.Now), c.ID)
	return err
}

// hold takes the case's row for the rest of the transaction, so that verbs on
// one case run one after the other, and reads case and party anew.
func hold(tx *db.Tx, c *Case, p *Participant) error {
	if err := touch(tx, c.ID); err != nil {
		return err
	}
	fresh, err := ByID(tx, c.ID)
	if err != nil {
		return err
	}
	*c = fresh
	if c.State != Open {
		return errs.New(errs.Conflict, "The case is %s; ask its coordinators.", c.State)
	}
	if p != nil {
		*p, err = PartyByID(tx, p.ID)
	}
	return err
}

const maxReminders = 200

// TickInvitations reminds of invitations whose time for an answer is over:
// first the party, an invitation period later its backup contacts, and then
// it tells the coordinators, who decide. It is safe to run at any time and on
// several replicas; case_invitation.next_at is when it has work.
func TickInvitations(tx *db.Tx) error {
	ids, err := db.Column[string](tx, `SELECT i.id FROM case_invitation i JOIN cases c ON c.id = i.case_id WHERE i.state = 'open' AND c.state = 'open' AND i.next_at <= $1 ORDER BY i.id LIMIT $2`, db.Micros(tx.Now), maxReminders)
	if err != nil || len(ids) == 0 {
		return err
	}
	ch, err := charter.Load(tx)
	if err != nil {
		return err
	}
	for _, invitationID := range ids {
		if err := remind(tx, ch, invitationID); err != nil {
			return err
		}
	}
	return nil
}

func remind(tx *db.Tx, ch charter.Charter, invitationID string) error {
	i, ok, err := db.One(tx, scanInvitation, `SELECT `+invitationColumns+` FROM case_invitation i WHERE i.id = $1`, invitationID)
	if err != nil || !ok {
		return err
	}
	next := tx.Now.Add(time.Duration(ch.InvitationDays) * 24 * time.Hour)
	count, found, err := db.One(tx, func(n *int) []any { return []any{n} },
		`UPDATE case_invitation SET reminders = reminders + 1, next_at = CASE WHEN reminders < 2 THEN CAST($1 AS BIGINT) END WHERE id = $2 AND state = 'open' AND next_at <= $3 RETURNING reminders`,
		db.Micros(next), i.ID, db.Micros(tx.Now))
	if err != nil || !found {
		return err // another replica was faster, or it has been answered
	}
	if count <= 2 {
		ledger.Append(tx, ledger.Event{Kind: InvitationReminded, Audience: i.Audience, Level: i.Level, Object: ledger.Object{Kind: "invitation", ID: i.ID},
			Data: struct {
				Due    time.Time `json:"due_at"`
				Backup bool      `json:"backup"` // ask the backup contacts too
			}{i.DueAt, count == 2}})
		return nil
	}
	c, err := ByID(tx, i.Case)
	if err != nil {
		return err
	}
	p, err := PartyByID(tx, i.Participant)
	if err != nil {
		return err
	}
	ledger.Append(tx, ledger.Event{Kind: InvitationIgnored, Audience: c.Team, Level: c.Level, Scope: c.ID, Object: p.Ref(), Data: struct {
		Name string `json:"name"`
	}{p.Name}})
	return nil
}

// Expire closes a party's unanswered invitation; a coordinator does so, with
// a reason that is kept. The party may be invited again.
func Expire(tx *db.Tx, a audience.Actor, caseRef, participantID, reason string) error {
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
	if err := hold(tx, &c, &p); err != nil {
		return err
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "%s has no invitation that waits for an answer.", p.Name),
		`UPDATE case_invitation SET state = 'revoked', answered_at = $1, answered_by = $2, answer_reason = $3 WHERE participant_id = $4 AND state = 'open'`, db.Micros(tx.Now), a.Person, reason, p.ID); err != nil {
		return err
	}
	if err := resetConsent(tx, p); err != nil {
		return err
	}
	return shutOut(tx, a, c, p, InvitationExpired, reason)
}

func resetConsent(tx *db.Tx, p Participant) error {
	_, err := tx.Exec(`UPDATE participant SET consent = 'no_embargo' WHERE id = $1`, p.ID)
	return err
}
