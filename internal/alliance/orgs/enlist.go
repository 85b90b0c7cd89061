package orgs

import (
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// Enlist makes an organization that was merely known a listed one, as a
// membership procedure admitted it: of in, the class is taken, and website,
// mail address and domains where none are known. It asks nobody; the actor
// stands in the ledger. A listed one of that class stays as it is.
func Enlist(tx *db.Tx, a audience.Actor, in Org) (Org, error) {
	o, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM org o WHERE o.id = $1`, in.ID)
	if err != nil || !ok {
		return Org{}, firstOf(err, errs.Missing("organization"))
	}
	if o.Listed && o.Class == in.Class {
		return o, nil
	}
	old := o
	o.Listed, o.Class = true, in.Class
	for to, from := range map[*string]string{&o.Website: in.Website, &o.Email: in.Email} {
		if *to == "" {
			*to = from
		}
	}
	if len(o.Domains) == 0 {
		o.Domains = in.Domains
	}
	if o, err = o.cleaned(); err != nil {
		return Org{}, err
	}
	if err := free(tx, o); err != nil {
		return Org{}, err
	}
	if o.Audience, err = settled(tx, old); err != nil {
		return Org{}, err
	}
	stale := errs.New(errs.Conflict, "Somebody changed %s at this moment. Try again.", old.Name)
	if err := tx.Guarded(stale, `UPDATE org SET audience_id = $1, class = $2, listed = 1, website = $3, email = $4, domains = $5, version = version + 1 WHERE id = $6 AND version = $7`,
		o.Audience, string(o.Class), o.Website, o.Email, db.JSON(o.Domains), o.ID, o.Version); err != nil {
		return Org{}, err
	}
	o.Version++
	ledger.Append(tx, ledger.Event{Kind: EventEdited, Actor: a, Audience: o.Audience, Level: tlp.AmberStrict, Object: ledger.Object{Kind: "org", ID: o.ID}, Data: o, Binds: []ledger.Bound{orgTable.Of(o.ID)}})
	return o, Reseat(tx, o.ID)
}
