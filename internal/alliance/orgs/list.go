package orgs

import (
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/text"
)

// seesAll reports whether the actor sees unlisted organizations and all
// people: the alliance roles.
func seesAll(a audience.Actor) bool {
	return a.Holds(audience.Office, charter.Operator) || a.Holds(audience.Office, charter.Coordinator) || a.Holds(audience.Office, charter.Board)
}

// scope is the condition on org o of what the actor may see: listed
// organizations with an account, unlisted ones from within.
func scope(a audience.Actor, args *db.Args) string {
	switch {
	case a.Person == "":
		return "1 = 0"
	case seesAll(a):
		return "1 = 1"
	}
	return "(o.listed = 1 OR o.id IN " + db.List(args, a.Of(audience.Org)) + ")"
}

// Get reads an organization the actor may see.
func Get(tx *db.Tx, a audience.Actor, orgID string) (Org, error) {
	if err := charter.SignedIn(a); err != nil {
		return Org{}, err
	}
	var args db.Args
	o, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM org o WHERE o.id = `+args.Add(orgID)+` AND `+scope(a, &args), args...)
	if err == nil && !ok {
		err = errs.Missing("organization")
	}
	return o, err
}

// Filter narrows a listing.
type Filter struct {
	Listed   bool   // only members of the alliance
	Class    Class  // or ""
	State    State  // or ""
	Program  string // id of a program, or ""
	Standing bool   // with Program: only those whose membership counts (Stands)
	Prefix   string // beginning of the name, without regard to case
	Sort     Sort
	Desc     bool
	After    string // Next of the page before, or ""
	Limit    int    // 1 to 500; 0 means 50
}

// Sort is an order of organizations; within it they stand by name.
type Sort string

// The orders.
const (
	ByNames   Sort = ""
	ByClass   Sort = "class"
	ByArrival Sort = "since"
)

// order is the sort's column, and the value of it in an organization.
func (s Sort) order(o Org) (column string, value any, err error) {
	switch s {
	case ByNames:
		return "o.folded", Fold(o.Name), nil
	case ByClass:
		return "o.class", string(o.Class), nil
	case ByArrival:
		return "o.created_at", db.Micros(o.CreatedAt), nil
	}
	return "", nil, errs.Bad("sort", "Organizations are sorted by name, class or since.")
}

// Page is one page of organizations, as sorted. Next is empty on the last one.
type Page struct {
	Orgs []Org
	Next string
}

// List shows the organizations the actor may see, sorted, by name at first. Who
// belongs to a program is listed to the alliance roles; programs.Directory asks the
// program's rules for everybody else.
func List(tx *db.Tx, a audience.Actor, f Filter) (Page, error) {
	if f.Program != "" && !seesAll(a) {
		return Page{}, errs.Missing("program")
	}
	return Among(tx, a, f)
}

// Among is List without the question whether the actor may know who belongs to
// the program of the filter.
func Among(tx *db.Tx, a audience.Actor, f Filter) (Page, error) {
	if err := charter.SignedIn(a); err != nil {
		return Page{}, err
	}
	var args db.Args
	where := []string{scope(a, &args)}
	if f.Listed {
		where = append(where, "o.listed = 1")
	}
	if f.Class != "" {
		where = append(where, "o.class = "+args.Add(string(f.Class)))
	}
	if f.State != "" {
		where = append(where, "o.state = "+args.Add(string(f.State)))
	}
	if f.Program != "" {
		stands := ""
		if f.Standing {
			stands = " AND " + Stands("x")
		}
		where = append(where, "EXISTS (SELECT 1 FROM program_org x WHERE x.org_id = o.id AND x.program_id = "+args.Add(f.Program)+stands+")")
	}
	if f.Prefix != "" {
		p, _, err := text.CleanLine(f.Prefix, maxName)
		if err != nil {
			return Page{}, errs.Bad("prefix", "Please correct the name: %s.", err)
		}
		where = append(where, "substr(o.folded, 1, length("+args.Add(Fold(p))+")) = "+args.Add(Fold(p)))
	}
	column, _, err := f.Sort.order(Org{})
	if err != nil {
		return Page{}, err
	}
	further, dir := " > ", ""
	if f.Desc {
		further, dir = " < ", " DESC"
	}
	if f.After != "" {
		last, err := Get(tx, a, f.After)
		if err != nil {
			return Page{}, errs.Bad("after", "The next page begins after an organization that is gone; start from the first.")
		}
		_, value, _ := f.Sort.order(last)
		where = append(where, "("+column+", o.folded, o.id)"+further+"("+args.Add(value)+", "+args.Add(Fold(last.Name))+", "+args.Add(last.ID)+")")
	}
	f.Limit = db.PageRows(f.Limit, 500)
	list, err := db.All(tx, scan, `SELECT `+columns+` FROM org o WHERE `+strings.Join(where, " AND ")+` ORDER BY `+column+dir+`, o.folded`+dir+`, o.id`+dir+db.Limit(f.Limit+1), args...)
	var p Page
	p.Orgs, p.Next = db.CutPage(list, f.Limit, func(o Org) string { return o.ID })
	return p, err
}

// ByName finds the visible organizations of that name without regard to
// case; listed ones come first.
func ByName(tx *db.Tx, a audience.Actor, name string) ([]Org, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, err
	}
	clean, _, err := text.CleanLine(name, maxName)
	if err != nil {
		return nil, errs.Bad("name", "Please correct the name: %s.", err)
	}
	var args db.Args
	return db.All(tx, scan, `SELECT `+columns+` FROM org o WHERE o.folded = `+args.Add(Fold(clean))+` AND `+scope(a, &args)+` ORDER BY o.listed DESC, o.id LIMIT 100`, args...)
}

// Names gives the names of organizations by id. It asks nobody: use it for
// records that the actor has been shown to see.
func Names(tx *db.Tx, ids []string) (map[string]string, error) {
	type pair struct{ id, name string }
	out := map[string]string{}
	for len(ids) > 0 {
		n := min(len(ids), 500)
		var args db.Args
		list, err := db.All(tx, func(p *pair) []any { return []any{&p.id, &p.name} }, `SELECT id, name FROM org WHERE id IN `+db.List(&args, ids[:n]), args...)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			out[p.id] = p.name
		}
		ids = ids[n:]
	}
	return out, nil
}

// Load reads an organization without asking who wants to know: for work
// behind a record that the actor has been shown to see.
func Load(tx *db.Tx, orgID string) (Org, error) {
	o, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM org o WHERE o.id = $1`, orgID)
	if err == nil && !ok {
		err = errs.Missing("organization")
	}
	return o, err
}

// Members lists an organization's people by duty and name, for colleagues and
// the alliance roles; the board reads them without mail addresses.
func Members(tx *db.Tx, a audience.Actor, orgID string) ([]Membership, error) {
	if _, err := Get(tx, a, orgID); err != nil {
		return nil, err
	}
	if !seesAll(a) && !a.Holds(audience.Org, orgID) {
		return nil, errs.New(errs.Denied, "Who works there is shown to colleagues and to the alliance's staff.")
	}
	list, err := db.All(tx, scanMember, `SELECT `+memberColumns+memberFrom+` WHERE m.org_id = $1 ORDER BY m.backup, m.duty, p.name, m.id LIMIT 2000`, orgID)
	if !a.Holds(audience.Org, orgID) && !a.Holds(audience.Office, charter.Operator) && !a.Holds(audience.Office, charter.Coordinator) {
		for i := range list {
			list[i].Email = ""
		}
	}
	return list, err
}

// Of lists a person's own memberships. It asks nobody.
func Of(tx *db.Tx, personID string) ([]Membership, error) {
	return db.All(tx, scanMember, `SELECT `+memberColumns+memberFrom+` WHERE m.person_id = $1 ORDER BY o.folded, m.id`, personID)
}

// OnDuty lists whom to ask in an organization, in order: its active admins
// and responders, those marked as backup only if backup is set. It asks
// nobody; notices use it.
func OnDuty(tx *db.Tx, orgID string, backup bool) ([]Membership, error) {
	return db.All(tx, scanMember, `SELECT `+memberColumns+memberFrom+` WHERE m.org_id = $1 AND m.role <> 'reader' AND p.state = 'active' AND m.backup = $2 ORDER BY m.duty, m.since, m.id LIMIT 2000`, orgID, db.Bit(backup))
}
