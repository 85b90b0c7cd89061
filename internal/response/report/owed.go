package report

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
	"tocsin/spec/text"
)

// The kinds of things owed about reports.
const (
	OwedTriage   = "report.triage"   // nobody owns it
	OwedDecision = "report.decision" // the actor owns it and it is not decided
	OwedReply    = "report.reply"    // the finder wrote last
	OwedDate     = "report.date"     // the planned date comes near, or needs talk
	OwedHandover = "report.handover" // handed to the actor's organization, and nobody there read it
	OwedAnswer   = "report.answer"   // the finder owes an answer to a question
)

const (
	triageWithin = 2 * 24 * time.Hour  // a new report is looked at
	decideWithin = 7 * 24 * time.Hour  // an owned report is decided
	replyWithin  = 3 * 24 * time.Hour  // a finder is answered
	dateNear     = 14 * 24 * time.Hour // before the planned date
	maxOwed      = 200
)

// Owed lists what the actor owes about reports, the earliest due first.
func Owed(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	list, err := owedByTeam(tx, a)
	if err != nil {
		return nil, err
	}
	handed, err := owedByVendor(tx, a)
	if err != nil {
		return nil, err
	}
	asked, err := owedByFinder(tx, a)
	return append(append(list, handed...), asked...), err
}

func owed(r Report, kind, what string, due time.Time) casework.Owed {
	return casework.Owed{Case: r.Case, Number: r.Number, What: what, Due: due, URL: Path(r.Number), Kind: kind}
}

func owedByTeam(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	var args db.Args
	// The owner's own, and what nobody owns; what others own is theirs.
	list, err := db.All(tx, scan, `SELECT `+columns+` FROM report r WHERE r.owner_id IN ('', `+args.Add(a.Person)+`) AND r.duplicate_of = ''
		AND (r.outcome = '' OR r.planned_note <> '' OR COALESCE(r.finder_at, 0) > COALESCE(r.desk_at, r.received_at)) AND `+audience.VisibleIn(a, "r.team_id", "r", &args)+`
		ORDER BY CASE r.exploitation WHEN 'observed' THEN 0 WHEN 'suspected' THEN 1 ELSE 2 END, r.received_at, r.id`+db.Limit(maxOwed), args...)
	var out []casework.Owed
	for _, r := range list {
		out = append(out, r.owedItems(tx.Now)...)
	}
	return out, err
}

func (r Report) owedItems(now time.Time) []casework.Owed {
	var out []casework.Owed
	undecided := r.Open() && (r.State == mpcvd.RMReceived || r.State == mpcvd.RMValid || r.State == mpcvd.RMAccepted)
	switch {
	case undecided && r.Owner == "":
		due := r.ReceivedAt.Add(triageWithin)
		what := "Take a new report"
		if r.Exploitation == Observed {
			what, due = "Take a new report: attacks were seen", r.ReceivedAt.Add(4*time.Hour)
		}
		out = append(out, owed(r, OwedTriage, what, due))
	case undecided:
		out = append(out, owed(r, OwedDecision, "Decide about a report", r.ReceivedAt.Add(decideWithin)))
	}
	if wrote := r.FinderAt; wrote.After(r.DeskAt) && wrote.After(r.ReceivedAt) {
		what := "Answer the finder"
		if !r.WithdrawnAt.IsZero() {
			what = "Answer the finder, who withdrew the report"
		}
		out = append(out, owed(r, OwedReply, what, wrote.Add(replyWithin)))
	}
	switch {
	case r.PlannedNote != "":
		out = append(out, owed(r, OwedDate, "Talk with the finder about the planned publication", r.PlannedAt))
	case r.Open() && r.State != mpcvd.RMInvalid && !r.PlannedAt.IsZero() && r.PlannedAt.Sub(now) < dateNear:
		out = append(out, owed(r, OwedDate, "The finder means to publish soon", r.PlannedAt))
	}
	return out
}

func owedByVendor(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	mine := a.Of(audience.Org)
	if len(mine) == 0 {
		return nil, nil
	}
	var args db.Args
	list, err := db.All(tx, scan, `SELECT `+columns+` FROM report r WHERE r.org_id IN `+db.List(&args, mine)+` AND `+audience.Visible(a, "r", &args)+` AND NOT EXISTS (SELECT 1 FROM report_look l JOIN seat s ON s.person_id = l.person_id AND s.kind = 'org' AND s.subject_id = r.org_id WHERE l.report_id = r.id)
		ORDER BY r.closed_at, r.id`+db.Limit(maxOwed), args...)
	var out []casework.Owed
	for _, r := range list {
		o := owed(r, OwedHandover, "Read a report that was handed to your team", r.ClosedAt.Add(triageWithin))
		o.Case = ""
		out = append(out, o)
	}
	return out, err
}

func owedByFinder(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	if a.Person == "" && a.Link == "" {
		return nil, nil
	}
	type open struct {
		number string
		count  int
		since  time.Time
	}
	var args db.Args
	list, err := db.All(tx, func(o *open) []any { return []any{&o.number, &o.count, db.At(&o.since)} }, `SELECT r.number, COUNT(*), MIN(m.at) FROM report r
		JOIN report_message m ON m.report_id = r.id AND m.kind = 'question' AND m.answered_at IS NULL
		WHERE (r.person_id = `+args.Add(orNobody(a.Person))+` OR r.id = `+args.Add(orNobody(a.Link))+`) AND `+audience.VisibleIn(a, "r.talk_id", "r", &args)+` GROUP BY r.id, r.number ORDER BY MIN(m.at)`+db.Limit(maxOwed), args...)
	var out []casework.Owed
	for _, o := range list {
		what := "Answer the coordinators' question"
		if o.count > 1 {
			what = "Answer " + text.Plural(o.count, "question", "questions") + " of the coordinators"
		}
		out = append(out, casework.Owed{Number: o.number, What: what, Due: o.since.Add(decideWithin), URL: Path(o.number), Kind: OwedAnswer})
	}
	return out, err
}
