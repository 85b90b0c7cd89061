package agreements

import (
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// runs reports whether the actor edits the agreement: operators, coordinators,
// and the coordinators of the program that it belongs to.
func runs(a audience.Actor, g Agreement) bool {
	return charter.Administers(a) || g.Program != "" && coordinates(a, g.Program)
}

// coordinates reports whether the actor is one of a program's own
// coordinators.
func coordinates(a audience.Actor, programID string) bool {
	return a.Cap(audience.Office, audience.CoordinatorsOf(programID)) == audience.Coordinator && charter.Allows(a, charter.ScopeCoordinate)
}

func mayEdit(a audience.Actor, g Agreement) error {
	if err := charter.SignedIn(a); err != nil {
		return err
	}
	if !runs(a, g) {
		return errs.New(errs.Denied, "Only operators and coordinators may change agreements.")
	}
	return nil
}

// Make adds an agreement with its first version, whose text is
// in.Current.Body. Operators and coordinators may; a program's own
// coordinators for their program.
func Make(tx *db.Tx, a audience.Actor, in Agreement) (Agreement, error) {
	if err := mayEdit(a, in); err != nil {
		return Agreement{}, err
	}
	in.ID = ""
	in, err := in.cleaned(tx)
	if err != nil {
		return Agreement{}, err
	}
	body, note, err := cleanBody(in.Current.Body, in.Current.Note)
	if err != nil {
		return Agreement{}, err
	}
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM agreement`)
	if err == nil && n >= MaxAgreements {
		err = errs.New(errs.Conflict, "An alliance keeps at most %d agreements. Write a new version of one that you have.", MaxAgreements)
	}
	if err != nil {
		return Agreement{}, err
	}
	in.ID, in.State, in.CreatedAt, in.Version = id.New("agr", tx.Now), Active, tx.Now, 1
	if in.Audience, err = audience.Create(tx, "agreement", readers(in), nil, nil); err != nil {
		return Agreement{}, err
	}
	t := Text{ID: id.New("agv", tx.Now), Agreement: in.ID, Number: 1, Body: body, Note: note, Demands: true, Author: a.Person, At: tx.Now}
	t.Generation = t.ID
	level, release := marking(in.Sight, tx)
	done, err := tx.Exec(`INSERT INTO agreement (id, audience_id, tlp, release_at, kind, title, folded, sight, program_id, also, state, current_id, created_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1) ON CONFLICT (folded) DO NOTHING`,
		in.ID, in.Audience, int(level), release, string(in.Kind), in.Title, orgs.Fold(in.Title), string(in.Sight), in.Program, db.JSON(in.named().Also), string(in.State), t.ID, db.Micros(tx.Now))
	if err != nil || done == 0 {
		return Agreement{}, firstOf(err, taken(in.Title))
	}
	if err := keep(tx, t); err != nil {
		return Agreement{}, err
	}
	in.Current, in.Level = t, level
	in = in.named()
	record(tx, a, EventMade, in, facts(in), table.Of(in.ID), textTable.Of(t.ID))
	// Members of what satisfies it too satisfy it from the beginning.
	return in, settle(tx, in.ID, nil)
}

// readers are who reads every agreement: the alliance roles, and the own
// coordinators of its program.
func readers(g Agreement) []audience.Grant {
	list := []audience.Grant{
		{Kind: audience.Office, ID: charter.Operator, Role: audience.Reader, Reason: "runs the server"},
		{Kind: audience.Office, ID: charter.Board, Role: audience.Reader, Reason: "sits on the board"},
		{Kind: audience.Office, ID: charter.Coordinator, Role: audience.Coordinator, Reason: "coordinates"},
	}
	if g.Program != "" {
		list = append(list, audience.Grant{Kind: audience.Office, ID: audience.CoordinatorsOf(g.Program), Role: audience.Coordinator, Reason: "coordinates the program"})
	}
	return list
}

// marking is how an agreement stands in its audience: what is public is
// TLP:CLEAR and released, all else TLP:GREEN.
func marking(s Sight, tx *db.Tx) (tlp.Level, any) {
	if s == Public {
		return tlp.Clear, db.Micros(tx.Now)
	}
	return tlp.Green, nil
}

func keep(tx *db.Tx, t Text) error {
	_, err := tx.Exec(`INSERT INTO agreement_version (id, agreement_id, number, body, note, demands, generation_id, author_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		t.ID, t.Agreement, t.Number, t.Body, t.Note, db.Bit(t.Demands), t.Generation, t.Author, db.Micros(t.At))
	return err
}

// Edit changes an agreement's facts: title, kind, who may read it, whose it
// is, and what satisfies it too. in.Version is the version seen; Stale comes
// with both. Its text is changed by Revise.
func Edit(tx *db.Tx, a audience.Actor, in Agreement) (Agreement, error) {
	old, err := held(tx, a, in.ID)
	if err != nil {
		return Agreement{}, err
	}
	if in, err = in.cleaned(tx); err != nil {
		return Agreement{}, err
	}
	if err := mayEdit(a, in); err != nil { // nor give it to a program of others
		return Agreement{}, err
	}
	in.State, in.CreatedAt, in.Current, in.Audience = old.State, old.CreatedAt, old.Current, old.Audience
	level, release := marking(in.Sight, tx)
	err = tx.Guarded(stale(old, in), `UPDATE agreement SET title = $1, folded = $2, kind = $3, sight = $4, program_id = $5, also = $6, tlp = $7, release_at = $8, version = version + 1 WHERE id = $9 AND version = $10`,
		in.Title, orgs.Fold(in.Title), string(in.Kind), string(in.Sight), in.Program, db.JSON(in.named().Also), int(level), release, in.ID, in.Version)
	if db.Taken(err) {
		return Agreement{}, taken(in.Title)
	}
	if err != nil {
		return Agreement{}, err
	}
	if old.Program != in.Program {
		if err := audience.Expel(tx, in.Audience, audience.Office, audience.CoordinatorsOf(old.Program)); err != nil {
			return Agreement{}, err
		}
		for _, r := range readers(in) {
			if err := audience.Admit(tx, in.Audience, r); err != nil {
				return Agreement{}, err
			}
		}
	}
	in.Version++
	in.Level = level
	in = in.named()
	record(tx, a, EventEdited, in, facts(in), table.Of(in.ID))
	return in, settle(tx, in.ID, nil)
}

// Withdraw ends an agreement: nobody accepts it any more, and it satisfies no
// other. What was accepted stays on record. Conflict while something requires
// it. version is the version seen.
func Withdraw(tx *db.Tx, a audience.Actor, agreementID string, version int64) (Agreement, error) {
	return turn(tx, a, agreementID, version, Active, Withdrawn, EventWithdrawn)
}

// Restore puts a withdrawn agreement into use again.
func Restore(tx *db.Tx, a audience.Actor, agreementID string, version int64) (Agreement, error) {
	return turn(tx, a, agreementID, version, Withdrawn, Active, EventRestored)
}

func turn(tx *db.Tx, a audience.Actor, agreementID string, version int64, was, to State, event string) (Agreement, error) {
	g, err := held(tx, a, agreementID)
	if err != nil {
		return g, err
	}
	if g.State != was {
		return g, errs.New(errs.Conflict, "This agreement is %s already.", to)
	}
	if to == Withdrawn {
		n, err := db.Value[int](tx, `SELECT COUNT(*) FROM audience_terms WHERE terms_id = $1`, g.Current.Generation)
		if err == nil && n > 0 {
			err = errs.New(errs.Conflict, "Something still requires this agreement. Take it out of the rules of the programs that name it, and withdraw it then.")
		}
		if err != nil {
			return g, err
		}
	}
	in := g
	in.State = to
	if err := tx.Guarded(stale(g, in), `UPDATE agreement SET state = $1, version = version + 1 WHERE id = $2 AND version = $3`, string(to), g.ID, version); err != nil {
		return g, err
	}
	in.Version++
	record(tx, a, event, in, map[string]any{"title": in.Title}, table.Of(in.ID))
	return in, settle(tx, in.ID, nil)
}

// held loads an agreement that the actor may edit, and takes it for the rest
// of the transaction.
func held(tx *db.Tx, a audience.Actor, agreementID string) (Agreement, error) {
	if err := hold(tx, "UPDATE"); err != nil {
		return Agreement{}, err
	}
	g, err := Get(tx, a, agreementID)
	if err != nil {
		return g, err
	}
	if g.Kind == CaseTerms {
		return g, errs.New(errs.Conflict, "The case terms are edited in the alliance's settings.")
	}
	return g, mayEdit(a, g)
}

func facts(g Agreement) map[string]any {
	return map[string]any{"title": g.Title, "kind": g.Kind, "sight": g.Sight, "program": g.Program, "also": g.Also}
}

func record(tx *db.Tx, a audience.Actor, kind string, g Agreement, data any, binds ...ledger.Bound) {
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: g.Audience, Level: tlp.Green, Scope: g.ID, Object: ledger.Object{Kind: "agreement", ID: g.ID}, Data: data, Binds: binds})
}

func stale(theirs Agreement, yours any) *errs.Error {
	e := errs.New(errs.Stale, "Somebody changed this agreement while you had it open. Compare both versions and save again.")
	e.Theirs, e.Yours = theirs, yours
	return e
}

func taken(title string) error {
	return errs.Bad("title", "There is an agreement called %s already.", title)
}
