package portal

import (
	"net/url"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// offer is an invitation with the names that its reader knows it by.
type offer struct {
	people.Invitation
	org, inviter string
	mine         bool // the visitor is whom it was sent to
}

func (v *visit) loadOffer() (o offer, err error) {
	err = v.read(func(tx *db.Tx) error {
		if o.Invitation, err = people.Look(tx, v.path("secret")); err != nil {
			return err
		}
		o.mine = o.Person == v.Actor.Person
		names, err := orgs.Names(tx, []string{o.Org})
		if err != nil {
			return err
		}
		o.org = names[o.Org]
		names, err = people.Names(tx, []string{o.InvitedBy})
		o.inviter = names[o.InvitedBy]
		return err
	})
	return o, err
}

func (o offer) facts() *look.Facts {
	f := &look.Facts{Items: []look.Fact{{Term: "For", Text: o.Email}}}
	if o.org != "" {
		f.Items = append(f.Items, look.Fact{Term: "Organization", Text: o.org}, look.Fact{Term: "As", Text: memberRoleWords[o.OrgRole]})
	}
	for _, r := range o.Roles {
		f.Items = append(f.Items, look.Fact{Term: "Alliance role", Text: r})
	}
	if o.inviter != "" {
		f.Items = append(f.Items, look.Fact{Term: "Invited by", Text: o.inviter})
	}
	f.Items = append(f.Items, look.Fact{Term: "Holds until", Time: o.ExpiresAt})
	return f
}

func (v *visit) offerSheet(o offer, name, zone string) sheet {
	f := v.frame("")
	f.Head, f.Narrow = look.RecordHead{Title: "Join " + f.Alliance}, true
	data := sheet{Frame: f, Parts: []part{{Title: "What you are invited to", Facts: o.facts()}}}
	switch {
	case o.Known && o.mine:
		data.Parts = append(data.Parts, part{Form: &look.Form{Action: v.r.URL.Path + "/as", Button: look.Button{Label: "Accept as " + v.Actor.Name, Kind: look.Primary}}})
	case o.Known:
		data.Parts = append(data.Parts, part{Lede: "There is an account with this address. Sign in with it, then accept.", Buttons: []look.Button{{Label: "Sign in", Kind: look.Primary, Href: "/sign-in?next=" + url.QueryEscape("/join/"+v.path("secret"))}}})
	default:
		data.Parts = append(data.Parts, part{Form: v.joinForm(name, zone)})
	}
	data.Parts = append(data.Parts, part{Popups: []look.Popup{{ID: "decline", Open: look.Button{Label: "Decline"}, Confirm: look.Confirm{Title: "Decline the invitation", What: "The link ends, and no account is made.",
		Whom: "Whoever invited you sees that it was declined.", Undo: "Ask to be invited again.", Action: "/join/" + v.path("secret") + "/decline", Button: look.Button{Label: "Decline the invitation", Kind: look.Danger}, Cancel: "/join/" + v.path("secret")}}}})
	return data
}

func (v *visit) joinForm(name, zone string) *look.Form {
	password := look.Field{Kind: "password", Name: "password", Label: "Password", Hint: "At least 12 characters; a few words in a row do well. An authenticator app is added in the next step.", Auto: "new-password", Max: 200}
	if v.people.PasskeysWork() {
		password.Optional = true
		password.Hint += " Leave it empty to go on with a passkey."
	}
	return &look.Form{Title: "Your account", Action: "/join/" + v.path("secret"), Button: look.Button{Label: "Accept and make the account", Kind: look.Primary}, Fields: []look.Field{
		{Name: "name", Label: "Your name", Hint: "As others shall read it.", Value: name, Max: 120, Auto: "name"},
		zoneField(zone), password}}
}

func zoneField(zone string) look.Field {
	return look.Field{Kind: look.Select, Name: "time_zone", Label: "Time zone", Hint: "Instants are shown in UTC, and in your own time beside it.", Options: look.ZoneOptions(zone)}
}

func (v *visit) joinPage() error {
	o, err := v.loadOffer()
	if err != nil {
		return err
	}
	return v.show("sheet", v.offerSheet(o, "", ""))
}

func (v *visit) join() error {
	if err := v.parse(); err != nil {
		return err
	}
	o, err := v.loadOffer()
	if err != nil {
		return err
	}
	var e people.Entry
	pw, err := v.newPassword(o)
	if err == nil {
		err = v.write(func(tx *db.Tx) (err error) {
			e, err = people.Accept(tx, v.path("secret"), v.form("name"), v.form("time_zone"), pw, gate.Where(v.r))
			return err
		})
	}
	if err == nil {
		return v.enter(e, "/")
	}
	data := v.offerSheet(o, v.form("name"), v.form("time_zone"))
	if form := data.Parts[1].Form; form != nil {
		fault(form, err)
		return v.again(err, "sheet", data)
	}
	return err
}

// newPassword hashes the chosen one, outside of any transaction; none is
// needed where a passkey can take its place.
func (v *visit) newPassword(o offer) (people.Password, error) {
	plain := v.r.PostFormValue("password")
	if plain == "" && v.people.PasskeysWork() {
		return people.Password{}, nil
	}
	if plain == "" {
		return people.Password{}, errs.Bad("password", "Choose a password.")
	}
	return people.NewPassword(plain, o.Email, v.form("name"))
}

func (v *visit) joinAs() error {
	if err := v.write(func(tx *db.Tx) error { return people.AcceptAs(tx, v.Actor, v.path("secret")) }); err != nil {
		return err
	}
	return v.next("/alliance", "You have accepted the invitation.")
}

func (v *visit) decline() error {
	if err := v.write(func(tx *db.Tx) error { return people.Decline(tx, v.path("secret")) }); err != nil {
		return err
	}
	return v.next("/", "The invitation is declined.")
}
