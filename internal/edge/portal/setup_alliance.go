package portal

import (
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
)

type founding struct{ name, namespace, email, personName, personEmail string }

func (v *visit) setupForm(in founding) sheet {
	f := v.frame("")
	f.Alliance, f.SignIn = "Tocsin", ""
	f.Head = look.RecordHead{Title: "Set up the alliance", Lede: "This is done once. Everything but the namespace is easily changed later."}
	return formSheet(f, look.Form{Action: v.r.URL.Path, Button: look.Button{Label: "Found the alliance", Kind: look.Primary},
		Groups: []look.FieldGroup{
			{Title: "The alliance", Fields: []look.Field{
				{Name: "name", Label: "Name", Hint: "As members and readers of advisories know it.", Value: in.name, Max: 120, Auto: "organization"},
				{Kind: "url", Name: "namespace", Label: "Namespace", Hint: "A web address that you own and keep. Every CSAF document names its publisher by it, so it should never change.", Value: in.namespace, Auto: "url"},
				{Kind: "email", Name: "email", Label: "Contact address", Hint: "Stands in security.txt, in advisories and in the OpenPGP key that is made now.", Value: in.email}}},
			{Title: "You", Hint: "The first account runs the server and coordinates.", Fields: []look.Field{
				{Name: "person_name", Label: "Your name", Value: in.personName, Max: 120, Auto: "name"},
				{Kind: "email", Name: "person_email", Label: "Your mail address", Value: in.personEmail, Auto: "email"}}}}})
}

func (v *visit) setupPage() error {
	err := v.read(func(tx *db.Tx) error { return charter.CheckSetup(tx, v.path("secret")) })
	if err != nil {
		return err
	}
	return v.show("sheet", v.setupForm(founding{}))
}

// setup founds the alliance and signs the first person in, to add a second
// factor before anything else.
func (v *visit) setup() error {
	if err := v.parse(); err != nil {
		return err
	}
	in := founding{v.form("name"), v.form("namespace"), v.form("email"), v.form("person_name"), v.form("person_email")}
	if err := v.read(func(tx *db.Tx) error { return charter.CheckSetup(tx, v.path("secret")) }); err != nil {
		return err
	}
	var e people.Entry
	err := v.write(func(tx *db.Tx) error {
		if err := charter.CheckSetup(tx, v.path("secret")); err != nil {
			return err
		}
		if _, err := charter.Found(tx, v.Sealer, charter.Charter{Name: in.name, Namespace: in.namespace, Email: in.email, URL: v.URL}); err != nil {
			return err
		}
		p, err := people.First(tx, in.personEmail, in.personName)
		if err != nil {
			return renamed(err, map[string]string{"name": "person_name", "email": "person_email"})
		}
		e, err = people.Open(tx, p.ID, "setup", gate.Where(v.r))
		return err
	})
	if err == nil {
		return v.enter(e, "/")
	}
	data := v.setupForm(in)
	fault(data.Parts[0].Form, err)
	return v.again(err, "sheet", data)
}
