package portal

import (
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/spec/tlp"
)

// workActions are the moves that are possible now for the visitor.
func (v *visit) workActions(a advisoryView) []look.Popup {
	x, path := a.Adv, a.path()
	seen := []look.Hidden{seenOf(a)}
	why := []look.Field{whyField("It is kept.", false)}
	can := map[advisory.Verb]bool{}
	for _, verb := range advisory.Process.Verbs(x.Standing(v.now)) {
		can[verb] = true
	}
	var out []look.Popup
	add := func(verb advisory.Verb, least audience.Role, p look.Popup) {
		if can[verb] && a.Role >= least {
			p.Confirm.Hidden = append(p.Confirm.Hidden, seen...)
			p.Confirm.Cancel = path
			out = append(out, p)
		}
	}
	add(advisory.VerbSubmit, audience.Contributor, deed("submit", "Ask for review", look.Confirm{What: "The text waits for a second pair of eyes.", Whom: "The coordinators.", Undo: "A coordinator returns it.", Action: path + "/submit"}, look.Primary))
	if !a.Wrote {
		add(advisory.VerbApprove, audience.Coordinator, deed("approve", "Approve version "+seen[0].Value, look.Confirm{What: "You vouch for this text. A later change needs a new approval.", Whom: "Everybody in the case.", Undo: "Return it.", Action: path + "/approve"}, look.Primary))
	}
	add(advisory.VerbReturn, audience.Coordinator, deed("return", "Return to the writers", look.Confirm{What: "The text becomes a draft again; an approval ends.", Whom: "Everybody in the case reads the reason.", Undo: "Ask for review again.", Action: path + "/return", Fields: why}, ""))
	add(advisory.VerbSchedule, audience.Coordinator, deed("schedule", "Schedule the release", look.Confirm{What: "The CSAF document, its hashes, its signature and the page are prepared now and appear at the instant, everywhere at once.", Whom: "Those whom the marking names; TLP:CLEAR is everybody.", Undo: "Take it off the schedule before the instant.", Action: path + "/schedule", Fields: v.planFields(a, true)}, look.Primary))
	add(advisory.VerbUnschedule, audience.Coordinator, deed("unschedule", "Take off the schedule", look.Confirm{What: "Nothing comes out at the set instant. The approval stays.", Whom: "Everybody in the case reads the reason.", Undo: "Schedule it again.", Action: path + "/unschedule", Fields: why}, ""))
	add(advisory.VerbSchedule, audience.Coordinator, deed("release", "Release now", look.Confirm{What: "It is out the moment you confirm: page, CSAF file, feeds, search, mails.", Whom: "Those whom the marking names; TLP:CLEAR is everybody.", Type: x.Number, Action: path + "/release", Fields: v.planFields(a, false)}, look.Danger))
	add(advisory.VerbWithdraw, audience.Coordinator, deed("withdraw", "Withdraw the advisory", look.Confirm{What: "What is prepared is gone. What is out is taken down; its page says that it was withdrawn, and why.", Whom: "Everybody who could see it.", Type: x.Number, Action: path + "/withdraw", Fields: why}, look.Danger))
	return out
}

// planFields ask when, for whom, and what it changes.
func (v *visit) planFields(a advisoryView, when bool) []look.Field {
	var out []look.Field
	if when {
		at := look.Field{Kind: look.Radio, Name: "when", Label: "When", Options: []look.Option{{Value: "at", Label: "At the instant below", On: !a.Holds(v.now)}}}
		if a.Holds(v.now) {
			at.Options = append([]look.Option{{Value: "embargo", Label: "At the embargo's end, wherever that moves", Hint: "Now " + look.UTC(a.EmbargoEnds) + ".", On: true}}, at.Options...)
		}
		zone := "UTC"
		if z := v.frameZone(); z != "" {
			zone = z
		}
		out = append(out, at, look.Field{Kind: look.DateTime, Name: "at", Label: "Instant", Zone: zone, Optional: a.Holds(v.now)})
	}
	level := look.Field{Kind: look.Select, Name: "tlp", Label: "Marking of what comes out"}
	for _, l := range []tlp.Level{tlp.Clear, tlp.Green, tlp.Amber, tlp.AmberStrict, tlp.Red} {
		level.Options = append(level.Options, look.Option{Value: l.String(), Label: l.String(), On: l == a.Adv.OutLevel})
	}
	out = append(out, level)
	if len(a.Programs) > 0 {
		program := look.Field{Kind: look.Select, Name: "program", Label: "Program that gets it", Hint: "For TLP:GREEN only.", Optional: true, Options: []look.Option{{Label: "the parties of the case only"}}}
		for _, p := range a.Programs[:min(len(a.Programs), 100)] {
			program.Options = append(program.Options, look.Option{Value: p.ID, Label: p.Name})
		}
		out = append(out, program)
	}
	return append(out, look.Field{Name: "note", Label: "What this revision changes", Hint: "Readers see it in the revision history.", Value: a.Adv.Note, Optional: a.Adv.Revision == 0, Max: 1000})
}

// draftAdvisory begins an advisory from what the case knows.
func (v *visit) draftAdvisory() error {
	if err := v.parse(); err != nil {
		return err
	}
	var x advisory.Advisory
	err := v.write(func(tx *db.Tx) (err error) {
		x, err = advisory.Draft(tx, v.Actor, v.path("number"))
		return err
	})
	if err != nil {
		return err
	}
	return v.next(casework.Path(v.path("number"))+"/advisory/"+x.Number, "The draft is made from the case. Read it, change it, ask for review.")
}

// advisoryDeed runs one verb on the advisory of the path. typed asks for its
// number, which the form of a grave step has the visitor type.
func (v *visit) advisoryDeed(done string, typed bool, f func(tx *db.Tx, advisoryID string, version int64) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	version, err := v.seenVersion()
	if err == nil && typed && v.form("confirm") != v.path("advisory") {
		err = errs.Bad("confirm", "Type %s to confirm; nothing was changed.", v.path("advisory"))
	}
	if err == nil {
		err = v.write(func(tx *db.Tx) error {
			a, err := v.loadAdvisory(tx)
			if err != nil {
				return err
			}
			return f(tx, a.Adv.ID, version)
		})
	}
	path := casework.Path(v.path("number")) + "/advisory/" + v.path("advisory")
	if err == nil {
		return v.next(path, done)
	}
	data, e := v.advisoryWorkData()
	if e != nil {
		return err
	}
	if f := data.Comment; f != nil && f.Action == v.r.URL.Path {
		v.refill(f.Fields)
		fault(f, err)
		return v.again(err, "advisory-work", data)
	}
	if data.Retry = v.retry(data.Actions, err); data.Retry == nil {
		return err
	}
	return v.again(err, "advisory-work", data)
}

func (v *visit) submitAdvisory() error {
	return v.advisoryDeed("A second pair of eyes is asked for.", false, func(tx *db.Tx, one string, version int64) error {
		_, err := advisory.Submit(tx, v.Actor, one, version)
		return err
	})
}

func (v *visit) approveAdvisory() error {
	return v.advisoryDeed("Approved. Next: schedule the release.", false, func(tx *db.Tx, one string, version int64) error {
		_, err := advisory.Approve(tx, v.Actor, one, version)
		return err
	})
}

func (v *visit) returnAdvisory() error {
	return v.advisoryDeed("The text is back with its writers.", false, func(tx *db.Tx, one string, version int64) error {
		_, err := advisory.Return(tx, v.Actor, one, version, v.form("reason"))
		return err
	})
}

// plan reads the form of a release.
func (v *visit) plan(version int64, when bool) (advisory.Plan, error) {
	p := advisory.Plan{Version: version, Program: v.form("program"), Note: v.form("note")}
	var err error
	if p.Level, err = tlp.Parse(v.form("tlp")); err != nil {
		return p, errs.Bad("tlp", "Choose a marking.")
	}
	if !when || v.form("when") == "embargo" {
		return p, nil
	}
	at, err := look.ParseDateTime(v.form("at"), v.form("at_zone"))
	if err != nil {
		return p, errs.Bad("at", "%s", upper(err.Error()))
	}
	p.At = at
	return p, nil
}

func (v *visit) scheduleAdvisory() error {
	return v.advisoryDeed("Everything is prepared and appears at its instant.", false, func(tx *db.Tx, one string, version int64) error {
		p, err := v.plan(version, true)
		if err == nil {
			_, err = v.press().Schedule(tx, v.Actor, one, p)
		}
		return renamed(err, map[string]string{"program_id": "program"})
	})
}

func (v *visit) releaseAdvisory() error {
	return v.advisoryDeed("It is out.", true, func(tx *db.Tx, one string, version int64) error {
		p, err := v.plan(version, false)
		if err == nil {
			_, err = v.press().ReleaseNow(tx, v.Actor, one, p)
		}
		return renamed(err, map[string]string{"program_id": "program"})
	})
}

func (v *visit) unscheduleAdvisory() error {
	return v.advisoryDeed("Nothing comes out by itself any more.", false, func(tx *db.Tx, one string, _ int64) error {
		_, err := advisory.Unschedule(tx, v.Actor, one, v.form("reason"))
		return err
	})
}

func (v *visit) withdrawAdvisory() error {
	return v.advisoryDeed("The advisory is withdrawn.", true, func(tx *db.Tx, one string, _ int64) error {
		_, err := advisory.Withdraw(tx, v.Actor, one, v.form("reason"))
		return err
	})
}

func (v *visit) commentAdvisory() error {
	return v.advisoryDeed("Your comment is there.", false, func(tx *db.Tx, one string, _ int64) error {
		_, err := advisory.AddComment(tx, v.Actor, one, v.form("section"), v.form("text"))
		return err
	})
}

func (v *visit) settleComment() error {
	return v.advisoryDeed("The comment is settled.", false, func(tx *db.Tx, one string, _ int64) error {
		return advisory.SettleComment(tx, v.Actor, one, v.path("comment"))
	})
}
