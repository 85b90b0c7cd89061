package programs

import (
	"slices"
	"strings"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// ChangeRules replaces a program's rules; operators and coordinators may.
// in.Version is the version seen; Stale comes with both. A class that is shut
// out loses sight of all under the program in the next request; Preview says
// beforehand of what. The ledger keeps the rules before and after.
func ChangeRules(tx *db.Tx, a audience.Actor, in Rules) (Rules, error) {
	p, err := Get(tx, a, in.Program)
	if err != nil {
		return Rules{}, err
	}
	if err := mayRun(a); err != nil {
		return Rules{}, err
	}
	return change(tx, a, p, in, func(programID string) (Program, error) { return Get(tx, a, programID) })
}

// Decided is ChangeRules for what the board decided: it asks nobody, and the
// event names nobody. in.Version is the version that the board decided on.
func Decided(tx *db.Tx, in Rules) (Rules, error) {
	get := func(programID string) (Program, error) { return ByID(tx, programID) }
	p, err := get(in.Program)
	if err != nil {
		return Rules{}, err
	}
	return change(tx, audience.Actor{}, p, in, get)
}

func change(tx *db.Tx, a audience.Actor, p Program, in Rules, get func(string) (Program, error)) (Rules, error) {
	if err := holdTree(tx); err != nil {
		return Rules{}, err
	}
	if err := Hold(tx, p.ID); err != nil {
		return Rules{}, err
	}
	old, err := RulesOf(tx, p.ID)
	if err != nil {
		return Rules{}, err
	}
	if in, err = changed(tx, get, old, in); err != nil {
		return Rules{}, err
	}
	if in, err = keepRules(tx, p, old, in); err != nil {
		return Rules{}, err
	}
	type change struct {
		Before Rules `json:"before"`
		After  Rules `json:"after"`
	}
	record(tx, a, EventRules, p, change{old, in}, rulesTable.Of(p.ID))
	if err := apply(tx, old, in); err != nil {
		return in, err
	}
	return in, tell(tx, in, without(in.Agreements, old.Agreements))
}

// apply brings what people see in line with rules that have been kept.
func apply(tx *db.Tx, old, in Rules) error {
	if err := settle(tx, in.Program, in.Parent != old.Parent); err != nil {
		return err
	}
	return require(tx, in, "", without(in.Agreements, old.Agreements), without(old.Agreements, in.Agreements))
}

// Move puts a program under another one, or at the top for parent "". The
// classes shut out up there are shut out here from now on. What lies under the
// program stays under it.
func Move(tx *db.Tx, a audience.Actor, programID, parent string, version int64) (Rules, error) {
	if _, err := Get(tx, a, programID); err != nil {
		return Rules{}, err
	}
	r, err := RulesOf(tx, programID)
	if err != nil {
		return Rules{}, err
	}
	r.Parent, r.Version = parent, version
	return ChangeRules(tx, a, r)
}

// changed is the rules as they are to stand, or why they cannot.
func changed(tx *db.Tx, get func(string) (Program, error), old, in Rules) (Rules, error) {
	if in.Slug == "" {
		in.Slug = old.Slug
	}
	in, err := in.cleaned()
	if err != nil {
		return in, err
	}
	if in.Parent != old.Parent && in.Parent != "" {
		above, err := get(in.Parent)
		if errs.Is(err, errs.NotFound) {
			err = errs.Bad("parent", "There is no such program to put it under.")
		} else if err == nil && above.State != Active {
			err = errs.Bad("parent", "The program %s is closed; nothing can be put under it.", above.Name)
		}
		if err != nil {
			return in, err
		}
	}
	if err := agreements.Known(tx, "agreements", without(in.Agreements, old.Agreements)); err != nil {
		return in, err
	}
	return in, fits(tx, in.Program, in.Parent)
}

func keepRules(tx *db.Tx, p Program, old, in Rules) (Rules, error) {
	stale := errs.New(errs.Stale, "Somebody changed these rules while you had them open. Compare both versions and save again.")
	stale.Theirs, stale.Yours = old, in
	if in.Version != old.Version {
		return in, stale
	}
	seen := in.Version
	in.Version++
	elsewhere := errs.Bad("slug", "Another program's page has the address %s already.", in.Slug)
	if seen == 0 {
		return in, tx.Guarded(elsewhere, `INSERT INTO program_rules (id, audience_id, parent_id, slug, rules, version) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
			p.ID, p.Audience, in.Parent, in.Slug, db.JSON(in), in.Version)
	}
	err := tx.Guarded(stale, `UPDATE program_rules SET parent_id = $1, slug = $2, rules = $3, version = $4 WHERE id = $5 AND version = $6`, in.Parent, in.Slug, db.JSON(in), in.Version, p.ID, seen)
	if db.Taken(err) {
		err = elsewhere
	}
	return in, err
}

// holdTree lets one change of the tree at a time through, so that two moves
// cannot close a circle between them.
func holdTree(tx *db.Tx) error {
	_, err := tx.Exec(`UPDATE charter SET version = version`)
	return err
}

// settle brings what follows from the rules of a program and of those above
// it up to date, for it and all below it: the bars and the seats. A standing
// above holds below, so a program that moved is seated anew in any case.
func settle(tx *db.Tx, programID string, moved bool) error {
	below, err := Below(tx, programID)
	if err != nil {
		return err
	}
	var anew []string
	for _, p := range append([]string{programID}, below...) {
		bars, err := Shut(tx, p)
		if err != nil {
			return err
		}
		classes := make([]string, len(bars))
		for i, c := range bars {
			classes[i] = string(c)
		}
		changed, err := audience.Shut(tx, p, classes)
		if err != nil {
			return err
		}
		if changed || moved {
			anew = append(anew, p)
		}
	}
	return orgs.ReseatPrograms(tx, anew...)
}

// Shut lists the classes shut out of a program: by its own rules and by those
// of every program above it. It asks nobody.
func Shut(tx *db.Tx, programID string) ([]orgs.Class, error) {
	line, err := lineage(tx, programID)
	var out []orgs.Class
	for _, r := range line {
		for _, c := range r.ShutOut {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	slices.Sort(out)
	return out, err
}

// Admissible is the refusal of an organization of a class that may not be in
// the program; nil when it may. It asks nobody.
func Admissible(tx *db.Tx, programID string, class orgs.Class) error {
	shut, err := Shut(tx, programID)
	if err != nil {
		return err
	}
	if slices.Contains(shut, class) {
		return errs.New(errs.Conflict, "This program shuts out organizations of the class %s.", class)
	}
	r, err := RulesOf(tx, programID)
	if err == nil && len(r.Admits) > 0 && !slices.Contains(r.Admits, class) {
		return errs.New(errs.Conflict, "This program does not admit organizations of the class %s.", class)
	}
	return err
}

// Led lists the programs of which the actor is one of the own coordinators,
// and may act as such.
func Led(a audience.Actor) []string {
	var out []string
	for _, s := range a.Seats {
		if id, ok := strings.CutPrefix(s.ID, audience.CoordinatorsOf("")); ok && s.Kind == audience.Office && Coordinates(a, id) {
			out = append(out, id)
		}
	}
	return out
}

// CoordinatesSome reports whether the actor coordinates anything: all of the
// alliance, or some program.
func CoordinatesSome(a audience.Actor) bool {
	return charter.IsCoordinator(a) || len(Led(a)) > 0
}

// Coordinates reports whether the actor coordinates what lies under a
// program: the alliance's coordinators, and the program's own.
func Coordinates(a audience.Actor, programID string) bool {
	return charter.IsCoordinator(a) ||
		a.Cap(audience.Office, audience.CoordinatorsOf(programID)) == audience.Coordinator && charter.Allows(a, charter.ScopeCoordinate)
}
