package portal

import (
	"strconv"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// invitationsTable shows the open ones; orgNames is given where they lead
// into several organizations. nil when there is none.
func invitationsTable(list []people.Invitation, orgNames map[string]string) *look.Table {
	t := &look.Table{ID: "invitations", Caption: "Open invitations", Hidden: true, Whole: true, Columns: []look.Column{{Label: "To", Wide: true}}}
	if orgNames != nil {
		t.Columns = append(t.Columns, look.Column{Label: "Into"})
	}
	t.Columns = append(t.Columns, look.Column{Label: "As"}, look.Column{Label: "Mailed"}, look.Column{Label: "Times", Num: true}, look.Column{Label: "Ends"}, look.Column{Label: "Again"}, look.Column{Label: "Withdraw"})
	for _, i := range list {
		if i.State != "open" {
			continue
		}
		row := look.Row{Cells: []look.Cell{{Text: i.Email}}}
		if orgNames != nil {
			row.Cells = append(row.Cells, look.Cell{Text: named(orgNames[i.Org], "no organization")})
		}
		as := string(i.OrgRole)
		for _, r := range i.Roles {
			if as != "" {
				as += ", "
			}
			as += r
		}
		path := "/alliance/invitations/" + i.ID
		row.Cells = append(row.Cells, look.Cell{Text: as}, look.Cell{Time: i.SentAt}, look.Cell{Text: strconv.Itoa(i.Sent)}, look.Cell{Time: i.ExpiresAt},
			look.Cell{Button: &look.Button{Label: "Mail again", Action: path + "/resend"}}, look.Cell{Button: &look.Button{Label: "Withdraw…", Href: path + "/withdraw"}})
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

// invitationsPage lists all open invitations, and invites people who are in
// no organization, or into any.
func (v *visit) invitationsPage() error {
	data, err := v.invitationsSheet(inviteInput{role: string(orgs.Responder)})
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) invitationsSheet(in inviteInput) (sheet, error) {
	if err := v.administers("invite people who are in no organization"); err != nil {
		return sheet{}, err
	}
	var list []people.Invitation
	var names map[string]string
	var members orgs.Page
	err := v.read(func(tx *db.Tx) (err error) {
		if list, err = people.Invitations(tx, v.Actor, ""); err != nil {
			return err
		}
		var ids []string
		for _, i := range list {
			ids = append(ids, i.Org)
		}
		if names, err = orgs.Names(tx, ids); err != nil {
			return err
		}
		members, err = orgs.List(tx, v.Actor, orgs.Filter{Listed: true, State: orgs.Active, Limit: 500})
		return err
	})
	if err != nil {
		return sheet{}, err
	}
	form := inviteForm("/alliance/invitations", in)
	form.Button.Kind = look.Primary
	org := look.Field{Kind: look.Select, Name: "org", Label: "Organization", Optional: true, Options: []look.Option{{Label: "none: joins alone"}}}
	for _, o := range members.Orgs {
		org.Options = append(org.Options, look.Option{Value: o.ID, Label: o.Name, On: o.ID == in.org})
	}
	form.Fields[2].Optional, form.Fields[2].Hint = true, "Within the organization."
	form.Fields = append(form.Fields[:2], org, form.Fields[2])
	if charter.IsOperator(v.Actor) {
		roles := look.Field{Kind: look.CheckBoxes, Name: "roles", Label: "Alliance roles", Optional: true}
		for _, r := range charter.Roles {
			roles.Options = append(roles.Options, look.Option{Value: r, Label: r, Hint: roleWords[r], On: contains(in.roles, r)})
		}
		form.Fields = append(form.Fields, roles)
	}
	data := sheet{Frame: v.allianceFrame("/alliance/invitations")}
	open := part{Title: "Open invitations", Table: invitationsTable(list, names)}
	if open.Table == nil {
		open.Lede = "No invitation is open."
	}
	data.Parts = []part{open, {Form: form}}
	return data, nil
}

// roleWords say what an alliance role allows.
var roleWords = map[string]string{
	charter.Coordinator: "Runs cases.",
	charter.Board:       "Decides on members and policy; reads.",
	charter.Operator:    "Runs the server, accounts and settings.",
}

func (v *visit) inviteAnybody() error {
	if err := v.parse(); err != nil {
		return err
	}
	in := inviteInput{v.form("invite_email"), v.form("invite_name"), v.form("org"), v.form("org_role"), v.r.PostForm["roles"]}
	wanted := people.Inviting{Email: in.email, Name: in.name, Org: in.org, Roles: in.roles}
	if in.org != "" {
		wanted.OrgRole = orgs.Role(in.role)
	}
	err := v.write(func(tx *db.Tx) error {
		_, err := people.Invite(tx, v.Box, v.Actor, wanted)
		return err
	})
	if err == nil {
		return v.next("/alliance/invitations", "The invitation is on its way to "+in.email+".")
	}
	data, e := v.invitationsSheet(in)
	if e != nil {
		return err
	}
	fault(data.Parts[1].Form, renamed(err, inviteFields))
	return v.again(err, "sheet", data)
}

// afterInvitation is where somebody who handles an invitation came from.
func (v *visit) afterInvitation(i people.Invitation) string {
	if i.Org != "" {
		return orgPath(i.Org)
	}
	return "/alliance/invitations"
}

func (v *visit) resendInvitation() error {
	var i people.Invitation
	err := v.write(func(tx *db.Tx) (err error) {
		i, err = people.Resend(tx, v.Box, v.Actor, v.path("invitation"))
		return err
	})
	if err != nil {
		return err
	}
	return v.next(v.afterInvitation(i), "The invitation is mailed again to "+i.Email+"; the link before has ended.")
}

func (v *visit) loadInvitation() (i people.Invitation, err error) {
	err = v.read(func(tx *db.Tx) error {
		i, err = people.InvitationByID(tx, v.Actor, v.path("invitation"))
		if err == nil && i.State != "open" {
			err = errs.New(errs.Conflict, "This invitation is closed already.")
		}
		return err
	})
	return i, err
}

func (v *visit) askWithdraw() error {
	i, err := v.loadInvitation()
	if err != nil {
		return err
	}
	return v.ask(v.allianceFrame(""), look.Confirm{Title: "Withdraw the invitation", What: "Its link ends.", Whom: i.Email, Undo: "Invite them again.", Button: look.Button{Label: "Withdraw the invitation", Kind: look.Danger}, Cancel: v.afterInvitation(i)})
}

func (v *visit) withdrawInvitation() error {
	i, err := v.loadInvitation()
	if err != nil {
		return err
	}
	if err := v.write(func(tx *db.Tx) error { return people.Withdraw(tx, v.Actor, i.ID) }); err != nil {
		return err
	}
	return v.next(v.afterInvitation(i), "The invitation to "+i.Email+" is withdrawn.")
}
