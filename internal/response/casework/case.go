// Package casework runs a case from its opening to its close: who takes part
// and on what terms, the embargo, the vulnerabilities and the vendor matrix.
//
// A case has one audience: the coordinators, and every party that accepted
// the case's terms. Each party has two more: one with the coordinators (its
// private side of the case) and one of its own. A party that is hidden from
// the others stands in its private audience instead of the case's.
package casework

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/mpcvd"
	"tocsin/spec/tlp"
)

// CoordinatorOffice is the alliance role whose holders coordinate cases.
const CoordinatorOffice = charter.Coordinator

// State is whether work on a case goes on.
type State string

// The states of a case.
const (
	Open   State = "open"
	Closed State = "closed"
	Merged State = "merged" // its matter went on in another case
)

// Case is one matter that touches several parties.
type Case struct {
	ID          string            `json:"id"`
	Number      string            `json:"number"` // "TA-2026-0117"
	Title       string            `json:"title"`
	Summary     string            `json:"summary"` // Markdown
	Audience    string            `json:"-"`
	Team        string            `json:"-"` // audience of the coordinators alone
	Level       tlp.Level         `json:"tlp"`
	Release     time.Time         `json:"release_at,omitzero"` // when its rows became public (imports); zero for live cases
	Terms       string            `json:"terms_id"`
	TermsText   string            `json:"terms_text"` // Markdown
	State       State             `json:"state"`
	Public      mpcvd.PublicState `json:"public_state"`
	Embargo     mpcvd.EM          `json:"embargo_state"`
	EmbargoEnds time.Time         `json:"embargo_ends_at,omitzero"`
	DecisionDue time.Time         `json:"decision_due_at,omitzero"` // attacks seen: decide by then
	DecisionWhy string            `json:"decision_why,omitempty"`
	Owner       string            `json:"owner_id"` // person id of the coordinator in charge
	Origin      string            `json:"origin,omitempty"`
	MergedInto  string            `json:"merged_into,omitempty"`
	SplitFrom   string            `json:"split_from,omitempty"`
	Version     int64             `json:"version"`
	OpenedAt    time.Time         `json:"opened_at"`
	UpdatedAt   time.Time         `json:"updated_at"`
	ClosedAt    time.Time         `json:"closed_at,omitzero"`
	CloseReason string            `json:"close_reason,omitempty"`
}

const caseColumns = `c.id, c.number, c.title, c.summary, c.audience_id, c.team_id, c.tlp, c.release_at, c.terms_id, c.terms_text, c.state, c.public_state,
	c.embargo_state, c.embargo_ends_at, c.decision_due_at, c.decision_why, c.owner_id, c.origin, c.merged_into, c.split_from, c.version, c.opened_at, c.updated_at, c.closed_at, c.close_reason`

func scanCase(c *Case) []any {
	return []any{&c.ID, &c.Number, &c.Title, &c.Summary, &c.Audience, &c.Team, &c.Level, db.At(&c.Release), &c.Terms, &c.TermsText, &c.State, &c.Public,
		&c.Embargo, db.At(&c.EmbargoEnds), db.At(&c.DecisionDue), &c.DecisionWhy, &c.Owner, &c.Origin, &c.MergedInto, &c.SplitFrom, &c.Version, db.At(&c.OpenedAt), db.At(&c.UpdatedAt), db.At(&c.ClosedAt), &c.CloseReason}
}

var caseTable = ledger.Table{Kind: "case", Name: "cases", Cols: "number, title, summary, audience_id, tlp, terms_id, terms_text, state, public_state, embargo_state, embargo_ends_at, decision_due_at, decision_why, owner_id, merged_into, split_from, closed_at, close_reason"}

// Marking is the case's own marking.
func (c Case) Marking() audience.Marking {
	return audience.Marking{Level: c.Level, Release: c.Release}
}

// Ref names the case in the ledger.
func (c Case) Ref() ledger.Object { return ledger.Object{Kind: "case", ID: c.ID} }

// Bound lets an event of another package vouch for the case's row.
func (c Case) Bound() ledger.Bound { return caseTable.Of(c.ID) }

// Holds reports whether an embargo binds at now: agreed and not yet over.
func (c Case) Holds(now time.Time) bool {
	return c.Embargo.Holds() && !mpcvd.Ended(c.EmbargoEnds, now)
}

// Load finds a case that the actor may see, by id or number, with the role
// the actor has on it.
func Load(tx *db.Tx, a audience.Actor, ref string) (Case, audience.Role, error) {
	type key struct{ actor, ref string }
	c, err := db.Recall(tx, key{a.Key(), ref}, func() (Case, error) {
		var args db.Args
		r := args.Add(ref)
		c, ok, err := db.One(tx, scanCase, `SELECT `+caseColumns+` FROM cases c WHERE (c.id = `+r+` OR c.number = `+r+`) AND `+audience.VisibleOrPublished(a, "c", tx.Now, &args), args...)
		if err == nil && !ok {
			err = errs.Missing("case")
		}
		return c, err
	})
	if err != nil {
		return Case{}, audience.None, err
	}
	role, err := audience.RoleOn(tx, a, c.Audience, c.Marking())
	return c, role, err
}

// LoadAs is Load for a verb: the actor must have at least the role, and the
// case must still be open.
func LoadAs(tx *db.Tx, a audience.Actor, ref string, least audience.Role) (Case, error) {
	c, role, err := Load(tx, a, ref)
	if err != nil {
		return c, err
	}
	if role < least {
		return c, errs.New(errs.Denied, "This needs the role %s in the case; you are %s.", least, role)
	}
	if c.State != Open {
		return c, errs.New(errs.Conflict, "The case %s is %s; reopen it first.", c.Number, c.State)
	}
	return c, nil
}

// touch moves the case's update time along with a change to anything in it.
// The version moves with the case's own texts, marking and owner only, so
// that a message or a status does not get in the way of who edits those.
func touch(tx *db.Tx, caseID string) error {
	_, err := tx.Exec(`UPDATE cases SET updated_at = $1 WHERE id = $2`, db.Micros(tx.Now), caseID)
	return err
}

// Touch is for packages whose records belong to a case (talk, advisories).
func Touch(tx *db.Tx, caseID string) error { return touch(tx, caseID) }
