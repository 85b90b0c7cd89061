package portal

import (
	"strings"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
)

type invitePage struct {
	look.Frame
	Forms []look.Form
}

// inviteForm offers the three ways to include parties: by name, by a
// component they ship, by mail.
func (v *visit) inviteForm() error {
	data, err := v.invitePage()
	if err != nil {
		return err
	}
	return v.show("invite", data)
}

func (v *visit) invitePage() (data invitePage, err error) {
	var c caseView
	var page orgs.Page
	var groups []programs.Program
	var shut casework.Barring
	err = v.read(func(tx *db.Tx) (err error) {
		if c, err = v.loadParts(tx); err != nil {
			return err
		}
		if c.Role < audience.Coordinator {
			return errs.New(errs.Denied, "Only a coordinator invites.")
		}
		if page, err = orgs.List(tx, v.Actor, orgs.Filter{Limit: 200}); err != nil {
			return err
		}
		if shut, err = casework.Barred(tx, v.Actor, c.ID); err != nil {
			return err
		}
		groups, err = programs.List(tx, v.Actor)
		return err
	})
	if err != nil {
		return data, err
	}
	data.Frame = v.caseFrame(c, "/vendors")
	data.Narrow = true
	data.Head.Crumbs = []look.Link{{Label: "Vendors", Href: casework.Path(c.Number) + "/vendors"}, {Label: "Invite"}}
	in := map[string]bool{}
	for _, p := range c.Parts {
		in[p.Subject] = p.LeftAt.IsZero()
	}
	members := look.Field{Kind: look.CheckBoxes, Name: "orgs", Label: "Members"}
	for _, o := range page.Orgs {
		if !in[o.ID] && shut.Reaches(o) {
			members.Options = append(members.Options, look.Option{Value: o.ID, Label: o.Name, Hint: string(o.Class)})
		}
	}
	scope := look.Field{Kind: look.Select, Name: "program", Label: "In", Options: []look.Option{{Value: "", Label: "the whole alliance"}}}
	for _, g := range groups {
		scope.Options = append(scope.Options, look.Option{Value: g.ID, Label: g.Name})
	}
	reason := look.Field{Kind: look.Area, Name: "reason", Label: "Reason", Hint: "It is kept with each party and can be read by it once it has accepted the terms.", Rows: 3}
	role := roleField()
	path := casework.Path(c.Number) + "/invite"
	lede := "Until an invitee has accepted the terms, it sees that an invitation and its terms exist, and nothing of the case."
	if len(shut.Classes) > 0 {
		lede += " Shut out of this case, and not listed: " + strings.Join(shut.Classes, ", ") + ". Exceptions are asked of the board."
		data.Head.Actions = []look.Button{{Label: "Exceptions", Href: casework.Path(c.Number) + "/exceptions"}}
	}
	data.Forms = []look.Form{
		{Title: "Members, by name", Lede: lede, Action: path, Hidden: []look.Hidden{{Name: "way", Value: "name"}}, Button: look.Button{Label: "Invite them"}, Draft: "invite-name-" + c.ID, Fields: []look.Field{members, role, reason}},
		{Title: "Whoever ships a component", Action: path, Hidden: []look.Hidden{{Name: "way", Value: "component"}}, Button: look.Button{Label: "Invite all of them"}, Draft: "invite-component-" + c.ID,
			Fields: []look.Field{{Name: "component", Label: "Component", Hint: "Its name, or a package URL."}, scope, reason}},
		{Title: "Somebody who is not here yet, by mail", Lede: "The mail says that an invitation waits, and nothing of the case.", Action: path, Hidden: []look.Hidden{{Name: "way", Value: "mail"}}, Button: look.Button{Label: "Send the invitation"}, Draft: "invite-mail-" + c.ID,
			Fields: []look.Field{{Kind: look.Radio, Name: "kind", Label: "Who", Options: []look.Option{{Value: string(audience.Org), Label: "A vendor", On: true}, {Value: string(audience.Person), Label: "A single person, such as a maintainer"}}},
				{Name: "name", Label: "Name"}, {Kind: "email", Name: "email", Label: "Mail address"}, role, reason}},
	}
	for i, f := range data.Forms {
		data.Forms[i] = f.Keyed(f.Hidden[0].Value)
	}
	return data, nil
}

func roleField() look.Field {
	f := look.Field{Kind: look.Select, Name: "role", Label: "As"}
	for _, r := range casework.PartyRoles {
		if r != casework.Finder {
			f.Options = append(f.Options, look.Option{Value: string(r), Label: string(r), On: r == casework.Vendor})
		}
	}
	return f
}

func (v *visit) invite() error {
	if err := v.parse(); err != nil {
		return err
	}
	var made []casework.Participant
	err := v.write(func(tx *db.Tx) (err error) {
		made, err = v.inviteBy(tx)
		return err
	})
	if err == nil {
		return v.next(casework.Path(v.path("number"))+"/vendors", look.Plural(len(made), "party", "parties")+" invited.")
	}
	data, e := v.invitePage()
	if e != nil {
		return err
	}
	for i := range data.Forms {
		if data.Forms[i].Hidden[0].Value == v.form("way") {
			keepTyped(v, &data.Forms[i])
			fault(&data.Forms[i], err)
		}
	}
	return v.again(err, "invite", data)
}

func (v *visit) inviteBy(tx *db.Tx) ([]casework.Participant, error) {
	in := casework.Inclusion{Reason: v.form("reason")}
	role := casework.PartyRole(v.form("role"))
	switch v.form("way") {
	case "component":
		return casework.InviteByComponent(tx, v.Actor, v.path("number"), v.form("program"), v.form("component"), in)
	case "mail":
		in.Targets = []casework.Target{{Kind: audience.SubjectKind(v.form("kind")), Name: v.form("name"), Email: v.form("email"), Role: role}}
		return casework.InviteByMail(tx, v.Box, v.Actor, v.path("number"), in)
	}
	ids := v.r.PostForm["orgs"]
	names, err := orgs.Names(tx, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		in.Targets = append(in.Targets, casework.Target{Kind: audience.Org, ID: id, Name: names[id], Role: role})
	}
	if len(in.Targets) == 0 {
		return nil, errs.Bad("orgs", "Choose at least one member.")
	}
	return casework.Invite(tx, v.Actor, v.path("number"), in)
}

// keepTyped puts what was typed back into a form.
func keepTyped(v *visit, f *look.Form) {
	for i := range f.Fields {
		field := &f.Fields[i]
		given := v.r.PostForm[field.Name]
		field.Value = strings.Join(given, "\n")
		for j := range field.Options {
			field.Options[j].On = false
			for _, s := range given {
				if s == field.Options[j].Value {
					field.Options[j].On = true
				}
			}
		}
	}
}
