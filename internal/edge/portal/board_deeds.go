package portal

import (
	"strconv"

	"tocsin/internal/alliance/board"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/ballot"
)

// askVote is the second of the two taps: what was chosen comes in the body
// and goes into the page, and stands in no address, log or cookie.
func (v *visit) askVote() error {
	if err := v.parse(); err != nil {
		return err
	}
	m, err := v.loadMotion()
	if err != nil {
		return err
	}
	return v.show("sheet", v.paperSheet(m, nil))
}

// paperSheet asks whether the vote is to be cast; refused says why it was not.
func (v *visit) paperSheet(m motionView, refused error) sheet {
	choice, seat := ballot.Choice(v.form("choice")), v.form("seat")
	word, known := choiceWords[choice]
	var paper board.Paper
	for _, p := range m.Papers {
		if p.Seat.ID == seat || seat == "" && len(m.Papers) == 1 {
			paper = p
		}
	}
	who := "The board reads it at once, with your reason."
	hint := "The board reads it. You need not give one."
	if m.Sealed {
		who, hint = "Nobody, neither before the close nor after it.", "Sealed with the vote: nobody reads it. You need not give one."
	}
	c := look.Confirm{Title: "Vote " + word.label + ": " + m.Title, What: "It is cast for " + paper.Seat.OrgName + " in " + m.Number + ".", Whom: who, Undo: "Vote again before the deadline, " + look.UTC(m.Deadline) + ".",
		Action: m.path() + "/vote", Hidden: []look.Hidden{{Name: "choice", Value: string(choice)}, {Name: "seat", Value: paper.Seat.ID}},
		Fields: []look.Field{{Kind: look.Area, Name: "reason", Label: "Reason", Hint: hint, Optional: true, Rows: 2, Max: 1000, Value: v.form("reason")}},
		Button: look.Button{Label: "Cast the vote: " + word.label, Kind: look.Primary}, Cancel: m.path()}
	data := sheet{Frame: v.motionFrame(m, "Vote"), Confirm: &c}
	switch {
	case refused != nil:
		c.Error = errText(refused)
	case !known || paper.Seat.ID == "" || m.State != ballot.Open || paper.Barred != "":
		data.Confirm = nil
		text := paper.Barred
		if text == "" {
			text = "No vote can be cast here: choose for, against or abstain on the motion's page while its ballot is open."
		}
		data.Notices = []look.Notice{{Tone: look.Waiting, Title: "No vote was cast", Text: text, Link: &look.Link{Label: "Back to the motion", Href: m.path()}}}
	}
	return data
}

func errText(err error) string { return gate.Public(err).Text }

func (v *visit) castVote() error {
	if err := v.parse(); err != nil {
		return err
	}
	err := v.write(func(tx *db.Tx) error {
		_, err := v.Board().Cast(tx, v.Actor, v.path("motion"), board.Said{Seat: v.form("seat"), Choice: ballot.Choice(v.form("choice")), Reason: v.form("reason")})
		return err
	})
	if err != nil {
		m, e := v.loadMotion()
		if e != nil {
			return err
		}
		return v.again(err, "sheet", v.paperSheet(m, err))
	}
	m, err := v.loadMotion()
	if err != nil {
		return err
	}
	return v.next(m.path(), "Your vote was taken. Until the deadline you can change it.")
}

// motionDeed is one step with a motion that is asked about first.
type motionDeed struct {
	ask  func(*visit, motionView) look.Confirm
	do   func(*visit, *db.Tx, motionView) error
	done string
}

func why(label, hint string) look.Field {
	return look.Field{Kind: look.Area, Name: "reason", Label: label, Hint: hint, Rows: 3, Max: 1000}
}

var motionDeeds = map[string]motionDeed{
	"open": {func(_ *visit, m motionView) look.Confirm {
		return look.Confirm{Title: "Put " + m.Number + " to the vote", What: "The seats of this moment are its electorate; text and rules are fixed. It closes " + look.UTC(m.Deadline) + ".", Whom: "Everybody with a seat on the board is told.", Undo: "It can be withdrawn, with a reason.",
			Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(m.Version, 10)}}, Button: look.Button{Label: "Put it to the vote", Kind: look.Primary}}
	}, func(v *visit, tx *db.Tx, m motionView) error {
		version, err := v.version()
		if err == nil {
			_, err = board.Open(tx, v.Actor, m.ID, version)
		}
		return err
	}, "The ballot is open."},
	"withdraw": {func(_ *visit, m motionView) look.Confirm {
		return look.Confirm{Title: "Withdraw " + m.Number, What: "It ends without a decision. What was voted is not counted.", Whom: "The board reads your reason.", Undo: "Write it anew.", Fields: []look.Field{why("Reason", "")},
			Button: look.Button{Label: "Withdraw the motion", Kind: look.Danger}}
	}, func(v *visit, tx *db.Tx, m motionView) error {
		_, err := v.Board().Withdraw(tx, v.Actor, m.ID, v.form("reason"))
		return err
	}, "The motion is withdrawn."},
	"recuse": {func(v *visit, m motionView) look.Confirm {
		seat := look.Field{Kind: look.Select, Name: "seat", Label: "Seat"}
		for _, s := range m.recusable() {
			seat.Options = append(seat.Options, look.Option{Value: s.ID, Label: s.OrgName, On: s.ID == v.form("seat")})
		}
		return look.Confirm{Title: "Take no part in " + m.Number, What: "The seat leaves the electorate: it counts neither for the quorum nor for the majority. A vote that was cast for it does not count.", Whom: "The board reads your reason.", Undo: "It cannot be taken back.",
			Fields: []look.Field{seat, why("Reason", "Such as: we are a customer of the applicant.")}, Button: look.Button{Label: "Recuse the seat", Kind: look.Danger}}
	}, func(v *visit, tx *db.Tx, m motionView) error {
		return v.Board().Recuse(tx, v.Actor, m.ID, v.form("seat"), v.form("reason"))
	}, "The seat takes no part."},
	"count": {func(_ *visit, m motionView) look.Confirm {
		return look.Confirm{Title: "Count " + m.Number + " again", What: "The stored votes are opened and counted, with each seat as it stood at the close.", Whom: "Everybody on the board is told the result.", Undo: "A result is not taken back.", Button: look.Button{Label: "Count the votes", Kind: look.Primary}}
	}, func(v *visit, tx *db.Tx, m motionView) error {
		_, err := v.Board().CountAgain(tx, v.Actor, m.ID)
		return err
	}, "The votes were counted, as far as they can be opened."},
	"enact": {func(_ *visit, m motionView) look.Confirm {
		return look.Confirm{Title: "Have " + m.Number + " done", What: "The decision stands; what stood in its way was: " + m.Obstacle, Whom: "Those whom the decision is about.", Undo: "Only by another decision.", Button: look.Button{Label: "Do what was decided", Kind: look.Primary}}
	}, func(v *visit, tx *db.Tx, m motionView) error {
		_, err := v.Board().Enact(tx, v.Actor, m.ID)
		return err
	}, "It was tried again; the page says what came of it."},
}

func (v *visit) deedSheet(m motionView) (sheet, error) {
	d, ok := motionDeeds[v.path("deed")]
	switch recuses := v.path("deed") == "recuse"; {
	case !ok:
		return sheet{}, v.nowhere()
	case !recuses && !m.Leads:
		return sheet{}, errs.New(errs.Denied, "Only who proposed the motion, and the coordinators, may do this.")
	case recuses && len(m.Own) == 0:
		return sheet{}, errs.New(errs.Denied, "Only who acts for a seat may recuse it.")
	}
	c := d.ask(v, m)
	c.Action, c.Cancel = v.r.URL.Path, m.path()
	return sheet{Frame: v.motionFrame(m, c.Button.Label), Confirm: &c}, nil
}

func (v *visit) askMotion() error {
	m, err := v.loadMotion()
	if err != nil {
		return err
	}
	data, err := v.deedSheet(m)
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) doMotion() error {
	if err := v.parse(); err != nil {
		return err
	}
	m, err := v.loadMotion()
	if err != nil {
		return err
	}
	data, err := v.deedSheet(m)
	if err != nil {
		return err
	}
	deed := motionDeeds[v.path("deed")]
	if err := v.write(func(tx *db.Tx) error { return deed.do(v, tx, m) }); err != nil {
		data.Confirm.Error = errText(err)
		for i, f := range data.Confirm.Fields {
			if f.Name == "reason" {
				data.Confirm.Fields[i].Value = v.form("reason")
			}
		}
		return v.again(err, "sheet", data)
	}
	return v.next(m.path(), deed.done)
}

func (v *visit) askRecount() error {
	m, err := v.loadMotion()
	if err != nil {
		return err
	}
	if m.Result == nil {
		return errs.New(errs.Conflict, "The motion has not been counted; there is nothing to recount.")
	}
	return v.ask(v.motionFrame(m, "Recount"), look.Confirm{Title: "Recount " + m.Number, What: "The stored votes are counted anew and compared with the recorded result. That you asked, and whether it is the same, is recorded.", Whom: "Everybody on the board can read the record.", Undo: "There is nothing to undo.",
		Button: look.Button{Label: "Count anew", Kind: look.Primary}, Cancel: m.path()})
}

func (v *visit) recount() error {
	m, err := v.loadMotion()
	if err != nil {
		return err
	}
	var r ballot.Result
	var same bool
	if err := v.write(func(tx *db.Tx) (err error) {
		r, same, err = v.Board().Recount(tx, v.Actor, m.ID)
		return err
	}); err != nil {
		return err
	}
	data := sheet{Frame: v.motionFrame(m, "Recount"), Parts: []part{{Title: "Counted anew", Drawing: resultBar(r)}, {Buttons: []look.Button{{Label: "Back to the motion", Href: m.path()}}}}}
	data.Notices = []look.Notice{{Tone: look.Good, Title: "The result is the same", Text: "The stored votes give what was recorded at the close."}}
	if !same {
		data.Notices = []look.Notice{{Tone: look.Bad, Title: "The result is not the same", Text: "The stored votes were changed after the close. Ask the operator to verify the ledger: it names the rows."}}
	}
	return v.show("sheet", data)
}
