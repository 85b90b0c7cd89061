package report

import (
	"errors"
	"slices"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
)

// Decision is a coordinator's move of a report.
type Decision struct {
	Verb    mpcvd.RMVerb `json:"verb"`    // validate, invalidate, accept, defer, close
	Reason  string       `json:"reason"`  // for the coordinators; asked for by invalidate, defer and close
	Note    string       `json:"note"`    // for the finder, or ""
	Version int64        `json:"version"` // the version seen
}

// needsReason are the verbs that say no to somebody's work.
var needsReason = []mpcvd.RMVerb{mpcvd.RMInvalidate, mpcvd.RMDefer, mpcvd.RMClose}

// Move moves a report through report management (spec/mpcvd.Report). The
// scope gate must be passed before a report is accepted.
func (d Desk) Move(tx *db.Tx, a audience.Actor, ref string, in Decision) (Report, error) {
	r, err := coordinated(tx, a, ref)
	if err != nil {
		return r, err
	}
	if err := r.unchanged(in.Version, in); err != nil {
		return r, err
	}
	if !slices.Contains(mpcvd.Report.AllVerbs(), in.Verb) {
		return r, errs.Bad("verb", "A report is validated, invalidated, accepted, deferred or closed.")
	}
	if in.Reason, err = cleanReason(in.Reason, slices.Contains(needsReason, in.Verb)); err != nil {
		return r, err
	}
	before := r.State
	if err := r.step(in.Verb); err != nil {
		return r, err
	}
	if in.Verb == mpcvd.RMAccept && r.Scope != InScope {
		return r, errs.New(errs.Conflict, "Decide first whether %s is in scope; only then can it be accepted.", r.Number)
	}
	r.Reason, r.DeskAt = in.Reason, tx.Now
	if r.State == mpcvd.RMClosed {
		if r.ClosedAt = tx.Now; r.Outcome == Undecided {
			r.Outcome = Dismissed
		}
	}
	if err := save(tx, &r, before); err != nil {
		return r, err
	}
	record(tx, a, r, EventMoved, map[string]any{"verb": in.Verb, "from": before, "to": r.State, "reason": in.Reason})
	return r, d.announce(tx, a, r, in.Note)
}

// announce lets the finder know that something moved, with a note if there is
// one.
func (d Desk) announce(tx *db.Tx, a audience.Actor, r Report, note string) error {
	tell(tx, r)
	if note != "" {
		m, err := d.write(tx, a, r, Message{Report: r.ID, Kind: Note, Side: Coordinators, Audience: r.Talk}, note)
		if err != nil {
			return err
		}
		return d.mailFinder(tx, r, "message "+m.ID, "There is a message for you.")
	}
	return d.mailFinder(tx, r, "moved "+string(r.State)+" "+tx.Now.Format("2006-01-02"), "There is news about your report.")
}

// step moves the report's own state by the table.
func (r *Report) step(verb mpcvd.RMVerb) error {
	to, err := mpcvd.Report.Move(r.State, verb)
	if refused, ok := errors.AsType[*mpcvd.RefusedError](err); ok {
		return errs.New(errs.Conflict, "%s", refused.Error())
	}
	if err == nil {
		r.State = to
	}
	return err
}

// unchanged refuses an edit of an older version, with both.
func (r Report) unchanged(seen int64, yours any) error {
	if seen == r.Version {
		return nil
	}
	return &errs.Error{Kind: errs.Stale, Text: "Somebody changed this report while you were deciding. Look at what changed and decide again.", Theirs: r, Yours: yours}
}

// save writes what verbs change of a report. The row moves only from the
// state and version that the verb saw.
func save(tx *db.Tx, r *Report, before mpcvd.RM) error {
	stale := errs.New(errs.Stale, "Somebody changed this report while you were deciding. Look at what changed and decide again.")
	err := tx.Guarded(stale, `UPDATE report SET state = $1, outcome = $2, scope = $3, scope_reason = $4, owner_id = $5, reason = $6, case_id = $7, participant_id = $8, org_id = $9, vendor_id = $10,
			credit = $11, anonymous = $12, planned_note = $13, withdrawn_at = $14, closed_at = $15, desk_at = $16, finder_at = $17, version = version + 1, updated_at = $18
		WHERE id = $19 AND version = $20 AND state = $21`,
		string(r.State), string(r.Outcome), string(r.Scope), r.ScopeReason, r.Owner, r.Reason, r.Case, r.Participant, r.Org, r.VendorSide,
		r.Credit, db.Bit(r.Anonymous), r.PlannedNote, db.Micros(r.WithdrawnAt), db.Micros(r.ClosedAt), db.Micros(r.DeskAt), db.Micros(r.FinderAt), db.Micros(tx.Now), r.ID, r.Version, string(before))
	r.Version, r.UpdatedAt = r.Version+1, tx.Now
	return err
}

func cleanReason(s string, needed bool) (string, error) {
	s, err := casework.CleanShort("reason", s, 2000)
	if err == nil && s == "" && needed {
		err = errs.Bad("reason", "Say why; the reason is kept.")
	}
	return s, err
}

// ScopeGate decides whether a report is the alliance's business.
func ScopeGate(tx *db.Tx, a audience.Actor, ref string, in bool, reason string, version int64) (Report, error) {
	r, err := coordinated(tx, a, ref)
	if err != nil {
		return r, err
	}
	if r.ScopeReason, err = cleanReason(reason, true); err != nil {
		return r, err
	}
	if r.Scope = OutScope; in {
		r.Scope = InScope
	}
	if err := r.unchanged(version, r); err != nil {
		return r, err
	}
	if !r.Open() {
		return r, errs.New(errs.Conflict, "%s has its outcome; the scope is not asked any more.", r.Number)
	}
	r.DeskAt = tx.Now
	if err := save(tx, &r, r.State); err != nil {
		return r, err
	}
	record(tx, a, r, EventScoped, map[string]any{"scope": r.Scope, "reason": r.ScopeReason})
	return r, nil
}

// Take makes the actor the report's owner.
func Take(tx *db.Tx, a audience.Actor, ref string, version int64) (Report, error) {
	return Assign(tx, a, ref, a.Person, version)
}

// Assign makes a coordinator the report's owner; nobody, if person is empty.
func Assign(tx *db.Tx, a audience.Actor, ref, person string, version int64) (Report, error) {
	r, err := coordinated(tx, a, ref)
	if err != nil {
		return r, err
	}
	if person != "" {
		seats, err := audience.Seats(tx, person)
		if err != nil {
			return r, err
		}
		if (audience.Actor{Person: person, Seats: seats}).Cap(audience.Office, casework.CoordinatorOffice) < audience.Coordinator {
			return r, errs.Bad("owner_id", "A report's owner is a coordinator.")
		}
	}
	from := r.Owner
	r.Owner = person
	if err := r.unchanged(version, r); err != nil {
		return r, err
	}
	if err := save(tx, &r, r.State); err != nil {
		return r, err
	}
	record(tx, a, r, EventAssigned, map[string]any{"from": from, "person": person})
	return r, nil
}

// SettleDate closes the question of a planned publication that could not
// become a proposal: the coordinators settled it with the finder.
func SettleDate(tx *db.Tx, a audience.Actor, ref, reason string, version int64) (Report, error) {
	r, err := coordinated(tx, a, ref)
	if err != nil {
		return r, err
	}
	if reason, err = cleanReason(reason, true); err != nil {
		return r, err
	}
	if err := r.unchanged(version, reason); err != nil {
		return r, err
	}
	if r.PlannedNote == "" {
		return r, errs.New(errs.Conflict, "Nothing is open about the planned date of %s.", r.Number)
	}
	r.PlannedNote, r.DeskAt = "", tx.Now
	if err := save(tx, &r, r.State); err != nil {
		return r, err
	}
	record(tx, a, r, EventDateNoted, map[string]any{"settled": reason})
	return r, nil
}
