package constituency

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/constituency"
	"tocsin/spec/text"
)

// Filter narrows a listing of claims.
type Filter struct {
	Org   string     // or ""
	Kind  spec.Kind  // or ""
	State spec.State // or "" for those that stand; see All
	All   bool       // refused and withdrawn ones too
	Text  string     // a part of the value, without regard to case
	Sort  Sort
	Desc  bool
	After string // Next of the page before, or ""
	Limit int    // 1 to 500; 0 means 50
}

// Sort is an order of claims.
type Sort string

// The orders. Within values, blocks stand before what lies in them, and
// domains by their labels from the top.
const (
	ByValue Sort = ""
	ByOrg   Sort = "org"
	BySince Sort = "since"
	ByUntil Sort = "until"
)

func (s Sort) column() (string, bool) {
	c, ok := map[Sort]string{ByValue: "c.kind", ByOrg: "o.folded", BySince: "c.created_at", ByUntil: "COALESCE(c.until_at, 0)"}[s]
	return c, ok
}

// Page is one page of claims. Next is empty on the last one.
type Page struct {
	Claims []Claim
	Next   string
}

// List shows the claims the actor may see.
func List(tx *db.Tx, a audience.Actor, f Filter) (Page, error) {
	if err := charter.SignedIn(a); err != nil {
		return Page{}, err
	}
	var args db.Args
	sight, err := visible(tx, a, "c", &args)
	if err != nil {
		return Page{}, err
	}
	where, err := f.where(tx, &args)
	if err != nil {
		return Page{}, err
	}
	column, ok := f.Sort.column()
	if !ok {
		return Page{}, errs.Bad("sort", "Claims are sorted by value, org, since or until.")
	}
	further, dir := " > ", ""
	if f.Desc {
		further, dir = " < ", " DESC"
	}
	if f.After != "" {
		if _, err := see(tx, a, f.After); err != nil {
			return Page{}, errs.Bad("after", "The next page begins after a claim that is gone; start from the first.")
		}
		key := "(SELECT " + strings.NewReplacer("c.", "l.", "o.", "lo.").Replace(column) + " FROM constituency_claim l JOIN org lo ON lo.id = l.org_id WHERE l.id = " + args.Add(f.After) + ")"
		last := "(SELECT sort_key FROM constituency_claim WHERE id = " + args.Add(f.After) + ")"
		where = append(where, "("+column+", c.sort_key, c.id)"+further+"("+key+", "+last+", "+args.Add(f.After)+")")
	}
	f.Limit = db.PageRows(f.Limit, 500)
	list, err := load(tx, strings.Join(append(where, sight), " AND ")+` ORDER BY `+column+dir+`, c.sort_key`+dir+`, c.id`+dir+db.Limit(f.Limit+1), args...)
	var p Page
	p.Claims, p.Next = db.CutPage(show(a, list...), f.Limit, func(c Claim) string { return c.ID })
	return p, err
}

func (f Filter) where(tx *db.Tx, args *db.Args) ([]string, error) {
	where := []string{"1 = 1"}
	if f.Org != "" {
		where = append(where, "c.org_id = "+args.Add(f.Org))
	}
	if f.Kind != "" {
		if !slices.Contains(spec.Kinds, f.Kind) {
			return nil, errs.Bad("kind", "A claim is to an asn, prefix, domain, country, sector or product.")
		}
		where = append(where, "c.kind = "+args.Add(string(f.Kind)))
	}
	switch {
	case f.State != "" && !spec.Claim.Has(f.State):
		return nil, errs.Bad("state", "There is no such state of a claim.")
	case f.State.Answers():
		where = append(where, "c.state = "+args.Add(string(f.State))+" AND "+answers(tx, "c", args))
	case f.State == spec.Expired:
		where = append(where, "(c.state = 'expired' OR (c.state IN ('proven', 'disputed') AND NOT "+answers(tx, "c", args)+"))")
	case f.State == spec.Proving:
		where = append(where, "c.state = 'proving' AND c.challenge_until > "+args.Add(db.Micros(tx.Now)))
	case f.State == spec.Claimed:
		where = append(where, "(c.state = 'claimed' OR (c.state = 'proving' AND c.challenge_until <= "+args.Add(db.Micros(tx.Now))+"))")
	case f.State != "":
		where = append(where, "c.state = "+args.Add(string(f.State)))
	case !f.All:
		where = append(where, "c.state NOT IN ('refused', 'withdrawn')")
	}
	if f.Text != "" {
		part, _, err := text.CleanLine(f.Text, 200)
		if err != nil {
			return nil, errs.Bad("text", "Please correct this: %s.", err)
		}
		part = strings.ToLower(part)
		if f.Kind == spec.ASN || f.Kind == "" && strings.HasPrefix(part, "as") && strings.Trim(part[2:], "0123456789") == "" {
			part = strings.TrimPrefix(part, "as")
		}
		where = append(where, "LOWER(c.value) LIKE "+args.Add("%"+like.Replace(part)+"%")+" ESCAPE '!'")
	}
	return where, nil
}

var like = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func micros(d time.Duration) string { return strconv.FormatInt(d.Microseconds(), 10) }
