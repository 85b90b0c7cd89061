package portal

import (
	"fmt"
	"strings"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/membership"
)

var sanctionVerbs = map[string]spec.SanctionVerb{"warn": spec.Warn, "reduce": spec.Reduce, "suspend": spec.Suspend, "remove": spec.Remove}

// sanctionQuestion says what a sanction would do and to whom, before it is
// imposed or put to the board.
func (v *visit) sanctionQuestion() (sheet, spec.SanctionVerb, error) {
	verb, ok := sanctionVerbs[v.path("verb")]
	if !ok {
		return sheet{}, "", errs.Missing("page")
	}
	s, err := v.loadStanding(v.path("membership"))
	if err != nil {
		return sheet{}, verb, err
	}
	switch byBoard := verb == spec.Suspend || verb == spec.Remove; {
	case !byBoard && !s.keeps:
		return sheet{}, verb, errs.New(errs.Denied, "Only coordinators who do not work for the member may do this.")
	case byBoard && !s.proposes:
		return sheet{}, verb, errs.New(errs.Denied, "Only who sits on the board, and the coordinators, may put motions.")
	}
	var c membership.Consequence
	err = v.read(func(tx *db.Tx) (err error) {
		c, err = membership.Foresee(tx, v.Actor, s.Ref(), verb)
		return err
	})
	if err != nil {
		return sheet{}, verb, err
	}
	at := gate.StandingPath(s.Ref())
	q := &look.Confirm{Action: at + "/" + string(verb), Cancel: at, What: consequenceWords(c), Whom: sanctionedWords(s, c),
		Fields: []look.Field{{Kind: look.Area, Name: "reason", Label: "Reason", Hint: "The member reads it, and may appeal within 14 days.", Value: v.form("reason"), Rows: 5, Max: 5000}}}
	switch verb {
	case spec.Warn:
		q.Title, q.Button, q.Undo = "Warn "+s.OrgName, look.Button{Label: "Warn", Kind: look.Danger}, "Lift it on the member's page."
	case spec.Reduce:
		q.Title, q.Button, q.Undo = "Reduce "+s.OrgName+" to reading", look.Button{Label: "Reduce", Kind: look.Danger}, "Lift it on the member's page: everything is as before in the next request."
	default:
		word := map[spec.SanctionVerb]string{spec.Suspend: "suspend", spec.Remove: "remove"}[verb]
		q.Title, q.Button = "Propose to the board to "+word+" "+s.OrgName, look.Button{Label: "Draft the motion", Kind: look.Primary}
		q.What = "A motion is drafted; nothing changes before the board has carried it. Then: " + q.What
		q.Undo = "Withdraw the motion. Once carried, the board lifts it, of its own accord or on appeal."
	}
	return sheet{Frame: v.standingFrame(s, q.Button.Label), Confirm: q}, verb, nil
}

func consequenceWords(c membership.Consequence) string {
	more := ""
	if c.More {
		more = " or more"
	}
	switch {
	case c.People == 0:
		return "The standing becomes: " + strings.ToLower(c.Standing.Label()) + ". Nobody's access changes."
	case c.Records == 0 && c.Mute > 0:
		return fmt.Sprintf("The standing becomes: %s. %s may only read from the next request on. Nobody loses sight of anything.", strings.ToLower(c.Standing.Label()), look.Plural(c.Mute, "person", "people"))
	case c.Records == 0:
		return fmt.Sprintf("The standing becomes: %s. From the next request on, %s take no part there. Of the texts, files and messages that you see, nobody loses sight of one by it today.", strings.ToLower(c.Standing.Label()), look.Plural(c.People, "person", "people"))
	}
	return fmt.Sprintf("The standing becomes: %s. From the next request on, %s%s lose sight of %s%s that you see too. What waits for them in the outbox and tells of it is stopped.", strings.ToLower(c.Standing.Label()),
		look.Plural(c.Blind, "person", "people"), more, look.Plural(c.Records, "record", "records"), more)
}

func sanctionedWords(s standingView, c membership.Consequence) string {
	if len(c.Programs) == 0 {
		return "The people of " + s.OrgName + "."
	}
	return "The people of " + s.OrgName + ", in: " + strings.Join(c.Programs, ", ") + "."
}

func (v *visit) askSanction() error {
	data, _, err := v.sanctionQuestion()
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) imposeSanction() error {
	if err := v.parse(); err != nil {
		return err
	}
	data, verb, err := v.sanctionQuestion()
	if err != nil {
		return err
	}
	ref := v.path("membership")
	var mo board.Motion
	err = v.write(func(tx *db.Tx) (err error) {
		switch verb {
		case spec.Warn:
			_, err = membership.Warn(tx, v.Actor, ref, v.form("reason"))
		case spec.Reduce:
			_, err = membership.Reduce(tx, v.Actor, ref, v.form("reason"))
		default:
			mo, err = membership.ProposeSanction(tx, v.Actor, ref, verb, v.form("reason"))
		}
		return err
	})
	switch {
	case err == nil && mo.Number != "":
		return v.next(gate.MotionPath(mo.Number), "The motion "+mo.Number+" is drafted. Open it to put it to the vote.")
	case err == nil:
		return v.next(gate.StandingPath(ref), "It takes effect from now on, and the member is told.")
	}
	return v.confirmAgain(data, err)
}

// confirmAgain shows a question once more with what was wrong.
func (v *visit) confirmAgain(data sheet, err error) error {
	e := gate.Public(err)
	for _, f := range e.Fields {
		for i := range data.Confirm.Fields {
			if data.Confirm.Fields[i].Name == f.Name {
				data.Confirm.Fields[i].Error = f.Reason
				return v.again(err, "sheet", data)
			}
		}
	}
	data.Confirm.Error = e.Text
	return v.again(err, "sheet", data)
}

// standingDeed runs a verb and goes back to the member; a refusal is shown in
// the form of that name on its page.
func (v *visit) standingDeed(ref, form, field, done string, f func(tx *db.Tx) error) error {
	err := v.write(f)
	if err == nil {
		return v.next(gate.StandingPath(ref), done)
	}
	s, e := v.loadStanding(ref)
	if e != nil {
		return err
	}
	data, forms := v.standingSheet(s)
	if forms[form] == nil {
		return err
	}
	for i := range forms[form].Fields {
		if forms[form].Fields[i].Name == field {
			forms[form].Fields[i].Value = v.form(field)
		}
	}
	fault(forms[form], err)
	return v.again(err, "sheet", data)
}

func (v *visit) noteRenewalStep() error {
	if err := v.parse(); err != nil {
		return err
	}
	kind := membership.StepKind(v.form("step"))
	return v.standingDeed(v.path("membership"), string(kind), "note", "The step is noted.", func(tx *db.Tx) error {
		_, err := membership.NoteStep(tx, v.Actor, v.path("membership"), kind, v.form("note"))
		return err
	})
}

func (v *visit) renewMembership() error {
	if err := v.parse(); err != nil {
		return err
	}
	return v.standingDeed(v.path("membership"), "", "", "The membership is renewed.", func(tx *db.Tx) error {
		_, err := membership.Renew(tx, v.Actor, v.path("membership"))
		return err
	})
}

// penaltyOf finds the sanction of the path and its member's page.
func (v *visit) penaltyOf() (p membership.Penalty, s standingView, err error) {
	err = v.read(func(tx *db.Tx) (err error) {
		p, s.Membership, err = membership.PenaltyOf(tx, v.Actor, v.path("sanction"))
		return err
	})
	if err == nil {
		s, err = v.loadStanding(s.Ref())
	}
	return p, s, err
}

func (v *visit) liftQuestion() (sheet, standingView, error) {
	p, s, err := v.penaltyOf()
	if err == nil && (!s.keeps || p.ByBoard()) {
		err = errs.New(errs.Denied, "Coordinators who do not work for the member lift a warning or a reduction; what the board decided, the board lifts.")
	}
	if err != nil {
		return sheet{}, s, err
	}
	return sheet{Frame: v.standingFrame(s, "Lift"), Confirm: &look.Confirm{Title: "Lift the " + strings.ToLower(penaltyWords[p.Kind]) + " of " + s.OrgName, What: "The member stands as before it in the next request; a milder sanction that this one followed stands again.",
		Whom: "The people of " + s.OrgName + ", in " + s.ProgramName + " and all programs under it.", Undo: "Impose a sanction anew.", Action: "/alliance/sanctions/" + p.ID + "/lift", Cancel: gate.StandingPath(s.Ref()),
		Fields: []look.Field{{Kind: look.Area, Name: "reason", Label: "Reason", Hint: "The member reads it.", Value: v.form("reason"), Rows: 3, Max: 5000}}, Button: look.Button{Label: "Lift", Kind: look.Primary}}}, s, nil
}

func (v *visit) askLift() error {
	data, _, err := v.liftQuestion()
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) liftSanction() error {
	if err := v.parse(); err != nil {
		return err
	}
	data, s, err := v.liftQuestion()
	if err != nil {
		return err
	}
	err = v.write(func(tx *db.Tx) error {
		_, err := membership.Lift(tx, v.Actor, v.path("sanction"), v.form("reason"))
		return err
	})
	if err == nil {
		return v.next(gate.StandingPath(s.Ref()), "The sanction is lifted.")
	}
	return v.confirmAgain(data, err)
}

func (v *visit) appealSanction() error {
	if err := v.parse(); err != nil {
		return err
	}
	p, s, err := v.penaltyOf()
	if err != nil {
		return err
	}
	return v.standingDeed(s.Ref(), "appeal"+p.ID, "plea", "The appeal is filed.", func(tx *db.Tx) error {
		_, err := membership.Appeal(tx, v.Actor, p.ID, v.form("plea"))
		return err
	})
}

func (v *visit) decideAppeal() error {
	if err := v.parse(); err != nil {
		return err
	}
	p, s, err := v.penaltyOf()
	if err != nil {
		return err
	}
	return v.standingDeed(s.Ref(), "decide"+p.ID, "reason", "The appeal is decided.", func(tx *db.Tx) error {
		_, err := membership.DecideAppeal(tx, v.Actor, p.ID, v.form("overturn") != "", v.form("reason"))
		return err
	})
}

func (v *visit) putSanctionToBoard() error {
	if err := v.parse(); err != nil {
		return err
	}
	var mo board.Motion
	err := v.write(func(tx *db.Tx) (err error) {
		mo, err = membership.PutToBoard(tx, v.Actor, v.path("sanction"), "")
		return err
	})
	if err != nil {
		return err
	}
	return v.next(gate.MotionPath(mo.Number), "The motion "+mo.Number+" is drafted. Open it to put it to the vote.")
}
