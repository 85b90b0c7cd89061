package portal

import (
	"fmt"
	"strconv"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

const weeksAhead = 4

// keeps reports whether the visitor keeps an organization's contacts.
func (v *visit) keeps(orgID string) bool {
	return v.Actor.Cap(audience.Org, orgID) >= audience.Contributor || charter.IsCoordinator(v.Actor)
}

// orgContactsPage is all an organization shows of how to reach it.
func (v *visit) orgContactsPage() error {
	var o orgs.Org
	var list []contacts.Entry
	var rotations []contacts.Rotation
	var ladders []contacts.Ladder
	var troubles []contacts.Trouble
	calendars := map[string]contacts.Calendar{}
	tests := []contacts.Call{}
	insider := false
	if err := v.read(func(tx *db.Tx) (err error) {
		if o, err = v.orgOfPath(tx); err != nil {
			return err
		}
		if list, err = contacts.List(tx, v.Actor, o.ID); err != nil {
			return err
		}
		if rotations, err = contacts.Rotations(tx, v.Actor, o.ID); err != nil {
			return err
		}
		for _, r := range rotations {
			if calendars[r.ID], err = contacts.Ahead(tx, v.Actor, r.ID, v.now, v.now.AddDate(0, 0, 7*weeksAhead)); err != nil {
				return err
			}
		}
		if ladders, err = contacts.Ladders(tx, v.Actor, o.ID); err != nil {
			return err
		}
		if insider = v.Actor.Holds(audience.Org, o.ID) || v.coordinates(); insider {
			if troubles, _, err = contacts.Troubles(tx, v.Actor, o.ID, ""); err != nil {
				return err
			}
			tests, err = contacts.Calls(tx, v.Actor, contacts.CallFilter{Org: o.ID, Drill: true, Limit: 5})
		}
		return err
	}); err != nil {
		return err
	}
	data := sheet{Frame: v.orgFrame(o, "Contacts")}
	path := orgContactsPath(o.ID)
	keeps := v.keeps(o.ID)
	if keeps {
		data.Head.Actions = []look.Button{{Label: "Add a contact", Href: path + "/new"}, {Label: "Add a rotation", Href: orgPath(o.ID) + "/rotations/new"}, {Label: "Add a ladder", Href: orgPath(o.ID) + "/ladders/new"}}
	}
	if len(troubles) > 0 {
		data.Parts = append(data.Parts, part{Title: "Put right", Table: troublesTable(troubles, false)})
	}
	t := &look.Table{ID: "contacts", Caption: "Contacts of " + o.Name, Hidden: true, Whole: true, Columns: []look.Column{{Label: "Contact", Wide: true}, {Label: "For"}, {Label: "Reached by"}, {Label: "Now"}, {Label: "Confirmed"}, {Label: "Marking"}},
		Empty: &look.Empty{Text: "No contact is shown to you."}, Exports: []look.Link{{Label: "vCard", Href: "/alliance/contacts.vcf?org=" + o.ID}, {Label: "CSV", Href: "/alliance/contacts.csv?org=" + o.ID}, {Label: "Card to print", Href: "/alliance/contacts-card?org=" + o.ID}}}
	names := map[string]string{}
	for _, e := range list {
		names[e.ID] = e.Name
		t.Rows = append(t.Rows, look.Row{Cells: append([]look.Cell{{Text: e.Name, Href: contactPath(e.ID)}}, v.entryCells(e)...)})
	}
	data.Parts = append(data.Parts, part{Title: "Contacts", Table: t})
	for _, r := range rotations {
		data.Parts = append(data.Parts, part{Title: "On call: " + r.Name, Lede: aboutWords(r.About), Drawing: drawDuty(calendars[r.ID], names, v.now, r.Name), Buttons: []look.Button{{Label: "Open the rotation", Href: rotationPath(r.ID)}}})
	}
	for _, l := range ladders {
		data.Parts = append(data.Parts, part{Title: "Ladder: " + l.Name, Lede: aboutWords(l.About), Drawing: drawLadder(l, names, rotationNames(rotations)), Buttons: []look.Button{{Label: "Open the ladder", Href: ladderPath(l.ID)}}})
	}
	if len(list) > 0 {
		call := look.Form{Title: "Call until somebody answers", Action: orgPath(o.ID) + "/calls", Button: look.Button{Label: "Start the call"}, Fields: callFields("")}
		data.Parts = append(data.Parts, part{Form: &call})
	}
	if insider {
		data.Parts = append(data.Parts, v.testsPart(o, tests))
	}
	return v.show("sheet", data)
}

// testsPart shows the last tests, and offers another one to who may start it.
func (v *visit) testsPart(o orgs.Org, tests []contacts.Call) part {
	t := &look.Table{ID: "tests", Caption: "The last tests", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Started", Wide: true}, {Label: "Result"}, {Label: "After", Unit: "min", Num: true}}, Empty: &look.Empty{Text: "Not tested yet. The clock tests every organization once a quarter, at a time that nobody knows."}}
	for _, c := range tests {
		after := look.Cell{}
		if c.State == contacts.Answered {
			after.Text = strconv.Itoa(c.Minutes())
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: c.Started.UTC().Format("2006-01-02 15:04 UTC"), Href: callPath(c.ID)}, {Chip: &look.Chip{Label: string(c.State), Tone: callTones[c.State]}}, after}})
	}
	p := part{Title: "Unannounced tests", Table: t}
	if v.coordinates() || v.isAdmin(o.ID) {
		p.Buttons = []look.Button{{Label: "Start a test now", Action: orgPath(o.ID) + "/tests"}}
	}
	return p
}

// isAdmin reports whether the visitor runs an organization.
func (v *visit) isAdmin(orgID string) (runs bool) {
	_ = v.read(func(tx *db.Tx) (err error) { runs, err = orgs.Runs(tx, v.Actor, orgID); return err })
	return runs
}

func aboutWords(about string) string {
	if about == "" {
		return "For everything."
	}
	return "For: " + about + "."
}

func rotationNames(list []contacts.Rotation) map[string]string {
	out := map[string]string{}
	for _, r := range list {
		out[r.ID] = r.Name
	}
	return out
}

// contactView is a contact with what stands around it.
type contactView struct {
	contacts.Entry
	org     orgs.Org
	glances []contacts.Glance
	names   map[string]string
	version int64
}

func (v *visit) loadContact(tx *db.Tx) (c contactView, err error) {
	if c.Entry, c.version, err = contacts.Glimpse(tx, v.Actor, v.path("contact")); err != nil {
		return c, err
	}
	if c.org, err = orgs.Load(tx, c.Org); err != nil {
		return c, err
	}
	if !v.Actor.Holds(audience.Org, c.Org) && !v.coordinates() {
		return c, nil
	}
	if c.glances, err = contacts.Glances(tx, v.Actor, c.ID); err != nil {
		return c, err
	}
	c.names, err = lookersOf(tx, c.glances)
	return c, err
}

func (v *visit) contactFrame(c contactView, below string) look.Frame {
	f := v.allianceFrame(contactsTab)
	f.Head = look.RecordHead{Kind: string(c.Kind), Title: c.Name, Marking: c.TLP.String(), Crumbs: []look.Link{{Label: "Contacts", Href: contactsTab}, {Label: c.org.Name, Href: orgContactsPath(c.Org)}, {Label: c.Name}}}
	if below != "" {
		f.Head.Crumbs[2].Href = contactPath(c.ID)
		f.Head.Crumbs = append(f.Head.Crumbs, look.Link{Label: below})
	}
	return f
}

// contactPage shows a contact without its addresses.
func (v *visit) contactPage() error { return v.contactSheet(nil) }

// revealContact shows the addresses, which its organization can see was done.
func (v *visit) revealContact() error {
	if err := v.parse(); err != nil {
		return err
	}
	var c contacts.Contact
	if err := v.write(func(tx *db.Tx) (err error) {
		c, err = contacts.Look(tx, v.Actor, v.path("contact"))
		return err
	}); err != nil {
		return err
	}
	return v.contactSheet(&c)
}

func (v *visit) contactSheet(shown *contacts.Contact) error {
	var c contactView
	if err := v.read(func(tx *db.Tx) (err error) { c, err = v.loadContact(tx); return err }); err != nil {
		return err
	}
	data := sheet{Frame: v.contactFrame(c, "")}
	path := contactPath(c.ID)
	facts := []look.Fact{{Term: "Organization", Text: c.org.Name, Href: orgContactsPath(c.Org)}, {Term: "For", Text: string(c.Kind)}, {Term: "Time there", Text: localTime(c.TimeZone, v.now)}}
	if !c.Confirmed.IsZero() {
		facts = append(facts, look.Fact{Term: "Confirmed", Time: c.Confirmed})
	}
	if !c.Doubted.IsZero() {
		data.Notices = []look.Notice{{Tone: look.Bad, Title: "No longer right", Text: "Whoever answers there said so. Correct the contact or remove it."}}
	}
	switch {
	case c.KeyEnds.IsZero():
	case c.KeyEnds.Before(v.now):
		facts = append(facts, look.Fact{Term: "OpenPGP key", Chips: []look.Chip{{Label: "expired", Tone: look.Bad}}}, look.Fact{Term: "Since", Time: c.KeyEnds})
	default:
		facts = append(facts, look.Fact{Term: "OpenPGP key until", Time: c.KeyEnds})
	}
	if shown == nil {
		data.Parts = []part{{Facts: &look.Facts{Items: facts}}, {Title: "Addresses", Lede: "That you looked is recorded; the organization and the coordinators can see it.", Buttons: []look.Button{{Label: "Show the addresses", Kind: look.Primary, Action: path + "/reveal"}}}}
	} else {
		data.Parts = []part{{Title: "Addresses", Facts: &look.Facts{Items: addressFacts(*shown)}}, {Facts: &look.Facts{Items: facts}}}
		if shown.PGPKey != "" {
			data.Parts[0].Code = &look.Code{Label: "OpenPGP key", Text: shown.PGPKey}
		}
	}
	if v.keeps(c.Org) {
		data.Head.Actions = []look.Button{{Label: "Edit", Href: path + "/edit"}, {Label: "Remove…", Href: path + "/remove"}}
		data.Parts = append(data.Parts, part{Title: "Still right?", Buttons: []look.Button{{Label: "Still right", Action: path + "/confirm", Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(c.version, 10)}}}}})
		if v.coordinates() || v.isAdmin(c.Org) {
			data.Parts[len(data.Parts)-1].Buttons = append(data.Parts[len(data.Parts)-1].Buttons, look.Button{Label: "Test this contact", Action: orgPath(c.Org) + "/tests", Hidden: []look.Hidden{{Name: "contact", Value: c.ID}}})
		}
	}
	if c.names != nil {
		t := &look.Table{ID: "glances", Caption: "Who looked", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Who", Wide: true}, {Label: "When"}, {Label: "For"}}, Empty: &look.Empty{Text: "Nobody has looked at the addresses yet."}}
		for _, g := range c.glances {
			t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: c.names[g.Person]}, {Time: g.At}, {Text: g.About}}})
		}
		data.Parts = append(data.Parts, part{Title: "Who looked", Table: t})
	}
	return v.show("sheet", data)
}

func (v *visit) confirmContact() error {
	if err := v.parse(); err != nil {
		return err
	}
	version, err := v.version()
	if err == nil {
		err = v.write(func(tx *db.Tx) error {
			_, err := contacts.Confirm(tx, v.Actor, v.path("contact"), version)
			return err
		})
	}
	if err != nil {
		return err
	}
	return v.next(contactPath(v.path("contact")), fmt.Sprintf("Confirmed. It will be asked for again in %s.", look.Plural(int(contacts.Quarter/(24*time.Hour)), "day", "days")))
}

func (v *visit) askRemoveContact() error {
	var c contactView
	if err := v.read(func(tx *db.Tx) (err error) { c, err = v.loadContact(tx); return err }); err != nil {
		return err
	}
	return v.ask(v.contactFrame(c, "Remove"), look.Confirm{Title: "Remove " + c.Name, What: "The contact is taken out of the directory; nobody finds or calls it any more.", Whom: "Everybody it is shown to.", Undo: "Add it again.",
		Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(c.version, 10)}}, Button: look.Button{Label: "Remove the contact", Kind: look.Danger}, Cancel: contactPath(c.ID)})
}

func (v *visit) removeContact() error {
	if err := v.parse(); err != nil {
		return err
	}
	var c contactView
	version, err := v.version()
	if err == nil {
		err = v.write(func(tx *db.Tx) (err error) {
			if c, err = v.loadContact(tx); err != nil {
				return err
			}
			return contacts.Remove(tx, v.Actor, c.ID, version)
		})
	}
	if err != nil {
		return err
	}
	return v.next(orgContactsPath(c.Org), "The contact is removed.")
}
