package membership

import (
	"encoding/json"

	"tocsin/internal/alliance/board"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/ballot"
	spec "tocsin/spec/membership"
)

// MotionAbout is the proposal of a motion about a member's standing.
type MotionAbout struct {
	Program  string `json:"program,omitempty"`  // "" for the whole alliance
	Reason   string `json:"reason,omitempty"`   // what the member is told
	Sanction string `json:"sanction,omitempty"` // the one that a motion of kind "other" is to lift
}

var boardVerbs = map[board.Kind]spec.SanctionVerb{board.Suspend: spec.Suspend, board.Remove: spec.Remove}

// Proposed is what a motion proposes about a member's standing, and whether it
// proposes anything.
func Proposed(mo board.Motion) (MotionAbout, bool) {
	var about MotionAbout
	_, bound := boardVerbs[mo.Kind]
	err := json.Unmarshal(mo.Proposal, &about)
	return about, err == nil && (bound || mo.Kind == board.Other && about.Sanction != "")
}

// ProposeSanction drafts a motion that the board suspend or remove a member;
// reason is what the member is told if it carries. Whoever may put motions
// may. The member's own seat is recused when the motion is opened.
func ProposeSanction(tx *db.Tx, a audience.Actor, ref string, verb spec.SanctionVerb, reason string) (board.Motion, error) {
	m, err := StandingIn(tx, a, ref)
	if err != nil {
		return board.Motion{}, err
	}
	kind, title := board.Suspend, "Suspend "+m.OrgName
	switch verb {
	case spec.Suspend:
	case spec.Remove:
		kind, title = board.Remove, "Remove "+m.OrgName
	default:
		return board.Motion{}, errs.Bad("kind", "The board suspends or removes a member.")
	}
	if reason, err = ground("reason", reason, "Say what the member did: it is told this if the motion carries."); err != nil {
		return board.Motion{}, err
	}
	if _, err := spec.Sanction.Move(m.Sanction, verb); err != nil {
		return board.Motion{}, errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	return propose(tx, a, m, kind, title, reason, MotionAbout{Program: m.Program, Reason: reason})
}

// PutToBoard drafts a motion that the board lift its suspension or removal of
// a member, whether the member has appealed or not: where it carries, the
// sanction is overturned; where it fails, an appeal is decided with that.
func PutToBoard(tx *db.Tx, a audience.Actor, penaltyID, note string) (board.Motion, error) {
	p, m, err := penalty(tx, a, penaltyID)
	if err != nil {
		return board.Motion{}, err
	}
	if !p.ByBoard() {
		return board.Motion{}, errs.New(errs.Conflict, "The board did not decide this; coordinators lift it, and decide on an appeal against it.")
	}
	if !p.EndedAt.IsZero() || m.Sanction == spec.SanctionEnded {
		return board.Motion{}, errs.New(errs.Conflict, "This sanction is over already.")
	}
	title, text := "Lift the suspension of "+m.OrgName, ""
	if p.Kind == spec.Remove {
		title = "Take back the removal of " + m.OrgName
	}
	if p.Appeal == spec.AppealFiled {
		text = "The member appealed:\n\n" + p.Plea
	}
	if note != "" {
		if note, err = ground("note", note, ""); err != nil {
			return board.Motion{}, err
		}
		if text != "" {
			text += "\n\n"
		}
		text += note
	}
	return propose(tx, a, m, board.Other, title, text, MotionAbout{Program: m.Program, Sanction: p.ID})
}

func propose(tx *db.Tx, a audience.Actor, m Membership, kind board.Kind, title, text string, about MotionAbout) (board.Motion, error) {
	raw, err := json.Marshal(about)
	if err != nil {
		return board.Motion{}, err
	}
	if m.Program != "" {
		title += " in " + m.ProgramName
	}
	if r := []rune(title); len(r) > 200 {
		title = string(r[:200])
	}
	return board.Propose(tx, a, board.Motion{Kind: kind, Title: title, Text: text, Object: ledger.Object{Kind: "org", ID: m.Org}, Proposal: raw})
}

// Sanctioned does what a decided motion says about a member's standing: the
// effect of the kinds suspend and remove, and of kind other where its proposal
// names a sanction.
func Sanctioned(tx *db.Tx, mo board.Motion) error {
	var about MotionAbout
	if len(mo.Proposal) > 0 {
		if err := json.Unmarshal(mo.Proposal, &about); err != nil {
			return errs.Wrap(errs.Invalid, err, "The motion's proposal does not say which member it is about.")
		}
	}
	if verb, ok := boardVerbs[mo.Kind]; ok {
		if mo.State != ballot.Carried {
			return nil
		}
		return sanctionedByBoard(tx, mo, verb, about)
	}
	if mo.Kind != board.Other || about.Sanction == "" || mo.State == ballot.Void {
		return nil
	}
	return reviewedByBoard(tx, mo, about.Sanction)
}

func sanctionedByBoard(tx *db.Tx, mo board.Motion, verb spec.SanctionVerb, about MotionAbout) error {
	if mo.Object.Kind != "org" {
		return errs.New(errs.Invalid, "The motion does not say which organization it is about.")
	}
	m, err := memberOf(tx, about.Program, mo.Object.ID)
	if err != nil {
		return err
	}
	reason := about.Reason
	if reason == "" {
		reason = mo.Title
	}
	_, err = impose(tx, audience.Actor{}, m, verb, reason, mo.ID)
	return err
}

// memberOf reads a member without asking who wants to know.
func memberOf(tx *db.Tx, program, org string) (Membership, error) {
	m, ok, err := db.One(tx, scanMember, `SELECT `+standColumns+standBase+` WHERE x.program_id = $1 AND x.org_id = $2`, program, org)
	if err != nil || ok {
		return m, err
	}
	if program != "" {
		return m, errs.New(errs.Conflict, "The organization is not a member of the program any more.")
	}
	o, ok, err := db.One(tx, func(m *Membership) []any { return []any{&m.Org, &m.OrgName, &m.state, db.At(&m.Since)} }, `SELECT id, name, state, created_at FROM org WHERE id = $1`, org)
	if err != nil || !ok {
		return m, standMissing(err)
	}
	o.Renewal, o.Sanction = spec.Renewal.Start, spec.Sanction.Start
	return o, nil
}

func reviewedByBoard(tx *db.Tx, mo board.Motion, penaltyID string) error {
	p, m, err := loadPenalty(tx, `k.id = $1`, penaltyID)
	if err != nil {
		return err
	}
	if !p.ByBoard() {
		return errs.New(errs.Conflict, "The board did not decide this sanction.")
	}
	// The object is whose seat was recused: nobody votes on their own sanction.
	if mo.Object.Kind != "org" || mo.Object.ID != m.Org {
		return errs.New(errs.Conflict, "The motion is not about the organization that the sanction is against, whose seat must take no part. Put it anew from the member's page.")
	}
	lifted, nobody := mo.State == ballot.Carried, audience.Actor{}
	reason := "The board decided not to lift it (" + mo.Number + ")."
	if lifted {
		reason = "The board lifted it (" + mo.Number + ")."
	}
	switch {
	case p.Appeal == spec.AppealFiled:
		return p.decide(tx, nobody, &m, lifted, reason, mo.ID)
	case lifted:
		return p.lift(tx, nobody, &m, reason, spec.Forgo, map[string]any{"motion": mo.ID})
	}
	return nil
}
