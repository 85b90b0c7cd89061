package client

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tocsin/spec/oncall"
	"tocsin/spec/tlp"
)

// ContactFields are what is kept of a contact. At least one of Mail, Phone and
// Chat is set.
type ContactFields struct {
	Kind      string        `json:"kind"` // "duty desk", "legal", …
	Name      string        `json:"name"`
	Person    string        `json:"person,omitempty"`
	Mail      string        `json:"mail,omitempty"`
	Phone     string        `json:"phone,omitempty"`
	Chat      string        `json:"chat,omitempty"`
	PGPKey    string        `json:"pgp_key,omitempty"`
	TimeZone  string        `json:"time_zone,omitempty"` // IANA name
	Hours     *oncall.Hours `json:"hours,omitempty"`
	Quiet     *oncall.Hours `json:"quiet,omitempty"`
	Languages []string      `json:"languages,omitempty"`
	Topics    []string      `json:"topics,omitempty"`
	Duty      int           `json:"duty,omitempty"`
	Shared    []string      `json:"shared,omitempty"` // ids of programs
}

// Contact is a way into an organization, with its addresses.
type Contact struct {
	ContactFields
	ID        string    `json:"id"`
	Org       string    `json:"org"`
	Confirmed time.Time `json:"confirmed,omitzero"`
	Doubted   time.Time `json:"doubted,omitzero"`
	Version   int64     `json:"version"`
	TLP       tlp.Level `json:"tlp"`
}

// ContactEntry is a contact in a list, without its addresses.
type ContactEntry struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	Name      string    `json:"name"`
	Ways      []string  `json:"ways"`
	TimeZone  string    `json:"time_zone"`
	Open      bool      `json:"open"`
	Topics    []string  `json:"topics,omitempty"`
	Confirmed time.Time `json:"confirmed,omitzero"`
	Doubted   time.Time `json:"doubted,omitzero"`
	TLP       tlp.Level `json:"tlp"`
}

// ContactListing is an organization in the directory of contacts.
type ContactListing struct {
	Org      string         `json:"org"`
	Name     string         `json:"name"`
	Contacts []ContactEntry `json:"contacts"`
}

// Callee is somebody to call, and why them.
type Callee struct {
	Contact   Contact `json:"contact"`
	Why       string  `json:"why"`
	OnCall    bool    `json:"on_call"`
	Open      bool    `json:"open"`
	Quiet     bool    `json:"quiet"`
	LocalTime string  `json:"local_time"`
}

// CallReply answers whom to call. Choices are given instead where the name
// could mean several organizations.
type CallReply struct {
	Org     Org      `json:"org"`
	About   string   `json:"about,omitempty"`
	Callees []Callee `json:"callees"`
	Choices []Org    `json:"choices,omitempty"`
}

// ContactTrouble is what keeps an organization from being reached.
type ContactTrouble struct {
	Org   string    `json:"org"`
	Name  string    `json:"name"`
	Fault string    `json:"fault"`
	ID    string    `json:"id,omitempty"`
	What  string    `json:"what"`
	Since time.Time `json:"since,omitzero"`
}

// Rotation is who of an organization's contacts is on call for a matter.
type Rotation struct {
	ID      string            `json:"id,omitempty"`
	Org     string            `json:"org,omitempty"`
	Name    string            `json:"name"`
	About   string            `json:"about,omitempty"`
	Layers  []oncall.Rotation `json:"layers"`
	Shared  []string          `json:"shared,omitempty"`
	Version int64             `json:"version,omitempty"`
}

// Ladder is whom an organization wants called in turn.
type Ladder struct {
	ID      string        `json:"id,omitempty"`
	Org     string        `json:"org,omitempty"`
	Name    string        `json:"name"`
	About   string        `json:"about,omitempty"`
	Ladder  oncall.Ladder `json:"ladder"`
	Shared  []string      `json:"shared,omitempty"`
	Version int64         `json:"version,omitempty"`
}

// DutyCalendar is a range of a rotation.
type DutyCalendar struct {
	Stretches []oncall.Stretch  `json:"stretches"`
	Gaps      []oncall.Stretch  `json:"gaps"`
	HandOvers []oncall.HandOver `json:"hand_overs"`
}

// Override puts a contact on call for a time, or nobody.
type Override struct {
	ID      string    `json:"id,omitempty"`
	Layer   string    `json:"layer,omitempty"`
	Contact string    `json:"contact"`
	From    time.Time `json:"from,omitzero"`
	To      time.Time `json:"to"`
	Reason  string    `json:"reason,omitempty"`
}

// CallAsk is what a call or a test is to be.
type CallAsk struct {
	Ladder  string `json:"ladder,omitempty"`
	Contact string `json:"contact,omitempty"`
	About   string `json:"about,omitempty"`
	Urgency string `json:"urgency,omitempty"` // routine, emergency
	Minutes int    `json:"minutes,omitempty"`
}

// Call is a call or a test of an organization.
type Call struct {
	ID       string     `json:"id"`
	Org      string     `json:"org"`
	Drill    bool       `json:"drill"`
	About    string     `json:"about,omitempty"`
	Urgency  string     `json:"urgency"`
	State    string     `json:"state"` // running, answered, unanswered, stopped
	Started  time.Time  `json:"started"`
	Until    time.Time  `json:"until"`
	Ended    time.Time  `json:"ended,omitzero"`
	Answerer string     `json:"answered_by,omitempty"`
	Note     string     `json:"note,omitempty"`
	Pages    []CallPage `json:"pages,omitempty"`
}

// CallPage is one try of a call.
type CallPage struct {
	ID      string    `json:"id"`
	Contact string    `json:"contact,omitempty"`
	Name    string    `json:"name"`
	Channel string    `json:"channel"`
	Due     time.Time `json:"due"`
	State   string    `json:"state"`
	Note    string    `json:"note,omitempty"`
}

// ContactSearch narrows the directory of contacts; empty fields do not.
type ContactSearch struct{ Text, Kind, Org string }

func (s ContactSearch) query(p Paging) url.Values {
	q := p.query()
	for name, v := range map[string]string{"q": s.Text, "kind": s.Kind, "org": s.Org} {
		if v != "" {
			q.Set(name, v)
		}
	}
	return q
}

// Contacts searches the directory.
func (c *Client) Contacts(ctx context.Context, s ContactSearch, p Paging) (Page[ContactListing], error) {
	return get[Page[ContactListing]](ctx, c, "/contacts", s.query(p))
}

// Contact reads a contact with its addresses, which is recorded.
func (c *Client) Contact(ctx context.Context, id string) (Contact, error) {
	return get[Contact](ctx, c, at("contacts", id), nil)
}

// AddContact keeps a contact of an organization.
func (c *Client) AddContact(ctx context.Context, org string, in ContactFields) (Contact, error) {
	return post[Contact](ctx, c, at("organizations", org, "contacts"), in)
}

// EditContact replaces a contact; version is the one seen.
func (c *Client) EditContact(ctx context.Context, id string, in ContactFields, version int64) (Contact, error) {
	return change[Contact](ctx, c, http.MethodPut, at("contacts", id), in, version)
}

// ConfirmContact says that a contact is still right.
func (c *Client) ConfirmContact(ctx context.Context, id string, version int64) (Contact, error) {
	return post[Contact](ctx, c, at("contacts", id, "confirm"), object{"version": version})
}

// RemoveContact takes a contact away.
func (c *Client) RemoveContact(ctx context.Context, id string, version int64) error {
	return c.dropVersion(ctx, at("contacts", id), version)
}

func (c *Client) dropVersion(ctx context.Context, path string, version int64) error {
	_, err := c.Do(ctx, Request{Method: http.MethodDelete, Path: path, Query: url.Values{"version": {strconv.FormatInt(version, 10)}}}, nil)
	return err
}

// WhoToCall answers a question such as "Vexel legal".
func (c *Client) WhoToCall(ctx context.Context, question string) (CallReply, error) {
	return get[CallReply](ctx, c, "/contacts/who", url.Values{"q": {question}})
}

// ExportContacts writes contacts as "vcard" or "csv".
func (c *Client) ExportContacts(ctx context.Context, form string, s ContactSearch, w io.Writer) (int64, error) {
	path := at("contact-exports", form)
	if q := s.query(Paging{}); len(q) > 0 {
		path += "?" + q.Encode()
	}
	return c.Download(ctx, path, w)
}

// ContactTroubles lists what keeps organizations from being reached: of one,
// or of all.
func (c *Client) ContactTroubles(ctx context.Context, org string, p Paging) (Page[ContactTrouble], error) {
	q := url.Values{}
	if org != "" {
		q.Set("org", org)
	}
	if p.Cursor != "" {
		q.Set("cursor", p.Cursor)
	}
	return get[Page[ContactTrouble]](ctx, c, "/contacts/troubles", q)
}

// Rotations lists an organization's rotations.
func (c *Client) Rotations(ctx context.Context, org string) (Page[Rotation], error) {
	return get[Page[Rotation]](ctx, c, at("organizations", org, "rotations"), nil)
}

// AddRotation keeps a rotation.
func (c *Client) AddRotation(ctx context.Context, org string, in Rotation) (Rotation, error) {
	return post[Rotation](ctx, c, at("organizations", org, "rotations"), object{"name": in.Name, "about": in.About, "layers": in.Layers, "shared": list(in.Shared)})
}

// RemoveRotation takes a rotation away.
func (c *Client) RemoveRotation(ctx context.Context, id string, version int64) error {
	return c.dropVersion(ctx, at("rotations", id), version)
}

// DutyCalendar is who is on call when in the next four weeks.
func (c *Client) DutyCalendar(ctx context.Context, rotation string) (DutyCalendar, error) {
	return get[DutyCalendar](ctx, c, at("rotations", rotation, "calendar"), nil)
}

// HandDutyOver lets a contact take over for a time.
func (c *Client) HandDutyOver(ctx context.Context, rotation string, in Override) (Override, error) {
	return post[Override](ctx, c, at("rotations", rotation, "overrides"), in)
}

// TakeBack lets the rotation hold again.
func (c *Client) TakeBack(ctx context.Context, rotation, override string) error {
	return c.drop(ctx, at("rotations", rotation, "overrides", override))
}

// Ladders lists an organization's ladders.
func (c *Client) Ladders(ctx context.Context, org string) (Page[Ladder], error) {
	return get[Page[Ladder]](ctx, c, at("organizations", org, "ladders"), nil)
}

// AddLadder keeps a ladder.
func (c *Client) AddLadder(ctx context.Context, org string, in Ladder) (Ladder, error) {
	return post[Ladder](ctx, c, at("organizations", org, "ladders"), object{"name": in.Name, "about": in.About, "ladder": in.Ladder, "shared": list(in.Shared)})
}

// RemoveLadder takes a ladder away.
func (c *Client) RemoveLadder(ctx context.Context, id string, version int64) error {
	return c.dropVersion(ctx, at("ladders", id), version)
}

// PlanLadder is whom a ladder would call when, begun now.
func (c *Client) PlanLadder(ctx context.Context, id, urgency string) (oncall.Calls, error) {
	return get[oncall.Calls](ctx, c, at("ladders", id, "plan"), url.Values{"urgency": {urgency}})
}

// CallOrg calls an organization until somebody answers.
func (c *Client) CallOrg(ctx context.Context, org string, in CallAsk) (Call, error) {
	return post[Call](ctx, c, at("organizations", org, "calls"), in)
}

// TestOrg tests an organization's contacts, unannounced.
func (c *Client) TestOrg(ctx context.Context, org string, in CallAsk) (Call, error) {
	return post[Call](ctx, c, at("organizations", org, "tests"), in)
}

// Calls lists calls, or tests, newest first.
func (c *Client) Calls(ctx context.Context, test bool, org string, p Paging) (Page[Call], error) {
	q := p.query()
	if test {
		q.Set("test", "true")
	}
	if org != "" {
		q.Set("org", org)
	}
	return get[Page[Call]](ctx, c, "/calls", q)
}

// Call is a call or test with its pages.
func (c *Client) Call(ctx context.Context, id string) (Call, error) {
	return get[Call](ctx, c, at("calls", id), nil)
}

// TakeCall answers a call to one's own organization.
func (c *Client) TakeCall(ctx context.Context, id string) (Call, error) {
	return post[Call](ctx, c, at("calls", id, "take"), nil)
}

// StopCall ends a call that is no longer needed.
func (c *Client) StopCall(ctx context.Context, id, note string) (Call, error) {
	return post[Call](ctx, c, at("calls", id, "stop"), object{"note": note})
}

// NotePage says what came of dialing.
func (c *Client) NotePage(ctx context.Context, call, page string, answered bool, note string) (Call, error) {
	return post[Call](ctx, c, at("calls", call, "pages", page), object{"answered": answered, "note": note})
}

// list is never null, which the server does not take for a list.
func list(in []string) json.RawMessage {
	if in == nil {
		in = []string{}
	}
	b, _ := json.Marshal(in) // strings always marshal
	return b
}
