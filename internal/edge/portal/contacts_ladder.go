package portal

import (
	"fmt"
	"strconv"
	"strings"

	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/oncall"
)

func ladderPath(id string) string { return "/alliance/ladders/" + id }

// ladderPage draws a ladder, and whom it would call if it were begun now.
func (v *visit) ladderPage() error {
	var l contacts.Ladder
	var o orgs.Org
	names := map[string]string{}
	var rotations []contacts.Rotation
	plans := map[oncall.Urgency]oncall.Calls{}
	if err := v.read(func(tx *db.Tx) (err error) {
		if l, err = contacts.GetLadder(tx, v.Actor, v.path("ladder")); err != nil {
			return err
		}
		if o, err = orgs.Load(tx, l.Org); err != nil {
			return err
		}
		list, err := contacts.List(tx, v.Actor, l.Org)
		if err != nil {
			return err
		}
		for _, e := range list {
			names[e.ID] = e.Name
		}
		if rotations, err = contacts.Rotations(tx, v.Actor, l.Org); err != nil {
			return err
		}
		for _, u := range []oncall.Urgency{oncall.Routine, oncall.Emergency} {
			if plans[u], err = contacts.Climb(tx, v.Actor, l.ID, v.now, u); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	data := sheet{Frame: keptLadders.frame(v, o, l, "")}
	data.Parts = []part{{Title: "Steps", Lede: aboutWords(l.About), Drawing: drawLadder(l, names, rotationNames(rotations))}}
	for _, u := range []oncall.Urgency{oncall.Routine, oncall.Emergency} {
		data.Parts = append(data.Parts, part{Title: "Begun now, " + string(u), Table: planTable(plans[u], names, string(u))})
	}
	call := look.Form{Title: "Call it now", Action: orgPath(l.Org) + "/calls", Button: look.Button{Label: "Start the call", Kind: look.Primary}, Hidden: []look.Hidden{{Name: "ladder", Value: l.ID}}, Fields: callFields(l.About)}
	data.Parts = append(data.Parts, part{Form: &call})
	if v.coordinates() || v.isAdmin(l.Org) {
		data.Parts = append(data.Parts, part{Buttons: []look.Button{{Label: "Test this ladder", Action: orgPath(l.Org) + "/tests", Hidden: []look.Hidden{{Name: "ladder", Value: l.ID}}}}})
	}
	if v.keeps(l.Org) {
		data.Head.Actions = []look.Button{{Label: "Edit", Href: ladderPath(l.ID) + "/edit"}, {Label: "Remove…", Href: ladderPath(l.ID) + "/remove"}}
	}
	return v.show("sheet", data)
}

func planTable(plan oncall.Calls, names map[string]string, id string) *look.Table {
	t := &look.Table{ID: "plan-" + id, Caption: "Whom it would call when, " + id, Hidden: true, Whole: true, Columns: []look.Column{{Label: "Whom", Wide: true}, {Label: "When"}, {Label: "By"}, {Label: "Step", Num: true}}, Empty: &look.Empty{Text: "It reaches nobody now."}}
	for _, c := range plan.Calls[:min(len(plan.Calls), 60)] {
		who, sub := names[c.Whom], ""
		if who == "" {
			who = "a contact not shown to you"
		}
		if c.PutOff {
			sub = "put off to the end of quiet hours"
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: who, Sub: sub}, {Time: c.At}, {Text: string(c.Channel)}, {Text: strconv.Itoa(c.Step)}}})
	}
	for _, s := range plan.Skipped[:min(len(plan.Skipped), 20)] {
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Chip: &look.Chip{Label: "nobody", Tone: look.Bad}, Sub: s.Reason}, {Time: s.At}, {}, {Text: strconv.Itoa(s.Step)}}})
	}
	return t
}

func (v *visit) ladderForm(tx *db.Tx, l contacts.Ladder) (*look.Form, error) {
	entries, err := contacts.List(tx, v.Actor, l.Org)
	if err != nil {
		return nil, err
	}
	rotations, err := contacts.Rotations(tx, v.Actor, l.Org)
	if err != nil {
		return nil, err
	}
	shared, err := v.shareField(tx, l.Org, l.Shared)
	shared.Label, shared.Hint = "May be called by the people of", "They see its steps and no address."
	f := &look.Form{Action: v.r.URL.Path, Button: look.Button{Label: "Save the ladder", Kind: look.Primary}, Cancel: &look.Link{Label: "Keep it as it is", Href: orgContactsPath(l.Org)},
		Fields: []look.Field{{Name: "name", Label: "Name", Value: l.Name, Max: 200}, {Name: "about", Label: "What it is for", Hint: "A kind of contact or a topic. Empty: everything.", Value: l.About, Optional: true, Max: 100},
			{Kind: "number", Name: "rounds", Label: "How often it is climbed", Value: strconv.Itoa(max(l.Ladder.Rounds, 1)), Short: true}, shared}}
	for i := range min(len(l.Ladder.Steps)+3, oncall.MaxSteps) {
		s := oncall.Step{Wait: 15}
		if i < len(l.Ladder.Steps) {
			s = l.Ladder.Steps[i]
		}
		f.Groups = append(f.Groups, look.FieldGroup{Title: fmt.Sprintf("Step %d", i+1), Fields: stepFields(strconv.Itoa(i), s, entries, rotations)})
	}
	if l.Version > 0 {
		f.Hidden = []look.Hidden{{Name: "version", Value: strconv.FormatInt(l.Version, 10)}}
		f.Cancel.Href = ladderPath(l.ID)
	}
	return f, err
}

func stepFields(n string, s oncall.Step, entries []contacts.Entry, rotations []contacts.Rotation) []look.Field {
	whom := look.Field{Kind: look.Select, Name: "whom" + n, Label: "Whom", Optional: n != "0", Options: []look.Option{{Label: "–"}}}
	add := func(kind oncall.WhomKind, id, label string) {
		whom.Options = append(whom.Options, look.Option{Value: string(kind) + ":" + id, Label: label, On: s.Whom == oncall.Whom{Kind: kind, ID: id}})
	}
	for _, r := range rotations {
		add(oncall.ByRotation, r.ID, "whoever is on call in "+r.Name)
	}
	for _, e := range entries {
		add(oncall.ByPerson, e.ID, e.Name)
	}
	for _, k := range contacts.Kinds {
		add(oncall.ByRole, string(k), "everybody of the "+string(k))
	}
	channel := look.Field{Kind: look.Select, Name: "channel" + n, Label: "By", Options: []look.Option{{Label: "their own first way"}}}
	for _, c := range []oncall.Channel{oncall.Phone, oncall.Mail, oncall.Chat} {
		channel.Options = append(channel.Options, look.Option{Value: string(c), Label: string(c), On: c == s.Channel})
	}
	return []look.Field{whom, channel, {Kind: "number", Name: "wait" + n, Label: "Minutes to wait after it", Value: strconv.Itoa(s.Wait), Short: true, Optional: true}, {Kind: "number", Name: "tries" + n, Label: "Tries", Value: strconv.Itoa(max(s.Tries, 1)), Short: true, Optional: true}}
}

func (v *visit) ladderInput(l contacts.Ladder) (contacts.Ladder, error) {
	l.Name, l.About, l.Shared, l.Ladder = v.form("name"), v.form("about"), v.r.PostForm["shared"], oncall.Ladder{}
	var bad []errs.Field
	number := func(name string) int {
		s := strings.TrimSpace(v.form(name))
		n, err := strconv.Atoi(s)
		if err != nil && s != "" {
			bad = append(bad, errs.Field{Name: name, Reason: "Give a number."})
		}
		return n
	}
	l.Ladder.Rounds = number("rounds")
	for i := range oncall.MaxSteps {
		n := strconv.Itoa(i)
		kind, id, ok := strings.Cut(v.form("whom"+n), ":")
		if !ok {
			continue
		}
		l.Ladder.Steps = append(l.Ladder.Steps, oncall.Step{Whom: oncall.Whom{Kind: oncall.WhomKind(kind), ID: id}, Channel: oncall.Channel(v.form("channel" + n)), Wait: number("wait" + n), Tries: number("tries" + n)})
	}
	return l, errs.Join(bad)
}
