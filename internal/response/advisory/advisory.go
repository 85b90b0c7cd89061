package advisory

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/spec/tlp"
)

// Advisory is one advisory of a case on its way out, and afterwards.
type Advisory struct {
	ID              string    `json:"id"`
	Number          string    `json:"number"` // "TAA-2026-0007"; its CSAF tracking id
	Case            string    `json:"case_id"`
	Audience        string    `json:"-"`
	Level           tlp.Level `json:"tlp"` // of the draft: the case's
	State           State     `json:"state"`
	Title           string    `json:"title"`
	Version         int64     `json:"version"`          // of the text, counting from 1
	ApprovedVersion int64     `json:"approved_version"` // 0: none
	ApprovedBy      string    `json:"approved_by,omitempty"`
	ApprovedAt      time.Time `json:"approved_at,omitzero"`
	ReleasedVersion int64     `json:"released_version"` // the text that is out; 0: none
	OutLevel        tlp.Level `json:"release_tlp"`
	OutAudience     string    `json:"-"` // who gets what is not CLEAR
	ReleaseAt       time.Time `json:"release_at,omitzero"`
	Follows         bool      `json:"follows_embargo"` // the instant is the embargo's end, wherever that moves
	Note            string    `json:"note,omitempty"`  // what the scheduled revision changes
	Document        string    `json:"document_id,omitempty"`
	Basis           string    `json:"-"` // digest of what the prepared document was made of
	ScheduledBy     string    `json:"scheduled_by,omitempty"`
	Revision        int64     `json:"revision"` // how often it was released
	ReleasedAt      time.Time `json:"released_at,omitzero"`
	WithdrawnAt     time.Time `json:"withdrawn_at,omitzero"`
	WithdrawnReason string    `json:"withdrawn_reason,omitempty"`
	CreatedBy       string    `json:"created_by"`
	CreatedAt       time.Time `json:"created_at"`
	UpdatedAt       time.Time `json:"updated_at"`
}

const advisoryColumns = `v.id, v.number, v.case_id, v.audience_id, v.tlp, v.state, v.title, v.version, v.approved_version, v.approved_by, v.approved_at, v.released_version, v.out_tlp, v.out_audience,
	v.release_at, v.follows, v.note, v.document_id, v.basis, v.scheduled_by, v.revision, v.released_at, v.withdrawn_at, v.withdrawn_reason, v.created_by, v.created_at, v.updated_at`

func scanAdvisory(v *Advisory) []any {
	return []any{&v.ID, &v.Number, &v.Case, &v.Audience, &v.Level, &v.State, &v.Title, &v.Version, &v.ApprovedVersion, &v.ApprovedBy, db.At(&v.ApprovedAt), &v.ReleasedVersion, &v.OutLevel, &v.OutAudience,
		db.At(&v.ReleaseAt), &v.Follows, &v.Note, &v.Document, &v.Basis, &v.ScheduledBy, &v.Revision, db.At(&v.ReleasedAt), db.At(&v.WithdrawnAt), &v.WithdrawnReason, &v.CreatedBy, db.At(&v.CreatedAt), db.At(&v.UpdatedAt)}
}

// Ref names the advisory in the ledger.
func (v Advisory) Ref() ledger.Object { return ledger.Object{Kind: "advisory", ID: v.ID} }

// Due reports whether its instant has come while nothing has recorded it.
func (v Advisory) Due(now time.Time) bool {
	return v.State == StateScheduled && !v.ReleaseAt.After(now)
}

// Standing is the state as of now: at its instant a scheduled advisory is
// released, whether anything has recorded that or not.
func (v Advisory) Standing(now time.Time) State {
	if v.Due(now) {
		return StateReleased
	}
	return v.State
}

// Load finds an advisory by id or number for somebody who works on its case,
// with the role they have on it. What is public is Page's to show.
func Load(tx *db.Tx, a audience.Actor, ref string) (Advisory, audience.Role, error) {
	var args db.Args
	r := args.Add(ref)
	v, ok, err := db.One(tx, scanAdvisory, `SELECT `+advisoryColumns+` FROM advisory v WHERE (v.id = `+r+` OR v.number = `+r+`) AND `+audience.Visible(a, "v", &args), args...)
	if err != nil || !ok {
		return Advisory{}, audience.None, firstError(err, errs.Missing("advisory"))
	}
	role, err := audience.RoleAt(tx, a, v.Audience, v.Level)
	return v, role, err
}

// OfCase lists the advisories of a case that the actor may see, newest first.
func OfCase(tx *db.Tx, a audience.Actor, caseID string) ([]Advisory, error) {
	var args db.Args
	return db.All(tx, scanAdvisory, `SELECT `+advisoryColumns+` FROM advisory v WHERE v.case_id = `+args.Add(caseID)+` AND `+audience.Visible(a, "v", &args)+` ORDER BY v.created_at DESC, v.id LIMIT 200`, args...)
}

// InWork lists the advisories of all of the actor's cases, latest change
// first; at most limit.
func InWork(tx *db.Tx, a audience.Actor, limit int) ([]Advisory, error) {
	wide, err := audience.Broad(tx, a, 500)
	if err != nil {
		return nil, err
	}
	var args db.Args
	from := `advisory v WHERE `
	if wide {
		from += audience.Visible(a, "v", &args)
	} else {
		from = audience.Mine(a, &args) + ` mine JOIN advisory v ON v.audience_id = mine.audience_id AND v.tlp <= mine.reach`
	}
	return db.All(tx, scanAdvisory, `SELECT `+advisoryColumns+` FROM `+from+`
		ORDER BY v.updated_at DESC, v.id`+db.Limit(min(max(limit, 1), 500)), args...)
}

// OwedReview is the kind of an approval that is waited for.
const OwedReview = "advisory.review"

// Owed lists the advisories that wait for the actor's eyes: they coordinate
// and wrote none of the text.
func Owed(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	if !programs.CoordinatesSome(a) {
		return nil, nil
	}
	var args db.Args
	list, err := db.All(tx, scanAdvisory, `SELECT `+advisoryColumns+` FROM advisory v WHERE v.state = 'review' AND `+audience.Visible(a, "v", &args)+` AND NOT EXISTS (SELECT 1 FROM advisory_version n WHERE n.advisory_id = v.id AND n.n > v.released_version AND n.author = `+args.Add(a.Person)+`)
		ORDER BY v.updated_at, v.id LIMIT 200`, args...)
	var out []casework.Owed
	for _, v := range list {
		if role, err := audience.RoleAt(tx, a, v.Audience, v.Level); err != nil {
			return nil, err
		} else if role < audience.Coordinator {
			continue
		}
		out = append(out, casework.Owed{Case: v.Case, Number: v.Number, What: "Review the advisory " + v.Number, URL: "/advisories/" + v.Number + "/draft", Kind: OwedReview})
	}
	return out, err
}

// hold finds an advisory for a verb, takes its row for the rest of the
// transaction, reads it anew and records a release whose instant has come, so
// that the verb starts from the state that holds.
func hold(tx *db.Tx, a audience.Actor, ref string, least audience.Role) (Advisory, casework.Case, error) {
	v, role, err := Load(tx, a, ref)
	if err != nil {
		return v, casework.Case{}, err
	}
	if role < least {
		return v, casework.Case{}, errs.New(errs.Denied, "This needs the role %s in the case; you are %s.", least, role)
	}
	return take(tx, v.ID)
}

// take is hold without scope, for what runs by itself.
func take(tx *db.Tx, advisoryID string) (Advisory, casework.Case, error) {
	if _, err := tx.Exec(`UPDATE advisory SET updated_at = updated_at WHERE id = $1`, advisoryID); err != nil {
		return Advisory{}, casework.Case{}, err
	}
	v, ok, err := db.One(tx, scanAdvisory, `SELECT `+advisoryColumns+` FROM advisory v WHERE v.id = $1`, advisoryID)
	if err != nil || !ok {
		return v, casework.Case{}, firstError(err, errs.Missing("advisory"))
	}
	c, err := casework.ByID(tx, v.Case)
	if err == nil && v.Due(tx.Now) {
		err = settle(tx, &v, c)
	}
	return v, c, err
}

// publishes refuses who may not approve or publish: it takes the role and,
// for a token, its scope.
func publishes(a audience.Actor) error {
	if !charter.Allows(a, charter.ScopeRelease) {
		return errs.New(errs.Denied, "This token lacks the scope %q.", charter.ScopeRelease)
	}
	return nil
}

// move moves the state by the table, or says what is possible instead.
func (v *Advisory) move(verb Verb) (from State, err error) {
	to, err := Process.Move(v.State, verb)
	if err != nil {
		return v.State, errs.New(errs.Conflict, "%s", err.Error())
	}
	from, v.State = v.State, to
	return from, nil
}

// write stores the advisory; the guard is the state it came from and the text
// it was decided on.
func (v *Advisory) write(tx *db.Tx, from State, seen int64) error {
	v.UpdatedAt = tx.Now
	return tx.Guarded(errs.New(errs.Conflict, "Somebody else moved the advisory %s at the same moment. Look again and repeat what still applies.", v.Number),
		`UPDATE advisory SET state = $1, title = $2, version = $3, approved_version = $4, approved_by = $5, approved_at = $6, released_version = $7, out_tlp = $8, out_audience = $9, release_at = $10,
		follows = $11, note = $12, document_id = $13, basis = $14, scheduled_by = $15, revision = $16, released_at = $17, withdrawn_at = $18, withdrawn_reason = $19, updated_at = $20
		WHERE id = $21 AND state = $22 AND version = $23`,
		string(v.State), v.Title, v.Version, v.ApprovedVersion, v.ApprovedBy, db.Micros(v.ApprovedAt), v.ReleasedVersion, int(v.OutLevel), v.OutAudience, db.Micros(v.ReleaseAt),
		db.Bit(v.Follows), v.Note, v.Document, v.Basis, v.ScheduledBy, v.Revision, db.Micros(v.ReleasedAt), db.Micros(v.WithdrawnAt), v.WithdrawnReason, db.Micros(v.UpdatedAt),
		v.ID, string(from), seen)
}

// tell records what happened to the advisory for everybody in its case.
func (v Advisory) tell(tx *db.Tx, a audience.Actor, kind string, data map[string]any, binds ...ledger.Bound) {
	all := map[string]any{"number": v.Number, "version": v.Version}
	for k, d := range data {
		all[k] = d
	}
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: v.Audience, Level: v.Level, Scope: v.Case, Object: v.Ref(), Data: all,
		Binds: append([]ledger.Bound{advisoryTable.Of(v.ID)}, binds...)})
}

// announce tells those whom a released document is for, who may have no part in
// its case: no more than the document itself says, and not who did it. In an
// audience and a marking of its own it reaches whoever may read the document.
func (v Advisory) announce(tx *db.Tx, kind string, d Document) {
	ledger.Append(tx, ledger.Event{Kind: kind, Audience: d.Audience, Level: d.Level, Object: v.Ref(),
		Data: map[string]any{"number": d.TrackingID, "title": d.Title, "tlp": d.Level, "revision": v.Revision, "url": d.PageURL()}})
}

func firstError(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}
