package portal

import (
	"fmt"
	"slices"
	"strconv"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// editableAgreement loads the agreement of the path for who may change it.
func (v *visit) editableAgreement(tx *db.Tx) (agreements.Agreement, error) {
	g, err := agreements.Get(tx, v.Actor, v.path("agreement"))
	if err == nil && !agreements.Edits(v.Actor, g) {
		err = errs.New(errs.Denied, "Only operators and coordinators may change agreements.")
		if g.Kind == agreements.CaseTerms {
			err = errs.New(errs.Denied, "The case terms are edited in the alliance's settings.")
		}
	}
	return g, err
}

// agreementChoices are what the form of an agreement's facts offers.
type agreementChoices struct {
	others   []agreements.Agreement
	programs []programs.Program
}

func (v *visit) agreementChoices(tx *db.Tx, g agreements.Agreement) (c agreementChoices, err error) {
	if c.others, err = agreements.List(tx, v.Actor, agreements.Filter{}); err != nil {
		return c, err
	}
	c.others = slices.DeleteFunc(c.others, func(x agreements.Agreement) bool {
		return x.Kind == agreements.CaseTerms || x.ID == g.ID
	})
	c.programs, err = programs.List(tx, v.Actor)
	return c, err
}

func agreementFields(g agreements.Agreement, c agreementChoices) []look.Field {
	kind := look.Field{Kind: look.Select, Name: "kind", Label: "Kind"}
	for _, k := range agreements.Kinds[:4] {
		kind.Options = append(kind.Options, look.Option{Value: string(k), Label: agreementWords[k], On: k == g.Kind})
	}
	sight := look.Field{Kind: look.Radio, Name: "sight", Label: "Who may read it"}
	for _, s := range agreements.Sights {
		sight.Options = append(sight.Options, look.Option{Value: string(s), Label: readerWords[s], On: s == g.Sight || g.Sight == "" && s == agreements.Members})
	}
	program := look.Field{Kind: look.Select, Name: "program_id", Label: "Kept by", Optional: true, Hint: "A program's own coordinators may then change it too.", Options: []look.Option{{Label: "The alliance", On: g.Program == ""}}}
	for _, p := range c.programs {
		program.Options = append(program.Options, look.Option{Value: p.ID, Label: p.Name, On: p.ID == g.Program})
	}
	out := []look.Field{{Name: "title", Label: "Title", Value: g.Title, Max: agreements.MaxTitle}, kind, sight, program}
	if len(c.others) == 0 {
		return out
	}
	also := look.Field{Kind: look.CheckBoxes, Name: "also", Label: "Also satisfied by", Optional: true, Hint: "Whoever accepted one of these need not accept this one, such as the memorandum of those who cannot sign an NDA."}
	for _, x := range c.others {
		also.Options = append(also.Options, look.Option{Value: x.ID, Label: x.Title, Hint: agreementWords[x.Kind], On: slices.Contains(g.Also, x.ID)})
	}
	return append(out, also)
}

func (v *visit) agreementInput(g agreements.Agreement) agreements.Agreement {
	g.Title, g.Kind, g.Sight, g.Program, g.Also = v.form("title"), agreements.Kind(v.form("kind")), agreements.Sight(v.form("sight")), v.form("program_id"), v.r.PostForm["also"]
	return g
}

func textField(body string) look.Field {
	return look.Field{Kind: look.Area, Name: "body", Label: "Text", Hint: "Markdown. A version never changes once it stands.", Value: body, Rows: 18, Max: agreements.MaxBody}
}

func (v *visit) newAgreementSheet(g agreements.Agreement) (sheet, error) {
	if err := v.administers("write agreements"); err != nil {
		return sheet{}, err
	}
	var c agreementChoices
	err := v.read(func(tx *db.Tx) (err error) {
		c, err = v.agreementChoices(tx, g)
		return err
	})
	f := v.allianceFrame(agreementsPath)
	f.Head = look.RecordHead{Title: "Write an agreement", Crumbs: []look.Link{{Label: "Agreements", Href: agreementsPath}, {Label: "Write an agreement"}}}
	return formSheet(f, look.Form{Action: agreementsPath + "/new", Fields: append(agreementFields(g, c), textField(g.Current.Body)), Draft: "agreement",
		Button: look.Button{Label: "Keep it as version 1", Kind: look.Primary}, Cancel: &look.Link{Label: "Not now", Href: agreementsPath}}), err
}

func (v *visit) newAgreement() error {
	data, err := v.newAgreementSheet(agreements.Agreement{Kind: agreements.NDA})
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) makeAgreement() error {
	if err := v.parse(); err != nil {
		return err
	}
	in := v.agreementInput(agreements.Agreement{})
	in.Current.Body = v.form("body")
	var made agreements.Agreement
	err := v.write(func(tx *db.Tx) (err error) {
		made, err = agreements.Make(tx, v.Actor, in)
		return err
	})
	if err == nil {
		return v.next(gate.AgreementPath(made.ID), "The agreement stands. Programs can ask for it now, in their rules.")
	}
	data, e := v.newAgreementSheet(in)
	if e != nil {
		return e
	}
	fault(data.Parts[0].Form, err)
	return v.again(err, "sheet", data)
}

func (v *visit) editAgreementSheet(in *agreements.Agreement) (sheet, agreements.Agreement, error) {
	var g agreements.Agreement
	var c agreementChoices
	err := v.read(func(tx *db.Tx) (err error) {
		if g, err = v.editableAgreement(tx); err == nil {
			c, err = v.agreementChoices(tx, g)
		}
		return err
	})
	if err != nil {
		return sheet{}, g, err
	}
	shown := g
	if in != nil {
		shown = *in
	}
	return formSheet(v.agreementFrame(g, "Edit"), look.Form{Action: gate.AgreementPath(g.ID) + "/edit", Lede: "The text is changed by a new version.", Fields: agreementFields(shown, c), Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(g.Version, 10)}},
		Button: look.Button{Label: "Save the agreement", Kind: look.Primary}, Cancel: &look.Link{Label: "Keep it as it is", Href: gate.AgreementPath(g.ID)}}), g, nil
}

func (v *visit) editAgreement() error {
	data, _, err := v.editAgreementSheet(nil)
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) saveAgreement() error {
	if err := v.parse(); err != nil {
		return err
	}
	_, g, err := v.editAgreementSheet(nil)
	if err != nil {
		return err
	}
	in := v.agreementInput(g)
	if in.Version, err = v.version(); err != nil {
		return err
	}
	err = v.write(func(tx *db.Tx) error {
		_, err := agreements.Edit(tx, v.Actor, in)
		return err
	})
	if err == nil {
		return v.next(gate.AgreementPath(g.ID), "The agreement is saved.")
	}
	data, _, e := v.editAgreementSheet(&in)
	if e != nil {
		return e
	}
	if theirs, ok := stale[agreements.Agreement](err); ok {
		data.Notices = []look.Notice{faster("Theirs: " + theirs.Title + ", " + agreementWords[theirs.Kind] + ", read by: " + readerWords[theirs.Sight] + ".")}
	}
	fault(data.Parts[0].Form, err)
	return v.again(err, "sheet", data)
}

// turnQuestion asks before an agreement is withdrawn or restored.
func (v *visit) turnQuestion() (look.Frame, look.Confirm, agreements.Agreement, error) {
	var g agreements.Agreement
	err := v.read(func(tx *db.Tx) (err error) {
		g, err = v.editableAgreement(tx)
		return err
	})
	if err != nil {
		return look.Frame{}, look.Confirm{}, g, err
	}
	c := look.Confirm{Title: "Withdraw " + g.Title, What: "Nobody can accept it any more, and it satisfies no other agreement. What was accepted stays on record.", Whom: "Whoever is bound by it, and whoever satisfies another agreement by it.", Undo: "Restore it.",
		Button: look.Button{Label: "Withdraw the agreement", Kind: look.Danger}, Cancel: gate.AgreementPath(g.ID)}
	if g.State == agreements.Withdrawn {
		c = look.Confirm{Title: "Restore " + g.Title, What: "It can be accepted and required again; acceptances of its present version count again.", Whom: "Everybody who may read it.", Undo: "Withdraw it again.",
			Button: look.Button{Label: "Restore the agreement", Kind: look.Primary}, Cancel: gate.AgreementPath(g.ID)}
	}
	c.Action, c.Hidden = v.r.URL.Path, []look.Hidden{{Name: "version", Value: strconv.FormatInt(g.Version, 10)}}
	return v.agreementFrame(g, "State"), c, g, nil
}

func (v *visit) askTurnAgreement() error {
	f, c, _, err := v.turnQuestion()
	if err != nil {
		return err
	}
	return v.ask(f, c)
}

func (v *visit) withdrawAgreement() error {
	return v.turnAgreement(agreements.Withdraw, "The agreement is withdrawn.")
}

func (v *visit) restoreAgreement() error {
	return v.turnAgreement(agreements.Restore, "The agreement is in use again.")
}

type turnVerb = func(*db.Tx, audience.Actor, string, int64) (agreements.Agreement, error)

func (v *visit) turnAgreement(verb turnVerb, done string) error {
	if err := v.parse(); err != nil {
		return err
	}
	n, err := v.version()
	if err != nil {
		return err
	}
	err = v.write(func(tx *db.Tx) error {
		_, err := verb(tx, v.Actor, v.path("agreement"), n)
		return err
	})
	if err == nil {
		return v.next(gate.AgreementPath(v.path("agreement")), done)
	}
	f, c, _, e := v.turnQuestion()
	if e != nil {
		return err
	}
	c.Error = gate.Public(err).Text
	return v.again(err, "sheet", sheet{Frame: f, Confirm: &c})
}

// loadRevision is the agreement with whom a new version would block.
func (v *visit) loadRevision() (g agreements.Agreement, e agreements.Effects, err error) {
	err = v.read(func(tx *db.Tx) (err error) {
		if g, err = v.editableAgreement(tx); err == nil {
			e, err = agreements.Preview(tx, v.Actor, g.ID)
		}
		return err
	})
	return g, e, err
}

func (v *visit) revisionForm(g agreements.Agreement, body, note string, demands bool) look.Form {
	return look.Form{Action: gate.AgreementPath(g.ID) + "/revise", Draft: "agreement-" + g.ID, Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(g.Version, 10)}},
		Fields: []look.Field{textField(body), {Name: "note", Label: "What changed", Hint: "In a sentence, for those who accept it.", Value: note, Optional: true, Max: agreements.MaxNote},
			{Kind: look.CheckBox, Name: "demands", Label: "Demand acceptance anew", Hint: "What requires the agreement closes at once to whoever has not accepted this version. You are asked once more before that.", Value: "yes", On: demands, Optional: true}},
		Button: look.Button{Label: fmt.Sprintf("Keep it as version %d", g.Current.Number+1), Kind: look.Primary}, Cancel: &look.Link{Label: "Keep the text as it is", Href: gate.AgreementPath(g.ID)}}
}

// effectParts show whom a version blocks that demands acceptance anew.
func effectParts(e agreements.Effects) []part {
	table := func(id, caption, empty string, list []agreements.Affected) *look.Table {
		t := &look.Table{ID: id, Caption: caption, Whole: true, Empty: &look.Empty{Text: empty}, Columns: []look.Column{{Label: caption, Wide: true}}, Hidden: true}
		for _, x := range list[:min(len(list), 500)] {
			c := look.Cell{Text: x.Name}
			switch x.Kind {
			case "org":
				c.Href = orgPath(x.ID)
			case "program":
				c.Href = programPath(x.ID)
			}
			t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{c}})
		}
		return t
	}
	lede := fmt.Sprintf("%s in %s would be closed to %s until an admin accepts.", look.Plural(e.Records, "audience", "audiences"), look.Plural(len(e.Programs)+e.Unnamed.Programs, "program", "programs"), look.Plural(len(e.Blocked)+e.Unnamed.Blocked, "party", "parties"))
	if n := len(e.Kept) + e.Unnamed.Kept; n > 0 {
		lede += " " + look.Plural(n, "party is", "parties are") + " bound by another agreement that satisfies this one, and would not be asked."
	}
	if n := e.Unnamed.Blocked + e.Unnamed.Waiting + e.Unnamed.Kept; n > 0 {
		lede += fmt.Sprintf(" Not named here: %s that your program does not show you.", look.Plural(n, "party", "parties"))
	}
	out := []part{{ID: "effects", Title: "If acceptance is demanded anew", Lede: lede, Table: table("blocked", "Blocked until they accept", "Nobody who has access now would be blocked.", e.Blocked)}}
	if len(e.Programs) > 0 {
		out = append(out, part{Title: "Programs that ask for it", Table: table("asking", "Program", "", e.Programs)})
	}
	if len(e.Waiting) > 0 {
		out = append(out, part{Title: "Waiting already", Table: table("waiting", "Has not accepted what stands now", "", e.Waiting)})
	}
	return out
}

func (v *visit) reviseAgreementPage() error {
	g, e, err := v.loadRevision()
	if err != nil {
		return err
	}
	f := v.revisionForm(g, g.Current.Body, "", false)
	return v.show("sheet", sheet{Frame: v.agreementFrame(g, "New version"), Parts: append([]part{{Form: &f}}, effectParts(e)...)})
}

// reviseAgreement keeps a new version. One that demands acceptance anew is
// asked for twice, the second time naming whom it blocks.
func (v *visit) reviseAgreement() error {
	if err := v.parse(); err != nil {
		return err
	}
	g, e, err := v.loadRevision()
	if err != nil {
		return err
	}
	in := agreements.Revision{Agreement: g.ID, Body: v.form("body"), Note: v.form("note"), Demands: v.form("demands") != ""}
	if in.Version, err = v.version(); err != nil {
		return err
	}
	if in.Demands && v.form("sure") == "" && in.Version == g.Version {
		return v.show("sheet", sheet{Frame: v.agreementFrame(g, "New version"), Parts: effectParts(e), Confirm: &look.Confirm{Title: fmt.Sprintf("Demand acceptance of version %d of %s anew", g.Current.Number+1, g.Title),
			What: fmt.Sprintf("%s lose sight, from the next request on, of what requires the agreement, until an admin accepts the new version. All are told.", look.Plural(len(e.Blocked)+e.Unnamed.Blocked, "party", "parties")),
			Whom: fmt.Sprintf("The parties below, in %s.", look.Plural(len(e.Programs)+e.Unnamed.Programs, "program", "programs")), Undo: "It cannot be undone; who accepts is let in again.",
			Action: gate.AgreementPath(g.ID) + "/revise", Hidden: []look.Hidden{{Name: "version", Value: v.form("version")}, {Name: "body", Value: in.Body}, {Name: "note", Value: in.Note}, {Name: "demands", Value: "yes"}, {Name: "sure", Value: "yes"}},
			Button: look.Button{Label: "Demand acceptance anew", Kind: look.Danger}, Cancel: gate.AgreementPath(g.ID) + "/revise"}})
	}
	err = v.write(func(tx *db.Tx) error {
		_, err := agreements.Revise(tx, v.Actor, in)
		return err
	})
	if err == nil {
		return v.next(gate.AgreementPath(g.ID), "The new version stands.")
	}
	f := v.revisionForm(g, in.Body, in.Note, in.Demands)
	data := sheet{Frame: v.agreementFrame(g, "New version"), Parts: append([]part{{Form: &f}}, effectParts(e)...)}
	if theirs, ok := stale[agreements.Agreement](err); ok {
		data.Notices = []look.Notice{faster(fmt.Sprintf("Version %d stands now: %s", theirs.Current.Number, short(theirs.Current.Body, 500)))}
	}
	fault(&f, err)
	return v.again(err, "sheet", data)
}
