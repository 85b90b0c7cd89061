package constituency

import (
	"slices"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	spec "tocsin/spec/constituency"
)

// OverlapState is where an overlap stands.
type OverlapState string

// The states. An overlap of which a claim no longer stands is of no account.
const (
	Open      OverlapState = "open"
	Contested OverlapState = "disputed"
	Settled   OverlapState = "settled"
)

// Decision is how an overlap was settled.
type Decision string

// The decisions.
const (
	Shared Decision = "shared" // both answer
	One    Decision = "one"    // it belongs to one of them; the other claim is refused
	Split  Decision = "split"  // the more particular claim answers for its part, the other for the rest
)

// Decisions lists the decisions.
var Decisions = []Decision{Shared, One, Split}

// Overlap is that two organizations claim the same, or one a part of what the
// other claims.
type Overlap struct {
	ID        string        `json:"id"`
	Relation  spec.Relation `json:"relation"` // of First to Second: equal or contains
	First     Claim         `json:"first"`
	Second    Claim         `json:"second"`
	State     OverlapState  `json:"state"`
	Decision  Decision      `json:"decision,omitempty"`
	Owner     string        `json:"owner,omitempty"` // the claim that it belongs to
	Reason    string        `json:"reason,omitempty"`
	MadeAt    time.Time     `json:"made_at"`
	DecidedAt time.Time     `json:"decided_at,omitzero"`
	Version   int64         `json:"version"`

	audience string
}

// find records the overlaps of a new claim with those of other organizations
// that stand.
func find(tx *db.Tx, c Claim) error {
	v := c.Spec()
	if !v.Kind.Exclusive() {
		return nil
	}
	var args db.Args
	from, to := v.Below()
	others, err := load(tx, "c.kind = "+args.Add(string(c.Kind))+" AND c.org_id <> "+args.Add(c.Org)+" AND c.state NOT IN ('refused', 'withdrawn') AND (c.sort_key IN "+db.List(&args, v.Above())+
		" OR (c.sort_key >= "+args.Add(from)+" AND c.sort_key < "+args.Add(to)+")) ORDER BY c.created_at, c.id"+db.Limit(2*maxOverlaps), args...)
	if err != nil {
		return err
	}
	others = slices.DeleteFunc(others, func(o Claim) bool { return spec.Relate(v, o.Spec()) == spec.Apart })
	if len(others) > maxOverlaps {
		return errs.New(errs.TooLarge, "So much is claimed within %s that it cannot be settled piece by piece. Claim the parts that are yours.", v.Words())
	}
	if len(others) == 0 {
		return nil
	}
	office, err := charter.Administration(tx)
	if err != nil {
		return err
	}
	for _, o := range others {
		// The larger first, of equal ones the earlier: the one that was there.
		first, second, rel := o, c, spec.Relate(o.Spec(), v)
		if rel == spec.Within {
			first, second, rel = c, o, rel.Turned()
		}
		x := Overlap{ID: id.New("ovl", tx.Now), Relation: rel, State: Open, audience: office, First: first, Second: second}
		if _, err := tx.Exec(`INSERT INTO constituency_overlap (id, audience_id, tlp, first_id, second_id, kind, relation, state, made_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)`,
			x.ID, office, int(level), first.ID, second.ID, string(c.Kind), string(rel), string(Open), db.Micros(tx.Now)); err != nil {
			return err
		}
		note(tx, audience.Actor{}, EventFound, x, nil)
	}
	return nil
}

// note appends an event about an overlap, for coordinators.
func note(tx *db.Tx, a audience.Actor, kind string, x Overlap, data map[string]any) {
	payload := map[string]any{"first": x.First.ID, "second": x.Second.ID, "relation": x.Relation, "state": x.State}
	for k, v := range data {
		payload[k] = v
	}
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: x.audience, Level: level, Object: ledger.Object{Kind: "overlap", ID: x.ID}, Data: payload, Binds: []ledger.Bound{lapTable.Of(x.ID)}})
}

// matters is the condition that an overlap x of the claims c1 and c2, of the
// organizations o1 and o2, has something to settle. That several answer for a
// country concerns national CERTs alone.
const matters = `c1.state NOT IN ('refused', 'withdrawn') AND c2.state NOT IN ('refused', 'withdrawn') AND (x.kind <> 'country' OR (o1.class = '` + string(orgs.CERT) + `' AND o2.class = '` + string(orgs.CERT) + `'))`

const overlapFrom = ` FROM constituency_overlap x JOIN constituency_claim c1 ON c1.id = x.first_id JOIN constituency_claim c2 ON c2.id = x.second_id JOIN org o1 ON o1.id = c1.org_id JOIN org o2 ON o2.id = c2.org_id`

// OverlapFilter narrows a listing of overlaps.
type OverlapFilter struct {
	Org   string       // of one of the claims, or ""
	Claim string       // one of the claims, or ""
	State OverlapState // "" for open and disputed ones
	All   bool         // settled ones too
	After string       // Next of the page before, or ""
	Limit int          // 1 to 500; 0 means 50
}

// OverlapPage is one page of overlaps, the latest first.
type OverlapPage struct {
	Overlaps []Overlap
	Next     string
}

// Overlaps lists the overlaps of which the actor sees both claims:
// coordinators all of them, an organization those with what it may know of
// the other side.
func Overlaps(tx *db.Tx, a audience.Actor, f OverlapFilter) (OverlapPage, error) {
	if err := charter.SignedIn(a); err != nil {
		return OverlapPage{}, err
	}
	var args db.Args
	where := []string{matters}
	if f.Org != "" {
		where = append(where, "(c1.org_id = "+args.Add(f.Org)+" OR c2.org_id = "+args.Add(f.Org)+")")
	}
	if f.Claim != "" {
		where = append(where, "(x.first_id = "+args.Add(f.Claim)+" OR x.second_id = "+args.Add(f.Claim)+")")
	}
	switch {
	case f.State != "" && !slices.Contains([]OverlapState{Open, Contested, Settled}, f.State):
		return OverlapPage{}, errs.Bad("state", "An overlap is open, disputed or settled.")
	case f.State != "":
		where = append(where, "x.state = "+args.Add(string(f.State)))
	case !f.All:
		where = append(where, "x.state <> '"+string(Settled)+"'")
	}
	if f.After != "" {
		last, err := db.Value[int64](tx, `SELECT made_at FROM constituency_overlap WHERE id = $1`, f.After)
		if err != nil || last == 0 {
			return OverlapPage{}, firstOf(err, errs.Bad("after", "The next page begins after an overlap that is gone; start from the first."))
		}
		where = append(where, "(x.made_at, x.id) < ("+args.Add(last)+", "+args.Add(f.After)+")")
	}
	f.Limit = db.PageRows(f.Limit, 500)
	list, err := overlaps(tx, a, strings.Join(where, " AND "), &args, f.Limit+1)
	var p OverlapPage
	p.Overlaps, p.Next = db.CutPage(list, f.Limit, func(x Overlap) string { return x.ID })
	return p, err
}

// overlaps reads those of which the actor sees both sides.
func overlaps(tx *db.Tx, a audience.Actor, where string, args *db.Args, limit int) ([]Overlap, error) {
	for _, t := range []string{"c1", "c2"} {
		sight, err := visible(tx, a, t, args)
		if err != nil {
			return nil, err
		}
		where += " AND " + sight
	}
	list, err := bare(tx, where+` ORDER BY x.made_at DESC, x.id DESC`+db.Limit(limit), *args...)
	if err != nil || len(list) == 0 {
		return list, err
	}
	var ids []string
	for _, x := range list {
		ids = append(ids, x.First.ID, x.Second.ID)
	}
	var more db.Args
	claims, err := load(tx, "c.id IN "+db.List(&more, ids), more...)
	byID := map[string]Claim{}
	for _, c := range show(a, claims...) {
		byID[c.ID] = c
	}
	for i, x := range list {
		list[i].First, list[i].Second = byID[x.First.ID], byID[x.Second.ID]
	}
	return list, err
}

// bare reads overlaps with the ids of their claims alone.
func bare(tx *db.Tx, where string, args ...any) ([]Overlap, error) {
	return db.All(tx, func(x *Overlap) []any {
		return []any{&x.ID, &x.audience, &x.First.ID, &x.Second.ID, &x.Relation, &x.State, &x.Decision, &x.Owner, &x.Reason, db.At(&x.MadeAt), db.At(&x.DecidedAt), &x.Version}
	}, `SELECT x.id, x.audience_id, x.first_id, x.second_id, x.relation, x.state, x.decision, x.owner_id, x.reason, x.made_at, x.decided_at, x.version`+overlapFrom+` WHERE `+where, args...)
}

// OverlapOf reads an overlap of which the actor sees both claims.
func OverlapOf(tx *db.Tx, a audience.Actor, overlapID string) (Overlap, error) {
	if err := charter.SignedIn(a); err != nil {
		return Overlap{}, err
	}
	var args db.Args
	list, err := overlaps(tx, a, "x.id = "+args.Add(overlapID)+" AND "+matters, &args, 1)
	if err != nil || len(list) == 0 {
		return Overlap{}, firstOf(err, errs.Missing("overlap"))
	}
	return list[0], nil
}
