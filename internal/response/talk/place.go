package talk

import (
	"slices"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/spec/tlp"
)

// voice is for whom the actor speaks in a thread.
type voice struct {
	author   Author
	audience string // of what they say in it, short of TLP:RED to named persons
}

// speak settles for whom the actor speaks: as a coordinator, or for their
// party. A party that is hidden from those who read the thread does not write
// in it, since writing would show it.
func speak(tx *db.Tx, a audience.Actor, t *Thread, c casework.Case) (voice, error) {
	if err := hold(tx, a, t); err != nil {
		return voice{}, err
	}
	kind, id := a.Ref()
	v := voice{Author{Kind: kind, ID: id, Name: a.Name}, t.Audience}
	coordinates, err := coordinator(tx, a, c)
	if err != nil || coordinates {
		v.author.Coordinator = coordinates
		return v, err
	}
	parties, err := ownParties(tx, a, c.ID)
	if err != nil {
		return v, err
	}
	hidden := false
	for _, p := range parties {
		if p.Hidden && t.Audience != p.Private {
			hidden = true
			continue
		}
		// In the thread of one of several parties, it speaks.
		if v.author.Party == "" || p.ID == t.Participant {
			v.author.Party, v.author.PartyName = p.ID, p.Name
		}
	}
	if v.author.Party == "" && hidden {
		return v, errs.New(errs.Denied, "The other parties are not told that you take part, and a message here would tell them. Write in your private thread with the coordinators.")
	}
	return v, nil
}

// hold keeps the parties that a message speaks of from being hidden while it
// is written, and reads the audience that the thread has then.
func hold(tx *db.Tx, a audience.Actor, t *Thread) error {
	if t.Closed {
		return nil
	}
	if tx.Dialect == db.Postgres {
		var args db.Args
		q := `SELECT p.id FROM participant p WHERE p.case_id = ` + args.Add(t.Case) + ` AND (p.id = ` + args.Add(t.Participant) + ` OR ` + casework.SpeaksFor(a, "p", &args) + `) ORDER BY p.id FOR SHARE`
		if _, err := db.Column[string](tx, q, args...); err != nil {
			return err
		}
	}
	if t.Kind != Product {
		return nil
	}
	var err error
	t.Audience, err = db.Value[string](tx, `SELECT audience_id FROM participant WHERE id = $1`, t.Participant)
	return err
}

// ownParties are the parties of a case that the actor speaks for. A finder is
// one of them without being in the case's audience.
func ownParties(tx *db.Tx, a audience.Actor, caseID string) ([]casework.Participant, error) {
	var args db.Args
	ids, err := db.Column[string](tx, `SELECT p.id FROM participant p WHERE p.case_id = `+args.Add(caseID)+` AND p.left_at IS NULL AND `+casework.SpeaksFor(a, "p", &args)+` ORDER BY p.id`, args...)
	if err != nil {
		return nil, err
	}
	var out []casework.Participant
	for _, id := range ids {
		p, err := casework.PartyByID(tx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func coordinator(tx *db.Tx, a audience.Actor, c casework.Case) (bool, error) {
	role, err := audience.RoleOn(tx, a, c.Team, c.Marking())
	return role == audience.Coordinator, err
}

// marking is where a message stands.
type marking struct {
	audience string
	level    tlp.Level
	named    bool
}

// place checks the level that a message shall carry (Clear, the zero, means
// the thread's own) and whom it names, and finds the audience for it.
func place(tx *db.Tx, a audience.Actor, t Thread, v voice, level tlp.Level, named []string) (marking, error) {
	if level == tlp.Clear {
		level = t.Level
	}
	m := marking{audience: v.audience, level: level}
	switch {
	case !level.Valid():
		return m, errs.Bad("tlp", "Choose a TLP level.")
	case level < t.Level && !v.author.Coordinator:
		return m, errs.New(errs.Denied, "What is said here carries at least %s; only a coordinator may mark it lower.", t.Level)
	case len(named) > 0 && level != tlp.Red:
		return m, errs.Bad("named", "Only a message marked %s names who may read it.", tlp.Red)
	case len(named) > MaxNamed:
		return m, errs.New(errs.TooLarge, "Name at most %d persons.", MaxNamed)
	}
	if level < tlp.Red {
		return m, nil
	}
	if len(named) == 0 {
		role, err := audience.RoleAt(tx, a, m.audience, tlp.Red)
		if err == nil && role == audience.None {
			err = errs.Bad("named", "%s reaches named persons only, and not yourself here: name who shall read it.", tlp.Red)
		}
		return m, err
	}
	m.named = true
	var err error
	m.audience, err = nameThem(tx, a, t, named)
	return m, err
}

// nameThem makes an audience of named persons who read the thread, and of the
// author.
func nameThem(tx *db.Tx, a audience.Actor, t Thread, named []string) (string, error) {
	known, err := Addressees(tx, a, t.ID)
	if err != nil {
		return "", err
	}
	kind, me := a.Ref()
	grants := []audience.Grant{{Kind: audience.SubjectKind(kind), ID: me, Role: audience.Contributor, Reason: "wrote it"}}
	for _, id := range named {
		i := slices.IndexFunc(known, func(k Addressee) bool { return k.ID == id && (k.Kind == ToPerson || k.Kind == ToLink) })
		if i < 0 {
			return "", errs.Bad("named", "Somebody you name is not known to you here; choose among those who read this thread.")
		}
		if id == me {
			continue
		}
		kind := audience.Person
		if known[i].Kind == ToLink {
			kind = audience.Link
		}
		grants = append(grants, audience.Grant{Kind: kind, ID: id, Role: audience.Contributor, Reason: "named"})
	}
	return audience.Named(tx, t.Audience, "named persons", grants)
}

// prune takes those out of a message's own audience whom its thread does not
// reach any more, before an event tells that audience of a change.
func prune(tx *db.Tx, t Thread, audienceID string) error {
	v, err := audience.Load(tx, audienceID)
	if err != nil {
		return err
	}
	reach, err := audience.Reach(tx, t.Audience, t.Level)
	if err != nil {
		return err
	}
	for _, g := range v.Grants {
		if slices.ContainsFunc(reach, func(k audience.Knower) bool { return k.Person == g.ID }) {
			continue
		}
		if err := audience.Expel(tx, audienceID, g.Kind, g.ID); err != nil {
			return err
		}
	}
	return nil
}

// CountReach is whom a message in the thread at a level reaches, for the
// who-sees-this line; level Clear means the thread's own. Parties that are
// hidden from the actor are not counted, so doors say to all but coordinators
// that the coordinators may have included more.
func CountReach(tx *db.Tx, a audience.Actor, threadID string, level tlp.Level, named []string) (audience.Count, error) {
	if len(named) > 0 && level == tlp.Red {
		_, _, _, err := LoadThread(tx, a, threadID)
		return audience.Count{People: len(named) + db.Bit(!slices.Contains(named, a.Person))}, err
	}
	list, err := CountReaches(tx, a, threadID, level)
	if err != nil {
		return audience.Count{}, err
	}
	return list[0], nil
}

// CountReaches is CountReach for each of some levels, at the price of one.
func CountReaches(tx *db.Tx, a audience.Actor, threadID string, levels ...tlp.Level) ([]audience.Count, error) {
	t, c, _, err := LoadThread(tx, a, threadID)
	if err != nil || len(levels) == 0 {
		return nil, err
	}
	levels = slices.Clone(levels)
	for i := range levels {
		if levels[i] == tlp.Clear {
			levels[i] = t.Level
		}
	}
	reach, err := audience.Reach(tx, t.Audience, slices.Min(levels))
	if err != nil {
		return nil, err
	}
	hidden, err := hiddenSubjects(tx, a, c)
	if err != nil {
		return nil, err
	}
	out := make([]audience.Count, len(levels))
	for i, level := range levels {
		orgs := map[string]bool{}
		for _, k := range reach {
			k, ok := k.At(level)
			if ok {
				k, ok = without(k, hidden)
			}
			if !ok {
				continue
			}
			out[i].People++
			for _, o := range k.Orgs {
				orgs[o.ID] = true
			}
		}
		out[i].Orgs = len(orgs)
	}
	return out, nil
}

// hiddenSubjects are the parties of the case that the actor may not know of.
func hiddenSubjects(tx *db.Tx, a audience.Actor, c casework.Case) (map[string]bool, error) {
	var args db.Args
	ids, err := db.Column[string](tx, `SELECT p.subject_id FROM participant p WHERE p.case_id = `+args.Add(c.ID)+` AND p.hidden = 1 AND NOT `+audience.Visible(a, "p", &args), args...)
	out := map[string]bool{}
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

// without leaves out the ways in which a person reads through a hidden party.
func without(k audience.Knower, hidden map[string]bool) (audience.Knower, bool) {
	if len(hidden) == 0 {
		return k, true
	}
	k.Paths = slices.DeleteFunc(slices.Clone(k.Paths), func(p audience.Path) bool { return hidden[p.Grant.ID] })
	k.Orgs = slices.DeleteFunc(slices.Clone(k.Orgs), func(o audience.Party) bool { return hidden[o.ID] })
	return k, len(k.Paths) > 0
}
