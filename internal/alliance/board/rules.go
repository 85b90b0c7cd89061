package board

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/ballot"
)

// newRules is the proposal of a motion to change a program's rules: the rules
// as they are to stand, with the version that they are made upon, and what
// they were seen to do.
type newRules struct {
	programs.Rules
	Shown *foretold `json:"previewed,omitempty"`
}

type foretold struct {
	Closed []orgs.Class `json:"closed"` // classes shut out that were not
	Opened []orgs.Class `json:"opened"` // classes not shut out any more
	Gains  int          `json:"gains"`  // people
	Loses  int          `json:"loses"`
}

// ProposeRules writes a motion, as a draft, to give a program the rules in,
// made upon the version in.Version, and says what they would do. Who may put
// motions may, with a reason or without.
func ProposeRules(tx *db.Tx, a audience.Actor, in programs.Rules, reason string) (Motion, programs.Change, error) {
	aid, err := chamber(tx)
	if err != nil {
		return Motion{}, programs.Change{}, err
	}
	p, err := programs.Get(tx, a, in.Program)
	if err != nil {
		return Motion{}, programs.Change{}, err
	}
	if err := speaks(tx, a, aid); err != nil {
		return Motion{}, programs.Change{}, err
	}
	change, err := programs.Preview(tx, a, in)
	if err != nil {
		return Motion{}, change, err
	}
	old, err := programs.RulesOf(tx, p.ID)
	if err != nil {
		return Motion{}, change, err
	}
	next := newRules{change.Rules, &foretold{change.Closed, change.Opened, len(change.Gains), len(change.Loses)}}
	next.Version = old.Version
	if reflect.DeepEqual(next.Rules, old) {
		return Motion{}, change, errs.New(errs.Conflict, "These are the rules as they stand; there is nothing to decide.")
	}
	if reason, err = cleanText("reason", reason, maxBody/2, ""); err != nil {
		return Motion{}, change, err
	}
	if reason != "" {
		reason += "\n\n"
	}
	title := []rune("Change the rules of " + p.Name)
	raw, err := json.Marshal(next)
	if err != nil {
		return Motion{}, change, err
	}
	m, err := Propose(tx, a, Motion{Kind: Rules, Title: string(title[:min(len(title), maxTitle)]), Text: reason + next.Shown.words(), Object: ledger.Object{Kind: "program", ID: p.ID}, Proposal: raw})
	return m, change, err
}

// words tell how many people the rules touch. Who they are, each reader of
// the motion is shown as far as they may know.
func (s foretold) words() string {
	return fmt.Sprintf("When this was written, people who lose sight of something by it: %d. People who gain sight of something: %d.", s.Loses, s.Gains)
}

// rulesOf reads the rules that a motion proposes.
func rulesOf(m Motion) (newRules, error) {
	var in newRules
	if m.Kind != Rules || len(m.Proposal) == 0 {
		return in, errs.New(errs.Conflict, "This motion proposes no rules of a program.")
	}
	if err := json.Unmarshal(m.Proposal, &in); err != nil {
		return in, errs.Wrap(errs.Invalid, err, "The proposal holds no rules of a program.")
	}
	if m.Object.Kind != "program" || m.Object.ID != in.Program {
		return in, errs.New(errs.Conflict, "The proposal is about another program than the motion.")
	}
	return in, nil
}

// PreviewRules is what the rules that a motion proposes would do if it were
// carried now. Like programs.Preview it needs a transaction that writes, and
// changes nothing. For who may read the motion; a decided one does nothing
// more, and one whose program has changed since would do nothing.
func PreviewRules(tx *db.Tx, a audience.Actor, ref string) (programs.Change, error) {
	m, err := Get(tx, a, ref)
	if err != nil {
		return programs.Change{}, err
	}
	in, err := rulesOf(m)
	if err != nil {
		return programs.Change{}, err
	}
	if m.State.Decided() {
		return programs.Change{}, errs.New(errs.Conflict, "The motion is decided. What changed stands in the program's history.")
	}
	if err := in.holds(tx); err != nil {
		return programs.Change{}, err
	}
	return programs.Preview(tx, a, in.Rules)
}

// errChanged is the refusal of rules that a motion proposes on a program that is no
// longer what it was.
var errChanged = errs.New(errs.Conflict, "The program's rules were changed after the motion was written. Put it again on the rules as they are now.")

// holds refuses a proposal that would not do what was shown with it: the
// program's rules, or those above it, were changed since.
func (in newRules) holds(tx *db.Tx) error {
	now, err := programs.RulesOf(tx, in.Program)
	if err != nil {
		return err
	}
	if now.Version != in.Version {
		return errChanged
	}
	if in.Shown == nil { // written by hand
		return nil
	}
	closed, opened, err := programs.Turned(tx, in.Rules)
	if err == nil && (!slices.Equal(closed, in.Shown.Closed) || !slices.Equal(opened, in.Shown.Opened)) {
		err = errs.New(errs.Conflict, "These rules would shut out or let in other classes than were shown with the motion, because a program above was changed. Put it again on the rules as they are now.")
	}
	return err
}

// DecidedRules gives a program the rules that a carried motion proposes,
// exactly as they were shown, or says that the program has changed since; the
// effect of the kind Rules.
func DecidedRules(tx *db.Tx, m Motion) error {
	if m.State != ballot.Carried || len(m.Proposal) == 0 {
		return nil
	}
	in, err := rulesOf(m)
	if err != nil {
		return err
	}
	if err := in.holds(tx); err != nil {
		return err
	}
	_, err = programs.Decided(tx, in.Rules)
	if errs.Is(err, errs.Stale) {
		err = errChanged
	}
	return err
}

// ProposedRules are the rules that a motion proposes, and whether it proposes
// any.
func (m Motion) ProposedRules() (programs.Rules, bool) {
	in, err := rulesOf(m)
	return in.Rules, err == nil
}
