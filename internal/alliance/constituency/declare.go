package constituency

import (
	"fmt"
	"io"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	spec "tocsin/spec/constituency"
	"tocsin/spec/text"
)

// Declare claims something for an organization; its admins and coordinators
// may. Overlaps with what others claim are found in the same transaction.
// Conflict when the organization claims it already.
func (g Registrar) Declare(tx *db.Tx, a audience.Actor, orgID string, kind spec.Kind, value, note string) (Claim, error) {
	if err := mayDeclare(tx, a, orgID); err != nil {
		return Claim{}, err
	}
	v, err := spec.Parse(kind, value)
	if err != nil {
		return Claim{}, errs.Bad("value", "%s", sentence(err))
	}
	if note, _, err = text.CleanText(note, spec.MaxNote); err != nil {
		return Claim{}, errs.Bad("note", "Please correct this: %s.", err)
	}
	c, made, err := g.declare(tx, a, orgID, v, note)
	if err == nil && !made {
		err = errs.New(errs.Conflict, "The organization claims %s already.", v.Words())
	}
	return c, err
}

func mayDeclare(tx *db.Tx, a audience.Actor, orgID string) error {
	if _, err := orgs.Get(tx, a, orgID); err != nil {
		return err
	}
	return maySpeak(tx, a, orgID)
}

func (g Registrar) declare(tx *db.Tx, a audience.Actor, orgID string, v spec.Value, note string) (Claim, bool, error) {
	if v.Documentation && !g.Demo {
		return Claim{}, false, errs.Bad("value", "%s is set aside for documentation, so nobody can answer for it.", v.Words())
	}
	// One at a time: of two that claim the same at once neither would see the
	// other's row, and their overlap would never be found.
	if _, err := tx.Exec(`UPDATE charter SET version = version`); err != nil {
		return Claim{}, false, err
	}
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM constituency_claim WHERE org_id = $1 AND state NOT IN ('refused', 'withdrawn')`, orgID)
	if err != nil {
		return Claim{}, false, err
	}
	if n >= maxClaims {
		return Claim{}, false, errs.New(errs.TooLarge, "An organization claims at most %d things. Withdraw what others hold together.", maxClaims)
	}
	aid, err := room(tx, orgID)
	if err != nil {
		return Claim{}, false, err
	}
	c := Claim{ID: id.New("clm", tx.Now), Org: orgID, Audience: aid, Kind: v.Kind, Value: v.Text, Note: note, State: spec.Claim.Start, by: a.Person}
	made, err := tx.Exec(`INSERT INTO constituency_claim (id, org_id, audience_id, tlp, kind, value, sort_key, note, state, claimed_by, created_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1) ON CONFLICT (org_id, kind, value) WHERE state NOT IN ('refused', 'withdrawn') DO NOTHING`,
		c.ID, orgID, aid, int(level), string(v.Kind), v.Text, v.Key(), note, string(c.State), a.Person, db.Micros(tx.Now))
	if err != nil || made == 0 {
		return c, false, err
	}
	record(tx, a, EventDeclared, c, nil)
	if err := find(tx, c); err != nil {
		return c, false, err
	}
	c, err = see(tx, a, c.ID)
	return c, true, err
}

// Imported is what came of a sheet.
type Imported struct {
	Declared int `json:"declared"`
	Same     int `json:"same"` // claimed already, or twice in the sheet
}

// Import declares what a sheet says (spec.ReadSheet), all of it or, with an
// Invalid error that names the lines, nothing.
func (g Registrar) Import(tx *db.Tx, a audience.Actor, orgID string, r io.Reader) (Imported, error) {
	var out Imported
	if err := mayDeclare(tx, a, orgID); err != nil {
		return out, err
	}
	lines, faults, err := spec.ReadSheet(r)
	if err != nil {
		return out, errs.Bad("sheet", "%s", sentence(err))
	}
	var bad []errs.Field
	for _, f := range faults {
		bad = append(bad, errs.Field{Name: fmt.Sprintf("line %d", f.Number), Reason: sentence(fmt.Errorf("%s", f.Reason))})
	}
	for _, l := range lines {
		if len(bad) > 0 {
			break // nothing will be kept
		}
		_, made, err := g.declare(tx, a, orgID, l.Value, l.Note)
		switch {
		case errs.Is(err, errs.Invalid):
			bad = append(bad, errs.Field{Name: fmt.Sprintf("line %d", l.Number), Reason: err.Error()})
		case err != nil:
			return out, err
		case made:
			out.Declared++
		default:
			out.Same++
		}
	}
	const most = 50 // named at once
	if len(lines)+len(bad) == 0 {
		return out, errs.Bad("sheet", "The sheet holds no claims.")
	}
	return out, errs.Join(bad[:min(len(bad), most)])
}

// record appends an event about a claim, in the organization's own room.
func record(tx *db.Tx, a audience.Actor, kind string, c Claim, data map[string]any, binds ...ledger.Bound) {
	payload := map[string]any{"org": c.Org, "kind": c.Kind, "value": c.Value, "state": c.State}
	for k, v := range data {
		payload[k] = v
	}
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: c.Audience, Level: level, Scope: c.Org, Object: ledger.Object{Kind: "claim", ID: c.ID}, Data: payload, Binds: append(binds, claimTable.Of(c.ID))})
}
