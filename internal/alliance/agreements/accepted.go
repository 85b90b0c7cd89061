package agreements

import (
	"slices"
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Sought narrows a list of acceptances.
type Sought struct {
	Agreement string // id, or ""
	Org       string // id of an organization, or ""
	Standing  string // "valid": not ended and of the present generation; "past": all others; "": both
	Sort      Sort
	Desc      bool
	After     string // Next of the page before, or ""
	Limit     int    // 1 to 500; 0 means 50
}

// Sort is an order of acceptances.
type Sort string

// The orders.
const (
	ByTime    Sort = ""
	ByParty   Sort = "party"
	ByVersion Sort = "version"
)

var sortColumns = map[Sort]string{ByTime: "x.at", ByParty: "COALESCE(o.folded, n.name, '')", ByVersion: "v.number"}

// Page is one page of acceptances. Next is empty on the last one.
type Page struct {
	List []Acceptance
	Next string
}

// Acceptances shows the acceptances that the actor may see: operators and
// coordinators all, others those of their own organizations and their own; in
// an agreement of a program its own coordinators all. Addresses are given to
// operators, coordinators and the admins of the party alone.
func Acceptances(tx *db.Tx, a audience.Actor, in Sought) (Page, error) {
	if err := charter.SignedIn(a); err != nil {
		return Page{}, err
	}
	var args db.Args
	where := []string{shown(a, &args)}
	if in.Agreement != "" {
		if _, err := Get(tx, a, in.Agreement); err != nil {
			return Page{}, err
		}
		where = append(where, "x.agreement_id = "+args.Add(in.Agreement))
	}
	if in.Org != "" {
		where = append(where, "x.party_kind = 'org' AND x.party_id = "+args.Add(in.Org))
	}
	const valid = "(x.ended_at = 0 AND g.state = 'active' AND v.generation_id = now.generation_id)"
	switch in.Standing {
	case "":
	case "valid":
		where = append(where, valid)
	case "past":
		where = append(where, "NOT "+valid)
	default:
		return Page{}, errs.Bad("standing", "Acceptances are valid or past.")
	}
	column := sortColumns[in.Sort]
	if column == "" {
		return Page{}, errs.Bad("sort", "Acceptances are sorted by time, party or version.")
	}
	// The newest come first, all else begins at A and 1.
	further, dir := " > ", ""
	if in.Desc != (in.Sort == ByTime) {
		further, dir = " < ", " DESC"
	}
	if in.After != "" {
		// The place is read from the row itself, so that no value travels.
		known, err := db.Value[int](tx, `SELECT COUNT(*)`+acceptanceFrom+` WHERE x.id = $1`, in.After)
		if err != nil || known == 0 {
			return Page{}, firstOf(err, errs.Bad("after", "The next page begins after an acceptance that is gone; start from the first."))
		}
		where = append(where, "("+column+", x.id)"+further+"(SELECT "+strings.NewReplacer("x.", "l.", "v.", "lv.", "o.", "lo.", "n.", "ln.").Replace(column)+
			", l.id FROM agreement_acceptance l JOIN agreement_version lv ON lv.id = l.version_id LEFT JOIN org lo ON l.party_kind = 'org' AND lo.id = l.party_id LEFT JOIN person ln ON l.party_kind = 'person' AND ln.id = l.party_id WHERE l.id = "+args.Add(in.After)+")")
	}
	in.Limit = db.PageRows(in.Limit, 500)
	list, err := db.All(tx, scanAcceptance, `SELECT `+acceptanceColumns+acceptanceFrom+acceptanceName+` WHERE `+strings.Join(where, " AND ")+` ORDER BY `+column+dir+`, x.id`+dir+db.Limit(in.Limit+1), args...)
	var p Page
	p.List, p.Next = db.CutPage(list, in.Limit, func(x Acceptance) string { return x.ID })
	if err != nil {
		return p, err
	}
	return p, blind(tx, a, p.List)
}

// shown is the condition of whose acceptances the actor sees.
func shown(a audience.Actor, args *db.Args) string {
	out := audience.Visible(a, "x", args)
	var own []string
	for _, s := range a.Seats {
		if p, ok := strings.CutPrefix(s.ID, audience.CoordinatorsOf("")); ok && s.Kind == audience.Office {
			own = append(own, p)
		}
	}
	if len(own) > 0 {
		out += " OR g.program_id IN " + db.List(args, own)
	}
	return "(" + out + ")"
}

// blind takes the addresses out that the actor may not know.
func blind(tx *db.Tx, a audience.Actor, list []Acceptance) error {
	if seesAddresses(a) || len(list) == 0 {
		return nil
	}
	var mine []string
	for _, o := range a.Of(audience.Org) {
		role, err := orgs.RoleOf(tx, o, a.Person)
		if err != nil {
			return err
		}
		if role == orgs.Admin {
			mine = append(mine, o)
		}
	}
	for i, x := range list {
		if x.Party.Kind == audience.Org && !slices.Contains(mine, x.Party.ID) || x.Party.Kind == audience.Person && x.Party.ID != a.Person {
			list[i].Address = ""
		}
	}
	return nil
}

func seesAddresses(a audience.Actor) bool {
	return a.Holds(audience.Office, charter.Operator) || a.Holds(audience.Office, charter.Coordinator)
}

// AcceptanceOf reads one acceptance that the actor sees.
func AcceptanceOf(tx *db.Tx, a audience.Actor, acceptanceID string) (Acceptance, error) {
	var args db.Args
	list, err := acceptances(tx, `x.id = `+args.Add(acceptanceID)+` AND `+shown(a, &args), 1, args...)
	if err != nil || len(list) == 0 {
		return Acceptance{}, firstOf(err, errs.Missing("acceptance"))
	}
	err = blind(tx, a, list)
	return list[0], err
}
