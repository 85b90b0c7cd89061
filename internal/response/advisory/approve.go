package advisory

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
)

// Submit asks for a second pair of eyes on the text; whoever contributes may.
func Submit(tx *db.Tx, a audience.Actor, ref string, seen int64) (Advisory, error) {
	v, _, err := hold(tx, a, ref, audience.Contributor)
	if err != nil {
		return v, err
	}
	return v.step(tx, a, seen, VerbSubmit, Submitted, nil)
}

// Return sends the text back to its writers, for a reason that is kept.
func Return(tx *db.Tx, a audience.Actor, ref string, seen int64, reason string) (Advisory, error) {
	v, _, err := hold(tx, a, ref, audience.Coordinator)
	if err != nil {
		return v, err
	}
	if reason, err = why(reason); err != nil {
		return v, err
	}
	v.ApprovedVersion, v.ApprovedBy, v.ApprovedAt = 0, "", time.Time{}
	return v.step(tx, a, seen, VerbReturn, Returned, map[string]any{"reason": reason})
}

// Approve approves the text that the actor has seen. A coordinator does, and
// nobody who wrote any of what is not released yet: four eyes.
func Approve(tx *db.Tx, a audience.Actor, ref string, seen int64) (Advisory, error) {
	v, _, err := hold(tx, a, ref, audience.Coordinator)
	if err != nil {
		return v, err
	}
	if err := publishes(a); err != nil {
		return v, err
	}
	authors, err := Authors(tx, v)
	if err != nil {
		return v, err
	}
	for _, author := range authors {
		if author == a.Person || a.Person == "" {
			return v, errs.New(errs.Denied, "You wrote part of this text, so somebody else must approve it.")
		}
	}
	v.ApprovedVersion, v.ApprovedBy, v.ApprovedAt = seen, a.Person, tx.Now
	return v.step(tx, a, seen, VerbApprove, Approved, nil)
}

// Authors are the persons who wrote a version of the text since the last
// release.
func Authors(tx *db.Tx, v Advisory) ([]string, error) {
	return db.Column[string](tx, `SELECT DISTINCT author FROM advisory_version WHERE advisory_id = $1 AND n > $2 ORDER BY author`, v.ID, v.ReleasedVersion)
}

// step moves the state of an advisory whose text is the one seen.
func (v Advisory) step(tx *db.Tx, a audience.Actor, seen int64, verb Verb, kind string, data map[string]any) (Advisory, error) {
	if err := v.isAt(tx, a, seen); err != nil {
		return v, err
	}
	from, err := v.move(verb)
	if err != nil {
		return v, err
	}
	if err := v.write(tx, from, seen); err != nil {
		return v, err
	}
	v.tell(tx, a, kind, data)
	return v, casework.Touch(tx, v.Case)
}

// isAt refuses a decision on a text that is not the present one.
func (v Advisory) isAt(tx *db.Tx, a audience.Actor, seen int64) error {
	if seen == v.Version {
		return nil
	}
	now, err := shown(tx, a, v.ID, v.Version)
	if err != nil {
		return err
	}
	return &errs.Error{Kind: errs.Stale, Text: "The text has changed since you looked. Read it again before you decide.", Theirs: now}
}

func why(reason string) (string, error) {
	reason, err := casework.CleanShort("reason", reason, 2000)
	if err == nil && reason == "" {
		err = errs.Bad("reason", "Say why; the reason is kept.")
	}
	return reason, err
}
