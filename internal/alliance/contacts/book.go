package contacts

import (
	"slices"
	"strings"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/oncall"
)

// book is whom a call may reach. The clock reaches everybody of the
// organization, and a ladder calls whomever it names; what the caller may not
// look up is mailed and never dialed.
type book struct {
	oncall.Book
	list    []Contact
	dialed  map[string]bool // contacts whose numbers the caller may be shown
	drill   bool
	byClock bool
}

func openBook(tx *db.Tx, a audience.Actor, orgID string, drill bool) (*book, error) {
	b := &book{Book: oncall.Book{Rosters: map[string]*oncall.Roster{}, Roles: map[string][]string{}, Contacts: map[string]oncall.Contact{}}, dialed: map[string]bool{}, drill: drill, byClock: a.Anonymous()}
	var err error
	if b.list, err = contactShelf.of(tx, orgID); err != nil {
		return nil, err
	}
	if !b.byClock {
		mine, err := contactShelf.visible(tx, a, orgID)
		if err != nil {
			return nil, err
		}
		for _, c := range mine {
			b.dialed[c.ID] = true
		}
	}
	for _, c := range b.list {
		known := oncall.Contact{Ways: b.ways(c)}
		if c.Quiet != nil {
			known.Quiet = &oncall.Quiet{Zone: c.TimeZone, Hours: *c.Quiet}
		}
		b.Contacts[c.ID] = known
		b.Roles[string(c.Kind)] = append(b.Roles[string(c.Kind)], c.ID)
	}
	rotations, err := rotationShelf.of(tx, orgID)
	for _, r := range rotations {
		if b.Rosters[r.ID], err = rosterOf(tx, r); err != nil {
			return nil, err
		}
	}
	return b, err
}

// ways are how this call can reach a contact. A test goes by mail where there
// is an address, because a mail answers for itself.
func (b *book) ways(c Contact) []oncall.Channel {
	switch {
	case c.Mail != "" && (b.drill || !b.dialed[c.ID]):
		return []oncall.Channel{oncall.Mail}
	case b.dialed[c.ID]:
		return c.Ways()
	}
	return nil
}

func (b *book) contact(contactID string) (Contact, bool) {
	i := slices.IndexFunc(b.list, func(c Contact) bool { return c.ID == contactID })
	if i < 0 {
		return Contact{}, false
	}
	return b.list[i], true
}

// climb is the ladder that a call climbs: the one asked for, the organization's
// own for the matter, or one of whoever is to be called.
func (b *book) climb(tx *db.Tx, a audience.Actor, c *Call, in Ask) (oncall.Ladder, error) {
	switch {
	case in.Contact != "":
		if !b.byClock {
			if _, err := contactShelf.see(tx, a, in.Contact); err != nil {
				return oncall.Ladder{}, err
			}
		}
		if _, ok := b.contact(in.Contact); !ok {
			return oncall.Ladder{}, errs.Missing("contact")
		}
		return oncall.Ladder{Steps: []oncall.Step{{Whom: oncall.Whom{Kind: oncall.ByPerson, ID: in.Contact}}}}, nil
	case in.Ladder != "" && !b.byClock:
		l, err := GetLadder(tx, a, in.Ladder)
		if err == nil && l.Org != in.Org {
			err = errs.Missing("ladder")
		}
		c.Ladder = l.ID
		return l.Ladder, err
	}
	l, ok, err := b.ladderFor(tx, a, in)
	if err != nil || ok {
		c.Ladder = l.ID
		return l.Ladder, err
	}
	return b.improvised(tx, a, in)
}

// within are the rows of an organization that whoever calls goes by: the clock
// by all of them.
func within[T any](tx *db.Tx, b *book, a audience.Actor, s shelf[T], orgID string) ([]T, error) {
	if b.byClock {
		return s.of(tx, orgID)
	}
	return s.visible(tx, a, orgID)
}

// ladderFor is the organization's ladder for a matter, else its general one.
func (b *book) ladderFor(tx *db.Tx, a audience.Actor, in Ask) (Ladder, bool, error) {
	list, err := within(tx, b, a, ladderShelf, in.Org)
	if err != nil {
		return Ladder{}, false, err
	}
	for _, about := range []string{orgs.Fold(in.About), ""} {
		if i := slices.IndexFunc(list, func(l Ladder) bool { return orgs.Fold(l.About) == about }); i >= 0 {
			return list[i], true, nil
		}
	}
	return Ladder{}, false, nil
}

// improvised calls whoever WhoNow names, one after the other.
func (b *book) improvised(tx *db.Tx, a audience.Actor, in Ask) (oncall.Ladder, error) {
	f := finder{about: orgs.Fold(in.About), now: tx.Now, list: b.list}
	if !b.byClock {
		f.list = slices.DeleteFunc(slices.Clone(b.list), func(c Contact) bool { return !b.dialed[c.ID] })
	}
	rotations, err := within(tx, b, a, rotationShelf, in.Org)
	if err != nil {
		return oncall.Ladder{}, err
	}
	for _, r := range rotations {
		f.onCall(r, b.Rosters[r.ID])
	}
	f.others()
	var l oncall.Ladder
	for _, c := range f.best() {
		l.Steps = append(l.Steps, oncall.Step{Whom: oncall.Whom{Kind: oncall.ByPerson, ID: c.Contact.ID}, Wait: int(patience.Minutes())})
	}
	if len(l.Steps) == 0 {
		return l, errs.New(errs.Conflict, "This organization has nobody to call here: it has shown no contacts for it.")
	}
	return l, nil
}

// pages is what a plan makes of a call. What has to be dialed is mailed too,
// where there is an address: a mail leaves by itself.
func (b *book) pages(c Call, l oncall.Ladder, plan oncall.Calls) []Page {
	var out []Page
	rotation := func(step int) string {
		if w := l.Steps[step-1].Whom; w.Kind == oncall.ByRotation {
			return w.ID
		}
		return ""
	}
	for _, p := range plan.Calls {
		who, _ := b.contact(p.Whom)
		add := func(channel oncall.Channel) {
			out = append(out, Page{Contact: who.ID, Name: who.Name, Rotation: rotation(p.Step), Channel: channel, Due: p.At, State: Waiting, address: who.address(channel)})
		}
		if add(p.Channel); p.Channel != oncall.Mail && who.Mail != "" {
			add(oncall.Mail)
		}
	}
	for _, x := range plan.Skipped {
		who, _ := b.contact(x.ID)
		out = append(out, Page{Contact: x.ID, Name: who.Name, Rotation: rotation(x.Step), Channel: l.Steps[x.Step-1].Channel, Due: x.At, State: Skipped, Note: x.Reason})
	}
	slices.SortStableFunc(out, func(a, b Page) int { return a.Due.Compare(b.Due) })
	return out
}

func (c Contact) address(channel oncall.Channel) string {
	switch channel {
	case oncall.Mail:
		return c.Mail
	case oncall.Phone:
		return c.Phone
	case oncall.Chat:
		return c.Chat
	}
	return ""
}

// unreached says why a plan calls nobody.
func unreached(plan oncall.Calls) string {
	var out []string
	for _, s := range plan.Skipped {
		if !slices.Contains(out, s.Reason) && len(out) < 5 {
			out = append(out, s.Reason)
		}
	}
	if len(out) == 0 {
		return "there is no way to reach anybody"
	}
	return strings.Join(out, "; ")
}
