package portal

import (
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/ballot"
	"tocsin/spec/tlp"
)

// subjects are what a motion can be about, for the form's list.
func (v *visit) subjects(m board.Motion) (look.Field, error) {
	f := look.Field{Kind: look.Select, Name: "object", Label: "What it is about", Hint: "The seat of an organization that the motion is about takes no part.", Optional: true, Options: []look.Option{{Value: "", Label: "nothing in particular", On: m.Object.ID == ""}}}
	value := m.Object.Kind + ":" + m.Object.ID
	found := m.Object.ID == ""
	add := func(kind, id, label string) {
		o := look.Option{Value: kind + ":" + id, Label: label, On: kind+":"+id == value}
		found = found || o.On
		f.Options = append(f.Options, o)
	}
	err := v.read(func(tx *db.Tx) error {
		list, err := programs.List(tx, v.Actor)
		if err != nil {
			return err
		}
		for _, p := range list {
			add("program", p.ID, "program: "+p.Name)
		}
		members, err := orgs.List(tx, v.Actor, orgs.Filter{Listed: true, Limit: 500})
		if err != nil {
			return err
		}
		for _, o := range members.Orgs {
			add("org", o.ID, o.Name)
		}
		if found {
			return nil
		}
		other, err := v.named(tx, "", m.Object.Kind, m.Object.ID)
		add(m.Object.Kind, m.Object.ID, other.Text)
		return err
	})
	return f, err
}

func (v *visit) motionForm(m board.Motion) (*look.Form, error) {
	kind := look.Field{Kind: look.Select, Name: "kind", Label: "It asks to"}
	for _, k := range board.Kinds {
		kind.Options = append(kind.Options, look.Option{Value: string(k), Label: motionWords[k], On: m.Kind == k})
	}
	if !slices.Contains(board.Kinds, m.Kind) { // an old draft: nothing is chosen for its writer
		kind.Options = append(kind.Options, look.Option{Value: string(m.Kind), Label: motionWords[m.Kind], On: true})
	}
	about, err := v.subjects(m)
	if err != nil {
		return nil, err
	}
	form := look.Field{Kind: look.Radio, Name: "sealed", Label: "Ballot", Options: []look.Option{{Value: "", Label: "Open", Hint: "The board reads each vote, with its reason, at once.", On: !m.Sealed},
		{Value: "1", Label: "Sealed", Hint: "Nobody reads a vote, ever; the count comes at the close.", On: m.Sealed}}}
	level := look.Field{Kind: look.Select, Name: "tlp", Label: "Marking"}
	for _, l := range []tlp.Level{tlp.Green, tlp.Amber, tlp.AmberStrict} {
		level.Options = append(level.Options, look.Option{Value: l.String(), Label: l.String(), On: l == m.Level})
	}
	zone := "UTC"
	if z := v.frameZone(); z != "" {
		zone = z
	}
	deadline := look.Field{Kind: look.DateTime, Name: "deadline", Label: "Deadline", Hint: "The first instant at which no vote is taken, with its zone. Left empty: in seven days. A motion that is carried out once it is decided is open for at least 24 hours, unless its quorum is 1/1.", Optional: true, Zone: zone}
	if !m.Deadline.IsZero() {
		deadline.Value, deadline.Zone = m.Deadline.UTC().Format("2006-01-02T15:04"), "UTC"
	}
	f := &look.Form{Action: v.r.URL.Path, Button: look.Button{Label: "Save the draft", Kind: look.Primary}, Cancel: &look.Link{Label: "Not now", Href: boardPath}, Draft: "motion-" + m.ID,
		Fields: []look.Field{{Name: "title", Label: "The question in one line", Value: m.Title, Max: 200}, kind, about,
			{Kind: look.Area, Name: "text", Label: "The motion", Hint: "Markdown: what is to be decided, and why.", Value: m.Text, Rows: 8, Max: 20000, Optional: true}, form, deadline},
		Groups: []look.FieldGroup{{Title: "Rules of this ballot", Fields: []look.Field{
			{Name: "quorum", Label: "Quorum", Hint: "Part of the electorate that must vote, as 1/2; not less for a motion that is carried out once it is decided.", Value: m.Rules.Quorum.String(), Short: true},
			{Name: "majority", Label: "Majority", Hint: "Part of the votes for and against, from 1/2 to 1/1.", Value: m.Rules.Majority.String(), Short: true},
			{Kind: look.CheckBox, Name: "early", Label: "Close once everybody who may has voted", Value: "1", On: m.Early}, level}}}}
	if m.ID != "" {
		f.Hidden, f.Cancel = []look.Hidden{{Name: "version", Value: strconv.FormatInt(m.Version, 10)}}, &look.Link{Label: "Keep it as it is", Href: gate.MotionPath(m.Number)}
	}
	return f, nil
}

// motionInput reads the form into m.
func (v *visit) motionInput(m board.Motion) (board.Motion, error) {
	var bad []errs.Field
	refuse := func(name, reason string) { bad = append(bad, errs.Field{Name: name, Reason: reason}) }
	m.Title, m.Kind, m.Text = v.form("title"), board.Kind(v.form("kind")), v.form("text")
	kind, id, _ := strings.Cut(v.form("object"), ":")
	m.Object = ledger.Object{Kind: kind, ID: id}
	m.Sealed, m.Early = v.form("sealed") != "", v.form("early") != ""
	var err error
	if m.Level, err = tlp.Parse(v.form("tlp")); err != nil {
		refuse("tlp", "Choose a marking.")
	}
	for _, x := range []struct {
		name string
		to   *ballot.Fraction
	}{{"quorum", &m.Rules.Quorum}, {"majority", &m.Rules.Majority}} {
		if *x.to, err = ballot.ParseFraction(v.form(x.name)); err != nil {
			refuse(x.name, "Please "+err.Error()+".")
		}
	}
	if at := v.form("deadline"); at == "" {
		m.Deadline = v.now.AddDate(0, 0, 7)
	} else if m.Deadline, err = look.ParseDateTime(at, v.form("deadline_zone")); err != nil {
		refuse("deadline", "Please correct the deadline: "+err.Error()+".")
	}
	return m, errs.Join(bad)
}

func (v *visit) motionSheet(m board.Motion) (sheet, error) {
	f := v.boardFrame()
	f.Head = look.RecordHead{Title: "Put a motion", Crumbs: []look.Link{{Label: "Board", Href: boardPath}, {Label: "Put a motion"}}}
	if m.ID != "" {
		f = v.motionFrame(motionView{Motion: m}, "Edit")
	}
	form, err := v.motionForm(m)
	if err != nil {
		return sheet{}, err
	}
	return formSheet(f, *form), nil
}

func (v *visit) mayPut() error {
	x, err := v.boardAccess()
	if err == nil && !x.Puts {
		err = errs.New(errs.Denied, "Only who sits on the board, and the coordinators, may put motions.")
	}
	return err
}

func (v *visit) newMotion() error {
	if err := v.mayPut(); err != nil {
		return err
	}
	data, err := v.motionSheet(board.Motion{Kind: board.Other, Level: tlp.AmberStrict, Rules: ballot.Rules{Quorum: ballot.DefaultQuorum, Majority: ballot.DefaultMajority}})
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) createMotion() error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.mayPut(); err != nil {
		return err
	}
	in, err := v.motionInput(board.Motion{})
	if err == nil {
		var made board.Motion
		if err = v.write(func(tx *db.Tx) (err error) {
			made, err = board.Propose(tx, v.Actor, in)
			return err
		}); err == nil {
			return v.next(gate.MotionPath(made.Number), made.Number+" is a draft. Put it to the vote when it is ready.")
		}
	}
	return v.motionAgain(in, err)
}

// draftOf is the draft of the path, for who may edit it.
func (v *visit) draftOf() (m board.Motion, err error) {
	err = v.read(func(tx *db.Tx) error {
		if m, err = board.Get(tx, v.Actor, v.path("motion")); err != nil {
			return err
		}
		leads, err := board.Leads(tx, v.Actor, m)
		switch {
		case err == nil && !leads:
			err = errs.New(errs.Denied, "Only who proposed the motion, and the coordinators, may do this.")
		case err == nil && m.State != ballot.Draft:
			err = errs.New(errs.Conflict, "The motion is %s; only a draft can be edited.", strings.ToLower(ballot.Motion.Label(m.State)))
		}
		return err
	})
	return m, err
}

func (v *visit) editMotion() error {
	m, err := v.draftOf()
	if err != nil {
		return err
	}
	data, err := v.motionSheet(m)
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) saveMotion() error {
	if err := v.parse(); err != nil {
		return err
	}
	m, err := v.draftOf()
	if err != nil {
		return err
	}
	version, err := v.version()
	if err != nil {
		return err
	}
	in, err := v.motionInput(m)
	in.Version = version
	if err == nil {
		if err = v.write(func(tx *db.Tx) error {
			_, err := board.Revise(tx, v.Actor, in)
			return err
		}); err == nil {
			return v.next(gate.MotionPath(m.Number), "The draft is saved.")
		}
	}
	return v.motionAgain(in, err)
}

func (v *visit) motionAgain(in board.Motion, err error) error {
	data, e := v.motionSheet(in)
	if e != nil {
		return e
	}
	form := data.Parts[0].Form
	if at := v.form("deadline"); at != "" { // as it was typed, also where it cannot be read
		for i, f := range form.Fields {
			if f.Name == "deadline" {
				form.Fields[i].Value, form.Fields[i].Zone = at, v.form("deadline_zone")
			}
		}
	}
	for i, f := range form.Groups[0].Fields {
		if f.Name == "quorum" || f.Name == "majority" {
			form.Groups[0].Fields[i].Value = v.form(f.Name)
		}
	}
	if theirs, ok := stale[board.Motion](err); ok {
		form.Hidden[0].Value = strconv.FormatInt(theirs.Version, 10)
		data.Notices = []look.Notice{faster("Theirs: " + theirs.Title + ". " + short(theirs.Text, 500))}
	}
	fault(form, renamed(err, map[string]string{"object.kind": "object", "object.id": "object"}))
	return v.again(err, "sheet", data)
}
