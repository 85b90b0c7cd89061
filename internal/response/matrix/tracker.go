package matrix

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

// Tracker is the number under which a party keeps the case in its own
// system. Nobody else sees it, coordinators neither.
type Tracker struct {
	Participant string    `json:"participant_id"`
	Case        string    `json:"case_id"`
	Audience    string    `json:"-"`
	Level       tlp.Level `json:"tlp"`
	Number      string    `json:"number"`
	Version     int64     `json:"version"`
	UpdatedAt   time.Time `json:"updated_at"`
}

const trackerColumns = `t.participant_id, t.case_id, t.audience_id, t.tlp, t.number, t.version, t.updated_at`

func scanTracker(t *Tracker) []any {
	return []any{&t.Participant, &t.Case, &t.Audience, &t.Level, &t.Number, &t.Version, db.At(&t.UpdatedAt)}
}

var trackerTable = ledger.Table{Kind: "tracker", Name: "tracker", Key: "participant_id", Cols: "case_id, number"}

// Trackers are the numbers that the actor may see in a case, by participant
// id; "" for all cases.
func Trackers(tx *db.Tx, a audience.Actor, caseID string) (map[string]Tracker, error) {
	var args db.Args
	where := audience.Visible(a, "t", &args)
	if caseID != "" {
		where += ` AND t.case_id = ` + args.Add(caseID)
	}
	list, err := db.All(tx, scanTracker, `SELECT `+trackerColumns+` FROM tracker t WHERE `+where+` LIMIT 10000`, args...)
	out := map[string]Tracker{}
	for _, t := range list {
		out[t.Participant] = t
	}
	return out, err
}

// SetTracker keeps a party's own number; an empty one removes it from sight.
func SetTracker(tx *db.Tx, a audience.Actor, caseRef, participantID, number string) (Tracker, error) {
	c, err := casework.LoadAs(tx, a, caseRef, audience.Contributor)
	if err != nil {
		return Tracker{}, err
	}
	p, onBehalf, err := casework.ActingFor(tx, a, c, participantID)
	if err != nil {
		return Tracker{}, err
	}
	if onBehalf {
		return Tracker{}, errs.New(errs.Denied, "Only %s itself keeps its tracker number.", p.Name)
	}
	if number, _, err = text.CleanLine(number, 100); err != nil {
		return Tracker{}, errs.Bad("number", "%s", err.Error())
	}
	t := Tracker{Participant: p.ID, Case: c.ID, Audience: p.Own, Level: c.Level, Number: number, UpdatedAt: tx.Now}
	t.Version, err = db.Value[int64](tx, `INSERT INTO tracker (participant_id, case_id, audience_id, tlp, number, version, updated_at) VALUES ($1, $2, $3, $4, $5, 1, $6)
		ON CONFLICT (participant_id) DO UPDATE SET number = excluded.number, version = tracker.version + 1, updated_at = excluded.updated_at RETURNING version`,
		t.Participant, t.Case, t.Audience, int(t.Level), t.Number, db.Micros(tx.Now))
	if err != nil {
		return t, err
	}
	ledger.Append(tx, ledger.Event{Kind: TrackerSet, Actor: a, Audience: t.Audience, Level: t.Level, Scope: c.ID, Object: ledger.Object{Kind: "tracker", ID: t.Participant},
		Data: map[string]string{"number": number}, Binds: []ledger.Bound{trackerTable.Of(t.Participant)}})
	if number == "" {
		return t, search.Drop(tx, "tracker", t.Participant)
	}
	return t, search.Put(tx, search.Doc{Kind: "tracker", ObjectID: t.Participant, Scope: c.ID, Audience: t.Audience, Level: t.Level, Title: number + " " + c.Number, URL: "/cases/" + c.Number})
}
