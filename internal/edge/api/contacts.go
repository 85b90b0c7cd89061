package api

import (
	"bytes"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/contacts"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/oncall"
)

// OfContact names a contact in the path.
type OfContact struct {
	Contact string `path:"contact" maxLength:"64"`
}

// OfVersion says which version is taken away.
type OfVersion struct {
	Version int64 `query:"version" required:"true" minimum:"1" doc:"The version seen."`
}

// ContactSearch is what a search of the directory may ask for.
type ContactSearch struct {
	Listing
	Text string `query:"q" maxLength:"200" doc:"Words in names, kinds, topics and languages of contacts, and in names of organizations."`
	Kind string `query:"kind" maxLength:"40" doc:"A kind of contact, such as legal."`
	Org  string `query:"org" maxLength:"64" doc:"Id of one organization."`
}

func (s ContactSearch) search() contacts.Search {
	return contacts.Search{Text: s.Text, Kind: contacts.Kind(s.Kind), Org: s.Org, After: s.Cursor, Limit: s.Limit}
}

func searchContacts(c *call, tx *db.Tx, in *ContactSearch) (page[contacts.Listing], error) {
	list, next, err := contacts.Directory(tx, c.Actor, in.search())
	return unfinished(list, next), err
}

type whoQuery struct {
	Question string    `query:"q" maxLength:"300" doc:"In one line: an organization and a matter, such as Vexel legal."`
	Org      string    `query:"org" maxLength:"64" doc:"Instead: id of the organization."`
	About    string    `query:"about" maxLength:"100" doc:"With org: a kind of contact or a topic; empty: anything."`
	At       time.Time `query:"at" doc:"Instant; absent: now."`
}

func whoToCall(c *call, tx *db.Tx, in *whoQuery) (contacts.Reply, error) {
	if in.Org == "" {
		return contacts.Who(tx, c.Actor, in.Question, in.At)
	}
	return contacts.WhoAt(tx, c.Actor, in.Org, in.About, in.At)
}

type contactExport struct {
	ContactSearch
	Form string `path:"form" enum:"vcard,csv"`
}

func exportContacts(c *call, tx *db.Tx, in *contactExport) (download, error) {
	list, err := contacts.Export(tx, c.Actor, in.search(), in.Form)
	if err != nil {
		return download{}, err
	}
	site, err := charter.Load(tx)
	if err != nil {
		return download{}, err
	}
	var b bytes.Buffer
	if in.Form == "csv" {
		err = contacts.WriteCSV(&b, list)
		return download{name: "contacts.csv", text: b.Bytes()}, err
	}
	err = contacts.WriteVCard(&b, site.Name, list)
	return download{name: "contacts.vcf", text: b.Bytes()}, err
}

type troubleQuery struct {
	Org    string `query:"org" maxLength:"64" doc:"Id of one organization; empty: all, for coordinators."`
	Cursor string `query:"cursor" maxLength:"500" doc:"next of the page before."`
}

func listTroubles(c *call, tx *db.Tx, in *troubleQuery) (page[contacts.Trouble], error) {
	list, next, err := contacts.Troubles(tx, c.Actor, in.Org, in.Cursor)
	return unfinished(list, next), err
}

func listContacts(c *call, tx *db.Tx, in *OfOrg) (page[contacts.Entry], error) {
	list, err := contacts.List(tx, c.Actor, in.Org)
	return whole(list), err
}

type contactFields struct {
	Kind      string        `json:"kind" doc:"response team, duty desk, executive, legal, communications, support or security contact."`
	Name      string        `json:"name"`
	Person    string        `json:"person" maxLength:"64" doc:"Id of their account, where they have one in the organization."`
	Mail      string        `json:"mail"`
	Phone     string        `json:"phone" doc:"With country code, such as +43 1 234567."`
	Chat      string        `json:"chat"`
	PGPKey    string        `json:"pgp_key" doc:"OpenPGP public key, armored."`
	TimeZone  string        `json:"time_zone" doc:"IANA name; empty: UTC."`
	Hours     *oncall.Hours `json:"hours" doc:"When they answer; absent: always."`
	Quiet     *oncall.Hours `json:"quiet" doc:"When only an emergency may disturb."`
	Languages []string      `json:"languages" maxItems:"10" doc:"BCP 47, preferred first."`
	Topics    []string      `json:"topics" maxItems:"20" doc:"Products and matters to call about."`
	Duty      int           `json:"duty" doc:"Order within the kind; 0 first."`
	Shared    []string      `json:"shared" maxItems:"50" doc:"Ids of programs whose people may see it."`
}

func (f contactFields) contact() contacts.Contact {
	return contacts.Contact{Kind: contacts.Kind(f.Kind), Name: f.Name, Person: f.Person, Mail: f.Mail, Phone: f.Phone, Chat: f.Chat, PGPKey: f.PGPKey, TimeZone: f.TimeZone,
		Hours: f.Hours, Quiet: f.Quiet, Languages: f.Languages, Topics: f.Topics, Duty: f.Duty, Shared: f.Shared}
}

type newContact struct {
	OfOrg
	Body contactFields
}

func addContact(c *call, tx *db.Tx, in *newContact) (contacts.Contact, error) {
	k := in.Body.contact()
	k.Org = in.Org
	return contacts.Add(tx, c.Actor, k)
}

func showContact(c *call, tx *db.Tx, in *OfContact) (contacts.Contact, error) {
	return contacts.Look(tx, c.Actor, in.Contact)
}

type changedContact struct {
	OfContact
	Body contactFields
}

func editContact(c *call, tx *db.Tx, in *changedContact) (contacts.Contact, error) {
	k := in.Body.contact()
	k.ID, k.Version = in.Contact, c.version
	return contacts.Edit(tx, c.Actor, k)
}

type goneContact struct {
	OfContact
	OfVersion
}

func removeContact(c *call, tx *db.Tx, in *goneContact) (nothing, error) {
	return nothing{}, contacts.Remove(tx, c.Actor, in.Contact, in.Version)
}

type rightContact struct {
	OfContact
	Body struct {
		Version int64 `json:"version" required:"true" doc:"The version seen."`
	}
}

func confirmContact(c *call, tx *db.Tx, in *rightContact) (contacts.Contact, error) {
	return contacts.Confirm(tx, c.Actor, in.Contact, in.Body.Version)
}

func listGlances(c *call, tx *db.Tx, in *OfContact) (page[contacts.Glance], error) {
	list, err := contacts.Glances(tx, c.Actor, in.Contact)
	return whole(list), err
}

// OfCall names a call in the path.
type OfCall struct {
	Call string `path:"call" maxLength:"64"`
}

type callQuery struct {
	Listing
	Org   string `query:"org" maxLength:"64"`
	Test  bool   `query:"test" doc:"Tests instead of calls."`
	State string `query:"state" enum:"running,answered,unanswered,stopped"`
}

func listCalls(c *call, tx *db.Tx, in *callQuery) (page[contacts.Call], error) {
	list, err := contacts.Calls(tx, c.Actor, contacts.CallFilter{Org: in.Org, Drill: in.Test, State: contacts.CallState(in.State), Before: in.Cursor, Limit: min(in.Limit+1, 200)})
	next := ""
	if len(list) > in.Limit {
		list = list[:in.Limit]
		next = list[in.Limit-1].ID
	}
	return unfinished(list, next), err
}

type callFields struct {
	Ladder  string `json:"ladder" maxLength:"64" doc:"Id; empty: the organization's ladder for the matter, else whoever is to be called."`
	Contact string `json:"contact" maxLength:"64" doc:"Id of a single contact instead."`
	About   string `json:"about"`
	Urgency string `json:"urgency" doc:"routine, or emergency, which overrides quiet hours; empty: routine."`
	Minutes int    `json:"minutes" doc:"A test: how long it may take to answer; 0: 60."`
}

type newCall struct {
	OfOrg
	Body callFields
}

func (in newCall) ask() contacts.Ask {
	b := in.Body
	return contacts.Ask{Org: in.Org, Ladder: b.Ladder, Contact: b.Contact, About: b.About, Urgency: oncall.Urgency(b.Urgency), Minutes: b.Minutes}
}

func callOrg(c *call, tx *db.Tx, in *newCall) (contacts.Call, error) {
	return contacts.Switchboard{Box: c.Box}.Call(tx, c.Actor, in.ask())
}

func testOrg(c *call, tx *db.Tx, in *newCall) (contacts.Call, error) {
	return contacts.Switchboard{Box: c.Box}.StartTest(tx, c.Actor, in.ask())
}

func showCall(c *call, tx *db.Tx, in *OfCall) (contacts.Call, error) {
	return contacts.GetCall(tx, c.Actor, in.Call)
}

func takeCall(c *call, tx *db.Tx, in *OfCall) (contacts.Call, error) {
	if err := contacts.Take(tx, c.Actor, in.Call); err != nil {
		return contacts.Call{}, err
	}
	return contacts.GetCall(tx, c.Actor, in.Call)
}

type endedCall struct {
	OfCall
	Body struct {
		Note string `json:"note"`
	}
}

func stopCall(c *call, tx *db.Tx, in *endedCall) (contacts.Call, error) {
	if err := contacts.Stop(tx, c.Actor, in.Call, in.Body.Note); err != nil {
		return contacts.Call{}, err
	}
	return contacts.GetCall(tx, c.Actor, in.Call)
}

type notedPage struct {
	OfCall
	Page string `path:"page" maxLength:"64"`
	Body struct {
		Answered *bool  `json:"answered" doc:"Somebody answered, and the call ends; false: nobody did, and the next one's turn comes."`
		Note     string `json:"note"`
	}
}

func notePage(c *call, tx *db.Tx, in *notedPage) (contacts.Call, error) {
	if in.Body.Answered == nil {
		return contacts.Call{}, errs.Bad("answered", "Say whether somebody answered.")
	}
	if err := contacts.Tried(tx, c.Actor, in.Call, in.Page, *in.Body.Answered, in.Body.Note); err != nil {
		return contacts.Call{}, err
	}
	return contacts.GetCall(tx, c.Actor, in.Call)
}
