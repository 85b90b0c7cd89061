package contacts

import (
	"slices"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/text"
)

// MaxExport is the most contacts that leave in one file.
const MaxExport = 500

// Search narrows the directory.
type Search struct {
	Text  string // in names, kinds, topics and languages of contacts, and in names of organizations
	Org   string // id, or ""
	Kind  Kind   // or ""
	After string // id of the last organization of the page before, or ""
	Limit int    // organizations, 1 to 200; 0 means 50
}

// Listing is one organization in the directory.
type Listing struct {
	Org     string     `json:"org"`
	Name    string     `json:"name"`
	Class   orgs.Class `json:"class"`
	Entries []Entry    `json:"contacts"`
}

// Directory lists organizations by name with the contacts that the actor may
// see, without addresses. next is where the next page begins, or "".
func Directory(tx *db.Tx, a audience.Actor, s Search) (list []Listing, next string, err error) {
	full, next, err := directory(tx, a, s)
	list = make([]Listing, len(full))
	for i, f := range full {
		list[i] = f.Listing
		list[i].Entries = entries(f.contacts, tx.Now)
	}
	return list, next, err
}

type filled struct {
	Listing
	contacts []Contact
}

func directory(tx *db.Tx, a audience.Actor, s Search) ([]filled, string, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, "", err
	}
	if s.Kind != "" && !slices.Contains(Kinds, s.Kind) {
		return nil, "", errs.Bad("kind", "Choose one of the kinds of contact.")
	}
	words, _, err := text.CleanLine(s.Text, maxName)
	if err != nil {
		return nil, "", errs.Bad("text", "Please correct what to search for: %s.", err)
	}
	s.Limit = db.PageRows(s.Limit, 200)
	var args db.Args
	match, err := s.match(tx, a, orgs.Fold(words), &args)
	if err != nil {
		return nil, "", err
	}
	where := `EXISTS (SELECT 1 FROM contact c WHERE c.org_id = o.id AND ` + match + `)`
	if !slices.ContainsFunc(charter.Roles, func(r string) bool { return a.Holds(audience.Office, r) }) {
		where += ` AND (o.listed = 1 OR o.id IN ` + db.List(&args, a.Of(audience.Org)) + `)`
	}
	if s.Org != "" {
		where += ` AND o.id = ` + args.Add(s.Org)
	}
	if s.After != "" {
		last, err := orgs.Get(tx, a, s.After)
		if err != nil {
			return nil, "", errs.Bad("after", "The next page begins after an organization that is gone; start from the first.")
		}
		where += ` AND (o.folded, o.id) > (` + args.Add(orgs.Fold(last.Name)) + `, ` + args.Add(last.ID) + `)`
	}
	out, err := db.All(tx, func(f *filled) []any { return []any{&f.Org, &f.Name, &f.Class} }, `SELECT o.id, o.name, o.class FROM org o WHERE `+where+` ORDER BY o.folded, o.id`+db.Limit(s.Limit+1), args...)
	if err != nil {
		return nil, "", err
	}
	out, next := db.CutPage(out, s.Limit, func(f filled) string { return f.Org })
	return out, next, s.fill(tx, a, orgs.Fold(words), out)
}

// match is the condition on contact c of organization o.
func (s Search) match(tx *db.Tx, a audience.Actor, words string, args *db.Args) (string, error) {
	cond, err := shown(tx, a, "c", args)
	if err != nil {
		return "", err
	}
	if s.Kind != "" {
		cond += ` AND c.kind = ` + args.Add(string(s.Kind))
	}
	for _, w := range strings.Fields(words) {
		like := args.Add("%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(w) + "%")
		cond += ` AND (c.words LIKE ` + like + ` ESCAPE '\' OR o.folded LIKE ` + like + ` ESCAPE '\')`
	}
	return cond, nil
}

// fill reads the contacts of a page of organizations at once.
func (s Search) fill(tx *db.Tx, a audience.Actor, words string, page []filled) error {
	if len(page) == 0 {
		return nil
	}
	ids := make([]string, len(page))
	for i, f := range page {
		ids[i] = f.Org
	}
	var args db.Args
	match, err := s.match(tx, a, words, &args)
	if err != nil {
		return err
	}
	list, err := db.All(tx, scan, `SELECT `+columns+` FROM contact c JOIN org o ON o.id = c.org_id WHERE c.org_id IN `+db.List(&args, ids)+` AND `+match+` ORDER BY c.kind, c.duty, c.name, c.id`, args...)
	for _, c := range list {
		i := slices.Index(ids, c.Org)
		page[i].contacts = append(page[i].contacts, c)
	}
	return err
}

// Card is a contact with its organization's name, to leave the portal.
type Card struct {
	Contact
	OrgName string `json:"org_name"`
}

// Export reads contacts with their addresses, at most MaxExport, to be taken
// along in a form such as "vcard". Each of them is an event, as a Look is;
// TooLarge when there are more.
func Export(tx *db.Tx, a audience.Actor, s Search, form string) ([]Card, error) {
	s.After, s.Limit = "", 200
	var out []Card
	for {
		page, next, err := directory(tx, a, s)
		if err != nil {
			return nil, err
		}
		for _, f := range page {
			for _, c := range f.contacts {
				out = append(out, Card{Contact: c, OrgName: f.Name})
			}
		}
		if len(out) > MaxExport {
			return nil, errs.New(errs.TooLarge, "At most %d contacts leave at once. Narrow the search.", MaxExport)
		}
		if next == "" {
			break
		}
		s.After = next
	}
	for _, c := range out {
		looked(tx, a, c.Contact, form)
	}
	return out, nil
}

// Glance says that somebody read a contact's addresses, and how.
type Glance struct {
	At     time.Time `json:"at"`
	Person string    `json:"person"`
	About  string    `json:"about,omitempty"` // what they asked for, or the form it left in
}

// Glances lists who read a contact's addresses, newest first, at most 100: for
// its organization and the coordinators.
func Glances(tx *db.Tx, a audience.Actor, contactID string) ([]Glance, error) {
	c, err := contactShelf.see(tx, a, contactID)
	if err != nil {
		return nil, err
	}
	if !a.Holds(audience.Org, c.Org) && !a.Holds(audience.Office, charter.Coordinator) {
		return nil, errs.New(errs.Denied, "Who looked is shown to the organization and to coordinators.")
	}
	list, err := ledger.List(tx, a, ledger.Query{Object: ledger.Object{Kind: "contact", ID: contactID}, Before: 1 << 62, Limit: 500})
	var out []Glance
	for _, r := range list {
		if r.Kind != EventLooked || len(out) == 100 {
			continue
		}
		var data struct {
			About string `json:"about"`
		}
		_ = r.Decode(&data)
		out = append(out, Glance{At: r.At, Person: r.ActorID, About: data.About})
	}
	return out, err
}
