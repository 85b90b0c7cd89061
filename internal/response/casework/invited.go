package casework

import "tocsin/internal/kernel/db"

// InvitationOf is a party's open invitation, the zero Invitation when it has
// none. It asks nobody: for work on a party that the caller has seen.
func InvitationOf(tx *db.Tx, participantID string) (Invitation, error) {
	i, _, err := db.One(tx, scanInvitation, `SELECT `+invitationColumns+` FROM case_invitation i WHERE i.participant_id = $1 AND i.state = 'open' ORDER BY i.sent_at DESC LIMIT 1`, participantID)
	return i, err
}
