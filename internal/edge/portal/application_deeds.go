package portal

import (
	"tocsin/internal/alliance/membership"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

func long(name, label, hint string) look.Field {
	return look.Field{Kind: look.Area, Name: name, Label: label, Hint: hint, Rows: 3, Max: 4000}
}

// applicationSteps are the visitor's next steps with an application, each
// with its button; what matters is asked about in place.
func (v *visit) applicationSteps(a applicationView) []part {
	var out part
	at := func(deed string) string { return applicationPath(a.Number) + "/" + deed }
	plain := func(verb, deed, label string) {
		if a.may[verb] {
			out.Buttons = append(out.Buttons, look.Button{Label: label, Kind: look.Primary, Action: at(deed)})
		}
	}
	pop := func(verb, deed, open string, c look.Confirm) {
		if a.may[verb] {
			c.Action = at(deed)
			if c.Button.Label == "" {
				c.Button = look.Button{Label: open, Kind: look.Primary}
			}
			for i := range c.Fields {
				c.Fields[i].Key = deed
			}
			out.Popups = append(out.Popups, look.Popup{ID: deed, Open: look.Button{Label: open}, Confirm: c})
		}
	}
	plain("check", "check", "It is complete")
	pop("return", "return", "Send it back", look.Confirm{Title: "Send " + a.Number + " back", What: "The applicant completes and submits it again.", Whom: "The applicant reads what you write.", Undo: "It comes back by itself.", Fields: []look.Field{long("note", "What is missing", "")}})
	pop("ask", "ask", "Ask a sponsor", look.Confirm{Title: "Ask a member to speak for " + a.Name, What: "Its admins read the application and answer.", Whom: "The member that you choose.", Undo: "It may decline.", Fields: []look.Field{a.memberField("org", "Member")}})
	plain("announce", "announce", "Tell the members")
	for _, x := range a.Objections {
		if a.may["answer"] && x.Answer == "" {
			pop("answer", "answer-"+x.ID, "Answer "+x.OrgName, look.Confirm{Title: "Answer the objection of " + x.OrgName, What: x.Reason, Whom: "Those who decide read it.", Undo: "It cannot be changed.", Hidden: []look.Hidden{{Name: "objection", Value: x.ID}},
				Fields: []look.Field{{Kind: look.Radio, Name: "answer", Label: "The objection", Options: []look.Option{{Value: string(membership.Stands), Label: "stands"}, {Value: string(membership.SetAside), Label: "is set aside"}}}, long("why", "Why", "")}})
		}
	}
	pop("put", "put", "Put it to the board", look.Confirm{Title: "Put " + a.Number + " to the board's vote", What: "A sealed ballot opens for seven days. Seats of the applicant's house, of whoever objected and of whoever is noted in conflict take no part.", Whom: "Everybody with a seat on the board is told, and reads the dossier meanwhile.", Undo: "Withdraw the motion."})
	pop("accept", "accept", "Accept", look.Confirm{Title: "Accept " + a.Name, What: "It may join once the agreements are signed and its contact is tested.", Whom: "The applicant is told.", Undo: "It cannot be undone.", Fields: []look.Field{long("why", "Why", "For the dossier.")}})
	pop("refuse", "refuse", "Refuse", look.Confirm{Title: "Refuse " + a.Name, What: "The application ends.", Whom: "The applicant reads the reason.", Undo: "The applicant may apply again.", Button: look.Button{Label: "Refuse it", Kind: look.Danger},
		Fields: []look.Field{long("why", "Why", "For the dossier."), long("reason", "Reason", "The applicant reads it."), {Kind: look.DateTime, Name: "reapply", Label: "Not to apply again before", Optional: true, Zone: "UTC"}}})
	pop("explain", "explain", "Give the reason", look.Confirm{Title: "Give " + a.Name + " the reason", What: "It replaces what the applicant reads now.", Whom: "The applicant.", Undo: "Write it anew.",
		Fields: []look.Field{long("reason", "Reason", "The applicant reads it."), {Kind: look.DateTime, Name: "reapply", Label: "Not to apply again before", Optional: true, Zone: "UTC"}}})
	pop("prepare", "prepare", "Invite its first admin", look.Confirm{Title: "Invite the first admin of " + a.Name, What: "The organization is made, in no program yet, and its first admin is invited by mail.", Whom: "Whoever you name; empty is the application's contact.", Undo: "Withdraw the invitation.",
		Fields: []look.Field{{Kind: "email", Name: "email", Label: "Mail address", Optional: true, Max: 254}, {Name: "name", Label: "Name", Optional: true, Max: 120}}})
	plain("sign", "sign", "All agreements are accepted")
	plain("test", "test", "Send a test page")
	pop("activate", "activate", "Make it a member", look.Confirm{Title: "Make " + a.Name + " a member of " + a.ProgramName, What: "Its people see what is shared in the program from now on, and nothing of cases opened before that was not shared with all of it.", Whom: "The applicant is told.", Undo: "Take it out of the program."})
	if a.may["sponsor"] || a.may["object"] {
		org := look.Field{Kind: look.Select, Name: "org", Label: "For"}
		for _, o := range a.voices {
			org.Options = append(org.Options, look.Option{Value: o.ID, Label: o.Name})
		}
		pop("sponsor", "speak", "Answer as a sponsor", look.Confirm{Title: "Speak for " + a.Name, What: "Your answer can be given once.", Whom: "The secretariat and the board read it. The applicant does not.", Undo: "It cannot be changed.",
			Fields: []look.Field{org, {Kind: look.Radio, Name: "answer", Label: "Your organization", Options: []look.Option{{Value: string(membership.Supports), Label: "supports the applicant"}, {Value: string(membership.Declines), Label: "declines to speak"}}}, long("text", "Statement", "How you know the team."), optional(long("conflict", "Ties", "Business, persons, competition."))}})
		pop("object", "object", "Object", look.Confirm{Title: "Object to " + a.Name, What: "Those who decide read your reason; a seat of yours on the board takes no part in the vote.", Whom: "The secretariat and the board. The applicant learns neither who objects nor that somebody does.", Undo: "It cannot be taken back.",
			Fields: []look.Field{org, long("text", "Reason", ""), optional(long("conflict", "Conflict", "Such as: we compete, or are in dispute."))}})
	}
	pop("recuse", "recuse", "Note a conflict", look.Confirm{Title: "Note a conflict of interest", What: "You, or the organization that you name, take no part in this application.", Whom: "The secretariat and the board read the reason.", Undo: "It cannot be taken back.",
		Fields: []look.Field{a.memberField("conflicted", "Organization in conflict; none: you yourself"), long("reason", "Reason", "")}})
	pop("relink", "relink", "Mail a new link", look.Confirm{Title: "Mail the applicant a new link", What: "Every link before ends.", Whom: "The application's contact.", Undo: "Mail another one."})
	if len(out.Buttons)+len(out.Popups) == 0 {
		return nil
	}
	out.Title = "What is next"
	return []part{out}
}

func optional(f look.Field) look.Field {
	f.Optional = true
	return f
}

func (a applicationView) memberField(name, label string) look.Field {
	f := look.Field{Kind: look.Select, Name: name, Label: label}
	if name != "org" {
		f.Optional, f.Options = true, []look.Option{{Value: "", Label: "none"}}
	}
	for _, o := range a.members {
		f.Options = append(f.Options, look.Option{Value: o.ID, Label: o.Name})
	}
	return f
}

// applicationDeed does a step.
func (v *visit) applicationDeed() error {
	if err := v.parse(); err != nil {
		return err
	}
	a, err := v.loadApplication()
	if err != nil {
		return err
	}
	if a.Side == membership.Applicant {
		return v.applicantActs(v.Actor, a.ID, applicationPath(a.Number))
	}
	done := ""
	if err = v.write(func(tx *db.Tx) (err error) { done, err = v.doApplication(tx, a); return err }); err != nil {
		data, _, e := v.applicationSheet(a)
		if e != nil {
			return err
		}
		var list []look.Popup
		for _, p := range data.Parts {
			list = append(list, p.Popups...)
		}
		if data.Confirm = v.retry(list, err); data.Confirm == nil {
			data.Notices = append(data.Notices, look.Notice{Tone: look.Bad, Title: "Not done", Text: errText(err)})
		}
		return v.again(err, "sheet", data)
	}
	return v.next(applicationPath(a.Number), done)
}

func (v *visit) doApplication(tx *db.Tx, a applicationView) (done string, err error) {
	d, me := v.Applications(), v.Actor
	verdict := membership.Verdict{Accept: v.path("deed") == "accept", Why: v.form("why"), Reason: v.form("reason")}
	if at := v.form("reapply"); at != "" {
		if verdict.ReapplyAt, err = look.ParseDateTime(at, v.form("reapply_zone")); err != nil {
			return "", errs.Bad("reapply", "Please correct the date: %s.", err.Error())
		}
	}
	speech := membership.Speech{Org: v.form("org"), Answer: membership.Answer(v.form("answer")), Text: v.form("text"), Conflict: v.form("conflict")}
	switch deed := v.path("deed"); deed {
	case "check":
		done = "Found complete. Somebody else decides on it."
		_, err = d.Check(tx, me, a.ID)
	case "return":
		done = "Sent back to the applicant."
		_, err = d.Return(tx, me, a.ID, v.form("note"))
	case "ask":
		done = "The member is asked."
		_, err = d.AskSponsor(tx, me, a.ID, v.form("org"))
	case "speak":
		done = "Your answer is given."
		_, err = d.Speak(tx, me, a.ID, speech)
	case "announce":
		done = "The members are told, and may object."
		_, err = d.Announce(tx, me, a.ID)
	case "object":
		done = "Your objection is with those who decide."
		_, err = d.Object(tx, me, a.ID, speech)
	case "put":
		done = "The ballot is open."
		_, err = d.Put(tx, me, a.ID, membership.Vote{})
	case "accept", "refuse":
		done = "Decided."
		_, err = d.Decide(tx, me, a.ID, verdict)
	case "explain":
		done = "The applicant reads the reason."
		_, err = d.Explain(tx, me, a.ID, verdict)
	case "prepare":
		done = "The invitation is on its way."
		_, err = d.Prepare(tx, me, a.ID, v.form("email"), v.form("name"))
	case "sign":
		done = "The agreements are signed."
		_, err = d.Sign(tx, me, a.ID)
	case "test":
		done = "The test page is on its way."
		_, err = d.SendTest(tx, me, a.ID)
	case "activate":
		done = "It is a member."
		_, err = d.Activate(tx, me, a.ID)
	case "recuse":
		done = "The conflict is noted."
		err = d.DeclareConflict(tx, me, a.ID, v.form("conflicted"), v.form("reason"))
	case "relink":
		done = "A new link was mailed."
		_, err = d.Relink(tx, me, a.ID)
	default:
		if deed != "answer-"+v.form("objection") {
			return "", errs.Missing("page")
		}
		done = "The objection is answered."
		_, err = d.AnswerObjection(tx, me, a.ID, v.form("objection"), membership.Finding(v.form("answer")), v.form("why"))
	}
	return done, err
}
