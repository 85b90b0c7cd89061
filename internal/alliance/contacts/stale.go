package contacts

import (
	"fmt"
	"slices"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/oncall"
	"tocsin/spec/text"
)

// Foresight is how far ahead holes in rotations and ends of keys are looked
// for.
const Foresight = 30 * 24 * time.Hour

// Fault is what is wrong with a contact, rotation or ladder.
type Fault string

// The faults.
const (
	NoContacts  Fault = "no contacts" // of a member of the alliance
	Unconfirm   Fault = "unconfirmed" // for longer than Overdue
	NoLonger    Fault = "doubted"     // said to be no longer right
	KeyEnds     Fault = "key"         // expired, or expires within Foresight
	Hole        Fault = "hole"        // a rotation has nobody on call within Foresight
	DeadEnd     Fault = "dead end"    // a ladder reaches nobody
	TestFailed  Fault = "test failed" // the last test was not answered
	maxTroubles       = 300           // of one page
	orgsAtOnce        = 100
)

// Trouble is one thing that keeps an organization from being reached.
type Trouble struct {
	Org   string    `json:"org"`
	Name  string    `json:"name"` // of the organization
	Fault Fault     `json:"fault"`
	Kind  string    `json:"kind"` // contact, rotation, ladder or call; "" for the organization
	ID    string    `json:"id,omitempty"`
	What  string    `json:"what"`           // in words
	Since time.Time `json:"since,omitzero"` // or when it begins
}

// Troubles lists what keeps organizations from being reached, by name of the
// organization: of one, for its own people; of all, for coordinators. next is
// where the next page begins, or "".
func Troubles(tx *db.Tx, a audience.Actor, orgID, after string) (list []Trouble, next string, err error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, "", err
	}
	all := a.Holds(audience.Office, charter.Coordinator)
	if !all && (orgID == "" || !a.Holds(audience.Org, orgID)) {
		if orgID != "" {
			if _, err := orgs.Get(tx, a, orgID); err != nil {
				return nil, "", err
			}
		}
		return nil, "", errs.New(errs.Denied, "What is out of date is shown to coordinators, and to each organization of its own.")
	}
	for {
		var args db.Args
		where := `(o.listed = 1 AND o.state = 'active' OR EXISTS (SELECT 1 FROM contact c WHERE c.org_id = o.id))`
		if orgID != "" {
			where = `o.id = ` + args.Add(orgID)
		}
		if after != "" {
			last, err := orgs.Get(tx, a, after)
			if err != nil {
				return nil, "", errs.Bad("after", "The next page begins after an organization that is gone; start from the first.")
			}
			where += ` AND (o.folded, o.id) > (` + args.Add(orgs.Fold(last.Name)) + `, ` + args.Add(last.ID) + `)`
		}
		page, err := db.All(tx, func(o *examined) []any { return []any{&o.id, &o.name, &o.member} }, `SELECT o.id, o.name, o.listed FROM org o WHERE `+where+` ORDER BY o.folded, o.id`+db.Limit(orgsAtOnce), args...)
		if err != nil {
			return nil, "", err
		}
		found, err := examine(tx, page)
		if err != nil {
			return nil, "", err
		}
		list = append(list, found...)
		if orgID != "" || len(page) < orgsAtOnce {
			return list, "", nil
		}
		after = page[len(page)-1].id
		if len(list) >= maxTroubles {
			return list, after, nil
		}
	}
}

// examined is an organization with all that is looked at.
type examined struct {
	id, name  string
	member    bool
	contacts  []Contact
	rotations []Rotation
	overrides map[string][]Override
	ladders   []Ladder
	tests     []Call
	found     []Trouble
}

// examine looks at a page of organizations with one query for each kind.
func examine(tx *db.Tx, page []examined) ([]Trouble, error) {
	at := map[string]int{}
	var ids []string
	for i := range page {
		page[i].overrides = map[string][]Override{}
		at[page[i].id] = i
		ids = append(ids, page[i].id)
	}
	var args db.Args
	in := db.List(&args, ids)
	contacts, err := contactShelf.of(tx, ids...)
	if err != nil {
		return nil, err
	}
	for _, c := range contacts {
		page[at[c.Org]].contacts = append(page[at[c.Org]].contacts, c)
	}
	rotations, err := rotationShelf.of(tx, ids...)
	if err != nil {
		return nil, err
	}
	owner := map[string]int{}
	for _, r := range rotations {
		owner[r.ID] = at[r.Org]
		page[at[r.Org]].rotations = append(page[at[r.Org]].rotations, r)
	}
	overrides, err := db.All(tx, scanOverride, `SELECT `+overrideColumns+` FROM contact_override v JOIN contact_rotation r ON r.id = v.rotation_id WHERE r.org_id IN `+in+` ORDER BY v.place`, args...)
	if err != nil {
		return nil, err
	}
	for _, o := range overrides {
		page[owner[o.Rotation]].overrides[o.Rotation] = append(page[owner[o.Rotation]].overrides[o.Rotation], o)
	}
	ladders, err := ladderShelf.of(tx, ids...)
	if err != nil {
		return nil, err
	}
	for _, l := range ladders {
		page[at[l.Org]].ladders = append(page[at[l.Org]].ladders, l)
	}
	tests, err := db.All(tx, scanCall, `SELECT `+callColumns+` FROM contact_call k WHERE k.drill = 1 AND k.state = 'unanswered' AND k.org_id IN `+in+`
		AND NOT EXISTS (SELECT 1 FROM contact_call n WHERE n.org_id = k.org_id AND n.drill = 1 AND n.id > k.id AND n.state IN ('answered', 'unanswered')) ORDER BY k.id`, args...)
	if err != nil {
		return nil, err
	}
	for _, c := range tests {
		page[at[c.Org]].tests = append(page[at[c.Org]].tests, c)
	}
	var out []Trouble
	for i := range page {
		if err := page[i].look(tx.Now); err != nil {
			return nil, err
		}
		out = append(out, page[i].found...)
	}
	return out, nil
}

func (o *examined) add(f Fault, kind, id string, since time.Time, what string, args ...any) {
	o.found = append(o.found, Trouble{Org: o.id, Name: o.name, Fault: f, Kind: kind, ID: id, Since: since, What: fmt.Sprintf(what, args...)})
}

func (o *examined) look(now time.Time) error {
	if len(o.contacts) == 0 && o.member {
		o.add(NoContacts, "", "", time.Time{}, "keeps no contacts")
	}
	for _, c := range o.contacts {
		switch since := later(c.Confirmed, c.CreatedAt); {
		case !c.Doubted.IsZero():
			o.add(NoLonger, "contact", c.ID, c.Doubted, "%s is said to be no longer right", c.Name)
		case since.Before(now.Add(-Overdue)):
			o.add(Unconfirm, "contact", c.ID, since, "%s was not confirmed for %s", c.Name, text.Plural(int(now.Sub(since).Hours()/24), "day", "days"))
		}
		switch {
		case c.PGPKey == "" || c.PGPExpiry.IsZero() || c.PGPExpiry.After(now.Add(Foresight)):
		case c.PGPExpiry.After(now):
			o.add(KeyEnds, "contact", c.ID, c.PGPExpiry, "the OpenPGP key of %s expires soon", c.Name)
		default:
			o.add(KeyEnds, "contact", c.ID, c.PGPExpiry, "the OpenPGP key of %s has expired", c.Name)
		}
	}
	b := oncall.Book{Rosters: map[string]*oncall.Roster{}, Roles: map[string][]string{}, Contacts: map[string]oncall.Contact{}}
	for _, c := range o.contacts {
		b.Contacts[c.ID] = oncall.Contact{Ways: c.Ways()}
		b.Roles[string(c.Kind)] = append(b.Roles[string(c.Kind)], c.ID)
	}
	for _, r := range o.rotations {
		roster := r.roster(o.overrides[r.ID])
		if roster == nil {
			o.add(Hole, "rotation", r.ID, now, "%s says nothing of who is on call: its overrides do not fit its layers", r.Name)
			continue
		}
		b.Rosters[r.ID] = roster
		gaps, err := roster.Gaps(now, now.Add(Foresight))
		if err != nil {
			return err
		}
		if len(gaps) > 0 {
			o.add(Hole, "rotation", r.ID, gaps[0].From, "%s has nobody on call for %s in the next 30 days", r.Name, spell(gaps))
		}
	}
	for _, l := range o.ladders {
		plan, err := oncall.Plan(l.Ladder, b, now, oncall.Emergency)
		if err != nil {
			return err
		}
		if len(plan.Calls) == 0 {
			o.add(DeadEnd, "ladder", l.ID, time.Time{}, "%s reaches nobody: %s", l.Name, unreached(plan))
		}
	}
	for _, c := range o.tests {
		o.add(TestFailed, "call", c.ID, c.Started, "nobody answered the last test page")
	}
	slices.SortStableFunc(o.found, func(a, b Trouble) int { return rank(a.Fault) - rank(b.Fault) })
	return nil
}

// rank puts what keeps an organization from being reached at all first.
func rank(f Fault) int {
	return slices.Index([]Fault{NoContacts, DeadEnd, NoLonger, TestFailed, Hole, KeyEnds, Unconfirm}, f)
}

// spell is how long gaps are together.
func spell(gaps []oncall.Stretch) string {
	var sum time.Duration
	for _, g := range gaps {
		sum += g.To.Sub(g.From)
	}
	if sum >= 48*time.Hour {
		return text.Plural(int(sum.Hours()/24), "day", "days")
	}
	return fmt.Sprintf("%d h %02d min", int(sum.Hours()), int(sum.Minutes())%60)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
