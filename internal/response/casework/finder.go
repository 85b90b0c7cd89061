package casework

import (
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/mpcvd"
)

// Finding is a finder who takes part in a case: a person with an account, or
// the holder of a secret link.
type Finding struct {
	Kind   audience.SubjectKind `json:"kind"` // person or link
	ID     string               `json:"id"`
	Name   string               `json:"name"` // as the parties read it; "anonymous finder" where they want it so
	Reason string               `json:"reason"`
}

// AddFinder gives a finder a place in a case: a private side with the
// coordinators and one of its own, without terms, since what it knows is its
// own. It is not in the case's audience and sees nothing of the others. A
// finder who is in already is left as they are.
func AddFinder(tx *db.Tx, a audience.Actor, caseRef string, in Finding) (Participant, error) {
	c, err := LoadAs(tx, a, caseRef, audience.Coordinator)
	if err != nil {
		return Participant{}, err
	}
	if err := hold(tx, &c, nil); err != nil {
		return Participant{}, err
	}
	if (in.Kind != audience.Person && in.Kind != audience.Link) || in.ID == "" {
		return Participant{}, errs.Bad("kind", "A finder is a person or the holder of a link.")
	}
	if in.Name, err = cleanName(in.Name); err != nil {
		return Participant{}, err
	}
	if in.Reason, err = cleanReason(in.Reason); err != nil {
		return Participant{}, err
	}
	return addFinder(tx, a, c, in)
}

func addFinder(tx *db.Tx, a audience.Actor, c Case, in Finding) (Participant, error) {
	p, found, err := db.One(tx, scanParticipant, `SELECT `+participantColumns+` FROM participant p WHERE p.case_id = $1 AND p.kind = $2 AND p.subject_id = $3 AND p.left_at IS NULL`, c.ID, string(in.Kind), in.ID)
	if err != nil || found {
		return p, err
	}
	// Who found it needs no terms, and has received its own report.
	p = Participant{Role: Finder, Kind: in.Kind, Subject: in.ID, Name: in.Name, Reason: in.Reason, Report: mpcvd.RMReceived, AcceptedAt: tx.Now}
	return p, addParticipant(tx, a, c, &p, nil)
}
