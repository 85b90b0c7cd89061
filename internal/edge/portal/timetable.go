package portal

import (
	"fmt"
	"strings"
	"time"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/spec/mpcvd"
)

type timetablePage struct {
	look.Frame
	Times     look.Timetable
	Proposals []proposalView
	Propose   *look.Form
	Go        []look.Choices
	Ready     *look.Table
	Alarms    []look.Popup
	Decide    []look.Popup
	Machine   look.Machine
}

// proposalView is one proposal with what the visitor may do about it.
type proposalView struct {
	embargo.Standing
	Tone    look.Tone
	Actions []look.Popup
}

// timetable shows the embargo from report to release: proposals, objections,
// the T-minus list, and what the visitor may say.
func (v *visit) timetable() error {
	data, err := v.timetableData(embargo.Offer{})
	if err != nil {
		return err
	}
	return v.show("timetable", data)
}

func (v *visit) timetableData(typed embargo.Offer) (timetablePage, error) {
	var c caseView
	var t embargo.Timetable
	err := v.read(func(tx *db.Tx) (err error) {
		if c, err = v.loadCase(tx); err != nil {
			return err
		}
		t, err = embargo.Load(tx, v.Actor, c.ID)
		return err
	})
	data := timetablePage{}
	if err != nil {
		return data, err
	}
	data.Frame = v.caseFrame(c, "/timetable")
	data.Times = v.drawTimes(t)
	data.Machine = drawMachine(mpcvd.Embargo, c.Embargo)
	if c.Role == audience.Coordinator && c.State == casework.Open {
		data.Head.Actions = append(data.Head.Actions, look.Button{Label: "Applications that rest", Href: casework.Path(c.Number) + "/freezes"})
	}
	for _, s := range t.Proposals {
		data.Proposals = append(data.Proposals, v.drawProposal(c, s))
	}
	if c.State != casework.Open || c.Role < audience.Contributor {
		return data, nil
	}
	for _, verb := range t.Verbs {
		if verb == mpcvd.EMPropose {
			data.Propose = v.proposeForm(c, t, typed)
		}
	}
	if t.Holds {
		data.Go = v.goChoices(c, t)
	}
	data.Ready = readyTable(t)
	data.Alarms = alarmButtons(c)
	data.Decide = v.decideButtons(c, t)
	return data, nil
}

func (v *visit) drawTimes(t embargo.Timetable) look.Timetable {
	out := look.Timetable{Caption: "From report to release", Report: t.Opened, Release: t.Ends, Now: t.Now, Limit: t.Latest}
	for _, s := range t.Proposals {
		out.Proposals = append(out.Proposals, look.Proposal{Who: s.By, At: s.Ends, Made: s.OpenedAt, State: string(s.State), Consent: consentLine(s), Reason: s.Reason, Tone: proposalTone(s)})
	}
	if t.Ends.IsZero() {
		return out
	}
	state := func(at time.Time) look.StepState {
		if t.Now.Before(at) {
			return look.Todo
		}
		return look.Done
	}
	out.Checks = []look.Check{
		{Label: "T-7 days", What: "Texts are frozen", At: t.Freeze, State: state(t.Freeze)},
		{Label: "T-24 h", What: "Each party says go or no-go", At: t.GoAsked, State: state(t.GoAsked), Note: fmt.Sprintf("%d go, %d no-go of %d", t.Go, t.NoGo, len(t.Readiness))},
		{Label: "T-0", What: "The embargo ends", At: t.Ends, State: state(t.Ends)}}
	return out
}

func consentLine(s embargo.Standing) string {
	parts := []string{fmt.Sprintf("%d of %d consent", s.Consents, s.Asked)}
	if s.Objects > 0 {
		parts = append(parts, look.Plural(s.Objects, "objects", "object"))
	}
	return strings.Join(parts, ", ")
}

func proposalTone(s embargo.Standing) look.Tone {
	switch s.State {
	case embargo.Accepted:
		return look.Good
	case embargo.Open:
		return look.Waiting
	}
	return ""
}

func (v *visit) drawProposal(c caseView, s embargo.Standing) proposalView {
	out := proposalView{Standing: s, Tone: proposalTone(s)}
	if s.State != embargo.Open || c.State != casework.Open {
		return out
	}
	path := casework.Path(c.Number) + "/timetable/" + s.ID
	why := func(optional bool) look.Field {
		return look.Field{Kind: look.Area, Name: "reason", Label: "Reason", Rows: 3, Optional: optional}
	}
	end := look.UTC(s.Ends)
	for _, p := range c.Mine {
		if p.Role == casework.Finder && s.Participant == p.ID {
			continue
		}
		hidden := []look.Hidden{{Name: "participant", Value: p.ID}}
		out.Actions = append(out.Actions,
			look.Popup{ID: "consent-" + s.ID + p.ID, Open: look.Button{Label: "Consent for " + p.Name, Kind: look.Primary}, Confirm: look.Confirm{Title: "Consent to " + end, What: p.Name + " keeps the embargo until " + end + ".",
				Whom: "Every party sees your answer.", Undo: "Change it while the proposal is open.", Action: path + "/consent", Hidden: hidden, Fields: []look.Field{why(true)}, Button: look.Button{Label: "Consent"}, Cancel: casework.Path(c.Number) + "/timetable"}},
			look.Popup{ID: "object-" + s.ID + p.ID, Open: look.Button{Label: "Object"}, Confirm: look.Confirm{Title: "Object to " + end, What: "A coordinator then decides; the old end stands until then.",
				Whom: "Every party sees your objection and its reason.", Action: path + "/object", Hidden: hidden, Fields: []look.Field{why(false)}, Button: look.Button{Label: "Object"}, Cancel: casework.Path(c.Number) + "/timetable"}})
	}
	if c.Role >= audience.Coordinator {
		for _, yes := range []bool{true, false} {
			label, what := "Accept", "The embargo ends at "+end+". Who has not consented is asked again."
			if !yes {
				label, what = "Reject", "The proposal is off; what was agreed before stands."
			}
			out.Actions = append(out.Actions, look.Popup{ID: strings.ToLower(label) + "-" + s.ID, Open: look.Button{Label: label}, Confirm: look.Confirm{Title: label + " " + end, What: what, Whom: "Every party is told.",
				Action: path + "/" + strings.ToLower(label), Fields: []look.Field{why(false)}, Button: look.Button{Label: label + " the proposal"}, Cancel: casework.Path(c.Number) + "/timetable"}})
		}
	}
	return out
}

func (v *visit) proposeForm(c caseView, t embargo.Timetable, typed embargo.Offer) *look.Form {
	verb := "Propose an end"
	if t.Holds {
		verb = "Propose another end"
	}
	zone := "UTC"
	if f := v.frameZone(); f != "" {
		zone = f
	}
	value := ""
	if !typed.Ends.IsZero() {
		value = typed.Ends.Format("2006-01-02T15:04")
		zone = "UTC"
	}
	f := &look.Form{Title: verb, Action: casework.Path(c.Number) + "/timetable", Button: look.Button{Label: verb}, Draft: "propose-" + c.ID,
		Lede: fmt.Sprintf("The alliance proposes %s; the latest possible is %s.", look.UTC(t.Default), look.UTC(t.Latest)),
		Fields: []look.Field{{Kind: look.DateTime, Name: "ends_at", Label: "The embargo ends", Value: value, Zone: zone, Hint: "An instant with its zone."},
			{Kind: look.Area, Name: "reason", Label: "Reason", Value: typed.Reason, Rows: 3}}}
	f.Fields = append(f.Fields, speakerField(c, typed.Participant)...)
	return f
}

// speakerField asks for whom somebody speaks, where there is a choice.
func speakerField(c caseView, chosen string) []look.Field {
	if len(c.Mine) == 0 || len(c.Mine) == 1 && c.Role < audience.Coordinator {
		return nil
	}
	f := look.Field{Kind: look.Select, Name: "participant", Label: "For"}
	if c.Role >= audience.Coordinator {
		f.Options = append(f.Options, look.Option{Value: "", Label: "the coordinators", On: chosen == ""})
	}
	for _, p := range c.Mine {
		f.Options = append(f.Options, look.Option{Value: p.ID, Label: p.Name, On: chosen == p.ID})
	}
	return []look.Field{f}
}

func (v *visit) goChoices(c caseView, t embargo.Timetable) []look.Choices {
	var out []look.Choices
	for _, p := range c.Mine {
		said := embargo.Go("")
		for _, r := range t.Readiness {
			if r.Participant == p.ID {
				said = r.Answer
			}
		}
		out = append(out, look.Choices{Legend: p.Name + ": ready for " + look.UTC(t.Ends) + "?", Action: casework.Path(c.Number) + "/timetable/ready", Name: "answer", Hidden: []look.Hidden{{Name: "participant", Value: p.ID}},
			Options: []look.Choice{{Value: string(embargo.GoYes), Label: "Go", Tone: look.Good, Chosen: said == embargo.GoYes}, {Value: string(embargo.GoNo), Label: "No-go", Tone: look.Bad, Chosen: said == embargo.GoNo}}})
	}
	return out
}

func readyTable(t embargo.Timetable) *look.Table {
	if t.Ends.IsZero() {
		return nil
	}
	out := &look.Table{ID: "ready", Caption: "Go or no-go by party", Whole: true, Filter: len(t.Readiness) > 20, Columns: []look.Column{{Label: "Party", Wide: true}, {Label: "Answer"}, {Label: "Reason"}, {Label: "When"}}}
	for _, r := range t.Readiness {
		answer := string(r.Answer)
		if answer == "" {
			answer = "– not said"
		}
		out.Rows = append(out.Rows, look.Row{Cells: []look.Cell{{Text: r.Name}, {Text: answer}, {Text: r.Reason}, {Time: r.At}}})
	}
	return out
}

// alarmButtons stop the clock: it leaked, it is exploited, attacks are seen.
func alarmButtons(c caseView) []look.Popup {
	words := map[mpcvd.Event]struct{ open, what string }{
		mpcvd.EventPublic:  {"It leaked: it is public", "The embargo ends at once."},
		mpcvd.EventExploit: {"An exploit is public", "The embargo ends at once; the vulnerability counts as public."},
		mpcvd.EventAttacks: {"It is exploited: attacks are seen", "A decision is asked for within hours; without one, everything is published."},
	}
	var out []look.Popup
	for _, e := range mpcvd.Exposure.Verbs(c.Public) {
		w := words[e]
		out = append(out, look.Popup{ID: "alarm-" + string(e), Open: look.Button{Label: w.open, Kind: look.Danger}, Confirm: look.Confirm{Title: w.open, What: w.what + " It cannot be taken back.",
			Whom: "Every party is told at once, at any hour.", Type: c.Number, Action: casework.Path(c.Number) + "/exposure", Hidden: []look.Hidden{{Name: "event", Value: string(e)}},
			Fields: []look.Field{{Kind: look.Area, Name: "note", Label: "What is known", Hint: "Where it was seen, since when.", Rows: 4}}, Button: look.Button{Label: "Tell everybody now", Kind: look.Danger}, Cancel: casework.Path(c.Number) + "/timetable"}})
	}
	return out
}

func (v *visit) decideButtons(c caseView, t embargo.Timetable) []look.Popup {
	if c.Role < audience.Coordinator {
		return nil
	}
	var out []look.Popup
	why := []look.Field{{Kind: look.Area, Name: "reason", Label: "Reason", Rows: 3}}
	back := casework.Path(c.Number) + "/timetable"
	if !t.DecisionDue.IsZero() {
		for _, d := range []mpcvd.Decision{mpcvd.DecidePublish, mpcvd.DecideKeep} {
			label := "Publish now"
			if d == mpcvd.DecideKeep {
				label = "Keep the embargo"
			}
			out = append(out, look.Popup{ID: "decide-" + string(d), Open: look.Button{Label: label}, Confirm: look.Confirm{Title: label, What: "Attacks are seen; this is the decision asked for by " + look.UTC(t.DecisionDue) + ".", Whom: "Every party is told.",
				Action: back + "/decide", Hidden: []look.Hidden{{Name: "decision", Value: string(d)}}, Fields: why, Button: look.Button{Label: label}, Cancel: back}})
		}
	}
	for _, verb := range t.Verbs {
		if verb == mpcvd.EMTerminate {
			out = append(out, look.Popup{ID: "terminate", Open: look.Button{Label: "End the embargo now", Kind: look.Danger}, Confirm: look.Confirm{Title: "End the embargo now", What: "The embargo is over and none can follow.", Whom: "Every party is told at once.",
				Type: c.Number, Action: back + "/terminate", Fields: why, Button: look.Button{Label: "End it now", Kind: look.Danger}, Cancel: back}})
		}
	}
	return out
}

// drawMachine is a state machine with its present state.
func drawMachine[S ~string, V ~string](m mpcvd.Machine[S, V], now S) look.Machine {
	out := look.Machine{Title: m.Name}
	for _, s := range m.Info {
		out.States = append(out.States, look.MachineState{Name: string(s.ID), Label: s.Label, Current: s.ID == now})
	}
	for _, r := range m.Rows {
		out.Moves = append(out.Moves, look.MachineMove{From: string(r.From), To: string(r.To), Verb: string(r.Verb), Open: r.From == now})
	}
	return out
}

// propose takes a proposed end.
func (v *visit) propose() error {
	if err := v.parse(); err != nil {
		return err
	}
	in := embargo.Offer{Participant: v.form("participant"), Reason: v.form("reason")}
	var err error
	if in.Ends, err = look.ParseDateTime(v.form("ends_at"), v.form("ends_at_zone")); err != nil {
		err = errs.Bad("ends_at", "%s", upper(err.Error()))
	} else {
		err = v.write(func(tx *db.Tx) error {
			_, err := embargo.Propose(tx, v.Actor, v.path("number"), in)
			return err
		})
	}
	if err == nil {
		return v.next(casework.Path(v.path("number"))+"/timetable", "The end is proposed; the parties are asked.")
	}
	data, e := v.timetableData(in)
	if e != nil || data.Propose == nil {
		return err
	}
	data.Propose.Fields[0].Value, data.Propose.Fields[0].Zone = v.form("ends_at"), v.form("ends_at_zone")
	fault(data.Propose, err)
	return v.again(err, "timetable", data)
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// timed runs a verb about the embargo and goes back to the timetable.
func (v *visit) timed(done string, f func(tx *db.Tx) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.write(f); err != nil {
		return err
	}
	return v.next(casework.Path(v.path("number"))+"/timetable", done)
}

func (v *visit) consent() error { return v.reply(embargo.Consent, "Your consent is recorded.") }
func (v *visit) object() error  { return v.reply(embargo.Object, "Your objection is recorded.") }

func (v *visit) reply(r embargo.Reply, done string) error {
	return v.timed(done, func(tx *db.Tx) error {
		_, err := embargo.Respond(tx, v.Actor, v.path("proposal"), v.form("participant"), r, v.form("reason"))
		return err
	})
}

func (v *visit) acceptEnd() error { return v.rule(true, "The end is agreed.") }
func (v *visit) rejectEnd() error { return v.rule(false, "The proposal is rejected.") }

func (v *visit) rule(yes bool, done string) error {
	return v.timed(done, func(tx *db.Tx) error {
		_, err := embargo.Decide(tx, v.Actor, v.path("proposal"), yes, v.form("reason"))
		return err
	})
}

func (v *visit) setReady() error {
	return v.timed("Noted.", func(tx *db.Tx) error {
		return embargo.SetReadiness(tx, v.Actor, v.path("number"), v.form("participant"), embargo.Go(v.form("answer")), v.form("reason"))
	})
}

func (v *visit) decideAttacks() error {
	return v.timed("The decision is recorded.", func(tx *db.Tx) error {
		_, err := embargo.DecideAttacks(tx, v.Actor, v.path("number"), mpcvd.Decision(v.form("decision")), v.form("reason"))
		return err
	})
}

func (v *visit) terminate() error {
	return v.timed("The embargo has ended.", func(tx *db.Tx) error {
		if err := v.typed(); err != nil {
			return err
		}
		_, err := embargo.Terminate(tx, v.Actor, v.path("number"), v.form("reason"))
		return err
	})
}

func (v *visit) expose() error {
	return v.timed("Everybody in the case is told.", func(tx *db.Tx) error {
		if err := v.typed(); err != nil {
			return err
		}
		_, err := embargo.Report(tx, v.Actor, v.path("number"), mpcvd.Event(v.form("event")), v.form("note"))
		return err
	})
}

// typed checks the case number that a dangerous step asks for.
func (v *visit) typed() error {
	if v.form("confirm") != v.path("number") {
		return errs.Bad("confirm", "Type the case number %s to confirm; nothing was changed.", v.path("number"))
	}
	return nil
}
