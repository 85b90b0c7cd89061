package programs

import (
	"cmp"
	"maps"
	"slices"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/tlp"
)

// namer names what people see, to one reader.
type namer struct {
	tx    *db.Tx
	a     audience.Actor
	wide  bool              // the reader keeps the alliance: everybody is named to them
	known map[string]*Thing // by audience; nil for what the reader may not see
}

// compare is what a person gains and loses between two looks.
func (n namer) compare(who audience.Actor, before, after map[string]tlp.Level) (gains, loses Affected, err error) {
	keys := maps.Clone(before)
	maps.Copy(keys, after)
	for _, aid := range slices.Sorted(maps.Keys(keys)) {
		s := Step{aid, levelIn(before, aid), levelIn(after, aid)}
		switch {
		case s.After > s.Before:
			gains.Steps = append(gains.Steps, s)
		case s.After < s.Before:
			loses.Steps = append(loses.Steps, s)
		}
	}
	for _, x := range []*Affected{&gains, &loses} {
		if len(x.Steps) == 0 {
			continue
		}
		if err := n.introduce(x, who); err != nil {
			return gains, loses, err
		}
		for _, s := range x.Steps {
			t, err := n.name(s.Audience)
			if err != nil {
				return gains, loses, err
			}
			if t == nil {
				x.Others++
				continue
			}
			one := *t
			if s.After != Nothing {
				one.Upto = s.After.String()
			}
			x.Things = append(x.Things, one)
		}
		// Who stands in what the reader does not see is none of their business,
		// nor in how much of it: asked for again, the number tells of work.
		if !n.wide {
			x.Others = 0
			if len(x.Things) == 0 {
				x.Person, x.Name, x.Orgs = "", "", nil
			}
		}
		slices.SortFunc(x.Things, func(p, q Thing) int { return cmp.Or(cmp.Compare(p.Title, q.Title), cmp.Compare(p.Kind, q.Kind)) })
	}
	return gains, loses, nil
}

func levelIn(m map[string]tlp.Level, aid string) tlp.Level {
	if l, ok := m[aid]; ok {
		return l
	}
	return Nothing
}

// introduce says who somebody is.
func (n namer) introduce(x *Affected, who audience.Actor) (err error) {
	x.Person = who.Person
	if x.Name, err = db.Value[string](n.tx, `SELECT name FROM person WHERE id = $1`, who.Person); err != nil {
		return err
	}
	ids, err := db.Column[string](n.tx, `SELECT org_id FROM membership WHERE person_id = $1 ORDER BY org_id`, who.Person)
	if err != nil {
		return err
	}
	names, err := orgs.Names(n.tx, ids)
	x.Orgs = slices.Sorted(maps.Values(names))
	return err
}

// name is what an audience is of, by the record that can be found in it or in
// the one it was made for; nil where the reader may not see it.
func (n namer) name(aid string) (*Thing, error) {
	if t, ok := n.known[aid]; ok {
		return t, nil
	}
	n.known[aid] = nil
	role, err := audience.RoleAt(n.tx, n.a, aid, tlp.Clear)
	if err != nil || role == audience.None {
		return nil, err
	}
	t := &Thing{}
	if t.Kind, err = db.Value[string](n.tx, `SELECT noun FROM audience WHERE id = $1`, aid); err != nil {
		return nil, err
	}
	at := aid
	for range MaxDepth {
		var args db.Args
		found, ok, err := db.One(n.tx, func(f *Thing) []any { return []any{&f.Title, &f.URL} },
			`SELECT d.title, d.url FROM search_doc d WHERE d.audience_id = `+args.Add(at)+` AND `+audience.Visible(n.a, "d", &args)+` ORDER BY CASE d.kind WHEN 'case' THEN 0 WHEN 'report' THEN 1 WHEN 'advisory' THEN 2 ELSE 3 END, d.n LIMIT 1`, args...)
		if err != nil {
			return nil, err
		}
		if ok {
			t.Title, t.URL = found.Title, found.URL
			break
		}
		above, err := db.Value[string](n.tx, `SELECT parent_id FROM audience_parent WHERE audience_id = $1`, at)
		if err != nil || above == "" {
			break
		}
		at = above
	}
	if t.Title == "" {
		p, ok, err := db.One(n.tx, scan, `SELECT `+columns+` FROM program g WHERE g.audience_id = $1`, aid)
		if err != nil {
			return nil, err
		}
		if ok {
			t.Title, t.URL = p.Name, "/alliance/programs/"+p.ID
		}
	}
	n.known[aid] = t
	return t, nil
}
