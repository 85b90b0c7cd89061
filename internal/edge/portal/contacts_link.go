package portal

import (
	"tocsin/internal/alliance/contacts"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
)

// confirmContactPage shows no more than the name and two buttons: who follows
// the link of a mail need not have an account. It settles nothing yet, because
// mail scanners follow links.
func (v *visit) confirmContactPage() error {
	var slip contacts.Slip
	if err := v.read(func(tx *db.Tx) (err error) {
		slip, err = contacts.Confirmation(tx, v.path("secret"))
		return err
	}); err != nil {
		return err
	}
	f := v.plainFrame("Is this contact still right?")
	f.Public = true
	path := v.r.URL.Path
	return v.show("sheet", sheet{Frame: f, Parts: []part{{Title: slip.Name, Buttons: []look.Button{
		{Label: "Still right", Kind: look.Primary, Action: path, Hidden: []look.Hidden{{Name: "right", Value: "yes"}}},
		{Label: "No longer right", Action: path, Hidden: []look.Hidden{{Name: "right", Value: "no"}}}}}}})
}

func (v *visit) settleContact() error {
	if err := v.parse(); err != nil {
		return err
	}
	right := v.form("right") == "yes"
	if err := v.write(func(tx *db.Tx) error { return contacts.Settle(tx, v.path("secret"), right) }); err != nil {
		return err
	}
	f := v.plainFrame("Thank you")
	f.Public = true
	text := "The contact is confirmed for the next three months."
	if !right {
		text = "The organization is told that this contact is no longer right."
	}
	return v.show("sheet", sheet{Frame: f, Notices: []look.Notice{{Tone: look.Good, Title: "Noted", Text: text}}})
}

// answerPage is where a page's link leads: one button says that somebody has it.
func (v *visit) answerPage() error {
	var slip contacts.Slip
	if err := v.read(func(tx *db.Tx) (err error) {
		slip, err = contacts.PageSlip(tx, v.path("secret"))
		return err
	}); err != nil {
		return err
	}
	title, lede, label := "You are being called", "Press the button to say that you take the call. Nobody else is called then.", "I take the call"
	if slip.Drill {
		title, lede, label = "A test page", "This is a test; nothing has happened. Press the button, and all is done.", "I am here"
	}
	f := v.plainFrame(title)
	f.Public = true
	return v.show("sheet", sheet{Frame: f, Parts: []part{{Title: slip.Name, Lede: lede, Buttons: []look.Button{{Label: label, Kind: look.Primary, Action: v.r.URL.Path}}}}})
}

func (v *visit) answerCall() error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.write(func(tx *db.Tx) error { return contacts.Answer(tx, v.path("secret")) }); err != nil {
		return err
	}
	f := v.plainFrame("Thank you")
	f.Public = true
	return v.show("sheet", sheet{Frame: f, Notices: []look.Notice{{Tone: look.Good, Title: "Answered", Text: "Your answer is recorded, and whoever called is told. What it is about stands behind the sign-in."}}})
}
