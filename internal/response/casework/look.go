package casework

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
)

// Look is when somebody first and last looked at a case, and the number of
// the last event there was.
type Look struct {
	First time.Time `json:"first_at,omitzero"`
	Last  time.Time `json:"last_at,omitzero"`
	Seq   int64     `json:"seq"` // -1: never looked
}

// LastLook is the actor's own last look at a case.
func LastLook(tx *db.Tx, a audience.Actor, caseID string) (Look, error) {
	_, me := a.Ref()
	l, ok, err := db.One(tx, func(l *Look) []any { return []any{db.At(&l.First), db.At(&l.Last), &l.Seq} }, `SELECT first_at, last_at, seq FROM look WHERE person_id = $1 AND case_id = $2`, me, caseID)
	if !ok {
		l.Seq = -1
	}
	return l, err
}

// Worn reports whether a look at now, when the ledger has size events, would
// say more than this one.
func (l Look) Worn(now time.Time, size int64) bool {
	return l.Seq < size-1 || now.Sub(l.Last) > time.Minute
}

// MarkSeen records that the actor looked at a case they may see, and returns
// the look before, so that the page can say what changed since. The first
// look of each person is an event, and the first of a party's people marks
// the party as having seen the case.
func MarkSeen(tx *db.Tx, a audience.Actor, caseRef string) (Look, error) {
	size, err := ledger.Size(tx)
	if err != nil {
		return Look{Seq: -1}, err
	}
	return MarkSeenTo(tx, a, caseRef, size-1)
}

// MarkSeenTo is MarkSeen for who saw the case as it was at an event.
func MarkSeenTo(tx *db.Tx, a audience.Actor, caseRef string, seq int64) (Look, error) {
	c, _, err := Load(tx, a, caseRef)
	if err != nil || a.Anonymous() {
		return Look{Seq: -1}, err
	}
	role, err := audience.RoleAt(tx, a, c.Audience, c.Level)
	if err != nil || role == audience.None {
		return Look{Seq: -1}, err // a public reader leaves no trace
	}
	before, err := LastLook(tx, a, c.ID)
	if err != nil {
		return before, err
	}
	_, me := a.Ref()
	first, err := db.Value[int](tx, `INSERT INTO look (person_id, case_id, first_at, last_at, seq) VALUES ($1, $2, $3, $3, $4)
		ON CONFLICT (person_id, case_id) DO UPDATE SET last_at = excluded.last_at, seq = CASE WHEN look.seq > excluded.seq THEN look.seq ELSE excluded.seq END RETURNING CASE WHEN first_at = last_at THEN 1 ELSE 0 END`,
		me, c.ID, db.Micros(tx.Now), seq)
	if err != nil || before.Seq >= 0 || first == 0 {
		return before, err
	}
	mine, err := MyParticipants(tx, a, c.ID)
	if err != nil {
		return before, err
	}
	e := ledger.Event{Kind: CaseSeen, Actor: a, Audience: c.Team, Level: c.Level, Scope: c.ID, Object: c.Ref()}
	if len(mine) == 0 {
		ledger.Append(tx, e)
	}
	for _, p := range mine {
		if _, err := tx.Exec(`UPDATE participant SET seen_at = $1 WHERE id = $2 AND seen_at IS NULL`, db.Micros(tx.Now), p.ID); err != nil {
			return before, err
		}
		e.Audience, e.Level, e.Object = p.Private, p.Level, p.Ref()
		ledger.Append(tx, e)
	}
	return before, nil
}

// Changes is what happened in a case since the actor's last look, by others.
type Changes struct {
	Since  time.Time       `json:"since,omitzero"`
	Total  int             `json:"total"`
	Kinds  map[string]int  `json:"kinds"`  // events by kind
	Events []ledger.Record `json:"events"` // the first 200, oldest first
}

// ChangedSince lists what others did in a case after an instant of the ledger
// that a Look names; pass the look that MarkSeen returned.
func ChangedSince(tx *db.Tx, a audience.Actor, caseID string, l Look) (Changes, error) {
	out := Changes{Since: l.Last, Kinds: map[string]int{}, Events: []ledger.Record{}}
	kind, me := a.Ref()
	type count struct {
		kind string
		n    int
	}
	var args db.Args
	list, err := db.All(tx, func(c *count) []any { return []any{&c.kind, &c.n} },
		`SELECT e.kind, COUNT(*) FROM event e WHERE e.scope = `+args.Add(caseID)+` AND e.seq > `+args.Add(l.Seq)+` AND NOT (e.actor_kind = `+args.Add(kind)+` AND e.actor_id = `+args.Add(me)+`) AND e.kind <> `+args.Add(CaseSeen)+
			` AND `+audience.Visible(a, "e", &args)+` GROUP BY e.kind`, args...)
	if err != nil {
		return out, err
	}
	for _, c := range list {
		out.Kinds[c.kind] = c.n
		out.Total += c.n
	}
	for after := l.Seq; len(out.Events) < min(out.Total, 200); {
		page, err := ledger.List(tx, a, ledger.Query{Scope: caseID, After: after, Limit: 500})
		if err != nil || len(page) == 0 {
			return out, err
		}
		for _, r := range page {
			after = r.Seq
			if r.Kind != CaseSeen && (r.ActorKind != kind || r.ActorID != me) && len(out.Events) < 200 {
				out.Events = append(out.Events, r)
			}
		}
	}
	return out, nil
}

// Choice is one decision about who takes part, with its reason.
type Choice struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"` // participant.added, participant.left, …
	Party  string    `json:"participant_id"`
	Name   string    `json:"name"`
	Reason string    `json:"reason"`
	By     string    `json:"by,omitempty"` // person id, for coordinators
}

// Decisions lists every decision to include, hide, show or exclude a party,
// and every party's own to leave or decline, newest first: all of them for
// coordinators, for a party those it may know of.
func Decisions(tx *db.Tx, a audience.Actor, caseRef string) ([]Choice, error) {
	c, role, err := Load(tx, a, caseRef)
	if err != nil {
		return nil, err
	}
	type row struct {
		Choice
		data struct {
			Name   string `json:"name"`
			Reason string `json:"reason"`
		}
	}
	kinds := []string{ParticipantAdded, ParticipantLeft, ParticipantHidden, ParticipantShown, TermsDeclined, InvitationExpired}
	var args db.Args
	list, err := db.All(tx, func(r *row) []any {
		return []any{db.At(&r.At), &r.Kind, &r.Party, &r.By, db.JSON(&r.data)}
	}, `SELECT e.at, e.kind, e.object_id, e.actor_id, e.payload FROM event e WHERE e.scope = `+args.Add(c.ID)+` AND e.kind IN `+db.List(&args, kinds)+
		` AND `+audience.Visible(a, "e", &args)+` ORDER BY e.seq DESC LIMIT 5000`, args...)
	if err != nil {
		return nil, err
	}
	out := make([]Choice, len(list))
	for i, r := range list {
		out[i] = r.Choice
		out[i].Name, out[i].Reason = r.data.Name, r.data.Reason
		if role < audience.Coordinator {
			out[i].By = ""
		}
	}
	return out, nil
}

// opened is when each person first and last opened a case.
func opened(tx *db.Tx, caseID string) (map[string]Look, error) {
	type row struct {
		person string
		Look
	}
	list, err := db.All(tx, func(r *row) []any { return []any{&r.person, db.At(&r.First), db.At(&r.Last)} }, `SELECT person_id, first_at, last_at FROM look WHERE case_id = $1`, caseID)
	out := map[string]Look{}
	for _, r := range list {
		out[r.person] = r.Look
	}
	return out, err
}
