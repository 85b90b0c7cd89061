package portal

import (
	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
)

// preferences asks when each class of notices arrives.
func (v *visit) preferences() error {
	list, err := v.readPreferences()
	if err != nil {
		return err
	}
	return v.show("sheet", formSheet(v.preferencesFrame(), preferencesForm(list)))
}

func (v *visit) readPreferences() (list []delivery.Preference, err error) {
	err = v.read(func(tx *db.Tx) error {
		list, err = delivery.Preferences(tx, v.Actor)
		return err
	})
	return list, err
}

func (v *visit) preferencesFrame() look.Frame {
	f := v.frame("/inbox")
	f.Head = look.RecordHead{Crumbs: []look.Link{{Label: "Inbox", Href: "/inbox"}, {Label: "What arrives, and when"}}, Title: "What arrives, and when",
		Lede: "A mail never holds more than a number, what is owed and a link."}
	return f
}

func preferencesForm(list []delivery.Preference) look.Form {
	f := look.Form{Action: delivery.PreferencesPath, Button: look.Button{Label: "Save", Kind: look.Primary}, Cancel: &look.Link{Label: "Back to the inbox", Href: "/inbox"}}
	for _, p := range list {
		w := noticeWords[p.Class]
		field := look.Field{Kind: look.Radio, Name: string(p.Class), Label: w.many, Hint: w.about}
		if p.Fixed {
			field.Hint += " It always comes at once: it cannot wait, and cannot be turned off."
			field.Options = []look.Option{{Value: string(delivery.AtOnce), Label: "At once", On: true}}
		} else {
			field.Options = []look.Option{
				{Value: string(delivery.AtOnce), Label: "At once", On: p.Mode == delivery.AtOnce},
				{Value: string(delivery.Daily), Label: "In one mail a day, at seven in the morning of your zone", On: p.Mode == delivery.Daily},
				{Value: string(delivery.Off), Label: "Not", On: p.Mode == delivery.Off}}
		}
		f.Fields = append(f.Fields, field)
	}
	return f
}

func (v *visit) setPreferences() error {
	if err := v.parse(); err != nil {
		return err
	}
	var chosen []delivery.Preference
	for _, c := range delivery.Classes {
		if mode := v.form(string(c)); mode != "" {
			chosen = append(chosen, delivery.Preference{Class: c, Mode: delivery.Mode(mode)})
		}
	}
	err := v.write(func(tx *db.Tx) error {
		_, err := delivery.SetPreferences(tx, v.Actor, chosen)
		return err
	})
	if err == nil {
		return v.next(delivery.PreferencesPath, "Notices arrive as you chose.")
	}
	list, e := v.readPreferences()
	if e != nil {
		return e
	}
	form := preferencesForm(list)
	fault(&form, err)
	return v.again(err, "sheet", formSheet(v.preferencesFrame(), form))
}
