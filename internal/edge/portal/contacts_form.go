package portal

import (
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/oncall"
)

// lookersOf are the names of who looked.
func lookersOf(tx *db.Tx, list []contacts.Glance) (map[string]string, error) {
	ids := make([]string, len(list))
	for i, g := range list {
		ids[i] = g.Person
	}
	return people.Names(tx, ids)
}

// shareField offers the programs of an organization.
func (v *visit) shareField(tx *db.Tx, orgID string, chosen []string) (look.Field, error) {
	f := look.Field{Kind: look.CheckBoxes, Name: "shared", Label: "Shown to the people of", Hint: "Its own people and the coordinators always see it.", Optional: true}
	list, err := programs.Of(tx, v.Actor, orgID)
	for _, p := range list {
		f.Options = append(f.Options, look.Option{Value: p.ID, Label: p.Name, On: slices.Contains(chosen, p.ID)})
	}
	return f, err
}

func hoursFields(name, label, hint string, h *oncall.Hours) []look.Field {
	from, to := "", ""
	if h != nil {
		from, to = h.From.String(), h.To.String()
	}
	return []look.Field{{Name: name, Label: label + " from", Hint: hint, Value: from, Optional: true, Short: true, Max: 5}, {Name: name + "_to", Label: label + " to", Value: to, Optional: true, Short: true, Max: 5}}
}

func dayField(name string, h *oncall.Hours) look.Field {
	f := look.Field{Kind: look.CheckBoxes, Name: name, Label: "On these days", Hint: "None ticked: every day.", Optional: true}
	for _, d := range []oncall.Day{1, 2, 3, 4, 5, 6, 0} {
		f.Options = append(f.Options, look.Option{Value: d.String(), Label: d.String(), On: h != nil && slices.Contains(h.Days, d)})
	}
	return f
}

func (v *visit) contactForm(tx *db.Tx, c contacts.Contact) (*look.Form, error) {
	kind := look.Field{Kind: look.Select, Name: "kind", Label: "What it is for"}
	for _, k := range contacts.Kinds {
		kind.Options = append(kind.Options, look.Option{Value: string(k), Label: string(k), On: k == c.Kind})
	}
	person := look.Field{Kind: look.Select, Name: "person", Label: "Account", Hint: "Where it is one person of the organization.", Optional: true, Options: []look.Option{{Label: "none: a team or desk"}}}
	members, err := orgs.Members(tx, v.Actor, c.Org)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		person.Options = append(person.Options, look.Option{Value: m.Person, Label: m.Name, On: m.Person == c.Person})
	}
	shared, err := v.shareField(tx, c.Org, c.Shared)
	zone := look.Field{Name: "time_zone", Label: "Time zone", Hint: "By its place, such as Europe/Vienna.", Value: c.TimeZone, Max: 64}
	f := &look.Form{Action: v.r.URL.Path, Button: look.Button{Label: "Save the contact", Kind: look.Primary}, Cancel: &look.Link{Label: "Keep it as it is", Href: orgContactsPath(c.Org)},
		Fields: []look.Field{{Name: "name", Label: "Name of the person, team or desk", Value: c.Name, Max: 200}, kind, person},
		Groups: []look.FieldGroup{
			{Title: "How to reach it", Hint: "At least one.", Fields: []look.Field{{Kind: "email", Name: "mail", Label: "Mail", Value: c.Mail, Optional: true, Max: 254}, {Kind: "tel", Name: "phone", Label: "Phone", Hint: "With country code, such as +43 1 234567.", Value: c.Phone, Optional: true, Max: 60},
				{Name: "chat", Label: "Chat", Value: c.Chat, Optional: true, Max: 200}, {Kind: look.Area, Name: "pgp_key", Label: "OpenPGP public key", Hint: "Armored. It is refused when it is expired, revoked, too weak, or cannot encrypt.", Value: c.PGPKey, Optional: true, Rows: 4, Code: true}}},
			{Title: "When", Fields: slices.Concat([]look.Field{zone}, hoursFields("hours", "Answers", "As 09:00. Empty: always.", c.Hours), []look.Field{dayField("hours_days", c.Hours)}, hoursFields("quiet", "Quiet", "Only an emergency disturbs then.", c.Quiet))},
			{Title: "What about", Fields: []look.Field{{Name: "languages", Label: "Languages", Hint: "Tags, preferred first: en, de-AT", Value: strings.Join(c.Languages, ", "), Optional: true, Max: 200}, {Kind: look.Area, Name: "topics", Label: "Topics", Hint: "Products and matters to call about, one a line.", Value: strings.Join(c.Topics, "\n"), Optional: true, Rows: 3},
				{Kind: "number", Name: "duty", Label: "Order among contacts of its kind", Hint: "0 first.", Value: strconv.Itoa(c.Duty), Short: true}, shared}},
		}}
	if c.Version > 0 {
		f.Hidden = []look.Hidden{{Name: "version", Value: strconv.FormatInt(c.Version, 10)}}
		f.Cancel.Href = contactPath(c.ID)
	}
	return f, err
}

func (v *visit) contactInput(c contacts.Contact) (contacts.Contact, error) {
	var bad []errs.Field
	c.Name, c.Kind, c.Person = v.form("name"), contacts.Kind(v.form("kind")), v.form("person")
	c.Mail, c.Phone, c.Chat, c.PGPKey, c.TimeZone = v.form("mail"), v.form("phone"), v.form("chat"), v.form("pgp_key"), strings.TrimSpace(v.form("time_zone"))
	window := func(name string) *oncall.Hours {
		h, err := windowOf(name, v.form(name), v.form(name+"_to"))
		if err != nil {
			bad = append(bad, errs.Field{Name: name, Reason: err.Error()})
		}
		return h
	}
	if c.Hours, c.Quiet = window("hours"), window("quiet"); c.Hours != nil {
		for _, d := range v.r.PostForm["hours_days"] {
			if day, err := oncall.ParseDay(d); err == nil {
				c.Hours.Days = append(c.Hours.Days, day)
			}
		}
	}
	c.Languages = strings.FieldsFunc(v.form("languages"), func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
	c.Topics, c.Shared = lines(v.form("topics")), v.r.PostForm["shared"]
	n, err := strconv.Atoi(strings.TrimSpace(v.form("duty")))
	if err != nil && v.form("duty") != "" {
		bad = append(bad, errs.Field{Name: "duty", Reason: "Give the order as a number."})
	}
	c.Duty = n
	return c, errs.Join(bad)
}

func (v *visit) newContact() error {
	return v.newContactSheet(nil, contacts.Contact{TimeZone: v.frameZone()})
}

func (v *visit) newContactSheet(refused error, c contacts.Contact) error {
	var o orgs.Org
	var form *look.Form
	if err := v.read(func(tx *db.Tx) (err error) {
		if o, err = v.orgOfPath(tx); err != nil {
			return err
		}
		if !v.keeps(o.ID) {
			return errs.New(errs.Denied, "An organization's admins and responders, and coordinators, keep its contacts.")
		}
		c.Org = o.ID
		form, err = v.contactForm(tx, c)
		return err
	}); err != nil {
		return err
	}
	f := v.orgFrame(o, "Add a contact")
	f.Head.Title = "Add a contact"
	fault(form, refused)
	if refused != nil {
		return v.again(refused, "sheet", formSheet(f, *form))
	}
	return v.show("sheet", formSheet(f, *form))
}

func (v *visit) createContact() error {
	if err := v.parse(); err != nil {
		return err
	}
	in, err := v.contactInput(contacts.Contact{Org: v.path("org")})
	var made contacts.Contact
	if err == nil {
		err = v.write(func(tx *db.Tx) (err error) { made, err = contacts.Add(tx, v.Actor, in); return err })
	}
	if err != nil {
		if errs.KindOf(err) != errs.Invalid {
			return err
		}
		return v.newContactSheet(err, in)
	}
	return v.next(contactPath(made.ID), "The contact is kept. It will be asked by mail whether it is right.")
}

func (v *visit) editContact() error { return v.editContactSheet(nil, nil) }

// editContactSheet shows the addresses to be changed, which is a recorded look.
func (v *visit) editContactSheet(refused error, typed *contacts.Contact) error {
	var c contactView
	var form *look.Form
	if err := v.write(func(tx *db.Tx) (err error) {
		if c, err = v.loadContact(tx); err != nil {
			return err
		}
		if !v.keeps(c.Org) {
			return errs.New(errs.Denied, "An organization's admins and responders, and coordinators, keep its contacts.")
		}
		full, err := contacts.Look(tx, v.Actor, c.ID)
		if err != nil {
			return err
		}
		if typed != nil {
			typed.Org = full.Org
			full = *typed
		}
		form, err = v.contactForm(tx, full)
		return err
	}); err != nil {
		return err
	}
	fault(form, refused)
	if refused != nil {
		return v.again(refused, "sheet", formSheet(v.contactFrame(c, "Edit"), *form))
	}
	return v.show("sheet", formSheet(v.contactFrame(c, "Edit"), *form))
}

func (v *visit) saveContact() error {
	if err := v.parse(); err != nil {
		return err
	}
	version, err := v.version()
	if err != nil {
		return err
	}
	in, err := v.contactInput(contacts.Contact{ID: v.path("contact"), Version: version})
	if err == nil {
		err = v.write(func(tx *db.Tx) error { _, err := contacts.Edit(tx, v.Actor, in); return err })
	}
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Stale:
		return v.editContactSheet(err, &in)
	}
	if err != nil {
		return err
	}
	return v.next(contactPath(in.ID), "The contact is saved.")
}
