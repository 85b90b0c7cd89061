package outreach

import (
	"slices"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

// The bounds of a text, in characters.
const (
	MaxTitle  = 200
	MaxBody   = 5000
	MaxMoment = 60
	MaxPlace  = 999
)

func (i Item) cleaned() (Item, error) {
	var bad []errs.Field
	wrong := func(name, reason string) { bad = append(bad, errs.Field{Name: name, Reason: reason}) }
	var err error
	if i.Title, _, err = text.CleanLine(i.Title, MaxTitle); err != nil {
		wrong("title", "Please correct this: "+err.Error()+".")
	}
	if i.Moment, _, err = text.CleanLine(i.Moment, MaxMoment); err != nil {
		wrong("moment", "Please correct this: "+err.Error()+".")
	}
	if i.Body, _, err = text.CleanText(i.Body, MaxBody); err != nil {
		wrong("body", "Please correct this: "+err.Error()+".")
	}
	if !slices.Contains(Kinds, i.Kind) {
		wrong("kind", "Choose number, done, benefit or plan.")
	}
	if i.Place < 0 || i.Place > MaxPlace {
		wrong("place", "Give the place as a number from 0 to 999.")
	}
	switch {
	case i.Kind != Number:
		i.Figure = nil
	case i.Figure == nil || i.Figure.Key == "" || i.Figure.Value == "" || i.Figure.Counted == "" || i.Figure.AsOf.IsZero():
		wrong("figure", "Choose which number is drawn.")
	default:
		i.Title = i.Figure.Name
	}
	if i.Title == "" && i.Kind != Number {
		wrong("title", "Say it in one line.")
	}
	return i, errs.Join(bad)
}

// Write adds an item as a draft that two others have to clear. in.Figure of a
// number is what the caller has just drawn; the others' is passed over.
func Write(tx *db.Tx, a audience.Actor, in Item) (Item, error) {
	if err := mayKeep(tx, a); err != nil {
		return Item{}, err
	}
	in, err := in.cleaned()
	if err != nil {
		return Item{}, err
	}
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM outreach_item WHERE state <> 'withdrawn'`)
	if err != nil {
		return Item{}, err
	}
	if n >= maxItems/2 {
		return Item{}, errs.New(errs.TooLarge, "The roadmap holds at most %d items. Withdraw those that have had their day.", maxItems/2)
	}
	if in.audience, err = board.Chamber(tx); err != nil {
		return Item{}, err
	}
	in.ID, in.CreatedAt, in.UpdatedAt, in.Version, in.revision = id.New("rdm", tx.Now), tx.Now, tx.Now, 1, 1
	in.State, in.Author, in.TLP, in.Release, in.Reason, in.Clearances = Draft, a.Person, inside, time.Time{}, "", nil
	if _, err := tx.Exec(`INSERT INTO outreach_item (id, audience_id, tlp, kind, title, body, moment, figure_key, figure_value, figure_unit, figure_counted, figure_at, not_before, place, state, author_id, revision, created_at, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		append([]any{in.ID, in.audience, int(in.TLP), string(in.Kind), in.Title, in.Body, in.Moment}, append(figure(in), db.Micros(in.NotBefore), in.Place, string(in.State), in.Author, in.revision, db.Micros(tx.Now), db.Micros(tx.Now), in.Version)...)...); err != nil {
		return Item{}, err
	}
	record(tx, a, EventWritten, in)
	return in, nil
}

func figure(i Item) []any {
	if i.Figure == nil {
		return []any{"", "", "", "", nil}
	}
	f := i.Figure
	return []any{f.Key, f.Value, f.Unit, f.Counted, db.Micros(f.AsOf)}
}

// Edit replaces an item's text, place and instant, or the figure by one drawn
// anew. It is a draft again and no longer public, until two people clear the
// new text. in.Version is the version seen; Stale comes with both.
func Edit(tx *db.Tx, a audience.Actor, in Item) (Item, error) {
	old, err := kept(tx, a, in.ID)
	if err != nil {
		return Item{}, err
	}
	if old.State == Withdrawn {
		return Item{}, errs.New(errs.Conflict, "This item was withdrawn. Write a new one.")
	}
	in.Kind = old.Kind
	if in.Figure == nil {
		in.Figure = old.Figure
	}
	if in, err = in.cleaned(); err != nil {
		return Item{}, err
	}
	in.audience, in.CreatedAt, in.UpdatedAt, in.revision = old.audience, old.CreatedAt, tx.Now, old.revision+1
	in.State, in.Author, in.TLP, in.Release, in.Reason, in.Clearances = Draft, a.Person, inside, time.Time{}, "", nil
	stale := errs.New(errs.Stale, "Somebody changed this item while you had it open. Compare both versions and save again.")
	stale.Theirs, stale.Yours = old, in
	args := append([]any{int(in.TLP), in.Title, in.Body, in.Moment}, figure(in)...)
	args = append(args, db.Micros(in.NotBefore), in.Place, string(in.State), in.Author, in.revision, db.Micros(tx.Now), in.ID, in.Version)
	if err := tx.Guarded(stale, `UPDATE outreach_item SET tlp = $1, release_at = NULL, title = $2, body = $3, moment = $4, figure_key = $5, figure_value = $6, figure_unit = $7, figure_counted = $8, figure_at = $9,
		not_before = $10, place = $11, state = $12, author_id = $13, revision = $14, updated_at = $15, version = version + 1 WHERE id = $16 AND version = $17`, args...); err != nil {
		return Item{}, err
	}
	in.Version++
	record(tx, a, EventEdited, in)
	return in, nil
}

// Clear says that the text of the version seen may be published. The second
// person's clearance publishes it, at once or at its instant; its author's
// does not count.
func Clear(tx *db.Tx, a audience.Actor, itemID string, version int64) (Item, error) {
	i, err := kept(tx, a, itemID)
	if err != nil {
		return i, err
	}
	switch {
	case i.State != Draft:
		return i, errs.New(errs.Conflict, "This item is %s already.", i.State)
	case i.Author == a.Person:
		return i, errs.New(errs.Denied, "You wrote this text. Two others have to clear it.")
	case !i.Clearable(a):
		return i, errs.New(errs.Conflict, "You have cleared this text already. Somebody else has to do it too.")
	}
	stale := errs.New(errs.Stale, "This item was changed while you read it. Read it again before you clear it.")
	stale.Theirs, stale.Yours = i, version
	if i.Version != version {
		return i, stale
	}
	row := id.New("clr", tx.Now)
	if _, err := tx.Exec(`INSERT INTO outreach_clearance (id, item_id, revision, person_id, at) VALUES ($1, $2, $3, $4, $5)`, row, i.ID, i.revision, a.Person, db.Micros(tx.Now)); err != nil {
		return i, err
	}
	i.Clearances = append(i.Clearances, Clearance{Person: a.Person, At: tx.Now})
	kind := EventApproved
	if len(i.Clearances) >= Needed {
		kind, i.State, i.TLP, i.Release = EventCleared, Cleared, tlp.Clear, tx.Now
		if i.NotBefore.After(tx.Now) {
			i.Release = i.NotBefore
		}
	}
	// The version guards the count: two who clear at the same moment do it one
	// after the other.
	if err := tx.Guarded(stale, `UPDATE outreach_item SET state = $1, tlp = $2, release_at = $3, version = version + 1 WHERE id = $4 AND version = $5`,
		string(i.State), int(i.TLP), db.Micros(i.Release), i.ID, version); err != nil {
		return i, err
	}
	i.Version++
	record(tx, a, kind, i, clearanceTable.Of(row))
	return i, nil
}

// Withdraw takes an item back, from the public page in the same instant.
func Withdraw(tx *db.Tx, a audience.Actor, itemID, reason string) (Item, error) {
	i, err := kept(tx, a, itemID)
	if err != nil {
		return i, err
	}
	if i.Reason, _, err = text.CleanText(reason, 1000); err != nil {
		return i, errs.Bad("reason", "Please correct this: %s.", err)
	}
	if i.Reason == "" {
		return i, errs.Bad("reason", "Say why it is withdrawn.")
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "This item is withdrawn already."), `UPDATE outreach_item SET state = $1, reason = $2, tlp = $3, release_at = NULL, version = version + 1 WHERE id = $4 AND state <> $1`,
		string(Withdrawn), i.Reason, int(inside), i.ID); err != nil {
		return i, err
	}
	i.State, i.TLP, i.Release = Withdrawn, inside, time.Time{}
	i.Version++
	record(tx, a, EventWithdrawn, i)
	return i, nil
}
