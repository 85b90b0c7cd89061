// Package board is the alliance's board room: who sits there, the motions put
// to it, the votes on them and what was decided. The rules are those of
// spec/ballot.
//
// In a sealed ballot nobody learns a choice or the running count before the
// close, and nobody learns a choice afterwards: each vote stands in the
// database as an age file of one length, the event of casting it stands in an
// audience of the voter alone, and no verb gives a stored choice back, not
// even to the voter. Only the count at the close opens the votes, and keeps
// no more than the sums. Whoever holds both the keys directory and the
// database can open the votes by hand; that is the one thing sealing cannot
// keep from them, and it leaves no trace in the ledger.
package board

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/seal"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

// Room is the board room: what opens and closes its sealed votes, and what
// follows from a decision.
type Room struct {
	Sealer  *seal.Sealer
	Effects map[Kind]Effect
}

// The kinds of events.
const (
	EventFounded   = "board.founded"
	EventSeated    = "seat.appointed"
	EventChanged   = "seat.changed"
	EventEnded     = "seat.ended"
	EventDrafted   = "motion.drafted"
	EventEdited    = "motion.edited"
	EventOpened    = "motion.opened"
	EventReminded  = "motion.reminded" // a day before the deadline
	EventRecused   = "motion.recused"
	EventCast      = "vote.cast"
	EventClosed    = "motion.closed"
	EventUncounted = "motion.uncounted" // closed, but a stored vote cannot be opened
	EventCarried   = "motion.carried"
	EventFailed    = "motion.failed"
	EventVoid      = "motion.voided"
	EventRecounted = "motion.recounted"
	EventEffected  = "motion.effected" // what was decided was done
	EventHindered  = "motion.hindered" // decided, but it could not be done
)

var (
	roomTable     = ledger.Table{Kind: "board_room", Name: "board_room", Cols: "id, audience_id"}
	seatTable     = ledger.Table{Kind: "board_seat", Name: "board_seat", Cols: "id, audience_id, tlp, org_id, person_id, substitute_id, from_at, until_at, ended_at, end_reason, version"}
	motionTable   = ledger.Table{Kind: "motion", Name: "motion", Cols: "id, number, audience_id, tlp, kind, title, body, object_kind, object_id, proposal, proposer_id, sealed, quorum, majority, early, state, created_at, deadline, opened_at, reminded_at, closed_at, decided_at, decision, result, effect, obstacle, version"}
	electionTable = ledger.Table{Kind: "motion_seat", Name: "motion_seat", Cols: "id, motion_id, seat_id, standing, principal_id, substitute_id"}
	recusalTable  = ledger.Table{Kind: "motion_recusal", Name: "motion_recusal", Cols: "id, motion_id, seat_id, person_id, reason, at"}
	voteTable     = ledger.Table{Kind: "motion_vote", Name: "motion_vote", Cols: "id, motion_id, seat_id, audience_id, tlp, person_id, choice, reason, paper, at"}
)

// Tables names the rows that this package's events vouch for.
func Tables() []ledger.Table {
	return []ledger.Table{roomTable, seatTable, motionTable, electionTable, recusalTable, voteTable}
}

const (
	roomID = "board"
	level  = tlp.AmberStrict // of seats and who sits there
)

// chamber is the board's audience, made when it is first needed: the people
// of its seats, the office "board", and the coordinators as its secretariat.
func chamber(tx *db.Tx) (string, error) {
	for range 2 {
		aid, ok, err := db.One(tx, func(s *string) []any { return []any{s} }, `SELECT audience_id FROM board_room WHERE id = $1`, roomID)
		if err != nil || ok {
			return aid, err
		}
		if aid, err = audience.Create(tx, "board", []audience.Grant{
			{Kind: audience.Office, ID: charter.Board, Role: audience.Reader, Reason: "sits on the board"},
			{Kind: audience.Office, ID: charter.Coordinator, Role: audience.Coordinator, Reason: "keeps the board's papers"},
		}, nil, nil); err != nil {
			return "", err
		}
		n, err := tx.Exec(`INSERT INTO board_room (id, audience_id) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, roomID, aid)
		if err != nil {
			return "", err
		}
		if n == 1 {
			ledger.Append(tx, ledger.Event{Kind: EventFounded, Audience: aid, Level: level, Object: ledger.Object{Kind: "board", ID: roomID}, Binds: []ledger.Bound{roomTable.Of(roomID)}})
			return aid, nil
		}
	}
	return "", errs.New(errs.Conflict, "Somebody is setting up the board at this moment. Try again.")
}

// Chamber is the board's audience: the people of its seats, the office
// "board", and the coordinators. What the board and its secretariat keep
// together stands in it.
func Chamber(tx *db.Tx) (string, error) { return chamber(tx) }

// Sits reports whether the actor is of the board: by a seat, as a substitute,
// or by the office.
func Sits(tx *db.Tx, a audience.Actor) (bool, error) {
	if a.Person == "" || a.Holds(audience.Office, charter.Board) {
		return a.Person != "", nil
	}
	aid, err := db.Value[string](tx, `SELECT audience_id FROM board_room WHERE id = $1`, roomID)
	if err != nil || aid == "" {
		return false, err
	}
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM audience_grant WHERE audience_id = $1 AND kind = $2 AND subject_id = $3`, aid, string(audience.Person), a.Person)
	return n > 0, err
}

// admission is who is to be let into the board's audience, or shown out.
type admission struct {
	audience string
	in, out  []string
}

// admissions compares the people of the seats of this instant with the
// audience's grants.
func admissions(tx *db.Tx) (admission, error) {
	var x admission
	aid, ok, err := db.One(tx, func(s *string) []any { return []any{s} }, `SELECT audience_id FROM board_room WHERE id = $1`, roomID)
	if err != nil || !ok {
		return x, err
	}
	x.audience = aid
	list, err := seats(tx, `s.ended_at IS NULL`)
	if err != nil {
		return x, err
	}
	wanted := map[string]bool{}
	for _, s := range list {
		if !s.runs(tx.Now) || s.orgState != orgs.Active {
			continue
		}
		// Who left the organization, or was shut out, keeps the seat until it is
		// ended, and neither votes nor reads.
		if s.personOK {
			wanted[s.Person] = true
		}
		if s.substituteOK {
			wanted[s.Substitute] = true
		}
	}
	v, err := audience.Load(tx, aid)
	if err != nil {
		return x, err
	}
	for _, g := range v.Grants {
		if g.Kind != audience.Person {
			continue
		}
		if !wanted[g.ID] {
			x.out = append(x.out, g.ID)
		}
		delete(wanted, g.ID)
	}
	for p := range wanted {
		x.in = append(x.in, p)
	}
	return x, nil
}

// Readmit makes the board's audience follow its seats at once, where an
// organization was suspended or takes part again, or somebody left one; Tick
// does it else.
func Readmit(tx *db.Tx) error { return readmit(tx) }

// readmit makes the board's audience, and the office of those who sit on the
// board, follow its seats.
func readmit(tx *db.Tx) error {
	x, err := admissions(tx)
	for _, p := range x.in {
		if err == nil {
			err = audience.Admit(tx, x.audience, audience.Grant{Kind: audience.Person, ID: p, Role: audience.Contributor, Reason: "has a seat on the board"})
		}
		if err == nil {
			err = audience.Sit(tx, p, audience.Seat{Kind: audience.Office, ID: charter.Bench, Party: audience.Party{Kind: audience.Person, ID: p}, Cap: audience.Reader})
		}
	}
	for _, p := range x.out {
		if err == nil {
			err = audience.Expel(tx, x.audience, audience.Person, p)
		}
		if err == nil {
			err = audience.Rise(tx, p, audience.Office, charter.Bench, audience.Party{Kind: audience.Person, ID: p})
		}
	}
	return err
}

func record(tx *db.Tx, a audience.Actor, kind string, m Motion, data any, binds ...ledger.Bound) {
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: m.Audience, Level: m.Level, Scope: m.ID, Object: ledger.Object{Kind: "motion", ID: m.ID}, Data: data, Binds: binds})
}

func cleanText(field, s string, limit int, needed string) (string, error) {
	clean, _, err := text.CleanText(s, limit)
	if err != nil {
		return "", errs.Bad(field, "Please correct this: %s.", err.Error())
	}
	if clean == "" && needed != "" {
		return "", errs.Bad(field, "%s", needed)
	}
	return clean, nil
}

func first(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
