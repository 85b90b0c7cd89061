package portal

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	spec "tocsin/spec/membership"
	"tocsin/spec/mpcvd"
	"tocsin/spec/prose"
)

// standingView is a membership as its page shows it.
type standingView struct {
	membership.Membership
	steps     []membership.Step
	penalties []membership.Penalty
	history   []ledger.Record
	names     map[string]string
	admin     bool // the visitor answers for the member
	keeps     bool // the visitor coordinates, and does not work for the member
	proposes  bool // the visitor may put motions
}

func (v *visit) loadStanding(ref string) (s standingView, err error) {
	err = v.read(func(tx *db.Tx) (err error) {
		if s.Membership, err = membership.StandingIn(tx, v.Actor, ref); err != nil {
			return err
		}
		if s.steps, err = membership.Checklist(tx, v.Actor, s.Ref()); err != nil {
			return err
		}
		if s.penalties, err = membership.Penalties(tx, v.Actor, s.ID); err != nil {
			return err
		}
		if s.ID != "" {
			if s.history, err = ledger.List(tx, v.Actor, ledger.Query{Scope: s.ID, Before: math.MaxInt64, Limit: 50}); err != nil {
				return err
			}
		}
		role, err := orgs.RoleOf(tx, s.Org, v.Actor.Person)
		if err != nil {
			return err
		}
		var who []string
		for _, p := range s.penalties {
			who = append(who, p.By, p.DecidedBy, p.AppealedBy)
		}
		for _, x := range s.steps {
			who = append(who, x.By)
		}
		s.names, err = people.Names(tx, who)
		s.admin = role == orgs.Admin
		s.keeps = role == "" && (charter.IsCoordinator(v.Actor) || s.Program != "" && programs.Coordinates(v.Actor, s.Program))
		if err != nil {
			return err
		}
		room, err := board.AccessOf(tx, v.Actor)
		s.proposes = room.Puts
		return err
	})
	return s, err
}

func (v *visit) standingFrame(s standingView, below string) look.Frame {
	f := v.frame("/alliance")
	at := gate.StandingPath(s.Ref())
	f.Head = look.RecordHead{Kind: "membership", Marking: "TLP:AMBER+STRICT", Title: s.OrgName, Lede: s.ProgramName, State: []look.Chip{*standingChip(s.Standing)},
		Crumbs: []look.Link{{Label: "Standing", Href: standingPath}, {Label: s.OrgName + ", " + s.ProgramName}}}
	if below != "" {
		f.Head.Crumbs[1].Href = at
		f.Head.Crumbs = append(f.Head.Crumbs, look.Link{Label: below})
	}
	return f
}

// membershipPage is how one member stands: its renewal's checklist, its
// sanctions and what can be done about them.
func (v *visit) membershipPage() error {
	s, err := v.loadStanding(v.path("membership"))
	if err != nil {
		return err
	}
	data, _ := v.standingSheet(s)
	return v.show("sheet", data)
}

// standingSheet draws the page; the forms on it by name, so that a refused one
// can be shown again.
func (v *visit) standingSheet(s standingView) (sheet, map[string]*look.Form) {
	forms := map[string]*look.Form{}
	data := sheet{Frame: v.standingFrame(s, "")}
	at := gate.StandingPath(s.Ref())
	if s.Because != "" {
		data.Notices = append(data.Notices, look.Notice{Tone: look.Waiting, Title: s.Standing.Label() + " because of " + s.Because, Text: "By this membership alone it would be: " + strings.ToLower(s.Own.Label()) + "."})
	}
	member := s.Sanction != spec.SanctionEnded
	if s.keeps && member {
		if _, ok := spec.Sanction.Next(s.Sanction, spec.Warn); ok {
			data.Head.Actions = append(data.Head.Actions, look.Button{Label: "Warn…", Href: at + "/warn", Kind: look.Quiet})
		}
		if _, ok := spec.Sanction.Next(s.Sanction, spec.Reduce); ok {
			data.Head.Actions = append(data.Head.Actions, look.Button{Label: "Reduce…", Href: at + "/reduce", Kind: look.Quiet})
		}
	}
	if s.proposes && member {
		if _, ok := spec.Sanction.Next(s.Sanction, spec.Suspend); ok {
			data.Head.Actions = append(data.Head.Actions, look.Button{Label: "Propose to suspend…", Href: at + "/suspend", Kind: look.Quiet})
		}
		if _, ok := spec.Sanction.Next(s.Sanction, spec.Remove); ok {
			data.Head.Actions = append(data.Head.Actions, look.Button{Label: "Propose to remove…", Href: at + "/remove", Kind: look.Quiet})
		}
	}
	data.Parts = append(data.Parts, part{Facts: standingFacts(s)})
	if s.Renewing() {
		data.Parts = append(data.Parts, v.renewalParts(s, forms)...)
	}
	data.Parts = append(data.Parts, v.penaltyParts(s, forms)...)
	if s.Program != "" {
		data.Parts = append(data.Parts, part{ID: "renewals", Title: "How a renewal goes", Drawing: drawing(spec.Renewal, s.Renewal)})
	}
	data.Parts = append(data.Parts, part{ID: "sanctions", Title: "What can be done about a member", Drawing: drawing(spec.Sanction, s.Sanction)})
	if len(s.history) > 0 {
		data.Parts = append(data.Parts, part{ID: "history", Title: "What happened", Table: standingHistory(s)})
	}
	return data, forms
}

func drawing[S ~string, V ~string](m mpcvd.Machine[S, V], at S) template.HTML {
	var b strings.Builder
	if err := mpcvd.Draw(&b, m, at); err != nil {
		return ""
	}
	return template.HTML(b.String())
}

func standingFacts(s standingView) *look.Facts {
	f := &look.Facts{Items: []look.Fact{{Term: "Organization", Text: s.OrgName, Href: orgPath(s.Org)}}}
	if s.Program != "" {
		f.Items = append(f.Items, look.Fact{Term: "Program", Text: s.ProgramName, Href: programPath(s.Program)})
	}
	f.Items = append(f.Items, look.Fact{Term: "Member since", Time: s.Since})
	switch {
	case s.Program == "":
	case s.Due.IsZero():
		f.Items = append(f.Items, look.Fact{Term: "Term ends", Text: "without end"})
	default:
		f.Items = append(f.Items, look.Fact{Term: "Term ends", Time: s.Due})
	}
	if s.Program != "" {
		f.Items = append(f.Items, look.Fact{Term: "Renewal", Chips: []look.Chip{{Label: spec.Renewal.Label(s.Renewal)}}})
	}
	return f
}

func (v *visit) renewalParts(s standingView, forms map[string]*look.Form) []part {
	at := gate.StandingPath(s.Ref())
	t := &look.Table{ID: "steps", Caption: "What the renewal asks for", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Step"}, {Label: "How it stands", Wide: true}, {Label: "Noted"}, {Label: "State"}}}
	go_ := map[membership.StepKind]string{membership.StepAgreements: agreementsPath, membership.StepContacts: "/alliance/contacts"}
	done := map[membership.StepKind]bool{}
	asked := map[membership.StepKind]bool{}
	for _, x := range s.steps {
		done[x.Kind], asked[x.Kind] = x.Done, true
		chip := &look.Chip{Label: "missing", Tone: look.Waiting}
		if x.Done {
			chip = &look.Chip{Label: "done", Tone: look.Good}
		}
		name := look.Cell{Text: string(x.Kind)}
		if !x.Done && s.admin {
			name.Href = go_[x.Kind]
		}
		noted := look.Cell{}
		if !x.At.IsZero() {
			noted = look.Cell{Time: x.At, Sub: s.names[x.By]}
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{name, {Text: x.What, Sub: short(x.Note, 300)}, noted, {Chip: chip}}})
	}
	p := part{ID: "renewal", Title: "Renewal", Lede: "When nothing is missing, an admin of the member or a coordinator renews it. Not renewed in time, its people only read; 30 days later they see nothing of the program until it is renewed.", Table: t}
	if len(membership.Missing(s.steps)) == 0 && (s.admin || s.keeps) {
		p.Buttons = []look.Button{{Label: "Renew the membership", Kind: look.Primary, Action: at + "/renew"}}
	}
	out := []part{p}
	step := func(kind membership.StepKind, label, hint, button string) {
		f := &look.Form{Action: at + "/steps", Hidden: []look.Hidden{{Name: "step", Value: string(kind)}}, Fields: []look.Field{{Kind: look.Area, Name: "note", Label: label, Hint: hint, Rows: 3, Max: 5000, Key: string(kind)}}, Button: look.Button{Label: button}}
		forms[string(kind)] = f
		out = append(out, part{ID: string(kind), Form: f})
	}
	if s.keeps && !done[membership.StepFee] {
		step(membership.StepFee, "How the fee came, or why it is waived", "The member reads this.", "Note the fee")
	}
	if (s.admin || s.keeps) && asked[membership.StepEvidence] {
		step(membership.StepEvidence, "Where the evidence stands now", "Name what changed, or say that all stands where it stood.", "Renew the evidence")
	}
	return out
}

func (v *visit) penaltyParts(s standingView, forms map[string]*look.Form) []part {
	var out []part
	for _, p := range s.penalties {
		out = append(out, v.penaltyPart(s, p, forms)...)
	}
	if len(out) == 0 {
		out = append(out, part{Title: "Sanctions", Lede: "Nothing was ever done about this member."})
	}
	return out
}

var penaltyWords = map[spec.SanctionVerb]string{spec.Warn: "Warning", spec.Reduce: "Reduction", spec.Suspend: "Suspension", spec.Remove: "Removal"}

func (v *visit) penaltyPart(s standingView, p membership.Penalty, forms map[string]*look.Form) []part {
	of := "/alliance/sanctions/" + p.ID
	by := s.names[p.By]
	if p.ByBoard() {
		by = "the board"
	}
	f := &look.Facts{Items: []look.Fact{{Term: "Since", Time: p.At}, {Term: "By", Text: by}, {Term: "Appeal", Chips: []look.Chip{{Label: spec.Appeal.Label(p.Appeal)}}}}}
	add := func(term, text string) {
		if text != "" {
			f.Items = append(f.Items, look.Fact{Term: term, Text: text})
		}
	}
	if p.Motion != "" && s.proposes {
		f.Items = append(f.Items, look.Fact{Term: "Motion", Text: "the board's decision", Href: gate.MotionPath(p.Motion)})
	}
	if p.Appeal == spec.AppealOpen {
		f.Items = append(f.Items, look.Fact{Term: "Appeal until", Time: p.AppealUntil})
	}
	add("Plea", p.Plea)
	add("Decision", p.Decision)
	add("Over because", p.EndReason)
	one := part{ID: p.ID, Title: penaltyWords[p.Kind], Prose: prose.HTML(p.Reason), Facts: f}
	running := p.EndedAt.IsZero() && s.Sanction != spec.SanctionEnded
	if !running {
		one.Title += ", over"
	} else if !p.Current() {
		one.Title += ", followed by a heavier one"
	}
	if running && s.keeps && !p.ByBoard() {
		one.Buttons = append(one.Buttons, look.Button{Label: "Lift…", Kind: look.Quiet, Href: of + "/lift"})
	}
	if running && s.proposes && p.ByBoard() {
		one.Buttons = append(one.Buttons, look.Button{Label: "Put to the board that it be lifted", Action: of + "/board"})
	}
	out := []part{one}
	form := func(name string, g *look.Form) {
		forms[name+p.ID] = g
		out = append(out, part{ID: name + "-" + p.ID, Form: g})
	}
	if s.admin && running && p.Appeal == spec.AppealOpen && v.now.Before(p.AppealUntil) {
		form("appeal", &look.Form{Action: of + "/appeal", Title: "Appeal", Lede: fmt.Sprintf("Until %s. The %s stays in force until the appeal is decided.", look.UTC(p.AppealUntil), strings.ToLower(penaltyWords[p.Kind])),
			Fields: []look.Field{{Kind: look.Area, Name: "plea", Label: "Why it is wrong, or too hard", Rows: 6, Max: 5000, Key: p.ID}}, Button: look.Button{Label: "Appeal"}, Draft: "appeal-" + p.ID})
	}
	if s.keeps && p.Appeal == spec.AppealFiled && !p.ByBoard() && p.By != v.Actor.Person {
		form("decide", &look.Form{Action: of + "/decide", Title: "Decide on the appeal", Fields: []look.Field{
			{Kind: look.Radio, Name: "overturn", Label: "Decision", Key: p.ID, Options: []look.Option{{Value: "", Label: "Upheld", Hint: "The sanction stands.", On: true}, {Value: "1", Label: "Overturned", Hint: "The member stands as before it, from the next request on."}}},
			{Kind: look.Area, Name: "reason", Label: "Reasons", Hint: "The member reads them.", Rows: 4, Max: 5000, Key: p.ID}}, Button: look.Button{Label: "Decide"}})
	}
	return out
}

func standingHistory(s standingView) *look.Table {
	t := &look.Table{ID: "events", Caption: "What happened", Hidden: true, Whole: true, Columns: []look.Column{{Label: "When"}, {Label: "What", Wide: true}}}
	for _, r := range s.history {
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Time: r.At}, {Text: eventText(r)}}})
	}
	return t
}
