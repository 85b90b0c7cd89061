package portal

import (
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
)

func (v *visit) courier() *delivery.Courier {
	return &delivery.Courier{Box: v.Box, Sealer: v.Sealer}
}

// plainFrame is the frame of a page that one comes to from a mail.
func (v *visit) plainFrame(title string) look.Frame {
	f := v.frame("")
	f.Head, f.Narrow = look.RecordHead{Title: title}, true
	return f
}

// unsubscribePage says what a link from a mail would end. It ends nothing
// yet, because mail scanners follow links.
func (v *visit) unsubscribePage() error {
	e, err := v.courier().Unsubscription(v.path("token"))
	if err != nil {
		return err
	}
	return v.ask(v.plainFrame("No more of these mails"), look.Confirm{Title: "No more of these mails", What: ending(e) + " Alarms still come at once.", Whom: "You alone.", Undo: undo(e), Button: look.Button{Label: "Stop these mails", Kind: look.Primary}})
}

func ending(e delivery.Ending) string {
	switch {
	case e.Digest:
		return "The daily mail no longer comes."
	case e.Class != "":
		return "Notices of the class “" + noticeWords[e.Class].many + "” no longer come, neither by mail nor in the inbox."
	}
	return "Mails about released advisories no longer come, and your address is forgotten."
}

func undo(e delivery.Ending) string {
	if e.Digest || e.Class != "" {
		return "Choose anew under Inbox, What arrives."
	}
	return "Subscribe again."
}

// unsubscribe ends the mails: by the button of the page, or by a mail
// program's one click (RFC 8058), which sends no cookie and follows no
// redirect.
func (v *visit) unsubscribe() error {
	if err := v.parse(); err != nil {
		return err
	}
	var e delivery.Ending
	err := v.write(func(tx *db.Tx) (err error) {
		e, err = v.courier().Unsubscribe(tx, v.path("token"))
		return err
	})
	if err != nil {
		return err
	}
	return v.show("sheet", sheet{Frame: v.plainFrame("No more of these mails"), Notices: []look.Notice{{Tone: look.Good, Title: "Done", Text: ending(e) + " " + undo(e)}}})
}

func subscribeForm(address string) look.Form {
	return look.Form{Action: "/subscribe", Lede: "One mail at each release, with the number and a link. First a mail asks you to confirm the address. Every mail has a link that ends it.", Button: look.Button{Label: "Subscribe", Kind: look.Primary},
		Fields: []look.Field{{Kind: "email", Name: "email", Label: "Mail address", Value: address, Auto: "email", Max: 254}}}
}

// subscribePage offers mails about released advisories to anybody.
func (v *visit) subscribePage() error {
	return v.show("sheet", formSheet(v.plainFrame("Advisories by mail"), subscribeForm("")))
}

func (v *visit) subscribe() error {
	if err := v.parse(); err != nil {
		return err
	}
	address := v.form("email")
	err := v.write(func(tx *db.Tx) error { return delivery.AllowSubscription(tx, gate.Address(v.r)) })
	if err == nil {
		err = v.write(func(tx *db.Tx) error { return v.courier().Subscribe(tx, address) })
	}
	if err != nil {
		form := subscribeForm(address)
		fault(&form, err)
		return v.again(err, "sheet", formSheet(v.plainFrame("Advisories by mail"), form))
	}
	// The same words whether the address is known or not.
	return v.show("sheet", sheet{Frame: v.plainFrame("Advisories by mail"), Notices: []look.Notice{{Tone: look.Good, Title: "Look into your mailbox", Text: "If the address is not subscribed yet, a mail with a link is on its way. The subscription begins when you confirm it there, within 7 days."}}})
}

// confirmPage waits for a click, because mail scanners follow links.
func (v *visit) confirmPage() error {
	f := v.plainFrame("Confirm the subscription")
	return v.show("sheet", formSheet(f, look.Form{Action: v.r.URL.Path, Lede: "Mails about released advisories of " + f.Alliance + " come to the address where you found this link.", Button: look.Button{Label: "Confirm", Kind: look.Primary}}))
}

func (v *visit) confirm() error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.write(func(tx *db.Tx) error { return v.courier().Confirm(tx, v.path("token")) }); err != nil {
		return err
	}
	return v.show("sheet", sheet{Frame: v.plainFrame("Advisories by mail"), Notices: []look.Notice{{Tone: look.Good, Title: "Subscribed", Text: "A mail comes at each release."}}})
}
