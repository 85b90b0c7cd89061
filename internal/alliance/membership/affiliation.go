package membership

import (
	"net/url"
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
	"tocsin/spec/text"

	"golang.org/x/net/publicsuffix"
)

// Affiliation says that an organization, or an applicant, belongs to another
// organization: its parent owns or controls it.
type Affiliation struct {
	ID         string    `json:"id"`
	Party      string    `json:"party"` // id of an organization or of an application
	PartyName  string    `json:"party_name"`
	Parent     string    `json:"parent"` // organization id
	ParentName string    `json:"parent_name"`
	Note       string    `json:"note,omitempty"` // where this is known from
	At         time.Time `json:"at"`
}

// maxGenerations bounds a walk up from a company to its owners.
const maxGenerations = 12

const affiliationQuery = `SELECT f.id, f.party_id, COALESCE(o.name, a.name, ''), f.parent_id, p.name, f.note, f.at FROM affiliation f
	JOIN org p ON p.id = f.parent_id LEFT JOIN org o ON o.id = f.party_id LEFT JOIN application a ON a.id = f.party_id`

func scanAffiliation(f *Affiliation) []any {
	return []any{&f.ID, &f.Party, &f.PartyName, &f.Parent, &f.ParentName, &f.Note, db.At(&f.At)}
}

func keepsAffiliations(a audience.Actor) error {
	if err := charter.SignedIn(a); err != nil {
		return err
	}
	if !charter.IsCoordinator(a) {
		return errs.New(errs.Denied, "Only coordinators keep the record of who belongs to whom.")
	}
	return nil
}

// Affiliate records that party, an organization or an application, belongs to
// an organization; coordinators may. Once is enough; a circle is refused.
func Affiliate(tx *db.Tx, a audience.Actor, party, parent, note string) (Affiliation, error) {
	if err := keepsAffiliations(a); err != nil {
		return Affiliation{}, err
	}
	note, _, err := text.CleanText(note, 2000)
	if err != nil {
		return Affiliation{}, errs.Bad("note", "Please correct this: %s.", err)
	}
	if _, err := orgs.Get(tx, a, parent); err != nil {
		return Affiliation{}, errs.Bad("parent", "Choose the organization that owns or controls it.")
	}
	if _, err := orgs.Get(tx, a, party); errs.Is(err, errs.NotFound) {
		p, err := seeApp(tx, a, party)
		if err != nil {
			return Affiliation{}, err
		}
		if party = p.ID; p.Org != "" {
			party = p.Org
		}
	} else if err != nil {
		return Affiliation{}, err
	}
	above, err := ancestors(tx, parent)
	if err != nil {
		return Affiliation{}, err
	}
	if slices.Contains(above, party) {
		return Affiliation{}, errs.Bad("parent", "This would make a circle: an organization cannot own itself, through others either.")
	}
	aid, err := charter.Administration(tx)
	if err != nil {
		return Affiliation{}, err
	}
	if err := affiliate(tx, a, aid, party, parent, note); err != nil {
		return Affiliation{}, err
	}
	f, _, err := db.One(tx, scanAffiliation, affiliationQuery+` WHERE f.party_id = $1 AND f.parent_id = $2`, party, parent)
	return f, err
}

func affiliate(tx *db.Tx, a audience.Actor, aid, party, parent, note string) error {
	row := id.New("aff", tx.Now)
	n, err := tx.Exec(`INSERT INTO affiliation (id, party_id, parent_id, note, person_id, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (party_id, parent_id) DO NOTHING`,
		row, party, parent, note, a.Person, db.Micros(tx.Now))
	if err != nil || n == 0 {
		return err
	}
	ledger.Append(tx, ledger.Event{Kind: EventAffiliated, Actor: a, Audience: aid, Level: dossierLevel, Object: ledger.Object{Kind: "affiliation", ID: row},
		Data: map[string]string{"party": party, "parent": parent, "note": note}, Binds: []ledger.Bound{affiliations.Of(row)}})
	return nil
}

// Disaffiliate removes what Affiliate recorded; coordinators may.
func Disaffiliate(tx *db.Tx, a audience.Actor, affiliationID string) error {
	if err := keepsAffiliations(a); err != nil {
		return err
	}
	aid, err := charter.Administration(tx)
	if err != nil {
		return err
	}
	if err := tx.Guarded(errs.Missing("affiliation"), `DELETE FROM affiliation WHERE id = $1`, affiliationID); err != nil {
		return err
	}
	ledger.Append(tx, ledger.Event{Kind: EventDisaffiliate, Actor: a, Audience: aid, Level: dossierLevel, Object: ledger.Object{Kind: "affiliation", ID: affiliationID}, Binds: []ledger.Bound{affiliations.Of(affiliationID)}})
	return nil
}

// Affiliations lists who belongs to whom, by name, at most 1,000; of one
// organization or application if party is given. Coordinators may read it.
func Affiliations(tx *db.Tx, a audience.Actor, party string) ([]Affiliation, error) {
	if err := keepsAffiliations(a); err != nil {
		return nil, err
	}
	if party == "" {
		return db.All(tx, scanAffiliation, affiliationQuery+` ORDER BY p.name, f.id`+db.Limit(1000))
	}
	return db.All(tx, scanAffiliation, affiliationQuery+` WHERE f.party_id = $1 OR f.parent_id = $1 ORDER BY p.name, f.id`+db.Limit(1000), party)
}

// ancestors is a party with all that own or control it, directly or through
// others.
func ancestors(tx *db.Tx, party string) ([]string, error) {
	all, level := []string{party}, []string{party}
	for range maxGenerations {
		var args db.Args
		up, err := db.Column[string](tx, `SELECT DISTINCT parent_id FROM affiliation WHERE party_id IN `+db.List(&args, level)+db.Limit(1000), args...)
		if err != nil {
			return nil, err
		}
		level = slices.DeleteFunc(up, func(s string) bool { return slices.Contains(all, s) })
		if len(level) == 0 {
			return all, nil
		}
		all = append(all, level...)
	}
	return all, nil
}

// related reports whether two parties are one house: one owns the other,
// through others too, or somebody owns both.
func related(tx *db.Tx, one, other string) (bool, error) {
	a, err := ancestors(tx, one)
	if err != nil {
		return false, err
	}
	b, err := ancestors(tx, other)
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) }), err
}

// sameHouse reports whether an organization and the applicant are one: the
// same organization, name or domain, or related.
func (p Application) sameHouse(tx *db.Tx, o orgs.Org) (bool, error) {
	if p.Org == o.ID || orgs.Fold(p.Name) == orgs.Fold(o.Name) {
		return true, nil
	}
	theirs := append([]string{hostOf(o.Website), mailDomain(o.Email)}, o.Domains...)
	for _, mine := range []string{hostOf(p.Website), mailDomain(p.Contact)} {
		if slices.ContainsFunc(theirs, func(d string) bool { return sameDomain(mine, d) }) {
			return true, nil
		}
	}
	for _, me := range []string{p.ID, p.Org} {
		if me == "" {
			continue
		}
		if ok, err := related(tx, me, o.ID); err != nil || ok {
			return ok, err
		}
	}
	return false, nil
}

// sameDomain reports whether two names lie under one registered domain.
func sameDomain(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	return a == b || registered(a) == registered(b)
}

func registered(host string) string {
	if d, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return d
	}
	return host
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

func mailDomain(address string) string {
	_, d, _ := strings.Cut(strings.ToLower(address), "@")
	return d
}
