package portal

import (
	"net/url"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/report"
	"tocsin/spec/mpcvd"
)

// deed is a question before a verb, behind a button. Its fields are told
// apart from those of the other deeds on the page.
func deed(id, open string, c look.Confirm, kind look.ButtonKind) look.Popup {
	c.ID = "-" + id
	for i := range c.Fields {
		c.Fields[i].Key = c.ID
	}
	if c.Title == "" {
		c.Title = open
	}
	if c.Button.Label == "" {
		c.Button.Label = open
	}
	c.Button.Kind = kind
	return look.Popup{ID: "do" + c.ID, Open: look.Button{Label: open, Kind: kind}, Confirm: c}
}

func whyField(hint string, optional bool) look.Field {
	return look.Field{Kind: look.Area, Name: "reason", Label: "Reason", Hint: hint, Rows: 3, Optional: optional}
}

func noteField() look.Field {
	return look.Field{Kind: look.Area, Name: "note", Label: "A word to the finder", Hint: "Without one, the finder sees the new state in plain words.", Rows: 3, Optional: true}
}

// moveWords say what each move of a report is and does.
var moveWords = map[mpcvd.RMVerb]struct{ open, what, undo string }{
	mpcvd.RMValidate:   {"Valid", "The report counts as credible. Next it becomes a case, joins one, or goes to a vendor.", "Defer or close it."},
	mpcvd.RMInvalidate: {"Invalid", "The report counts as not confirmed. The finder can add to it.", "Validate it."},
	mpcvd.RMAccept:     {"Accept", "The alliance works on the report.", "Defer it."},
	mpcvd.RMDefer:      {"Defer", "The report is valid, and nobody works on it for now.", "Accept it."},
	mpcvd.RMClose:      {"Close", "The report is finished with, without a case.", ""},
}

// triageActions are the decisions that are possible now.
func triageActions(t triageView) []look.Popup {
	path, version := report.Path(t.Number), []look.Hidden{versionOf(t)}
	kept := whyField("It is kept, for the coordinators.", false)
	var out []look.Popup
	if t.Open() {
		owner := look.Field{Kind: look.Select, Name: "person", Label: "Owner", Options: []look.Option{{Label: "nobody", On: t.Report.Owner == ""}}}
		for _, p := range t.Team {
			owner.Options = append(owner.Options, look.Option{Value: p.ID, Label: p.Name, On: p.ID == t.Report.Owner})
		}
		out = append(out, deed("assign", "Assign", look.Confirm{What: "Somebody becomes its owner.", Whom: "The coordinators.", Undo: "Assign it again.", Action: path + "/assign", Hidden: version, Fields: []look.Field{owner}, Cancel: path}, ""))
		if t.Scope != report.InScope {
			out = append(out, deed("scope-in", "In scope", look.Confirm{What: "The report is the alliance's business.", Whom: "The coordinators.", Undo: "Decide again.", Action: path + "/scope", Hidden: append(version[:1:1], look.Hidden{Name: "in", Value: "1"}), Fields: []look.Field{kept}, Cancel: path}, ""))
		}
		if t.Scope != report.OutScope {
			out = append(out, deed("scope-out", "Out of scope", look.Confirm{What: "The report is not the alliance's business.", Whom: "The coordinators. Tell the finder in a message.", Undo: "Decide again.", Action: path + "/scope", Hidden: append(version[:1:1], look.Hidden{Name: "in", Value: ""}), Fields: []look.Field{kept}, Cancel: path}, ""))
		}
	}
	for _, verb := range mpcvd.Report.Verbs(t.State) {
		w, ok := moveWords[verb]
		if !ok {
			continue
		}
		no := verb == mpcvd.RMInvalidate || verb == mpcvd.RMDefer || verb == mpcvd.RMClose
		kind := look.ButtonKind("")
		if verb == mpcvd.RMClose {
			kind = look.Danger
		}
		out = append(out, deed(string(verb), w.open, look.Confirm{What: w.what, Whom: "The finder reads the new state; the reason stays with the coordinators.", Undo: w.undo, Action: path + "/move",
			Hidden: append(version[:1:1], look.Hidden{Name: "verb", Value: string(verb)}), Fields: []look.Field{whyField("It is kept, for the coordinators.", !no), noteField()}, Cancel: path}, kind))
	}
	if t.PlannedNote != "" {
		out = append(out, deed("date", "The date is settled", look.Confirm{What: "You agreed with the finder when it is published.", Whom: "The coordinators.", Action: path + "/date", Hidden: version, Fields: []look.Field{whyField("What you agreed.", false)}, Cancel: path}, ""))
	}
	if t.Person == "" {
		out = append(out, deed("link", "New link for the finder", look.Confirm{What: "A finder who lost the link gets a new one from you. The old link stops working at once.", Whom: "Make sure by another way that it is the finder.", Action: path + "/link", Cancel: path}, look.Quiet))
	}
	return out
}

// triagePass are the ways on for a report that was found valid.
func triagePass(t triageView) []look.Button {
	if !t.Open() {
		return nil
	}
	path := report.Path(t.Number)
	list := []look.Button{{Label: "Make a case", Href: path + "/case", Kind: look.Primary}, {Label: "Join a case", Href: path + "/merge"}, {Label: "Hand over to one vendor", Href: path + "/handover"}}
	why := ""
	switch {
	case t.State != mpcvd.RMValid && t.State != mpcvd.RMDeferred && t.State != mpcvd.RMAccepted:
		why = "once it is valid"
	case t.Scope != report.InScope:
		list[0].Href, list[0].Disabled = "", "once it is in scope"
	}
	for i := range list {
		if why != "" {
			list[i].Href, list[i].Disabled = "", why
		}
	}
	if t.Report.Owner == "" {
		list = append([]look.Button{{Label: "Take it", Action: path + "/take", Hidden: []look.Hidden{versionOf(t)}}}, list...)
	}
	return list
}

// triageDeed runs one verb on a report and comes back to it.
func (v *visit) triageDeed(done string, f func(tx *db.Tx, number string, version int64) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	version, err := v.seenVersion()
	if err == nil {
		err = v.write(func(tx *db.Tx) error { return f(tx, v.path("number"), version) })
	}
	if err != nil {
		return v.refusedTriage(err)
	}
	return v.next(report.Path(v.path("number")), done)
}

// refusedTriage shows the report as it is now, with the refused form filled
// as it was.
func (v *visit) refusedTriage(err error) error {
	data, e := v.triagePage(false)
	if e != nil {
		return err
	}
	if f := data.Write; f != nil && f.Action == v.r.URL.Path {
		v.refill(f.Fields)
		fault(f, err)
		return v.again(err, "triage", data)
	}
	if data.Retry = v.retry(data.Actions, err); data.Retry == nil {
		return err
	}
	return v.again(err, "triage", data)
}

func (v *visit) takeReport() error {
	return v.triageDeed("The report is yours.", func(tx *db.Tx, number string, version int64) error {
		_, err := report.Take(tx, v.Actor, number, version)
		return err
	})
}

func (v *visit) assignReport() error {
	return v.triageDeed("The report has its owner.", func(tx *db.Tx, number string, version int64) error {
		_, err := report.Assign(tx, v.Actor, number, v.form("person"), version)
		return err
	})
}

func (v *visit) scopeReport() error {
	return v.triageDeed("The scope is decided.", func(tx *db.Tx, number string, version int64) error {
		_, err := report.ScopeGate(tx, v.Actor, number, v.form("in") != "", v.form("reason"), version)
		return err
	})
}

func (v *visit) decideReport() error {
	return v.triageDeed("Decided; the finder reads the new state.", func(tx *db.Tx, number string, version int64) error {
		_, err := v.reports().Move(tx, v.Actor, number, report.Decision{Verb: mpcvd.RMVerb(v.form("verb")), Reason: v.form("reason"), Note: v.form("note"), Version: version})
		return err
	})
}

func (v *visit) settleReportDate() error {
	return v.triageDeed("The date is settled.", func(tx *db.Tx, number string, version int64) error {
		_, err := report.SettleDate(tx, v.Actor, number, v.form("reason"), version)
		return err
	})
}

// relinkReport gives a coordinator a new link for a finder who lost theirs.
func (v *visit) relinkReport() error {
	if err := v.parse(); err != nil {
		return err
	}
	var receipt report.Receipt
	err := v.write(func(tx *db.Tx) (err error) {
		receipt, err = report.Rotate(tx, v.Actor, v.path("number"))
		return err
	})
	if err != nil {
		return v.refusedTriage(err)
	}
	data := receiptPage{Frame: v.frame("/reports"), Receipt: receipt, Next: look.Button{Label: "Back to the report", Href: report.Path(receipt.Number)}}
	data.Narrow = true
	data.Head = look.RecordHead{Marking: report.Level.String(), Kind: "report", Number: receipt.Number, Title: "The finder's new link", Lede: "Give it to the finder, and to nobody else."}
	data.Secret = look.Secret{Label: "The finder's secret link", Values: []string{v.URL + report.LinkPath(receipt.Secret)}, Warning: "It is shown once. Whoever has it speaks for the finder."}
	return v.show("receipt", data)
}

// sayToReport writes to the finder or the vendor, with files for the finder;
// a vendor's people write to the coordinators.
func (v *visit) sayToReport() error {
	_, files, err := v.takeUpload(func(url.Values) error { return nil })
	if err == nil {
		err = v.write(func(tx *db.Tx) error { return v.saidToReport(tx, files) })
	}
	if err != nil {
		return v.refusedTriage(err)
	}
	return v.next(report.Path(v.path("number")), "It is sent.")
}

func (v *visit) saidToReport(tx *db.Tx, files []report.Upload) (err error) {
	number, text := v.path("number"), v.form("text")
	if text != "" || len(files) == 0 {
		switch v.form("to") {
		case "question":
			_, err = v.reports().Ask(tx, v.Actor, number, text)
		case "vendor":
			_, err = v.reports().Say(tx, v.Actor, number, text, report.Vendor)
		default:
			_, err = v.reports().Say(tx, v.Actor, number, text, report.Finder)
		}
	}
	if err == nil && len(files) > 0 {
		err = report.Attach(tx, v.Actor, number, files, false)
	}
	return err
}
