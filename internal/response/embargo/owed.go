package embargo

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
)

// The kinds of things owed about an embargo.
const (
	OwedAnswer    = "embargo.answer"
	OwedDecision  = "embargo.decide"    // an opposed proposal waits for a coordinator
	OwedReadiness = "embargo.readiness" // go or no-go
	OwedConsent   = "embargo.consent"   // a lapsed consent, or one asked for again
	OwedAttacks   = "embargo.attacks"   // attacks are seen: keep or publish
)

const maxOwed = 500

// Owed lists what the actor owes about embargoes: for each party they speak
// for, and for the cases they coordinate.
func Owed(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	if a.Anonymous() {
		return nil, nil
	}
	var out []casework.Owed
	for _, f := range []func(*db.Tx, audience.Actor) ([]casework.Owed, error){owedAnswers, owedReadiness, owedConsents, owedDecisions} {
		list, err := f(tx, a)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// item is a row of one of the lists: case, number, party, an instant.
type item struct {
	casework.Owed
	party string
	at    time.Time
}

func scanItem(i *item) []any { return []any{&i.Case, &i.Number, &i.party, db.At(&i.at)} }

func items(tx *db.Tx, kind, page, query string, args db.Args, what func(item) string) ([]casework.Owed, error) {
	list, err := db.All(tx, scanItem, query+db.Limit(maxOwed), args...)
	var out []casework.Owed
	for _, i := range list {
		i.Kind, i.URL, i.Due, i.What = kind, "/cases/"+i.Number+page, i.at, what(i)
		out = append(out, i.Owed)
	}
	return out, err
}

// parties joins the actor's open cases with the active parties they speak for.
func parties(a audience.Actor, args *db.Args) string {
	return `participant p JOIN cases c ON c.id = p.case_id AND c.state = 'open' AND ` + audience.Visible(a, "c", args) + ` AND p.accepted_at IS NOT NULL AND p.left_at IS NULL AND ` + casework.SpeaksFor(a, "p", args)
}

func owedAnswers(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	var args db.Args
	q := `SELECT c.id, c.number, p.name, e.passes_at FROM ` + parties(a, &args) + ` JOIN embargo_proposal e ON e.case_id = c.id AND e.state = 'open' AND ` + audience.Visible(a, "e", &args) + `
		WHERE NOT EXISTS (SELECT 1 FROM embargo_answer x WHERE x.proposal_id = e.id AND x.participant_id = p.id) ORDER BY e.passes_at, c.id, p.id`
	return items(tx, OwedAnswer, "/timetable", q, args, func(i item) string { return i.party + ": consent or object to a proposed end of the embargo" })
}

// owedReadiness begins a day before the end, when the go is asked for.
func owedReadiness(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	var args db.Args
	now, until := args.Add(db.Micros(tx.Now)), args.Add(db.Micros(tx.Now.Add(GoLead)))
	q := `SELECT c.id, c.number, p.name, c.embargo_ends_at FROM ` + parties(a, &args) + ` WHERE c.embargo_state IN ('active', 'revise') AND c.embargo_ends_at > ` + now + ` AND c.embargo_ends_at <= ` + until + `
		AND p.role <> 'finder' AND NOT EXISTS (SELECT 1 FROM readiness r WHERE r.case_id = c.id AND r.participant_id = p.id AND r.ends_at = c.embargo_ends_at) ORDER BY c.embargo_ends_at, c.id, p.id`
	return items(tx, OwedReadiness, "/timetable", q, args, func(i item) string { return i.party + ": say go or no-go for the release" })
}

func owedConsents(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	var args db.Args
	states := db.List(&args, []string{string(mpcvd.PECLapsed), string(mpcvd.PECInvited)})
	q := `SELECT c.id, c.number, p.name, c.embargo_ends_at FROM ` + parties(a, &args) + ` WHERE p.consent IN ` + states + ` ORDER BY c.embargo_ends_at, c.id, p.id`
	return items(tx, OwedConsent, "/timetable", q, args, func(i item) string { return i.party + ": consent to the embargo's new end" })
}

// owedDecisions are for whoever coordinates: attacks are urgent, so that they
// stand on the desk of the whole team; an opposed proposal on the owner's. Of
// a case in a program both stand on the desks of its own coordinators too.
func owedDecisions(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	if a.Person == "" {
		return nil, nil
	}
	own := func(join string, args *db.Args) string {
		cond := `1 = 1`
		if !charter.IsCoordinator(a) {
			cond = `(c.owner_id = ` + args.Add(a.Person) + ` OR ` + casework.Led(a, "c", args) + `)`
		}
		return `cases c ` + join + ` WHERE c.state = 'open' AND ` + cond + ` AND ` + audience.Visible(a, "c", args)
	}
	var args db.Args
	attacks, err := items(tx, OwedAttacks, "/timetable", `SELECT c.id, c.number, '', c.decision_due_at FROM `+own("", &args)+` AND c.decision_due_at IS NOT NULL ORDER BY c.decision_due_at, c.id`, args,
		func(item) string { return "Attacks are seen: keep the embargo, or publish" })
	if err != nil {
		return nil, err
	}
	args = nil
	mine := `(c.owner_id = ` + args.Add(a.Person) + ` OR ` + casework.Led(a, "c", &args) + `)`
	opposed, err := items(tx, OwedDecision, "/timetable", `SELECT c.id, c.number, '', MIN(e.ends_at) FROM `+own(`JOIN embargo_proposal e ON e.case_id = c.id AND e.state = 'open'`, &args)+`
		AND `+mine+` AND EXISTS (SELECT 1 FROM embargo_answer x WHERE x.proposal_id = e.id AND x.answer = 'object') GROUP BY c.id, c.number ORDER BY 4, c.id`, args,
		func(item) string { return "A proposed end of the embargo is opposed: decide" })
	return append(attacks, opposed...), err
}
