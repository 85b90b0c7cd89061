package outreach

import (
	"slices"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

const maxItems = 500

// Published lists what everybody may read now, by kind and place, without
// who wrote and who cleared it. It asks nobody.
func Published(tx *db.Tx) ([]Item, error) {
	var args db.Args
	list, err := load(tx, audience.Published("i", tx.Now, &args)+` ORDER BY i.place, i.id`+db.Limit(maxItems), args...)
	for n := range list {
		list[n].Author, list[n].NotBefore = "", list[n].Release
	}
	return sorted(list), err
}

// List shows all items to those who keep the roadmap, withdrawn ones last.
func List(tx *db.Tx, a audience.Actor) ([]Item, error) {
	if err := mayRead(tx, a); err != nil {
		return nil, err
	}
	var args db.Args
	list, err := load(tx, audience.VisibleOrPublished(a, "i", tx.Now, &args)+` ORDER BY CASE i.state WHEN 'withdrawn' THEN 1 ELSE 0 END, i.place, i.id`+db.Limit(maxItems), args...)
	if err != nil {
		return nil, err
	}
	return sorted(list), withClearances(tx, list)
}

// mayRead is mayKeep for a token that only reads.
func mayRead(tx *db.Tx, a audience.Actor) error {
	if err := charter.SignedIn(a); err != nil {
		return err
	}
	sits, err := board.Sits(tx, a)
	if err == nil && !sits && !a.Holds(audience.Office, charter.Coordinator) {
		err = denied()
	}
	return err
}

// Get reads an item with its clearances: for those who keep the roadmap.
func Get(tx *db.Tx, a audience.Actor, itemID string) (Item, error) {
	if err := charter.SignedIn(a); err != nil {
		return Item{}, err
	}
	var args db.Args
	list, err := load(tx, "i.id = "+args.Add(itemID)+" AND "+audience.Visible(a, "i", &args), args...)
	if err != nil || len(list) == 0 {
		return Item{}, firstOf(err, errs.Missing("item"))
	}
	return list[0], withClearances(tx, list)
}

// kept is Get for a verb.
func kept(tx *db.Tx, a audience.Actor, itemID string) (Item, error) {
	i, err := Get(tx, a, itemID)
	if err != nil {
		return i, err
	}
	return i, mayKeep(tx, a)
}

// sorted puts the kinds into the order of the page; withdrawn items, which
// come last, stay there.
func sorted(list []Item) []Item {
	rank := func(i Item) int {
		if i.State == Withdrawn {
			return len(Kinds)
		}
		return slices.Index(Kinds, i.Kind)
	}
	slices.SortStableFunc(list, func(a, b Item) int { return rank(a) - rank(b) })
	return list
}

// withClearances adds who cleared the present text of each.
func withClearances(tx *db.Tx, list []Item) error {
	if len(list) == 0 {
		return nil
	}
	at := map[string]int{}
	var ids []string
	for n, i := range list {
		at[i.ID] = n
		ids = append(ids, i.ID)
	}
	type row struct {
		item string
		c    Clearance
	}
	var args db.Args
	rows, err := db.All(tx, func(r *row) []any { return []any{&r.item, &r.c.Person, db.At(&r.c.At)} },
		`SELECT x.item_id, x.person_id, x.at FROM outreach_clearance x JOIN outreach_item i ON i.id = x.item_id AND i.revision = x.revision WHERE x.item_id IN `+db.List(&args, ids)+` ORDER BY x.at, x.id`, args...)
	for _, r := range rows {
		n := at[r.item]
		list[n].Clearances = append(list[n].Clearances, r.c)
	}
	return err
}

// Summary is what an executive's page says of the roadmap.
type Summary struct {
	Numbers  []Item `json:"numbers"`  // public ones, with the instant at which each was drawn
	Done     []Item `json:"done"`     // public
	Benefits []Item `json:"benefits"` // public: what the members' customers have of it
	Plans    []Item `json:"plans"`    // public
	Waiting  int    `json:"waiting"`  // texts that wait for the actor's clearance
}

// Brief is the public roadmap by kind, and how many texts the actor could
// clear. Whoever does not keep the roadmap waits for nothing.
func Brief(tx *db.Tx, a audience.Actor) (Summary, error) {
	s := Summary{Numbers: []Item{}, Done: []Item{}, Benefits: []Item{}, Plans: []Item{}}
	list, err := Published(tx)
	if err != nil {
		return s, err
	}
	for _, i := range list {
		switch i.Kind {
		case Number:
			s.Numbers = append(s.Numbers, i)
		case Done:
			s.Done = append(s.Done, i)
		case Benefit:
			s.Benefits = append(s.Benefits, i)
		case Plan:
			s.Plans = append(s.Plans, i)
		}
	}
	keeps, err := Keeps(tx, a)
	if err != nil || !keeps {
		return s, err
	}
	all, err := List(tx, a)
	for _, i := range all {
		if i.Clearable(a) {
			s.Waiting++
		}
	}
	return s, err
}

// Clearable reports whether the actor's clearance would count for the item:
// it is a draft that they neither wrote nor cleared.
func (i Item) Clearable(a audience.Actor) bool {
	return i.State == Draft && a.Person != "" && i.Author != a.Person && !slices.ContainsFunc(i.Clearances, func(c Clearance) bool { return c.Person == a.Person })
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
