package portal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/oncall"
)

const membersOffered = 8 // places in a layer's form

func rotationPath(id string) string { return "/alliance/rotations/" + id }

// duty is a rotation with what stands around it.
type duty struct {
	contacts.Rotation
	org      orgs.Org
	entries  []contacts.Entry
	names    map[string]string
	calendar contacts.Calendar
	agreed   []contacts.Override
}

func (v *visit) loadDuty(tx *db.Tx) (d duty, err error) {
	if d.Rotation, err = contacts.GetRotation(tx, v.Actor, v.path("rotation")); err != nil {
		return d, err
	}
	if d.org, err = orgs.Load(tx, d.Org); err != nil {
		return d, err
	}
	if d.entries, err = contacts.List(tx, v.Actor, d.Org); err != nil {
		return d, err
	}
	d.names = map[string]string{}
	for _, e := range d.entries {
		d.names[e.ID] = e.Name
	}
	if d.calendar, err = contacts.Ahead(tx, v.Actor, d.ID, v.now, v.now.AddDate(0, 0, 7*weeksAhead)); err != nil {
		return d, err
	}
	d.agreed, err = contacts.Overrides(tx, v.Actor, d.ID)
	return d, err
}

func (d duty) who(id string) string {
	switch name := d.names[id]; {
	case id == "":
		return "nobody"
	case name == "":
		return "somebody not shown to you"
	default:
		return name
	}
}

func (v *visit) rotationSheet() (sheet, *look.Form, error) {
	var d duty
	if err := v.read(func(tx *db.Tx) (err error) { d, err = v.loadDuty(tx); return err }); err != nil {
		return sheet{}, nil, err
	}
	data := sheet{Frame: keptRotations.frame(v, d.org, d.Rotation, "")}
	t := &look.Table{ID: "duty", Caption: "Who is on call", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Who", Wide: true}, {Label: "From"}, {Label: "Until"}, {Label: "Why"}}}
	for _, s := range d.calendar.Stretches[:min(len(d.calendar.Stretches), 60)] {
		who := look.Cell{Text: d.who(s.Who)}
		if s.Who == "" {
			who = look.Cell{Chip: &look.Chip{Label: "nobody", Tone: look.Bad}}
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{who, {Time: s.From}, {Time: s.To}, {Text: s.Why.String()}}})
	}
	if n := len(d.calendar.Gaps); n > 0 {
		data.Notices = []look.Notice{{Tone: look.Bad, Title: "This rotation has holes", Text: fmt.Sprintf("Nobody is on call %s in the next four weeks, first from %s.", look.Plural(n, "time", "times"), look.UTC(d.calendar.Gaps[0].From))}}
	}
	data.Parts = []part{{Title: "The next four weeks", Lede: aboutWords(d.About) + " Days are in UTC; hand-overs keep their local hour when clocks change.", Drawing: drawDuty(d.calendar, d.names, v.now, d.Name)}, {Title: "Shifts", Table: t}}
	var form *look.Form
	keeps := v.keeps(d.Org)
	data.Parts = append(data.Parts, overridesPart(d, keeps))
	if keeps {
		data.Head.Actions = []look.Button{{Label: "Edit", Href: rotationPath(d.ID) + "/edit"}, {Label: "Remove…", Href: rotationPath(d.ID) + "/remove"}}
		form = v.overrideForm(d)
		data.Parts = append(data.Parts, part{Form: form})
	}
	return data, form, nil
}

func overridesPart(d duty, keeps bool) part {
	t := &look.Table{ID: "overrides", Caption: "Agreed hand-overs", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Who takes over", Wide: true}, {Label: "From"}, {Label: "Until"}, {Label: "Why"}, {Label: "Take back"}}, Empty: &look.Empty{Text: "The rotation holds as it is."}}
	for _, o := range slices.Backward(d.agreed) {
		back := look.Cell{}
		if keeps {
			back.Button = &look.Button{Label: "Take back", Action: rotationPath(d.ID) + "/overrides/" + o.ID + "/remove"}
		}
		if len(t.Rows) < 100 {
			t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: d.who(o.Contact), Sub: o.Layer}, {Time: o.From}, {Time: o.To}, {Text: o.Reason}, back}})
		}
	}
	return part{Title: "Who takes over", Table: t}
}

func (v *visit) overrideForm(d duty) *look.Form {
	who := look.Field{Kind: look.Select, Name: "contact", Label: "Who takes over", Options: []look.Option{{Label: "nobody: a gap that everybody sees"}}}
	for _, e := range d.entries {
		who.Options = append(who.Options, look.Option{Value: e.ID, Label: e.Name, On: e.ID == v.form("contact")})
	}
	zone := v.frameZone()
	fields := []look.Field{who, {Kind: look.DateTime, Name: "from", Label: "From", Hint: "Empty: at once.", Value: v.form("from"), Zone: zone, Optional: true}, {Kind: look.DateTime, Name: "to", Label: "Until", Value: v.form("to"), Zone: zone}}
	if len(d.Layers) > 1 {
		layer := look.Field{Kind: look.Select, Name: "layer", Label: "In", Options: []look.Option{{Label: "the whole rotation"}}}
		for _, l := range d.Layers {
			layer.Options = append(layer.Options, look.Option{Value: l.Name, Label: l.Name})
		}
		fields = append(fields, layer)
	}
	return &look.Form{Title: "Hand over", Action: rotationPath(d.ID) + "/overrides", Button: look.Button{Label: "Hand over"}, Fields: append(fields, look.Field{Name: "reason", Label: "Why", Value: v.form("reason"), Optional: true, Max: 500})}
}

func (v *visit) rotationPage() error {
	data, _, err := v.rotationSheet()
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) handDutyOver() error {
	if err := v.parse(); err != nil {
		return err
	}
	o := contacts.Override{Rotation: v.path("rotation"), Layer: v.form("layer"), Contact: v.form("contact"), Reason: v.form("reason")}
	var err error
	if v.form("from") != "" {
		if o.From, err = look.ParseDateTime(v.form("from"), v.form("from_zone")); err != nil {
			err = errs.Bad("from", "Please correct this: %s.", err)
		}
	}
	if err == nil {
		if o.To, err = look.ParseDateTime(v.form("to"), v.form("to_zone")); err != nil {
			err = errs.Bad("to", "Please correct this: %s.", err)
		}
	}
	if err == nil {
		err = v.write(func(tx *db.Tx) error { _, err := contacts.HandOver(tx, v.Actor, o); return err })
	}
	if err == nil {
		return v.next(rotationPath(o.Rotation), "It is handed over.")
	}
	data, form, loaded := v.rotationSheet()
	if loaded != nil || form == nil {
		return err
	}
	fault(form, err)
	return v.again(err, "sheet", data)
}

func (v *visit) takeDutyBack() error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.write(func(tx *db.Tx) error { return contacts.TakeBack(tx, v.Actor, v.path("rotation"), v.path("override")) }); err != nil {
		return err
	}
	return v.next(rotationPath(v.path("rotation")), "The rotation holds again.")
}

func (v *visit) rotationForm(tx *db.Tx, r contacts.Rotation) (*look.Form, error) {
	entries, err := contacts.List(tx, v.Actor, r.Org)
	if err != nil {
		return nil, err
	}
	shared, err := v.shareField(tx, r.Org, r.Shared)
	f := &look.Form{Action: v.r.URL.Path, Button: look.Button{Label: "Save the rotation", Kind: look.Primary}, Cancel: &look.Link{Label: "Keep it as it is", Href: orgContactsPath(r.Org)},
		Fields: []look.Field{{Name: "name", Label: "Name", Value: r.Name, Max: 200}, {Name: "about", Label: "What it answers for", Hint: "A kind of contact or a topic. Empty: everything.", Value: r.About, Optional: true, Max: 100}, shared}}
	layers := append(slices.Clone(r.Layers), oncall.Rotation{})
	for i, l := range layers[:min(len(layers), oncall.MaxLayers)] {
		title, hint := fmt.Sprintf("Layer %d", i+1), "Where the layer before has nobody, this one answers."
		if i == 0 {
			hint = "Asked first."
		}
		if i == len(r.Layers) && i > 0 {
			title, hint = "One more layer", "Leave its name empty for none."
		}
		f.Groups = append(f.Groups, look.FieldGroup{Title: title, Hint: hint, Fields: v.layerFields(strconv.Itoa(i), l, entries)})
	}
	if r.Version > 0 {
		f.Hidden = []look.Hidden{{Name: "version", Value: strconv.FormatInt(r.Version, 10)}}
		f.Cancel.Href = rotationPath(r.ID)
	}
	return f, err
}

func (v *visit) layerFields(n string, l oncall.Rotation, entries []contacts.Entry) []look.Field {
	start := ""
	if l.Start != 0 {
		start = strings.Replace(l.Start.String(), "T", " ", 1)
	}
	if l.Zone == "" {
		l.Zone = v.frameZone()
	}
	every := look.Field{Kind: look.Select, Name: "every" + n, Label: "A shift lasts", Options: []look.Option{{Value: "7", Label: "a week"}, {Value: "1", Label: "a day"}, {Value: "14", Label: "two weeks"}, {Value: "at", Label: "until the times below"}}}
	days := l.Every.Days + 7*l.Every.Weeks
	if days != 0 && days != 1 && days != 7 && days != 14 {
		every.Options = append(every.Options, look.Option{Value: strconv.Itoa(days), Label: look.Plural(days, "day", "days")})
	}
	at := make([]string, len(l.Every.At))
	for i, w := range l.Every.At {
		at[i] = w.String()
	}
	for i := range every.Options {
		every.Options[i].On = every.Options[i].Value == strconv.Itoa(days) || len(at) > 0 && every.Options[i].Value == "at"
	}
	fields := []look.Field{{Name: "layer" + n, Label: "Name", Value: l.Name, Max: 100, Optional: n != "0", Hint: "Such as days, or nights."}, {Name: "start" + n, Label: "First shift begins", Hint: "Local date and hour: 2026-01-05 09:00", Value: start, Optional: n != "0", Max: 16},
		{Name: "zone" + n, Label: "Time zone", Value: l.Zone, Optional: n != "0", Max: 64}, every, {Name: "at" + n, Label: "Hand-overs of the week", Hint: "Only where a shift lasts until them: Mon 09:00, Thu 17:00", Value: strings.Join(at, ", "), Optional: true, Max: 400}}
	for i := range max(membersOffered, min(len(l.Members)+2, oncall.MaxMembers)) {
		f := look.Field{Kind: look.Select, Name: fmt.Sprintf("member%s_%d", n, i), Label: fmt.Sprintf("Turn %d", i+1), Optional: n != "0" || i > 0, Options: []look.Option{{Label: "–"}}}
		for _, e := range entries {
			f.Options = append(f.Options, look.Option{Value: e.ID, Label: e.Name, On: i < len(l.Members) && l.Members[i] == e.ID})
		}
		fields = append(fields, f)
	}
	return append(append(fields, hoursFields("hours"+n, "On call", "As 09:00, local. Empty: day and night.", l.Hours)...), dayField("days"+n, l.Hours))
}

func (v *visit) rotationInput(r contacts.Rotation) (contacts.Rotation, error) {
	r.Name, r.About, r.Shared, r.Layers = v.form("name"), v.form("about"), v.r.PostForm["shared"], nil
	var bad []errs.Field
	refuse := func(field string, err error) {
		if err != nil {
			bad = append(bad, errs.Field{Name: field, Reason: "Please correct this: " + err.Error() + "."})
		}
	}
	for i := range oncall.MaxLayers {
		n := strconv.Itoa(i)
		l := oncall.Rotation{Name: strings.TrimSpace(v.form("layer" + n)), Zone: strings.TrimSpace(v.form("zone" + n))}
		if l.Name == "" && (i > 0 || v.form("start"+n) == "") {
			continue
		}
		var err error
		l.Start, err = oncall.ParseWall(strings.Replace(strings.TrimSpace(v.form("start"+n)), " ", "T", 1))
		refuse("start"+n, err)
		if v.form("every"+n) == "at" {
			for _, s := range strings.Split(v.form("at"+n), ",") {
				w, err := oncall.ParseWeekly(strings.TrimSpace(s))
				refuse("at"+n, err)
				l.Every.At = append(l.Every.At, w)
			}
		} else {
			l.Every.Days, err = strconv.Atoi(v.form("every" + n))
			refuse("every"+n, err)
			if l.Every.Days > 0 && l.Every.Days%7 == 0 {
				l.Every = oncall.Every{Weeks: l.Every.Days / 7}
			}
		}
		for m := range oncall.MaxMembers {
			if id := v.form(fmt.Sprintf("member%s_%d", n, m)); id != "" {
				l.Members = append(l.Members, id)
			}
		}
		l.Hours, err = windowOf("hours"+n, v.form("hours"+n), v.form("hours"+n+"_to"))
		refuse("hours"+n, err)
		if l.Hours != nil {
			for _, d := range v.r.PostForm["days"+n] {
				if day, err := oncall.ParseDay(d); err == nil {
					l.Hours.Days = append(l.Hours.Days, day)
				}
			}
		}
		r.Layers = append(r.Layers, l)
	}
	return r, errs.Join(bad)
}
