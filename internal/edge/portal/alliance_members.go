package portal

import (
	"strconv"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

var notYours = errs.New(errs.Denied, "Only this organization's admins, operators and coordinators may do this.")

// administers refuses who neither operates nor coordinates.
func (v *visit) administers(deed string) error {
	if !charter.Administers(v.Actor) {
		return errs.New(errs.Denied, "Only operators and coordinators may %s.", deed)
	}
	return nil
}

func memberRoleField(role string) look.Field {
	f := look.Field{Kind: look.Select, Name: "org_role", Label: "Role"}
	for _, r := range orgs.MemberRoles {
		f.Options = append(f.Options, look.Option{Value: string(r), Label: memberRoleWords[r], On: string(r) == role})
	}
	return f
}

// loadMember sees a membership in an organization that the visitor runs; to
// end it, the visitor's own is enough.
func (v *visit) loadMember(end bool) (o orgs.Org, m orgs.Membership, err error) {
	err = v.read(func(tx *db.Tx) error {
		if o, err = orgs.Get(tx, v.Actor, v.path("org")); err != nil {
			return err
		}
		runs, err := orgs.Runs(tx, v.Actor, o.ID)
		if err != nil {
			return err
		}
		list, err := orgs.Members(tx, v.Actor, o.ID)
		if err != nil {
			return err
		}
		for _, m = range list {
			if m.ID != v.path("member") {
				continue
			}
			if !runs && !(end && m.Person == v.Actor.Person) {
				return notYours
			}
			return nil
		}
		return errs.Missing("membership")
	})
	return o, m, err
}

func (v *visit) memberSheet(o orgs.Org, m orgs.Membership) sheet {
	data := formSheet(v.orgFrame(o, m.Name), look.Form{Title: m.Name, Action: orgPath(o.ID) + "/members/" + m.ID, Button: look.Button{Label: "Save the membership", Kind: look.Primary}, Cancel: &look.Link{Label: "Keep it as it is", Href: orgPath(o.ID)},
		Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(m.Version, 10)}}, Fields: []look.Field{memberRoleField(string(m.Role)),
			{Kind: look.CheckBox, Name: "backup", Label: "Backup contact", Hint: "Asked only when the others do not answer.", On: m.Backup},
			{Kind: "number", Name: "duty", Label: "Order in which people are asked", Hint: "0 comes first; up to 999.", Value: strconv.Itoa(m.Duty), Short: true}}})
	data.Parts = append(data.Parts, part{Title: "Remove", Lede: "Ends the membership and all access through it, from the next request on.", Buttons: []look.Button{{Label: "Remove from " + o.Name + "…", Kind: look.Danger, Href: orgPath(o.ID) + "/members/" + m.ID + "/remove"}}})
	return data
}

func (v *visit) memberPage() error {
	o, m, err := v.loadMember(false)
	if err != nil {
		return err
	}
	return v.show("sheet", v.memberSheet(o, m))
}

func (v *visit) saveMember() error {
	if err := v.parse(); err != nil {
		return err
	}
	o, m, err := v.loadMember(false)
	if err != nil {
		return err
	}
	in := m
	if in.Version, err = v.version(); err != nil {
		return err
	}
	in.Role, in.Backup = orgs.Role(v.form("org_role")), v.form("backup") != ""
	if in.Duty, err = strconv.Atoi(v.form("duty")); err != nil {
		err = errs.Bad("duty", "Give the order as a number from 0 to 999.")
	} else {
		err = v.write(func(tx *db.Tx) error {
			_, err := orgs.Change(tx, v.Actor, in)
			return err
		})
	}
	if err == nil {
		return v.next(orgPath(o.ID)+"#people", m.Name+"'s membership is saved.")
	}
	data := v.memberSheet(o, in)
	form := data.Parts[0].Form
	if theirs, ok := stale[orgs.Membership](err); ok {
		form.Hidden[0].Value = strconv.FormatInt(theirs.Version, 10)
		data.Notices = []look.Notice{faster("Theirs: " + string(theirs.Role) + ", order " + strconv.Itoa(theirs.Duty) + ".")}
	}
	fault(form, renamed(err, map[string]string{"role": "org_role"}))
	return v.again(err, "sheet", data)
}

func (v *visit) askRemoveMember() error {
	o, m, err := v.loadMember(true)
	if err != nil {
		return err
	}
	return v.ask(v.orgFrame(o, m.Name), look.Confirm{Title: "Remove " + m.Name + " from " + o.Name, What: "The membership ends. Everything seen through " + o.Name + " is gone in the next request: its cases, programs and files.",
		Whom: m.Name + ", " + m.Email, Undo: "Invite them again.", Button: look.Button{Label: "Remove " + m.Name, Kind: look.Danger}, Cancel: orgPath(o.ID)})
}

func (v *visit) removeMember() error {
	o, m, err := v.loadMember(true)
	if err != nil {
		return err
	}
	if err := v.write(func(tx *db.Tx) error {
		if err := orgs.Remove(tx, v.Actor, m.ID); err != nil {
			return err
		}
		return board.Readmit(tx)
	}); err != nil {
		return err
	}
	if m.Person == v.Actor.Person {
		return v.next("/alliance", "You have left "+o.Name+".")
	}
	return v.next(orgPath(o.ID)+"#people", m.Name+" is no longer of "+o.Name+".")
}

func componentForm(orgID, name, purl string) *look.Form {
	return &look.Form{Title: "Add a component", Action: orgPath(orgID) + "/components", Button: look.Button{Label: "Add the component"}, Fields: []look.Field{
		{Name: "name", Label: "Name", Value: name, Hint: "Or give the package URL alone.", Optional: true, Max: 200},
		{Name: "purl", Label: "Package URL", Hint: "Such as pkg:npm/name; a version is left out.", Value: purl, Optional: true, Code: true, Max: 500}}}
}

func (v *visit) addComponent() error {
	if err := v.parse(); err != nil {
		return err
	}
	err := v.write(func(tx *db.Tx) error {
		_, err := orgs.Ship(tx, v.Actor, v.path("org"), v.form("name"), v.form("purl"))
		return err
	})
	if err == nil {
		return v.next(orgPath(v.path("org"))+"#components", "The component is listed.")
	}
	data, forms, e := v.orgSheet()
	if e != nil || forms[componentPart] == nil {
		return err
	}
	form := forms[componentPart]
	*form = *componentForm(v.path("org"), v.form("name"), v.form("purl"))
	fault(form, err)
	return v.again(err, "sheet", data)
}

func (v *visit) askRemoveComponent() error {
	var o orgView
	err := v.read(func(tx *db.Tx) (err error) {
		o, err = v.loadOrg(tx)
		return err
	})
	if err != nil {
		return err
	}
	if !o.runs {
		return notYours
	}
	for _, c := range o.components {
		if c.ID == v.path("component") {
			return v.ask(v.orgFrame(o.Org, c.Name), look.Confirm{Title: "Remove " + c.Name, What: o.Name + " is no longer found by this component when a flaw in it is coordinated.", Whom: o.Name, Undo: "Add it again.",
				Button: look.Button{Label: "Remove " + c.Name, Kind: look.Danger}, Cancel: orgPath(o.ID)})
		}
	}
	return errs.Missing("component")
}

func (v *visit) removeComponent() error {
	if err := v.write(func(tx *db.Tx) error { return orgs.Unship(tx, v.Actor, v.path("org"), v.path("component")) }); err != nil {
		return err
	}
	return v.next(orgPath(v.path("org"))+"#components", "The component is off the list.")
}

// inviteInput is what an invitation's form holds.
type inviteInput struct {
	email, name, org, role string
	roles                  []string
}

func inviteForm(action string, in inviteInput) *look.Form {
	return &look.Form{Title: "Invite somebody", Action: action, Button: look.Button{Label: "Mail the invitation"}, Fields: []look.Field{
		{Kind: "email", Name: "invite_email", Label: "Mail address", Value: in.email, Auto: "off"},
		{Name: "invite_name", Label: "Name", Value: in.name, Optional: true, Max: 120, Auto: "off"},
		memberRoleField(in.role)}}
}

func (v *visit) inviteToOrg() error {
	if err := v.parse(); err != nil {
		return err
	}
	in := inviteInput{email: v.form("invite_email"), name: v.form("invite_name"), role: v.form("org_role")}
	err := v.write(func(tx *db.Tx) error {
		_, err := people.Invite(tx, v.Box, v.Actor, people.Inviting{Email: in.email, Name: in.name, Org: v.path("org"), OrgRole: orgs.Role(in.role)})
		return err
	})
	if err == nil {
		return v.next(orgPath(v.path("org"))+"#people", "The invitation is on its way to "+in.email+".")
	}
	data, forms, e := v.orgSheet()
	if e != nil || forms[invitePart] == nil {
		return err
	}
	form := forms[invitePart]
	*form = *inviteForm(orgPath(v.path("org"))+"/invite", in)
	fault(form, renamed(err, inviteFields))
	return v.again(err, "sheet", data)
}

var inviteFields = map[string]string{"email": "invite_email", "name": "invite_name"}
