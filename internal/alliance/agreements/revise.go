package agreements

import (
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
)

// Revision is a new version of an agreement's text.
type Revision struct {
	Agreement string
	Body      string // Markdown
	Note      string // what changed
	Demands   bool   // everybody has to accept anew
	Version   int64  // of the agreement, as seen
}

// Revise writes a new version, which stands at once. If it demands acceptance
// anew, it takes the old generation's place in every audience, and whoever has
// not accepted it is shut out from the next request on and asked; see Effects
// for whom that will be.
func Revise(tx *db.Tx, a audience.Actor, in Revision) (Agreement, error) {
	g, err := held(tx, a, in.Agreement)
	if err != nil {
		return g, err
	}
	if g.State != Active {
		return g, errs.New(errs.Conflict, "This agreement was withdrawn. Restore it before you write a new version.")
	}
	body, note, err := cleanBody(in.Body, in.Note)
	if err != nil {
		return g, err
	}
	in.Body, in.Note = body, note
	if in.Version != g.Version {
		return g, stale(g, in)
	}
	if body == g.Current.Body && !in.Demands {
		return g, errs.Bad("body", "The text is the same as before; there is nothing to keep as a new version.")
	}
	if g.Current.Number >= MaxVersions {
		return g, errs.New(errs.Conflict, "An agreement keeps at most %d versions. Make a new agreement.", MaxVersions)
	}
	t := Text{ID: id.New("agv", tx.Now), Agreement: g.ID, Number: g.Current.Number + 1, Body: body, Note: note, Demands: in.Demands, Generation: g.Current.Generation, Author: a.Person, At: tx.Now}
	if in.Demands {
		t.Generation = t.ID
	}
	if err := keep(tx, t); err != nil {
		return g, err
	}
	if err := tx.Guarded(stale(g, in), `UPDATE agreement SET current_id = $1, version = version + 1 WHERE id = $2 AND version = $3`, t.ID, g.ID, in.Version); err != nil {
		return g, err
	}
	g.Version++
	g.Current = t
	g = g.named()
	record(tx, a, EventRevised, g, map[string]any{"title": g.Title, "number": t.Number, "note": t.Note, "demands": t.Demands}, table.Of(g.ID), textTable.Of(t.ID))
	if !in.Demands {
		return g, nil
	}
	if _, err := tx.Exec(`UPDATE audience_terms SET terms_id = $1 WHERE terms_id IN (SELECT id FROM agreement_version WHERE agreement_id = $2 AND id <> $1)`, t.ID, g.ID); err != nil {
		return g, err
	}
	if err := settle(tx, g.ID, nil); err != nil {
		return g, err
	}
	return g, askAll(tx, g)
}
