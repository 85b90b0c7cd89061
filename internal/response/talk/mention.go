package talk

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
)

// AddresseeKind is what an Addressee is.
type AddresseeKind string

// The kinds of addressees.
const (
	ToPerson AddresseeKind = "person"
	ToLink   AddresseeKind = "link"  // the finder, who has no account
	ToParty  AddresseeKind = "party" // ID is a participant's
	ToTeam   AddresseeKind = "team"  // the coordinators; ID is TeamAddress
)

// TeamAddress is the id under which the coordinators are mentioned and asked.
const TeamAddress = "team"

// Addressee is somebody whom a message in a thread reaches and whom its
// author may know to be reached.
type Addressee struct {
	Kind AddresseeKind `json:"kind"`
	ID   string        `json:"id"`
	Name string        `json:"name"`
	Org  string        `json:"org,omitempty"` // of a person: their party, as it stands in the case
}

// Mention is an Addressee that a message calls.
type Mention struct {
	Kind AddresseeKind `json:"kind"`
	ID   string        `json:"id"`
	Name string        `json:"name"`
}

// Addressees lists whom the actor may mention, ask or name in a thread. A
// coordinator knows every person; a party knows the other parties, its own
// people, the coordinators, and who wrote in the thread. Nobody who is
// mentioned there is hidden from any of its readers.
func Addressees(tx *db.Tx, a audience.Actor, threadID string) ([]Addressee, error) {
	t, c, _, err := LoadThread(tx, a, threadID)
	if err != nil {
		return nil, err
	}
	parties, err := casework.Participants(tx, a, c.ID)
	if err != nil {
		return nil, err
	}
	out := []Addressee{}
	if t.Kind != Team {
		out = append(out, Addressee{Kind: ToTeam, ID: TeamAddress, Name: "Coordinators"})
	}
	partyOf := map[string]casework.Participant{} // by subject
	for _, p := range parties {
		if !p.LeftAt.IsZero() {
			continue
		}
		partyOf[p.Subject] = p
		if t.reaches(p) {
			out = append(out, Addressee{Kind: ToParty, ID: p.ID, Name: p.Name})
		}
	}
	persons, err := knownPersons(tx, a, t, c, partyOf)
	if err != nil {
		return nil, err
	}
	return append(out, persons...), nil
}

// reaches reports whether a party reads the thread, to the knowledge of all
// who read it.
func (t Thread) reaches(p casework.Participant) bool {
	switch t.Kind {
	case Private, Finder:
		return p.ID == t.Participant
	case Team:
		return false
	case Product:
		return p.ID == t.Participant || p.Active() && !p.Hidden && t.Audience == p.Audience
	}
	return p.Active() && !p.Hidden
}

func knownPersons(tx *db.Tx, a audience.Actor, t Thread, c casework.Case, partyOf map[string]casework.Participant) ([]Addressee, error) {
	reach, err := audience.Reach(tx, t.Audience, t.Level)
	if err != nil {
		return nil, err
	}
	all, err := coordinator(tx, a, c)
	if err != nil {
		return nil, err
	}
	var args db.Args
	authors, err := db.Column[string](tx, `SELECT DISTINCT m.author_id FROM message m WHERE m.thread_id = `+args.Add(t.ID)+` AND `+audience.Visible(a, "m", &args), args...)
	if err != nil {
		return nil, err
	}
	hidden, err := hiddenHere(tx, t, c)
	if err != nil {
		return nil, err
	}
	var out []Addressee
	var ids []string
	for _, k := range reach {
		k, ok := without(k, hidden)
		if !ok || !(all || t.Closed || knows(a, k) || slices.Contains(authors, k.Person)) {
			continue
		}
		x := Addressee{Kind: ToPerson, ID: k.Person}
		for _, path := range k.Paths {
			if p, ok := partyOf[path.Grant.ID]; ok && x.Org == "" {
				x.Org = p.Name
			}
		}
		if k.Link {
			x.Kind, x.Name = ToLink, x.Org
		}
		ids = append(ids, k.Person)
		out = append(out, x)
	}
	names, err := people.Names(tx, ids)
	for i := range out {
		if out[i].Kind == ToPerson {
			out[i].Name = names[out[i].ID]
		}
	}
	slices.SortFunc(out, func(x, y Addressee) int {
		return cmp.Or(strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)), strings.Compare(x.ID, y.ID))
	})
	return out, err
}

// hiddenHere are the parties that not all readers of the thread may know of.
func hiddenHere(tx *db.Tx, t Thread, c casework.Case) (map[string]bool, error) {
	out := map[string]bool{}
	if t.Closed {
		return out, nil
	}
	ids, err := db.Column[string](tx, `SELECT p.subject_id FROM participant p WHERE p.case_id = $1 AND p.hidden = 1 AND p.private_id <> $2`, c.ID, t.Audience)
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

// knows reports whether a party's member knows that a person takes part:
// colleagues, coordinators, themselves.
func knows(a audience.Actor, k audience.Knower) bool {
	return k.Person == a.Person && a.Person != "" || k.Role == audience.Coordinator ||
		slices.ContainsFunc(k.Orgs, func(o audience.Party) bool { return a.Holds(audience.Org, o.ID) })
}

const (
	maxAts      = 200 // "@" of one message that are looked at
	maxMentions = 50
)

// mentions finds whom a text calls as @Name, and adds those that were chosen
// explicitly. An @Name that means nobody here stays plain text. only, when
// set, is the audience of named persons that the message has.
func mentions(tx *db.Tx, a audience.Actor, t Thread, body string, chosen []string, only string) ([]Mention, error) {
	if len(chosen) > maxMentions {
		return nil, errs.New(errs.TooLarge, "Mention at most %d.", maxMentions)
	}
	if len(chosen) == 0 && !strings.Contains(body, "@") {
		return nil, nil
	}
	known, err := Addressees(tx, a, t.ID)
	if err != nil {
		return nil, err
	}
	if only != "" {
		v, err := audience.Load(tx, only)
		if err != nil {
			return nil, err
		}
		known = slices.DeleteFunc(known, func(k Addressee) bool {
			return !slices.ContainsFunc(v.Grants, func(g audience.Grant) bool { return g.ID == k.ID })
		})
	}
	var out []Mention
	add := func(k Addressee) {
		m := Mention{k.Kind, k.ID, k.Name}
		if !slices.Contains(out, m) && len(out) < maxMentions {
			out = append(out, m)
		}
	}
	for _, id := range chosen {
		i := slices.IndexFunc(known, func(k Addressee) bool { return k.ID == id })
		if i < 0 {
			return nil, errs.Bad("mentions", "Somebody you mention is not known to you here; choose among those who read this thread.")
		}
		add(known[i])
	}
	for _, k := range called(body, known) {
		add(k)
	}
	return out, nil
}

// called finds the longest known name behind each "@" that begins a word.
func called(body string, known []Addressee) []Addressee {
	var out []Addressee
	before := ' '
	ats := 0
	for i, r := range body {
		if r == '@' && !unicode.IsLetter(before) && !unicode.IsDigit(before) {
			if ats++; ats > maxAts {
				break
			}
			best := -1
			for j, k := range known {
				if begins(body[i+1:], k.Name) && (best < 0 || len(k.Name) > len(known[best].Name)) {
					best = j
				}
			}
			if best >= 0 {
				out = append(out, known[best])
			}
		}
		before = r
	}
	return out
}

// begins reports whether a text begins with a name, in any case, and the name
// ends there.
func begins(s, name string) bool {
	if name == "" || len(s) < len(name) || !strings.EqualFold(s[:len(name)], name) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(s[len(name):])
	return len(s) == len(name) || !unicode.IsLetter(next) && !unicode.IsDigit(next)
}
