package portal

import (
	"fmt"
	"strconv"
	"strings"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/pgp"
)

// orgView is an organization with what the visitor may know of it. A list
// that is not theirs to see is not there, and said to be so.
type orgView struct {
	orgs.Org
	runs        bool // may invite, remove and edit
	insider     bool // sees people and components
	members     []orgs.Membership
	components  []orgs.Component
	programs    []programs.Program
	invitations []people.Invitation
}

func (v *visit) loadOrg(tx *db.Tx) (o orgView, err error) {
	if o.Org, err = orgs.Get(tx, v.Actor, v.path("org")); err != nil {
		return o, err
	}
	if o.runs, err = orgs.Runs(tx, v.Actor, o.ID); err != nil {
		return o, err
	}
	if o.programs, err = programs.Of(tx, v.Actor, o.ID); err != nil {
		return o, err
	}
	switch o.members, err = orgs.Members(tx, v.Actor, o.ID); {
	case errs.Is(err, errs.Denied):
		return o, nil
	case err != nil:
		return o, err
	}
	o.insider = true
	if o.components, err = orgs.Components(tx, v.Actor, o.ID); err != nil || !o.runs {
		return o, err
	}
	o.invitations, err = people.Invitations(tx, v.Actor, o.ID)
	return o, err
}

// orgFrame is the frame of an organization's pages; below names the page
// under it, or "".
func (v *visit) orgFrame(o orgs.Org, below string) look.Frame {
	f := v.allianceFrame("/alliance")
	f.Head.Kind, f.Head.Title = "organization", o.Name
	f.Head.Tabs = nil
	f.Head.Crumbs = []look.Link{{Label: "Alliance", Href: "/alliance"}, {Label: o.Name, Href: orgPath(o.ID)}}
	if below == "" {
		f.Head.Crumbs[1].Href = ""
	} else {
		f.Head.Crumbs = append(f.Head.Crumbs, look.Link{Label: below})
	}
	f.Head.State = []look.Chip{{Label: classWords[o.Class]}}
	if o.State != orgs.Active {
		f.Head.State = append(f.Head.State, look.Chip{Label: string(o.State), Tone: look.Bad})
	}
	if !o.Listed {
		f.Head.State = append(f.Head.State, look.Chip{Label: "known, not a member"})
	}
	return f
}

// The parts of an organization's page that forms are refused on.
const (
	invitePart = iota
	componentPart
)

func (v *visit) organization() error {
	data, _, err := v.orgSheet()
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

// orgSheet draws an organization; forms are the ones that can be refused, by
// invitePart and componentPart, nil where the visitor has none.
func (v *visit) orgSheet() (sheet, [2]*look.Form, error) {
	var o orgView
	var forms [2]*look.Form
	err := v.read(func(tx *db.Tx) (err error) {
		o, err = v.loadOrg(tx)
		return err
	})
	if err != nil {
		return sheet{}, forms, err
	}
	data := sheet{Frame: v.orgFrame(o.Org, "")}
	if o.runs {
		data.Head.Actions = []look.Button{{Label: "Edit", Href: orgPath(o.ID) + "/edit"}}
		forms[invitePart] = inviteForm(orgPath(o.ID)+"/invite", inviteInput{role: string(orgs.Responder)})
		forms[componentPart] = componentForm(o.ID, "", "")
	}
	data.Parts = append(data.Parts, part{Facts: v.orgFacts(o)})
	if !o.insider {
		data.Parts = append(data.Parts, part{Lede: "Who works there and what it ships is shown to its own people and to the alliance's staff."})
		return data, forms, nil
	}
	team := part{ID: "people", Title: "People", Table: membersTable(o, v.Actor.Person), Form: forms[invitePart]}
	for _, m := range o.members {
		if m.Person == v.Actor.Person {
			team.Buttons = []look.Button{{Label: "Leave " + o.Name + "…", Href: orgPath(o.ID) + "/members/" + m.ID + "/remove"}}
		}
	}
	data.Parts = append(data.Parts, team)
	if t := invitationsTable(o.invitations, nil); t != nil {
		data.Parts = append(data.Parts, part{Title: "Open invitations", Table: t})
	}
	data.Parts = append(data.Parts, part{ID: "components", Title: "What it ships", Lede: "Components in its products. Whoever coordinates a flaw in one of them finds this organization by it.", Table: componentsTable(o), Form: forms[componentPart]})
	return data, forms, nil
}

func (v *visit) orgFacts(o orgView) *look.Facts {
	f := &look.Facts{}
	add := func(term, text string) {
		if text != "" {
			f.Items = append(f.Items, look.Fact{Term: term, Text: text})
		}
	}
	if o.Website != "" {
		f.Items = append(f.Items, look.Fact{Term: "Website", Text: o.Website, Href: o.Website})
	}
	add("Contact", o.Email)
	add("Domains", strings.Join(o.Domains, ", "))
	if key, err := pgp.ParsePublic([]byte(o.PGPKey)); o.PGPKey != "" && err == nil {
		info := key.Info(v.now)
		f.Items = append(f.Items, look.Fact{Term: "OpenPGP key", Text: spaced(info.Fingerprint), Code: true})
		add("Concerns", strings.Join(info.Concerns, " "))
	}
	programs := look.Fact{Term: "Programs"}
	for _, p := range o.programs {
		programs.Links = append(programs.Links, look.Link{Label: p.Name, Href: programPath(p.ID)})
	}
	if len(programs.Links) > 0 {
		f.Items = append(f.Items, programs)
	}
	f.Items = append(f.Items, look.Fact{Term: "Constituency", Text: "What it answers for", Href: orgClaims(o.ID)}, look.Fact{Term: "Here since", Time: o.CreatedAt})
	return f
}

func membersTable(o orgView, self string) *look.Table {
	t := &look.Table{ID: "members", Caption: "People of " + o.Name, Hidden: true, Whole: true, Filter: len(o.members) > 15, Empty: &look.Empty{Text: "Nobody yet."},
		Columns: []look.Column{{Label: "Name", Wide: true}, {Label: "Mail address"}, {Label: "Role"}, {Label: "Asked"}, {Label: "Order", Num: true}, {Label: "Since"}}}
	if o.runs {
		t.Columns = append(t.Columns, look.Column{Label: "Change"})
	}
	for _, m := range o.members {
		name := look.Cell{Text: m.Name}
		if m.State != string(people.Active) {
			name.Sub = m.State
		}
		if m.Person == self {
			name.Sub = "you"
		}
		asked, order := "first", strconv.Itoa(m.Duty)
		switch {
		case m.Role == orgs.Reader:
			asked, order = "not", ""
		case m.Backup:
			asked = "as backup"
		}
		row := look.Row{Cells: []look.Cell{name, {Text: m.Email}, {Text: string(m.Role)}, {Text: asked}, {Text: order}, {Time: m.Since}}}
		if o.runs {
			row.Cells = append(row.Cells, look.Cell{Button: &look.Button{Label: "Change…", Href: orgPath(o.ID) + "/members/" + m.ID}})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func componentsTable(o orgView) *look.Table {
	t := &look.Table{ID: "ships", Caption: "Components that " + o.Name + " ships", Hidden: true, Whole: true, Filter: len(o.components) > 15, Empty: &look.Empty{Text: "No component is named yet."},
		Columns: []look.Column{{Label: "Component", Wide: true}, {Label: "Package URL"}, {Label: "Since"}}}
	if o.runs {
		t.Columns = append(t.Columns, look.Column{Label: "Remove"})
	}
	const most = 150 // keeps the page light; the API lists all
	for i, c := range o.components {
		if i == most {
			t.Pager = &look.Pager{Shown: fmt.Sprintf("the first %d", most), Total: len(o.components)}
			break
		}
		row := look.Row{Cells: []look.Cell{{Text: c.Name}, {Text: c.Purl, Code: true}, {Time: c.Since}}}
		if o.runs {
			row.Cells = append(row.Cells, look.Cell{Button: &look.Button{Label: "Remove…", Href: orgPath(o.ID) + "/components/" + c.ID + "/remove"}})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
