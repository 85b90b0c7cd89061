package membership

import (
	"slices"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/membership"
)

// maxPreview bounds what is counted for a preview.
const (
	maxPreviewPeople  = 200
	maxPreviewRecords = 10000
)

// Consequence is what a sanction would do.
type Consequence struct {
	Standing spec.Standing `json:"standing"` // that the member would have
	People   int           `json:"people"`   // of the member whose access changes
	Blind    int           `json:"blind"`    // of them, who lose sight of something that the asker sees too
	Records  int           `json:"records"`  // texts, files and messages, of those the asker sees, that any of them sees no more
	Mute     int           `json:"mute"`     // of them, who may only read any more in a program
	Programs []string      `json:"programs"` // names of the programs it holds in
	More     bool          `json:"more"`     // there are more people or records than were counted
}

// Foresee says what a sanction would do to a member, and to how many people,
// before anybody imposes it. Who may impose or propose it may ask.
func Foresee(tx *db.Tx, a audience.Actor, ref string, verb spec.SanctionVerb) (Consequence, error) {
	m, err := StandingIn(tx, a, ref)
	if err != nil {
		return Consequence{}, err
	}
	if keepsStanding(a, m) != nil && !a.Holds(audience.Office, charter.Board) && !a.Holds(audience.Office, charter.Bench) && !charter.Administers(a) {
		return Consequence{}, errs.New(errs.Denied, "What a sanction would do is shown to who may impose or propose it.")
	}
	var c Consequence
	to, ok := spec.Sanction.Next(m.Sanction, verb)
	if !ok {
		to = m.Sanction
	}
	after := m
	after.Sanction = to
	c.Standing = spec.Of(after.Renewal, after.Sanction)
	in, err := m.holdsIn(tx)
	if err != nil {
		return c, err
	}
	if c.Programs, err = namesOf(tx, in); err != nil {
		return c, err
	}
	people, err := db.Column[string](tx, `SELECT m.person_id FROM membership m JOIN person p ON p.id = m.person_id AND p.state = 'active' WHERE m.org_id = $1 ORDER BY m.person_id`+db.Limit(maxPreviewPeople+1), m.Org)
	if err != nil {
		return c, err
	}
	if len(people) > maxPreviewPeople {
		people, c.More = people[:maxPreviewPeople], true
	}
	lost := map[int64]bool{}
	for _, p := range people {
		if err := c.add(tx, a, p, after, in, lost); err != nil {
			return c, err
		}
	}
	c.Records = len(lost)
	return c, nil
}

// add counts one person: what they see now, and what they would see. What the
// asker does not see is not counted: the figure, asked for again and again,
// would tell of work that goes on.
func (c *Consequence) add(tx *db.Tx, asker audience.Actor, person string, after Membership, in []string, lost map[int64]bool) error {
	seats, err := audience.Seats(tx, person)
	if err != nil {
		return err
	}
	then, mute := after.narrowed(seats, in)
	if slices.Equal(seats, then) {
		return nil
	}
	c.People++
	if mute {
		c.Mute++
	}
	var args db.Args
	before := audience.Visible(audience.Actor{Person: person, Seats: seats}, "d", &args)
	rows, err := db.Column[int64](tx, `SELECT d.n FROM search_doc d WHERE `+before+` AND NOT (`+audience.VisibleOrPublished(audience.Actor{Person: person, Seats: then}, "d", tx.Now, &args)+`) AND `+audience.VisibleOrPublished(asker, "d", tx.Now, &args)+` ORDER BY d.n`+db.Limit(maxPreviewRecords+1), args...)
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		c.Blind++
	}
	for _, n := range rows {
		if len(lost) >= maxPreviewRecords {
			c.More = true
			break
		}
		lost[n] = true
	}
	return nil
}

// narrowed is a person's seats as the member's standing would leave them.
func (m Membership) narrowed(seats []audience.Seat, in []string) (out []audience.Seat, mute bool) {
	through := audience.Party{Kind: audience.Org, ID: m.Org}
	limit := audience.Role(m.cap())
	for _, s := range seats {
		switch {
		case s.Party != through:
		case m.Program == "" && limit == audience.None && s.Class != "":
			s = audience.Seat{Kind: "class", ID: s.Class, Party: through, Class: s.Class}
			if slices.Contains(out, s) {
				continue
			}
		case s.Kind == audience.Program && slices.Contains(in, s.ID):
			if limit == audience.None {
				continue
			}
			if s.Cap > limit {
				s.Cap, mute = limit, true
			}
		}
		out = append(out, s)
	}
	return out, mute
}

// holdsIn lists the programs in which a standing of this membership counts:
// its own and all below, as far as the organization belongs to them.
func (m Membership) holdsIn(tx *db.Tx) ([]string, error) {
	all, err := db.Column[string](tx, `SELECT program_id FROM program_org WHERE org_id = $1 ORDER BY program_id`, m.Org)
	if err != nil || m.Program == "" {
		return all, err
	}
	below, err := programs.Below(tx, m.Program)
	return slices.DeleteFunc(all, func(p string) bool { return p != m.Program && !slices.Contains(below, p) }), err
}

func namesOf(tx *db.Tx, in []string) ([]string, error) {
	out := []string{}
	for _, one := range in {
		p, err := programs.ByID(tx, one)
		if err != nil {
			return nil, err
		}
		out = append(out, p.Name)
	}
	slices.Sort(out)
	return out, nil
}
