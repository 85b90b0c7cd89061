package portal

import (
	"html/template"

	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/spec/prose"
)

type invitationPage struct {
	look.Frame
	Invitation casework.Invitation
	Terms      template.HTML
	Accept     look.Form
	Decline    look.Popup
}

// invitation is all that an invitee sees: the terms, and two answers.
func (v *visit) invitation() error {
	var data invitationPage
	err := v.read(func(tx *db.Tx) (err error) {
		data.Invitation, err = casework.LoadInvitation(tx, v.Actor, v.path("invitation"))
		return err
	})
	if err != nil {
		return err
	}
	i := data.Invitation
	v.shows(delivery.Sight{URL: "/invitations/" + i.ID})
	data.Frame = v.frame("/cases")
	data.Narrow = true
	data.Head = look.RecordHead{Marking: i.Level.String(), Kind: "invitation", Title: "An invitation to a case", Lede: "Read the terms. Once you accept them for your organization, you see the case; before, nobody of it does.", State: []look.Chip{{Label: string(i.State)}}}
	data.Terms = prose.HTML(i.TermsText)
	path := "/invitations/" + i.ID
	data.Accept = look.Form{Action: path + "/accept", Button: look.Button{Label: "Accept the terms"}, Hidden: []look.Hidden{{Name: "terms", Value: i.Agreement()}}}
	data.Decline = look.Popup{ID: "decline", Open: look.Button{Label: "Decline"}, Confirm: look.Confirm{Title: "Decline the invitation", What: "You see nothing of the case, and are not asked again unless a coordinator invites you anew.", Whom: "The coordinators are told.",
		Action: path + "/decline", Fields: []look.Field{{Kind: look.Area, Name: "reason", Label: "Reason", Optional: true, Rows: 3}}, Button: look.Button{Label: "Decline"}, Cancel: path}}
	return v.show("invitation", data)
}

func (v *visit) acceptInvitation() error {
	if err := v.parse(); err != nil {
		return err
	}
	var c casework.Case
	err := v.write(func(tx *db.Tx) (err error) {
		c, err = casework.Accept(tx, v.Actor, v.path("invitation"), v.form("terms"))
		return err
	})
	if err != nil {
		return err
	}
	return v.next(casework.Path(c.Number), "You have accepted the terms. Say first where your products stand.")
}

func (v *visit) declineInvitation() error {
	if err := v.parse(); err != nil {
		return err
	}
	err := v.write(func(tx *db.Tx) error { return casework.Decline(tx, v.Actor, v.path("invitation"), v.form("reason")) })
	if err != nil {
		return err
	}
	return v.next("/", "You have declined.")
}
