package board

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/ballot"
)

// Kind is what a motion asks for.
type Kind string

// The kinds of motions. Reduce, Restore, Appeal and Agreement are read where
// they stand and put no more: nothing was ever done when one carried. A
// coordinator reduces; what the board imposed it lifts, and decides an appeal,
// by a motion of kind Other that names the sanction.
const (
	Admit     Kind = "admit"     // let an applicant in
	Suspend   Kind = "suspend"   // suspend a member
	Reduce    Kind = "reduce"    // bring a member down to a reduced tier
	Remove    Kind = "remove"    // remove a member
	Restore   Kind = "restore"   // give a member its full standing back
	Appeal    Kind = "appeal"    // decide on a member's appeal
	Rules     Kind = "rules"     // change a program's rules
	Exception Kind = "exception" // let somebody through a bar
	Agreement Kind = "agreement" // adopt an agreement, or a new version
	Publish   Kind = "publish"
	Spend     Kind = "spend"
	Other     Kind = "other"
)

// Kinds lists the kinds that a motion can be put as.
var Kinds = []Kind{Admit, Suspend, Remove, Rules, Exception, Publish, Spend, Other}

// Binding reports whether something is carried out when the motion is decided,
// beyond that the decision stands in the minutes.
func (m Motion) Binding() bool {
	switch m.Kind {
	case Publish, Spend:
		return false
	case Other:
		return len(m.Proposal) > 0
	}
	return true
}

// maxProposal bounds a proposal, in bytes.
const maxProposal = 64 << 10

func kindNames() string {
	var b strings.Builder
	for i, k := range Kinds {
		switch {
		case i == len(Kinds)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(string(k))
	}
	return b.String()
}

// Effect does what a decided motion asks for, in the transaction that decides
// it. It is called for every end that a motion can come to (m.State is
// carried, failed or void; void also where it was withdrawn), and again where
// somebody asks for it after a refusal. What it needs to know beyond the
// object stands in m.Proposal.
//
// An error says that the matter has gone (the member left, the rules changed
// meanwhile): all that the effect wrote is undone, the decision stands, and
// the error's sentence is kept with the motion.
type Effect func(tx *db.Tx, m Motion) error

// Effected is what came of a decision.
type Effected string

// What came of a decision; "" where the kind has no effect, or none for this
// decision.
const (
	Done     Effected = "done"
	Hindered Effected = "hindered" // the effect refused; Obstacle says why
)

// effect runs the effect of a decided motion and records what came of it. m
// is read anew.
func (r Room) effect(tx *db.Tx, a audience.Actor, m Motion) (Motion, error) {
	do := r.Effects[m.Kind]
	if do == nil {
		return m, nil
	}
	refused, err := tx.Try(func() error { return do(tx, m) })
	if err != nil {
		return m, err
	}
	came, obstacle, kind := Done, "", EventEffected
	if refused != nil {
		came, obstacle, kind = Hindered, plainReason(refused), EventHindered
	}
	// A motion that failed changes nothing as a rule; that its effect had
	// nothing to do is no news.
	if refused == nil && m.State != ballot.Carried && m.Effect == "" {
		return m, nil
	}
	if _, err := tx.Exec(`UPDATE motion SET effect = $1, obstacle = $2, version = version + 1 WHERE id = $3`, string(came), obstacle, m.ID); err != nil {
		return m, err
	}
	if m, err = byID(tx, m.ID); err == nil {
		record(tx, a, kind, m, map[string]any{"kind": m.Kind, "object": m.Object, "obstacle": obstacle}, motionTable.Of(m.ID))
	}
	return m, err
}

// plainReason is what an error says to people; a fault of the program itself
// is not for the minutes.
func plainReason(err error) string {
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind != errs.Internal {
		return e.Text
	}
	return "It could not be done because of a fault of the server. Tell the operator, and then have it done again."
}

// Enact does what a decided motion asks for once more, after an obstacle was
// cleared away; who leads the motion may.
func (r Room) Enact(tx *db.Tx, a audience.Actor, ref string) (Motion, error) {
	m, err := led(tx, a, ref)
	if err != nil {
		return m, err
	}
	if m.Effect != Hindered {
		return m, errs.New(errs.Conflict, "Nothing stands in the way of this decision; there is nothing to do again.")
	}
	return r.effect(tx, a, m)
}

// Resume runs the effect of a decided motion once more and records what came
// of it, for the procedure in whose matter an obstacle has gone; it does so
// only where the effect was hindered.
func (r Room) Resume(tx *db.Tx, motionID string) error {
	m, err := held(tx, motionID)
	if err != nil || m.Effect != Hindered {
		return err
	}
	_, err = r.effect(tx, audience.Actor{}, m)
	return err
}

// cleanProposal makes a proposal small and one JSON object, or nothing.
func cleanProposal(in json.RawMessage) (json.RawMessage, error) {
	if len(in) == 0 || string(in) == "null" {
		return nil, nil
	}
	if len(in) > maxProposal {
		return nil, errors.New("is longer than 64 KB")
	}
	var b bytes.Buffer
	if err := json.Compact(&b, in); err != nil || b.Bytes()[0] != '{' {
		return nil, errors.New("is not one JSON object")
	}
	return b.Bytes(), nil
}
