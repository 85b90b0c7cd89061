package portal

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/oncall"
)

const contactsTab = "/alliance/contacts"

func contactPath(id string) string     { return "/alliance/contacts/" + id }
func orgContactsPath(id string) string { return orgPath(id) + "/contacts" }

func (v *visit) board() contacts.Switchboard { return contacts.Switchboard{Box: v.Box} }

// callSearch is the one box that answers whom to call.
func callSearch(q string) *look.Form {
	return &look.Form{Get: true, Action: "/alliance/call", Button: look.Button{Label: "Who do I call?", Kind: look.Primary},
		Fields: []look.Field{{Kind: "search", Name: "q", Label: "Organization and matter, such as “Vexel legal”", Value: q, Max: 300}}}
}

func (v *visit) contactSearch() contacts.Search {
	return contacts.Search{Text: v.query("text"), Kind: contacts.Kind(v.query("kind")), Org: v.query("org"), After: v.query("cursor")}
}

// contactsPage is the directory of contacts, by organization.
func (v *visit) contactsPage() error {
	s := v.contactSearch()
	var list []contacts.Listing
	var next string
	if err := v.read(func(tx *db.Tx) (err error) {
		list, next, err = contacts.Directory(tx, v.Actor, s)
		return err
	}); err != nil {
		return err
	}
	data := sheet{Frame: v.allianceFrame(contactsTab)}
	data.Head.Actions = []look.Button{{Label: "Calls and tests", Href: "/alliance/calls"}}
	if v.coordinates() {
		data.Head.Actions = append(data.Head.Actions, look.Button{Label: "What is out of date", Href: "/alliance/troubles"})
	}
	q := url.Values{}
	for name, value := range map[string]string{"text": s.Text, "kind": string(s.Kind), "org": s.Org} {
		if value != "" {
			q.Set(name, value)
		}
	}
	t := &look.Table{ID: "contacts", Caption: "Contacts by organization", Hidden: true, Whole: next == "" && s.After == "",
		Columns: []look.Column{{Label: "Contact"}, {Label: "Organization", Wide: true}, {Label: "For"}, {Label: "Reached by"}, {Label: "Now"}, {Label: "Confirmed"}, {Label: "Marking"}},
		Empty:   &look.Empty{Text: "No contact is shown to you here. Organizations decide to which programs they show theirs."}, Pager: &look.Pager{},
		Exports: []look.Link{{Label: "vCard", Href: "/alliance/contacts.vcf?" + q.Encode()}, {Label: "CSV", Href: "/alliance/contacts.csv?" + q.Encode()}, {Label: "Card to print", Href: "/alliance/contacts-card?" + q.Encode()}}}
	for _, l := range list {
		for _, e := range l.Entries {
			t.Rows = append(t.Rows, look.Row{Cells: append([]look.Cell{{Text: e.Name, Href: contactPath(e.ID)}, {Text: l.Name, Href: orgContactsPath(l.Org)}}, v.entryCells(e)...)})
		}
	}
	if next != "" {
		q.Set("cursor", next)
		t.Pager.Next = contactsTab + "?" + q.Encode()
	}
	kinds := look.Field{Kind: look.Select, Name: "kind", Label: "For", Optional: true, Options: []look.Option{{Label: "anything"}}}
	for _, k := range contacts.Kinds {
		kinds.Options = append(kinds.Options, look.Option{Value: string(k), Label: string(k), On: k == s.Kind})
	}
	data.Parts = []part{{Title: "Who do I call, now?", Search: callSearch("")},
		{Title: "Directory", Lede: "Taking contacts along, and looking at an address, is recorded for their organization to see.",
			Search: &look.Form{Get: true, Action: contactsTab, Button: look.Button{Label: "Find"}, Fields: []look.Field{{Kind: "search", Name: "text", Label: "Name, topic or language", Value: s.Text, Optional: true, Max: 200}, kinds}}, Table: t}}
	return v.show("sheet", data)
}

// entryCells say of a contact what it is for and whether it answers now.
func (v *visit) entryCells(e contacts.Entry) []look.Cell {
	ways := make([]string, len(e.Ways))
	for i, w := range e.Ways {
		ways[i] = string(w)
	}
	if e.Encrypts {
		ways = append(ways, "OpenPGP")
	}
	now := look.Cell{Chip: &look.Chip{Label: "closed"}, Sub: localTime(e.TimeZone, v.now)}
	if e.Open {
		now.Chip = &look.Chip{Label: "open", Tone: look.Good}
	}
	confirmed := look.Cell{Time: e.Confirmed}
	switch {
	case !e.Doubted.IsZero():
		confirmed = look.Cell{Chip: &look.Chip{Label: "no longer right", Tone: look.Bad}}
	case e.Confirmed.IsZero():
		confirmed = look.Cell{Chip: &look.Chip{Label: "not yet", Tone: look.Waiting}}
	case e.Confirmed.Before(v.now.Add(-contacts.Overdue)):
		confirmed.Sub = "out of date"
	}
	return []look.Cell{{Text: string(e.Kind), Sub: strings.Join(e.Topics, ", ")}, {Text: strings.Join(ways, ", ")}, now, confirmed, {Marking: e.TLP.String()}}
}

func localTime(zone string, now time.Time) string {
	loc, err := oncall.Zone(zone)
	if err != nil {
		return zone
	}
	return now.In(loc).Format("Mon 15:04") + " " + zone
}

// callPage answers "who do I call at X about Y, now?" in one step.
func (v *visit) callPage() error {
	q := strings.TrimSpace(v.query("q"))
	data := sheet{Frame: v.allianceFrame(contactsTab)}
	data.Head.Title = "Who do I call?"
	data.Parts = []part{{Search: callSearch(q)}}
	if q == "" {
		return v.show("sheet", data)
	}
	var r contacts.Reply
	err := v.write(func(tx *db.Tx) (err error) {
		r, err = contacts.Who(tx, v.Actor, q, time.Time{})
		return err
	})
	if err != nil {
		fault(data.Parts[0].Search, err)
		return v.again(err, "sheet", data)
	}
	if len(r.Choices) > 0 {
		t := &look.Table{ID: "choices", Caption: "Which organization?", Columns: []look.Column{{Label: "Organization", Wide: true}, {Label: "Class"}}}
		for _, o := range r.Choices {
			t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: o.Name, Href: "/alliance/call?q=" + url.QueryEscape(o.Name+" "+r.About)}, {Text: classWords[o.Class]}}})
		}
		data.Parts = append(data.Parts, part{Table: t})
		return v.show("sheet", data)
	}
	data.Parts = append(data.Parts, calleeParts(r)...)
	start := look.Form{Title: "Or let it be called until somebody answers", Lede: "Whoever is on the organization's ladder is mailed in turn; what has to be dialed is put on your desk.",
		Action: orgPath(r.Org.ID) + "/calls", Button: look.Button{Label: "Start the call"}, Fields: callFields(r.About)}
	data.Parts = append(data.Parts, part{Form: &start})
	return v.show("sheet", data)
}

func callFields(about string) []look.Field {
	return []look.Field{{Name: "about", Label: "Matter", Hint: "Never in a mail; shown to who signs in.", Value: about, Optional: true, Max: 100},
		{Kind: look.Select, Name: "urgency", Label: "Urgency", Options: []look.Option{{Value: string(oncall.Routine), Label: "routine: quiet hours hold"}, {Value: string(oncall.Emergency), Label: "emergency: overrides quiet hours"}}}}
}

// calleeParts are the contacts to call, the best one first and largest.
func calleeParts(r contacts.Reply) []part {
	if len(r.Callees) == 0 {
		return []part{{Title: r.Org.Name, Lede: "This organization shows you nobody to call. The coordinators may know more."}}
	}
	var out []part
	for i, c := range r.Callees {
		title := c.Contact.Name
		if i == 0 {
			title = "Call " + title + ", " + r.Org.Name
		}
		p := part{Title: title, Facts: &look.Facts{Items: addressFacts(c.Contact)}}
		p.Chips = append(p.Chips, look.Chip{Label: c.Why, Tone: toneIf(c.OnCall, look.Good)})
		switch {
		case c.Quiet:
			p.Chips = append(p.Chips, look.Chip{Label: "quiet hours: emergencies only", Tone: look.Bad})
		case !c.Open:
			p.Chips = append(p.Chips, look.Chip{Label: "outside its hours", Tone: look.Waiting})
		default:
			p.Chips = append(p.Chips, look.Chip{Label: "answers now", Tone: look.Good})
		}
		p.Facts.Items = append(p.Facts.Items, look.Fact{Term: "Time there", Text: strings.Replace(c.LocalTime, "T", " ", 1) + " " + c.Contact.TimeZone}, look.Fact{Term: "Marking", Text: c.Contact.TLP.String()})
		out = append(out, p)
	}
	return out
}

func toneIf(on bool, t look.Tone) look.Tone {
	if on {
		return t
	}
	return ""
}

// addressFacts are a contact's addresses, which only a recorded look shows.
func addressFacts(c contacts.Contact) []look.Fact {
	var out []look.Fact
	add := func(f look.Fact) {
		if f.Text != "" {
			out = append(out, f)
		}
	}
	add(look.Fact{Term: "Phone", Text: c.Phone, Href: "tel:" + c.Phone})
	add(look.Fact{Term: "Mail", Text: c.Mail, Href: "mailto:" + c.Mail})
	add(look.Fact{Term: "Chat", Text: c.Chat})
	add(look.Fact{Term: "Languages", Text: strings.Join(c.Languages, ", ")})
	return out
}

// takeContacts exports what the directory's filter shows.
func (v *visit) takeContacts(form, name string, write func(*visit, []contacts.Card) error) error {
	var list []contacts.Card
	if err := v.write(func(tx *db.Tx) (err error) {
		list, err = contacts.Export(tx, v.Actor, v.contactSearch(), form)
		return err
	}); err != nil {
		return err
	}
	download(v.w, name)
	return write(v, list)
}

func (v *visit) contactsCSV() error {
	return v.takeContacts("csv", "contacts.csv", func(v *visit, list []contacts.Card) error { return contacts.WriteCSV(v.w, list) })
}

func (v *visit) contactsVCard() error {
	var site charter.Charter
	if err := v.read(func(tx *db.Tx) (err error) { site, err = charter.Load(tx); return err }); err != nil {
		return err
	}
	return v.takeContacts("vcard", "contacts.vcf", func(v *visit, list []contacts.Card) error { return contacts.WriteVCard(v.w, site.Name, list) })
}

// contactsCard is what to print and keep for when the portal is down.
func (v *visit) contactsCard() error {
	var list []contacts.Card
	if err := v.write(func(tx *db.Tx) (err error) {
		list, err = contacts.Export(tx, v.Actor, v.contactSearch(), "card")
		return err
	}); err != nil {
		return err
	}
	data := sheet{Frame: v.allianceFrame(contactsTab)}
	data.Head.Title, data.Head.Tabs = "Contacts, to keep on paper", nil
	data.Head.Crumbs = []look.Link{{Label: "Contacts", Href: contactsTab}, {Label: "Card to print"}}
	t := &look.Table{ID: "card", Caption: fmt.Sprintf("As of %s UTC. Print this page and keep it where the portal's failing finds you.", v.now.Format("2006-01-02 15:04")), Whole: true,
		Columns: []look.Column{{Label: "Organization and contact"}, {Label: "Phone"}, {Label: "Mail and chat", Wide: true}, {Label: "Hours"}, {Label: "Marking"}}, Empty: &look.Empty{Text: "No contact is shown to you."}}
	for _, c := range list {
		data.Head.Marking = highest(data.Head.Marking, c.TLP.String())
		hours := "always"
		if c.Hours != nil {
			hours = c.Hours.String()
		}
		if c.Quiet != nil {
			hours += "; quiet " + c.Quiet.String()
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: c.OrgName + ": " + c.Name, Sub: string(c.Kind)}, {Text: c.Phone}, {Text: c.Mail, Sub: c.Chat}, {Text: hours, Sub: c.TimeZone}, {Marking: c.TLP.String()}}})
	}
	data.Parts = []part{{Table: t}}
	return v.show("sheet", data)
}

// highest is the narrower of two markings that contacts carry.
func highest(a, b string) string {
	if a == "TLP:AMBER+STRICT" || b == "" {
		return a
	}
	return b
}

var faultTones = map[contacts.Fault]look.Tone{contacts.NoContacts: look.Bad, contacts.DeadEnd: look.Bad, contacts.NoLonger: look.Bad, contacts.TestFailed: look.Bad, contacts.Hole: look.Waiting, contacts.KeyEnds: look.Waiting, contacts.Unconfirm: look.Waiting}

func troublesTable(list []contacts.Trouble, named bool) *look.Table {
	t := &look.Table{ID: "troubles", Caption: "What keeps organizations from being reached", Hidden: true, Whole: true, Columns: []look.Column{{Label: "What", Wide: true}, {Label: "Fault"}, {Label: "Since or from"}},
		Empty: &look.Empty{Text: "Nothing is out of date."}}
	if named {
		t.Columns = append([]look.Column{{Label: "Organization"}}, t.Columns...)
	}
	for _, x := range list {
		href := orgContactsPath(x.Org)
		switch x.Kind {
		case "contact":
			href = contactPath(x.ID)
		case "rotation", "ladder", "call":
			href = "/alliance/" + x.Kind + "s/" + x.ID
		}
		cells := []look.Cell{{Text: x.What, Href: href}, {Chip: &look.Chip{Label: string(x.Fault), Tone: faultTones[x.Fault]}}, {Time: x.Since}}
		if named {
			cells = append([]look.Cell{{Text: x.Name, Href: orgContactsPath(x.Org)}}, cells...)
		}
		t.Rows = append(t.Rows, look.Row{Cells: cells})
	}
	return t
}

// troublesPage is for coordinators: what keeps organizations from being reached.
func (v *visit) troublesPage() error {
	var list []contacts.Trouble
	var next string
	if err := v.read(func(tx *db.Tx) (err error) {
		list, next, err = contacts.Troubles(tx, v.Actor, "", v.query("cursor"))
		return err
	}); err != nil {
		return err
	}
	data := sheet{Frame: v.allianceFrame(contactsTab)}
	data.Head.Title = "Contacts out of date"
	t := troublesTable(list, true)
	if t.Whole = next == ""; next != "" {
		t.Pager = &look.Pager{Next: "/alliance/troubles?cursor=" + next}
	}
	data.Parts = []part{{Lede: "Contacts unconfirmed for more than 100 days or doubted, keys that end, rotations with a hole within 30 days, ladders that reach nobody, and tests that were not answered.", Table: t}}
	return v.show("sheet", data)
}

// loadOrgFor sees an organization by the path.
func (v *visit) orgOfPath(tx *db.Tx) (orgs.Org, error) { return orgs.Get(tx, v.Actor, v.path("org")) }

// windowOf reads two times of day; both empty: no window.
func windowOf(field, from, to string) (*oncall.Hours, error) {
	if from == "" && to == "" {
		return nil, nil
	}
	var h oncall.Hours
	var err error
	if h.From, err = oncall.ParseClock(from); err == nil {
		h.To, err = oncall.ParseClock(to)
	}
	if err != nil {
		return nil, errs.Bad(field, "Give both times as 09:00, or neither.")
	}
	return &h, nil
}
