package programs

import (
	"cmp"
	"slices"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/tlp"
)

// Change is what new rules would do: exactly who gains and who loses sight of
// what.
type Change struct {
	Rules  Rules        `json:"rules"`  // as they would stand
	Closed []orgs.Class `json:"closed"` // classes shut out that are not now
	Opened []orgs.Class `json:"opened"` // classes not shut out any more
	Gains  []Affected   `json:"gains"`
	Loses  []Affected   `json:"loses"`
}

// Affected is one person, and what they gain or lose sight of.
type Affected struct {
	Person string   `json:"person"` // person id; of a link holder the link's; "" of whom the reader may not know
	Name   string   `json:"name"`   // "" likewise
	Orgs   []string `json:"orgs"`   // names of the organizations they work for
	Things []Thing  `json:"things"` // as far as the reader of the preview may see them
	Others int      `json:"others"` // and of how many more; told to who keeps the alliance
	Steps  []Step   `json:"-"`      // all of them
}

// Thing is something that people see together.
type Thing struct {
	Kind  string `json:"kind"` // what its audience is for: "case", "private side"
	Title string `json:"title"`
	URL   string `json:"url"`
	Upto  string `json:"upto"` // highest marking seen afterwards; "" for nothing at all
}

// Step is one audience with the highest level that a person sees in it,
// Nothing for none.
type Step struct {
	Audience      string
	Before, After tlp.Level
}

// Nothing stands for a person who sees no level of an audience.
const Nothing tlp.Level = -1

// Preview says what a change of rules would do, by doing it and taking it
// back; the transaction must be one that writes, and is left as it was. For
// operators, coordinators and the board, and for the program's own
// coordinators.
func Preview(tx *db.Tx, a audience.Actor, in Rules) (Change, error) {
	p, err := Get(tx, a, in.Program)
	if err != nil {
		return Change{}, err
	}
	if !seesAll(a, p.ID) && !a.Holds(audience.Office, charter.Bench) {
		return Change{}, errs.New(errs.Denied, "What a change of rules does is shown to operators, coordinators and the board.")
	}
	r, err := reviewed(tx, p.ID, in)
	if err != nil {
		return Change{}, err
	}
	before, err := r.look(tx)
	if err != nil {
		return Change{}, err
	}
	out := Change{Closed: r.closed, Opened: r.opened}
	var after []map[string]tlp.Level
	if err := tx.Rehearse(func() (err error) {
		get := func(programID string) (Program, error) { return Get(tx, a, programID) }
		if out.Rules, err = change(tx, a, p, in, get); err != nil {
			return err
		}
		if err := r.reseat(tx); err != nil {
			return err
		}
		after, err = r.look(tx)
		return err
	}); err != nil {
		return Change{}, err
	}
	names := namer{tx: tx, a: a, wide: seesAlliance(a), known: map[string]*Thing{}}
	for i, who := range r.actors {
		gains, loses, err := names.compare(who, before[i], after[i])
		if err != nil {
			return out, err
		}
		if len(gains.Steps) > 0 {
			out.Gains = append(out.Gains, gains)
		}
		if len(loses.Steps) > 0 {
			out.Loses = append(out.Loses, loses)
		}
	}
	byName := func(x, y Affected) int { // who is not named comes last
		switch {
		case x.Name == "" && y.Name != "":
			return 1
		case x.Name != "" && y.Name == "":
			return -1
		}
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Person, y.Person))
	}
	slices.SortFunc(out.Gains, byName)
	slices.SortFunc(out.Loses, byName)
	return out, nil
}

// review is what a change of rules can touch: programs, and people.
type review struct {
	programs       []string
	closed, opened []orgs.Class
	actors         []audience.Actor
}

// reviewed finds whom the change can touch at all: people of a class whose
// standing changes; where the agreements change, everybody who reads what lies
// under the program; and where it moves, everybody whose organization belongs to
// it or one below, since a sanction above holds there.
func reviewed(tx *db.Tx, programID string, in Rules) (review, error) {
	var r review
	below, err := Below(tx, programID)
	if err != nil {
		return r, err
	}
	r.programs = append([]string{programID}, below...)
	if r.closed, r.opened, err = turned(tx, in, r.programs); err != nil {
		return r, err
	}
	old, err := RulesOf(tx, programID)
	if err != nil {
		return r, err
	}
	people, err := r.people(tx, !slices.Equal(old.Agreements, sorted(in.Agreements)), old.Parent != in.Parent)
	for _, who := range people {
		a := audience.Actor{Person: who}
		if a.Seats, err = audience.Seats(tx, who); err != nil {
			return r, err
		}
		r.actors = append(r.actors, a)
	}
	return r, err
}

// Turned lists the classes that rules would shut out and that are not shut out
// now, and those that they would no longer shut out, with what programs above
// do taken in. It asks nobody.
func Turned(tx *db.Tx, in Rules) (closed, opened []orgs.Class, err error) {
	below, err := Below(tx, in.Program)
	if err != nil {
		return nil, nil, err
	}
	return turned(tx, in, append(below, in.Program))
}

// turned is Turned; under are the program and all below it, of which none can
// be its parent.
func turned(tx *db.Tx, in Rules, under []string) (closed, opened []orgs.Class, err error) {
	was, err := Shut(tx, in.Program)
	if err != nil {
		return nil, nil, err
	}
	will := slices.Clone(in.ShutOut)
	if in.Parent != "" && !slices.Contains(under, in.Parent) {
		above, err := Shut(tx, in.Parent)
		if err != nil {
			return nil, nil, err
		}
		will = append(will, above...)
	}
	return without(sorted(will), was), without(was, will), nil
}

func (r review) people(tx *db.Tx, everybody, moved bool) ([]string, error) {
	var args db.Args
	q := `SELECT s.person_id FROM seat s WHERE s.class IN ` + db.List(&args, append(slices.Clone(r.closed), r.opened...))
	if everybody {
		under := db.List(&args, r.programs)
		q += ` UNION SELECT s.person_id FROM audience_program l JOIN audience_grant g ON g.audience_id = l.audience_id JOIN seat s ON s.kind = g.kind AND s.subject_id = g.subject_id WHERE l.program_id IN ` + under
	}
	if moved {
		q += ` UNION SELECT m.person_id FROM program_org o JOIN membership m ON m.org_id = o.org_id WHERE o.program_id IN ` + db.List(&args, r.programs)
	}
	return db.Column[string](tx, `SELECT DISTINCT x.person_id FROM (`+q+`) x ORDER BY x.person_id`, args...)
}

// reseat reads the people's seats again.
func (r *review) reseat(tx *db.Tx) (err error) {
	for i := range r.actors {
		if r.actors[i].Seats, err = audience.Seats(tx, r.actors[i].Person); err != nil {
			return err
		}
	}
	return nil
}

// look asks the rule for each person how far they see into each audience that
// has to do with the programs.
func (r review) look(tx *db.Tx) ([]map[string]tlp.Level, error) {
	type sight struct {
		audience string
		reach    tlp.Level
	}
	out := make([]map[string]tlp.Level, len(r.actors))
	for i, a := range r.actors {
		var args db.Args
		mine := audience.Mine(a, &args)
		under := db.List(&args, r.programs)
		list, err := db.All(tx, func(s *sight) []any { return []any{&s.audience, &s.reach} }, `SELECT m.audience_id, m.reach FROM `+mine+` m WHERE EXISTS (SELECT 1 FROM audience_program l WHERE l.audience_id = m.audience_id AND l.program_id IN `+under+`)
			OR EXISTS (SELECT 1 FROM audience_grant g WHERE g.audience_id = m.audience_id AND g.kind = 'program' AND g.subject_id IN `+under+`)
			OR EXISTS (SELECT 1 FROM audience_through h WHERE h.audience_id = m.audience_id AND h.program_id IN `+under+`)`, args...)
		if err != nil {
			return nil, err
		}
		out[i] = map[string]tlp.Level{}
		for _, s := range list {
			out[i][s.audience] = s.reach
		}
	}
	return out, nil
}
