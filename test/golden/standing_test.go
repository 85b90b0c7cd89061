package golden_test

import (
	"tocsin/internal/alliance/membership"
	"tocsin/internal/kernel/db"
)

// standing warns Vexel Systems in its program; it has not appealed.
func (w *world) standing() {
	m := made(w, func(tx *db.Tx) (membership.Membership, error) {
		return membership.Warn(tx, w.cast["tess"], w.values["program"]+"."+w.orgs["Vexel Systems"], "Two leaks.")
	})
	list := made(w, func(tx *db.Tx) ([]membership.Penalty, error) { return membership.Penalties(tx, w.cast["tess"], m.ID) })
	w.values["standing"], w.values["sanction"], w.values["sanction verb"] = m.ID, list[0].ID, "reduce"
}
