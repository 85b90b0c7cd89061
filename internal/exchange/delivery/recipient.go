package delivery

import (
	"slices"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// recipient is one person whom a rule tells, and how.
type recipient struct {
	person, address string
	zone            *time.Location
	rule            Rule
	mode            Mode
}

// mentioned replaces the rule of whoever a message names or asks.
var mentioned = Rule{To: Named, Class: Owed, Title: "You are mentioned in {case}", What: "Somebody mentioned you, or asks you something.", Page: thread}

// recipients are the persons whom an event reaches by the audience rule as it
// is now, without its actor and whoever wants no such notice.
func recipients(tx *db.Tx, r ledger.Record, f facts) ([]recipient, error) {
	reached, err := reach(tx, r)
	if err != nil || len(reached) == 0 {
		return nil, err
	}
	authors, err := authorsOf(tx, r)
	if err != nil {
		return nil, err
	}
	byName, err := mentionedIn(tx, f)
	if err != nil {
		return nil, err
	}
	able := slices.ContainsFunc(reached, func(k audience.Knower) bool { return onParty(k) && k.Role >= audience.Contributor })
	var out []recipient
	var asked []audience.Knower
	for _, k := range reached {
		if k.Link || slices.Contains(authors, k.Person) {
			continue
		}
		rule, ok := ruleFor(r, f, k, byName)
		if !ok || rule.To == Parties && rule.Class == Owed && able && k.Role < audience.Contributor {
			continue // who may only read owes nothing
		}
		out = append(out, recipient{person: k.Person, rule: rule})
		if rule.To == Parties && rule.Class == Owed {
			asked = append(asked, k)
		}
	}
	if out, err = contact(tx, out); err != nil || len(out) == 0 {
		return nil, err
	}
	if !f.backup && len(asked) > 0 {
		return withoutBackups(tx, out, asked)
	}
	return out, nil
}

type reachKey struct {
	audience string
	level    tlp.Level
}

type reachSlot struct{}

// reach asks the rule, once in a transaction for each audience and level: a
// batch of events mostly concerns one case, and handling one admits nobody.
func reach(tx *db.Tx, r ledger.Record) ([]audience.Knower, error) {
	known := db.Slot[map[reachKey][]audience.Knower](tx, reachSlot{})
	key := reachKey{r.Audience, r.Level}
	if list, ok := (*known)[key]; ok {
		return list, nil
	}
	list, err := audience.Reach(tx, r.Audience, r.Level)
	if err != nil && !errs.Is(err, errs.NotFound) { // no audience: nobody
		return nil, err
	}
	if *known == nil {
		*known = map[reachKey][]audience.Knower{}
	}
	(*known)[key] = list
	return list, nil
}

// authorsOf are the persons who did it. What a hidden party does is told to
// the others by an event without a name beside one with it.
func authorsOf(tx *db.Tx, r ledger.Record) ([]string, error) {
	if r.ActorKind != "system" {
		return []string{r.ActorID}, nil
	}
	if r.Object.ID == "" {
		return nil, nil
	}
	var args db.Args
	return db.Column[string](tx, `SELECT DISTINCT actor_id FROM event WHERE object_kind = `+args.Add(r.Object.Kind)+` AND object_id = `+args.Add(r.Object.ID)+` AND at = `+args.Add(db.Micros(r.At))+
		` AND actor_kind = 'person' AND kind IN `+db.List(&args, actOf(r.Kind)), args...)
}

func ruleFor(r ledger.Record, f facts, k audience.Knower, byName func(audience.Knower) bool) (Rule, bool) {
	if byName(k) {
		return mentioned, true
	}
	for _, rule := range rulesOf[r.Kind] {
		switch {
		case rule.To == Everybody, rule.To == Parties && onParty(k), rule.To == Team && onTeam(k), rule.To == Named && f.person == k.Person:
			return rule, true
		}
	}
	return Rule{}, false
}

func onTeam(k audience.Knower) bool {
	return slices.ContainsFunc(k.Paths, func(p audience.Path) bool {
		return p.Grant.Kind == audience.Office && p.Party.Kind != audience.Org || p.Grant.Role == audience.Coordinator
	})
}

func onParty(k audience.Knower) bool {
	return slices.ContainsFunc(k.Paths, func(p audience.Path) bool {
		// Who answers for a suspended organization sits in an office through it.
		return (p.Grant.Kind != audience.Office || p.Party.Kind == audience.Org) && p.Grant.Role != audience.Coordinator
	})
}

// mentionedIn tells whom the mentions of an event mean, among those reached.
func mentionedIn(tx *db.Tx, f facts) (func(audience.Knower) bool, error) {
	type subject struct {
		kind audience.SubjectKind
		id   string
	}
	var subjects []subject
	team := false
	for _, m := range f.mentions[:min(len(f.mentions), 200)] {
		if !idForm.MatchString(m.ID) && m.Kind != "team" {
			continue
		}
		switch m.Kind {
		case "person":
			subjects = append(subjects, subject{audience.Person, m.ID})
		case "team":
			team = true
		case "party":
			// Which organization or person a participant is stands in the
			// schema that all storeys share; there is no event that says it.
			s, ok, err := db.One(tx, func(s *subject) []any { return []any{&s.kind, &s.id} }, `SELECT kind, subject_id FROM participant WHERE id = $1`, m.ID)
			if err != nil {
				return nil, err
			}
			if ok {
				subjects = append(subjects, s)
			}
		}
	}
	return func(k audience.Knower) bool {
		if team && onTeam(k) {
			return true
		}
		return slices.ContainsFunc(subjects, func(s subject) bool {
			if s.kind == audience.Person {
				return s.id == k.Person
			}
			return slices.Contains(k.Orgs, audience.Party{Kind: s.kind, ID: s.id})
		})
	}, nil
}

// contact adds address, zone and mode, and drops who has no active account or
// wants no such notice.
func contact(tx *db.Tx, list []recipient) ([]recipient, error) {
	ids := make([]string, len(list))
	for i, t := range list {
		ids[i] = t.person
	}
	type row struct{ id, email, zone string }
	persons := map[string]row{}
	modes := map[string]map[Class]Mode{}
	for chunk := range slices.Chunk(ids, 500) {
		var args db.Args
		rows, err := db.All(tx, func(r *row) []any { return []any{&r.id, &r.email, &r.zone} }, `SELECT id, email, time_zone FROM person WHERE state = 'active' AND id IN `+db.List(&args, chunk), args...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			persons[r.id] = r
		}
		if err := readModes(tx, chunk, modes); err != nil {
			return nil, err
		}
	}
	var out []recipient
	for _, t := range list {
		p, ok := persons[t.person]
		t.mode = modeOf(modes[t.person], t.rule.Class)
		if !ok || t.mode == Off {
			continue
		}
		if t.rule.Now && t.mode == Daily {
			t.mode = AtOnce
		}
		t.address, t.zone = p.email, zoneOf(p.zone)
		out = append(out, t)
	}
	return out, nil
}

func zoneOf(name string) *time.Location {
	if zone, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
		return zone
	}
	return time.UTC
}

// withoutBackups takes the mail from those who are only backup contacts of
// their organization, as long as somebody else of it is mailed: they are asked
// when the others do not answer. The notice stays in their inbox.
func withoutBackups(tx *db.Tx, list []recipient, asked []audience.Knower) ([]recipient, error) {
	var orgs []string
	for _, k := range asked {
		for _, o := range k.Orgs {
			if !slices.Contains(orgs, o.ID) {
				orgs = append(orgs, o.ID)
			}
		}
	}
	type member struct {
		person, org string
		backup      bool
	}
	backups, first := map[string]string{}, map[string]bool{}
	for chunk := range slices.Chunk(orgs, 500) {
		var args db.Args
		rows, err := db.All(tx, func(m *member) []any { return []any{&m.person, &m.org, &m.backup} }, `SELECT person_id, org_id, backup = 1 FROM membership WHERE org_id IN `+db.List(&args, chunk), args...)
		if err != nil {
			return nil, err
		}
		for _, m := range rows {
			switch mailed := slices.ContainsFunc(list, func(t recipient) bool { return t.person == m.person }); {
			case mailed && m.backup && backups[m.person] == "":
				backups[m.person] = m.org
			case mailed && !m.backup:
				first[m.org] = true
				backups[m.person] = "-" // a first contact somewhere
			}
		}
	}
	for i, t := range list {
		if org := backups[t.person]; org != "" && org != "-" && first[org] && t.rule.To == Parties {
			list[i].mode = Quiet
		}
	}
	return list, nil
}
