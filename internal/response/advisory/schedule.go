package advisory

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/spec/csaf"
	"tocsin/spec/tlp"
)

// Plan is how an approved text is to be released.
type Plan struct {
	Version int64     `json:"version"`     // the text seen
	At      time.Time `json:"at,omitzero"` // zero: at the embargo's end, wherever that moves
	Level   tlp.Level `json:"tlp"`         // CLEAR: public; else for the case, or a program
	Program string    `json:"program_id"`  // for GREEN: the program that gets it, or ""
	Note    string    `json:"note"`        // what this revision changes; empty: the first release
}

// farthest bounds how far ahead a release is set.
const farthest = 2 * 366 * 24 * time.Hour

// Schedule sets the instant of an approved text and prepares everything for
// it: the CSAF document, its hashes, its signature, the page's facts. A
// scheduled one is prepared anew. Where the case is under embargo, no instant
// before its end is taken. Invalid, with the findings, when the document would
// break the standard.
func (p Press) Schedule(tx *db.Tx, a audience.Actor, ref string, plan Plan) (Advisory, error) {
	v, c, err := hold(tx, a, ref, audience.Coordinator)
	if err != nil {
		return v, err
	}
	if err := publishes(a); err != nil {
		return v, err
	}
	if err := v.isAt(tx, a, plan.Version); err != nil {
		return v, err
	}
	from, err := v.move(VerbSchedule)
	if err != nil {
		return v, err
	}
	plan, err = plan.settled(tx, v, c)
	if err != nil {
		return v, err
	}
	binds, err := v.unprepare(tx)
	if err != nil {
		return v, err
	}
	v.State, v.OutLevel, v.ReleaseAt, v.Follows, v.Note, v.ScheduledBy = StateScheduled, plan.Level, plan.At, plan.follows(c), plan.Note, a.Person
	if v.OutAudience, err = outAudience(tx, c, plan); err != nil {
		return v, err
	}
	return v, p.stage(tx, a, &v, c, from, binds)
}

// stage prepares the document of a scheduled advisory, stores both, and
// records it; one whose instant is now is released on the spot.
func (p Press) stage(tx *db.Tx, a audience.Actor, v *Advisory, c casework.Case, from State, binds []ledger.Bound) error {
	more, err := p.prepare(tx, v, c)
	if err != nil {
		return err
	}
	if err := firstError(v.write(tx, from, v.Version), checked(tx, *v)); err != nil {
		return err
	}
	v.tell(tx, a, Scheduled, map[string]any{"at": v.ReleaseAt, "tlp": v.OutLevel, "follows_embargo": v.Follows, "note": v.Note}, append(binds, more...)...)
	if v.Due(tx.Now) {
		if err := settle(tx, v, c); err != nil {
			return err
		}
	}
	return casework.Touch(tx, c.ID)
}

// settled is the plan with its gaps filled, or why it cannot be.
func (plan Plan) settled(tx *db.Tx, v Advisory, c casework.Case) (Plan, error) {
	var err error
	if plan.Note, err = casework.CleanShort("note", plan.Note, 1000); err != nil {
		return plan, err
	}
	switch {
	case plan.Note == "" && v.Revision == 0:
		plan.Note = "Initial release."
	case plan.Note == "":
		return plan, errs.Bad("note", "Say what this revision changes; readers see it in the history.")
	case !plan.Level.Valid():
		return plan, errs.Bad("tlp", "Choose a TLP label.")
	case plan.Program != "" && plan.Level != tlp.Green:
		return plan, errs.Bad("program_id", "Only what is marked TLP:GREEN reaches a whole program.")
	}
	if plan.At.IsZero() {
		if !c.Holds(tx.Now) {
			return plan, errs.Bad("at", "The case is under no embargo whose end could be the instant; name one.")
		}
		plan.At = c.EmbargoEnds
		return plan, nil
	}
	plan.At = plan.At.UTC().Truncate(time.Microsecond)
	switch {
	case plan.At.Before(tx.Now):
		return plan, errs.Bad("at", "This instant has passed; name a later one, or release now.")
	case plan.At.Sub(tx.Now) > farthest:
		return plan, errs.Bad("at", "This is more than two years ahead; name an earlier instant.")
	case c.Holds(tx.Now) && plan.At.Before(c.EmbargoEnds):
		return plan, errs.New(errs.Conflict, "The embargo holds until %s. Release then, or end the embargo first.", c.EmbargoEnds.UTC().Format(time.RFC3339))
	}
	return plan, nil
}

// follows reports whether the plan names the embargo's own end.
func (plan Plan) follows(c casework.Case) bool {
	return c.Embargo.Holds() && plan.At.Equal(c.EmbargoEnds)
}

// outAudience is who gets the released document besides the public: those in
// the case, or a program and those in the case, without the classes that the
// case, or a program under which it lies, shuts out.
func outAudience(tx *db.Tx, c casework.Case, plan Plan) (string, error) {
	if plan.Program == "" {
		return c.Audience, nil
	}
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM program WHERE id = $1`, plan.Program)
	if err != nil || n == 0 {
		return "", firstError(err, errs.Bad("program_id", "There is no such program."))
	}
	team, err := audience.Load(tx, c.Team)
	if err != nil {
		return "", err
	}
	grants := append(team.Grants, audience.Grant{Kind: audience.Program, ID: plan.Program, Role: audience.Reader, Reason: "the advisory is for the program"})
	id, err := audience.Within(tx, c.Audience, "advisory", grants, nil)
	return id, firstError(err, admitParties(tx, c, id))
}

// admitParties lets those who are in the case read its advisory: whoever
// worked on it is no further from it than the program that it goes to. It is
// done again at the release, for who came or left meanwhile.
func admitParties(tx *db.Tx, c casework.Case, audienceID string) error {
	parties, err := casework.Parties(tx, c.ID)
	if err != nil {
		return err
	}
	for _, p := range parties {
		if p.Active() {
			err = audience.Admit(tx, audienceID, audience.Grant{Kind: p.Kind, ID: p.Subject, Role: audience.Reader, Reason: "took part in the case"})
		} else {
			err = audience.Expel(tx, audienceID, p.Kind, p.Subject)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ReleaseNow releases an approved or scheduled text at this instant.
func (p Press) ReleaseNow(tx *db.Tx, a audience.Actor, ref string, plan Plan) (Advisory, error) {
	plan.At = tx.Now
	return p.Schedule(tx, a, ref, plan)
}

// Unschedule takes a release back whose instant has not come; the approval
// stays.
func Unschedule(tx *db.Tx, a audience.Actor, ref, reason string) (Advisory, error) {
	v, c, err := hold(tx, a, ref, audience.Coordinator)
	if err != nil {
		return v, err
	}
	if err := publishes(a); err != nil {
		return v, err
	}
	if reason, err = why(reason); err != nil {
		return v, err
	}
	return v, unschedule(tx, a, &v, c, reason)
}

func unschedule(tx *db.Tx, a audience.Actor, v *Advisory, c casework.Case, reason string) error {
	from, err := v.move(VerbUnschedule)
	if err != nil {
		return err
	}
	binds, err := v.unprepare(tx)
	if err != nil {
		return err
	}
	if err := v.write(tx, from, v.Version); err != nil {
		return err
	}
	v.tell(tx, a, Unscheduled, map[string]any{"reason": reason}, binds...)
	return casework.Touch(tx, c.ID)
}

// Withdraw takes an advisory back for good: what was prepared is gone, what
// was released is no longer there, and its page says that it was withdrawn
// and why.
func Withdraw(tx *db.Tx, a audience.Actor, ref, reason string) (Advisory, error) {
	v, c, err := hold(tx, a, ref, audience.Coordinator)
	if err != nil {
		return v, err
	}
	if err := publishes(a); err != nil {
		return v, err
	}
	if reason, err = why(reason); err != nil {
		return v, err
	}
	from, err := v.move(VerbWithdraw)
	if err != nil {
		return v, err
	}
	binds, err := v.unprepare(tx)
	if err != nil {
		return v, err
	}
	public, released, err := presentOf(tx, v.ID)
	if err != nil {
		return v, err
	}
	out, err := db.Column[string](tx, `SELECT id FROM document WHERE advisory_id = $1 AND removed_at IS NULL ORDER BY release_at`, v.ID)
	if err != nil {
		return v, err
	}
	for _, one := range out {
		if _, err := tx.Exec(`UPDATE document SET removed_at = $1, removed_reason = $2 WHERE id = $3`, db.Micros(tx.Now), reason, one); err != nil {
			return v, err
		}
		if err := search.Drop(tx, searchKind, one); err != nil {
			return v, err
		}
		binds = append(binds, documentTable.Of(one))
	}
	v.WithdrawnAt, v.WithdrawnReason = tx.Now, reason
	if err := v.write(tx, from, v.Version); err != nil {
		return v, err
	}
	v.tell(tx, a, Withdrawn, map[string]any{"reason": reason, "was": from}, binds...)
	if released {
		v.announce(tx, DocumentRetired, public)
	}
	return v, firstError(search.Drop(tx, draftKind, v.ID), casework.Touch(tx, c.ID))
}

// settle records the release of an advisory whose instant has come. Everything
// has been visible since that instant without it; this writes the event that
// mails and other reactions follow, once, whichever replica or verb comes
// first.
func settle(tx *db.Tx, v *Advisory, c casework.Case) error {
	from, err := v.move(VerbRelease)
	if err != nil {
		return err
	}
	d, err := documentByID(tx, v.Document)
	if err != nil {
		return err
	}
	if v.OutAudience != c.Audience {
		if err := admitParties(tx, c, v.OutAudience); err != nil {
			return err
		}
	}
	v.Revision, v.ReleasedVersion, v.ReleasedAt = v.Revision+1, v.ApprovedVersion, v.ReleaseAt
	if err := v.write(tx, from, v.Version); err != nil {
		return err
	}
	v.tell(tx, audience.Actor{}, Released, map[string]any{"at": v.ReleaseAt, "title": v.Title, "tlp": v.OutLevel, "revision": v.Revision, "url": d.PageURL()}, documentTable.Of(d.ID))
	v.announce(tx, DocumentReleased, d)
	earlier, err := db.Column[string](tx, `SELECT id FROM document WHERE advisory_id = $1 AND id <> $2`, v.ID, d.ID)
	if err != nil {
		return err
	}
	for _, one := range earlier {
		if err := search.Drop(tx, searchKind, one); err != nil {
			return err
		}
	}
	if v.OutLevel == tlp.Clear {
		return embargo.Published(tx, c.ID, "The advisory "+v.Number+" is out.")
	}
	body, err := Bytes(tx, d)
	if err != nil {
		return err
	}
	doc, err := csaf.Parse(body)
	if err != nil {
		return err
	}
	return index(tx, d, doc)
}
