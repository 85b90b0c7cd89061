package contacts

import (
	"slices"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/oncall"
	"tocsin/spec/tlp"
)

// Switchboard makes calls: what leaves by itself goes through its outbox.
type Switchboard struct{ Box *outbox.Box }

// CallState is how a call stands.
type CallState string

// The states. A call runs until one of the others.
const (
	Running    CallState = "running"
	Answered   CallState = "answered"
	Unanswered CallState = "unanswered" // everybody was tried, and the last wait is over
	Stopped    CallState = "stopped"    // no longer needed
)

// PageState is how one try of a call stands.
type PageState string

// The states of a page.
const (
	Waiting PageState = "waiting" // its time has not come
	Sent    PageState = "sent"    // a mail with an answer link is on its way
	Open    PageState = "open"    // a person has to dial or write
	Taken   PageState = "answered"
	Silent  PageState = "no answer" // dialed in vain
	Skipped PageState = "skipped"   // cannot be made; Note says why
	Dropped PageState = "dropped"   // the call was over before
)

// Call is one try to reach an organization by a ladder or a single contact:
// in earnest, or as an unannounced test.
type Call struct {
	ID       string         `json:"id"`
	Org      string         `json:"org"`
	Drill    bool           `json:"drill"` // a test
	Ladder   string         `json:"ladder,omitempty"`
	Contact  string         `json:"contact,omitempty"`
	About    string         `json:"about,omitempty"`
	Urgency  oncall.Urgency `json:"urgency"`
	State    CallState      `json:"state"`
	Started  time.Time      `json:"started"`
	By       string         `json:"started_by,omitempty"` // person; "": the clock
	Until    time.Time      `json:"until"`                // unanswered from then on
	Ended    time.Time      `json:"ended,omitzero"`
	Answerer string         `json:"answered_by,omitempty"`     // contact that answered
	Person   string         `json:"answered_person,omitempty"` // who answered, or said that somebody did, signed in
	Note     string         `json:"note,omitempty"`
	Pages    []Page         `json:"pages,omitempty"`
	TLP      tlp.Level      `json:"tlp"`
	Audience string         `json:"-"`
}

// Minutes is how long it took until somebody answered, whole minutes.
func (c Call) Minutes() int { return int(c.Ended.Sub(c.Started).Minutes()) }

// Page is one try of a call.
type Page struct {
	ID       string         `json:"id"`
	Call     string         `json:"-"`
	Place    int            `json:"place"`
	Contact  string         `json:"contact,omitempty"`
	Name     string         `json:"name"`               // "" for whom the actor may not look up
	Rotation string         `json:"rotation,omitempty"` // whoever is on call in it then
	Channel  oncall.Channel `json:"channel"`
	Due      time.Time      `json:"due"`
	State    PageState      `json:"state"`
	Paged    time.Time      `json:"paged,omitzero"`
	Done     time.Time      `json:"done,omitzero"`
	DoneBy   string         `json:"done_by,omitempty"`
	Note     string         `json:"note,omitempty"`
	address  string
}

// The kinds of events of calls and tests.
const (
	EventCalled         = "call.started"
	EventPaged          = "call.paged"
	EventTried          = "call.tried" // dialed in vain
	EventAnswered       = "call.answered"
	EventUnanswered     = "call.unanswered"
	EventStopped        = "call.stopped"
	EventTested         = "test.started"
	EventTestPaged      = "test.paged"
	EventTestTried      = "test.tried"
	EventTestAnswered   = "test.answered"
	EventTestUnanswered = "test.unanswered"
	EventTestStopped    = "test.stopped"
)

// kinds pairs what happens to a call with what happens to a test.
var kinds = map[string]string{EventCalled: EventTested, EventPaged: EventTestPaged, EventTried: EventTestTried, EventAnswered: EventTestAnswered, EventUnanswered: EventTestUnanswered, EventStopped: EventTestStopped}

var (
	callTable = ledger.Table{Kind: "contact_call", Name: "contact_call", Cols: "id, org_id, audience_id, tlp, drill, ladder_id, contact_id, about, urgency, state, started_at, started_by, ends_at, ended_at, answered_by, answered_person, note"}
	pageTable = ledger.Table{Kind: "contact_page", Name: "contact_page", Cols: "id, call_id, audience_id, tlp, place, contact_id, name, rotation_id, channel, address, due_at, state, paged_at, done_at, done_by, note"}
)

const (
	callColumns = `k.id, k.org_id, k.audience_id, k.tlp, k.drill, k.ladder_id, k.contact_id, k.about, k.urgency, k.state, k.started_at, k.started_by, k.ends_at, k.ended_at, k.answered_by, k.answered_person, k.note`
	pageColumns = `p.id, p.call_id, p.place, p.contact_id, p.name, p.rotation_id, p.channel, p.address, p.due_at, p.state, p.paged_at, p.done_at, p.done_by, p.note`
)

func scanCall(c *Call) []any {
	return []any{&c.ID, &c.Org, &c.Audience, &c.TLP, &c.Drill, &c.Ladder, &c.Contact, &c.About, &c.Urgency, &c.State, db.At(&c.Started), &c.By, db.At(&c.Until), db.At(&c.Ended), &c.Answerer, &c.Person, &c.Note}
}

func scanPage(p *Page) []any {
	return []any{&p.ID, &p.Call, &p.Place, &p.Contact, &p.Name, &p.Rotation, &p.Channel, &p.address, db.At(&p.Due), &p.State, db.At(&p.Paged), db.At(&p.Done), &p.DoneBy, &p.Note}
}

func loadCall(tx *db.Tx, callID string) (Call, error) {
	c, ok, err := db.One(tx, scanCall, `SELECT `+callColumns+` FROM contact_call k WHERE k.id = $1`, callID)
	if err == nil && !ok {
		err = errs.Missing("call")
	}
	return c, err
}

func pagesOf(tx *db.Tx, callID string) ([]Page, error) {
	return db.All(tx, scanPage, `SELECT `+pageColumns+` FROM contact_page p WHERE p.call_id = $1 ORDER BY p.place, p.id`, callID)
}

// GetCall reads a call with its pages, which bear no address: the organization
// called, whoever started it, and coordinators may.
func GetCall(tx *db.Tx, a audience.Actor, callID string) (Call, error) {
	if err := charter.SignedIn(a); err != nil {
		return Call{}, err
	}
	var args db.Args
	c, ok, err := db.One(tx, scanCall, `SELECT `+callColumns+` FROM contact_call k WHERE k.id = `+args.Add(callID)+` AND `+audience.Visible(a, "k", &args), args...)
	if err == nil && !ok {
		err = errs.Missing("call")
	}
	if err == nil {
		c.Pages, err = pagesOf(tx, c.ID)
	}
	if err == nil {
		err = c.unname(tx, a)
	}
	return c, err
}

// unname takes away who is called where the actor may not look them up: whoever
// has a ladder called learns of the contacts that are shown to them.
func (c *Call) unname(tx *db.Tx, a audience.Actor) error {
	if a.Anonymous() || a.Holds(audience.Office, charter.Coordinator) || a.Holds(audience.Org, c.Org) {
		return nil
	}
	mine, err := contactShelf.visible(tx, a, c.Org)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	for i, p := range c.Pages {
		if !slices.ContainsFunc(mine, func(m Contact) bool { return m.ID == p.Contact }) {
			c.Pages[i].Name = ""
		}
	}
	return nil
}

// CallFilter narrows a list of calls.
type CallFilter struct {
	Org    string // or ""
	Drill  bool   // tests, or calls
	State  CallState
	Before string // id of the last one of the page before, or ""
	Limit  int    // 1 to 200; 0 means 50
}

// Calls lists the calls, or the tests, that the actor may see, newest first,
// without their pages.
func Calls(tx *db.Tx, a audience.Actor, f CallFilter) ([]Call, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, err
	}
	var args db.Args
	from := audience.Mine(a, &args) + ` mine JOIN contact_call k ON k.audience_id = mine.audience_id AND k.tlp <= mine.reach`
	where := `k.drill = ` + args.Add(db.Bit(f.Drill))
	if f.Org != "" {
		where += ` AND k.org_id = ` + args.Add(f.Org)
	}
	if f.State != "" {
		where += ` AND k.state = ` + args.Add(string(f.State))
	}
	if f.Before != "" {
		where += ` AND k.id < ` + args.Add(f.Before)
	}
	return db.All(tx, scanCall, `SELECT `+callColumns+` FROM `+from+` WHERE `+where+` ORDER BY k.id DESC`+db.Limit(db.PageRows(f.Limit, 200)), args...)
}

// Task is a page that waits for its caller to dial or write.
type Task struct {
	Call    string         `json:"call"`
	Org     string         `json:"org"`
	Name    string         `json:"name"`
	Channel oncall.Channel `json:"channel"`
	Drill   bool           `json:"drill"`
	Since   time.Time      `json:"since"`
}

// Tasks lists what the actor's own running calls wait for.
func Tasks(tx *db.Tx, a audience.Actor) ([]Task, error) {
	if a.Person == "" {
		return nil, nil
	}
	return db.All(tx, func(t *Task) []any { return []any{&t.Call, &t.Org, &t.Name, &t.Channel, &t.Drill, db.At(&t.Since)} },
		`SELECT k.id, k.org_id, p.name, p.channel, k.drill, p.due_at FROM contact_call k JOIN contact_page p ON p.call_id = k.id WHERE k.state = 'running' AND k.started_by = $1 AND p.state = 'open' ORDER BY p.due_at, p.id`+db.Limit(50), a.Person)
}

// record says what happened to a call. The payload names its starter, who is
// told how it ended.
func (c Call) record(tx *db.Tx, a audience.Actor, kind string, more map[string]any, binds ...ledger.Bound) {
	if c.Drill {
		kind = kinds[kind]
	}
	data := map[string]any{"org": c.Org, "person": c.By, "about": c.About, "urgency": c.Urgency}
	for k, v := range more {
		data[k] = v
	}
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: c.Audience, Level: c.TLP, Scope: c.Org, Object: ledger.Object{Kind: "call", ID: c.ID}, Data: data, Binds: binds})
}
