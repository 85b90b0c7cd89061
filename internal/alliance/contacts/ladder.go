package contacts

import (
	"slices"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/oncall"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

const maxLadders = 50 // of one organization

// Ladder is whom an organization wants called in turn. Its steps name
// rotations and contacts by id, and roles by Kind.
type Ladder struct {
	ID        string        `json:"id"`
	Org       string        `json:"org"`
	Name      string        `json:"name"`
	About     string        `json:"about,omitempty"`  // a kind or topic it is for; "": everything
	Shared    []string      `json:"shared,omitempty"` // programs whose people may have it called
	Ladder    oncall.Ladder `json:"ladder"`
	CreatedAt time.Time     `json:"created_at"`
	Version   int64         `json:"version"`
	TLP       tlp.Level     `json:"tlp"`
	Audience  string        `json:"-"`
}

const ladderColumns = `c.id, c.org_id, c.audience_id, c.tlp, c.name, c.about, c.ladder, c.created_at, c.version`

func scanLadder(l *Ladder) []any {
	return []any{&l.ID, &l.Org, &l.Audience, &l.TLP, &l.Name, &l.About, db.JSON(&l.Ladder), db.At(&l.CreatedAt), &l.Version}
}

func (l Ladder) checked(tx *db.Tx, a audience.Actor) (Ladder, error) {
	var err error
	if l.Name, _, err = text.CleanLine(l.Name, maxName); err != nil || l.Name == "" {
		return l, errs.Bad("name", "Give the ladder a name of at most %d characters.", maxName)
	}
	if l.About, _, err = text.CleanLine(l.About, 100); err != nil {
		return l, errs.Bad("about", "Please correct what the ladder is for: %s.", err)
	}
	if err := l.Ladder.Validate(); err != nil {
		return l, errs.Bad("steps", "Please correct the ladder: %s.", err)
	}
	rotations, err := db.Column[string](tx, `SELECT id FROM contact_rotation WHERE org_id = $1`, l.Org)
	if err != nil {
		return l, err
	}
	var called []string
	for i, s := range l.Ladder.Steps {
		switch {
		case s.Whom.Kind == oncall.ByPerson:
			called = append(called, s.Whom.ID)
		case s.Whom.Kind == oncall.ByRole && !slices.Contains(Kinds, Kind(s.Whom.ID)):
			return l, errs.Bad("steps", "Step %d: choose one of the kinds of contact.", i+1)
		case s.Whom.Kind == oncall.ByRotation && !slices.Contains(rotations, s.Whom.ID):
			return l, errs.Bad("steps", "Step %d: choose one of the organization's rotations.", i+1)
		}
	}
	if err := areContacts(tx, l.Org, called); err != nil {
		return l, err
	}
	l.Shared, err = sharable(tx, a, l.Org, l.Shared)
	l.TLP = marking(l.Shared)
	return l, err
}

// AddLadder keeps a new ladder of in.Org. The organization, the coordinators
// and the people of the programs it is shared with see it, and may have it
// called.
func AddLadder(tx *db.Tx, a audience.Actor, in Ladder) (Ladder, error) {
	if err := mayAdd(tx, a, in.Org); err != nil {
		return Ladder{}, err
	}
	in, err := in.checked(tx, a)
	if err != nil {
		return Ladder{}, err
	}
	if err := roomFor(tx, "contact_ladder", in.Org, maxLadders); err != nil {
		return Ladder{}, err
	}
	if in.Audience, err = room(tx, in.Org, "ladder", in.Shared); err != nil {
		return Ladder{}, err
	}
	in.ID, in.CreatedAt, in.Version = id.New("lad", tx.Now), tx.Now, 1
	if _, err := tx.Exec(`INSERT INTO contact_ladder (id, org_id, audience_id, tlp, name, about, ladder, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		in.ID, in.Org, in.Audience, int(in.TLP), in.Name, in.About, db.JSON(in.Ladder), db.Micros(in.CreatedAt), in.Version); err != nil {
		return Ladder{}, err
	}
	recordLadder(tx, a, EventLadderAdded, in)
	return in, nil
}

// EditLadder changes a ladder; in.Version is the version seen.
func EditLadder(tx *db.Tx, a audience.Actor, in Ladder) (Ladder, error) {
	old, err := ladderShelf.editable(tx, a, in.ID)
	if err != nil {
		return Ladder{}, err
	}
	in.Org, in.Audience, in.CreatedAt = old.Org, old.Audience, old.CreatedAt
	if in, err = in.checked(tx, a); err != nil {
		return Ladder{}, err
	}
	if err := tx.Guarded(stale("ladder", old, in), `UPDATE contact_ladder SET tlp = $1, name = $2, about = $3, ladder = $4, version = version + 1 WHERE id = $5 AND version = $6`,
		int(in.TLP), in.Name, in.About, db.JSON(in.Ladder), in.ID, in.Version); err != nil {
		return Ladder{}, err
	}
	in.Version++
	recordLadder(tx, a, EventLadderEdited, in)
	return in, reshare(tx, in.Audience, in.Org, in.Shared)
}

// RemoveLadder takes a ladder away.
func RemoveLadder(tx *db.Tx, a audience.Actor, ladderID string, version int64) error {
	l, err := ladderShelf.editable(tx, a, ladderID)
	if err != nil {
		return err
	}
	if err := tx.Guarded(stale("ladder", l, nil), `DELETE FROM contact_ladder WHERE id = $1 AND version = $2`, ladderID, version); err != nil {
		return err
	}
	recordLadder(tx, a, EventLadderRemoved, l)
	return nil
}

// GetLadder reads a ladder that the actor may see.
func GetLadder(tx *db.Tx, a audience.Actor, ladderID string) (Ladder, error) {
	return ladderShelf.see(tx, a, ladderID)
}

// Ladders lists an organization's ladders, as far as the actor may see them.
func Ladders(tx *db.Tx, a audience.Actor, orgID string) ([]Ladder, error) {
	return ladderShelf.visible(tx, a, orgID)
}

// Climb plans a ladder: whom it would call when, begun at an instant. It
// names contacts by id and gives no address.
func Climb(tx *db.Tx, a audience.Actor, ladderID string, begun time.Time, u oncall.Urgency) (oncall.Calls, error) {
	l, err := GetLadder(tx, a, ladderID)
	if err != nil {
		return oncall.Calls{}, err
	}
	b := oncall.Book{Rosters: map[string]*oncall.Roster{}, Roles: map[string][]string{}, Contacts: map[string]oncall.Contact{}}
	list, err := contactShelf.visible(tx, a, l.Org)
	if err != nil {
		return oncall.Calls{}, err
	}
	for _, c := range list {
		known := oncall.Contact{Ways: c.Ways()}
		if c.Quiet != nil {
			known.Quiet = &oncall.Quiet{Zone: c.TimeZone, Hours: *c.Quiet}
		}
		b.Contacts[c.ID] = known
		b.Roles[string(c.Kind)] = append(b.Roles[string(c.Kind)], c.ID)
	}
	rotations, err := Rotations(tx, a, l.Org)
	if err != nil {
		return oncall.Calls{}, err
	}
	for _, r := range rotations {
		if b.Rosters[r.ID], err = rosterOf(tx, r); err != nil {
			return oncall.Calls{}, err
		}
	}
	calls, err := oncall.Plan(l.Ladder, b, begun, u)
	if err != nil {
		err = errs.Bad("urgency", "Please correct this: %s.", err)
	}
	return calls, err
}

// inLadder is the name of a ladder that calls whom; "" for none.
func inLadder(tx *db.Tx, orgID string, whom oncall.Whom) (string, error) {
	list, err := ladderShelf.of(tx, orgID)
	for _, l := range list {
		if slices.ContainsFunc(l.Ladder.Steps, func(s oncall.Step) bool { return s.Whom == whom }) {
			return l.Name, nil
		}
	}
	return "", err
}

// unused refuses to take a contact away that a rotation, an override or a
// ladder needs.
func unused(tx *db.Tx, c Contact) error {
	rotations, err := rotationShelf.of(tx, c.Org)
	if err != nil {
		return err
	}
	for _, r := range rotations {
		overrides, err := overridesOf(tx, r.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(r.Layers, func(l oncall.Rotation) bool { return slices.Contains(l.Members, c.ID) }) ||
			slices.ContainsFunc(overrides, func(o Override) bool { return o.Contact == c.ID && o.To.After(tx.Now) }) {
			return errs.New(errs.Conflict, "The rotation %s needs this contact. Change the rotation first.", r.Name)
		}
	}
	name, err := inLadder(tx, c.Org, oncall.Whom{Kind: oncall.ByPerson, ID: c.ID})
	if err == nil && name != "" {
		err = errs.New(errs.Conflict, "The ladder %s calls this contact. Change the ladder first.", name)
	}
	return err
}

func recordLadder(tx *db.Tx, a audience.Actor, kind string, l Ladder) {
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: l.Audience, Level: tlp.AmberStrict, Scope: l.Org, Object: ledger.Object{Kind: "ladder", ID: l.ID}, Data: l, Binds: []ledger.Bound{ladderTable.Of(l.ID)}})
}
