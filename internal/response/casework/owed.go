package casework

import (
	"strings"
	"time"

	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// Owed is one thing that somebody owes: a line of the desk and of a case's
// header. Every package of this storey that asks people for something lists
// its own with a function Owed.
type Owed struct {
	Case   string    `json:"case_id,omitempty"` // empty before the case's terms are accepted
	Number string    `json:"number,omitempty"`
	What   string    `json:"what"` // plain words, without a time
	Due    time.Time `json:"due_at,omitzero"`
	URL    string    `json:"url"`  // path of the page that settles it
	Kind   string    `json:"kind"` // "invitation.answer", "embargo.answer", …
}

// OwedInvitation is the kind of an unanswered invitation.
const OwedInvitation = "invitation.answer"

// OwedBy lists the invitations that wait for the actor's answer. They name no
// case: before its terms are accepted, there is none for the invitee.
func OwedBy(tx *db.Tx, a audience.Actor) ([]Owed, error) {
	list, err := OpenInvitations(tx, a)
	var out []Owed
	for _, i := range list {
		out = append(out, Owed{What: "Answer an invitation to a case", Due: i.DueAt, URL: "/invitations/" + i.ID, Kind: OwedInvitation})
	}
	return out, err
}

// SpeaksFor is the condition that the actor speaks for the participant of the
// row t: they sit for it, as more than a reader.
func SpeaksFor(a audience.Actor, t string, args *db.Args) string {
	return sitsFor(a, t, audience.Contributor, args)
}

func sitsFor(a audience.Actor, t string, least audience.Role, args *db.Args) string {
	var parts []string
	for _, kind := range []audience.SubjectKind{audience.Org, audience.Person, audience.Link} {
		var ids []string
		for _, id := range a.Of(kind) {
			if a.Cap(kind, id) >= least {
				ids = append(ids, id)
			}
		}
		if len(ids) > 0 {
			parts = append(parts, `(`+t+`.kind = `+args.Add(string(kind))+` AND `+t+`.subject_id IN `+db.List(args, ids)+`)`)
		}
	}
	if len(parts) == 0 {
		return "1 = 0"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// Led is the condition that the case of the row t lies in a program of which
// the actor is one of the own coordinators.
func Led(a audience.Actor, t string, args *db.Args) string {
	led := programs.Led(a)
	if len(led) == 0 {
		return "1 = 0"
	}
	return `EXISTS (SELECT 1 FROM audience_program l WHERE l.audience_id = ` + t + `.audience_id AND l.program_id IN ` + db.List(args, led) + `)`
}
