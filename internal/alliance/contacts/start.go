package contacts

import (
	"slices"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/limit"
	"tocsin/spec/oncall"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

const (
	patience    = 15 * time.Minute // after the last page, where its step has no longer wait
	testMinutes = 60               // to answer a test, unless said otherwise
	maxMinutes  = 14 * 24 * 60
	callsAnHour = 20 // of one person
)

// Ask is what a call or a test is to be.
type Ask struct {
	Org     string
	Ladder  string // or "": the one for About, else one of everybody who may be called
	Contact string // a single contact instead of a ladder
	About   string
	Urgency oncall.Urgency // "" means routine
	Minutes int            // a test: how long it may take to answer; 0 means 60
}

// Call begins to call an organization in earnest: whoever is to be called is
// mailed when their turn comes, and what has to be dialed waits for the caller.
// It goes on by the clock until somebody answers. Conflict when nobody can be
// reached.
func (s Switchboard) Call(tx *db.Tx, a audience.Actor, in Ask) (Call, error) {
	if _, err := orgs.Get(tx, a, in.Org); err != nil {
		return Call{}, err
	}
	if !charter.Allows(a, charter.ScopeWrite) {
		return Call{}, errs.New(errs.Denied, "Calling an organization needs a token of scope write.")
	}
	if err := limit.Allow(tx, "call "+a.Person, callsAnHour, time.Hour); err != nil {
		return Call{}, err
	}
	return s.start(tx, a, in, false)
}

// StartTest begins an unannounced test of a ladder, a contact, or whoever an
// organization says is to be called: a mail with an answer link goes to each in
// turn. Coordinators and the organization's admins may.
func (s Switchboard) StartTest(tx *db.Tx, a audience.Actor, in Ask) (Call, error) {
	if _, err := orgs.Get(tx, a, in.Org); err != nil {
		return Call{}, err
	}
	runs, err := orgs.Runs(tx, a, in.Org)
	if err != nil {
		return Call{}, err
	}
	if !charter.IsCoordinator(a) && !(runs && charter.Allows(a, charter.ScopeWrite)) {
		return Call{}, errs.New(errs.Denied, "Coordinators, and the organization's admins, test its contacts.")
	}
	if err := limit.Allow(tx, "test "+in.Org, callsAnHour, time.Hour); err != nil {
		return Call{}, err
	}
	return s.start(tx, a, in, true)
}

// start plans a call and keeps it with its pages; the clock makes them. The
// zero actor is the clock.
func (s Switchboard) start(tx *db.Tx, a audience.Actor, in Ask, drill bool) (Call, error) {
	in, err := in.cleaned()
	if err != nil {
		return Call{}, err
	}
	c := Call{ID: id.New("call", tx.Now), Org: in.Org, Drill: drill, Contact: in.Contact, About: in.About, Urgency: in.Urgency, State: Running, Started: tx.Now, By: a.Person, TLP: tlp.AmberStrict}
	b, err := openBook(tx, a, in.Org, drill)
	if err != nil {
		return Call{}, err
	}
	ladder, err := b.climb(tx, a, &c, in)
	if err != nil {
		return Call{}, err
	}
	if err := free(tx, c); err != nil {
		return Call{}, err
	}
	plan, err := oncall.Plan(ladder, b.Book, tx.Now, in.Urgency)
	if err != nil {
		return Call{}, errs.Bad("urgency", "Please correct this: %s.", err)
	}
	c.Pages = b.pages(c, ladder, plan)
	if !slices.ContainsFunc(c.Pages, func(p Page) bool { return p.State == Waiting }) {
		return Call{}, errs.New(errs.Conflict, "Nobody there can be reached now: %s.", unreached(plan))
	}
	c.Until = tx.Now
	for _, p := range plan.Calls {
		wait := max(time.Duration(ladder.Steps[p.Step-1].Wait)*time.Minute, patience)
		if end := p.At.Add(wait); end.After(c.Until) {
			c.Until = end
		}
	}
	if drill {
		if end := tx.Now.Add(time.Duration(in.Minutes) * time.Minute); end.After(c.Until) {
			c.Until = end
		}
	}
	if err := c.keep(tx, a); err != nil {
		return Call{}, err
	}
	if err := s.pageDue(tx, c.ID); err != nil {
		return Call{}, err
	}
	return c, c.unname(tx, a)
}

func (in Ask) cleaned() (Ask, error) {
	var err error
	if in.About, _, err = text.CleanLine(in.About, 100); err != nil {
		return in, errs.Bad("about", "Please correct what it is about: %s.", err)
	}
	if in.Urgency == "" {
		in.Urgency = oncall.Routine
	}
	if in.Urgency != oncall.Routine && in.Urgency != oncall.Emergency {
		return in, errs.Bad("urgency", "Say routine or emergency.")
	}
	if in.Minutes == 0 {
		in.Minutes = testMinutes
	}
	if in.Minutes < 1 || in.Minutes > maxMinutes {
		return in, errs.Bad("minutes", "Give between a minute and 14 days to answer.")
	}
	if in.Contact != "" && in.Ladder != "" {
		return in, errs.Bad("contact", "Choose a ladder or a contact, not both.")
	}
	return in, nil
}

// free refuses a second call of the same while one runs.
func free(tx *db.Tx, c Call) error {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM contact_call WHERE org_id = $1 AND drill = $2 AND state = 'running' AND ladder_id = $3 AND contact_id = $4 AND about = $5`, c.Org, db.Bit(c.Drill), c.Ladder, c.Contact, c.About)
	if err == nil && n > 0 {
		err = errs.New(errs.Conflict, "This is being called already. Follow that call, or stop it first.")
	}
	return err
}

// keep stores a call with its pages.
func (c *Call) keep(tx *db.Tx, a audience.Actor) error {
	var err error
	if c.Audience, err = room(tx, c.Org, "call", nil); err != nil {
		return err
	}
	if a.Person != "" {
		if err := audience.Admit(tx, c.Audience, audience.Grant{Kind: audience.Person, ID: a.Person, Role: audience.Contributor, Reason: "calls"}); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`INSERT INTO contact_call (id, org_id, audience_id, tlp, drill, ladder_id, contact_id, about, urgency, state, started_at, started_by, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		c.ID, c.Org, c.Audience, int(c.TLP), db.Bit(c.Drill), c.Ladder, c.Contact, c.About, string(c.Urgency), string(c.State), db.Micros(c.Started), c.By, db.Micros(c.Until)); err != nil {
		return err
	}
	binds := []ledger.Bound{callTable.Of(c.ID)}
	for i := range c.Pages {
		p := &c.Pages[i]
		p.ID, p.Call, p.Place = id.New("page", tx.Now), c.ID, i+1
		if _, err := tx.Exec(`INSERT INTO contact_page (id, call_id, audience_id, tlp, place, contact_id, name, rotation_id, channel, address, due_at, state, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			p.ID, c.ID, c.Audience, int(c.TLP), p.Place, p.Contact, p.Name, p.Rotation, string(p.Channel), p.address, db.Micros(p.Due), string(p.State), p.Note); err != nil {
			return err
		}
		binds = append(binds, pageTable.Of(p.ID))
	}
	c.record(tx, a, EventCalled, map[string]any{"pages": len(c.Pages)}, binds...)
	return nil
}

// failed keeps a test of the clock that could page nobody.
func failed(tx *db.Tx, orgID string) error {
	c := Call{ID: id.New("call", tx.Now), Org: orgID, Drill: true, Urgency: oncall.Routine, State: Running, Started: tx.Now, Until: tx.Now, TLP: tlp.AmberStrict}
	if err := c.keep(tx, audience.Actor{}); err != nil {
		return err
	}
	return c.end(tx, audience.Actor{}, Unanswered, "Nobody could be paged: no contact has a mail address.")
}
